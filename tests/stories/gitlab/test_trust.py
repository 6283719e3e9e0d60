"""What each mechanism is worth when somebody tries: the grade in the note never says more than what was shown here.

What can be opened is opened, and then the watch has to find it.
"""

from collections.abc import Callable

import pytest

from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.stories.policy import ledger


def graded(world: GitLabWorld, number: int) -> str:
    """The line of the note that says how hard the gate is."""
    return str(world.shown(number)["summary"]).rpartition("Enforcement here: ")[2]


def open_to(world: GitLabWorld, number: int) -> list[str]:
    """What GitLab itself says is in the way."""
    found: list[str] = world.forge.state(world.repository, number)["blockers"]
    return found


def unsigned(world: GitLabWorld) -> list[str]:
    """The heads of this project that are on the record as merged without sign-off."""
    found = (each for each in ledger(world, "finding") if each["repository"] == world.id)
    return [str(each["sha"]) for each in found if each["kind"] == "merged-unsigned"]


def comes_to_light(world: GitLabWorld, number: int) -> None:
    """What was merged past the gate is on the record, and said where it happened."""
    world.service.until(lambda: bool(unsigned(world)), "nobody found it")
    assert unsigned(world) == [world.forge.head(world.repository, number)]
    world.settled()
    said = [each["body"] for each in world.forge.notes(world.repository, number) if each["by"] == "signoff"]
    assert sum("Merged without sign-off" in body for body in said) == 1


def test_a_forged_status_opens_nothing_where_the_bot_approves(paid: GitLabWorld) -> None:
    """Scenario 33 on *approver*: a Developer's status, a job of that name, rules of the merge request that nobody may
    edit: GitLab goes on asking for the bot's approval, which is not Jo's to give.
    """
    forge, name = paid.forge, paid.repository
    number = paid.opened("jo")
    assert graded(paid, number).startswith("tamper-evident, by approver"), "a Developer's token sees no more"
    forge.pipeline(name, number, "detached", jobs={"senior-signoff": "success"})
    forge.status(name, forge.head(name, number), "jo")
    (rule,) = forge.state(name, number)["rules"]
    edited = f"{paid.path}/merge_requests/{number}/approval_rules/{rule['id']}"
    assert forge.call("PUT", edited, "jo", {"approvals_required": 0}).status_code in {403, 404}
    assert paid.shown(number)["state"] == "waiting"
    assert open_to(paid, number) == ["not_approved"]
    assert not paid.merges(number, "jo")


def test_a_rule_that_the_author_may_edit_is_edited_and_the_merge_is_found(paid: GitLabWorld) -> None:
    """Scenarios 33, 45 on *approver* with overriding allowed: the author asks for no approval, and merges."""
    forge, name = paid.forge, paid.repository
    forge.configure(name, disable_overriding_approvers_per_merge_request=False)
    number = paid.opened("jo")
    assert graded(paid, number).startswith("tamper-evident, by approver")
    (rule,) = forge.state(name, number)["rules"]
    forge.edit_rule(name, "jo", rule["id"], iid=number, approvals_required=0)
    assert paid.merges(number, "jo")
    paid.settled()
    comes_to_light(paid, number)


def test_the_bots_own_approval_outlives_a_push_only_where_nothing_resets_it(paid: GitLabWorld) -> None:
    """Scenario 21 on *approver*: with reset on push GitLab blocks before the bot has looked; without, the bot does."""
    forge, name = paid.forge, paid.repository
    for resets, blocked in ((True, ["not_approved"]), (False, [])):
        forge.configure(name, reset_approvals_on_push=resets)
        branch = f"b{resets}".lower()
        number = paid.opened("jo", "Plain", branch=branch)
        assert paid.shown(number)["state"] == "success"
        forge.courier(pause=True)
        forge.push(name, branch, {"src/pay.py": "steal()\n"}, f"More\n\n{TRAILER}", by="jo")
        assert open_to(paid, number) == blocked
        forge.courier(pause=False)
        assert paid.shown(number)["state"] == "waiting"
        assert open_to(paid, number) == ["not_approved"]


