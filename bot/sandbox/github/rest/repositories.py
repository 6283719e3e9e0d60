"""Repositories, branches, collaborators, forks, and the commits in them."""

from typing import Any

from bot.sandbox import git
from bot.sandbox.github import diffs, permissions, pushes, repositories
from bot.sandbox.github.errors import NotModelled, invalid, not_found
from bot.sandbox.github.records import Account, Issue, Push, Repository
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.rest.checks import commit_named
from bot.sandbox.github.views import accounts, commits, pulls
from bot.sandbox.github.views import repositories as views
from bot.sandbox.github.world import HEADS, ZERO
from bot.sandbox.serving import Answer

MOST_COMPARED = 300


def _full(call: Call, repo: Repository) -> dict[str, Any]:
    role = permissions.actor_role(call.world, call.actor, repo)
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    rights = {name: permissions.at_least(role, wanted) for name, wanted in names.items()}
    return views.full(call.world, repo) | {"permissions": rights}


@operation("repos/get")
def get(call: Call) -> Any:
    """A repository."""
    return _full(call, call.repo)


@operation("repos/update", "administration:write", "admin")
def update(call: Call) -> Any:
    """Rename, archive, change the default branch."""
    repositories.update(call.world, call.actor, call.repo, call.body)
    return _full(call, call.repo)


@operation("repos/delete", "administration:write", "admin")
def delete(call: Call) -> Any:
    """Delete it."""
    repositories.delete(call.world, call.actor, call.repo)


@operation("repos/list-forks")
def list_forks(call: Call) -> Any:
    """Its forks."""
    return call.paged(
        call.world.store.where(Repository, fork_of=call.repo.id), lambda repo: views.minimal(call.world, repo)
    )


@operation("repos/create-fork")
def fork(call: Call) -> Any:
    """A copy that belongs to whoever asks."""
    return _full(call, repositories.fork(call.world, call.actor, call.repo))


def _branch(call: Call, name: str) -> dict[str, Any]:
    sha = call.world.branch(call.repo, name)
    if sha is None:
        raise not_found()
    url = f"{views.repo_url(call.world, call.repo)}/branches/{name}"
    page = f"{views.html_url(call.world, call.repo)}/tree/{name}"
    off: dict[str, Any] = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commits.commit(call.world, call.repo, sha),
        "_links": {"self": url, "html": page},
        "protected": bool(repositories.protected(call.world, call.repo, name)),
        "protection": {"enabled": False, "required_status_checks": off},
        "protection_url": f"{url}/protection",
    }


@operation("repos/get-branch", "contents:read")
def get_branch(call: Call) -> Any:
    """One branch."""
    return _branch(call, call.params["branch"])


@operation("repos/list-branches", "contents:read")
def list_branches(call: Call) -> Any:
    """All branches."""

    def view(name: str) -> dict[str, Any]:
        sha = call.repo.refs[HEADS + name]
        url = f"{views.repo_url(call.world, call.repo)}/commits/{sha}"
        protected = bool(repositories.protected(call.world, call.repo, name))
        return {"name": name, "commit": {"sha": sha, "url": url}, "protected": protected}

    names = sorted(ref.removeprefix(HEADS) for ref in call.repo.refs if ref.startswith(HEADS))
    return call.paged(names, view)


@operation("repos/rename-branch", "contents:write", "write")
def rename_branch(call: Call) -> Any:
    """Rename a branch; pull requests and the default branch follow."""
    repositories.rename_branch(call.world, call.actor, call.repo, call.params["branch"], call.body["new_name"])
    return _branch(call, call.body["new_name"])


@operation("repos/get-branch-protection", "administration:read", "admin")
def branch_protection(call: Call) -> Any:
    """Classic protection is not modelled: no branch has any."""
    if call.world.branch(call.repo, call.params["branch"]) is None:
        raise not_found()
    return Answer(404, {"message": "Branch not protected", "status": "404"})


@operation("repos/get-status-checks-protection", "administration:read", "admin")
def status_checks_protection(call: Call) -> Any:
    """As above."""
    return branch_protection(call)


@operation("repos/list-activities", "contents:read")
def activity(call: Call) -> Any:
    """Who moved which reference, the newest first. Cursor paging is not modelled beyond the first page."""
    found = call.world.store.where(Push, repo_id=call.repo.id)[::-1]
    for name in ("ref", "activity_type"):
        if name in call.query:
            wanted = call.query[name]
            attribute = "ref" if name == "ref" else "kind"
            found = [push for push in found if getattr(push, attribute) in {wanted, HEADS + wanted}]
    if "actor" in call.query:
        found = [push for push in found if _login(call, push.actor_id) == call.query["actor"]]
    size = min(int(call.query.get("per_page", 30)), 100)
    if "before" in call.query or "after" in call.query:
        raise NotModelled("paging of repository activity")
    return [
        {
            "id": push.id,
            "node_id": accounts.node_id("PSH", push.id),
            "before": push.before,
            "after": push.after,
            "ref": push.ref,
            "timestamp": push.at,
            "activity_type": push.kind,
            "actor": accounts.user(call.world, call.world.account_by_id(push.actor_id)),
        }
        for push in found[:size]
    ]


def _login(call: Call, account_id: int) -> str:
    account = call.world.account_by_id(account_id)
    return account.login if account else ""


def _collaborator(call: Call, account: Account) -> Any:
    role = permissions.role(call.world, account, call.repo)
    names = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    rights = {name: permissions.at_least(role, wanted) for name, wanted in names.items()}
    return accounts.user(call.world, account) | {"permissions": rights, "role_name": role}


