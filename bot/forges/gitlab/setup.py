"""What it takes to put a project under the gate: a plan of changes, each with its inverse, and a check of what stands.

Planning reads only. Each step is one request and the request that undoes it, so that what is printed, done and taken
back is the same. Nothing is made harder than the instance's tier allows, and nothing is called harder than it is.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from bot.forges.gitlab.grade import MAINTAINER, Facts, Guard, Mechanism, guard, rule
from bot.forges.gitlab.known import read_facts
from bot.forges.gitlab.session import RefusedError, Session
from bot.model.enforcement import Grade
from bot.model.errors import GoneError, NeedsSomebodyError

Json = Mapping[str, Any]
DEVELOPER = 30
ACCOUNT = "senior-signoff"
EVENTS = ("merge_requests_events", "note_events", "pipeline_events", "push_events")
GATES = {"reset_approvals_on_push": True, "disable_overriding_approvers_per_merge_request": True}
MERGING = {"only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": False}
EXPIRY_WARNING = timedelta(days=30)
BOT = "{bot}"
"""Stands for the id of an account that is not made yet."""
MADE = "{made}"
"""Stands for the id of what the step itself made."""


@dataclass(frozen=True, slots=True)
class Request:
    """One change to GitLab. `body` may hold secrets; what is printed names its keys only."""

    verb: str
    path: str
    body: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """A change and its inverse, in words and as requests. `proof` is a key of the answer that must be true."""

    says: str
    do: Request
    undo_says: str
    undo: Request
    proof: str | None = None
    makes_bot: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a project's hook must be: our address and the secrets of that project; `renew`: given to it anew."""

    url: str
    renew: bool
    token: Callable[[int], str | None] = field(repr=False)
    signing_token: Callable[[int], str | None] = field(repr=False)


def find_project(session: Session, name: str) -> Json:
    """The project of a path or an id."""
    found: Json = session.get(f"/projects/{quote(name, safe='')}")
    return found


def plan(session: Session, project: Json, bot: int | None, wanted: Wanted) -> Iterator[Step]:
    """The steps that are missing. `bot` is the account's id, None if it is to be made."""
    path, facts = f"/projects/{project['id']}", read_facts(session, project["id"])
    if bot is None:
        yield _account(path)
    elif not _is_member(session, path, bot):
        yield Step(
            f"make account {bot} a Developer of the project",
            Request("post", f"{path}/members", {"user_id": bot, "access_level": DEVELOPER}),
            "take the membership away",
            Request("delete", f"{path}/members/{bot}"),
        )
    yield from _hook(session, path, project["id"], wanted)
    yield from _gate(path, facts, bot, str(project.get("default_branch") or ""))


def _account(path: str) -> Step:
    body = {"name": "Senior sign-off", "username": f"{ACCOUNT}-{path.rpartition('/')[2]}"}
    return Step(
        f"make the service account {body['username']}, a Developer of the project",
        Request("post", f"{path}/service_accounts", body),
        "delete the service account",
        Request("delete", f"{path}/service_accounts/{MADE}"),
        makes_bot=True,
    )


def joining(path: str, bot: int) -> Request:
    """What makes a new account a member; deleting the account undoes it."""
    return Request("post", f"{path}/members", {"user_id": bot, "access_level": DEVELOPER})


def _is_member(session: Session, path: str, bot: int) -> bool:
    try:
        found = session.get(f"{path}/members/all/{bot}")
    except GoneError:
        return False
    return int(found["access_level"]) >= DEVELOPER


def _hook(session: Session, path: str, project: int, wanted: Wanted) -> Iterator[Step]:
    """The hook with our address: made, or mended where an event is off, or given its secrets anew."""
    token, signing = wanted.token(project), wanted.signing_token(project)
    secret = {"signing_token": signing} if signing else {}
    secret |= {"token": token} if token else {}
    proof = "signing_token_present" if signing and not token else None
    events: dict[str, Any] = dict.fromkeys(EVENTS, True)
    for each in session.pages(f"{path}/hooks"):
        if each["url"] == wanted.url:
            hook = f"{path}/hooks/{each['id']}"
            off = [name for name in EVENTS if not each.get(name)]
            if off:
                yield Step(
                    f"switch {', '.join(off)} of the hook on",
                    Request("put", hook, {"url": wanted.url, **events}),
                    "switch them off again",
                    Request("put", hook, {"url": wanted.url, **dict.fromkeys(off, False)}),
                )
            if wanted.renew:
                yield Step(
                    f"give the hook {' and '.join(secret)} of this project anew",
                    Request("put", hook, {"url": wanted.url, **secret}),
                    "none, since GitLab shows no secret: set the previous master and renew again",
                    Request("put", hook, {"url": wanted.url}),
                    proof=proof,
                )
            return
    body = {"url": wanted.url, **events, "enable_ssl_verification": True, **secret}
    yield Step(
        f"make a hook to {wanted.url} for {', '.join(EVENTS)}, with {' and '.join(secret)} of this project alone",
        Request("post", f"{path}/hooks", body),
        "delete the hook",
        Request("delete", f"{path}/hooks/{MADE}"),
        proof=proof,
    )


