"""What the buttons do: each is the request that the person would make to the API, and a sentence about how it went."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.sandbox.control import Bad
from bot.sandbox.github.control import pushing
from bot.sandbox.github.errors import Refused
from bot.sandbox.github.seed import AI_TRAILER
from bot.sandbox.github.service import Service
from bot.sandbox.serving import Asked

Form = Mapping[str, str]
REVIEWED = {"APPROVE": "Approved.", "REQUEST_CHANGES": "Changes requested.", "COMMENT": "Review sent."}


def ask(service: Service, login: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """A request to the REST API as somebody."""
    raw = b"" if body is None else json.dumps(body).encode()
    answer = service.rest(Asked(method, quote(path), {}, {"Authorization": f"Bearer sandbox-user-{login}"}, raw))
    return answer.status, answer.body


def _said(status: int, body: Any, done: str) -> str:
    if status < 400:  # noqa: PLR2004 - HTTP's own line between the two
        return done
    extra = "; ".join(str(error) for error in body.get("errors", ())) if isinstance(body, dict) else ""
    words = str(body.get("message", "")) if isinstance(body, dict) else ""
    return f"Refused ({status}): {words} {extra}".strip()


def press(service: Service, login: str, repo: str, number: int, action: str, form: Form) -> str:  # noqa: PLR0913, PLR0917 - a button
    """Do what a button says. Answers the sentence to show."""
    root, issue = f"/repos/{repo}/pulls/{number}", f"/repos/{repo}/issues/{number}"
    text = form.get("body", "")
    requests: dict[str, tuple[str, str, Any, str]] = {
        "comment": ("POST", f"{issue}/comments", {"body": text}, "Commented."),
        "label": ("POST", f"{issue}/labels", {"labels": [form.get("name", "")]}, "Label added."),
        "unlabel": ("DELETE", f"{issue}/labels/{form.get('name', '')}", None, "Label removed."),
        "close": ("PATCH", root, {"state": "closed"}, "Closed."),
        "reopen": ("PATCH", root, {"state": "open"}, "Opened again."),
        "merge": ("PUT", f"{root}/merge", {"merge_method": "merge"}, "Merged."),
        "update": ("PUT", f"{root}/update-branch", {}, "Brought up to date with its base."),
        "dismiss": ("PUT", f"{root}/reviews/{form.get('review', '')}/dismissals",
                    {"message": form.get("message") or "Dismissed on the page."}, "Dismissed."),
        "rerun": ("POST", f"/repos/{repo}/check-runs/{form.get('run', '')}/rerequest", None, "Asked to check again."),
        "edit": ("PATCH", root, {key: form[key] for key in ("title", "body", "base") if key in form}, "Saved."),
    }  # fmt: skip
    if action == "review":
        event = form.get("event", "COMMENT")
        body = {"event": event, "body": text or ("" if event == "APPROVE" else "(no text)")}
        return _said(*ask(service, login, "POST", f"{root}/reviews", body), REVIEWED.get(event, "Sent."))
    if action in {"push", "amend"}:
        return _push(service, login, repo, number, form, amend=action == "amend")
    if action == "action":
        return _command(service, {"repo": repo, "check_run": form.get("run", "0"), "by": login,
                                  "identifier": form.get("identifier", "")}, pushing.press, "Pressed.")  # fmt: skip
    if action not in requests:
        return f"There is no button {action}."
    method, path, body, done = requests[action]
    return _said(*ask(service, login, method, path, body), done)


def _command(service: Service, body: dict[str, Any], run: Any, done: str) -> str:
    try:
        run(service, body)
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
    return [{"path": path, "content": form.get("content", "").replace("\r\n", "\n")}] if path else []


def _push(service: Service, login: str, repo: str, number: int, form: Form, *, amend: bool) -> str:  # noqa: PLR0913
    with service.world.lock:
        owner, _, name = repo.partition("/")
        pull = service.world.pull(service.world.repository(owner, name), number)
        source = service.world.head_repo(pull)
        if source is None:
            return "Refused: the branch of this change is gone."
        where = service.world.full_name(source)
    changes = _changes(form) if form.get("content", "").strip() else []
    if not changes and not amend:
        return "Refused: name a file and give its new content."
    body = {"repo": where, "branch": pull.head_ref, "by": login, "message": message(form), "changes": changes}
    done = "Amended and force-pushed." if amend else "Pushed another commit."
    return _command(service, body | ({"amend": True} if amend else {}), pushing.push, done)


def open_change(service: Service, login: str, repo: str, form: Form) -> tuple[int | None, str]:
    """A commit on a new branch and a pull request for it. Answers its number, or none, and the sentence to show."""
    text = message(form)
    title = text.split("\n", 1)[0]
    prefix = "claude/" if form.get("ai") else f"{login}/"
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "change"
    owner, _, name = repo.partition("/")
    with service.world.lock:
        found = service.world.repository(owner, name)
        branch = f"{prefix}{slug}-{found.last_number + 1}"
        base = found.default_branch
    body = {"repo": repo, "branch": branch, "base": base, "by": login, "message": text, "changes": _changes(form)}
    failed = _command(service, body, pushing.push, "")
    if failed:
        return None, failed
    fields = {"title": title, "head": branch, "base": base, "body": form.get("body", "")}
    status, answer = ask(service, login, "POST", f"/repos/{repo}/pulls", fields)
    return (answer["number"] if status == 201 else None), _said(status, answer, "Opened.")  # noqa: PLR2004
