"""Webhooks: what arrives, signed how, in which order; lost, doubled, shuffled and redelivered on demand."""

import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest

from tests.sandbox.conftest import Receiver
from tests.support.sandbox import CHECK, Sandbox

REPO = "acme/payments"


@pytest.fixture
def told(acme: Sandbox, receiver: Receiver) -> tuple[Sandbox, Receiver]:
    """The App's webhooks go to the receiver."""
    acme.configure_app(webhook_url=receiver.url, webhook_secret="hush")
    return acme, receiver


def events(receiver: Receiver) -> list[tuple[str, Any]]:
    return [(headers["X-GitHub-Event"], json.loads(body).get("action")) for headers, body in receiver.taken]


def test_a_change_is_announced_and_signed(told: tuple[Sandbox, Receiver]) -> None:
    """Push, check suite and pull request arrive in order, each with a valid signature and its own GUID."""
    sandbox, receiver = told
    change = sandbox.change(REPO, "jo")
    sandbox.wait_deliveries()
    assert events(receiver) == [("push", None), ("check_suite", "requested"), ("pull_request", "opened")]
    for headers, body in receiver.taken:
        digest = hmac.new(b"hush", body, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == f"sha256={digest}"
        assert headers["X-GitHub-Hook-Installation-Target-ID"] == "77"
        assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert len({headers["X-GitHub-Delivery"] for headers, _ in receiver.taken}) == 3
    payload = json.loads(receiver.taken[2][1])
    assert payload["pull_request"]["head"]["sha"] == change["head"]["sha"]
    assert payload["sender"]["login"] == "jo"
    assert payload["repository"]["full_name"] == REPO
    assert payload["installation"]["id"] == sandbox.app("x", install=["acme"])["installations"]["acme"] - 1


def test_each_kind_of_event_carries_what_it_is_about(told: tuple[Sandbox, Receiver]) -> None:
    """Synchronize has before and after, edited its changes, a review its commit, a button its identifier."""
    sandbox, receiver = told
    change = sandbox.change(REPO, "jo")
    number, before = change["number"], change["head"]["sha"]
    after = sandbox.amend(REPO, "topic", "Other words", "jo")
    sandbox.approve(REPO, number, "grace")
    sandbox.edit(REPO, number, "jo", title="Better")
    sandbox.label(REPO, number, "jo", "ai-assisted")
    sandbox.comment(REPO, number, "jo", "/signoff ai")
    button = {"label": "Sign", "description": "Sign it", "identifier": "sign"}
    run = sandbox.check(REPO, after, f"app:{CHECK}", status="completed", conclusion="failure", actions=[button])
    sandbox.press(REPO, run["id"], "grace", "sign")
    sandbox.press(REPO, run["id"], "grace")
    sandbox.wait_deliveries()
    found = {}
    for headers, body in receiver.taken:
        payload = json.loads(body)
        found[headers["X-GitHub-Event"], payload.get("action")] = payload
    synchronize = found["pull_request", "synchronize"]
    assert (synchronize["before"], synchronize["after"]) == (before, after)
    assert found["push", None]["forced"]
    assert found["push", None]["pusher"]["name"] == "jo"
    assert found["pull_request_review", "submitted"]["review"]["commit_id"] == after
    assert found["pull_request_review", "submitted"]["review"]["state"] == "approved"
    assert found["pull_request", "edited"]["changes"]["title"]["from"] == "Change"
    assert found["pull_request", "labeled"]["label"]["name"] == "ai-assisted"
    assert found["issue_comment", "created"]["issue"]["pull_request"]["url"].endswith(f"/pulls/{number}")
    assert found["check_run", "requested_action"]["requested_action"] == {"identifier": "sign"}
    assert found["check_run", "requested_action"]["sender"]["login"] == "grace"
    assert ("check_run", "rerequested") in found


def test_an_app_does_not_hear_of_what_it_may_not_read(told: tuple[Sandbox, Receiver]) -> None:
    """Without the permission, without the repository, or while suspended, nothing arrives."""
    sandbox, receiver = told
    sandbox.repo("acme/other", {"f": "1\n"})
    sandbox.installation("choose", repositories=["payments"])
    sandbox.wait_deliveries()
    receiver.taken.clear()
    sandbox.change("acme/other", "jo")
    sandbox.installation("permit", permissions={"metadata": "read", "pull_requests": "read"})
    sandbox.change(REPO, "jo")
    sandbox.installation("suspend")
    sandbox.change(REPO, "jo", "second")
    sandbox.wait_deliveries()
    assert events(receiver) == [
        ("installation", "new_permissions_accepted"),
        ("pull_request", "opened"),
        ("installation", "suspend"),
    ]


def test_deliveries_can_be_lost_doubled_and_shuffled(told: tuple[Sandbox, Receiver]) -> None:
    """A lost one is recorded without an answer; a doubled one has one GUID; shuffling keeps all of them."""
    sandbox, receiver = told
    sandbox.lose_deliveries(2)
    sandbox.change(REPO, "jo")
    sandbox.wait_deliveries()
    assert events(receiver) == [("pull_request", "opened")]
    sandbox.double_deliveries(1)
    sandbox.comment(REPO, 1, "jo", "Once")
    sandbox.wait_deliveries()
    assert len({headers["X-GitHub-Delivery"] for headers, _ in receiver.taken[1:]}) == 1
    assert len(receiver.taken) == 3
    sandbox.pause_deliveries()
    for text in "abcdef":
        sandbox.comment(REPO, 1, "jo", text)
    assert sandbox.shuffle_deliveries(7) == 6
    sandbox.resume_deliveries()
    sandbox.wait_deliveries()
    texts = [json.loads(body)["comment"]["body"] for _, body in receiver.taken[3:]]
    assert texts != sorted(texts)
    assert sorted(texts) == list("abcdef")


def test_a_failed_delivery_is_listed_and_can_be_redelivered(told: tuple[Sandbox, Receiver]) -> None:
    """The App finds it by its API and asks for it again: the same GUID and body, marked as a redelivery."""
    sandbox, receiver = told
    receiver.status = 503
    sandbox.change(REPO, "jo")
    sandbox.wait_deliveries()
    now = int(time.time())
    text = jwt.encode({"iat": now, "exp": now + 60, "iss": "77"}, sandbox.keys[CHECK], algorithm="RS256")
    listed = sandbox.call("GET", "/app/hook/deliveries?per_page=2&status=failure", "", token=text)
    assert [item["event"] for item in listed.json()] == ["pull_request", "check_suite"]
    assert 'rel="next"' in listed.headers["Link"]
    item = listed.json()[0]
    detail = sandbox.call("GET", f"/app/hook/deliveries/{item['id']}", "", token=text).json()
    assert detail["request"]["payload"]["action"] == "opened"
    receiver.status = 202
    again = sandbox.call("POST", f"/app/hook/deliveries/{item['id']}/attempts", "", token=text)
    assert again.status_code == 202
    sandbox.wait_deliveries()
    assert receiver.taken[-1][0]["X-GitHub-Delivery"] == item["guid"]
    assert receiver.taken[-1][1] == receiver.taken[-2][1]
    assert sandbox.deliveries()[-1]["redelivery"]
    assert sandbox.deliveries()[-1]["status"] == "OK"


def test_a_merge_group_asks_for_its_checks(told: tuple[Sandbox, Receiver]) -> None:
    """The event names the group's head, its base and the branch made for it."""
    sandbox, receiver = told
    change = sandbox.change(REPO, "jo")
    sandbox.check(REPO, change["head"]["sha"], f"app:{CHECK}", status="completed", conclusion="success")
    group = sandbox.enqueue(REPO, change["number"], "jo")
    sandbox.wait_deliveries()
    payload = next(json.loads(body) for headers, body in receiver.taken if headers["X-GitHub-Event"] == "merge_group")
    assert payload["action"] == "checks_requested"
    assert payload["merge_group"]["head_sha"] == group["head_sha"]
    assert payload["merge_group"]["head_ref"] == f"refs/heads/{group['head_ref']}"


def test_the_life_of_a_repository_is_told(told: tuple[Sandbox, Receiver]) -> None:
    """Renamed, archived, another default branch: each with what was before."""
    sandbox, receiver = told
    sandbox.repo_action(REPO, "rename_default_branch", to="trunk")
    sandbox.repo_action(REPO, "rename", to="money")
    sandbox.repo_action("acme/money", "archive")
    sandbox.wait_deliveries()
    assert events(receiver) == [("repository", "edited"), ("repository", "renamed"), ("repository", "archived")]
    changes = json.loads(receiver.taken[1][1])["changes"]
    assert changes["repository"]["name"]["from"] == "payments"
