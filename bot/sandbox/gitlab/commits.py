"""Making commits, with the names and mailboxes of GitLab's users. Nothing here moves a branch."""

import base64
from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.gitlab.errors import bad_request
from bot.sandbox.gitlab.records import User
from bot.sandbox.gitlab.world import World

SYSTEM = "gitlab-web-commit"
"""Stands for a signature that only GitLab itself can make."""


def applied(world: World, files: git.Snapshot, changes: list[dict[str, Any]]) -> dict[str, git.Entry]:
    """The files after the changes (see git/edit.py). Raises a refusal that names the one that cannot be made."""
    try:
        return git.applied(world.objects, files, changes)
    except git.BadEdit as bad:
        raise bad_request(str(bad)) from None


def noreply(user: User) -> str:
    """The mailbox GitLab gives a user who shows none."""
    return f"{user.id}-{user.username}@users.noreply.gitlab.example.com"


def signature(given: dict[str, Any] | None, user: User | None, at: str) -> git.Signature:
    """Name, mailbox and date as given, else those of the user."""
    given = given or {}
    name = given.get("name") or (user and user.name) or "Unknown"
    email = given.get("email") or (user and (user.email or noreply(user))) or "unknown@example.com"
    return git.Signature(name, email, (given.get("date") or at).replace("Z", "+00:00"))


def write(  # noqa: PLR0913, PLR0917 - a commit has these parts
    world: World,
    files: git.Snapshot,
    parents: tuple[str, ...],
    message: str,
    author: git.Signature,
    committer: git.Signature,
    message_base64: str | None = None,
    signed: str | None = None,
) -> str:
    """Store a commit over the files."""
    text = base64.b64decode(message_base64) if message_base64 is not None else message
    return world.objects.write_commit(world.objects.write_tree(files), parents, author, committer, text, signed)


def on_the_web(world: World, user: User, files: git.Snapshot, parents: tuple[str, ...], message: str) -> str:
    """A commit made with a button: on GitLab the user is author and committer."""
    who = signature(None, user, iso(world.clock.seconds()))
    signed = SYSTEM if world.setting("sign_web_commits") else None
    return write(world, files, parents, message, who, who, signed=signed)