def _gate(path: str, facts: Facts, bot: int | None, branch: str) -> Iterator[Step]:
    """The rule and its settings where the tier has them, else that pipelines must succeed."""
    if facts.approvals is None:
        yield from _settings("put", path, facts.project, MERGING)
        return
    if bot is None or rule(facts, bot, branch) is None:
        body = {"name": ACCOUNT, "approvals_required": 1, "user_ids": [bot if bot is not None else BOT]}
        yield Step(
            "make an approval rule that needs the bot's approval, and nobody else's, on all protected branches",
            Request("post", f"{path}/approval_rules", {**body, "applies_to_all_protected_branches": True}),
            "delete the rule",
            Request("delete", f"{path}/approval_rules/{MADE}"),
        )
    yield from _settings("post", f"{path}/approvals", facts.approvals, GATES, f"{path}/approvals")


def _settings(verb: str, path: str, now: Json, wanted: Json, undo_path: str | None = None) -> Iterator[Step]:
    off = {name: value for name, value in wanted.items() if bool(now.get(name)) is not value}
    if off:
        before = {name: bool(now.get(name)) for name in off}
        yield Step(
            f"set {_told(off)}", Request(verb, path, off),
            f"set {_told(before)}", Request(verb, undo_path or path, before),
        )  # fmt: skip


def _told(settings: Json) -> str:
    return ", ".join(f"{name} to {str(value).lower()}" for name, value in settings.items())


# --- doing it


def send(session: Session, request: Request) -> Any:
    """Make a request."""
    if request.verb == "delete":
        session.delete(request.path)
        return None
    act = session.post if request.verb == "post" else session.put
    return act(request.path, request.body)


def apply(session: Session, step: Step, bot: int | None) -> tuple[Any, Request]:
    """Do a step; GitLab's answer, and the request that undoes exactly this. NeedsSomebodyError if it did not take."""
    body = {name: [bot] if value == [BOT] else value for name, value in step.do.body.items()}
    answer = send(session, replace(step.do, body=body))
    made = answer.get("id") if isinstance(answer, dict) else None
    undo = replace(step.undo, path=step.undo.path.replace(MADE, str(made)))
    if step.proof is not None and not answer.get(step.proof):
        send(session, undo)
        raise NeedsSomebodyError(
            "this GitLab is older than 19.0 and does not sign its hooks: set SIGNOFF_GITLAB_WEBHOOK_SECRET"
        )
    return answer, undo


# --- what stands


@dataclass(frozen=True, slots=True)
class Standing:
    """How a project stands: its guard, who could take it down, and what will go wrong. None: could not be told."""

    guard: Guard
    past: tuple[str, ...]
    faults: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether the gate holds as hard as it says, and nothing is about to fail."""
        return not self.faults and self.guard.grade in {Grade.ENFORCED, Grade.TAMPER_EVIDENT}


def standing(lead: Session, bot: Session, project: Json, url: str | None, today: date) -> Standing:
    """Read how a project stands: as the lead what only a lead sees, as the bot what is the bot's."""
    own, path = bot.get("/user")["id"], f"/projects/{project['id']}"
    found = guard(read_facts(lead, project["id"]), own, str(project.get("default_branch") or ""))
    faults: list[str] = []
    told: list[str] = []
    if not _is_member(bot, path, own):
        faults.append("the bot is no Developer of the project")
    for fault, text in (_expiry(bot, today), _hook_health(lead, path, url)):
        (faults if fault else told).append(text)
    return Standing(found, tuple(_past(lead, path, own, found)), tuple(faults), tuple(told))


def _past(session: Session, path: str, own: int, found: Guard) -> Iterator[str]:
    """Who could get past the gate."""
    floor = DEVELOPER if found.mechanism is not Mechanism.APPROVER else MAINTAINER
    yield from (f"{who} (may push to the branch)" for who in found.past)
    for member in session.pages(f"{path}/members/all"):
        if member["access_level"] >= floor and member["id"] != own:
            yield f"{member['username']} ({member['access_level']})"


def _expiry(bot: Session, today: date) -> tuple[bool, str]:
    try:
        told = bot.get("/personal_access_tokens/self").get("expires_at")
    except (GoneError, RefusedError):
        return False, "when the bot's token expires cannot be told"
    if not told:
        return False, "the bot's token does not expire"
    soon = date.fromisoformat(told) - today <= EXPIRY_WARNING
    return soon, f"the bot's token expires on {told}" + (": renew it now" if soon else "")


def _hook_health(lead: Session, path: str, url: str | None) -> tuple[bool, str]:
    try:
        hooks = list(lead.pages(f"{path}/hooks"))
    except (GoneError, RefusedError):
        return False, "the hook cannot be seen with this token: a Maintainer's is needed"
    ours = [each for each in hooks if each["url"] == url] if url else hooks
    if not ours:
        return True, "there is no hook to the bot"
    hook = ours[0]
    off = [name for name in EVENTS if not hook.get(name)]
    status = hook.get("alert_status", "executable")
    if off or status != "executable":
        until = f" until {hook['disabled_until']}" if hook.get("disabled_until") else ""
        why = [f"it is {status}{until}"] if status != "executable" else []
        return True, f"the hook is not well: {'; '.join([*why, *(f'{name} is off' for name in off)])}"
    signs = "signs its deliveries" if hook.get("signing_token_present") else "sends a plain token"
    return False, f"the hook is well and {signs}"
