"""`signoff doctor`: the grade of each gate with its proof, and what is wrong beside it."""

import json
from pathlib import Path
from typing import Any

from tests.stories.world import World


def examined(world: World, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the report about the story's repository."""
    told = world.service.command("doctor", world.repository, "--json", *arguments)
    assert told.stdout.isascii(), told.stderr
    return told.returncode, json.loads(told.stdout)


def grade(report: dict[str, Any]) -> tuple[str, list[str]]:
    """The grade of the one repository, and the levels of its facts."""
    (found,) = report["repositories"]
    return found["grade"], [fact["level"] for fact in found["facts"]]


def found(report: dict[str, Any], area: str) -> str:
    """Everything in an area that is not fine, as text."""
    return " ".join(
        f"{each['text']} {each['repair']}"
        for each in report["checks"]
        if each["area"] == area and each["level"] != "fine"
    )


def test_each_grade_is_told_with_what_proves_it_and_who_may_bypass(world: World, tmp_path: Path) -> None:
    """Scenario 33 among them: a check that is not pinned counts from anybody."""
    admin = tmp_path / "token"
    admin.write_text("sandbox-user-ada\n")
    code, report = examined(world, "--redeliver")  # what was announced before the service listened
    left = "Open findings of the watch" in found(report, "service")  # by other stories, in other repositories
    assert (code, grade(report)) == (1 if left else 3, ("tamper-evident", ["fine", "unknown"])), report["checks"]
    code, report = examined(world, "--admin-token-file", str(admin))
    assert grade(report) == ("enforced", ["fine", "fine"])
    assert code == (1 if left else 0), report["checks"]
    path = f"/repos/{world.repository}/rulesets"
    (ruleset,) = world.forge.api("GET", path, "ada")
    bypass = [{"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}]
    world.forge.api("PUT", f"{path}/{ruleset['id']}", "ada", {"bypass_actors": bypass})
    code, report = examined(world, "--admin-token-file", str(admin))
    assert (code, grade(report)) == (1, ("tamper-evident", ["fine", "weak"]))
    assert "its administrators may bypass" in report["repositories"][0]["facts"][1]["text"]
    world.forge.api("DELETE", f"{path}/{ruleset['id']}", "ada")
    code, report = examined(world)
    assert (code, grade(report)) == (1, ("advisory", ["open"]))
    world.forge.require_check(world.repository, "ada", None)
    assert grade(examined(world)[1])[1][0] == "open"
    table = world.service.command("doctor", world.repository)
    assert table.returncode == 1
    assert "tamper-evident" in table.stdout


def test_the_bots_standing_is_examined_and_lost_deliveries_are_sent_again(own: World) -> None:
    """Scenario 48: what will fail is said in time; what was lost comes back."""
    own.forge.rename_user("linus", "linus2")
    own.edit_file("roster.yaml", "id: 1001", "id: 1003")
    own.forge.installation("permit", permissions={"metadata": "read", "checks": "read"})
    own.service.stop()
    number = own.opened("jo")
    own.forge.wait_deliveries()
    own.forge.advance(90)
    code, report = examined(own)
    assert code == 1
    assert "seconds behind GitHub's" in found(report, "github")
    assert "nobody has this login" in found(report, "roster")
    assert "changed hands" in found(report, "roster")
    assert "lacks the permission checks: write" in found(report, "github")
    assert "never arrived" in found(report, "webhook")
    own.forge.installation("permit", permissions=dict.fromkeys(PERMITTED, "write"))
    own.service.start()
    own.settled()
    _, report = examined(own, "--redeliver")
    assert report["redelivered"] > 0
    own.settled()
    assert examined(own, "--redeliver")[1]["redelivered"] == 0
    own.service.until(lambda: own.state(number) == "waiting", "it was not evaluated")


def test_secrets_keys_and_tokens_are_renewed_without_a_gap_and_what_is_refused_is_said(own: World) -> None:
    """Scenario 48: two webhook secrets while one replaces the other, a token that expired, a key that was replaced."""
    old = own.service.environment["SIGNOFF_GITHUB_WEBHOOK_SECRET"]
    renewed = {"SIGNOFF_GITHUB_WEBHOOK_SECRET": "a-new-webhook-secret", "SIGNOFF_GITHUB_WEBHOOK_SECRET_PREVIOUS": old}
    own.service.stop()
    own.service.environment |= renewed
    own.service.start()
    number = own.opened("jo")
    assert own.state(number) == "waiting", "the previous secret is believed still"
    own.forge.configure_app(webhook_secret="a-new-webhook-secret")
    own.forge.advance(2 * 3600)
    own.forge.approve(own.repository, number, "grace")
    own.service.until(lambda: own.state(number) == "success", "a token that is refused was not replaced")
    own.forge.configure_app(webhook_secret=old)
    own.service.stop()
    del own.service.environment["SIGNOFF_GITHUB_WEBHOOK_SECRET_PREVIOUS"]
    own.service.start()
    own.forge.label(own.repository, number, "jo", "documentation")
    own.forge.wait_deliveries()
    assert own.service.labelled('signoff_deliveries_total{forge="github",outcome="refused"}') >= 1
    code, report = examined(own)
    assert code == 1
    assert "never arrived" in found(report, "webhook")
    assert "401" in found(report, "webhook")
    own.forge.configure_app(new_key=True)
    code, report = examined(own)
    assert code == 1
    assert "GitHub does not take the App's word" in found(report, "github")
    assert "SIGNOFF_GITHUB_APP_ID" in found(report, "github")


PERMITTED = ("metadata", "checks", "contents", "issues", "members", "merge_queues", "pull_requests", "statuses")
