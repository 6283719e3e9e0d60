"""A project's webhook to the bot: whether the bot takes what it sends, and what mends it. Pure.

GitLab shows no secret, from 19.0 on only whether a hook has one; so a secret that is there is taken for the right one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]
EVENTS = ("merge_requests_events", "note_events", "pipeline_events", "push_events")
SIGNS, BEARS = "signing_token_present", "token_present"
TOO_OLD = "this GitLab is older than 19.0 and does not sign its hooks: set SIGNOFF_GITLAB_WEBHOOK_SECRET"
FILTER, TEMPLATE, TLS = "push_events_branch_filter", "custom_webhook_template", "enable_ssl_verification"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a project's hook must be: our address and the secrets of that project; `renew`: given to it anew."""

    url: str
    renew: bool
    token: Callable[[int], str | None] = field(repr=False)
    signing_token: Callable[[int], str | None] = field(repr=False)

    def secrets(self, project: int) -> dict[str, str]:
        """The secrets of a project's hook, by GitLab's names."""
        told = {"signing_token": self.signing_token(project), "token": self.token(project)}
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a hook's settings, in words; the setting that is wrong, and what it must be."""

    text: str
    name: str
    right: bool | str


def faults(hook: Json) -> Iterator[Fault]:
    """What makes GitLab send less than the bot needs, in another form, or to somebody else."""
    yield from (Fault(f"{name} is off", name, right=True) for name in EVENTS if not hook.get(name))
    if hook.get(FILTER) and hook.get("branch_filter_strategy") != "all_branches":
        yield Fault(f"pushes to {_short(hook[FILTER])} only are told ({FILTER})", FILTER, "")
    if hook.get(TEMPLATE):
        yield Fault(f"a template of somebody's takes the place of what GitLab sends ({TEMPLATE})", TEMPLATE, "")
    if hook.get(TLS) is False:
        yield Fault(f"the certificate of the bot's address is not looked at ({TLS} is off)", TLS, right=True)


def lacks(hook: Json, *, signing: bool, token: bool) -> str | None:
    """Why the bot takes no delivery of a hook, None if it does as far as GitLab tells: `signing` and `token` are what
    the service has; where it has neither, it is not known here what it has.
    """
    signs, bears = hook.get(SIGNS), hook.get(BEARS)
    if signing and not token and signs is None:
        return TOO_OLD
    by_signature, by_token = bool(signs), bears is not False
    if (signing and by_signature) or (token and by_token):
        return None
    if not signing and not token and (by_signature or by_token):
        return None
    if not signs and not bears:
        return "it has no secret, so that the bot takes none of its deliveries"
    has, needs = ("signing_token", "token") if signs else ("token", "signing_token")
    return f"it has a {has} alone and the service a {needs} alone, so that the bot takes none of its deliveries"


def _short(text: object) -> str:
    """Somebody's own text, on one line."""
    return ascii(str(text)[:60])
