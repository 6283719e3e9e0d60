"""The one note on a merge request that explains the check, found again by its marker: pure text.

The marker also says what the note was written for, so that a reading can tell whether everything stands as written,
and is sealed with the rest of the text: Maintainers can edit everybody's notes. What is remembered of the last one is
known again without its seal or marker. Nothing of other people's making can start a quick action, close the marker, or
forge one: only the bot's own notes are looked at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.forges.gitlab import convert, seal
from bot.forges.gitlab.seal import Seal
from bot.forges.port import Check, CheckState, Mark, Written
from bot.gate.escape import code
from bot.gate.wording import witness
from bot.model.change import Account
from bot.model.ids import Sha

Json = Mapping[str, Any]
TITLE = 250
FOOT = "\n\n---\n"
LENGTH = 100_000
"""GitLab takes a million characters; nobody reads so many."""
_MARKER = re.compile(
    r"\A<!-- signoff v[12] (\w{1,64}) ([0-9a-f]{40,64}) (waiting|passed|refused)(?: ([0-9a-f]{32}))? -->"
)
SEPARATOR = "\n"
_QUICK_ACTION = re.compile(r"^([ \t>]*)/", re.MULTILINE)
_SYMBOL = {CheckState.WAITING: "🕓", CheckState.PASSED: "✅", CheckState.REFUSED: "⛔"}


@dataclass(frozen=True, slots=True)
class Note:
    """Our note as it stands: what it was written for, what it says of the gate, and the ledger's hash in it.

    `sealed` is false where its text is not as we wrote it: nothing in it is believed then. `altered` is when somebody
    else changed it, None where it was never known to be sealed, as notes from before there were seals. `current` is
    false where its seal is not by the key in use. `text` is the digest of the whole.
    """

    id: int
    digest: str
    sha: Sha
    state: CheckState
    footer: str
    witness: str | None = None
    sealed: bool = True
    altered: datetime | None = None
    current: bool = True
    text: str = ""

    @property
    def written(self) -> Written | None:
        """What to know it again by, if it is as we wrote it."""
        return Written(self.id, self.text) if self.sealed else None

    @property
    def marks(self) -> tuple[Mark, ...]:
        """That somebody altered it. GitLab does not tell who."""
        return () if self.altered is None else (Mark(Account(None, None), self.state, self.altered, altered=True),)


@dataclass(frozen=True, slots=True)
class Place:
    """The merge request that a note is on, and what seals it."""

    seal: Seal
    repository: int
    number: int

    @property
    def name(self) -> str:
        """What is sealed with the text, so that it cannot be taken to another merge request."""
        return f"{self.repository}!{self.number}"


def body(name: str, sha: Sha, check: Check, footer: str, place: Place) -> str:
    """The note's text. `footer` says how hard the gate is here."""
    title = code(check.title, TITLE)
    text = f"{_SYMBOL[check.state]} **{name}:** {title}\n\n{check.summary[:LENGTH]}{FOOT}{footer}"
    return _sealed(f"signoff v2 {check.digest} {sha} {check.state.value}", without_actions(text), place)


def _sealed(told: str, text: str, place: Place) -> str:
    return f"<!-- {told} {place.seal.put(place.name, f'{told}{SEPARATOR}{text}')} -->\n{text}"


def without_actions(text: str) -> str:
    """The text with no line that GitLab would take for a quick action."""
    return _QUICK_ACTION.sub(r"\1&#47;", text)


def find(notes: Iterable[Json], own: int | None, place: Place, known: Written | None = None) -> Note | None:
    """Our note, if it can be told who we are: the one that is `known`, marker or not, else our oldest with a marker.

    Of one of which just the id is known, `known` has no digest.
    """
    ours = [each for each in notes if not each["system"] and each["author"] and each["author"]["id"] == own]
    oldest_first = sorted(ours, key=lambda each: int(each["id"]))
    for note in oldest_first:
        if known is not None and note["id"] == known.id:
            return _read(note, place, known.digest)
    marked = (each for each in oldest_first if _MARKER.match(each["body"]))
    return next((_read(each, place, "") for each in marked), None)


def _read(note: Json, place: Place, known: str) -> Note:
    """A note of ours; `known` is the digest of the whole as we wrote it, empty where nobody remembers."""
    match, text = _MARKER.match(note["body"]), seal.digest(note["body"])
    if match is None:  # we write none without
        altered = _edited(note)
        return Note(note["id"], "", Sha(""), CheckState.WAITING, "", None, sealed=False, altered=altered, text=text)
    below: str = note["body"][match.end() :].replace("\r", "").lstrip("\n")
    above, _, footer = below.rpartition(FOOT)
    content = f"signoff v2 {match[1]} {match[2]} {match[3]}{SEPARATOR}{below}"
    given = match[4] or ""
    genuine = text == known or place.seal.holds(place.name, content, given)
    return Note(
        id=note["id"],
        digest=match[1],
        sha=Sha(match[2]),
        state=CheckState(match[3]),
        footer=footer,
        witness=witness(above) if genuine else None,
        sealed=genuine,
        altered=_edited(note) if not genuine and (given or known) else None,
        current=place.seal.is_current(place.name, content, given),
        text=text,
    )


def _edited(note: Json) -> datetime:
    return convert.second(note["updated_at"])
