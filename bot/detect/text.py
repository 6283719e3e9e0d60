r"""Other people's text, made comparable, and made safe to show.

`clean` undoes disguises (zero-width characters, full-width letters, letters of another script inside a Latin word,
foreign line ends, a literal `\n` where a line end was meant) so that detectors see what a reader sees. `quote` makes a
piece of text safe to print. Both take time in proportion to the text, whatever it holds; neither judges.
"""

import re
import unicodedata
from functools import cache

QUOTE_LENGTH = 200

_ODD_RANGES = (
    (0x0B, 0x0C), (0x1C, 0x1E), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F),
    (0x2236, 0x2236), (0x3000, 0x3000), (0xA789, 0xA789), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFF01, 0xFF5E),
    (0x1D400, 0x1D7FF), (0xE0000, 0xE007F),
)  # fmt: skip
"""Line ends that are none to git, odd blanks, what is invisible or steers direction, full-width and bold letters, and
what looks like a colon.
"""

_ODD = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _ODD_RANGES) + "]")
_COLONS = "\u2236\ua789"
_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_OTHER_SCRIPT = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_WORD = re.compile("[A-Za-z\u0370-\u03ff\u0400-\u052f\u2010-\u2015\u2212-]{2,}")
_LATIN = re.compile("[A-Za-z]")
_LOOK_ALIKES = str.maketrans(
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408\u0430\u0435\u043e\u0440\u0441\u0443\u0445"
    "\u0455\u0456\u0458\u04bb\u0501\u051b\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03bd",
    "ABEKMHOPCTYXSIJaeopcyxsijhdqABEZHIKMNOPTYXov",
)
"""Cyrillic and Greek letters that cannot be told from Latin ones."""
_CODE_BEFORE = re.compile('[`"]')
_BIDI_OR_INVISIBLE = {"Cf", "Mn"}


def _replacement(character: str) -> str:
    """What an odd character reads as: a line end, a plain character, or nothing at all."""
    if character in _LINE_ENDS:
        return "\n"
    if character in _COLONS:
        return ":"
    plain = unicodedata.normalize("NFKC", character)
    if plain.isascii():
        return plain
    if unicodedata.category(character) in _BIDI_OR_INVISIBLE:
        return ""
    return plain if plain != character else ""


@cache
def _table() -> dict[int, str]:
    """What each odd character is replaced by; made when first needed, most messages never do."""
    return {number: _replacement(chr(number)) for first, last in _ODD_RANGES for number in range(first, last + 1)}


def _is_odd(text: str, *, plain: bool) -> bool:
    if plain:
        return "\x0b" in text or "\x0c" in text or "\x1c" in text or "\x1d" in text or "\x1e" in text
    return _ODD.search(text) is not None


def clean(raw: str) -> str:
    """The text with one kind of line end, plain letters for full-width ones, and nothing invisible in it."""
    plain = raw.isascii() or raw.replace("🤖", "").isascii()  # which footers of tools begin with
    text = raw.translate(_table()) if _is_odd(raw, plain=plain) else raw
    if not plain and _OTHER_SCRIPT.search(text):
        text = _WORD.sub(_latin, text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\n" in text:
        text = _line_ends_written_out(text)
    return text


def _latin(word: re.Match[str]) -> str:
    """A word in which letters of another script stand among Latin ones, all in Latin; any other word as it is."""
    text = word[0]
    if text.isascii() or not _LATIN.search(text):
        return text
    return text.translate(_LOOK_ALIKES)


def _line_ends_written_out(text: str) -> str:
    r"""Take a literal `\n` for the line end that was meant (456 times in public commits, 2026), in the subject and
    wherever it does not stand in quoted code.
    """
    lines = text.split("\n")
    subject = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for number, line in enumerate(lines):
        cut = line.find("\\n")
        if cut < 0 or line.lstrip()[:1] == ">":
            continue
        if number == subject or not _CODE_BEFORE.search(line, 0, cut):
            lines[number] = line.replace("\\r\\n", "\n").replace("\\n", "\n")
    return "\n".join(lines)


def quote(text: str) -> str:
    """At most 200 characters of a text, on one line, with nothing in it that steers a terminal or a page's
    direction.
    """
    piece = text[: QUOTE_LENGTH * 2].strip()
    if not (piece.isascii() and piece.isprintable()):
        piece = _UNPRINTABLE.sub("\ufffd", piece)
    return piece if len(piece) <= QUOTE_LENGTH else piece[: QUOTE_LENGTH - 1] + "…"
