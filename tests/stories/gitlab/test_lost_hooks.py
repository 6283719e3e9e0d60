"""What is found though the hook that should tell of it was lost, and what that costs where none was."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.service.intake import Intake
from tests.endurance.inside import Inside
from tests.stories.gitlab.inside import inside
from tests.stories.gitlab.world import TRAILER

NAME = "acme/faults"


@pytest.fixture
def it(tmp_path: Path) -> Iterator[Inside]:
    """The service in this process, beside a project of the free tier."""
    with inside(tmp_path, "status") as made:
        yield made


def waiting(it: Inside, branch: str) -> int:
    """A merge request of Jo's that was read and waits."""
    number = it.world.opened("jo", branch=branch, files={f"{branch}.txt": "one\n"})
    it.hear()
    it.rest()
    assert it.shown(number) == "waiting"
    return number


def hear_only(it: Inside, kind: str) -> None:
    """Take what was sent of one kind; the rest is lost."""
    it.forge.wait_deliveries()
    intake = Intake(it.context.store, it.context.clock)
    (forge,) = it.context.forges.values()
    for parcel in it.forge.deliveries(kind, since=it.taken):
        intake.take(forge, parcel["headers"], parcel["body"].encode())


def pushed(it: Inside, number: int, branch: str) -> None:
    """Jo pushes, and the project's own pipeline succeeds on that, so that GitLab would merge it."""
    it.forge.push(NAME, branch, {f"{branch}.txt": "other\n"}, f"More\n\n{TRAILER}", by="jo")
    it.forge.pipeline(NAME, number, "branch", jobs={"build": "success"})
    assert it.forge.state(NAME, number)["blockers"] == []


@pytest.mark.parametrize("told_by", ["Push Hook", "Pipeline Hook"])
def test_a_push_rings_though_the_merge_requests_own_hook_is_lost(it: Inside, told_by: str) -> None:
    """Scenario 38: the push's or the pipeline's hook is enough for the status to be on the new head, within seconds."""
    number = waiting(it, "lost")
    pushed(it, number, "lost")
    hear_only(it, told_by)
    before = it.clock.ahead
    it.rest()
    assert it.forge.state(NAME, number)["blockers"] != []
    assert it.shown(number) == "waiting"
    assert (it.clock.ahead - before).total_seconds() < 60


def test_a_push_of_which_all_was_told_is_read_once(it: Inside) -> None:
    """Requests are counted: a push costs five reads and two writes, whichever hooks come for it, and a push to a branch
    that no merge request is from costs nothing.
    """
    number = waiting(it, "told")
    it.forge.push(NAME, "told", {"told.txt": "other\n"}, f"More\n\n{TRAILER}", by="jo")
    it.forge.requests(reset=True)
    it.hear()
    it.rest()
    assert it.shown(number) == "waiting"
    head = it.forge.head(NAME, number)
    mine = (f"/merge_requests/{number}", head, "/api/graphql")
    every = [each["path"] for each in it.forge.requests(by="signoff")]
    assert len([path for path in every if any(part in path for part in mine)]) == 5 + 2, every
    it.hear()
    it.rest()
    it.forge.push(NAME, "nobodys", {"n.txt": "n\n"}, "More", by="jo")
    it.forge.requests(reset=True)
    it.hear()
    it.rest()
    assert it.forge.requests(by="signoff") == []
