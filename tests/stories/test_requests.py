"""What an evaluation costs: API requests are counted, since people pay for them with their rate limit."""

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
