"""The status, where it counts and what it is worth: on the free tier a Developer can forge it, and it is found."""

import json
from typing import Any

from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.stories.test_ledger import exported


def findings(world: GitLabWorld, kind: str) -> list[dict[str, Any]]:
    """The findings of a kind on the record."""
    found = (each["body"] for each in map(json.loads, exported(world)) if each.get("kind") == "finding")
    return [each for each in found if each["kind"] == kind and each["repository"] == world.id]


def test_a_forged_success_is_possible_found_replaced_and_recorded(free: GitLabWorld) -> None:
    """Scenario 33: any Developer's status of the same name hides ours, a new one or an older one that is moved on; the
    grade does not pretend otherwise.
    """
    forge, name = free.forge, free.repository
    number = free.opened("jo")
    shown = free.shown(number)
    assert "Enforcement here: tamper-evident, by status" in shown["summary"]
    forge.courier(pause=True)
    pipeline = forge.mr(name, number)["head_pipeline"]
    forge.status(name, pipeline["sha"], "jo", ref=pipeline["ref"], pipeline_id=pipeline["id"])
    assert free.status(number) == {"state": "success", "by": "jo"}
    assert forge.state(name, number)["blockers"] == [], "it could be merged now"
    forge.courier(pause=False)
    assert free.shown(number)["state"] == "waiting"
    assert free.status(number)["by"] == "signoff"
    assert not free.merges(number, "jo")
    assert [(each["by"], each["state"]) for each in findings(free, "forged")] == [(2101, "passed")]

    where = {"ref": pipeline["ref"], "pipeline_id": pipeline["id"]}
    forge.status(name, pipeline["sha"], "jo", state="pending", **where)
    assert free.shown(number)["state"] == "waiting"
    forge.courier(pause=True)
    forge.status(name, pipeline["sha"], "jo", **where)
    assert free.status(number)["state"] == "none", "their older status hides ours, and stays hidden itself"
    forge.courier(pause=False)
    assert free.shown(number)["state"] == "waiting"
    assert free.status(number)["by"] == "signoff"
    assert not free.merges(number, "jo")


def test_the_status_stands_in_the_pipeline_that_counts_whatever_its_kind(free: GitLabWorld) -> None:
    """Branch, detached and merged-results pipelines, and new ones that lack it; a success never stands in for them."""
    for kind in ("branch", "detached", "merged"):
        name = f"{free.repository}-{kind}"
        place = free.with_repository(name, ci=kind)
        number = place.opened("jo")
        assert place.shown(number)["state"] == "waiting", kind
        place.forge.approve(name, number, "grace")
        assert place.shown(number)["state"] == "success", kind
        place.forge.pipeline(name, number, kind)
        assert place.shown(number)["state"] == "success", f"a new {kind} pipeline"
        place.forge.push(name, "retry", {"b.txt": "b\n"}, "More", by="jo")
        assert place.shown(number)["state"] == "waiting", kind
        assert place.shown(number)["notes"] == 1


def test_a_fork_is_advisory_unless_its_pipeline_runs_here(free: GitLabWorld) -> None:
    """Branch pipelines of a fork are out of reach: there is the note alone, and it says so."""
    forge, name = free.forge, free.repository
    forge.member("stranger", "reporter", project=name)
    fork = forge.fork(name, "stranger")
    forge.push(fork, "theirs", {"src/pay.py": "x\n"}, f"Theirs\n\n{TRAILER}", by="stranger")
    number = int(forge.open(fork, "stranger", "theirs", into=name)["iid"])
    shown = free.shown(number)
    assert "Enforcement here: advisory, by note" in shown["summary"]
    assert shown["state"] == "none"
    forge.pipeline(name, number, "detached")
    shown = free.shown(number)
    assert (shown["state"], shown["notes"]) == ("waiting", 1)
    forge.approve(name, number, "grace")
    assert free.shown(number)["state"] == "success"


def spent(world: GitLabWorld, number: int) -> list[str]:
    """The service's requests for a merge request since the last look; the watch looks at branches meanwhile."""
    head = world.forge.head(world.repository, number)
    mine = (f"/projects/{world.id}/merge_requests/{number}", head, "/api/graphql", ".signoff.yaml")
    every = world.forge.requests(reset=True, by="signoff")
    return [f"{each['method']} {each['path']}" for each in every if any(part in each["path"] for part in mine)]


def test_an_evaluation_costs_five_reads_and_two_writes_and_four_reads_when_nothing_moved(free: GitLabWorld) -> None:
    """Requests are counted, since people pay for them with their rate limit. A success looks again before it is put
    there, and once more after that: the pipeline that now succeeds need not have been made to by our status.
    """
    free.shown(free.opened("jo", branch="warm"))
    free.forge.courier(pause=True)
    number = free.opened("jo")
    spent(free, number)
    free.forge.courier(pause=False)
    free.shown(number)
    told = spent(free, number)
    assert len(told) == 5 + 2, told
    free.forge.approve(free.repository, number, "grace")
    free.shown(number)
    told = spent(free, number)
    assert len(told) == 5 + 3 + 4, told
    free.forge.note(free.repository, number, "jo", "/signoff recheck")
    free.shown(number)
    again = spent(free, number)
    assert len(again) == 4, again
    assert sum(each.startswith("POST ") for each in again) == 1, "and that is the query"
