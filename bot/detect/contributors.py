"""What an identity or account is: a person, an agent, automation, or the forge itself; and who a message names as
co-author.

A mailbox is free text, so a role read from one may add a contributor but never make one disappear: that a person
cannot hide behind an agent's mailbox is the gate's business, which counts the accounts that opened and pushed in any
case.
"""

from enum import StrEnum

from bot.detect import mailbox, trailers
from bot.detect.compiled import Catalogue
from bot.detect.identity import by_name, is_bot, known_agent
from bot.detect.keys import COAUTHORS
from bot.detect.marks import Tool, ToolRole
from bot.detect.quoting import without_comments, without_quotes
from bot.detect.text import clean
from bot.model.change import Account, AccountKind, GitIdentity
from bot.model.ids import AccountId


class Role(StrEnum):
    """Who stands behind an identity. Only `human` is ever a contributor."""

    HUMAN = "human"
    AGENT = "agent"
    SUGGESTION = "suggestion"
    REVIEWER = "reviewer"
    AUTOMATION = "automation"
    FORGE = "forge"


_OF_TOOL = {
    ToolRole.AUTHOR: Role.AGENT,
    ToolRole.SUGGESTION: Role.SUGGESTION,
    ToolRole.REVIEWER: Role.REVIEWER,
    ToolRole.AUTOMATION: Role.AUTOMATION,
}
_FORGE_MAILBOXES = frozenset({"noreply@github.com", "no-reply@github.com", "noreply@gitlab.com"})
_FORGE_ACCOUNT = 19864447
"""web-flow, the account GitHub commits with on behalf of people (GitHub's API)."""


def role(identity: GitIdentity, catalogue: Catalogue, forge: str | None = None) -> Role:
    """The role of a commit's author, committer or co-author. A person `(aider)` wrote for is a person."""
    box = mailbox.tidy(identity.email)
    if box in _FORGE_MAILBOXES and identity.id in {None, _FORGE_ACCOUNT}:
        return Role.FORGE
    tool = known_agent(identity.name, box, catalogue)
    if tool is None and identity.id is not None:
        tool = listed(identity.id, identity.login, catalogue, forge)
    if tool is None and identity.id is None:
        tool = by_name(identity.name, box, catalogue)
    if tool is not None:
        return _OF_TOOL[tool.role]
    return Role.AUTOMATION if is_bot(identity.name, box) else Role.HUMAN


def account_role(account: Account, catalogue: Catalogue, forge: str | None = None) -> Role:
    """The role of an account on a forge (None: GitHub). A bot that nobody listed is taken for an agent."""
    if on_github(forge) and account.id == _FORGE_ACCOUNT:
        return Role.FORGE
    tool = listed(account.id, account.login, catalogue, forge)
    if tool is not None:
        return _OF_TOOL[tool.role]
    return Role.AGENT if account.kind is AccountKind.BOT else Role.HUMAN


def anybody_can_drive(account: Account, catalogue: Catalogue, forge: str | None = None) -> bool:
    """Whether every workflow of every writer acts as this account, so that it stands for nobody in particular."""
    return on_github(forge) and account.id in catalogue.accounts.shared


def coauthors(message: str, forge: str | None = None) -> tuple[GitIdentity, ...]:
    """Everybody whom Co-authored-by trailers name, each once. The id is that of the forge's private mailbox.

    With `forge`, ids of the other forge's private mailboxes are left out: numbers mean nothing there.
    """
    visible = without_comments(without_quotes(clean(message)))
    found: dict[GitIdentity, None] = {}
    for trailer in trailers.parse(visible, COAUTHORS):
        for name, box in mailbox.split(trailer.value):
            account = mailbox.private(box)
            if account is None or forge not in {None, account.forge}:
                found[GitIdentity(name, box)] = None
            else:
                number = AccountId(account.id) if account.id is not None else None
                found[GitIdentity(name, box, account.login, number)] = None
    return tuple(found)


def listed(number: int | None, login: str | None, catalogue: Catalogue, forge: str | None) -> Tool | None:
    """The tool behind an account: by the catalogue's account ids on GitHub, by its user names elsewhere."""
    if on_github(forge):
        return catalogue.accounts.find(number, (login or "").lower())
    return catalogue.accounts.by_username.get((login or "").lower())


def on_github(forge: str | None) -> bool:
    """Whether account ids are GitHub's, which those of the catalogue are. None: nobody said which forge it is."""
    return forge in {None, "github"}
