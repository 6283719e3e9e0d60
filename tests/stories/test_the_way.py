"""From webhook to check: the whole way, for the changes that most people make."""

from tests.stories.world import TRAILER, World


def test_a_juniors_ai_change_waits_until_a_senior_approves_and_waits_again_after_a_push(world: World) -> None:
    number = world.opened("jo")
    first = world.shown(number)
    assert first["state"] == "waiting"
    assert first["title"] == "Waiting for 1 senior: grace, linus or ada can sign"
    assert not world.merges(number)

    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"

    world.forge.push(world.repository, "retry", {"src/pay.py": "def pay():\n    return 'more'\n"}, "More", by="jo")
    assert world.state(number) == "waiting"
    assert not world.merges(number)

    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"
    assert world.merges(number)


def test_a_change_without_ai_passes_at_once_and_asks_nobody(world: World) -> None:
    number = world.opened("jo", "Add retry")
    shown = world.shown(number)
    assert shown["state"] == "success"
    assert "no AI disclosed" in shown["title"]
    assert world.merges(number)


def test_a_seniors_own_ai_change_passes_at_once(world: World) -> None:
    assert world.state(world.opened("grace")) == "success"


def test_a_label_alone_makes_a_change_wait(world: World) -> None:
    number = world.opened("jo", "Add retry")
    assert world.state(number) == "success"
    world.forge.label(world.repository, number, "sam", "ai-assisted")
    assert world.state(number) == "waiting"


def test_taking_the_label_away_does_not_help(world: World) -> None:
    number = world.opened("jo", "Add retry")
    world.forge.label(world.repository, number, "jo", "ai-assisted")
    assert world.state(number) == "waiting"
    world.forge.unlabel(world.repository, number, "jo", "ai-assisted")
    assert world.state(number) == "waiting"


def test_a_review_by_a_bot_counts_for_nothing(world: World) -> None:
    number = world.opened("jo")
    world.forge.user("helper[bot]", kind="Bot", id=7000)
    world.forge.collaborator(world.repository, "helper[bot]", "push", "ada")
    world.forge.approve(world.repository, number, "helper[bot]")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "a bot's approval never counts" in shown["summary"]


def test_a_review_by_somebody_not_senior_enough_counts_for_nothing(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "sam")
    assert world.state(number) == "waiting"


def test_an_amend_that_takes_the_trailer_away_does_not_help(world: World) -> None:
    number = world.opened("jo")
    assert world.state(number) == "waiting"
    world.forge.amend(world.repository, "retry", "Add retry", by="jo")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "Claude" in shown["summary"]


def test_an_approval_is_carried_over_a_message_only_amend(world: World) -> None:
    number = world.opened("jo")
    world.settled()
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.forge.amend(world.repository, "retry", f"Add a retry\n\n{TRAILER}", by="jo")
    shown = world.shown(number)
    assert shown["state"] == "success"
    assert "carried over" in shown["summary"]


def test_a_change_from_a_fork_is_checked_in_the_base_repository(world: World) -> None:
    fork = world.forge.fork(world.repository, "stranger")["full_name"]
    world.forge.push(fork, "fix", {"src/pay.py": "x = 1\n"}, f"Fix\n\n{TRAILER}", by="stranger")
    number = world.forge.open_change(world.repository, "stranger", "stranger:fix", "Fix")["number"]
    assert world.state(number) == "waiting"
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"


def test_a_draft_is_checked_too(world: World) -> None:
    number = world.opened("jo", draft=True)
    assert world.state(number) == "waiting"


