"""The simulated GitLab as people see it: its process, its demonstration, its pages; alone and beside GitHub."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.gitlab_sandbox import GitLab
from tests.support.sandbox import Sandbox

PAGE = "/acme/payments/-/merge_requests"


@pytest.fixture
def demo(gitlab_process: GitLab) -> Iterator[GitLab]:
    gitlab_process.reset("demo")
    yield gitlab_process
    gitlab_process.assert_clean()


def press(gitlab: GitLab, by: str, where: str, **form: str) -> str:
    """Press a button as somebody. Answers what the page says about it."""
    browser = requests.Session()
    browser.post(f"{gitlab.url}/sandbox/act-as", data={"login": by, "back": "/"}, timeout=10)
    page = browser.post(gitlab.url + where, data=form, timeout=10)
    assert page.status_code == 200
    return re.findall(r'class="flash[^>]*>([^<]*)', page.text)[0]


def test_the_seed_people_is_the_demonstration_before_the_bot_is_installed() -> None:
    """What `signoff setup gitlab` is rehearsed on: merge requests of a paid and a free project, no rule, no hook."""
    with GitLab("people") as gitlab:
        home = requests.get(gitlab.url, timeout=10).text
        assert ("Keep messages for 3 days" in home, "premium" in home, "Approval rules" in home) == (True, True, False)
        assert gitlab.api("GET", "/projects/1/hooks", "ada") == []
        assert gitlab.api("GET", "/projects/1/approval_rules", "ada") == []


def test_a_person_can_play_the_story_with_buttons(demo: GitLab) -> None:
    """Blocked, approved, labelled, pushed, amended, drafted, closed and opened again; a new one; merged elsewhere."""
    home = requests.get(demo.url, timeout=10).text
    for word in ("acme/payments", "acme/infra", "Keep messages for 3 days", "premium", "not_approved", "Act as"):
        assert word in home
    demo.settings(copy_rules_on_open=False)
    change = f"{PAGE}/2"
    assert press(demo, "jo", f"{change}/merge").startswith("Refused (405)")
    assert press(demo, "jo", f"{change}/approve").startswith("Refused (401)")
    assert press(demo, "grace", f"{change}/approve") == "Approved."
    assert press(demo, "grace", f"{change}/unapprove") == "Approval taken back."
    assert press(demo, "jo", f"{change}/push", path="a.txt", content="a", message="More", ai="1").startswith("Pushed")
    assert press(demo, "jo", f"{change}/amend", message="Less").startswith("Amended")
    assert press(demo, "jo", f"{change}/label", name="no-ai") == "Label added."
    assert press(demo, "jo", f"{change}/draft", title="Words") == "Marked as a draft."
    assert press(demo, "jo", f"{change}/note", body="Please look.") == "Said."
    assert press(demo, "jo", f"{change}/close") == "Closed."
    assert press(demo, "jo", f"{change}/reopen") == "Opened again."
    new = {"path": "b.txt", "content": "b", "message": "Add b", "ai": "1"}
    assert press(demo, "sam", "/acme/payments/-/new", **new) == "Opened."
    shown = requests.get(f"{demo.url}{PAGE}/3", timeout=10).text
    assert "Co-authored-by: Claude" in shown
    assert "A required approval is missing." in shown


def test_hostile_text_is_shown_as_text_and_other_sites_press_nothing(demo: GitLab) -> None:
    """Titles, descriptions, notes, labels, statuses never become markup; a POST from elsewhere is refused."""
    bad = (
        "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](http://example.com/y.png)"
    )
    demo.edit("acme/infra", 1, "jo", title=bad, description=bad, labels="<b>bold</b>")
    demo.note("acme/infra", 1, "sam", bad)
    sha = demo.head("acme/infra", 1)
    demo.status("acme/infra", sha, "jo", name="<b>bold</b>", description=bad[:200], ref="duo/keep-messages-shorter")
    for path in ("/", "/acme/infra/-/merge_requests/1"):
        page = requests.get(demo.url + path, timeout=10)
        for word in ("<script", "<img", 'href="javascript', "<b>bold"):
            assert word not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    elsewhere = {"Origin": "https://evil.example.com"}
    for path in (f"{PAGE}/1/close", "/sandbox/control/state"):
        assert requests.post(demo.url + path, headers=elsewhere, timeout=10).status_code == 403


def test_state_survives_a_restart_when_a_file_is_given(tmp_path: Path) -> None:
    """The bot's token, the merge requests and the approvals are there again, and the process ends cleanly."""
    path = "/projects/acme%2Fpayments/merge_requests/1"
    with GitLab("demo", database=tmp_path / "gitlab.db") as gitlab:
        token = gitlab.ready["token"]
        assert gitlab.call("POST", path + "/approve", token=token).status_code == 201
        gitlab.note("acme/payments", 1, "jo", "Mine")
        assert gitlab.stop() == 0
        gitlab.restart()
        assert gitlab.ready["token"] == token
        shown = gitlab.call("GET", path, token=token).json()
        assert (shown["detailed_merge_status"], shown["title"]) == ("mergeable", "Retry failed charges")
        assert [note["body"] for note in gitlab.notes("acme/payments", 1)] == ["Mine"]
        gitlab.assert_clean()


def test_both_forges_run_in_one_process() -> None:
    """Each on an address of its own, told in one line; one signal ends both."""
    sandbox = Sandbox("demo")
    sandbox.arguments += ["--forge", "both"]
    with sandbox:
        told = sandbox.ready["gitlab"]
        assert sandbox.pull("acme/payments", 1)["title"] == "Retry failed charges"
        headers = {"PRIVATE-TOKEN": told["token"]}
        answer = requests.get(told["api_url"] + "/projects/acme%2Finfra", headers=headers, timeout=10)
        assert answer.json()["only_allow_merge_if_pipeline_succeeds"] is True
        assert sandbox.stop() == 0
