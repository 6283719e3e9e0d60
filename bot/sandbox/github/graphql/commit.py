"""Commits, trees, blobs and checks in the graph."""

from dataclasses import dataclass
from typing import Any, ClassVar

from bot.sandbox import git
from bot.sandbox.clock import iso, seconds
from bot.sandbox.git.diff import is_binary
from bot.sandbox.git.objects import DIRECTORY
from bot.sandbox.github import checks, diffs, protection
from bot.sandbox.github.errors import NotModelled
from bot.sandbox.github.graphql.node import Context, Many, Node
from bot.sandbox.github.graphql.root import User, actor
from bot.sandbox.github.records import App, CheckRun, CheckSuite, Issue, Repository, Status
from bot.sandbox.github.views.commits import commit_changes

LARGEST_TEXT = 512_000
CO_AUTHOR = "co-authored-by:"


def git_object(context: Context, repo: Repository, oid: str) -> Node | None:
    """The object of an id, as its type."""
    kinds = {"commit": Commit, "tree": Tree, "blob": Blob}
    kind = context.world.objects.kind(oid)
    return kinds[kind](context, (repo, oid)) if kind else None


class GitObject(Node):
    """What all objects have; the row is a repository and an id."""

    @property
    def sha(self) -> str:
        """The id."""
        return str(self.row[1])

    def id(self) -> str:
        """The opaque id."""
        return f"{self.type_name}_{self.sha}"

    def oid(self) -> str:
        """The id."""
        return self.sha

    def abbreviated_oid(self) -> str:
        """Its beginning."""
        return self.sha[:7]

    def repository(self) -> Node:
        """Where it was asked for."""
        from bot.sandbox.github.graphql.repository import RepositoryNode  # noqa: PLC0415 - the graph is cyclic

        return RepositoryNode(self.context, self.row[0])


class Blob(GitObject):
    """A file's content. Binary content has no text, and long text is cut."""

    def _data(self) -> bytes:
        return self.world.objects.data(self.sha)

    def byte_size(self) -> int:
        """Its size."""
        return len(self._data())

    def is_binary(self) -> bool:
        """Whether it is no text."""
        return is_binary(self._data())

    def is_truncated(self) -> bool:
        """Whether `text` is not all of it."""
        return len(self._data()) > LARGEST_TEXT

    def text(self) -> str | None:
        """The text, as much as is given."""
        return None if self.is_binary() else self._data()[:LARGEST_TEXT].decode("utf-8", "replace")


class Tree(GitObject):
    """A directory."""

    def entries(self) -> list[Node]:
        """What is in it."""
        found = self.world.objects.entries(self.sha)
        return [TreeEntry(self.context, (self.row[0], name, entry)) for name, entry in found.items()]


class TreeEntry(Node):
    """A name in a directory; the row is the repository, the path and the entry."""

    def name(self) -> str:
        """Its name."""
        return str(self.row[1]).rpartition("/")[2]

    def path(self) -> str:
        """Its path."""
        return str(self.row[1])

    def mode(self) -> int:
        """Its mode as a number: 33188 is 100644."""
        return int(self.row[2].mode, 8)

    def oid(self) -> str:
        """The object."""
        return str(self.row[2].oid)

    def type(self) -> str:
        """blob, tree or commit."""
        return str(self.row[2].kind)

    def size(self) -> int:
        """In bytes."""
        return len(self.world.objects.data(self.row[2].oid))

    def object(self) -> Node | None:
        """What it names; null for a submodule."""
        return git_object(self.context, self.row[0], self.row[2].oid)


