"""A team's day on the simulated forge, for looking at the pages: every verdict, and text that tries to break out.

People do everything by the forge's own API, and the service decides. What only time brings (how long changes waited,
the weeks before) is written into the service's database. It is no test and proves nothing.
"""

import random
import sqlite3
from datetime import datetime, timedelta
from typing import Any

from bot.model.ids import Sha
from bot.model.subject import Subject
from bot.store import Store, changes, ledger, open_store
from tests.stories.gitlab.world import GitLabWorld
from tests.stories.world import TRAILER, World
from tests.web.site import NOW, keep

ROSTER = """version: 1
people:
  - {name: Jo Example, tier: junior, github: {login: jo, id: 101}, emails: [jo@example.com]}
  - {name: Sam Example, tier: mid, github: {login: sam, id: 102}, emails: [sam@example.com]}
  - {name: Grace Example, tier: senior, github: {login: grace, id: 1001}, emails: [grace@example.com]}
  - name: Linus Example
    tier: senior
    github: {login: linus, id: 1002}
    zones: [infrastructure, data]
    until: 2031-12-31
    away: [{from: 2020-01-01, to: 2031-12-31}]
  - {name: Rosa Example-With-A-Rather-Long-Name, tier: senior, github: {login: rosa-with-a-long-login-name, id: 1003}}
  - {name: Olaf Example, tier: staff, github: {login: olaf}}
  - {name: Left Example, tier: senior, github: {login: left, id: 1005}, until: 2021-01-31}
  - {name: Ada Example, tier: principal, github: {login: ada, id: 1009}, emails: [ada@example.com]}
teams:
  - {github: acme/platform-seniors, tier: senior}
"""
WEEKS = 11
LONG = "Make the reconciliation of payments that arrive twice, late, or with another currency than the order " * 2
HOSTILE = (
    '<img src=x onerror=alert(1)> **@everyone** [click](javascript:alert(1)) =HYPERLINK("http://evil.example.com")'
)
TITLES = ("Retry failed charges", "Say what a refund does", "Round totals half to even", "Log the order's number")


def fill(world: World) -> dict[str, int]:
    """Play the day; the number of one change of each kind, in acme/payments unless said otherwise."""
    world.forge.user("rosa-with-a-long-login-name", id=1003, email="rosa@example.com")
    world.forge.team("acme", "platform-seniors", ["grace", "linus"])
    (world.service.folder / "roster.yaml").write_text(ROSTER)
    world.edit_file("rules.yaml", "repositories: []", 'repositories: [{match: "acme/legacy-*", mode: observe}]')
    payments, infra = world.with_repository("acme/payments"), world.with_repository("acme/infra")
    world.settled()
    store = open_store(f"sqlite:///{world.service.folder / 'signoff.sqlite3'}")
    _weeks_before(store, world.forge.api("GET", "/repos/acme/payments", "ada")["id"])
    observed = world.with_repository("acme/legacy-billing-and-invoicing-of-the-former-group")
    world.forge.repo("acme/sandbox", {"a": "b\n"}, private=True)
    made = _verdicts(payments) | {"infra": _agents(infra), "observed": observed.opened(message=f"Old\n\n{TRAILER}")}
    made |= _rarer(payments) | {"merged": _bypasses(payments)}
    world.settled()
    _waited(world, store)
    store.dispose()
    return made


