"""`signoff check`: what would be asked of whom for a range of the local git repository, with no forge at hand.

It runs in hostile clones: rules and roster come from the options, the environment or the package, never from the judged
repository; no `.env` is read; and what other people wrote reaches the terminal only without its control characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from bot import detect, gate, rules
from bot.cli import pushing
from bot.cli.reading import read_bytes, roster_files
from bot.cli.telling import plural, show_json
from bot.detect.text import quote
from bot.forges import local, visitor
from bot.model.change import Account, Change
from bot.model.decision import Decision, RequirementResult, Verdict
from bot.model.errors import BadInputError, SignoffError
from bot.model.memory import Memory
from bot.model.policy import Mode, Policy
from bot.model.roster import Person, Roster

CODES = {Verdict.ALLOW: 0, Verdict.HOLD: 1, Verdict.UNKNOWN: 3}
FORGES = ("github", "gitlab")
COLOURS = {Verdict.ALLOW: "bold green", Verdict.HOLD: "bold yellow", Verdict.UNKNOWN: "bold magenta"}
MOST_SHOWN = 20
FULL_NAME = re.compile(r"[\w.-]+(/[\w.-]+)+")


@dataclass(frozen=True, slots=True)
class _Told:
    """What people are told beside the decision: what was assumed, and why there is nothing to look at, if so."""

    assumed: tuple[tuple[str, str], ...]
    nothing: str | None


@dataclass(frozen=True, slots=True)
class _Options:
    """What the command line says, but for the range."""

    author: str | None
    base: str | None
    repository: str | None
    rules: str | None
    roster: str | None
    named: str | None
    as_json: bool


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every range is judged on."""

    git: local.Git
    policy: Policy
    roster: Roster
    now: datetime


@click.command("check")
@click.argument("commits", required=False, metavar="[BASE..HEAD]")
@click.option(
    "--author", metavar="[github:|gitlab:]LOGIN", help="Who would open the change; else by the head's mailbox."
)
@click.option(
    "--base", metavar="NAME", help="The branch it would go into; else what the range begins with, or the upstream."
)
@click.option("--repository", metavar="OWNER/NAME", help="The repository's name, for rules that name repositories.")
@click.option(
    "--rules", "rules_file", metavar="FILE", envvar="SIGNOFF_RULES", help="Else SIGNOFF_RULES, else the packaged."
)
@click.option("--roster", "roster_file", metavar="FILE", envvar="SIGNOFF_ROSTER", help="Else SIGNOFF_ROSTER, likewise.")
@click.option(
    "--change",
    "named",
    metavar="FORGE:NAME#N",
    help="Ask the forge who opened and approved it: for a CI job, no service.",
)
@click.option(
    "--push", is_flag=True, help="Look at what is about to be pushed, in a pre-push hook of git or pre-commit."
)
@click.option("--tell", is_flag=True, help="Only tell: exit 0 whatever comes out. For a hook before pushing.")
@click.option("--json", "as_json", is_flag=True, help="Print the decision as JSON.")
def command(  # noqa: PLR0913, PLR0917  one for each option
    commits: str | None,
    author: str | None,
    base: str | None,
    repository: str | None,
    rules_file: str | None,
    roster_file: str | None,
    named: str | None,
    *,
    push: bool,
    tell: bool,
    as_json: bool,
) -> int:
    """Decide a range of the local git repository as if it were opened as a change now.

    Without a range: from the merge base with the upstream to HEAD. Exit codes: 0 it would pass, 1 it would be held,
    3 that cannot be told, 2 misuse.
    """
    if push and (commits or named):
        raise BadInputError("--push says itself what is looked at: name no range and no change beside it")
    options = _Options(author, base, repository, rules_file, roster_file, named, as_json)
    try:
        code = _judge(options, commits, push=push)
    except SignoffError as error:
        if not tell:
            raise
        click.echo(f"signoff: {error}", err=True)
        return 0
    return 0 if tell else code


