"""Rulesets: which rules stand on a branch, who may pass them by, and what keeps a pull request from merging.

Of the rules, these have an effect here: required_status_checks, pull_request, non_fast_forward, deletion, creation,
merge_queue. Others are kept and shown, and block nothing. Classic branch protection is not modelled.
"""

from fnmatch import fnmatch
from typing import Any, NamedTuple

from bot.sandbox import git
from bot.sandbox.github import checks, diffs, permissions
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Account, Issue, Repository, Review, Ruleset
from bot.sandbox.github.world import HEADS, ZERO, World

ROLE_IDS = {2: "maintain", 4: "write", 5: "admin"}


class Rule(NamedTuple):
    """A rule that stands on a branch, and the ruleset it is from."""

    type: str
    parameters: dict[str, Any]
    ruleset: Ruleset


class Blocker(NamedTuple):
    """One reason why a pull request cannot be merged, in words for people."""

    kind: str
    message: str


def _covers(ruleset: Ruleset, repo: Repository, branch: str) -> bool:
    if ruleset.repo_id != repo.id and (ruleset.repo_id is not None or ruleset.org_id != repo.owner_id):
        return False
    names = ruleset.conditions.get("repository_name")
    if names and not (_listed(repo.name, names["include"]) and not _listed(repo.name, names.get("exclude", []))):
        return False
    refs = ruleset.conditions.get("ref_name") or {"include": ["~ALL"], "exclude": []}
    full = HEADS + branch
    default = branch == repo.default_branch

    def listed(patterns: list[str]) -> bool:
        return (
            "~ALL" in patterns
            or ("~DEFAULT_BRANCH" in patterns and default)
            or any(fnmatch(full, pattern) for pattern in patterns)
        )

    return listed(refs.get("include", [])) and not listed(refs.get("exclude", []))


def _listed(name: str, patterns: list[str]) -> bool:
    return any(pattern == "~ALL" or fnmatch(name, pattern) for pattern in patterns)


def rules(world: World, repo: Repository, branch: str) -> list[Rule]:
    """Every rule in force on a branch, of the repository and its organisation."""
    return [
        Rule(rule["type"], rule.get("parameters") or {}, ruleset)
        for ruleset in world.store.all(Ruleset)
        if ruleset.enforcement == "active" and ruleset.target == "branch" and _covers(ruleset, repo, branch)
        for rule in ruleset.rules
    ]


def bypasses(world: World, actor: Actor, repo: Repository, ruleset: Ruleset, *, pull: bool) -> bool:
    """Whether an actor is on a ruleset's bypass list."""
    role = permissions.actor_role(world, actor, repo)
    owner = world.owner(repo)
    for entry in ruleset.bypass_actors:
        if entry.get("bypass_mode", "always") == "pull_request" and not pull:
            continue
        kind, number = entry["actor_type"], entry.get("actor_id")
        person = actor.account.id if actor.account and actor.permissions is None else None
        if (
            (kind == "OrganizationAdmin" and person is not None and owner.members.get(person) == "admin")
            or (kind == "RepositoryRole" and number in ROLE_IDS and permissions.at_least(role, ROLE_IDS[number]))
            or (kind == "Integration" and actor.app is not None and actor.app.id == number)
            or (kind == "User" and person is not None and person == number)
            or (kind == "Team" and any(team.id == number and person in team.member_ids for team in _teams(world)))
        ):
            return True
    return False


def _teams(world: World) -> list[Any]:
    from bot.sandbox.github.records import Team  # noqa: PLC0415 - used here only

    return world.store.all(Team)


def effective(world: World, actor: Actor | None, repo: Repository, branch: str, *, pull: bool) -> list[Rule]:
    """The rules that bind an actor (None: everybody)."""
    found = rules(world, repo, branch)
    return [rule for rule in found if actor is None or not bypasses(world, actor, repo, rule.ruleset, pull=pull)]


def missing_checks(world: World, repo: Repository, sha: str, found: list[Rule]) -> list[str]:
    """The required checks that are not passed on a commit."""
    missing = []
    for rule in found:
        if rule.type == "required_status_checks":
            for wanted in rule.parameters.get("required_status_checks", ()):
                pinned = wanted.get("integration_id")
                if not checks.passes(world, repo, sha, wanted["context"], pinned) and wanted["context"] not in missing:
                    missing.append(wanted["context"])
    return missing