def _named(call: Call) -> Account:
    return call.world.account(call.params["username"])


@operation("repos/list-collaborators", "metadata:read", "write")
def list_collaborators(call: Call) -> Any:
    """Everybody with a role, from wherever it comes."""
    owner = call.world.owner(call.repo)
    ids = {**dict.fromkeys(call.repo.collaborators), **dict.fromkeys(owner.members)}
    people = [call.world.existing(Account, found) for found in ids]
    return call.paged(people, lambda account: _collaborator(call, account))


@operation("repos/check-collaborator")
def check_collaborator(call: Call) -> Any:
    """204 for a collaborator."""
    account = _named(call)
    if account.id not in call.repo.collaborators and account.id not in call.world.owner(call.repo).members:
        raise not_found()


@operation("repos/get-collaborator-permission-level")
def permission_level(call: Call) -> Any:
    """The role somebody has: `permission` knows four words, `role_name` all of them."""
    account = _named(call)
    role = permissions.role(call.world, account, call.repo)
    legacy = {"triage": "read", "maintain": "write"}.get(role, role)
    return {"permission": legacy, "role_name": role, "user": _collaborator(call, account)}


@operation("repos/add-collaborator", "administration:write", "admin")
def add_collaborator(call: Call) -> Any:
    """Give somebody a role at once; invitations are not modelled."""
    words = {"pull": "read", "push": "write"}
    role = call.body.get("permission", "push")
    call.repo.collaborators = call.repo.collaborators | {_named(call).id: words.get(role, role)}
    call.world.tell("member", "added", repo=call.repo, actor=call.actor, member=_named(call))
    return Answer(204)


@operation("repos/remove-collaborator", "administration:write", "admin")
def remove_collaborator(call: Call) -> Any:
    """Take it away."""
    gone = _named(call).id
    call.repo.collaborators = {found: role for found, role in call.repo.collaborators.items() if found != gone}
    call.world.tell("member", "removed", repo=call.repo, actor=call.actor, member=_named(call))


@operation("repos/list-commits", "contents:read")
def list_commits(call: Call) -> Any:
    """The history of a branch or commit, the newest first."""
    sha = call.world.resolve(call.repo, call.query.get("sha", "HEAD"))
    if sha is None:
        raise not_found()
    unsupported = set(call.query) - {"sha", "per_page", "page"}
    if unsupported:
        raise NotModelled(f"commits by {', '.join(unsupported)}")
    history = git.range_commits(call.world.objects, None, sha)[::-1]
    return call.paged(history, lambda oid: commits.commit(call.world, call.repo, oid))


@operation("repos/get-commit", "contents:read")
def get_commit(call: Call) -> Any:
    """One commit with its files."""
    sha = call.world.resolve(call.repo, call.params["ref"])
    if sha is None:
        raise invalid(f"No commit found for SHA: {call.params['ref']}")
    return commits.full_commit(call.world, call.repo, sha, call.page() if "per_page" in call.query else slice(0, 300))


@operation("repos/list-pull-requests-associated-with-commit", "pull_requests:read")
def pulls_of_commit(call: Call) -> Any:
    """The pull requests that brought a commit, or would."""
    sha = commit_named(call, "commit_sha")
    found = [
        pull
        for pull in call.world.store.where(Issue, repo_id=call.repo.id, is_pull=True)
        if sha == pull.merge_commit_sha or sha in diffs.commits(call.world, pull)
    ]
    return call.paged(found, lambda pull: pulls.simple(call.world, pull))


@operation("repos/compare-commits-with-basehead", "contents:read")
def compare(call: Call) -> Any:
    """What head has that base has not; files against their merge base."""
    base_name, dots, head_name = call.params["basehead"].partition("...")
    base, head = _side(call, base_name), _side(call, head_name)
    if not dots or base is None or head is None:
        raise not_found()
    objects = call.world.objects
    common = git.merge_base(objects, base, head)
    if common is None:
        raise not_found()
    ahead, behind = git.range_commits(objects, base, head), git.range_commits(objects, head, base)
    files = diffs.between(call.world, common, head)[:MOST_COMPARED]
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    url = f"{views.repo_url(call.world, call.repo)}/compare/{call.params['basehead']}"
    page = f"{views.html_url(call.world, call.repo)}/compare/{call.params['basehead']}"
    shown = call.page() if {"page", "per_page"} & set(call.query) else slice(0, 250)
    first = shown.start == 0
    return {
        "url": url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commits.commit(call.world, call.repo, base),
        "merge_base_commit": commits.commit(call.world, call.repo, common),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commits.commit(call.world, call.repo, oid) for oid in ahead[shown]],
    } | ({"files": [commits.diff_entry(call.world, call.repo, head, file) for file in files]} if first else {})


def _side(call: Call, name: str) -> str | None:
    """A branch or commit; owner:branch names that of a fork."""
    owner, colon, ref = name.rpartition(":")
    if not colon or owner == call.params["owner"]:
        return call.world.resolve(call.repo, ref)
    for repo in call.world.store.where(Repository, fork_of=call.repo.id):
        if call.world.owner(repo).login == owner:
            return call.world.resolve(repo, ref)
    return None


@operation("git/delete-ref", "contents:write", "write")
def delete_ref(call: Call) -> Any:
    """Delete a branch or tag."""
    ref = "refs/" + call.params["ref"].removeprefix("refs/")
    if ref not in call.repo.refs:
        raise invalid("Reference does not exist")
    pushes.move(call.world, call.actor, call.repo, ref, ZERO)
