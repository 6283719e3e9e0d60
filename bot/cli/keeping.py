"""Where a guided installation keeps what a forge gave: a folder with a `.env` file and files of secrets.

Only their owner may read them, nothing is printed, what else stands in the `.env` file stays, and nothing that is there
already is replaced by another forge account's without being asked.
"""

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bot.model.errors import BadInputError

ENV = ".env"
PLAIN = re.compile(r"[\w./:@+-]*")


def ready(folder: Path, names: tuple[str, ...], file: str) -> None:
    """Refuse at once what would fail later, when it is too late: a folder that cannot be written, settings in use."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise BadInputError(f"{folder}: nothing can be kept there: {error.strerror}") from None
    if (folder / file).exists():
        raise BadInputError(f"{folder / file} is there: name another --directory, or go on with --continue")
    taken = [name for name in names if name in _settings(folder / ENV)]
    if taken:
        raise BadInputError(f"{folder / ENV} sets {taken[0]} already: name another --directory, or use --continue")


def keep(folder: Path, settings: Mapping[str, str], file: str, secret: str) -> None:
    """Write the secret to a new file and merge the settings into `.env`; mode 0600 both."""
    descriptor = os.open(folder / file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secret if secret.endswith("\n") else secret + "\n")
    path = folder / ENV
    lines = path.read_text().splitlines() if path.exists() else []
    left = dict(settings)
    merged = []
    for line in lines:
        name = line.lstrip("# ").partition("=")[0].strip()
        merged.append(f"{name}={_quoted(left.pop(name))}" if name in left and "=" in line else line)
    merged += [f"{name}={_quoted(value)}" for name, value in left.items()]
    _replace(path, "\n".join(merged) + "\n")


def _replace(path: Path, text: str) -> None:
    """All or nothing, and never for a moment readable by others."""
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
