"""What lies behind a head: patches, commits, files and their history, read from the repository's trees.

GitLab's own patch ids leave blanks out, so a patch is told by modes and blobs, as everywhere. A tree of a commit never
changes and is read once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import quote

from bot.forges.gitlab import convert
from bot.forges.gitlab.known import Known
from bot.forges.port import FileContent, PatchQuestion, Snapshot, Step, Tips
from bot.model.change import Commit, FileKind, Patch, PatchEntry
from bot.model.errors import GoneError, TryAgainError
from bot.model.ids import BlobId, Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]
Tree = Mapping[str, Json]
MOST_FOLDERS = 60
"""A patch of files in more folders than this is not compared; an approval of it is not carried over."""
LARGEST_POINTER = 1024
"""A pointer to large-file storage is never larger (its specification)."""
MOST_COMPARED = 1000
"""GitLab leaves files out of larger comparisons."""
MOST_TIPS = 1000
"""How many branches whose names begin alike are read at most."""


@dataclass(frozen=True, slots=True)
class History:
    """One repository's commits and trees."""

    known: Known
    repository: Repository

    @property
    def _path(self) -> str:
        return f"/projects/{self.repository.id}/repository"

    # --- patches

    @convert.strict
    def patches(self, questions: Sequence[PatchQuestion]) -> dict[Sha, Patch]:
        """What each head adds to its merge base; one that cannot be compared to the end is absent."""
        found = {}
        for question in questions:
            whole = question if question.merge_base is not None else self._compare(question)
            if whole is None or len({_folder(path) for path in whole.paths}) > MOST_FOLDERS:
                continue
            entries = self._entries(whole)
            if entries is not None and {entry.path for entry in entries} == set(whole.paths):
                found[whole.head] = Patch(whole.head, entries)
        return found

    def _compare(self, question: PatchQuestion) -> PatchQuestion | None:
        base = self.known.session.get(f"{self._path}/merge_base", **{"refs[]": [question.base, question.head]})
        merge_base = Sha(base["id"])
        answer = self.known.session.get(
            f"{self._path}/compare", **{"from": merge_base, "to": question.head, "straight": "true"}
        )
        diffs = answer["diffs"]
        if len(diffs) >= MOST_COMPARED or answer.get("compare_timeout"):
            return None
        paths = {path for each in diffs for path in convert.file(each).changed_paths}
        return replace(question, merge_base=merge_base, paths=tuple(sorted(paths)))

    def _entries(self, question: PatchQuestion) -> tuple[PatchEntry, ...] | None:
        """The paths that differ between the two sides; None if a side is lost."""
        assert question.merge_base is not None  # noqa: S101  it was looked up
        sides = (question.merge_base, question.head)
        if not all(self._is_there(side) for side in sides):
            return None
        entries = []
        for path in question.paths:
            old, new = (self._entry(side, path) for side in sides)
            if old != new:
                entries.append(PatchEntry(path, *old, *new))
        return tuple(entries)

    def _entry(self, sha: Sha, path: str) -> tuple[str, str]:
        entry = self._tree(sha, _folder(path)).get(path)
        return (entry["mode"], entry["id"]) if entry else ("", "")

    def _tree(self, sha: Sha, folder: str) -> Tree:
        """What is in a folder of a commit, by path; nothing if the folder is not there."""
        key = ("tree", self.repository.id, sha, folder)
        found: Tree = self.known.content.get(key, lambda: self._read_tree(sha, folder))
        return found

    def _read_tree(self, sha: Sha, folder: str) -> dict[str, Json]:
        query = {"ref": sha, **({"path": folder} if folder else {})}
        for _ in range(2):  # a no is believed when it is said again: an approval may be given up for it
            with suppress(GoneError):
                return {entry["path"]: entry for entry in self.known.session.pages(f"{self._path}/tree", **query)}
        if not folder:
            raise TryAgainError(f"GitLab shows no files of commit {sha[:7]} in {self.repository.name}")
        return {}

    def _is_there(self, sha: Sha) -> bool:
        """Whether GitLab still has a commit, so that a folder that is not found is one that is not in it.

        It is asked once more before a no is believed: for that, an approval may be given up for good.
        """
        key = ("commit", self.repository.id, sha)
        for _ in range(2):
            if self.known.content.peek(key) is not None:
                return True
            with suppress(GoneError):
                self.known.session.get(f"{self._path}/commits/{sha}")
                self.known.content.put(key, True)
        return self.known.content.peek(key) is not None

    @convert.strict
    def kinds(self, sha: Sha, paths: Sequence[str]) -> dict[str, FileKind]:
        """What some paths of a commit hold, where it is no regular file."""
        if not self._is_there(sha):
            raise GoneError(f"GitLab knows no commit {sha[:7]} in {self.repository.name} (any more)")
        found = {}
        for path in paths:
            entry = self._tree(sha, _folder(path)).get(path)
            if entry is not None:
                text = self._content(sha, path, convert.blob(entry)).data if entry["type"] == "blob" else b""
                found[path] = convert.kind_of([entry["mode"]], text[:LARGEST_POINTER].decode("utf-8", "replace"))
        return {path: kind for path, kind in found.items() if kind is not FileKind.REGULAR}

    # --- commits

    @convert.strict
    def commits(self, base: str, head: Sha) -> tuple[Commit, ...]:
        """The commits of a head that are not in a base branch, oldest first."""
        answer = self.known.session.get(f"{self._path}/compare", **{"from": base, "to": head})
        return tuple(convert.commit(entry) for entry in answer["commits"])

    @convert.strict
    def notes(self, at: Sha, commits: Sequence[Sha]) -> dict[Sha, str]:
        """The notes of commits: files named by them, which git puts into folders once there are many."""
        found = {}
        for sha in commits:
            for place in (sha, f"{sha[:2]}/{sha[2:]}", f"{sha[:2]}/{sha[2:4]}/{sha[4:]}"):
                entry = self._tree(at, _folder(place)).get(place)
                if entry:
                    found[sha] = self._content(at, place, convert.blob(entry)).data.decode("utf-8", "replace")
                    break
        return found

    @convert.strict
    def steps(self, starts: Sequence[Sha], paths: Sequence[str], depth: int) -> dict[Sha, Step]:
        """So many commits back from each start, with the contents at some paths."""
        found: dict[Sha, Step] = {}
        for start in starts:
            try:
                listed = self.known.session.pages(f"{self._path}/commits", ref_name=start, per_page=depth)
                told = list(islice(listed, depth))
            except GoneError:
                continue
            for entry in told:
                sha = Sha(entry["id"])
                if sha not in found:
                    blobs = {path: convert.blob(each) for path, each in self._files(sha, paths)}
                    found[sha] = Step(sha, tuple(Sha(parent) for parent in entry["parent_ids"]), blobs)
        return found

    @convert.strict
    def tips(self, names: Sequence[str], starts: Sequence[str]) -> Tips:
        """The newest commits of branches, by name and by how names begin."""
        path, found, beyond = f"{self._path}/branches", dict[str, Sha](), list[str]()
        for name in names:
            with suppress(GoneError):
                each = self.known.session.get(f"{path}/{quote(name, safe='')}")
                found[each["name"]] = Sha(each["commit"]["id"])
        for start in starts:
            listed = self.known.session.pages(path, **({"search": f"^{start}"} if start else {}))
            for each in islice(listed, MOST_TIPS):
                if each["name"].startswith(start):
                    found[each["name"]] = Sha(each["commit"]["id"])
            beyond += [start] if next(listed, None) is not None else []
        return Tips(found, tuple(beyond))

    # --- files

    @convert.strict
    def snapshot(self, paths: Sequence[str], at: Sha | None) -> Snapshot:
        """Files at a commit, by default the newest of the default branch."""
        project = self.known.session.get(f"/projects/{self.repository.id}")
        known = convert.repository(project)
        if at is None and not known.default_branch:
            raise GoneError(f"{known.name} has no commits")
        ref = quote(at or known.default_branch, safe="")
        commit = Sha(self.known.session.get(f"{self._path}/commits/{ref}")["id"])
        files = {path: self._content(commit, path, convert.blob(entry)) for path, entry in self._files(commit, paths)}
        return Snapshot(replace(known, installation=self.repository.installation), commit, files)

    def _files(self, sha: Sha, paths: Sequence[str]) -> Iterator[tuple[str, Json]]:
        """The entries at some paths; of a folder, those of the files in it."""
        for path in paths:
            entry = self._tree(sha, _folder(path)).get(path)
            if entry and entry["type"] == "tree":
                inside = self._tree(sha, path)
                yield from ((name, one) for name, one in inside.items() if one["type"] != "tree")
            elif entry:
                yield path, entry

    def _content(self, commit: Sha, path: str, blob: BlobId) -> FileContent:
        data = self.known.session.raw(f"{self._path}/files/{quote(path, safe='')}/raw", ref=commit)
        return FileContent(blob, data)


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
