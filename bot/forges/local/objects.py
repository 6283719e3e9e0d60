"""Streams commits out of git's object store, and finds their git-ai notes. One commit is in memory at a time.

Objects are read raw (`cat-file --batch`), so that no format, mailmap, encoding or signature setting of the repository
has a say. It knows nothing of AI.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from bot.forges.local.git import Git, Pipe
from bot.forges.local.raw import parse_commit
from bot.model.change import Commit
from bot.model.errors import NeedsSomebodyError
from bot.model.ids import Sha

NOTES_REFS = ("refs/notes/ai", "refs/notes/ai-remote/origin")
LARGEST_NOTE = 16 << 20


def commits(git: Git, head: Sha, base: Sha | None = None) -> Iterator[Commit]:
    """The commits of base..head, newest first; all that head contains without a base."""
    with _running(git, "rev-list", *_range(head, base)) as listing, _running(git, *_CAT, stdin=listing) as objects:
        pipe = Pipe(objects, git.patience)
        while header := pipe.line():
            yield _read(header, pipe)
        if listing.wait(git.patience) or objects.wait(git.patience):
            raise NeedsSomebodyError(
                "git could not list the commits to the end; is history missing? try git fetch, git fsck"
            )


def count(git: Git, head: Sha, base: Sha | None = None) -> int:
    """How many commits there are in base..head."""
    return int(git.run("rev-list", "--count", *_range(head, base)))


@contextmanager
def notes(git: Git) -> Iterator["Notes"]:
    """Looks up git-ai notes for as long as the context lasts."""
    refs = [ref for ref in NOTES_REFS if git.find(ref) is not None]
    if not refs:
        yield Notes(None, None, [])
        return
    with _running(git, "cat-file", "--batch", stdin=subprocess.PIPE) as process:
        yield Notes(process, Pipe(process, git.patience), refs)


class Notes:
    """The notes of a repository, by commit."""

    def __init__(self, process: subprocess.Popen[bytes] | None, pipe: Pipe | None, refs: list[str]) -> None:
        self._process, self._pipe, self._refs = process, pipe, refs

    def of(self, sha: Sha) -> str | None:
        """The note on a commit, or None. Notes are filed flat or by the first two or four digits of the id."""
        for ref in self._refs:
            for path in (sha, f"{sha[:2]}/{sha[2:]}", f"{sha[:2]}/{sha[2:4]}/{sha[4:]}"):
                text = self._text(f"{ref}:{path}")
                if text is not None:
                    return text
        return None

    def _text(self, name: str) -> str | None:
        assert self._process is not None and self._process.stdin is not None and self._pipe is not None  # noqa: PT018, S101
        self._process.stdin.write(name.encode("ascii") + b"\n")
        self._process.stdin.flush()
        words = (self._pipe.line() or b"").split(b" ")
        if words[-1] == b"missing" or len(words) != 3:  # noqa: PLR2004  id, type, size
            return None
        data = self._pipe.exactly(int(words[2]))
        return data[:LARGEST_NOTE].decode("utf-8", "replace") if words[1] == b"blob" else None


_CAT = ("cat-file", "--batch", "--buffer")


def _range(head: Sha, base: Sha | None) -> list[str]:
    return [head] if base is None else [head, f"^{base}"]


def _read(header: bytes, pipe: Pipe) -> Commit:
    words = header.split(b" ")
    if len(words) != 3 or words[1] != b"commit":  # noqa: PLR2004  id, type, size
        raise NeedsSomebodyError(f"commit {header[:40].decode('ascii', 'replace')} is missing; try git fetch")
    return parse_commit(Sha(words[0].decode("ascii")), pipe.exactly(int(words[2])))


@contextmanager
def _running(
    git: Git, *arguments: str, stdin: subprocess.Popen[bytes] | int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A running command that is ended with the context, whatever happens in it."""
    source = stdin.stdout if isinstance(stdin, subprocess.Popen) else stdin
    process = git.start(*arguments, stdin=source)
    try:
        if isinstance(stdin, subprocess.Popen) and stdin.stdout is not None:
            stdin.stdout.close()
        yield process
    finally:
        process.kill()
        for end in (process.stdin, process.stdout):
            if end is not None:
                end.close()
        process.wait()
