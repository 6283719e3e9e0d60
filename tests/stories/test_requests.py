"""What an evaluation costs: API requests are counted, since people pay for them with their rate limit."""

import json

import pytest

from tests.stories.world import World


def spent(world: World) -> list[str]:
    """The operations of the service's API requests since the last look."""
    requests = world.forge.requests(reset=True)
    return [str(entry["operation"]) for entry in requests if world.app["slug"] in entry["actor"]]


@pytest.fixture
def warm(world: World) -> World:
    """A world in which the service has its token and its connections."""
    world.state(world.opened("sam", "Warm up", branch="warm"))
    spent(world)
    return world


def test_a_typical_change_costs_one_read_and_one_write(warm: World) -> None:
    warm.state(warm.opened("jo"))
    assert spent(warm) == ["SignoffChange", "checks/create"]


def test_an_approval_costs_one_read_and_one_write(warm: World) -> None:
    number = warm.opened("jo")
    warm.settled()
    spent(warm)
    warm.forge.approve(warm.repository, number, "grace")
    assert warm.state(number) == "success"
    assert len(spent(warm)) == 2


def test_a_decision_that_stays_the_same_costs_one_read(warm: World) -> None:
    number = warm.opened("jo")
    warm.settled()
    spent(warm)
    warm.forge.label(warm.repository, number, "jo", "documentation")
    warm.settled()
    assert spent(warm) == ["SignoffChange"]


def test_other_peoples_ci_costs_nothing(warm: World) -> None:
    number = warm.opened("jo")
    warm.settled()
    head = warm.forge.head(warm.repository, number)
    spent(warm)
    for index in range(20):
        warm.forge.status(warm.repository, head, "jo", f"ci/{index}")
    warm.settled()
    assert spent(warm) == []


def test_ten_events_at_once_for_one_change_cost_at_most_two_evaluations(warm: World) -> None:
    number = warm.opened("jo")
    warm.settled()
    warm.forge.pause_deliveries()
    for index in range(10):
        warm.forge.label(warm.repository, number, "jo", f"label-{index}")
    spent(warm)
    warm.forge.latency(1000)
    warm.forge.resume_deliveries()
    warm.settled()
    warm.forge.latency(0)
    assert len(spent(warm)) <= 2


def test_many_heads_that_were_left_are_read_some_at_a_time_and_nothing_passes_before(warm: World) -> None:
    """Scenario 63, over and over: who pushes often makes no evaluation long, and hides nothing by it."""
    warm.forge.pause_deliveries()
    number = warm.opened("jo")
    for index in range(23):
        warm.forge.amend(warm.repository, "retry", f"Add retry {index}", by="jo")
    warm.forge.approve(warm.repository, number, "grace")
    before = len(warm.service.logged())
    warm.forge.resume_deliveries()
    shown = warm.shown(number)
    assert (shown["state"], "Claude" in shown["summary"]) == ("success", True), "grace approved what is there now"
    logged = [json.loads(line) for line in warm.service.logged()[before:].splitlines()]
    verdicts = [each["verdict"] for each in logged if each["event"] == "decided"]
    assert verdicts[:2] == ["unknown", "unknown"]
    asked = " ".join(spent(warm)).split("SignoffChange")
    heads = [part.split().count("repos/compare-commits-with-basehead") for part in asked]
    assert (sum(heads), max(heads)) == (23, 10), asked
