"""From hook to status or approval and note: the whole way on GitLab, by each mechanism."""

from tests.stories.gitlab.world import GitLabWorld


def test_a_juniors_ai_change_waits_until_a_senior_approves_and_waits_again_after_a_push(world: GitLabWorld) -> None:
    """The same story as on GitHub; one note tells it, edited in place."""
    number = world.opened("jo")
    first = world.shown(number)
    assert first["state"] == "waiting"
    assert "Waiting for 1 senior: grace, linus or ada can sign" in first["title"]
    assert not world.merges(number)

    world.forge.approve(world.repository, number, "grace")
    assert world.shown(number)["state"] == "success"

    world.forge.push(world.repository, "retry", {"src/pay.py": "def pay():\n    return 'more'\n"}, "More", by="jo")
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)

    world.forge.approve(world.repository, number, "linus")
    last = world.shown(number)
    assert last["state"] == "success"
    assert last["notes"] == 1
    assert world.merges(number)