def _judge(options: _Options, commits: str | None, *, push: bool) -> int:
    """Judge and show what is asked for; the worst exit code."""
    ground = _Ground(
        local.Git(Path.cwd()),
        rules.load_policy(read_bytes(options.rules), options.rules) if options.rules else rules.packaged_policy(),
        rules.load_roster(roster_files([options.roster])) if options.roster else rules.packaged_roster(),
        datetime.now(UTC),  # noqa: TID251  the edge, where the clock is read
    )
    ground.git.check_repository()
    if not push:
        return _judged(options, ground, _into(local.Range.parse(ground.git, commits), options.base))
    found = [_into(each, options.base) for each in pushing.ranges(ground.git, ground.policy)]
    return max((_judged(options, ground, each, branch=each.ends[1]) for each in found), default=0)


def _judged(options: _Options, ground: _Ground, which: local.Range, branch: str | None = None) -> int:
    """Judge and show one range; `branch` is its own name, unless that is the branch that is checked out."""
    seen = visitor.look(options.named, ground.now) if options.named is not None else None
    if seen is not None and options.base not in {None, seen.base}:
        raise BadInputError(f"the change goes into {seen.base!a} by now, not into {options.base!a}: judge it anew")
    if seen is not None:
        forge, account = seen.forge, seen.author
    else:
        forge, account = _author(options.author, ground.git, which, ground.roster)
    change = _in(local.local_change(ground.git, which, account, forge, ground.now), options.repository)
    change = replace(change, branch=branch) if branch is not None else change
    change = seen.onto(change) if seen is not None else change
    decision = _decide(change, ground)
    if options.as_json:
        show_json(gate.as_json(decision))
    else:
        told = _Told(_assumed(options, ground, change), None if change.commits else which.emptiness(ground.git))
        _show(Console(highlight=False, soft_wrap=True), decision, change, told)
    return CODES[decision.verdict]


def _assumed(options: _Options, ground: _Ground, change: Change) -> tuple[tuple[str, str], ...]:
    """What nobody told and was assumed, and how to say it."""
    by = "the forge" if options.named is not None else "--author" if options.author is not None else "mailbox"
    return (
        ("Author", _who_opens(change.author, ground.policy, by=by)),
        ("Into", f"{change.base} of {change.repository} (--base NAME, --repository OWNER/NAME for others)"),
        ("Rules", options.rules or "the packaged ones (--rules FILE for others)"),
        ("Roster", options.roster or "the packaged one (--roster FILE for another)"),
    )


def _into(which: local.Range, base: str | None) -> local.Range:
    if base is None:
        return which
    if not base.strip() or not base.isprintable():
        raise BadInputError(f"--base {base!a}: name a branch, for example main")
    return replace(which, branch=base)


def _in(change: Change, repository: str | None) -> Change:
    if repository is None:
        return change
    if not FULL_NAME.fullmatch(repository):
        raise BadInputError(f"--repository {repository!a}: write OWNER/NAME, for example acme/payments")
    return replace(change, repository=repository)


def _who_opens(account: Account, policy: Policy, *, by: str) -> str:
    if account.id is not None:
        return f"{account.login} (by {by})"
    name = f"{account.login}: " if account.login else ""
    return f"{name}not in the roster, counts as {policy.unknown_author}"


def _decide(change: Change, ground: _Ground) -> Decision:
    """The decision of now, with git-ai notes."""
    with local.notes(ground.git) as notes:
        by_commit = {commit.sha: text for commit in change.commits if (text := notes.of(commit.sha)) is not None}
    evidence = detect.examine(change, ground.policy.detection, by_commit)
    return gate.decide(change, evidence, Memory(), ground.policy, ground.roster, ground.now)


def _author(option: str | None, git: local.Git, which: local.Range, roster: Roster) -> tuple[str, Account]:
    """The forge and the account that would open the change. Somebody whom the roster does not know has no id."""
    if option is not None:
        forge, colon, login = option.rpartition(":")
        if colon and forge not in FORGES:
            raise BadInputError(f"--author {option!a}: unknown forge; write github:LOGIN or gitlab:LOGIN")
        if not login:
            raise BadInputError(f"--author {option!a}: no login; write github:LOGIN or gitlab:LOGIN")
        return _by_login(forge or None, login, roster)
    head = next(local.commits(git, which.head))
    mailbox = head.author.email.strip().casefold()
    person = next((each for each in roster.people if mailbox in {box.casefold() for box in each.emails}), None)
    return _account_of(person, FORGES)


