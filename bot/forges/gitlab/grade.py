"""How hard the gate is on a merge request, from what was read of its project: pure.

GitLab has no check that only an application may write, so the mechanism is chosen by what the project offers, and
the grade says what it is worth. What could not be read counts against it: a grade is never higher than what is shown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.model.enforcement import Grade, Pin, Protection, Requirer

Json = Mapping[str, Any]
MAINTAINER = 40
NO_ONE = 0
WHO = {
    "user_id": "the user",
    "group_id": "the group",
    "deploy_key_id": "whoever holds the deploy key",
    "member_role_id": "whoever has the role",
}
"""What else than a role may be allowed to push to a protected branch."""
UNSHOWN = (
    "only a Maintainer can read the approval settings: `signoff setup gitlab PROJECT --check` tells with such a token"
)

ANYBODY = "any_approver"
"""The type of a rule that everybody's approval counts for."""

NAMED = re.compile(r"[^\W_]+")
"""What is shown of other people's names: words, so that no text of theirs does anything where it is shown."""

SET_UP = (
    "See what is missing, with a Maintainer's token: `signoff setup gitlab PROJECT --check`. `--apply` makes the rule "
    "and its settings, or that pipelines must succeed; who may push is set on GitLab, under Protected branches."
)
NO_PIN = "A status cannot be tied to the bot. From Premium on, a rule that needs the bot's own approval holds."


class Mechanism(StrEnum):
    """What the bot holds a merge request with."""

    APPROVER = "approver"
    """A rule of the project needs the bot's own approval."""
    STATUS = "status"
    """A commit status in the pipeline that counts."""
    NOTE = "note"
    """Nothing but the explaining note."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of a project. None for what it does not offer, or does not show to the bot.

    `notes` is the commit that git-ai's notes stand at.
    """

    project: Json
    approvals: Json | None = None
    rules: tuple[Json, ...] = ()
    branches: tuple[Json, ...] | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The mechanism and its grade on one branch, with the reasons why it is no higher."""

    mechanism: Mechanism
    grade: Grade
    reasons: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    """Who may push to the branch past merge requests, beside roles."""
    maintainers_push: bool = False

    @property
    def text(self) -> str:
        """One line for people."""
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"Enforcement here: {self.grade.value}, by {self.mechanism.value}{why}."


def guard(facts: Facts, own: int, base: str, *, postable: bool = True) -> Guard:
    """The guard of a branch. `postable`: a status of ours can be put where the merge request's pipeline counts."""
    closed = tuple(_ways_past(facts, base))
    past = tuple(_named(facts, own, base))
    pushing = tuple(f"{who} may push to the branch" for who in past)
    maintainers = MAINTAINER in _roles(facts, base)
    if rule(facts, own, base) is not None and not _reauthenticates(facts):
        soft = (*_soft_spots(facts), *pushing)
        grade = Grade.ADVISORY if closed else Grade.TAMPER_EVIDENT if soft else Grade.ENFORCED
        return Guard(Mechanism.APPROVER, grade, closed + soft, past, maintainers)
    if not postable:
        why = "the pipeline of a fork is not this project's, so no status counts for it"
        return Guard(Mechanism.NOTE, Grade.ADVISORY, (why,))
    open_doors = (*closed, *_pipeline_faults(facts))
    forgeable = "a Developer can post a status of this name; it is found, replaced and recorded"
    grade = Grade.ADVISORY if open_doors else Grade.TAMPER_EVIDENT
    return Guard(Mechanism.STATUS, grade, (*open_doors, forgeable, *pushing), past, maintainers)


def protection(found: Guard, branch: str) -> Protection:
    """The same in the words that all forges share: whose word is required, and who may pass it by."""
    if found.grade is Grade.ADVISORY:
        return Protection(branch, unread=found.reasons, repair=SET_UP)
    keepers = f"the project's Maintainers, who can change it{' and push to the branch' * found.maintainers_push}"
    if found.mechanism is Mechanism.STATUS:
        where = "the setting that pipelines must succeed"
        return Protection(branch, (Requirer(where, Pin.ANYBODY, found.past, NO_PIN, keepers),))
    where, hidden = "the approval rule of the bot", UNSHOWN in found.reasons
    pushing = {f"{who} may push to the branch" for who in found.past}
    soft = tuple(each for each in found.reasons if each != UNSHOWN and (hidden or each not in pushing))
    return Protection(branch, (Requirer(where, Pin.OURS, None if hidden else found.past, SET_UP, keepers, soft),))


