"""One change: how it stands, what would unblock it, and every reason, with what was decided before."""

from flask import Blueprint, abort, render_template

from bot.gate import steps
from bot.gate.reasons import CLASSES, DISCOUNTS
from bot.model.subject import Subject
from bot.service import telling
from bot.service.context import Context
from bot.service.naming import naming
from bot.store import ChangeRow, changes, ledger, sees
from bot.web import viewer

HISTORY = 50


def register(routes: Blueprint, context: Context) -> None:
    """Its route."""

    @routes.get("/changes/<forge>/<int:repository>/change/<int:number>")
    def change(forge: str, repository: int, number: int) -> str:
        if number >= 2**63 or repository >= 2**63 or not sees(viewer.current().visible, forge, repository):
            abort(404)
        subject = Subject.change(forge, repository, number)
        roster = context.rulebook.current().roster
        with context.store.read() as tx:
            row = changes.get(tx, subject)
            if row is None:
                abort(404)
            history = ledger.entries(tx, subject=subject.key, limit=HISTORY + 1, newest_first=True)
            names = naming(tx, roster, forge, (each for entry in history for each in telling.accounts(entry)))
        decision = row.decision or {}
        return render_template(
            "change.html",
            row=row,
            decision=decision,
            history=[telling.told(entry, names) for entry in history[:HISTORY]],
            more=len(history) > HISTORY,
            tone=tone(row),
            classes={each.value: text for each, text in CLASSES.items()},
            discounts={each.value: text for each, text in DISCOUNTS.items()},
            held_elsewhere=held_elsewhere(row),
            steps=tuple(steps.steps(steps.standing(decision, row.author))) if decision else (),
        )


def tone(row: ChangeRow) -> str:
    """How the check stands, as a word that pages have a colour for."""
    if row.verdict == "allow":
        return "waiting" if held_elsewhere(row) else "passed"
    return "refused" if row.decision and row.decision.get("objections") else "waiting"


def held_elsewhere(row: ChangeRow) -> bool:
    """Whether the change itself may merge and its check stays open all the same: by broken rules that it proposes, or
    by another change with the same commit. The check's title then is not that of the decision.
    """
    return row.verdict == "allow" and row.decision is not None and row.decision.get("title") != row.check_title
