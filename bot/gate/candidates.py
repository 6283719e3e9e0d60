"""Who could sign now: who is asked, never what counts.

People who are away are not asked and are not told apart to readers. Members of a forge's team are asked by the
team's name, since only their numbers are known.
"""

from collections.abc import Iterator

from bot.gate.approvals import Approval, barred
from bot.gate.entitled import Bench
from bot.gate.people import Standing
from bot.gate.requirements import Asked, counting, with_teams
from bot.model.change import Account
from bot.model.decision import Candidate, Discount
from bot.model.ids import AccountId
from bot.model.roster import Person


def candidates(bench: Bench, each: Asked, given: tuple[Approval, ...]) -> tuple[Candidate, ...]:
    """Those who could give what is missing for one requirement: the least senior who suffice first, then by login."""
    counted = with_teams(each, counting(each, given), bench.people)
    already = {standing.key for standing, _ in counted}

    def helps(standing: Standing) -> bool:
        return standing.key not in already and standing.in_force and each.helps(standing, counted)

    found = sorted(
        (one for one in _people(bench) if helps(one[1])), key=lambda one: (one[1].rank, one[0][0].login or "")
    )
    people = (_candidate(bench, account, standing) for account, standing in found)
    teams = (team for team, standing in _teams(bench) if helps(standing))
    named = {one.login: one for one in people if one is not None}
    return (*named.values(), *(Candidate(team, team) for team in sorted(set(teams))))


def _people(bench: Bench) -> Iterator[tuple[tuple[Account, ...], Standing]]:
    forge = bench.matter.change.forge
    for person in bench.matter.roster.people:
        accounts = tuple(
            Account(one.login, one.id) for one in person.accounts if one.forge == forge and one.id is not None
        )
        standing = bench.people.standing(accounts[0].id) if accounts else None
        if standing is not None and standing.person is person:
            yield accounts, standing


def _candidate(bench: Bench, accounts: tuple[Account, ...], standing: Standing) -> Candidate | None:
    reasons = {barred(bench.matter, bench.crew, account, standing) for account in accounts}
    free = None in reasons
    if not free and not _soft(bench, standing, reasons):
        return None
    away = standing.person is not None and _away(bench, standing.person)
    return Candidate(accounts[0].login or "", standing.name, away, not free, accounts[0].id)


def _soft(bench: Bench, standing: Standing, reasons: set[Discount | None]) -> bool:
    """Whether all that bars a person is a mailbox in a commit."""
    return reasons <= {Discount.CONTRIBUTOR, Discount.SAME_PERSON} and standing.key in bench.crew.softly


def _away(bench: Bench, person: Person) -> bool:
    return person.is_away(bench.matter.day)


def _teams(bench: Bench) -> Iterator[tuple[str, Standing]]:
    """A team for each of its members who has no entry of their own and could sign."""
    memory, forge = bench.matter.memory, bench.matter.change.forge
    for team in {each.team for each in bench.matter.roster.teams if each.forge == forge}:
        for member in memory.teams.get(team, frozenset[AccountId]()):
            standing = bench.free(Account(None, member))
            if standing is not None and standing.person is None:
                yield team, standing
