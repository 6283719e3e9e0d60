"""What must hold when deliveries and answers go wrong: no decision from part of the data, no success from an error."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from bot.forges.gitlab import secrets
from tests.forges.gitlab import payloads
from tests.stories.gitlab.conftest import staged
from tests.stories.gitlab.world import GitLabWorld
from tests.support.gitlab_sandbox import SIGNING_TOKEN, GitLab


def approval(world: GitLabWorld, number: int) -> dict[str, object]:
    """An approval of Grace's that GitLab never sent."""
    head = world.forge.head(world.repository, number)
    return {
        "object_kind": "merge_request",
        "user": {"id": 2001, "username": "grace"},
        "project": {"id": world.id, "path_with_namespace": world.repository, "default_branch": "main"},
        "object_attributes": {
            "iid": number, "action": "approved", "source_project_id": world.id, "target_project_id": world.id,
            "last_commit": {"id": head}, "updated_at": "2026-11-20 10:04:00 UTC",
        },
    }  # fmt: skip


def test_a_delivery_is_believed_only_with_the_projects_own_signature_and_only_for_a_while(free: GitLabWorld) -> None:
    """Scenarios 38, 61: unsigned, forged, of another project, replayed late, replayed soon; nothing is ever a 500."""
    number = free.opened("jo")
    free.settled()
    told = approval(free, number)
    own = secrets.project_signing_token(SIGNING_TOKEN, free.id)
    other = secrets.project_signing_token(SIGNING_TOKEN, free.id + 1)
    now = datetime.now(UTC)  # noqa: TID251  a test's own clock
    answers = [
        post(free, payloads.signed(told, other, now)),
        post(free, payloads.signed(told, own, now - timedelta(minutes=10))),
        post(free, ({"X-Gitlab-Token": "guessed"}, payloads.body_of(told))),
        post(free, ({}, payloads.body_of(told))),
        post(free, payloads.signed({"object_kind": "merge_request"}, SIGNING_TOKEN, now)),
        post(free, payloads.signed(b"no json", SIGNING_TOKEN, now)),
    ]
    assert answers == [401, 401, 401, 401, 400, 400]
    good = payloads.signed(told, own, now)
    assert [post(free, good), post(free, good)] == [202, 202]
    assert free.shown(number)["state"] == "waiting", "GitLab does not confirm the approval"


def post(world: GitLabWorld, delivery: tuple[dict[str, str], bytes]) -> int:
    """Deliver something; the answer's code."""
    headers, body = delivery
    return requests.post(world.webhook_url, data=body, headers=headers, timeout=10).status_code


def test_a_fault_at_any_request_of_an_evaluation_passes_and_leaves_no_trace(free: GitLabWorld) -> None:
    """Scenarios 40, 41: each request fails once, in some way; it recovers by itself, says nothing twice, and shows no
    success before the approval.
    """
    forge, name = free.forge, free.repository
    ways: list[dict[str, Any]] = [{"action": "status", "status": 500}, {"action": "close"}, {"action": "half"}]
    ways += [{"action": "errors"}, {"action": "status", "status": 409}]
    forge.courier(pause=True)
    numbers = [free.opened("jo", branch=f"b{index}") for index in range(9)]
    of_change = ("", "/approvals", "/notes", "/resource_label_events", "/commits", "/diffs", "/versions")
    places = [f".*/merge_requests/{number}{part}" for number, part in zip(numbers, of_change, strict=False)]
    places += [f".*/commits/{forge.head(name, numbers[7])}/statuses", f".*/statuses/{forge.head(name, numbers[8])}"]
    for place, way in zip(places, ways * 2, strict=False):
        forge.fault(path=place, times=1, actor="signoff", **way)
    forge.courier(pause=False)
    for number in numbers:
        free.comes_to(number, "waiting")
        free.service.until(lambda number=number: free.shown(number)["notes"] == 1, "there is no note")
    forge.fault("status", method="POST", path=".*/statuses/.*", status=502, times=1, actor="signoff")
    forge.fault("close", method="PUT", path=".*/notes/.*", times=1, actor="signoff")
    forge.approve(name, numbers[0], "grace")
    free.comes_to(numbers[0], "success")
    free.service.until(lambda: "Signed by" in free.shown(numbers[0])["title"], "the note says something else")
    assert free.shown(numbers[0])["notes"] == 1
    assert {free.shown(number)["notes"] for number in numbers} == {1}


