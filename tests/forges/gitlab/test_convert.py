"""GitLab's answers to our nouns, from objects of the shapes that its documentation and its recorded answers have."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from bot.forges.gitlab import Secrets, convert, note, seal
from bot.forges.gitlab.seal import Seal
from bot.forges.port import Check, CheckState, Written
from bot.model.change import AccountKind, FileKind, FileStatus, ReviewState
from bot.model.errors import TryAgainError
from bot.model.ids import Sha

X, Y = Sha("a1" * 20), Sha("b2" * 20)
GRACE = {"id": 2001, "username": "grace", "name": "Grace Example", "state": "active"}
VERSIONS = [
    {"id": 110, "head_commit_sha": Y, "created_at": "2026-11-20T11:00:00.500Z"},
    {"id": 108, "head_commit_sha": X, "created_at": "2026-11-20T10:00:00.500Z"},
]
HEADS = convert.versions(VERSIONS, 3)


def diff(**parts: Any) -> dict[str, Any]:
    told = {"old_path": "a.py", "new_path": "a.py", "a_mode": "100644", "b_mode": "100644", "diff": ""}
    return told | {"new_file": False, "renamed_file": False, "deleted_file": False} | parts


@pytest.mark.parametrize(
    ("at", "sha"),
    [("2026-11-20T10:30:00Z", X), ("2026-11-20T11:00:00.500Z", Y), ("2026-11-20T12:00:00Z", Y), (None, None)],
)
def test_an_approval_is_for_the_version_that_stood_when_it_was_given(at: str | None, sha: Sha | None) -> None:
    """Scenario 27: GitLab names no commit. Without the time, the API proves nothing of the head."""
    entry = {"user": GRACE} | ({"approved_at": at} if at else {})
    [review] = convert.approvals({"approved_by": [entry]}, HEADS, {})
    assert (review.sha, review.state, review.reviewer.id) == (sha, ReviewState.APPROVED, 2001)
    assert len(convert.approvals_seen([review], 3)) == (1 if sha else 0)


def test_an_approval_of_a_blocked_account_is_none() -> None:
    """Scenario 18: whoever lost access approves no more."""
    entry = {"user": GRACE | {"state": "blocked"}, "approved_at": "2026-11-20T12:00:00Z"}
    [review] = convert.approvals({"approved_by": [entry]}, HEADS, {})
    assert (review.state, review.was) == (ReviewState.DISMISSED, ReviewState.APPROVED)
    assert convert.approvals_seen([review], 3) == ()


def said(number: int, body: str, at: str) -> dict[str, Any]:
    """A note of GitLab's own on what Grace did."""
    return {"id": number, "system": True, "author": GRACE, "body": body, "created_at": at}


LATE, LATER = "2026-11-20T11:30:00.700Z", "2026-11-20T11:30:00.200Z"
ASKED, APPROVED = "requested changes", "approved this merge request"
WORDS = [
    ((said(1, ASKED, LATE), said(2, APPROVED, "2026-11-20T11:31:00Z")), False),
    ((said(1, APPROVED, LATE), said(2, ASKED, "2026-11-20T11:31:00Z")), True),
    ((said(1, ASKED, LATE), said(2, APPROVED, LATER)), False),
    ((said(1, APPROVED, LATE), said(2, ASKED, LATER)), True),
    ((said(1, ASKED, LATE), said(2, APPROVED, LATE), said(3, ASKED, LATE)), True),
]


@pytest.mark.parametrize(("notes", "objects"), WORDS)
def test_the_last_word_is_told_by_time_and_id_and_not_by_the_order_of_an_answer(
    notes: tuple[dict[str, Any], ...], objects: bool
) -> None:
    """GraphQL lists notes in another order than REST, and tells whole seconds only."""
    for listed in permutations(notes):
        found = convert.objections((), listed, {}, HEADS[-1].at)
        assert [each.state for each in found] == [ReviewState.CHANGES_REQUESTED] * objects


def test_who_asks_for_changes_does_not_approve() -> None:
    """The time is that of GitLab's own note of it."""
    told = said(1, "requested changes", "2026-11-20T11:30:00Z")
    entries = [{"user": GRACE, "state": "requested_changes"}, {"user": {"id": 5, "username": "x"}, "state": "reviewed"}]
    objected = convert.objections(entries, [told], {}, HEADS[-1].at)
    approved = convert.approvals({"approved_by": [{"user": GRACE, "approved_at": "2026-11-20T12:00:00Z"}]}, HEADS, {})
    [word] = convert.words(objected, approved)
    assert word.id != approved[0].id, "what was seen of the approval says nothing of the objection"
    assert word.state is ReviewState.CHANGES_REQUESTED
    assert word.submitted_at == datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


