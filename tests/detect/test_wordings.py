"""How people and tools word what they say about AI: each table holds what counts, and beside it what nearly does."""

import pytest

from bot import detect
from bot.model.evidence import AiClass
from bot.model.policy import DetectionRules
from tests.detect.making import change, class_of

AI, NO = AiClass.AI_ASSISTED, AiClass.NONE_DISCLOSED
SHA = "a1b2c3d4" * 5
FOOTER = "🤖 Generated with Claude Code"
TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"


def of_body(body: str) -> AiClass:
    return detect.classify(detect.examine(change(body=body), DetectionRules()))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (f'Revert "{FOOTER}: add retry"\n\nThis reverts commit {SHA}.', NO),
        (f'Revert "Add retry ({FOOTER})" (#12)\n\nThis reverts commit {SHA}.', NO),
        (f'Reapply "Add retry ({FOOTER})"\n\nThis reverts commit {SHA}.', NO),
        (f'* Revert "{FOOTER}"', NO),
        (f'Revert "Add\n\n{TRAILER}"\n\nThis reverts commit {SHA}.', NO),
        (f'Revert "Add\n\n{TRAILER}"\n\nReverts acme/payments#12', NO),
        (f"Take it back\n\nReverts acme/payments#12\n\nThat one was {FOOTER[0]} generated with Claude Code.", NO),
        # what the one who reverts says themselves
        (f'Revert "Add retry"\n\nThis reverts commit {SHA}.\n\n{TRAILER}', AI),
        (f'Revert "Add retry"\n\nThis reverts commit {SHA}.\n\n{FOOTER}', AI),
        (f'Revert "Add retry\n\nThis reverts commit {SHA}.\n\n{TRAILER}', AI),
        (f'Revert "Add\n\n{TRAILER}"\n\nnothing is reverted here', AI),
        (f'Revert "Add "x" again\n\n{TRAILER}"\n\nThis reverts commit {SHA}.', AI),
        (f'Add retry\n\nRevert "Add\n\n{TRAILER}"\n\nThis reverts commit {SHA}.', AI),
        ('Revert "x" by hand "y"\n\nThis revert was generated with Claude Code', AI),
        ("Revert it\n\nReverts #12\n\nThis change was 🤖 generated with Claude Code.", AI),
    ],
)
def test_a_revert_quotes_what_it_takes_back_and_says_the_rest(message: str, expected: AiClass) -> None:
    """Scenario 6: what the reverted subject's marks hold is not the reverting person's word; all else is."""
    assert class_of(message) is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("We look for the footer 'Generated with Claude Code' in bodies.", NO),
        ('Strip "Generated with Claude Code" from bodies.', NO),
        ("The docs say `🤖 Generated with Claude Code`.", NO),
        ("The docs say “Generated with Claude Code” and „Written by ChatGPT“, «Made with Cursor».", NO),
        ("`Made-with: Cursor` is stripped by the hook", NO),
        ("`Generated with Claude Code`", AI),
        ('"Generated with Claude Code"', AI),
        ("`Made-with: Cursor`", AI),
        (f"- `{TRAILER}`", AI),
        ("Don't stop: it's all there.\nGenerated with Claude Code", AI),
        ("Generated with `Claude Code`", AI),
        ("Generated with Claude Code for `retry` and 'pay'", AI),
    ],
)
def test_a_quotation_inside_a_sentence_is_no_statement_and_one_alone_is(line: str, expected: AiClass) -> None:
    """Whoever writes about a footer has not signed with it; whoever signs in backticks has."""
    assert class_of(f"Add retry\n\n{line}") is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Claude-Session: https://claude.ai/code/session_01AbCdEf", AI),
        ("Copilot-Session: 395f543d-fb00-4a06-95b1-a7738432a141", AI),
        ("Copilot-Session: 395f543dfb00 (resumed)", AI),
        ("Entire-Checkpoint: 01J5ZK3V9Q8W7X6Y5T4R3P2N1M", AI),
        ("Entire-Agent: Claude Code", AI),
        ("Entire-Strategy: manual-commit", AI),
        ("Agent-Session: expires after 5 minutes", NO),
        ("AI-Session: renamed to LLM-Session in the schema", NO),
        ("Claude-Session: is now stripped by the hook", NO),
        ("Copilot-Session: renamed.", NO),
        ("Executed-By: payments/crew/emma", AI),
        ("Executed-By: mayor", AI),
        ("Executed-By: dunks\nRig: payments\nRole: crew", AI),
        ("Executed-By: ci/jenkins", NO),
        ("Role: admin\nRig: test\nExecuted-By: nora", NO),
    ],
)
def test_a_key_of_a_tool_needs_a_value_of_its_shape(line: str, expected: AiClass) -> None:
    """People write about sessions too, and build servers execute: an address, an id or a tool's name is asked for."""
    assert class_of(f"Add retry\n\n{line}") is expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Co-authored-by: gemini-cli <218195315+gemini-cli@users.noreply.github.com>", AI),
        ("Co-authored-by: GitHub Copilot <jo@example.com>", AI),
        ("Co-authored-by: ChatGPT <gpt@example.com>", AI),
        ("Co-authored-by: OpenAI Codex <x@example.com>", AI),
        ("Co-authored-by: Devin AI <x@example.com>", AI),
        ("Co-authored-by: Amazon Q <x@example.com>", AI),
        ("Co-authored-by: Claude &lt;noreply@anthropic.com&gt;", AI),
        ("Author: Claude Code", AI),
        ("Authored-by: Claude Code", AI),
        ("Pair-programmed-with: GitHub Copilot", AI),
        ("Developed-with: Claude Code", AI),
        ("AI tools used: Claude Code", AI),
        ("AI: GitHub Copilot", AI),
        ("Written-by: Codex", AI),
        ("Co-authored-by: Devin Copilot <d@example.com>", NO),
        ("Co-authored-by: Gemini <gemini@example.com>", NO),
        ("Co-authored-by: Roo Code <jo@example.com>", NO),
        ("Co-authored-by: Al &amp; Bo &lt;al@example.com&gt;", NO),
        ("Author: Jo Example <jo@example.com>", NO),
        ("Author: Devin", NO),
        ("Written-by: Jules", NO),
        ("Assisted-by: Ling", NO),
        ("Assisted-by: Phi", NO),
        ("Generated-by: palm-gen", NO),
        ("Developed-with: love", NO),
        ("AI tools used: none", NO),
        ("AI: enemies flank now", NO),
        ("Generated using Sourcery 2.1.7", NO),
    ],
)
def test_a_product_s_name_counts_where_it_is_nobody_else_s(line: str, expected: AiClass) -> None:
    """A product's whole name says enough beside any mailbox; a first name, a word or a vendor's own people do not."""
    assert class_of(f"Add retry\n\n{line}") is expected


