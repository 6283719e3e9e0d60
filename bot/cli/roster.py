"""`signoff roster`: check roster files, make one of a table or a forge's team, fill in ids, print an example.

Only `resolve --write` changes a file, and only by the ids it adds.
"""

from pathlib import Path

import click

from bot import rules
from bot.cli.reading import read_bytes, roster_files
from bot.cli.telling import FAULTY, Findings, plural, show_json, tell, today
from bot.model.roster import Roster
from bot.rules.faults import kept, shown

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
    files = kept(lambda: roster_files(paths), faults)
    roster = None if files is None else kept(lambda: rules.load_roster(files, policy), faults)
    concerns = () if policy is None or roster is None or faults else rules.warnings(policy, roster, today())
    concerns = rules.placed(concerns, files or {})
    looked_at = f"{', '.join(paths)}, with {chosen or 'the packaged rules'}"
    return tell(Findings(_title(looked_at, roster), tuple(faults), concerns), as_json=as_json)


def _title(looked_at: str, roster: Roster | None) -> str:
    if roster is None:
        return looked_at
    return f"{looked_at}: {plural([(len(roster.people), 'person', 'people'), (len(roster.teams), 'team', 'teams')])}"


@command.command("example")
def example() -> None:
    """Print the shipped roster, to begin one's own with."""
    click.echo(rules.example(ROSTER), nl=False)


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of a roster file, for editors."""
    show_json(rules.roster_schema())


@command.command("import")
@click.option("--csv", "table", help="A table of people; `-` is standard input.")
@click.option("--team", help="A forge's team, e.g. github:acme/platform-seniors; needs the service's settings.")
@click.option("--tier", help="The tier of the team's members.")
@click.option("--rules", "rules_file", envvar="SIGNOFF_RULES", help="Rules file, to check the tiers too.")
def import_(table: str | None, team: str | None, tier: str | None, rules_file: str | None) -> int:
    """Make a roster of a table of people or of a forge's team, on standard output.

    The first line of a table names the columns: name, tier, and any of github_login, github_id, gitlab_username,
    gitlab_id, emails, zones, from, until. Several emails or zones in one field are separated by spaces or semicolons.
    People of a team get their login as name.

    Exit codes: 0 fine, 1 faults (each with its line; nothing is printed on standard output), 2 misuse, 3 the forge
    could not be asked.
    """
    from bot.cli import forge_people  # noqa: PLC0415  the service is loaded only where it is needed

    policy = rules.load_policy(read_bytes(rules_file), rules_file) if rules_file else None
    try:
        if table is not None and team is None and tier is None:
            click.echo(rules.roster_from_csv(read_bytes(table), table, policy), nl=False)
        elif team is not None and tier is not None and table is None:
            forge, people = forge_people.members(team)
            click.echo(rules.roster_of_accounts(forge, people, tier, policy), nl=False)
        else:
            raise click.UsageError("give either --csv, or --team and --tier")
    except rules.FaultsError as error:
        click.echo(f"signoff: {error}", err=True)
        return FAULTY
    return 0


@command.command("resolve")
@click.argument("paths", nargs=-1, envvar="SIGNOFF_ROSTER")
@click.option("--write", is_flag=True, help="Change the files, instead of printing them.")
def resolve(paths: tuple[str, ...], *, write: bool) -> int:
    """Fill in the account ids that are missing in PATHS, asked of the forge by login.

    An id that is there is never changed: look at each new one before you trust it, since whoever has the login now
    gets it. Comments and order stay. Needs the service's settings. Without --write the files are printed, one YAML
    document for each.

    Exit codes: 0 every account has an id, 1 some have none (told on standard error), or faults, 2 misuse, 3 the forge
    could not be asked.
    """
    from bot.cli import forge_people  # noqa: PLC0415  the service is loaded only where it is needed

    files = roster_files(paths or (ROSTER,))
    try:
        rules.load_roster(files)
    except rules.FaultsError as error:
        click.echo(f"signoff: {error}", err=True)
        return FAULTY
    texts = {name: data.decode() for name, data in files.items()}
    missing = {name: rules.unresolved(text) for name, text in texts.items()}
    wanted = {(each.forge, each.login) for some in missing.values() for each in some}
    found, asked = forge_people.accounts(wanted) if wanted else ({}, frozenset())
    for name, text in texts.items():
        filled = rules.with_ids(text, found)
        if not write:
            click.echo(("---\n" if len(texts) > 1 else "") + filled, nl=False)
        elif filled != text:
            Path(name).write_bytes(filled.encode())
    left = [(name, each) for name, some in missing.items() for each in some if (each.forge, each.login) not in found]
    for (forge, login), number in sorted(found.items()):
        click.echo(f"signoff: {forge} {shown(login)} is {number}", err=True)
    for name, each in left:
        why = f"nobody is {shown(each.login)} on {each.forge}"
        if each.forge not in asked:
            why = f"{shown(each.login)} was not looked up: {each.forge} is not configured here"
        click.echo(f"signoff: {shown(name, 300)}:{each.line}: {why}", err=True)
    return FAULTY if left else 0
