"""Measures how long deciding takes: 100 commits, 100 reviews, 300 files, 50 globs; detection is not counted.

Run it: python -m tests.gate.bench_decide. It is a measurement and no test, since a busy machine is no fault.
"""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

from bot import detect, gate
from bot.model.change import Account, Change, Commit, File, GitIdentity, Head, Review, ReviewState
from bot.model.ids import AccountId, Sha, Tier
from bot.model.memory import Memory
from bot.model.policy import Need, Policy, Requirement, When, Zone
from bot.model.roster import Person, Roster, RosterAccount

START = datetime(2026, 11, 20, 10, tzinfo=UTC)


def _commit(number: int) -> Commit:
    who = number % 7
    author = GitIdentity(f"Dev {who}", f"dev{who}@example.com", f"dev{who}", AccountId(100 + who))
    trailer = "\n\nCo-authored-by: Claude <noreply@anthropic.com>" if number % 3 == 0 else ""
    return Commit(Sha(f"{number:040x}"), author, author, f"Change part {number}\n\nBecause it was needed.{trailer}")


def _person(number: int) -> Person:
    tier = Tier("senior") if number >= 50 else Tier("junior")
    account = RosterAccount("github", f"dev{number}", AccountId(100 + number))
    return Person(f"Dev {number}", tier, (account,), frozenset({f"dev{number}@example.com"}))


def scene() -> tuple[Change, Policy, Roster]:
    """A large change, rules with 50 globs in 10 zones, and 120 people."""
    reviews = tuple(
        Review(
            number,
            Account(f"dev{20 + number}", AccountId(120 + number)),
            ReviewState.APPROVED if number % 4 else ReviewState.COMMENTED,
            Sha(f"{99:040x}"),
            START + timedelta(minutes=number + 1),
        )
        for number in range(100)
    )
    change = Change(
        "github", "acme/payments", 7, "Rework", "", "main", "main", "rework", Account("dev0", AccountId(100)),
        Head(Sha(f"{99:040x}"), START),
        commits=tuple(map(_commit, range(100))),
        files=tuple(File(f"src/part{number % 20}/file{number}.py", additions=3, deletions=1) for number in range(300)),
        reviews=reviews,
    )  # fmt: skip
    zones = tuple(Zone(f"zone{z}", tuple(f"area{z}/**/part{g}/*.sql" for g in range(5))) for z in range(10))
    senior, names = Need(2, Tier("senior")), tuple(each.name for each in zones)
    requirements = (
        Requirement("senior sign-off", When(ai=True, author_below=Tier("senior")), senior),
        Requirement("high blast radius", When(ai=True, zones=names), replace(senior, approvals=3)),
    )
    policy = Policy((Tier("junior"), Tier("senior")), Tier("junior"), requirements, zones)
    return change, policy, Roster(tuple(map(_person, range(120))))


def measure(rounds: int = 200) -> float:
    """The median in milliseconds. Every round has a change of its own, as in life: nothing is kept from the last."""
    change, policy, roster = scene()
    evidence = detect.examine(change, policy.detection)
    moment = START + timedelta(hours=3)
    taken = []
    for number in range(rounds):
        fresh = replace(change, number=number, commits=tuple(map(replace, change.commits)))
        begin = time.perf_counter()
        gate.decide(fresh, evidence, Memory(), policy, roster, moment)
        taken.append((time.perf_counter() - begin) * 1000)
    return median(taken)


if __name__ == "__main__":
    print(f"median {measure():.2f} ms")  # noqa: T201
