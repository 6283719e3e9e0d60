"""Repositories, references and rules in the graph."""

from typing import Any, ClassVar

from bot.sandbox.git.objects import DIRECTORY, SUBMODULE
from bot.sandbox.github import protection, queue
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.graphql.commit import Commit, git_object
from bot.sandbox.github.graphql.node import Context, Many, Node
from bot.sandbox.github.graphql.root import Organization, actor
from bot.sandbox.github.protection import Rule
from bot.sandbox.github.records import Account, Issue, Label, QueueEntry, Repository, Ruleset
from bot.sandbox.github.world import HEADS


class RepositoryNode(Node):
    """A repository."""

    typename: ClassVar = "Repository"
    prefix: ClassVar = "R"
    plain: ClassVar[tuple[str, ...]] = ("name", "description", "created_at", "updated_at", "pushed_at")

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def name_with_owner(self) -> str:
        """owner/name."""
        return self.world.full_name(self.row)

    def visibility(self) -> str:
        """PRIVATE or PUBLIC."""
        return "PRIVATE" if self.row.private else "PUBLIC"

    def is_private(self) -> bool:
        """Whether only some are shown it."""
        return bool(self.row.private)

    def is_fork(self) -> bool:
        """Whether it was forked."""
        return self.row.fork_of is not None

    def is_archived(self) -> bool:
        """Whether it is read-only."""
        return bool(self.row.archived)

    def is_disabled(self) -> bool:
        """Never, here."""
        return False

    def is_empty(self) -> bool:
        """Whether it has no commits."""
        return not self.row.refs

    def url(self) -> str:
        """The page."""
        return f"{self.world.base_url}/{self.name_with_owner()}"

    def parent(self) -> Node | None:
        """What it was forked from."""
        found = self.world.store.get(Repository, self.row.fork_of)
        return RepositoryNode(self.context, found) if found else None

    def owner(self) -> Node | None:
        """Whose it is."""
        return actor(self.context, self.row.owner_id)

    def default_branch_ref(self) -> Node | None:
        """The default branch; null while empty."""
        return ref(self.context, self.row, HEADS + str(self.row.default_branch))

    def ref(self, qualified_name: str) -> Node | None:
        """A reference by name; without refs/ a branch."""
        for name in (qualified_name, HEADS + qualified_name, f"refs/tags/{qualified_name}"):
            if name in self.row.refs and name.startswith("refs/"):
                return ref(self.context, self.row, name)
        return None

    def refs(self, ref_prefix: str, query: str = "") -> Many:
        """The references under a prefix."""
        names = sorted(name for name in self.row.refs if name.startswith(ref_prefix) and query in name)
        return Many(names, lambda name: ref(self.context, self.row, name))

    def object(self, expression: str | None = None, oid: str | None = None) -> Node | None:
        """What `HEAD:path`, a branch, or an id names; null when nothing."""
        self.needs("contents:read")
        if oid is not None:
            return git_object(self.context, self.row, oid)
        commitish, colon, path = (expression or "").partition(":")
        sha = self.world.resolve(self.row, commitish)
        if sha is None:
            found = self.world.objects.resolve(commitish) if not colon else None
            return git_object(self.context, self.row, found) if found else None
        if not colon:
            return git_object(self.context, self.row, sha)
        tree = self.world.objects.commit(sha).tree
        for step in [step for step in path.split("/") if step]:
            entry = self.world.objects.entries(tree).get(step)
            if entry is None:
                return None
            tree = entry.oid
            if entry.mode != DIRECTORY and not path.strip("/").endswith(step):
                return None
            if entry.mode == SUBMODULE:
                return None
        return git_object(self.context, self.row, tree)

    def pull_request(self, number: int) -> Node:
        """A pull request; an error, as GitHub has it, when there is none."""
        from bot.sandbox.github.graphql.pulls import PullRequest  # noqa: PLC0415 - the graph is cyclic

        self.needs("pull_requests:read")
        try:
            return PullRequest(self.context, self.world.pull(self.row, number))
        except Refused:
            raise Refused(404, f"Could not resolve to a PullRequest with the number of {number}.") from None

    def pull_requests(
        self,
        states: list[str] | None = None,
        base_ref_name: str | None = None,
        head_ref_name: str | None = None,
        labels: list[str] | None = None,
        order_by: dict[str, str] | None = None,
    ) -> Many:
        """Its pull requests; by default the oldest first."""
        from bot.sandbox.github.graphql.pulls import PullRequest, state  # noqa: PLC0415 - the graph is cyclic

        self.needs("pull_requests:read")
        found = [
            pull
            for pull in self.world.store.where(Issue, repo_id=self.row.id, is_pull=True)
            if (states is None or state(pull) in states)
            and base_ref_name in {None, pull.base_ref}
            and head_ref_name in {None, pull.head_ref}
            and (labels is None or set(labels) & {label.name for label in self._labels(pull)})
        ]
        order = order_by or {"field": "CREATED_AT", "direction": "ASC"}
        fields = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}
        if order["field"] not in fields:
            raise NotModelled(f"pull requests by {order['field']}")
        found.sort(
            key=lambda pull: (getattr(pull, fields[order["field"]]), pull.id), reverse=order["direction"] == "DESC"
        )
        return Many(found, lambda pull: PullRequest(self.context, pull))

    def _labels(self, pull: Issue) -> list[Label]:
        return [self.world.existing(Label, label_id) for label_id in pull.label_ids]

    def labels(self) -> Many:
        """Its labels."""
        found = self.world.store.where(Label, repo_id=self.row.id)
        return Many(found, lambda label: {"name": label.name, "color": label.color, "description": label.description})

    def rulesets(self, *, include_parents: bool = True) -> Many:
        """Its rulesets."""
        found = [
            ruleset
            for ruleset in self.world.store.all(Ruleset)
            if ruleset.repo_id == self.row.id or (include_parents and ruleset.org_id == self.row.owner_id)
        ]
        return Many(found, lambda ruleset: RulesetNode(self.context, ruleset))

    def merge_queue(self, branch: str | None = None) -> Node | None:
        """The merge queue of a branch, where a rule asks for one."""
        name = branch or self.row.default_branch
        wanted = any(rule.type == "merge_queue" for rule in protection.rules(self.world, self.row, name))
        return MergeQueue(self.context, (self.row, name)) if wanted else None