class Commit(GitObject):
    """A commit."""

    @property
    def found(self) -> git.Commit:
        """As git has it."""
        return self.world.objects.commit(self.sha)

    def url(self) -> str:
        """The page."""
        return f"{self.world.base_url}/{self.world.full_name(self.row[0])}/commit/{self.sha}"

    def message(self) -> str:
        """All of it."""
        return self.found.message

    def message_headline(self) -> str:
        """The first line."""
        return self.found.headline

    def message_body(self) -> str:
        """The rest."""
        return self.found.message.partition("\n")[2].strip("\n")

    def authored_date(self) -> str:
        """As the author's clock had it."""
        return iso(seconds(self.found.author.date))

    def committed_date(self) -> str:
        """As the committer's clock had it."""
        return iso(seconds(self.found.committer.date))

    def committed_via_web(self) -> bool:
        """Whether GitHub made it."""
        return self.found.committer.email == "noreply@github.com"

    def authored_by_committer(self) -> bool:
        """Whether they are the same."""
        return self.found.author.email == self.found.committer.email

    def author(self) -> Node:
        """Who wrote it."""
        return GitActor(self.context, self.found.author)

    def committer(self) -> Node:
        """Who committed it."""
        return GitActor(self.context, self.found.committer)

    def authors(self) -> Many:
        """The author and the co-authors named in trailers, the author first."""
        rows = [self.found.author]
        for line in self.found.message.splitlines():
            if line.strip().lower().startswith(CO_AUTHOR) and "<" in line:
                name, _, email = line.strip()[len(CO_AUTHOR) :].partition("<")
                who = git.Signature(name.strip(), email.partition(">")[0], self.found.author.date)
                if who.email not in {row.email for row in rows}:
                    rows.append(who)
        return Many(rows, lambda row: GitActor(self.context, row))

    def parents(self) -> Many:
        """What it was made from."""
        return Many(self.found.parents, lambda oid: Commit(self.context, (self.row[0], oid)))

    def tree(self) -> Node:
        """Its files."""
        return Tree(self.context, (self.row[0], self.found.tree))

    def file(self, path: str) -> Node | None:
        """What stands at a path; null when nothing."""
        self.needs("contents:read")
        files = self.world.objects.files(self.sha)
        if path in files:
            return TreeEntry(self.context, (self.row[0], path, files[path]))
        tree = self.found.tree
        for step in path.split("/"):
            entry = self.world.objects.entries(tree).get(step)
            if entry is None or entry.mode != DIRECTORY:
                return None
            tree = entry.oid
        return TreeEntry(self.context, (self.row[0], path, git.Entry(DIRECTORY, tree)))

    def signature(self) -> Node | None:
        """Only what GitHub signed itself is signed here."""
        return GpgSignature(self.context, self.found) if self.found.signature else None

    def _changes(self) -> list[git.FileChange]:
        return commit_changes(self.world, self.sha)

    def additions(self) -> int:
        """Lines added against the first parent."""
        return sum(file.additions for file in self._changes())

    def deletions(self) -> int:
        """Lines deleted against the first parent."""
        return sum(file.deletions for file in self._changes())

    def changed_files_if_available(self) -> int:
        """Files changed against the first parent."""
        return len(self._changes())

    def history(self, path: str | None = None, since: str | None = None, until: str | None = None) -> Many:
        """This commit and what is behind it, the newest first."""
        order = git.range_commits(self.world.objects, None, self.sha)[::-1]
        if path is not None:
            raise NotModelled("history of a path")
        if since is not None:
            order = [oid for oid in order if seconds(self._of(oid).committed_date()) >= seconds(since)]
        if until is not None:
            order = [oid for oid in order if seconds(self._of(oid).committed_date()) <= seconds(until)]
        return Many(order, self._of)

    def _of(self, oid: str) -> "Commit":
        return Commit(self.context, (self.row[0], oid))

    def associated_pull_requests(self, order_by: dict[str, str] | None = None) -> Many:
        """The pull requests that brought it, or would."""
        from bot.sandbox.github.graphql.pulls import PullRequest  # noqa: PLC0415 - the graph is cyclic

        self.needs("pull_requests:read")
        found = [
            pull
            for pull in self.world.store.where(Issue, repo_id=self.row[0].id, is_pull=True)
            if self.sha in {pull.merge_commit_sha, pull.head_sha} or self.sha in diffs.commits(self.world, pull)
        ]
        if order_by and order_by["direction"] == "DESC":
            found.reverse()
        return Many(found, lambda pull: PullRequest(self.context, pull))

    def status_check_rollup(self) -> Node | None:
        """What all checks and statuses amount to; null without any."""
        return StatusCheckRollup(self.context, self.row) if self._rollup() else None

    def _rollup(self) -> str | None:
        return checks.rollup(self.world, self.row[0], self.sha)

    def status(self) -> Node | None:
        """The commit statuses, without checks; null without any."""
        found = checks.latest_statuses(self.world, *self.row)
        return CombinedStatus(self.context, _Statuses(self.context, found)) if found else None

    def check_suites(self, filter_by: dict[str, Any] | None = None) -> Many:
        """What Apps check on it."""
        self.needs("checks:read")
        wanted = filter_by or {}
        found = [
            suite
            for suite in self.world.store.where(CheckSuite, head_sha=self.sha, repo_id=self.row[0].id)
            if wanted.get("appId") in {None, suite.app_id}
            and (wanted.get("checkName") is None or wanted["checkName"] in self._names(suite))
        ]
        return Many(found, lambda suite: CheckSuiteNode(self.context, suite))

    def _names(self, suite: CheckSuite) -> set[str]:
        return {run.name for run in self.world.store.where(CheckRun, suite_id=suite.id)}