def _verdicts(at: World) -> dict[str, int]:
    """A change of each verdict."""
    made = {"waits": at.opened(message=f"{TITLES[0]}\n\n{TRAILER}", branch="claude/retry")}
    made["none"] = at.opened(message=TITLES[1], branch="words")
    made["long"] = at.opened(message=f"{LONG}\n\n{TRAILER}", branch="l", title=LONG)
    made["hostile"] = at.opened(message=f"{HOSTILE}\n\n{TRAILER}", branch="h", title=HOSTILE,
                                files={"infra/`@everyone` <b>.tf": "x\n"})  # fmt: skip
    made["emoji"] = at.opened(message=f"שלום \u202eevil\u202c مرحبا 👩‍🚀🚀 größer\n\n{TRAILER}", branch="e")
    many = {f"src/module_{number:03}/a_file_with_a_long_name.py": "x = 1\n" * 40 for number in range(250)}
    made["huge"] = at.opened(message=f"Reformat everything\n\n{TRAILER}", branch="huge", files=many)
    made["signed"] = at.opened("sam", f"Cache the rates\n\n{TRAILER}", "signed")
    made["objected"] = at.opened("sam", f"Drop the old table\n\n{TRAILER}", "migr",
                                 files={"db/migrations/0002.sql": "DROP TABLE x;\n"})  # fmt: skip
    made["pushed"] = at.opened("sam", f"Charge twice\n\n{TRAILER}", "pushed", files={"src/twice.py": "1\n"})
    made["overridden"] = at.opened("jo", f"Hotfix: the shop is down\n\n{TRAILER}", "hotfix")
    made["governance"] = at.opened(
        "sam",
        "Let seniors rest",
        "gov",
        files={".signoff.yaml": "version: 1\nzones: {data: {paths: []}}\nnonsense: 1\n"},
    )
    made["unguarded"] = at.opened("jo", f"Try it\n\n{TRAILER}", "try", base=_branch(at, "scratch"))
    at.settled()
    at.forge.approve(at.repository, made["signed"], "grace")
    at.forge.review(at.repository, made["objected"], "grace", "REQUEST_CHANGES", "Not like this.")
    at.forge.approve(at.repository, made["pushed"], "grace")
    at.forge.comment(at.repository, made["waits"], "jo", "/signoff no-ai")
    at.settled()
    at.forge.push(at.repository, "pushed", {"src/twice.py": "2\n"}, "Once more", by="sam")
    reason = "customers cannot pay since 09:12, incident 4711; nobody else is awake"
    at.forge.comment(at.repository, made["overridden"], "ada", f"/signoff override {reason}")
    at.settled()
    return made


def _rarer(at: World) -> dict[str, int]:
    """What is seen now and then: carried over, named by a mailbox, nobody left, one commit in two changes."""
    ours = "Count cents\n\nCo-authored-by: Grace <grace@example.com>"
    made = {"carried": at.opened("sam", f"Cache the fees\n\n{TRAILER}", "carried", files={"src/fee.py": "1\n"})}
    made["not-mine"] = at.opened("jo", f"{ours}\n{TRAILER}", "cents", files={"infra/cents.tf": "1\n"})
    made["nobody"] = at.opened("ada", "Guard less", "less", files={".signoff.yaml": "version: 1\n"})
    made["twin"] = at.opened("sam", f"Sum up\n\n{TRAILER}", "sum", files={"src/sum.py": "1\n"})
    at.settled()
    for name in ("carried", "twin"):
        at.forge.approve(at.repository, made[name], "grace")
    at.settled()
    at.forge.amend(at.repository, "carried", f"Cache the fees, with a word more\n\n{TRAILER}", by="sam")
    at.forge.force_push(at.repository, "sum-again", at.forge.head(at.repository, made["twin"]), by="jo")
    at.forge.open_change(at.repository, "jo", "sum-again", "Sum up elsewhere", base="scratch")
    at.settled()
    return made


def _branch(at: World, name: str) -> str:
    at.forge.push(at.repository, name, {"README.md": "x\n"}, "Scratch", by="ada")
    return name


def _agents(at: World) -> int:
    """An agent's change in a zone of high blast radius."""
    at.forge.collaborator(at.repository, "copilot-swe-agent[bot]", "push", "ada")
    message = "Keep messages for 3 days\n\nCo-authored-by: Sam <sam@example.com>"
    return at.opened(
        "copilot-swe-agent[bot]", message, "copilot/keep-messages", files={"infra/main.tf": "retained = 3\n"}
    )


def _bypasses(at: World) -> int:
    """A merge past the gate, and a push past it; the number of what was merged."""
    (ruleset,) = at.forge.api("GET", f"/repos/{at.repository}/rulesets", "ada")
    admins = {"actor_id": 5, "actor_type": "RepositoryRole", "bypass_mode": "always"}
    at.forge.api("PUT", f"/repos/{at.repository}/rulesets/{ruleset['id']}", "ada", {"bypass_actors": [admins]})
    number = at.opened("jo", f"Quick fix of the fees\n\n{TRAILER}", "fees", files={"src/fees.py": "1\n"})
    at.settled()
    at.merges(number, "ada")
    at.forge.push(at.repository, "main", {"b.py": "b = 1\n"}, f"Straight to main\n\n{TRAILER}", by="jo", rules=False)
    at.settled()
    return number


