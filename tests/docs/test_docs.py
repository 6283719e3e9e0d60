"""Every command in the docs for people is run as it stands there, and every snippet is read as what it says it is."""

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from bot import detect, gate, rules
from bot.rules.expectation import differences
from bot.store import ledger, open_store
from tests.docs import gallery
from tests.web.site import decided

ROOT = Path(__file__).parents[2]
PAGES = ("developers", "seniors", "leads", "auditors")
TEXTS = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in PAGES}
HEAD = (
    "version: 1\ntiers: [junior, mid, senior, staff, principal]\nunknown_author: junior\nzones: {data: {paths: data}}\n"
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def blocks(page: str, kind: str) -> list[str]:
    """The fenced blocks of a kind on a page."""
    return [text for name, text in FENCE.findall(TEXTS[page]) if name == kind]


def snippets(kind: str) -> list[tuple[str, str]]:
    """The blocks of a kind on all pages."""
    return [(page, text) for page in PAGES for text in blocks(page, kind)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the commands run: a repository with a commit that discloses AI, rules, roster, a case, and a ledger."""
    place = tmp_path_factory.mktemp("docs")

    def git(*command: str) -> None:
        who = [f"GIT_{role}_{part}" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")]
        identity = dict(zip(who, ["Jo Example", "jo@example.com"] * 2, strict=True))
        subprocess.run(["git", *command], cwd=place, check=True, capture_output=True, env={**os.environ, **identity})

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "Begin")
    git("checkout", "-q", "-b", "retry")
    (place / "pay.py").write_text("def pay():\n    return 2\n")
    git("add", "pay.py")
    git("commit", "-q", "-m", "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    for name in ("rules.yaml", "roster.yaml"):
        shutil.copy(ROOT / name, place)
    (place / "change.yaml").write_text(blocks("seniors", "yaml")[0])
    (place / "var").mkdir()
    store = open_store(f"sqlite:///{place}/var/signoff.sqlite3")
    with store.write() as tx:
        ledger.append(tx, "override", "github/1/change/7", {"by": 1009, "reason": "the shop was down"}, NOON)
    store.dispose()
    return place


def asked(page: str) -> list[tuple[str, str]]:
    """The commands of a page, each with what it is said to print."""
    told = "".join(blocks(page, "console"))
    return [(command, shown) for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", told, re.MULTILINE)]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_does_what_the_page_shows(page: str, folder: Path) -> None:
    """`...` stands for anything, on a line of its own for any lines. No command is misused."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNOFF_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    for command, shown in asked(page):
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = ran.stdout + ran.stderr
        assert ran.returncode in {0, 1, 3}, f"{command}\n{said}"
        lines = (r"(?:.*\n)*" if line.strip() == "..." else _like(line) + r"\n" for line in shown.splitlines())
        assert re.fullmatch("".join(lines), said), f"{page}: $ {command}\n{said}"


def _like(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("..."))


def test_every_page_but_that_of_the_seniors_shows_several_commands() -> None:
    """So that the test above cannot pass by finding nothing."""
    assert {page: len(asked(page)) for page in PAGES} == {"developers": 2, "seniors": 1, "leads": 3, "auditors": 4}


@pytest.mark.parametrize(("page", "text"), snippets("yaml"))
def test_every_snippet_is_read(page: str, text: str) -> None:
    """As a case, which then is decided as it expects; a roster; or a part of the rules."""
    del page
    if text.startswith("change:"):
        case = rules.load_case(text.encode(), "case.yaml", lambda name: (ROOT / name).read_bytes())
        found = detect.examine(case.change, case.policy.detection)
        decision = gate.decide(case.change, found, case.memory, case.policy, case.roster, case.now)
        assert case.expect
        assert list(differences(case.expect, gate.as_json(decision))) == []
    elif "people:" in text:
        assert rules.load_roster({"roster.yaml": text.encode()}, rules.packaged_policy()).people
    else:
        assert rules.load_policy((HEAD + text).encode(), "rules.yaml").requirements


def test_every_comment_that_is_shown_is_a_command() -> None:
    """Those in fences, and those in tables: the gate reads each as what it is."""
    shown = [text for _, text in snippets("text")]
    shown += [said for text in TEXTS.values() for said in re.findall(r"^\| `(/signoff [^`]*)`", text, re.MULTILINE)]
    assert len(shown) >= 9
    for text in shown:
        read = gate.commands.read(text)
        assert len(read) == 1
        assert read[0].verb is not None, text


def test_the_auditors_page_names_every_kind_of_entry() -> None:
    """All that the service appends to the ledger: by name, or by what somebody said in a comment."""
    service = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "service").glob("*.py"))
    written = set(re.findall(r'(?:ledger\.append\(tx, |self\._take\()"([\w-]+)"', service))
    said = {each.__name__.lower() for each in get_args(get_type_hints(gate.commands.Accepted)["record"])} - {"recheck"}
    assert {"policy_push", "policy_first", "decision"} <= written
    assert len(said) >= 5
    _, _, table = TEXTS["auditors"].partition("## Every kind of entry")
    rows = re.findall(r"^\| (`.*?) \|", table.partition("\n## ")[0], re.MULTILINE)
    assert {kind for row in rows for kind in re.findall(r"`([\w-]+)`", row)} == written | said


def test_the_gallery_is_current() -> None:
    """`make docs` renews it."""
    assert (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8") == gallery.page(), "run: make docs"


def test_the_gallery_shows_every_reason_there_is() -> None:
    """Every verdict, every class, every alarm."""
    found = [decided(f"{name}.yaml")[1] for name in gallery.SHOWN.values()]
    assert {each.verdict.value for each in found} == {"allow", "hold", "unknown"}
    assert {each.ai_class.value for each in found} >= {
        "agent-authored", "ai-assisted", "ai-reviewed-only", "automation", "none-disclosed",
    }  # fmt: skip
    codes = {reason.code for each in found for reason in each.reasons}
    assert codes >= {"incomplete", "no_commits", "no_requirements", "empty_roster", "unguarded", "override", "cleared"}


def anchors(page: Path) -> set[str]:
    """What links can name on a page: its headings, as forges write them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_of_a_page_leads_somewhere() -> None:
    """To a file that is there, and a heading that it has; of every page that people read."""
    pages = [path for folder in (".", "docs", "deploy", ".github") for path in (ROOT / folder).glob("*.md")]
    links = [
        (page, *target.partition("#")[::2])
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 50
    for page, name, anchor in links:
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), (page.name, name)
        assert not anchor or anchor in anchors(target), (page.name, name, anchor)
