"""Rules and roster in a project of GitLab: a signed merge request brings them into force, a push does not."""

from dataclasses import replace
from pathlib import Path

from tests.stories.gitlab.conftest import staged
from tests.stories.policy import DEMOTED, FILES, POLICY, PROMOTED, ledger


def test_only_a_signed_merge_request_brings_rules_and_roster_into_force(tmp_path: Path) -> None:
    """Scenarios 30, 55: the edit is judged by what is in force; a version that was pushed never takes force."""
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
        world.forge.assert_clean()