def _waited(world: World, store: Store) -> None:
    """What time brings: some wait for weeks, one cannot be told yet, one is from before sizes were kept."""
    with sqlite3.connect(world.service.folder / "signoff.sqlite3", timeout=30) as direct:
        open_ones = (
            "SELECT rowid, waiting_since FROM changes WHERE waiting_since IS NOT NULL ORDER BY repository, number"
        )
        for place, (row, now) in enumerate(direct.execute(open_ones).fetchall()):
            since = datetime.fromisoformat(now) - timedelta(minutes=7 * 5**place % 40_000)
            text = since.strftime("%Y-%m-%d %H:%M:%S.000000")
            direct.execute("UPDATE changes SET waiting_since = ?, listed_at = ? WHERE rowid = ?", (text, text, row))
    payments = world.forge.api("GET", "/repos/acme/payments", "ada")["id"]
    older = {"files": None, "additions": None, "deletions": None, "tools": "", "zones": ""}
    waits = "00-an-ai-change-of-a-junior-waits-for-a-senior.yaml"
    for number, case, more in ((900, "42-not-all-of-the-change-is-shown.yaml", {}), (901, waits, older)):
        subject = Subject.change("github", payments, number)
        keep(store, case, subject, **more)
        with store.write() as tx:
            changes.ask(tx, subject, ["1001"])


def _weeks_before(store: Store, repository: int) -> None:
    """Changes that were signed and merged, with overrides and bypasses now and then."""
    dice, number = random.Random(7), 1000
    for week in range(WEEKS, -1, -1):
        at = NOW - timedelta(weeks=week, hours=1)
        for _ in range(dice.randint(4, 14)):
            number += 1
            _merged(store, Subject.change("github", repository, number), at, dice)
        last = Subject.change("github", repository, number).key
        with store.write() as tx:
            if week % 4 == 1:
                ledger.append(tx, "override", last, {"by": 1009, "head": "a1", "reason": "the shop was down"}, at)
            if week % 5 == 2:
                ledger.append(tx, "finding", last, {"kind": "merged-unsigned", "merged_by": 1009}, at)


def _merged(store: Store, subject: Subject, at: datetime, dice: random.Random) -> None:
    assisted, seconds = dice.random() < 0.6, int(dice.expovariate(1 / 20_000))
    case = "00-a-senior-signs-it.yaml" if assisted else "00-a-change-without-ai-needs-nobody.yaml"
    more: dict[str, Any] = {"first_at": at}
    if assisted:
        head = Sha("a1" if dice.random() < 0.8 else "b2")
        more |= {"signed_at": at, "signed_seconds": seconds, "held_at": at, "held_head": head}
    keep(store, case, subject, hours=(NOW - at).total_seconds() / 3600, **more)
    with store.write() as tx:
        changes.close(tx, subject, at, "merged")


def requests(paid: GitLabWorld, free: GitLabWorld) -> dict[str, tuple[GitLabWorld, int]]:
    """Merge requests of most verdicts, in a project of a paid tier and in one of the free tier."""
    many = {f"src/module_{number:03}.py": "x = 1\n" for number in range(120)}
    made = {
        "waits": (paid, paid.opened(message=f"{TITLES[0]}\n\n{TRAILER}", branch="retry")),
        "hostile": (paid, paid.opened(message=f"{HOSTILE}\n\n{TRAILER}", branch="h", title=HOSTILE)),
        "asked": (paid, paid.opened(message=TITLES[1], branch="words")),
        "signed": (paid, paid.opened("sam", f"{TITLES[2]}\n\n{TRAILER}", "signed")),
        "free": (free, free.opened(message=f"{TITLES[3]}\n\n{TRAILER}", branch="log")),
        "huge": (free, free.opened(message=f"Reformat\n\n{TRAILER}", branch="huge", files=many)),
    }
    paid.settled()
    paid.forge.approve(paid.repository, made["signed"][1], "grace")
    free.forge.pipeline(free.repository, made["free"][1])
    paid.settled()
    return made


def break_change(world: World, number: int) -> None:
    """A change whose decision is in the database only in part, as no release wrote it."""
    with sqlite3.connect(world.service.folder / "signoff.sqlite3", timeout=30) as direct:
        direct.execute("UPDATE changes SET decision = ? WHERE number = ?", ('{"verdict":"hold"}', number))


def break_rules(world: World) -> None:
    """A newer version of the rules that cannot be used."""
    world.edit_file("rules.yaml", "mode: enforce", "mode: enforced\nunknown_key: 1")
