"""The record: every decision is in it, and an altered one is found."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.service.export import harmless
from bot.store.canonical import dumps
from bot.store.ledger.chain import GENESIS, Entry, chained, content
from tests.stories.world import TRAILER, World


def ledger(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `signoff ledger …` as the service's administrator."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | world.service.environment
    command = [sys.executable, "-m", "bot.cli", "ledger", *arguments]
    return subprocess.run(
        command, cwd=world.service.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def exported(world: World) -> list[str]:
    """The lines of an export."""
    ended = ledger(world, "export")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def check(world: World, tmp_path: Path, lines: list[str], *more: str) -> subprocess.CompletedProcess[str]:
    """Verify some lines offline."""
    file = tmp_path / "export.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    return ledger(world, "verify", str(file), *more)


def test_a_decision_is_on_the_record_with_what_it_rests_on(world: World) -> None:
    number = world.opened("jo")
    world.forge.approve(world.repository, number, "grace")
    assert world.state(number) == "success"
    entries = [json.loads(line) for line in exported(world)]
    entry = [each for each in entries if each["kind"] == "decision"][-1]
    assert entry["body"]["verdict"] == "allow"
    assert entry["body"]["head"] == world.forge.head(world.repository, number)
    (counted,) = entry["body"]["requirements"][0]["counted"]
    head = world.forge.head(world.repository, number)
    assert (counted["account"], counted["head"], counted["carried_from"]) == (1001, head, None)
    assert "grace" not in json.dumps(entry), "names stand apart from the chain"
    world.forge.amend(world.repository, "retry", f"Say it better\n\n{TRAILER}", by="jo")
    assert world.state(number) == "success"
    entry = [each for each in map(json.loads, exported(world)) if each["kind"] == "decision"][-1]
    (counted,) = entry["body"]["requirements"][0]["counted"]
    assert (counted["head"], counted["carried_from"]) == (head, head), "the head that it was given for"
    assert len(counted["patch"]) == 64, "and what that added"


def test_the_published_check_carries_the_ledgers_head(world: World, tmp_path: Path) -> None:
    """Scenario 68: the forge witnesses the ledger."""
    shown = world.shown(world.opened("jo"))
    lines = exported(world)
    published = json.loads(lines[-1])["hash"]
    assert published in shown["summary"]
    assert check(world, tmp_path, lines, "--published", published).returncode == 0
    assert check(world, tmp_path, lines[:-1], "--published", published).returncode == 1


def rewritten(database: Path) -> int:
    """Alter an entry as whoever administers the bot can: every hash after it is made to fit. Its number."""
    with closing(sqlite3.connect(database)) as tx:
        rows = tx.execute("SELECT seq, at, kind, subject, body, hash FROM ledger ORDER BY seq").fetchall()
        first = next(row[0] for row in rows if row[2] == "decision")
        entries = [
            Entry(seq, moment(at), kind, about, json.loads(body), hash_) for seq, at, kind, about, body, hash_ in rows
        ]
        previous = GENESIS
        for each in entries:
            body = {**each.body, "verdict": "allow"} if each.seq == first else each.body
            previous = chained(previous, content(each.seq, each.at, each.kind, each.subject, body))
            tx.execute("UPDATE ledger SET body = ?, hash = ? WHERE seq = ?", (dumps(body), previous, each.seq))
        tx.execute("UPDATE ledger_head SET hash = ?", (previous,))
        tx.execute("DELETE FROM records WHERE name LIKE 'ledger/%'")
        tx.commit()
    return int(first)


def moment(text: str) -> datetime:
    """A time of the database."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_ledger_that_was_rewritten_with_all_its_hashes_is_told_by_the_checks_on_the_forge(
    own: World, tmp_path: Path
) -> None:
    """Scenario 68: the administrator rewrites it and holds the key; what was published before cannot be taken back."""
    own.settled()
    own.shown(own.opened("jo"))
    number = own.opened("sam", "Plain", branch="plain", files={"plain.txt": "1\n"})
    assert own.state(number) == "success"
    export = tmp_path / "before.jsonl"
    export.write_text("".join(f"{line}\n" for line in exported(own)))
    told = ledger(own, "verify", "--forge")
    assert (told.returncode, "2 of their checks carry" in told.stdout) == (0, True), told.stderr
    assert ledger(own, "verify", str(export), "--forge").returncode == 0
    own.service.stop()
    rewritten(tmp_path / "signoff.sqlite3")
    assert ledger(own, "verify").returncode == 0, "the chain itself fits"
    told = ledger(own, "verify", "--forge")
    assert told.returncode == 1
    assert f"which the check on {own.repository}#{number} carries" in told.stderr
    own.service.start()
    own.settled()
    own.service.until(
        lambda: own.service.labelled('signoff_findings_open{kind="ledger"}') == 1, "the service did not notice"
    )
    listed = own.service.command("watch", "list")
    assert listed.returncode == 1
    assert "which the ledger does not have" in listed.stdout


def test_what_was_verified_is_named_by_its_head(world: World, tmp_path: Path) -> None:
    world.shown(world.opened("jo"))
    lines = exported(world)
    head = json.loads(lines[-1])["hash"]
    assert f"head {head}" in ledger(world, "verify").stdout
    offline = check(world, tmp_path, lines)
    assert f"head {head}" in offline.stdout
    assert "--published" in offline.stdout, "a missing end does not show by itself"
    assert "missing" not in check(world, tmp_path, lines, "--published", head[:12]).stdout
    assert check(world, tmp_path, lines, "--published", head[:12]).returncode == 0
    assert check(world, tmp_path, lines[:-1], "--published", head[:12]).returncode == 1
    for unusable in (head[:11], "no hash at all", ""):
        assert check(world, tmp_path, lines, "--published", unusable).returncode == 2
    nothing = check(world, tmp_path, [])
    assert (nothing.returncode, "holds no entry" in nothing.stderr) == (1, True)


def test_without_a_database_the_path_and_the_setting_are_named(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")}
    for word in ("export", "verify"):
        command = [sys.executable, "-m", "bot.cli", "ledger", word]
        ended = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 2
        assert "var/signoff.sqlite3" in ended.stderr
        assert "SIGNOFF_DATABASE_URL" in ended.stderr
    assert not list(tmp_path.iterdir()), "nothing is made by looking"


def test_a_removed_changed_or_moved_entry_is_named(world: World, tmp_path: Path) -> None:
    """Scenario 49."""
    for index in range(3):
        world.settled()
        world.opened("jo", branch=f"b{index}")
    world.settled()
    lines = exported(world)
    assert ledger(world, "verify").returncode == 0
    assert check(world, tmp_path, lines).returncode == 0
    removed = check(world, tmp_path, lines[:-2] + lines[-1:])
    assert removed.returncode == 1
    assert f"entry {len(lines) - 1}" in removed.stderr
    altered = [*lines[:-1], lines[-1].replace('"hold"', '"allow"')]
    assert check(world, tmp_path, altered).returncode == 1
    assert check(world, tmp_path, [*lines[:-2], lines[-1], lines[-2]]).returncode == 1
    assert check(world, tmp_path, [*lines, "not json"]).returncode == 1


def test_no_cell_of_the_csv_is_a_formula(world: World) -> None:
    """Scenario 36."""
    world.shown(world.opened("jo"))
    ended = ledger(world, "export", "--format", "csv")
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0].startswith("seq,at,kind")
    for text in ("=HYPERLINK(1)", "+1", "-1", "@x", " =1", "\t=1"):
        assert harmless(text).startswith("'")
    assert harmless("plain") == "plain"
