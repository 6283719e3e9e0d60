"""The record: every decision is in it, and an altered one is found."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bot.service.export import harmless
from tests.stories.world import World


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
    assert [one["account"] for one in entry["body"]["requirements"][0]["counted"]] == [1001]
    assert "grace" not in json.dumps(entry), "names stand apart from the chain"


def test_the_published_check_carries_the_ledgers_head(world: World, tmp_path: Path) -> None:
    """Scenario 68: the forge witnesses the ledger."""
    shown = world.shown(world.opened("jo"))
    lines = exported(world)
    published = json.loads(lines[-1])["hash"]
    assert published in shown["summary"]
    assert check(world, tmp_path, lines, "--published", published).returncode == 0
    assert check(world, tmp_path, lines[:-1], "--published", published).returncode == 1


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
    assert check(world, tmp_path, [*lines, "not json"]).returncode == 2


def test_no_cell_of_the_csv_is_a_formula(world: World) -> None:
    """Scenario 36."""
    world.shown(world.opened("jo"))
    ended = ledger(world, "export", "--format", "csv")
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[0].startswith("seq,at,kind")
    for text in ("=HYPERLINK(1)", "+1", "-1", "@x", " =1", "\t=1"):
        assert harmless(text).startswith("'")
    assert harmless("plain") == "plain"
