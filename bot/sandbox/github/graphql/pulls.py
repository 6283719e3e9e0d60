"""Pull requests, their reviews, comments and history in the graph."""

from typing import Any, ClassVar

from bot.sandbox import git
from bot.sandbox.github import diffs, permissions, protection, queue
from bot.sandbox.github.errors import NotModelled
from bot.sandbox.github.graphql.commit import Commit
from bot.sandbox.github.graphql.node import Many, Node
from bot.sandbox.github.graphql.repository import MergeQueue, MergeQueueEntry, RepositoryNode, ref
from bot.sandbox.github.graphql.root import actor
from bot.sandbox.github.records import Comment, Issue, Label, Repository, Review, TimelineItem
from bot.sandbox.github.world import HEADS

CHANGES = {"added": "ADDED", "removed": "DELETED", "modified": "MODIFIED", "renamed": "RENAMED", "changed": "CHANGED"}


def state(pull: Issue) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if pull.merged_at else pull.state.upper()


class Written(Node):
    """What people write: it has an author, a text, and perhaps an editor."""

    plain: ClassVar[tuple[str, ...]] = ("created_at", "updated_at", "last_edited_at")

    def full_database_id(self) -> str:
        """The number that stays, as text."""
        return str(self.row.id)

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def body(self) -> str:
        """The text."""
        return self.row.body or ""

    def _author_id(self) -> int:
        return int(self.row.user_id)

    def _repo(self) -> Repository:
        raise NotImplementedError

    def author(self) -> Node | None:
        """Who wrote it."""
        return actor(self.context, self._author_id())

    def author_association(self) -> str:
        """How the author relates to the repository."""
        return permissions.association(self.world, self.world.account_by_id(self._author_id()), self._repo())

    def editor(self) -> Node | None:
        """Who edited it last."""
        return actor(self.context, getattr(self.row, "editor_id", None))

    def includes_created_edit(self) -> bool:
        """Whether it was edited within the grace of its making: never, here."""
        return False


