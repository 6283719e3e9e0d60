"""Single signs: what each kind of signal takes for evidence, and what it leaves alone."""

import pytest

from bot import detect
from bot.detect.polarity import answer
from bot.detect.quoting import without_comments, without_quotes
from bot.detect.subject import Subject, Text
from bot.detect.text import clean, quote
from bot.model.evidence import AiClass, Strength
from bot.model.policy import CatalogueEdit, DetectionRules
from tests.detect.making import CATALOGUE, change, class_of, commit, found, strong_enough

CLAUDE = "Claude <noreply@anthropic.com>"


def test_every_kind_of_signal_takes_any_subject() -> None:
    message = f"Add\n\nCo-authored-by: {CLAUDE}\n\nAbout copilot."
    for find in detect.DETECTORS.values():
        in_commit = Subject(Text(message, CATALOGUE), CATALOGUE, commit=commit(message))
        in_change = Subject(Text(message, CATALOGUE), CATALOGUE, change=change())
        by_automation = Subject(Text(message, CATALOGUE), CATALOGUE, commit=commit(message), trailers_only=True)
        for subject in (in_commit, in_change, by_automation):
            assert all(each.quote for each in find(subject))


def test_evidence_says_where_it_stands_and_quotes_it() -> None:
    (only,) = found(f"Add\n\nCo-Authored-By: {CLAUDE}\n")
    assert (only.where, only.quote) == ("commit a1b2c3d, trailer Co-Authored-By", f"Co-Authored-By: {CLAUDE}")
    assert (only.detector, only.tool, only.strength) == ("identities", "Claude Code", Strength.STRONG)


@pytest.mark.parametrize(
    ("message", "strength"),
    [
        (f"Add\n\nCo-authored-by: {CLAUDE}", Strength.STRONG),
        ("Add\n\nCopilot-Session: 1", Strength.STRONG),
        ("Add\n\nAssisted-by: Claude Code", Strength.STRONG),
        ("Add\n\nGenerated-by: Claude Code", Strength.STRONG),
        ("Add\n\n- [x] AI took part in this change", Strength.STRONG),
        ("Add\n\nGenerated with Claude Code", Strength.MEDIUM),
        ("Add\n\nCo-authored-by: Claude Code", Strength.MEDIUM),
        ("Add\n\nWritten by Claude Code", Strength.MEDIUM),
        ("Add a test for GitHub Copilot", Strength.WEAK),
    ],
)
def test_each_sign_has_its_strength(message: str, strength: Strength) -> None:
    assert [each.strength for each in found(message)] == [strength]


def test_one_account_id_of_many_workflows_is_told_apart_by_its_login() -> None:
    shared = "41898282+{}@users.noreply.github.com"
    assert class_of(author=f"x <{shared.format('claude[bot]')}>") is AiClass.AGENT_AUTHORED
    assert class_of(author=f"x <{shared.format('github-actions[bot]')}>") is AiClass.AUTOMATION
    assert class_of(author=f"x <{shared.format('somebody')}>") is AiClass.NONE_DISCLOSED


def test_automation_as_committer_or_reviewer_is_no_evidence() -> None:
    assert found(committer="github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>") == ()
    assert found("Add\n\nReviewed-by: renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>") == ()


def test_an_agent_as_author_and_committer_is_named_once() -> None:
    assert len(found(author=CLAUDE, committer=CLAUDE)) == 1


def test_a_tool_listed_as_automation_by_a_site_is_no_ai_wherever_it_is_named() -> None:
    add = (("Acme Bot", "names", "acmebot"), ("Acme Bot", "role", "automation"))
    catalogue = detect.catalogue(CatalogueEdit(add=add))
    for line in ("Generated with acmebot", "Assisted-by: acmebot", "Found by acmebot", "Co-authored-by: acmebot"):
        evidence = detect.examine_commit(commit(f"Add\n\n{line}"), catalogue)
        assert detect.classify(evidence) is AiClass.NONE_DISCLOSED, line


def test_an_account_can_be_added_by_its_number_alone() -> None:
    catalogue = detect.catalogue(CatalogueEdit(add=(("Acme Coder", "accounts", "987654321"),)))
    evidence = detect.examine_commit(commit(author="x <987654321+renamed@users.noreply.github.com>"), catalogue)
    assert [each.tool for each in evidence] == ["Acme Coder"]


@pytest.mark.parametrize(
    ("value", "tool"),
    [
        ("Claude Opus 4.5 via Crush", "Crush"),
        ("Zephyr Prime via Crush", "Crush"),
        ("via Crush", "Crush"),
        ("Crush:auto", "Crush"),
        ("crush:[whatever it is]", "Crush"),
        ("AGENT_NAME:MODEL_VERSION", "an AI tool"),
        ("https://example.com/AI-policy", "an AI tool"),
        ("https://example.com/policy", None),
        ("Claude Code, and Sam reviewed", "Claude Code"),
        ("a b c d e f g h i j k l m n o p q r s t u v w x y z", None),
        ("...", None),
    ],
)
def test_the_value_of_assisted_by_names_a_tool_or_not(value: str, tool: str | None) -> None:
    assert [each.tool for each in strong_enough(f"Add\n\nAssisted-by: {value}")] == ([tool] if tool else [])


def test_a_colon_far_into_a_line_makes_no_trailer() -> None:
    assert found("a" * 60 + f": b\n\n{'b' * 60}: Co-authored-by: {CLAUDE}") == ()


def test_executed_by_names_an_agent_or_not() -> None:
    assert class_of("Add\n\nExecuted-By: codex") is AiClass.AI_ASSISTED
    assert class_of("Add\n\nExecuted-By: Sam Example (CEO)") is AiClass.NONE_DISCLOSED


