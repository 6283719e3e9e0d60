"""The list of scenarios, held against the tests: what is on it is played, and what a test names is on it."""

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
LIST = TESTS.parent / "docs" / "scenarios.md"
TITLED = 90
"""Case files from this number on, and those of 0, play what the rules can ask for, and no scenario."""


def listed() -> list[int]:
    """The numbers on the list, in its order."""
    return [int(number) for number in re.findall(r"^(\d+)\. ", LIST.read_text(encoding="utf-8"), re.MULTILINE)]


def played() -> set[int]:
    """The numbers that case files begin with, or that the docstring of a test or of its module begins with."""
    found = {int(path.name[:2]) for path in (TESTS / "cases").glob("[0-9]*.yaml")}
    for path in TESTS.rglob("test_*.py"):
        module = ast.parse(path.read_text(encoding="utf-8"))
        nodes = (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.Module))
        for text in filter(None, map(ast.get_docstring, nodes)):
            for numbers in re.findall(r"\b[Ss]cenarios? (\d+(?:(?:, | and )\d+)*)", text):
                found |= {int(number) for number in re.findall(r"\d+", numbers)}
    return {number for number in found if 0 < number < TITLED}


def test_the_scenarios_are_numbered_without_a_gap() -> None:
    """So that a number in a test leads to one line of the list."""
    assert listed() == list(range(1, len(listed()) + 1))
    assert len(listed()) >= 68


def test_every_scenario_is_played_and_every_number_is_on_the_list() -> None:
    """By a case file that begins with its number, or by a test whose docstring names it."""
    assert played() == set(listed())
