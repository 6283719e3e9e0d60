"""GitLab's deliveries to our events: functions of headers and bytes, without I/O.

Of a body that is not verified only the project's id is read, to know whose secret must prove it; every other project
that the body names must be that one. What it says is a doorbell and sightings, no more. Facts from GitLab's
documentation of webhook events.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

from bot.forges.gitlab import convert
from bot.forges.gitlab.secrets import Secrets, verify
from bot.model.change import Account, ReviewState
from bot.model.errors import RefusedDeliveryError
from bot.model.event import CommentSeen, Event, HeadSeen, PushSeen, ReviewSeen, TipSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository, Subject

FORGE = "gitlab"
NO_COMMIT = "0" * 40
RULES_FILES = frozenset({".signoff.yaml", "rules.yaml", "roster.yaml"})
ROSTER_FOLDER = "roster/"
PROOFS = frozenset({"webhook-signature", "x-gitlab-token"})
"""Without any of these headers a body is not even looked into."""
APPROVED = frozenset({"approved", "approval"})
"""`approval` is one person's, `approved` the one with which the whole counts as approved: both are somebody's word."""
DEAD_PIPELINES = frozenset({"failed", "canceled", "canceling"})
"""Nothing merges on these, so their hooks are no reason to look."""

_PROJECT = re.compile(rb'"project"\s{0,40}:\s{0,40}\{')
_ID = re.compile(rb'(?:[^{}"]++|"(?:[^"\\]++|\\.)*+")*?"id"\s{0,40}:\s{0,40}([0-9]{1,18})\b', re.DOTALL)
"""The number `id` of an object, before any object in it. Nothing is gone over twice, whatever the bytes are."""
_MOST_TRIED = 5
_LOOKED_AT = 200_000
"""How many bytes of an unproven body are searched for the project; GitLab names it long before that."""

Json = Mapping[str, Any]
_SHAPE = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, OSError)


def receive(
    headers: Mapping[str, str], body: bytes, secrets: Secrets, now: datetime, own: int | None = None
) -> Event | None:
    """Verify a delivery and give its event; None for one of no interest, or that the bot (`own`) caused itself.

    Refuses with 401 what cannot be believed, with 400 what is not GitLab's.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    claimed = _claimed(body) if PROOFS & lower.keys() else None
    sent = verify(lower, body, claimed, secrets, now)
    payload = _json(body)
    if claimed is not None and _project_id(payload) != claimed:
        raise RefusedDeliveryError("the delivery is proven for another project than the one it is about", status=401)
    if isinstance(payload, dict) and "object_kind" not in payload:
        payload = {**payload, "object_kind": payload.get("event_name")}  # of members, projects, keys: by system hooks
    if not isinstance(payload, dict) or not isinstance(payload.get("object_kind"), str):
        raise RefusedDeliveryError("the body is no GitLab event: it has no object_kind", status=400)
    reader = READERS.get(payload["object_kind"])
    try:
        if reader is None or (own is not None and _actor(payload) == own and _is_no_news(payload)):
            return None
        event, kind = reader(payload, sent), _kind(payload)
    except _SHAPE as error:
        kind = str(payload["object_kind"])[:40]
        raise RefusedDeliveryError(
            f"a {kind!r} delivery of a shape GitLab does not send: {type(error).__name__}: {error}"[:300], status=400
        ) from None
    if event is None:
        return None
    return replace(event, delivery=_delivery(lower, body, event.repositories[0].id), kind=kind)


