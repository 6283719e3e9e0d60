"""Files that people name on the command line, read into memory no further than they may be big.

What cannot be read is a misuse with a message, never a traceback.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from bot.model.errors import BadInputError
from bot.rules.case import LARGEST_CASE
from bot.rules.faults import shown
from bot.rules.roster import ROSTER_SUFFIXES

STANDARD_INPUT = "-"


def read_bytes(path: str, limit: int = LARGEST_CASE) -> bytes:
    """A file's bytes, `-` being standard input; of a file bigger than the limit, one byte more than that.

    BadInputError if it cannot be read.
    """
    if path == STANDARD_INPUT:
        return sys.stdin.buffer.read(limit + 1)
    try:
        with Path(path).open("rb") as file:
            return file.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        raise BadInputError(f"{shown(path, 300)}: cannot be read: {reason}") from None


def _listed(folder: Path) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if each.suffix in ROSTER_SUFFIXES and each.is_file()]
    except OSError as error:
        raise BadInputError(f"{shown(str(folder), 300)}: cannot be read: {error.strerror}") from None


def roster_files(paths: Iterable[str]) -> dict[str, bytes]:
    """The roster files that paths name, by name; a directory stands for the YAML and JSON files in it."""
    files: dict[str, bytes] = {}
    for path in paths:
        if not Path(path).is_dir():
            files[path] = read_bytes(path)
            continue
        found = sorted(_listed(Path(path)))
        if not found:
            raise BadInputError(f"{shown(path, 300)}: there is no roster file (*.yaml) in this directory")
        files.update({str(each): read_bytes(str(each)) for each in found})
    return files
