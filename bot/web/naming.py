"""Whom somebody means by a login that they type."""

from collections.abc import Collection

from bot.model.ids import AccountId
from bot.model.roster import Roster
from bot.store import Tx, people


def number_of(tx: Tx, roster: Roster, forges: Collection[str], login: str) -> AccountId | None:
    """The account that goes by a login in the roster or was last seen with it; None when nobody does."""
    wanted = login.casefold()
    for person in roster.people:
        for each in person.accounts:
            if each.forge in forges and each.login.casefold() == wanted and each.id is not None:
                return each.id
    return next((found for forge in forges if (found := people.by_login(tx, forge, login)) is not None), None)
