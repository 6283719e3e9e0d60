"""Accounts by the names people know: the roster's login, else the one last seen, else the number."""

from collections.abc import Callable, Collection, Iterable
from functools import partial

from bot.model.ids import AccountId
from bot.model.roster import Roster
from bot.store import Tx, people


def naming(tx: Tx, roster: Roster, forge: str, accounts: Iterable[AccountId]) -> Callable[[int], str]:
    """Names the accounts of one forge. Who was forgotten goes by the number."""
    known: dict[int, str] = {int(each): login for each, login in people.names(tx, forge, sorted(set(accounts))).items()}
    for person in roster.people:
        known |= {each.id: each.login for each in person.accounts if each.forge == forge and each.id is not None}
    return partial(_name, known)


def _name(known: dict[int, str], account: int) -> str:
    return known.get(account) or f"account {account}"


def number_of(tx: Tx, roster: Roster, forges: Collection[str], login: str) -> AccountId | None:
    """The account that goes by a login in the roster or was last seen with it; None when nobody does."""
    wanted = login.casefold()
    for person in roster.people:
        for each in person.accounts:
            if each.forge in forges and each.login.casefold() == wanted and each.id is not None:
                return each.id
    return next((found for forge in forges if (found := people.by_login(tx, forge, login)) is not None), None)
