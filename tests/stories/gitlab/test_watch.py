"""What passes the gate on GitLab is found and recorded, and what goes away is not tried for ever."""

from dataclasses import replace

from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.stories.test_watch import findings


def test_what_was_merged_or_pushed_past_the_gate_is_found_and_what_was_signed_is_not(free: GitLabWorld) -> None:
    """Scenario 45: a Maintainer unticks the setting; AI commits are pushed to the branch; a squash is neither."""
    forge, name = free.forge, free.repository
    signed = free.opened("jo", branch="signed")
    forge.push(name, "signed", {"more.txt": "m\n"}, "More", by="jo")
    free.settled()
    forge.approve(name, signed, "grace")
    assert free.shown(signed)["state"] == "success"
    assert forge.merge(name, signed, "jo", squash=True)["merged"]
    free.settled()
    assert findings(free, "merged-unsigned") == []
    assert findings(free, "direct-push") == []

    number = free.opened("jo")
    assert free.shown(number)["state"] == "waiting"
    forge.configure(name, only_allow_merge_if_pipeline_succeeds=False)
    assert forge.merge(name, number, "ada")["merged"]
    free.settled()
    free.service.until(lambda: bool(findings(free, "merged-unsigned")), "nobody found it")
    (found,) = findings(free, "merged-unsigned")
    assert found["facts"]["merged_by"] == 2009
    said = [each["body"] for each in forge.notes(name, number) if each["by"] == "signoff"]
    assert sum("Merged without sign-off" in body for body in said) == 1

    sha = forge.push(name, "main", {"b.py": "b = 1\n"}, f"Quick\n\n{TRAILER}", by="jo", rules=False)
    free.settled()
    (found,) = findings(free, "direct-push")
    assert (found["sha"], found["facts"]["by"]) == (sha, 2101)


def test_a_project_moved_out_of_the_rules_for_a_merge_is_found(free: GitLabWorld) -> None:
    """No hook tells of a path: it is noticed within two minutes, or by a start."""
    number = free.opened("jo")
    assert free.shown(number)["state"] == "waiting"
    free.edit_file("rules.yaml", "repositories: []", 'repositories: [{match: "acme/*-away", mode: observe}]')
    free.settled()
    free.forge.project_action(free.repository, "rename", to=f"{free.repository.rpartition('/')[2]}-away")
    away = replace(free, repository=f"{free.repository}-away")
    free.service.stop()
    free.service.start()
    away.comes_to(number, "success")
    assert away.merges(number, "jo")
    away.service.until(lambda: bool(findings(away, "merged-unsigned")), "nobody found it")
    told = [each["text"] for each in findings(away, "enforcement")]
    assert sum(f"renamed from {free.repository}, which the rules enforce" in text for text in told) == 1
    free.edit_file("rules.yaml", 'repositories: [{match: "acme/*-away", mode: observe}]', "repositories: []")


def test_projects_that_are_renamed_archived_or_out_of_reach_leave_no_endless_retry(world: GitLabWorld) -> None:
    """Scenario 47: a name is only a name; in an archived project nothing can be published; a closed one is closed."""
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    world.settled()
    forge.project_action(name, "rename", to=f"{name.rpartition('/')[2]}-new")
    moved = f"{name}-new"
    forge.approve(moved, number, "grace")
    world.settled()
    assert "Signed by" in forge.notes(moved, number)[-1]["body"]
    forge.close(moved, number, "jo")
    world.settled()
    forge.project_action(moved, "archive")
    assert world.service.command("sweep").returncode == 0
    world.settled()
    assert world.service.metric("signoff_parked") == 0
