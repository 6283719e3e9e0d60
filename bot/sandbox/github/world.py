"""The simulated GitHub as a whole: its records, its git objects, its clock, and who is told about events.

Everything that changes state is a function over a World, in a module of its own; this one only finds things. One lock
guards a World, and whoever serves a request holds it.
"""

from typing import Any, TypeVar

from bot.sandbox.github import records
from bot.sandbox.github.errors import not_found
from bot.sandbox.github.records import Account, App, CheckRun, Installation, Issue, Repository, Team
from bot.sandbox.state import State
from bot.sandbox.store import Record

ZERO = "0" * 40
HEADS = "refs/heads/"
T = TypeVar("T", bound=Record)

DEFAULTS: dict[str, Any] = {
    "token_seconds": 3600,
    "repoint_reviews": False,
    "dismiss_stale_reviews": False,
    "rate_limit": 5000,
    "auto_check_suites": True,
}


class World(State):
    """One forge, and where to find things in it."""

    kinds = records.ALL
    defaults = DEFAULTS

    @property
    def api_url(self) -> str:
        """The root of the REST API."""
        return f"{self.base_url}/api/v3"

    def account(self, login: str) -> Account:
        """An account by login, whatever its case. Raises the usual Not Found."""
        for account in self.store.all(Account):
            if account.login.lower() == login.lower():
                return account
        raise not_found()

    def account_by_id(self, account_id: int | None) -> Account | None:
        """An account by id; None for a deleted one (GitHub's ghost)."""
        return self.store.get(Account, account_id)

    def account_by_email(self, email: str) -> Account | None:
        """Whose commit it is, by mailbox: a verified one, or GitHub's own no-reply form."""
        email = email.lower()
        local, _, domain = email.partition("@")
        if domain == "users.noreply.github.com":
            number, plus, login = local.partition("+")
            if plus and number.isdigit():
                return self.store.get(Account, int(number))
            return next((found for found in self.store.all(Account) if found.login.lower() == (login or local)), None)
        if email == "noreply@github.com":
            return next((found for found in self.store.all(Account) if found.login == "web-flow"), None)
        for account in self.store.all(Account):
            if account.kind != "Organization" and email in {account.email, *account.emails}:
                return account
        return None

    def repository(self, owner: str, name: str) -> Repository:
        """A repository by its full name. Raises the usual Not Found."""
        for repo in self.store.all(Repository):
            if repo.name.lower() == name.lower() and self.owner(repo).login.lower() == owner.lower():
                return repo
        raise not_found()

    def owner(self, repo: Repository) -> Account:
        """Who owns a repository."""
        return self.existing(Account, repo.owner_id)

    def full_name(self, repo: Repository) -> str:
        """owner/name."""
        return f"{self.owner(repo).login}/{repo.name}"

    def existing(self, kind: type[T], record_id: int) -> T:
        """A record that must be there."""
        found = self.store.get(kind, record_id)
        if found is None:
            raise not_found()
        return found

    def issue(self, repo: Repository, number: int) -> Issue:
        """An issue or pull request by number."""
        found = self.store.where(Issue, repo_id=repo.id, number=number)
        if not found:
            raise not_found()
        return found[0]

    def pull(self, repo: Repository, number: int) -> Issue:
        """A pull request by number."""
        found = self.issue(repo, number)
        if not found.is_pull:
            raise not_found()
        return found

    def repo_of(self, issue: Issue) -> Repository:
        """The repository an issue or pull request is in."""
        return self.existing(Repository, issue.repo_id)

    def head_repo(self, pull: Issue) -> Repository | None:
        """Where a pull request's branch is; None when that fork was deleted."""
        return self.store.get(Repository, pull.head_repo_id)

    def branch(self, repo: Repository, name: str) -> str | None:
        """The commit at the tip of a branch."""
        return repo.refs.get(HEADS + name)

    def team(self, org: Account, slug: str) -> Team:
        """A team of an organisation by slug."""
        for team in self.store.where(Team, org_id=org.id):
            if team.slug == slug:
                return team
        raise not_found()

    def app(self, slug: str) -> App:
        """An App by slug."""
        for app in self.store.all(App):
            if app.slug == slug:
                return app
        raise not_found()

    def installation(self, app: App, account_id: int) -> Installation | None:
        """Where an App is installed in an account."""
        found = self.store.where(Installation, app_id=app.id, account_id=account_id)
        return found[0] if found else None

    def covers(self, installation: Installation, repo: Repository) -> bool:
        """Whether an installation reaches a repository."""
        chosen = installation.repo_ids is None or repo.id in installation.repo_ids
        return chosen and installation.account_id == repo.owner_id

    def runs(self, repo: Repository, sha: str) -> list[CheckRun]:
        """The check runs of a commit, oldest first."""
        return self.store.where(CheckRun, head_sha=sha, repo_id=repo.id)

    def resolve(self, repo: Repository, ref: str) -> str | None:
        """The commit that a branch, tag, full reference or abbreviated id names."""
        if ref == "HEAD":
            return self.branch(repo, repo.default_branch)
        for full in (ref, f"refs/{ref}", HEADS + ref, f"refs/tags/{ref}"):
            if full in repo.refs:
                return repo.refs[full]
        if ref.startswith(("refs/pull/", "pull/")):
            number, _, _what = ref.split("pull/", 1)[1].partition("/")
            found = self.store.where(Issue, repo_id=repo.id, number=int(number)) if number.isdigit() else []
            return found[0].head_sha if found else None
        oid = self.objects.resolve(ref.lower())
        return oid if oid and self.objects.has_commit(oid) else None
