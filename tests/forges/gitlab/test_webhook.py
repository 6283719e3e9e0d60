"""GitLab's deliveries to events: what is believed, what it becomes, and what is refused."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forges.gitlab import secrets, webhook
from bot.forges.gitlab.secrets import Secrets
from bot.model.change import AccountKind, ReviewState
from bot.model.errors import RefusedDeliveryError
from bot.model.event import Event, TipSeen
from tests.forges.gitlab import payloads
from tests.forges.gitlab.payloads import BOTH, GRACE, MASTER, NOW, PLAIN, ROBOT, SIGNING, signed, with_token


def receive(delivery: tuple[dict[str, str], bytes], known: Secrets = BOTH, own: int | None = None) -> Event | None:
    return webhook.receive(*delivery, known, NOW, own)


def status_of(delivery: tuple[dict[str, str], bytes], known: Secrets = BOTH) -> int:
    with pytest.raises(RefusedDeliveryError) as refused:
        receive(delivery, known)
    return refused.value.status


def test_a_signed_delivery_of_the_project_is_taken_and_names_the_change() -> None:
    """Standard Webhooks: HMAC over id, time and body with the project's own key."""
    event = receive(signed(payloads.merge_request()))
    assert event is not None
    assert [each.key for each in event.due] == ["gitlab/7/change/3"]
    assert event.delivery == "7:msg-1"
    assert event.kind == "merge_request.open"
    assert event.repositories[0].id == 7
    assert event.hearsay, "a name in a body is whatever a hook's template says"


def test_a_signature_holds_for_five_minutes_and_for_that_body_alone() -> None:
    """A replay outside the window, another body, and another key are refused."""
    late = signed(payloads.merge_request(), at=NOW - timedelta(minutes=6))
    early = signed(payloads.merge_request(), at=NOW + timedelta(minutes=6))
    headers, _ = signed(payloads.merge_request())
    other = "whsec_" + "A" * 43 + "="
    refused = [late, early, (headers, payloads.body_of(payloads.merge_request("close"))), signed({}, key=other)]
    assert [status_of(each) for each in refused] == [401] * 4


def test_both_signing_tokens_and_both_secrets_are_taken_during_a_rotation() -> None:
    """The previous one stays in force until it is taken out of the settings."""
    new = "whsec_" + "B" * 43 + "="
    rotating = Secrets(("newer", MASTER), (new, SIGNING))
    for delivery in (signed(payloads.merge_request()), with_token(payloads.merge_request())):
        assert receive(delivery, rotating) is not None
    assert status_of(signed(payloads.merge_request()), Secrets((), (new,))) == 401
    headers, body = signed(payloads.merge_request())
    headers["webhook-signature"] = "v1,bm90IGl0 v2,x " + headers["webhook-signature"]
    assert receive((headers, body)) is not None


def test_the_secret_of_another_project_proves_nothing() -> None:
    """Scenario 61: a hook's secret is bound to its project's id, in the token and in the signature."""
    approval = payloads.merge_request("approved", GRACE)
    assert status_of(with_token(approval, secrets.project_token(MASTER, 8)), PLAIN) == 401
    assert status_of(signed(approval, project=8)) == 401
    inside = payloads.merge_request("approved", GRACE, target_project_id=8)
    assert status_of(signed(inside)) == 400
    assert status_of(signed(payloads.note("/signoff recheck") | {"merge_request": {"iid": 3, "target_project_id": 8}}))


def test_a_bad_signature_is_not_saved_by_a_token_and_a_missing_one_falls_back_to_it() -> None:
    """Older instances do not sign; on newer ones the signature decides."""
    headers, body = signed(payloads.merge_request(), key="whsec_" + "A" * 43 + "=")
    assert status_of((headers | {"X-Gitlab-Token": secrets.project_token(MASTER, 7)}, body)) == 401
    assert receive(with_token(payloads.merge_request())) is not None
    assert status_of(with_token(payloads.merge_request(), "wrong")) == 401
    assert status_of(with_token(payloads.merge_request()), Secrets((), (SIGNING,))) == 401
    assert status_of(with_token(payloads.merge_request()), Secrets()) == 401


@pytest.mark.parametrize(
    "body",
    [
        {"x": {"project": {"id": 7}}, **payloads.merge_request(), "project": {"name": "a", "id": 8}},
        {"x": {"project": {"namespace": "{", "id": 7}}, **payloads.merge_request(), "project": {"id": 8}},
        {"x": {"project": {"id": 7}}, "object_kind": "merge_request"},
    ],
)
def test_who_proves_one_project_tells_nothing_of_another(body: dict[str, Any]) -> None:
    """An unproven body is searched for its project, never parsed; what it then turns out to be about must be it."""
    assert status_of(with_token(body)) == 401
    assert status_of(signed(body)) == 401


