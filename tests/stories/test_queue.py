"""The merge queue: every change of a group is decided again for the group's commit, and the failing one is named."""

from tests.stories.world import World


def queued(world: World) -> None:
    """Give the repository a merge queue."""
    world.forge.ruleset(world.repository, "ada", [{"type": "merge_queue", "parameters": QUEUE}], name="queue")


QUEUE = {
    "check_response_timeout_minutes": 60,
    "grouping_strategy": "ALLGREEN",
    "max_entries_to_build": 5,
    "max_entries_to_merge": 5,
    "merge_method": "MERGE",
    "min_entries_to_merge": 1,
    "min_entries_to_merge_wait_minutes": 0,
}


def test_a_group_whose_changes_are_all_allowed_passes_and_merges(world: World) -> None:
    queued(world)
    number = world.opened("jo")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    group = world.forge.enqueue(world.repository, number, "jo")
    world.settled()
    assert world.on_commit(group["head_sha"])["state"] == "success"
    world.forge.advance_queue(world.repository)
    assert world.forge.pull(world.repository, number)["merged"]


def test_a_group_fails_and_names_the_change_that_lost_its_approval_after_it_was_queued(world: World) -> None:
    """Scenario 46."""
    queued(world)
    first = world.opened("jo", "Plain", branch="plain", files={"plain.txt": "1\n"})
    second = world.opened("jo")
    world.settled()
    review = world.forge.approve(world.repository, second, "grace")
    assert world.state(first) == world.state(second) == "success"
    world.forge.pause_deliveries()
    world.forge.enqueue(world.repository, first, "jo")
    group = world.forge.enqueue(world.repository, second, "jo")
    world.forge.dismiss(world.repository, second, review["id"], "grace")
    world.forge.resume_deliveries()
    world.settled()
    shown = world.on_commit(group["head_sha"])
    assert shown["state"] == "failure"
    assert f"#{second}" in shown["title"]
    assert f"#{first}" not in shown["title"]


def test_a_group_that_the_queue_does_not_list_fails_instead_of_waiting_for_ever(world: World) -> None:
    """A group's commit with no check stalls the queue until it gives up; an endless retry helps nobody."""
    queued(world)
    number = world.opened("jo", "Plain", branch="plain", files={"plain.txt": "1\n"})
    assert world.state(number) == "success"
    world.forge.pause_deliveries()
    group = world.forge.enqueue(world.repository, number, "jo")
    world.forge.dequeue(world.repository, number, "jo")
    world.forge.resume_deliveries()
    world.forge.wait_deliveries()
    world.service.until(
        lambda: world.on_commit(group["head_sha"])["state"] == "failure", "the group's check did not fail"
    )
    world.settled()
    assert world.service.metric("signoff_parked") == 0
