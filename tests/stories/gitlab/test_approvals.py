"""Whose approval counts on GitLab, and for which commit: by each mechanism, since the answers must be the same."""

from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.support.gitlab_sandbox import root

REASON = "production is down and this brings it back"


def test_an_approval_binds_to_what_was_seen_and_to_nobody_who_shaped_it(world: GitLabWorld) -> None:
    """Scenarios 1, 16, 21, 22: the author's own, a bot's and a mid's count for nothing; an approval outlives a
    message-only amend, no other change, and its giver's taking it back.
    """
    number = world.opened("jo")
    world.forge.user(f"helper-{number}-{world.repository[-2:].strip('/')}", kind="service_account")
    helper = f"helper-{number}-{world.repository[-2:].strip('/')}"
    world.forge.member(helper, "developer", project=world.repository)
    for who in ("sam", helper):
        world.forge.approve(world.repository, number, who)
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "a bot's approval never counts" in shown["summary"]

    world.forge.approve(world.repository, number, "grace")
    assert world.shown(number)["state"] == "success"

    world.forge.amend(world.repository, "retry", "Add retry, plainly", by="jo")
    shown = world.shown(number)
    assert shown["state"] == "success", "patch and approval are the same"
    assert "Claude" in shown["summary"], "what was amended away still counts"

    world.forge.unapprove(world.repository, number, "grace")
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)

    world.forge.approve(world.repository, number, "grace")
    assert world.shown(number)["state"] == "success"
    world.forge.push(world.repository, "retry", {"src/pay.py": "def pay():\n    return 9\n"}, "More", by="jo")
    assert world.shown(number)["state"] == "waiting"
    assert world.shown(number)["notes"] == 1

    plain = world.opened("jo", "Add more", branch="plain", files={"more.py": "m = 1\n"})
    assert world.shown(plain)["state"] == "success", "no AI, nobody asked"
    world.forge.amend(world.repository, "plain", f"Add more\n\n{TRAILER}", by="jo")
    assert world.shown(plain)["state"] == "waiting", "GitLab keeps approvals over an amend; the bot takes its own back"
    assert not world.merges(plain)


def test_whoever_wrote_or_pushed_a_part_cannot_sign_it(free: GitLabWorld) -> None:
    """Scenarios 11, 52: on the free tier GitLab lets authors and committers approve, and pushers take any name."""
    number = free.opened("grace", "Add retry\n\n" + TRAILER)
    assert free.shown(number)["state"] == "success", "a senior's own"
    linus = {"name": "Linus", "email": "linus@example.com"}
    free.forge.push(
        free.repository, "retry", {"a.txt": "a\n"}, f"More\n\n{TRAILER}", by="jo", author=linus, committer=linus
    )
    assert free.shown(number)["state"] == "waiting", "jo pushed it, whoever it names"
    free.forge.approve(free.repository, number, "grace")
    free.forge.approve(free.repository, number, "linus")
    shown = free.shown(number)
    assert shown["state"] == "waiting"
    free.forge.approve(free.repository, number, "ada")
    assert free.shown(number)["state"] == "success"


def test_a_retarget_takes_nothing_along(world: GitLabWorld) -> None:
    """Scenarios 31, 54: never a success for an unguarded branch; an approval is for the diff that it was given for."""
    forge, name = world.forge, world.repository
    forge.push(name, "dev", {"big.txt": "big\n"}, f"Big\n\n{TRAILER}", by="jo")
    forge.push(name, "topic", {"small.txt": "s\n"}, f"Small\n\n{TRAILER}", by="jo", base="dev")
    number = int(forge.open(name, "jo", "topic", target="dev")["iid"])
    world.settled()
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "waiting"

    forge.edit(name, number, "jo", target_branch="main")
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)
    forge.unapprove(name, number, "grace") if any(
        each["by"] == "grace" for each in forge.state(name, number)["approvals"]
    ) else None
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "success"

    forge.edit(name, number, "jo", target_branch="dev")
    assert world.shown(number)["state"] == "waiting"


