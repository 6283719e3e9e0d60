"""Memory: evidence stays, is inherited with its origin, and what people said is on the record once."""

from dataclasses import replace

import pytest

from bot.model.ids import AccountId, BlobId, Sha
from bot.model.memory import Answer, Clearance, Declaration, NotMine, Override
from bot.model.subject import Subject
from bot.store import ChangeRow, Tx, changes, memory
from bot.store.memory.evidence import NOBODYS_BLOBS
from tests.store.nouns import EIGHT, JO, NOON, SEVEN, at, found, sha

X, Y = sha("a"), sha("b")
BLOB, OTHER_BLOB = BlobId("d" * 40), BlobId("e" * 40)
TRAILER, FOOTER = found("Co-authored-by: Claude", X), found("Generated with Claude Code")
AUTHOR, SOMEBODY = AccountId(101), AccountId(102)


def remember(tx: Tx, subject: Subject = SEVEN, *evidence, branch="fix", author=AUTHOR, blobs=()) -> None:
    memory.remember(tx, subject, branch, author, evidence or (TRAILER, FOOTER), blobs, NOON)


def recall(tx: Tx, subject: Subject = EIGHT, *, branch="new", author=SOMEBODY, commits=(), blobs=()) -> list[str]:
    return [each.where for each in memory.recall(tx, subject, branch, author, commits, blobs)]


def test_a_change_remembers_what_was_found_on_it(tx: Tx) -> None:
    remember(tx)
    remember(tx)
    assert memory.recall(tx, SEVEN, "renamed", None, []) == (TRAILER, FOOTER)


def test_a_finding_comes_back_character_for_character(tx: Tx) -> None:
    odd = found("\x00 \udc80 \u200b ünï")
    remember(tx, SEVEN, odd)
    assert [each.key for each in memory.recall(tx, SEVEN, "fix", AUTHOR, [])] == [odd.key]


def test_an_unrelated_change_inherits_nothing(tx: Tx) -> None:
    remember(tx, blobs=[("a.py", BLOB, 3)])
    assert recall(tx, commits=[Y], blobs=[OTHER_BLOB]) == []
    assert memory.recall(tx, Subject.change("github", 2, 7), "fix", AUTHOR, [X], [BLOB]) == ()
    assert memory.recall(tx, Subject.change("gitlab", 1, 7), "fix", AUTHOR, [X], [BLOB]) == ()


def test_a_new_change_with_the_same_commit_inherits_what_was_found_in_it(tx: Tx) -> None:
    remember(tx)
    assert recall(tx, commits=[X]) == ["seen in #7: commit aaaaaaa, trailer Co-authored-by"]


def test_a_new_change_from_the_same_branch_and_author_inherits(tx: Tx) -> None:
    remember(tx)
    assert recall(tx, branch="fix", author=AUTHOR) == [
        "seen in #7, same branch and author: commit aaaaaaa, trailer Co-authored-by",
        "seen in #7, same branch and author: the change's body",
    ]


@pytest.mark.parametrize(("branch", "author"), [("fix", SOMEBODY), ("other", AUTHOR), ("fix", None)])
def test_the_branch_or_the_author_alone_inherits_nothing(tx: Tx, branch: str, author: AccountId | None) -> None:
    remember(tx)
    assert recall(tx, branch=branch, author=author) == []


def test_a_new_change_with_the_same_content_inherits_all_that_came_with_it(tx: Tx) -> None:
    """Scenario 51: closed, and opened again elsewhere without the trailers."""
    remember(tx, blobs=[("a.py", BLOB, 3)])
    assert recall(tx, blobs=[OTHER_BLOB, BLOB]) == [
        "same content as in #7 (a.py): commit aaaaaaa, trailer Co-authored-by",
        "same content as in #7 (a.py): the change's body",
    ]


def test_content_without_evidence_is_not_remembered(tx: Tx) -> None:
    memory.remember(tx, SEVEN, "fix", AUTHOR, [], [("a.py", BLOB, 3)], NOON)
    assert not memory.resembles(tx, EIGHT, [("a.py", 3)])


def test_content_that_comes_after_the_evidence_is_remembered(tx: Tx) -> None:
    remember(tx)
    memory.remember(tx, SEVEN, "fix", AUTHOR, [], [("a.py", BLOB, 3)], NOON)
    assert recall(tx, blobs=[BLOB]) != []


@pytest.mark.parametrize("empty", sorted(NOBODYS_BLOBS))
def test_a_placeholder_proves_nothing(tx: Tx, empty: str) -> None:
    remember(tx, blobs=[("__init__.py", BlobId(empty), 0)])
    assert recall(tx, blobs=[BlobId(empty)]) == []


def test_the_ids_of_placeholders_are_those_that_git_gives() -> None:
    """The empty file's two ids, and the one of a single line end, as `git hash-object` prints them."""
    assert {
        "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
        "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
        "8b137891791fe96927ad78e64b0aad7bded08bdc",
    } < NOBODYS_BLOBS


def test_a_small_content_is_inherited_at_its_own_path_only(tx: Tx) -> None:
    """Unrelated files share one line by chance; the same line in the same place is the same thing again."""
    remember(tx, SEVEN, TRAILER, blobs=[("pay/__init__.py", BLOB, 1)])

    def at(path: str) -> list[str]:
        return [each.where for each in memory.recall(tx, EIGHT, "new", SOMEBODY, (), (), [(path, BLOB)])]

    assert at("shop/__init__.py") == []
    assert at("pay/__init__.py") == [f"same content as in #7 (pay/__init__.py): {TRAILER.where}"]


