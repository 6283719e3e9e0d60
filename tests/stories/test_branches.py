"""Guarded branches are asked for by name, so that nobody hides one behind others; and where the look stops is said."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.forges.github import guarding
from bot.forges.gitlab.history import MOST_TIPS, History
from bot.forges.port import Tips
from bot.model.enforcement import Level, Protection
from bot.model.ids import Sha
from bot.model.subject import Repository, Subject
from bot.service import branches, rounds, watch
from bot.store import findings, repositories
from bot.store.findings import FindingKind
from tests.endurance.inside import ROOT, Inside
from tests.endurance.inside import inside as on_github
from tests.stories.gitlab.inside import inside as on_gitlab
from tests.stories.world import TRAILER

SHA = Sha("a1" * 20)


def staged(forge: str, folder: Path) -> AbstractContextManager[Inside]:
    """The service in this process beside a forge."""
    return on_github(folder) if forge == "github" else on_gitlab(folder, "status")


def look(it: Inside, forge: str) -> Repository:
    """A round of the watch through the repository, of which no delivery told."""
    (found,) = it.context.forges[forge].repositories()
    with it.context.store.write() as tx:
        repositories.upsert(tx, found)
    rounds.look(it.context, Subject(found.forge, found.id, watch.WHOLE))
    return found


class Full:
    """A forge with more branches than it tells: it reads none but those that are named. Nothing guards them."""

    def tips(self, repository: Repository, names: Sequence[str], starts: Sequence[str] = ()) -> Tips:
        del repository
        return Tips(dict.fromkeys(names, SHA), tuple(starts))

    def protection(self, repository: Repository, branch: str) -> Protection:
        del repository
        return Protection(branch)


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_no_number_of_branches_hides_a_guarded_one(tmp_path: Path, forge: str) -> None:
    """Scenario 45: what is pushed past the gate is found on each, since it is asked for by name or by how names begin.
    Where more begin so than can be read those seen before are watched on, and the grade says where the look stopped.
    """
    with staged(forge, tmp_path) as it:
        name = it.world.repository
        rules = (ROOT / "rules.yaml").read_text().replace('["@default"]', '["@default", "v1-stable", "release/**"]')
        (tmp_path / "rules.yaml").write_text(rules)
        it.context.rulebook.refresh()
        for branch in ("release/1", "v1-stable", "a"):
            it.forge.push(name, branch, {"src/new.py": "n = 1\n"}, by="jo")
        repository = look(it, forge)
        assert set(branches.guarded(it.context, repository).found) == {"main", "release/1", "v1-stable"}
        assert set(branches.guarded(it.context, repository, "release/1").found) == {"release/1"}
        shas = {
            branch: it.forge.push(name, branch, {f"{branch}.py": "b = 1\n"}, f"Quick\n\n{TRAILER}", by="jo")
            for branch in ("release/1", "v1-stable")
        }
        look(it, forge)
        with it.context.store.read() as tx:
            found = findings.page(tx, kind=FindingKind.PUSHED)
        assert {each.body["branch"]: each.sha for each in found} == shas

        full = replace(it.context, forges={forge: Full()})  # type: ignore[dict-item]  # all that is asked of it here
        assert list(branches.guarded(full, repository).found) == ["main", "release/1", "v1-stable"]
        (said,) = (fact for fact in rounds.examined(full, repository).facts if "begin with" in fact.text)
        assert said.level is Level.OPEN
        assert "'release/'" in said.text


class Crowd:
    """A forge's session where each beginning has one branch more than is read, and a name has one."""

    def get(self, path: str, **_: object) -> Any:
        return {"name": path.rpartition("/")[2], "commit": {"id": SHA}}

    def pages(self, path: str, *, search: str) -> Iterator[Any]:
        del path
        yield from ({"name": f"{search[1:]}{number}", "commit": {"id": SHA}} for number in range(MOST_TIPS + 1))

    def graphql(self, installation: int, document: str, variables: Mapping[str, Any]) -> Any:
        del installation
        if "prefix" not in variables:
            asked = [key for key in variables if key.startswith("b")]
            return {"repository": {"databaseId": 7, **{key: {"target": {"oid": SHA}} for key in asked}}}
        start = int(variables["cursor"] or 0)
        assert "first: 100" in document
        nodes = [
            {"prefix": "refs/heads/", "name": f"release/{start + number}", "target": {"oid": SHA}}
            for number in range(100)
        ]
        info = {"hasNextPage": True, "endCursor": str(start + 100)}
        return {"repository": {"databaseId": 7, "refs": {"pageInfo": info, "nodes": nodes}}}


class Known:
    """What the reader of GitLab's history asks through."""

    session = Crowd()


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_what_is_beyond_the_bound_is_told_and_a_name_is_never_beyond_it(forge: str) -> None:
    """However many others begin so."""
    repository = Repository(forge, 7, "acme/pay", "main")
    if forge == "github":
        found = guarding.tips(Crowd(), repository, ["main"], ["release/"])  # type: ignore[arg-type]  # all it uses
    else:
        found = History(Known(), repository).tips(["main"], ["release/"])  # type: ignore[arg-type]  # all it uses
    assert found.beyond == ("release/",)
    assert (len(found.found), found.found["main"]) == (MOST_TIPS + 1, SHA)
