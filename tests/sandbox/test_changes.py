"""Changes: opened, pushed to, reviewed, retargeted, merged, as people would over the API."""

import pytest

from tests.support.sandbox import CHECK, Sandbox, required_check

REPO = "acme/payments"


def passed(sandbox: Sandbox, sha: str, by: str = f"app:{CHECK}") -> None:
    sandbox.check(REPO, sha, by, status="completed", conclusion="success")


def test_a_change_merges_only_when_the_pinned_app_passed_its_head(acme: Sandbox) -> None:
    """405 without the check, with it unfinished, and with it failed; merged with it successful."""
    change = acme.change(REPO, "jo")
    sha, number = change["head"]["sha"], change["number"]
    assert acme.merge(REPO, number, "jo")["status"] == 405
    acme.check(REPO, sha, f"app:{CHECK}", status="in_progress")
    assert acme.merge(REPO, number, "jo")["status"] == 405
    acme.check(REPO, sha, f"app:{CHECK}", status="completed", conclusion="failure")
    refused = acme.merge(REPO, number, "jo")
    assert refused["status"] == 405
    assert CHECK in refused["message"]
    passed(acme, sha)
    assert acme.merge(REPO, number, "jo", sha="0" * 40)["status"] == 409
    assert acme.merge(REPO, number, "jo", sha=sha)["merged"]
    assert acme.pull(REPO, number)["merged"]


@pytest.mark.parametrize("conclusion", ["success", "neutral", "skipped"])
def test_three_conclusions_pass(acme: Sandbox, conclusion: str) -> None:
    """Success, neutral and skipped satisfy a required check."""
    change = acme.change(REPO, "jo")
    acme.check(REPO, change["head"]["sha"], f"app:{CHECK}", status="completed", conclusion=conclusion)
    assert acme.merge(REPO, change["number"], "jo")["merged"]


def test_neither_a_status_nor_another_apps_check_of_that_name_counts(acme: Sandbox) -> None:
    """A writer can post a status of any name and another App a check of any name; the pin ignores both."""
    acme.app("other", id=78)
    change = acme.change(REPO, "jo")
    sha = change["head"]["sha"]
    acme.status(REPO, sha, "jo", CHECK)
    passed(acme, sha, "app:other")
    assert acme.merge(REPO, change["number"], "jo")["status"] == 405
    assert {run["app"]["slug"] for run in acme.check_runs(REPO, sha)} == {"other"}


def test_without_a_pin_anybody_can_pass_the_check(acme: Sandbox) -> None:
    """A required check without integration_id is met by a status of a writer: that is the hole that pinning closes."""
    acme.repo("acme/open", {"f": "1\n"})
    acme.require_check("acme/open", "ada", None)
    change = acme.change("acme/open", "jo")
    acme.status("acme/open", change["head"]["sha"], "jo", CHECK)
    assert acme.merge("acme/open", change["number"], "jo")["merged"]


def test_people_cannot_write_check_runs_and_apps_only_their_own(acme: Sandbox) -> None:
    """POST by a person is 403, PATCH by another App is 403."""
    acme.app("other", id=78)
    sha = acme.change(REPO, "jo")["head"]["sha"]
    acme.expect_refusal(403, lambda: acme.check(REPO, sha, "ada"))
    run = acme.check(REPO, sha, f"app:{CHECK}", status="in_progress")
    done = {"status": "completed", "conclusion": "success"}
    acme.expect_refusal(403, lambda: acme.api("PATCH", f"/repos/{REPO}/check-runs/{run['id']}", "app:other", done))


def test_a_completed_check_run_refuses_to_go_back(acme: Sandbox) -> None:
    """Withdrawing a success takes a new run, and the newest run decides."""
    change = acme.change(REPO, "jo")
    sha = change["head"]["sha"]
    run = acme.check(REPO, sha, f"app:{CHECK}", status="completed", conclusion="success")
    path = f"/repos/{REPO}/check-runs/{run['id']}"
    acme.expect_refusal(422, lambda: acme.api("PATCH", path, f"app:{CHECK}", {"status": "in_progress"}))
    acme.check(REPO, sha, f"app:{CHECK}", status="in_progress")
    assert acme.merge(REPO, change["number"], "jo")["status"] == 405
    assert [found["status"] for found in acme.check_runs(REPO, sha, every=True)] == ["in_progress", "completed"]


