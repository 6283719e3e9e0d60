"""Matches an identity against the catalogue: mailbox and account id first, the name only as a qualifier.

35 display names were seen on one agent's mailbox, and people are called Claude, Devin and Jules: so a name alone
proves nothing, except where it says in brackets that a tool wrote for that person, where it is a product's whole name
and nobody's ("GitHub Copilot"), or where name and mailbox both say "agent".
"""

import re

from bot.detect import mailbox
from bot.detect.compiled import Catalogue
from bot.detect.marks import Tool, ToolRole

NAME_LENGTH = 200

_QUALIFIER = re.compile(r"(?:\((?:via )?|\+ |\bvia )([^()+]{2,60})\)?\Z")
_AGENT_NAME = re.compile(r"(?:.*[ _-])?agent(?:[ _-].*)?\Z", re.IGNORECASE)
_AGENT_BOX = re.compile(r"(?:\d+\+)?(?:[^@+]*[._-])?(?:agent|ai)@")
_NOBODYS = frozenset({"noreply", "no-reply", "donotreply", "agent", "assistant", "ai"})
_MACHINES = re.compile(
    r"\b(?:build|ci|cd|jenkins|deploy|release|pipelines?|azure|teamcity|buildkite|bamboo|test|debug|user|real|travel|support|ssh|gpg)\b",
    re.IGNORECASE,
)


def known_agent(name: str, box: str, catalogue: Catalogue) -> Tool | None:
    """The tool whose mailbox or account this is, automation included; `box` is tidy."""
    for pattern, tool in catalogue.mailboxes.get(box, ()):
        if pattern is None or pattern.match(name.strip()[:NAME_LENGTH]):
            return tool
    account = mailbox.private(box)
    if account is None or account.forge != "github":
        return None
    return catalogue.accounts.find(account.id, account.login)


def qualified(name: str, catalogue: Catalogue) -> Tool | None:
    """The tool that an author's name says wrote for them: `Max Mustermann (aider)`."""
    text = name[-NAME_LENGTH:].rstrip()
    if text.endswith(tuple(catalogue.name_suffixes)):
        return next(tool for suffix, tool in catalogue.name_suffixes.items() if text.endswith(suffix))
    match = _QUALIFIER.search(text) if "(" in text or "+" in text or "via" in text else None
    if match is None or not match.start():
        return None
    inner = match[1].strip().lower()
    sure = catalogue.words.sure.fullmatch(inner)
    if sure is not None:
        return catalogue.words.names[sure[0]]
    version = catalogue.words.versioned.match(inner)
    return catalogue.words.models.get(version[1] or version[2]) if version else None


def model_name(name: str, catalogue: Catalogue) -> Tool | None:
    """The tool whose model, with its version, somebody bears as a name: `Claude Opus 4.6` is nobody's."""
    version = catalogue.words.versioned.match(name[:NAME_LENGTH].strip().lower())
    return catalogue.words.models.get(version[1] or version[2]) if version else None


def service_name(name: str, box: str, catalogue: Catalogue) -> Tool | None:
    """The tool whose bare name stands on a mailbox that is nobody's (`Claude <noreply@claude.example>`)."""
    if box.partition("@")[0] not in _NOBODYS:
        return None
    words = name[:NAME_LENGTH].strip().lower()
    return catalogue.words.names.get(words)


def calls_itself_agent(name: str, box: str, catalogue: Catalogue) -> Tool | None:
    """No tool in particular, where name and mailbox both say "agent" and neither says that it builds or deploys."""
    name = name.strip()[:NAME_LENGTH]
    if not _AGENT_NAME.match(name) or not _AGENT_BOX.match(box) or _MACHINES.search(f"{name} {box}"):
        return None
    return catalogue.words.unnamed


def product_name(name: str, catalogue: Catalogue) -> Tool | None:
    """The tool whose whole name somebody bears, where that name is nobody else's: `GitHub Copilot`, on any mailbox.

    It is evidence only: whoever calls themselves so stays a contributor (contributors.py does not ask this).
    """
    return catalogue.words.products.get(name[:NAME_LENGTH].strip().lower())


def by_name(name: str, box: str, catalogue: Catalogue) -> Tool | None:
    """The tool that an unlisted mailbox stands for by all that its name says; weaker than a listed mailbox."""
    return model_name(name, catalogue) or service_name(name, box, catalogue) or calls_itself_agent(name, box, catalogue)


def is_bot(name: str, box: str) -> bool:
    """Whether an identity says of itself that it is a forge's bot account."""
    account = mailbox.private(box)
    return name.rstrip().endswith("[bot]") or (account is not None and account.login.endswith("[bot]"))


def is_automation(tool: Tool | None) -> bool:
    """Whether a match is listed as automation."""
    return tool is not None and tool.role is ToolRole.AUTOMATION
