"""Which lines are commands, and who may say which of them."""

from dataclasses import replace

import pytest

from bot.gate import commands
from bot.gate.commands import Accepted, CloseFollowUp, Recheck, Refused, Verb
from bot.gate.comment import MOST
from bot.model.change import Account
from bot.model.ids import AccountId, Sha
from bot.model.memory import Answer, Clearance, Declaration, Memory, NotMine, Override
from bot.model.policy import OverrideRules
from tests.gate.build import (
    ADA,
    AI,
    CHANGE,
    GRACE,
    JO,
    KIM,
    LINUS,
    NOON,
    OVERRIDE,
    POLICY,
    REASON,
    ROSTER,
    WORKFLOW,
    at,
    by,
    change,
    commit,
)

READ = [
    ("/signoff ai", [Verb.AI]),
    ("   /signoff no-ai  ", [Verb.NO_AI]),
    ("/signoff RECHECK", [Verb.RECHECK]),
    ("Thanks!\n\n/signoff not-mine\r\n\r\nBye", [Verb.NOT_MINE]),
    ("/signoff ai\n/signoff recheck", [Verb.AI, Verb.RECHECK]),
    ("/signoff", [None]),
    ("/signoff please", [None]),
    ("please /signoff ai", []),
    ("`/signoff ai`", []),
    ("/signoffai", []),
    ("> /signoff ai", []),
    ("- > /signoff ai", []),
    ("> what he said\n/signoff ai", []),
    ("> what he said\n\n/signoff ai", [Verb.AI]),
    ("    /signoff ai", []),
    ("\t/signoff ai", []),
    ("```\n/signoff ai\n```", []),
    ("```\n/signoff ai\n```\n/signoff recheck", [Verb.RECHECK]),
    ("````\n```\n/signoff ai\n````", []),
    ("~~~ text\n/signoff ai", []),
    ("```\n~~~\n/signoff ai", []),
    ("- ```\n  /signoff ai\n  ```", []),
    ("``` not a fence ` \n/signoff ai", [Verb.AI]),
    ("<!-- /signoff ai -->", []),
    ("<!--\n/signoff ai\n-->\n/signoff recheck", [Verb.RECHECK]),
    ("<!-- never closed\n/signoff ai", []),
    ("<pre>\n/signoff ai\n</pre>\n/signoff recheck", [Verb.RECHECK]),
    ("<blockquote>\n\n/signoff ai\n\n</blockquote>", []),
    ("<code>\n/signoff ai", []),
]


@pytest.mark.parametrize(("body", "verbs"), READ)
def test_a_command_stands_on_a_line_of_its_own_in_the_writers_own_words(body, verbs):
    """Quotes, code, comments and what stands in the middle of a line command nothing."""
    assert [each.verb for each in commands.read(body)] == verbs


LONG = 20_000
ADVERSARIAL = [
    "-  " * 45 + "x",
    "-  " * LONG + "x",
    "- " * LONG + "``",
    "1. \t" * LONG + "~~",
    " " * LONG + "x",
    " \t" * LONG + "-" + " \t" * LONG,
    "9" * LONG + ".",
    "123456789) " * LONG,
    "`" * LONG + "x`" * LONG,
    "~" * LONG,
    "/signoff" + " " * LONG + "\xa0",
    "/signoff a" + "\xa0" * LONG,
    "<!--" * LONG,
    "<" * LONG + "</pre" * LONG,
]


@pytest.mark.parametrize("line", ADVERSARIAL, ids=range(len(ADVERSARIAL)))
def test_no_line_takes_longer_than_its_length_to_read(line):
    """Whatever it is made of, what follows is read."""
    assert commands.read(f"/signoff recheck\n{line}")[0].verb is Verb.RECHECK


def test_of_one_comment_a_few_commands_are_read():
    """The first ones; nobody has a thousand answered."""
    body = "/signoff recheck\n" * (MOST - 1) + "/signoff ai\n" + "/signoff no-ai\n" * 1000
    assert [each.verb for each in commands.read(body)] == [*[Verb.RECHECK] * (MOST - 1), Verb.AI]


def test_what_follows_a_command_is_kept():
    """Its reason without blanks around it; an unknown word as it was written."""
    assert commands.read("/signoff override  we must, see 12 ")[0].rest == "we must, see 12"
    assert commands.read("/signoff Please now")[0].word == "Please"


def say(text: str, who: Account, subject=CHANGE, memory=None, minute=10, *, edited=False, policy=POLICY, now=NOON):
    command = commands.read(text)[0]
    return commands.judge(command, who, edited, at(minute), subject, memory or Memory(), policy, ROSTER, now, (AI,))


SENIORS_CHANGE = change(author=GRACE, commits=(commit(who=GRACE), commit("a0", JO)))
NAMED = change(commits=(commit(message="Add retry\n\nCo-authored-by: Grace Example <grace@example.com>"),))

ACCEPTED = [
    ("/signoff ai", JO, CHANGE, Declaration(JO.id, Answer.AI, at(10))),
    ("/signoff no-ai", JO, CHANGE, Declaration(JO.id, Answer.NO_AI, at(10))),
    ("/signoff recheck", Account("guest", AccountId(7)), CHANGE, Recheck()),
    ("/signoff not-mine", GRACE, NAMED, NotMine(AccountId(1001), at(10))),
    (f"/signoff clear {AI.short} from a template", LINUS, CHANGE,
     Clearance(AccountId(1002), AI.key, "from a template", at(10))),
    (f"/signoff override {REASON}", ADA, CHANGE, Override(AccountId(1009), Sha("a1"), REASON, at(10))),
    ("/signoff follow-up close seen", LINUS, CHANGE, CloseFollowUp(1002, at(10), "seen")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "who", "subject", "record"), ACCEPTED)
