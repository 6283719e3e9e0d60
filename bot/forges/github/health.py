"""How the App stands with GitHub: its registration, its installations, its webhook, its clock. Read for the doctor.

Facts from GitHub's REST documentation: deliveries are kept for some days and never sent again by themselves; the filter
`status=failure` leaves out those that got no answer, so all are listed and grouped by their guid.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.forges import onward
from bot.forges.clocks import compared
from bot.forges.github import convert
from bot.forges.github.session import PERMISSIONS, UNTOLD, Session
from bot.forges.port import Examination, FailedDelivery
from bot.model.enforcement import Fact, Level
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.subject import Repository

Json = Mapping[str, Any]

LEVELS = ("none", "read", "write", "admin")
MOST_PAGES = 20
"""How many pages of a hundred deliveries are looked through, the newest."""
GRANT = "In the App's settings, Permissions & events; then accept it in each installation."


@convert.strict
def examine(session: Session, webhook: str | None, now: datetime) -> Examination:
    """See `Forge.examine`: a request for the App, its webhook, each page of its installations and deliveries, and one
    for each page of what an installation covers.
    """
    try:
        headers, app = session.app_rest("GET", "/app")
    except (GoneError, NeedsSomebodyError) as error:
        repair = "Compare SIGNOFF_GITHUB_APP_ID and the key with the App's settings, and this machine's clock."
        return Examination((Fact(f"GitHub does not take the App's word: {error}", Level.OPEN, repair),))
    dated = {key.lower(): value for key, value in headers.items()}.get("date")
    name = f"the App {app['slug']}"
    facts = [Fact(f"GitHub knows {name} (id {app['id']}) by its key, which does not expire.")]
    facts += [
        compared(dated, now, "GitHub"),
        *missing(name, app["permissions"], app["events"]),
        *_webhook(session, webhook),
    ]
    covered: list[Repository] = []
    for entry in session.pages(None, "/app/installations"):
        where = f"its installation in {entry['account']['login']}"
        if entry.get("suspended_at"):
            facts.append(Fact(f"{where} is suspended.", Level.OPEN, "Somebody there can unsuspend it."))
            continue
        facts += missing(where, entry["permissions"], entry["events"])
        covered += _covered(session, entry["id"])
    if not covered:
        facts.append(Fact("It is installed in no repository.", Level.OPEN, "Install the App where it is to guard."))
    return Examination(tuple(facts), tuple(covered), failures(_deliveries(session)))


def _covered(session: Session, installation: int) -> Iterator[Repository]:
    for each in session.pages(installation, "/installation/repositories", "repositories"):
        if not each.get("archived"):
            yield Repository("github", each["id"], each["full_name"], each["default_branch"], installation)


def missing(where: str, permissions: Mapping[str, str], events: list[str]) -> list[Fact]:
    """What an App or an installation lacks, or that it lacks nothing."""
    facts = [
        Fact(f"{where} lacks the permission {name}: {level}.", Level.OPEN, GRANT)
        for name, level in PERMISSIONS.items()
        if LEVELS.index(permissions.get(name, "none")) < LEVELS.index(level)
    ]
    facts += [
        Fact(f"{where} does not hear of {name}: {consequence}.", Level.OPEN, GRANT)
        for name, consequence in UNTOLD.items()
        if name not in events
    ]
    return facts or [Fact(f"{where} has every permission and event that is needed.")]


def _webhook(session: Session, expected: str | None) -> Iterator[Fact]:
    try:
        _, config = session.app_rest("GET", "/app/hook/config")
    except (GoneError, NeedsSomebodyError) as error:
        yield Fact(f"The App's webhook could not be read: {error}", Level.UNKNOWN)
        return
    yield from webhook_facts(config, expected)


def webhook_facts(config: Json, expected: str | None) -> Iterator[Fact]:
    """What the App's webhook configuration means."""
    url = str(config.get("url") or "")
    if not url:
        yield Fact(
            "The App has no webhook: everything waits for the sweep.", Level.OPEN, "Set it in the App's settings."
        )
        return
    if expected is not None and url.rstrip("/") != expected:
        yield Fact(f"The App's webhook goes to {url}, not to {expected}.", Level.WEAK, "Correct one of the two.")
    else:
        yield Fact(f"The App's webhook goes to {url}.")
    if not config.get("secret"):
        yield Fact("The App's webhook has no secret.", Level.OPEN, "Set SIGNOFF_GITHUB_WEBHOOK_SECRET there too.")
    if str(config.get("insecure_ssl", "0")) != "0":
        yield Fact(
            "GitHub does not check the certificate of the webhook's address.", Level.WEAK, "Enable verification."
        )


def _deliveries(session: Session) -> Iterator[Json]:
    query: dict[str, Any] = {"per_page": 100}
    for _ in range(MOST_PAGES):
        headers, page = session.app_rest("GET", "/app/hook/deliveries", **query)
        yield from page
        cursor = (onward.linked(headers) or {}).get("cursor")
        if cursor is None:
            return
        query["cursor"] = cursor


def failures(attempts: Iterator[Json]) -> tuple[FailedDelivery, ...]:
    """The deliveries of which no attempt was answered well, oldest first, each by its newest attempt."""
    newest: dict[str, Json] = {}
    good: set[str] = set()
    for each in attempts:
        newest.setdefault(each["guid"], each)
        if each["status"] == "OK":
            good.add(each["guid"])
    failed = (each for guid, each in newest.items() if guid not in good)
    return tuple(
        FailedDelivery(each["id"], each["guid"], _kind(each), convert.time(each["delivered_at"]), _why(each))
        for each in sorted(failed, key=lambda each: each["delivered_at"])
    )


def _why(each: Json) -> str:
    """What came back, in GitHub's words, with our answer's code where there was one: 401 is a secret that differs."""
    code = each.get("status_code")
    return f"{each['status']} ({code})" if code else str(each["status"])


def _kind(each: Json) -> str:
    return f"{each['event']}.{each['action']}" if each["action"] else str(each["event"])
