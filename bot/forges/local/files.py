"""The files that differ between two commits: as git's raw diff tells, with renames, modes, line counts and removed
lines.

Every file is compared as text (`--text`): a `.gitattributes` in the clone that calls everything binary must not hide
how many lines are deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.forges.local.git import Git
from bot.model.change import File, FileKind, FileStatus
from bot.model.errors import NeedsSomebodyError
from bot.model.ids import BlobId, Sha

LARGEST_POINTER = 1024
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
MOST_FILES_WITH_LINES = 3000

_STATUS = {
    "A": FileStatus.ADDED,
    "M": FileStatus.MODIFIED,
    "D": FileStatus.REMOVED,
    "R": FileStatus.RENAMED,
    "C": FileStatus.COPIED,
    "T": FileStatus.CHANGED,
}
_KIND = {"120000": FileKind.SYMLINK, "160000": FileKind.SUBMODULE}
_DIFF = (
    "diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--text", "--no-color", "--full-index",
    "--submodule=short",    "--ignore-submodules=none", "-O/dev/null", "--no-indent-heuristic", "--no-relative",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Raw:
    """A line of the raw diff: kept only until the file is put together."""

    file: File
    type_changed: bool


def changed_files(git: Git, base: Sha, head: Sha) -> tuple[File, ...]:
    """Every file that differs, in git's order."""
    found = list(_raw(git.run(*_DIFF, "--raw", "-z", base, head)))
    lines = _lines(git, base, head, found) if found else []
    pointers = _pointers(git, [each.file for each in found])
    files = []
    for each, (additions, removed) in zip(found, lines, strict=True):
        kind = FileKind.LFS if each.file.blob in pointers else each.file.kind
        kept = tuple(removed) if len(found) <= MOST_FILES_WITH_LINES else None
        files.append(replace(each.file, additions=additions, deletions=len(removed), kind=kind, removed_lines=kept))
    return tuple(files)


def _raw(out: bytes) -> Iterator[_Raw]:
    parts = iter(_text(part) for part in out.split(b"\0"))
    for header in parts:
        if not header.startswith(":"):
            continue
        old_mode, new_mode, _, blob, status = header[1:].split(" ")
        path, previous = next(parts), None
        if status[0] in "RC":
            path, previous = next(parts), path
        mode = old_mode if status[0] == "D" else new_mode
        file = File(
            path=path,
            previous_path=previous,
            status=_STATUS.get(status[0], FileStatus.CHANGED),
            kind=_KIND.get(mode, FileKind.REGULAR),
            blob=BlobId(blob) if status[0] != "D" else None,
        )
        if status[0] == "M" and old_mode != new_mode and header[1:].split(" ")[2] == blob:
            file = replace(file, status=FileStatus.CHANGED)
        yield _Raw(file, status[0] == "T")


def _lines(git: Git, base: Sha, head: Sha, found: list[_Raw]) -> list[tuple[int, list[str]]]:
    """The number of added lines and the removed lines of each file, none for binary content.

    Counted in the patch, since `--numstat` believes the clone's attributes about what is binary.
    """
    blocks = [_Block()]
    with git.reading(*_DIFF, "-p", "-U0", base, head) as pipe:
        while (line := pipe.line()) is not None:
            if line.startswith(b"diff --git "):
                blocks.append(_Block())
            else:
                blocks[-1].take(line)
    if len(blocks) - 1 != sum(1 + each.type_changed for each in found):
        raise NeedsSomebodyError("git tells two different stories about the files of this range; try git fsck")
    rest = iter(blocks[1:])
    parts = [[next(rest) for _ in range(1 + each.type_changed)] for each in found]
    return [(sum(part.added for part in each), [line for part in each for line in part.removed]) for each in parts]


class _Block:
    """The patch of one file. What holds a NUL is binary, as it is to git."""

    def __init__(self) -> None:
        self.added = 0
        self.removed: list[str] = []
        self._in_header, self._binary = True, False

    def take(self, line: bytes) -> None:
        """One more line of the patch."""
        self._in_header = self._in_header and not line.startswith(b"@@")
        if b"\0" in line:
            self._binary, self.added = True, 0
            self.removed.clear()
        if self._in_header or self._binary:
            return
        if line.startswith(b"+"):
            self.added += 1
        elif line.startswith(b"-"):
            self.removed.append(line[1:].decode("utf-8", "replace"))


def _pointers(git: Git, files: list[File]) -> frozenset[BlobId | None]:
    """The blobs that are no content but pointers of Git LFS."""
    blobs = [file.blob for file in files if file.blob is not None and file.kind is FileKind.REGULAR]
    if not blobs:
        return frozenset()
    return frozenset(blob for blob in dict.fromkeys(blobs) if _is_pointer(git, blob))


def _is_pointer(git: Git, blob: BlobId) -> bool:
    size = git.run("cat-file", "-s", blob)
    return int(size) <= LARGEST_POINTER and git.run("cat-file", "blob", blob).startswith(LFS_POINTER)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
