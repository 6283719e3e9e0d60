"""Hiding the AI: what was seen once is not forgotten when somebody takes it away."""

import json

from tests.stories.world import TRAILER, World

CONTENT = {"src/retry.py": "def retry():\n    return [1, 2, 3]\n", "src/pay.py": "def pay():\n    return retry()\n"}


def test_a_force_push_before_anybody_looked_hides_nothing(world: World) -> None:
    """Scenario 63: the trailers are read from the abandoned head."""
    world.forge.pause_deliveries()
    number = world.opened("jo")
    world.forge.amend(world.repository, "retry", "Add retry", by="jo")
    world.forge.resume_deliveries()
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "Claude" in shown["summary"]


def test_a_footer_edited_out_of_the_body_still_counts(world: World) -> None:
    """Scenario 2."""
    body = "Adds a retry.\n\n\U0001f916 Generated with [Claude Code](https://claude.com/claude-code)"
    number = world.opened("jo", "Add retry", body=body)
    assert world.state(number) == "waiting"
    world.forge.edit(world.repository, number, "jo", body="Adds a retry.")
    assert world.state(number) == "waiting"


def test_a_new_change_from_the_same_commits_inherits_and_says_from_where(world: World) -> None:
    """Scenario 51: another change with the commits of a closed one."""
    number = world.opened("jo", files=CONTENT)
    world.settled()
    world.forge.close(world.repository, number, "jo")
    world.settled()
    sha = world.forge.head(world.repository, number)
    world.forge.push(world.repository, "other", {"x.txt": "x\n"}, "x", by="jo")
    world.forge.force_push(world.repository, "other", sha, by="jo")
    second = world.forge.open_change(world.repository, "jo", "other", "Add retry")["number"]
    assert world.state(second) == "waiting"


def test_the_same_content_without_trailers_inherits_and_says_from_where(world: World) -> None:
    """Scenario 51: closed, and opened again from another branch with the same content and no trailers."""
    number = world.opened("jo", files=CONTENT)
    world.settled()
    world.forge.close(world.repository, number, "jo")
    second = world.opened("jo", "Add retry", branch="clean", files=CONTENT)
    shown = world.shown(second)
    assert shown["state"] == "waiting"
    assert f"#{number}" in shown["summary"]


def test_the_same_content_moved_to_another_path_inherits_too(world: World) -> None:
    """Scenario 51: a renamed file holds what it held."""
    world.opened("jo", files=CONTENT)
    world.settled()
    second = world.opened("jo", "Add retry", branch="clean", files={"lib/again.py": CONTENT["src/retry.py"]})
    assert world.state(second) == "waiting"


def test_a_single_line_elsewhere_is_nobodys_and_in_the_same_place_the_same_thing(world: World) -> None:
    """Unrelated changes share a `.gitkeep` or one line of boilerplate; whoever repeats it in its place inherits."""
    one_line = {"src/pay/__init__.py": "from .client import *\n"}
    world.opened("jo", files=one_line | {"data/.gitkeep": "\n"})
    world.settled()
    files = {"src/shop/__init__.py": one_line["src/pay/__init__.py"], "data/.gitkeep": "\n"}
    other = world.opened("sam", "Add a shop", branch="shop", files=files)
    assert world.state(other) == "success"
    again = world.opened("sam", "Add payments", branch="again", files=one_line)
    assert world.state(again) == "waiting"


def test_a_decoy_mention_does_not_keep_the_bot_from_looking_at_the_content(world: World) -> None:
    """Scenario 51, with a trick: weak evidence of another kind beside the hidden content."""
    world.opened("jo", files=CONTENT)
    world.settled()
    message = "Add retry\n\nI looked at what Claude had to say about this."
    second = world.opened("jo", message, branch="clean", files=CONTENT)
    assert world.state(second) == "waiting"


def test_other_content_in_the_same_file_is_no_ais(world: World) -> None:
    """Nobody is accused for touching a file that an AI touched elsewhere."""
    world.opened("jo", files=CONTENT)
    world.settled()
    second = world.opened("sam", "Log more", branch="log", files={"src/pay.py": "import logging\n"})
    assert world.state(second) == "success"


def test_the_same_content_from_a_fork_inherits(world: World) -> None:
    """Scenario 51: from a fork."""
    world.opened("jo", files=CONTENT)
    world.settled()
    fork = world.forge.fork(world.repository, "stranger")["full_name"]
    world.forge.push(fork, "clean", CONTENT, "Add retry", by="stranger")
    second = world.forge.open_change(world.repository, "stranger", "stranger:clean", "Add retry")["number"]
    assert world.state(second) == "waiting"


