"""Deliveries as attackers and networks make them: to GitLab's own hooks and to those who pretend to be one."""

import json
from datetime import UTC, datetime

from bot.forges.gitlab import secrets
from tests.forges.gitlab import payloads
from tests.stories.gitlab.test_machines import approval, post
from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.support.gitlab_sandbox import SIGNING_TOKEN


def test_lost_doubled_and_reordered_deliveries_end_where_the_forge_stands(world: GitLabWorld) -> None:
    """Scenarios 27, 38: whatever order tells of pushes, approvals and retargets, and however often, it ends the same;
    an old delivery that is sent again, signed anew, changes nothing.
    """
    forge, name = world.forge, world.repository
    forge.push(name, "side", {"s.txt": "s\n"}, "Side", by="ada", rules=False)
    forge.courier(pause=True)
    numbers = []
    for index in range(4):
        branch = f"b{index}"
        number = world.opened("jo", branch=branch)
        forge.approve(name, number, "grace")
        forge.push(name, branch, {"more.txt": branch}, f"More {index}\n\n{TRAILER}", by="jo")
        forge.edit(name, number, "jo", target_branch="side")
        forge.edit(name, number, "jo", target_branch="main")
        if index % 2:
            forge.approve(name, number, "linus")
        numbers.append(number)
        forge.courier(shuffle=index)
    forge.courier(double=30)
    forge.courier(pause=False)
    wanted = ["waiting", "success"] * 2
    assert [world.shown(number)["state"] for number in numbers] == wanted
    for told in forge.deliveries("Merge Request Hook")[-12:]:
        forge.courier(redeliver=told["id"])
    assert [world.shown(number)["state"] for number in numbers] == wanted
    assert {world.shown(number)["notes"] for number in numbers} == {1}


def test_another_projects_hook_vouches_for_no_approval(world: GitLabWorld) -> None:
    """Scenario 61: it signs with its own token and speaks of this project, or of itself with this one's merge request;
    whoever knows this project's own token can ring, and GitLab does not confirm what they say.
    """
    number = world.opened("jo")
    world.settled()
    other = world.with_repository(f"{world.repository}-other")
    key = secrets.project_signing_token(SIGNING_TOKEN, other.id)
    told, now = approval(world, number), datetime.now(UTC)  # noqa: TID251  a test's own clock
    assert post(world, payloads.signed(told, key, now)) == 401
    crossed = json.loads(json.dumps(told))
    crossed["project"]["id"] = other.id
    assert post(world, payloads.signed(crossed, key, now)) == 400
    own = secrets.project_signing_token(SIGNING_TOKEN, world.id)
    assert post(world, payloads.signed(told, own, now)) == 202
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)


def test_the_endpoint_answers_whatever_comes_and_never_with_500(free: GitLabWorld) -> None:
    """Scenario 38, where no mechanism matters: too large, no JSON, JSON of every wrong shape, no secret, twice."""
    number = free.opened("jo")
    free.settled()
    own = secrets.project_signing_token(SIGNING_TOKEN, free.id)
    now = datetime.now(UTC)  # noqa: TID251  a test's own clock
    assert post(free, ({}, b"x" * 30_000_000)) == 413
    assert post(free, payloads.signed(b"y" * 30_000_000, own, now)) == 413
    project = {"id": free.id, "path_with_namespace": free.repository, "default_branch": "main"}
    for kind in ("merge_request", "note", "push", "pipeline"):
        for inside in (None, 7, [], {}, {"iid": "7"}, {"iid": -1, "target_project_id": free.id, "action": "approved"}):
            body = {"object_kind": kind, "project": project, "object_attributes": inside, "user": inside}
            assert post(free, payloads.signed(body, own, now)) in {202, 400}, (kind, inside)
    for bad in (
        b"",
        b"[]",
        b"7",
        b"null",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"object_kind": 1}',
        b'{"project": {"id": 1e999}}',
    ):
        assert post(free, payloads.signed(bad, own, now)) in {400, 401}, bad[:20]
    assert free.shown(number)["state"] == "waiting"
    assert free.service.metric("signoff_parked") == 0