def test_accounts_of_tokens_and_services_are_bots_and_a_ghost_is_nobody() -> None:
    """Scenario 16: the account's own record decides, its name where that is not known."""
    assert convert.kind({"username": "renovate", "bot": True}) is AccountKind.BOT
    assert convert.kind({"username": "jo", "bot": False}) is AccountKind.USER
    for name in ("project_7_bot", "project_7_bot2", "group_9_bot_5f3a", "service_account_5f3a"):
        assert convert.kind_by_name(name) is AccountKind.BOT
    assert convert.kind_by_name("project_seven_bottom") is AccountKind.USER
    assert convert.account({"id": 1, "username": "ghost"}, {}).id is None
    assert convert.account({"id": 1, "username": "jo"}, {1: AccountKind.BOT}).kind is AccountKind.BOT


def test_a_commit_is_free_text_but_for_gitlabs_own_mailbox() -> None:
    """A noreply mailbox names the account by its id; of a merge request's commits no parents are told."""
    entry = {
        "id": X, "message": "Add retry", "author_name": "Jo", "author_email": "101-jo@users.noreply.gitlab.example.com",
        "committer_name": "Jo", "committer_email": "jo@example.com", "parent_ids": [],
    }  # fmt: skip
    found = convert.commit(entry)
    assert (found.author.id, found.committer.id, found.parents, found.parent_shas) == (101, None, 1, ())
    assert convert.commit(entry | {"parent_ids": [X, Y]}).parents == 2


def test_lines_are_counted_as_the_hunks_announce_them() -> None:
    """A removed line may look like a header."""
    text = "@@ -1,3 +1,2 @@\n keep\n--- a\n-b\n+++ c\n\\ No newline at end of file\n"
    found = convert.file(diff(diff=text))
    assert (found.additions, found.deletions, found.removed_lines) == (1, 2, ("-- a", "b"))


@pytest.mark.parametrize(
    ("entry", "status", "kind"),
    [
        (diff(new_file=True), FileStatus.ADDED, FileKind.REGULAR),
        (diff(deleted_file=True), FileStatus.REMOVED, FileKind.REGULAR),
        (diff(renamed_file=True, old_path="old.py"), FileStatus.RENAMED, FileKind.REGULAR),
        (diff(b_mode="100755"), FileStatus.CHANGED, FileKind.REGULAR),
        (diff(a_mode="0", b_mode="160000", new_file=True), FileStatus.ADDED, FileKind.SUBMODULE),
        (diff(b_mode="120000"), FileStatus.CHANGED, FileKind.SYMLINK),
        (
            diff(diff="@@ -0,0 +1 @@\n+version https://git-lfs.github.com/spec/v1\n", new_file=True),
            FileStatus.ADDED,
            FileKind.LFS,
        ),
    ],
)
def test_what_happened_to_a_file(entry: dict[str, Any], status: FileStatus, kind: FileKind) -> None:
    """Modes tell what a path holds."""
    found = convert.file(entry)
    assert (found.status, found.kind) == (status, kind)


def test_a_number_of_files_may_say_that_there_are_more() -> None:
    """GitLab's own form."""
    assert [convert.changed(each) for each in ("3", "1000+", None)] == [(3, False), (1000, True), (0, False)]


def test_an_edited_note_says_so_and_gitlabs_own_notes_are_nobodys() -> None:
    """A command counts only as it was posted."""
    entry = {
        "id": 5, "author": GRACE, "body": "/signoff recheck", "system": False,
        "created_at": "2026-11-20T10:00:00Z", "updated_at": "2026-11-20T10:00:00Z",
    }  # fmt: skip
    edited = entry | {"id": 6, "updated_at": "2026-11-20T10:09:00Z"}
    found = convert.comments([edited, entry | {"id": 7, "system": True}, entry], {})
    assert [(each.id, each.edited) for each in found] == [(5, False), (6, True)]


def test_a_misshapen_answer_is_no_answer() -> None:
    """Nothing is decided from part of the data."""
    with pytest.raises(TryAgainError, match="approvals"):
        convert.approvals({"approved_by": [{"user": None}]}, HEADS, {})


PLACE = note.Place(Seal.of(Secrets(("an invented master",)), "a token"), 7, 3)
EDITED = datetime(2026, 11, 20, 10, 9, tzinfo=UTC)
LEDGER = "e" * 64


def written(place: note.Place = PLACE, ledger: str = LEDGER) -> dict[str, Any]:
    """Our note, as GitLab has it."""
    summary = f"## Why\n\n/merge\n> /approve\n\nDecided for commit `{X}` by rules `r1`, ledger `{ledger}`."
    check = Check(CheckState.WAITING, "Waiting for `grace`", summary, "d1" * 20)
    body = note.body("senior-signoff", X, check, "Enforcement here: advisory.", place)
    return {"id": 8, "author": {"id": 9}, "system": False, "body": body, "updated_at": "2026-11-20T10:09:00Z"}


