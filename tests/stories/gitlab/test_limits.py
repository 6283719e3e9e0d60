"""More of everything than a page holds, by each mechanism: it is read, or taken for what GitLab does not tell."""

from tests.stories.gitlab.world import TRAILER, GitLabWorld

MOST = 120
"""So many files GitLab tells of here, rather than a thousand: the answer is the same, and quicker."""


def test_what_is_beyond_a_page_is_read_and_what_gitlab_leaves_out_puts_it_in_every_zone(world: GitLabWorld) -> None:
    """Scenario 42: AI is disclosed by the oldest of 260 commits, and by a label behind a hundred others;
    of the files more than GitLab tells are there, so that it is in every zone, and two seniors can sign it.
    """
    forge, name = world.forge, world.repository
    forge.settings(diff_files=MOST)
    forge.control("clock", strict=False)
    many: list[dict[str, object]] = [{"message": f"Step {index}"} for index in range(259)]
    first = {"message": f"Begin\n\n{TRAILER}", "changes": [{"path": "a.txt", "content": "a\n"}]}
    forge.control("push", project=name, branch="many", by="jo", commits=[first, *many])
    number = int(forge.open(name, "jo", "many", "Many")["iid"])
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "Claude" in shown["summary"], "the oldest of 260 commits"
    assert "high blast radius" not in shown["summary"]
    for index in range(101):
        forge.edit(name, number, "sam", labels=f"label-{index}")
    forge.edit(name, number, "sam", labels="ai-assisted")
    forge.edit(name, number, "jo", labels="")
    assert "ai-assisted" in world.shown(number)["summary"], "what came behind a hundred labels, and went"

    files: dict[str, str | None] = {f"gen/{index}.txt": f"{index}\n" for index in range(MOST + 30)}
    forge.push(name, "many", files, "Generate", by="jo")
    forge.control("clock", strict=True)
    shown = world.shown(number)
    assert shown["state"] == "waiting"
    assert "high blast radius" in shown["summary"]
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "waiting", "two are needed in every zone"
    forge.approve(name, number, "ada")
    assert world.shown(number)["state"] == "success"
    forge.control("clock", strict=False)
    forge.push(name, "many", {f"gen/{MOST + 20}.txt": "evil()\n"}, "More", by="jo")
    forge.control("clock", strict=True)
    assert world.shown(number)["state"] == "waiting", "a file that GitLab does not tell of may be another one"
    forge.settings(diff_files=1000)
