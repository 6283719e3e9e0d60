"""What the buttons do: each is the request that the person would make to the API, and a sentence about how it went."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.sandbox.control import Bad
from bot.sandbox.gitlab.control import pushing
from bot.sandbox.gitlab.errors import Refused
from bot.sandbox.gitlab.identity import SHORTCUT
from bot.sandbox.gitlab.seed import AI_TRAILER
from bot.sandbox.gitlab.service import Service
from bot.sandbox.serving import Asked

Form = Mapping[str, str]
PREFIX = "Draft: "


def ask(service: Service, username: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """A request to the REST API as somebody."""
    raw = b"" if body is None else json.dumps(body).encode()
    answer = service.rest(Asked(method, path, {}, {"Private-Token": SHORTCUT + username}, raw))
    return answer.status, answer.body


def _said(status: int, body: Any, done: str) -> str:
    if status < 400:  # noqa: PLR2004 - HTTP's own line between the two
        return done
    words = body.get("message", body.get("error", "")) if isinstance(body, dict) else ""
    return f"Refused ({status}): {words}"


def press(service: Service, username: str, project: str, iid: int, action: str, form: Form) -> str:  # noqa: PLR0913, PLR0917 - a button
    """Do what a button says. Answers the sentence to show."""
    root = f"/projects/{quote(project, safe='')}/merge_requests/{iid}"
    title = form.get("title", "")
    requests: dict[str, tuple[str, str, Any, str]] = {
        "approve": ("POST", f"{root}/approve", {}, "Approved."),
        "unapprove": ("POST", f"{root}/unapprove", {}, "Approval taken back."),
        "note": ("POST", f"{root}/notes", {"body": form.get("body", "")}, "Said."),
        "label": ("PUT", root, {"add_labels": form.get("name", "")}, "Label added."),
        "unlabel": ("PUT", root, {"remove_labels": form.get("name", "")}, "Label removed."),
        "draft": ("PUT", root, {"title": PREFIX + title}, "Marked as a draft."),
        "ready": ("PUT", root, {"title": title.removeprefix(PREFIX)}, "Marked as ready."),
        "edit": ("PUT", root, {key: form[key] for key in ("title", "description") if key in form}, "Saved."),
        "close": ("PUT", root, {"state_event": "close"}, "Closed."),
        "reopen": ("PUT", root, {"state_event": "reopen"}, "Opened again."),
        "rebase": ("PUT", f"{root}/rebase", {}, "Rebased."),
        "merge": ("PUT", f"{root}/merge", {}, "Merged."),
    }
    if action in {"push", "amend"}:
        return _push(service, username, project, iid, form, amend=action == "amend")
    if action not in requests:
        return f"There is no button {action}."
    method, path, body, done = requests[action]
    return _said(*ask(service, username, method, path, body), done)


def _command(service: Service, body: dict[str, Any], done: str) -> str:
    try:
        pushing.push(service, body)
    except Refused as refused:
        return f"Refused ({refused.status}): {refused.message}"
    except Bad as bad:
        return f"Refused: {bad}"
    return done


def message(form: Form) -> str:
    """The commit message as written, with the AI's trailer when that was ticked."""
    text = form.get("message", "").replace("\r\n", "\n").strip() or "Change"
    return f"{text}\n\n{AI_TRAILER}" if form.get("ai") and AI_TRAILER not in text else text


def _changes(form: Form) -> list[dict[str, str]]:
    path = form.get("path", "").strip().strip("/")
    given = form.get("content", "").replace("\r\n", "\n")
    return [{"path": path, "content": given}] if path and given.strip() else []


def _push(service: Service, username: str, project: str, iid: int, form: Form, *, amend: bool) -> str:  # noqa: PLR0913
    with service.world.lock:
        mr = service.world.merge_request(service.world.project(project), iid)
        source = service.world.source_of(mr)
        if source is None:
            return "Refused: the branch of this merge request is gone."
        where = service.world.full_path(source)
    changes = _changes(form)
    if not changes and not amend:
        return "Refused: name a file and give its new content."
    body = {"project": where, "branch": mr.source_branch, "by": username, "message": message(form), "changes": changes}
    done = "Amended and force-pushed." if amend else "Pushed another commit."
    return _command(service, body | ({"amend": True} if amend else {}), done)


def open_request(service: Service, username: str, project: str, form: Form) -> tuple[int | None, str]:
    """A commit on a new branch and a merge request for it. Answers its number, or none, and the sentence to show."""
    text = message(form)
    title = text.split("\n", 1)[0]
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "change"
    with service.world.lock:
        found = service.world.project(project)
        branch = f"{'claude' if form.get('ai') else username}/{slug}-{found.last_iid + 1}"
        base = found.default_branch
    body = {"project": project, "branch": branch, "base": base, "by": username, "message": text}
    failed = _command(service, body | {"changes": _changes(form)}, "")
    if failed:
        return None, failed
    fields = {"title": title, "source_branch": branch, "target_branch": base, "description": form.get("body", "")}
    status, answer = ask(service, username, "POST", f"/projects/{quote(project, safe='')}/merge_requests", fields)
    return (answer["iid"] if status == 201 else None), _said(status, answer, "Opened.")  # noqa: PLR2004