def test_a_project_is_found_wherever_its_number_stands() -> None:
    """GitLab names it first; another order of the keys is the same event."""
    body = payloads.merge_request()
    late = {"description": 'a "{" and \\', **{k: v for k, v in body["project"].items() if k != "id"}, "id": 7}
    assert receive(with_token({"a": [{"id": 1}], **body, "project": late})) is not None


def test_a_group_hook_proves_itself_with_the_master() -> None:
    """One hook for many projects cannot have a project's own secret."""
    assert receive(with_token(payloads.merge_request(), MASTER)) is not None
    assert receive(signed(payloads.merge_request(), key=SIGNING)) is not None


def test_an_approval_is_a_sighting_of_who_and_which_head() -> None:
    """GitLab cannot be asked later which commit an approval was for."""
    for action in ("approved", "approval"):
        event = receive(signed(payloads.merge_request(action, GRACE)))
        assert event is not None
        assert event.review is not None
        assert (event.review.reviewer, event.review.sha) == (2001, payloads.HEAD)
        assert event.review.state is ReviewState.APPROVED


@pytest.mark.parametrize(
    "payload",
    [
        payloads.merge_request("approved", GRACE, system=True, system_action="approvals_reset_on_push"),
        payloads.merge_request("unapproved", GRACE),
        payloads.merge_request("update", GRACE),
    ],
)
def test_what_is_nobodys_approval_only_rings(payload: dict[str, Any]) -> None:
    """A reset by the system names the pusher as its user."""
    event = receive(signed(payload))
    assert event is not None
    assert event.review is None
    assert event.due


def test_a_push_to_the_change_tells_the_head_that_it_left_and_who_moved_it() -> None:
    """`oldrev` is there only when code came."""
    event = receive(signed(payloads.merge_request("update", oldrev=payloads.BEFORE)))
    assert event is not None
    assert event.head is not None
    assert (event.head.before, event.head.sha) == (payloads.BEFORE, payloads.HEAD)
    assert event.head.pusher is not None
    assert event.head.pusher.id == 101


def test_a_push_is_a_sighting_of_its_pusher_by_the_time_it_was_sent() -> None:
    """Its commits' dates are free text, and whether it was forced is not said."""
    event = receive(signed(payloads.push()))
    assert event is not None
    assert event.push is not None
    assert (event.push.branch, event.push.pusher.login, event.push.at) == ("claude/retry", "jo", NOW)
    assert event.push.forced
    assert event.due == ()
    token = receive(signed(payloads.push(user_id=9, user_username="project_7_bot_5f3a")))
    assert token is not None
    assert token.push is not None
    assert token.push.pusher.kind is AccountKind.BOT


def test_rules_that_move_on_the_default_branch_ring_for_the_whole_project() -> None:
    """Also where GitLab lists too few commits to tell."""
    for payload in (payloads.push("main", ".signoff.yaml"), payloads.push("main", total_commits_count=40)):
        event = receive(signed(payload))
        assert event is not None
        assert [each.key for each in event.due] == ["gitlab/7/repository/all"]


def test_only_notes_that_command_and_pipelines_that_may_pass_ring() -> None:
    """Everything else is taken and ignored."""
    ring = receive(signed(payloads.note("/signoff recheck")))
    assert ring is not None
    assert [each.number for each in ring.due] == [3]
    bare = receive(signed(payloads.pipeline()))
    assert bare is not None
    assert bare.due_heads == ((7, payloads.HEAD),)
    assert not bare.seek
    assert bare.tip == TipSeen("claude/retry", payloads.HEAD)
    assert payloads.push()["after"] == payloads.HEAD
    moved = receive(signed(payloads.push()))
    assert moved is not None
    assert moved.tip == bare.tip
    deleted = receive(signed(payloads.push(after="0" * 40)))
    assert deleted is not None
    assert deleted.tip is None
    of_change = receive(signed(payloads.pipeline({"iid": 3, "target_project_id": 7})))
    assert of_change is not None
    assert [each.number for each in of_change.due] == [3]
    for ignored in (
        payloads.note("fine"),
        payloads.note("/signoff recheck", noteable_type="Issue"),
        payloads.pipeline(status="failed"),
        {"object_kind": "issue", "project": payloads.PROJECT},
    ):
        assert receive(signed(ignored)) is None


