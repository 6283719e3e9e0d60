"""What must hold when machines fail: nothing acknowledged is lost, and nothing is published twice or from an error."""

import json
from pathlib import Path

import requests

from tests.forges import payloads
from tests.stories.conftest import staged
from tests.stories.world import TRAILER, World
from tests.support.service import METRICS


def test_a_worker_killed_between_claim_and_publish_publishes_once_after_the_restart(tmp_path: Path) -> None:
    """At once: the lease of a process that is known to be dead is not waited for, which here would take ten minutes."""
    with staged(tmp_path, SIGNOFF_LEASE_SECONDS="600") as stage:
        own = stage.with_repository("acme/payments")
        own.settled()
        own.forge.fault("hang", operation="SignoffChange", seconds=30, times=1)
        number = own.opened("jo")
        own.forge.wait_deliveries()
        own.service.until(lambda: own.service.metric("signoff_running") == 1, "nothing was claimed")
        own.service.kill()
        own.forge.clear_faults()
        own.service.start()
        assert own.state(number) == "waiting"
        assert len(own.forge.check_runs(own.repository, own.forge.head(own.repository, number), every=True)) == 1


def test_what_was_acknowledged_while_the_workers_were_away_is_evaluated_afterwards(own: World) -> None:
    own.settled()
    own.service.stop()
    own.service.start("serve", "--no-worker")
    numbers = [own.opened("jo", branch=f"b{index}") for index in range(5)]
    own.forge.wait_deliveries()
    assert set(METRICS) <= own.service.families()
    assert own.service.metric("signoff_due") >= 5
    assert own.service.labelled('signoff_deliveries_total{forge="github",outcome="taken"}') >= 5
    assert own.service.labelled('signoff_webhook_lag_seconds_count{forge="github"}') >= 5
    own.service.kill()
    own.service.start()
    assert [own.state(number) for number in numbers] == ["waiting"] * 5


def test_a_change_that_no_webhook_told_of_is_found_by_the_sweep_at_start(own: World) -> None:
    own.settled()
    own.service.stop()
    own.forge.lose_deliveries(100)
    number = own.opened("jo")
    own.forge.wait_deliveries()
    own.service.start()
    own.service.until(lambda: own.state(number) == "waiting", "the sweep did not find it")


def test_the_status_write_that_gets_a_502_is_repeated_until_it_lands(own: World) -> None:
    own.settled()
    own.forge.fault("status", method="POST", path=".*/check-runs", status=502, times=2)
    assert own.service.until(lambda: own.state(own_number(own)) == "waiting", "it never landed")


def test_a_withdrawal_that_cannot_be_written_is_repeated_until_it_lands_and_is_shown_meanwhile(world: World) -> None:
    """Scenario 41: the old success stands on the forge; page and metrics say so, until the new check is there."""
    number = world.opened("jo")
    review = world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    failures = world.service.metric("signoff_publish_failures_total")
    world.forge.fault("status", method="POST", path=f"/repos/{world.repository}/check-runs", status=502, times=3)
    world.forge.dismiss(world.repository, number, review["id"], "grace")
    world.service.until(lambda: world.service.metric("signoff_unpublished") == 1, "the metrics do not tell")
    assert world.on_commit(world.forge.head(world.repository, number))["state"] == "success", "it still stands there"
    id_ = world.forge.api("GET", f"/repos/{world.repository}", "ada")["id"]
    link = f"{world.service.url}/changes/github/{id_}/change/{number}"
    page = requests.get(link, timeout=10).text
    assert "This is not on the forge yet, and is tried again by itself" in page
    assert "502" in page
    world.service.until(lambda: world.state(number) == "waiting", "it never landed")
    assert world.service.metric("signoff_unpublished") == 0
    assert world.service.metric("signoff_publish_failures_total") == failures + 3
    assert "not on the forge yet" not in requests.get(link, timeout=10).text


def evaluations(world: World) -> int:
    """How often the service read a change since the log of requests was last emptied."""
    return sum(each["operation"] == "SignoffChange" for each in world.forge.requests(reset=True))


def test_deliveries_that_come_twice_mixed_up_or_again_end_in_the_same_check(world: World) -> None:
    """Scenario 38: doubled and reordered, sent again, and an old body replayed under a new id by whoever kept it."""
    world.settled()
    world.forge.pause_deliveries()
    world.forge.double_deliveries(50)
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    world.forge.push(world.repository, "retry", {"more.py": "m = 1\n"}, f"More\n\n{TRAILER}", by="jo")
    world.forge.shuffle_deliveries(3)
    world.forge.double_deliveries(0)
    world.forge.resume_deliveries()
    assert world.state(number) == "waiting", "the approval was for the head before"
    evaluations(world)
    sent = world.forge.deliveries("pull_request_review")[-1]
    world.forge.redeliver(int(sent["id"]))
    assert world.state(number) == "waiting"
    assert evaluations(world) == 0
    replayed = sent["headers"] | {"X-GitHub-Delivery": "another"}
    for expected in (1, 0):
        assert post(world, sent["body"].encode(), replayed).status_code == 202
        assert world.state(number) == "waiting"
        assert evaluations(world) == expected
    assert len(world.forge.check_runs(world.repository, world.forge.head(world.repository, number), every=True)) == 1


