"""What must hold for every text, not only for those that somebody thought of."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import detect
from bot.model.change import Commit, GitIdentity
from bot.model.evidence import Strength
from bot.model.ids import Sha
from tests.detect.making import CATALOGUE, commit, found

TRAILERS = (
    "Co-authored-by: Claude Opus 5 <noreply@anthropic.com>",
    "Co-Authored-By: Copilot <223556219+Copilot@users.noreply.github.com>",
    "Assisted-by: Claude Code",
    "Assisted-by: Crush:glm-5.2",
    "Generated-by: Gemini 3 Pro",
    "Copilot-Session: 395f543d-fb00-4a06-95b1-a7738432a141",
    "Made-with: Cursor",
    "Amp-Thread-ID: https://ampcode.com/threads/T-1",
)
HOSTILE = st.text(
    st.sampled_from("`~>-<!-[]()#*:@\\n\n\r\t xX🤖 aiby\u200b\uff21\x00\x1b\ud800Co-authored"), max_size=400
)
WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=200)
PLAIN_LINES = st.lists(st.text(st.sampled_from("abc def, xyz.0123"), max_size=60), max_size=6).map("\n".join)


def counting(message: str) -> set[tuple[str, str, str]]:
    return {
        (each.detector, each.tool, each.ai_class.value) for each in found(message) if each.strength is not Strength.WEAK
    }


@given(st.one_of(HOSTILE, WORDS), HOSTILE, HOSTILE)
@settings(max_examples=400)
def test_no_text_makes_a_detector_fail(message: str, name: str, box: str) -> None:
    given_commit = Commit(Sha(name), GitIdentity(name, box), GitIdentity(box, name), message)
    for each in detect.examine_commit(given_commit, CATALOGUE, note=message):
        assert len(each.quote) <= 200
        assert each.where
        assert not any(ord(character) < 32 or 0x202A <= ord(character) <= 0x202E for character in each.quote)


@given(PLAIN_LINES, st.sampled_from(TRAILERS), st.sampled_from(("> ", "  > ", ">", "> > ")))
def test_a_quoted_line_adds_no_evidence(before: str, trailer: str, sign: str) -> None:
    message = f"Subject\n\n{before}\n"
    assert counting(f"{message}\n{sign}{trailer}\n") == counting(message)


@given(PLAIN_LINES, st.lists(st.sampled_from(TRAILERS), min_size=1), st.sampled_from(("```", "~~~", "````", "```text")))
def test_a_fenced_text_adds_no_evidence(before: str, trailers: list[str], fence: str) -> None:
    message = f"Subject\n\n{before}\n"
    body = "\n".join(trailers)
    assert counting(f"{message}\n{fence}\n{body}\n{fence[:3] if fence[3:] != '`' else fence}\n") == counting(message)


@given(PLAIN_LINES, st.lists(st.sampled_from(TRAILERS), min_size=1))
def test_a_text_commented_out_adds_no_evidence(before: str, trailers: list[str]) -> None:
    message = f"Subject\n\n{before}\n"
    assert counting(f"{message}\n<!-- {chr(10).join(trailers)}\n-->\n") == counting(message)


@given(st.sampled_from(TRAILERS), PLAIN_LINES, PLAIN_LINES, st.sampled_from(("\n", "\r\n", "\r", "\u2028")))
def test_text_around_a_trailer_and_other_line_ends_take_nothing_away(
    trailer: str, before: str, after: str, line_end: str
) -> None:
    message = f"Subject\n\n{before}\n\n{trailer}\n\n{after}\n".replace("\n", line_end)
    assert counting(f"Subject\n\n{trailer}\n") <= counting(message)


@given(st.sampled_from(TRAILERS), st.data())
def test_the_case_of_a_key_and_of_a_mailbox_takes_nothing_away(trailer: str, data: st.DataObject) -> None:
    key, _, value = trailer.partition(":")
    key = "".join(data.draw(st.sampled_from((letter.lower(), letter.upper()))) for letter in key)
    blanks = data.draw(st.sampled_from(("", " ", "  ", "\t")))
    name, bracket, box = value.partition("<")
    disguised = f"{key}{blanks}:{name}{bracket}{box.upper() if bracket else box}"
    assert counting(f"Subject\n\n{trailer}") == counting(f"Subject\n\n{disguised}")


@given(st.sampled_from(TRAILERS), st.data())
def test_an_invisible_character_takes_nothing_away(trailer: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(trailer)))
    invisible = data.draw(st.sampled_from("\u200b\u200d\u2060\ufeff\xad\u202e"))
    assert counting(f"Subject\n\n{trailer[:place]}{invisible}{trailer[place:]}") == counting(f"Subject\n\n{trailer}")


@given(st.sampled_from(TRAILERS), st.sampled_from(('Revert "x"', 'Revert "x', 'Reapply "a "b" c" (#7)', '"x" `y`')))
def test_a_trailer_of_the_one_who_reverts_counts(trailer: str, subject: str) -> None:
    reverting = f"{subject}\n\nThis reverts commit {'a1' * 20}.\n\n"
    assert counting(f"Subject\n\n{trailer}") <= counting(f"{reverting}{trailer}")
    assert counting(f'{subject}\n\nsays "so" `too`\n\n{trailer}') >= counting(f"Subject\n\n{trailer}")


@given(st.sampled_from(TRAILERS), st.sampled_from(("```\n", "~~~~\n", "<!-- \n", "<blockquote>\n", "<pre>\n", "> ")))
def test_an_opened_quote_that_is_never_closed_hides_nothing(trailer: str, opening: str) -> None:
    assert counting(f"Subject\n\n{opening}\n\n{trailer}\n") == counting(f"Subject\n\n{trailer}\n")


@pytest.mark.parametrize(
    "message",
    [
        "a" * 10_000_000,
        "x: " * 1_000_000,
        "\n" * 2_000_000,
        " " * 5_000_000 + "x",
        ("Subject\n\n" + " " * 2_000_000 + "```\n") * 3,
        "Co-authored-by: Claude <noreply@anthropic.com>\n" * 100_000,
        "".join(f"Co-authored-by: P{number} <p{number}@example.com>\n" for number in range(100_000)),
        "<!--" * 300_000,
        "```\n" * 200_000,
        "<pre>" * 200_000,
        "> " * 2_000_000,
        "# " * 300_000,
        "generated by " * 200_000,
        "found by a\n" * 30_000,
        "- [x] ai used\n" * 10_000,
        "**" * 300_000,
        "\\n" * 200_000,
        "a\u0301\u0316" * 500_000,
        "Assisted-by: " + "a-" * 500_000,
        "Co-authored-by: " + "<" * 500_000,
        "# ai?\n" * 10_000,
        "# ai?\n" + "- [x] yes\n" * 100_000,
        'Revert "x\n' * 200_000,
        'Revert "' + '" ' * 1_000_000,
        'Revert "x\n' + '"\n\n\nReverts ' * 200_000,
        "That was 🤖 made with x\n" * 50_000,
        "\u201e\u201c`'\"x made by y " * 200_000,
        "<a <b made by x\n" * 100_000,
        "\u0441o " * 1_000_000,
        "\u751f\u6210" * 1_000_000,
        ("a" * 380 + "\u3067\u751f\u6210\n") * 5_000,
        ("generiert mit " * 20 + "\n") * 10_000,
        "Executed-By: x\n" * 100_000,
        "Claude-Session: " + "a-" * 300 + "\n",
    ],
    ids=lambda message: repr(message[:16]),
)
def test_a_huge_message_is_answered_in_time_proportional_to_it(message: str) -> None:
    start = process_time()
    evidence = found("Subject\n\n" + message)
    assert process_time() - start < 12
    assert len(evidence) < 100


def test_huge_identities_are_answered_in_time() -> None:
    for text in ("a" * 3_000_000, "a+" * 1_000_000, "(" * 1_000_000, "via " * 500_000, "@" * 1_000_000):
        start = process_time()
        huge = GitIdentity(text, text)
        detect.examine_commit(Commit(Sha(text), huge, GitIdentity("x", text), "Subject"), CATALOGUE)
        assert process_time() - start < 5


def test_a_decisive_trailer_is_not_lost_among_many_others() -> None:
    mailbox = "175728472+Copilot@users.noreply.github.com"
    many = "".join(f"Reviewed-by: Copilot {number} <{mailbox}>\n" for number in range(20_000))
    evidence = found(f"Subject\n\n{many}Co-authored-by: Claude <noreply@anthropic.com>\n")
    assert detect.classify(evidence).value == "ai-assisted"
    assert len(evidence) < 10


def test_a_commit_without_anything_is_answered() -> None:
    assert detect.examine_commit(commit(""), CATALOGUE) == ()
