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


def test_the_bots_approval_takes_the_place_of_no_persons(forge: GitLab, tmp_path: Path) -> None:
    """It counts for whatever anybody may approve, where then one person fewer were needed than before it was set up."""
    name = "acme/reviewed"
    forge.project(name, {"a.txt": "a\n"}, tier="premium")
    forge.rule(name, "ada", "All Members", 1, rule_type="any_approver")
    forge.user("robot", kind="service_account")
    forge.member("robot", "developer", project=name)
    settings = {"SIGNOFF_GITLAB_TOKEN": forge.token("robot", scopes=["api"])["token"]}

    def needed() -> dict[str, int]:
        rules = forge.api("GET", f"{root(name)}/approval_rules", "ada")
        return {each["rule_type"] + each["name"][:6]: each["approvals_required"] for each in rules}

    applied = setup(forge, tmp_path, name, "--apply", **settings)
    assert applied.returncode == 0, applied.stderr
    assert needed() == {"any_approverAll Me": 2, "regularsenior": 1}
    again = setup(forge, tmp_path, name, "--apply", **settings)
    assert "nothing to do" in again.stdout, "it is raised once"
    assert needed()["any_approverAll Me"] == 2
    crowd = forge.rule(name, "ada", "Backend *team*", 1, user_ids=[2001, forge.api("GET", "/user", "robot")["id"]])
    told = setup(forge, tmp_path, name, "--check", **settings).stdout
    assert "of the 2 approvals that anybody may give, the bot's is one" in told
    assert f"the rule Backend team (id {crowd['id']}), in which the bot is" in told
    assert setup(forge, tmp_path, "--undo", "--apply", **settings).returncode == 0
    assert needed()["any_approverAll Me"] == 1


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


def test_what_somebody_altered_is_told_planned_and_put_right(forge: GitLab, tmp_path: Path) -> None:
    """A hook without a secret, cut down or turned elsewhere, an altered rule, a bot with too low a role: all is told
    with what mends it, and mended, and what was there before is put back.
    """
    name = "acme/altered"
    forge.project(name, {"a.txt": "a\n"}, tier="premium")
    forge.user("keeper", kind="service_account")
    forge.member("keeper", "reporter", project=name)
    token = forge.token("keeper", scopes=["api"])["token"]
    rules, hooks = f"{root(name)}/approval_rules", f"{root(name)}/hooks"
    told = setup(forge, tmp_path, name, "--apply", SIGNOFF_GITLAB_TOKEN=token)
    assert (told.returncode, told.stderr) == (0, ""), "a direct member is given more, not added"
    assert setup(forge, tmp_path, name, "--check", SIGNOFF_GITLAB_TOKEN=token).returncode == 0

    [hook], [rule] = forge.api("GET", hooks, "ada"), forge.api("GET", rules, "ada")
    altered = {
        "signing_token": "", "enable_ssl_verification": False, "push_events_branch_filter": "release/*",
        "custom_webhook_template": "{}", "note_events": False,
    }  # fmt: skip
    forge.api("PUT", f"{hooks}/{hook['id']}", "ada", altered)
    forge.edit_rule(name, "ada", rule["id"], user_ids=[rule["users"][0]["id"], PEOPLE["ada"]])
    check = setup(forge, tmp_path, name, "--check", SIGNOFF_GITLAB_TOKEN=token)
    planned = setup(forge, tmp_path, name, SIGNOFF_GITLAB_TOKEN=token)
    assert (check.returncode, planned.returncode) == (1, 1), check.stdout + planned.stdout
    for part in ("no secret", "'release/*'", "template", "certificate", "note_events is off"):
        assert part in check.stdout, part
        assert part in planned.stdout, part
    applied = setup(forge, tmp_path, name, "--apply", SIGNOFF_GITLAB_TOKEN=token)
    assert (applied.returncode, applied.stderr) == (0, "")
    assert setup(forge, tmp_path, name, "--check", SIGNOFF_GITLAB_TOKEN=token).returncode == 0
    [mended] = forge.api("GET", hooks, "ada")
    assert (mended["signing_token_present"], mended["push_events_branch_filter"]) == (True, "")

    (tmp_path / "secrets" / "SIGNOFF_GITLAB_SIGNING_TOKEN").unlink()
    master = {"SIGNOFF_GITLAB_WEBHOOK_SECRET": "a plain secret of the service"}
    plain = setup(forge, tmp_path, name, "--check", SIGNOFF_GITLAB_TOKEN=token, **master)
    assert plain.returncode == 1
    assert "a signing_token alone and the service a token alone" in plain.stdout

    assert setup(forge, tmp_path, "--undo", "--apply", SIGNOFF_GITLAB_TOKEN=token).returncode == 0
    assert forge.api("GET", hooks, "ada") == forge.api("GET", rules, "ada") == []
    assert forge.api("GET", f"{root(name)}/members/{rule['users'][0]['id']}", "ada")["access_level"] == 20


def test_what_stops_setting_up_is_named_and_it_goes_on_from_there(forge: GitLab, tmp_path: Path) -> None:
    """Whose token is refused, what an old GitLab lacks and what to do by hand, and a second run after half of one."""
    name, lead = "acme/halted", "SIGNOFF_SETUP_GITLAB_TOKEN"
    forge.project(name, {"a.txt": "a\n"}, tier="premium")
    for token, needs in (("no token of anybody", "is in force"), ("sandbox-user-jo", "is of a Maintainer")):
        refused = setup(forge, tmp_path, name, **{lead: token})
        assert (refused.returncode, f"check that {lead} {needs}" in refused.stderr) == (3, True), refused.stderr

    forge.settings(version="18.10.0")
    old = setup(forge, tmp_path, name, SIGNOFF_GITLAB_WEBHOOK_SECRET="a plain secret of the service")
    unsigned = setup(forge, tmp_path, name)
    forge.settings(version="19.1.0")
    assert (old.returncode, "make an account for the bot by hand" in old.stderr) == (3, True), old.stderr
    assert (unsigned.returncode, "SIGNOFF_GITLAB_WEBHOOK_SECRET" in unsigned.stderr) == (3, True), unsigned.stderr

    forge.fault("status", status=403, method="POST", path="/personal_access_tokens$")
    half = setup(forge, tmp_path, name, "--apply", "--token-out", ".env")
    assert half.returncode == 3
    assert "! not done: make a token" in half.stdout
    assert "--undo --apply" in half.stdout
    whole = setup(forge, tmp_path, name, "--apply", "--token-out", ".env")
    assert (whole.returncode, whole.stderr) == (0, ""), "the account that is there is taken up"
    assert setup(forge, tmp_path, name, "--check").returncode == 0
    assert setup(forge, tmp_path, "--undo", "--apply").returncode == 0
    assert forge.api("GET", f"{root(name)}/service_accounts", "ada") == []


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
