"""Who set an agent to work, where the change tells. Everything here is a claim that others may check, none raises a
tier by itself.

Copilot names its requester as the co-author of its commits; Jules and Devin write a login into the body, which is no
proof of identity: such an operator has no account id. More than one candidate, or none, is no answer.
"""

import re

from bot.detect import mailbox
from bot.detect.compiled import Catalogue
from bot.detect.contributors import Role, account_role, coauthors, role
from bot.detect.quoting import without_comments, without_quotes
from bot.detect.text import clean
from bot.model.change import Account, AccountKind, Change, Commit

_STARTED = re.compile(
    r"(?:\bstarted by|\brequested by:?|\btriggered by:?|\bon behalf of)"
    r"[ \t*_]{0,4}\[?@([a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9])?)\b",
    re.IGNORECASE,
)


def operator(change: Change, catalogue: Catalogue) -> Account | None:
    """The operator of an agent's change; None where a person opened it, or where it cannot be told.

    What the forge says (`change.operator`) goes first, then the one person whom the agent's own commits name as
    co-author with an account id, then the one login that the agent wrote into the body.
    """
    if change.operator is not None:
        return change.operator
    if account_role(change.author, catalogue, change.forge) is Role.HUMAN:
        return None
    named = {account for commit in change.commits for account in _requesters(commit, change, catalogue)}
    if named:
        return named.pop() if len(named) == 1 else None
    if change.body_editor is not None and change.body_editor.id != change.author.id:
        return None
    body = without_comments(without_quotes(clean(change.body)))
    logins = {match[1].lower(): match[1] for match in _STARTED.finditer(body)}
    return Account(next(iter(logins.values())), None) if len(logins) == 1 else None


def _requesters(commit: Commit, change: Change, catalogue: Catalogue) -> set[Account]:
    """The people named, by account id, as co-authors of a commit that the change's author made."""
    if not _by_author(commit, change):
        return set()
    return {
        Account(person.login, person.id, AccountKind.USER)
        for person in coauthors(commit.message, change.forge)
        if person.id is not None and role(person, catalogue, change.forge) is Role.HUMAN
    }


def _by_author(commit: Commit, change: Change) -> bool:
    if commit.author.id is not None:
        return commit.author.id == change.author.id
    account = mailbox.private(mailbox.tidy(commit.author.email))
    return account is not None and account.id is not None and account.id == change.author.id
