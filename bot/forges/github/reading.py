"""A pull request as one reading shows it: one query, the pages that did not fit, and files that the query hides.

Everything is of one head: an answer of two is asked for again. What a field means is told in convert.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.forges.github import convert, ids, queries, webhook, whole
from bot.forges.github.guarding import names
from bot.forges.github.paging import Pager
from bot.forges.github.session import GitHubSettings, Session
from bot.forges.port import Lifecycle, Published, Reading
from bot.model.change import Change, File, FileStatus, Head
from bot.model.errors import GoneError, TryAgainError
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]

MOST_FILES = 3000
"""GitHub gives no more files of a pull request (REST documentation)."""


@dataclass(frozen=True, slots=True)
class _Lists:
    """What a pull request has many of, each to its end."""

    commits: Sequence[Json]
    timeline: Sequence[Json]
    reviews: Sequence[Json]
    comments: Sequence[Json]
    files: tuple[File, ...]
    missing: Sequence[str]


@convert.strict
def read(session: Session, repository: Repository, number: int, settings: GitHubSettings) -> Reading:
    """The whole pull request; GoneError for one that nothing can be published to."""
    variables = {
        **names(repository),
        "number": number,
        "appId": settings.app_id,
        "checkName": settings.check_name,
    }
    found = session.graphql(repository.installation, queries.CHANGE, variables)["repository"]
    if not found or not found.get("pullRequest"):
        raise GoneError(f"GitHub knows no {repository.name}#{number} (any more)")
    known = ids.repository_id(session, repository, found)
    if known != repository.id:
        raise GoneError(f"{repository.name} is another repository now (id {known})")
    if found["isArchived"]:
        raise GoneError(f"{repository.name} is archived: nothing can be published there")
    pull = found["pullRequest"]
    lists = _lists(session, repository, pull)
    tip = whole.tip(pull)
    if tip is not None and tip["oid"] != pull["headRefOid"]:
        raise TryAgainError(f"GitHub's answer about {found['nameWithOwner']}#{number} is of two heads")
    ours = ids.published(session, repository, Sha(pull["headRefOid"]), tip, settings) if tip else None
    return _reading(repository, found, lists, ours)


def _lists(session: Session, repository: Repository, pull: Json) -> _Lists:
    pager = Pager(session, repository, pull)
    return _Lists(
        commits=[node["commit"] for node in pager.forward("commits", queries.MORE_COMMITS)],
        timeline=pager.backward("timelineItems", queries.MORE_TIMELINE),
        reviews=pager.backward("reviews", queries.MORE_REVIEWS),
        comments=pager.backward("comments", queries.MORE_COMMENTS),
        files=_files(session, repository, pull, pager),
        missing=pager.missing,
    )


def _files(session: Session, repository: Repository, pull: Json, pager: Pager) -> tuple[File, ...]:
    """GraphQL tells no previous path of a renamed file, and nothing at all of very many files: REST does."""
    if pull["files"] is not None and pull["changedFiles"] <= MOST_FILES:
        listed = tuple(convert.file(node) for node in pager.forward("files", queries.MORE_FILES))
        shown = "files" not in pager.missing
        if shown and not any(entry.status in {FileStatus.RENAMED, FileStatus.COPIED} for entry in listed):
            return listed
        pager.missing = [each for each in pager.missing if each != "files"]
    path = f"/repos/{repository.name}/pulls/{pull['number']}/files"
    return tuple(convert.rest_file(entry) for entry in session.pages(repository.installation, path))


def _reading(repository: Repository, found: Json, lists: _Lists, ours: Published | None) -> Reading:
    pull, tip = found["pullRequest"], whole.tip(found["pullRequest"])
    arrived = convert.arrived(tip) if tip else None
    turns = convert.head_moves(lists.timeline)
    moves = (*turns, convert.time(pull["createdAt"]), *((arrived,) if arrived else ()))
    change = _change(found, lists, Head(Sha(pull["headRefOid"]), max(moves), max(turns, default=convert.NEVER)))
    return Reading(
        change=change,
        repository=replace(repository, name=change.repository, default_branch=change.default_branch),
        lifecycle=Lifecycle(pull["state"].lower()),
        url=pull["url"],
        created_at=convert.time(pull["createdAt"]),
        updated_at=convert.time(pull["updatedAt"]),
        from_fork=pull["isCrossRepository"],
        foreign=convert.marks(tip),
        comments=convert.comments(lists.comments),
        published=ours,
        notes=Sha(found["notes"]["target"]["oid"]) if found["notes"] else None,
        former_bodies=convert.former_bodies(pull["userContentEdits"], pull["body"]),
        local_rules=convert.local_rules(found["localRules"]),
        merge_base=convert.merge_base(change.commits),
        abandoned=convert.abandoned(lists.timeline),
        merge=convert.commit(pull["mergeCommit"]) if pull["mergeCommit"] else None,
        merged_at=convert.time(pull["mergedAt"]) if pull["mergedAt"] else None,
        merged_by=convert.account(pull["mergedBy"]) if pull["mergedBy"] else None,
    )


def _change(found: Json, lists: _Lists, head: Head) -> Change:
    pull, commits = found["pullRequest"], tuple(convert.commit(node) for node in lists.commits)
    missing = tuple(dict.fromkeys((*whole.missing(pull, commits), *lists.missing)))
    return Change(
        forge=webhook.FORGE,
        repository=found["nameWithOwner"],
        number=pull["number"],
        title=pull["title"],
        body=pull["body"],
        base=pull["baseRefName"],
        default_branch=(found["defaultBranchRef"] or {}).get("name", ""),
        branch=pull["headRefName"],
        author=convert.account(pull["author"]),
        head=head,
        commits=commits,
        labels=whole.labels(pull),
        files=lists.files,
        files_truncated=len(lists.files) < pull["changedFiles"],
        reviews=convert.reviews(lists.reviews, convert.dismissals(lists.timeline)),
        complete=not missing,
        label_events=convert.label_events(lists.timeline),
        body_editor=convert.account(pull["editor"]) if pull["editor"] else None,
        base_sha=Sha(pull["baseRefOid"]),
        missing=missing,
    )
