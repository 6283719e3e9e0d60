"""Check suites, check runs and commit statuses: who may write which, and that a finished run stays finished.

A check run belongs to the App that made it, and nobody else can write it. A commit status belongs to nobody: whoever
can push may write one under any name.
"""

from typing import Any

from bot.sandbox.clock import iso, seconds
from bot.sandbox.github.errors import forbidden, invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import App, CheckRun, CheckSuite, Installation, Repository, Status
from bot.sandbox.github.world import World

PASSING = {"success", "neutral", "skipped"}
CONCLUSIONS = ("success", "neutral", "skipped", "cancelled", "stale", "action_required", "timed_out", "failure")


def suite_for(  # noqa: PLR0913, PLR0917 - each is a part of what is done
    world: World, repo: Repository, app: App, sha: str, branch: str | None = None, before: str | None = None
) -> CheckSuite:
    """The suite of an App on a commit; it is made at the first need, with the time of that."""
    for suite in world.store.where(CheckSuite, head_sha=sha):
        if suite.app_id == app.id and suite.repo_id == repo.id:
            return suite
    now = world.clock.now()
    suite = CheckSuite(
        repo_id=repo.id, app_id=app.id, head_sha=sha, head_branch=branch, before=before, after=sha,
        created_at=now, updated_at=now,
    )  # fmt: skip
    return world.store.add(suite)


def commit_arrived(world: World, repo: Repository, sha: str, branch: str, before: str, actor: Actor) -> None:  # noqa: PLR0913, PLR0917 - each is a part of what is done
    """Make the suites that GitHub makes on a push: one for each App that may write checks."""
    if not world.setting("auto_check_suites"):
        return
    for installation in world.store.where(Installation, account_id=repo.owner_id):
        writes = installation.permissions.get("checks") == "write" and not installation.suspended_at
        app = world.existing(App, installation.app_id)
        if writes and world.covers(installation, repo):
            known = any(
                suite.app_id == app.id and suite.repo_id == repo.id
                for suite in world.store.where(CheckSuite, head_sha=sha)
            )
            suite = suite_for(world, repo, app, sha, branch, before)
            if not known:
                world.tell("check_suite", "requested", repo=repo, actor=actor, app=app, suite=suite)


def suite_state(world: World, suite: CheckSuite) -> tuple[str, str | None]:
    """Status and conclusion of a suite, from the latest run of each name."""
    latest = {run.name: run for run in world.store.where(CheckRun, suite_id=suite.id)}
    if not latest:
        return "queued", None
    if any(run.status != "completed" for run in latest.values()):
        return "in_progress", None
    return "completed", max((run.conclusion or "success" for run in latest.values()), key=CONCLUSIONS.index)


def create_run(world: World, actor: Actor, repo: Repository, body: dict[str, Any]) -> CheckRun:
    """A new check run of the App that asks."""
    sha = body["head_sha"]
    if not world.objects.has_commit(sha):
        raise invalid(f"No commit found for SHA: {sha}")
    if actor.app is None:
        raise forbidden("You must authenticate via a GitHub App.")
    run = CheckRun(
        repo_id=repo.id,
        suite_id=suite_for(world, repo, actor.app, sha).id,
        app_id=actor.app.id,
        head_sha=sha,
        name=body["name"],
        started_at=world.clock.now(),
    )
    _write(world, run, body)
    world.store.add(run)
    _told(world, actor, repo, run, "created")
    return run


def update_run(world: World, actor: Actor, repo: Repository, run: CheckRun, body: dict[str, Any]) -> CheckRun:
    """Change a check run of one's own. A completed one cannot be opened again."""
    if actor.app is None or actor.app.id != run.app_id:
        raise forbidden("Invalid app_id - check run can only be modified by the GitHub App that created it.")
    if run.status == "completed" and body.get("status", "completed") != "completed":
        raise invalid("Invalid status: a completed check run cannot go back to " + body["status"], "CheckRun", "status")
    was_completed = run.status == "completed"
    if "name" in body:
        run.name = body["name"]
    _write(world, run, body)
    _told(world, actor, repo, run, "completed" if run.status == "completed" and not was_completed else "")
    return run


def _write(world: World, run: CheckRun, body: dict[str, Any]) -> None:
    now = world.clock.now()
    conclusion = body.get("conclusion")
    status = "completed" if conclusion else body.get("status", run.status)
    if status == "completed" and not (conclusion or run.conclusion):
        raise invalid("Missing conclusion: a completed check run needs one", "CheckRun", "conclusion", "missing_field")
    if conclusion == "stale":
        raise invalid("stale is GitHub's to set", "CheckRun", "conclusion", "invalid")
    if len(body.get("actions", ())) > 3:  # noqa: PLR2004 - GitHub's limit
        raise invalid("Only 3 actions can be given", "CheckRun", "actions", "invalid")
    run.status = status
    if status == "completed":
        run.conclusion = conclusion or run.conclusion
        run.completed_at = _utc(body.get("completed_at")) or run.completed_at or now
    run.started_at = _utc(body.get("started_at")) or run.started_at
    run.external_id = body.get("external_id", run.external_id)
    run.details_url = body.get("details_url", run.details_url)
    run.actions = tuple(body.get("actions", run.actions))
    _write_output(run, body.get("output") or {})


