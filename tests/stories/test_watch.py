"""The watch: what passed the gate is found, recorded, told once, and listed until somebody closes it with a reason."""

import json
from dataclasses import replace
from typing import Any

from tests.stories.world import TRAILER, World


def findings(world: World, kind: str, *arguments: str) -> list[dict[str, Any]]:
    """The open findings of a kind in the story's repository."""
    told = world.service.command("watch", "list", "--json", *arguments)
    assert told.returncode in {0, 1}, told.stderr
    listed = json.loads(told.stdout)["findings"]
    return [each for each in listed if each["kind"] == kind and each["where"].startswith(world.repository)]


def recorded(world: World, kind: str) -> list[dict[str, Any]]:
    """What the ledger has of findings of a kind in the story's repository."""
    id_ = world.forge.api("GET", f"/repos/{world.repository}", "ada")["id"]
    entries = [json.loads(line) for line in world.service.command("ledger", "export").stdout.splitlines()]
    bodies = [entry["body"] for entry in entries if entry["kind"] == "finding"]
    return [body for body in bodies if (body["kind"], body["repository"]) == (kind, id_)]


def told(world: World, number: int, words: str) -> int:
    """How many comments of the bot on a change hold some words."""
    said = world.forge.comments(world.repository, number)
    return sum(words in entry["body"] for entry in said if entry["user"]["type"] == "Bot")


def bypassed(world: World) -> None:
    """Let administrators of the repository bypass the ruleset that requires the check."""
    (ruleset,) = world.forge.api("GET", f"/repos/{world.repository}/rulesets", "ada")
    admins = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    body = {"bypass_actors": [admins]}
    world.forge.api("PUT", f"/repos/{world.repository}/rulesets/{ruleset['id']}", "ada", body)


def test_a_change_merged_while_it_waits_is_found_told_once_and_closed_by_somebody_else(world: World) -> None:
    """Scenario 45: an administrator on the bypass list merges."""
    bypassed(world)
    number = world.opened("jo")
    assert world.state(number) == "waiting"
    assert world.merges(number, "ada")
    world.settled()
    (found,) = findings(world, "merged-unsigned")
    assert found["facts"]["merged_by"] == 1009
    assert found["facts"]["away"] == []
    world.forge.label(world.repository, number, "jo", "no-ai")
    world.settled()
    assert told(world, number, "Merged without sign-off") == 1
    assert findings(world, "direct-push") == []
    close = ("watch", "close", str(found["id"]), "--reason", "looked at it together", "--by")
    assert world.service.command(*close, "github:ada").returncode == 2
    assert world.service.command(*close, "github:jo").returncode == 2
    assert world.service.command(*close, "github:grace").returncode == 0
    assert world.service.command(*close, "github:grace").returncode == 1
    assert findings(world, "merged-unsigned") == []
    exported = [json.loads(line) for line in world.service.command("ledger", "export").stdout.splitlines()]
    kinds = [entry["kind"] for entry in exported if entry["body"].get("finding") == found["id"]]
    assert kinds == ["finding-closed"]
    assert [body["merged_by"] for body in recorded(world, "merged-unsigned")] == [1009]


def test_ai_commits_pushed_straight_to_a_guarded_branch_are_found_and_what_was_merged_is_not(world: World) -> None:
    """Scenario 45: a push past the ruleset. A squash merge of an allowed change is no such push."""
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    assert world.forge.merge(world.repository, number, "jo", "squash")["merged"]
    world.settled()
    assert findings(world, "direct-push") == []
    world.forge.push(world.repository, "main", {"a.py": "a = 1\n"}, "By hand", by="ada", rules=False)
    world.settled()
    assert findings(world, "direct-push") == []
    sha = world.forge.push(world.repository, "main", {"b.py": "b = 1\n"}, f"Quick\n\n{TRAILER}", by="jo", rules=False)
    world.settled()
    (found,) = findings(world, "direct-push")
    assert (found["sha"], found["facts"]["commits"], found["facts"]["by"]) == (sha, [sha], 101)
    assert world.on_commit(sha)["state"] == "failure"
    assert [body["commits"] for body in recorded(world, "direct-push")] == [[sha]]
    assert findings(world, "merged-unsigned") == []


