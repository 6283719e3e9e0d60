"""Questions about the commit graph: ancestors, merge bases, and the commits of a range in a stable order.

Every walk is bounded by the number of commits in the store; nothing is cached, since the graphs here are small.
"""

from bot.sandbox.git.objects import Objects


def ancestors(objects: Objects, *tips: str) -> set[str]:
    """The tips and everything they were made from."""
    seen: set[str] = set()
    todo = [tip for tip in tips if objects.has_commit(tip)]
    while todo:
        oid = todo.pop()
        if oid not in seen:
            seen.add(oid)
            todo.extend(objects.commit(oid).parents)
    return seen


def is_ancestor(objects: Objects, older: str, newer: str) -> bool:
    """Whether `newer` contains `older`."""
    return older in ancestors(objects, newer)


def merge_base(objects: Objects, one: str, other: str) -> str | None:
    """The best common ancestor; of several equally good ones the first by id; none for unrelated histories."""
    common = ancestors(objects, one) & ancestors(objects, other)
    if not common:
        return None
    inner = {parent for oid in common for parent in objects.commit(oid).parents}
    return min(common - inner)


def range_commits(objects: Objects, base: str | None, head: str) -> list[str]:
    """The commits of `base..head`, parents before children, along the first parent last."""
    known = ancestors(objects, base) if base else set()
    order: list[str] = []
    seen: set[str] = set()
    todo = [(head, False)]
    while todo:
        oid, done = todo.pop()
        if done:
            order.append(oid)
        elif oid not in seen and oid not in known:
            seen.add(oid)
            todo.append((oid, True))
            todo.extend((parent, False) for parent in reversed(objects.commit(oid).parents))
    return order