def test_a_push_moves_the_head_and_leaves_the_old_check_behind(acme: Sandbox) -> None:
    """The new head has no check, so nothing merges."""
    change = acme.change(REPO, "jo")
    passed(acme, change["head"]["sha"])
    new = acme.push(REPO, "topic", {"more.txt": "more\n"}, "More", "jo")
    assert acme.head(REPO, change["number"]) == new
    assert acme.merge(REPO, change["number"], "jo")["status"] == 405


def test_an_author_cannot_review_their_own_change_and_a_comment_is_no_approval(acme: Sandbox) -> None:
    """Approving or objecting to one's own change is 422; commenting is fine."""
    number = acme.change(REPO, "jo")["number"]
    acme.expect_refusal(422, lambda: acme.approve(REPO, number, "jo"))
    acme.expect_refusal(422, lambda: acme.review(REPO, number, "jo", "REQUEST_CHANGES"))
    assert acme.review(REPO, number, "jo", "COMMENT")["state"] == "COMMENTED"


def test_a_dismissed_review_says_what_it_was(acme: Sandbox) -> None:
    """The review turns DISMISSED; the history remembers its former state and who did it."""
    number = acme.change(REPO, "jo")["number"]
    review = acme.approve(REPO, number, "grace")
    acme.dismiss(REPO, number, review["id"], "linus")
    query = """query($n: Int!) { repository(owner: "acme", name: "payments") { pullRequest(number: $n) {
      reviews(first: 5) { nodes { state } }
      timelineItems(first: 5, itemTypes: [REVIEW_DISMISSED_EVENT]) { filteredCount totalCount nodes {
        ... on ReviewDismissedEvent { previousReviewState actor { login } review { fullDatabaseId } } } } } } }"""
    pull = acme.graphql(query, "grace", n=number)["data"]["repository"]["pullRequest"]
    assert pull["reviews"]["nodes"] == [{"state": "DISMISSED"}]
    event = pull["timelineItems"]["nodes"][0]
    assert event["previousReviewState"] == "APPROVED"
    assert event["actor"]["login"] == "linus"
    assert event["review"]["fullDatabaseId"] == str(review["id"])
    assert pull["timelineItems"]["totalCount"] > pull["timelineItems"]["filteredCount"] == 1