def test_somebody_who_pushed_into_a_seniors_branch_counts_however_the_commits_are_signed(world: World) -> None:
    """Scenario 52: J pushes AI commits into S's branch with author and committer set to S."""
    number = world.opened("grace", "Tidy", branch="tidy")
    assert world.state(number) == "success"
    grace = {"name": "Grace", "email": "grace@example.com"}
    world.forge.push(
        world.repository,
        "tidy",
        {"src/pay.py": "import os\n"},
        f"More\n\n{TRAILER}",
        by="jo",
        author=grace,
        committer=grace,
    )
    assert world.state(number) == "waiting"
    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"


def test_whoever_pressed_update_branch_may_still_sign(world: World) -> None:
    """Scenario 58."""
    number = world.opened("jo")
    world.settled()
    world.forge.push(world.repository, "main", {"other.txt": "1\n"}, "Other", by="ada", rules=False)
    world.forge.update_branch(world.repository, number, "grace")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"


def test_a_suggestion_of_the_reviewer_that_the_author_applied_leaves_the_reviewer_entitled(world: World) -> None:
    """Scenario 58."""
    number = world.opened("jo")
    world.settled()
    world.forge.review(world.repository, number, "grace", "COMMENT", "Better so.")
    world.forge.apply_suggestion(world.repository, number, "jo", "grace", {"src/pay.py": "def pay():\n    return 2\n"})
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"


def test_a_retarget_does_not_take_along_an_approval_of_a_small_diff(world: World) -> None:
    """Scenario 31: approved against a base in which most of it was already; then main, where it is large."""
    world.edit_file("rules.yaml", 'guarded_branches: ["@default"]', 'guarded_branches: ["@default", "side"]')
    world.forge.push(world.repository, "side", {"large.py": "x = 1\n" * 50}, "Large", by="ada")
    world.forge.push(world.repository, "small", {"small.py": "y = 1\n"}, f"Small\n\n{TRAILER}", by="jo", base="side")
    number = world.forge.open_change(world.repository, "jo", "small", "Small", base="side")["number"]
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.forge.edit(world.repository, number, "jo", base="main")
    assert world.state(number) == "waiting"


def test_a_footer_edited_out_before_anybody_looked_is_found_in_the_bodys_history(world: World) -> None:
    """Scenario 2, with the bot away: the forge remembers what stood there, and until when."""
    world.forge.pause_deliveries()
    body = "Adds a retry.\n\n\U0001f916 Generated with [Claude Code](https://claude.com/claude-code)"
    number = world.opened("jo", "Add retry", body=body)
    world.forge.edit(world.repository, number, "jo", body="Adds a retry.")
    world.forge.resume_deliveries()
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "until it was edited on" in shown["summary"]


def test_git_ai_notes_on_the_forge_count_and_cost_one_request_while_they_stay_as_they_are(world: World) -> None:
    """Scenario 10: attested lines are evidence, and a note that is deleted later changes nothing."""
    number = world.opened("jo", "Add retry")
    assert world.state(number) == "success"
    head = world.forge.head(world.repository, number)
    note = "src/pay.py\n  d9978a8723e02b52 1-2\n---\n" + json.dumps(
        {"prompts": {"d9978a8723e02b52": {"agent_id": {"tool": "cursor", "id": "1", "model": "some"}}}}
    )
    files = {f"{head[:2]}/{head[2:]}": note}
    noted = {"ref": "refs/notes/ai", "base": "none", "rules": False}
    world.forge.push(world.repository, "ai", files, "Notes", by="jo", **noted)
    world.forge.requests(reset=True)
    world.forge.comment(world.repository, number, "jo", "/signoff recheck")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "git-ai note" in shown["summary"]
    operations = [entry["operation"] for entry in world.forge.requests(reset=True)]
    assert operations.count("SignoffNotes") == 1
    world.forge.push(world.repository, "ai", dict.fromkeys(files), "None", by="jo", ref="refs/notes/ai")
    world.forge.comment(world.repository, number, "jo", "/signoff recheck")
    assert world.state(number) == "waiting"
    world.forge.comment(world.repository, number, "jo", "/signoff recheck")
    world.settled()
    operations = [entry["operation"] for entry in world.forge.requests(reset=True)]
    assert operations.count("SignoffNotes") == 1
