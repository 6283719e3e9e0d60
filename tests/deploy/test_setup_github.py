"""`signoff setup github` against the simulated GitHub, over HTTP alone: what a person would press is posted."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
import requests

from bot.forges.github import PERMISSIONS
from bot.forges.github.setup import EVENTS, REASONS, Host
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
PUBLIC = "https://signoff.example.com"


@dataclass
class Person:
    """A browser with ada, who owns acme, before it."""

    forge: Sandbox
    session: requests.Session

    def form(self, address: str, values: dict[str, str]) -> requests.Response:
        """Press a button."""
        return self.session.post(address, data=values, timeout=20)

    def on(self, page: str) -> tuple[str, dict[str, str]]:
        """Where a page's form goes, and what it holds."""
        action = unescape(next(iter(re.findall(r'<form method="post" action="([^"]*)"', page)), ""))
        inputs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
        return action, {unescape(name): unescape(value) for name, value in inputs}


@pytest.fixture(scope="module")
def forge() -> Iterator[Sandbox]:
    """A simulated GitHub with an organisation, its owner and two repositories, and no App."""
    with Sandbox() as sandbox:
        sandbox.users("ada", "jo")
        sandbox.org("acme", {"ada": "admin", "jo": "member"})
        for name in ("acme/payments", "acme/website"):
            sandbox.repo(name, collaborators={"ada": "admin"}, private=False)
        yield sandbox
        sandbox.assert_clean()


@pytest.fixture
def ada(forge: Sandbox) -> Iterator[Person]:
    """Her browser."""
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.set("act_as", "ada")
        yield Person(forge, session)


