"""The simulated GitLab as a whole: its records, its git objects, its clock, and who is told about events.

Everything that changes state is a function over a World, in a module of its own; this one only finds things. One lock
guards a World, and whoever serves a request holds it.
"""

from typing import Any, TypeVar

from bot.sandbox.gitlab import records
from bot.sandbox.gitlab.errors import not_found
from bot.sandbox.gitlab.records import Group, Job, MergeRequest, Pipeline, Project, User, Version
from bot.sandbox.state import State
from bot.sandbox.store import Record

ZERO = "0" * 40
HEADS = "refs/heads/"
TAGS = "refs/tags/"
T = TypeVar("T", bound=Record)

DEFAULTS: dict[str, Any] = {
    "version": "19.1.0",  # of the instance: decides which fields, headers and endpoints there are
    "tier": "free",  # of the instance: free, premium or ultimate; a project may have its own
    "enterprise": True,  # the Enterprise build, which without a licence knows paid features and forbids them
    "graphql": True,  # whether there is a GraphQL endpoint
    "graphql_without": [],  # fields that its schema lacks, as in an older version: Note.lastEditedAt
    "graphql_complexity": 250,  # the points that a query may have
    "approved_at": True,  # whether approvals tell when they were given
    "sign_web_commits": True,  # whether GitLab signs the commits that its buttons make
    "approvals_syncing_seconds": 0,  # how long after a push GitLab works out which approvals stay
    "copy_rules_on_open": True,  # a merge request opened where overriding is allowed keeps the rules of that moment
    "invalid_rules_approve": True,  # a rule that nobody can satisfy counts as satisfied
    "auto_disabling": True,  # webhooks that fail are switched off for a while, then for good
    "rate_limit": 2000,  # requests per user and minute
    "notes_limit": 300,  # notes per user and minute
    "pipelines_limit": 0,  # new pipelines per project, user, commit and minute; 0 is no limit
    "pipeline_size": 0,  # jobs in a pipeline; 0 is no limit
    "diff_files": 1000,  # files of a merge request that are told; more is an overflow ("1000+")
    "diff_bytes": 200_000,  # of one file's patch; what is longer is too_large
    "diff_lines": 5_000,  # of one file's patch; what is longer is collapsed
    "token_days": 365,  # the longest life of a token
}


class World(State):
    """One forge, and where to find things in it."""

    kinds = records.ALL
    defaults = DEFAULTS

    @property
    def api_url(self) -> str:
        """The root of the REST API."""
        return f"{self.base_url}/api/v4"

    def since(self, version: str) -> bool:
        """Whether the instance is of that version (major.minor) or a later one."""
        own, asked = (tuple(map(int, text.split(".")[:2])) for text in (self.setting("version"), version))
        return own >= asked

    def existing(self, kind: type[T], record_id: int | None) -> T:
        """A record that must be there."""
        found = self.store.get(kind, record_id)
        if found is None:
            raise not_found()
        return found

    def user(self, username: str) -> User:
        """A user by name, whatever its case."""
        for found in self.store.all(User):
            if found.username.lower() == username.lower():
                return found
        raise not_found("User")

    def user_by_email(self, email: str) -> User | None:
        """Whose commit it is, by mailbox: a verified one, or GitLab's own no-reply form."""
        email = email.lower()
        local, _, domain = email.partition("@")
        if domain == "users.noreply.gitlab.example.com":
            return self.store.get(User, int(local.partition("-")[0])) if local.partition("-")[0].isdigit() else None
        return next((found for found in self.store.all(User) if email in {found.email, *found.emails}), None)

    def group(self, path: str) -> Group:
        """A group by full path or by id."""
        for found in self.store.all(Group):
            if found.full_path.lower() == path.lower() or str(found.id) == path:
                return found
        raise not_found("Group")

    def project(self, path: str) -> Project:
        """A project by full path or by id, whoever may see it."""
        if path.isdigit():
            found = self.store.get(Project, int(path))
        else:
            every = self.store.all(Project)
            found = next((one for one in every if self.full_path(one).lower() == path.lower()), None)
        if found is None:
            raise not_found("Project")
        return found

    def namespace(self, project: Project) -> Group | User:
        """What a project lies in."""
        if project.group_id is not None:
            return self.existing(Group, project.group_id)
        return self.existing(User, project.user_id)

    def full_path(self, project: Project) -> str:
        """acme/platform/payments."""
        space = self.namespace(project)
        return f"{space.full_path if isinstance(space, Group) else space.username}/{project.path}"

    def merge_request(self, project: Project, iid: int) -> MergeRequest:
        """A merge request by its number in the project."""
        found = self.store.where(MergeRequest, project_id=project.id, iid=iid)
        if not found:
            raise not_found()
        return found[0]

    def project_of(self, mr: MergeRequest) -> Project:
        """The project it is to be merged in."""
        return self.existing(Project, mr.project_id)

    def source_of(self, mr: MergeRequest) -> Project | None:
        """The project its branch is in; None when that fork was deleted."""
        return self.store.get(Project, mr.source_project_id)

    def versions(self, mr: MergeRequest) -> list[Version]:
        """Every version, oldest first."""
        return self.store.where(Version, mr_id=mr.id)

    def jobs(self, pipeline: Pipeline) -> list[Job]:
        """Every job of a pipeline, oldest first."""
        return self.store.where(Job, pipeline_id=pipeline.id)

    def branch(self, project: Project, name: str) -> str | None:
        """The commit at the tip of a branch."""
        return project.refs.get(HEADS + name)

    def resolve(self, project: Project, ref: str) -> str | None:
        """The commit that a branch, tag, full reference or abbreviated id names."""
        if ref == "HEAD":
            return self.branch(project, project.default_branch)
        for full in (HEADS + ref, TAGS + ref, ref):
            if full in project.refs:
                return project.refs[full]
        oid = self.objects.resolve(ref.lower())
        return oid if oid and self.objects.has_commit(oid) else None
