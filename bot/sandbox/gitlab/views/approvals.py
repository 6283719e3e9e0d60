"""Approvals, rules and approval settings, as the API shows them."""

from typing import Any

from bot.sandbox.gitlab import access, approvals, diffs, rules
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import Group, MergeRequest, Project, ProtectedBranch, Rule
from bot.sandbox.gitlab.views import commits, users
from bot.sandbox.gitlab.views.users import at
from bot.sandbox.gitlab.world import World

SETTINGS = (
    "reset_approvals_on_push", "selective_code_owner_removals", "disable_overriding_approvers_per_merge_request",
    "merge_requests_author_approval", "merge_requests_disable_committers_approval",
)  # fmt: skip


def of(world: World, mr: MergeRequest, actor: Actor) -> dict[str, Any]:
    """Who approved. The Community build and the Enterprise build have different fields; neither tells a commit."""
    rows = approvals.of(world, mr)
    given: list[dict[str, Any]] = [{"user": users.basic(world, row.user_id)} for row in rows]
    if world.setting("approved_at"):
        given = [entry | {"approved_at": at(row.created_at)} for entry, row in zip(given, rows, strict=True)]
    me = actor.user.id if actor.user else None
    shown: dict[str, Any] = {
        "user_has_approved": any(row.user_id == me for row in rows),
        "user_can_approve": actor.user is not None and approvals.can(world, actor.user, mr),
        "approved": approvals.approved(world, mr),
        "approved_by": given,
    }
    if not world.setting("enterprise"):
        return shown
    standing = rules.standing(world, mr)
    project = world.project_of(mr)
    return {
        "id": mr.id,
        "iid": mr.iid,
        "project_id": mr.project_id,
        "title": mr.title,
        "description": mr.description,
        "state": mr.state,
        "created_at": at(mr.created_at),
        "updated_at": at(mr.updated_at),
        "merge_status": "can_be_merged" if diffs.merged_tree(world, mr) else "cannot_be_merged",
        "approvals_required": sum(rule.approvals_required for rule in standing),
        "approvals_left": approvals.left(world, mr),
        "require_password_to_approve": project.require_reauthentication_to_approve,
        "suggested_approvers": [],
        "approvers": [],
        "approver_groups": [],
        "approval_rules_left": [
            {"id": rule.id, "name": rule.name, "rule_type": rule.rule_type}
            for rule in standing
            if not rules.satisfied(world, mr, rule)
        ],
        "has_approval_rules": bool(standing),
        "merge_request_approvers_available": access.paid(world, project),
        "multiple_approval_rules_available": access.paid(world, project),
        "invalid_approvers_rules": [],
    } | shown


def settings(project: Project) -> dict[str, Any]:
    """The approval settings of a project. `merge_requests_author_approval` true lets authors approve."""
    shown: dict[str, Any] = {name: getattr(project, name) for name in SETTINGS}
    both = project.require_reauthentication_to_approve
    shown |= {"require_password_to_approve": both, "require_reauthentication_to_approve": both}
    return {"approvers": [], "approver_groups": [], "approvals_before_merge": 0} | shown


def _rule(world: World, rule: Rule, eligible: list[Any]) -> dict[str, Any]:
    groups = [world.store.get(Group, number) for number in rule.group_ids]
    return {
        "id": rule.id,
        "name": rule.name,
        "rule_type": rule.rule_type,
        "report_type": None,
        "eligible_approvers": [users.basic(world, user) for user in eligible],
        "approvals_required": rule.approvals_required,
        "users": [users.basic(world, number) for number in rule.user_ids],
        "groups": [users.group(world, group) for group in groups if group is not None],
        "contains_hidden_groups": False,
    }


def project_rule(world: World, project: Project, rule: Rule) -> dict[str, Any]:
    """A rule of a project."""
    found = [world.store.get(ProtectedBranch, number) for number in rule.protected_branch_ids]
    return _rule(world, rule, rules.named(world, rule)) | {
        "protected_branches": [commits.protection(world, project, one) for one in found if one is not None],
        "applies_to_all_protected_branches": rule.applies_to_all_protected_branches,
    }


def mr_rule(world: World, mr: MergeRequest, rule: Rule) -> dict[str, Any]:
    """A rule that stands for a merge request."""
    source = {"id": rule.project_rule_id or rule.id, "approvals_required": rule.approvals_required}
    own = rule.mr_id is not None
    more = {"section": None, "source_rule": source if rule.project_rule_id or not own else None, "overridden": own}
    return _rule(world, rule, rules.eligible(world, mr, rule)) | more


def state(world: World, mr: MergeRequest) -> dict[str, Any]:
    """Every rule that stands, with who satisfied it."""
    shown = []
    for rule in rules.standing(world, mr):
        by = [users.basic(world, row.user_id) for row in rules.given(world, mr, rule)]
        more = {"approved": rules.satisfied(world, mr, rule), "approved_by": by, "code_owner": False}
        shown.append(mr_rule(world, mr, rule) | more)
    return {"approval_rules_overwritten": mr.rules_overridden, "rules": shown}
