"""The rest of the simulated GitLab's API: reading, tokens, members, protection, notes, limits, faults, its contract."""

import time
from typing import Any

import pytest
import requests

from bot.sandbox.gitlab.contract import Contract
from bot.sandbox.gitlab.rest import HANDLERS
from tests.support.gitlab_sandbox import GitLab, root

PAY = "acme/payments"
MR = root(PAY) + "/merge_requests/1"


@pytest.fixture
def acme(gitlab: GitLab) -> GitLab:
    """A private project with a Developer, another, a Maintainer who owns the group, and a stranger."""
    gitlab.users("jo", "grace", "ada", "eve")
    gitlab.group("acme", {"jo": "developer", "grace": "developer", "ada": "owner"})
    gitlab.project(PAY, {"src/a.txt": "1\n2\n", "run.sh": "#!\n", "old.txt": "same\nsame\nsame\n"})
    return gitlab


def test_what_is_not_known_or_missing_is_a_violation(acme: GitLab) -> None:
    """An unknown parameter, an unknown path, a missing or ill-typed parameter: 599, and remembered."""
    path = root(PAY) + "/merge_requests"
    answers = [
        acme.call("GET", path + "?colour=red", "jo"),
        acme.call("GET", root(PAY) + "/colours", "jo"),
        acme.call("POST", path, "jo", {"title": "x"}),
        acme.call("GET", path + "?state=red", "jo"),
    ]
    assert [answer.status_code for answer in answers] == [599] * 4
    faults = [entry["fault"] for entry in acme.violations(reset=True)]
    assert faults[:2] == ["unknown parameter 'colour'", "no such operation in the contract"]
    assert {"parameter 'source_branch' is missing", "parameter 'target_branch' is missing"} <= set(faults)


def test_the_contract_and_what_is_modelled_are_the_same() -> None:
    """No operation without a handler, no handler without a contract."""
    assert Contract().names == set(HANDLERS)


def test_versions_files_and_modes_are_told(acme: GitLab) -> None:
    """Each push is a version; a file is new, deleted, renamed, or another mode; what is too long has no patch."""
    acme.settings(diff_lines=3, diff_bytes=2000)
    changes = [
        {"path": "run.sh", "mode": "100755"},
        {"path": "new.txt", "rename_from": "old.txt"},
        {"path": "link", "symlink": "src/a.txt"},
        {"path": "long.txt", "content": "x\n" * 50},
        {"path": "huge.txt", "content": "y" * 3000},
    ]
    acme.change(PAY, "jo", files={"src/a.txt": None}, changes=changes)
    files = {row["new_path"]: row for row in acme.api("GET", MR + "/diffs", "jo")}
    assert (files["run.sh"]["a_mode"], files["run.sh"]["b_mode"], files["run.sh"]["diff"]) == ("100644", "100755", "")
    assert (files["new.txt"]["renamed_file"], files["new.txt"]["old_path"]) == (True, "old.txt")
    assert (files["link"]["b_mode"], files["src/a.txt"]["deleted_file"]) == ("120000", True)
    assert (files["long.txt"]["collapsed"], files["huge.txt"]["too_large"]) == (True, True)
    acme.push(PAY, "topic", {"more.txt": "more\n"}, by="jo")
    newest, oldest = acme.api("GET", MR + "/versions", "jo")
    assert newest["head_commit_sha"] == acme.head(PAY, 1) != oldest["head_commit_sha"]
    assert newest["created_at"] > oldest["created_at"]
    whole = acme.api("GET", f"{MR}/versions/{oldest['id']}", "jo")
    assert len(whole["diffs"]) == 6
    acme.settings(diff_files=4)
    shown = acme.api("GET", MR + "/changes", "jo")
    assert (shown["overflow"], len(shown["changes"])) == (True, 4)
    acme.push(PAY, "topic", {"yet.txt": "more\n"}, by="jo")
    assert acme.mr(PAY, 1)["changes_count"] == "4+"


def test_lists_have_pages(acme: GitLab) -> None:
    """X-Next-Page, X-Total and Link; keyset pages have a link alone; filters and order are obeyed."""
    for number in range(3):
        acme.change(PAY, "jo", f"branch-{number}")
    path = root(PAY) + "/merge_requests?per_page=2&order_by=updated_at&sort=asc&state=opened"
    first = acme.call("GET", path, "jo")
    assert [mr["iid"] for mr in first.json()] == [1, 2]
    assert (first.headers["X-Next-Page"], first.headers["X-Total"]) == ("2", "3")
    rest = acme.call("GET", first.links["next"]["url"].removeprefix(acme.api_url), "jo")
    assert ([mr["iid"] for mr in rest.json()], rest.headers["X-Next-Page"]) == ([3], "")
    since = rest.json()[0]["updated_at"]
    path = root(PAY) + "/merge_requests"
    assert [mr["iid"] for mr in acme.api("GET", path, "jo", updated_after=since)] == [3]
    assert [mr["iid"] for mr in acme.api("GET", path, "jo", source_branch="branch-1")] == [2]
    tree = acme.call("GET", root(PAY) + "/repository/tree?recursive=true&pagination=keyset&per_page=2", "jo")
    assert "X-Total" not in tree.headers
    following = acme.call("GET", tree.links["next"]["url"].removeprefix(acme.api_url), "jo").json()
    assert [row["path"] for row in tree.json() + following] == ["src", "src/a.txt", "old.txt", "run.sh"]


