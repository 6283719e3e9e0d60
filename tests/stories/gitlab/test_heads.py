"""What becomes of an approval when the head moves, by each mechanism: it follows an equal patch and nothing else.

On a paid tier GitLab itself deletes approvals whose patch changed; on the free tier, and where that is switched off, it
goes on showing them. The answers must be the same.
"""

from collections.abc import Callable
from typing import Any

from tests.stories.gitlab.world import TRAILER, GitLabWorld

CODE = "def pay():\n    return 'retry'\n"
DATA = "AAECAwQFBgcICQ=="
Step = Callable[[GitLabWorld, str], Any]


def amended(**details: Any) -> Step:
    """The one commit is replaced by one with other contents, and force-pushed."""
    return lambda world, branch: world.forge.amend(
        world.repository, branch, f"Add {branch}\n\n{TRAILER}", by="jo", **details
    )


def rebased(by: str) -> Step:
    """The button "Rebase", pressed by the author, or by the reviewer, who becomes the committer of every commit."""

    def press(world: GitLabWorld, branch: str) -> None:
        (found,) = (
            each["iid"]
            for each in world.forge.api("GET", f"{world.path}/merge_requests", "ada")
            if each["source_branch"] == branch
        )
        world.forge.rebase(world.repository, found, by)

    return press


def updated(world: GitLabWorld, branch: str) -> None:
    """What "Update branch" is elsewhere: the target branch merged into the source branch, by hand."""
    world.forge.push(world.repository, branch, None, by="jo", merge="main")


def smuggled(world: GitLabWorld, branch: str) -> None:
    """The same, with an edit of one's own hidden in the merge commit."""
    changes = [{"path": "src/other.py", "content": "hidden = True\n"}]
    world.forge.push(world.repository, branch, None, by="jo", merge="main", changes=changes)


def dated(year: int) -> Step:
    """Another message, by a commit that claims to be from another time."""
    jo = {"name": "Jo", "email": "jo@example.com", "date": f"{year}-01-01T00:00:00Z"}
    return lambda world, branch: world.forge.amend(
        world.repository, branch, f"Add a retry\n\n{TRAILER}", by="jo", author=jo, committer=jo
    )


def one(path: str, **details: Any) -> Step:
    """One file as told."""
    return amended(changes=[{"path": path, **details}])


CARRIED: dict[str, Step] = {
    "rebased": rebased("jo"),
    "rebased-by-the-reviewer": rebased("grace"),
    "updated": updated,
    "from-2001": dated(2001),
    "from-2099": dated(2099),
}
LOST: dict[str, Step] = {
    "smuggled": smuggled,
    "one-byte": one("src/a.py", content=CODE.replace("retry", "retrY")),
    "white-space": one("src/a.py", content=CODE.replace("    ", "\t")),
    "line-ends": one("src/a.py", content=CODE.replace("\n", "\r\n")),
    "mode": one("src/a.py", content=CODE, mode="100755"),
    "renamed": one("src/b.py", rename_from="src/a.py"),
    "binary": one("data.bin", base64=DATA[:-3] + "A=="),
    "symlink": one("link", symlink="../elsewhere"),
    "submodule": one("vendor/lib", submodule="b" * 40),
}
FILES = [
    {"path": "src/a.py", "content": CODE},
    {"path": "data.bin", "base64": DATA},
    {"path": "link", "symlink": "here"},
    {"path": "vendor/lib", "submodule": "a" * 40},
]


def opened(world: GitLabWorld, branch: str) -> int:
    """A merge request of Jo's with a file of every kind."""
    world.forge.push(world.repository, branch, None, f"Add {branch}\n\n{TRAILER}", by="jo", changes=FILES)
    return int(world.forge.open(world.repository, "jo", branch, branch)["iid"])


def test_an_approval_follows_a_patch_that_is_the_same_in_every_byte_and_no_other(world: GitLabWorld) -> None:
    """Scenarios 22, 23, 25, 58: rebased, merged with the base, dated otherwise, it is carried over and says from where;
    one byte, blank, mode, name, link or commit of a submodule is a difference, and so is what hides in a merge.
    """
    forge, name = world.forge, world.repository
    numbers = {branch: opened(world, branch) for branch in CARRIED | LOST}
    world.settled()
    for number in numbers.values():
        forge.approve(name, number, "grace")
    assert {world.shown(number)["state"] for number in numbers.values()} == {"success"}
    heads = {branch: forge.head(name, number) for branch, number in numbers.items()}
    forge.push(name, "main", {"elsewhere.txt": "e\n"}, "Elsewhere", by="ada", rules=False)
    for branch, step in (CARRIED | LOST).items():
        step(world, branch)
    world.settled()
    shown = {branch: world.shown(number) for branch, number in numbers.items()}
    assert {branch: each["state"] for branch, each in shown.items()} == {
        branch: "success" if branch in CARRIED else "waiting" for branch in numbers
    }
    for branch in CARRIED:
        assert f"given for `{heads[branch][:12]}` and carried over" in shown[branch]["summary"], branch
    assert not any(world.merges(numbers[branch]) for branch in LOST)
    assert all(world.merges(numbers[branch]) for branch in CARRIED)


def test_an_approval_that_gitlab_still_shows_is_for_the_head_it_was_given_for(world: GitLabWorld) -> None:
    """Scenarios 21, 24, 27, 60: GitLab shows it on the new head, or deletes it by its own reset; an approval that comes
    too late is for the old head; a head that comes back is approved only where the approval is still there.
    """
    forge, name = world.forge, world.repository
    for resets in (False, True):
        if resets and world.mechanism == "status":
            break  # the free tier has no reset
        forge.configure(name, reset_approvals_on_push=resets)
        branch = f"b{resets}".lower()
        number = world.opened("jo", branch=branch)
        world.settled()
        first = forge.head(name, number)
        forge.approve(name, number, "grace")
        assert world.shown(number)["state"] == "success"
        forge.amend(name, branch, f"Other\n\n{TRAILER}", by="jo", files={"src/pay.py": "steal()\n"})
        shown = world.shown(number)
        assert shown["state"] == "waiting"
        assert given(world, number, "grace") is not resets, "what the API reports on the new head"
        assert not world.merges(number)

        forge.force_push(name, branch, first, by="jo")
        assert world.shown(number)["state"] == ("waiting" if resets else "success"), "the approved head is back"
        forge.courier(pause=True)
        forge.approve(name, number, "linus")
        forge.push(name, branch, {"src/pay.py": "late()\n"}, f"Late\n\n{TRAILER}", by="jo")
        forge.courier(shuffle=7, double=3)
        forge.courier(pause=False)
        assert world.shown(number)["state"] == "waiting", "linus approved what was there before"
        assert not world.merges(number)


def given(world: GitLabWorld, number: int, who: str) -> bool:
    """Whether GitLab shows somebody's approval."""
    found = world.forge.approvals(world.repository, number)["approved_by"]
    return any(each["user"]["username"] == who for each in found)
