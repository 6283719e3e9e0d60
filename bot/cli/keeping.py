"""Where a guided installation keeps what a forge gave: a folder with a `.env` file and files of secrets.

Only their owner may read them, nothing is printed, what else stands in the `.env` file stays, and nothing that is there
already is replaced by another forge account's without being asked.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.model.errors import BadInputError

ENV = ".env"
SESSION_KEY = "SIGNOFF_SESSION_KEY"
PLAIN = re.compile(r"[\w./:@+-]*")


def log_in(forge: str) -> tuple[str, str, str]:
    """The settings with which people log in with a forge: client id, client secret, session key."""
    client = f"SIGNOFF_{forge.upper()}_OAUTH_CLIENT"
    return f"{client}_ID", f"{client}_SECRET", SESSION_KEY


def session_key(folder: Path) -> str:
    """The session key that is kept, else a new one."""
    return _settings(folder / ENV).get(SESSION_KEY, "").strip("'\"") or secrets.token_urlsafe(32)


def ready(folder: Path, names: tuple[str, ...], file: str | None = None, env: str = ENV) -> None:
    """Refuse at once what would fail later, when it is too late: a folder that cannot be written, settings in use."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInputError(f"{folder}: nothing can be kept there: {error.strerror}") from None
    if file is not None and (folder / file).exists():
        raise BadInputError(f"{folder / file} is there: name another --directory, or go on with --continue")
    taken = [name for name in names if name in _settings(folder / env)]
    if taken and file is None:
        raise BadInputError(f"{folder / env} sets {taken[0]} already: is there an account? Else take the line out")
    if taken:
        raise BadInputError(f"{folder / env} sets {taken[0]} already: name another --directory, or use --continue")


def keep(folder: Path, settings: Mapping[str, str], file: str, key: str) -> None:
    """Write the secret to a new file and merge the settings into `.env`; mode 0600 both."""
    descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(key if key.endswith("\n") else key + "\n")
    settle(folder / ENV, settings)


def settle(path: Path, settings: Mapping[str, str]) -> None:
    """Merge settings into a `.env` file, mode 0600: what else stands in it stays."""
    lines = path.read_text().splitlines() if path.exists() else []
    left = dict(settings)
    merged = []
    for line in lines:
        name = line.lstrip("# ").partition("=")[0].strip()
        merged.append(f"{name}={_quoted(left.pop(name))}" if name in left and "=" in line else line)
    merged += [f"{name}={_quoted(value)}" for name, value in left.items()]
    replace(path, "\n".join(merged) + "\n")


def replace(path: Path, text: str) -> None:
    """Write a file with mode 0600. All or nothing, and never for a moment readable by others."""
    descriptor, scratch = tempfile.mkstemp(dir=path.parent, prefix=".env-")
    try:
        with os.fdopen(descriptor, "w") as opened:
            opened.write(text)
        Path(scratch).replace(path)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _settings(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value for name, _, value in pairs if value.strip()}


def _quoted(value: str) -> str:
    if PLAIN.fullmatch(value):
        return value
    if "'" in value or "\n" in value:
        raise BadInputError("the forge gave a value that cannot stand in a .env file")
    return f"'{value}'"
