"""From observing to enforcing and out again: what would have been held is counted; removal leaves nobody blocked."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stories.conftest import staged
from tests.stories.world import World


def told(world: World, *options: str) -> str:
    """What `signoff rollout` says where the service runs."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SIGNOFF_")} | world.service.environment
    words = [sys.executable, "-m", "bot.cli", "rollout", *options]
    done = subprocess.run(words, cwd=world.service.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rollout(world: World) -> list[dict[str, Any]]:
    """The same for a program."""
    found: list[dict[str, Any]] = json.loads(told(world, "--json"))
    return found


def test_observing_counts_what_would_have_waited_and_removal_blocks_nobody(tmp_path: Path) -> None:
    """Observed: success, and counted. Enforced: held. Retired: the ruleset goes first, then everything merges."""
    with staged(tmp_path) as stage:
        world = stage.with_repository("acme/payments")
        world.edit_file("rules.yaml", "mode: enforce", "mode: observe")
        first = world.opened()
        plain = world.opened(message="Plain", branch="plain", files={"b.txt": "b\n"})
        world.service.until(lambda: world.state(first) == "success", "observing does not block")
        assert "would wait" in world.shown(first)["title"].lower()
        world.settled()
        (line,) = rollout(world)
        assert line == {
            "repository": "acme/payments", "mode": "observe", "changes": 2, "ai": 1, "held": 1, "waiting": 1,
        }  # fmt: skip
        table = told(world)
        assert re.search(r"(?m)^acme/payments +observe +2 +1 +1 +1 *$", table), table
        assert "mode observe: it would have waited; nothing was held" in table
        world.edit_file("rules.yaml", "mode: observe", "mode: enforce")
        world.service.until(lambda: world.state(first) == "waiting", "enforcing holds")
        assert not world.merges(first)

        for ruleset in world.forge.api("GET", "/repos/acme/payments/rulesets", "ada"):
            world.forge.api("DELETE", f"/repos/acme/payments/rulesets/{ruleset['id']}", "ada")
        world.forge.installation("remove", by="ada")
        world.forge.wait_deliveries()
        world.service.settle()
        assert world.merges(first), "an open check that nothing requires keeps nobody from merging"
        assert world.merges(plain)
        assert "Traceback" not in world.service.logged()
