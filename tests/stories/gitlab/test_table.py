"""The table of this package, held against the stories themselves."""

import ast
import re
from pathlib import Path

from tests.stories import gitlab

HERE = Path(__file__).parent
WANTED = {*range(21, 34), *range(38, 49), 52, 59, 60, 61, 65}


def named() -> dict[str, set[int]]:
    """The scenarios that the docstrings of each file's tests name."""
    found: dict[str, set[int]] = {}
    for path in HERE.glob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tests = (each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"))
        listed = (re.match(r"Scenarios? ([\d, ]+)", ast.get_docstring(each) or "") for each in tests)
        found[path.stem] = {int(number) for each in listed if each for number in re.findall(r"\d+", each[1])}
    return found


def test_every_attack_of_the_list_is_played_by_the_files_that_the_table_names() -> None:
    """Each scenario that must be played on GitLab is named by a story in every file that the table gives for it."""
    told = {
        int(number): set(re.findall(r"test_\w+", files))
        for number, files in re.findall(r"^(\d+)  (.+)$", gitlab.__doc__ or "", re.MULTILINE)
    }
    assert set(told) == WANTED
    assert set().union(*named().values()) >= WANTED
    for number, files in told.items():
        assert files <= {stem for stem, numbers in named().items() if number in numbers}, number
