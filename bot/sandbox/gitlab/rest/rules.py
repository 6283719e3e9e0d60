"""Approval rules and settings: Premium and up. Elsewhere 403 (Enterprise build) or 404 (Community build)."""

from typing import Any

from bot.sandbox.gitlab import access, rules
from bot.sandbox.gitlab.errors import bad_request, forbidden, not_found
from bot.sandbox.gitlab.records import DEVELOPER, MAINTAINER, Rule
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import approvals as views

PROJECT, REQUEST = "/projects/:id", "/projects/:id/merge_requests/:iid"


@operation(f"GET {PROJECT}/approvals", None)
def settings(call: Call) -> Any:
    """The settings. Only Maintainers read them (ability read_approvers in GitLab's own policy)."""
    access.feature(call.world, call.project)
    access.require(call.world, call.actor, call.project, MAINTAINER)
    return views.settings(call.project)


@operation(f"POST {PROJECT}/approvals", None)
def change_settings(call: Call) -> Any:
    """Change them."""
    access.feature(call.world, call.project)
    access.require(call.world, call.actor, call.project, MAINTAINER)
    _unlocked(call)
    if not call.params:
        raise bad_request("at least one parameter must be provided")
    for name in views.SETTINGS:
        if name in call.params:
            setattr(call.project, name, call.params[name])
    for name in ("require_password_to_approve", "require_reauthentication_to_approve"):
        if name in call.params:
            call.project.require_reauthentication_to_approve = call.params[name]
    return views.settings(call.project)


def _unlocked(call: Call) -> None:
    """Whether a group above has locked the project's approval settings and rules."""
    if call.project.rules_locked:
        raise forbidden()


@operation(f"GET {PROJECT}/approval_rules", None)
def project_rules(call: Call) -> Any:
    """The project's rules. Who may open merge requests reads them."""
    access.feature(call.world, call.project)
    access.require(call.world, call.actor, call.project, DEVELOPER)
    found = rules.of_project(call.world, call.project)
    return call.paged(found, lambda rule: views.project_rule(call.world, call.project, rule))


def _project_rule(call: Call, level: int) -> Rule:
    access.feature(call.world, call.project)
    access.require(call.world, call.actor, call.project, level)
    found = call.world.existing(Rule, call.number("rule_id"))
    if found.project_id != call.project.id or found.mr_id is not None:
        raise not_found()
    return found


@operation(f"GET {PROJECT}/approval_rules/:rule_id", None)
def project_rule(call: Call) -> Any:
    """One of them."""
    return views.project_rule(call.world, call.project, _project_rule(call, DEVELOPER))


def _free_name(call: Call, mr_id: int | None, own: int = 0) -> None:
    for rule in call.world.store.where(Rule, project_id=call.project.id, mr_id=mr_id):
        if rule.name == call.params.get("name") and rule.id != own:
            raise bad_request({"name": ["has already been taken"]})


@operation(f"POST {PROJECT}/approval_rules", None)
def add_project_rule(call: Call) -> Any:
    """A new rule of the project."""
    access.feature(call.world, call.project)
    access.require(call.world, call.actor, call.project, MAINTAINER)
    _unlocked(call)
    _free_name(call, None)
    fields = rules.fields(call.world, call.params)
    kind = call.params.get("rule_type", "regular")
    rule = call.world.store.add(Rule(project_id=call.project.id, rule_type=kind, **fields))
    return views.project_rule(call.world, call.project, rule)


@operation(f"PUT {PROJECT}/approval_rules/:rule_id", None)
def edit_project_rule(call: Call) -> Any:
    """Change one."""
    rule = _project_rule(call, MAINTAINER)
    _unlocked(call)
    _free_name(call, None, rule.id)
    for name, value in rules.fields(call.world, call.params).items():
        setattr(rule, name, value)
    return views.project_rule(call.world, call.project, rule)


@operation(f"DELETE {PROJECT}/approval_rules/:rule_id", None)
def delete_project_rule(call: Call) -> Any:
    """Delete one."""
    rule = _project_rule(call, MAINTAINER)
    _unlocked(call)
    call.world.store.remove(rule)


@operation(f"GET {REQUEST}/approval_state", None)
def state(call: Call) -> Any:
    """Every rule that stands for a merge request, with who satisfied it."""
    access.feature(call.world, call.project)
    return views.state(call.world, call.mr)


@operation(f"GET {REQUEST}/approval_rules", None)
def mr_rules(call: Call) -> Any:
    """The same rules, without that."""
    access.feature(call.world, call.project)
    found = rules.standing(call.world, call.mr)
    return call.paged(found, lambda rule: views.mr_rule(call.world, call.mr, rule))


@operation(f"POST {REQUEST}/approval_rules", None)
def add_mr_rule(call: Call) -> Any:
    """A rule of this merge request alone: by a Maintainer or its author, where overriding is allowed."""
    access.feature(call.world, call.project)
    rules.may_edit(call.world, call.actor, call.mr)
    rules.keep_for(call.world, call.mr)
    _free_name(call, call.mr.id)
    source = call.params.get("approval_project_rule_id")
    fields = rules.fields(call.world, call.params)
    rule = Rule(project_id=call.project.id, mr_id=call.mr.id, project_rule_id=source, **fields)
    return views.mr_rule(call.world, call.mr, call.world.store.add(rule))


def _mr_rule(call: Call) -> Rule:
    """The rule that a path names, as the merge request's own; naming the project's one means its copy."""
    access.feature(call.world, call.project)
    rules.may_edit(call.world, call.actor, call.mr)
    rules.keep_for(call.world, call.mr)
    number = call.number("rule_id")
    for rule in call.world.store.where(Rule, project_id=call.project.id, mr_id=call.mr.id):
        if number in {rule.id, rule.project_rule_id}:
            return rule
    raise not_found()


@operation(f"PUT {REQUEST}/approval_rules/:rule_id", None)
def edit_mr_rule(call: Call) -> Any:
    """Change one, be it to no approval at all."""
    rule = _mr_rule(call)
    for name, value in rules.fields(call.world, call.params).items():
        setattr(rule, name, value)
    return views.mr_rule(call.world, call.mr, rule)


@operation(f"DELETE {REQUEST}/approval_rules/:rule_id", None)
def delete_mr_rule(call: Call) -> Any:
    """Delete one."""
    call.world.store.remove(_mr_rule(call))
