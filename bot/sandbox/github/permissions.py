"""Who may do what: roles of people in repositories, and permissions of installation tokens.

An App can do nothing that its token does not name, and a person nothing above their role. What is not shown to somebody
is not found, rather than forbidden.
"""

from bot.sandbox.github.errors import Refused, forbidden, not_found
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import ROLES, Account, Repository, Team
from bot.sandbox.github.world import World

LEVELS = ("none", "read", "write", "admin")


def role(world: World, account: Account | None, repo: Repository) -> str:
    """The highest role that an account has in a repository, from every source."""
    if account is None:
        return "none" if repo.private else "read"
    if account.id == repo.owner_id:
        return "admin"
    found = ["none" if repo.private else "read", repo.collaborators.get(account.id, "none")]
    owner = world.owner(repo)
    if account.id in owner.members:
        found.append("admin" if owner.members[account.id] == "admin" else owner.base_permission)
        found += [
            team.repositories.get(repo.id, "none")
            for team in world.store.where(Team, org_id=owner.id)
            if account.id in team.member_ids
        ]
    return max(found, key=ROLES.index)


def at_least(has: str, wanted: str) -> bool:
    """Whether a role is as high as another."""
    return ROLES.index(has) >= ROLES.index(wanted)


def actor_role(world: World, actor: Actor, repo: Repository) -> str:
    """The role that an actor has; an installation acts as a writer, an administrator or a reader by its permissions."""
    if actor.permissions is None:
        return role(world, actor.account, repo)
    if not reaches(world, actor, repo):
        return "none" if repo.private else "read"
    if actor.permissions.get("administration") == "write":
        return "admin"
    writes = {"write", "admin"} & {actor.permissions.get(name) for name in ("contents", "pull_requests", "statuses")}
    return "write" if writes else "read"


def reaches(world: World, actor: Actor, repo: Repository) -> bool:
    """Whether an installation token covers a repository."""
    if actor.installation is None or not world.covers(actor.installation, repo):
        return False
    return actor.repo_ids is None or repo.id in actor.repo_ids


def granted(actor: Actor, needs: str) -> bool:
    """Whether a token's permissions satisfy `name:level`, or one of several joined by |."""
    for choice in needs.split("|"):
        name, _, level = choice.partition(":")
        has = (actor.permissions or {}).get(name, "read" if name == "metadata" else "none")
        if LEVELS.index(has) >= LEVELS.index(level):
            return True
    return False


def see(world: World, actor: Actor, repo: Repository) -> None:
    """Refuse with Not Found what an actor is not shown."""
    shown = reaches(world, actor, repo) if actor.permissions is not None else role(world, actor.account, repo) != "none"
    if not shown and repo.private:
        raise not_found()


def require(world: World, actor: Actor, repo: Repository, needs: str, wanted: str) -> None:
    """Refuse what an actor may not do: an installation by its permissions, a person by their role."""
    see(world, actor, repo)
    if actor.permissions is not None:
        if not reaches(world, actor, repo) or not granted(actor, needs):
            raise forbidden()
    elif needs.endswith(":app"):
        raise Refused(403, "You must authenticate via a GitHub App.")
    elif not at_least(role(world, actor.account, repo), wanted):
        raise (
            forbidden("Must have admin rights to Repository.")
            if wanted == "admin"
            else forbidden("Must have write access to repository")
        )
    if repo.archived and wanted not in {"none", "read", "admin"}:
        raise forbidden("Repository was archived so is read-only.")


def association(world: World, account: Account | None, repo: Repository) -> str:
    """How an account relates to a repository, as GitHub names it."""
    if account is None:
        return "NONE"
    owner = world.owner(repo)
    if account.id == owner.id:
        return "OWNER"
    if account.id in owner.members:
        return "MEMBER"
    return "COLLABORATOR" if account.id in repo.collaborators else "NONE"
