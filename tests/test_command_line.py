"""What every command has in common: how it ends when something is wrong with itself."""

import subprocess
import sys

BROKEN = """
import sys, types, click, bot.cli
module = types.ModuleType("bot.cli.broken")
module.command = click.command()(lambda: {}["nothing"])
sys.modules["bot.cli.broken"] = module
bot.cli.COMMANDS["broken"] = "A command with a fault."
sys.argv = ["signoff", "broken"]
bot.cli.main()
"""


def test_a_fault_of_ours_is_no_answer() -> None:
    """Exit 1 would be a negative answer: a fault is 3, shown whole, and called what it is."""
    ran = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=False)
    assert ran.returncode == 3
    assert "KeyError: 'nothing'" in ran.stderr
    assert "a fault of signoff itself" in ran.stderr
