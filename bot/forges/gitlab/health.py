"""How the bot stands with GitLab: its account and token, what it reaches, its clock. Read for the doctor.

A Developer's token shows neither hooks nor approval settings; what it does not show is said, with the command that
tells it. Facts from GitLab's REST documentation: a token tells its own scopes and last day; GitLab never sends a
delivery again by itself, and only a Maintainer can have it sent again.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from bot.forges.gitlab import convert
from bot.forges.gitlab.session import RefusedError, Session
from bot.forges.gitlab.setup import DEVELOPER, EXPIRY_WARNING
from bot.forges.port import Examination
from bot.model.enforcement import Fact, Level
from bot.model.errors import GoneError

Json = Mapping[str, Any]
SCOPE = "api"
SKEW = timedelta(minutes=1)
"""A signed hook is taken for five minutes; a clock that is a fifth of that off is a reason to look."""
RENEW = "Rotate the bot's token and put the new one into SIGNOFF_GITLAB_TOKEN."


def examine(session: Session, now: datetime) -> Examination:
    """See `Forge.examine`: two requests, and one for each page of the bot's projects."""
    try:
        user = session.get("/user")
    except (GoneError, RefusedError) as error:
        return Examination((Fact(f"GitLab does not take the bot's token: {error}", Level.OPEN, RENEW),))
    facts = [Fact(f"GitLab knows the bot as {user['username']} (id {user['id']})."), _skew(session.date, now)]
    facts += _token(session, now.date())
    projects = list(session.pages("/projects", membership="true", archived="false"))
    covered = tuple(convert.repository(each) for each in projects)
    for each in projects:
        if _level(each) < DEVELOPER:
            text = f"The bot is no Developer of {each['path_with_namespace']}, so nothing it says counts there."
            facts.append(Fact(text, Level.OPEN, "Make it a member with the role Developer."))
    if not covered:
        facts.append(Fact("The bot is a member of no project.", Level.OPEN, "Run `signoff setup gitlab PROJECT`."))
    hooks = "Hooks and what failed to arrive are shown to Maintainers only."
    facts.append(Fact(hooks, Level.UNKNOWN, "`signoff setup gitlab PROJECT --check` tells, with such a token."))
    return Examination(tuple(facts), covered, failed=None)


def _token(session: Session, today: date) -> Iterator[Fact]:
    try:
        told = session.get("/personal_access_tokens/self")
    except (GoneError, RefusedError):
        yield Fact("When the bot's token expires cannot be told.", Level.UNKNOWN)
        return
    if SCOPE not in (told.get("scopes") or ()):
        yield Fact(f"The bot's token lacks the scope {SCOPE}.", Level.OPEN, RENEW)
    ends = told.get("expires_at")
    if not ends:
        yield Fact("The bot's token does not expire.")
    elif date.fromisoformat(ends) - today <= EXPIRY_WARNING:
        yield Fact(f"The bot's token expires on {ends}.", Level.WEAK, RENEW)
    else:
        yield Fact(f"The bot's token is good until {ends}.")


def _skew(said: str | None, now: datetime) -> Fact:
    try:
        ahead = now - parsedate_to_datetime(said or "")
    except ValueError:
        return Fact("GitLab's answer had no date, so the clocks could not be compared.", Level.UNKNOWN)
    if abs(ahead) <= SKEW:
        return Fact("This machine's clock and GitLab's agree.")
    way = "ahead of" if ahead > timedelta() else "behind"
    text = f"This machine's clock is {abs(ahead).total_seconds():.0f} seconds {way} GitLab's."
    return Fact(text, Level.OPEN, "Set the clock (NTP): signed hooks are taken for five minutes only.")


def _level(project: Json) -> int:
    told = project.get("permissions") or {}
    return max((told.get(key) or {}).get("access_level") or 0 for key in ("project_access", "group_access"))
