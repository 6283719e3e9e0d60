"""Projects and merge requests come, go, close and move, by each mechanism: no success stays behind."""

from dataclasses import replace

from tests.stories.gitlab.world import TRAILER, GitLabWorld


def signed(world: GitLabWorld, number: int, by: str = "grace") -> str:
    """Somebody senior approves, and it passes; its head."""
    world.settled()
    world.forge.approve(world.repository, number, by)
    assert world.shown(number)["state"] == "success"
    return world.forge.head(world.repository, number)


def again(world: GitLabWorld, branch: str, title: str = "Again") -> int:
    """A new merge request of Jo's from a branch."""
    return int(world.forge.open(world.repository, "jo", branch, title)["iid"])


def test_a_closed_merge_request_leaves_no_success_to_the_next_one_from_its_head(world: GitLabWorld) -> None:
    """Scenarios 47, 65: closed, its success is taken back; a new one from the same head waits, and so does it when it
    is opened again; before the bot has heard of it, only a status could be taken along.
    """
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    signed(world, number)
    forge.close(name, number, "jo")
    world.settled()
    forge.courier(pause=True)
    second = again(world, "retry")
    assert forge.state(name, second)["blockers"], "nothing of the closed one helps it"
    forge.courier(pause=False)
    world.comes_to(second, "waiting")
    assert not world.merges(second)

    signed(world, second)
    forge.courier(pause=True)
    forge.close(name, second, "jo")
    third = again(world, "retry", "And again")
    taken_along = not forge.state(name, third)["blockers"]
    assert taken_along is (world.mechanism == "status"), "for as long as the bot has not heard"
    forge.courier(pause=False)
    world.comes_to(third, "waiting")
    forge.close(name, third, "jo")
    world.settled()
    forge.amend(name, "retry", f"Other\n\n{TRAILER}", by="jo", files={"src/pay.py": "other()\n"})
    forge.reopen(name, number, "jo")
    world.comes_to(number, "waiting")
    assert not world.merges(number)
    if any(each["by"] == "grace" for each in forge.state(name, number)["approvals"]):
        forge.unapprove(name, number, "grace")
    signed(world, number)
    assert world.merges(number)


def test_what_is_guarded_follows_the_default_branch_and_a_lost_base_is_no_success(world: GitLabWorld) -> None:
    """Scenario 47: the default branch is another one now; a base that was deleted can be merged into by nobody."""
    forge, name = world.forge, world.repository
    forge.push(name, "trunk", {"t.txt": "t\n"}, "Trunk", by="ada", rules=False)
    forge.push(name, "side", {"s.txt": "s\n"}, "Side", by="ada", rules=False)
    trunk, side = world.opened("jo", target="trunk", base="trunk"), world.opened("jo", branch="b", target="side")
    main = world.opened("jo", branch="m")
    signed(world, main)
    assert [world.shown(number)["state"] for number in (trunk, side)] == ["waiting"] * 2
    forge.approve(name, trunk, "linus")
    forge.api("PUT", world.path, "ada", {"default_branch": "trunk"})
    forge.delete_branch(name, "side", by="ada")
    world.service.stop()  # no hook tells of it: it is noticed within two minutes, or by a start
    world.service.start()
    world.comes_to(trunk, "success")
    world.comes_to(main, "waiting")
    assert world.shown(side)["state"] == "waiting"
    assert not world.merges(side)
    assert world.service.metric("signoff_parked") == 0


def test_a_project_that_moves_out_of_the_bots_reach_is_left_alone_and_taken_up_when_it_is_back(
    world: GitLabWorld,
) -> None:
    """Scenario 47: transferred to where the bot is no member, archived, and back under another name."""
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    assert world.shown(number)["state"] == "waiting"
    elsewhere = f"other{world.id}"
    forge.group(elsewhere, {"ada": "owner", "jo": "developer", "grace": "developer"})
    forge.project_action(name, "transfer", to=elsewhere)
    moved = f"{elsewhere}/{name.rpartition('/')[2]}"
    forge.approve(moved, number, "grace")
    world.settled()
    forge.requests(reset=True)
    world.service.until(lambda: world.service.metric("signoff_due") == 0, "it is tried again and again")
    before = [each for each in forge.state(moved, number)["approvals"] if each["by"] == "signoff"]
    assert before == [], "the bot that cannot see it approves nothing"
    forge.member("signoff", "developer", project=moved)
    forge.note(moved, number, "jo", "/signoff recheck")
    replace(world, repository=moved).comes_to(number, "success")
