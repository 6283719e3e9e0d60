"""Lists of file changes, as a person's clone or a web editor would make them, applied to a snapshot.

A change is {"path", and one of "content", "base64", "delete", "rename_from", "symlink", "submodule"}, with "mode"
where it matters. Nothing here writes a commit.
"""

from typing import Any

from bot.sandbox.git.objects import EXECUTABLE, FILE, SUBMODULE, SYMLINK, Entry, Objects, Snapshot, content

MODES = {FILE, EXECUTABLE, SYMLINK, SUBMODULE}
CHANGE_KEYS = {"path", "content", "base64", "delete", "rename_from", "symlink", "submodule", "mode"}


class BadEdit(ValueError):  # noqa: N818 - it is an answer, not an accident
    """A change that cannot be made; the message names it."""


def applied(objects: Objects, files: Snapshot, changes: list[dict[str, Any]]) -> dict[str, Entry]:
    """The files after the changes. Raises BadEdit."""
    found = dict(files)
    for change in changes:
        path = change["path"].strip("/")
        if not path or set(change) - CHANGE_KEYS:
            raise BadEdit(f"A file change has a path and {', '.join(sorted(CHANGE_KEYS))}: {change}")
        source = change.get("rename_from")
        old = found.pop(source, None) if source else found.get(path)
        if (source or change.get("delete")) and old is None:
            raise BadEdit(f"{source or path} is not there")
        if change.get("delete"):
            del found[path]
            continue
        found[path] = _entry(objects, change, old)
    return found


def _entry(objects: Objects, change: dict[str, Any], old: Entry | None) -> Entry:
    mode = change.get("mode") or (old.mode if old and old.mode in {FILE, EXECUTABLE} else FILE)
    if mode not in MODES:
        raise BadEdit(f"{mode!r} is no mode of a file; there are {', '.join(sorted(MODES))}")
    if "submodule" in change:
        return Entry(SUBMODULE, change["submodule"])
    if "symlink" in change:
        return Entry(SYMLINK, objects.blob(change["symlink"].encode()))
    if "content" in change or "base64" in change:
        return Entry(mode, objects.blob(content(change.get("content"), change.get("base64"))))
    if old is None:
        raise BadEdit(f"{change['path']} is new and has no content")
    return Entry(change.get("mode") or old.mode, old.oid)
