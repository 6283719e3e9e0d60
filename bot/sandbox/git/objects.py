"""The object store: blobs, trees and commits under the ids that git itself would give them.

A tree is handled as a snapshot, a flat mapping of path to mode and blob; the nested tree objects are made from it. The
store only grows, and it never checks who may read what: that is a forge's business.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

FILE, EXECUTABLE, SYMLINK, SUBMODULE, DIRECTORY = "100644", "100755", "120000", "160000", "040000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path: its mode, and the blob (or for a submodule the commit) it names."""

    mode: str
    oid: str

    @property
    def kind(self) -> str:
        """The object type git prints for it: blob, tree or commit."""
        return {SUBMODULE: "commit", DIRECTORY: "tree"}.get(self.mode, "blob")


Snapshot = Mapping[str, Entry]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who and when, as in an author or committer line. The date is ISO 8601 with an offset."""

    name: str
    email: str
    date: str

    def line(self) -> str:
        """As git writes it into a commit."""
        when = datetime.fromisoformat(self.date)
        return f"{self.name} <{self.email}> {int(when.timestamp())} {when.strftime('%z') or '+0000'}"

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """The inverse of `line`."""
        who, seconds, zone = line.rsplit(" ", 2)
        name, _, email = who.partition(" <")
        minutes = (int(zone[1:3]) * 60 + int(zone[3:5])) * (-1 if zone[0] == "-" else 1)
        offset = timezone(timedelta(minutes=minutes)) if minutes else UTC
        return cls(name, email.rstrip(">"), datetime.fromtimestamp(int(seconds), offset).isoformat())


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit. `message` is what a forge shows: bytes that are not UTF-8 are replaced."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    signature: str | None

    @property
    def headline(self) -> str:
        """The first line."""
        return self.message.split("\n", 1)[0]


class Objects:
    """All objects of one forge. `keep` is called once with every new object, so that somebody can store it."""

    def __init__(self, keep: Callable[[str, str, bytes], None] | None = None) -> None:
        self._objects: dict[str, tuple[str, bytes]] = {}
        self._commits: dict[str, Commit] = {}
        self._snapshots: dict[str, dict[str, Entry]] = {}
        self._keep = keep

    def load(self, oid: str, kind: str, body: bytes) -> None:
        """Take back an object that was kept before."""
        self._objects[oid] = (kind, body)

    def put(self, kind: str, body: bytes) -> str:
        """Store an object and name it."""
        oid = hashlib.sha1(f"{kind} {len(body)}\0".encode() + body, usedforsecurity=False).hexdigest()
        if oid not in self._objects:
            self._objects[oid] = (kind, body)
            if self._keep:
                self._keep(oid, kind, body)
        return oid

    def kind(self, oid: str) -> str | None:
        """The type of an object, or nothing when there is none of that name."""
        found = self._objects.get(oid)
        return found[0] if found else None

    def resolve(self, prefix: str) -> str | None:
        """The full id of an object from its beginning of at least four digits, if that is unambiguous."""
        if prefix in self._objects:
            return prefix
        if not 4 <= len(prefix) < 40 or set(prefix) - set("0123456789abcdef"):  # noqa: PLR2004 - git's own limits
            return None
        found = [oid for oid in self._objects if oid.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    def blob(self, data: bytes) -> str:
        """Store file content."""
        return self.put("blob", data)

    def data(self, oid: str) -> bytes:
        """The content of a blob; empty for one that is not stored (a submodule's commit)."""
        found = self._objects.get(oid)
        return found[1] if found and found[0] == "blob" else b""

    def write_tree(self, files: Snapshot) -> str:
        """Store the nested trees of a snapshot and name the root."""
        return self._write_level({path: entry for path, entry in files.items() if path})

    def _write_level(self, files: dict[str, Entry]) -> str:
        here: dict[str, Entry] = {}
        below: dict[str, dict[str, Entry]] = {}
        for path, entry in files.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = entry
            else:
                here[first] = entry
        for name, inner in below.items():
            here[name] = Entry(DIRECTORY, self._write_level(inner))
        ordered = sorted(here.items(), key=lambda item: (item[0] + "/" * (item[1].mode == DIRECTORY)).encode())
        body = b"".join(
            f"{entry.mode.lstrip('0')} {name}\0".encode() + bytes.fromhex(entry.oid) for name, entry in ordered
        )
        return self.put("tree", body)

    def entries(self, tree: str) -> dict[str, Entry]:
        """One level of a tree: name to mode and id."""
        body, at, found = self._objects[tree][1], 0, {}
        while at < len(body):
            end = body.index(b"\0", at)
            mode, _, name = body[at:end].decode().partition(" ")
            found[name] = Entry(mode.zfill(6), body[end + 1 : end + 21].hex())
            at = end + 21
        return found

    def snapshot(self, tree: str) -> dict[str, Entry]:
        """All files under a tree. Callers copy before they change it."""
        if tree not in self._snapshots:
            files: dict[str, Entry] = {}
            for name, entry in self.entries(tree).items():
                if entry.mode == DIRECTORY:
                    files |= {f"{name}/{path}": inner for path, inner in self.snapshot(entry.oid).items()}
                else:
                    files[name] = entry
            self._snapshots[tree] = files
        return self._snapshots[tree]

    def files(self, commit: str) -> dict[str, Entry]:
        """All files of a commit. Callers copy before they change it."""
        return self.snapshot(self.commit(commit).tree)

    def write_commit(  # noqa: PLR0913, PLR0917 - a commit has these parts
        self,
        tree: str,
        parents: tuple[str, ...],
        author: Signature,
        committer: Signature,
        message: str | bytes,
        signature: str | None = None,
    ) -> str:
        """Store a commit and name it."""
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [f"author {author.line()}", f"committer {committer.line()}"]
        if signature:
            lines.append("gpgsig " + signature.replace("\n", "\n "))
        text = message if isinstance(message, bytes) else message.encode("utf-8", "surrogateescape")
        return self.put("commit", "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + text)

    def commit(self, oid: str) -> Commit:
        """Read a commit. Raises KeyError when there is none of that name."""
        if oid not in self._commits:
            kind, body = self._objects[oid]
            if kind != "commit":
                raise KeyError(oid)
            self._commits[oid] = _parse_commit(oid, body)
        return self._commits[oid]

    def has_commit(self, oid: str) -> bool:
        """Whether there is a commit of that name."""
        return self.kind(oid) == "commit"


def _parse_commit(oid: str, body: bytes) -> Commit:
    head, _, message = body.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in head.decode("utf-8", "replace").replace("\n ", "\0").split("\n"):
        key, _, value = line.partition(" ")
        fields.setdefault(key, []).append(value.replace("\0", "\n"))
    return Commit(
        oid,
        fields["tree"][0],
        tuple(fields.get("parent", ())),
        Signature.parse(fields["author"][0]),
        Signature.parse(fields["committer"][0]),
        message.decode("utf-8", "replace"),
        fields["gpgsig"][0] if "gpgsig" in fields else None,
    )


def content(text: str | None, encoded: str | None) -> bytes:
    """File content as JSON gives it: text, or base64 for what is not text."""
    return base64.b64decode(encoded) if encoded is not None else (text or "").encode("utf-8", "surrogateescape")