def test_a_session_that_is_answered_with_no_is_none() -> None:
    assert class_of("Add\n\nClaude-Session: none") is AiClass.NONE_DISCLOSED
    assert class_of("Add\n\nSee https://claude.ai/code/session_1 for how") is AiClass.NONE_DISCLOSED


def test_a_session_alone_as_subject_is_found_but_an_everyday_word_is_no_key_there() -> None:
    assert class_of("Claude-Session: https://claude.ai/code/session_1") is AiClass.AI_ASSISTED
    assert class_of("ai: Claude Code") is AiClass.NONE_DISCLOSED


def test_the_first_aider_releases_left_a_transcript() -> None:
    assert class_of("Update readme\n\n# Context:\nUSER: add a section\nASSISTANT: Here it is") is AiClass.AI_ASSISTED
    assert class_of("Update readme\n\nUSER: is the column's name") is AiClass.NONE_DISCLOSED


def test_prose_counts_only_where_it_says_that_a_tool_wrote_it() -> None:
    assert class_of("Add\n\nThe framework, automatically generated by ChatGPT.") is AiClass.AI_ASSISTED
    assert class_of("Add\n\nThe list is generated by hand, mostly by Sam.") is AiClass.NONE_DISCLOSED
    assert class_of("Add\n\nİ Found by Codex Security.") is AiClass.AI_REVIEWED_ONLY
    assert class_of("Add\n\nFound by Sam.") is AiClass.NONE_DISCLOSED
    assert class_of("Add\n\n🤖 made with love") is AiClass.NONE_DISCLOSED
    assert class_of("Add\n\nplain " * 400 + "written by ChatGPT") is AiClass.NONE_DISCLOSED
    assert class_of("x " * 800 + "written by ChatGPT") is AiClass.NONE_DISCLOSED


def test_a_value_goes_on_while_lines_are_indented_and_stops_at_the_next_trailer() -> None:
    folded = "Add\n\nAssisted-by: Claude\n  Code\n  (opus)\n  high\n  x\n  not read any more\n"
    assert [each.quote for each in found(folded)] == ["Assisted-by: Claude Code (opus) high x"]
    followed = "Add\n\nAssisted-by:\nSigned-off-by: Jo Example <jo@example.com>\n"
    assert found(followed) == ()
    assert found("Add\n\nAssisted-by:\n\n") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yes", True), ("Yes, mostly", True), ("x", True), ("no", False), ("No.", False), ("n/a", False),
        ("N/A", False), ("none", False), ("- no -", False), ("...", False), ("_", False), ("", None), ("   ", None),
        ("I did NOT", False), ("did not use it", False), ("notably", None), ("0", False), ("no 5", None),
        ("Claude", None),
    ],
)  # fmt: skip
def test_yes_and_no_are_told_apart_and_doubt_is_no_answer(text: str, said: bool | None) -> None:
    assert answer(text) is said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n> b\nc", "a\n\nc"),
        ("```\na\n```\nb", "\n\n\nb"),
        ("```\na\n```text\nb", "```\na\n```text\nb"),
        ("```\na\n~~~\nb\n```\n~~~\nc", "\n\n\n\n\n\nc"),
        ("a <pre>b <PRE class=x>c</pre> d</pre> e", "a  e"),
        ("a </pre> b", "a </pre> b"),
        ("a <pre> b", "a <pre> b"),
        ("    > b", ""),
        ("<pre>\n```\na\n```\n</pre> b", "\n\n\n\n b"),
    ],
)
def test_what_is_quoted_is_blanked_and_lines_keep_their_numbers(text: str, left: str) -> None:
    """Scenario 6: block quotes, fences and quoting elements say nothing; what is not closed quotes nothing."""
    assert without_quotes(text) == left


def test_comments_are_blanked_where_they_are_closed() -> None:
    assert without_comments("a <!-- b\nc --> d <!-- e") == "a \n d <!-- e"
    assert without_comments("plain") == "plain"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("\uff21\uff49\u3000\uff1cx\uff1e", "Ai <x>"),
        ("\U0001d402\U0001d428", "Co"),
        ("a\u200bb\u202ec\ufe0f", "abc"),
        ("a\u2028b\x0bc", "a\nb\nc"),
        ("s\\n\\nb", "s\n\nb"),
        ("s\n\nx `\\n` y", "s\n\nx `\\n` y"),
        ("s\n\nx\\r\\ny", "s\n\nx\ny"),
        ("s\n> x\\ny\nplain", "s\n> x\\ny\nplain"),
        ("日本語 and Ünïcode", "日本語 and Ünïcode"),
        ("a\u115fb", "ab"),
    ],
)
def test_disguises_are_undone(raw: str, plain: str) -> None:
    """Scenario 5: foreign line ends, full-width letters, what is invisible, and a line end that was written out."""
    assert clean(raw) == plain


def test_a_quote_is_short_and_steers_no_terminal() -> None:
    assert quote("\x1b[31mred\u202e\ud800") == "\ufffd[31mred\ufffd\ufffd"
    assert quote("a" * 500) == "a" * 199 + "…"
    assert quote(" plain ") == "plain"


def test_labels_are_those_of_the_site() -> None:
    rules = DetectionRules(ai_labels=frozenset({"robot"}))
    assert detect.classify(detect.examine(change(labels=("Robot ", "ai-assisted")), rules)) is AiClass.AI_ASSISTED
    assert detect.examine(change(labels=("ai-assisted",)), rules) == ()