def test_strangers_see_nothing_and_levels_are_inherited(acme: GitLab) -> None:
    """404 for who is no member; a level from the group is told by members/all alone; blocked people have none."""
    acme.expect_refusal(404, lambda: acme.api("GET", root(PAY), "eve"))
    assert acme.call("GET", root(PAY)).status_code == 404
    jo = acme.api("GET", "/users", "ada", username="jo")[0]["id"]
    members = root(PAY) + "/members"
    assert acme.api("GET", f"{members}/all/{jo}", "ada")["access_level"] == 30
    acme.expect_refusal(404, lambda: acme.api("GET", f"{members}/{jo}", "ada"))
    acme.change_user("jo", state="blocked")
    assert acme.api("GET", f"/users/{jo}", "ada")["state"] == "blocked"
    acme.expect_refusal(403, lambda: acme.api("GET", root(PAY), "jo"))
    acme.change_user("grace", to="hopper")
    assert acme.api("GET", root(PAY), "hopper")["permissions"]["group_access"]["access_level"] == 30


def test_a_service_account_is_made_by_the_right_people_and_rotates_its_token(acme: GitLab) -> None:
    """Owner of the group, Maintainer of the project from 18.11 on; the old token is dead, using it again kills all."""
    group, project = "/groups/acme/service_accounts", root(PAY) + "/service_accounts"
    acme.expect_refusal(403, lambda: acme.api("POST", group, "jo", {"name": "x"}))
    made = acme.api("POST", group, "ada", {"name": "Sign-off", "username": "sign-off"})
    assert acme.api("GET", f"/users/{made['id']}", "ada")["bot"] is True
    path = f"{group}/{made['id']}/personal_access_tokens"
    first = acme.api("POST", path, "ada", {"name": "run", "scopes": ["api"]})
    assert acme.call("GET", root(PAY), token=first["token"]).status_code == 404
    acme.member("sign-off", "developer", group="acme")
    assert acme.call("GET", root(PAY), token=first["token"]).status_code == 200
    second = acme.call("POST", "/personal_access_tokens/self/rotate", token=first["token"]).json()
    dead = acme.call("GET", "/user", token=first["token"])
    assert (dead.status_code, dead.json()["error"]) == (401, "invalid_token")
    acme.expect_refusal(401, lambda: acme.api("POST", f"{path}/{first['id']}/rotate", "ada"))
    assert acme.call("GET", "/user", token=second["token"]).status_code == 401
    assert acme.api("POST", project, "ada", {})["username"].startswith("service_account_project")
    acme.settings(version="18.10.0")
    acme.expect_refusal(404, lambda: acme.api("POST", project, "ada", {}))


def test_tokens_expire_and_reach_as_far_as_their_scopes(acme: GitLab) -> None:
    """read_api reads; the end is at most a year ahead; a project's token brings a bot with it."""
    reader = acme.token("jo", scopes=["read_api"])["token"]
    acme.change(PAY, "jo")
    assert acme.call("GET", MR, token=reader).status_code == 200
    refused = acme.call("POST", MR + "/notes", body={"body": "hi"}, token=reader)
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    late = {"name": "x", "scopes": ["api"], "expires_at": "2999-01-01"}
    acme.expect_refusal(400, lambda: acme.api("POST", root(PAY) + "/access_tokens", "ada", late))
    body = {"name": "ci", "scopes": ["api"], "access_level": 30}
    bot = acme.api("POST", root(PAY) + "/access_tokens", "ada", body)
    assert acme.call("GET", "/user", token=bot["token"]).json()["bot"] is True
    shown = acme.call("GET", "/personal_access_tokens/self", token=bot["token"]).json()
    acme.advance(366 * 86_400)
    assert shown["expires_at"] < acme.advance(0)
    assert acme.call("GET", "/user", token=bot["token"]).status_code == 401


