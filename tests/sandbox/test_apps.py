"""Apps: signed tokens, installation tokens and their limits, and PyGithub speaking to the sandbox as it is."""

import time
from collections.abc import Iterator
from typing import Any

import github
import jwt
import pytest

from tests.support.sandbox import CHECK, Sandbox

REPO = "acme/payments"


def signed(key: str, app_id: int = 77, *, issued: float = 0, lives: float = 300) -> str:
    now = time.time() + issued
    return jwt.encode({"iat": int(now), "exp": int(now + lives), "iss": str(app_id)}, key, algorithm="RS256")


def token(sandbox: Sandbox, **body: Any) -> Any:
    found = sandbox.call("GET", "/app/installations", "", token=signed(sandbox.keys[CHECK])).json()[0]
    path = f"/app/installations/{found['id']}/access_tokens"
    return sandbox.call("POST", path, "", body or None, token=signed(sandbox.keys[CHECK])).json()


@pytest.fixture
def client(acme: Sandbox) -> Iterator[github.GithubIntegration]:
    auth = github.Auth.AppAuth(77, acme.keys[CHECK])
    with github.GithubIntegration(auth=auth, base_url=acme.api_url, seconds_between_requests=0) as found:
        yield found


@pytest.mark.parametrize(
    ("details", "status"),
    [({}, 200), ({"lives": 3600}, 401), ({"issued": -900}, 401), ({"issued": 600}, 401), ({"app_id": 5}, 404)],
)
def test_a_signed_token_is_judged_like_github_judges_it(acme: Sandbox, details: dict[str, Any], status: int) -> None:
    """Expired, too long, from the future, or of an unknown App: refused."""
    assert acme.call("GET", "/app", "", token=signed(acme.keys[CHECK], **details)).status_code == status


def test_a_token_signed_with_another_key_is_refused(acme: Sandbox) -> None:
    """The signature counts, and a new key replaces the old one."""
    old = acme.keys[CHECK]
    acme.configure_app(new_key=True)
    assert acme.call("GET", "/app", "", token=signed(old)).status_code == 401


def test_a_token_can_do_what_it_names_and_no_more(acme: Sandbox) -> None:
    """Fewer permissions and repositories than the installation; never more."""
    acme.repo("acme/other")
    sha = acme.change(REPO, "jo")["head"]["sha"]
    small = token(acme, permissions={"metadata": "read", "checks": "read"}, repositories=["payments"])
    body = {"name": CHECK, "head_sha": sha, "status": "in_progress"}
    assert acme.call("GET", f"/repos/{REPO}", "", token=small["token"]).status_code == 200
    assert acme.call("POST", f"/repos/{REPO}/check-runs", "", body, token=small["token"]).status_code == 403
    assert acme.call("GET", "/repos/acme/other", "", token=small["token"]).status_code == 404
    assert "not granted" in token(acme, permissions={"administration": "write"})["message"]


def test_tokens_expire_with_the_sandboxs_clock(acme: Sandbox) -> None:
    """After an hour, or what the setting says, the answer is 401."""
    text = token(acme)["token"]
    assert acme.call("GET", f"/repos/{REPO}", "", token=text).status_code == 200
    acme.advance(3601)
    assert acme.call("GET", f"/repos/{REPO}", "", token=text).status_code == 401


def test_a_suspended_installation_can_do_nothing_and_a_removed_one_is_gone(acme: Sandbox) -> None:
    """403 while suspended, 401 for its tokens once it is removed."""
    text = token(acme)["token"]
    acme.installation("suspend")
    assert acme.call("GET", f"/repos/{REPO}", "", token=text).status_code == 403
    acme.installation("unsuspend")
    assert acme.call("GET", f"/repos/{REPO}", "", token=text).status_code == 200
    acme.installation("remove")
    assert acme.call("GET", f"/repos/{REPO}", "", token=text).status_code == 401


def test_pygithub_authenticates_pages_and_writes_checks(acme: Sandbox, client: github.GithubIntegration) -> None:
    """The library the product uses works against the sandbox without being patched."""
    for number in range(35):
        acme.comment(REPO, acme.change(REPO, "jo")["number"] if number == 0 else 1, "grace", f"Comment {number}")
    installation = client.get_repo_installation("acme", "payments")
    api = client.get_github_for_installation(installation.id, {"checks": "write", "contents": "read",
                                                                 "pull_requests": "write"})  # fmt: skip
    repo = api.get_repo(REPO)
    pull = repo.get_pull(1)
    assert len(list(pull.get_issue_comments())) == 35
    run = repo.create_check_run(CHECK, pull.head.sha, status="in_progress", output={"title": "Waiting", "summary": "S"})
    run.edit(status="completed", conclusion="success", output={"title": "Fine", "summary": "S"})
    assert repo.get_check_run(run.id).conclusion == "success"
    with pytest.raises(github.GithubException):
        run.edit(status="in_progress")
    assert [file.filename for file in pull.get_files()] == ["file.txt"]
    assert repo.compare("main", "topic").ahead_by == 1
    assert repo.get_contents("README.md").decoded_content == b"# Payments\n"
    assert repo.get_collaborator_permission("jo") == "write"
    assert {found.full_name for found in installation.get_repos()} == {REPO}
    pull.add_to_labels("ai-assisted")
    assert [label.name for label in pull.get_labels()] == ["ai-assisted"]


def test_teams_and_their_members_are_told_to_apps_with_the_permission(acme: Sandbox) -> None:
    """Members with their numbers; without members:read it is forbidden."""
    acme.team("acme", "seniors", ["grace", "linus"])
    query = """{ organization(login: "acme") { team(slug: "seniors") { members(first: 10) { totalCount nodes {
      login databaseId } } } } }"""
    found = acme.graphql(query, f"app:{CHECK}")["data"]["organization"]["team"]["members"]
    assert [person["login"] for person in found["nodes"]] == ["grace", "linus"]
    assert all(isinstance(person["databaseId"], int) for person in found["nodes"])
    acme.installation("permit", permissions={"metadata": "read"})
    assert acme.graphql(query, f"app:{CHECK}")["errors"][0]["type"] == "FORBIDDEN"


def test_a_workflow_can_commit_open_and_approve_as_its_bot(acme: Sandbox) -> None:
    """Any writer can drive github-actions[bot]: it pushes, opens changes and reviews, with what it was granted."""
    acme.app(
        "github-actions", id=15368, permissions={"metadata": "read", "contents": "write", "pull_requests": "write"}
    )
    change = acme.change(REPO, "app:github-actions", "bot/topic")
    assert (change["user"]["login"], change["user"]["id"]) == ("github-actions[bot]", 41898282)
    mine = acme.change(REPO, "jo")
    assert acme.approve(REPO, mine["number"], "app:github-actions")["user"]["type"] == "Bot"
    acme.expect_refusal(403, lambda: acme.check(REPO, mine["head"]["sha"], "app:github-actions"))