def test_a_branch_that_is_green_already_can_be_merged_until_the_bot_has_looked_and_that_is_found(
    free: GitLabWorld,
) -> None:
    """Scenarios 33, 44 on *status*: its own pipeline succeeded before there was a merge request, and the hooks are
    late; or a job of our name comes after ours was posted.
    """
    world = free.with_repository(f"{free.repository}-ci", ci="branch")
    forge, name = world.forge, world.repository
    seen = world.opened("jo", branch="seen")
    assert world.shown(seen)["state"] == "waiting"
    found = forge.mr(name, seen)["head_pipeline"]["id"]
    forge.jobs(found, {"senior-signoff": "success"})
    world.settled()
    forge.control("jobs", pipeline=found, jobs={"other": "success"})
    assert world.shown(seen)["state"] == "waiting"
    assert not world.merges(seen, "jo")
    forge.courier(pause=True)
    number = world.opened("jo")
    assert open_to(world, number) == []
    assert world.merges(number, "jo")
    forge.courier(pause=False)
    world.settled()
    comes_to_light(world, number)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"only_allow_merge_if_pipeline_succeeds": False}, "does not ask that pipelines succeed"),
        ({"allow_merge_on_skipped_pipeline": True}, "a skipped pipeline counts as a success"),
    ],
)
def test_a_door_that_is_open_on_status_is_named_and_whoever_uses_it_is_found(
    free: GitLabWorld, settings: dict[str, bool], why: str
) -> None:
    """Scenarios 33, 45 on *status*: `advisory`, with the reason, before anybody merges through it."""
    world = free.with_repository(f"{free.repository}-door", ci="branch", **settings)
    number = world.opened("jo", f"Add retry [skip ci]\n\n{TRAILER}")
    told = graded(world, number)
    assert told.startswith("advisory, by status"), told
    assert why in told


def on_a_train(world: GitLabWorld, make: Callable[..., GitLabWorld]) -> tuple[GitLabWorld, int, int, int]:
    """A plain merge request and one of Jo's that Linus signed, both on the train; the running pipeline of the first."""
    place = make(f"{world.repository}-train", tier="premium", merge_trains_enabled=True)
    first = place.opened("sam", "Plain", branch="plain", files={"plain.txt": "1\n"})
    second = place.opened("jo")
    place.settled()
    place.forge.approve(place.repository, second, "linus")
    assert [place.shown(number)["state"] for number in (first, second)] == ["success"] * 2
    pipelines = [
        place.forge.control("board", project=place.repository, iid=number, by="jo")["id"] for number in (first, second)
    ]
    place.forge.unapprove(place.repository, second, "linus")
    place.settled()
    place.forge.jobs(pipelines[0], {"test": "success"})
    assert place.forge.state(place.repository, first)["state"] == "merged"
    return place, first, second, pipelines[1]


def test_a_merge_request_that_loses_its_approval_on_the_train_is_thrown_off(paid: GitLabWorld) -> None:
    """Scenario 46 on *approver*: GitLab asks for the approvals at each step; the one before it is merged all the same,
    and its own note names what it waits for.
    """
    place, _, second, pipeline = on_a_train(
        paid,
        lambda name, tier, **details: paid.with_rule(name, **details),  # noqa: ARG005  the rule needs that tier
    )
    assert place.forge.control("train", project=place.repository, iid=second)["iids"] == []
    place.forge.jobs(pipeline, {"test": "success"})
    assert place.shown(second)["state"] == "waiting"
    assert place.forge.state(place.repository, second)["state"] == "opened"
    assert unsigned(place) == []


def test_a_status_holds_no_train_which_the_grade_says_and_the_watch_finds(free: GitLabWorld) -> None:
    """Scenario 46 on *status*: the train's pipelines run on other commits, so it is merged; it is advisory there."""
    place, _, second, pipeline = on_a_train(free, free.with_repository)
    assert "merge trains are on" in graded(place, second)
    assert graded(place, second).startswith("advisory, by status")
    place.forge.jobs(pipeline, {"test": "success"})
    assert place.forge.state(place.repository, second)["state"] == "merged"
    place.settled()
    comes_to_light(place, second)
