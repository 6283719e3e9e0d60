"""Rules and roster in a project of GitLab: a signed merge request brings them into force, a push does not."""

from dataclasses import replace
from pathlib import Path

from tests.stories.gitlab.conftest import staged
from tests.stories.gitlab.world import BOT, RULE, GitLabWorld
from tests.stories.policy import DEMOTED, FILES, POLICY, PROMOTED, ledger


def test_only_a_signed_merge_request_brings_rules_and_roster_into_force(tmp_path: Path) -> None:
    """Scenarios 30, 55: the edit is judged by what is in force, a broken one is told of; a pushed version never
    takes force. By status, then by approver.
    """
    source = {"SIGNOFF_RULES": "", "SIGNOFF_ROSTER": "", "SIGNOFF_POLICY_REPOSITORY": f"gitlab:{POLICY}"}
    with staged(tmp_path, FILES, SIGNOFF_SWEEP_SECONDS="5", **source) as stage:
        stage.service.until(lambda: bool(ledger(stage, "policy_first")), "the first version was not taken")
        world = stage.with_repository("acme/payments")
        policy = replace(world, repository=POLICY)
        edit = policy.opened("jo", "Edit", "edit", files={"roster.yaml": DEMOTED})
        assert policy.shown(edit)["state"] == "waiting"
        world.forge.approve(POLICY, edit, "ada")
        assert policy.shown(edit)["state"] == "success"
        assert policy.merges(edit)
        world.service.until(lambda: bool(ledger(world, "policy_in_force")), "the signed version did not take force")
        number = world.opened("jo")
        world.forge.approve(world.repository, number, "grace")
        assert world.shown(number)["state"] == "waiting", "grace is no senior any more"

        world.forge.push(POLICY, "main", {"roster.yaml": PROMOTED}, "Promote", by="jo", rules=False)
        world.service.until(lambda: bool(ledger(world, "policy_push")), "the push is not on the record")
        assert len(ledger(world, "policy_in_force")) == 1
        world.forge.approve(world.repository, number, "linus")
        assert world.shown(number)["state"] == "success", "the version before stays in force"

        world.forge.configure(POLICY, tier="premium", only_allow_merge_if_pipeline_succeeds=False, **RULE)
        world.forge.rule(POLICY, "ada", user_ids=[BOT], applies_to_all_protected_branches=True)
        broken = policy.opened(
            "jo", "Break", "broken", files={"roster.yaml": DEMOTED.replace("tier: mid", "tier: grand")}
        )
        shown = replace(policy, mechanism="approver").shown(broken)
        assert ", by approver" in shown["summary"]
        assert shown["state"] == "waiting"
        assert "grand" in shown["summary"], "the fault is told where it was made"
        world.forge.push(POLICY, "broken", {"roster.yaml": DEMOTED + "# again\n"}, "Mend", by="jo")
        world.settled()
        world.forge.approve(POLICY, broken, "grace")
        assert policy.shown(broken)["state"] == "waiting"
        world.forge.approve(POLICY, broken, "ada")
        assert policy.shown(broken)["state"] == "success"
        world.forge.assert_clean()


def test_the_gates_own_files_are_judged_by_what_is_in_force_whatever_they_would_say(world: GitLabWorld) -> None:
    """Scenario 30, in any project: rules that would ask for nothing and a roster that promotes their author are the
    zone governance, with or without AI, and a senior is not enough for that.
    """
    free = "version: 1\nrequirements: []\n"
    promoted = {"rules.yaml": free, "roster.yaml": PROMOTED, ".signoff.yaml": free, "CODEOWNERS": "* @jo\n"}
    number = world.opened("jo", "Plain", files=promoted)
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "governance" in shown["summary"]
    world.forge.approve(world.repository, number, "grace")
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)
    world.forge.approve(world.repository, number, "ada")
    assert world.shown(number)["state"] == "success"
