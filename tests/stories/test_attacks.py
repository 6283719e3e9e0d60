"""Ways round the gate that were tried, and must not work again: one trick of somebody with write access each."""

import re
from typing import Any

import pytest

from tests.stories.test_queue import queued
from tests.stories.world import TRAILER, World

EVIL = {"src/pay.py": "def pay():\n    steal()\n"}
AGENTS = {"src/new.py": "print('made by an agent')\n"}
COPILOT = "copilot-swe-agent[bot]"
RELEASES = ('guarded_branches: ["@default"]', 'guarded_branches: ["@default", "release/**"]')


def signed(world: World, number: int, by: str = "grace") -> None:
    """Somebody senior approves, and it passes."""
    world.settled()
    world.forge.approve(world.repository, number, by)
    assert world.state(number) == "success"


def at(world: World, branch: str, sha: str) -> int:
    """A change of Jo's from a branch that stands on a commit."""
    world.forge.push(world.repository, branch, {f"{branch}.txt": "b\n"}, "tmp", by="jo")
    world.forge.force_push(world.repository, branch, sha, by="jo")
    return int(world.forge.open_change(world.repository, "jo", branch, "Again")["number"])


def on_base(world: World, base: str, **more: Any) -> int:
    """A small AI change of Jo's into a branch that holds a large one."""
    world.forge.push(world.repository, base, EVIL, f"Big\n\n{TRAILER}", by="jo")
    files, message = {"small.txt": "s\n"}, f"Small\n\n{TRAILER}"
    return int(world.forge.change(world.repository, "jo", "topic", files, message, base=base, **more)["number"])


def test_a_commit_that_a_later_one_took_back_did_not_land_by_itself(world: World) -> None:
    number = world.opened("jo", files=EVIL, message=f"Evil\n\n{TRAILER}")
    evil = world.forge.head(world.repository, number)
    undone = {"src/pay.py": "def pay():\n    return 2\n"}
    world.forge.push(world.repository, "retry", undone, f"Undo\n\n{TRAILER}", by="jo")
    signed(world, number)
    assert world.forge.merge(world.repository, number, "jo", method="squash")["merged"]
    world.settled()
    assert world.state(at(world, "again", evil)) == "waiting"


def test_a_merge_made_by_hand_lands_nothing(world: World) -> None:
    trivial = world.forge.change(world.repository, "jo", "trivial", {"doc.txt": "x\n"}, "Plain")["number"]
    assert world.state(trivial) == "success"
    head = world.forge.head(world.repository, trivial)
    main = world.forge.pull(world.repository, trivial)["base"]["sha"]
    world.forge.push(world.repository, "side", {"z.txt": "z\n"}, "tmp", by="jo", base="main")
    world.forge.force_push(world.repository, "side", main, by="jo")
    world.settled()
    world.forge.pause_deliveries()
    world.forge.edit(world.repository, trivial, "jo", base="side")
    files = {"doc.txt": "x\n"} | EVIL
    world.forge.push(world.repository, "side", files, f"Merge\n\n{TRAILER}", by="jo", parents=[main, head])
    world.forge.resume_deliveries()
    world.settled()
    assert world.state(world.forge.open_change(world.repository, "jo", "side", "Side")["number"]) == "waiting"


def test_an_approval_of_a_small_diff_is_not_carried_to_a_large_one_past_a_merge_commit(world: World) -> None:
    number = on_base(world, "side")
    world.forge.push(world.repository, "main", {"m.txt": "m\n"}, "main moves", by="ada", rules=False)
    world.forge.push(world.repository, "topic", None, "Merge branch 'main' into topic", by="jo", merge="main")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    world.settled()
    world.forge.edit(world.repository, number, "jo", base="main")
    assert world.state(number) == "waiting"
    world.forge.amend(world.repository, "topic", "Merge branch 'main' into topic, again", by="jo")
    assert world.state(number) == "waiting"