def test_evidence_that_arrives_after_the_merge_is_a_finding(world: World) -> None:
    """Scenario 64: the label comes once nothing can be held back any more."""
    number = world.opened("jo", "Add retry")
    assert world.state(number) == "success"
    assert world.forge.merge(world.repository, number, "jo")["merged"]
    world.settled()
    world.forge.label(world.repository, number, "sam", "ai-assisted")
    world.settled()
    (found,) = findings(world, "evidence-after-merge")
    assert found["facts"]["open"] == ["senior sign-off"]
    assert told(world, number, "Evidence of AI after the merge") == 1
    number = world.opened("sam", "Add more", branch="more", files={"more.py": "m = 1\n"})
    assert world.state(number) == "success"
    assert world.forge.merge(world.repository, number, "sam")["merged"]
    world.settled()
    world.forge.edit(world.repository, number, "sam", body=f"As told: {TRAILER}\n\n{TRAILER}\n")
    world.settled()
    assert [each["where"] for each in findings(world, "evidence-after-merge")][1:] == [f"{world.repository}#{number}"]
    assert len(recorded(world, "evidence-after-merge")) == 2


def test_a_status_of_our_name_is_found_and_lets_nothing_merge(world: World) -> None:
    """Scenario 33."""
    number = world.opened("jo")
    world.settled()
    world.forge.status(world.repository, world.forge.head(world.repository, number), "jo", "senior-signoff")
    world.settled()
    (found,) = findings(world, "forged")
    assert (found["facts"]["by"], found["facts"]["state"]) == (101, "passed")
    assert not world.merges(number, "jo")
    assert told(world, number, "not ours") == 1


def test_a_required_check_that_is_taken_away_or_not_pinned_is_found(own: World) -> None:
    """Scenarios 33, 45: by the sweep, since an App without that permission hears of no change of a ruleset. Then any
    App's check counts, and is found; pinned, it does not, and nothing is asked.
    """
    own.service.stop()
    own.service.environment |= {"SIGNOFF_SWEEP_SECONDS": "5", "SIGNOFF_WATCH_SECONDS": "5"}
    own.service.start()
    graded = 'signoff_repositories{grade="%s"}'
    own.service.until(lambda: own.service.labelled(graded % "tamper-evident") == 1, "it was not graded")
    assert findings(own, "enforcement") == []
    (ruleset,) = own.forge.api("GET", f"/repos/{own.repository}/rulesets", "ada")
    own.forge.api("DELETE", f"/repos/{own.repository}/rulesets/{ruleset['id']}", "ada")
    own.service.until(lambda: own.service.labelled(graded % "advisory") == 1, "it was not noticed")
    (gone,) = findings(own, "enforcement")
    assert "nothing requires the check" in gone["text"]
    assert [body["grade"] for body in recorded(own, "enforcement")] == ["advisory"]
    own.forge.require_check(own.repository, "ada", None)
    own.service.until(lambda: len(findings(own, "enforcement")) == 2, "the missing pin was not noticed")
    number = own.opened("jo")
    assert own.state(number) == "waiting"
    own.forge.app("helper")
    passing = {"status": "completed", "conclusion": "success"}
    own.forge.check(own.repository, own.forge.head(own.repository, number), "app:helper", **passing)
    own.service.until(lambda: len(findings(own, "forged")) == 1, "the other App's check was not noticed")
    (found,) = findings(own, "forged")
    assert (found["facts"]["app"], found["facts"]["state"]) == ("helper", "passed")
    doctor = own.service.command("doctor", own.repository, "--json")
    assert doctor.returncode == 1
    assert "a check senior-signoff of the App helper (passed)" in doctor.stdout
    (ruleset,) = own.forge.api("GET", f"/repos/{own.repository}/rulesets", "ada")
    own.forge.api("DELETE", f"/repos/{own.repository}/rulesets/{ruleset['id']}", "ada")
    own.forge.require_check(own.repository, "ada", own.app["id"])
    own.service.until(lambda: own.service.labelled(graded % "tamper-evident") == 1, "it was not mended")
    own.forge.requests(reset=True)
    assert "of the App helper" not in own.service.command("doctor", own.repository, "--json").stdout
    assert "SignoffStrangers" not in {each["operation"] for each in own.forge.requests()}, "pinned, it does not count"