def _write_output(run: CheckRun, output: dict[str, Any]) -> None:
    for name in ("summary", "text"):
        if len(output.get(name) or "") > 65_535:  # noqa: PLR2004 - GitHub's limit
            raise invalid(f"{name} is too long (maximum is 65535 characters)", "CheckRun", name, "too_long")
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    run.annotations += tuple(output.get("annotations", ()))


def _utc(text: str | None) -> str | None:
    return iso(seconds(text)) if text else None


def _told(world: World, actor: Actor, repo: Repository, run: CheckRun, action: str) -> None:
    suite = world.existing(CheckSuite, run.suite_id)
    suite.updated_at = world.clock.now()
    app = world.existing(App, run.app_id)
    if action:
        world.tell("check_run", action, repo=repo, actor=actor, app=app, run=run)
    if suite_state(world, suite)[0] == "completed":
        world.tell("check_suite", "completed", repo=repo, actor=actor, app=app, suite=suite)


def rerequest_run(world: World, actor: Actor, repo: Repository, run: CheckRun) -> None:
    """Somebody pressed Re-run: only the App that owns the run hears of it."""
    app = world.existing(App, run.app_id)
    world.tell("check_run", "rerequested", repo=repo, actor=actor, app=app, run=run, only_owner=True)


def rerequest_suite(world: World, actor: Actor, repo: Repository, suite: CheckSuite) -> None:
    """Somebody pressed Re-run all checks."""
    app = world.existing(App, suite.app_id)
    world.tell("check_suite", "rerequested", repo=repo, actor=actor, app=app, suite=suite, only_owner=True)


def press_action(world: World, actor: Actor, repo: Repository, run: CheckRun, identifier: str) -> None:
    """Somebody pressed a button of the check. GitHub shows them on completed runs only."""
    if run.status != "completed" or identifier not in {action["identifier"] for action in run.actions}:
        raise invalid(f"The check run shows no button {identifier!r}")
    app = world.existing(App, run.app_id)
    more = {"requested_action": {"identifier": identifier}}
    world.tell("check_run", "requested_action", repo=repo, actor=actor, app=app, run=run, only_owner=True, more=more)


def create_status(world: World, actor: Actor, repo: Repository, sha: str, body: dict[str, Any]) -> Status:
    """A commit status. Whoever may push may write it, under any name."""
    if not world.objects.has_commit(sha):
        raise invalid(f"No commit found for SHA: {sha}")
    status = world.store.add(
        Status(
            repo_id=repo.id,
            sha=sha,
            context=body.get("context", "default"),
            state=body["state"],
            description=body.get("description"),
            target_url=body.get("target_url"),
            creator_id=actor.person.id,
            created_at=world.clock.tick(),
        )
    )
    world.tell("status", None, repo=repo, actor=actor, status=status)
    return status


def latest_statuses(world: World, repo: Repository, sha: str) -> list[Status]:
    """The last status of each context on a commit."""
    found = {status.context: status for status in world.store.where(Status, sha=sha) if status.repo_id == repo.id}
    return list(found.values())


def latest_runs(world: World, repo: Repository, sha: str) -> list[CheckRun]:
    """The last run of each name and App on a commit."""
    return list({(run.app_id, run.name): run for run in world.runs(repo, sha)}.values())


def passes(world: World, repo: Repository, sha: str, context: str, integration_id: int | None) -> bool:
    """Whether a required check is met on a commit. Pinned to an App, only that App's runs and statuses count."""
    runs = [
        run for run in latest_runs(world, repo, sha) if run.name == context and integration_id in {None, run.app_id}
    ]
    statuses = [status for status in latest_statuses(world, repo, sha) if status.context == context]
    if integration_id is not None:
        app = world.store.get(App, integration_id)
        statuses = [status for status in statuses if app and status.creator_id == app.bot_id]
    states = [run.conclusion in PASSING for run in runs] + [status.state == "success" for status in statuses]
    return bool(states) and all(states)


def rollup(world: World, repo: Repository, sha: str) -> str | None:
    """The combined state of everything on a commit, as GraphQL names it."""
    runs, statuses = latest_runs(world, repo, sha), latest_statuses(world, repo, sha)
    if not runs and not statuses:
        return None
    if any(run.conclusion not in PASSING for run in runs if run.status == "completed") or any(
        status.state in {"failure", "error"} for status in statuses
    ):
        return "FAILURE"
    if any(run.status != "completed" for run in runs) or any(status.state == "pending" for status in statuses):
        return "PENDING"
    return "SUCCESS"