def ref(context: Context, repo: Repository, name: str) -> Node | None:
    """A reference that is there."""
    return Ref(context, (repo, name)) if name in repo.refs else None


class Ref(Node):
    """A branch or tag; its row is the repository and the full name."""

    def id(self) -> str:
        """The opaque id."""
        return f"REF_{self.row[0].id}_{self.row[1]}"

    def name(self) -> str:
        """Without its prefix."""
        return str(self.row[1]).split("/", 2)[2]

    def prefix(self) -> str:  # type: ignore[override]  # the schema has a field of this name
        """refs/heads/ or another."""
        return "/".join(str(self.row[1]).split("/", 2)[:2]) + "/"

    def target(self) -> Node | None:
        """The commit."""
        return git_object(self.context, self.row[0], self.row[0].refs[self.row[1]])

    def repository(self) -> Node:
        """Where it is."""
        return RepositoryNode(self.context, self.row[0])

    def branch_protection_rule(self) -> None:
        """Classic protection is not modelled: no branch has any."""

    def rules(self, order_by: Any = None) -> Many:
        """The rules in force."""
        _ = order_by
        found = protection.rules(self.world, self.row[0], self.name())
        return Many(found, lambda rule: RuleNode(self.context, rule))

    def associated_pull_requests(self, states: list[str] | None = None) -> Many:
        """The pull requests that come from it."""
        from bot.sandbox.github.graphql.pulls import PullRequest, state  # noqa: PLC0415 - the graph is cyclic

        self.needs("pull_requests:read")
        found = [
            pull
            for pull in self.world.store.all(Issue)
            if pull.is_pull and pull.head_repo_id == self.row[0].id and pull.head_ref == self.name()
            and (states is None or state(pull) in states)
        ]  # fmt: skip
        return Many(found, lambda pull: PullRequest(self.context, pull))


class RulesetNode(Node):
    """A ruleset."""

    typename: ClassVar = "RepositoryRuleset"
    prefix: ClassVar = "RRS"
    plain: ClassVar[tuple[str, ...]] = ("name", "created_at", "updated_at")

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def enforcement(self) -> str:
        """ACTIVE, DISABLED or EVALUATE."""
        return str(self.row.enforcement).upper()

    def target(self) -> str:
        """BRANCH, TAG or PUSH."""
        return str(self.row.target).upper()

    def source(self) -> Node:
        """The repository or organisation it belongs to."""
        if self.row.repo_id is not None:
            return RepositoryNode(self.context, self.world.existing(Repository, self.row.repo_id))
        return Organization(self.context, self.world.existing(Account, self.row.org_id))

    def rules(self, type: str | None = None) -> Many:  # noqa: A002 - the schema's argument
        """Its rules."""
        found = [Rule(rule["type"], rule.get("parameters") or {}, self.row) for rule in self.row.rules]
        found = [rule for rule in found if type in {None, rule.type.upper()}]
        return Many(found, lambda rule: RuleNode(self.context, rule))


