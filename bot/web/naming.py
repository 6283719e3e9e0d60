"""Whom somebody means by a login that they type."""

from collections.abc import Collection

from bot.model.ids import AccountId
from bot.model.roster import Roster
from bot.store import Tx, people


def numbers_of(tx: Tx, roster: Roster, forges: Collection[str], login: str) -> dict[str, AccountId]:
    """The account that goes by a login in the roster or was last seen with it, on each forge where there is one.

    The number of one forge means somebody else on the next, so it is of use with its forge alone.
    """
    wanted, found = login.casefold(), dict[str, AccountId]()
    for person in roster.people:
        for each in person.accounts:
            if each.forge in forges and each.login.casefold() == wanted and each.id is not None:
                found.setdefault(each.forge, each.id)
    seen = {forge: people.by_login(tx, forge, login) for forge in forges if forge not in found}
    return found | {forge: account for forge, account in seen.items() if account is not None}
