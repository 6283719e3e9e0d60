"""The process: ready line, restart with its file, refusal beside a real forge, and the pages."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.sandbox import Sandbox
from tests.support.simulation import Refused


def test_state_survives_a_restart_when_a_file_is_given(tmp_path: Path) -> None:
    """Changes, commits and the App's key are there again, and the process ends cleanly on SIGTERM."""
    with Sandbox("demo", database=tmp_path / "sandbox.db") as sandbox:
        sandbox.push("acme/payments", "topic", {"f.txt": "f\n"}, "Mine", "jo")
        number = sandbox.open_change("acme/payments", "jo", "topic", "Mine")["number"]
        key = Path(sandbox.ready["private_key_file"]).read_text()
        before = sandbox.pull("acme/payments", number)
        assert sandbox.stop() == 0
        sandbox.restart()
        after = sandbox.pull("acme/payments", number)
        assert (after["title"], after["head"]["sha"]) == ("Mine", before["head"]["sha"])
        assert sandbox.api("GET", f"/repos/acme/payments/pulls/{number}/files", "jo")[0]["filename"] == "f.txt"
        assert Path(sandbox.ready["private_key_file"]).read_text() == key
        sandbox.assert_clean()


def test_stopping_the_command_stops_the_forge() -> None:
    """`signoff sandbox` becomes the forge: a SIGTERM for the one leaves no other behind."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    command = [sys.executable, "-m", "bot.cli", "sandbox", "--seed", "empty"]
    with subprocess.Popen(command, env=own, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        process.terminate()
        assert process.wait(15) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


@pytest.mark.parametrize(
    "environment",
    [
        {"SIGNOFF_GITHUB_APP_ID": "1"},
        {"SIGNOFF_GITHUB_API_URL": "https://api.github.com"},
        {"SIGNOFF_GITLAB_TOKEN": "x"},
        {"SIGNOFF_GITLAB_URL": "https://gitlab.example.com"},
    ],
)
def test_it_refuses_to_start_where_a_real_forge_is_configured(environment: dict[str, str]) -> None:
    """Exit 2 with a plain sentence that names the setting."""
    found = subprocess.run(
        [sys.executable, "-m", "bot.sandbox"], env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert found.returncode == 2
    assert next(iter(environment)) in found.stderr
    assert "Traceback" not in found.stderr


def test_it_listens_on_loopback_only() -> None:
    """Any other address is refused."""
    with pytest.raises(Refused):
        Sandbox(listen="0.0.0.0:0").start()


@pytest.fixture(scope="module")
def demo() -> Sandbox:
    with Sandbox("demo") as sandbox:
        yield sandbox
        sandbox.assert_clean()


def press(sandbox: Sandbox, by: str, number: int, action: str, **form: str) -> str:
    """Press a button as somebody. Answers what the page says about it."""
    browser = requests.Session()
    browser.post(f"{sandbox.url}/sandbox/act-as", data={"login": by, "back": "/"}, timeout=10)
    page = browser.post(f"{sandbox.url}/acme/payments/pull/{number}/{action}", data=form, timeout=10)
    assert page.status_code == 200
    return re.findall(r'class="flash[^>]*>([^<]*)', page.text)[0]


def test_the_demonstration_has_its_people_and_changes(demo: Sandbox) -> None:
    """Two repositories with their rulesets, four open changes, five people to act as."""
    home = requests.get(demo.url, timeout=10).text
    assert "Simulated forge" in home
    for word in ("jo", "sam", "grace", "linus", "ada", "acme/payments", "acme/infra", "Keep messages for 3 days"):
        assert word in home
    assert len(demo.api("GET", "/repos/acme/payments/pulls", "jo")) == 3
    assert [demo.api("GET", f"/users/{login}", "jo")["id"] for login in ("jo", "sam", "grace", "linus", "ada")] == [
        101, 102, 1001, 1002, 1009,
    ]  # fmt: skip


def test_the_seed_people_is_the_demonstration_before_the_bot_is_installed(tmp_path: Path) -> None:
    """What `signoff setup` is rehearsed on: nothing is required; only an owner makes an App, under a free name; a
    restart opens nothing twice.
    """
    with Sandbox("people", database=tmp_path / "forge.db") as sandbox:
        assert sandbox.api("GET", "/repos/acme/payments/rules/branches/main", "ada") == []
        hook = {"url": "http://127.0.0.1:1/webhooks/github"}
        told = {"name": "signoff", "url": sandbox.url, "hook_attributes": hook, "redirect_url": sandbox.url}
        form, page = {"manifest": json.dumps(told)}, f"{sandbox.url}/organizations/acme/settings/apps/new"
        refused = requests.post(page, form, cookies={"act_as": "jo"}, timeout=10)
        assert (refused.status_code, "jo is no owner of acme" in refused.text) == (404, True)
        asked = form | {"org": "acme"}
        ada = {"act_as": "ada"}
        made = requests.post(f"{sandbox.url}/sandbox/manifest", asked, cookies=ada, timeout=10, allow_redirects=False)
        code = made.headers["Location"].partition("code=")[2]
        assert requests.post(f"{sandbox.url}/api/v3/app-manifests/{code}/conversions", timeout=10).status_code == 201
        again = requests.post(page, form, cookies=ada, timeout=10)
        assert (again.status_code, "already taken" in again.text) == (422, True)
        sandbox.restart()
        assert len(sandbox.api("GET", "/repos/acme/payments/pulls", "jo")) == 3
        sandbox.assert_clean()


def test_a_person_can_play_the_story_with_buttons(demo: Sandbox) -> None:
    """Blocked, approved by a senior, passed, merged; the author's own approval is refused."""
    number = 2
    assert press(demo, "jo", number, "merge").startswith("Refused (405)")
    assert press(demo, "jo", number, "review", event="APPROVE").startswith("Refused (422)")
    assert press(demo, "grace", number, "review", event="APPROVE") == "Approved."
    assert press(demo, "jo", number, "push", path="a.txt", content="a", message="More", ai="1").startswith("Pushed")
    assert press(demo, "jo", number, "amend", message="Less").startswith("Amended")
    assert press(demo, "jo", number, "label", name="no-ai") == "Label added."
    assert press(demo, "jo", number, "edit", title="New", body="Text", base="main") == "Saved."
    done = {"status": "completed", "conclusion": "success"}
    run = demo.check("acme/payments", demo.head("acme/payments", number), "app:senior-signoff", **done)
    assert press(demo, "grace", number, "rerun", run=str(run["id"])) == "Asked to check again."
    assert press(demo, "jo", number, "merge") == "Merged."


def test_hostile_text_is_shown_as_text(demo: Sandbox) -> None:
    """Titles, bodies, comments, labels and check summaries never become markup or load anything."""
    bad = (
        "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) ![y](http://example.com/y.png)"
    )
    demo.edit("acme/payments", 1, "jo", title=bad, body=bad)
    demo.comment("acme/payments", 1, "sam", bad)
    demo.label("acme/payments", 1, "sam", "<b>bold</b>")
    sha = demo.head("acme/payments", 1)
    demo.check("acme/payments", sha, "app:senior-signoff", status="in_progress", output={"title": bad, "summary": bad})
    for path in ("/", "/acme/payments", "/acme/payments/pull/1"):
        page = requests.get(demo.url + path, timeout=10)
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert 'href="javascript' not in page.text
        assert "<b>bold" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_a_page_elsewhere_cannot_press_buttons(demo: Sandbox) -> None:
    """A POST from another origin is refused."""
    answer = requests.post(
        f"{demo.url}/acme/payments/pull/1/close", headers={"Origin": "https://evil.example.com"}, timeout=10
    )
    assert answer.status_code == 403
