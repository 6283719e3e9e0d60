"""GitHub's deliveries to events: what is believed, what is ignored, what is refused."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forges.github import webhook
from bot.model.change import AccountKind, ReviewState
from bot.model.errors import RefusedDeliveryError
from bot.model.event import Event
from bot.model.subject import Subject, SubjectKind
from tests.forges import payloads
from tests.forges.payloads import BEFORE, HEAD, SECRET, signed

APP = 12
CHANGE = Subject.change("github", 1, 7)


def event_of(payload: object, **headers: str) -> Event | None:
    given_headers, body = signed(payload, **headers)
    lower = {name.lower(): value for name, value in given_headers.items()}
    webhook.verify(lower, body, (SECRET,))
    return webhook.parse(lower, body, APP)


def refusal(headers: dict[str, str], body: bytes, secrets: tuple[str, ...] = (SECRET,)) -> int:
    lower = {name.lower(): value for name, value in headers.items()}
    with pytest.raises(RefusedDeliveryError) as caught:
        webhook.verify(lower, body, secrets)
        webhook.parse(lower, body, APP)
    return caught.value.status


def test_a_delivery_without_a_good_signature_is_refused_whatever_it_says() -> None:
    headers, body = signed(payloads.pull_request())
    assert refusal(headers | {"X-Hub-Signature-256": "sha256=" + "0" * 64}, body) == 401
    assert refusal({k: v for k, v in headers.items() if "Signature" not in k}, body) == 401
    assert refusal(headers, body + b" ") == 401
    assert refusal(headers | {"X-Hub-Signature-256": "sha256=ü"}, body) == 401


def test_without_a_configured_secret_nothing_is_believed() -> None:
    headers, body = signed(payloads.pull_request(), secret="")
    assert refusal(headers, body, ()) == 401


def test_both_secrets_are_taken_while_one_replaces_the_other() -> None:
    headers, body = signed(payloads.pull_request(), secret="the old one")
    lower = {name.lower(): value for name, value in headers.items()}
    webhook.verify(lower, body, ("the new one", "the old one"))
    assert refusal(headers, body, ("the new one",)) == 401


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_a_delivery_may_come_as_the_field_of_a_form() -> None:
    """GitHub sends it so where the webhook's content type is `form`; what is signed is the body as it was sent."""
    told = json.dumps(payloads.pull_request())
    event = event_of(urlencode({"payload": told}).encode(), **FORM)
    assert event is not None
    assert event == event_of(payloads.pull_request())
    headers, body = signed(urlencode({"other": told}).encode(), **FORM)
    assert refusal(headers, body) == 400
    headers, body = signed(b"payload=%7B&payload=\xff", **FORM)
    assert refusal(headers, body) == 400


@pytest.mark.parametrize("action", sorted(webhook.CHANGE_ACTIONS))
def test_every_action_that_can_alter_the_decision_makes_the_change_due(action: str) -> None:
    event = event_of(payloads.pull_request(action))
    assert event is not None
    assert event.due == (CHANGE,)
    assert event.kind == f"pull_request.{action}"


@pytest.mark.parametrize("action", ["assigned", "review_requested", "locked", "milestoned"])
def test_other_actions_are_ignored(action: str) -> None:
    assert event_of(payloads.pull_request(action)) is None


def test_the_repository_is_remembered_by_its_number_with_name_and_installation() -> None:
    event = event_of(payloads.pull_request())
    assert event is not None
    (repository,) = event.repositories
    assert (repository.id, repository.name, repository.default_branch, repository.installation) == (
        1,
        "acme/payments",
        "main",
        42,
    )


def test_an_opened_change_is_a_sighting_of_its_head_by_whoever_opened_it() -> None:
    event = event_of(payloads.pull_request())
    assert event is not None
    assert event.head is not None
    assert (event.head.sha, event.head.before) == (HEAD, None)
    assert event.head.pusher is not None
    assert event.head.pusher.id == 101
    assert event.head.at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_a_synchronize_is_a_sighting_of_who_moved_the_head_and_which_it_left() -> None:
    event = event_of(payloads.pull_request("synchronize", before=BEFORE, after=HEAD))
    assert event is not None
    assert event.head is not None
    assert (event.head.before, event.head.sha) == (BEFORE, HEAD)


