"""Accounts by the names people know: the roster's login, else the one last seen, else the number."""

from collections.abc import Callable, Iterable
from functools import partial

from bot.model.ids import AccountId
from bot.model.roster import Roster
from bot.store import Tx, people

Names = Callable[[int], str]
"""An account's number to the name people know."""


def naming(tx: Tx, roster: Roster, forge: str, accounts: Iterable[AccountId]) -> Names:
    """Names the accounts of one forge. Who was forgotten goes by the number."""
    known: dict[int, str] = {int(each): login for each, login in people.names(tx, forge, sorted(set(accounts))).items()}
    for person in roster.people:
        known |= {each.id: each.login for each in person.accounts if each.forge == forge and each.id is not None}
    return partial(_name, known)


def _name(known: dict[int, str], account: int) -> str:
    return known.get(account) or f"account {account}"
