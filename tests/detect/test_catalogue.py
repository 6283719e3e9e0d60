"""The catalogue is data: checked on load, edited by a site word by word, and shown on a page that is current."""

import runpy
import sys
from pathlib import Path

import pytest

from bot import detect
from bot.detect import load, page
from bot.detect.marks import Kind, ToolRole
from bot.model.errors import BadInputError
from bot.model.evidence import AiClass
from bot.model.policy import CatalogueEdit
from tests.detect.making import commit

ROOT = Path(__file__).parents[2]


def with_edit(*add: tuple[str, str, str], remove: tuple[tuple[str, str, str], ...] = ()) -> detect.Catalogue:
    return detect.catalogue(CatalogueEdit(add=add, remove=remove))


def test_the_page_in_the_docs_is_current() -> None:
    assert (ROOT / "docs" / "catalogue.md").read_text(encoding="utf-8") == page.page(load.packaged()), (
        "run: python -m bot.detect.page > docs/catalogue.md"
    )


def test_the_page_is_printed_by_its_module(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bot.detect.page")
    runpy.run_module("bot.detect.page", run_name="__main__")
    assert capsys.readouterr().out == page.page(load.packaged())


def test_every_mark_of_every_tool_is_on_the_page() -> None:
    text = page.page(load.packaged()).replace("\\|", "|")
    for tool in load.packaged().tools:
        assert tool.name in text
        assert all(mark in text for kind in Kind for mark in tool.of(kind))


def test_every_mailbox_and_account_is_found_as_a_co_author() -> None:
    catalogue = detect.catalogue()
    for tool in load.packaged().tools:
        boxes = [box for box in tool.of(Kind.MAILBOXES) if "<" not in box]
        boxes += [f"{account}@users.noreply.github.com" for account in tool.of(Kind.ACCOUNTS)]
        for box in boxes:
            evidence = detect.examine_commit(commit(f"Add\n\nCo-authored-by: X <{box}>"), catalogue)
            classes = {each.ai_class for each in evidence}
            assert classes == (set() if tool.role is ToolRole.AUTOMATION else {tool.role.as_helper}), box


def test_the_catalogue_has_a_version_and_is_made_once() -> None:
    assert detect.catalogue().version
    assert detect.catalogue() is detect.catalogue(CatalogueEdit())


def test_a_site_adds_a_tool_of_its_own() -> None:
    catalogue = with_edit(("Acme Coder", "mailboxes", "coder@acme.example"), ("Acme Coder", "names", "acme coder"))
    for message in ("Add\n\nCo-authored-by: A <coder@acme.example>", "Add\n\nAssisted-by: Acme Coder"):
        evidence = detect.examine_commit(commit(message), catalogue)
        assert [(each.tool, each.ai_class) for each in evidence] == [("Acme Coder", AiClass.AI_ASSISTED)]


def test_a_site_lists_automation_of_its_own() -> None:
    catalogue = with_edit(("Release Bot", "mailboxes", "release@acme.example"), ("Release Bot", "role", "automation"))
    evidence = detect.examine_commit(commit(author="Release <release@acme.example>"), catalogue)
    assert detect.classify(evidence) is AiClass.AUTOMATION


def test_a_site_takes_a_mark_away() -> None:
    catalogue = with_edit(remove=(("Crush", "mailboxes", "crush@charm.land"), ("Crush", "names", "crush")))
    evidence = detect.examine_commit(commit("Add\n\nCo-authored-by: X <crush@charm.land>"), catalogue)
    assert evidence == ()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (CatalogueEdit(add=(("Claude Cod", "mailboxes", "a@example.com"),)), "did you mean 'Claude Code'?"),
        (CatalogueEdit(add=(("Acme", "mailbox", "a@example.com"),)), "did you mean 'mailboxes'?"),
        (CatalogueEdit(add=(("Acme", "mailboxes", "  "),)), "an empty mark"),
        (CatalogueEdit(add=(("Acme", "role", "automatic"),)), "did you mean 'automation'?"),
        (CatalogueEdit(add=(("Acme", "zzz", "a"),)), "there are: mailboxes, accounts"),
        (CatalogueEdit(remove=(("Crash", "names", "crush"),)), "did you mean 'Crush'?"),
        (CatalogueEdit(remove=(("Qwertz", "names", "x"),)), "unknown tool 'Qwertz'"),
        (CatalogueEdit(remove=(("Crush", "names", "crash"),)), "did you mean 'crush'?"),
        (CatalogueEdit(remove=(("Crush", "nams", "crush"),)), "did you mean 'names'?"),
    ],
)
def test_a_wrong_word_in_an_edit_is_refused_with_the_nearest_right_one(edit: CatalogueEdit, said: str) -> None:
    assert any(said in fault for fault in detect.check_edit(edit))
    with pytest.raises(BadInputError, match=r"detection\.catalogue"):
        detect.catalogue(edit)


def test_taking_a_role_away_changes_nothing() -> None:
    assert detect.check_edit(CatalogueEdit(remove=(("Crush", "role", "author"),))) == ()
    assert with_edit(remove=(("Crush", "role", "author"),)).tools["Crush"].role is ToolRole.AUTHOR


def test_a_slip_in_the_catalogue_itself_fails_with_every_place() -> None:
    text = """
version: 1
shared_accounts: []
personal_names: []
product_names: []
first_names: []
vocabulary: []
questions: []
tools:
  - {name: A, role: author, source: seen, mailbox: [x]}
  - {name: B, role: writer, source: seen, names: [" "]}
  - {name: a, role: author, source: seen}
"""
    with pytest.raises(BadInputError) as error:
        load.parse(text)
    for part in (
        "A: unknown kind of mark 'mailbox'",
        "B: an empty mark under names",
        "'writer' is not a valid",
        "a: listed twice",
    ):
        assert part in str(error.value)