def test_what_happened_while_the_bot_was_down_is_found_with_the_window(own: World) -> None:
    """Scenario 44: an open one is decided, merged ones are recorded, pushes too, and that nobody was looking."""
    bypassed(own)
    waiting = own.opened("jo")
    still_open = own.opened("jo", branch="other")
    own.settled()
    signed = own.opened("jo", branch="signed", files={"signed.py": "s = 1\n"})
    own.forge.approve(own.repository, signed, "grace")
    assert own.state(signed) == "success"
    own.service.until(lambda: own.service.labelled('signoff_repositories{grade="tamper-evident"}') == 1, "no round")
    own.service.stop()
    own.forge.review(own.repository, signed, "linus", "REQUEST_CHANGES")
    assert own.forge.merge(own.repository, signed, "jo")["merged"]
    assert own.forge.merge(own.repository, waiting, "ada")["merged"]
    new = own.opened("jo", branch="quick", files={"quick.py": f"{TRAILER!r}\n"})
    assert own.forge.merge(own.repository, new, "ada")["merged"]
    plain = own.opened("sam", "Plain", branch="plain", files={"plain.txt": "1\n"})
    assert own.forge.merge(own.repository, plain, "ada")["merged"]
    sha = own.forge.push(own.repository, "main", {"b.py": "b = 1\n"}, f"Quick\n\n{TRAILER}", by="jo", rules=False)
    own.forge.wait_deliveries()
    own.service.start()
    own.service.until(lambda: len(findings(own, "merged-unsigned")) == 3, "the merges were not found")
    own.service.until(lambda: len(findings(own, "direct-push")) == 1, "the push was not found")
    merged = {each["change"].rpartition("/")[2]: each["facts"] for each in findings(own, "merged-unsigned")}
    assert set(merged) == {str(waiting), str(new), str(signed)}, "an objection that nobody had looked at yet"
    assert all(len(facts["away"]) == 1 for facts in merged.values())
    assert merged[str(new)]["verdict"] == "unseen"
    assert findings(own, "direct-push")[0]["facts"]["commits"] == [sha]
    assert own.state(still_open) == "waiting"


def test_a_repository_renamed_out_of_the_rules_for_a_merge_and_back_is_found(world: World) -> None:
    """An administrator chooses names and the default branch: what is merged meanwhile is judged as before, also what
    was never looked at under the former name, and where the rules do not cover the new one at all.
    """
    number, other = world.opened("jo"), world.opened("jo", branch="other", files={"o.py": "o = 1\n"})
    world.settled()
    world.edit_file("rules.yaml", "repositories: []", 'repositories: [{match: "acme/*-away", mode: "off"}]')
    world.settled()
    name = f"{world.repository}-away"
    world.forge.repo_action(world.repository, "rename", by="ada", to=name.partition("/")[2])
    away = replace(world, repository=name)
    bypassed(away)
    assert away.merges(number)
    away.settled()
    world.forge.repo_action(name, "rename", by="ada", to=world.repository.partition("/")[2])
    world.settled()
    (gate,) = findings(world, "enforcement")
    assert f"renamed from {world.repository}, which the rules enforce, to {name}" in gate["text"]
    assert [each["where"] for each in findings(world, "merged-unsigned")] == [f"{world.repository}#{number}"]

    world.forge.push(world.repository, "develop", {"d.txt": "d\n"}, "Develop", by="ada")
    world.forge.repo_action(world.repository, "default_branch", by="ada", to="develop")
    assert world.state(other) == "waiting"
    plain = world.opened("jo", "Plain", branch="plain", files={"p.txt": "p\n"})
    world.settled()
    assert world.merges(other)
    assert world.merges(plain)
    world.settled()
    world.forge.repo_action(world.repository, "default_branch", by="ada", to="main")
    world.settled()
    assert [each["text"].count("was main") for each in findings(world, "enforcement")] == [0, 1]
    found = [each["where"].partition("#")[2] for each in findings(world, "merged-unsigned")]
    assert found == [str(number), str(other)], "nobody had to sign the plain one"
