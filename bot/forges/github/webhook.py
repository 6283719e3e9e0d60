"""GitHub's deliveries to our events: functions of headers and bytes, without I/O.

Only a delivery whose signature holds is looked into, and what it says is a doorbell and sightings, no more. Facts from
GitHub's documentation of webhook events and payloads.
"""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from bot.model.change import Account, AccountKind, ReviewState
from bot.model.errors import RefusedDeliveryError
from bot.model.event import CommentSeen, Event, HeadSeen, PushSeen, ReviewSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository, Subject, SubjectKind

FORGE = "github"
NO_COMMIT = "0" * 40
QUEUE_BRANCHES = "gh-readonly-queue/"
FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 10
RULES_FILES = frozenset({".signoff.yaml", "rules.yaml", "roster.yaml"})
ROSTER_FOLDER = "roster/"

CHANGE_ACTIONS = frozenset(
    {
        "opened",
        "reopened",
        "synchronize",
        "edited",
        "labeled",
        "unlabeled",
        "ready_for_review",
        "converted_to_draft",
        "closed",
        "enqueued",
        "dequeued",
    }
)
WITHOUT_ACTION = frozenset({"push", "status"})
HEAD_ACTIONS = frozenset({"opened", "reopened", "synchronize"})
REVIEW_STATES = {
    "approved": ReviewState.APPROVED,
    "changes_requested": ReviewState.CHANGES_REQUESTED,
    "commented": ReviewState.COMMENTED,
    "dismissed": ReviewState.DISMISSED,
}

UNTOLD = (KeyError, TypeError)
"""What a part that is missing raises. It makes no sighting then; the doorbell rings all the same."""