def _claimed(body: bytes) -> int | None:
    """The project that an unproven body seems to be of. Reading it whole would let strangers keep us busy at will."""
    for start in islice(_PROJECT.finditer(body, 0, _LOOKED_AT), _MOST_TRIED):
        found = _ID.match(body, start.end(), _LOOKED_AT)
        if found:
            return int(found[1])
    return None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _project_id(payload: Any) -> int | None:
    """The project that a body says it is of."""
    project = payload.get("project") if isinstance(payload, dict) else None
    number = project.get("id") if isinstance(project, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _delivery(headers: Mapping[str, str], body: bytes, project: int) -> str:
    """GitLab's id of the delivery, the same on a resend; before 17.4 there is none, and the body must do.

    With the project before it, so that nobody uses up the ids of another project's deliveries.
    """
    given = headers.get("webhook-id") or headers.get("idempotency-key")
    return f"{project}:{given[:70] if given else sha256(body).hexdigest()}"


def _kind(payload: Json) -> str:
    action = (payload.get("object_attributes") or {}).get("action")
    name = str(payload["object_kind"])
    return (f"{name}.{action}" if isinstance(action, str) else name)[:100]


def _actor(payload: Json) -> int | None:
    number = payload.get("user_id") if payload["object_kind"] == "push" else (payload.get("user") or {}).get("id")
    return number if isinstance(number, int) else None


def _event(**parts: Any) -> Event:
    return Event(forge=FORGE, delivery="", kind="", hearsay=True, **parts)


def _is_no_news(payload: Json) -> bool:
    """Whether what the bot's account did is no reason to look. A pipeline that our status made bears the bot's name for
    good, also when somebody else's status makes it succeed; and the bot never pushes.
    """
    if payload["object_kind"] == "pipeline":
        return bool(payload["object_attributes"].get("status") != "success")
    return bool(payload["object_kind"] != "push")


def _merge_request(payload: Json, sent: datetime) -> Event:
    del sent
    repository, told = _repository(payload), payload["object_attributes"]
    _same_project(repository, told["target_project_id"])
    number, action = _int(told["iid"]), told.get("action")
    return _event(
        repositories=(repository,),
        due=(Subject.change(FORGE, repository.id, number),),
        head=_head(payload, number, action),
        review=_review(payload, number) if action in APPROVED else None,
    )


def _head(payload: Json, number: int, action: Any) -> HeadSeen | None:
    """The head that the merge request moved to: GitLab names the one it left only when code came, and none where it
    does not find the commit (`lib/gitlab/hook_data/merge_request_builder.rb`).
    """
    told = payload["object_attributes"]
    before, last = told.get("oldrev"), told.get("last_commit")
    if last is None or (action not in {"open", "reopen"} and not (action == "update" and before)):
        return None
    return HeadSeen(
        number=number,
        sha=_sha(last["id"]),
        at=convert.time(told["created_at"] if action == "open" else told["updated_at"]),
        before=_sha(before) if action == "update" and before else None,
        pusher=_account(payload["user"]) if action != "reopen" else None,
    )


def _review(payload: Json, number: int) -> ReviewSeen | None:
    """Who approved which head. A system's own move (approvals reset) names the pusher as user, and is nobody's word."""
    told = payload["object_attributes"]
    last = told.get("last_commit")
    if told.get("system") or last is None:
        return None
    user = AccountId(_int(payload["user"]["id"]))
    at = convert.time(told["updated_at"])
    return ReviewSeen(number, convert.review_id(user), user, ReviewState.APPROVED, _sha(last["id"]), at)


def _note(payload: Json, sent: datetime) -> Event | None:
    """Something that may be a command, or an edit of somebody else's note, which may be ours.

    Only a new one is waited for: an edited note was shown before, and one of ours is never shown as a comment.
    """
    del sent
    repository, told = _repository(payload), payload["object_attributes"]
    altered = told.get("action") == "update" and told.get("author_id") != (payload.get("user") or {}).get("id")
    if told.get("noteable_type") != "MergeRequest" or not (altered or "/signoff" in str(told.get("note", ""))):
        return None
    change = payload["merge_request"]
    _same_project(repository, change["target_project_id"])
    number = _int(change["iid"])
    new = told.get("action") != "update" and told.get("id") is not None
    seen = CommentSeen(number, _int(told["id"])) if new else None
    return _event(repositories=(repository,), due=(Subject.change(FORGE, repository.id, number),), comment=seen)


def _pipeline(payload: Json, sent: datetime) -> Event | None:
    """A pipeline that may lack our status, or bear somebody else's of our name."""
    del sent
    repository, told, change = _repository(payload), payload["object_attributes"], payload.get("merge_request")
    if told.get("status") in DEAD_PIPELINES or told.get("tag"):
        return None
    if change:
        _same_project(repository, change["target_project_id"])
        return _event(repositories=(repository,), due=(Subject.change(FORGE, repository.id, _int(change["iid"])),))
    tip = TipSeen(str(told["ref"]), _sha(told["sha"]))
    return _event(repositories=(repository,), due_heads=((repository.id, tip.sha),), seek=False, tip=tip)


def _push(payload: Json, sent: datetime) -> Event | None:
    """GitLab does not say whether it was a force-push. It is taken for one: then what it left is looked at."""
    repository, ref = _repository(payload), payload["ref"]
    _same_project(repository, payload.get("project_id", repository.id))
    if not ref.startswith("refs/heads/"):
        return None
    branch = ref.removeprefix("refs/heads/")
    before, after = (_sha(payload[end]) if payload[end] != NO_COMMIT else None for end in ("before", "after"))
    pusher = {"id": payload["user_id"], "username": payload.get("user_username") or ""}
    push = PushSeen(
        branch, before, after, _account(pusher), forced=before is not None and after is not None, at=sent
    )  # fmt: skip
    commits = payload.get("commits") or ()
    touched = {path for one in commits for part in ("added", "modified", "removed") for path in one.get(part) or ()}
    more = _int(payload.get("total_commits_count") or 0) > len(commits)
    rules_moved = branch == payload["project"].get("default_branch") and (more or any(map(_of_rules, touched)))
    due = (Subject.whole(FORGE, repository.id),) if rules_moved else ()
    tip = TipSeen(branch, after) if after is not None else None
    return _event(repositories=(repository,), due=due, push=push, tip=tip)


def _of_rules(path: str) -> bool:
    """Whether a file may be part of rules or roster, be it of the project alone or of all of them."""
    return path in RULES_FILES or path.startswith(ROSTER_FOLDER)


READERS: Mapping[str, Callable[[Json, datetime], Event | None]] = {
    "merge_request": _merge_request,
    "note": _note,
    "pipeline": _pipeline,
    "push": _push,
}
"""What to make of each event; everything else is taken and ignored."""


def _repository(payload: Json) -> Repository:
    """The project by its id, which system hooks may tell beside it (then only a master proves the delivery). A hook's
    template is its Maintainer's to write, so the name may be another's.
    """
    project = payload["project"]
    default = str(project.get("default_branch") or "")
    number = project["id"] if "id" in project else payload["project_id"]
    return Repository(FORGE, _int(number), str(project["path_with_namespace"]), default)


def _same_project(repository: Repository, project: Any) -> None:
    """A delivery speaks for the project whose secret proved it, and for no other."""
    if _int(project) != repository.id:
        raise ValueError(f"it is of project {repository.id} and speaks of another")


def _account(user: Json) -> Account:
    name = str(user["username"])
    return Account(name, AccountId(_int(user["id"])), convert.kind_by_name(name))


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a number was expected, not {type(value).__name__}")
    if not 0 <= value < 2**63:
        raise ValueError("a number that GitLab's are below was expected")
    return value


def _sha(value: Any) -> Sha:
    if not isinstance(value, str) or not 40 <= len(value) <= 64 or not set(value) <= set("0123456789abcdef"):  # noqa: PLR2004  SHA-1 and SHA-256 in hex
        raise ValueError("a commit id was expected")
    return Sha(value)
