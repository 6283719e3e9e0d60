"""`signoff doctor`: how hard the gate of each repository really is, what proves it, and what would repair it."""

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot import bootstrap
from bot.cli.starting import ready
from bot.cli.telling import show_json
from bot.model.enforcement import Fact, Level
from bot.rules.faults import shown
from bot.service.doctor import Doctor, Report

CODES = {Level.FINE: 0, Level.WEAK: 1, Level.OPEN: 1, Level.UNKNOWN: 3}
COLOURS = {Level.FINE: "green", Level.UNKNOWN: "yellow", Level.WEAK: "yellow", Level.OPEN: "red"}
LONGEST = 600


@click.command()
@click.argument("repository", required=False, metavar="[OWNER/NAME]")
@click.option("--redeliver", is_flag=True, help="Have the forge send those deliveries again that never arrived.")
@click.option(
    "--admin-token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with an administrator's token, to read who may bypass rulesets; it is used for reading only.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(repository: str | None, admin_token_file: Path | None, *, redeliver: bool, as_json: bool) -> int:
    """Examine the bot's standing with its forges, the roster and rules, and how hard each gate is.

    Grades: enforced (what is not allowed cannot be merged), tamper-evident (somebody can get past, and it shows),
    advisory (nothing waits for the check), off (not covered). Levels: fine, unknown, weak, open.

    Exit codes: 0 fine, 1 something is weak or open, 2 misuse, 3 nothing is, but something could not be told.
    """
    conf = ready()
    token = admin_token_file.read_text().strip() if admin_token_file else None
    context = bootstrap.context(conf, token)
    try:
        report = Doctor(context, conf.public_url).report(redeliver=redeliver, only=repository)
    finally:
        context.store.dispose()
    code = CODES[report.worst]
    if as_json:
        show_json(_plain(report, code))
    else:
        _tell(report)
    return code


def _plain(report: Report, code: int) -> dict[str, Any]:
    return {
        "version": 1,
        "exit": code,
        "worst": report.worst.value,
        "redelivered": report.redelivered,
        "checks": [{"area": each.area, **_fact(each.fact)} for each in report.checks],
        "repositories": [
            {
                "forge": repository.forge,
                "id": repository.id,
                "name": repository.name,
                "grade": graded.grade.value,
                "facts": [_fact(fact) for fact in graded.facts],
            }
            for repository, graded in report.repositories
        ],
    }


def _fact(fact: Fact) -> dict[str, str]:
    return {"level": fact.level.value, "text": fact.text, "repair": fact.repair}


def _tell(report: Report) -> None:
    console = Console(soft_wrap=False, highlight=False, markup=False, emoji=False)
    table = Table("Repository", "Grade", "What proves it, and the repair", title="How hard each gate is")
    for repository, graded in report.repositories:
        table.add_row(shown(repository.name), graded.grade.value, Text("\n").join(map(_lines, graded.facts)))
    if report.repositories:
        console.print(table)
    table = Table("Area", "What was found, and the repair", title="What it rests on")
    for each in report.checks:
        table.add_row(each.area, _lines(each.fact))
    console.print(table)
    if report.redelivered:
        console.print(f"{report.redelivered} deliveries are being sent again.")


def _lines(fact: Fact) -> Text:
    text = Text(f"{fact.level.value}: ", style=COLOURS[fact.level])
    text.append(shown(fact.text, LONGEST), style="default")
    if fact.repair:
        text.append(f"\n  -> {shown(fact.repair, LONGEST)}", style="default")
    return text