def test_what_no_hook_told_of_is_found_by_the_sweep(free: GitLabWorld) -> None:
    """Scenarios 38, 63: an approval, a push and an amended-away trailer of which nothing arrived."""
    number = free.opened("jo", "Add retry")
    assert free.shown(number)["state"] == "success"
    free.forge.courier(lose=50)
    free.forge.push(
        free.repository, "retry", {"b.txt": "b\n"}, "More\n\nCo-authored-by: Claude <noreply@anthropic.com>", by="jo"
    )
    free.forge.amend(free.repository, "retry", "More", by="jo")
    free.forge.wait_deliveries()
    assert free.service.command("sweep").returncode == 0
    free.comes_to(number, "waiting")
    free.forge.approve(free.repository, number, "grace")
    free.forge.wait_deliveries()
    assert free.service.command("sweep").returncode == 0
    free.comes_to(number, "success")
    free.forge.courier(lose=0)


def test_nothing_acknowledged_is_lost_when_the_service_is_killed(tmp_path: Path) -> None:
    """Scenario 39, on both mechanisms and with GitLab alone configured: killed after the 202, while it reads, while it
    writes, and when it has written; and secrets are in no log.
    """
    with staged(tmp_path, SIGNOFF_LEASE_SECONDS="2") as own:
        service, forge = own.service, own.forge
        worlds = [own.with_repository("acme/free"), own.with_rule("acme/paid")]
        forge.fault("hang", path=".*/merge_requests/1/versions", seconds=5, times=2, actor="signoff")
        numbers = [(world, world.opened("jo")) for world in worlds]
        forge.wait_deliveries()
        service.until(lambda: not forge.faults(), "nobody reads")
        service.kill()
        service.start()
        assert_all(numbers, "waiting")

        service.stop()
        service.start("serve", "--no-worker")
        for world, number in numbers:
            forge.approve(world.repository, number, "grace")
        forge.wait_deliveries()
        service.kill()
        service.start()
        assert_all(numbers, "success")

        forge.fault("hang", method="POST", path=".*/(statuses/.*|unapprove)", seconds=5, times=2, actor="signoff")
        for world, number in numbers:
            forge.unapprove(world.repository, number, "grace")
        forge.wait_deliveries()
        service.until(lambda: not forge.faults(), "nobody writes")
        service.kill()
        service.start()
        assert_all(numbers, "waiting")

        service.until(lambda: len(late(forge)) == 2, "what hung does not end")
        assert_all(numbers, "waiting")
        service.kill()
        forge.requests(reset=True)
        service.start()
        assert_all(numbers, "waiting")
        assert [
            each for each in forge.requests(by="signoff") if each["method"] != "GET" and "graphql" not in each["path"]
        ] == []
        log = service.logged()
        assert own.app["token"] not in log
        assert SIGNING_TOKEN not in log
        assert json.loads(log.splitlines()[0])


def late(forge: GitLab) -> list[str]:
    """The writes that hung, which GitLab ended long after whoever asked for them was gone."""
    return [each["path"] for each in forge.requests(by="signoff") if each["method"] == "POST" and each["ms"] > 4900]


def assert_all(numbers: list[tuple[GitLabWorld, int]], state: str) -> None:
    """Each merge request comes to a state, with one note."""
    for world, number in numbers:
        world.comes_to(number, state)
        assert world.shown(number)["notes"] == 1
