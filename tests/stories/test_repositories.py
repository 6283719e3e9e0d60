"""Scenario 47: repositories and installations come, go and change their names."""

from dataclasses import replace

from tests.stories.world import TRAILER, World


def test_a_renamed_repository_is_served_under_its_new_name(world: World) -> None:
    number = world.opened("jo")
    assert world.state(number) == "waiting"
    renamed = f"{world.repository}-renamed"
    world.forge.repo_action(world.repository, "rename", by="ada", to=renamed.partition("/")[2])
    world.settled()
    world.forge.approve(renamed, number, "grace")
    world.settled()
    assert world.forge.check_runs(renamed, world.forge.head(renamed, number))[0]["conclusion"] == "success"


def test_a_change_that_is_opened_again_is_decided_again(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.forge.close(world.repository, number, "jo")
    assert world.state(number) == "waiting"
    world.forge.reopen(world.repository, number, "jo")
    world.settled()
    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"


def test_an_archived_repository_causes_no_endless_retries(world: World) -> None:
    world.opened("jo")
    world.settled()
    world.forge.repo_action(world.repository, "archive", by="ada")
    world.settled()
    world.forge.requests(reset=True)
    world.settled()
    assert [entry for entry in world.forge.requests() if "signoff" in entry["actor"]] == []
    assert world.service.metric("signoff_parked") == 0


def test_a_change_whose_base_branch_was_deleted_gets_no_success(world: World) -> None:
    world.forge.push(world.repository, "side", {"a.txt": "a\n"}, "Side", by="ada")
    number = world.opened("jo", "Plain", base="side")
    assert world.state(number) == "waiting"
    world.forge.delete_branch(world.repository, "side", by="ada")
    world.settled()
    assert world.on_commit(world.forge.head(world.repository, number))["state"] == "waiting"


def test_a_suspended_installation_is_left_alone_and_looked_through_when_it_is_back(own: World) -> None:
    number = own.opened("jo")
    assert own.state(number) == "waiting"
    own.forge.installation("suspend")
    own.forge.wait_deliveries()
    own.forge.approve(own.repository, number, "grace")
    own.settled()
    assert own.on_commit(own.forge.head(own.repository, number))["state"] == "waiting"
    own.forge.installation("unsuspend")
    own.service.until(lambda: own.state(number) == "success", "it was not looked through")


def test_a_promotion_of_what_landed_through_the_gate_asks_nobody_again(world: World) -> None:
    """Scenario 57: develop to main; with one commit that did not land so, that one decides."""
    world.edit_file("rules.yaml", 'guarded_branches: ["@default"]', 'guarded_branches: ["@default", "develop"]')
    world.forge.push(world.repository, "develop", {"base.txt": "b\n"}, "Develop", by="ada")
    number = world.forge.change(
        world.repository, "jo", "feature", {"new.py": "x = 1\n"}, f"Feature\n\n{TRAILER}", base="develop"
    )["number"]
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    assert world.forge.merge(world.repository, number, "jo")["merged"]
    world.settled()
    promotion = world.forge.open_change(world.repository, "sam", "develop", "Promote")["number"]
    assert world.state(promotion) == "success"
    world.forge.push(world.repository, "develop", {"late.py": "y = 1\n"}, f"Late\n\n{TRAILER}", by="jo", rules=False)
    world.service.until(lambda: world.state(promotion) == "waiting", "the late commit does not decide")


def test_with_another_default_branch_no_success_stays_behind(world: World) -> None:
    """What leads to a branch that is guarded no more has no success; a renamed default branch is still guarded."""
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.forge.push(world.repository, "develop", {"base.txt": "b\n"}, "Develop", by="ada")
    world.forge.repo_action(world.repository, "default_branch", by="ada", to="develop")
    assert world.state(number) == "waiting"
    world.forge.repo_action(world.repository, "default_branch", by="ada", to="main")
    assert world.state(number) == "success"
    world.forge.repo_action(world.repository, "rename_default_branch", by="ada", to="trunk")
    world.forge.push(world.repository, "retry", {"more.py": "m = 1\n"}, f"More\n\n{TRAILER}", by="jo")
    assert world.state(number) == "waiting"
    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"
    assert world.merges(number, "jo")
    assert world.service.metric("signoff_parked") == 0


def test_where_the_app_is_taken_out_it_asks_no_more_and_begins_anew_when_it_is_back(own: World) -> None:
    """Scenario 47: removed and installed again, moved to an owner who has the App, then to one who has not."""
    number = own.opened("jo")
    review = own.forge.approve(own.repository, number, "grace")
    assert own.state(number) == "success"
    own.forge.installation("remove")
    own.forge.wait_deliveries()
    own.forge.dismiss(own.repository, number, review["id"], "grace")
    assert asks_nothing(own)
    own.forge.install(own.app["slug"], "acme")
    own.service.until(lambda: own.state(number) == "waiting", "the stale success was not withdrawn")
    for owner, app in (("globex", True), ("initech", False)):
        own.forge.org(owner, {"ada": "admin"})
        if app:
            own.forge.install(own.app["slug"], owner)
    own.forge.repo_action("acme/payments", "transfer", by="ada", to="globex")
    moved = replace(own, repository="globex/payments")
    moved.forge.approve(moved.repository, number, "linus")
    assert moved.state(number) == "success"
    moved.forge.repo_action(moved.repository, "transfer", by="ada", to="initech")
    moved.settled()
    assert asks_nothing(own)


def asks_nothing(world: World) -> bool:
    """Whether the service leaves the repository alone, also when everything is swept, and without an alarm."""
    world.settled()
    assert world.service.command("sweep").returncode == 0
    world.settled()
    world.forge.requests(reset=True)
    world.settled()
    mine = [each for each in world.forge.requests() if "payments" in str(each) and world.app["slug"] in each["actor"]]
    return mine == [] and world.service.metric("signoff_parked") == 0
