"""What is wrong with a file, told so that its writer can mend it: where, what, and what to do.

All faults of a file are told at once. Nothing here reads files, and text that others wrote is shown with its control
characters made visible, so that a fault cannot drive the terminal it is printed on.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

from bot.model.errors import BadInputError

MOST_TOLD = 100
"""More faults than this help nobody; the rest is only counted."""

LONGEST_SHOWN = 80
T = TypeVar("T")


class Place(NamedTuple):
    """A place in a file, counted from 1 as editors do."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong: file, line and column, what it is, and what to do about it."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        """One line with the place, and the advice on a second one."""
        told = f"{shown(self.file, 200)}:{self.line}:{self.column}: {self.message}"
        return f"{told}\n    {self.hint}" if self.hint else told


class FaultsError(BadInputError):
    """A file that cannot be used. `faults` holds everything that is wrong with it, in the order of the file."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = first_told(faults)
        count = len(self.faults)
        title = "1 fault" if count == 1 else f"{count} faults"
        super().__init__("\n".join([title, *map(str, self.faults)]))


def kept(load: Callable[[], T], faults: list[Fault]) -> T | None:
    """What was loaded, or None with its faults added to the others."""
    try:
        return load()
    except FaultsError as error:
        faults += error.faults
        return None


def first_told(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults in order, each once; of very many only the first, and how many more there are."""
    ordered = sorted(set(faults))
    if len(ordered) <= MOST_TOLD:
        return tuple(ordered)
    last = ordered[MOST_TOLD - 1]
    more = Fault(last.file, last.line, last.column, f"… and {len(ordered) - MOST_TOLD} more faults")
    return (*ordered[:MOST_TOLD], more)


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Text of others for a message: no control characters, no direction marks, not too long."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def listed(words: Iterable[str]) -> str:
    """Words as a list for a sentence: `a`, `b` or `c`."""
    quoted = [f"`{shown(word)}`" for word in words]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def nearest(word: str, known: Iterable[str]) -> str:
    """Advice for a word that is not known: the nearest right one, else all of them."""
    known = list(known)
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(word[:LONGEST_SHOWN].casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{shown(folded[close[0]])}`?"
    return f"possible here: {listed(known)}" if known else ""
