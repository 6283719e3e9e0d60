"""Takes a raw commit object apart. Any bytes give a commit; what is no text becomes replacement characters."""

import re

from bot.model.change import Commit, GitIdentity
from bot.model.ids import Sha

_ENCODING = re.compile(
    r"(?:iso-?8859-?\d{1,2}|latin-?1|cp125\d|windows-125\d|koi8-[ru]|euc-(?:jp|kr)|shift_?jis|gb(?:k|2312|18030)|big5)\Z"
)
"""Those that histories hold. Anything else is read as UTF-8: some codecs of the library take quadratic time."""


def parse_commit(sha: Sha, data: bytes) -> Commit:
    """The commit in an object's bytes."""
    head, _, body = data.partition(b"\n\n")
    headers: dict[bytes, bytes] = {}
    parents: list[Sha] = []
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        if key == b"parent":
            parents.append(Sha(value.decode("ascii", "replace")))
        elif key:
            headers.setdefault(key, value)
    encoding = headers.get(b"encoding", b"").decode("ascii", "replace").lower()
    encoding = encoding if _ENCODING.match(encoding) else "utf-8"
    return Commit(
        sha=sha,
        author=_identity(headers.get(b"author", b""), encoding),
        committer=_identity(headers.get(b"committer", b""), encoding),
        message=body.decode(encoding, "replace"),
        parents=len(parents),
        parent_shas=tuple(parents),
    )


def _identity(line: bytes, encoding: str) -> GitIdentity:
    name, _, rest = line.decode(encoding, "replace").partition("<")
    return GitIdentity(name.strip(), rest.partition(">")[0].strip())
