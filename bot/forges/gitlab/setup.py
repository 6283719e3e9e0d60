"""What it takes to put a project under the gate: a plan of changes, each with its inverse, and a check of what stands.

Planning reads only. Each step is one request and the request that undoes it, so that what is printed, done and taken
back is the same. Nothing is made harder than the instance's tier allows, and nothing is called harder than it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import quote

from bot.forges.gitlab import hooks
from bot.forges.gitlab.grade import ANYBODY, Facts, rule
from bot.forges.gitlab.hooks import Wanted
from bot.forges.gitlab.known import read_facts
from bot.forges.gitlab.session import ConflictError, RefusedError, Session
from bot.model.errors import GoneError, NeedsSomebodyError

Json = Mapping[str, Any]
DEVELOPER = 30
ACCOUNT = "senior-signoff"
GATES = {"reset_approvals_on_push": True, "disable_overriding_approvers_per_merge_request": True}
MERGING = {"only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": False}
SIGNING, ACCOUNTS = (19, 0), (18, 11)
"""From which versions on GitLab signs hooks, and projects have service accounts."""
BY_HAND = (
    "this GitLab is older than 18.11, so projects have no service accounts: make an account for the bot by hand (a "
    "service account of the group, a project access token or a user), and give its token, of scope api, as "
    "SIGNOFF_GITLAB_TOKEN"
)
TAKEN = (
    "there is an account of this name that was not found among the project's: give a token of it as "
    "SIGNOFF_GITLAB_TOKEN, or take it back with --undo --apply if this command made it"
)
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
    """A change and its inverse, in words and as requests. `proof` is a key of the answer that must be true.

    `instead` are another request and its inverse, for where GitLab says that what is to be made is there.
    """

    says: str
    do: Request
    undo_says: str
    undo: Request
    proof: str | None = None
    makes_bot: bool = False
    makes_token: bool = False
    instead: tuple[Request, Request] | None = None


def find_project(session: Session, name: str) -> Json:
    """The project of a path or an id."""
    found: Json = session.get(f"/projects/{quote(name, safe='')}")
    return found


def plan(session: Session, project: Json, bot: int | None, wanted: Wanted, expires: date) -> Iterator[Step]:
    """The steps that are missing. `bot` is the account's id, None if it is to be made; `expires`: its token, then.

    NeedsSomebodyError where this GitLab is too old for what is wanted.
    """
    path, version = f"/projects/{project['id']}", _version(session)
    if version < SIGNING and "token" not in wanted.secrets(project["id"]):
        raise NeedsSomebodyError(hooks.TOO_OLD)
    facts = read_facts(session, project["id"])
    if bot is None:
        if version < ACCOUNTS:
            raise NeedsSomebodyError(BY_HAND)
        name = f"{ACCOUNT}-{project['id']}"
        bot = _made_before(session, path, name)
        yield from _account(session, path, name, bot, expires)
    else:
        yield from _membership(session, path, bot)
    yield from _hook(session, path, project["id"], wanted)
    yield from _gate(path, facts, bot, str(project.get("default_branch") or ""))


def _version(session: Session) -> tuple[int, ...]:
    """GitLab's version, as far as it says one: what it does not tell is taken for new."""
    try:
        told = re.match(r"(\d+)\.(\d+)", str(session.get("/metadata")["version"]))
    except (GoneError, RefusedError, KeyError, TypeError):
        told = None
    return tuple(map(int, told.groups())) if told else ACCOUNTS + SIGNING


def _made_before(session: Session, path: str, name: str) -> int | None:
    """The project's service account of a name, made by a run that did not come to its end."""
    try:
        found = [each["id"] for each in session.pages(f"{path}/service_accounts") if each["username"] == name]
    except (GoneError, RefusedError):  # then making it says what is wrong
        return None
    return int(found[0]) if found else None