def test_what_the_bot_did_itself_rings_nothing() -> None:
    """Else each note and approval of ours would have the change evaluated again."""
    mine = signed(payloads.merge_request("approved", ROBOT))
    assert receive(mine, own=9) is None
    assert receive(mine, own=10) is not None
    edited = payloads.note("✅ Signed. /signoff explain", GRACE, action="update", author_id=9)
    ring = receive(signed(edited), own=9)
    assert ring is not None, "somebody edited our note"
    assert (len(ring.due), ring.comment) == (1, None), "which no reading shows as a comment, so it is not waited for"
    ours = {**payloads.pipeline(status="running"), "user": ROBOT}
    assert receive(signed(ours), own=9) is None
    assert receive(signed({**payloads.pipeline(), "user": ROBOT}), own=9) is not None, "who made it succeed is not told"
    assert receive(signed(payloads.push(user_id=9)), own=9) is not None, "the bot never pushes: somebody has its token"


@pytest.mark.parametrize(
    "told",
    [
        {"event_name": "project_create", "project_id": 74, "path_with_namespace": "acme/new", "owners": []},
        {"event_name": "user_add_to_group", "group_id": 78, "user_id": 41, "group_access": "Guest"},
        {"event_name": "key_create", "username": "root", "key": "ssh-rsa AAAA", "id": 4},
        {"event_name": "repository_update", "project_id": 7, "project": {"name": "pay"}, "changes": [], "refs": []},
    ],
)
def test_what_hooks_of_an_instance_or_group_tell_besides_is_taken_and_ignored(told: dict[str, Any]) -> None:
    """System hooks cannot do without these, and what they tell has a name and no kind (GitLab's documentation)."""
    assert receive(with_token(told, MASTER)) is None
    assert status_of(with_token(told, "wrong")) == 401


def test_a_push_told_by_a_system_hook_names_its_project_beside_it() -> None:
    """As GitLab documents it; only a master proves such a delivery."""
    told = payloads.push()
    del told["object_kind"], told["user_username"]
    told["event_name"] = "push"
    told["project"] = {name: value for name, value in payloads.PROJECT.items() if name != "id"}
    event = receive(with_token(told, MASTER))
    assert event is not None
    assert event.push is not None
    assert (event.repositories[0].id, event.push.after) == (7, payloads.HEAD)
    assert status_of(with_token(told, secrets.project_token(MASTER, 7))) == 401


@pytest.mark.parametrize("action", ["open", "update", "approved"])
def test_a_merge_request_whose_commit_gitlab_did_not_find_is_read_all_the_same(action: str) -> None:
    """`last_commit` may be null: then the delivery is a doorbell and shows nothing."""
    event = receive(signed(payloads.merge_request(action, GRACE, last_commit=None, oldrev=payloads.BEFORE)))
    assert event is not None
    assert (len(event.due), event.head, event.review) == (1, None, None)


def test_a_delivery_without_an_id_is_known_by_its_body() -> None:
    """Before 17.4 GitLab names no delivery; ids of one project cannot use up those of another."""
    headers, body = with_token(payloads.merge_request())
    del headers["Idempotency-Key"]
    one, same = receive((headers, body)), receive((headers, body))
    other = receive((headers, payloads.body_of(payloads.merge_request("update"))))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.delivery == same.delivery != other.delivery
    assert one.delivery.startswith("7:")


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"project": {"id": true}}', b'{"object_kind": 5}', b"[" * 50_000],
)
def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    """401 without a good secret, 400 with one that needs no project."""
    assert status_of(({"X-Gitlab-Token": "wrong"}, body)) == 401
    assert status_of(({"X-Gitlab-Token": MASTER}, body)) == 400


def test_a_push_with_parts_of_another_event_is_refused() -> None:
    """Whoever has the secret of a project can send any shape: 400 for it, and never a 500."""
    assert status_of(signed(payloads.push(object_attributes=["open"]))) == 400


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_a_misshapen_part_gives_an_event_nothing_or_a_refusal(part: Any) -> None:
    """Any bytes give an event, nothing, or a refusal."""
    whole = payloads.merge_request("approved", GRACE)
    for name in ("user", "object_attributes"):
        payload = json.dumps(whole | {name: part}).encode()
        try:
            receive(signed(payload))
        except RefusedDeliveryError as refused:
            assert refused.status in {400, 401}


@pytest.mark.parametrize(
    "text",
    [
        rb'"project":{"\"',
        rb'"project":{""',
        rb'"project":{"',
        rb'"project":{"a",',
        rb'"project" : {a"id":',
        rb'"project":{"id',
        rb'"\"',
    ],
)
def test_an_unproven_body_is_looked_through_once_whatever_it_is_made_of(text: bytes) -> None:
    """Anybody can send one with a made-up header: a fifth of a megabyte must not keep us busy for seconds."""
    body = b'"project":{' + text * (200_000 // len(text))
    began = time.process_time()
    with pytest.raises(RefusedDeliveryError) as refused:
        webhook.receive({"X-Gitlab-Token": "guessed"}, body, BOTH, NOW)
    assert refused.value.status == 401
    assert time.process_time() - began < 2, "it takes a tenth of that"
