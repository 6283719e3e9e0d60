"""Commands that make accounts, repositories, Apps and installations, and change them in ways a site's owner would."""

from functools import lru_cache
from typing import Any

from bot.sandbox.clock import iso
from bot.sandbox.control import Bad, Body
from bot.sandbox.github import commits, installing, repositories
from bot.sandbox.github.control.command import actor, command, installation, repository
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.keys import new_key
from bot.sandbox.github.records import Account, App, Label, Team
from bot.sandbox.github.service import Service
from bot.sandbox.github.world import HEADS, World

USER_KEYS = ("login", "id", "name", "email", "emails", "kind")


def make_account(world: World, body: Body) -> Account:
    """An account; the mailbox is login@example.com unless one is given (null: none)."""
    login = body["login"]
    kind = body.get("kind", "User")
    default = f"{login}@example.com" if kind == "User" else None
    account = Account(
        login=login, kind=kind, name=body.get("name", login.removesuffix("[bot]").capitalize()),
        email=body.get("email", default), emails=tuple(body.get("emails", ())), created_at=world.clock.now(),
        id=body.get("id", 0),
    )  # fmt: skip
    if any(found.login.lower() == login.lower() for found in world.store.all(Account)):
        raise Bad(f"{login} is taken")
    return world.store.add(account)


@command("user", *USER_KEYS)
def user(service: Service, body: Body) -> Any:
    """A person, or with kind Bot a bot account. Answers login, id and the token to act as them."""
    with service.act() as world:
        account = make_account(world, body)
        return {"login": account.login, "id": account.id, "token": f"sandbox-user-{account.login}"}


@command("rename_user", "login", "to")
def rename_user(service: Service, body: Body) -> Any:
    """Another login for the same account; the old one is free then."""
    with service.act() as world:
        account = world.account(body["login"])
        account.login = body["to"]
        return {"login": account.login, "id": account.id}


@command("org", "login", "id", "members", "base_permission")
def org(service: Service, body: Body) -> Any:
    """An organisation. `members` maps logins to admin or member."""
    with service.act() as world:
        account = make_account(world, {"login": body["login"], "id": body.get("id", 0), "kind": "Organization"})
        account.base_permission = body.get("base_permission", "read")
        account.members = {world.account(login).id: role for login, role in body.get("members", {}).items()}
        return {"login": account.login, "id": account.id}


@command("member", "org", "login", "role")
def member(service: Service, body: Body) -> Any:
    """Put somebody into an organisation, or with role null out of it."""
    with service.act() as world:
        found, account = world.account(body["org"]), world.account(body["login"])
        role = body.get("role", "member")
        others = {key: value for key, value in found.members.items() if key != account.id}
        found.members = others | ({account.id: role} if role else {})
        action = "member_added" if role else "member_removed"
        world.tell("organization", action, actor=Actor(account=account), org=found, member=account)
        return {"members": len(found.members)}


@command("team", "org", "slug", "id", "members", "repositories")
def team(service: Service, body: Body) -> Any:
    """A team, or other members for one that is there. `repositories` maps names to roles."""
    with service.act() as world:
        found = world.account(body["org"])
        members = tuple(world.account(login).id for login in body.get("members", ()))
        roles = {world.repository(found.login, name).id: role for name, role in body.get("repositories", {}).items()}
        for existing in world.store.where(Team, org_id=found.id, slug=body["slug"]):
            existing.member_ids = members
            existing.repositories = roles or existing.repositories
            return {"id": existing.id, "slug": existing.slug}
        made = world.store.add(
            Team(
                org_id=found.id, slug=body["slug"], name=body["slug"], member_ids=members, repositories=roles,
                created_at=world.clock.now(), id=body.get("id", 0),
            )
        )  # fmt: skip
        return {"id": made.id, "slug": made.slug}


@command("repo", "repo", "id", "private", "default_branch", "files", "collaborators", "message", "labels")
def repo(service: Service, body: Body) -> Any:
    """A repository with a first commit. `files` maps paths to text; `collaborators` maps logins to roles."""
    with service.act() as world:
        owner_login, _, name = body["repo"].partition("/")
        owner = world.account(owner_login)
        branch = body.get("default_branch", "main")
        roles = {world.account(login).id: role for login, role in body.get("collaborators", {}).items()}
        made = repositories.create(
            world, owner, name, id=body.get("id", 0), private=body.get("private", True), default_branch=branch,
            collaborators=roles,
        )  # fmt: skip
        at = iso(world.clock.seconds())
        who = commits.signature(None, owner if owner.kind == "User" else None, at)
        contents = body.get("files") or {"README.md": f"# {name}\n"}
        changes = [{"path": path, "content": text} for path, text in contents.items()]
        files = commits.applied(world, {}, changes)
        sha = commits.write(world, files, (), body.get("message", "First commit"), who, who)
        made.refs = {HEADS + branch: sha}
        for label in body.get("labels", ()):
            world.store.add(Label(repo_id=made.id, name=label))
        return {"id": made.id, "full_name": world.full_name(made), "head": sha}


@lru_cache(maxsize=32)
def key_of(slug: str) -> tuple[str, str]:
    """The first key of an App; the same after starting anew, since making one takes time."""
    _ = slug
    return new_key()


