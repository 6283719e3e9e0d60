"""What is found though the hook that should tell of it was lost, and what that costs where none was."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.service import sweep
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


def swept(it: Inside) -> list[str]:
    """A sweep as there is one every few minutes, and what comes of it; the requests that were made."""
    it.forge.wait_deliveries()
    it.taken = max([it.taken, *(int(each["id"]) for each in it.forge.deliveries(since=it.taken))])
    it.clock.ahead += timedelta(minutes=1)  # the forge's clock may be ahead
    it.forge.requests(reset=True)
    sweep.everything(it.context)
    it.rest()
    return [f"{each['method']} {each['path']}" for each in it.forge.requests(by="signoff")]


@pytest.mark.parametrize("graphql", [True, False])
def test_a_sweep_finds_a_forged_status_and_a_pipeline_without_ours_though_no_hook_told(
    it: Inside, *, graphql: bool
) -> None:
    """Scenarios 33, 38: a status moves nothing about a merge request; one query tells of all of them, and where there
    is no GraphQL some are read in rotation. A sweep at which nothing was forged costs that query alone.
    """
    forged, bare, still = (waiting(it, branch) for branch in ("forged", "bare", "still"))
    it.forge.settings(graphql=graphql)
    it.cold()
    sweep.start_over(it.context)
    it.rest()
    swept(it)
    quiet = swept(it)
    assert sum("/api/graphql" in each for each in quiet) == (1 if graphql else 0), quiet
    assert any(f"/merge_requests/{still}" in each for each in quiet) is not graphql, "read one by one without GraphQL"
    head = it.forge.head(NAME, forged)
    it.forge.status(NAME, head, "jo", ref="forged")
    it.forge.pipeline(NAME, bare, "branch", jobs={"build": "success"})
    assert [it.forge.state(NAME, number)["blockers"] for number in (forged, bare)] == [[], []]
    swept(it)
    assert [it.forge.state(NAME, number)["blockers"] for number in (forged, bare)] == [["ci_still_running"]] * 2
    swept(it)
    again = swept(it)
    assert any(f"/merge_requests/{forged}" in each for each in again) is not graphql, again


def test_a_query_that_fails_in_a_sweep_costs_no_merge_request_its_look(it: Inside) -> None:
    """Scenario 40: what the query does not tell, for whatever reason, is read one by one."""
    number = waiting(it, "failing")
    for details in ({"action": "status", "status": 502}, {"action": "errors"}, {"action": "errors", "keep_data": True}):
        it.forge.fault(details.pop("action"), operation="Marks", actor="signoff", **details)
        read = swept(it)
        assert any(f"/merge_requests/{number}" in each for each in read), details
    assert not it.forge.faults()