def test_an_approval_of_a_head_that_nobody_had_read_is_not_carried_past_a_retarget(world: World) -> None:
    world.settled()
    world.forge.pause_deliveries()
    number = on_base(world, "side")
    world.forge.approve(world.repository, number, "grace")
    world.forge.edit(world.repository, number, "jo", base="main")
    world.forge.amend(world.repository, "topic", f"Small thing\n\n{TRAILER}", by="jo")
    world.forge.resume_deliveries()
    assert world.state(number) == "waiting"


def test_an_approval_is_not_carried_past_a_merge_of_six_parents_that_hides_a_file(world: World) -> None:
    number = world.opened("jo", files={"a.txt": "a\n"}, message=f"A\n\n{TRAILER}", branch="topic")
    heads = [world.forge.head(world.repository, number)]
    heads += [world.forge.push(world.repository, "topic", {"a.txt": f"{n}\n"}, f"A{n}", by="jo") for n in range(4)]
    signed(world, number)
    fixed = {"src/pay.py": "def pay():\n    return 'fixed'\n"}
    main = world.forge.push(world.repository, "main", fixed, "Fix", by="ada", rules=False)
    broken = {"src/pay.py": "def pay():\n    return 1\n"}
    parents = [*reversed(heads), main]
    world.forge.push(world.repository, "topic", broken, f"Octopus\n\n{TRAILER}", by="jo", parents=parents)
    assert world.state(number) == "waiting"


def test_an_override_is_for_the_base_it_was_said_for(world: World) -> None:
    world.edit_file("rules.yaml", *RELEASES)
    number = on_base(world, "release/1")
    world.settled()
    world.forge.comment(world.repository, number, "ada", "/signoff override customers cannot pay, hotfix on release 1")
    assert world.state(number) == "success"
    world.forge.edit(world.repository, number, "jo", base="main")
    assert world.state(number) == "waiting"


def test_a_base_that_was_forced_back_under_an_approved_head_takes_the_approval_away(world: World) -> None:
    world.edit_file("rules.yaml", *RELEASES)
    number = on_base(world, "release/1")
    signed(world, number)
    main = world.forge.api("GET", f"/repos/{world.repository}/branches/main", "ada")["commit"]["sha"]
    world.forge.force_push(world.repository, "release/1", main, by="jo")
    world.settled()
    world.forge.label(world.repository, number, "jo", "anything")
    assert world.state(number) == "waiting"


def test_no_success_stays_on_the_head_of_a_squashed_change(world: World) -> None:
    """Scenario 65, for a merged one: the same head would pass again after a revert."""
    number = world.opened("jo")
    signed(world, number)
    head = world.forge.head(world.repository, number)
    assert world.forge.merge(world.repository, number, "jo", method="squash")["merged"]
    world.settled()
    assert world.on_commit(head)["state"] == "waiting"


def test_a_label_taken_off_before_the_bot_read_still_counts(world: World) -> None:
    """Scenario 2."""
    world.forge.pause_deliveries()
    number = world.opened("jo", "Plain")
    world.forge.label(world.repository, number, "sam", "ai-assisted")
    world.forge.unlabel(world.repository, number, "jo", "ai-assisted")
    world.forge.resume_deliveries()
    assert world.state(number) == "waiting"


def test_a_groups_success_goes_when_one_of_its_changes_is_objected_to(world: World) -> None:
    """Scenario 46."""
    queued(world)
    number = world.opened("jo")
    signed(world, number)
    group = world.forge.enqueue(world.repository, number, "jo")
    world.settled()
    assert world.on_commit(group["head_sha"])["state"] == "success"
    world.forge.review(world.repository, number, "grace", "REQUEST_CHANGES")
    world.settled()
    assert world.on_commit(group["head_sha"])["state"] == "failure"


def test_decoys_do_not_hide_where_content_comes_from(world: World) -> None:
    """Scenario 51: many other AI changes of the same file."""
    world.opened("jo", files=AGENTS, message=f"Agent\n\n{TRAILER}", branch="bad")
    for index in range(7):
        world.opened("jo", files={"src/new.py": f"{index}\n"}, message=f"D\n\n{TRAILER}", branch=f"d{index}")
    world.settled()
    assert world.state(world.opened("jo", files=AGENTS, message="Mine", branch="mine")) == "waiting"


