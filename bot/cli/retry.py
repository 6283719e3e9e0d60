"""`signoff retry`: what was parked after repeated failures, and having it tried again."""

import click

from bot import bootstrap
from bot.cli.starting import ready
from bot.cli.telling import show_json
from bot.rules.faults import shown
from bot.store import Store, due

SOME, NONE = 1, 0


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--all", "everything", is_flag=True, help="Try everything again that is parked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(keys: tuple[str, ...], *, everything: bool, as_json: bool) -> int:
    """List what is parked, each with why and since when; or have the given KEYs (github/1/change/7) tried again.

    An event of its own has a parked change tried again as well, and the sweep gives it one try a day.

    Exit codes: 0 nothing is parked, or all that was asked for is tried again; 1 something is parked, or a KEY is not;
    2 misuse; 3 the database could not be asked.
    """
    if keys and everything:
        raise click.UsageError("give KEYs or --all, not both")
    context = bootstrap.context(ready())
    try:
        if not keys and not everything:
            return _list(context.store, as_json=as_json)
        with context.store.write() as tx:
            wanted = keys or tuple(each.subject.key for each in due.parked(tx))
            now = context.clock()
            done = {key: due.unpark(tx, key, now) for key in dict.fromkeys(wanted)}
    finally:
        context.store.dispose()
    if as_json:
        show_json({"retried": [key for key, found in done.items() if found], "not_parked": _missing(done)})
    else:
        for key, found in done.items():
            click.echo(f"{shown(key, 300)}: {'due now' if found else 'is not parked'}", err=not found)
        if not done:
            click.echo("Nothing is parked.")
    return SOME if _missing(done) else NONE


def _missing(done: dict[str, bool]) -> list[str]:
    return [key for key, found in done.items() if not found]


def _list(store: Store, *, as_json: bool) -> int:
    with store.read() as tx:
        parked = due.parked(tx)
    if as_json:
        rows = [
            {
                "key": each.subject.key,
                "attempts": each.attempts,
                "since": each.parked_at.isoformat(),
                "why": each.error,
            }
            for each in parked
        ]
        show_json({"parked": rows})
    else:
        for each in parked:
            click.echo(f"{shown(each.subject.key, 300)}  since {each.parked_at:%Y-%m-%d %H:%M} UTC")
            click.echo(f"    after {each.attempts} failures: {shown(each.error, 500)}")
        click.echo(
            f"{len(parked)} parked; signoff retry KEY (or --all) has it tried again."
            if parked
            else "Nothing is parked."
        )
    return SOME if parked else NONE