def test_protected_branches_decide_who_pushes_and_who_merges(acme: GitLab) -> None:
    """The most permissive of several matching rules wins; naming people is Premium."""
    protected = root(PAY) + "/protected_branches"
    acme.expect_refusal(403, lambda: acme.push(PAY, "main", {"x": "x\n"}, by="jo"))
    acme.expect_refusal(403, lambda: acme.api("DELETE", f"{protected}/main", "jo"))
    acme.change(PAY, "jo")
    acme.api("DELETE", f"{protected}/main", "ada")
    acme.api("POST", protected, "ada", {"name": "main", "push_access_level": 0, "merge_access_level": 40})
    assert acme.merge(PAY, 1, "jo")["status"] == 401
    acme.api("POST", protected, "ada", {"name": "ma*", "merge_access_level": 30})
    assert acme.merge(PAY, 1, "jo")["merged"]
    grace = acme.api("GET", "/users", "ada", username="grace")[0]["id"]
    people = {"name": "release", "push_access_level": 0, "allowed_to_merge": [{"user_id": grace}]}
    acme.expect_refusal(403, lambda: acme.api("POST", protected, "ada", people))
    acme.configure(PAY, tier="premium")
    acme.api("POST", protected, "ada", people)
    acme.push(PAY, "release", {}, by="ada", base="main", rules=False)
    acme.change(PAY, "jo", "again", target="release")
    assert acme.merge(PAY, 2, "jo")["status"] == 401
    assert acme.merge(PAY, 2, "grace")["merged"]


def test_threads_are_resolved_by_anybody_concerned(acme: GitLab) -> None:
    """The author of the merge request may, so an open thread is no gate."""
    acme.configure(PAY, only_allow_merge_if_all_discussions_are_resolved=True)
    acme.change(PAY, "jo")
    thread = acme.api("POST", MR + "/discussions", "grace", {"body": "Why?"})
    assert (thread["individual_note"], thread["notes"][0]["resolvable"]) == (False, True)
    assert acme.merge(PAY, 1, "ada")["blockers"] == ["discussions_not_resolved"]
    acme.api("PUT", f"{MR}/discussions/{thread['id']}", "jo", {"resolved": True})
    assert acme.mr(PAY, 1)["blocking_discussions_resolved"] is True
    acme.expect_refusal(403, lambda: acme.edit_note(PAY, 1, thread["notes"][0]["id"], "jo", "Never mind"))
    acme.delete_note(PAY, 1, thread["notes"][0]["id"], "ada")
    assert acme.notes(PAY, 1) == []


def test_who_did_what_to_labels_and_state_is_remembered(acme: GitLab) -> None:
    """A guest who is the author cannot change labels, and is not told so."""
    acme.change(PAY, "jo")
    acme.edit(PAY, 1, "grace", add_labels="ai-assisted,bug")
    acme.edit(PAY, 1, "jo", remove_labels="ai-assisted")
    acme.close(PAY, 1, "jo")
    events = acme.api("GET", MR + "/resource_label_events", "jo")
    shown = [(row["user"]["username"], row["action"], row["label"]["name"]) for row in events]
    assert shown == [("grace", "add", "ai-assisted"), ("grace", "add", "bug"), ("jo", "remove", "ai-assisted")]
    states = acme.api("GET", MR + "/resource_state_events", "jo")
    assert [(row["user"]["username"], row["state"]) for row in states] == [("jo", "closed")]
    acme.member("jo", "guest", group="acme")
    assert acme.edit(PAY, 1, "jo", labels="no-ai", title="New")["labels"] == ["bug"]


def test_merging_squashing_rebasing_and_merging_by_push(acme: GitLab) -> None:
    """A squash loses the trailers of its commits; a pushed merge is found; fast-forward needs a rebase."""
    message = "One\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    acme.change(PAY, "jo", commits=[{"message": message, "changes": [{"path": "x", "content": "x\n"}]},
                                    {"message": "Two", "changes": [{"path": "y", "content": "y\n"}]}])  # fmt: skip
    assert acme.merge(PAY, 1, "jo", squash=True)["merged"]
    squashed = acme.mr(PAY, 1)["squash_commit_sha"]
    shown = acme.api("GET", root(PAY) + f"/repository/commits/{squashed}", "jo")
    assert shown["trailers"] == {}
    acme.change(PAY, "jo", "second", {"z": "z\n"})
    acme.push(PAY, "main", by="ada", merge="second")
    assert (acme.mr(PAY, 2)["state"], acme.mr(PAY, 2)["merge_user"]["username"]) == ("merged", "ada")
    acme.configure(PAY, merge_method="ff")
    acme.change(PAY, "jo", "third", {"w": "w\n"})
    acme.push(PAY, "main", {"v": "v\n"}, by="ada")
    assert acme.state(PAY, 3)["blockers"] == ["need_rebase"]
    assert acme.api("PUT", root(PAY) + "/merge_requests/3/rebase", "jo") == {"rebase_in_progress": True}
    assert acme.merge(PAY, 3, "jo")["merged"]
    assert acme.mr(PAY, 3)["merge_commit_sha"] is None
    acme.change(PAY, "jo", "fourth", {"v": "other\n"}, base="HEAD")
    acme.push(PAY, "main", {"v": "third\n"}, by="ada")
    assert acme.mr(PAY, 4)["has_conflicts"] is True


