"""Rulesets and the rules in force as JSON."""

from typing import Any

from bot.sandbox.github.protection import Rule
from bot.sandbox.github.records import Repository, Ruleset
from bot.sandbox.github.views.accounts import node_id
from bot.sandbox.github.world import World


def source(world: World, found: Ruleset) -> tuple[str, str]:
    """The kind and the name of what a ruleset belongs to."""
    if found.repo_id is not None:
        return "Repository", world.full_name(world.existing(Repository, found.repo_id))
    org = world.account_by_id(found.org_id)
    return "Organization", org.login if org else ""


def ruleset(world: World, found: Ruleset, *, complete: bool = True) -> dict[str, Any]:
    """The schema repository-ruleset; lists leave out conditions, rules and bypass actors."""
    kind, name = source(world, found)
    where = f"repos/{name}" if kind == "Repository" else f"orgs/{name}"
    view = {
        "id": found.id,
        "name": found.name,
        "target": found.target,
        "source_type": kind,
        "source": name,
        "enforcement": found.enforcement,
        "node_id": node_id("RRS", found.id),
        "_links": {
            "self": {"href": f"{world.api_url}/{where}/rulesets/{found.id}"},
            "html": {"href": f"{world.base_url}/{name}/rules/{found.id}"},
        },
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }
    if complete:
        view |= {
            "conditions": found.conditions or None,
            "rules": list(found.rules),
            "bypass_actors": list(found.bypass_actors),
        }
    return view


def rule(world: World, found: Rule) -> dict[str, Any]:
    """The schema repository-rule-detailed."""
    kind, name = source(world, found.ruleset)
    parameters = {"parameters": found.parameters} if found.parameters else {}
    return {
        "type": found.type,
        **parameters,
        "ruleset_source_type": kind,
        "ruleset_source": name,
        "ruleset_id": found.ruleset.id,
    }
