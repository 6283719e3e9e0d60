r"""Other people's text, made comparable, and made safe to show.

`clean` undoes disguises (zero-width characters, full-width letters, foreign line ends, a literal `\n` where a line
end was meant) so that detectors see what a reader sees. `quote` makes a piece of text safe to print. Both take time
in proportion to the text, whatever it holds; neither judges.
"""

import re
import unicodedata
from functools import cache

QUOTE_LENGTH = 200

_ODD_RANGES = (
    (0x0B, 0x0C), (0x1C, 0x1E), (0x85, 0x85), (0xA0, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F),
    (0x3000, 0x3000), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFF01, 0xFF5E), (0x1D400, 0x1D7FF), (0xE0000, 0xE007F),
)  # fmt: skip
"""Line ends that are none to git, odd blanks, what is invisible or steers direction, full-width and bold letters."""

_ODD = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _ODD_RANGES) + "]")
_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_ASCII_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e"
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_CODE_BEFORE = re.compile('[`"]')
_BIDI_OR_INVISIBLE = {"Cf", "Mn"}


def _replacement(character: str) -> str:
    """What an odd character reads as: a line end, a plain character, or nothing at all."""
    if character in _LINE_ENDS:
        return "\n"
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


def _is_odd(text: str) -> bool:
    if text.isascii():
        return any(character in text for character in _ASCII_LINE_ENDS)
    return _ODD.search(text) is not None


def clean(raw: str) -> str:
    """The text with one kind of line end, plain letters for full-width ones, and nothing invisible in it."""
    text = raw.translate(_table()) if _is_odd(raw) else raw
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\\n" in text:
        text = _line_ends_written_out(text)
    return text


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
