"""What a detector looks at: one commit, or the change itself; and how it reports what it found.

Text is cleaned and read into trailers once, here, for all detectors. A finding says where it stands in words that
lead a reader back to it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.detect import trailers
from bot.detect.compiled import Catalogue
from bot.detect.keys import wanted
from bot.detect.quoting import said, without_comments, without_quotes
from bot.detect.text import clean, quote
from bot.model.change import Change, Commit
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.policy import DetectionRules

_DEFAULT_RULES = DetectionRules()

WORD_LENGTH = 24
_HINTS = (" with ", " by ", " using ", " via ", " through ")
TELLING = frozenset(
    [
        "generated",
        "authored",
        "co-authored",
        "coauthored",
        "written",
        "created",
        "prepared",
        "built",
        "made",
        "implemented",
        "developed",
        "produced",
        "drafted",
        "coded",
        "vibe-coded",
        "vibecoded",
        "programmed",
        "pair-programmed",
        "paired",
        "co-created",
        "co-written",
        "co-developed",
        "assisted",
        "refactored",
        "fixed",
        "ported",
        "translated",
        "mostly",
        "entirely",
        "fully",
        "partly",
        "partially",
        "largely",
        "automatically",
        "completely",
        "initially",
        "primarily",
        "found",
        "spotted",
        "reported",
        "out",
        "flagged",
        "detected",
        "caught",
        "identified",
        "discovered",
        "suggested",
        "noticed",
        "reviewed",
        "raised",
        "requested",
    ]
)
"""The words before "by" and "with" that say who did something."""

_ELEMENT = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,15}(?:[ \t][^<>\n]{0,200})?/?>")
"""An element of HTML; `<somebody@example.com>` is none."""

LINE_LENGTH = 1000
"""Of a longer line only the start is read as prose."""


class Text:
    """A message or body in the shapes that detectors ask for, each made once.

    `unquoted` is without quotes and fences, HTML comments stand; `visible` is what its writer says in their own words;
    `lowered` the same in lower case; `trailers` every trailer that any detector asks for.
    """

    __slots__ = ("_has_subject", "_told", "lowered", "trailers", "unquoted", "visible")

    def __init__(self, raw: str, catalogue: Catalogue, *, has_subject: bool = True) -> None:
        """`has_subject`: a commit's message has a first line that is no trailer, a change's body has none."""
        self._has_subject = has_subject
        self.unquoted = without_quotes(clean(raw))
        self._read(without_comments(self.unquoted), catalogue)

    def keep_last_block(self, catalogue: Catalogue) -> None:
        """Forget all but the last paragraph: what an automation quotes above it is not its own word."""
        last = "\n" + self.visible.rstrip().rpartition("\n\n")[2]
        self.unquoted = last
        self._read(last, catalogue)

    def _read(self, visible: str, catalogue: Catalogue) -> None:
        self.visible = visible
        self.lowered = visible.lower()
        self._told: tuple[str, ...] | None = None
        self.trailers = tuple(trailers.parse(visible, wanted(catalogue), has_subject=self._has_subject))

    @property
    def subject(self) -> str:
        """The first line."""
        return self.visible.lstrip("\n").split("\n", 1)[0].strip()

    @property
    def told(self) -> tuple[str, ...]:
        """The lines that may tell who did something ("written by", "found by", "generated with"), in order.

        Looked up rather than matched, and once for all detectors, since nearly every message has none.
        """
        if self._told is None:
            self._told = tuple(self._tell())
        return self._told

    def _tell(self) -> Iterator[str]:
        lowered = self.lowered
        text = self.visible if len(lowered) == len(self.visible) else lowered
        starts: set[int] = set()
        for hint in _HINTS:
            place = lowered.find(hint)
            while place >= 0:
                start = lowered.rfind("\n", max(0, place - LINE_LENGTH), place) + 1
                before = lowered[max(start, place - WORD_LENGTH) : place].rsplit(None, 1)
                if (start or place <= LINE_LENGTH) and before and _bare(before[-1]) in TELLING:
                    starts.add(start)
                    place = lowered.find("\n", place)
                place = lowered.find(hint, place + 1) if place >= 0 else -1
        for start in sorted(starts):
            yield in_own_words(text[start : start + LINE_LENGTH].split("\n", 1)[0])


def in_own_words(line: str) -> str:
    """A line without elements of HTML and without what it quotes."""
    return said(_ELEMENT.sub("", line) if "<" in line else line)


def _bare(word: str) -> str:
    """A word without the marks and elements that may stand before it."""
    return word.rpartition(">")[2].lstrip("🤖([*_`\"'\u201c\u201e\xab")


@dataclass(slots=True)
class Subject:
    """A commit (`commit` is set) or the change itself (`change` is set), with its text and the words for the place.

    `trailers_only`: an automation wrote the text, which quotes release notes: only its last paragraph is its own.
    """

    text: Text
    catalogue: Catalogue
    commit: Commit | None = None
    change: Change | None = None
    rules: DetectionRules = _DEFAULT_RULES
    note: str | None = None
    forge: str = "github"
    trailers_only: bool = False
    place: str = "body"
    """The commit in short, or the body."""

    def __post_init__(self) -> None:
        """Say where this is."""
        if self.commit is not None:
            self.place = f"commit {quote(self.commit.sha[:7])}"

    @property
    def on_github(self) -> bool:
        """Whether account ids are GitHub's: a single commit's are, as far as anybody can tell."""
        return self.forge == "github"

    def at(self, what: str) -> str:
        """A place inside the commit or the body."""
        return f"{self.place}, {what}"

    def evidence(self, found: "Found", where: str, text: str) -> Evidence:
        """A finding, with a quote that is safe to show."""
        sha = self.commit.sha if self.commit is not None else None
        return Evidence(found.detector, found.tool, found.ai_class, found.strength, where, quote(text), sha)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, before the place and the quote."""

    detector: str
    tool: str
    ai_class: AiClass
    strength: Strength


class Detector(Protocol):
    """One kind of signal: looks at a subject and returns what it found. Pure, linear in the text, never raises."""

    def __call__(self, subject: Subject) -> Iterable[Evidence]:
        """The findings; none for a subject that the kind of signal does not concern."""
        ...