def test_a_landed_trailer_in_the_branch_does_not_hide_where_content_comes_from(world: World) -> None:
    """Scenario 51."""
    world.opened("jo", files=AGENTS, message=f"Agent\n\n{TRAILER}", branch="bad")
    docs = world.opened("jo", files={"doc.txt": "fine\n"}, message=f"Docs\n\n{TRAILER}", branch="docs")
    signed(world, docs)
    assert world.forge.merge(world.repository, docs, "jo")["merged"]
    world.settled()
    world.forge.push(world.repository, "docs", AGENTS, "Mine", by="jo")
    number = world.forge.open_change(world.repository, "jo", "docs", "Mine")["number"]
    assert world.state(number) == "waiting"


def test_a_cleared_finding_does_not_hide_where_content_comes_from(world: World) -> None:
    """Scenarios 51 and 66."""
    world.opened("jo", files=AGENTS, message=f"Agent\n\n{TRAILER}", branch="bad")
    number = world.opened("jo", files={"doc.txt": "x\n"}, message="Mine", branch="mine")
    world.forge.label(world.repository, number, "jo", "ai-assisted")
    key = re.findall(r"\(`([0-9a-f]{8})", world.shown(number)["summary"])[0]
    world.forge.comment(world.repository, number, "grace", f"/signoff clear {key} the label was a slip, I looked")
    assert world.state(number) == "success"
    world.forge.push(world.repository, "mine", AGENTS, "More", by="jo")
    assert world.state(number) == "waiting"


def test_an_answer_that_cannot_be_given_keeps_no_success_standing(world: World) -> None:
    number = world.opened("jo")
    signed(world, number)
    world.forge.fault("status", method="POST", path="/issues/1/comments", status=403, skip=1, times=5)
    world.forge.pause_deliveries()
    world.forge.review(world.repository, number, "grace", "REQUEST_CHANGES")
    world.forge.comment(world.repository, number, "jo", "/signoff please")
    world.forge.resume_deliveries()
    assert world.state(number) == "failure"


def test_a_workflow_that_pushes_into_a_seniors_change_is_somebody_unknown(world: World) -> None:
    """Scenarios 52 and 53."""
    world.forge.collaborator(world.repository, "github-actions[bot]", "push", "ada")
    number = world.opened("grace", branch="tidy")
    assert world.state(number) == "success"
    grace = {"name": "Grace", "email": "grace@example.com"}
    by = "github-actions[bot]"
    world.forge.push(world.repository, "tidy", EVIL, "More", by=by, author=grace, committer=grace)
    assert world.state(number) == "waiting"


@pytest.mark.parametrize("who", ["grace", "jo"])
def test_whoever_set_an_agent_to_work_signs_it_not_even_with_their_name_amended_away(world: World, who: str) -> None:
    """Scenario 12: what the agent's former commit said stays said, whoever amends it, with every file as it was."""
    world.forge.collaborator(world.repository, COPILOT, "push", "ada")
    git = {"name": COPILOT, "email": "198982749+Copilot@users.noreply.github.com"}
    message = "Fix\n\nCo-authored-by: grace <1001+grace@users.noreply.github.com>"
    world.forge.push(world.repository, "copilot/fix", EVIL, message, by=COPILOT, author=git, committer=git)
    number = int(world.forge.open_change(world.repository, COPILOT, "copilot/fix", "Fix")["number"])
    world.settled()
    world.forge.amend(world.repository, "copilot/fix", "Fix", by=who, author=git, committer=git)
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "waiting"
    signed(world, number, "linus")


