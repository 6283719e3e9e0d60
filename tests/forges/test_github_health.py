"""What the doctor makes of GitHub's answers: pure parts, by table."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.forges import clocks
from bot.forges.github import guarding, health
from bot.forges.github.session import PERMISSIONS, UNTOLD
from bot.forges.github.setup import EVENTS
from bot.forges.gitlab.health import expiry
from bot.model.enforcement import Level, Pin


def attempt(number: int, guid: str, status: str) -> dict[str, object]:
    """An attempt to deliver, as the listing shows it."""
    at = f"2026-11-20T10:00:{number:02}Z"
    return {"id": number, "guid": guid, "status": status, "delivered_at": at, "event": "push", "action": None}


def test_a_delivery_is_lost_only_if_no_attempt_was_answered_well() -> None:
    """GitHub's own filter of failures leaves out those that got no answer at all."""
    newest_first = [attempt(5, "a", "OK"), attempt(4, "b", "timed out"), attempt(3, "c", "OK"), attempt(2, "b", "500")]
    lost = health.failures(iter([*newest_first, attempt(1, "a", "500")]))
    assert [(each.id, each.delivery, each.why) for each in lost] == [(4, "b", "timed out")]


def test_missing_permissions_and_events_are_named_each() -> None:
    """A higher permission is as good."""
    full = dict(PERMISSIONS) | {"pull_requests": "write"}
    (fine,) = health.missing("the App", full, list(EVENTS))
    assert fine.level is Level.FINE
    lacking = health.missing("the App", full | {"checks": "read"}, [each for each in EVENTS if each != "push"])
    assert [fact.text.split(" ", 3)[3].split(":")[0] for fact in lacking] == [
        "the permission checks",
        "not hear of push",
    ]
    assert all(fact.level is Level.OPEN and fact.repair for fact in lacking)


@pytest.mark.parametrize(("seconds", "level"), [(0, Level.FINE), (19, Level.FINE), (45, Level.OPEN), (-45, Level.OPEN)])
def test_clocks_that_differ_are_noticed_before_the_forge_refuses_us(seconds: int, level: Level) -> None:
    """GitHub refuses a token that is issued in the future."""
    assert clocks.skew(timedelta(seconds=seconds), "GitHub").level is level


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Fri, 20 Nov 2026 10:00:00 GMT", "clock and GitHub's agree"),
        ("Fri, 20 Nov 2026 09:59:00 -0000", "60 seconds ahead"),
        ("Fri, 20 Nov 2026 11:00:00 +0100", "clock and GitHub's agree"),
        ("yesterday", "a date that cannot be read"),
        ("20 Nov 2026 10:00:00 +9999", "a date that cannot be read"),
        ("1 Jan 99999999999999999999 10:00:00 GMT", "a date that cannot be read"),
        ("", "no date"),
        (None, "no date"),
    ],
)
def test_a_date_that_cannot_be_read_leaves_only_the_clocks_unknown(header: str | None, told: str) -> None:
    """Whatever stands in the header, the doctor goes on to the next fact."""
    fact = clocks.compared(header, datetime(2026, 11, 20, 10, tzinfo=UTC), "GitHub")
    assert told in fact.text
    assert (fact.level is Level.UNKNOWN) == ("date" in told)


@pytest.mark.parametrize(
    ("config", "worst"),
    [
        ({"url": "https://bot.example.com/webhooks/github", "secret": "********", "insecure_ssl": "0"}, Level.FINE),
        ({"url": "https://other.example.com/", "secret": "********"}, Level.WEAK),
        ({"url": "https://bot.example.com/webhooks/github", "secret": "********", "insecure_ssl": 1}, Level.WEAK),
        ({"url": "https://bot.example.com/webhooks/github"}, Level.OPEN),
        ({"url": "", "secret": "********"}, Level.OPEN),
    ],
)
def test_a_webhook_must_lead_here_with_a_secret(config: dict[str, object], worst: Level) -> None:
    """Each of these was seen in installations where "nothing happens"."""
    facts = health.webhook_facts(config, "https://bot.example.com/webhooks/github")
    assert max((fact.level for fact in facts), key=tuple(Level).index) is worst


def test_the_classic_protection_tells_the_source_of_a_check_and_whether_administrators_are_bound() -> None:
    """It writes -1 for a check of any App, and older answers name contexts alone."""
    checks = [{"context": "senior-signoff", "app_id": 7}, {"context": "ci", "app_id": None}]
    shown = {"required_status_checks": {"enforcement_level": "everyone", "contexts": [], "checks": checks}}
    (found,) = guarding.classic(shown, "senior-signoff", 7)
    assert (found.pin, found.bypass) == (Pin.OURS, ())
    shown["required_status_checks"]["enforcement_level"] = "non_admins"
    (found,) = guarding.classic(shown, "senior-signoff", 8)
    assert (found.pin, found.bypass) == (Pin.ANOTHER, ("the repository's administrators",))
    checks[0]["app_id"] = -1
    assert guarding.classic(shown, "senior-signoff", 7)[0].pin is Pin.ANYBODY
    old = {"required_status_checks": {"enforcement_level": "everyone", "contexts": ["senior-signoff"]}}
    assert guarding.classic(old, "senior-signoff", 7)[0].pin is Pin.ANYBODY
    assert guarding.classic({"required_status_checks": {"enforcement_level": "off"}}, "senior-signoff", 7) == []
    assert guarding.classic({}, "senior-signoff", 7) == []


def test_who_is_on_a_bypass_list_is_said_in_words() -> None:
    """Numbers of roles tell nobody anything."""
    entries = [("RepositoryRole", 5), ("OrganizationAdmin", None), ("Team", 9), ("Integration", 3), ("DeployKey", None)]
    said = [guarding.bypasser({"actor_type": kind, "actor_id": number}) for kind, number in entries]
    assert said[:3] == ["its administrators", "the organisation's owners", "the team 9"]
    only = {"actor_type": "RepositoryRole", "actor_id": 4, "bypass_mode": "pull_request"}
    assert guarding.bypasser(only) == "whoever may write (by a pull request only)"


def test_the_doctor_asks_for_the_events_that_the_setup_subscribes_to() -> None:
    """Else a fresh installation would be told that something is missing."""
    assert UNTOLD.keys() == EVENTS.keys()


@pytest.mark.parametrize(("ends", "level"), [(None, Level.FINE), (20, Level.FINE), (14, Level.WEAK), (1, Level.WEAK)])
def test_a_token_that_is_about_to_expire_is_told_of_in_time(ends: int | None, level: Level) -> None:
    """On the day itself it is too late."""
    today = date(2026, 11, 20)
    assert expiry(None if ends is None else today + timedelta(days=ends), today).level is level
