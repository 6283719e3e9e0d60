"""Rules and roster in a policy repository: what takes force, what does not, and what people see of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.stories.policy import (
    DEMOTED,
    FILES,
    POLICY,
    PROMOTED,
    ROSTER,
    RULES,
    fault,
    in_policy,
    ledger,
    policed,
    unprotect,
)
from tests.stories.world import PEOPLE, World
from tests.support.sandbox import Sandbox


@pytest.fixture
def world(forge: Sandbox, tmp_path: Path) -> Iterator[World]:
    """With rules and roster in force."""
    with policed(forge, tmp_path, FILES) as world:
        yield world


def proposed(world: World, files: dict[str, str | None], by: str = "jo", branch: str = "edit") -> int:
    """A change of the policy repository, opened."""
    return in_policy(world).opened(by, "Edit", branch, files=files)


def landed(world: World, number: int, method: str = "merge", by: str = "ada") -> str:
    """Approve a change of the policy repository, merge it, and have everything settled; the commit that this made."""
    world.forge.approve(POLICY, number, "ada")
    assert in_policy(world).state(number) == "success"
    merged = world.forge.merge(POLICY, number, by, method)
    assert merged["merged"], merged
    world.settled()
    return str(merged["sha"])


def grace_counts(world: World) -> bool:
    """Whether Grace is a senior by the roster in force: her approval of a new change says."""
    branch = f"probe{len(world.forge.api('GET', f'/repos/{world.repository}/pulls?state=all', 'ada'))}"
    number = world.opened("jo", branch=branch, files={f"{branch}.py": "x = 1\n"})
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    return world.state(number) == "success"


def test_a_roster_edited_by_a_reviewed_change_is_in_force_at_once(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    commit = landed(world, proposed(world, {"roster.yaml": DEMOTED}))
    world.service.until(lambda: world.state(number) == "waiting", "the new roster did not take force")
    assert [entry["commit"] for entry in ledger(world, "policy_in_force")] == [commit]
    assert (fault(world), ledger(world, "policy_push")) == ("", [])


def test_a_merge_that_is_told_after_its_push_is_waited_for(world: World) -> None:
    """The push is a doorbell too: what it brought is judged once the merge is on the record, never before."""
    number = proposed(world, {"roster.yaml": DEMOTED})
    world.forge.approve(POLICY, number, "ada")
    assert in_policy(world).state(number) == "success"
    world.forge.pause_deliveries()
    assert world.forge.merge(POLICY, number, "ada")["merged"]
    world.service.until(lambda: len(ledger(world, "policy_in_force")) == 1, "looking by oneself did not find it")
    world.forge.resume_deliveries()
    world.settled()
    assert (fault(world), ledger(world, "policy_push")) == ("", [])


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_whatever_way_it_is_merged(world: World, method: str) -> None:
    number = proposed(world, {"README.md": "More.\n"})
    world.forge.push(POLICY, "edit", {"roster.yaml": DEMOTED}, "Demote", by="jo")
    world.forge.push(POLICY, "edit", {"README.md": "Most.\n"}, "Words", by="jo")
    landed(world, number, method)
    world.service.until(lambda: len(ledger(world, "policy_in_force")) == 1, "the new roster did not take force")
    assert not grace_counts(world)


def test_two_changes_at_once_of_different_files_both_take_force(world: World) -> None:
    first = proposed(world, {"roster.yaml": DEMOTED}, branch="one")
    second = proposed(world, {"rules.yaml": RULES.replace("approvals: 2", "approvals: 3")}, branch="two")
    landed(world, first)
    landed(world, second)
    world.service.until(lambda: len(ledger(world, "policy_in_force")) == 2, "they did not take force")
    assert fault(world) == ""


def test_a_roster_pushed_past_the_gate_never_takes_force_and_is_on_the_record(world: World) -> None:
    """Scenario 55: a writer pushes a promoted roster, a friend signs by it, and he reverts."""
    number = world.opened("sam")
    assert world.state(number) == "waiting"
    pushed = world.forge.push(POLICY, "main", {"roster.yaml": PROMOTED}, "Tidy", by="jo", rules=False)
    world.settled()
    world.service.until(lambda: "pushed past the gate by jo" in fault(world), "nobody said so")
    assert world.service.metric("signoff_rules_broken") == 1
    assert not requests.get(f"{world.service.url}/readyz", timeout=10).ok
    world.forge.approve(world.repository, number, "jo")
    assert world.state(number) == "waiting"
    world.forge.push(POLICY, "main", {"roster.yaml": ROSTER}, "Tidy back", by="jo", rules=False)
    world.settled()
    world.service.until(lambda: fault(world) == "", "the revert was not seen")
    assert world.state(number) == "waiting"
    assert [(entry["commit"], entry["by"]) for entry in ledger(world, "policy_push")] == [(pushed, PEOPLE["jo"])]
    assert ledger(world, "policy_in_force") == []
    assert world.service.metric("signoff_rules_broken") == 0


def test_a_push_that_was_taken_back_before_anybody_looked_is_on_the_record_too(world: World) -> None:
    unprotect(world)
    world.service.stop()
    before = world.forge.api("GET", f"/repos/{POLICY}/commits/main", "ada")["sha"]
    pushed = world.forge.push(POLICY, "main", {"roster.yaml": PROMOTED}, "Tidy", by="jo", rules=False)
    world.forge.force_push(POLICY, "main", before, by="ada")
    world.forge.push(POLICY, "main", {"README.md": "x\n"}, "Words", by="sam", rules=False)
    world.service.start()
    world.service.until(lambda: bool(ledger(world, "policy_push")), "the push is not on the record")
    assert [(entry["commit"], entry["by"]) for entry in ledger(world, "policy_push")] == [(pushed, PEOPLE["jo"])]
    assert fault(world) == ""


def test_an_allowed_change_on_top_of_a_push_does_not_take_the_push_along(world: World) -> None:
    world.forge.push(POLICY, "main", {"roster.yaml": PROMOTED}, "Tidy", by="jo", rules=False)
    world.settled()
    landed(world, proposed(world, {"rules.yaml": RULES.replace("approvals: 2", "approvals: 3")}))
    world.service.until(lambda: "no allowed change brought" in fault(world), "nobody said so")
    number = world.opened("sam", branch="late")
    world.settled()
    world.forge.approve(world.repository, number, "jo")
    assert world.state(number) == "waiting"
    assert ledger(world, "policy_in_force") == []


def test_a_commit_that_an_allowed_change_took_back_itself_cannot_be_put_in_force(world: World) -> None:
    """Its commits landed, but nobody allowed what stood in between."""
    number = proposed(world, {"roster.yaml": PROMOTED, "README.md": "a\n"})
    middle = world.forge.head(POLICY, number)
    world.forge.push(POLICY, "edit", {"roster.yaml": ROSTER}, "Never mind", by="jo")
    assert in_policy(world).state(number) == "success"
    assert world.forge.merge(POLICY, number, "ada")["merged"]
    world.settled()
    unprotect(world)
    world.forge.force_push(POLICY, "main", middle, by="jo")
    world.settled()
    world.service.until(lambda: fault(world) != "", "nobody said so")
    assert ledger(world, "policy_in_force") == []


def test_a_merge_commit_of_ones_own_making_is_no_merge_of_the_change(world: World) -> None:
    number = proposed(world, {"README.md": "harmless\n"})
    assert in_policy(world).state(number) == "success"
    head = world.forge.head(POLICY, number)
    evil = {"roster.yaml": PROMOTED, "README.md": "harmless\n"}
    world.forge.push(POLICY, "main", evil, "Merge", by="jo", merge=head, rules=False)
    world.settled()
    world.service.until(lambda: fault(world) != "", "nobody said so")
    assert ledger(world, "policy_in_force") == []


def test_a_change_merged_while_blocked_does_not_take_force(world: World) -> None:
    number = proposed(world, {"roster.yaml": PROMOTED})
    assert in_policy(world).state(number) == "waiting"
    head = world.forge.head(POLICY, number)
    world.forge.push(POLICY, "main", {}, "Merge it", by="ada", merge=head, rules=False)
    world.settled()
    world.service.until(lambda: fault(world) != "", "nobody said so")
    assert ledger(world, "policy_in_force") == []


def test_a_change_of_a_roster_file_in_the_folder_is_the_gates_own_matter(world: World) -> None:
    """Nobody's entry takes force by a change that no rule asks a signature for."""
    number = proposed(world, {"roster/jo.yaml": "version: 1\npeople: []\n"})
    shown = in_policy(world).shown(number)
    assert shown["state"] == "waiting"
    assert "the gate itself" in shown["summary"]