def test_a_product_s_name_as_author_counts_and_hides_nobody() -> None:
    """The name is evidence, and whoever bears it stays a contributor: a free text makes nobody disappear."""
    assert class_of(author="GitHub Copilot <jo@example.com>") is AiClass.AGENT_AUTHORED
    (named,) = detect.coauthors("Add\n\nCo-authored-by: GitHub Copilot <jo@example.com>")
    assert detect.role(named, detect.catalogue()) is detect.Role.HUMAN


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Pair programmed with Claude Code.", AI),
        ("Co-created with Claude.", AI),
        ("Vibecoded with Cursor", AI),
        ("The code in this commit was generated by Claude Code.", AI),
        ("<em>Generated with [Claude Code](https://claude.ai/code)</em>", AI),
        ("<sub>Generated with Claude Code</sub>", AI),
        ('<p align="center">🤖 Generated with Claude Code</p>', AI),
        ("Generated by Devin", AI),
        ("Pair programmed with Claude.", NO),
        ("Paired with Jules on the parser", NO),
        ("Fixed by Devin.", NO),
        ("It was not entirely written by ChatGPT", NO),
        ("<em>Generated with care</em>", NO),
        ("if a <b and c> d: generated by hand", NO),
    ],
)
def test_a_statement_names_a_tool_that_is_no_colleague(line: str, expected: AiClass) -> None:
    """Who pairs or is said to have written it may be a person with a tool's name; elements of HTML say nothing."""
    assert class_of(f"Add retry\n\n{line}") is expected


