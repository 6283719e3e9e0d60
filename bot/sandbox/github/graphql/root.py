"""The root of the graph, and the people, organisations and teams in it."""

from typing import Any, ClassVar

from bot.sandbox.github.errors import Refused
from bot.sandbox.github.graphql.node import Context, Many, Node
from bot.sandbox.github.records import Account, Repository, Team


class Query(Node):
    """Where every query starts."""

    def rate_limit(self, *, dry_run: bool = False) -> dict[str, Any]:
        """What this query cost."""
        _ = dry_run
        return self.context.rate

    def viewer(self) -> Node:
        """Whose token it is."""
        account = self.context.actor.person
        if account.kind == "User":
            return User(self.context, account)
        return _App(self.context, account)

    def repository(self, owner: str, name: str, *, follow_renames: bool = True) -> Node:
        """A repository."""
        _ = follow_renames
        return find_repository(self.context, owner, name)

    def organization(self, login: str) -> Node:
        """An organisation."""
        account = self._account(login, "an Organization")
        if account.kind != "Organization":
            raise Refused(404, f"Could not resolve to an Organization with the login of '{login}'.")
        return Organization(self.context, account)

    def user(self, login: str) -> Node:
        """A person."""
        account = self._account(login, "a User")
        if account.kind != "User":
            raise Refused(404, f"Could not resolve to a User with the login of '{login}'.")
        return User(self.context, account)

    def _account(self, login: str, what: str) -> Account:
        try:
            return self.world.account(login)
        except Refused:
            raise Refused(404, f"Could not resolve to {what} with the login of '{login}'.") from None


def find_repository(context: Context, owner: str, name: str) -> Node:
    """A repository that the actor is shown."""
    from bot.sandbox.github import permissions  # noqa: PLC0415 - the graph is cyclic
    from bot.sandbox.github.graphql.repository import RepositoryNode  # noqa: PLC0415

    try:
        repo = context.world.repository(owner, name)
        permissions.see(context.world, context.actor, repo)
    except Refused:
        raise Refused(404, f"Could not resolve to a Repository with the name '{owner}/{name}'.") from None
    return RepositoryNode(context, repo)


class ActorNode(Node):
    """What all actors have in common. GraphQL writes a bot's login without its [bot]."""

    plain: ClassVar[tuple[str, ...]] = ("name", "created_at")

    def login(self) -> str:
        """The name in addresses."""
        return str(self.row.login).removesuffix("[bot]")

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def url(self) -> str:
        """The page."""
        return f"{self.world.base_url}/{self.row.login}"

    def avatar_url(self, size: int = 0) -> str:
        """The picture."""
        _ = size
        return f"{self.world.base_url}/avatars/u/{self.row.id}"


class User(ActorNode):
    """A person."""

    prefix: ClassVar = "U"

    def email(self) -> str:
        """The public mailbox."""
        return self.row.email or ""


class Bot(ActorNode):
    """An App's account."""

    prefix: ClassVar = "B"


class _App(User):
    """An App that looks at itself: `viewer` is a User in the schema, with the bot's login."""

    def login(self) -> str:
        """With its [bot], as GitHub answers here."""
        return str(self.row.login)


class Organization(ActorNode):
    """An organisation."""

    prefix: ClassVar = "O"

    def team(self, slug: str) -> Node | None:
        """A team by slug, null when there is none."""
        self._members()
        found = [team for team in self.world.store.where(Team, org_id=self.row.id) if team.slug == slug]
        return TeamNode(self.context, found[0]) if found else None

    def _members(self) -> None:
        self.needs("members:read")
        actor = self.context.actor
        inside = actor.installation is not None and actor.installation.account_id == self.row.id
        if not inside and (actor.account is None or actor.account.id not in self.row.members):
            raise Refused(403, "Although you appear to have the correct authorization credentials, you are no member.")

    def teams(self, query: str = "") -> Many:
        """Its teams."""
        self._members()
        found = [team for team in self.world.store.where(Team, org_id=self.row.id) if query in team.slug]
        return Many(found, lambda team: TeamNode(self.context, team))

    def members_with_role(self) -> Many:
        """Its people."""
        self._members()
        return Many(list(self.row.members), lambda member: User(self.context, self.world.account_by_id(member)))

    def repository(self, name: str, *, follow_renames: bool = True) -> Node:
        """One of its repositories."""
        _ = follow_renames
        return find_repository(self.context, self.row.login, name)

    def repositories(self) -> Many:
        """Its repositories that one is shown."""
        from bot.sandbox.github import permissions  # noqa: PLC0415 - the graph is cyclic
        from bot.sandbox.github.graphql.repository import RepositoryNode  # noqa: PLC0415

        def shown(repo: Repository) -> bool:
            try:
                permissions.see(self.world, self.context.actor, repo)
            except Refused:
                return False
            return True

        found = [repo for repo in self.world.store.where(Repository, owner_id=self.row.id) if shown(repo)]
        return Many(found, lambda repo: RepositoryNode(self.context, repo))


class TeamNode(Node):
    """A team."""

    typename: ClassVar = "Team"
    prefix: ClassVar = "T"
    plain: ClassVar[tuple[str, ...]] = ("slug", "name", "created_at")

    def database_id(self) -> int:
        """The number that stays."""
        return int(self.row.id)

    def combined_slug(self) -> str:
        """org/team."""
        org = self.world.account_by_id(self.row.org_id)
        return f"{org.login if org else ''}/{self.row.slug}"

    def members(self, membership: str = "ALL") -> Many:
        """Who is in it. Child teams are not modelled, so all members are immediate."""
        _ = membership
        rows = [self.world.account_by_id(member) for member in self.row.member_ids]
        people = [account for account in rows if account is not None]
        return Many(people, lambda account: User(self.context, account), {"role": "MEMBER"})


def actor(context: Context, account_id: int | None) -> Node | None:
    """Whoever did something: a person, a bot, or null for a deleted account."""
    account = context.world.account_by_id(account_id)
    if account is None:
        return None
    kinds = {"User": User, "Bot": Bot, "Organization": Organization}
    return kinds[account.kind](context, account)