def test_a_review_is_a_sighting_of_the_head_it_was_given_for() -> None:
    event = event_of(payloads.review(), event="pull_request_review")
    assert event is not None
    assert event.review is not None
    assert (event.review.reviewer, event.review.sha, event.review.state) == (1001, HEAD, ReviewState.APPROVED)
    assert event.due == (CHANGE,)


@pytest.mark.parametrize(
    ("payload", "kind", "where"),
    [
        (payloads.pull_request("synchronize"), "pull_request", ("pull_request", "updated_at")),
        (payloads.pull_request(), "pull_request", ("pull_request", "head", "sha")),
        (payloads.review(), "pull_request_review", ("review", "user", "id")),
        (payloads.review(), "pull_request_review", ("review", "submitted_at")),
        (payloads.comment(), "issue_comment", ("comment", "id")),
    ],
)
def test_what_lacks_a_part_of_its_sighting_still_rings_the_bell(
    payload: Any, kind: str, where: tuple[str, ...]
) -> None:
    """A delivery is a doorbell first: what it does not say is read, and nothing is remembered of it."""
    told = json.loads(json.dumps(payload))
    holder = told
    for name in where[:-1]:
        holder = holder[name]
    for spoil in (lambda: holder.update({where[-1]: None}), lambda: holder.pop(where[-1])):
        spoil()
        event = event_of(told, event=kind)
        assert event is not None
        assert event.due == (CHANGE,)
        assert (event.head, event.review, event.comment) == (None, None, None)


def test_a_push_that_does_not_say_when_has_its_whole_repository_looked_at() -> None:
    """Who pushed what cannot be placed in time, so the changes are read instead."""
    event = event_of(
        payloads.push(head_commit=None, repository=payloads.REPOSITORY | {"pushed_at": None}), event="push"
    )
    assert event is not None
    assert event.push is None
    assert event.due == (Subject.whole("github", 1),)


def test_a_dismissal_is_a_doorbell_and_no_sighting() -> None:
    event = event_of(payloads.review("dismissed", "dismissed"), event="pull_request_review")
    assert event is not None
    assert event.review is None
    assert event.due == (CHANGE,)


def test_a_push_is_a_sighting_and_makes_nothing_due() -> None:
    event = event_of(payloads.push(), event="push")
    assert event is not None
    assert event.push is not None
    assert (event.push.branch, event.push.before, event.push.after) == ("claude/retry", BEFORE, HEAD)
    assert event.push.pusher.id == 101
    assert event.due == ()


def test_a_new_branch_has_no_commit_before_it() -> None:
    event = event_of(payloads.push(before="0" * 40), event="push")
    assert event is not None
    assert event.push is not None
    assert event.push.before is None


def test_a_push_of_a_bot_is_a_bots() -> None:
    event = event_of(payloads.push(sender=payloads.ROBOT), event="push")
    assert event is not None
    assert event.push is not None
    assert event.push.pusher.kind is AccountKind.BOT


@pytest.mark.parametrize("path", [".signoff.yaml", "rules.yaml", "roster.yaml", "roster/grace.yaml"])
def test_a_push_that_alters_rules_or_roster_has_its_repository_looked_at(path: str) -> None:
    commits = [{"id": HEAD, "added": [], "modified": [path], "removed": []}]
    event = event_of(payloads.push(ref="refs/heads/main", commits=commits), event="push")
    assert event is not None
    assert event.due == (Subject.whole("github", 1),)


def test_tags_and_the_queues_own_branches_are_no_pushes() -> None:
    assert event_of(payloads.push(ref="refs/tags/v1"), event="push") is None
    assert event_of(payloads.push(ref="refs/heads/gh-readonly-queue/main/pr-7-x"), event="push") is None


def test_only_comments_with_a_command_ring_the_bell() -> None:
    rung = event_of(payloads.comment("please\n/signoff recheck"), event="issue_comment")
    assert rung is not None
    assert rung.due == (CHANGE,)
    assert event_of(payloads.comment("looks good"), event="issue_comment") is None


