"""Who may close a finding of the watch."""

from datetime import date

import pytest

from bot import gate
from bot.model.ids import AccountId, Tier
from bot.model.policy import Need, Policy, Requirement, When
from bot.model.roster import Person, Roster, RosterAccount

POLICY = Policy(
    tiers=(Tier("junior"), Tier("senior")),
    unknown_author=Tier("junior"),
    requirements=(Requirement("r", When(ai=True), Need(1, Tier("senior"))),),
)
DAY = date(2026, 11, 20)


def person(name: str, tier: str, account: int | None, until: date | None = None) -> Person:
    """Somebody with one account, whose login is the name."""
    number = None if account is None else AccountId(account)
    return Person(name, Tier(tier), (RosterAccount("github", name, number),), until=until)


ROSTER = Roster(
    (
        person("grace", "senior", 1001),
        person("jo", "junior", 101),
        person("left", "senior", 1002, date(2026, 11, 19)),
        person("nameless", "senior", None),
    )
)


@pytest.mark.parametrize(
    ("who", "had_part", "answer"),
    [
        (("github", "Grace"), set(), 1001),
        (("github", "grace"), {1001}, "somebody else has to look"),
        (("github", "jo"), {None}, "whose sign-off could count"),
        (("github", "left"), set(), "not in force"),
        (("github", "nameless"), set(), "signoff roster resolve"),
        (("gitlab", "grace"), set(), "nobody in the roster"),
    ],
)
def test_a_finding_is_closed_by_somebody_entitled_who_had_no_part_in_it(who, had_part, answer) -> None:
    """Else whoever bypassed the gate would take their own bypass off the list."""
    said = gate.may_close(POLICY, ROSTER, DAY, who, had_part)
    assert said == answer if isinstance(answer, int) else answer in str(said)
