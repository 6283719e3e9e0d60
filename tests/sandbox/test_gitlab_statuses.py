"""Commit statuses on the simulated GitLab: whose hides whose, which pipeline counts, and what forks take away."""

import pytest

from tests.support.gitlab_sandbox import CHECK, GitLab, root

PAY = "acme/payments"


@pytest.fixture
def acme(gitlab: GitLab) -> GitLab:
    """A group with two Developers, a Maintainer and the bot; in its project pipelines must succeed."""
    gitlab.users("jo", "grace", "ada")
    gitlab.user("bot", kind="service_account")
    gitlab.group("acme", {"jo": "developer", "grace": "developer", "bot": "developer", "ada": "maintainer"})
    gitlab.project(PAY, only_allow_merge_if_pipeline_succeeds=True)
    return gitlab


def detailed(gitlab: GitLab, iid: int = 1) -> str:
    return str(gitlab.mr(PAY, iid, "jo")["detailed_merge_status"])


def test_without_a_pipeline_a_merge_request_is_blocked_and_a_status_makes_one(acme: GitLab) -> None:
    """An external pipeline for the source branch is made and counts."""
    mr = acme.change(PAY, "jo")
    assert (mr["head_pipeline"], detailed(acme)) == (None, "ci_must_pass")
    posted = acme.status(PAY, mr["sha"], "bot", state="pending", ref="topic")
    head = acme.mr(PAY, 1, "jo")["head_pipeline"]
    assert (head["id"], head["source"], head["status"]) == (posted["pipeline_id"], "external", "pending")
    assert detailed(acme) == "ci_still_running"
    assert acme.merge(PAY, 1, "jo")["status"] == 405
    acme.status(PAY, mr["sha"], "bot", ref="topic")
    assert acme.merge(PAY, 1, "jo")["merged"]


def test_a_status_of_the_same_name_by_somebody_else_hides_ours(acme: GitLab) -> None:
    """Only `all` still shows the hidden one; the merge request can be merged."""
    sha = acme.change(PAY, "jo")["sha"]
    acme.status(PAY, sha, "bot", state="pending")
    acme.status(PAY, sha, "jo", state="success")
    assert [(row["author"]["username"], row["status"]) for row in acme.statuses(PAY, sha, name=CHECK)] == [
        ("jo", "success")
    ]
    shown = acme.statuses(PAY, sha, every=True)
    assert [(row["author"]["username"], row["status"]) for row in shown] == [("bot", "pending"), ("jo", "success")]
    assert detailed(acme) == "mergeable"


def test_our_hidden_pending_status_is_in_the_way_of_a_new_one(acme: GitLab) -> None:
    """Posting pending again finds the hidden one and is refused; it has to be ended first, then a new one blocks."""
    sha = acme.change(PAY, "jo")["sha"]
    acme.status(PAY, sha, "bot", state="pending")
    acme.status(PAY, sha, "jo", state="success")
    acme.expect_refusal(400, lambda: acme.status(PAY, sha, "bot", state="pending"))
    assert detailed(acme) == "mergeable"
    acme.status(PAY, sha, "bot", state="canceled")
    acme.status(PAY, sha, "bot", state="pending")
    assert detailed(acme) == "ci_still_running"
    assert [row["author"]["username"] for row in acme.statuses(PAY, sha)] == ["bot"]


def test_the_same_state_again_is_refused_and_a_running_one_is_updated(acme: GitLab) -> None:
    """400 for pending upon pending; the same user's own status is moved on, not replaced."""
    sha = acme.change(PAY, "jo")["sha"]
    first = acme.status(PAY, sha, "bot", state="pending")
    no = acme.expect_refusal(400, lambda: acme.status(PAY, sha, "bot", state="pending"))
    assert "Cannot transition status via :enqueue from :pending" in no.message
    assert acme.status(PAY, sha, "bot", state="success")["id"] == first["id"]
    assert acme.status(PAY, sha, "bot", state="success")["id"] != first["id"]


def test_pipelines_of_the_merge_request_go_before_all_others(acme: GitLab) -> None:
    """A detached pipeline counts; a status is only in it with its sha, ref and id. A pipeline of another ref is 404."""
    sha = acme.change(PAY, "jo")["sha"]
    acme.status(PAY, sha, "bot", ref="topic")
    made = acme.pipeline(PAY, 1, "detached")
    assert acme.mr(PAY, 1, "jo")["head_pipeline"]["id"] == made["id"]
    assert acme.status(PAY, sha, "bot", state="pending", ref="topic")["pipeline_id"] != made["id"]
    assert detailed(acme) == "mergeable"
    assert acme.status(PAY, sha, "bot", state="pending", pipeline_id=made["id"])["pipeline_id"] == made["id"]
    assert detailed(acme) == "ci_still_running"
    acme.expect_refusal(404, lambda: acme.status(PAY, sha, "bot", ref="topic", pipeline_id=made["id"]))


def test_the_pipeline_for_a_merged_result_has_another_commit(acme: GitLab) -> None:
    """A status on the head lands elsewhere; one on the pipeline's own commit blocks."""
    sha = acme.change(PAY, "jo")["sha"]
    made = acme.pipeline(PAY, 1, "merged")
    assert made["sha"] != sha
    assert made["ref"] == "refs/merge-requests/1/merge"
    acme.status(PAY, sha, "bot", state="pending")
    assert detailed(acme) == "mergeable"
    acme.status(PAY, made["sha"], "bot", state="pending", pipeline_id=made["id"])
    assert detailed(acme) == "ci_still_running"


