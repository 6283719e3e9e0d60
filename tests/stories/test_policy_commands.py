"""The commands that ask the forge or act on the server: accepting a version, filling in ids, reading a team."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.stories.policy import FILES, POLICY, PROMOTED, fault, ledger, policed, unprotect
from tests.stories.world import World
from tests.support.sandbox import Sandbox


@pytest.fixture
def world(forge: Sandbox, tmp_path: Path) -> Iterator[World]:
    """With rules and roster in force."""
    with policed(forge, tmp_path, FILES) as world:
        yield world


def signoff(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with the service's settings."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | world.service.environment
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.run(
        command, cwd=world.service.folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_version_that_was_pushed_can_be_accepted_on_the_server_for_a_reason(world: World) -> None:
    unprotect(world)
    commit = world.forge.push(POLICY, "main", {"roster.yaml": PROMOTED}, "Tidy", by="ada")
    world.settled()
    world.service.until(lambda: "pushed past the gate by ada" in fault(world), "nobody said so")
    assert signoff(world, "rules", "accept").returncode == 2
    assert signoff(world, "rules", "accept", "--reason", " ").returncode == 2
    assert ledger(world, "policy_accepted") == []
    number = world.opened("sam")
    done = signoff(world, "rules", "accept", "--reason", "moved from another host")
    assert done.returncode == 0, done.stderr
    assert commit in done.stdout
    [entry] = ledger(world, "policy_accepted")
    assert (entry["commit"], entry["reason"]) == (commit, "moved from another host")
    assert entry["by"]
    assert fault(world) == ""
    world.settled()
    world.forge.approve(world.repository, number, "jo")
    assert world.state(number) == "success", "Jo is a principal by the accepted version"

    world.forge.push(POLICY, "main", {"rules.yaml": "version: 2\n"}, "Tidy", by="ada")
    broken = signoff(world, "rules", "accept", "--reason", "x")
    assert broken.returncode == 1
    assert "rules.yaml:1:" in broken.stderr
    assert len(ledger(world, "policy_accepted")) == 1


def test_accepting_another_repository_of_the_same_name_pins_it_anew(world: World) -> None:
    world.forge.repo_action(POLICY, "rename", "ada", to="old-policy")
    world.forge.repo(POLICY, FILES | {"roster.yaml": PROMOTED}, collaborators={"ada": "admin"}, private=False)
    world.service.until(lambda: "another repository" in fault(world), "nobody said so")
    assert signoff(world, "rules", "accept", "--reason", "the old one was archived").returncode == 0
    assert fault(world) == ""
    first, accepted = ledger(world, "policy_first"), ledger(world, "policy_accepted")
    assert first[0]["repository"] != accepted[0]["repository"]


def test_there_is_nothing_to_accept_where_rules_are_files(world: World, tmp_path: Path) -> None:
    del tmp_path
    world.service.environment = world.service.environment | {"SIGNOFF_POLICY_REPOSITORY": ""}
    done = signoff(world, "rules", "accept", "--reason", "x")
    assert done.returncode == 2
    assert "are files here" in done.stderr


def test_missing_ids_are_filled_in_and_comments_stay(world: World, tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    text = "version: 1\npeople:\n  # the leads\n  - {name: G, tier: senior, github: {login: grace}}  # hers\n"
    nobody = "  - {name: N, tier: senior, github: {login: nobody-at-all}, gitlab: {username: grace}}\n"
    file.write_text(text + nobody)
    printed = signoff(world, "roster", "resolve", str(file))
    assert printed.returncode == 1
    assert "github: {login: grace, id: 1001}}  # hers" in printed.stdout
    assert "github grace is 1001" in printed.stderr
    assert f"{file}:5: nobody is nobody-at-all on github" in printed.stderr
    assert f"{file}:5: grace was not looked up: gitlab is not configured here" in printed.stderr
    assert "1001" not in file.read_text()
    signoff(world, "roster", "resolve", "--write", str(file))
    assert "  # the leads\n  - {name: G, tier: senior, github: {login: grace, id: 1001}}  # hers\n" in file.read_text()
    file.write_text(text)
    assert signoff(world, "roster", "resolve", "--write", str(file)).returncode == 0
    assert signoff(world, "roster", "check", str(file)).returncode == 0


def test_a_team_becomes_a_roster_file(world: World) -> None:
    world.forge.team("acme", "platform-seniors", ["grace", "linus"])
    done = signoff(world, "roster", "import", "--team", "github:acme/platform-seniors", "--tier", "senior")
    assert done.returncode == 0, done.stderr
    assert "  - name: grace\n    tier: senior\n    github: {login: grace, id: 1001}\n" in done.stdout
    assert "id: 1002" in done.stdout
    assert signoff(world, "roster", "import", "--team", "acme/platform-seniors", "--tier", "senior").returncode == 2
    assert signoff(world, "roster", "import", "--team", "github:acme/nobody", "--tier", "senior").returncode == 3
    assert signoff(world, "roster", "import", "--team", "github:acme/platform-seniors").returncode == 2


def test_one_source_of_rules_is_configured_not_two(world: World) -> None:
    world.service.environment = world.service.environment | {"SIGNOFF_RULES": "rules.yaml"}
    done = signoff(world, "sweep")
    assert done.returncode == 2
    assert "one source, not both" in done.stderr
    assert requests.get(f"{world.service.url}/healthz", timeout=10).ok