class PullRequest(Written):
    """A pull request."""

    prefix: ClassVar = "PR"
    plain: ClassVar[tuple[str, ...]] = (
        "number", "title", "created_at", "updated_at", "closed_at", "merged_at", "last_edited_at",
        "maintainer_can_modify",
    )  # fmt: skip

    def _author_id(self) -> int:
        return int(self.row.author_id)

    def _repo(self) -> Repository:
        return self.world.repo_of(self.row)

    def url(self) -> str:
        """The page."""
        return f"{self.world.base_url}/{self.world.full_name(self._repo())}/pull/{self.row.number}"

    def repository(self) -> Node:
        """Where it is."""
        return RepositoryNode(self.context, self._repo())

    def base_repository(self) -> Node:
        """Likewise."""
        return RepositoryNode(self.context, self._repo())

    def user_content_edits(self) -> Many:
        """The texts that the body had, each whole, the newest first and the one it was opened with last."""
        return Many(
            self.row.edits[::-1],
            lambda edit: {"createdAt": edit[0], "editedAt": edit[0], "diff": edit[2], "deletedAt": None},
        )

    def state(self) -> str:
        """OPEN, CLOSED or MERGED."""
        return state(self.row)

    def closed(self) -> bool:
        """Whether it is not open."""
        return bool(self.row.state == "closed")

    def merged(self) -> bool:
        """Whether it was merged."""
        return self.row.merged_at is not None

    def merged_by(self) -> Node | None:
        """Who merged it."""
        return actor(self.context, self.row.merged_by_id)

    def merge_commit(self) -> Node | None:
        """The commit that merged it."""
        return Commit(self.context, (self._repo(), self.row.merge_commit_sha)) if self.row.merge_commit_sha else None

    def is_draft(self) -> bool:
        """Whether it is a draft."""
        return bool(self.row.draft)

    def is_cross_repository(self) -> bool:
        """Whether it comes from a fork."""
        return bool(self.row.head_repo_id != self.row.repo_id)

    def review_decision(self) -> str | None:
        """What the reviews amount to, where they are required."""
        return protection.review_decision(self.world, self.row)

    def mergeable(self) -> str:
        """MERGEABLE or CONFLICTING."""
        word = protection.merge_state(self.world, self.row)
        return {"dirty": "CONFLICTING", "unknown": "UNKNOWN"}.get(word, "MERGEABLE")

    def merge_state_status(self) -> str:
        """GitHub's one word."""
        return protection.merge_state(self.world, self.row).upper()

    def head_ref_name(self) -> str:
        """The branch."""
        return str(self.row.head_ref)

    def base_ref_name(self) -> str:
        """The branch it goes into."""
        return str(self.row.base_ref)

    def head_ref_oid(self) -> str:
        """The head."""
        return str(self.row.head_sha)

    def base_ref_oid(self) -> str:
        """The base as it was when the head last moved."""
        return str(self.row.base_sha)

    def head_repository(self) -> Node | None:
        """Where it comes from; null when that was deleted."""
        found = self.world.head_repo(self.row)
        return RepositoryNode(self.context, found) if found else None

    def head_repository_owner(self) -> Node | None:
        """Whose that is."""
        found = self.world.head_repo(self.row)
        return actor(self.context, found.owner_id) if found else None

    def head_ref(self) -> Node | None:
        """The branch; null when it was deleted."""
        found = self.world.head_repo(self.row)
        return ref(self.context, found, HEADS + self.row.head_ref) if found else None

    def base_ref(self) -> Node | None:
        """The base branch; null when it was deleted."""
        return ref(self.context, self._repo(), HEADS + self.row.base_ref)

    def labels(self) -> Many:
        """Its labels."""
        return Many(self.row.label_ids, self._label)

    def _label(self, label_id: int) -> dict[str, Any]:
        label = self.world.existing(Label, label_id)
        return {"id": f"LA_{label.id}", "name": label.name, "color": label.color, "description": label.description}

    def commits(self) -> Many:
        """Its commits, the oldest first."""
        repo = self._repo()
        found = diffs.commits(self.world, self.row)
        return Many(found, lambda oid: PullRequestCommit(self.context, (self.row, repo, oid)))

    def files(self) -> Many:
        """Its files; a renamed one without its old path, which only REST tells."""
        found = diffs.files(self.world, self.row)
        return Many(found, lambda file: {
            "path": file.path, "additions": file.additions, "deletions": file.deletions,
            "changeType": CHANGES[file.status],
        })  # fmt: skip

    def _all(self) -> tuple[git.FileChange, ...]:
        return diffs.all_files(self.world, self.row)

    def changed_files(self) -> int:
        """How many files differ, told or not."""
        return len(self._all())

    def additions(self) -> int:
        """Lines added."""
        return sum(file.additions for file in self._all())

    def deletions(self) -> int:
        """Lines deleted."""
        return sum(file.deletions for file in self._all())

    def reviews(self, states: list[str] | None = None, author: str | None = None) -> Many:
        """Its reviews, the oldest first."""
        found = [
            review
            for review in self.world.store.where(Review, pull_id=self.row.id)
            if (states is None or review.state in states) and author in {None, self._login(review.user_id)}
        ]
        return Many(found, lambda review: PullRequestReview(self.context, review))

    def _login(self, account_id: int) -> str:
        account = self.world.account_by_id(account_id)
        return account.login if account else ""

    def latest_opinionated_reviews(self, *, writers_only: bool = False) -> Many:
        """Each reviewer's last opinion."""
        repo = self._repo()
        found = [
            review
            for review in protection.last_words(self.world, self.row).values()
            if not writers_only
            or permissions.at_least(
                permissions.role(self.world, self.world.account_by_id(review.user_id), repo), "write"
            )
        ]
        return Many(found, lambda review: PullRequestReview(self.context, review))

    def latest_reviews(self) -> Many:
        """Each reviewer's last review of any kind."""
        rows = {review.user_id: review for review in self.world.store.where(Review, pull_id=self.row.id)}
        return Many(list(rows.values()), lambda review: PullRequestReview(self.context, review))

    def review_requests(self) -> Many:
        """Who is asked."""
        return Many(
            self.row.requested_reviewer_ids,
            lambda found: {"id": f"RR_{found}", "requestedReviewer": actor(self.context, found)},
        )

    def comments(self, order_by: Any = None) -> Many:
        """The conversation, the oldest first."""
        _ = order_by
        found = self.world.store.where(Comment, issue_id=self.row.id)
        return Many(found, lambda comment: IssueComment(self.context, comment))

    def timeline_items(self, item_types: list[str] | None = None, since: str | None = None) -> Many:
        """The history. `totalCount` counts every kind, `filteredCount` the wanted ones."""
        repo, store = self._repo(), self.world.store
        rows: list[tuple[str, str, Node]] = [
            ("", "PULL_REQUEST_COMMIT", PullRequestCommit(self.context, (self.row, repo, oid)))
            for oid in diffs.commits(self.world, self.row)
        ]
        rows += [
            (review.submitted_at, "PULL_REQUEST_REVIEW", PullRequestReview(self.context, review))
            for review in store.where(Review, pull_id=self.row.id)
        ]
        rows += [
            (comment.created_at, "ISSUE_COMMENT", IssueComment(self.context, comment))
            for comment in store.where(Comment, issue_id=self.row.id)
        ]
        rows += [
            (item.created_at, item.kind, TimelineNode(self.context, item))
            for item in store.where(TimelineItem, issue_id=self.row.id)
            if not item.kind.startswith("COPILOT_")
        ]
        rows.sort(key=lambda row: row[0])
        wanted = [
            row for row in rows if (item_types is None or row[1] in item_types) and (since is None or row[0] >= since)
        ]
        return Many(wanted, lambda row: row[2], {"totalCount": len(rows)})

    def merge_queue(self) -> Node | None:
        """The queue of its base, where there is one."""
        return MergeQueue(self.context, (self._repo(), self.row.base_ref)) if self.is_merge_queue_enabled() else None

    def merge_queue_entry(self) -> Node | None:
        """Where it waits."""
        found = queue.entry_of(self.world, self.row)
        return MergeQueueEntry(self.context, found) if found else None

    def is_in_merge_queue(self) -> bool:
        """Whether it waits."""
        return queue.entry_of(self.world, self.row) is not None

    def is_merge_queue_enabled(self) -> bool:
        """Whether its base has a queue."""
        found = protection.rules(self.world, self._repo(), self.row.base_ref)
        return any(rule.type == "merge_queue" for rule in found)

    def auto_merge_request(self) -> None:
        """Auto-merge is not modelled: nobody asked for it."""