def test_told_to_stop_it_ends_what_it_is_doing(own: World) -> None:
    """A graceful stop leaves no change half done; that nobody looks from now on is on the record."""
    own.settled()
    own.forge.fault("hang", operation="SignoffChange", seconds=1.5, times=1)
    number = own.opened("jo")
    own.forge.wait_deliveries()
    own.service.until(lambda: own.service.metric("signoff_running") == 1, "nothing was claimed")
    own.service.stop()
    assert own.on_commit(own.forge.head(own.repository, number))["state"] == "waiting"
    exported = own.service.command("ledger", "export").stdout.splitlines()
    assert "stop" in [json.loads(line)["body"].get("event") for line in exported[-3:]]


def told_early(world: World, number: int, by: str, state: str) -> int:
    """A delivery of the next review before it can be read: a forge's replicas lag behind its webhooks. Its id."""
    world.forge.review(world.repository, number, by, "COMMENT", "Let me see.")
    world.settled()
    told = json.loads(world.forge.deliveries("pull_request_review")[-1]["body"])
    assert (told["pull_request"]["number"], told["review"]["user"]["login"]) == (number, by)
    told["review"] |= {"id": told["review"]["id"] + 1, "state": state, "body": ""}
    secret = world.forge.ready["webhook_secret"]
    headers, body = payloads.signed(told, secret, event="pull_request_review", delivery=f"early-{world.repository}")
    assert post(world, body, headers).status_code == 202
    world.settled()
    world.forge.lose_deliveries(1)
    return int(told["review"]["id"])


def test_an_approval_that_the_forge_shows_later_than_its_webhook_counts_without_another(world: World) -> None:
    number = world.opened("jo")
    early = told_early(world, number, "grace", "approved")
    head = world.forge.head(world.repository, number)
    assert world.on_commit(head)["state"] == "waiting"
    assert world.forge.approve(world.repository, number, "grace")["id"] == early
    world.service.until(lambda: world.on_commit(head)["state"] == "success", "it was not read again")


def test_an_objection_that_is_not_shown_yet_holds_until_it_is_known_to_be_a_strangers(world: World) -> None:
    """Until then nobody knows whether its giver can write to the repository; afterwards it holds nothing."""
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    early = told_early(world, number, "stranger", "changes_requested")
    head = world.forge.head(world.repository, number)
    assert world.on_commit(head)["state"] == "failure"
    assert world.forge.review(world.repository, number, "stranger", "REQUEST_CHANGES")["id"] == early
    world.service.until(lambda: world.on_commit(head)["state"] == "success", "the stranger's objection was kept")


def test_a_commit_that_cannot_be_written_to_yet_is_tried_again_soon(own: World) -> None:
    """GitHub answers 422 "No commit found" for a moment after a push; other refusals wait for somebody."""
    own.settled()
    told = {"message": "No commit found for SHA: 1234567"}
    own.forge.fault("status", method="POST", path=".*/check-runs", status=422, body=told, times=2)
    number = own.opened("jo")
    own.service.until(lambda: own.state(number) == "waiting", "it never landed")


def own_number(world: World) -> int:
    """The number of the one change; opened at the first call."""
    listed = world.forge.api("GET", f"/repos/{world.repository}/pulls", "ada")
    return int(listed[0]["number"]) if listed else world.opened("jo")


def test_a_rate_limit_is_waited_out_and_then_caught_up(own: World) -> None:
    own.settled()
    told = {"message": "You have exceeded a secondary rate limit."}
    own.forge.fault("status", operation="SignoffChange", status=403, headers={"Retry-After": "1"}, body=told, times=2)
    number = own.opened("jo")
    own.service.until(lambda: own.state(number) == "waiting", "it never caught up")


def test_two_hundred_with_errors_is_no_answer(own: World) -> None:
    own.settled()
    own.forge.fault("errors", operation="SignoffChange", times=2)
    number = own.opened("jo", "Add retry")
    own.service.until(lambda: own.state(number) == "success", "it did not recover")


def test_half_an_answer_is_no_answer(own: World) -> None:
    own.settled()
    own.forge.fault("half", operation="SignoffChange", times=2)
    number = own.opened("jo", "Add retry")
    own.service.until(lambda: own.state(number) == "success", "it did not recover")