def test_nothing_is_recalled_twice_and_the_nearest_origin_is_named(tx: Tx) -> None:
    remember(tx, SEVEN, TRAILER, blobs=[("a.py", BLOB, 3)])
    everything = {"branch": "fix", "author": AUTHOR, "commits": [X, X], "blobs": [BLOB]}
    assert recall(tx, **everything) == ["seen in #7: commit aaaaaaa, trailer Co-authored-by"]
    remember(tx, EIGHT, TRAILER)
    assert recall(tx, **everything) == [TRAILER.where]


def test_what_was_inherited_and_remembered_keeps_its_first_origin(tx: Tx) -> None:
    remember(tx)
    remember(tx, EIGHT, *memory.recall(tx, EIGHT, "x", None, [X]), blobs=[("b.py", OTHER_BLOB, 3)])
    nine = Subject.change("github", 1, 9)
    assert recall(tx, nine, blobs=[OTHER_BLOB]) == ["seen in #7: commit aaaaaaa, trailer Co-authored-by"]


def test_what_landed_is_not_inherited_by_branch_and_author(tx: Tx) -> None:
    """A long-lived branch whose AI commits were signed goes on with other work."""
    remember(tx)
    changes.save(tx, ChangeRow(SEVEN, "acme/payments", "Retry", JO, "", "merged", Y, "main"))
    memory.landed_add(tx, "github", 1, [X], X)
    assert recall(tx, branch="fix", author=AUTHOR) == ["seen in #7, same branch and author: the change's body"]
    memory.landed_add(tx, "github", 1, [Y], Y)
    assert recall(tx, branch="fix", author=AUTHOR) == []


@pytest.mark.parametrize(
    ("files", "alike"),
    [
        ([("a.py", 9)], True),
        ([("moved.py", 3)], True),
        ([("moved.py", 9)], False),
        ([("moved.py", 0)], False),
        ([("x.py", 9), ("odd\udc80\x00.py", 0)], True),
        ([], False),
    ],
)
def test_blob_ids_are_worth_a_request_when_a_path_or_a_size_is_the_same(tx: Tx, files, alike: bool) -> None:
    remember(tx, blobs=[("a.py", BLOB, 3), ("odd\udc80\x00.py", OTHER_BLOB, 0)])
    assert memory.resembles(tx, EIGHT, files) is alike
    assert not memory.resembles(tx, SEVEN, files)
    assert not memory.resembles(tx, Subject.change("github", 2, 8), files)


def test_many_commits_and_files_fit(tx: Tx) -> None:
    shas = [Sha(f"{number:040x}") for number in range(1200)]
    remember(tx, SEVEN, *(found("x", sha) for sha in shas), blobs=[(f"{sha}.py", BlobId(sha), 1) for sha in shas])
    assert len(recall(tx, commits=shas, blobs=[BlobId(sha) for sha in shas])) == 1200


def test_an_answer_is_kept_once_per_comment(tx: Tx) -> None:
    answer = Declaration(AUTHOR, Answer.AI, NOON)
    assert memory.declare(tx, SEVEN, answer, comment=5)
    assert not memory.declare(tx, SEVEN, replace(answer, answer=Answer.NO_AI), comment=5)
    assert memory.declare(tx, SEVEN, replace(answer, at=at(1)), comment=6)
    assert memory.said(tx, SEVEN).declarations == (answer, replace(answer, at=at(1)))
    assert memory.said(tx, EIGHT).declarations == ()


def test_an_answer_without_a_comment_is_kept_once(tx: Tx) -> None:
    ticked = Declaration(None, Answer.AI, None, how="checkbox")
    assert [memory.declare(tx, SEVEN, ticked) for _ in range(2)] == [True, False]
    assert memory.said(tx, SEVEN).declarations == (ticked,)


def test_clearances_overrides_and_denials_come_back_as_they_were_said(tx: Tx) -> None:
    clearance = Clearance(AUTHOR, "a1b2c3d4", "a person of that name \udc80", NOON)
    override = Override(AUTHOR, X, "production is down, see the incident", NOON)
    denial = NotMine(AUTHOR, NOON)
    for comment in (1, 1, 2):
        memory.clear(tx, SEVEN, clearance, comment)
        memory.override(tx, SEVEN, override, comment)
        memory.not_mine(tx, SEVEN, denial, comment)
    assert memory.said(tx, SEVEN).clearances == (clearance, clearance)
    assert memory.said(tx, SEVEN).overrides == (override, override)
    assert memory.said(tx, SEVEN).not_mine == (denial, denial)


def test_a_comment_is_answered_once(tx: Tx) -> None:
    assert [memory.answered(tx, SEVEN, 5, "d1") for _ in range(3)] == [False, True, True]
    assert not memory.answered(tx, SEVEN, 5, "d2")
    assert not memory.answered(tx, EIGHT, 5, "d1")


def test_landed_commits_are_told_from_others(tx: Tx) -> None:
    many = [Sha(f"{number:040x}") for number in range(1200)]
    memory.landed_add(tx, "github", 1, [*many, *many], many[-1])
    memory.landed_add(tx, "github", 1, many[:1], many[-1])
    assert memory.landed(tx, "github", 1, [*many, X]) == frozenset(many)
    assert memory.landed(tx, "github", 2, many) == frozenset()
    assert memory.landed(tx, "github", 1, []) == frozenset()
