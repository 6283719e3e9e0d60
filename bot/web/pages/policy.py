"""The rules and the roster in force: which version, a newer one's faults, who can sign what, where too few."""

from flask import Blueprint, render_template

from bot import rules
from bot.gate import reasons
from bot.service import signers
from bot.service.context import Context
from bot.web import viewer


def register(routes: Blueprint, context: Context) -> None:
    """Its route."""

    @routes.get("/rules")
    def policy_page() -> str | tuple[str, int]:
        who = viewer.current()
        if not who.sees_something:
            text = "The rules are shown to whoever can read a repository on the forge that the bot knows."
            return render_template("message.html", heading="Nothing to show", text=text, again=True), 404
        in_force, today = context.rulebook.current(), context.clock().date()
        policy, roster = in_force.policy, in_force.roster
        return render_template(
            "rules.html",
            policy=policy,
            roster=roster if who.lead else None,
            fault=in_force.fault,
            lead=who.lead,
            today=today,
            coverage=signers.coverage(policy, roster, today),
            why={each.name: reasons.why(each.when) for each in policy.requirements},
            concerns=rules.warnings(policy, roster, today) if who.lead else (),
        )
