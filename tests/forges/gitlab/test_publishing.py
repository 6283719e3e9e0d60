"""What is read as published, and where a status must stand: by the objects that GitLab answers with."""

from dataclasses import replace
from typing import Any

import pytest

from bot.forges.gitlab import publishing
from bot.forges.gitlab.note import Note
from bot.forges.gitlab.publishing import Expected, Pipeline
from bot.forges.port import CheckState
from bot.model.ids import Sha

BOT, JO = 9, 101
HEAD, MERGED, OLD = Sha("a1" * 20), Sha("b2" * 20), Sha("c3" * 20)
FOOT = "Enforcement here: tamper-evident, by status."
NOW = Expected(HEAD, FOOT)
BRANCH = {"id": 5, "project_id": 7, "sha": HEAD, "ref": "retry"}


def merge_request(pipeline: dict[str, Any] | None, source: int = 7) -> dict[str, Any]:
    return {
        "iid": 3, "sha": HEAD, "source_branch": "retry", "source_project_id": source, "target_project_id": 7,
        "head_pipeline": pipeline,
    }  # fmt: skip


def note(state: CheckState, sha: Sha = HEAD, footer: str = FOOT) -> Note:
    return Note(50, "d1", sha, state, footer)


def status(number: int, state: str, by: int = BOT) -> dict[str, Any]:
    author = {"id": by, "username": f"user{by}"}
    return {"id": number, "status": state, "author": author, "sha": HEAD, "created_at": "2026-11-20T10:00:00Z"}


@pytest.mark.parametrize(
    ("found", "where"),
    [
        (merge_request(None), Pipeline(HEAD, "retry")),
        (merge_request(BRANCH), Pipeline(HEAD, "retry", 5)),
        (
            merge_request(BRANCH | {"ref": "refs/merge-requests/3/head"}),
            Pipeline(HEAD, "refs/merge-requests/3/head", 5),
        ),
        (
            merge_request(BRANCH | {"sha": MERGED, "ref": "refs/merge-requests/3/merge"}),
            Pipeline(MERGED, "refs/merge-requests/3/merge", 5),
        ),
        (merge_request(BRANCH | {"sha": OLD}), Pipeline(HEAD, "retry")),
        (merge_request(None, source=8), None),
        (merge_request(BRANCH | {"project_id": 8}, source=8), None),
        (
            merge_request(BRANCH | {"ref": "refs/merge-requests/3/head"}, source=8),
            Pipeline(HEAD, "refs/merge-requests/3/head", 5),
        ),
    ],
)
def test_a_status_stands_in_the_pipeline_that_decides(found: dict[str, Any], where: Pipeline | None) -> None:
    """None, branch, detached, merged results, one of an older head, and those of a fork."""
    assert publishing.pipeline(found, 7) == where


@pytest.mark.parametrize(
    ("statuses", "ours", "state", "intact"),
    [
        ([status(1, "pending")], note(CheckState.WAITING), CheckState.WAITING, True),
        ([status(1, "success")], note(CheckState.PASSED), CheckState.PASSED, True),
        ([status(1, "pending"), status(2, "success", JO)], note(CheckState.WAITING), CheckState.PASSED, False),
        ([status(1, "pending"), status(2, "pending", JO)], note(CheckState.WAITING), CheckState.WAITING, False),
        ([status(1, "skipped")], note(CheckState.WAITING), CheckState.PASSED, False),
        ([status(1, "success")], None, CheckState.PASSED, False),
        ([status(1, "success")], note(CheckState.PASSED, OLD), CheckState.PASSED, False),
        (
            [status(1, "success")],
            note(CheckState.PASSED, footer="Enforcement here: enforced."),
            CheckState.PASSED,
            False,
        ),
        ([status(1, "running")], note(CheckState.REFUSED), CheckState.WAITING, False),
        ([status(1, "pending")], replace(note(CheckState.WAITING), current=False), CheckState.WAITING, False),
    ],
)
def test_the_newest_status_of_our_name_is_what_gitlab_shows(
    statuses: list[dict[str, Any]], ours: Note | None, state: CheckState, intact: bool
) -> None:
    """Whoever posted it. What is not wholly as it was written has no digest, and is written anew."""
    found = publishing.by_status(statuses, ours, NOW, BOT)
    assert found is not None
    assert (found.state, found.intact, found.digest) == (state, intact, "d1" if intact else "")
    assert found.written == (ours.written if ours else None), "also where it has to be written anew"
    assert publishing.by_status([], ours, NOW, BOT) is None


@pytest.mark.parametrize(
    ("approved", "ours", "state", "intact"),
    [
        (True, note(CheckState.PASSED), CheckState.PASSED, True),
        (False, note(CheckState.WAITING), CheckState.WAITING, True),
        (False, note(CheckState.REFUSED), CheckState.REFUSED, True),
        (True, note(CheckState.PASSED, OLD), CheckState.PASSED, False),
        (True, note(CheckState.WAITING), CheckState.PASSED, False),
        (True, None, CheckState.PASSED, False),
        (False, note(CheckState.PASSED), CheckState.WAITING, False),
    ],
)
def test_an_approval_that_outlived_a_push_or_was_dropped_is_not_intact(
    approved: bool, ours: Note | None, state: CheckState, intact: bool
) -> None:
    """GitLab keeps it over an amend, and drops it for a while after a push."""
    found = publishing.by_approval(approved, ours, NOW)
    assert found is not None
    assert (found.state, found.intact) == (state, intact)
    assert publishing.by_approval(False, None, NOW) is None


def test_every_status_of_our_name_by_somebody_else_is_a_mark_of_theirs() -> None:
    """Also a job that a deleted account started."""
    marks = publishing.foreign(
        [status(1, "success"), status(2, "success", JO), status(3, "failed") | {"author": None}], BOT
    )
    assert [(mark.by.id, mark.state) for mark in marks] == [(JO, CheckState.PASSED), (None, CheckState.REFUSED)]
