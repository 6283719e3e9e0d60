"""What a check of rules or roster found, for people or as JSON. Exit codes: 0 fine, also with warnings; 1 faults."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import click

from bot.rules import Concern, Fault
from bot.rules.faults import shown

FAULTY = 1


@dataclass(frozen=True, slots=True)
class Findings:
    """What was looked at, and everything found."""

    title: str
    faults: tuple[Fault, ...]
    concerns: tuple[Concern, ...] = ()


def tell(findings: Findings, *, as_json: bool) -> int:
    """Print what was found; the exit code."""
    if as_json:
        show_json(
            {
                "ok": not findings.faults,
                "faults": [asdict(fault) for fault in findings.faults],
                "warnings": [_as_json(concern) for concern in findings.concerns],
            }
        )
    else:
        _tell_people(findings)
    return FAULTY if findings.faults else 0


def _as_json(concern: Concern) -> dict[str, Any]:
    place = {"file": concern.file, "line": concern.line} if concern.line else {}
    return {**place, "message": concern.message, "hint": concern.hint}


def _tell_people(findings: Findings) -> None:
    for fault in findings.faults:
        place = f"{shown(fault.file, 300)}:{fault.line}:{fault.column}:"
        _paragraph(f"{place} {click.style(fault.message, bold=True)}", fault.hint)
    for concern in findings.concerns:
        _paragraph(f"{click.style('warning:', fg='yellow')} {concern.told}", concern.hint)
    counts = [
        f"{len(found)} {word}{'s' if len(found) > 1 else ''}"
        for word, found in (("fault", findings.faults), ("warning", findings.concerns))
        if found
    ]
    verdict = click.style("not usable", fg="red") if findings.faults else click.style("fine", fg="green")
    click.echo(f"{shown(findings.title, 500)}: {verdict}" + (f" ({', '.join(counts)})" if counts else ""))


def _paragraph(line: str, hint: str) -> None:
    click.echo(line)
    if hint:
        click.echo(f"    {hint}")


def show_json(value: Any, *, indent: int | None = 2) -> None:
    """Print JSON in ASCII."""
    click.echo(json.dumps(value, indent=indent, ensure_ascii=True))


def plural(numbers: Iterable[tuple[int, str, str]]) -> str:
    """Counted things for a sentence: 1 zone, 2 people."""
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in numbers)


def today() -> date:
    """The day it is, in UTC."""
    return datetime.now(UTC).date()  # noqa: TID251  the edge, where the clock is read