Json = Mapping[str, Any]


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Hold the body against X-Hub-Signature-256 with each secret, in constant time; refuse with 401."""
    if not secrets:
        raise RefusedDeliveryError("no webhook secret is configured, so no delivery can be believed", status=401)
    given = headers.get("x-hub-signature-256", "")
    good = False
    for secret in secrets:
        expected = "sha256=" + hmac.new(secret.encode(), body, sha256).hexdigest()
        good |= hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    if not good:
        raise RefusedDeliveryError(
            "the delivery's X-Hub-Signature-256 is missing or wrong: compare the App's webhook secret with ours",
            status=401,
        )


def parse(headers: Mapping[str, str], body: bytes, app_id: int, check_name: str = "senior-signoff") -> Event | None:
    """The event of a verified delivery, None for one of no interest; refuse with 400 what is not GitHub's.

    `check_name` is our check's: a commit status of that name is somebody else's.
    """
    name = headers.get("x-github-event", "")
    delivery = headers.get("x-github-delivery", "")
    if not name or not delivery:
        raise RefusedDeliveryError("X-GitHub-Event and X-GitHub-Delivery are needed", status=400)
    reader = READERS.get(name)
    try:
        payload = _object(_told(headers, body))
        if name == "status" and payload["context"] != check_name:
            return None
        if reader is not None and name not in WITHOUT_ACTION and not isinstance(payload["action"], str):
            raise TypeError("the action is no text")  # noqa: TRY301  told apart with the other faults of shape
        event = reader(payload, app_id) if reader else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError, OSError) as error:
        raise RefusedDeliveryError(
            f"a {name!r} delivery of a shape GitHub does not send: {type(error).__name__}: {error}"[:300], status=400
        ) from None
    if event is None:
        return None
    kind = f"{name}.{payload['action']}" if isinstance(payload.get("action"), str) else name
    return replace(event, delivery=delivery[:100], kind=kind[:100])


def _told(headers: Mapping[str, str], body: bytes) -> bytes | str:
    """The JSON of a delivery: the body, or its field `payload` where the webhook's content type is a form, which is
    what GitHub takes for one that was set by the REST API without a content type.
    """
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM or body.lstrip()[:1] == b"{":
        return body
    return parse_qs(body.decode(), max_num_fields=MOST_FIELDS)["payload"][0]


def _object(body: bytes | str) -> Json:
    payload = json.loads(body)
    if not isinstance(payload, dict):
        raise TypeError("the body is no JSON object")
    return payload


def _event(**parts: Any) -> Event:
    return Event(forge=FORGE, delivery="", kind="", **parts)


def _pull_request(payload: Json, app_id: int) -> Event | None:
    del app_id
    action = payload["action"]
    if action not in CHANGE_ACTIONS:
        return None
    pull = payload["pull_request"]
    repository = _repository(payload)
    number = _int(pull["number"])
    head = None
    if action in HEAD_ACTIONS:
        before = payload.get("before")
        with suppress(*UNTOLD):
            head = HeadSeen(
                number=number,
                sha=_sha(pull["head"]["sha"]),
                at=_time(pull["created_at"] if action == "opened" else pull["updated_at"]),
                before=_sha(before) if action == "synchronize" and before else None,
                pusher=_account(payload.get("sender")) if action != "reopened" else None,
            )
    return _event(repositories=(repository,), due=(Subject.change(FORGE, repository.id, number),), head=head)


def _review(payload: Json, app_id: int) -> Event | None:
    del app_id
    action, review, number = payload["action"], payload["review"], _int(payload["pull_request"]["number"])
    if action not in {"submitted", "edited", "dismissed"}:
        return None
    repository = _repository(payload)
    state = REVIEW_STATES.get(str(review["state"]).lower())
    seen = None
    if action == "submitted" and state is not None and review.get("user") and review.get("commit_id"):
        with suppress(*UNTOLD):
            seen = ReviewSeen(
                number=number,
                review=_int(review["id"]),
                reviewer=AccountId(_int(review["user"]["id"])),
                state=state,
                sha=_sha(review["commit_id"]),
                at=_time(review["submitted_at"]),
            )
    return _event(repositories=(repository,), due=(Subject.change(FORGE, repository.id, number),), review=seen)


def _comment(payload: Json, app_id: int) -> Event | None:
    del app_id
    issue = payload["issue"]
    if "pull_request" not in issue or payload["action"] not in {"created", "edited", "deleted"}:
        return None
    comment = payload.get("comment") or {}
    if "/signoff" not in str(comment.get("body", "")):
        return None
    repository, number = _repository(payload), _int(issue["number"])
    told = comment.get("id") if payload["action"] == "created" else None
    seen = CommentSeen(number, _int(told)) if told is not None else None
    return _event(repositories=(repository,), due=(Subject.change(FORGE, repository.id, number),), comment=seen)


def _check_run(payload: Json, app_id: int) -> Event | None:
    run = payload["check_run"]
    if payload["action"] not in {"rerequested", "requested_action"} or run["app"]["id"] != app_id:
        return None
    return _by_head(payload, run["head_sha"], run["check_suite"].get("head_branch"))


def _check_suite(payload: Json, app_id: int) -> Event | None:
    suite = payload["check_suite"]
    if payload["action"] != "rerequested" or suite["app"]["id"] != app_id:
        return None
    return _by_head(payload, suite["head_sha"], suite.get("head_branch"))


def _by_head(payload: Json, sha: str, branch: str | None) -> Event:
    repository = _repository(payload)
    if branch and branch.startswith(QUEUE_BRANCHES):
        base = branch.removeprefix(QUEUE_BRANCHES).rpartition("/pr-")[0]
        return _event(repositories=(repository,), due=(Subject.merge_group(FORGE, repository.id, base, _sha(sha)),))
    return _event(repositories=(repository,), due_heads=((repository.id, _sha(sha)),))


def _merge_group(payload: Json, app_id: int) -> Event | None:
    del app_id
    if payload["action"] != "checks_requested":
        return None
    repository, named = _repository(payload), payload["merge_group"]
    base = named["base_ref"].removeprefix("refs/heads/")
    group = Subject.merge_group(FORGE, repository.id, base, _sha(named["head_sha"]))
    return _event(repositories=(repository,), due=(group,))


def _push(payload: Json, app_id: int) -> Event | None:
    del app_id
    ref = payload["ref"]
    if not ref.startswith("refs/heads/") or ref.startswith("refs/heads/" + QUEUE_BRANCHES):
        return None
    repository = _repository(payload)
    branch = ref.removeprefix("refs/heads/")
    head_commit = payload.get("head_commit") or {}
    stamp = payload["repository"].get("pushed_at") or head_commit.get("timestamp")
    if not stamp:  # a push without a time is no sighting, and may be one to a guarded branch all the same
        return _event(repositories=(repository,), due=(Subject.whole(FORGE, repository.id),))
    push = PushSeen(
        branch=branch,
        before=_sha(payload["before"]) if payload["before"] != NO_COMMIT else None,
        after=_sha(payload["after"]) if payload["after"] != NO_COMMIT else None,
        pusher=_account(payload.get("sender")) or Account(None, None),
        forced=bool(payload["forced"]),
        at=_time(stamp),
    )
    touched = {
        path
        for commit in payload.get("commits") or ()
        for part in ("added", "modified", "removed")
        for path in commit.get(part) or ()
    }
    rules_moved = branch == repository.default_branch and (push.forced or any(map(_of_rules, touched)))
    due = (Subject.whole(FORGE, repository.id),) if rules_moved else ()
    return _event(repositories=(repository,), due=due, push=push)


def _of_rules(path: str) -> bool:
    """Whether a file may be part of rules or roster, be it of the repository alone or of all of them."""
    return path in RULES_FILES or path.startswith(ROSTER_FOLDER)


def _installation(payload: Json, app_id: int) -> Event | None:
    del app_id
    action, installation = payload["action"], _int(payload["installation"]["id"])
    named = payload.get("repositories") or ()
    if action in {"deleted", "suspend"}:
        gone = tuple(_listed(entry, installation, active=False) for entry in named)
        return _event(repositories=gone, left=installation)
    if action not in {"created", "unsuspend", "new_permissions_accepted"}:
        return None
    whole = Subject(FORGE, 0, SubjectKind.INSTALLATION, str(installation))
    return _event(repositories=tuple(_listed(entry, installation) for entry in named), due=(whole,))


def _installation_repositories(payload: Json, app_id: int) -> Event | None:
    del app_id
    installation = _int(payload["installation"]["id"])
    added = tuple(_listed(entry, installation) for entry in payload.get("repositories_added") or ())
    removed = tuple(_listed(e, installation, active=False) for e in payload.get("repositories_removed") or ())
    due = tuple(Subject(FORGE, repository.id, SubjectKind.REPOSITORY) for repository in added)
    return _event(repositories=added + removed, due=due)


def _repository_event(payload: Json, app_id: int) -> Event | None:
    del app_id
    repository = _repository(payload)
    if payload["action"] in {"archived", "deleted"}:
        gone = Repository(FORGE, repository.id, repository.name, installation=repository.installation, active=False)
        return _event(repositories=(gone,))
    if payload["action"] in {"renamed", "transferred", "edited", "unarchived"}:
        return _event(repositories=(repository,), due=(Subject.whole(FORGE, repository.id),))
    return None


def _status(payload: Json, app_id: int) -> Event | None:
    """A commit status of our check's name. What is ours is a check run, so this is somebody else's."""
    del app_id
    repository = _repository(payload)
    return _event(repositories=(repository,), due_heads=((repository.id, _sha(payload["sha"])),))


def _rules_moved(payload: Json, app_id: int) -> Event | None:
    """What guards the repository's branches was changed."""
    del app_id
    if "repository" not in payload:  # an organisation's ruleset: the sweep finds what it did
        return None
    repository = _repository(payload)
    return _event(repositories=(repository,), due=(Subject(FORGE, repository.id, SubjectKind.WATCH),))