def test_an_objection_of_a_senior_fails_the_check_until_it_is_settled(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"
    world.forge.review(world.repository, number, "grace", "REQUEST_CHANGES")
    assert world.state(number) == "failure"
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"


def test_a_closed_change_leaves_no_success_behind(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.forge.close(world.repository, number, "jo")
    assert world.state(number) == "waiting"


def test_a_change_into_an_unguarded_branch_never_passes(world: World) -> None:
    world.forge.push(world.repository, "side", {"a.txt": "a\n"}, "Side", by="ada")
    number = world.opened("jo", "Add retry", base="side")
    assert world.state(number) == "waiting"
    world.forge.edit(world.repository, number, "jo", base="main")
    assert world.state(number) == "success"
    world.forge.edit(world.repository, number, "jo", base="side")
    assert world.state(number) == "waiting"


def test_the_same_head_in_two_changes_gets_the_worse_verdict_whichever_came_last(world: World) -> None:
    number = world.opened("grace", "Tidy", branch="tidy")
    assert world.state(number) == "success"
    sha = world.forge.head(world.repository, number)
    world.forge.push(world.repository, "again", {"b.txt": "b\n"}, "tmp", by="jo")
    world.forge.force_push(world.repository, "again", sha, by="jo")
    second = world.forge.open_change(world.repository, "jo", "again", "Tidy too")["number"]
    world.forge.label(world.repository, second, "jo", "ai-assisted")
    world.settled()
    assert world.on_commit(sha)["state"] == "waiting"
    world.forge.comment(world.repository, number, "grace", "/signoff recheck")
    world.settled()
    assert world.on_commit(sha)["state"] == "waiting"
    world.forge.approve(world.repository, second, "linus")
    world.settled()
    assert world.on_commit(sha)["state"] == "success"


def test_a_rerun_looks_again(world: World) -> None:
    number = world.opened("jo")
    run = world.shown(number)["id"]
    before = len(world.service.logged())
    world.forge.press(world.repository, run, "jo")
    world.settled()
    assert '"event": "decided"' in world.service.logged()[before:]


def test_a_repository_that_the_rules_do_not_cover_is_left_alone(world: World) -> None:
    world.forge.repo("acme/elsewhere", {"a.txt": "a\n"}, collaborators={"jo": "write"})
    world.edit_file("rules.yaml", "repositories: []", "repositories: [{match: acme/elsewhere, mode: off}]")
    number = world.forge.change("acme/elsewhere", "jo", "x", {"a.txt": "b\n"}, f"X\n\n{TRAILER}")["number"]
    world.settled()
    assert world.forge.check_runs("acme/elsewhere", world.forge.head("acme/elsewhere", number)) == []


LOCAL = """
version: 1
zones:
  money: {paths: ["src/pay.py"]}
requirements:
  - name: money needs two
    when: {zones: money}
    need: {approvals: 2, tier: senior}
"""


def test_a_repositorys_own_file_can_ask_for_more_and_for_nothing_less(world: World) -> None:
    """Scenario 56: what it adds counts, from its default branch, and what it would take away is refused."""
    loosened = LOCAL + "mode: observe\n"
    world.forge.push(world.repository, "main", {".signoff.yaml": loosened}, "Rules", by="ada", rules=False)
    number = world.opened("jo", "Plain")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "money needs two" in shown["summary"]
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "waiting"
    world.forge.approve(world.repository, number, "linus")
    assert world.state(number) == "success"


def test_a_change_of_the_repositorys_own_file_decides_its_open_changes_again(world: World) -> None:
    number = world.opened("jo", "Plain")
    assert world.state(number) == "success"
    world.forge.push(world.repository, "main", {".signoff.yaml": LOCAL}, "Rules", by="ada", rules=False)
    assert world.state(number) == "waiting"


def test_an_edited_roster_is_in_force_without_a_restart(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    world.edit_file("roster.yaml", "name: Grace Example\n    tier: senior", "name: Grace Example\n    tier: mid")
    world.service.until(lambda: world.state(number) == "waiting", "the roster was not picked up")


def test_broken_rules_leave_the_last_good_ones_in_force_and_say_so(world: World) -> None:
    world.edit_file("rules.yaml", "mode: enforce", "mode: sometimes")
    world.service.until(lambda: world.service.metric("signoff_rules_broken") == 1, "nobody noticed")
    number = world.opened("jo")
    assert world.state(number) == "waiting"
    assert '"event": "rules_broken"' in world.service.logged()
    world.service.stop()
    world.edit_file("roster.yaml", "name: Grace Example", "nickname: Grace Example")
    world.service.start()
    assert world.service.metric("signoff_rules_broken") == 1
    world.forge.approve(world.repository, number, "grace")
    world.service.until(lambda: world.state(number) == "success", "it did not go on with the rules that were in force")


def test_observed_repositories_are_told_and_never_blocked(world: World) -> None:
    world.edit_file("rules.yaml", "mode: enforce", "mode: observe")
    number = world.opened("jo")
    shown = world.shown(number)
    assert shown["state"] == "success"
    assert shown["title"].startswith("Would wait")


def test_what_nobody_can_read_in_a_diff_is_in_the_opaque_zone_where_a_rule_asks_for_it(world: World) -> None:
    """A link, a submodule or a pointer to large-file storage; asked for once a head, and only under such a rule."""
    rule = "  - name: unreadable\n    when: {zones: [opaque]}\n    need: {approvals: 1, tier: staff}\noverride:"
    noticed = world.service.logged().count("rules_moved")
    world.edit_file("rules.yaml", "override:", rule)
    world.service.until(lambda: world.service.logged().count("rules_moved") > noticed, "nobody noticed the rules")
    plain = world.opened("sam", "Log more", branch="log", files={"src/log.py": "import logging\n"})
    assert world.state(plain) == "success"
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 12345\n"
    held = {
        "link": {"path": "config", "symlink": "/etc/passwd"},
        "submodule": {"path": "vendored", "submodule": "b" * 40},
        "lfs": {"path": "model.bin", "content": pointer},
    }
    for kind, change in held.items():
        world.forge.push(world.repository, kind, {}, "Add it", by="sam", changes=[change])
        number = world.forge.open_change(world.repository, "sam", kind)["number"]
        shown = world.shown(number)
        assert (kind, shown["state"]) == (kind, "waiting")
        assert str(change["path"]) in shown["summary"]
    world.forge.requests(reset=True)
    world.forge.label(world.repository, number, "sam", "documentation")
    world.settled()
    assert "SignoffKinds" not in [entry["operation"] for entry in world.forge.requests()]
