"""Tells yes from no in what people answer about AI. It answers None rather than guess."""

import re

_NO = re.compile(
    r"(?:no|none|n/?a|nope|nil|not|never|without|false|zero|nothing|0|non|nein|did\s?n[o']t|have\s?n[o']t|i did not"
    r"|i have not|we did not|human[ -]only|not applicable)(?:\b|$)(?!\s*\d)",
    re.IGNORECASE,
)
_YES = re.compile(
    r"(?:yes|y|yep|yeah|true|ja|oui|fully?|partial|partially|partly|mostly|some|assisted|x)\b", re.IGNORECASE
)
_EMPTY = re.compile(r"[\s.\u2026_\u2014*()\[\]?-]*\Z")
_WRAPPING = " \t*_`\"'([{:>~✅❌☑-"


def answer(text: str) -> bool | None:
    """True for yes, False for no or nothing said, None where it can be read either way."""
    plain = text[:300].strip().lstrip(_WRAPPING)
    if _NO.match(plain):
        return False
    if _EMPTY.match(plain):
        return False if text.strip() else None
    if _YES.match(plain):
        return True
    return None
