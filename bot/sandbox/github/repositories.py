"""The life of a repository: made, forked, renamed, moved, archived, deleted; and its branches renamed."""

from typing import Any

from bot.sandbox.github import permissions, protection
from bot.sandbox.github.errors import invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, Issue, QueueEntry, Repository, Ruleset
from bot.sandbox.github.world import HEADS, World


def create(world: World, owner: Account, name: str, **fields: Any) -> Repository:
    """An empty repository."""
    for other in world.store.where(Repository, owner_id=owner.id):
        if other.name.lower() == name.lower():
            raise invalid("name already exists on this account", "Repository", "name")
    now = world.clock.now()
    repo = Repository(owner_id=owner.id, name=name, created_at=now, updated_at=now, pushed_at=now, **fields)
    return world.store.add(repo)


def fork(world: World, actor: Actor, repo: Repository) -> Repository:
    """A copy with the same branches, owned by whoever asks; asked twice, the same one."""
    owner = actor.person
    for other in world.store.where(Repository, fork_of=repo.id, owner_id=owner.id):
        return other
    heads = {ref: oid for ref, oid in repo.refs.items() if ref.startswith(HEADS) and "gh-readonly-queue" not in ref}
    copy = create(
        world, owner, repo.name, fork_of=repo.id, refs=heads, default_branch=repo.default_branch, private=repo.private
    )
    world.tell("fork", None, repo=repo, actor=actor)
    return copy


def update(world: World, actor: Actor, repo: Repository, body: dict[str, Any]) -> None:
    """Change what it is called and what it allows; each kind of change is an event of its own."""
    if body.get("name") not in {None, repo.name}:
        before, repo.name = repo.name, body["name"]
        renamed = {"changes": {"repository": {"name": {"from": before}}}}
        world.tell("repository", "renamed", repo=repo, actor=actor, more=renamed)
    if body.get("archived") not in {None, repo.archived}:
        repo.archived = body["archived"]
        world.tell("repository", "archived" if repo.archived else "unarchived", repo=repo, actor=actor)
    if body.get("default_branch") not in {None, repo.default_branch}:
        if world.branch(repo, body["default_branch"]) is None:
            raise invalid("The branch was not found", "Repository", "default_branch", "invalid")
        before, repo.default_branch = repo.default_branch, body["default_branch"]
        changes = {"changes": {"default_branch": {"from": before}}}
        world.tell("repository", "edited", repo=repo, actor=actor, more=changes)
    if body.get("private") not in {None, repo.private}:
        repo.private = body["private"]
        world.tell("repository", "privatized" if repo.private else "publicized", repo=repo, actor=actor)
    for name in ("description", "allow_merge_commit", "allow_squash_merge", "allow_rebase_merge"):
        if name in body:
            setattr(repo, name, body[name])
    repo.updated_at = world.clock.now()


def transfer(world: World, actor: Actor, repo: Repository, owner: Account) -> None:
    """Give it to another owner: the Apps of the new one hear of it."""
    before, repo.owner_id = world.owner(repo), owner.id
    kind = "organization" if before.kind == "Organization" else "user"
    changes = {"changes": {"owner": {"from": {kind: {"login": before.login, "id": before.id}}}}}
    world.tell("repository", "transferred", repo=repo, actor=actor, more=changes)


def delete(world: World, actor: Actor, repo: Repository) -> None:
    """Gone, with its rulesets. Pull requests that came from it have no head repository any more."""
    world.tell("repository", "deleted", repo=repo, actor=actor)
    for ruleset in world.store.where(Ruleset, repo_id=repo.id):
        world.store.remove(ruleset)
    for entry in world.store.where(QueueEntry, repo_id=repo.id):
        world.store.remove(entry)
    for issue in world.store.where(Issue, repo_id=repo.id):
        world.store.remove(issue)
    for pull in world.store.all(Issue):
        if pull.head_repo_id == repo.id:
            pull.head_repo_id = None
    world.store.remove(repo)


def rename_branch(world: World, actor: Actor, repo: Repository, old: str, new: str) -> None:
    """Rename; pull requests into or from it follow, and so does the default branch. It takes no push."""
    sha = world.branch(repo, old)
    if sha is None or world.branch(repo, new) is not None:
        raise invalid("The branch cannot be renamed", "Branch", "new_name", "invalid")
    wanted = "admin" if old == repo.default_branch else "write"
    if not permissions.at_least(permissions.actor_role(world, actor, repo), wanted):
        raise invalid("Not allowed to rename this branch")
    repo.refs = {ref: oid for ref, oid in repo.refs.items() if ref != HEADS + old} | {HEADS + new: sha}
    for pull in world.store.all(Issue):
        if pull.is_pull and pull.repo_id == repo.id and pull.base_ref == old and pull.state == "open":
            before = {"ref": {"from": old}, "sha": {"from": pull.base_sha}}
            pull.base_ref = new
            world.tell("pull_request", "edited", repo=repo, actor=actor, pull=pull, more={"changes": {"base": before}})
        if pull.is_pull and pull.head_repo_id == repo.id and pull.head_ref == old:
            pull.head_ref = new
    if repo.default_branch == old:
        repo.default_branch = new
        changes = {"changes": {"default_branch": {"from": old}}}
        world.tell("repository", "edited", repo=repo, actor=actor, more=changes)


def protected(world: World, repo: Repository, branch: str) -> bool:
    """Whether any rule stands on a branch."""
    return bool(protection.rules(world, repo, branch))