def test_a_delivery_is_followed_through_the_log_to_its_check_and_through_the_metrics(world: World) -> None:
    """By the forge's id of the delivery to the change, and by the change to what was decided and published."""
    number = world.opened("jo")
    world.settled()
    sent = [
        each["guid"]
        for each in world.forge.deliveries("pull_request")
        if f'"number":{number}' in each["body"].replace(" ", "")
    ]
    lines = [json.loads(line) for line in world.service.logged().splitlines() if line.startswith("{")]
    taken = next(each for each in lines if each["event"] == "delivery" and each["delivery"] == sent[-1])
    (change,) = taken["due"]
    assert change.endswith(f"/change/{number}")
    told = {each["event"] for each in lines if each.get("subject") == change}
    assert {"decided", "published"} <= told
    assert set(METRICS) <= world.service.families()
    asked = 'signoff_forge_requests_total{forge="github",kind="%s",outcome="ok"}'
    assert world.service.labelled(asked % "SignoffChange") >= 1
    assert world.service.labelled(asked % "POST check-runs") >= 1
    assert world.service.labelled('signoff_decisions_total{verdict="hold"}') >= 1
    left = [line for line in requests.get(f"{world.service.url}/metrics", timeout=5).text.splitlines()
            if line.startswith("signoff_forge_rate_limit_left{")]  # fmt: skip
    assert any('resource="graphql"' in line and float(line.split()[-1]) > 0 for line in left), left


def post(world: World, body: bytes, headers: dict[str, str]) -> requests.Response:
    """Send bytes to the webhook endpoint."""
    return requests.post(f"{world.service.url}/webhooks/github", data=body, headers=headers, timeout=10)


def test_the_endpoint_answers_every_delivery_with_the_right_code_and_never_with_500(world: World) -> None:
    secret = world.forge.ready["webhook_secret"]
    headers, body = payloads.signed(payloads.pull_request("opened"), secret, delivery="d-1")
    assert post(world, body, headers).status_code == 202
    assert post(world, body, headers).status_code == 202, "a duplicate is acknowledged too"
    assert post(world, body + b" ", headers).status_code == 401
    assert post(world, body, {}).status_code == 401
    for wrong in (b"", b"not json", b"[]", b"7", b'{"action": 1}', b"[" * 50_000):
        headers, body = payloads.signed(wrong, secret, delivery="d-2")
        assert post(world, body, headers).status_code == 400, wrong[:20]
    headers, body = payloads.signed({"zen": "x"}, secret, event="ping")
    assert post(world, body, headers).status_code == 202
    assert post(world, b"x" * 30_000_000, {}).status_code == 413
    assert requests.get(f"{world.service.url}/webhooks/github", timeout=10).status_code == 405
    assert requests.post(f"{world.service.url}/webhooks/gitea", data=b"", timeout=10).status_code == 404


def test_the_pages_are_for_this_machine_only(world: World) -> None:
    assert requests.get(world.service.url, timeout=10).status_code == 200
    for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=203.0.113.9"}, {"Host": "evil.example"}):
        assert requests.get(world.service.url, headers=headers, timeout=10).status_code == 403


def test_hostile_text_is_shown_as_text(world: World) -> None:
    number = world.opened("jo", title="<script>alert(1)</script> @everyone ![x](http://example.com)")
    world.settled()
    row = next(line for line in requests.get(world.service.url, timeout=10).text.split("<tr>") if "alert(1)" in line)
    assert "&lt;script&gt;" in row
    assert "<script>" not in row
    link = row.split('href="')[1].split('"')[0]
    page = requests.get(world.service.url + link, timeout=10)
    assert page.status_code == 200
    assert "<script>" not in page.text
    assert f"#{number}" in page.text


def test_what_fails_too_often_is_parked_listed_and_tried_again_by_command(own: World) -> None:
    """The cap parks with an alarm; the sweep does not undo it; a person does, and by then it works."""
    own.settled()
    own.service.stop()
    own.service.environment["SIGNOFF_POISON_CAP"] = "1"
    own.service.start()
    own.settled()
    own.forge.fault("status", method="POST", path=".*/check-runs", status=502, times=100)
    number = own.opened("jo")
    own.forge.wait_deliveries()
    own.service.until(lambda: own.service.metric("signoff_parked") == 1, "nothing was parked")
    assert requests.get(f"{own.service.url}/readyz", timeout=10).status_code == 503
    listed = own.service.command("retry")
    assert listed.returncode == 1
    assert f"/change/{number}" in listed.stdout
    assert "502" in listed.stdout
    own.forge.clear_faults()
    assert own.service.command("sweep").returncode == 0
    own.settled()
    assert own.service.metric("signoff_parked") == 1
    assert own.service.command("retry", "github/1/change/99").returncode == 1
    assert own.service.command("retry", "--all").returncode == 0
    own.service.until(lambda: own.state(number) == "waiting", "it was not tried again")
    assert own.service.command("retry").returncode == 0
