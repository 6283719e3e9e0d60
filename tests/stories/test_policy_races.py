"""What meets at the same moment: a newer version is judged by a record that is complete, whoever writes to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.forges.port import FileContent, OpenChange, Snapshot, Step
from bot.model.change import Account
from bot.model.errors import GoneError, TryAgainError
from bot.model.event import PushSeen
from bot.model.ids import AccountId, BlobId, Sha
from bot.model.subject import Repository, Subject
from bot.service import policy_record
from bot.service.policy_record import Source
from bot.service.policy_repository import RepositoryRulebook
from bot.service.provenance import Landing
from bot.store import ChangeRow, Store, changes, due, ledger, open_store, repositories
from tests.stories.policy import DEMOTED, ROSTER, RULES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HERE = Repository("github", 1, "acme/policy", "main", 5)
SEVEN = Subject.change("github", 1, 7)
JO = Account("jo", AccountId(101))


def files(**texts: str) -> dict[str, FileContent]:
    named = {"rules.yaml": texts.get("rules", RULES), "roster.yaml": texts.get("roster", ROSTER)}
    return {path: FileContent(BlobId(str(hash(text))), text.encode()) for path, text in named.items()}


OLD, NEW = files(), files(roster=DEMOTED)


@dataclass
class Branch:
    """A forge with one branch of a few commits. `meanwhile` happens while open changes are listed, `while_asked` once
    while pushes are.
    """

    tip: str = "a"
    commits: dict[str, tuple[tuple[str, ...], Mapping[str, FileContent]]] = field(
        default_factory=lambda: {"a": ((), OLD), "h": (("a",), NEW), "m": (("a", "h"), NEW)}
    )
    pushes: list[str] = field(default_factory=lambda: ["a"])
    meanwhile: Callable[[], None] = lambda: None
    while_asked: Callable[[], None] = lambda: None
    gone: bool = False
    asked: list[str] = field(default_factory=list)
    name: str = "github"

    def read_files(self, repository: Repository, paths: object, at: Sha | None = None) -> Snapshot:
        self.asked.append("read_files")
        if self.gone:
            raise GoneError("it is not there")
        return Snapshot(HERE, Sha(self.tip), self.commits[self.tip][1])

    def fetch_history(self, repository: Repository, starts: list[Sha], paths: object, depth: int = 100):
        self.asked.append("fetch_history")
        told: dict[Sha, Step] = {}
        left = [(start, depth) for start in starts]
        while left:
            sha, more = left.pop()
            parents, held = self.commits[sha]
            told[sha] = Step(sha, tuple(map(Sha, parents)), {path: each.blob for path, each in held.items()})
            left += [(Sha(parent), more - 1) for parent in parents if more > 1]
        return told

    def fetch_pushes(self, repository: Repository, branch: str) -> tuple[PushSeen, ...]:
        self.asked.append("fetch_pushes")
        happens, self.while_asked = self.while_asked, lambda: None
        happens()
        return tuple(
            PushSeen("main", None, Sha(sha), JO, forced=False, at=NOW.replace(second=index))
            for index, sha in enumerate(self.pushes)
        )

    def open_changes(self, repository: Repository) -> Iterator[OpenChange]:
        self.asked.append("open_changes")
        self.meanwhile()
        return iter(())

    def repositories(self, installation: int | None = None) -> Iterator[Repository]:
        return iter((HERE,))

    def merge(self) -> None:
        self.tip = "m"
        self.pushes.append("m")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'signoff.sqlite3'}")
    with store.write() as tx:
        repositories.upsert(tx, HERE)
    yield store
    store.dispose()


def book(forge: Branch, store: Store) -> RepositoryRulebook:
    return RepositoryRulebook(forge, store, lambda: NOW, Source("github", "acme/policy"))  # type: ignore[arg-type]


def recorded(store: Store) -> None:
    """The merge of an allowed change is put on the record, as its evaluation does."""
    with store.write() as tx:
        policy_record.keep_landing(tx, "github", 1, Landing(7, Sha("m"), Sha("h"), 1, (Sha("a"),)))
        changes.close(tx, SEVEN, NOW, "merged")


def opened(store: Store) -> None:
    with store.write() as tx:
        changes.save(tx, ChangeRow(SEVEN, "acme/policy", "T", JO, "u", "open", Sha("h"), "main"))


def kinds(store: Store) -> list[str]:
    with store.read() as tx:
        return [entry.kind for entry in ledger.entries(tx)]


def test_a_merge_that_is_put_on_the_record_while_we_look_is_no_push_past_the_gate(store: Store) -> None:
    forge = Branch()
    rulebook = book(forge, store)
    rulebook.refresh()
    opened(store)
    forge.merge()
    forge.meanwhile = lambda: recorded(store)
    rulebook.refresh()
    assert kinds(store) == ["policy_first", "policy_in_force"]
    assert rulebook.current().fault is None


def test_a_merge_that_is_not_on_the_record_yet_is_waited_for(store: Store) -> None:
    forge = Branch()
    rulebook = book(forge, store)
    rulebook.refresh()
    opened(store)
    forge.merge()
    before = rulebook.current()
    rulebook.refresh()
    assert (kinds(store), rulebook.current()) == (["policy_first"], before)
    with store.read() as tx:
        assert due.stats(tx, NOW).due == 1, "the merged change is evaluated first"
    recorded(store)
    rulebook.refresh()
    assert kinds(store) == ["policy_first", "policy_in_force"]


def test_a_push_is_told_once_however_often_one_looks(store: Store) -> None:
    forge = Branch()
    rulebook = book(forge, store)
    rulebook.refresh()
    forge.merge()
    for _ in range(3):
        rulebook.refresh()
    assert kinds(store) == ["policy_first", "policy_push"]
    assert "pushed past the gate by jo" in str(rulebook.current().fault)
    forge.tip = "a"
    forge.pushes.append("a")
    rulebook.refresh()
    assert rulebook.current().fault is None


def test_a_push_that_comes_back_is_told_once_also_where_the_forge_remembers_no_pushes(store: Store) -> None:
    forge = Branch(pushes=[])
    rulebook = book(forge, store)
    rulebook.refresh()
    for forge.tip in ("m", "a", "m", "a"):
        rulebook.refresh()
    assert kinds(store) == ["policy_first", "policy_push"]


def test_where_nothing_moved_little_is_asked(store: Store) -> None:
    forge = Branch()
    rulebook = book(forge, store)
    rulebook.refresh()
    forge.asked.clear()
    rulebook.refresh()
    assert forge.asked == ["read_files", "fetch_pushes"]
    forge.asked.clear()
    for _ in range(100):
        rulebook.current()
    assert forge.asked == []


def test_another_process_sees_at_once_what_took_force(store: Store) -> None:
    forge = Branch()
    one, other = book(forge, store), book(forge, store)
    one.refresh()
    assert other.current().version == one.current().version
    recorded(store)
    forge.merge()
    other.refresh()
    assert one.current().version == other.current().version
    assert kinds(store) == ["policy_first", "policy_in_force"]


def test_a_repository_that_is_gone_leaves_the_last_version_and_says_so(store: Store) -> None:
    forge = Branch()
    rulebook = book(forge, store)
    rulebook.refresh()
    version = rulebook.current().version
    forge.gone = True
    rulebook.refresh()
    assert rulebook.current().version == version
    assert "cannot be read" in str(rulebook.current().fault)
    forge.gone = False
    rulebook.refresh()
    assert rulebook.current().fault is None


def test_a_version_that_another_process_took_meanwhile_is_not_overwritten(store: Store) -> None:
    forge = Branch()
    one, other = book(forge, store), book(forge, store)
    one.refresh()
    forge.merge()
    recorded(store)
    forge.while_asked = other.refresh
    with pytest.raises(TryAgainError):
        one.accept("ada", "in a hurry")
    assert kinds(store) == ["policy_first", "policy_in_force"]
