"""Drives a simulated GitLab from a test: starts its process, plays people over HTTP, reads what happened.

Everything goes over HTTP; nothing of the sandbox is imported. People act through GitLab's ordinary REST API with their
own tokens; what no API can do goes to the control plane. A refusal raises `Refused`, which carries the status and the
answer.
"""

import base64
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import requests

from tests.support.sandbox import Sandbox as Process
from tests.support.simulation import Refused, Simulation, given

Json = Any
CHECK = "senior-signoff"
SIGNING_TOKEN = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def root(project: str) -> str:
    """The path of a project, named by its full path, in the API."""
    return "/projects/" + quote(project, safe="")


class GitLab(Simulation):
    """One process. Use it as a context manager, or call `start` and `stop`.

    `seed` is "empty" or "demo". With a `database` the state is kept, and `restart` goes on with it.
    """

    def __init__(
        self,
        seed: str = "empty",
        *,
        database: Path | None = None,
        webhook_url: str | None = None,
        signing_token: str = SIGNING_TOKEN,
        listen: str = "127.0.0.1:0",
    ) -> None:
        self.process = Process(seed, database=database, webhook_url=webhook_url, listen=listen)
        self.process.arguments += ["--forge", "gitlab", "--gitlab-signing-token", signing_token]

    def start(self) -> Self:
        """Start, and wait until it is ready."""
        self.process.start()
        return self

    def stop(self) -> int:
        """Ask it to end, and answer its exit code."""
        return self.process.stop()

    def restart(self) -> Self:
        """Stop and start again with the same arguments."""
        self.process.restart()
        return self

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def ready(self) -> dict[str, Any]:
        """What it said when it was ready: url, api_url, token (of the demonstration's bot), signing_token."""
        found: dict[str, Any] = self.process.ready["gitlab"]
        return found

    @property
    def url(self) -> str:
        """Where its pages are; the product's SIGNOFF_GITLAB_URL."""
        return str(self.ready["url"])

    @property
    def api_url(self) -> str:
        """Where REST is."""
        return str(self.ready["api_url"])

    # Talking -------------------------------------------------------------------------------------------------------

    def control(self, command: str, **body: Json) -> Json:
        """Run a command of the control plane."""
        answer = self.process.session.post(f"{self.url}/sandbox/control/{command}", json=body, timeout=60)
        if answer.status_code != 200:
            raise Refused(answer.status_code, answer.json(), command)
        return answer.json()

    def call(
        self, method: str, path: str, by: str = "", body: Json = None, *, token: str | None = None, **more: Json
    ) -> requests.Response:
        """A REST request as somebody, by username. Answers the bare response, whatever its status."""
        headers = {"PRIVATE-TOKEN": token or f"sandbox-user-{by}"} if token or by else {}
        return self.process.session.request(
            method, self.api_url + path, json=body, headers=headers | more.pop("headers", {}), timeout=150, **more
        )

    def api(self, method: str, path: str, by: str, body: Json = None, **query: Json) -> Json:
        """The same, but anything but success raises Refused. Answers the JSON, or None where there is none."""
        answer = self.call(method, path, by, body, params=query)
        found = answer.json() if answer.content else None
        if not answer.ok:
            raise Refused(answer.status_code, found, f"{method} {path} by {by}")
        return found

    def mr(self, project: str, iid: int, by: str | None = None) -> Json:
        """A merge request as REST shows it."""
        return self.api("GET", f"{root(project)}/merge_requests/{iid}", by or self.anybody(project))

    def anybody(self, project: str) -> str:
        """Somebody who may read a project: an owner. The control plane knows without logging a request."""
        return str(self.control("reader", project=project)["username"])

    # Making a world ------------------------------------------------------------------------------------------------

    def reset(self, seed: str = "empty") -> None:
        """Forget everything, faults and log too. Quicker than another process."""
        self.control("reset_world", seed=seed)

    def user(self, username: str, **details: Json) -> Json:
        """A user; details: id, name, email (null: none), emails, kind (service_account, project_bot, …), admin."""
        return self.control("user", username=username, **details)

    def users(self, *usernames: str) -> None:
        """Several people at once."""
        for username in usernames:
            self.user(username)

    def change_user(self, username: str, **details: Json) -> Json:
        """details: to (another username), state (active, blocked, deactivated), name, email, emails, admin, kind."""
        return self.control("change_user", username=username, **details)

    def delete_user(self, username: str) -> None:
        """Delete somebody: what they opened becomes the ghost's, their approvals go."""
        self.control("delete_user", username=username)

    def group(self, path: str, members: dict[str, Json] | None = None, **details: Json) -> Json:
        """A group or subgroup; members map usernames to levels (a word or a number). details: id."""
        return self.control("group", path=path, members=members or {}, **details)

    def member(self, username: str, level: Json, *, project: str | None = None, group: str | None = None) -> None:
        """Put somebody into a project or group, or with level None out of it."""
        place = {"project": project} if project else {"group": group}
        self.control("member", username=username, level=level, **place)

    def project(self, path: str, files: dict[str, str] | None = None, **details: Json) -> Json:
        """A project with a first commit; details: id, default_branch, members, labels, protected, visibility, tier, ci
        (none, branch, detached, merged), ci_result, only_allow_merge_if_pipeline_succeeds, merge_method and the other
        settings of `configure`.
        """
        return self.control("project", path=path, files=files or {}, **details)

    def configure(self, project: str, **settings: Json) -> Json:
        """Change any setting of a project, whatever the tier and whoever would be needed for it."""
        return self.control("configure_project", project=project, **settings)

    def project_action(self, project: str, action: str, **details: Json) -> Json:
        """rename, transfer (to), archive, unarchive, delete, fork (by)."""
        return self.control("project_action", project=project, action=action, **details)

    def fork(self, project: str, by: str) -> str:
        """A fork in somebody's namespace; answers its path."""
        return str(self.project_action(project, "fork", by=by)["path_with_namespace"])

    def token(self, username: str, **details: Json) -> Json:
        """An access token; details: name, scopes, expires_at. Answers it with `token`, its text."""
        return self.control("token", username=username, **details)

    def hook(self, project: str, url: str, **details: Json) -> int:
        """A webhook, past the API; details: token, signing_token, events."""
        return int(self.control("hook", project=project, url=url, **details)["id"])

    def rule(self, project: str, by: str, name: str = CHECK, required: int = 1, **details: Json) -> Json:
        """An approval rule of the project; details: user_ids, usernames, group_ids."""
        body = {"name": name, "approvals_required": required} | details
        return self.api("POST", f"{root(project)}/approval_rules", by, body)

    def edit_rule(self, project: str, by: str, rule: int, *, iid: int | None = None, **fields: Json) -> Json:
        """Change a rule of the project, or with `iid` that of one merge request."""
        place = root(project) + (f"/merge_requests/{iid}" if iid is not None else "")
        return self.api("PUT", f"{place}/approval_rules/{rule}", by, fields)

    # Pushing -------------------------------------------------------------------------------------------------------

    def push(
        self,
        project: str,
        branch: str,
        files: dict[str, str | None] | None = None,
        message: str = "Change",
        by: str | None = None,
        **details: Json,
    ) -> str:
        """A commit, pushed; answers its id. `files` maps paths to text, or to None to delete.

        details: changes [{path, content | base64 | delete | rename_from | symlink | submodule, mode}], author and
        committer {name, email, date}, base (where a new branch starts; "none": nowhere), amend, parents, merge (a
        branch), commits [several of these], force, rules (False passes protection by), ref, message_base64.
        """
        changes = list(details.pop("changes", []))
        for path, text in (files or {}).items():
            changes.append({"path": path, "delete": True} if text is None else {"path": path, "content": text})
        if "commits" not in details:
            details |= {"changes": changes, "message": message}
        if (details.get("amend") or details.get("merge")) and message == "Change":
            details.pop("message", None)
        return str(self.control("push", project=project, branch=branch, **given(by=by), **details)["sha"])

    def amend(self, project: str, branch: str, message: str, by: str | None = None, **details: Json) -> str:
        """Replace the tip by one with another message (and perhaps other files), and force-push it."""
        return self.push(project, branch, details.pop("files", None), message, by, amend=True, **details)

    def force_push(self, project: str, branch: str, to: str, by: str | None = None) -> str:
        """Force a branch to a commit that is there already."""
        return str(self.control("reset", project=project, branch=branch, sha=to, **given(by=by))["sha"])

    def delete_branch(self, project: str, branch: str, by: str | None = None) -> None:
        """Delete a branch."""
        self.control("delete_branch", project=project, branch=branch, **given(by=by))

    def rebase(self, project: str, iid: int, by: str) -> str:
        """Rebase a merge request onto its target branch; answers the new head."""
        return str(self.control("rebase", project=project, iid=iid, by=by)["sha"])

    def apply_suggestion(self, project: str, iid: int, by: str, of: str, files: dict[str, str]) -> str:
        """`by` presses the button that commits what `of` suggested; answers the new head."""
        changes = [{"path": path, "content": text} for path, text in files.items()]
        body = {"project": project, "iid": iid, "by": by, "of": of, "changes": changes}
        return str(self.control("apply_suggestion", **body)["sha"])

    # Changes -------------------------------------------------------------------------------------------------------

    def open(
        self, project: str, by: str, branch: str, title: str = "Change", target: str = "main", **details: Json
    ) -> Json:
        """A merge request from a branch; details: into (the parent of a fork), description, labels, squash."""
        into = details.pop("into", None)
        body = {"source_branch": branch, "target_branch": target, "title": title} | details
        if into is not None:
            body["target_project_id"] = self.api("GET", root(into), by)["id"]
        return self.api("POST", f"{root(project)}/merge_requests", by, body)

    def change(
        self,
        project: str,
        by: str,
        branch: str = "topic",
        files: dict[str, str | None] | None = None,
        message: str = "Change",
        **details: Json,
    ) -> Json:
        """A commit on a new branch and a merge request for it; details: title, description, target, and those of
        `push`.
        """
        opened = {key: details.pop(key) for key in ("title", "description", "target", "into") if key in details}
        self.push(project, branch, files or {"file.txt": f"{branch}\n"}, message, by, **details)
        return self.open(project, by, branch, **({"title": message.split("\n", maxsplit=1)[0]} | opened))

    def head(self, project: str, iid: int) -> str:
        """Its head."""
        return str(self.state(project, iid)["sha"])

    def state(self, project: str, iid: int) -> Json:
        """A merge request from the inside: sha, blockers, versions, approvals (given_for), statuses (by, retried),
        notes, pipelines, rules, detailed_merge_status.
        """
        return self.control("state", project=project, iid=iid)

    def edit(self, project: str, iid: int, by: str, **fields: Json) -> Json:
        """Change title, description, target_branch (retarget), labels, add_labels, state_event."""
        return self.api("PUT", f"{root(project)}/merge_requests/{iid}", by, fields)

    def close(self, project: str, iid: int, by: str) -> Json:
        """Close it."""
        return self.edit(project, iid, by, state_event="close")

    def reopen(self, project: str, iid: int, by: str) -> Json:
        """Open it again."""
        return self.edit(project, iid, by, state_event="reopen")

    def approve(self, project: str, iid: int, by: str, **details: Json) -> Json:
        """Approve; details: sha, approval_password (of a person: password-of-<username>)."""
        return self.api("POST", f"{root(project)}/merge_requests/{iid}/approve", by, details)

    def unapprove(self, project: str, iid: int, by: str) -> Json:
        """Take the approval back."""
        return self.api("POST", f"{root(project)}/merge_requests/{iid}/unapprove", by)

    def approvals(self, project: str, iid: int, by: str | None = None) -> Json:
        """Who approved, as REST shows it."""
        path = f"{root(project)}/merge_requests/{iid}/approvals"
        return self.api("GET", path, by or self.anybody(project))

    def note(self, project: str, iid: int, by: str, body: str, **details: Json) -> Json:
        """Say something."""
        return self.api("POST", f"{root(project)}/merge_requests/{iid}/notes", by, {"body": body} | details)

    def edit_note(self, project: str, iid: int, note: int, by: str, body: str) -> Json:
        """Say something else."""
        return self.api("PUT", f"{root(project)}/merge_requests/{iid}/notes/{note}", by, {"body": body})

    def delete_note(self, project: str, iid: int, note: int, by: str) -> None:
        """Take it back."""
        self.api("DELETE", f"{root(project)}/merge_requests/{iid}/notes/{note}", by)

    def notes(self, project: str, iid: int) -> list[Json]:
        """What people said, oldest first: id, by, body, edited."""
        return [note for note in self.state(project, iid)["notes"] if not note["system"]]

    def status(self, project: str, sha: str, by: str, name: str = CHECK, state: str = "success", **more: Json) -> Json:
        """A commit status of any name, as any Developer can post it; more: ref, pipeline_id, description."""
        return self.api("POST", f"{root(project)}/statuses/{sha}", by, {"name": name, "state": state} | more)

    def statuses(self, project: str, sha: str, *, every: bool = False, **query: Json) -> list[Json]:
        """The statuses of a commit; with `every` also those that newer ones hide."""
        path = f"{root(project)}/repository/commits/{sha}/statuses"
        who = self.anybody(project)
        found: list[Json] = self.api("GET", path, who, all=str(every).lower(), per_page=100, **query)
        return found

    def pipeline(self, project: str, iid: int, kind: str = "branch", **details: Json) -> Json:
        """Run a pipeline: branch, detached, merged; details: jobs {name: state}, by, where (a project)."""
        return self.control("pipeline", project=project, iid=iid, kind=kind, **details)

    def jobs(self, pipeline: int, jobs: dict[str, str] | None = None, **details: Json) -> Json:
        """Move jobs of a pipeline to states; details: archived, skipped."""
        return self.control("jobs", pipeline=pipeline, jobs=jobs or {}, **details)

    def merge(self, project: str, iid: int, by: str, **details: Json) -> Json:
        """Try to merge. Answers {"status", "merged", "message", "blockers"}; a refusal is an answer here, no error.

        details: sha, auto_merge, squash, …
        """
        blockers = self.state(project, iid)["blockers"]
        answer = self.call("PUT", f"{root(project)}/merge_requests/{iid}/merge", by, details)
        found = answer.json()
        merged = answer.ok and found["state"] == "merged"
        return {"status": answer.status_code, "merged": merged, "message": found.get("message"), "blockers": blockers}

    # The simulation itself -----------------------------------------------------------------------------------------

    def settings(self, **values: Json) -> Json:
        """version, tier, enterprise, graphql, graphql_without (fields), graphql_complexity, approved_at,
        approvals_syncing_seconds, auto_disabling, rate_limit, notes_limit, pipelines_limit, pipeline_size, diff_files,
        diff_bytes, diff_lines.
        """
        return self.control("settings", **values)

    def advance(self, seconds: float) -> str:
        """Move the sandbox's clock; answers its time."""
        return str(self.control("clock", advance=seconds)["now"])

    def rate_limit(self, **details: Json) -> None:
        """Details: remaining, reset_in, user, kind (requests, notes); next (refuse n), retry_after; clear."""
        self.control("rate_limit", **details)

    def courier(self, **details: Json) -> Json:
        """Pause (bool), lose n, double n, shuffle (a seed; pause first), redeliver (an id), wait seconds."""
        return self.control("courier", **details)
