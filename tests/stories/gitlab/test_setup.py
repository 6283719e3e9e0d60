"""`signoff setup gitlab`: says first what it would change, does it, tells how it stands, and takes it back."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.gitlab.world import EVENTS, PEOPLE
from tests.support.gitlab_sandbox import SIGNING_TOKEN, GitLab, root

HOOK = "http://127.0.0.1:9/webhooks/gitlab"


@pytest.fixture(scope="module")
def forge() -> Iterator[GitLab]:
    """A GitLab with people, and nothing of the bot."""
    with GitLab() as forge:
        for login, number in PEOPLE.items():
            forge.user(login, id=number)
        forge.group("acme", dict.fromkeys(PEOPLE, "developer") | {"ada": "owner", "grace": "maintainer"})
        yield forge
        forge.assert_clean()


def setup(forge: GitLab, folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it as Ada, who leads the group, with the service's settings where the service reads them."""
    env = folder / ".env"
    if not env.exists():
        public = HOOK.removesuffix("/webhooks/gitlab")
        env.write_text(f"SIGNOFF_GITLAB_URL={forge.url}\nSIGNOFF_PUBLIC_URL={public}\n")
        (folder / "secrets").mkdir()
        (folder / "secrets" / "SIGNOFF_GITLAB_SIGNING_TOKEN").write_text(SIGNING_TOKEN + "\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | {
        "SIGNOFF_SECRETS_DIRECTORY": str(folder / "secrets"),
        "SIGNOFF_SETUP_GITLAB_TOKEN": "sandbox-user-ada",
    }
    command = [sys.executable, "-m", "bot.cli", "setup", "gitlab", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment | settings, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("tier", "grade"), [("free", "tamper-evident, by status"), ("premium", "enforced, by approver")]
)
def test_a_project_is_put_under_the_gate_checked_and_put_back(
    forge: GitLab, tmp_path: Path, tier: str, grade: str
) -> None:
    """Dry-run, apply, check, undo: what is printed, done and taken back is the same, on each tier what it allows."""
    name = f"acme/{tier}"
    forge.project(name, {"a.txt": "a\n"}, tier=tier)
    before = {key: forge.api("GET", root(name), "ada")[key] for key in ("only_allow_merge_if_pipeline_succeeds",)}

    dry = setup(forge, tmp_path, name)
    assert dry.returncode == 1, dry.stderr
    assert "make a hook" in dry.stdout
    assert dry.stdout.count("undo:") == dry.stdout.count("  ? ")
    assert forge.api("GET", f"{root(name)}/hooks", "ada") == []
    assert setup(forge, tmp_path, name, "--apply").returncode == 2, "where would the token go?"

    applied = setup(forge, tmp_path, name, "--apply", "--token-out", ".env")
    assert applied.returncode == 0, applied.stderr
    assert f"setup gitlab {name} --check" in applied.stdout, "the next step is told"
    *before_it, key, token = (tmp_path / ".env").read_text().replace("\n", "=").strip("=").split("=")
    assert (key, (tmp_path / ".env").stat().st_mode & 0o77) == ("SIGNOFF_GITLAB_TOKEN", 0)
    assert "SIGNOFF_PUBLIC_URL" in before_it, "what else stands there stays"
    assert token not in applied.stdout
    assert SIGNING_TOKEN not in applied.stdout
    [hook] = forge.api("GET", f"{root(name)}/hooks", "ada")
    assert hook["url"] == HOOK
    assert hook["signing_token_present"]
    assert all(hook[event] for event in EVENTS)

    again = setup(forge, tmp_path, name)
    assert (again.returncode, "nothing to do" in again.stdout) == (0, True), again.stdout + again.stderr

    renewed = setup(forge, tmp_path, name, "--renew", "--apply")
    assert "give the hook signing_token of this project anew" in renewed.stdout
    assert ("_PREVIOUS" in renewed.stdout, "Start the service" in renewed.stdout) == (True, False), renewed.stdout

    check = setup(forge, tmp_path, name, "--check")
    assert check.returncode == 0, check.stdout + check.stderr
    assert f"{name}: {grade}" in check.stdout
    past = next(line for line in check.stdout.splitlines() if "could get past" in line)
    assert ("jo" in past) is (tier == "free"), "a Developer can forge a status, not an approval"
    assert "ada (50)" in past
    assert "expires on" in check.stdout
    assert "the hook is well and signs its deliveries" in check.stdout

    would = setup(forge, tmp_path, "--undo")
    assert would.returncode == 1
    undone = setup(forge, tmp_path, "--undo", "--apply")
    assert undone.returncode == 0, undone.stderr
    assert "SIGNOFF_GITLAB_TOKEN is of an account that is gone now" in undone.stdout
    assert forge.api("GET", f"{root(name)}/hooks", "ada") == []
    assert {key: forge.api("GET", root(name), "ada")[key] for key in before} == before
    assert json.loads((tmp_path / "signoff-setup-gitlab.json").read_text()) == []
    if tier == "premium":
        assert forge.api("GET", f"{root(name)}/approval_rules", "ada") == []


