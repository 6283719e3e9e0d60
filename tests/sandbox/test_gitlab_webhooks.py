"""Webhooks of the simulated GitLab: who hears what, how it is signed, and how a failing hook is switched off."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.sandbox.conftest import Receiver
from tests.support.gitlab_sandbox import SIGNING_TOKEN, GitLab, root

PAY = "acme/payments"
HOOKS = root(PAY) + "/hooks"


@pytest.fixture
def acme(gitlab: GitLab, receiver: Receiver) -> GitLab:
    """A project with two Developers and a Maintainer, and a hook that hears everything and signs."""
    gitlab.users("jo", "grace", "ada")
    gitlab.group("acme", {"jo": "developer", "grace": "developer", "ada": "maintainer"})
    gitlab.project(PAY)
    gitlab.hook(PAY, receiver.url, token="plain", signing_token=SIGNING_TOKEN)
    return gitlab


def taken(gitlab: GitLab, receiver: Receiver) -> list[tuple[dict[str, str], Any]]:
    """What arrived since the last look."""
    gitlab.wait_deliveries()
    found = [(headers, json.loads(body)) for headers, body in receiver.taken]
    receiver.taken.clear()
    return found


def test_a_delivery_is_signed_as_standard_webhooks_and_has_the_old_token_too(acme: GitLab, receiver: Receiver) -> None:
    """HMAC-SHA256 over id.timestamp.body; webhook-id and Idempotency-Key are one, the same when sent again."""
    acme.push(PAY, "topic", {"a.txt": "a\n"}, by="jo")
    acme.wait_deliveries()
    headers, body = receiver.taken[0]
    told = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SIGNING_TOKEN.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{signature}"
    assert (headers["X-Gitlab-Token"], headers["X-Gitlab-Event"]) == ("plain", "Push Hook")
    assert headers["Idempotency-Key"] == headers["webhook-id"] != headers["X-Gitlab-Event-UUID"]
    acme.courier(redeliver=acme.deliveries()[0]["id"])
    acme.wait_deliveries()
    assert receiver.taken[1][0]["webhook-id"] == headers["webhook-id"]
    assert receiver.taken[1][1] == body


def test_older_versions_sign_nothing_and_say_nothing_of_it(acme: GitLab, receiver: Receiver) -> None:
    """Before 19.0 the parameter is ignored; before 17.4 there is no Idempotency-Key either."""
    acme.settings(version="18.2.0")
    made = acme.api("POST", HOOKS, "ada", {"url": receiver.url, "signing_token": SIGNING_TOKEN})
    assert "signing_token_present" not in made
    acme.api("DELETE", f"{HOOKS}/{made['id']}", "ada")
    acme.settings(version="17.3.0")
    acme.push(PAY, "topic", {"a.txt": "a\n"}, by="jo")
    headers = taken(acme, receiver)[0][0]
    assert not {"webhook-id", "webhook-signature", "Idempotency-Key"} & set(headers)
    acme.settings(version="19.0.1")
    assert acme.api("GET", HOOKS, "ada")[0]["signing_token_present"] is True
    acme.expect_refusal(400, lambda: acme.api("POST", HOOKS, "ada", {"url": receiver.url, "signing_token": "short"}))
    acme.expect_refusal(403, lambda: acme.api("GET", HOOKS, "jo"))


def test_the_life_of_a_merge_request_is_told(acme: GitLab, receiver: Receiver) -> None:
    """Each step has its action; only a push has oldrev; changes name what was changed; mailboxes are redacted."""
    acme.change(PAY, "jo")
    acme.edit(PAY, 1, "jo", title="Draft: other", add_labels="ai-assisted")
    before = acme.head(PAY, 1)
    acme.push(PAY, "topic", {"b.txt": "b\n"}, by="jo")
    acme.approve(PAY, 1, "grace")
    acme.unapprove(PAY, 1, "grace")
    note = acme.note(PAY, 1, "grace", "no")
    acme.edit_note(PAY, 1, note["id"], "grace", "yes")
    acme.close(PAY, 1, "jo")
    acme.reopen(PAY, 1, "jo")
    acme.edit(PAY, 1, "jo", title="Ready")
    acme.merge(PAY, 1, "jo")
    bodies = [body for _, body in taken(acme, receiver)]
    changes = [body for body in bodies if body["object_kind"] == "merge_request"]
    actions = [body["object_attributes"]["action"] for body in changes]
    assert actions == ["open", "update", "update", "approved", "unapproved", "close", "reopen", "update", "merge"]
    assert {name: changes[1]["changes"][name] for name in ("title", "draft")} == {
        "title": {"previous": "Change", "current": "Draft: other"},
        "draft": {"previous": False, "current": True},
    }
    assert [label["title"] for label in changes[1]["changes"]["labels"]["current"]] == ["ai-assisted"]
    assert [body["object_attributes"].get("oldrev") for body in changes].count(before) == 1
    assert changes[0]["object_attributes"]["last_commit"]["author"]["email"] == "[REDACTED]"
    notes = [body["object_attributes"] for body in bodies if body["object_kind"] == "note"]
    assert [(one["action"], one["note"]) for one in notes] == [("create", "no"), ("update", "yes")]
    pushes = [body for body in bodies if body["object_kind"] == "push"]
    assert [body["ref"].rpartition("/")[2] for body in pushes] == ["topic", "topic", "main"]
    assert pushes[1]["commits"][0]["added"] == ["b.txt"]


def test_a_reset_of_approvals_names_the_pusher_and_not_the_approver(acme: GitLab, receiver: Receiver) -> None:
    """`system` and its action from 18.6 on; before that no hook at all. A second approval is no `approved` again."""
    acme.configure(PAY, tier="premium")
    acme.rule(PAY, "ada", usernames=["grace"])
    acme.change(PAY, "jo")
    acme.approve(PAY, 1, "ada")
    acme.approve(PAY, 1, "grace")
    acme.push(PAY, "topic", {"b.txt": "b\n"}, by="jo")
    told = [body for headers, body in taken(acme, receiver) if "Merge" in headers["X-Gitlab-Event"]]
    actions = [body["object_attributes"]["action"] for body in told]
    assert actions == ["open", "approval", "approved", "update", "unapproved"]
    assert told[-1]["object_attributes"]["system_action"] == "approvals_reset_on_push"
    assert told[-1]["user"]["username"] == "jo"
    acme.settings(version="18.5.0")
    acme.approve(PAY, 1, "grace")
    acme.push(PAY, "topic", {"c.txt": "c\n"}, by="jo")
    told = [body for headers, body in taken(acme, receiver) if "Merge" in headers["X-Gitlab-Event"]]
    assert [body["object_attributes"]["action"] for body in told] == ["approved", "update"]
    assert "system" not in told[-1]["object_attributes"]


def test_pipelines_are_told_with_their_commit_and_merge_request(acme: GitLab, receiver: Receiver) -> None:
    """A status makes an external pipeline, which every change of is told; one for the merge request names it."""
    sha = acme.change(PAY, "jo")["sha"]
    acme.status(PAY, sha, "jo", state="pending")
    acme.status(PAY, sha, "jo")
    acme.pipeline(PAY, 1, "detached")
    told = [body for headers, body in taken(acme, receiver) if headers["X-Gitlab-Event"] == "Pipeline Hook"]
    shown = [(body["object_attributes"]["source"], body["object_attributes"]["status"]) for body in told]
    assert shown == [("external", "pending"), ("external", "success"), ("merge_request_event", "success")]
    assert (told[0]["merge_request"], told[2]["merge_request"]["iid"]) == (None, 1)
    assert {body["object_attributes"]["sha"] for body in told} == {sha}


def test_internal_notes_need_a_switch_of_their_own(acme: GitLab, receiver: Receiver) -> None:
    """A hook without confidential_note_events does not hear of them; guests do not read them."""
    acme.change(PAY, "jo")
    acme.user("guest")
    acme.member("guest", "guest", project=PAY)
    acme.note(PAY, 1, "ada", "between us", internal=True)
    assert [body["object_kind"] for _, body in taken(acme, receiver)] == ["push", "merge_request"]
    path = root(PAY) + "/merge_requests/1/notes"
    assert (len(acme.api("GET", path, "guest")), len(acme.api("GET", path, "jo"))) == (0, 1)


def test_a_hook_that_fails_is_switched_off_for_a_while_and_then_for_good(acme: GitLab, receiver: Receiver) -> None:
    """Four failures: a minute, doubling. What happens meanwhile is lost. Forty: for good, until a test goes well."""
    receiver.status = 500
    hook = acme.api("GET", HOOKS, "ada")[0]["id"]

    def shown() -> str:
        acme.wait_deliveries()
        return str(acme.api("GET", f"{HOOKS}/{hook}", "ada")["alert_status"])

    for number in range(4):
        assert shown() == "executable"
        acme.push(PAY, "topic", {"a.txt": f"{number}\n"}, by="jo")
    assert shown() == "temporarily_disabled"
    receiver.taken.clear()
    acme.push(PAY, "topic", {"a.txt": "lost\n"}, by="jo")
    acme.wait_deliveries()
    assert receiver.taken == []
    for number in range(36):
        acme.advance(90_000)
        acme.push(PAY, "topic", {"a.txt": f"again {number}\n"}, by="jo")
        acme.wait_deliveries()
    acme.advance(90_000)
    assert shown() == "disabled"
    test = f"{HOOKS}/{hook}/test/push_events"
    acme.expect_refusal(422, lambda: acme.api("POST", test, "ada"))
    receiver.status = 200
    acme.api("POST", test, "ada")
    assert shown() == "executable"
    assert len(acme.api("GET", f"{HOOKS}/{hook}/events", "ada", per_page=3)) == 3


def test_deliveries_can_be_lost_doubled_and_mixed_up(acme: GitLab, receiver: Receiver) -> None:
    """As on the simulated GitHub."""
    acme.courier(lose=1)
    acme.push(PAY, "one", {"a.txt": "1\n"}, by="jo")
    acme.courier(double=1)
    acme.push(PAY, "two", {"a.txt": "2\n"}, by="jo")
    told = taken(acme, receiver)
    assert [body["ref"] for _, body in told] == ["refs/heads/two"] * 2
    assert told[0][0]["webhook-id"] == told[1][0]["webhook-id"]
    acme.courier(pause=True)
    for name in ("three", "four", "five"):
        acme.push(PAY, name, {"a.txt": f"{name}\n"}, by="jo")
    assert acme.courier(shuffle=1)["waiting"] == 3
    acme.courier(pause=False)
    assert len(taken(acme, receiver)) == 3
