"""The repositories: how hard each one's gate is, and what passed it that nobody has looked at yet."""

from flask import Blueprint, render_template

from bot import gate
from bot.service import oversight
from bot.service.context import Context
from bot.service.found import WORDS
from bot.store import queue, repositories, sees
from bot.web import viewer


def register(routes: Blueprint, context: Context) -> None:
    """Its route."""

    @routes.get("/repositories")
    def repositories_page() -> str:
        seen, in_force = viewer.current().visible, context.rulebook.current()
        with context.store.read() as tx:
            rows = [each for each in repositories.every(tx, active=False) if sees(seen, each.forge, each.id)]
            numbers = queue.per_repository(tx, seen)
            gates = oversight.gates(tx)
            findings = oversight.open_findings(tx, seen, in_force.roster)
        modes = {(each.forge, each.id): gate.mode_of(in_force.policy, each.name).value for each in rows}
        return render_template(
            "repositories.html",
            rows=rows,
            modes=modes,
            numbers=numbers,
            gates=gates,
            findings=findings,
            words={each.value: text for each, text in WORDS.items()},
        )
