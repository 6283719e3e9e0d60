"""Starting: with something wrong nothing starts, and everything that is wrong is said in one go."""

import os
import socket
import subprocess
import sys
from pathlib import Path

KEY = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----"


def signoff(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the product to its end."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | settings
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_missing_secret_a_missing_key_and_broken_rules_are_named_together(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text("version: 1\nmode: sometimes\n")
    ended = signoff(tmp_path, "serve", SIGNOFF_GITHUB_APP_ID="12", SIGNOFF_RULES=str(tmp_path / "rules.yaml"))
    assert ended.returncode == 2
    for part in ("SIGNOFF_GITHUB_PRIVATE_KEY", "SIGNOFF_GITHUB_WEBHOOK_SECRET", "sometimes", "rules.yaml:2"):
        assert part in ended.stderr, part
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.glob("**/*.sqlite3")) == [], "nothing was started"


def test_unreadable_rules_and_an_unreadable_key_are_named(tmp_path: Path) -> None:
    ended = signoff(
        tmp_path,
        "serve",
        SIGNOFF_GITHUB_APP_ID="12",
        SIGNOFF_GITHUB_WEBHOOK_SECRET="s",
        SIGNOFF_GITHUB_PRIVATE_KEY_FILE=str(tmp_path / "none.pem"),
        SIGNOFF_RULES=str(tmp_path / "none.yaml"),
    )
    assert ended.returncode == 2
    assert "none.pem cannot be read" in ended.stderr
    assert "none.yaml cannot be read" in ended.stderr


def test_a_key_that_is_none_is_said_to_be_none(tmp_path: Path) -> None:
    ended = signoff(
        tmp_path,
        "serve",
        SIGNOFF_GITHUB_APP_ID="12",
        SIGNOFF_GITHUB_WEBHOOK_SECRET="s",
        SIGNOFF_GITHUB_PRIVATE_KEY=KEY,
    )
    assert ended.returncode == 2
    assert "SIGNOFF_GITHUB_PRIVATE_KEY" in ended.stderr
    assert "bm90" not in ended.stderr


def test_without_a_forge_the_next_step_is_said(tmp_path: Path) -> None:
    ended = signoff(tmp_path, "serve")
    assert ended.returncode == 2
    assert "make run" in ended.stderr


def test_a_misuse_is_exit_code_2(tmp_path: Path) -> None:
    assert signoff(tmp_path, "serve", "--nonsense").returncode == 2
    assert signoff(tmp_path, "nonsense").returncode == 2


def test_an_address_that_is_taken_is_said_with_the_setting(tmp_path: Path) -> None:
    """At once, and not after some seconds of the web server's own attempts."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        known = {"SIGNOFF_GITLAB_URL": "http://127.0.0.1:1", "SIGNOFF_GITLAB_TOKEN": "t", "SIGNOFF_LISTEN": listen}
        ended = signoff(tmp_path, "serve", SIGNOFF_GITLAB_WEBHOOK_SECRET="a long invented text", **known)
    assert (ended.returncode, f"SIGNOFF_LISTEN: cannot listen on {listen}" in ended.stderr) == (2, True), ended.stderr
    assert list(tmp_path.glob("**/*.sqlite3")) == [], "nothing was started"