def test_force_pushes_are_remembered_and_can_repoint_reviews(acme: Sandbox) -> None:
    """The event names both heads; the known re-pointing of reviews can be switched on."""
    change = acme.change(REPO, "jo", message="AI\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    number, before = change["number"], change["head"]["sha"]
    acme.approve(REPO, number, "grace")
    after = acme.amend(REPO, "topic", "Mine alone", "jo")
    reviews = acme.api("GET", f"/repos/{REPO}/pulls/{number}/reviews", "jo")
    assert reviews[0]["commit_id"] == before
    acme.settings(repoint_reviews=True)
    last = acme.amend(REPO, "topic", "Mine, really", "jo")
    assert acme.api("GET", f"/repos/{REPO}/pulls/{number}/reviews", "jo")[0]["commit_id"] == last
    query = """query($n: Int!) { repository(owner: "acme", name: "payments") { pullRequest(number: $n) {
      timelineItems(last: 9, itemTypes: [HEAD_REF_FORCE_PUSHED_EVENT]) { nodes { ... on HeadRefForcePushedEvent {
        beforeCommit { oid message } afterCommit { oid } } } } } } }"""
    pull = acme.graphql(query, "jo", n=number)["data"]["repository"]["pullRequest"]
    heads = [(event["beforeCommit"]["oid"], event["afterCommit"]["oid"]) for event in pull["timelineItems"]["nodes"]]
    assert heads == [(before, after), (after, last)]
    assert "Claude" in pull["timelineItems"]["nodes"][0]["beforeCommit"]["message"]


def test_native_dismissal_of_stale_approvals_follows_its_switch(acme: Sandbox) -> None:
    """With the switch on, a push takes approvals back."""
    acme.settings(dismiss_stale_reviews=True)
    number = acme.change(REPO, "jo")["number"]
    acme.approve(REPO, number, "grace")
    acme.push(REPO, "topic", {"more.txt": "more\n"}, "More", "jo")
    assert acme.api("GET", f"/repos/{REPO}/pulls/{number}/reviews", "jo")[0]["state"] == "DISMISSED"


def test_retargeting_changes_what_the_change_contains(acme: Sandbox) -> None:
    """The same head against another base has other files, and the event is in the history."""
    acme.push(REPO, "release", {"big.txt": "big\n"}, "Big", "ada")
    acme.push(REPO, "topic", {"small.txt": "small\n"}, "Small", "jo", base="release")
    number = acme.open_change(REPO, "jo", "topic", base="release")["number"]
    path = f"/repos/{REPO}/pulls/{number}/files"
    assert [file["filename"] for file in acme.api("GET", path, "jo")] == ["small.txt"]
    acme.edit(REPO, number, "jo", base="main")
    assert [file["filename"] for file in acme.api("GET", path, "jo")] == ["big.txt", "small.txt"]


def test_renames_modes_links_and_deletions_are_told(acme: Sandbox) -> None:
    """REST tells the old path of a renamed file; deletions and symlinks are files of the change too."""
    changes = [
        {"path": "src/money.py", "rename_from": "src/pay.py"},
        {"path": "link", "symlink": "README.md"},
        {"path": "vendor/module", "submodule": "a" * 40},
        {"path": "README.md", "delete": True},
        {"path": "run.sh", "content": "true\n", "mode": "100755"},
    ]
    acme.push(REPO, "topic", message="All", by="jo", changes=changes)
    number = acme.open_change(REPO, "jo", "topic")["number"]
    files = {file["filename"]: file for file in acme.api("GET", f"/repos/{REPO}/pulls/{number}/files", "jo")}
    assert files["src/money.py"]["previous_filename"] == "src/pay.py"
    assert files["README.md"]["status"] == "removed"
    query = """query($oid: GitObjectID!) { repository(owner: "acme", name: "payments") { object(oid: $oid) {
      ... on Commit { a: file(path: "link") { mode type } b: file(path: "run.sh") { mode } c: file(path: "nix") { mode }
        d: file(path: "vendor/module") { mode type oid } } } } }"""
    found = acme.graphql(query, "jo", oid=acme.head(REPO, number))["data"]["repository"]["object"]
    assert found["a"] == {"mode": 0o120000, "type": "blob"}
    assert found["b"]["mode"] == 0o100755
    assert found["c"] is None
    assert found["d"] == {"mode": 0o160000, "type": "commit", "oid": "a" * 40}


def test_a_change_from_a_fork_has_no_pull_requests_in_its_checks(acme: Sandbox) -> None:
    """A reader proposes from a fork; checks do not name the change; a deleted fork leaves a null behind."""
    acme.user("eve")
    acme.collaborator(REPO, "eve", "pull", "ada")
    fork = acme.fork(REPO, "eve")["full_name"]
    acme.push(fork, "topic", {"f.txt": "f\n"}, "Fork", "eve")
    change = acme.open_change(REPO, "eve", "eve:topic")
    run = acme.check(REPO, change["head"]["sha"], f"app:{CHECK}", status="in_progress")
    assert run["pull_requests"] == []
    acme.expect_refusal(403, lambda: acme.push(REPO, "mine", {"f": "f\n"}, by="eve"))
    acme.repo_action(fork, "delete", "eve")
    assert acme.pull(REPO, change["number"])["head"]["repo"] is None


def test_rules_bind_direct_pushes_unless_somebody_is_on_the_bypass_list(acme: Sandbox) -> None:
    """A push to a branch with a required check is refused, except for whoever may bypass the ruleset."""
    refused = acme.expect_refusal(422, lambda: acme.push(REPO, "main", {"f": "f\n"}, by="jo"))
    assert CHECK in refused.message
    acme.repo("acme/loose", {"f": "1\n"})
    grace = acme.api("GET", "/users/grace", "ada")["id"]
    bypass = [
        {"actor_type": "OrganizationAdmin", "actor_id": 1, "bypass_mode": "always"},
        {"actor_type": "User", "actor_id": grace, "bypass_mode": "always"},
    ]
    acme.ruleset("acme/loose", "ada", [required_check(integration_id=77)], bypass_actors=bypass)
    acme.push("acme/loose", "main", {"f": "2\n"}, by="ada")
    acme.push("acme/loose", "main", {"f": "4\n"}, by="grace")
    acme.expect_refusal(422, lambda: acme.push("acme/loose", "main", {"f": "3\n"}, by="jo"))


def test_updating_the_branch_and_applying_a_suggestion_are_githubs_commits(acme: Sandbox) -> None:
    """The committer is GitHub, signed; the suggestion's author is who pressed, its co-author who suggested."""
    number = acme.change(REPO, "jo")["number"]
    acme.push(REPO, "main", {"base.txt": "b\n"}, "Base moved", "ada", rules=False)
    merged = acme.update_branch(REPO, number, "grace")
    shown = acme.api("GET", f"/repos/{REPO}/commits/{merged}", "jo")
    assert shown["committer"]["login"] == "web-flow"
    assert shown["commit"]["verification"]["verified"]
    assert len(shown["parents"]) == 2
    sha = acme.apply_suggestion(REPO, number, "jo", "grace", {"file.txt": "better\n"})
    text = acme.api("GET", f"/repos/{REPO}/commits/{sha}", "jo")["commit"]["message"]
    assert "Co-authored-by: Grace <grace@example.com>" in text


def test_labels_titles_and_states_change_with_events(acme: Sandbox) -> None:
    """Labels come and go, a title is renamed, a closed change opens again; all of it is in the history."""
    number = acme.change(REPO, "jo")["number"]
    acme.label(REPO, number, "jo", "ai-assisted", "bug")
    acme.unlabel(REPO, number, "jo", "ai-assisted")
    acme.edit(REPO, number, "jo", title="Better", body="New text")
    acme.close(REPO, number, "jo")
    acme.reopen(REPO, number, "jo")
    acme.draft(REPO, number, "jo")
    pull = acme.pull(REPO, number)
    assert [label["name"] for label in pull["labels"]] == ["bug"]
    assert (pull["title"], pull["state"], pull["draft"]) == ("Better", "open", True)
    history = acme.api("GET", f"/repos/{REPO}/issues/{number}/timeline", "jo")
    events = [event["event"] for event in history]
    assert events == ["labeled", "labeled", "unlabeled", "renamed", "closed", "reopened", "convert_to_draft"]


def test_the_queue_builds_groups_merges_what_passes_and_throws_out_what_fails(acme: Sandbox) -> None:
    """Two changes queue; the first group passes and merges, the second fails and is destroyed."""
    acme.repo("acme/queued", {"f": "1\n"})
    queue = {
        "type": "merge_queue",
        "parameters": {
            "check_response_timeout_minutes": 5, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
            "max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1,
            "min_entries_to_merge_wait_minutes": 1,
        },
    }  # fmt: skip
    acme.ruleset("acme/queued", "ada", [required_check(integration_id=77), queue])
    groups = []
    for name in ("one", "two"):
        change = acme.change("acme/queued", "jo", name, {f"{name}.txt": "x\n"})
        done = {"status": "completed", "conclusion": "success"}
        acme.check("acme/queued", change["head"]["sha"], f"app:{CHECK}", **done)
        assert acme.merge("acme/queued", change["number"], "jo")["status"] == 405
        groups.append(acme.enqueue("acme/queued", change["number"], "jo"))
    assert groups[0]["head_ref"].startswith("gh-readonly-queue/main/pr-1-")
    assert groups[1]["base_sha"] == groups[0]["head_sha"]
    acme.check("acme/queued", groups[0]["head_sha"], f"app:{CHECK}", status="completed", conclusion="success")
    acme.check("acme/queued", groups[1]["head_sha"], f"app:{CHECK}", status="completed", conclusion="failure")
    assert acme.advance_queue("acme/queued") == ["#1 merged", f"#2 removed: {CHECK} failed"]
    assert acme.pull("acme/queued", 1)["merged"]
    assert acme.pull("acme/queued", 2)["state"] == "open"


def test_notes_and_other_references_can_be_pushed_and_read(acme: Sandbox) -> None:
    """A reference that is no branch, such as git-ai's notes, is read by expression."""
    sha = acme.change(REPO, "jo")["head"]["sha"]
    acme.push(REPO, "", {sha: "ai\n"}, "Notes", "jo", ref="refs/notes/ai", base="none")
    query = """query($e: String!) { repository(owner: "acme", name: "payments") {
      object(expression: $e) { ... on Blob { text isTruncated } } ref(qualifiedName: "refs/notes/ai") { name } } }"""
    found = acme.graphql(query, f"app:{CHECK}", e=f"refs/notes/ai:{sha}")["data"]["repository"]
    assert found == {"object": {"text": "ai\n", "isTruncated": False}, "ref": {"name": "ai"}}


def test_a_repository_that_moves_away_is_out_of_reach(acme: Sandbox) -> None:
    """Transferred to an owner without the App, it is not found by the App any more."""
    acme.org("umbrella", {"ada": "admin"})
    assert acme.call("GET", f"/repos/{REPO}", f"app:{CHECK}").status_code == 200
    acme.repo_action(REPO, "transfer", to="umbrella")
    assert acme.call("GET", "/repos/umbrella/payments", f"app:{CHECK}").status_code == 404
    assert acme.call("GET", "/repos/umbrella/payments", "ada").status_code == 200


def test_events_have_one_order_even_within_a_second(acme: Sandbox) -> None:
    """Times are whole seconds and never the same twice, so a review is later than the push before it."""
    number = acme.change(REPO, "jo")["number"]
    times = [acme.comment(REPO, number, "jo", str(place))["created_at"] for place in range(3)]
    times.append(acme.approve(REPO, number, "grace")["submitted_at"])
    assert times == sorted(set(times))
    acme.fix_clock("2027-01-03T10:00:00Z")
    assert acme.comment(REPO, number, "jo", "later")["created_at"].startswith("2027-01-03T10:00:0")


def test_the_same_head_in_two_changes_shares_its_checks(acme: Sandbox) -> None:
    """A check belongs to the commit: passing it for one change passes it for the other."""
    acme.push(REPO, "release", {"r.txt": "r\n"}, "Release", "ada")
    first = acme.change(REPO, "jo")
    second = acme.open_change(REPO, "grace", "topic", base="release")
    assert first["head"]["sha"] == second["head"]["sha"]
    passed(acme, first["head"]["sha"])
    assert acme.merge(REPO, first["number"], "jo")["merged"]
    assert acme.pull(REPO, second["number"])["state"] == "open"


def test_a_direct_push_of_a_change_merges_it(acme: Sandbox) -> None:
    """When the base gets the head without the button, GitHub marks the change as merged."""
    change = acme.change(REPO, "jo")
    acme.push(REPO, "main", by="ada", merge="topic", rules=False)
    pull = acme.pull(REPO, change["number"])
    assert pull["merged"]
    assert pull["merged_by"]["login"] == "ada"
    assert pull["changed_files"] == 1
