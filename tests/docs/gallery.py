"""Writes docs/gallery.md: how the check looks for every verdict and reason, each decided from a case file.

`make docs` renews it; a test holds that it is current.
"""

import sys

from bot import gate
from bot.gate.escape import code
from bot.gate.wording import State
from tests.web.site import decided

SHOWN = {
    "It waits for a senior": "00-an-ai-change-of-a-junior-waits-for-a-senior",
    "A senior signed it": "00-a-senior-signs-it",
    "No AI is disclosed": "00-a-change-without-ai-needs-nobody",
    "An automation made it": "08-a-dependency-bot-is-automation",
    "AI only reviewed it": "07-a-review-by-ai-asks-for-nobody",
    "An agent is its author": "12-an-agents-change-has-its-operators-tier",
    "Nobody knows who set the agent to work": "13-operator-unknown",
    "Two seniors are asked for": "92-two-seniors-for-a-high-blast-radius",
    "People of two teams are asked for": "94-two-teams-are-asked-for",
    "The owner of a zone is asked for": "93-an-owner-is-asked-for",
    "The author has to answer": "03-no-answer-is-asked-for",
    "The author said no, and evidence says yes": "04-a-no-does-not-beat-evidence",
    "The evidence was taken away": "01-evidence-amended-away-still-counts",
    "A push came after the approval": "21-a-push-after-the-approval",
    "The approval was carried over": "22-the-same-patch-carries-over",
    "An approval could not be carried over": "22-another-patch-does-not-carry-over",
    "A bot approved it": "16-an-app-approves",
    "Another account of the same person approved it": "15-the-same-person-with-another-account",
    "Somebody approved it who shaped it": "11-the-senior-who-opened-it-cannot-sign",
    "A senior asked for changes": "28-an-objection-after-an-approval",
    "Somebody may sign after saying that commits are not theirs": "14-naming-every-senior-as-co-author-opens-nothing",
    "Everybody who could sign is away": "19-everybody-is-away",
    "It changes the rules": "30-a-change-of-rules",
    "A finding was cleared": "66-a-finding-is-cleared",
    "Somebody overrode the gate": "37-an-override",
    "An override that does not hold": "37-an-override-by-a-senior",
    "An override that ended": "37-an-override-that-expired",
    "Into a branch that is not guarded": "31-an-unguarded-base",
    "Everything in it went through the gate before": "57-a-promotion-of-what-landed",
    "The repository is observed only": "95-an-observed-repository",
    "Other people's text": "36-markup-in-names-and-paths",
    "Not all files are shown": "42-not-all-files-are-shown",
    "Not all of the change is shown": "42-not-all-of-the-change-is-shown",
    "Heads that it left are still to be looked at": "63-heads-that-were-not-looked-at-yet",
    "It has no commits": "42-no-commits",
    "The rules ask nothing": "90-no-requirements",
    "The roster is empty": "90-an-empty-roster",
}
_STATES = {State.WAITING: "open", State.PASSED: "passed", State.REFUSED: "failed"}
_INTRODUCTION = """# How the check looks

Written by `make docs` from the case files in `tests/cases`; `signoff decide FILE` decides each of them. A check is open
while it waits for a person, failed when a senior asked for changes, and passed only when the change may merge.
"""


def page() -> str:
    """The page, in Markdown."""
    return "\n".join([_INTRODUCTION, *(_entry(heading, name) for heading, name in SHOWN.items())])


def _entry(heading: str, name: str) -> str:
    case, found = decided(f"{name}.yaml")
    text = gate.check_text(found, case.change)
    shown = "\n".join(f"> {line}".rstrip() for line in text.summary.replace("\n### ", "\n#### ").splitlines())
    shown = shown.replace("> ### ", "> #### ", 1)
    title = f"> **{code(text.title)}** ({_STATES[text.state]})"
    return f"## {heading}\n\n[`{name}`](../tests/cases/{name}.yaml)\n\n{title}\n>\n{shown}\n"


if __name__ == "__main__":
    sys.stdout.write(page())
