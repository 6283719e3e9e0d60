"""Approvals on the simulated GitLab: what they are worth per tier, what a push does to them, who edits rules."""

import pytest

from tests.support.gitlab_sandbox import GitLab, root

PAY = "acme/payments"
RULES = root(PAY) + "/approval_rules"
OWN_RULES = root(PAY) + "/merge_requests/1/approval_rules"


@pytest.fixture
def acme(gitlab: GitLab) -> GitLab:
    """A Premium project in which the bot is required approver and overriding is not allowed."""
    gitlab.users("jo", "grace", "ada")
    gitlab.user("bot", kind="service_account")
    gitlab.group("acme", {"jo": "developer", "grace": "developer", "bot": "developer", "ada": "maintainer"})
    gitlab.project(PAY, {"a.txt": "1\n2\n3\n"}, tier="premium", disable_overriding_approvers_per_merge_request=True)
    gitlab.rule(PAY, "ada", usernames=["bot"], applies_to_all_protected_branches=True)
    return gitlab


def approvers(gitlab: GitLab) -> list[str]:
    return [row["user"]["username"] for row in gitlab.approvals(PAY, 1)["approved_by"]]


def test_the_required_approver_blocks_from_the_start_and_opens_with_one_approval(acme: GitLab) -> None:
    """Another's approval does not count; the bot's does, for the head it names and no other."""
    mr = acme.change(PAY, "jo")
    assert mr["detailed_merge_status"] == "not_approved"
    acme.approve(PAY, 1, "grace")
    assert acme.merge(PAY, 1, "jo")["blockers"] == ["not_approved"]
    acme.expect_refusal(409, lambda: acme.approve(PAY, 1, "bot", sha="0" * 40))
    shown = acme.approve(PAY, 1, "bot", sha=mr["sha"])
    assert (shown["approved"], shown["approvals_left"]) == (True, 0)
    acme.unapprove(PAY, 1, "bot")
    assert acme.merge(PAY, 1, "jo")["status"] == 405
    acme.approve(PAY, 1, "bot")
    assert acme.merge(PAY, 1, "jo", sha="0" * 40)["status"] == 409
    assert acme.merge(PAY, 1, "jo", sha=mr["sha"])["merged"]


def test_refusals_of_an_approval_look_like_a_bad_token(acme: GitLab) -> None:
    """401 for a second approval, and for an author who must not approve; 404 for taking back what is not there."""
    acme.change(PAY, "jo")
    acme.approve(PAY, 1, "grace")
    acme.expect_refusal(401, lambda: acme.approve(PAY, 1, "grace"))
    acme.expect_refusal(401, lambda: acme.approve(PAY, 1, "jo"))
    acme.expect_refusal(404, lambda: acme.unapprove(PAY, 1, "bot"))
    acme.configure(PAY, merge_requests_author_approval=True)
    acme.approve(PAY, 1, "jo")
    acme.configure(PAY, merge_requests_author_approval=False)
    assert acme.state(PAY, 1)["blockers"] == ["not_approved"]


def test_committers_are_barred_where_the_project_says_so(acme: GitLab) -> None:
    """Who committed cannot approve; with the setting off they can."""
    acme.change(PAY, "jo", author={"name": "Grace", "email": "grace@example.com"})
    acme.configure(PAY, merge_requests_disable_committers_approval=True)
    acme.expect_refusal(401, lambda: acme.approve(PAY, 1, "grace"))
    acme.configure(PAY, merge_requests_disable_committers_approval=False)
    acme.approve(PAY, 1, "grace")


def test_a_push_drops_approvals_by_patch_id(acme: GitLab) -> None:
    """Another message and a rebase keep them; one character of code drops them."""
    acme.change(PAY, "jo", files={"a.txt": "1\n2\n3\nfour\n"})
    acme.approve(PAY, 1, "bot")
    acme.amend(PAY, "topic", "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>", "jo")
    assert approvers(acme) == ["bot"]
    acme.push(PAY, "main", {"b.txt": "b\n"}, by="ada")
    acme.rebase(PAY, 1, "jo")
    assert approvers(acme) == ["bot"]
    patches = [row["patch_id_sha"] for row in acme.api("GET", root(PAY) + "/merge_requests/1/versions", "jo")]
    assert len(patches) == 3
    assert len(set(patches)) == 1
    acme.push(PAY, "topic", {"a.txt": "1\n2\n3\nfive\n"}, by="jo")
    assert approvers(acme) == []


