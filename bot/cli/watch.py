"""`signoff watch`: what passed the gate all the same, and closing it with a reason."""

from typing import Any

import click

from bot import bootstrap
from bot.cli.starting import ready
from bot.cli.telling import show_json
from bot.model.errors import BadInputError
from bot.rules.faults import shown
from bot.service import watch
from bot.service.context import Context
from bot.service.found import Listed, listed
from bot.store import findings

SHORTEST_REASON = 10


@click.group()
def command() -> None:
    """List what passed the gate all the same, and close it with a reason."""


@command.command("list")
@click.option("--all", "every", is_flag=True, help="The closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(*, every: bool, as_json: bool) -> int:
    """List the findings that nobody closed yet.

    Exit codes: 0 none is open, 1 some are, 2 misuse, 3 the database could not be asked.
    """
    context = bootstrap.context(ready())
    try:
        rows = listed(context, closed=every)
    finally:
        context.store.dispose()
    if as_json:
        show_json({"findings": [_plain(each) for each in rows]})
    else:
        for each in rows:
            click.echo(f"{each.id}  {each.kind}  {shown(each.where, 300)}  {each.found_at:%Y-%m-%d %H:%M} UTC")
            click.echo(f"    {shown(each.text, 500)}")
            if each.closed_at is not None:
                click.echo(f"    closed {each.closed_at:%Y-%m-%d %H:%M} UTC: {shown(each.reason or '', 500)}")
        number = sum(each.closed_at is None for each in rows)
        click.echo(f"{number} open." + (" signoff watch close ID --reason … --by … closes one." if number else ""))
    return 1 if any(each.closed_at is None for each in rows) else 0


@command.command("close")
@click.argument("finding", type=int)
@click.option("--reason", required=True, help="Why nothing more is to be done; goes on the record.")
@click.option("--by", required=True, metavar="[FORGE:]LOGIN", help="Who closes it: somebody of the roster.")
def close(finding: int, reason: str, by: str) -> int:
    """Close FINDING on the record, in the name of somebody of the roster who had no part in it and could sign.

    Exit codes: 0 closed, 1 there is no such open finding, 2 misuse, also when that person may not, 3 could not tell.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInputError(f"--reason: at least {SHORTEST_REASON} characters are needed")
    context = bootstrap.context(ready())
    try:
        return _close(context, finding, reason.strip(), by)
    finally:
        context.store.dispose()


def _close(context: Context, finding: int, reason: str, by: str) -> int:
    with context.store.read() as tx:
        known = findings.get(tx, finding)
    if known is None or known.closed_at is not None:
        click.echo(f"There is no open finding {finding}.", err=True)
        return 1
    account = watch.closer(context, known, by)
    with context.store.write() as tx:
        done = watch.close(tx, finding, account, reason, context.clock())
    click.echo(f"Finding {finding} is closed, on the record." if done else f"Finding {finding} is closed already.")
    return 0 if done else 1


def _plain(each: Listed) -> dict[str, Any]:
    return {
        "id": each.id,
        "kind": each.kind,
        "where": each.where,
        "text": each.text,
        "change": each.change,
        "sha": each.sha,
        "found_at": each.found_at.isoformat(),
        "facts": dict(each.facts),
        "closed_at": each.closed_at.isoformat() if each.closed_at else None,
        "closed_by": each.closed_by,
        "reason": each.reason,
    }
