"""The ledger is a chain: whatever was done to it afterwards is named."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from bot.cli.ledger import command
from bot.store import Store, Tx, ledger
from tests.store.nouns import EIGHT, NOON, SEVEN, at


def filled(tx: Tx, count: int = 5) -> list[dict[str, Any]]:
    """A ledger of some entries, as an export."""
    for number in range(count):
        ledger.append(tx, "decided", SEVEN.key, {"number": number, "title": "ünï\x00\ud800"}, at(number))
    return [entry.exported() for entry in ledger.entries(tx)]


def test_an_empty_ledger_is_whole(tx: Tx) -> None:
    assert ledger.head(tx) == (0, ledger.GENESIS)
    assert ledger.verify([]) is None


def test_the_hash_of_an_entry_can_be_computed_by_anybody(tx: Tx) -> None:
    """The text that is hashed, spelled out: it must never change."""
    entry = ledger.append(tx, "decided", "github/1/change/7", {"b": [1, True, None], "a": "é"}, NOON)
    covered = (
        r'{"at":"2026-11-20T12:00:00.000000Z","body":{"a":"\u00e9","b":[1,true,null]},'
        r'"kind":"decided","seq":1,"subject":"github/1/change/7"}'
    )
    assert entry.hash == sha256(f"{'0' * 64}\n{covered}".encode("ascii")).hexdigest()
    assert ledger.head(tx) == (1, entry.hash)


def test_what_was_written_is_whole_and_comes_back_as_it_was(tx: Tx) -> None:
    exported = filled(tx)
    assert [entry["body"]["title"] for entry in exported] == ["ünï\x00\ud800"] * 5
    assert ledger.verify(exported, anchors=dict([ledger.head(tx)])) is None
    assert ledger.verify(exported[2:], after=(2, exported[1]["hash"])) is None


def changed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*entries[:2], {**entries[2], "body": {"number": 9}}, *entries[3:]]


def rehashed(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    entry = {**entries[2], "body": {"number": 9}}
    covered = {name: entry[name] for name in ("seq", "at", "kind", "subject", "body")}
    return [*entries[:2], {**entry, "hash": ledger.chain.chained(entries[1]["hash"], covered)}, *entries[3:]]


@pytest.mark.parametrize(
    ("damage", "seq"),
    [
        pytest.param(changed, 3, id="a body was changed"),
        pytest.param(rehashed, 4, id="a body was changed and its hash made to fit"),
        pytest.param(lambda all_: all_[:2] + all_[3:], 3, id="one was removed"),
        pytest.param(lambda all_: all_[1:], 1, id="the first was removed"),
        pytest.param(lambda all_: [all_[0], all_[2], all_[1], *all_[3:]], 2, id="two were exchanged"),
        pytest.param(lambda all_: [*all_[:2], all_[1], *all_[2:]], 3, id="one was doubled"),
        pytest.param(lambda all_: all_[:-1], 5, id="the end was cut off"),
        pytest.param(lambda all_: [*all_[:3], {**all_[3], "at": at(99).isoformat()}, all_[4]], 4, id="a time changed"),
        pytest.param(lambda all_: [*all_[:3], {**all_[3], "kind": "opened"}, all_[4]], 4, id="a kind changed"),
        pytest.param(lambda all_: [*all_[:3], {**all_[3], "subject": EIGHT.key}, all_[4]], 4, id="a subject changed"),
        pytest.param(lambda all_: [*all_[:3], {"seq": 4}, all_[4]], 4, id="one is not whole"),
        pytest.param(lambda all_: [*all_[:3], {**all_[3], "body": {"a": 0.5}}, all_[4]], 4, id="a float"),
        pytest.param(lambda all_: [{**all_[0], "seq": True}, *all_[1:]], 1, id="a number of another type"),
    ],
)
def test_what_was_done_to_it_is_named(tx: Tx, damage: Any, seq: int) -> None:
    exported = filled(tx)
    fault = ledger.verify(damage(exported), anchors=dict([ledger.head(tx)]))
    assert fault is not None
    assert (fault.seq, f"entry {seq} " in fault.text) == (seq, True)


def test_a_number_that_was_skipped_is_named_though_all_hashes_fit(tx: Tx) -> None:
    exported = filled(tx, 2)
    covered = {name: exported[1][name] for name in ("at", "kind", "subject", "body")} | {"seq": 3}
    exported[1] = covered | {"hash": ledger.chain.chained(exported[0]["hash"], covered)}
    fault = ledger.verify(exported)
    assert fault == ledger.Fault(2, "entry 2 is missing or moved: 3 stands in its place")


def test_a_rewritten_chain_is_known_by_a_hash_that_was_published(tx: Tx) -> None:
    exported = filled(tx)
    fault = ledger.verify(exported, anchors={3: "f" * 64})
    assert fault is not None
    assert (fault.seq, "rewritten" in fault.text) == (3, True)


def test_an_old_backup_is_known_by_a_hash_that_was_published(tx: Tx) -> None:
    fault = ledger.verify(filled(tx), anchors={9: "f" * 64})
    assert fault == ledger.Fault(6, "entry 6 is missing: entry 9 was published")


def test_an_entry_changed_in_the_database_is_named(store: Store) -> None:
    with store.write() as tx:
        filled(tx)
    with store.write() as tx:
        tx.execute(text("UPDATE ledger SET body = '{}' WHERE seq = 3"))
    with store.read() as tx:
        fault = ledger.verify(entry.exported() for entry in ledger.walk(tx, page=2))
    assert fault is not None
    assert fault.seq == 3


@pytest.mark.parametrize("body", [{"a": 0.5}, {"a": [NOON]}, {1: "a"}, {"a": {"b": {2}}}])
def test_a_body_without_one_text_is_refused(tx: Tx, body: Any) -> None:
    with pytest.raises(TypeError):
        ledger.append(tx, "decided", None, body, NOON)
    assert ledger.head(tx) == (0, ledger.GENESIS)


def test_entries_are_found_by_what_they_are_about(tx: Tx) -> None:
    ledger.append(tx, "decided", SEVEN.key, {}, at(0))
    ledger.append(tx, "decided", EIGHT.key, {}, at(1))
    ledger.append(tx, "overridden", SEVEN.key, {}, at(2))
    ledger.append(tx, "started", None, {}, at(3))

    def numbers(**filters: Any) -> list[int]:
        return [entry.seq for entry in ledger.entries(tx, **filters)]

    assert numbers() == [1, 2, 3, 4]
    assert numbers(after=1, limit=2) == [2, 3]
    assert numbers(kind="decided") == [1, 2]
    assert numbers(subject=SEVEN.key) == [1, 3]
    assert numbers(since=at(1), until=at(3)) == [2, 3]
    assert numbers(newest_first=True, limit=2) == [4, 3]
    assert numbers(newest_first=True, after=3) == [2, 1]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"seq": 3, "at"', "export.jsonl:3: this line is no JSON"),
        ("", "export.jsonl:3: this line is no JSON"),
        ("\x00\xff", "export.jsonl:3: this line is no JSON"),
        ("[" * 100_000, "export.jsonl:3: this line is no JSON"),
        ("[3]", "export.jsonl:3: this line is no entry of a ledger"),
        ("{}", "entry 3: entry 3 is not whole"),
    ],
)
def test_a_garbled_line_of_an_export_is_a_negative_answer_that_names_it(
    tx: Tx, tmp_path: Path, line: str, told: str
) -> None:
    """Somebody altered the record: that is an answer, and no misuse of the command."""
    lines = [json.dumps(each) for each in filled(tx)]
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join([*lines[:2], line, *lines[3:]]) + "\n", encoding="latin-1")
    ended = CliRunner().invoke(command, ["verify", str(file)], standalone_mode=False)
    assert ended.return_value == 1, ended.exception
    assert ended.stderr.startswith("BAD at ")
    assert told in ended.stderr
