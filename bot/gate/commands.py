"""Who may say what: a command to the record that it makes, or to a brief answer that says what is needed.

Bots and edited comments are never listened to. An answer never tells a person's tier. That a record was accepted is
not the end of it: `decide` looks at every record again.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.gate import declared, findings, overrides
from bot.gate.comment import Command, Verb, read
from bot.gate.decide import answered, set_scene
from bot.gate.entitled import Bench
from bot.gate.escape import length
from bot.gate.matter import Matter, matter
from bot.gate.weigh import Scene, weigh
from bot.model.change import Account, Change
from bot.model.evidence import Evidence
from bot.model.memory import Answer, Clearance, Declaration, Memory, NotMine, Override
from bot.model.policy import Policy
from bot.model.roster import Roster

__all__ = ["Accepted", "CloseFollowUp", "Command", "Recheck", "Refused", "Verb", "judge", "read"]


@dataclass(frozen=True, slots=True)
class Recheck:
    """The change is to be looked at again."""


@dataclass(frozen=True, slots=True)
class CloseFollowUp:
    """Somebody looked at what an override let pass."""

    by: int
    at: datetime
    note: str = ""


Record = Declaration | Clearance | Override | NotMine | Recheck | CloseFollowUp


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command holds: what goes on the record, and what is said to the people. Markdown."""

    record: Record
    answer: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The command does not hold, and why. Markdown."""

    answer: str


@dataclass(frozen=True, slots=True)
class _Said:
    command: Command
    by: Account
    at: datetime


def judge(  # noqa: PLR0913, PLR0917 - what was said, and everything a decision rests on
    command: Command,
    by: Account,
    edited: bool,  # noqa: FBT001 - it belongs to what was said
    at: datetime,
    change: Change,
    memory: Memory,
    policy: Policy,
    roster: Roster,
    now: datetime,
    evidence: tuple[Evidence, ...] = (),
) -> Accepted | Refused:
    """Judge one command: said by whom, when, and whether the comment was edited since. `evidence` is what was found
    now, if it is not in memory yet.
    """
    said = _Said(command, by, at)
    case = matter(change, evidence, memory, policy, roster, now)
    if not case.is_human(by) or by.id is None:
        return Refused("Commands count only from people, not from bots.")
    if edited:
        return Refused("A command in an edited comment does not count. Please say it again in a new comment.")
    match said.command.verb:
        case None:
            known = ", ".join(f"`{each.value}`" for each in Verb)
            return Refused(
                f"There is no such command. What there is: `/signoff` and one of {known}. "
                "An approval is given as a review, never in a comment."
            )
        case Verb.AI | Verb.NO_AI:
            return _answer(said, change)
        case Verb.RECHECK:
            return Accepted(Recheck(), "The change is looked at again.")
        case _:
            return _entitled(said, case)


def _entitled(said: _Said, case: Matter) -> Accepted | Refused:
    """The commands that hang on who somebody is in the roster."""
    found = answered(case, declared.declared(case))
    scene = set_scene(case, found)
    bench = weigh(scene, found).bench
    match said.command.verb:
        case Verb.NOT_MINE:
            return _not_mine(said, scene)
        case Verb.CLEAR:
            return _clear(said, bench, found)
        case Verb.OVERRIDE:
            return _override(said, bench)
        case _:
            return _follow_up(said, bench)


def _answer(said: _Said, change: Change) -> Accepted | Refused:
    if said.by.id != change.author.id:
        return Refused("Only the author of the change can answer whether AI took part. A label is open to others.")
    answer = Answer.AI if said.command.verb is Verb.AI else Answer.NO_AI
    text = (
        "that AI took part." if answer is Answer.AI else "that no AI took part. Evidence that was found still counts."
    )
    return Accepted(Declaration(said.by.id, answer, said.at), f"Recorded: the author says {text}")


def _not_mine(said: _Said, scene: Scene) -> Accepted | Refused:
    standing = scene.people.standing(said.by.id)
    if said.by.id is None or standing is None or not standing.in_force:
        return Refused(
            "`/signoff not-mine` is for people in the roster. What is needed: an entry with this account's id."
        )
    if standing.key not in scene.crew.persons:
        return Refused("There is nothing to disclaim: no commit of this change names you.")
    if standing.key not in scene.crew.softly:
        return Refused(
            "The accounts that opened the change, pushed to it or set an agent to work always count among its authors, "
            "and so does whoever an agent's commit names. "
            "What is needed is a sign-off by somebody else."
        )
    return Accepted(NotMine(said.by.id, said.at), "Recorded: the commits that name you are not yours. You may sign.")


def _clear(said: _Said, bench: Bench, found: tuple[Evidence, ...]) -> Accepted | Refused:
    if said.by.id is None or bench.entitled(said.by) is None:
        return Refused(
            "Evidence can be cleared by those whose approval would count for everything that the change needs: in the "
            "roster, senior enough, and none of its authors. The check names who can sign."
        )
    what, _, reason = said.command.rest.partition(" ")
    named = findings.named(what, found)
    if len(named) != 1:
        return Refused("Which finding? Name it by its eight digits in the check: `/signoff clear <finding> <reason>`.")
    if not length(reason):
        return Refused("A reason is needed: `/signoff clear <finding> <reason>`.")
    record = Clearance(said.by.id, named[0].key, reason.strip(), said.at)
    return Accepted(record, f"Cleared on the record: `{named[0].short}`. What is found later still counts.")


def _override(said: _Said, bench: Bench) -> Accepted | Refused:
    rules, head, by = bench.matter.policy.override, bench.matter.change.head, said.by.id
    if rules.tier is None:
        return Refused("The rules in force allow nobody to override.")
    if by is None or overrides.may_override(bench, by) is None:
        return Refused(
            f"An override needs somebody of at least {rules.tier} in the roster who did not shape the change."
        )
    if not overrides.long_enough(bench, said.command.rest):
        return Refused(
            f"An override needs a reason of at least {rules.reason_length} characters. White space counts once, and "
            "what cannot be seen does not."
        )
    if said.at <= head.moved_at:
        return Refused(
            "The change has moved since this was said. An override is for one commit: please look and say it again."
        )
    record = Override(by, head.sha, said.command.rest, said.at)
    until = overrides.ends(bench, record)
    if until <= bench.matter.now:
        return Refused("This override has expired already. Please say it again if it is still needed.")
    start = overrides.begins(bench, record)
    span = f"until {until:%Y-%m-%d %H:%M} UTC"
    if start is not None:
        span = f"from {start:%Y-%m-%d %H:%M} UTC, since it is dated ahead of the bot's clock, {span}"
    text = (
        f"Overridden for commit `{head.sha}` {span}, on the record. It stays listed until somebody else who could sign "
        "has looked and comments `/signoff follow-up close <note>`."
    )
    return Accepted(record, text)


def _follow_up(said: _Said, bench: Bench) -> Accepted | Refused:
    action, _, note = said.command.rest.partition(" ")
    if action.casefold() != "close":
        return Refused("What is to be done with the follow-up? `/signoff follow-up close` closes it.")
    standing = bench.entitled(said.by)
    if said.by.id is None or standing is None:
        return Refused(
            "The follow-up of an override is closed by somebody in the roster who did not shape the change and whose "
            "approval would count for everything it needs."
        )
    given = {each.key for each in map(bench.people.standing, (one.by for one in bench.matter.memory.overrides)) if each}
    if standing.key in given:
        return Refused("Whoever gave an override does not close its follow-up: somebody else has to look.")
    return Accepted(CloseFollowUp(said.by.id, said.at, note.strip()), "The follow-up is closed, on the record.")