@pytest.mark.parametrize(
    "line",
    [
        "Généré avec Claude Code", "*Généré par [Claude Code](https://claude.com/claude-code)*",
        "Ce commit a été généré avec Claude Code.", "Généré par Claude", "🤖 Écrit par Claude",
        "Generiert mit Claude Code", "Mit Claude Code erstellt.", "Dieser Commit wurde mit Codex erstellt",
        "🤖 Generado con [Claude Code](https://claude.com/claude-code)", "Gerado com Claude Code",
        "Generato con Cursor", "Gegenereerd met Claude Code", "Genererad med Claude Code",
        "Wygenerowano przez Claude Code", "Vygenerováno pomocí Claude Code", "Написано с помощью Claude Code",
        "🤖 Сгенерировано с помощью [Claude Code](https://claude.com/claude-code)",
        "Згенеровано за допомогою ChatGPT", "Dibuat dengan Claude Code", "Được tạo bằng Claude Code",
        "由 Claude Code 生成", "🤖 使用 [Claude Code](https://claude.ai/code) 生成", "此提交由 Codex 自动生成。",
        "🤖 Claude Code で生成", "GitHub Copilot により作成されました", "Claude Code로 생성됨",
        "Claude Code ile oluşturuldu", "Creado con Cursor", "🤖 Creado con cursor",
    ],
)  # fmt: skip
def test_a_footer_counts_in_the_languages_that_tools_sign_in(line: str) -> None:
    """A footer with a tool's name says the same in every language."""
    assert class_of(f"Add retry\n\n{line}") is AI


@pytest.mark.parametrize(
    "line",
    [
        "Ce commit a été généré avec amour", "Écrit par Claude", "Créé par Claude Martin", "Generiert mit protoc",
        "Geschrieben von Jules", "Creado por Claude",
        "Mit Liebe erstellt", "Die Tests wurden mit dem Cursor erstellt, den es schon gab",
        "由张三编写", "使用脚本生成", "テストで生成された値を使う", "スクリプトで生成", "Написано с помощью скрипта",
        "スクリプト 生成 Claude Code", "Le texte « Généré avec Claude Code » est retiré des messages",
        "erstellt", "生成", "Creado con cursor", "cursor で作成", "Der Titel wird `generiert mit Claude Code` heißen",
        "Généré " + "x" * 400 + " avec Claude Code",
    ],
)  # fmt: skip
def test_a_line_of_another_language_that_names_no_tool_is_no_footer(line: str) -> None:
    """Scripts, people and quotations are no tools in any language."""
    assert class_of(f"Add retry\n\n{line}") is NO


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Co\u2011authored\u2011by: Claude <noreply@anthropic.com>", AI),
        ("Co\u2013authored\u2013by: Claude <noreply@anthropic.com>", AI),
        ("\u0421o-authored-by: Claude <noreply@anthropic.com>", AI),
        ("\u0421\u043e-authored-by: Cl\u0430ude <noreply@anthropic.com>", AI),
        ("Co-authored-by\ua789 Claude <noreply@anthropic.com>", AI),
        ("\u0421\u043e-\u0430\u0432\u0442\u043e\u0440: Claude <noreply@anthropic.com>", NO),
        ("\u0421\u043a\u0440\u0438\u043f\u0442 API-\u043a\u043b\u044e\u0447: \u043d\u0435\u0442", NO),
        ("a \u2013 by: Claude <noreply@anthropic.com>", NO),
    ],
)
def test_letters_and_dashes_that_only_look_latin_hide_no_trailer(line: str, expected: AiClass) -> None:
    """Scenario 5: a key reads as a reader sees it; words of another script stay what they are."""
    assert class_of(f"Add retry\n\n{line}") is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## AI assistance\n\n- [x] Yes\n- [ ] No", AI),
        ("## AI assistance\n\n- [ ] Yes, partly\n\n- [x] **Yes**", AI),
        ("Author: Claude Code", AI),
        ("## AI assistance\n\n- [ ] Yes\n- [x] No", NO),
        ("## AI assistance\n\n- [ ] Yes\n- [ ] No", NO),
        ("## AI assistance\n\n- [x] Fully read and understood the rules", NO),
        ("## Tests\n\n- [x] Yes\n- [ ] No", NO),
        ("## AI assistance\n\n- [ ] Yes\n\n## Tests\n\n- [x] Yes", NO),
        ("## AI assistance\n\nnot said\n- [x] Yes", NO),
    ],
)
def test_a_box_under_a_question_about_ai_answers_it(body: str, expected: AiClass) -> None:
    """A ticked yes under such a heading is a yes; one under another heading, or a longer text, is not."""
    assert of_body(body) is expected
