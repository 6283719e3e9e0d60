"""The action, the component and the hooks: their steps are run, on real git repositories, against a forge over HTTP."""

import http.server
import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from bot.forges import visitor
from bot.model.change import ReviewState
from bot.model.errors import NeedsSomebodyError, TryAgainError
from tests.detect.repositories import ENVIRONMENT, git, repository, save
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
ARRIVED, LATER = "2026-11-20T10:00:00.000Z", "2026-11-20T10:05:00.000Z"


class Api:
    """Answers by path, as the forges' published descriptions have them; a path that is not there is a 404, a number is
    the status of an answer without anything.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = outer.answers.get(unquote(urlsplit(self.path).path))
                self.send_response(answer if isinstance(answer, int) else 200 if answer is not None else 404)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api() -> Iterator[Api]:
    """A forge's API with nothing in it."""
    found = Api()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, str]:
    """A server's folder with acme/payments, an AI-assisted change in it, and acme/policy; the change's head."""
    clone, policy = repository(tmp_path / "clone"), tmp_path / "policy"
    head = save(clone, f"Add retry\n\n{TRAILER}", {"retry.py": "RETRY = 1\n"})
    policy.mkdir()
    git(policy, "init", "-q", "-b", "main")
    save(policy, "Rules", {name: (ROOT / name).read_text() for name in ("rules.yaml", "roster.yaml")})
    for source, name in ((clone, "acme/payments"), (policy, "acme/policy")):
        for ending in ("", ".git"):
            git(tmp_path, "clone", "-q", "--bare", str(source), str(tmp_path / "server" / (name + ending)))
    for bare in (tmp_path / "server" / "acme").glob("payments*"):
        git(bare, "update-ref", "refs/pull/7/head", head)
        git(bare, "update-ref", "refs/merge-requests/7/head", head)
    return tmp_path, head


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder with `signoff` in it, as an image has it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "signoff").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot.cli "$@"\n')
    (folder / "signoff").chmod(0o755)
    return folder