def _account(session: Session, path: str, name: str, bot: int | None, expires: date) -> Iterator[Step]:
    """The bot's account, its membership and its token."""
    if bot is None:
        yield Step(
            f"make the service account {name}",
            Request("post", f"{path}/service_accounts", {"name": "Senior sign-off", "username": name}),
            "delete the service account",
            Request("delete", f"{path}/service_accounts/{MADE}"),
            makes_bot=True,
        )
        yield _joining(path, BOT, None)
    else:
        yield from _membership(session, path, bot)
    tokens = f"{path}/service_accounts/{BOT if bot is None else bot}/personal_access_tokens"
    yield Step(
        f"make a token of the service account {name}",
        Request("post", tokens, {"name": "signoff", "scopes": ["api"], "expires_at": expires.isoformat()}),
        "revoke the token",
        Request("delete", f"{tokens}/{MADE}"),
        makes_token=True,
    )


def _membership(session: Session, path: str, bot: int) -> Iterator[Step]:
    have = level(session, path, bot)
    if have is None or have < DEVELOPER:
        yield _joining(path, bot, have)


def _joining(path: str, bot: int | str, have: int | None) -> Step:
    """Make an account a Developer; one that is a direct member with less already is given more."""
    body, one = {"access_level": DEVELOPER}, f"{path}/members/{bot}"
    more = (Request("put", one, body), Request("put", one, {"access_level": have})) if have is not None else None
    return Step(
        f"make {'it' if bot == BOT else f'account {bot}'} a Developer of the project",
        Request("post", f"{path}/members", {"user_id": bot, **body}),
        "take the membership away" if have is None else "put the membership back as it was",
        Request("delete", one),
        instead=more,
    )


def level(session: Session, path: str, user: int) -> int | None:
    """An account's role in a project, by its groups too; None for none."""
    try:
        return int(session.get(f"{path}/members/all/{user}")["access_level"])
    except GoneError:
        return None


def _hook(session: Session, path: str, project: int, wanted: Wanted) -> Iterator[Step]:
    """The hook with our address: made, or mended where it sends too little, or given its secrets (anew)."""
    secrets = wanted.secrets(project)
    proof = hooks.SIGNS if "token" not in secrets else None
    for each in session.pages(f"{path}/hooks"):
        if each["url"] == wanted.url:
            yield from _mended(f"{path}/hooks/{each['id']}", each, wanted.url)
            why = hooks.lacks(each, signing="signing_token" in secrets, token="token" in secrets)
            if why is not None or wanted.renew:
                because = "" if why is None else f": {why}"
                former = "GitLab shows no secret: set the previous master and renew again"
                yield Step(
                    f"give the hook {' and '.join(secrets)} of this project anew{because}",
                    Request("put", f"{path}/hooks/{each['id']}", {"url": wanted.url, **secrets}),
                    f"none, since {former if why is None else 'without it the bot is told nothing'}",
                    Request("put", f"{path}/hooks/{each['id']}", {"url": wanted.url}),
                    proof=proof,
                )
            return
    body = {"url": wanted.url, **dict.fromkeys(hooks.EVENTS, True), hooks.TLS: True, **secrets}
    yield Step(
        f"make a hook to {wanted.url} for {', '.join(hooks.EVENTS)}, with {' and '.join(secrets)} of this project "
        "alone",
        Request("post", f"{path}/hooks", body),
        "delete the hook",
        Request("delete", f"{path}/hooks/{MADE}"),
        proof=proof,
    )


def _mended(hook: str, now: Json, url: str) -> Iterator[Step]:
    """Its settings put right, all at once."""
    wrong = list(hooks.faults(now))
    if wrong:
        yield Step(
            f"mend the hook: {'; '.join(each.text for each in wrong)}",
            Request("put", hook, {"url": url, **{each.name: each.right for each in wrong}}),
            f"set {', '.join(each.name for each in wrong)} back",
            Request("put", hook, {"url": url, **{each.name: now.get(each.name) or False for each in wrong}}),
        )


