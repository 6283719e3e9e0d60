"""What people say on GitLab and what it is worth, by each mechanism: approvals, objections, their undoing, and notes.

GitLab knows no dismissal. What comes near it: the author takes a reviewer off the list or asks anew, and a token's
user deletes all approvals at once.
"""

import re

from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.stories.test_watch import findings


def objects(world: GitLabWorld, number: int, by: str) -> None:
    """The button "Request changes", which no REST call presses."""
    world.forge.control("request_changes", project=world.repository, iid=number, by=by)


def chatter(world: GitLabWorld, number: int, count: int) -> None:
    """So many notes of Sam's, of which no hook tells; the clock does not run ahead for them."""
    world.forge.settings(notes_limit=1000, auto_disabling=False)
    world.forge.control("clock", strict=False)
    world.forge.courier(lose=count)
    for index in range(count):
        world.forge.note(world.repository, number, "sam", f"Chatter {index}")
    world.forge.courier(lose=0)
    world.forge.control("clock", strict=True)
    world.forge.settings(auto_disabling=True)


def reviewers(world: GitLabWorld, number: int, *ids: int) -> None:
    """Jo names the reviewers: whoever is taken off and put on again is asked anew, and asks for changes no more."""
    path = f"{world.path}/merge_requests/{number}"
    world.forge.api("PUT", path, "jo", {"reviewer_ids": []})
    world.forge.api("PUT", path, "jo", {"reviewer_ids": list(ids)})


def test_an_objection_outlives_its_giver_being_asked_anew_and_friends_who_approve(world: GitLabWorld) -> None:
    """Scenarios 26, 28, 42, 59: approved, then changes requested, then taken off the list by the author: no approval,
    and it holds behind three hundred notes; a friend's approval does not help, nor a note that apes GitLab's own.
    """
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    world.settled()
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "success"
    objects(world, number, "grace")
    assert world.shown(number)["state"] == "failure"
    chatter(world, number, 310)
    reviewers(world, number, 2001, 2002)
    forge.note(name, number, "grace", "approved this merge request")
    forge.approve(name, number, "linus")
    forge.note(name, number, "jo", "/signoff override production is down and this brings it back")
    shown = world.shown(number)
    assert (shown["state"], shown["notes"]) == ("failure", 1)
    said = [each["body"] for each in forge.notes(name, number)[310:] if each["by"] == "signoff"]
    assert len(said) == 1, "a command behind three hundred notes is heard, and answered once"
    assert not world.merges(number)
    reviewers(world, number)
    forge.push(name, "retry", {"src/pay.py": "def pay():\n    return 9\n"}, f"More\n\n{TRAILER}", by="jo")
    assert world.shown(number)["state"] == "failure", "on any head"
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "success"


def test_an_approval_that_a_token_deleted_with_all_others_is_none(world: GitLabWorld) -> None:
    """Scenario 26: a friend's bot resets the approvals, of which no hook tells; ours goes too, and nothing revives."""
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    helper = f"reset-{world.repository.partition('/')[2]}"
    forge.user(helper, kind="service_account")
    forge.member(helper, "developer", project=name)
    world.settled()
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "success"
    forge.api("PUT", f"{world.path}/merge_requests/{number}/reset_approvals", helper)
    forge.note(name, number, "sam", "/signoff recheck")
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)


def test_a_note_approves_nothing_whoever_writes_or_edits_it(world: GitLabWorld) -> None:
    """Scenario 29: neither praise nor a command that there is not; and `requested changes` in a note objects to
    nothing.
    """
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    world.settled()
    first = forge.note(name, number, "grace", "Let me see")["id"]
    forge.edit_note(name, number, first, "grace", "Approved. LGTM\n\n/signoff approve")
    forge.note(name, number, "linus", "approved this merge request")
    forge.note(name, number, "linus", "/signoff approve")
    forge.note(name, number, "sam", "requested changes")
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert not world.merges(number)
    forge.approve(name, number, "linus")
    assert world.shown(number)["state"] == "success", "sam's note is no objection"


def test_code_pushed_in_a_seniors_name_is_the_pushers(world: GitLabWorld) -> None:
    """Scenario 52: Jo pushes AI commits into Grace's merge request with author and committer set to her."""
    forge, name = world.forge, world.repository
    number = world.opened("grace")
    assert world.shown(number)["state"] == "success", "a senior's own"
    grace = {"name": "Grace", "email": "grace@example.com"}
    forge.push(name, "retry", {"a.txt": "a\n"}, f"More\n\n{TRAILER}", by="jo", author=grace, committer=grace)
    assert world.shown(number)["state"] == "waiting"
    taken = forge.call("POST", f"{world.path}/merge_requests/{number}/approve", "grace", {})
    assert taken.ok is (world.mechanism == "status"), "only the free tier takes an author's approval"
    assert world.shown(number)["state"] == "waiting"
    assert not world.merges(number)
    forge.approve(name, number, "linus")
    assert world.shown(number)["state"] == "success"


def hashless(text: str) -> str:
    """A note without its seal and the ledger's hash, which move with every entry."""
    return re.sub(r"[0-9a-f]{64}|[0-9a-f]{32} -->", "", text)


def test_a_note_that_a_maintainer_edits_is_written_anew_and_on_the_record(free: GitLabWorld) -> None:
    """Scenarios 33, 68: an owner makes the bot's note say that it is signed, or that the ledger had another hash, or
    takes its marker or just its seal away: it says again what holds, each edit is a finding, and the ledger is not
    accused. A merged one stays as they made it, and the finding does not say otherwise.
    """
    forge, name = free.forge, free.repository
    number = free.opened("jo")
    before = free.shown(number)["summary"]
    assert "<!-- signoff v2" in before
    (note,) = [each["id"] for each in forge.notes(name, number) if each["by"] == "signoff"]
    (hash_,) = re.findall(r"ledger `([0-9a-f]{64})`", before)
    unsealed = re.sub(r" [0-9a-f]{32} -->", " -->", before.replace("Waiting", "Signed"), count=1)
    for text in (before.replace("Waiting", "Signed"), before.replace(hash_, "f" * 64), "✅ Signed by grace", unsealed):
        forge.edit_note(name, number, note, "ada", text)
        shown = free.shown(number)
        assert (shown["state"], shown["notes"]) == ("waiting", 1)
        assert hashless(shown["summary"]) == hashless(before)
    found = findings(free, "forged")
    assert [(each["facts"]["altered"], each["facts"]["by"]) for each in found] == [(True, None)] * 4
    assert all("altered what our check says" in each["text"] for each in found)
    assert all("written anew" in each["text"] for each in found)
    assert findings(free, "ledger") == []
    forge.approve(name, number, "grace")
    assert free.shown(number)["state"] == "success"
    assert free.merges(number)
    free.settled()
    forge.edit_note(name, number, note, "ada", "✅ Signed by linus")
    free.settled()
    assert findings(free, "forged")[-1]["text"].endswith("it is merged: what was decided is in the ledger")
    assert [each["body"] for each in forge.notes(name, number) if each["id"] == note] == ["✅ Signed by linus"]
