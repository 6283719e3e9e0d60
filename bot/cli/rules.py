"""`signoff rules`: check a rules file, print the shipped one, or take a policy repository's version into force."""

from pathlib import Path

import click

from bot import rules
from bot.cli.reading import read_bytes, roster_files
from bot.cli.telling import FAULTY, Findings, plural, show_json, tell, today
from bot.model.policy import Policy
from bot.model.roster import Roster
from bot.rules.faults import kept

RULES = "rules.yaml"
ROSTER = "roster.yaml"


@click.group("rules")
def command() -> None:
    """The rules: when a change needs a senior's sign-off."""


@command.command("check")
@click.argument("file", envvar="SIGNOFF_RULES", default=RULES)
@click.option(
    "--roster", envvar="SIGNOFF_ROSTER", help="Roster file or directory. Default: roster.yaml beside the rules, if any."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: str, roster: str | None, *, as_json: bool) -> int:
    """Tell every fault of FILE at once, then what is legal but looks wrong.

    FILE is rules.yaml unless SIGNOFF_RULES or an argument says otherwise; `-` is standard input.

    Exit codes: 0 fine (also with warnings), 1 faults, 2 misuse.
    """
    faults: list[rules.Fault] = []
    policy = kept(lambda: rules.load_policy(read_bytes(file), file), faults)
    beside = str(Path(file).parent / ROSTER)
    chosen = roster or (beside if Path(beside).is_file() else None)
    files = None if chosen is None else kept(lambda: roster_files([chosen]), faults)
    people = None if files is None else kept(lambda: rules.load_roster(files, policy), faults)
    concerns = () if policy is None or faults else rules.warnings(policy, people, today())
    concerns = rules.placed(concerns, files or {})
    looked_at = f"{file}, with {chosen}" if chosen else file
    return tell(Findings(_title(looked_at, policy, people), tuple(faults), concerns), as_json=as_json)


def _title(looked_at: str, policy: Policy | None, roster: Roster | None) -> str:
    if policy is None:
        return looked_at
    numbers = [
        (len(policy.requirements), "requirement", "requirements"),
        (len(policy.zones), "zone", "zones"),
        (len(policy.tiers), "tier", "tiers"),
    ]
    if roster is not None:
        numbers.append((len(roster.people), "person", "people"))
    return f"{looked_at}: {plural(numbers)}"


@command.command("accept")
@click.option("--reason", required=True, help="Why it takes force without a reviewed change; goes on the record.")
def accept(reason: str) -> int:
    """Take the policy repository's newest version into force, whatever way it came there.

    To be run on the server, with the service's settings: an exception, entered in the ledger with your name on this
    machine and the reason. Running services go on with that version at once.

    Exit codes: 0 it is in force, 1 it is broken (every fault is told), 2 misuse, 3 the forge
    could not be asked.
    """
    if not reason.strip():
        raise click.UsageError("--reason says nothing")
    from bot.cli import accepting  # noqa: PLC0415  the service is loaded only where it is needed

    try:
        click.echo(accepting.accept(reason.strip()))
    except rules.FaultsError as error:
        click.echo(f"signoff: {error}", err=True)
        return FAULTY
    return 0


@command.command("example")
def example() -> None:
    """Print the shipped rules, to begin one's own with."""
    click.echo(rules.example(RULES), nl=False)


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of a rules file, for editors."""
    show_json(rules.policy_schema())
