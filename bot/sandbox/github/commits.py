"""Making commits out of a list of file changes, the way a person's clone or the web editor would.

What a change may be is told in git/edit.py. Nothing here moves a branch.
"""

import base64
from typing import Any

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.github.errors import invalid
from bot.sandbox.github.records import Account
from bot.sandbox.github.world import World

WEB_FLOW = ("GitHub", "noreply@github.com")
SIGNED = "-----BEGIN PGP SIGNATURE-----\n\nsandbox\n-----END PGP SIGNATURE-----\n"


def applied(world: World, files: git.Snapshot, changes: list[dict[str, Any]]) -> dict[str, git.Entry]:
    """The files after the changes. Raises a refusal that names the change which cannot be made."""
    try:
        return git.applied(world.objects, files, changes)
    except git.BadEdit as bad:
        raise invalid(str(bad)) from None


def signature(given: dict[str, Any] | None, account: Account | None, at: str) -> git.Signature:
    """Name, mailbox and date as given, else those of the account."""
    given = given or {}
    name = given.get("name") or (account and (account.name or account.login)) or "Unknown"
    email = given.get("email") or (account and (account.email or noreply(account))) or "unknown@example.com"
    return git.Signature(name, email, (given.get("date") or at).replace("Z", "+00:00"))


def noreply(account: Account) -> str:
    """The mailbox GitHub gives an account that shows none."""
    return f"{account.id}+{account.login}@users.noreply.github.com"


def web_flow(at: str) -> git.Signature:
    """The committer of what was done with a button."""
    return git.Signature(*WEB_FLOW, at.replace("Z", "+00:00"))


def write(  # noqa: PLR0913, PLR0917 - a commit has these parts
    world: World,
    files: git.Snapshot,
    parents: tuple[str, ...],
    message: str,
    author: git.Signature,
    committer: git.Signature,
    *,
    signed: bool = False,
    message_base64: str | None = None,
) -> str:
    """Store a commit over the files."""
    text = base64.b64decode(message_base64) if message_base64 is not None else message
    tree = world.objects.write_tree(files)
    return world.objects.write_commit(tree, parents, author, committer, text, SIGNED if signed else None)


def on_the_web(  # noqa: PLR0913, PLR0917 - as above
    world: World, account: Account, files: git.Snapshot, parents: tuple[str, ...], message: str,
    author: dict[str, Any] | None = None,
) -> str:  # fmt: skip
    """A commit made with a button: the person is the author, GitHub the committer, and it is signed."""
    at = iso(world.clock.seconds())
    mine = signature(author, account, at)
    return write(world, files, parents, message, mine, web_flow(at), signed=True)