def test_an_approval_given_while_gitlab_sorts_them_is_lost(acme: GitLab) -> None:
    """For a while after a push it says approvals_syncing; then what was given too early is gone as well."""
    acme.settings(approvals_syncing_seconds=10)
    acme.change(PAY, "jo")
    acme.approve(PAY, 1, "grace")
    acme.push(PAY, "topic", {"more.txt": "more\n"}, by="jo")
    acme.approve(PAY, 1, "bot")
    assert acme.state(PAY, 1)["detailed_merge_status"] == "approvals_syncing"
    acme.advance(11)
    assert (approvers(acme), acme.state(PAY, 1)["detailed_merge_status"]) == ([], "not_approved")
    acme.approve(PAY, 1, "bot")
    acme.advance(11)
    assert approvers(acme) == ["bot"]


def test_retargeting_drops_every_approval_and_makes_a_version(acme: GitLab) -> None:
    """Premium with reset on push."""
    acme.push(PAY, "release", {}, by="ada", base="main")
    acme.change(PAY, "jo")
    acme.approve(PAY, 1, "bot")
    acme.edit(PAY, 1, "jo", target_branch="release")
    assert approvers(acme) == []
    assert len(acme.state(PAY, 1)["versions"]) == 2


def test_on_free_approvals_survive_pushes_and_prove_nothing(gitlab: GitLab) -> None:
    """`approved` is always true, the author may approve, and a bot can drop everybody's without a webhook."""
    gitlab.users("jo", "ada")
    gitlab.user("bot", kind="service_account")
    gitlab.project(PAY.replace("acme", "ada"), members={"jo": 30, "bot": 30})
    mine = "ada/payments"
    gitlab.change(mine, "jo")
    assert gitlab.approvals(mine, 1)["approved"] is True
    given = gitlab.approve(mine, 1, "jo")["approved_by"][0]
    assert given["user"]["username"] == "jo"
    assert given["approved_at"]
    assert "bot" not in given["user"]
    gitlab.push(mine, "topic", {"more.txt": "more\n"}, by="jo")
    assert len(gitlab.approvals(mine, 1)["approved_by"]) == 1
    gitlab.settings(approved_at=False)
    assert "approved_at" not in gitlab.approvals(mine, 1)["approved_by"][0]
    path = root(mine) + "/merge_requests/1/reset_approvals"
    gitlab.expect_refusal(401, lambda: gitlab.api("PUT", path, "jo"))
    gitlab.api("PUT", path, "bot")
    assert gitlab.approvals(mine, 1)["approved_by"] == []


def test_paid_features_are_forbidden_or_unknown_by_build(gitlab: GitLab) -> None:
    """403 on the Enterprise build without a licence, 404 on the Community build; approving works on both."""
    gitlab.users("jo", "ada")
    gitlab.project("ada/x", members={"jo": 30})
    gitlab.change("ada/x", "jo")
    paths = [root("ada/x") + rest for rest in ("/approvals", "/approval_rules", "/merge_requests/1/approval_state")]
    for enterprise, code in ((True, 403), (False, 404)):
        gitlab.settings(enterprise=enterprise)
        assert [gitlab.call("GET", path, "ada").status_code for path in paths] == [code] * 3
        assert ("approvals_left" in gitlab.approvals("ada/x", 1)) is enterprise
    gitlab.approve("ada/x", 1, "jo")
    levels = {"name": "v1", "allowed_to_merge": [{"user_id": 2001}]}
    gitlab.expect_refusal(404, lambda: gitlab.api("POST", root("ada/x") + "/protected_branches", "ada", levels))