def test_misuse_faults_and_weaknesses_have_their_own_answers(forge: GitLab, tmp_path: Path) -> None:
    """Exit codes: 2 for misuse, 3 where GitLab cannot be asked, 1 for a project that does not stand well."""
    forge.project("acme/weak", {"a.txt": "a\n"}, tier="free")
    assert setup(forge, tmp_path).returncode == 2
    assert setup(forge, tmp_path, "acme/weak", SIGNOFF_SETUP_GITLAB_TOKEN="").returncode == 2
    assert setup(forge, tmp_path, "--undo").returncode == 2
    nobody = setup(forge, tmp_path, "acme/weak", SIGNOFF_SETUP_GITLAB_TOKEN="no token of anybody")
    assert nobody.returncode == 3
    assert "Traceback" not in nobody.stderr
    forge.user("plain", kind="service_account")
    token = forge.token("plain", scopes=["api"])["token"]
    forge.member("plain", "developer", project="acme/weak")
    weak = setup(forge, tmp_path, "acme/weak", "--check", SIGNOFF_GITLAB_TOKEN=token)
    assert weak.returncode == 1
    assert "advisory" in weak.stdout
    assert "does not ask that pipelines succeed" in weak.stdout
    assert "there is no hook to the bot" in weak.stdout


def test_logging_in_takes_one_command_that_says_what_to_enter_on_the_forge(tmp_path: Path, forge: GitLab) -> None:
    """`setup log-in` names the address, scope and way back; the secret goes to .env, is not shown, and keys stay."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")}
    command = [sys.executable, "-m", "bot.cli", "setup", "log-in", "gitlab", "--client-id", "abc"]

    def ran() -> subprocess.CompletedProcess[str]:
        own = environment | {"SIGNOFF_SETUP_CLIENT_SECRET": "an invented secret"}
        return subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, timeout=60, check=False)

    assert (ran().returncode, list(tmp_path.iterdir())) == (2, []), "without a public address there is no way back"
    (tmp_path / ".env").write_text(f"SIGNOFF_GITLAB_URL={forge.url}\nSIGNOFF_PUBLIC_URL=https://signoff.example.com\n")
    told = ran()
    assert told.returncode == 0, told.stderr
    for part in (f"{forge.url}/-/", "read_api", "https://signoff.example.com/login/gitlab/callback", "Restart"):
        assert part in told.stdout, part
    assert "invented secret" not in told.stdout
    kept = (tmp_path / ".env").read_text()
    assert "SIGNOFF_GITLAB_OAUTH_CLIENT_SECRET='an invented secret'" in kept
    assert (ran().returncode, (tmp_path / ".env").read_text()) == (0, kept), "the session key is made once"