def test_a_broken_version_leaves_the_last_good_one_in_force_also_after_a_restart(world: World) -> None:
    number = proposed(world, {"rules.yaml": RULES.replace("mode: enforce", "mode: sometimes")})
    world.forge.approve(POLICY, number, "ada")
    shown = in_policy(world).shown(number)
    assert shown["state"] == "waiting", "a broken version must not pass"
    assert "Mend the proposed rules and roster (1 fault) first" in shown["title"]
    assert "rules.yaml:" in shown["summary"]
    world.forge.push(POLICY, "main", {}, "Merge it", by="ada", merge=world.forge.head(POLICY, number), rules=False)
    world.settled()
    world.service.until(lambda: "is broken" in fault(world), "nobody said so")
    assert grace_counts(world)
    world.service.stop()
    world.forge.fault("status", operation="SignoffFiles", status=502, times=None)
    world.service.start()
    assert grace_counts(world)
    assert world.service.metric("signoff_rules_broken") == 1


def test_without_any_version_every_check_stays_open_and_the_service_says_so(forge: Sandbox, tmp_path: Path) -> None:
    with policed(forge, tmp_path, {}) as world:
        number = world.opened("grace", "Plain")
        assert world.state(number) == "waiting"
        assert "no version of github:acme/policy" in fault(world)
        world.forge.repo(POLICY, FILES, collaborators={"ada": "admin"}, private=False)
        world.service.until(lambda: world.state(number) == "success", "the first version was not taken")


