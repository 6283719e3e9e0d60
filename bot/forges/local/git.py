"""Runs git so that a repository's own configuration can neither execute anything nor change what is read.

No hooks, monitors, pagers, external diffs, text conversion, signature programs, fetching of missing objects, replaced
or grafted objects, commit-graph files; no environment but a few variables; every wait has an end. The user's own global
configuration stays in force, since it alone says which directories are safe.
"""

import os
import select
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.model.errors import BadInputError, NeedsSomebodyError
from bot.model.ids import Sha

PATIENCE = 60.0
"""Seconds to wait for git's next word."""

_KEPT = ("PATH", "HOME", "USERPROFILE", "XDG_CONFIG_HOME", "TMPDIR", "SYSTEMROOT")
_QUARANTINE = ("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")
"""Where a server's git keeps what is being pushed until its hooks let it in."""
_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_PAGER": "cat",
}
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.sshCommand=false",
    "core.alternateRefsCommand=false",
    "core.pager=cat",
    "core.commitGraph=false",
    "core.multiPackIndex=false",
    "protocol.allow=never",
    "log.showSignature=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "advice.detachedHead=false",
)


class Git:
    """The git command on one directory."""

    def __init__(self, directory: Path, *, patience: float = PATIENCE, quarantine: bool = False) -> None:
        self.directory = directory
        self.patience = patience
        self._kept = (*_KEPT, *_QUARANTINE) if quarantine else _KEPT

    def run(self, *arguments: str, accept: Sequence[int] = (0,), given: Iterable[str] = ()) -> bytes:
        """What a command prints, which reads the lines `given`. NeedsSomebodyError if it fails or takes too long."""
        try:
            done = subprocess.run(
                self._command(arguments),
                cwd=self.directory,
                env=self._environment(),
                input=os.fsencode("".join(f"{line}\n" for line in given)),
                capture_output=True,
                timeout=self.patience * 5,
                check=False,
            )
        except OSError as error:
            raise NeedsSomebodyError(f"git cannot be run in {self.directory}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise NeedsSomebodyError(
                f"git {arguments[0]} gave no answer; is the repository damaged? try git fsck"
            ) from None
        if done.returncode not in accept:
            raise NeedsSomebodyError(f"git {arguments[0]} failed: {_last_line(done.stderr)}")
        return done.stdout

    def start(self, *arguments: str, stdin: IO[bytes] | int | None = None) -> subprocess.Popen[bytes]:
        """A running command whose output is read bit by bit, by `Pipe`."""
        return subprocess.Popen(
            self._command(arguments),
            cwd=self.directory,
            env=self._environment(),
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )

    @contextmanager
    def reading(self, *arguments: str) -> Iterator["Pipe"]:
        """Reads what a command prints, bit by bit; the command ends with the context, whatever happens in it."""
        process = self.start(*arguments)
        pipe = Pipe(process, self.patience)
        try:
            yield pipe
        finally:
            process.kill()
            pipe.close()
            process.wait()

    def commit(self, name: str) -> Sha:
        """The id of the commit that a name stands for; BadInputError if there is none."""
        found = self.find(name)
        if found is None:
            if self.find("HEAD") is None and not self.run("for-each-ref", "--count=1").strip():
                raise BadInputError("this repository has no commits yet")
            raise BadInputError(f"{name!a} is no commit of this repository; name a branch, a tag or a commit id")
        return found

    def find(self, name: str) -> Sha | None:
        """The id of the commit that a name stands for, or None."""
        if not name or name.startswith("-") or "\n" in name or "\0" in name:
            return None
        out = self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", accept=(0, 1, 128))
        lines = [line for line in out.decode("ascii", "replace").split() if line != "--end-of-options"]
        return Sha(lines[0]) if lines else None

    def branch(self) -> str:
        """The branch that HEAD names; empty where it names none."""
        name = self.run("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1, 128))
        return name.decode("utf-8", "replace").strip()

    def check_repository(self) -> None:
        """BadInputError, with git's own reason, where there is no repository that may be read."""
        try:
            self.run("rev-parse", "--git-dir")
        except NeedsSomebodyError as error:
            raise BadInputError(f"{self.directory}: no git repository that can be read ({error})") from None

    def _command(self, arguments: Sequence[str]) -> list[str]:
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        return ["git", "--no-pager", "--no-optional-locks", *settings, *arguments]

    def _environment(self) -> dict[str, str]:
        return {**{name: os.environ[name] for name in self._kept if name in os.environ}, **_ENVIRONMENT}


class Pipe:
    """Reads a running command's output, never waiting longer than the patience for the next byte."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float) -> None:
        assert process.stdout is not None  # noqa: S101  started with a pipe
        self._stream = process.stdout
        self._source = process.stdout.fileno()
        self._patience = patience
        self._held = bytearray()
        self._done = 0

    def line(self) -> bytes | None:
        """The next line without its end; None at the end of the output."""
        end, seen = self._held.find(b"\n", self._done), len(self._held)
        while end < 0 and self._more():
            end, seen = self._held.find(b"\n", seen), len(self._held)
        if end < 0 and self._done >= len(self._held):
            return None
        return self._take(end - self._done if end >= 0 else len(self._held) - self._done, 1)

    def exactly(self, size: int) -> bytes:
        """So many bytes, and the line end after them; fewer at the end of the output."""
        while len(self._held) - self._done < size + 1 and self._more():
            pass
        return self._take(size, 1)

    def close(self) -> None:
        """Read no more."""
        self._stream.close()

    def _take(self, size: int, skipped: int) -> bytes:
        taken = bytes(self._held[self._done : self._done + size])
        self._done += size + skipped
        if self._done > 1 << 20:
            del self._held[: self._done]
            self._done = 0
        return taken

    def _more(self) -> bool:
        ready, _, _ = select.select([self._source], [], [], self._patience)
        if not ready:
            raise NeedsSomebodyError("git stopped answering; is the repository damaged? try git fsck")
        data = os.read(self._source, 1 << 16)
        self._held += data
        return bool(data)


def _last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    text = lines[-1] if lines else "it did not say why"
    return "".join(character if character.isprintable() else "?" for character in text[:300])
