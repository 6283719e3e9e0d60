"""`signoff roster`: check roster files, make one from a table, or print the JSON Schema. It changes nothing."""

from pathlib import Path

import click

from bot import rules
from bot.cli.reading import read_bytes, roster_files
from bot.cli.telling import FAULTY, Findings, kept, plural, show_json, tell, today
from bot.model.roster import Roster

ROSTER = "roster.yaml"
RULES = "rules.yaml"


@click.group("roster")
def command() -> None:
    """The roster: who is senior, and by which accounts the forges know them."""


@command.command("check")
@click.argument("paths", nargs=-1, envvar="SIGNOFF_ROSTER")
@click.option("--rules", "rules_file", envvar="SIGNOFF_RULES", help="Rules file. Default: rules.yaml beside, if any.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(paths: tuple[str, ...], rules_file: str | None, *, as_json: bool) -> int:
    """Tell every fault of the roster in PATHS at once, then what is legal but looks wrong.

    PATHS are files or directories that make up one roster; roster.yaml unless SIGNOFF_ROSTER or arguments say
    otherwise. The rules tell which tiers and zones there are; without any, the packaged ones.

    Exit codes: 0 fine (also with warnings), 1 faults, 2 misuse.
    """
    paths = paths or (ROSTER,)
    faults: list[rules.Fault] = []
    beside = str(Path(paths[0]).parent / RULES)
    chosen = rules_file or (beside if Path(beside).is_file() else None)
    policy = kept(
        lambda: rules.packaged_policy() if chosen is None else rules.load_policy(read_bytes(chosen), chosen), faults
    )
    roster = kept(lambda: rules.load_roster(roster_files(paths), policy), faults)
    concerns = () if policy is None or roster is None or faults else rules.warnings(policy, roster, today())
    looked_at = f"{', '.join(paths)}, with {chosen or 'the packaged rules'}"
    return tell(Findings(_title(looked_at, roster), tuple(faults), concerns), as_json=as_json)


def _title(looked_at: str, roster: Roster | None) -> str:
    if roster is None:
        return looked_at
    return f"{looked_at}: {plural([(len(roster.people), 'person', 'people'), (len(roster.teams), 'team', 'teams')])}"


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of a roster file, for editors."""
    show_json(rules.roster_schema())


@command.command("import")
@click.option("--csv", "table", required=True, help="A table of people; `-` is standard input.")
@click.option("--rules", "rules_file", envvar="SIGNOFF_RULES", help="Rules file, to check the tiers too.")
def import_(table: str, rules_file: str | None) -> int:
    """Make a roster of a table of people, on standard output.

    The first line names the columns: name, tier, and any of github_login, github_id, gitlab_username, gitlab_id,
    emails, zones, from, until. Several emails or zones in one field are separated by spaces or semicolons.

    Exit codes: 0 fine, 1 faults (each with its line; nothing is printed on standard output), 2 misuse.
    """
    policy = rules.load_policy(read_bytes(rules_file), rules_file) if rules_file else None
    try:
        click.echo(rules.roster_from_csv(read_bytes(table), table, policy), nl=False)
    except rules.FaultsError as error:
        click.echo(f"signoff: {error}", err=True)
        return FAULTY
    return 0
