"""The doctor: how the gate stands, everywhere, with what proves it and what repairs it. It asks; it repairs nothing,
except that it has lost deliveries sent again when told to.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot import rules as rules_floor
from bot.forges.port import FailedDelivery, Forge
from bot.model.enforcement import Fact, Graded, Level
from bot.model.errors import GoneError, NeedsSomebodyError, SignoffError, TryAgainError
from bot.model.roster import Person, RosterAccount
from bot.model.subject import Repository
from bot.service import downtime, proof, rounds
from bot.service.context import Context
from bot.store import changes, deliveries, due, findings, ledger

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """A fact of one area: forge, webhook, roster, rules, service."""

    area: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found. `redelivered` are deliveries that the forge was asked to send again."""

    checks: tuple[Check, ...]
    repositories: tuple[tuple[Repository, Graded], ...]
    redelivered: int = 0

    @property
    def worst(self) -> Level:
        """The worst that anything means."""
        facts = [each.fact for each in self.checks]
        facts += [fact for _, graded in self.repositories for fact in graded.facts]
        return max((fact.level for fact in facts), key=tuple(Level).index, default=Level.FINE)


@dataclass
class Doctor:
    """Examines one installation of the bot. `public` is where people and forges reach it, None if that is not told."""

    context: Context
    public: str | None
    redelivered: int = 0
    graded: list[tuple[Repository, Graded]] = field(default_factory=list)

    def report(self, *, redeliver: bool = False, only: str | None = None) -> Report:
        """Ask everything; `only` one repository by its full name. `redeliver`: have lost deliveries sent again."""
        checks = [*self._service(), *self._rules()]
        for forge in self.context.forges.values():
            checks += self._forge(forge, redeliver=redeliver, only=only)
        return Report(tuple(checks), tuple(self.graded), self.redelivered)

    def _service(self) -> Iterator[Check]:
        now = self.context.clock()
        with self.context.store.read() as tx:
            stats, silent = due.stats(tx, now), downtime.silence(tx, now)
            newest, broken = ledger.head(tx)[0], proof.broken(tx)
            unpublished, listed = changes.unpublished(tx), sum(findings.count(tx).values())
        if silent is not None and silent > downtime.GAP:
            text = f"No worker has left a sign of life for {int(silent.total_seconds() // 60)} minutes."
            yield Check("service", Fact(text, Level.OPEN, "Start signoff serve, or signoff work."))
        if broken is not None:
            text = f"The ledger does not verify, known since {broken['since']}: {broken['text']}."
            yield Check("service", Fact(text, Level.OPEN, "deploy/RUNBOOK.md, Ledger alarm: copy it before all else."))
        else:
            yield Check("service", Fact(f"The ledger has {newest} entries; all that were proven are as written."))
        if stats.parked:
            text = f"Parked after repeated failures: {stats.parked}."
            yield Check("service", Fact(text, Level.OPEN, "signoff retry shows why, and has them tried again."))
        if unpublished:
            text = f"Decisions that are not on the forge yet: {unpublished}."
            yield Check("service", Fact(text, Level.WEAK, "They are tried again; the pages and the log say why."))
        if listed:
            text = f"Open findings of the watch: {listed}."
            yield Check("service", Fact(text, Level.WEAK, "signoff watch list, and close them with a reason."))
        yield Check("service", Fact(f"The database answers; {stats.due} due, {stats.waiting} waiting for their time."))

    def _rules(self) -> Iterator[Check]:
        current, today = self.context.rulebook.current(), self.context.clock().date()
        if current.fault:
            text = f"The newest rules or roster are broken, the last good version is in force: {current.fault}"
            yield Check(
                "rules", Fact(text, Level.OPEN, "signoff rules check and signoff roster check name each fault.")
            )
        for concern in rules_floor.warnings(current.policy, current.roster, today):
            yield Check("rules", Fact(concern.message, Level.WEAK, concern.hint))
        people = len(current.roster.people)
        yield Check("rules", Fact(f"{len(current.policy.requirements)} requirements, {people} people are in force."))

    def _forge(self, forge: Forge, *, redeliver: bool, only: str | None) -> Iterator[Check]:
        webhook = None if self.public is None else f"{self.public}/webhooks/{forge.name}"
        try:
            found = forge.examine(webhook, self.context.clock())
        except SignoffError as error:
            yield Check(forge.name, Fact(f"It could not be examined: {error}", Level.UNKNOWN, "Try again later."))
            return
        yield from (Check(forge.name, fact) for fact in found.facts)
        yield from self._lost(forge, found.failed, redeliver=redeliver)
        covered = [each for each in found.covered if only is None or each.name.casefold() == only.casefold()]
        if only is not None and not covered:
            text = f"The bot does not reach {only!a} on {forge.name}."
            yield Check(forge.name, Fact(text, Level.OPEN, "Install it there, or correct the name."))
        if covered:
            yield from self._roster(forge, covered[0])
        for repository in covered:
            self.graded.append((repository, self._graded(repository)))

    def _graded(self, repository: Repository) -> Graded:
        try:
            return rounds.examined(self.context, repository)
        except (GoneError, NeedsSomebodyError, TryAgainError) as error:
            return rounds.not_told(f"It could not be read: {error}")

    def _lost(self, forge: Forge, failed: Iterable[FailedDelivery] | None, *, redeliver: bool) -> Iterator[Check]:
        """Deliveries that failed and that we do not have from another attempt."""
        if failed is None:
            text = f"{forge.name} does not show the bot which deliveries failed."
            yield Check(
                "webhook", Fact(text, Level.UNKNOWN, f"signoff setup {forge.name} PROJECT --check looks as a person.")
            )
            return
        with self.context.store.read() as tx:
            lost = [each for each in failed if not deliveries.taken(tx, forge.name, each.delivery)]
        if not lost:
            yield Check("webhook", Fact(f"Every delivery of {forge.name} that it still knows of was taken."))
            return
        shown = "; ".join(f"{each.kind} at {each.at:%Y-%m-%d %H:%M} UTC: {each.why}" for each in lost[-SHOWN:])
        text = f"{len(lost)} deliveries of {forge.name} never arrived (the newest: {shown})."
        if not redeliver:
            repair = "signoff doctor --redeliver has them sent again; the sweep has found the changes meanwhile."
            yield Check("webhook", Fact(text, Level.WEAK, repair))
            return
        try:
            for each in lost:
                forge.redeliver(each)
                self.redelivered += 1
        except SignoffError as error:
            text = f"{text} Sent again: {self.redelivered}; then the forge refused: {error}"
            yield Check("webhook", Fact(text, Level.WEAK, "signoff doctor --redeliver tries again."))
            return
        yield Check("webhook", Fact(f"{text} They are being sent again."))

    def _roster(self, forge: Forge, through: Repository) -> Iterator[Check]:
        """Whether the roster's accounts are there, and whose they are."""
        roster, today = self.context.rulebook.current().roster, self.context.clock().date()
        for person in roster.people:
            for account in person.accounts:
                if account.forge == forge.name and (person.until is None or person.until >= today):
                    fact = _account(forge, through, person, account)
                    if fact is not None:
                        yield Check("roster", fact)
        for team in sorted({each.team for each in roster.teams if each.forge == forge.name}):
            try:
                forge.team_members(through, team)
            except (GoneError, NeedsSomebodyError) as error:
                repair = (
                    "Correct the name, or let the bot read who is in it (App: members: read); until then nobody is."
                )
                yield Check("roster", Fact(f"The team {team} cannot be read: {error}", Level.OPEN, repair))
            except TryAgainError as error:
                text = f"The team {team} could not be read now: {error}"
                yield Check("roster", Fact(text, Level.UNKNOWN, "Try again later."))


def _account(forge: Forge, through: Repository, person: Person, account: RosterAccount) -> Fact | None:
    who = f"{person.name} ({forge.name} {account.login})"
    try:
        there = forge.account(through, account.login)
    except GoneError:
        text = f"{who}: nobody has this login. It was renamed, or misspelt; only the id counts."
        return Fact(text, Level.WEAK, "Correct the login in the roster.")
    except (NeedsSomebodyError, TryAgainError) as error:
        return Fact(f"{who}: could not be looked up: {error}", Level.UNKNOWN)
    if account.id is None:
        return Fact(f"{who} has no account id in the roster and never signs.", Level.OPEN, "signoff roster resolve.")
    if there.id != account.id:
        text = f"{who}: the roster says the id {account.id}, the forge says {there.id}: the login has changed hands."
        return Fact(text, Level.OPEN, "Find out who it is; the id in the roster is the one that counts.")
    return None
