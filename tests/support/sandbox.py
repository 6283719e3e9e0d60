"""Drives a simulated GitHub from a test: starts its process, plays people over HTTP, reads what happened.

Everything goes over HTTP; nothing of the sandbox is imported. People act through GitHub's ordinary REST API with
their own tokens; what no API can do goes to the control plane. A refusal raises `Refused`, which carries the status
and the answer.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from tests.support.simulation import Refused, Simulation, given

Json = Any
CHECK = "senior-signoff"
READY_WITHIN = 30.0


class Sandbox(Simulation):
    """One process. Use it as a context manager, or call `start` and `stop`.

    `seed` is "empty" or "demo". With a `database` the state is kept, and `restart` goes on with it. The environment
    of the process has no SIGNOFF_ settings unless `environment` brings some.
    """

    def __init__(
        self,
        seed: str = "empty",
        *,
        database: Path | None = None,
        webhook_url: str | None = None,
        webhook_secret: str = "sandbox-webhook-secret",
        listen: str = "127.0.0.1:0",
        app_key_out: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.arguments = ["--seed", seed, "--listen", listen, "--webhook-secret", webhook_secret]
        self.arguments += ["--database", str(database)] if database else []
        self.arguments += ["--webhook-url", webhook_url] if webhook_url else []
        self.arguments += ["--app-key-out", str(app_key_out)] if app_key_out else []
        self.environment = environment or {}
        self.process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}
        self.session = requests.Session()
        self.session.trust_env = False
        self.keys: dict[str, str] = {}

    # Process -------------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start, and wait until it is ready."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.sandbox", *self.arguments],
            stdout=subprocess.PIPE,
            env=own | self.environment,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.stdout.close()
            code, self.process = self.process.wait(READY_WITHIN), None
            raise Refused(code, {"message": "it did not start"}, "start")
        self.ready = json.loads(line)
        return self

    def stop(self) -> int:
        """Ask it to end, and answer its exit code."""
        self.session.close()
        if self.process is None:
            return 0
        self.process.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None
        return code

    def restart(self) -> Self:
        """Stop and start again with the same arguments; with a database, and a fixed port if addresses must stay."""
        self.stop()
        self.session = requests.Session()
        self.session.trust_env = False
        return self.start()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its pages are."""
        return str(self.ready["url"])

    @property
    def api_url(self) -> str:
        """Where REST is."""
        return str(self.ready["api_url"])

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is."""
        return str(self.ready["graphql_url"])

    def app_settings(self, app: Json | None = None, key_file: Path | None = None) -> dict[str, str]:
        """The SIGNOFF_GITHUB_… settings with which the product speaks to this sandbox.

        `app` is what `app()` answered, and `key_file` where to write its key; without them the App of the demo seed.
        """
        if app is not None and key_file is not None:
            key_file.write_text(app["private_key"])
        return {
            "SIGNOFF_GITHUB_APP_ID": str(app["id"] if app else self.ready["app_id"]),
            "SIGNOFF_GITHUB_PRIVATE_KEY_FILE": str(key_file or self.ready["private_key_file"]),
            "SIGNOFF_GITHUB_WEBHOOK_SECRET": str(self.ready["webhook_secret"]),
            "SIGNOFF_GITHUB_API_URL": self.api_url,
            "SIGNOFF_GITHUB_GRAPHQL_URL": self.graphql_url,
            "SIGNOFF_GITHUB_WEB_URL": self.url,
        }

    # Talking -------------------------------------------------------------------------------------------------------

    def control(self, command: str, **body: Json) -> Json:
        """Run a command of the control plane."""
        answer = self.session.post(f"{self.url}/sandbox/control/{command}", json=body, timeout=60)
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.json(), command)
        return answer.json()

    def call(
        self, method: str, path: str, by: str, body: Json = None, *, token: str | None = None
    ) -> requests.Response:
        """A REST request as somebody: a login, or app:<slug>. Answers the bare response, whatever its status."""
        text = token or (f"sandbox-app-{by.removeprefix('app:')}" if by.startswith("app:") else f"sandbox-user-{by}")
        headers = {"Authorization": f"Bearer {text}", "Accept": "application/vnd.github+json"}
        return self.session.request(method, self.api_url + path, json=body, headers=headers, timeout=150)

    def api(self, method: str, path: str, by: str, body: Json = None) -> Json:
        """The same, but anything but success raises Refused. Answers the JSON, or None where there is none."""
        answer = self.call(method, path, by, body)
        found = answer.json() if answer.content else None
        if not answer.ok:
            raise Refused(answer.status_code, found, f"{method} {path} by {by}")
        return found

    def graphql(self, query: str, by: str, **variables: Json) -> Json:
        """A GraphQL query as somebody. Answers the whole answer, with data and errors."""
        text = f"sandbox-app-{by.removeprefix('app:')}" if by.startswith("app:") else f"sandbox-user-{by}"
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Bearer {text}"}
        return self.session.post(self.graphql_url, json=body, headers=headers, timeout=150).json()

    # Making a world ------------------------------------------------------------------------------------------------

    def reset(self, seed: str = "empty") -> None:
        """Forget everything, faults and log too. Quicker than another process."""
        self.control("reset_world", seed=seed)

    def user(self, login: str, **details: Json) -> Json:
        """A person; details: id, name, email (null: none), emails, kind ("Bot" for a bot account)."""
        return self.control("user", login=login, **details)

    def users(self, *logins: str) -> None:
        """Several people at once."""
        for login in logins:
            self.user(login)

    def rename_user(self, login: str, to: str) -> Json:
        """Another login for the same account."""
        return self.control("rename_user", login=login, to=to)

    def org(self, login: str, members: dict[str, str] | None = None, **details: Json) -> Json:
        """An organisation; members map logins to admin or member. details: id, base_permission (read)."""
        return self.control("org", login=login, members=members or {}, **details)

    def member(self, org: str, login: str, role: str | None = "member") -> Json:
        """Into an organisation, or with role None out of it."""
        return self.control("member", org=org, login=login, role=role)

    def team(self, org: str, slug: str, members: Iterable[str] = (), **details: Json) -> Json:
        """A team, or other members for one that is there; details: id, repositories {name: role}."""
        return self.control("team", org=org, slug=slug, members=list(members), **details)

    def repo(self, repo: str, files: dict[str, str] | None = None, **details: Json) -> Json:
        """A repository with a first commit; details: id, private, default_branch, collaborators {…}, labels."""
        return self.control("repo", repo=repo, files=files or {}, **details)

    def repo_action(self, repo: str, action: str, by: str | None = None, to: str | None = None) -> Json:
        """rename, transfer, archive, unarchive, delete, fork, default_branch, rename_default_branch."""
        return self.control("repo_action", repo=repo, action=action, **given(by=by, to=to))

    def fork(self, repo: str, by: str) -> Json:
        """A fork that belongs to somebody; answers its full_name."""
        return self.control("repo_action", repo=repo, action="fork", by=by)

    def app(
        self, slug: str = CHECK, *, owner: str = "acme", install: Iterable[str] = ("acme",), **details: Json
    ) -> Json:
        """An App with a key of its own; details: id, name, permissions, events, webhook_url, webhook_secret, bot_id,
        key.

        Answers id, slug, bot_id, private_key, installations {account: id}, token. Without permissions and events it
        gets those of the product's App.
        """
        defaults = {"permissions": dict(PERMISSIONS), "events": list(EVENTS)}
        made = self.control("app", slug=slug, owner=owner, install=list(install), **(defaults | details))
        self.keys[slug] = made["private_key"]
        return made

    def configure_app(self, slug: str = CHECK, **details: Json) -> Json:
        """details: webhook_url, webhook_secret, permissions, events, new_key (answers the key)."""
        return self.control("configure_app", slug=slug, **details)

    def ping(self, slug: str = CHECK) -> Json:
        """Send the App a ping."""
        return self.control("ping", slug=slug)

    def install(self, app: str, account: str, repositories: list[str] | None = None, **details: Json) -> Json:
        """Install an App; details: permissions, by."""
        return self.control("install", app=app, account=account, repositories=repositories, **details)

    def installation(self, action: str, app: str = CHECK, account: str = "acme", **details: Json) -> Json:
        """suspend, unsuspend, remove, choose (repositories=[…] or None), permit (permissions={…})."""
        return self.control("installation", app=app, account=account, action=action, **details)

    def ruleset(self, repo: str, by: str, rules: list[Json], **details: Json) -> Json:
        """A ruleset on the default branch; details: name, enforcement, conditions, bypass_actors."""
        body = {
            "name": "rules",
            "target": "branch",
            "enforcement": "active",
            "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            "rules": rules,
        }
        return self.api("POST", f"/repos/{repo}/rulesets", by, body | details)

    def require_check(self, repo: str, by: str, integration_id: int | None = None, context: str = CHECK) -> Json:
        """A ruleset that requires one check, pinned to an App unless `integration_id` is None."""
        return self.ruleset(repo, by, [required_check(context, integration_id)])

    def collaborator(self, repo: str, login: str, role: str, by: str) -> None:
        """Give somebody a role: pull, triage, push, maintain, admin."""
        self.api("PUT", f"/repos/{repo}/collaborators/{login}", by, {"permission": role})

    # Pushing -------------------------------------------------------------------------------------------------------

    def push(
        self,
        repo: str,
        branch: str,
        files: dict[str, str | None] | None = None,
        message: str = "Change",
        by: str | None = None,
        **details: Json,
    ) -> str:
        """A commit, pushed; answers its id. `files` maps paths to text, or to None to delete.

        details: changes [{path, content | base64 | delete | rename_from | symlink | submodule, mode}], author and
        committer {name, email, date}, base (where a new branch starts; "none": nowhere), amend, parents, merge (a ref),
        commits [several of these], force, rules (False passes rulesets by), web (GitHub commits and signs), ref,
        message_base64.
        """
        changes = list(details.pop("changes", []))
        for path, text in (files or {}).items():
            changes.append({"path": path, "delete": True} if text is None else {"path": path, "content": text})
        if "commits" not in details:
            details |= {"changes": changes, "message": message}
        if details.get("amend") and message == "Change":
            details.pop("message", None)
        if details.get("merge") and message == "Change":
            details.pop("message", None)
        return str(self.control("push", repo=repo, branch=branch, **given(by=by), **details)["sha"])

    def amend(self, repo: str, branch: str, message: str, by: str | None = None, **details: Json) -> str:
        """Replace the tip by one with another message (and perhaps other files), and force-push it."""
        return self.push(repo, branch, details.pop("files", None), message, by, amend=True, **details)

    def force_push(self, repo: str, branch: str, to: str, by: str | None = None) -> str:
        """Force a branch to a commit that is there already."""
        return str(self.control("reset", repo=repo, branch=branch, sha=to, **given(by=by))["sha"])

    def delete_branch(self, repo: str, branch: str, by: str | None = None) -> None:
        """Delete a branch."""
        self.control("delete_branch", repo=repo, branch=branch, **given(by=by))

    def rebase(self, repo: str, number: int, by: str, *, web: bool = False) -> str:
        """Rebase a change onto its base and force-push it; answers the new head."""
        return str(self.control("rebase", repo=repo, number=number, by=by, web=web)["sha"])

    def update_branch(self, repo: str, number: int, by: str) -> str:
        """The button "Update branch"; answers the new head."""
        return str(self.control("update_branch", repo=repo, number=number, by=by)["sha"])

    def apply_suggestion(self, repo: str, number: int, by: str, of: str, files: dict[str, str]) -> str:
        """`by` presses the button that commits what `of` suggested; answers the new head."""
        changes = [{"path": path, "content": text} for path, text in files.items()]
        body = {"repo": repo, "number": number, "by": by, "of": of, "changes": changes}
        return str(self.control("apply_suggestion", **body)["sha"])

    # Changes -------------------------------------------------------------------------------------------------------

    def open_change(
        self, repo: str, by: str, head: str, title: str = "Change", base: str = "main", body: str = "", **details: Json
    ) -> Json:
        """A pull request from a branch (owner:branch for a fork); details: draft, maintainer_can_modify."""
        fields = {"head": head, "base": base, "title": title, "body": body} | details
        return self.api("POST", f"/repos/{repo}/pulls", by, fields)

    def change(
        self,
        repo: str,
        by: str,
        branch: str = "topic",
        files: dict[str, str | None] | None = None,
        message: str = "Change",
        **details: Json,
    ) -> Json:
        """A commit on a new branch and a pull request for it; details: title, body, base, and those of `push`."""
        opened = {key: details.pop(key) for key in ("title", "body", "draft") if key in details}
        base = details.get("base", "main")
        self.push(repo, branch, files or {"file.txt": f"{branch}\n"}, message, by, **details)
        return self.open_change(repo, by, branch, base=base, **({"title": message.split("\n", maxsplit=1)[0]} | opened))

    def pull(self, repo: str, number: int, by: str | None = None) -> Json:
        """A pull request as REST shows it."""
        return self.api("GET", f"/repos/{repo}/pulls/{number}", by or self._anybody(repo))

    def head(self, repo: str, number: int) -> str:
        """Its head."""
        return str(self.pull(repo, number)["head"]["sha"])

    def edit(self, repo: str, number: int, by: str, **fields: Json) -> Json:
        """Change title, body, base (retarget) or state."""
        return self.api("PATCH", f"/repos/{repo}/pulls/{number}", by, fields)

    def close(self, repo: str, number: int, by: str) -> Json:
        """Close it."""
        return self.edit(repo, number, by, state="closed")

    def reopen(self, repo: str, number: int, by: str) -> Json:
        """Open it again."""
        return self.edit(repo, number, by, state="open")

    def draft(self, repo: str, number: int, by: str, *, draft: bool = True) -> None:
        """Make it a draft, or ready."""
        self.control("draft", repo=repo, number=number, by=by, draft=draft)

    def review(self, repo: str, number: int, by: str, event: str = "APPROVE", body: str = "", **details: Json) -> Json:
        """APPROVE, REQUEST_CHANGES or COMMENT; details: commit_id. A text is made up where GitHub wants one."""
        text = body or ("" if event == "APPROVE" else "See above.")
        return self.api("POST", f"/repos/{repo}/pulls/{number}/reviews", by, {"event": event, "body": text} | details)

    def approve(self, repo: str, number: int, by: str) -> Json:
        """Approve the head."""
        return self.review(repo, number, by)

    def dismiss(self, repo: str, number: int, review: int, by: str, message: str = "No longer right.") -> Json:
        """Dismiss somebody's review."""
        path = f"/repos/{repo}/pulls/{number}/reviews/{review}/dismissals"
        return self.api("PUT", path, by, {"message": message})

    def comment(self, repo: str, number: int, by: str, body: str) -> Json:
        """Say something."""
        return self.api("POST", f"/repos/{repo}/issues/{number}/comments", by, {"body": body})

    def edit_comment(self, repo: str, comment: int, by: str, body: str) -> Json:
        """Say something else."""
        return self.api("PATCH", f"/repos/{repo}/issues/comments/{comment}", by, {"body": body})

    def comments(self, repo: str, number: int) -> list[Json]:
        """What was said, the first hundred."""
        found: list[Json] = self.api("GET", f"/repos/{repo}/issues/{number}/comments?per_page=100", self._anybody(repo))
        return found

    def label(self, repo: str, number: int, by: str, *names: str) -> None:
        """Put labels on."""
        self.api("POST", f"/repos/{repo}/issues/{number}/labels", by, {"labels": list(names)})

    def unlabel(self, repo: str, number: int, by: str, name: str) -> None:
        """Take a label off."""
        self.api("DELETE", f"/repos/{repo}/issues/{number}/labels/{name}", by)

    def merge(self, repo: str, number: int, by: str, method: str = "merge", sha: str | None = None) -> Json:
        """Try to merge. Answers {"status", "merged", "message", "sha"}; a refusal is an answer here, not an error."""
        body = {"merge_method": method} | given(sha=sha)
        answer = self.call("PUT", f"/repos/{repo}/pulls/{number}/merge", by, body)
        found = answer.json()
        return {"status": answer.status_code, "merged": False, "sha": None} | found | {"status": answer.status_code}

    def enqueue(self, repo: str, number: int, by: str) -> Json:
        """Into the merge queue; answers head_sha, base_sha, head_ref of its group."""
        return self.control("enqueue", repo=repo, number=number, by=by)

    def dequeue(self, repo: str, number: int, by: str) -> None:
        """Out of it."""
        self.control("dequeue", repo=repo, number=number, by=by)

    def advance_queue(self, repo: str, branch: str = "main", by: str | None = None) -> list[str]:
        """Let the queue merge what passes and throw out what failed; answers what happened."""
        found: list[str] = self.control("advance_queue", repo=repo, branch=branch, **given(by=by))["happened"]
        return found

    def status(self, repo: str, sha: str, by: str, context: str, state: str = "success") -> Json:
        """A commit status of any name, as any writer can set it."""
        return self.api("POST", f"/repos/{repo}/statuses/{sha}", by, {"context": context, "state": state})

    def check(self, repo: str, sha: str, by: str, name: str = CHECK, **fields: Json) -> Json:
        """A check run of an App (by "app:<slug>"); fields: status, conclusion, output, actions."""
        return self.api("POST", f"/repos/{repo}/check-runs", by, {"name": name, "head_sha": sha} | fields)

    def check_runs(self, repo: str, sha: str, name: str | None = CHECK, *, every: bool = False) -> list[Json]:
        """The check runs of a commit, newest first: the last of each App, or with `every` all of them."""
        query = ("&check_name=" + name if name else "") + ("&filter=all" if every else "")
        path = f"/repos/{repo}/commits/{sha}/check-runs?per_page=100{query}"
        found: list[Json] = self.api("GET", path, self._anybody(repo))["check_runs"]
        return found

    def press(self, repo: str, check_run: int, by: str, identifier: str = "rerequest") -> None:
        """Press a button of a check, or its Re-run."""
        self.control("press", repo=repo, check_run=check_run, by=by, identifier=identifier)

    def agent_work(self, repo: str, number: int, by: str) -> None:
        """Somebody set the coding agent to work (seen in the REST timeline only)."""
        self.control("agent_work", repo=repo, number=number, by=by)

    def _anybody(self, repo: str) -> str:
        """Somebody who may read: the first administrator. The control plane knows without logging a request."""
        return str(self.control("reader", repo=repo)["login"])

    # The simulation itself -----------------------------------------------------------------------------------------

    def settings(self, **values: Json) -> Json:
        """token_seconds, repoint_reviews, dismiss_stale_reviews, rate_limit, auto_check_suites."""
        return self.control("settings", **values)

    def advance(self, seconds: float) -> str:
        """Move the sandbox's clock; answers its time. Signed tokens of an App are judged by real time all the same."""
        return str(self.control("clock", advance=seconds)["now"])

    def now(self) -> str:
        """The sandbox's time."""
        return str(self.control("clock")["now"])

    def latency(self, milliseconds: float) -> None:
        """Every API request takes at least so long."""
        self.control("latency", ms=milliseconds)

    def rate_limit(self, **details: Json) -> None:
        """Details: remaining, reset_in (of budgets used so far), resource; secondary (next n), retry_after; clear."""
        self.control("rate_limit", **details)

    def pause_deliveries(self) -> None:
        """Hold webhooks back."""
        self.control("courier", pause=True)

    def resume_deliveries(self) -> None:
        """Let them go."""
        self.control("courier", pause=False)

    def lose_deliveries(self, count: int) -> None:
        """Lose the next ones."""
        self.control("courier", lose=count)

    def double_deliveries(self, count: int) -> None:
        """Bring each of the next ones twice."""
        self.control("courier", double=count)

    def shuffle_deliveries(self, seed: int = 1) -> int:
        """Mix up what waits (pause first); answers how many wait."""
        return int(self.control("courier", shuffle=seed)["waiting"])

    def redeliver(self, delivery: int) -> int:
        """Send one again: same body, same GUID. Answers the id of the new delivery."""
        return int(self.control("courier", redeliver=delivery)["redelivered"])

    def check_answers(self, *, on: bool) -> None:
        """Turn the checking of the sandbox's own answers off, for measurements."""
        self.control("contracts", answers=on)


def required_check(context: str = CHECK, integration_id: int | None = None) -> Json:
    """The rule that a check must pass, pinned to an App unless `integration_id` is None."""
    check = {"context": context} | given(integration_id=integration_id)
    parameters = {"strict_required_status_checks_policy": False, "required_status_checks": [check]}
    return {"type": "required_status_checks", "parameters": parameters}


PERMISSIONS = {
    "metadata": "read",
    "checks": "write",
    "pull_requests": "write",
    "contents": "read",
    "statuses": "write",
    "members": "read",
    "merge_queues": "read",
    "issues": "write",
}
EVENTS = (
    "pull_request",
    "pull_request_review",
    "issue_comment",
    "push",
    "check_run",
    "check_suite",
    "merge_group",
    "repository",
    "member",
    "membership",
    "team",
    "organization",
    "status",
)