def _by_login(forge: str | None, login: str, roster: Roster) -> tuple[str, Account]:
    for person in roster.people:
        for account in person.accounts:
            if account.login.casefold() == login.casefold() and forge in {None, account.forge}:
                return account.forge, Account(account.login, account.id)
    return forge or FORGES[0], Account(login, None)


def _account_of(person: Person | None, forges: tuple[str, ...]) -> tuple[str, Account]:
    accounts = person.accounts if person is not None else ()
    for forge in forges:
        for account in accounts:
            if account.forge == forge:
                return forge, Account(account.login, account.id)
    return forges[0], Account(None, None)


def _show(console: Console, decision: Decision, change: Change, told: _Told) -> None:
    """The verdict first, then what it rests on, what was assumed, and last the next step."""
    console.print(Text(quote(decision.title), COLOURS[decision.verdict]))
    ends = f"{change.base_sha[:8] if change.base_sha else 'the beginning'}..{change.head.sha[:8]}"
    counts = plural(((len(change.commits), "commit", "commits"), (len(change.files), "file", "files")))
    console.print(Text(f"{counts} in {ends}; {decision.ai_class.value}"))
    for heading, lines in (
        ("Found", _evidence(decision)),
        ("Zones", iter([", ".join(decision.zones)] if decision.zones else [])),
        ("Needed", _requirements(decision)),
        ("Why", (each.text for each in decision.reasons if decision.verdict is Verdict.UNKNOWN)),
        *((heading, iter([line])) for heading, line in told.assumed),
        ("Next", iter([_next(decision, change, told)])),
    ):
        for number, line in enumerate(lines):
            console.print(Text.assemble((f"  {heading if not number else '':<8}", "bold"), quote(line)))


def _next(decision: Decision, change: Change, told: _Told) -> str:
    """What to do now."""
    if told.nothing is not None:
        return told.nothing
    if not change.complete:
        return local.SHALLOW
    if decision.verdict is Verdict.UNKNOWN:
        return "mend what is told under Why, then run this again"
    if decision.mode is not Mode.ENFORCE:
        return f"open the change; nothing is kept from merging here (mode: {decision.mode.value})"
    if not decision.guarded:
        return f"name the branch it goes into with --base; these rules do not guard {change.base}"
    if decision.needs_answer:
        return "open the change, then comment /signoff ai or /signoff no-ai"
    if decision.verdict is Verdict.ALLOW:
        return "open the change; nobody more needs to approve it for the rules"
    return _asking(decision)


def _asking(decision: Decision) -> str:
    """Whom to ask, where somebody has to sign or to take an objection back."""
    if decision.objections:
        against = dict.fromkeys(each.reviewer.login or each.person for each in decision.objections)
        return f"settle what {', '.join(against)} asked for, push, and ask for another review"
    wanted = [each for each in decision.requirements if not each.met]
    logins = list(dict.fromkeys(one.login for each in wanted for one in each.able))
    later = list(dict.fromkeys(one.login for each in wanted for one in each.able_later))
    if logins:
        return f"open the change and ask for a review: {', '.join(logins)}"
    if later:
        return f"open the change; those whom a commit names comment /signoff not-mine first: {', '.join(later)}"
    return "add people who could sign to the roster; nobody in it could sign now"


def _evidence(decision: Decision) -> Iterator[str]:
    for each in decision.evidence[:MOST_SHOWN]:
        place, trailer, key = each.where.rpartition("trailer ")
        where = f"{place}trailer " if trailer and each.quote.startswith(f"{key}:") else f"{each.where}: "
        yield f"{where}{each.quote} ({each.tool}, {each.strength.word})"
    if len(decision.evidence) > MOST_SHOWN:
        yield f"and {len(decision.evidence) - MOST_SHOWN} more; --json lists every one"


def _requirements(decision: Decision) -> Iterator[str]:
    for each in decision.requirements:
        asked = plural(((each.need.approvals, "approval", "approvals"),))
        yield f"{each.name}: {asked} of {each.need.tier} or higher{_who(each)}"


def _who(result: RequirementResult) -> str:
    if result.met:
        return "; met"
    here, later = ([each.login for each in some] for some in (result.able, result.able_later))
    told = [f"could sign: {', '.join(here)}"] if here else []
    told += [f"could sign after /signoff not-mine: {', '.join(later)}"] if later else []
    return f"; {'; '.join(told)}" if told else "; nobody in the roster could sign now"