def test_a_comment_on_an_issue_is_ignored() -> None:
    payload = payloads.comment()
    del payload["issue"]["pull_request"]
    assert event_of(payload, event="issue_comment") is None


def test_checks_of_other_apps_are_ignored_so_that_ci_costs_nothing() -> None:
    assert event_of(payloads.check_run(app=999), event="check_run") is None
    assert event_of(payloads.check_run("completed"), event="check_run") is None


def test_a_rerun_of_our_check_makes_the_changes_on_its_head_due() -> None:
    event = event_of(payloads.check_run(), event="check_run")
    assert event is not None
    assert event.due_heads == ((1, HEAD),)


def test_a_rerun_in_the_queue_makes_the_group_due() -> None:
    event = event_of(payloads.check_run(branch=f"gh-readonly-queue/release/1/pr-7-{BEFORE}"), event="check_run")
    assert event is not None
    assert event.due[0].group == ("release/1", HEAD)


def test_a_merge_group_is_due_by_its_base_and_commit() -> None:
    event = event_of(payloads.merge_group(), event="merge_group")
    assert event is not None
    assert event.due[0].group == ("main", HEAD)
    assert event_of(payloads.merge_group("destroyed"), event="merge_group") is None


def test_an_installation_is_looked_through_and_a_removed_one_forgotten() -> None:
    created = event_of(payloads.installation(), event="installation")
    assert created is not None
    assert created.due == (Subject("github", 0, SubjectKind.INSTALLATION, "42"),)
    for action in ("deleted", "suspend"):
        removed = event_of(payloads.installation(action), event="installation")
        assert removed is not None
        assert [repository.active for repository in removed.repositories] == [False]
        assert removed.left == 42  # all of its repositories: GitHub need not name them
        assert removed.due == ()


def test_a_ping_and_unknown_events_are_taken_and_ignored() -> None:
    assert event_of({"zen": "Keep it logically awesome."}, event="ping") is None
    assert event_of({"action": "created"}, event="star") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps({"action": "opened"}).encode(),
        json.dumps(payloads.pull_request(pull_request={"number": "7"})).encode(),
        json.dumps(payloads.pull_request(pull_request=[])).encode(),
        json.dumps(payloads.pull_request(repository={"id": True, "full_name": "a/b"})).encode(),
    ],
)
def test_a_body_of_the_wrong_shape_is_refused_with_400(body: bytes) -> None:
    assert refusal(*signed(body)) == 400


def test_headers_that_are_not_githubs_are_refused_with_400() -> None:
    headers, body = signed(payloads.pull_request())
    assert refusal({k: v for k, v in headers.items() if k != "X-GitHub-Delivery"}, body) == 400
    assert refusal({k: v for k, v in headers.items() if k != "X-GitHub-Event"}, body) == 400


EVENTS = st.sampled_from([*webhook.READERS, "ping", "nonsense"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["action", "pull_request", "number", "repository", "id", "full_name", "review", "ref"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(EVENTS, st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_an_event_nothing_or_a_refusal(name: str, body: bytes) -> None:
    headers = {"x-github-event": name, "x-github-delivery": "d"}
    try:
        event = webhook.parse(headers, body, APP)
    except RefusedDeliveryError as refused:
        assert refused.status == 400
    else:
        assert event is None or event.forge == "github"


KNOWN: dict[str, dict[str, Any]] = {
    "pull_request": payloads.pull_request("synchronize", before=BEFORE),
    "pull_request_review": payloads.review(),
    "issue_comment": payloads.comment(),
    "check_run": payloads.check_run(),
    "merge_group": payloads.merge_group(),
    "push": payloads.push(),
    "installation": payloads.installation(),
}


@given(st.sampled_from(sorted(KNOWN)), st.data())
def test_a_real_delivery_with_any_one_part_replaced_never_breaks_the_parser(name: str, data: st.DataObject) -> None:
    payload = json.loads(json.dumps(KNOWN[name]))
    place = payload
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        place[key] = data.draw(JSON)
        break
    try:
        webhook.parse({"x-github-event": name, "x-github-delivery": "d"}, json.dumps(payload).encode(), APP)
    except RefusedDeliveryError as refused:
        assert refused.status == 400
