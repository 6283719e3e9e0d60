"""What people say in comments, and what comes of it."""

from tests.stories.world import World

REASON = "production is down and this brings it back"


def answers(world: World, number: int) -> list[str]:
    """What the bot said, settled."""
    world.settled()
    said = world.forge.comments(world.repository, number)
    return [entry["body"] for entry in said if entry["user"]["type"] == "Bot"]


def test_the_authors_yes_makes_a_change_ai_assisted(world: World) -> None:
    number = world.opened("jo", "Add retry")
    assert world.state(number) == "success"
    world.forge.comment(world.repository, number, "jo", "/signoff ai")
    assert world.state(number) == "waiting"
    assert len(answers(world, number)) == 1


def test_somebody_elses_yes_is_not_the_authors(world: World) -> None:
    """Scenario 3, the other way round."""
    number = world.opened("jo", "Add retry")
    world.forge.comment(world.repository, number, "grace", "/signoff ai")
    assert world.state(number) == "success"
    assert "Only the author" in answers(world, number)[0]


def test_a_no_does_not_beat_evidence(world: World) -> None:
    """Scenario 4."""
    number = world.opened("jo")
    world.forge.comment(world.repository, number, "jo", "/signoff no-ai")
    assert world.state(number) == "waiting"


def test_where_the_rules_ask_an_unanswered_change_waits_for_the_author(world: World) -> None:
    """Scenario 3."""
    world.edit_file("rules.yaml", "undeclared: trust", "undeclared: ask")
    number = world.opened("jo", "Add retry")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "/signoff no-ai" in shown["title"]
    world.forge.comment(world.repository, number, "jo", "/signoff no-ai")
    assert world.state(number) == "success"


def test_a_command_in_a_quote_or_a_code_block_is_none(world: World) -> None:
    """Scenario 37."""
    number = world.opened("jo", "Add retry")
    for body in ("> /signoff ai", "```\n/signoff ai\n```", "    /signoff ai", "say /signoff ai"):
        world.forge.comment(world.repository, number, "jo", body)
    assert world.state(number) == "success"
    assert answers(world, number) == []


def test_a_principals_override_lets_one_head_pass_and_no_other(world: World) -> None:
    """Scenario 37."""
    number = world.opened("jo")
    world.settled()
    world.forge.comment(world.repository, number, "ada", f"/signoff override {REASON}")
    shown = world.shown(number)
    assert shown["state"] == "success", answers(world, number)
    assert "Overridden" in shown["title"]
    world.forge.push(world.repository, "retry", {"b.txt": "b\n"}, "More", by="jo")
    assert world.state(number) == "waiting"


def test_an_override_by_the_wrong_person_or_without_a_reason_is_refused_and_answered(world: World) -> None:
    """Scenario 37."""
    number = world.opened("jo")
    world.settled()
    world.forge.comment(world.repository, number, "jo", f"/signoff override {REASON}")
    world.forge.comment(world.repository, number, "grace", f"/signoff override {REASON}")
    world.forge.comment(world.repository, number, "ada", "/signoff override now")
    assert world.state(number) == "waiting"
    assert len(answers(world, number)) == 3


def test_a_principal_cannot_override_their_own_change(world: World) -> None:
    """Scenario 62."""
    world.edit_file("rules.yaml", "when: {ai: true, author_below: senior}", "when: {ai: true}")
    number = world.opened("ada", branch="adas")
    world.settled()
    world.forge.comment(world.repository, number, "ada", f"/signoff override {REASON}")
    assert world.state(number) == "waiting"
    assert len(answers(world, number)) == 1


def test_a_comment_edited_into_a_command_is_refused(world: World) -> None:
    """Scenario 37: what was written at first is what counts."""
    number = world.opened("jo")
    said = world.forge.comment(world.repository, number, "ada", "Looks fine.")
    world.settled()
    world.forge.edit_comment(world.repository, said["id"], "ada", f"/signoff override {REASON}")
    assert world.state(number) == "waiting"


def test_a_cleared_finding_lets_pass_and_new_evidence_counts_again(world: World) -> None:
    """Scenario 66."""
    number = world.opened("jo", "Add retry", branch="claude/retry")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    key = shown["summary"].split("branch name")[1].split("(`")[1][:8]
    world.forge.comment(world.repository, number, "jo", f"/signoff clear {key} that is only my name for it")
    assert world.state(number) == "waiting"
    world.forge.comment(world.repository, number, "grace", f"/signoff clear {key} that is only the name of a branch")
    assert world.state(number) == "success"
    world.forge.label(world.repository, number, "sam", "ai-assisted")
    assert world.state(number) == "waiting"


def test_a_senior_named_only_by_a_trailer_may_sign_after_saying_so(world: World) -> None:
    """Scenario 14."""
    trailers = "Co-authored-by: Claude <noreply@anthropic.com>\nCo-authored-by: Grace <grace@example.com>"
    number = world.opened("jo", f"Add retry\n\n{trailers}")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "waiting"
    world.forge.comment(world.repository, number, "grace", "/signoff not-mine")
    assert world.state(number) == "success"


def test_no_command_runs_twice(world: World) -> None:
    number = world.opened("jo", "Add retry")
    world.forge.comment(world.repository, number, "grace", "/signoff ai")
    for _ in range(3):
        world.forge.comment(world.repository, number, "jo", "/signoff recheck")
        world.settled()
    assert len(answers(world, number)) == 1


def test_a_command_among_hundreds_of_comments_is_not_lost(world: World) -> None:
    """Comments beyond what one read returns are paged."""
    world.forge.pause_deliveries()
    number = world.opened("jo", "Add retry")
    world.forge.comment(world.repository, number, "jo", "/signoff ai")
    for index in range(120):
        world.forge.comment(world.repository, number, "sam", f"note {index}")
    world.forge.resume_deliveries()
    assert world.state(number) == "waiting"


def test_a_follow_up_is_closed_after_the_merge_by_somebody_else_and_listed_until_then(world: World) -> None:
    """Scenario 62: whoever overrode, or wrote it, does not close what they left."""
    number = world.opened("jo", branch="followed")
    world.settled()
    listed = 'signoff_findings_open{kind="override"}'
    before = world.service.labelled(listed)
    world.forge.comment(world.repository, number, "ada", f"/signoff override {REASON}")
    assert world.state(number) == "success"
    assert world.merges(number, "jo")
    for login in ("ada", "jo"):
        world.forge.comment(world.repository, number, login, "/signoff follow-up close done")
    world.settled()
    assert world.service.labelled(listed) == before + 1
    world.forge.comment(world.repository, number, "grace", "/signoff follow-up close read it, it is fine")
    world.settled()
    assert world.service.labelled(listed) == before
    assert "The follow-up is closed" in answers(world, number)[-1]
