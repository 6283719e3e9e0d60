"""Accounts, organisations and teams as JSON."""

from typing import Any

from bot.sandbox.github.records import Account, Repository, Team
from bot.sandbox.github.world import World


def node_id(kind: str, record_id: int) -> str:
    """An opaque global id, the same in REST and GraphQL."""
    return f"{kind}_{record_id}"


def user(world: World, account: Account | None) -> Any:
    """The schema simple-user; None for a deleted account."""
    if account is None:
        return None
    url = f"{world.api_url}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": node_id(account.kind[0], account.id),
        "avatar_url": f"{world.base_url}/avatars/u/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{world.base_url}/{account.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "site_admin": False,
    }


def full_user(world: World, account: Account) -> Any:
    """The schema public-user."""
    nothing = dict.fromkeys(("company", "location", "bio", "hireable"))
    return user(world, account) | nothing | {
        "user_view_type": "public",
        "name": account.name,
        "blog": "",
        "email": account.email,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": account.created_at,
        "updated_at": account.created_at,
    }  # fmt: skip


def organization_simple(world: World, org: Account) -> dict[str, Any]:
    """The schema organization-simple."""
    url = f"{world.api_url}/orgs/{org.login}"
    return {
        "login": org.login,
        "id": org.id,
        "node_id": node_id("O", org.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{world.base_url}/avatars/u/{org.id}",
        "description": org.name,
    }


def organization(world: World, org: Account) -> dict[str, Any]:
    """The schema organization-full."""
    repos = world.store.where(Repository, owner_id=org.id)
    return organization_simple(world, org) | {
        "name": org.name or org.login,
        "has_organization_projects": False,
        "has_repository_projects": False,
        "public_repos": sum(not repo.private for repo in repos),
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{world.base_url}/{org.login}",
        "created_at": org.created_at,
        "updated_at": org.created_at,
        "archived_at": None,
        "type": "Organization",
        "default_repository_permission": org.base_permission,
    }


def team(world: World, found: Team) -> dict[str, Any]:
    """The schema team."""
    org = world.account_by_id(found.org_id)
    login = org.login if org else ""
    url = f"{world.api_url}/organizations/{found.org_id}/team/{found.id}"
    return {
        "id": found.id,
        "node_id": node_id("T", found.id),
        "name": found.name,
        "slug": found.slug,
        "description": None,
        "privacy": "closed",
        "permission": "pull",
        "type": "organization",
        "organization_id": found.org_id,
        "url": url,
        "html_url": f"{world.base_url}/orgs/{login}/teams/{found.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
    }


def full_team(world: World, found: Team) -> dict[str, Any]:
    """The schema team-full."""
    org = world.existing(Account, found.org_id)
    return team(world, found) | {
        "created_at": found.created_at,
        "updated_at": found.created_at,
        "members_count": len(found.member_ids),
        "repos_count": len(found.repositories),
        "organization": organization(world, org),
    }
