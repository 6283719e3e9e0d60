"""Real git repositories in a temporary directory, for reading them back."""

import os
import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Jo Example",
    "GIT_AUTHOR_EMAIL": "jo@example.com",
    "GIT_COMMITTER_NAME": "Jo Example",
    "GIT_COMMITTER_EMAIL": "jo@example.com",
}


def git(directory: Path, *arguments: str, **more: str) -> str:
    """Run git as Jo."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env={**ENVIRONMENT, **more}, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def repository(directory: Path) -> Path:
    """A repository with one commit on main, standing on the branch retry."""
    directory.mkdir()
    git(directory, "init", "-q", "-b", "main")
    save(directory, "Start", {"a.txt": "one\ntwo\n"})
    git(directory, "checkout", "-q", "-b", "retry")
    return directory


def save(directory: Path, message: str, files: dict[str, str] | None = None, **more: str) -> str:
    """Commit files; the commit's id."""
    for name, text in (files or {}).items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(directory, "add", "-A")
    git(directory, "commit", "-q", "--allow-empty", "--cleanup=verbatim", "-m", message, **more)
    return git(directory, "rev-parse", "HEAD")