class StatusCheckRollup(GitObject):
    """The combined state of a commit."""

    def state(self) -> str | None:
        """SUCCESS, PENDING or FAILURE."""
        return checks.rollup(self.world, self.row[0], self.sha)

    def contexts(self) -> Many:
        """Every check run and status, the latest of each name."""
        runs: list[Any] = list(checks.latest_runs(self.world, self.row[0], self.sha))
        rows = runs + checks.latest_statuses(self.world, self.row[0], self.sha)
        return Many(rows, lambda row: (CheckRunNode if isinstance(row, CheckRun) else StatusContext)(self.context, row))


@dataclass(frozen=True)
class _Statuses:
    """The newest statuses of a commit; `context` is a field of the schema, and an attribute of every node."""

    asked: Context
    rows: list[Status]

    def context(self, name: str) -> Node | None:
        """The one of a name; null without any."""
        found = [row for row in self.rows if row.context == name]
        return StatusContext(self.asked, found[-1]) if found else None


class CombinedStatus(Node):
    """The commit statuses of a commit."""

    typename: ClassVar = "Status"
    plain: ClassVar[tuple[str, ...]] = ("context",)


class GitActor(Node):
    """Somebody named in a commit. `user` is null for bots: the schema has people only there."""

    def name(self) -> str:
        """As written."""
        return str(self.row.name)

    def email(self) -> str:
        """As written."""
        return str(self.row.email)

    def date(self) -> str:
        """As written."""
        return str(self.row.date)

    def user(self) -> Node | None:
        """The person whose mailbox it is."""
        account = self.world.account_by_email(self.row.email)
        return User(self.context, account) if account and account.kind == "User" else None


class GpgSignature(Node):
    """GitHub's own signature."""

    def is_valid(self) -> bool:
        """Always, for its own."""
        return True

    def state(self) -> str:
        """VALID."""
        return "VALID"

    def was_signed_by_git_hub(self) -> bool:
        """Always."""
        return True

    def email(self) -> str:
        """The signer's mailbox."""
        return str(self.row.committer.email)

    def signature(self) -> str:
        """The text."""
        return str(self.row.signature)

    def signer(self) -> Node | None:
        """GitHub's own account."""
        account = self.world.account_by_email(self.row.committer.email)
        return User(self.context, account) if account else None


class Requirable(Node):
    """What can be required for a pull request."""

    def _required(self, repo_id: int, sha: str, name: str, app_id: int | None, number: int | None) -> bool:
        if number is None:
            raise NotModelled("isRequired without pullRequestNumber")
        _ = sha
        repo = self.world.existing(Repository, repo_id)
        pull = self.world.pull(repo, number)
        return any(
            check["context"] == name and check.get("integration_id") in {None, app_id}
            for rule in protection.rules(self.world, repo, pull.base_ref)
            if rule.type == "required_status_checks"
            for check in rule.parameters["required_status_checks"]
        )


