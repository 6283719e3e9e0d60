"""The bot's own approval is taken back for good, whatever holds the merge request by then: the rule that needs it may
have been edited, or may not apply for a while, and GitLab goes on showing what was given.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.forges.gitlab.known import FACTS_LIFE
from tests.endurance.inside import Inside
from tests.stories.gitlab.inside import inside
from tests.stories.gitlab.world import BOT, TRAILER, GitLabWorld
from tests.support.gitlab_sandbox import root

NAME = "acme/faults"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Inside]:
    """The service in this process, beside a project whose rule needs the bot's approval."""
    with inside(tmp_path, "approver") as made:
        yield made


def signed(it: Inside, branch: str) -> int:
    """A merge request that grace signed and the bot approves, some time ago."""
    number = it.world.opened("jo", branch=branch, files={f"{branch}.txt": "one\n"})
    heard(it)
    it.forge.approve(NAME, number, "grace")
    heard(it)
    assert approves(it, number)
    return number


def heard(it: Inside) -> None:
    """What GitLab has sent is taken, and everything that is due is done."""
    it.hear()
    it.rest()


def approves(it: Inside, number: int) -> bool:
    """Whether the bot is among those who approve."""
    return any(each["by"] == "signoff" for each in it.forge.state(NAME, number)["approvals"])


def unapproved(it: Inside, number: int) -> None:
    """Grace takes her approval back, long after the project's settings were read."""
    it.clock.ahead += FACTS_LIFE
    it.forge.unapprove(NAME, number, "grace")
    heard(it)


def amended(it: Inside, number: int) -> None:
    """Another message alone, over which GitLab keeps approvals."""
    del number
    it.clock.ahead += FACTS_LIFE
    it.forge.amend(NAME, "amended", f"Otherwise\n\n{TRAILER}", by="jo")
    heard(it)


def restarted(it: Inside, number: int) -> None:
    """Grace takes it back, and the service starts anew before it has looked."""
    it.forge.unapprove(NAME, number, "grace")
    it.hear()
    it.cold()
    it.rest()


def ada(it: Inside, verb: str, path: str, body: Any = None) -> Any:
    """A Maintainer's request about the project."""
    return it.forge.api(verb, f"{root(NAME)}/{path}", "ada", *([body] if body is not None else []))


@pytest.mark.parametrize("how", [unapproved, amended, restarted])
def test_an_approval_does_not_outlive_the_rule_that_needed_it(it: Inside, how: Callable[[Inside, int], None]) -> None:
    """Scenarios 21, 41: somebody else is named in the rule too, so the bot's approval is no gate and is taken back, by
    whatever the change is looked at next; GitLab does not go on merging on it.
    """
    number = signed(it, how.__name__)
    (rule,) = ada(it, "GET", "approval_rules")
    it.forge.edit_rule(NAME, "ada", rule["id"], user_ids=[BOT, 2001])
    assert it.forge.state(NAME, number)["blockers"] == [], "the bot's is enough"
    how(it, number)
    assert not approves(it, number)


def test_an_approval_is_taken_back_while_no_rule_needs_it(it: Inside) -> None:
    """Scenarios 31, 41: the branch is unprotected for a while, for which the rule does not apply; when it is protected
    again no event comes, and the gate is closed.
    """
    number = signed(it, "bare")
    (kept,) = ada(it, "GET", "protected_branches")
    ada(it, "DELETE", f"protected_branches/{kept['name']}")
    unapproved(it, number)
    ada(it, "POST", "protected_branches", {"name": kept["name"]})
    assert not approves(it, number)
    assert it.forge.state(NAME, number)["blockers"] == ["not_approved"]


def test_a_retarget_takes_the_approval_along_nowhere(paid: GitLabWorld) -> None:
    """Scenarios 31, 54 where nothing resets approvals: to a branch that no rule is for, pushed there, and back; and
    closed there, where GitLab would show it on the same head when it is opened again.
    """
    forge, name = paid.forge, paid.repository
    forge.configure(name, reset_approvals_on_push=False)
    forge.push(name, "dev", {"dev.txt": "d\n"}, "Dev", by="ada", rules=False)
    number = paid.opened("jo")
    paid.settled()
    forge.approve(name, number, "grace")
    assert paid.shown(number)["state"] == "success"
    forge.edit(name, number, "jo", target_branch="dev")
    paid.settled()
    assert [each["by"] for each in forge.state(name, number)["approvals"]] == ["grace"]
    forge.push(name, "retry", {"src/pay.py": "steal()\n"}, "Steal", by="jo")
    paid.settled()
    forge.courier(pause=True)
    forge.edit(name, number, "jo", target_branch="main")
    assert forge.state(name, number)["blockers"] == ["not_approved"]
    forge.courier(pause=False)
    assert paid.shown(number)["state"] == "waiting"


@pytest.mark.parametrize("status", [404, 201])
def test_taking_an_approval_back_is_repeated_until_gitlab_shows_that_it_is_gone(it: Inside, status: int) -> None:
    """Scenarios 40, 41: 404 though the bot approves, and 201 with the bot still among those who do, are no proof."""
    number = signed(it, "kept")
    shown = it.forge.approvals(NAME, number)
    body = shown if status == 201 else {"message": "404 Not Found"}
    it.forge.fault("status", method="POST", path=".*/unapprove", status=status, body=body, times=3, actor="signoff")
    it.forge.unapprove(NAME, number, "grace")
    heard(it)
    assert not it.forge.faults(), "it was tried until GitLab did it"
    assert not approves(it, number)
    it.forge.requests(reset=True)
    it.forge.note(NAME, number, "jo", "/signoff recheck")
    heard(it)
    assert not [each for each in it.forge.requests(by="signoff") if "approve" in each["path"].rpartition("/")[2]]


def test_of_what_was_merged_no_approval_is_taken_back(it: Inside) -> None:
    """GitLab keeps the approvals of what is merged, so that asking for it again and again would never end."""
    number = signed(it, "merged")
    assert it.forge.merge(NAME, number, "jo", squash=True)["merged"]
    heard(it)
    assert approves(it, number)
    assert not it.step(), "nothing is due any more"