def refuse_push(world: World, actor: Actor, repo: Repository, branch: str, before: str, after: str) -> str | None:  # noqa: PLR0913, PLR0917 - each is a part of what is done
    """Why a direct push to a branch is refused, in GitHub's words, or None."""
    bound = effective(world, actor, repo, branch, pull=False)
    kinds = {rule.type for rule in bound}
    reasons = []
    if after == ZERO:
        reasons += ["Cannot delete this branch"] if "deletion" in kinds else []
    elif before == ZERO:
        reasons += ["Cannot create ref due to creations being restricted."] if "creation" in kinds else []
    else:
        if "non_fast_forward" in kinds and not git.is_ancestor(world.objects, before, after):
            reasons.append("Cannot force-push to this branch")
        if "pull_request" in kinds or "merge_queue" in kinds:
            reasons.append("Changes must be made through a pull request.")
        missing = missing_checks(world, repo, after, bound)
        if missing:
            names = ", ".join(f'"{name}"' for name in missing)
            reasons.append(f"Required status check {names} is expected.")
    return (
        f"Repository rule violations found for refs/heads/{branch}.\n\n- " + "\n- ".join(reasons) if reasons else None
    )


def last_words(world: World, pull: Issue) -> dict[int, Review]:
    """Each reviewer's latest review that is an opinion: approval, objection, or a dismissed one."""
    found: dict[int, Review] = {}
    for review in world.store.where(Review, pull_id=pull.id):
        if review.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
            found[review.user_id] = review
    return found


def _writer_words(world: World, pull: Issue) -> list[Review]:
    repo = world.repo_of(pull)
    return [
        review
        for user_id, review in last_words(world, pull).items()
        if permissions.at_least(permissions.role(world, world.store.get(Account, user_id), repo), "write")
    ]


def review_decision(world: World, pull: Issue) -> str | None:
    """APPROVED, CHANGES_REQUESTED, REVIEW_REQUIRED, or None where no review is required."""
    required = [rule for rule in rules(world, world.repo_of(pull), pull.base_ref) if rule.type == "pull_request"]
    wanted = max((rule.parameters.get("required_approving_review_count", 0) for rule in required), default=0)
    words = [review.state for review in _writer_words(world, pull)]
    if "CHANGES_REQUESTED" in words:
        return "CHANGES_REQUESTED"
    if not wanted:
        return None
    return "APPROVED" if words.count("APPROVED") >= wanted else "REVIEW_REQUIRED"


def blockers(world: World, pull: Issue, actor: Actor | None = None, *, from_queue: bool = False) -> list[Blocker]:
    """Everything that keeps a pull request from merging, for an actor or (None) for anybody."""
    repo = world.repo_of(pull)
    found: list[Blocker] = []
    if pull.state != "open":
        return [Blocker("closed", "Pull Request is not open")]
    if pull.draft:
        found.append(Blocker("draft", "Pull Request is still a draft"))
    tip = world.branch(repo, pull.base_ref)
    if tip is None or diffs.merged_tree(world, tip, pull.head_sha) is None:
        found.append(Blocker("dirty", "Pull Request is not mergeable"))
    bound = effective(world, actor, repo, pull.base_ref, pull=True)
    missing = missing_checks(world, repo, pull.head_sha, bound)
    if missing:
        names = ", ".join(f'"{name}"' for name in missing)
        found.append(Blocker("check", f"Required status check {names} is expected, or has not passed."))
    strict = any(rule.parameters.get("strict_required_status_checks_policy") for rule in bound)
    if strict and tip and not git.is_ancestor(world.objects, tip, pull.head_sha):
        found.append(Blocker("behind", "The head branch is not up to date with the base branch."))
    found += _review_blockers(world, pull, bound)
    if not from_queue and any(rule.type == "merge_queue" for rule in bound):
        found.append(Blocker("queue", "Changes must be made through the merge queue"))
    return found


def _review_blockers(world: World, pull: Issue, bound: list[Rule]) -> list[Blocker]:
    found = []
    words = _writer_words(world, pull)
    for rule in (rule for rule in bound if rule.type == "pull_request"):
        wanted = rule.parameters.get("required_approving_review_count", 0)
        given = sum(review.state == "APPROVED" for review in words)
        if any(review.state == "CHANGES_REQUESTED" for review in words):
            found.append(Blocker("review", "Changes have been requested."))
        elif given < wanted:
            found.append(
                Blocker("review", f"At least {wanted} approving review is required by reviewers with write access.")
            )
    return found


def merge_state(world: World, pull: Issue) -> str:
    """GitHub's one word for how a pull request stands with merging."""
    kinds = {blocker.kind for blocker in blockers(world, pull)}
    if pull.merged_at or pull.state == "closed":
        return "unknown"
    for kind, word in (("dirty", "dirty"), ("draft", "draft")):
        if kind in kinds:
            return word
    if kinds & {"check", "review", "queue"}:
        return "blocked"
    if "behind" in kinds:
        return "behind"
    unstable = checks.rollup(world, world.repo_of(pull), pull.head_sha) in {"FAILURE", "PENDING"}
    return "unstable" if unstable else "clean"