def _gate(path: str, facts: Facts, bot: int | None, branch: str) -> Iterator[Step]:
    """The rule and its settings where the tier has them, else that pipelines must succeed."""
    if facts.approvals is None:
        yield from _settings("put", path, facts.project, MERGING)
        return
    if bot is None or rule(facts, bot, branch) is None:
        yield from _rule(path, facts, bot)
    yield from _settings("post", f"{path}/approvals", facts.approvals, GATES, f"{path}/approvals")


def _rule(path: str, facts: Facts, bot: int | None) -> Iterator[Step]:
    """The rule: made, or put right where there is one of its name that somebody altered."""
    body: dict[str, Any] = {"approvals_required": 1, "user_ids": [bot if bot is not None else BOT]}
    body |= {"applies_to_all_protected_branches": True}
    here = next((each for each in facts.rules if each["name"] == ACCOUNT), None)
    says = "an approval rule that needs the bot's approval, and nobody else's, on all protected branches"
    if here is None:
        yield from _one_more(path, facts)
        yield Step(
            f"make {says}",
            Request("post", f"{path}/approval_rules", {"name": ACCOUNT, **body}),
            "delete the rule",
            Request("delete", f"{path}/approval_rules/{MADE}"),
        )
        return
    one, before = f"{path}/approval_rules/{here['id']}", _as_it_was(here)
    hidden = {"remove_hidden_groups": True} if here.get("contains_hidden_groups") else {}
    if hidden or before != {**before, **body, "group_ids": []}:
        yield Step(
            f"put the rule {ACCOUNT} right, which somebody altered: {says}",
            Request("put", one, {**body, "group_ids": [], **hidden}),
            f"put the rule back as it was{', but for groups that are hidden' if hidden else ''}",
            Request("put", one, before),
        )


def _one_more(path: str, facts: Facts) -> Iterator[Step]:
    """What everybody's approval counts for, the bot's counts for too (`ApprovalWrappedAnyApproverRule` of GitLab's
    source): it asks for one more, so that as many people have to approve as before.
    """
    for each in facts.rules:
        people = int(each.get("approvals_required") or 0)
        if each.get("rule_type") == ANYBODY and people:
            one = f"{path}/approval_rules/{each['id']}"
            yield Step(
                f"set the approvals that anybody may give to {people + 1}, since the bot's is one of them",
                Request("put", one, {"approvals_required": people + 1}),
                f"set them to {people}",
                Request("put", one, {"approvals_required": people}),
            )


def _as_it_was(found: Json) -> Json:
    """What `_rule` changes of a rule, as it stands."""
    return {
        "approvals_required": found.get("approvals_required") or 0,
        "user_ids": [each["id"] for each in found.get("users") or ()],
        "group_ids": [each["id"] for each in found.get("groups") or ()],
        "applies_to_all_protected_branches": bool(found.get("applies_to_all_protected_branches")),
        "protected_branch_ids": [each["id"] for each in found.get("protected_branches") or ()],
    }


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
    undo = step.undo
    try:
        answer = send(session, _for(step.do, bot))
    except ConflictError:
        if step.instead is None:
            raise
        answer, undo = send(session, _for(step.instead[0], bot)), step.instead[1]
    except RefusedError as error:
        if step.makes_bot and "taken" in error.said.lower():
            raise NeedsSomebodyError(f"{error}; {TAKEN}") from error
        raise
    made = answer.get("id") if isinstance(answer, dict) else None
    undo = _for(undo, bot)
    undo = replace(undo, path=undo.path.replace(MADE, str(made)))
    if step.proof is not None and not answer.get(step.proof):
        send(session, undo)
        raise NeedsSomebodyError(hooks.TOO_OLD)
    return answer, undo


def _for(request: Request, bot: int | None) -> Request:
    """The request with the account's id where it stands for one that was not made yet."""
    filled = {BOT: bot}
    body = {
        name: [filled.get(each, each) for each in value] if isinstance(value, list) else filled.get(value, value)
        for name, value in request.body.items()
    }
    return replace(request, path=request.path.replace(BOT, str(bot)), body=body)