def test_limits_are_refused_as_gitlab_does(acme: GitLab) -> None:
    """Plain text and Retry-After from the rack, JSON for too many notes; every answer tells what is left and when."""
    acme.change(PAY, "jo")
    acme.settings(rate_limit=5, notes_limit=1)
    answer = acme.call("GET", MR, "grace")
    assert (answer.headers["RateLimit-Remaining"], answer.headers["Date"][-4:]) == ("4", " GMT")
    acme.note(PAY, 1, "grace", "one")
    many = acme.call("POST", MR + "/notes", "grace", {"body": "two"})
    assert (many.status_code, "error" in many.json()["message"]) == (429, True)
    acme.rate_limit(remaining=0, reset_in=7, user="grace")
    refused = acme.call("GET", MR, "grace")
    assert (refused.status_code, refused.text) == (429, "Retry later\n")
    assert 1 <= int(refused.headers["Retry-After"]) <= 7
    acme.rate_limit(next=1, retry_after=None)
    assert "Retry-After" not in acme.call("GET", MR, "jo").headers
    assert acme.call("GET", MR, "jo").status_code == 200


def test_faults_happen_at_the_request_they_were_ordered_for(acme: GitLab) -> None:
    """Status, hanging, closing, half a body, garbage with 200, an old state; by actor, path and number."""
    acme.change(PAY, "jo")
    for status in (401, 403, 404, 422, 500, 502, 503, 504):
        acme.fault("status", status=status, actor="grace", skip=1)
        assert [acme.call("GET", MR, "grace").status_code for _ in range(2)] == [200, status]
    acme.fault("errors")
    with pytest.raises(requests.JSONDecodeError):
        acme.call("GET", MR, "jo").json()
    acme.fault("status", status=200, body={"message": "not what you asked for"})
    assert acme.call("GET", MR, "jo").json() == {"message": "not what you asked for"}
    acme.fault("stale", path="approvals$")
    acme.approve(PAY, 1, "grace")
    assert [len(acme.approvals(PAY, 1)["approved_by"]) for _ in range(2)] == [0, 1]
    for action in ("close", "half"):
        acme.fault(action)
        with pytest.raises(requests.RequestException):
            acme.call("GET", MR, "jo").json()
    acme.fault("hang", seconds=0.2)
    started = time.monotonic()
    assert acme.call("GET", MR, "jo").status_code == 200
    assert time.monotonic() - started >= 0.2
    counted = [row for row in acme.requests(by="grace") if row["operation"].endswith("/merge_requests/:iid")]
    assert len(counted) == 16


def test_files_commits_and_comparisons(acme: GitLab) -> None:
    """Raw and whole files with their ids; blobs; comparing; refs and merge requests of a commit; trailers."""
    base = root(PAY) + "/repository"
    message = "Add\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    sha = acme.change(PAY, "jo", "a/b", {"src/b.txt": "b\n"}, message)["sha"]

    def get(where: str, **query: Any) -> Any:
        return acme.api("GET", base + where, "jo", **query)

    whole = get("/files/src%2Fb.txt", ref="a/b")
    raw = acme.call("GET", base + "/files/src%2Fb.txt/raw?ref=a%2Fb", "jo")
    assert (raw.content, raw.headers["X-Gitlab-Blob-Id"]) == (b"b\n", whole["blob_id"])
    assert acme.call("GET", f"{base}/blobs/{whole['blob_id']}/raw", "jo").content == b"b\n"
    assert acme.call("HEAD", base + "/files/src%2Fb.txt?ref=a%2Fb", "jo").headers["X-Gitlab-Size"] == "2"
    acme.expect_refusal(404, lambda: get("/files/src%2Fb.txt", ref="main"))
    compared = get("/compare", **{"from": "main", "to": "a/b"})
    assert [row["new_path"] for row in compared["diffs"]] == ["src/b.txt"]
    assert get(f"/commits/{sha}")["trailers"] == {"Co-authored-by": "Claude <noreply@anthropic.com>"}
    assert get(f"/commits/{sha}/refs") == [{"type": "branch", "name": "a/b"}]
    assert [mr["iid"] for mr in get(f"/commits/{sha}/merge_requests")] == [1]
    assert [row["b_mode"] for row in get(f"/commits/{sha}/diff")] == ["100644"]
    main = get("/branches/main")["commit"]["id"]
    assert get("/merge_base", **{"refs[]": ["main", "a/b"]})["id"] == main
    assert len(get("/commits", ref_name="a/b")) == 2
    assert len(get("/commits?path=src%2Fb.txt", ref_name="a/b")) == 1