def run(script: str, folder: Path, program: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A job's script."""
    own = {**ENVIRONMENT, "PATH": f"{program}:{os.environ['PATH']}", "HOME": str(folder), **environment}
    return subprocess.run(["bash", "-c", script], cwd=folder, env=own, capture_output=True, text=True, check=False)


def test_the_action_waits_for_a_senior_and_passes_once_one_approved_that_head(
    site: tuple[Path, str], api: Api, program: Path
) -> None:
    """Approvals come from the forge, rules from the policy repository; an approval before the head moved is none."""
    folder, head = site
    action = yaml.safe_load((ROOT / "deploy" / "github-action" / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    repo = "/repos/acme/payments"
    review = {"id": 1, "user": {"login": "grace", "id": 1001, "type": "User"}, "state": "APPROVED", "commit_id": head}
    api.answers = {
        f"{repo}/pulls/7": {
            "head": {"sha": head, "ref": "retry"},
            "base": {"ref": "main", "repo": {"default_branch": "main"}},
            "user": {"login": "jo", "id": 101, "type": "User"},
            "title": "Add retry",
            "body": None,
            "labels": [],
        },
        f"{repo}/commits/{head}/check-suites": {"check_suites": [{"created_at": ARRIVED}]},
        f"{repo}/issues/7/timeline": [],
        f"{repo}/pulls/7/reviews": [],
    }
    environment = {
        "GITHUB_ACTION_PATH": str(ROOT / "deploy" / "github-action"),
        "GITHUB_EVENT_NAME": "pull_request_target",
        "GITHUB_SERVER_URL": f"file://{folder}/server",
        "GITHUB_API_URL": api.url,
        "GITHUB_REPOSITORY": "acme/payments",
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        "GITHUB_TOKEN": "",
        "SIGNOFF": str(program / "signoff"),
        "NUMBER": "7",
        "BASE": "main",
        "POLICY_REPOSITORY": "acme/policy",
        "POLICY_TOKEN": "",
        "RULES": action["inputs"]["rules"]["default"],
        "ROSTER": action["inputs"]["roster"]["default"],
    }
    assert set(step["env"]) <= environment.keys()
    held = run(step["run"], folder, program, **environment)
    assert (held.returncode, "Waiting for 1 senior" in held.stdout) == (1, True), held.stderr
    stop, *told, go, error = held.stdout.splitlines()
    assert (stop.partition("::stop-commands::")[2], any("Claude" in line for line in told)) == (go.strip(":"), True)
    assert error.startswith("::error title=Senior sign-off::Waiting for 1 senior"), "what others wrote is no command"
    assert "Waiting for 1 senior" in (folder / "summary").read_text()
    api.answers[f"{repo}/pulls/7/reviews"] = [review | {"submitted_at": LATER}]
    passed = run(step["run"], folder, program, **environment)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    forced = {"event": "head_ref_force_pushed", "created_at": "2026-11-20T10:06:00Z"}
    api.answers[f"{repo}/issues/7/timeline"] = [forced]
    assert run(step["run"], folder, program, **environment).returncode == 1, "an old review re-pointed to the new head"
    api.answers[f"{repo}/issues/7/timeline"] = [forced | {"event": "base_ref_changed"}]
    assert run(step["run"], folder, program, **environment).returncode == 1, "a review given for another base"
    api.answers[f"{repo}/pulls/7"]["base"]["ref"] = "release/1"
    again = run(step["run"], folder, program, **environment)
    assert (again.returncode, "by now" in again.stderr) == (2, True), "a job of before a retarget that is run again"
    none = run(step["run"], folder, program, **environment | {"POLICY_REPOSITORY": "acme/none"})
    assert (none.returncode, "rules.yaml and roster.yaml of acme/none cannot be read" in none.stderr) == (2, True)
    own = run(step["run"], folder, program, **environment | {"GITHUB_EVENT_NAME": "pull_request"})
    assert (own.returncode, "the change's own" in own.stderr) == (2, True)


def test_the_component_waits_for_a_senior_and_passes_once_one_approved_the_newest_version(
    site: tuple[Path, str], api: Api, program: Path
) -> None:
    """On GitLab an approval counts that was given after the newest version, as far as GitLab tells when."""
    folder, head = site
    _, job = yaml.safe_load_all((ROOT / "deploy" / "gitlab-ci" / "signoff.yml").read_text())
    script = "\n".join(job["senior-signoff"]["script"])
    inputs = {
        "$[[ inputs.policy-project ]]": "acme/policy",
        "$[[ inputs.rules ]]": "rules.yaml",
        "$[[ inputs.roster ]]": "roster.yaml",
    }
    merge, person = "/api/v4/projects/12/merge_requests/7", {"id": 2001, "username": "grace"}
    api.answers = {
        "/api/v4/projects/acme/payments": {"id": 12, "default_branch": "main"},
        merge: {
            "sha": head, "target_branch": "main", "source_branch": "retry", "title": "Add retry", "description": None,
            "labels": [], "author": {"id": 201, "username": "jo"},
        },
        f"{merge}/versions": [{"id": 1, "head_commit_sha": head, "created_at": ARRIVED}],
        f"{merge}/approvals": {"approved_by": [{"user": person}]},
        f"{merge}/reviewers": [],
        f"{merge}/notes": [],
    }  # fmt: skip
    environment = {
        "CI_SERVER_URL": f"file://{folder}/server",
        "CI_PROJECT_PATH": "jo/payments",
        "CI_MERGE_REQUEST_PROJECT_PATH": "acme/payments",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "SIGNOFF_GITLAB_TOKEN": "invented",
        **{name: inputs.get(text, text) for name, text in job["senior-signoff"]["variables"].items()},
    }
    script = script.replace("signoff check", f"CI_SERVER_URL={shlex.quote(api.url)} signoff check")
    held = run(script, folder, program, **environment)
    assert (held.returncode, "Waiting for 1 senior" in held.stdout) == (1, True), held.stderr
    api.answers[f"{merge}/approvals"] = {"approved_by": [{"user": person, "approved_at": LATER}]}
    passed = run(script, folder, program, **environment)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    left = {"user": person | {"state": "blocked"}, "approved_at": LATER}
    api.answers[f"{merge}/approvals"] = {"approved_by": [left]}
    assert run(script, folder, program, **environment).returncode == 1, "who was blocked does not approve any more"
    robot = {"user": person | {"username": "service_account_0a1b"}, "approved_at": LATER}
    api.answers[f"{merge}/approvals"] = {"approved_by": [robot]}
    assert run(script, folder, program, **environment).returncode == 1, "a service account is nobody who signs"
    api.answers[f"{merge}/approvals"] = {"approved_by": [{"user": person, "approved_at": LATER}]}
    api.answers[f"{merge}/reviewers"] = [{"user": {"id": 2002, "username": "linus"}, "state": "requested_changes"}]
    objected = run(script, folder, program, **environment)
    assert (objected.returncode, "linus" in objected.stdout) == (1, True), objected.stdout + objected.stderr
    api.answers[f"{merge}/reviewers"] = []
    fork = run(script, folder, program, **environment | {"SIGNOFF_GITLAB_TOKEN": ""})
    assert (fork.returncode, "A fork's pipeline has none" in fork.stderr) == (2, True), fork.stderr
    api.answers[merge]["target_branch"] = "release/1"
    again = run(script, folder, program, **environment)
    assert (again.returncode, "by now" in again.stderr) == (2, True), "a job of before a retarget that is run again"


def test_a_change_is_read_from_a_forge_with_a_person_s_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is a published one, and what comes back is what happened; the head's own clock is the forge's."""
    with Sandbox() as forge:
        forge.users("ada", "jo", "grace")
        forge.org("acme", {"ada": "admin", "jo": "member", "grace": "member"})
        forge.repo("acme/payments", collaborators={"jo": "write", "grace": "write"})
        forge.app(id=15368, slug="actions", permissions={"checks": "write"}, events=[])
        number = forge.change("acme/payments", "jo", message=f"Add\n\n{TRAILER}")["number"]
        forge.approve("acme/payments", number, "grace")
        monkeypatch.setenv("GITHUB_TOKEN", "sandbox-user-jo")
        monkeypatch.setenv("GITHUB_API_URL", forge.api_url)
        seen = visitor.look(f"github:acme/payments#{number}", datetime.now(UTC))  # noqa: TID251
        assert (seen.author.login, seen.base, seen.head.sha) == ("jo", "main", forge.head("acme/payments", number))
        (review,) = seen.reviews
        assert (review.state, review.reviewer.login, review.sha) == (ReviewState.APPROVED, "grace", seen.head.sha)
        assert review.submitted_at > seen.head.moved_at
        forge.assert_clean()


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, NeedsSomebodyError), (404, NeedsSomebodyError), (429, TryAgainError), (502, TryAgainError)],
)
def test_a_forge_that_is_unwell_is_not_taken_for_a_token_without_rights(
    monkeypatch: pytest.MonkeyPatch, api: Api, status: int, kind: type[Exception]
) -> None:
    """What passes by itself says so; whoever reads the job's log must not go and make another token."""
    api.answers["/repos/acme/payments/pulls/7"] = status
    monkeypatch.setenv("GITHUB_API_URL", api.url)
    with pytest.raises(kind, match=str(status)):
        visitor.look("github:acme/payments#7", datetime.now(UTC))  # noqa: TID251


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.github-actions", "github-action/action.yml"), ("vendor.compose-spec", "compose.yaml")]
)
def test_a_file_is_valid_by_its_published_schema(schema: str, file: str) -> None:
    """The schema that its readers publish accepts it."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(ROOT / "deploy" / file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout


def test_the_component_is_valid_by_gitlabs_published_schema(tmp_path: Path) -> None:
    """Its header, its job with the inputs filled in, and the include that its head shows, with inputs that it has."""
    header, job = (ROOT / "deploy" / "gitlab-ci" / "signoff.yml").read_text().split("\n---\n")
    (tmp_path / "header.yml").write_text(header)
    shown = header.partition("#   include:\n")[2].partition("#\n")[0]
    (tmp_path / "include.yml").write_text("include:\n" + shown.replace("#   ", ""))
    (include,) = yaml.safe_load((tmp_path / "include.yml").read_text())["include"]
    inputs = yaml.safe_load(header)["spec"]["inputs"]
    assert {name for name, each in inputs.items() if "default" not in each} <= include["inputs"].keys() <= inputs.keys()
    assert (ROOT / include["file"].lstrip("/")).is_file()
    for name in ("stage", "image", "policy-project", "rules", "roster"):
        job = job.replace(f"$[[ inputs.{name} ]]", "test")
    assert "$[[" not in job
    (tmp_path / "job.yml").write_text(job)
    files = [str(tmp_path / f"{name}.yml") for name in ("header", "include", "job")]
    words = ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", *files]
    ended = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout


def test_a_hook_before_pushing_tells_of_the_whole_change_and_never_stops(site: tuple[Path, str], program: Path) -> None:
    """On the first push and the next, for another branch than HEAD's, of a deletion, of what has no default branch."""
    folder, _ = site
    clone = folder / "clone"
    hooks = {each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert all((each["stages"], each["pass_filenames"]) == (["pre-push"], False) for each in hooks.values())
    hook = clone / ".git" / "hooks" / "pre-push"
    own = {"PATH": f"{program}:{os.environ['PATH']}", "HOME": str(folder)}

    def push(*words: str, entry: str = "signoff-tell") -> tuple[bool, str]:
        hook.write_text(f"#!/bin/sh\n{hooks[entry]['entry']}\n")
        hook.chmod(0o755)
        done = subprocess.run(
            ["git", "push", *words], cwd=clone, env=ENVIRONMENT | own, capture_output=True, text=True, check=False
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode == 0, done.stdout + done.stderr

    git(folder, "init", "-q", "--bare", "-b", "main", "fresh.git")
    git(clone, "remote", "add", "origin", str(folder / "fresh.git"))
    taken, told = push("origin", "main")
    assert (taken, "nothing is known of origin yet" in told) == (True, True), told
    asks = "open the change and ask for a review: grace"
    assert push("origin", "retry", entry="signoff-check")[0] is False, "it would be held, so this one stops it"
    taken, told = push("origin", "retry")
    assert (taken, asks in told) == (True, True), told
    git(clone, "checkout", "-q", "retry")
    save(clone, "By hand", {"hand.py": "HAND = 1\n"})
    git(clone, "checkout", "-q", "main")
    taken, told = push("origin", "retry")
    assert (taken, asks in told, "2 commits" in told) == (True, True, True), "not only what is new at the remote"
    taken, told = push("origin", ":retry")
    assert (taken, asks in told) == (True, False), told
    (clone / "rules.yaml").write_text("nonsense: [")
    own["SIGNOFF_RULES"] = "rules.yaml"
    taken, told = push("--force", "origin", "retry:other")
    assert (taken, "rules.yaml" in told) == (True, True), "what cannot be told stops nobody either"


@pytest.mark.parametrize("refs", [{"PRE_COMMIT_TO_REF": "retry", "PRE_COMMIT_FROM_REF": "retry~1"}, {}])
def test_pre_commit_says_in_its_environment_what_is_pushed(
    refs: dict[str, str], site: tuple[Path, str], program: Path
) -> None:
    """It hands on one branch, and no range where the history's beginning is pushed; the whole change is looked at."""
    folder, _ = site
    git(folder / "clone", "remote", "add", "origin", str(folder / "server" / "acme" / "policy"))
    git(folder / "clone", "update-ref", "refs/remotes/origin/main", "main")
    git(folder / "clone", "commit", "-q", "--allow-empty", "-m", "By hand")
    git(folder / "clone", "checkout", "-q", "main")
    told = {"PRE_COMMIT": "1", "PRE_COMMIT_REMOTE_NAME": "origin", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/retry"}
    told |= {"PRE_COMMIT_REMOTE_BRANCH": "refs/heads/retry"}
    done = run("cd clone && signoff check --push", folder, program, **told, **refs)
    assert (done.returncode, "2 commits, 1 file" in done.stdout) == (1, True), done.stdout + done.stderr