class RuleNode(Node):
    """A rule; its row is the rule and where it is from."""

    typename: ClassVar = "RepositoryRule"

    def id(self) -> str:
        """The opaque id."""
        return f"RRU_{self.row.ruleset.id}_{self.row.type}"

    def type(self) -> str:
        """Its kind."""
        return str(self.row.type).upper()

    def repository_ruleset(self) -> Node:
        """Where it is from."""
        return RulesetNode(self.context, self.row.ruleset)

    def parameters(self) -> Node | None:
        """What it asks for; null where it asks for nothing."""
        names = {
            "required_status_checks": "RequiredStatusChecksParameters",
            "pull_request": "PullRequestParameters",
            "merge_queue": "MergeQueueParameters",
        }
        if not self.row.parameters:
            return None
        if self.row.type not in names:
            raise NotModelled(f"parameters of the rule {self.row.type}")
        return Parameters(self.context, (names[self.row.type], self.row.parameters))


class Parameters(Node):
    """A rule's parameters, as REST has them."""

    DEFAULTS: ClassVar[dict[str, Any]] = {
        "strict_required_status_checks_policy": False, "do_not_enforce_on_create": False,
        "required_approving_review_count": 0, "dismiss_stale_reviews_on_push": False,
        "require_last_push_approval": False, "require_code_owner_review": False,
        "required_review_thread_resolution": False, "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN", "merge_method": "MERGE", "max_entries_to_build": 5, "max_entries_to_merge": 5,
        "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5,
    }  # fmt: skip

    @property
    def type_name(self) -> str:
        """The type in the schema."""
        return str(self.row[0])

    def required_status_checks(self) -> list[dict[str, Any]]:
        """The checks, and the App each is pinned to."""
        return [
            {"context": check["context"], "integrationId": check.get("integration_id")}
            for check in self.row[1]["required_status_checks"]
        ]

    def __getattr__(self, name: str) -> Any:
        if name in self.DEFAULTS:
            return self.row[1].get(name, self.DEFAULTS[name])
        raise AttributeError(name)


class MergeQueue(Node):
    """The queue of one branch; its row is the repository and the branch."""

    def id(self) -> str:
        """The opaque id."""
        return f"MQ_{self.row[0].id}_{self.row[1]}"

    def repository(self) -> Node:
        """Where it is."""
        return RepositoryNode(self.context, self.row[0])

    def entries(self) -> Many:
        """Who waits, in order."""
        found = queue.entries(self.world, self.row[0], self.row[1])
        return Many(found, lambda entry: MergeQueueEntry(self.context, entry))


class MergeQueueEntry(Node):
    """A pull request that waits."""

    prefix: ClassVar = "MQE"
    plain: ClassVar[tuple[str, ...]] = ("state", "enqueued_at")

    def _repo(self) -> Repository:
        return self.world.existing(Repository, self.row.repo_id)

    def position(self) -> int:
        """From 1."""
        waiting: list[QueueEntry] = queue.entries(self.world, self._repo(), self.row.base_ref)
        return waiting.index(self.row) + 1

    def head_commit(self) -> Node:
        """The group's commit."""
        return Commit(self.context, (self._repo(), self.row.head_sha))

    def base_commit(self) -> Node:
        """What it is built on."""
        return Commit(self.context, (self._repo(), self.row.base_sha))

    def enqueuer(self) -> Node | None:
        """Who put it there."""
        return actor(self.context, self.row.enqueuer_id)

    def merge_queue(self) -> Node:
        """The queue."""
        return MergeQueue(self.context, (self._repo(), self.row.base_ref))

    def pull_request(self) -> Node:
        """What waits."""
        from bot.sandbox.github.graphql.pulls import PullRequest  # noqa: PLC0415 - the graph is cyclic

        return PullRequest(self.context, self.world.existing(Issue, self.row.pull_id))