def make_app(world: World, body: Body) -> tuple[App, str]:
    """An App with its bot account. Answers its private key, which is kept nowhere."""
    slug = body["slug"]
    private, public = key_of(slug) if body.get("key", True) else ("", None)
    known = [found for found in world.store.where(Account, kind="Bot") if found.login == f"{slug}[bot]"]
    bot = (
        known[0]
        if known
        else make_account(world, {"login": f"{slug}[bot]", "id": body.get("bot_id", 0), "kind": "Bot"})
    )
    app = world.store.add(
        App(
            id=body.get("id", 0), slug=slug, name=body.get("name", slug), bot_id=bot.id, public_key=public,
            owner_id=world.account(body["owner"]).id, permissions=body.get("permissions", {"metadata": "read"}),
            events=tuple(body.get("events", ())), webhook_url=body.get("webhook_url"),
            webhook_secret=body.get("webhook_secret"), created_at=world.clock.now(),
        )
    )  # fmt: skip
    return app, private


@command(
    "app", "slug", "id", "name", "owner", "permissions", "events", "webhook_url", "webhook_secret", "install", "bot_id",
    "key",
)  # fmt: skip
def app(service: Service, body: Body) -> Any:
    """An App; `install` lists accounts to install it in. Answers ids, the key, and a token to act as it."""
    with service.act() as world:
        made, private = make_app(world, body)
        found = {}
        for login in body.get("install", ()):
            account = world.account(login)
            found[login] = installing.install(world, Actor(app=made), made, account).id
        return {
            "id": made.id, "slug": made.slug, "bot_id": made.bot_id, "private_key": private, "installations": found,
            "token": f"sandbox-app-{made.slug}",
        }  # fmt: skip


@command("configure_app", "slug", "webhook_url", "webhook_secret", "permissions", "events", "new_key")
def configure_app(service: Service, body: Body) -> Any:
    """Change where an App's webhooks go, how they are signed, what it asks for; or give it a new key."""
    with service.act() as world:
        found = world.app(body["slug"])
        for name in ("webhook_url", "webhook_secret", "permissions"):
            if name in body:
                setattr(found, name, body[name])
        if "events" in body:
            found.events = tuple(body["events"])
        private = ""
        if body.get("new_key"):
            private, found.public_key = new_key()
        return {"id": found.id, "private_key": private}


@command("ping", "slug")
def ping(service: Service, body: Body) -> Any:
    """The webhook that GitHub sends when the address was set."""
    with service.act() as world:
        found = world.app(body["slug"])
        payload = {"zen": "Practicality beats purity.", "hook_id": found.id, "hook": {"type": "App", "id": found.id}}
        return {"delivery": service.announcer.enqueue(found, "ping", None, None, None, payload).id}


@command("install", "app", "account", "repositories", "permissions", "by")
def install(service: Service, body: Body) -> Any:
    """Install an App, in all repositories or in those named."""
    with service.act() as world:
        account = world.account(body["account"])
        names = body.get("repositories")
        ids = None if names is None else tuple(world.repository(account.login, name).id for name in names)
        found = world.app(body["app"])
        who = actor(world, body) if "by" in body else Actor(app=found)
        return {"id": installing.install(world, who, found, account, ids, body.get("permissions")).id}


@command("installation", "app", "account", "action", "repositories", "permissions", "by")
def change_installation(service: Service, body: Body) -> Any:
    """`action` is suspend, unsuspend, remove, choose (with `repositories`, null for all) or permit."""
    with service.act() as world:
        found = installation(world, body)
        who = actor(world, body) if "by" in body else Actor(app=world.existing(App, found.app_id))
        action = body["action"]
        if action in {"suspend", "unsuspend", "remove"}:
            {"suspend": installing.suspend, "unsuspend": installing.unsuspend, "remove": installing.remove}[action](
                world, who, found
            )
        elif action == "choose":
            names = body.get("repositories")
            ids = None if names is None else tuple(world.repository(body["account"], name).id for name in names)
            installing.choose(world, who, found, ids)
        elif action == "permit":
            found.permissions = body["permissions"]
            world.tell("installation", "new_permissions_accepted", actor=who, installation=found)
        else:
            raise Bad(f"unknown action {action!r}")
        return {"id": found.id}


@command("repo_action", "repo", "action", "to", "by", "value")
def repo_action(service: Service, body: Body) -> Any:
    """`action` is rename, transfer, archive, unarchive, delete, fork, default_branch or rename_default_branch."""
    with service.act() as world:
        found, who, action = repository(world, body), actor(world, body), body["action"]
        if action in {"rename", "archive", "unarchive", "default_branch"}:
            changes: dict[str, dict[str, Any]] = {
                "rename": {"name": body.get("to")},
                "archive": {"archived": True},
                "unarchive": {"archived": False},
                "default_branch": {"default_branch": body.get("to")},
            }
            repositories.update(world, who, found, changes[action])
        elif action == "transfer":
            repositories.transfer(world, who, found, world.account(body["to"]))
        elif action == "delete":
            repositories.delete(world, who, found)
            return {"deleted": found.id}
        elif action == "fork":
            found = repositories.fork(world, who, found)
        elif action == "rename_default_branch":
            repositories.rename_branch(world, who, found, found.default_branch, body["to"])
        else:
            raise Bad(f"unknown action {action!r}")
        return {"id": found.id, "full_name": world.full_name(found)}


@command("reader", "repo")
def reader(service: Service, body: Body) -> Any:
    """Somebody who may read a repository: an owner of it."""
    with service.world.lock:
        return {"login": actor(service.world, body).login}