class PullRequestCommit(Node):
    """A commit of a pull request; the row is the pull request, the repository and the id."""

    def id(self) -> str:
        """The opaque id."""
        return f"PRC_{self.row[0].id}_{self.row[2]}"

    def commit(self) -> Node:
        """The commit."""
        return Commit(self.context, (self.row[1], self.row[2]))

    def pull_request(self) -> Node:
        """The pull request."""
        return PullRequest(self.context, self.row[0])


class PullRequestReview(Written):
    """A review."""

    prefix: ClassVar = "PRR"
    plain: ClassVar[tuple[str, ...]] = ("state", "submitted_at", "last_edited_at")

    def _repo(self) -> Repository:
        return self.world.repo_of(self.world.existing(Issue, self.row.pull_id))

    def editor(self) -> Node | None:
        """Who edited it: only its author can."""
        return self.author() if self.row.last_edited_at else None

    def created_at(self) -> str:
        """Drafts of reviews are not modelled, so the same as submitted."""
        return str(self.row.submitted_at)

    def updated_at(self) -> str:
        """Last changed."""
        return str(self.row.last_edited_at or self.row.submitted_at)

    def author_can_push_to_repository(self) -> bool:
        """Whether a writer gave it."""
        account = self.world.account_by_id(self.row.user_id)
        return permissions.at_least(permissions.role(self.world, account, self._repo()), "write")

    def commit(self) -> Node:
        """The commit it is said to be for."""
        return Commit(self.context, (self._repo(), self.row.commit_sha))

    def pull_request(self) -> Node:
        """Of what."""
        return PullRequest(self.context, self.world.existing(Issue, self.row.pull_id))

    def url(self) -> str:
        """The place on the page."""
        pull = self.world.existing(Issue, self.row.pull_id)
        return f"{PullRequest(self.context, pull).url()}#pullrequestreview-{self.row.id}"


