"""How a project stands: how hard its gate is, who could take it down, and what is about to fail. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bot.forges.gitlab import hooks
from bot.forges.gitlab.grade import MAINTAINER, Guard, Mechanism, beside, guard
from bot.forges.gitlab.known import read_facts
from bot.forges.gitlab.session import RefusedError, Session
from bot.forges.gitlab.setup import DEVELOPER, level
from bot.model.enforcement import Grade
from bot.model.errors import GoneError

Json = Mapping[str, Any]
EXPIRY_WARNING = timedelta(days=30)


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


@dataclass(frozen=True, slots=True)
class Service:
    """What the service is told where this runs: the address of its hooks, and which kinds of secret it has."""

    url: str | None
    signing: bool
    token: bool


def standing(lead: Session, bot: Session, project: Json, service: Service, today: date) -> Standing:
    """Read how a project stands: as the lead what only a lead sees, as the bot what is the bot's."""
    own, path = bot.get("/user")["id"], f"/projects/{project['id']}"
    facts = read_facts(lead, project["id"])
    found = guard(facts, own, str(project.get("default_branch") or ""))
    faults: list[str] = []
    told = list(beside(facts, own)) if found.mechanism is Mechanism.APPROVER else []
    if (level(bot, path, own) or 0) < DEVELOPER:
        faults.append("the bot is no Developer of the project")
    for fault, text in (_expiry(bot, today), _hook_health(lead, path, service)):
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


def _hook_health(lead: Session, path: str, service: Service) -> tuple[bool, str]:
    try:
        listed = list(lead.pages(f"{path}/hooks"))
    except (GoneError, RefusedError):
        return False, "the hook cannot be seen with this token: a Maintainer's is needed"
    ours = [each for each in listed if each["url"] == service.url] if service.url else listed
    if not ours:
        return True, "there is no hook to the bot"
    hook = ours[0]
    status = hook.get("alert_status", "executable")
    until = f" until {hook['disabled_until']}" if hook.get("disabled_until") else ""
    wrong = [f"it is {status}{until}"] if status != "executable" else []
    why = hooks.lacks(hook, signing=service.signing, token=service.token)
    wrong += [why] if why is not None else []
    wrong += [each.text for each in hooks.faults(hook)]
    if wrong:
        return True, f"the hook is not well: {'; '.join(wrong)}"
    signs = "signs its deliveries" if hook.get(hooks.SIGNS) else "sends a plain token"
    return False, f"the hook is well and {signs}"
