"""Users, organisations, memberships and teams."""

from typing import Any

from bot.sandbox.github import permissions
from bot.sandbox.github.errors import Refused, forbidden, not_found
from bot.sandbox.github.records import Account, Repository, Team
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import accounts as views
from bot.sandbox.github.views.repositories import minimal
from bot.sandbox.serving import Answer


@operation("users/get-authenticated")
def get_authenticated(call: Call) -> Any:
    """Whose token it is."""
    if call.actor.permissions is not None or call.actor.account is None:
        raise forbidden() if call.actor.app else Refused(401, "Requires authentication")
    return views.full_user(call.world, call.actor.account)


@operation("users/get-by-username")
def get_user(call: Call) -> Any:
    """Somebody, by login."""
    return views.full_user(call.world, call.world.account(call.params["username"]))


@operation("users/get-by-id")
def get_user_by_id(call: Call) -> Any:
    """Somebody, by the number that stays when the login changes."""
    return views.full_user(call.world, call.world.existing(Account, call.number("account_id")))


@operation("orgs/list-for-authenticated-user")
def my_orgs(call: Call) -> Any:
    """Where one is a member."""
    mine = [org for org in call.world.store.where(Account, kind="Organization") if call.actor.person.id in org.members]
    return call.paged(mine, lambda org: views.organization_simple(call.world, org))


@operation("orgs/get")
def get_org(call: Call) -> Any:
    """An organisation."""
    return views.organization(call.world, call.org)


@operation("repos/list-for-org")
def org_repos(call: Call) -> Any:
    """An organisation's repositories that one is shown."""
    found = [repo for repo in call.world.store.where(Repository, owner_id=call.org.id) if _shown(call, repo)]
    return call.paged(found, lambda repo: minimal(call.world, repo))


def _shown(call: Call, repo: Repository) -> bool:
    try:
        permissions.see(call.world, call.actor, repo)
    except Refused:
        return False
    return True


def _members_only(call: Call) -> None:
    actor = call.actor
    if actor.permissions is not None:
        if actor.installation is None or actor.installation.account_id != call.org.id:
            raise forbidden()
        if not permissions.granted(actor, "members:read"):
            raise forbidden()
    elif actor.account is None or actor.account.id not in call.org.members:
        raise not_found()


def _admins_only(call: Call) -> None:
    _members_only(call)
    if call.actor.permissions is None and call.org.members[call.actor.person.id] != "admin":
        raise forbidden("You must be an organization owner.")
    if call.actor.permissions is not None and not permissions.granted(call.actor, "members:write"):
        raise forbidden()


@operation("orgs/list-members")
def list_members(call: Call) -> Any:
    """Who belongs to it."""
    _members_only(call)
    people = [call.world.account_by_id(found) for found in call.org.members]
    return call.paged(people, lambda account: views.user(call.world, account))


@operation("orgs/check-membership-for-user")
def check_member(call: Call) -> Any:
    """204 for a member."""
    _members_only(call)
    if call.world.account(call.params["username"]).id not in call.org.members:
        raise not_found()


def _membership(call: Call, account: Account) -> dict[str, Any]:
    url = f"{call.world.api_url}/orgs/{call.org.login}"
    return {
        "url": f"{url}/memberships/{account.login}",
        "state": "active",
        "role": call.org.members[account.id],
        "organization_url": url,
        "organization": views.organization_simple(call.world, call.org),
        "user": views.user(call.world, account),
    }


@operation("orgs/get-membership-for-user")
def get_membership(call: Call) -> Any:
    """How somebody belongs to it."""
    _members_only(call)
    account = call.world.account(call.params["username"])
    if account.id not in call.org.members:
        raise not_found()
    return _membership(call, account)


@operation("orgs/set-membership-for-user")
def set_membership(call: Call) -> Any:
    """Make somebody a member or an owner."""
    _admins_only(call)
    account = call.world.account(call.params["username"])
    call.org.members = call.org.members | {account.id: call.body.get("role", "member")}
    call.world.tell("organization", "member_added", actor=call.actor, org=call.org, member=account)
    return _membership(call, account)


@operation("teams/list")
def list_teams(call: Call) -> Any:
    """An organisation's teams."""
    _members_only(call)
    found = call.world.store.where(Team, org_id=call.org.id)
    return call.paged(found, lambda team: views.team(call.world, team))


@operation("teams/create")
def create_team(call: Call) -> Any:
    """A new team."""
    _admins_only(call)
    name = call.body["name"]
    members = tuple(call.world.account(login).id for login in call.body.get("maintainers", ()))
    slug = name.lower().replace(" ", "-")
    now = call.world.clock.now()
    team = call.world.store.add(Team(org_id=call.org.id, slug=slug, name=name, member_ids=members, created_at=now))
    call.world.tell("team", "created", actor=call.actor, org=call.org, team=team)
    return views.full_team(call.world, team)


def _team(call: Call) -> Team:
    _members_only(call)
    return call.world.team(call.org, call.params["team_slug"])


@operation("teams/get-by-name")
def get_team(call: Call) -> Any:
    """One team."""
    return views.full_team(call.world, _team(call))


def _members(call: Call, team: Team) -> Any:
    people = [call.world.account_by_id(found) for found in team.member_ids]
    return call.paged(people, lambda account: views.user(call.world, account))


@operation("teams/list-members-in-org")
def list_team_members(call: Call) -> Any:
    """Who is in a team."""
    return _members(call, _team(call))


@operation("teams/list-members-legacy")
def list_team_members_by_id(call: Call) -> Any:
    """Who is in a team, by its number."""
    team = call.world.existing(Team, call.number("team_id"))
    call.params["org"] = call.world.existing(Account, team.org_id).login
    _members_only(call)
    return _members(call, team)


def _team_membership(call: Call, team: Team, account: Account) -> dict[str, Any]:
    url = f"{call.world.api_url}/organizations/{team.org_id}/team/{team.id}/memberships/{account.login}"
    return {"url": url, "role": "member", "state": "active"}


@operation("teams/get-membership-for-user-in-org")
def get_team_membership(call: Call) -> Any:
    """Whether somebody is in a team."""
    team, account = _team(call), call.world.account(call.params["username"])
    if account.id not in team.member_ids:
        raise not_found()
    return _team_membership(call, team, account)


@operation("teams/add-or-update-membership-for-user-in-org")
def add_team_member(call: Call) -> Any:
    """Put somebody into a team."""
    _admins_only(call)
    team, account = _team(call), call.world.account(call.params["username"])
    if account.id not in team.member_ids:
        team.member_ids = (*team.member_ids, account.id)
        call.world.tell("membership", "added", actor=call.actor, org=call.org, team=team, member=account)
    return _team_membership(call, team, account)


@operation("teams/remove-membership-for-user-in-org")
def remove_team_member(call: Call) -> Any:
    """Take somebody out of a team."""
    _admins_only(call)
    team, account = _team(call), call.world.account(call.params["username"])
    team.member_ids = tuple(found for found in team.member_ids if found != account.id)
    call.world.tell("membership", "removed", actor=call.actor, org=call.org, team=team, member=account)
    return Answer(204)