def test_another_repository_of_the_same_name_is_refused(world: World) -> None:
    world.forge.repo_action(POLICY, "rename", "ada", to="old-policy")
    world.forge.repo(POLICY, FILES | {"roster.yaml": PROMOTED}, collaborators={"jo": "admin"}, private=False)
    world.service.until(lambda: "is another repository now" in fault(world), "nobody said so")
    assert grace_counts(world)
    assert ledger(world, "policy_in_force") == []


def test_a_change_that_edits_the_rules_is_judged_by_those_in_force_and_told_what_it_would_make(world: World) -> None:
    """Scenario 30: rules that would ask for nothing are asked about by the rules there are."""
    files = {
        "rules.yaml": RULES.replace("approvals: 1, tier: staff", "approvals: 1, tier: junior"),
        "roster.yaml": PROMOTED,
    }
    number = proposed(world, files)
    shown = in_policy(world).shown(number)
    assert shown["state"] == "waiting"
    assert "governance" in shown["summary"]
    assert "### The proposed rules and roster\n\nIt can be used." in shown["summary"]
    world.forge.approve(POLICY, number, "sam")
    assert in_policy(world).state(number) == "waiting"


@pytest.mark.parametrize("path", [".github/workflows/signoff.yml", "rules.yaml", ".github/CODEOWNERS"])
def test_what_the_gate_rests_on_is_governance_in_every_repository(world: World, path: str) -> None:
    """Scenario 30, the bot's workflow file and the others, where no policy is kept."""
    world.forge.requests(reset=True)
    number = world.opened("jo", "Plain", files={path: "x: 1\n"})
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "governance" in shown["summary"]
    assert "The proposed" not in shown["summary"]
    world.forge.approve(world.repository, number, "ada")
    assert world.state(number) == "success"


def test_a_proposed_file_of_the_repositorys_own_is_validated_on_its_check(world: World) -> None:
    wrong = (
        "requirements:\n  - name: more\n    when: {zones: nowhere}\n    need: {approvals: 1, tier: senior}\nmode: off\n"
    )
    number = world.opened("jo", "Plain", files={".signoff.yaml": wrong})
    world.forge.approve(world.repository, number, "ada")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "Mend the proposed .signoff.yaml (2 faults) first" in shown["title"]
    assert ".signoff.yaml:5:1" in shown["summary"]
    world.forge.push(world.repository, "retry", {".signoff.yaml": "zones: {money: {paths: src}}\n"}, "Mend", by="jo")
    world.settled()
    world.forge.approve(world.repository, number, "ada")
    shown = world.shown(number)
    assert shown["state"] == "success"
    assert "The proposed .signoff.yaml" in shown["summary"]