def rule(facts: Facts, own: int, base: str) -> Json | None:
    """The project's rule that needs the bot's approval, and nobody else's, on a branch."""
    for each in facts.rules:
        alone = [user["id"] for user in each.get("users") or ()] == [own] and not each.get("groups")
        hidden = each.get("contains_hidden_groups")
        if alone and not hidden and (each.get("approvals_required") or 0) >= 1 and _applies(facts, each, base):
            return each
    return None


def beside(facts: Facts, own: int) -> Iterator[str]:
    """What else the bot's approval counts for, in words: rules that were made for people."""
    for each in facts.rules:
        needed, able = each.get("approvals_required") or 0, each.get("eligible_approvers") or ()
        mine = [user["id"] for user in each.get("users") or ()] == [own] and not each.get("groups")
        if not needed or mine:
            continue
        if each.get("rule_type") == ANYBODY:
            yield f"of the {needed} approvals that anybody may give, the bot's is one"
        elif any(user["id"] == own for user in able):
            name = " ".join(NAMED.findall(str(each.get("name") or "")))[:60]
            yield f"the rule {name} (id {each['id']}), in which the bot is, takes its approval for a person's"


def _applies(facts: Facts, each: Json, base: str) -> bool:
    """Whether a rule is for a branch. Which branches are protected older versions show to Maintainers alone: then the
    rule's own list tells, and without one it is taken to be, since otherwise nobody would give what it asks for.
    """
    if each.get("applies_to_all_protected_branches") and facts.branches is not None:
        return bool(_protections(facts, base))
    named = each.get("protected_branches") or ()
    return not named or any(_matches(one["name"], base) for one in named)


def _reauthenticates(facts: Facts) -> bool:
    """Whether an approval asks for a password, which a bot has none of."""
    told = facts.approvals or {}
    return bool(told.get("require_password_to_approve") or told.get("require_reauthentication_to_approve"))


def _soft_spots(facts: Facts) -> Iterator[str]:
    told = facts.approvals
    if told is None:
        yield UNSHOWN
        return
    if not told.get("reset_approvals_on_push"):
        yield "approvals are not reset on push, so the bot's outlives a push until it takes it back"
    if not told.get("disable_overriding_approvers_per_merge_request"):
        yield "the rule can be edited in the merge request"


def _pipeline_faults(facts: Facts) -> Iterator[str]:
    if not facts.project.get("only_allow_merge_if_pipeline_succeeds"):
        yield "the project does not ask that pipelines succeed"
    if facts.project.get("allow_merge_on_skipped_pipeline"):
        yield "a skipped pipeline counts as a success"
    if facts.project.get("merge_trains_enabled"):
        yield "merge trains are on, whose pipelines no status of ours holds"


def _ways_past(facts: Facts, base: str) -> Iterator[str]:
    """Whether code gets into the branch without a merge request. The most permissive rule that matches wins."""
    if facts.branches is None:
        yield "the protected branches cannot be read"
        return
    protections = _protections(facts, base)
    if not protections:
        yield "the branch is not protected, so a Developer can push to it"
    if any(NO_ONE < role < MAINTAINER for role in _roles(facts, base)):
        yield "Developers may push to the branch"


def _named(facts: Facts, own: int, base: str) -> Iterator[str]:
    """Users, groups, deploy keys and custom roles that may push, in words: they were named one by one, and none of
    them needs be anything in the project. What else may be named one day is named as GitLab describes it.
    """
    seen = {}
    for level in _levels(facts, base):
        kind = next((key for key in WHO if level.get(key)), None)
        if _is_named(level) and level.get("user_id") != own:
            number = level.get(kind) if kind else level.get("id")
            name = " ".join(NAMED.findall(str(level.get("access_level_description") or "")))[:60]
            seen[kind, number] = f"{WHO[kind] if kind else 'an access level'} {name} (id {number})"
    yield from seen.values()


def _roles(facts: Facts, base: str) -> set[int]:
    """The levels at which a role may push to a branch."""
    return {level.get("access_level") or NO_ONE for level in _levels(facts, base) if not _is_named(level)}


def _levels(facts: Facts, base: str) -> Iterator[Json]:
    yield from (level for each in _protections(facts, base) for level in each.get("push_access_levels") or ())


def _protections(facts: Facts, base: str) -> list[Json]:
    return [each for each in facts.branches or () if _matches(each["name"], base)]


def _is_named(level: Json) -> bool:
    """Whether an access level is that of somebody or something, and not of a role."""
    return any(value for key, value in level.items() if key.endswith("_id"))


def _matches(pattern: str, branch: str) -> bool:
    """Whether a protected branch's name is this one's; an asterisk stands for any text."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), branch, re.DOTALL) is not None
