"""Installing an App, suspending it, and taking it out again."""

from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, App, Installation, Repository, Token
from bot.sandbox.github.world import World


def slug(name: str) -> str:
    """The name of an App as it stands in addresses."""
    return name.lower().replace(" ", "-")


def install(  # noqa: PLR0913, PLR0917 - each is a part of what is done
    world: World, actor: Actor, app: App, account: Account, repo_ids: tuple[int, ...] | None = None,
    permissions: dict[str, str] | None = None,
) -> Installation:  # fmt: skip
    """Install with the App's permissions, or with fewer."""
    now = world.clock.now()
    found = world.store.add(
        Installation(
            app_id=app.id, account_id=account.id, repo_ids=repo_ids, events=app.events, created_at=now, updated_at=now,
            permissions=permissions if permissions is not None else app.permissions,
        )
    )  # fmt: skip
    repos = [repo for repo in world.store.all(Repository) if world.covers(found, repo)]
    world.tell("installation", "created", actor=actor, installation=found, repositories=repos)
    return found


def suspend(world: World, actor: Actor, found: Installation) -> None:
    """Tokens stop working until it is lifted."""
    found.suspended_at = world.clock.tick()
    found.suspended_by_id = actor.account.id if actor.account else None
    world.tell("installation", "suspend", actor=actor, installation=found, repositories=[])


def unsuspend(world: World, actor: Actor, found: Installation) -> None:
    """Work again."""
    found.suspended_at = found.suspended_by_id = None
    world.tell("installation", "unsuspend", actor=actor, installation=found, repositories=[])


def remove(world: World, actor: Actor, found: Installation) -> None:
    """Out, with all its tokens. The App is told, and nothing more after that."""
    repos = [repo for repo in world.store.all(Repository) if world.covers(found, repo)]
    world.tell("installation", "deleted", actor=actor, installation=found, repositories=repos)
    for token in world.store.where(Token, installation_id=found.id):
        world.store.remove(token)
    world.store.remove(found)


def choose(world: World, actor: Actor, found: Installation, repo_ids: tuple[int, ...] | None) -> None:
    """Change which repositories it reaches; None is all of them."""
    before = {repo.id for repo in world.store.all(Repository) if world.covers(found, repo)}
    found.repo_ids = repo_ids
    after = {repo.id for repo in world.store.all(Repository) if world.covers(found, repo)}
    for action, ids in (("added", after - before), ("removed", before - after)):
        if ids:
            repos = [world.existing(Repository, repo_id) for repo_id in sorted(ids)]
            lists: dict[str, list[Repository]] = {"repositories_added": [], "repositories_removed": []} | {
                f"repositories_{action}": repos
            }
            world.tell("installation_repositories", action, actor=actor, installation=found, **lists)