class CheckSuiteNode(Node):
    """What one App checks on one commit."""

    typename: ClassVar = "CheckSuite"
    prefix: ClassVar = "CS"
    plain: ClassVar[tuple[str, ...]] = ("created_at", "updated_at")

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def app(self) -> dict[str, Any]:
        """Whose it is."""
        return app(self.context, self.row.app_id)

    def status(self) -> str:
        """QUEUED, IN_PROGRESS or COMPLETED."""
        return checks.suite_state(self.world, self.row)[0].upper()

    def conclusion(self) -> str | None:
        """The worst of its latest runs."""
        conclusion = checks.suite_state(self.world, self.row)[1]
        return conclusion.upper() if conclusion else None

    def commit(self) -> Node:
        """The commit."""
        return Commit(self.context, (self.world.existing(Repository, self.row.repo_id), self.row.head_sha))

    def check_runs(self, filter_by: dict[str, Any] | None = None) -> Many:
        """Its runs; LATEST (the default) gives the last of each name."""
        wanted = filter_by or {}
        runs = self.world.store.where(CheckRun, suite_id=self.row.id)
        if wanted.get("checkType", "LATEST") == "LATEST":
            runs = list({run.name: run for run in runs}.values())
        states = [state.lower() for state in (wanted.get("statuses") or ())]
        states += [wanted["status"].lower()] if wanted.get("status") else []
        ends = [state.lower() for state in (wanted.get("conclusions") or ())]
        found = [
            run
            for run in runs
            if wanted.get("checkName") in {None, run.name}
            and wanted.get("appId") in {None, run.app_id}
            and (not states or run.status in states)
            and (not ends or run.conclusion in ends)
        ]
        return Many(found, lambda run: CheckRunNode(self.context, run))


def app(context: Context, app_id: int) -> dict[str, Any]:
    """An App, as far as the graph tells."""
    found = context.world.existing(App, app_id)
    return {"id": f"A_{found.id}", "databaseId": found.id, "slug": found.slug, "name": found.name}


class CheckRunNode(Requirable):
    """One check."""

    typename: ClassVar = "CheckRun"
    prefix: ClassVar = "CR"
    plain: ClassVar[tuple[str, ...]] = (
        "name",
        "external_id",
        "details_url",
        "started_at",
        "completed_at",
        "title",
        "summary",
        "text",
    )

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def status(self) -> str:
        """QUEUED, IN_PROGRESS or COMPLETED."""
        return str(self.row.status).upper()

    def conclusion(self) -> str | None:
        """How it ended."""
        return self.row.conclusion.upper() if self.row.conclusion else None

    def check_suite(self) -> Node:
        """Its suite."""
        return CheckSuiteNode(self.context, self.world.existing(CheckSuite, self.row.suite_id))

    def permalink(self) -> str:
        """The page."""
        repo = self.world.existing(Repository, self.row.repo_id)
        return f"{self.world.base_url}/{self.world.full_name(repo)}/runs/{self.row.id}"

    def url(self) -> str:
        """The page."""
        return self.permalink()

    def is_required(self, pull_request_number: int | None = None) -> bool:
        """Whether a pull request needs it, from this App."""
        row = self.row
        return self._required(row.repo_id, row.head_sha, row.name, row.app_id, pull_request_number)


class StatusContext(Requirable):
    """One commit status."""

    prefix: ClassVar = "SC"
    plain: ClassVar[tuple[str, ...]] = ("context", "description", "target_url", "created_at")

    def state(self) -> str:
        """SUCCESS, PENDING, FAILURE or ERROR."""
        return str(self.row.state).upper()

    def creator(self) -> Node | None:
        """Who wrote it."""
        return actor(self.context, self.row.creator_id)

    def is_required(self, pull_request_number: int | None = None) -> bool:
        """Whether a pull request needs it."""
        return self._required(self.row.repo_id, self.row.sha, self.row.context, None, pull_request_number)