def test_an_entitled_person_is_heard_and_the_record_says_it(text, who, subject, record):
    """The record holds who, what, why and when, and there is an answer."""
    answer = say(text, who, subject)
    assert isinstance(answer, Accepted)
    assert answer.record == record
    assert answer.answer


REFUSED = [
    ("/signoff ai", WORKFLOW, CHANGE, "not from bots"),
    ("/signoff ai", Account("ghost", None), CHANGE, "not from bots"),
    ("/signoff hello", JO, CHANGE, "no such command"),
    ("/signoff ai", GRACE, CHANGE, "Only the author"),
    ("/signoff no-ai", GRACE, CHANGE, "Only the author"),
    ("/signoff not-mine", Account("guest", AccountId(7)), NAMED, "people in the roster"),
    ("/signoff not-mine", LINUS, NAMED, "nothing to disclaim"),
    ("/signoff not-mine", JO, NAMED, "always count"),
    (f"/signoff clear {AI.key} wrong", KIM, CHANGE, "can be cleared by"),
    (f"/signoff clear {AI.key} wrong", GRACE, SENIORS_CHANGE, "can be cleared by"),
    ("/signoff clear 00000000 wrong", LINUS, CHANGE, "Which finding?"),
    ("/signoff clear", LINUS, CHANGE, "Which finding?"),
    (f"/signoff clear {AI.key}", LINUS, CHANGE, "A reason is needed"),
    (f"/signoff override {REASON}", JO, CHANGE, "at least principal"),
    (f"/signoff override {REASON}", LINUS, CHANGE, "at least principal"),
    (f"/signoff override {REASON}", ADA, change(author=ADA), "at least principal"),
    ("/signoff override it burns", ADA, CHANGE, "at least 20 characters"),
    ("/signoff follow-up", LINUS, CHANGE, "What is to be done"),
    ("/signoff follow-up close", KIM, CHANGE, "closed by somebody"),
    ("/signoff follow-up close", ADA, CHANGE, "somebody else has to look"),
]


@pytest.mark.parametrize(("text", "who", "subject", "words"), REFUSED)
def test_a_refusal_says_what_is_needed(text, who, subject, words):
    """By whom it would be heard, or what is wrong with it."""
    answer = say(text, who, subject, Memory(overrides=(OVERRIDE,)))
    assert isinstance(answer, Refused)
    assert words in answer.answer


def test_an_edited_comment_is_not_heard():
    """Scenario 37: somebody else may have edited it."""
    answer = say("/signoff ai", JO, edited=True)
    assert isinstance(answer, Refused)
    assert "edited" in answer.answer


def test_every_refusal_has_its_own_answer():
    """No two causes are told by the same words."""
    answers = {say(text, who, subject, Memory(overrides=(OVERRIDE,))).answer for text, who, subject, _ in REFUSED}
    assert len(answers) == len({words for *_, words in REFUSED})


def test_an_override_is_for_the_head_that_was_there_when_it_was_said():
    """One said before the change moved is refused."""
    answer = say(f"/signoff override {REASON}", ADA, minute=0)
    assert isinstance(answer, Refused)
    assert "moved" in answer.answer


def test_an_override_that_has_expired_is_refused():
    """It is not taken up when it is read late."""
    answer = say(f"/signoff override {REASON}", ADA, now=at(10 + 240))
    assert isinstance(answer, Refused)
    assert "expired" in answer.answer


def test_an_override_dated_ahead_of_our_clock_holds_from_then_on():
    """It is on the record, and the answer does not say that it is in force."""
    answer = say(f"/signoff override {REASON}", ADA, now=at(-65))
    assert isinstance(answer, Accepted)
    assert "from 2026-11-20 09:10 UTC, since it is dated ahead" in answer.answer
    assert "from" not in say(f"/signoff override {REASON}", ADA).answer.split("on the record")[0]


@pytest.mark.parametrize(
    "reason", ["we  must" + " " * 20 + "x", "we must\u200b" * 2 + "\u3164" * 20, "\ufe0f" * 40, "\t" * 20]
)
def test_what_cannot_be_seen_makes_no_reason_longer(reason):
    """White space counts once, whatever it is made of."""
    answer = say(f"/signoff override y {reason}", ADA)
    assert isinstance(answer, Refused)
    assert "at least 20 characters" in answer.answer
    assert "A reason is needed" in say(f"/signoff clear {AI.key} \u3164\ufe0f", LINUS).answer


def test_nobody_overrides_where_the_rules_name_no_tier():
    """Not even a principal."""
    answer = say(f"/signoff override {REASON}", ADA, policy=replace(POLICY, override=OverrideRules(None)))
    assert isinstance(answer, Refused)
    assert "nobody" in answer.answer


def test_no_answer_tells_a_tier_of_a_person():
    """Others read the answer too."""
    for text, who, subject, _ in REFUSED:
        assert "junior" not in say(text, who, subject).answer


def test_who_is_named_by_a_mailbox_and_pushed_cannot_disclaim():
    """A push is no free text of somebody else's."""
    answer = say("/signoff not-mine", GRACE, replace(NAMED, pushers=(GRACE,)))
    assert isinstance(answer, Refused)
    assert by(GRACE).id == GRACE.id
