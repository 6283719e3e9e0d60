"""Scenario 42: a change of a size that nobody expects is read to its end, and what the forge keeps back is told."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.model.memory import Answer
from bot.model.subject import Subject
from bot.store import changes, memory
from tests.endurance.inside import Inside, inside
from tests.stories.world import TRAILER


@pytest.fixture(scope="module")
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """A service in this process."""
    with inside(tmp_path_factory.mktemp("many")) as made:
        yield made


def subject(it: Inside, number: int) -> Subject:
    """A change of the one repository."""
    return Subject.change("github", it.forge.api("GET", f"/repos/{it.world.repository}", "ada")["id"], number)


def decided(it: Inside, number: int) -> dict[str, Any]:
    """The recorded decision of a change, evaluated now. What is not shown whole is read again later, for ever."""
    it.hear()
    for _ in range(5):
        it.step()
    with it.context.store.read() as tx:
        row = changes.get(tx, subject(it, number))
    assert row is not None
    assert row.decision is not None
    return dict(row.decision)


def test_every_commit_review_and_comment_of_a_large_change_is_read(it: Inside) -> None:
    """The trailer is in the first of 251 commits, the objection under 300 reviews, the command under 60 comments."""
    forge, name = it.forge, it.world.repository
    number = it.world.opened("jo", f"First\n\n{TRAILER}", branch="many", files={"many.txt": "0\n"})
    steps = [
        {"message": f"Step {index}", "changes": [{"path": "many.txt", "content": f"{index}\n"}]} for index in range(250)
    ]
    forge.push(name, "many", by="jo", commits=steps)
    forge.review(name, number, "grace", "REQUEST_CHANGES")
    forge.approve(name, number, "linus")
    forge.comment(name, number, "jo", "/signoff no-ai")
    for index in range(300):
        forge.review(name, number, "sam", "COMMENT", body=f"{index}")
    for index in range(60):
        forge.comment(name, number, "sam", f"{index}")
    found = decided(it, number)
    assert found["class"] == "ai-assisted"
    assert [each["id"] for each in found["objections"]] == [1001]
    assert found["verdict"] == "hold"
    with it.context.store.read() as tx:
        (declared,) = memory.said(tx, subject(it, number)).declarations
    assert (declared.by, declared.answer) == (101, Answer.NO_AI)


def test_files_that_the_forge_keeps_back_put_the_change_in_every_zone_and_it_can_be_signed(it: Inside) -> None:
    """GitHub gives 3,000 files and no more; which the others are nobody can tell."""
    files = {f"docs/{index}.md": "x\n" for index in range(3001)}
    number = it.world.opened("jo", f"All of it\n\n{TRAILER}", branch="wide", files=files)
    found = decided(it, number)
    assert set(found["zones"]) >= {"infrastructure", "data", "destructive", "governance", "opaque"}
    assert {each["name"]: each["missing"] for each in found["requirements"]} == {
        "senior sign-off": 1, "high blast radius": 2, "the gate itself": 1,
    }  # fmt: skip
    for senior in ("grace", "linus", "ada"):
        it.forge.approve(it.world.repository, number, senior)
    assert decided(it, number)["verdict"] == "allow"


def test_anything_else_that_is_kept_back_makes_it_unknown(it: Inside) -> None:
    """Of more than a hundred labels some are not shown: one of them may say that AI took part."""
    number = it.world.opened("jo", "Plain", branch="labels", files={"plain.txt": "1\n"})
    assert decided(it, number)["verdict"] == "allow"
    it.forge.label(it.world.repository, number, "jo", *(f"label-{index}" for index in range(101)))
    assert decided(it, number)["verdict"] == "unknown"
    assert it.world.on_commit(it.forge.head(it.world.repository, number))["state"] == "waiting"
