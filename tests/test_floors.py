"""The house: what each floor may import (the contracts stand in pyproject.toml), and who may name a forge."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parent.parent
ABOVE_THE_FORGES = ("model", "gate", "service", "web")
FORGE = re.compile(r"(?<![./])(?:github|gitlab)", re.IGNORECASE)


def _words(module: ast.AST) -> Iterator[str]:
    """Every name and text in a module's code; texts that stand alone are docstrings, which may give examples."""
    alone = {id(node.value) for node in ast.walk(module) if isinstance(node, ast.Expr)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def test_each_floor_imports_only_from_the_floors_under_it() -> None:
    """Who may import whom is in pyproject.toml."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_the_floors_above_the_forges_name_none() -> None:
    """A third forge changes nothing in model, gate, service and web, neither in code nor in templates."""
    modules = [path for floor in ABOVE_THE_FORGES for path in (ROOT / "bot" / floor).rglob("*.py")]
    texts = {path: [*_words(ast.parse(path.read_text(encoding="utf-8")))] for path in modules}
    texts |= {path: [path.read_text(encoding="utf-8")] for path in (ROOT / "bot" / "web").rglob("*.html")}
    assert len(texts) > 100
    named = {
        f"{path.relative_to(ROOT)}: {text}" for path, found in texts.items() for text in found if FORGE.search(text)
    }
    assert named == set()
