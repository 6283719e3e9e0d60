"""How the bot's account stands with GitLab: its token, its clock, what it is a member of. Read for the doctor.

What failed of a project's webhook only a Maintainer is shown: `signoff setup gitlab PROJECT --check` looks with such
a token.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bot.forges.clocks import compared
from bot.forges.gitlab import convert
from bot.forges.gitlab.session import Session
from bot.forges.port import Examination
from bot.model.enforcement import Fact, Level
from bot.model.errors import GoneError, NeedsSomebodyError

SOON = timedelta(days=14)
"""How long before a token expires the doctor speaks of it."""
ENOUGH = frozenset({"api", "granular"})
"""Scopes with which statuses, approvals and notes can be written; of a granular one its permissions tell, elsewhere."""


@convert.strict
def examine(session: Session, now: datetime) -> Examination:
    """See `Forge.examine`: a request for the account, one for its token, one for each page of projects."""
    try:
        me = session.get("/user")
    except (GoneError, NeedsSomebodyError) as error:
        repair = "Make a new token of the bot's account and set SIGNOFF_GITLAB_TOKEN."
        return Examination((Fact(f"GitLab does not take the bot's token: {error}", Level.OPEN, repair),), (), None)
    facts = [Fact(f"GitLab knows the bot as {me['username']} (id {me['id']})."), compared(session.date, now, "GitLab")]
    facts += _token(session, now.date())
    listed = session.pages("/projects", membership="true", archived="false", simple="true")
    covered = tuple(convert.repository(entry) for entry in listed)
    if not covered:
        facts.append(Fact("It is a member of no project.", Level.OPEN, "Make it a member of what it is to guard."))
    return Examination(tuple(facts), covered, None)


def _token(session: Session, today: date) -> Iterator[Fact]:
    try:
        told = session.get("/personal_access_tokens/self")
    except (GoneError, NeedsSomebodyError) as error:
        yield Fact(f"When the bot's token expires cannot be told: {error}", Level.UNKNOWN)
        return
    ends, scopes = told.get("expires_at"), told.get("scopes") or ()
    yield expiry(None if not ends else date.fromisoformat(ends), today)
    if scopes and ENOUGH.isdisjoint(scopes):
        has = (
            f"The bot's token has the scopes {', '.join(sorted(map(str, scopes)))} alone, so that it can write nothing."
        )
        yield Fact(has, Level.OPEN, "Make a token with the scope api and set SIGNOFF_GITLAB_TOKEN.")


def expiry(ends: date | None, today: date) -> Fact:
    """What the day on which the bot's token expires means."""
    if ends is None:
        return Fact("The bot's token does not expire.")
    if ends - today > SOON:
        return Fact(f"The bot's token expires on {ends}.")
    return Fact(f"The bot's token expires on {ends}.", Level.WEAK, "Renew it now, and set SIGNOFF_GITLAB_TOKEN.")