def test_who_edits_rules(acme: GitLab) -> None:
    """The project's: Maintainers. A merge request's: nobody while overriding is not allowed, else its author too."""
    acme.change(PAY, "jo")
    rule = acme.api("GET", RULES, "bot")[0]
    acme.expect_refusal(403, lambda: acme.api("PUT", f"{RULES}/{rule['id']}", "bot", {"approvals_required": 0}))
    acme.expect_refusal(403, lambda: acme.api("GET", root(PAY) + "/approvals", "bot"))
    body = {"approvals_required": 0}
    for who in ("jo", "bot", "ada"):
        acme.expect_refusal(403, lambda who=who: acme.api("PUT", f"{OWN_RULES}/{rule['id']}", who, body))
    acme.api("POST", root(PAY) + "/approvals", "ada", {"disable_overriding_approvers_per_merge_request": False})
    acme.expect_refusal(403, lambda: acme.api("PUT", f"{OWN_RULES}/{rule['id']}", "grace", body))
    acme.api("PUT", f"{OWN_RULES}/{rule['id']}", "jo", body)
    assert acme.api("GET", root(PAY) + "/merge_requests/1/approval_state", "jo")["approval_rules_overwritten"] is True
    assert acme.state(PAY, 1)["blockers"] == []
    acme.api("POST", root(PAY) + "/approvals", "ada", {"disable_overriding_approvers_per_merge_request": True})
    assert acme.state(PAY, 1)["blockers"] == ["not_approved"]


def test_rules_of_the_moment_of_opening_stay_where_overriding_is_allowed(acme: GitLab) -> None:
    """A later change of the project's rule does not reach them; a rule that nobody can satisfy is satisfied."""
    acme.configure(PAY, disable_overriding_approvers_per_merge_request=False)
    acme.change(PAY, "jo")
    rule = acme.api("GET", RULES, "ada")[0]
    acme.api("PUT", f"{RULES}/{rule['id']}", "ada", {"approvals_required": 0})
    assert acme.state(PAY, 1)["blockers"] == ["not_approved"]
    acme.member("bot", None, group="acme")
    assert acme.state(PAY, 1)["blockers"] == []
    acme.settings(invalid_rules_approve=False)
    assert acme.state(PAY, 1)["blockers"] == ["not_approved"]


def test_with_re_authentication_no_bot_can_approve(acme: GitLab) -> None:
    """People give their password; a service account has none. Locked settings cannot be changed by anybody here."""
    acme.configure(PAY, require_reauthentication_to_approve=True)
    acme.change(PAY, "jo")
    acme.expect_refusal(401, lambda: acme.approve(PAY, 1, "bot", approval_password="password-of-bot"))
    acme.expect_refusal(401, lambda: acme.approve(PAY, 1, "grace"))
    acme.approve(PAY, 1, "grace", approval_password="password-of-grace")
    acme.configure(PAY, rules_locked=True)
    path = root(PAY) + "/approvals"
    acme.expect_refusal(403, lambda: acme.api("POST", path, "ada", {"require_reauthentication_to_approve": False}))


def test_deleted_and_blocked_people(acme: GitLab) -> None:
    """A deleted author is the ghost and their approval is gone; a blocked one is told so, and does not count."""
    acme.change(PAY, "jo")
    acme.approve(PAY, 1, "grace")
    acme.delete_user("grace")
    assert approvers(acme) == []
    acme.approve(PAY, 1, "bot")
    acme.change_user("bot", state="blocked")
    assert "blocked" in acme.expect_refusal(403, lambda: acme.unapprove(PAY, 1, "bot")).message
    acme.delete_user("jo")
    assert acme.mr(PAY, 1)["author"]["username"] == "ghost"


def test_a_merge_train_asks_for_approvals_at_every_step_and_for_no_status(acme: GitLab) -> None:
    """Whoever lost an approval is thrown off, and those behind are tested anew; a status on the head is not seen."""
    acme.configure(PAY, merge_trains_enabled=True)
    for number in (1, 2):
        acme.change(PAY, "jo", f"b{number}", {f"{number}.txt": "x\n"})
        acme.expect_refusal(400, lambda number=number: acme.control("board", project=PAY, iid=number, by="jo"))
        acme.approve(PAY, number, "bot")
    running = [acme.control("board", project=PAY, iid=number, by="jo") for number in (1, 2)]
    assert running[1]["ref"] == "refs/merge-requests/2/train"
    assert acme.control("train", project=PAY, iid=1)["iids"] == [1, 2]
    acme.status(PAY, acme.head(PAY, 2), "jo", state="failed")
    acme.unapprove(PAY, 1, "bot")
    assert acme.control("train", project=PAY, iid=2)["iids"] == [2]
    again = acme.mr(PAY, 2)["head_pipeline"]
    assert again["id"] > running[1]["id"]
    acme.jobs(again["id"], {"test": "success"})
    assert [acme.state(PAY, number)["state"] for number in (1, 2)] == ["opened", "merged"]