def test_a_new_pipeline_does_not_have_the_status_and_an_old_head_pipeline_stays_shown(acme: GitLab) -> None:
    """After a push without CI the head pipeline is that of the old commit, and blocks."""
    sha = acme.change(PAY, "jo")["sha"]
    old = acme.status(PAY, sha, "bot", ref="topic")["pipeline_id"]
    acme.pipeline(PAY, 1, "branch", jobs={"test": "success"})
    assert acme.mr(PAY, 1, "jo")["head_pipeline"]["id"] != old
    acme.push(PAY, "topic", {"more.txt": "more\n"}, by="jo")
    shown = acme.mr(PAY, 1, "jo")
    assert shown["head_pipeline"]["sha"] == sha != shown["sha"]
    assert detailed(acme) == "ci_must_pass"


def test_a_fork_keeps_its_pipelines_and_the_bot_out(acme: GitLab) -> None:
    """403 in the fork; a status in the parent makes a pipeline that does not count; one with its pipeline's id does."""
    acme.configure(PAY, visibility="public")
    acme.user("eve")
    fork = acme.fork(PAY, "eve")
    acme.push(fork, "theirs", {"x.txt": "x\n"}, by="eve")
    mr = acme.open(fork, "eve", "theirs", into=PAY)
    acme.expect_refusal(403, lambda: acme.status(fork, mr["sha"], "bot", ref="theirs"))
    acme.status(PAY, mr["sha"], "bot", ref="theirs")
    assert acme.mr(PAY, 1, "bot")["head_pipeline"] is None
    made = acme.pipeline(PAY, 1, "detached", by="ada")
    acme.status(PAY, mr["sha"], "bot", state="pending", pipeline_id=made["id"])
    assert detailed(acme) == "ci_still_running"


def test_who_may_post_and_where(acme: GitLab) -> None:
    """Not a Reporter, not on a protected branch that one may not push to, not with texts of 256 characters."""
    acme.user("guest")
    acme.member("guest", "reporter", project=PAY)
    mr = acme.change(PAY, "jo")
    acme.expect_refusal(403, lambda: acme.status(PAY, mr["sha"], "guest"))
    acme.expect_refusal(400, lambda: acme.status(PAY, mr["sha"], "bot", description="x" * 256))
    acme.expect_refusal(404, lambda: acme.status(PAY, "0" * 40, "bot"))
    acme.project("acme/strict", protected={"main": {"push": 0, "merge": 40}})
    tip = acme.api("GET", root("acme/strict") + "/repository/branches/main", "bot")["commit"]["id"]
    acme.expect_refusal(403, lambda: acme.status("acme/strict", tip, "bot", ref="main"))
    assert acme.status("acme/strict", tip, "ada", ref="main")["status"] == "success"


def test_a_skipped_pipeline_opens_only_where_that_is_allowed(acme: GitLab) -> None:
    """`[skip ci]` in the message skips the pipeline that a push makes."""
    acme.configure(PAY, ci="branch")
    acme.change(PAY, "jo", message="Quick [skip ci]")
    assert detailed(acme) == "ci_must_pass"
    acme.configure(PAY, allow_merge_on_skipped_pipeline=True)
    assert detailed(acme) == "mergeable"


def test_limits_on_pipelines_and_a_lock_to_order(acme: GitLab) -> None:
    """422 for a full pipeline, 429 for too many new ones, 409 by fault."""
    sha = acme.change(PAY, "jo")["sha"]
    made = acme.status(PAY, sha, "bot")["pipeline_id"]
    acme.settings(pipeline_size=1)
    acme.expect_refusal(422, lambda: acme.status(PAY, sha, "bot", name="other", pipeline_id=made))
    acme.settings(pipelines_limit=1)
    no = acme.expect_refusal(429, lambda: acme.status(PAY, sha, "bot", name="other"))
    assert "too many times" in no.message
    acme.settings(pipelines_limit=0, pipeline_size=0)
    words = "Another update to this commit status is in progress"
    acme.fault("status", operation="POST /projects/:id/statuses", status=409, body={"message": words})
    assert acme.expect_refusal(409, lambda: acme.status(PAY, sha, "bot")).message == words
    acme.status(PAY, sha, "bot")


def test_auto_merge_waits_for_the_pipeline_and_is_off_after_a_push(acme: GitLab) -> None:
    """It merges as soon as the last status is a success."""
    sha = acme.change(PAY, "jo")["sha"]
    acme.status(PAY, sha, "bot", state="pending", ref="topic")
    answer = acme.merge(PAY, 1, "jo", auto_merge=True)
    assert (answer["status"], answer["merged"]) == (200, False)
    acme.push(PAY, "topic", {"more.txt": "more\n"}, by="jo")
    assert acme.mr(PAY, 1)["merge_when_pipeline_succeeds"] is False
    new = acme.head(PAY, 1)
    acme.status(PAY, new, "bot", state="pending", ref="topic")
    acme.merge(PAY, 1, "jo", auto_merge=True)
    acme.status(PAY, new, "bot", ref="topic")
    assert acme.mr(PAY, 1)["state"] == "merged"