def unsealed(body: str) -> str:
    """As notes were written before there were seals."""
    return re.sub(r" [0-9a-f]{32} -->", " -->", body, count=1)


def test_our_note_is_found_by_its_marker_and_only_if_it_is_ours() -> None:
    """A marker in somebody else's note is text, and no line of ours starts a quick action. GitLab may trim blanks."""
    mine = written()
    assert not any(line.lstrip("> ").startswith("/") for line in mine["body"].splitlines())
    theirs = mine | {"id": 7, "author": {"id": 101}}
    text = seal.digest(mine["body"])
    expected = note.Note(8, "d1" * 20, X, CheckState.WAITING, "Enforcement here: advisory.", LEDGER, text=text)
    assert note.find([theirs, mine], 9, PLACE) == expected
    assert note.find([mine | {"body": mine["body"].replace("\n", " \r\n") + "\n"}], 9, PLACE) is not None
    assert note.find([theirs], 9, PLACE) is None


OLDER = note.Place(Seal.of(Secrets(("a newer master", "an invented master")), ""), 7, 3)
ALTERED = [
    ("as it was written", written(), PLACE, True, None),
    ("after the master was replaced", written(), OLDER, True, None),
    ("another text", written() | {"body": written()["body"].replace("Waiting for", "Signed by")}, PLACE, False, EDITED),
    ("another ledger", written() | {"body": written()["body"].replace(LEDGER, "f" * 64)}, PLACE, False, EDITED),
    ("another grade", written() | {"body": written()["body"].replace("advisory", "enforced")}, PLACE, False, EDITED),
    (
        "another marker",
        written() | {"body": written()["body"].replace(" waiting ", " passed ", 1)},
        PLACE,
        False,
        EDITED,
    ),
    ("of another merge request", written(replace(PLACE, number=4)), PLACE, False, EDITED),
    ("of another project", written(replace(PLACE, repository=8)), PLACE, False, EDITED),
    ("by somebody who guessed the key", written(replace(PLACE, seal=Seal.of(Secrets(), "x"))), PLACE, False, EDITED),
    ("the marker taken away", written() | {"body": "Signed by grace"}, PLACE, False, EDITED),
    ("the seal taken away", written() | {"body": unsealed(written()["body"])}, PLACE, False, None),
]


@pytest.mark.parametrize(("why", "entry", "place", "sealed", "altered"), ALTERED)
def test_whoever_edits_our_note_cannot_seal_it(
    why: str, entry: dict[str, Any], place: note.Place, sealed: bool, altered: datetime | None
) -> None:
    """A Maintainer can edit everybody's notes. Nothing in such a note is believed, its ledger hash least of all."""
    found = note.find([entry], 9, place, Written(8, ""))
    assert found is not None, why
    assert (found.sealed, found.altered) == (sealed, altered)
    assert found.witness == (LEDGER if sealed else None)
    assert [(mark.by.id, mark.altered) for mark in found.marks] == ([(None, True)] if altered else [])


REMEMBERED = [
    ("as it was written", written()["body"], True, None),
    ("the seal taken away", unsealed(written()["body"]), False, EDITED),
    ("the seal and more taken away", unsealed(written()["body"]).replace("Waiting", "Signed"), False, EDITED),
    ("another seal", re.sub(r" [0-9a-f]{32} -->", f" {'0' * 32} -->", written()["body"], count=1), False, EDITED),
    ("the marker taken away", "Signed by grace", False, EDITED),
]


@pytest.mark.parametrize("key", ["an invented master", "quite another"])
@pytest.mark.parametrize(("why", "body", "genuine", "altered"), REMEMBERED)
def test_a_note_that_is_remembered_is_known_without_seal_or_key_and_with_nothing_taken_away(
    key: str, why: str, body: str, genuine: bool, altered: datetime | None
) -> None:
    """A replaced secret accuses nobody; and neither marker nor seal can be taken away without a word."""
    place = replace(PLACE, seal=Seal.of(Secrets((key,)), ""))
    known = Written(8, seal.digest(written()["body"]))
    other = written() | {"id": 7}
    found = note.find([other, written() | {"body": body}], 9, place, known)
    assert found is not None, why
    assert (found.id, found.sealed, found.altered) == (8, genuine, altered)
    assert found.written == (known if genuine else None)


def test_a_seal_by_a_former_key_is_genuine_and_does_not_stay() -> None:
    """Once its key is gone nobody could tell that it was."""
    found = [note.find([written()], 9, place) for place in (PLACE, OLDER)]
    assert [(each.sealed, each.current) for each in found if each] == [(True, True), (True, False)]
