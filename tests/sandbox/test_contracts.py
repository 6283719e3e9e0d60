"""Contracts, faults and limits: what is not published is refused, and what can go wrong can be ordered."""

import time
from typing import Any

import pytest
import requests

from tests.support.sandbox import CHECK, Sandbox

REPO = "acme/payments"
RATE = "{ rateLimit { cost nodeCount remaining limit } }"


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("GET", "/repos/acme/payments/nonsense", None, "no such operation"),
        ("GET", "/repos/acme/payments/pulls?colour=red", None, "unknown query parameter 'colour'"),
        ("GET", "/repos/acme/payments/pulls?state=odd", None, "query state"),
        ("POST", "/repos/acme/payments/check-runs", {"name": "x"}, "head_sha"),
        (
            "POST",
            "/repos/acme/payments/check-runs",
            {"name": "x", "head_sha": "y", "colour": 1},
            "unknown key 'colour'",
        ),
        ("POST", "/repos/acme/payments/issues/1/comments", None, "the body is missing"),
    ],
)
def test_a_request_that_is_not_published_cannot_be_missed(
    acme: Sandbox, method: str, path: str, body: Any, reason: str
) -> None:
    """It is answered with 599 and recorded as a violation of the request."""
    answer = acme.call(method, path, "jo", body)
    assert answer.status_code == 599
    assert reason in answer.json()["message"]
    assert acme.violations(reset=True)[0]["side"] == "request"


def test_a_query_that_the_schema_refuses_is_a_violation(acme: Sandbox) -> None:
    """As with GitHub it is a 200 with errors; here it is recorded too."""
    assert "colour" in acme.graphql("{ viewer { colour } }", "jo")["errors"][0]["message"]
    assert acme.violations(reset=True)


def test_what_the_sandbox_does_not_model_says_so(acme: Sandbox) -> None:
    """A published field or operation without a model is an error, never a silent null."""
    answer = acme.graphql('{ repository(owner: "acme", name: "payments") { stargazerCount } }', "jo")
    assert "not modelled by the sandbox: Repository.stargazerCount" in answer["errors"][0]["message"]
    assert acme.call("GET", f"/repos/{REPO}/rulesets/rule-suites", "ada").status_code == 501
    assert {entry["side"] for entry in acme.violations(reset=True)} == {"sandbox"}


@pytest.mark.parametrize("window", ["", '(first: 0, after: "odd")', "(first: 101)", "(last: 101)"])
def test_connections_want_a_window_of_at_most_a_hundred(acme: Sandbox, window: str) -> None:
    """No window, a bad cursor, or more than a hundred is an error."""
    query = f'{{ repository(owner: "acme", name: "payments") {{ labels{window} {{ totalCount }} }} }}'
    assert acme.graphql(query, "jo")["errors"]


