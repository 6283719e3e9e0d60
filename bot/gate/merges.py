"""What a forge's own buttons leave behind and makes nobody a contributor: updates, rebases, applied suggestions.

The forge is the committer then. Excusing somebody whom such a commit names is safe even if the commit is forged: the
names in a commit are its maker's free text, leaving a name out is always open to them, and the accounts that opened
and pushed count whatever commits say. What a merge brings in is bound by the patch identity, not by this.

Where a forge rebases in the name of whoever pressed the button, nothing in the commits tells it from a rebase made by
hand; the patch identity of the heads before and after does. Equal, the push brought no byte into the change.
"""

import re

from bot import detect
from bot.gate.matter import Matter
from bot.model.change import Commit, GitIdentity
from bot.model.ids import Sha
from bot.model.memory import Push

_MERGES = re.compile(r"Merge (?:remote-tracking )?branch '([^']+)'|Merge (\S+) into \S+")


def by_forge(commit: Commit, role_of_committer: detect.Role) -> bool:
    """Whether the forge made the commit, or the commit says so."""
    return commit.made_by_forge or (role_of_committer is detect.Role.FORGE and commit.committer.id is None)


def clean(matter: Matter, place: int) -> bool | None:
    """Whether the merge commit at this place of the change adds nothing of its own; None if that cannot be told.

    Known only where the patch identities of the merge and of the head before it are both remembered.
    """
    commit, patches = matter.change.commits[place], matter.memory.patches
    before = _before(matter, place)
    ours, theirs = patches.get(commit.sha), patches.get(before) if before is not None else None
    return ours == theirs if ours and theirs else None


def updates(matter: Matter, place: int, role_of_committer: detect.Role) -> bool:
    """Whether the commit at this place merges the base and makes its author nobody: one that is known to add nothing,
    or one by the forge's button that is not known to add something.
    """
    commit = matter.change.commits[place]
    if commit.parents < 2:  # noqa: PLR2004
        return False
    adds_nothing = clean(matter, place)
    if adds_nothing is not None:
        return adds_nothing
    return by_forge(commit, role_of_committer) and _names_the_base(commit, matter.change.base)


def only_updates(matter: Matter, push: Push) -> bool:
    """Whether a push was nothing but "Update branch": the forge vouches for the one merge commit it brought, made for
    the account that pushed, on top of the head that was there, and it is known to add nothing.

    Merges of the base can be made through the forge with any tree in them, so what is not known is not excused.
    """
    for place, commit in enumerate(matter.change.commits):
        if commit.sha == push.head:
            return (
                commit.made_by_forge
                and updates(matter, place, detect.Role.FORGE)
                and clean(matter, place) is True
                and push.before is not None
                and commit.parent_shas[:1] == (push.before,)
                and push.by.id is not None
                and _same(commit.author, push)
            )
    return False


def only_rebases(matter: Matter, push: Push) -> bool:
    """Whether a push left the head before behind and is known to have left every file of the change as it was, in
    content, mode and name: then whoever pushed added nothing, whether they pressed the forge's button or not.

    Who brought the content to the head before pushed that, and counts for it. What is not known is not excused, nor
    what was compared while the change was for another branch; nor is a merge, for which `only_updates` asks more.
    """
    patches = matter.memory.patches
    stacked = any(push.before == commit.sha for commit in matter.change.commits)
    if stacked or {push.before, push.head} & matter.memory.elsewhere:
        return False
    before = patches.get(push.before) if push.before is not None and push.before != push.head else None
    return push.by.id is not None and bool(before) and before == patches.get(push.head)


def rebased(matter: Matter) -> tuple[int, Push | None]:
    """How many of the commits, from the first on, a rebase wrote anew, so that their committer is whoever pressed the
    button, and that rebase; none where those commits name several committers.
    """
    commits = matter.change.commits
    places = {commit.sha: place for place, commit in enumerate(commits)} if matter.memory.pushes else {}
    found: tuple[int, Push | None] = (0, None)
    for push in matter.memory.pushes:
        count = places.get(push.head, -1) + 1
        if count > found[0] and only_rebases(matter, push):
            found = (count, push)
    same = all(each.committer == commits[0].committer for each in commits[: found[0]])
    return found if same else (0, None)


def _same(author: GitIdentity, push: Push) -> bool:
    return author.id == push.by.id


def _before(matter: Matter, place: int) -> Sha | None:
    """The head that the merge was made on: its first parent, or the commit before it where parents are not told."""
    commit = matter.change.commits[place]
    if commit.parent_shas:
        return commit.parent_shas[0]
    return matter.change.commits[place - 1].sha if place else None


def _names_the_base(commit: Commit, base: str) -> bool:
    match = _MERGES.match(commit.subject)
    named = (match[1] or match[2]) if match else None
    return named is not None and named.removeprefix("origin/") == base