READERS: Mapping[str, Callable[[Json, int], Event | None]] = {
    "pull_request": _pull_request,
    "pull_request_review": _review,
    "issue_comment": _comment,
    "check_run": _check_run,
    "check_suite": _check_suite,
    "merge_group": _merge_group,
    "push": _push,
    "installation": _installation,
    "installation_repositories": _installation_repositories,
    "repository": _repository_event,
    "status": _status,
    "repository_ruleset": _rules_moved,
    "branch_protection_rule": _rules_moved,
}
"""What to make of each event; `ping` and everything else is taken and ignored."""


def _repository(payload: Json) -> Repository:
    repository = payload["repository"]
    return Repository(
        forge=FORGE,
        id=_int(repository["id"]),
        name=str(repository["full_name"]),
        default_branch=str(repository.get("default_branch") or ""),
        installation=_int((payload.get("installation") or {}).get("id") or 0),
    )


def _listed(entry: Json, installation: int, *, active: bool = True) -> Repository:
    return Repository(FORGE, _int(entry["id"]), str(entry["full_name"]), installation=installation, active=active)


def _account(user: Json | None) -> Account | None:
    if not user:
        return None
    kind = AccountKind.USER if user.get("type") == "User" else AccountKind.BOT
    return Account(str(user["login"]), AccountId(_int(user["id"])), kind)


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a number was expected, not {type(value).__name__}")
    if not 0 <= value < 2**63:
        raise ValueError("a number that GitHub's are below was expected")
    return value


def _sha(value: Any) -> Sha:
    if not isinstance(value, str):
        raise TypeError("no commit id")
    if not 40 <= len(value) <= 64 or not set(value) <= set("0123456789abcdef"):  # noqa: PLR2004  SHA-1 and SHA-256 in hex
        raise ValueError("a commit id was expected")
    return Sha(value)


def _time(value: Any) -> datetime:
    if isinstance(value, int):
        return datetime.fromtimestamp(value, UTC)
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