def test_pages_of_a_connection_meet(acme: Sandbox) -> None:
    """Forward by `after` and backward by `before`, every item comes once and the flags are right."""
    acme.push(REPO, "topic", by="jo", commits=[{"message": f"Commit {n}"} for n in range(5)])
    number = acme.open_change(REPO, "jo", "topic")["number"]
    query = """query($n: Int!, $after: String) { repository(owner: "acme", name: "payments") { pullRequest(number: $n) {
      commits(first: 2, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { commit { message } } }
      } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = acme.graphql(query, "jo", n=number, after=after)["data"]["repository"]["pullRequest"]["commits"]
        seen += [node["commit"]["message"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [f"Commit {n}" for n in range(5)]
    back = """query($n: Int!) { repository(owner: "acme", name: "payments") { pullRequest(number: $n) {
      commits(last: 2) { pageInfo { hasPreviousPage startCursor } nodes { commit { message } } } } } }"""
    page = acme.graphql(back, "jo", n=number)["data"]["repository"]["pullRequest"]["commits"]
    assert [node["commit"]["message"] for node in page["nodes"]] == ["Commit 3", "Commit 4"]
    assert page["pageInfo"]["hasPreviousPage"]


def test_what_is_not_there_is_an_error_with_githubs_type(acme: Sandbox) -> None:
    """NOT_FOUND for a repository or pull request; a private one is not shown to strangers."""
    acme.user("eve")
    query = '{ repository(owner: "acme", name: "payments") { pullRequest(number: 9) { title } } }'
    assert acme.graphql(query, "jo")["errors"][0]["type"] == "NOT_FOUND"
    assert acme.graphql(query, "eve")["errors"][0]["path"] == ["repository"]
    assert acme.call("GET", f"/repos/{REPO}", "eve").status_code == 404


def test_bots_are_bots_without_their_suffix_and_no_users_of_commits(acme: Sandbox) -> None:
    """A bot's login has no [bot] in GraphQL; a commit's `user` is null for it."""
    acme.collaborator(REPO, "copilot-swe-agent[bot]", "push", "ada")
    number = acme.change(REPO, "copilot-swe-agent[bot]", "copilot/x")["number"]
    query = """query($n: Int!) { repository(owner: "acme", name: "payments") { pullRequest(number: $n) {
      author { __typename login ... on Bot { databaseId } }
      commits(first: 1) { nodes { commit { author { email user { login } } } } } } } }"""
    pull = acme.graphql(query, "jo", n=number)["data"]["repository"]["pullRequest"]
    assert pull["author"] == {"__typename": "Bot", "login": "copilot-swe-agent", "databaseId": 198982749}
    author = pull["commits"]["nodes"][0]["commit"]["author"]
    assert author["user"] is None
    assert author["email"] == "198982749+copilot-swe-agent[bot]@users.noreply.github.com"
    commit = acme.api("GET", f"/repos/{REPO}/pulls/{number}/commits", "jo")[0]
    assert commit["author"]["type"] == "Bot"


def test_faults_come_as_ordered_and_are_used_up(acme: Sandbox) -> None:
    """Status, skipped requests, closed connections, half bodies, errors in a 200."""
    path = f"/repos/{REPO}"
    acme.fault("status", method="GET", path="payments$", status=502, skip=1, times=2)
    assert [acme.call("GET", path, "jo").status_code for _ in range(4)] == [200, 502, 502, 200]
    acme.fault("close", path="payments$")
    with pytest.raises(requests.ConnectionError):
        acme.call("GET", path, "jo")
    acme.fault("half", path="payments$")
    with pytest.raises(requests.exceptions.RequestException):
        acme.call("GET", path, "jo")
    acme.fault("errors", path="^/graphql", keep_data=True)
    answer = acme.graphql(RATE, "jo")
    assert answer["errors"]
    assert answer["data"]["rateLimit"]
    assert acme.faults() == []
    assert "errors" not in acme.graphql(RATE, "jo")


def test_a_hanging_request_hangs_and_latency_is_for_all(acme: Sandbox) -> None:
    """The answer comes late, and others are not held up by it."""
    acme.latency(60)
    started = time.monotonic()
    acme.call("GET", f"/repos/{REPO}", "jo")
    assert time.monotonic() - started >= 0.06
    acme.clear_faults()
    acme.fault("hang", path="payments$", seconds=5)
    with pytest.raises(requests.exceptions.Timeout):
        requests.get(f"{acme.api_url}/repos/{REPO}", headers={"Authorization": "Bearer sandbox-user-jo"}, timeout=0.2)
    started = time.monotonic()
    acme.call("GET", f"/repos/{REPO}/pulls", "jo")
    assert time.monotonic() - started < 2


def test_a_stale_answer_is_from_before(acme: Sandbox) -> None:
    """The state at the time of the order is told, whatever happened since."""
    change = acme.change(REPO, "jo")
    acme.fault("stale", method="GET", path="/pulls/1$")
    acme.push(REPO, "topic", {"f": "f\n"}, by="jo")
    assert acme.pull(REPO, 1)["head"]["sha"] == change["head"]["sha"]
    assert acme.pull(REPO, 1)["head"]["sha"] != change["head"]["sha"]


def test_rate_limits_are_told_spent_and_reset(acme: Sandbox) -> None:
    """Headers count down; at zero REST says 403 and GraphQL 200 with RATE_LIMITED; the clock brings more."""
    assert acme.api("GET", "/rate_limit", "jo")["resources"]["graphql"]["limit"] == 5000
    first = acme.call("GET", f"/repos/{REPO}", "jo")
    second = acme.call("GET", f"/repos/{REPO}", "jo")
    assert int(first.headers["X-RateLimit-Remaining"]) - int(second.headers["X-RateLimit-Remaining"]) == 1
    assert acme.graphql(RATE, "jo")["data"]["rateLimit"]["cost"] == 1
    acme.rate_limit(remaining=0, reset_in=30)
    limited = acme.call("GET", f"/repos/{REPO}", "jo")
    assert (limited.status_code, limited.headers["X-RateLimit-Remaining"]) == (403, "0")
    assert acme.graphql(RATE, "jo")["errors"][0]["type"] == "RATE_LIMITED"
    acme.advance(31)
    assert acme.call("GET", f"/repos/{REPO}", "jo").status_code == 200
    acme.rate_limit(secondary=1, retry_after=7)
    assert acme.call("GET", f"/repos/{REPO}", "jo").headers["Retry-After"] == "7"
    assert acme.call("GET", f"/repos/{REPO}", "jo").status_code == 200


def test_an_unchanged_answer_is_not_sent_again(acme: Sandbox) -> None:
    """With its ETag a request is answered 304."""
    first = acme.call("GET", f"/repos/{REPO}", "jo")
    headers = {"Authorization": "Bearer sandbox-user-jo", "If-None-Match": first.headers["ETag"]}
    assert requests.get(f"{acme.api_url}/repos/{REPO}", headers=headers, timeout=5).status_code == 304


def test_requests_are_counted_by_operation_and_actor(acme: Sandbox) -> None:
    """The log names GraphQL operations and REST operation ids, and who asked."""
    acme.requests(reset=True)
    acme.graphql("query Mine { rateLimit { cost } }", f"app:{CHECK}")
    acme.call("GET", f"/repos/{REPO}", "jo")
    found = [(entry["operation"], entry["actor"], entry["status"]) for entry in acme.requests()]
    assert found == [("Mine", f"{CHECK}[bot]", 200), ("repos/get", "jo", 200)]


def test_rulesets_can_be_read_by_whoever_reads_the_repository(acme: Sandbox) -> None:
    """The rules in force name the App the check is pinned to; who may bypass is shown to administrators only."""
    rules = acme.api("GET", f"/repos/{REPO}/rules/branches/main", f"app:{CHECK}")
    assert rules[0]["parameters"]["required_status_checks"] == [{"context": CHECK, "integration_id": 77}]
    ruleset = rules[0]["ruleset_id"]
    assert "bypass_actors" not in acme.api("GET", f"/repos/{REPO}/rulesets/{ruleset}", f"app:{CHECK}")
    assert acme.api("GET", f"/repos/{REPO}/rulesets/{ruleset}", "ada")["bypass_actors"] == []


def test_many_commits_files_and_reviews_are_paged_to_the_end(acme: Sandbox) -> None:
    """More than one page of each can be had, in order."""
    acme.push(REPO, "topic", by="jo", commits=[
        {"message": f"Commit {n}", "changes": [{"path": f"f/{n:03}.txt", "content": f"{n}\n"}]} for n in range(120)
    ])  # fmt: skip
    number = acme.open_change(REPO, "jo", "topic")["number"]
    for part in ("commits", "files"):
        sizes = []
        for page in (1, 2, 3):
            path = f"/repos/{REPO}/pulls/{number}/{part}?per_page=100&page={page}"
            sizes.append(len(acme.api("GET", path, "jo")))
        assert sizes == [100, 20, 0]
