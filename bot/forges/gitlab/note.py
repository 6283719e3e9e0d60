"""The one note on a merge request that explains the check, found again by its marker: pure text.

The marker also says what the note was written for, so that a reading can tell whether everything stands as written.
Nothing of other people's making can start a quick action, close the marker, or forge one: only the bot's own notes
are looked at.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.forges.port import Check, CheckState
from bot.gate.escape import code
from bot.gate.wording import witness
from bot.model.ids import Sha

Json = Mapping[str, Any]
TITLE = 250
FOOT = "\n\n---\n"
LENGTH = 100_000
"""GitLab takes a million characters; nobody reads so many."""
_MARKER = re.compile(r"\A<!-- signoff v1 (\w{1,64}) ([0-9a-f]{40,64}) (waiting|passed|refused) -->")
_QUICK_ACTION = re.compile(r"^([ \t>]*)/", re.MULTILINE)
_SYMBOL = {CheckState.WAITING: "🕓", CheckState.PASSED: "✅", CheckState.REFUSED: "⛔"}


@dataclass(frozen=True, slots=True)
class Note:
    """Our note as it stands: what it was written for, what it says of the gate, and the ledger's hash in it."""

    id: int
    digest: str
    sha: Sha
    state: CheckState
    footer: str
    witness: str | None = None


def body(name: str, sha: Sha, check: Check, footer: str) -> str:
    """The note's text. `footer` says how hard the gate is here."""
    marker = f"<!-- signoff v1 {check.digest} {sha} {check.state.value} -->"
    title = code(check.title, TITLE)
    text = f"{_SYMBOL[check.state]} **{name}:** {title}\n\n{check.summary[:LENGTH]}{FOOT}{footer}"
    return f"{marker}\n{without_actions(text)}"


def without_actions(text: str) -> str:
    """The text with no line that GitLab would take for a quick action."""
    return _QUICK_ACTION.sub(r"\1&#47;", text)


def find(notes: Iterable[Json], own: int | None) -> Note | None:
    """Our oldest note with a marker, if it can be told who we are."""
    for note in sorted(notes, key=lambda each: each["id"]):
        match = _MARKER.match(note["body"])
        if match and not note["system"] and note["author"] and note["author"]["id"] == own:
            text, _, footer = note["body"].rpartition(FOOT)
            return Note(note["id"], match[1], Sha(match[2]), CheckState(match[3]), footer, witness(text))
    return None
