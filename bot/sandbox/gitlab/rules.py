"""Approval rules (Premium and up): which stand for a merge request, who satisfies them, and who may edit them.

Overriding allowed: a merge request may have rules of its own, and then those of the project do not reach it. Not
allowed: the project's rules stand for every merge request, and nobody edits them there, not even the bot.
"""

from typing import Any

from bot.sandbox.gitlab import access, diffs
from bot.sandbox.gitlab.errors import bad_request, forbidden
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.records import DEVELOPER, MAINTAINER, Approval, Group, MergeRequest, Project, Rule, User
from bot.sandbox.gitlab.world import World

FIELDS = ("name", "approvals_required", "user_ids", "group_ids", "applies_to_all_protected_branches")


def of_project(world: World, project: Project) -> list[Rule]:
    """The project's own rules."""
    return world.store.where(Rule, project_id=project.id, mr_id=None)


def standing(world: World, mr: MergeRequest) -> list[Rule]:
    """The rules that a merge request has to satisfy."""
    project = world.project_of(mr)
    if not access.paid(world, project):
        return []
    if mr.rules_overridden and not project.disable_overriding_approvers_per_merge_request:
        return world.store.where(Rule, project_id=project.id, mr_id=mr.id)
    return [rule for rule in of_project(world, project) if _meant(world, project, rule, mr.target_branch)]


def _meant(world: World, project: Project, rule: Rule, branch: str) -> bool:
    protected = access.rules_for(world, project, branch)
    if rule.applies_to_all_protected_branches:
        return bool(protected)
    return not rule.protected_branch_ids or any(found.id in rule.protected_branch_ids for found in protected)


def named(world: World, rule: Rule) -> list[User]:
    """Everybody that a rule names, through groups too, who is still in the project."""
    project = world.existing(Project, rule.project_id)
    ids = dict.fromkeys(rule.user_ids)
    for group_id in rule.group_ids:
        ids |= dict.fromkeys(access.group_members(world, world.existing(Group, group_id)))
    users = [world.store.get(User, user_id) for user_id in ids]
    return [user for user in users if user is not None and access.level(world, user, project) >= DEVELOPER]


def excluded(world: World, mr: MergeRequest) -> set[int]:
    """Who cannot satisfy a rule: the author and the committers, where the project says so."""
    project = world.project_of(mr)
    found: set[int] = set()
    if not access.paid(world, project):
        return found
    if not project.merge_requests_author_approval:
        found.add(mr.author_id)
    if project.merge_requests_disable_committers_approval:
        for oid in diffs.commits(world, mr):
            user = world.user_by_email(world.objects.commit(oid).committer.email)
            found |= {user.id} if user else set()
    return found


def eligible(world: World, mr: MergeRequest, rule: Rule) -> list[User]:
    """Who can satisfy a rule."""
    barred = excluded(world, mr)
    return [user for user in named(world, rule) if user.id not in barred]


def given(world: World, mr: MergeRequest, rule: Rule) -> list[Approval]:
    """The approvals that count for a rule. Where it asks for more than it names, those of others count as well."""
    every = [row for row in world.store.where(Approval, mr_id=mr.id) if row.user_id not in excluded(world, mr)]
    if rule.rule_type == "any_approver" or not (rule.user_ids or rule.group_ids):
        return every
    able = {user.id for user in eligible(world, mr, rule)}
    if 0 < len(able) < rule.approvals_required:
        return every
    return [row for row in every if row.user_id in able]


def satisfied(world: World, mr: MergeRequest, rule: Rule) -> bool:
    """Whether a rule has what it asks for. One that nobody can satisfy counts as satisfied, unless switched."""
    by_name = rule.rule_type != "any_approver" and bool(rule.user_ids or rule.group_ids)
    if by_name and not eligible(world, mr, rule) and world.setting("invalid_rules_approve"):
        return True
    return len(given(world, mr, rule)) >= rule.approvals_required


def may_edit(world: World, actor: Actor, mr: MergeRequest) -> None:
    """A Maintainer, or the author who is Developer; nobody where overriding is not allowed. Raises 403."""
    project = world.project_of(mr)
    own = access.level(world, actor.person, project)
    allowed = own >= MAINTAINER or (own >= DEVELOPER and mr.author_id == actor.person.id)
    if project.disable_overriding_approvers_per_merge_request or not allowed:
        raise forbidden()


def keep_for(world: World, mr: MergeRequest) -> None:
    """Give a merge request the project's rules as its own; later changes of those do not reach it."""
    if mr.rules_overridden:
        return
    for rule in standing(world, mr):
        copy = rule.model_dump(exclude={"id", "mr_id", "project_rule_id"})
        world.store.add(Rule(**copy, mr_id=mr.id, project_rule_id=rule.id))
    mr.rules_overridden = True


def fields(world: World, body: dict[str, Any]) -> dict[str, Any]:
    """The fields of a rule from parameters. Raises 400 for users and groups that are not there."""
    found = {key: body[key] for key in FIELDS if key in body}
    users = [world.store.get(User, int(user_id)) for user_id in found.get("user_ids", ())]
    users += [world.user(name) for name in body.get("usernames", ())]
    if "user_ids" in found or "usernames" in body:
        found["user_ids"] = tuple(dict.fromkeys(user.id for user in users if user is not None))
    if "group_ids" in found:
        found["group_ids"] = tuple(world.existing(Group, int(number)).id for number in found["group_ids"])
    if "protected_branch_ids" in body:
        found["protected_branch_ids"] = tuple(int(number) for number in body["protected_branch_ids"])
    if found.get("approvals_required", 0) < 0:
        raise bad_request("approvals_required does not have a valid value")
    return found
