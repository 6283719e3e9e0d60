"""Rulesets and the rules in force on a branch."""

from typing import Any

from bot.sandbox.github import protection
from bot.sandbox.github.errors import forbidden, not_found
from bot.sandbox.github.records import Ruleset
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import rules as views

FIELDS = ("name", "target", "enforcement", "conditions")
LISTS = ("rules", "bypass_actors")


@operation("repos/get-branch-rules")
def branch_rules(call: Call) -> Any:
    """Every rule in force on a branch, whoever set it. Reading the metadata is enough."""
    found = protection.rules(call.world, call.repo, call.params["branch"])
    return call.paged(found, lambda rule: views.rule(call.world, rule))


def _write(call: Call, ruleset: Ruleset) -> None:
    for name in FIELDS:
        if name in call.body:
            setattr(ruleset, name, call.body[name])
    for name in LISTS:
        if name in call.body:
            setattr(ruleset, name, tuple(call.body[name]))
    ruleset.updated_at = call.world.clock.now()


def _new(call: Call, **where: int) -> Ruleset:
    body = call.body
    now = call.world.clock.now()
    ruleset = Ruleset(name=body["name"], enforcement=body["enforcement"], created_at=now, updated_at=now, **where)
    _write(call, ruleset)
    return call.world.store.add(ruleset)


def _shown(call: Call, ruleset: Ruleset, *, complete: bool = True) -> dict[str, Any]:
    """Who may bypass is shown only to whoever may change the ruleset."""
    view = views.ruleset(call.world, ruleset, complete=complete)
    actor = call.actor
    if actor.permissions is not None and actor.permissions.get("administration") != "write":
        view.pop("bypass_actors", None)
    return view


@operation("repos/get-repo-rulesets")
def list_rulesets(call: Call) -> Any:
    """The rulesets of a repository, and of its organisation."""
    found = [
        ruleset
        for ruleset in call.world.store.all(Ruleset)
        if ruleset.repo_id == call.repo.id
        or (ruleset.org_id == call.repo.owner_id and call.query.get("includes_parents") != "false")
    ]
    return call.paged(found, lambda ruleset: _shown(call, ruleset, complete=False))


def _repo_ruleset(call: Call) -> Ruleset:
    found = call.world.existing(Ruleset, call.number("ruleset_id"))
    if found.repo_id != call.repo.id and found.org_id != call.repo.owner_id:
        raise not_found()
    return found


@operation("repos/get-repo-ruleset")
def get_ruleset(call: Call) -> Any:
    """One ruleset."""
    return _shown(call, _repo_ruleset(call))


@operation("repos/create-repo-ruleset", "administration:write", "admin")
def create_ruleset(call: Call) -> Any:
    """A new ruleset."""
    ruleset = _new(call, repo_id=call.repo.id)
    call.world.tell("repository_ruleset", "created", repo=call.repo, actor=call.actor, ruleset=ruleset)
    return _shown(call, ruleset)


@operation("repos/update-repo-ruleset", "administration:write", "admin")
def update_ruleset(call: Call) -> Any:
    """Change a ruleset."""
    ruleset = _repo_ruleset(call)
    _write(call, ruleset)
    call.world.tell("repository_ruleset", "edited", repo=call.repo, actor=call.actor, ruleset=ruleset)
    return _shown(call, ruleset)


@operation("repos/delete-repo-ruleset", "administration:write", "admin")
def delete_ruleset(call: Call) -> Any:
    """Remove a ruleset."""
    ruleset = _repo_ruleset(call)
    call.world.store.remove(ruleset)
    call.world.tell("repository_ruleset", "deleted", repo=call.repo, actor=call.actor, ruleset=ruleset)


def _owner_only(call: Call) -> None:
    person = call.actor.account
    if call.actor.permissions is not None or person is None or call.org.members.get(person.id) != "admin":
        raise forbidden("You must be an organization owner.")


def _org_ruleset(call: Call) -> Ruleset:
    _owner_only(call)
    found = call.world.existing(Ruleset, call.number("ruleset_id"))
    if found.org_id != call.org.id:
        raise not_found()
    return found


@operation("repos/get-org-rulesets")
def list_org_rulesets(call: Call) -> Any:
    """The rulesets of an organisation."""
    _owner_only(call)
    found = call.world.store.where(Ruleset, org_id=call.org.id)
    return call.paged(found, lambda ruleset: _shown(call, ruleset, complete=False))


@operation("repos/create-org-ruleset")
def create_org_ruleset(call: Call) -> Any:
    """A new ruleset for an organisation's repositories."""
    _owner_only(call)
    return _shown(call, _new(call, org_id=call.org.id))


@operation("repos/get-org-ruleset")
def get_org_ruleset(call: Call) -> Any:
    """One of them."""
    return _shown(call, _org_ruleset(call))


@operation("repos/update-org-ruleset")
def update_org_ruleset(call: Call) -> Any:
    """Change it."""
    ruleset = _org_ruleset(call)
    _write(call, ruleset)
    return _shown(call, ruleset)


@operation("repos/delete-org-ruleset")
def delete_org_ruleset(call: Call) -> Any:
    """Remove it."""
    call.world.store.remove(_org_ruleset(call))