@pytest.mark.parametrize("who", ["grace", "jo"])
def test_a_juniors_name_cannot_be_amended_out_of_a_seniors_change(world: World, who: str) -> None:
    """Scenario 11: whoever amends it, with every file as it was. Linus, who had no part, signs."""
    jo, grace = ({"name": name, "email": f"{name}@example.com"} for name in ("jo", "grace"))
    message = f"Fix\n\n{TRAILER}"
    world.forge.push(world.repository, "fix", EVIL, message, by="grace", author=jo, committer=jo)
    number = int(world.forge.open_change(world.repository, "grace", "fix", "Fix")["number"])
    assert world.state(number) == "waiting"
    world.forge.amend(world.repository, "fix", message, by=who, author=grace, committer=grace)
    assert world.state(number) == "waiting"
    signed(world, number, "linus")


def test_a_name_that_nobody_read_before_it_was_amended_away_is_found_too(world: World) -> None:
    """The head that was left is read; from a fork, whose pushes nobody reports."""
    fork = world.forge.fork(world.repository, "jo")["full_name"]
    jo, grace = ({"name": name, "email": f"{name}@example.com"} for name in ("jo", "grace"))
    world.forge.push(fork, "fix", EVIL, f"Fix\n\n{TRAILER}", by="jo", author=jo, committer=jo)
    world.settled()
    world.forge.pause_deliveries()
    number = int(world.forge.open_change(world.repository, "grace", "jo:fix", "Fix")["number"])
    world.forge.amend(fork, "fix", f"Fix\n\n{TRAILER}", by="jo", author=grace, committer=grace)
    world.forge.resume_deliveries()
    assert world.state(number) == "waiting"


def test_what_a_stranger_says_stops_nothing(world: World) -> None:
    """A line that a careless pattern needs ages for, and a request for changes by somebody who cannot write here."""
    number = world.opened("jo")
    world.forge.comment(world.repository, number, "stranger", "/signoff recheck\n" + "-  " * 45 + "x")
    world.forge.review(world.repository, number, "stranger", "REQUEST_CHANGES")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"


def test_taking_the_roster_and_the_access_from_who_objected_silences_nobody(world: World) -> None:
    """What held the change is on record; somebody entitled dismisses it, and the check says so."""
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    review = world.forge.review(world.repository, number, "linus", "REQUEST_CHANGES")
    assert world.state(number) == "failure"
    world.edit_file("roster.yaml", "{login: linus, id: 1002}", "{login: lina, id: 1099}")
    world.forge.collaborator(world.repository, "linus", "pull", "ada")
    world.forge.comment(world.repository, number, "jo", "/signoff recheck")
    shown = world.shown(number)
    assert shown["state"] == "failure"
    assert "somebody who can sign, and did not shape the change, dismisses their review" in shown["summary"]
    world.forge.dismiss(world.repository, number, review["id"], "ada")
    assert world.state(number) == "success"


def test_a_broken_file_of_the_repositorys_own_takes_nothing_away(world: World) -> None:
    asked = (
        'version: 1\nrequirements:\n  - {name: always two, when: {paths: "**"}, need: {approvals: 2, tier: senior}}\n'
    )
    world.forge.push(world.repository, "main", {".signoff.yaml": asked}, "Rules", by="ada", rules=False)
    number = world.opened("jo", "Plain")
    assert world.state(number) == "waiting"
    broken = {".signoff.yaml": asked + "  - : [\n"}
    world.forge.push(world.repository, "main", broken, "Break", by="ada", rules=False)
    assert world.state(number) == "waiting"


def test_dates_that_a_commit_claims_are_without_effect(world: World) -> None:
    """Scenario 25: a commit dated before the approval inherits nothing, one dated far ahead can be approved."""
    number = world.opened("jo")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    for date in ("2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z"):
        jo = {"name": "Jo", "email": "jo@example.com", "date": date}
        files = {"src/pay.py": f"def pay():\n    return {date!r}\n"}
        world.forge.push(world.repository, "retry", files, f"Retry\n\n{TRAILER}", by="jo", author=jo, committer=jo)
        assert world.state(number) == "waiting"
        world.forge.approve(world.repository, number, "grace")
        assert world.state(number) == "success"
