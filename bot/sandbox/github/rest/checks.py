"""Check runs, check suites and commit statuses."""

from typing import Any

from bot.sandbox.github import checks
from bot.sandbox.github.errors import not_found
from bot.sandbox.github.records import CheckRun, CheckSuite, Status
from bot.sandbox.github.rest.call import Call, operation
from bot.sandbox.github.views import checks as views
from bot.sandbox.github.views.repositories import minimal, repo_url


def _run(call: Call) -> CheckRun:
    found = call.world.existing(CheckRun, call.number("check_run_id"))
    if found.repo_id != call.repo.id:
        raise not_found()
    return found


def _suite(call: Call) -> CheckSuite:
    found = call.world.existing(CheckSuite, call.number("check_suite_id"))
    if found.repo_id != call.repo.id:
        raise not_found()
    return found


def commit_named(call: Call, name: str = "ref") -> str:
    """The commit that a path parameter names."""
    sha = call.world.resolve(call.repo, call.params[name])
    if sha is None:
        raise not_found()
    return sha


@operation("checks/create", "checks:write", "write")
def create(call: Call) -> Any:
    """A new check run. Only an App can make one."""
    return views.run(call.world, checks.create_run(call.world, call.actor, call.repo, call.body))


@operation("checks/get", "checks:read")
def get(call: Call) -> Any:
    """One check run."""
    return views.run(call.world, _run(call))


@operation("checks/update", "checks:write", "write")
def update(call: Call) -> Any:
    """Change one's own check run."""
    return views.run(call.world, checks.update_run(call.world, call.actor, call.repo, _run(call), call.body))


@operation("checks/rerequest-run", "checks:write", "write")
def rerequest_run(call: Call) -> Any:
    """Re-run."""
    checks.rerequest_run(call.world, call.actor, call.repo, _run(call))
    return {}


@operation("checks/rerequest-suite", "checks:write", "write")
def rerequest_suite(call: Call) -> Any:
    """Re-run all."""
    checks.rerequest_suite(call.world, call.actor, call.repo, _suite(call))
    return {}


def _listed(call: Call, runs: list[CheckRun]) -> Any:
    if call.query.get("filter", "latest") == "latest":
        runs = list({(run.app_id, run.name): run for run in runs}.values())
    for key, value in (("check_name", "name"), ("status", "status")):
        if key in call.query:
            runs = [run for run in runs if getattr(run, value) == call.query[key]]
    if "app_id" in call.query:
        runs = [run for run in runs if run.app_id == int(call.query["app_id"])]
    runs = sorted(runs, key=lambda run: -run.id)
    return {"total_count": len(runs), "check_runs": call.paged(runs, lambda run: views.run(call.world, run))}


@operation("checks/list-for-ref", "checks:read")
def list_for_ref(call: Call) -> Any:
    """The check runs of a commit."""
    return _listed(call, call.world.runs(call.repo, commit_named(call)))


@operation("checks/list-for-suite", "checks:read")
def list_for_suite(call: Call) -> Any:
    """The check runs of a suite."""
    return _listed(call, call.world.store.where(CheckRun, suite_id=_suite(call).id))


@operation("checks/list-suites-for-ref", "checks:read")
def list_suites(call: Call) -> Any:
    """The suites of a commit."""
    sha = commit_named(call)
    found = [suite for suite in call.world.store.where(CheckSuite, head_sha=sha) if suite.repo_id == call.repo.id]
    if "app_id" in call.query:
        found = [suite for suite in found if suite.app_id == int(call.query["app_id"])]
    return {"total_count": len(found), "check_suites": call.paged(found, lambda suite: views.suite(call.world, suite))}


@operation("checks/get-suite", "checks:read")
def get_suite(call: Call) -> Any:
    """One suite."""
    return views.suite(call.world, _suite(call))


@operation("repos/create-commit-status", "statuses:write", "write")
def create_status(call: Call) -> Any:
    """A commit status, by anybody who may push."""
    status = checks.create_status(call.world, call.actor, call.repo, call.params["sha"], call.body)
    return views.status(call.world, call.repo, status)


@operation("repos/list-commit-statuses-for-ref", "statuses:read")
def list_statuses(call: Call) -> Any:
    """Every status ever set on a commit, the newest first."""
    found = [row for row in call.world.store.where(Status, sha=commit_named(call)) if row.repo_id == call.repo.id]
    return call.paged(found[::-1], lambda status: views.status(call.world, call.repo, status))


@operation("repos/get-combined-status-for-ref", "statuses:read")
def combined(call: Call) -> Any:
    """The last status of each context, and what they amount to."""
    sha = commit_named(call)
    found = checks.latest_statuses(call.world, call.repo, sha)
    states = {status.state for status in found}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    url = f"{repo_url(call.world, call.repo)}/commits/{sha}"
    return {
        "state": state,
        "sha": sha,
        "total_count": len(found),
        "statuses": call.paged(found, lambda status: views.simple_status(call.world, call.repo, status)),
        "repository": minimal(call.world, call.repo),
        "commit_url": url,
        "url": f"{url}/status",
    }