def test_one_commit_in_two_merge_requests_gets_the_worst_of_their_verdicts(world: GitLabWorld) -> None:
    """Scenario 32: whichever came last, and whichever was signed first."""
    number = world.opened("jo")
    head = world.forge.head(world.repository, number)
    world.forge.push(world.repository, "copy", {"c.txt": "c\n"}, "tmp", by="grace")
    world.forge.force_push(world.repository, "copy", head, by="grace")
    other = int(world.forge.open(world.repository, "grace", "copy", "The same")["iid"])
    world.comes_to(number, "waiting")
    world.comes_to(other, "waiting")
    world.forge.approve(world.repository, number, "linus")
    world.comes_to(other, "waiting")
    world.forge.close(world.repository, number, "jo")
    world.settled()
    world.comes_to(other, "waiting")
    world.forge.approve(world.repository, other, "linus")
    world.comes_to(other, "success")


def test_commands_are_given_by_note_and_answered_once(free: GitLabWorld) -> None:
    """Scenario 37: an override is one entitled person's, for one head; a quote or an edited note commands nothing."""
    forge, name = free.forge, free.repository
    number = free.opened("jo")
    free.settled()
    forge.note(name, number, "jo", f"/signoff override {REASON}")
    forge.note(name, number, "ada", f"> /signoff override {REASON}")
    edited = forge.note(name, number, "ada", "Looks fine")["id"]
    forge.edit_note(name, number, edited, "ada", f"/signoff override {REASON}")
    assert free.shown(number)["state"] == "waiting"
    forge.note(name, number, "ada", f"/signoff override {REASON}")
    assert free.shown(number)["state"] == "success"
    said = [each["body"] for each in forge.notes(name, number) if each["by"] == "signoff"]
    assert len(said) == 4, "our note, two refusals, one acceptance"
    forge.push(name, "retry", {"b.txt": "b\n"}, "More", by="jo")
    assert free.shown(number)["state"] == "waiting"


def test_an_objection_holds_until_its_giver_approves(free: GitLabWorld) -> None:
    """`Request changes` is a reviewer's state on GitLab; whoever asks for changes does not approve."""
    number = free.opened("jo")
    assert free.shown(number)["state"] == "waiting"
    free.forge.control("request_changes", project=free.repository, iid=number, by="linus")
    free.forge.approve(free.repository, number, "ada")
    assert free.shown(number)["state"] == "failure"
    assert not free.merges(number)
    free.forge.api("PUT", f"{root(free.repository)}/merge_requests/{number}", "jo", {"reviewer_ids": []})
    assert free.shown(number)["state"] == "failure", "the list of reviewers is the author's to edit"
    free.forge.approve(free.repository, number, "linus")
    assert free.shown(number)["state"] == "success"


def test_a_reviewer_whose_suggestion_was_applied_may_still_sign(free: GitLabWorld) -> None:
    """Scenario 58, where GitLab signs what its buttons make; in anybody else's commit such a line proves nothing."""
    number = free.opened("jo")
    free.settled()
    free.forge.note(free.repository, number, "grace", "I suggest this")
    free.forge.approve(free.repository, number, "grace")
    free.forge.apply_suggestion(free.repository, number, "jo", "grace", {"src/pay.py": "def pay():\n    return 3\n"})
    assert free.shown(number)["state"] == "waiting"
    free.forge.unapprove(free.repository, number, "grace")
    free.forge.approve(free.repository, number, "grace")
    assert free.shown(number)["state"] == "success"


def test_an_older_gitlab_tells_no_time_of_approvals_so_the_hook_must(free: GitLabWorld) -> None:
    """Without `approved_at` an approval counts by the hook that came while its head stood; a lost one fails closed."""
    free.forge.settings(approved_at=False)
    try:
        number = free.opened("jo")
        free.settled()
        free.forge.courier(lose=1)
        free.forge.approve(free.repository, number, "grace")
        free.forge.note(free.repository, number, "jo", "/signoff recheck")
        assert free.shown(number)["state"] == "waiting"
        free.forge.unapprove(free.repository, number, "grace")
        free.forge.approve(free.repository, number, "grace")
        assert free.shown(number)["state"] == "success"
        free.forge.push(free.repository, "retry", {"b.txt": "b\n"}, "More", by="jo")
        assert free.shown(number)["state"] == "waiting"
    finally:
        free.forge.settings(approved_at=True)