class IssueComment(Written):
    """A comment."""

    prefix: ClassVar = "IC"

    def _issue(self) -> Issue:
        return self.world.existing(Issue, self.row.issue_id)

    def _repo(self) -> Repository:
        return self.world.repo_of(self._issue())

    def pull_request(self) -> Node | None:
        """Of what."""
        issue = self._issue()
        return PullRequest(self.context, issue) if issue.is_pull else None

    def url(self) -> str:
        """The place on the page."""
        return f"{PullRequest(self.context, self._issue()).url()}#issuecomment-{self.row.id}"


class TimelineNode(Node):
    """An event. What it is about stands in the row's data."""

    prefix: ClassVar = "E"
    plain: ClassVar[tuple[str, ...]] = ("created_at",)

    @property
    def type_name(self) -> str:
        """HEAD_REF_FORCE_PUSHED_EVENT is a HeadRefForcePushedEvent."""
        return "".join(word.capitalize() for word in str(self.row.kind).split("_"))

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def actor(self) -> Node | None:
        """Who did it."""
        return actor(self.context, self.row.actor_id)

    def enqueuer(self) -> Node | None:
        """Who did it."""
        return self.actor()

    def _pull(self) -> Issue:
        return self.world.existing(Issue, self.row.issue_id)

    def pull_request(self) -> Node:
        """To what."""
        return PullRequest(self.context, self._pull())

    def _commit(self, name: str) -> Node | None:
        sha = self.row.data.get(name)
        return Commit(self.context, (self.world.repo_of(self._pull()), sha)) if sha else None

    def label(self) -> dict[str, Any]:
        """The label put on or taken off."""
        label = self.world.existing(Label, self.row.data["label"])
        return {"id": f"LA_{label.id}", "name": label.name, "color": label.color, "description": label.description}

    def before_commit(self) -> Node | None:
        """The head before."""
        return self._commit("before")

    def after_commit(self) -> Node | None:
        """The head after."""
        return self._commit("after")

    def commit(self) -> Node | None:
        """The commit that merged it."""
        return self._commit("commit")

    def previous_ref_name(self) -> str:
        """The base before."""
        return str(self.row.data["before"])

    def current_ref_name(self) -> str:
        """The base after."""
        return str(self.row.data["after"])

    def previous_title(self) -> str:
        """The title before."""
        return str(self.row.data["before"])

    def current_title(self) -> str:
        """The title after."""
        return str(self.row.data["after"])

    def merge_ref_name(self) -> str:
        """The base it was merged into."""
        return str(self.row.data["ref"])

    def head_ref_name(self) -> str:
        """The branch that was deleted."""
        return self._pull().head_ref

    def base_ref_name(self) -> str:
        """The base that was deleted."""
        return self._pull().base_ref

    def reason(self) -> Any:
        """Why it left the queue."""
        return self.row.data.get("reason")

    def dismissal_message(self) -> Any:
        """What was said with it."""
        return self.row.data.get("message")

    def previous_review_state(self) -> str:
        """What the review was."""
        return str(self.row.data["was"])

    def review(self) -> Node | None:
        """The review that was dismissed."""
        found = self.world.store.get(Review, self.row.data["review"])
        return PullRequestReview(self.context, found) if found else None

    def pull_request_commit(self) -> Node | None:
        """The commit whose push dismissed it, when the forge did."""
        sha = self.row.data.get("commit")
        return PullRequestCommit(self.context, (self._pull(), self.world.repo_of(self._pull()), sha)) if sha else None

    def requested_reviewer(self) -> Node | None:
        """Who was asked."""
        return actor(self.context, self.row.data["reviewer"])

    def ref(self) -> None:
        """The branch of a force push; not told here."""
        raise NotModelled("HeadRefForcePushedEvent.ref")