def signoff(folder: Path, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """The command, started."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")} | environment
    words = [sys.executable, "-u", "-m", "bot.cli", "setup", "github", *arguments]
    return subprocess.Popen(words, cwd=folder, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def heard(process: "subprocess.Popen[str]", until: str = "") -> str:
    """What it says up to the line that begins so; without one, to its end."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if until and line.startswith(until):
            break
    return "".join(lines)


def opened(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """The page's address and the one-time code, read from the terminal."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"Open (http://127\.0\.0\.1:\d+/) .* code (\d{4} \d{4})", line)
    assert found is not None, line + process.stdout.read()
    return found[1], found[2]


def test_from_nothing_to_a_required_check_that_is_pinned_to_the_app(
    ada: Person, forge: Sandbox, tmp_path: Path
) -> None:
    """The whole way: code, manifest, App, credentials, installation, first check, ruleset, proof."""
    (tmp_path / ".env").write_text("# my own\nSIGNOFF_WORKERS=2\n#SIGNOFF_GITHUB_APP_ID=\n")
    process = signoff(
        tmp_path,
        *("--organization", "acme", "--url", forge.url, "--public-url", PUBLIC, "--repository", "acme/payments"),
        *("--require", "--wait", "60"),
        SIGNOFF_SETUP_TOKEN="sandbox-user-ada",
    )
    page, code = opened(process)

    assert "manifest" not in ada.session.get(page, timeout=5).text, "nothing is shown without the code"
    assert ada.form(page, {"code": "0000 0000" if code != "0000 0000" else "1"}).status_code == 403
    assert ada.session.get(page, headers={"Host": "evil.example.com"}, timeout=5).status_code == 403
    begun = ada.form(page, {"code": code}).text
    assert all(reason in unescape(begun) for reason in REASONS.values())
    action, values = ada.on(begun)
    assert action.startswith(f"{forge.url}/organizations/acme/settings/apps/new?state=")
    asked = json.loads(values["manifest"])
    assert (asked["default_permissions"], asked["public"]) == (dict(PERMISSIONS), False)
    assert asked["callback_urls"] == [f"{PUBLIC}/login/github/callback"]
    assert asked["hook_attributes"]["url"] == f"{PUBLIC}/webhooks/github"

    assert requests.get(f"{page}made?code=stolen&state=wrong", timeout=5).status_code == 403
    assert ada.session.get(f"{page}made?code=stolen&state=wrong", timeout=5).status_code == 403, "the state is checked"
    confirm = ada.form(action, values).text
    made = ada.form(f"{forge.url}/sandbox/manifest", ada.on(confirm)[1])
    assert "Made, and stored" in made.text, made.text
    install = next(iter(re.findall(r'href="([^"]+/installations/new)"', made.text)))
    told = heard(process, "Install the App:")
    assert "is installed in acme" in ada.form(install, {}).text

    with process:
        told += heard(process)
    assert process.returncode == 0, told
    assert "Proven: acme/payments requires senior-signoff of main, from this App alone." in told

    env, key = tmp_path / ".env", tmp_path / "github-app.pem"
    assert [path.stat().st_mode & 0o777 for path in (env, key)] == [0o600, 0o600]
    kept = dict(line.split("=", 1) for line in env.read_text().splitlines() if not line.startswith("#"))
    assert (kept["SIGNOFF_WORKERS"], kept["SIGNOFF_PUBLIC_URL"]) == ("2", PUBLIC)
    assert kept["SIGNOFF_GITHUB_PRIVATE_KEY_FILE"] == str(key)
    assert "healthz does not answer" in told, "a check that is required and that nobody reports"
    client = {"client_id": kept["SIGNOFF_GITHUB_OAUTH_CLIENT_ID"]}
    client |= {"client_secret": kept["SIGNOFF_GITHUB_OAUTH_CLIENT_SECRET"], "code": "none"}
    asked = requests.post(f"{forge.url}/login/oauth/access_token", client, timeout=5).json()
    assert asked["error"] == "bad_verification_code", "people can log in with the App: it is known there"
    assert len(kept["SIGNOFF_SESSION_KEY"]) >= 32
    for secret in (
        kept["SIGNOFF_GITHUB_WEBHOOK_SECRET"],
        kept["SIGNOFF_GITHUB_OAUTH_CLIENT_SECRET"],
        key.read_text().splitlines()[1],
    ):
        assert secret not in told + made.text, "no secret is printed or shown"

    env.write_text(env.read_text() + "SIGNOFF_DATABASE_URL=postgresql+psycopg://signoff:word@database/signoff\n")
    words = ("setup", "secrets", "--settings", "etc/signoff.env", "--secrets", "etc/secrets")
    parted = subprocess.check_output([sys.executable, "-m", "bot.cli", *words], cwd=tmp_path, text=True, timeout=60)
    files = {path.name: path.read_text() for path in (tmp_path / "etc" / "secrets").iterdir()}
    assert files["SIGNOFF_GITHUB_PRIVATE_KEY"] == key.read_text()
    assert files["SIGNOFF_GITHUB_WEBHOOK_SECRET"].strip() == kept["SIGNOFF_GITHUB_WEBHOOK_SECRET"]
    assert files["SIGNOFF_DATABASE_URL"].endswith(":word@database/signoff\n"), "it holds a password"
    rest = (tmp_path / "etc" / "signoff.env").read_text()
    assert (f"SIGNOFF_PUBLIC_URL={PUBLIC}" in rest, "SECRET" in rest, "KEY" in rest) == (True, False, False)
    assert all(path.stat().st_mode & 0o77 == 0 for path in (tmp_path / "etc" / "secrets").iterdir())
    assert not any(secret.strip() in parted for secret in files.values()), "no secret is printed"

    pods = tmp_path / "settings.env"
    pods.write_text((ROOT / "deploy" / "kubernetes" / "settings.env").read_text())
    env.write_text(env.read_text() + "SIGNOFF_RULES=/srv/rules.yaml\n")
    words = ("setup", "secrets", "--settings", "settings.env", "--secrets", "etc/secrets")
    subprocess.check_call([sys.executable, "-m", "bot.cli", *words], cwd=tmp_path, timeout=60)
    told_pods = pods.read_text()
    assert f"\nSIGNOFF_GITHUB_APP_ID={kept['SIGNOFF_GITHUB_APP_ID']}\n" in told_pods
    assert "SIGNOFF_RULES=/etc/signoff/policy/rules.yaml\n" in told_pods, "rules are elsewhere in a pod"

    app = int(kept["SIGNOFF_GITHUB_APP_ID"])
    (rule,) = forge.api("GET", "/repos/acme/payments/rules/branches/main", "ada")
    assert rule["parameters"]["required_status_checks"] == [{"context": "senior-signoff", "integration_id": app}]
    sha = forge.api("GET", "/repos/acme/payments/branches/main", "ada")["commit"]["sha"]
    (run,) = forge.check_runs("acme/payments", sha)
    assert (run["conclusion"], run["app"]["id"]) == ("cancelled", app), "it satisfies no rule"

    again = signoff(tmp_path, "--continue", "--repository", "acme/website")
    told, _ = again.communicate(timeout=60)
    assert (again.returncode, f'"integration_id": {app}' in told) == (1, True), told
    assert "no ruleset in force requires the check" in told
    steps = [
        told.index(step) for step in ("roster example", "Start `signoff serve`", "--repository acme/website --require")
    ]
    assert steps == sorted(steps), "the service runs before anything waits for it"
    forge.require_check("acme/website", "ada", None)
    forged = signoff(tmp_path, "--continue", "--repository", "acme/website")
    told, _ = forged.communicate(timeout=60)
    assert (forged.returncode, "anybody with write access can forge it" in told) == (1, True), told

    forge.require_check("acme/payments", "ada", app + 1000)
    barred = signoff(tmp_path, "--continue", "--repository", "acme/payments")
    told, _ = barred.communicate(timeout=60)
    assert (barred.returncode, "requires senior-signoff of another App, so nothing is merged" in told) == (1, True), (
        told
    )


def test_the_terminal_says_too_why_the_page_ended(ada: Person, forge: Sandbox, tmp_path: Path) -> None:
    """Wrong codes, an answer without a code or with one that is over; what GitHub left out is named, and kept."""
    words = ("--url", forge.url, "--public-url", PUBLIC, "--wait", "30")
    page, code = opened(process := signoff(tmp_path, *words))
    told = [ada.form(page, {"code": "1" if code != "1" else "2"}).text for _ in range(5)]
    assert ["Too many wrong codes" in each for each in told] == [False] * 4 + [True]
    ended, _ = process.communicate(timeout=20)
    assert (process.returncode, "too many wrong codes" in ended) == (2, True), ended

    page, code = opened(process := signoff(tmp_path, *words))
    action, _ = ada.on(ada.form(page, {"code": code}).text)
    state = action.partition("state=")[2]
    assert "Nothing was done" in ada.session.get(f"{page}made", params={"state": state}, timeout=5).text
    assert ada.session.get(f"{page}made", params={"state": state, "code": "over"}, timeout=5).status_code == 502
    ended, _ = process.communicate(timeout=20)
    assert (process.returncode, "good once and for an hour" in ended) == (3, True), ended
    assert list(tmp_path.iterdir()) == []

    page, code = opened(process := signoff(tmp_path, "--name", "other", *words))
    action, values = ada.on(ada.form(page, {"code": code}).text)
    asked = json.loads(values["manifest"])
    del asked["default_permissions"]["members"]
    confirm = ada.form(action, {"manifest": json.dumps(asked)}).text
    made = ada.form(f"{forge.url}/sandbox/manifest", ada.on(confirm)[1]).text
    assert "First give it members:read" in made, made
    process.terminate()
    ended, _ = process.communicate(timeout=20)
    assert "made without members:read" in ended, ended
    assert "SIGNOFF_GITHUB_APP_ID=" in (tmp_path / ".env").read_text()


@pytest.mark.parametrize(
    ("web", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.example.com", "https://github.example.com/api/v3"),
    ],
)
def test_the_api_is_where_that_kind_of_github_has_it(web: str, api: str) -> None:
    """The public one, an enterprise on ghe.com, an Enterprise Server (GitHub's documentation)."""
    assert Host(web).api == api


def test_a_dry_run_reaches_nobody_and_names_everything(tmp_path: Path) -> None:
    """It prints manifest, permissions with reasons, files and ruleset; there is nobody at the address it is given."""
    told, _ = (
        process := signoff(tmp_path, "--dry-run", "--url", "http://127.0.0.1:1", "--public-url", PUBLIC)
    ).communicate(timeout=60)
    assert process.returncode == 0, told
    told = " ".join(told.split())
    for part in (*REASONS.values(), *EVENTS.values(), "SIGNOFF_GITHUB_API_URL", "required_status_checks"):
        assert part in told, part
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_already_is_not_replaced(tmp_path: Path) -> None:
    """Refused before anything is asked of anybody: a code from GitHub would be wasted."""
    (tmp_path / ".env").write_text("SIGNOFF_GITHUB_APP_ID=12\n")
    told, _ = (process := signoff(tmp_path, "--public-url", PUBLIC)).communicate(timeout=60)
    assert (process.returncode, "--continue" in told, "Traceback" in told) == (2, True, False), told


def test_each_permission_and_event_has_its_reason_and_is_in_the_documentation() -> None:
    """Least permissions, each with its reason, also where administrators read."""
    assert REASONS.keys() == PERMISSIONS.keys()
    text = (ROOT / "docs" / "administrators.md").read_text()
    for name, level in PERMISSIONS.items():
        assert f"| {name} | {level} | {REASONS[name]} |" in text, name
    for name, reason in EVENTS.items():
        assert f"| {name} | {reason} |" in text, name
