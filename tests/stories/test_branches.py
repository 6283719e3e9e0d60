"""Guarded branches are asked for by name, so that nobody hides one behind others; and where the look stops is said."""

import json
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
from bot.model.errors import TryAgainError
from bot.model.ids import Sha
from bot.model.subject import Repository, Subject
from bot.service import branches, rounds, watch
from bot.store import findings, records, repositories
from bot.store.findings import Finding, FindingKind
from tests.endurance.inside import ROOT, Inside
from tests.endurance.inside import inside as on_github
from tests.stories.gitlab.inside import inside as on_gitlab
from tests.stories.world import TRAILER

SHA = Sha("a1" * 20)
GONE = "b2" * 20


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


def guard_also(it: Inside, folder: Path, *branches: str) -> None:
    """Rules that guard these branches beside the default one."""
    names = json.dumps(["@default", *branches])
    (folder / "rules.yaml").write_text((ROOT / "rules.yaml").read_text().replace('["@default"]', names))
    it.context.rulebook.refresh()


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
        guard_also(it, tmp_path, "v1-stable", "release/**")
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
        assert {each.body["branch"]: each.sha for each in pushed(it)} == shas

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
def test_a_branch_whose_former_tip_is_lost_is_a_finding_once_that_lasts(tmp_path: Path, forge: str) -> None:
    """Scenario 45: who rewrites a guarded branch so that nobody can tell what came is not passed over in silence; a 404
    for a moment alone is asked for again, and what came is then examined.
    """
    with staged(forge, tmp_path) as it:
        guard_also(it, tmp_path, "v1-stable")
        it.forge.push(it.world.repository, "v1-stable", {"src/new.py": "n = 1\n"}, by="jo")
        repository = look(it, forge)
        tip = it.forge.push(it.world.repository, "v1-stable", {"src/b.py": "b = 1\n"}, f"Quick\n\n{TRAILER}", by="jo")
        it.forge.fault("status", status=404, path="/compare")
        with pytest.raises(TryAgainError, match="cannot be compared"):
            look(it, forge)
        look(it, forge)
        (found,) = pushed(it)
        assert (found.sha, found.body["commits"]) == (tip, [tip])

        with it.context.store.write() as tx:
            records.put(tx, f"tip/{forge}/{repository.id}/v1-stable", GONE)
        tip = it.forge.push(it.world.repository, "v1-stable", {"src/c.py": "c = 1\n"}, by="jo")
        with pytest.raises(TryAgainError, match="cannot be compared"):
            look(it, forge)
        it.clock.ahead += branches.LOST_FOR
        look(it, forge)
        look(it, forge)
        (lost,) = [found for found in pushed(it) if found.body["from"] == GONE]
        assert (lost.sha, lost.body["commits"]) == (tip, [])


def pushed(it: Inside) -> list[Finding]:
    """What came past the gate."""
    with it.context.store.read() as tx:
        return findings.page(tx, kind=FindingKind.PUSHED)


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
