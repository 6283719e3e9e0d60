"""What people read: the title, the check's text, and which of several changes on one commit holds."""

import json
import re
from itertools import pairwise

import pytest

from bot import gate
from bot.gate import State, titles
from bot.gate.reasons import CLASSES, DISCOUNTS, quoted, why
from bot.model.change import Account, File, FileKind
from bot.model.decision import Discount, Verdict
from bot.model.evidence import AiClass
from bot.model.ids import AccountId, PatchId, Sha
from bot.model.memory import Answer, Declaration, Memory
from bot.model.policy import DetectionRules, Mode, Need, Requirement, Undeclared, When
from bot.model.roster import Roster, TeamGrant
from tests.gate.build import (
    AI,
    CHANGE,
    GRACE,
    JO,
    KIM,
    LINUS,
    OVERRIDE,
    POLICY,
    PRINCIPAL,
    ROSTER,
    SENIOR,
    WORKFLOW,
    account,
    at,
    change,
    commit,
    decide,
    person,
    replace,
    review,
    sighting,
)

ASK = replace(POLICY, detection=DetectionRules(undeclared=Undeclared.ASK))
OBSERVE = replace(POLICY, mode=Mode.OBSERVE)
SIGNED = change(reviews=(review(1, GRACE),))
OBJECTED = change(reviews=(review(1, GRACE, "changes_requested"), review(2, LINUS)))


INCOMPLETE = change(complete=False)


def told(subject=CHANGE, decision=None, **more):
    return gate.check_text(decision or decide(subject), subject, **more)


STATES = [
    ("waits for a person", decide(CHANGE), State.WAITING,
     "Waiting for 1 senior: grace, linus, rosa or 2 more can sign"),
    ("signed", decide(SIGNED), State.PASSED, "Signed by grace"),
    ("objection", decide(OBJECTED), State.REFUSED, "Changes requested by grace: waiting for their approval"),
    ("not all read", decide(INCOMPLETE), State.WAITING, "Cannot tell yet: the forge did not show the whole change"),
    ("no commits", decide(change(commits=())), State.WAITING, "Cannot tell: the change has no commits"),
    ("no rules", decide(SIGNED, policy=replace(POLICY, requirements=())), State.WAITING,
     "Cannot tell: the rules in force have no requirements"),
    ("no roster", decide(SIGNED, roster=Roster()), State.WAITING, "Cannot tell: the roster in force is empty"),
    ("unguarded", decide(change(base="scratch")), State.WAITING,
     "No sign-off for scratch: it is not a guarded branch, so this stays open"),
    ("answer", decide(evidence=(), policy=ASK), State.WAITING,
     "Waiting for the author's answer whether AI took part: /signoff ai or /signoff no-ai"),
    ("overridden", decide(memory=Memory(overrides=(OVERRIDE,))), State.PASSED,
     "Overridden by ada until 2026-11-20 14:10 UTC"),
    ("no AI", decide(evidence=()), State.PASSED, "No sign-off needed: no AI disclosed"),
    ("no rule", decide(evidence=(replace(AI, ai_class=AiClass.AI_REVIEWED_ONLY),)), State.PASSED,
     "No sign-off needed: no rule asks for one"),
    ("landed", decide(memory=Memory(landed=frozenset({Sha("a1")}))), State.PASSED,
     "No sign-off needed: every commit went through the gate before"),
    ("observed, held", decide(CHANGE, policy=OBSERVE), State.PASSED,
     "Would wait for 1 senior: grace, linus, rosa or 2 more can sign"),
    ("observed, unknown", decide(change(complete=False), policy=OBSERVE), State.PASSED,
     "Would wait: cannot tell yet: the forge did not show the whole change"),
    ("observed, signed", decide(SIGNED, policy=OBSERVE), State.PASSED, "Signed by grace"),
    ("not covered", decide(SIGNED, policy=replace(POLICY, mode=Mode.OFF)), State.WAITING, "Signed by grace"),
]  # fmt: skip


@pytest.mark.parametrize(("why", "decision", "state", "title"), STATES, ids=[each[0] for each in STATES])
def test_each_standing_has_its_title_and_state(why, decision, state, title):
    """Each way in which a change can stand has its own title and the state that the forge is shown."""
    text = told(decision=decision)
    assert (text.state, text.title) == (state, title)
    assert text.summary.startswith(("###", "**", "This repository is observed"))


def test_every_class_and_every_reason_has_its_own_wording():
    """None is left without one, and no two are the same."""
    assert set(CLASSES) == set(AiClass)
    assert set(DISCOUNTS) == set(Discount)
    assert len(set(DISCOUNTS.values())) == len(DISCOUNTS)
    assert len(set(CLASSES.values())) == len(CLASSES)


def test_the_text_says_what_was_found_and_what_everybody_can_do():
    """Evidence, zones, requirements, who counted and who did not, declarations, steps and the way to the page."""
    mine = change(
        files=(File("infra/main.tf"), File("x", kind=FileKind.SYMLINK)),
        reviews=(review(1, GRACE, sha="x0"), review(2, KIM), review(3, Account("ghost", None))),
    )
    memory = Memory(
        sightings=(sighting(1, GRACE, sha="x0", patch="p1"),),
        patches={Sha("a1"): PatchId("p1")},
        declarations=(Declaration(JO.id, Answer.NO_AI, at(1)), Declaration(KIM.id, Answer.AI)),
    )
    found = told(mine, decide(mine, memory=memory), page="https://signoff.example.com/c/7")
    text = found.witnessed("feed").summary
    for part in (
        f"strong, `Claude Code`, `commit a1, trailer Co-authored-by`: `Claude <noreply@anthropic.com>` (`{AI.short}`)",
        "`infrastructure`: `infra/main.tf`",
        "`opaque`: `x (symlink)`",
        "Met: `senior sign-off`: 1 approval of at least `senior`; `asked because AI took part and an author",
        "counted: `grace`, given for `x0` and carried over",
        "Open: `high blast radius`: 2 approvals of at least `senior`",
        "missing: 1; can sign: `linus`, `rosa`, `stef`, `ada`",
        "`kim`: no requirement of this change can be met by this approval",
        "`ghost`: the roster in force has no entry",
        "declared at 2026-11-20 10:01 UTC that no AI took part",
        "contradicts evidence",
        "only the author's own answer counts",
        "**The author**, `jo`",
        "**Who can sign**",
        "**Everybody else**",
        "[Every reason for this decision](<https://signoff.example.com/c/7>)",
        "for commit `a1` by rules `p1`, ledger `feed`",
    ):
        assert part in text
    assert "junior" not in text


def test_what_was_taken_away_is_said_to_be_remembered():
    """A finding of a commit that is gone says so."""
    assert "no more, and remembered" in told(decision=decide(evidence=(replace(AI, commit=Sha("0ld")),))).summary
    assert "remembered" not in told().summary


def test_zones_with_one_reason_stand_in_one_line():
    """Hidden files put a change into every zone, which is said once."""
    mine = change(files_truncated=True)
    assert "`governance`, `opaque`: `the forge does not show all files" in told(mine).summary


def test_nobodys_tier_is_told():
    """The text names what is needed, never what anybody is."""
    mine = change(author=JO, reviews=(review(1, KIM),))
    text = told(mine)
    assert "junior" not in text.title + text.summary
    assert "mid" not in re.findall(r"\w+", text.summary)


def test_the_steps_fit_the_state():
    """What each reader can do now, and nothing that would be of no use."""
    assert "retarget the change" in told(change(base="scratch"), decide(change(base="scratch"))).summary
    assert "/signoff ai` or" in told(decision=decide(evidence=(), policy=ASK)).summary
    assert "settle what `grace` asked for" in told(OBJECTED).summary
    assert "asked for changes (review 1)" in told(OBJECTED).summary
    assert "`grace`: approve once it is settled" in told(OBJECTED).summary
    assert "Nothing needs to be done" in told(SIGNED).summary
    overridden = told(decision=decide(memory=Memory(overrides=(OVERRIDE,)))).summary
    assert "/signoff follow-up close <note>" in overridden
    assert "Nothing needs to be done" not in overridden
    assert "override" not in told(decision=decide(policy=OBSERVE)).summary
    unknown = told(change(complete=False, author=Account(None, None)))
    assert "did not show the whole change; it will be read again" in unknown.summary
    assert "recheck" in unknown.summary
    assert "override" not in unknown.summary
    assert "**The author**:" in told(change(author=Account(None, None))).summary
    assert "**The author**: push a commit" in told(decision=decide(change(commits=()))).summary
    empty = told(decision=decide(roster=Roster())).summary
    assert "**Whoever keeps the roster**: add the people" in empty
    assert "looked at again" not in empty


@pytest.mark.parametrize(("operator", "words"), [(None, "to work**: ask"), (KIM, "to work**, `kim`: ask")])
def test_of_a_bots_change_whoever_set_it_to_work_is_told_what_to_do(operator, words):
    """A bot asks nobody for a review."""
    mine = change(author=WORKFLOW, operator=operator)
    assert f"**Whoever set `github-actions[bot]` {words}" in told(mine).summary


def test_whoever_may_sign_after_a_word_is_told_so():
    """The command that frees them is named in text and title."""
    mine = change(commits=(commit(message="x\n\nCo-authored-by: Grace Example <grace@example.com>"),))
    text = told(mine)
    assert "can sign after saying `/signoff not-mine`: `grace`" in text.summary
    only = Roster(tuple(one for one in ROSTER.people if one.name in {"Grace Example", "Jo Example"}))
    assert "**The author**, `jo`: ask `grace` for a review" in told(mine, decide(mine, roster=only)).summary
    assert decide(mine, roster=only).title == "Waiting for 1 senior: grace can sign after /signoff not-mine"
    two = replace(POLICY, requirements=(Requirement("two", When(), Need(2, SENIOR)),))
    both = Roster(tuple(one for one in ROSTER.people if one.name in {"Grace Example", "Linus Example", "Jo Example"}))
    title = "Waiting for 2 seniors: linus can sign, grace after /signoff not-mine"
    assert decide(mine, roster=both, policy=two).title == title


def test_an_override_by_a_member_of_a_team_is_told_by_the_accounts_number():
    """Of a team's members nothing else is known."""
    people = tuple(one for one in ROSTER.people if one.name != "Ada Example")
    roster = Roster(people, (TeamGrant("github", "acme/principals", PRINCIPAL),))
    memory = Memory(overrides=(OVERRIDE,), teams={"acme/principals": frozenset({AccountId(1009)})})
    assert decide(memory=memory, roster=roster).title.startswith("Overridden by account 1009 until")


def test_nobody_left_is_escalated():
    """It never opens; whoever keeps the roster is asked."""
    only = Roster(ROSTER.people[:1])
    decision = decide(roster=only)
    assert decision.verdict is Verdict.HOLD
    assert decision.title == "Waiting for 1 senior, but too few in the roster can sign now: ask those who keep it"
    assert "ask those who keep the roster" in told(decision=decision).summary


def test_owners_and_teams_are_asked_for_in_words():
    """`zone_owner` and `distinct_teams` are spelled out in the check and in the reasons."""
    need = Need(2, SENIOR, zone_owner=True, distinct_teams=2)
    decision = decide(policy=replace(POLICY, requirements=(Requirement("it", When(), need),)))
    summary = told(decision=decision).summary
    assert "2 approvals of at least `senior` by people who own the zone, from at least 2 different teams" in summary
    assert "own the zone, from at least 2" in next(each.text for each in decision.reasons if each.code == "requirement")


HOSTILE = "`@everyone` [x](http://evil.example.com) <img src=x onerror=1> \u202e\u200b=HYPERLINK(1)\n# Big\n- [ ] box"


def test_what_others_wrote_stays_text():
    """Scenario 36: no link, mention, image, heading or hidden character of theirs gets out of the code it stands in."""
    mine = change(
        title=HOSTILE,
        author=replace(JO, login=HOSTILE),
        files=(File("infra/" + HOSTILE),),
        reviews=(review(1, account(HOSTILE, 555)), review(2, account(HOSTILE, 556), "changes_requested")),
        base="main",
    )
    evil = replace(AI, tool=HOSTILE, where=HOSTILE, quote=HOSTILE)
    decision = decide(mine, (evil,))
    text = told(mine, decision).witnessed(HOSTILE)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text.summary)
    for bad in ("@", "http", "<img", "\u202e", "\u200b", "HYPERLINK", "# Big"):
        assert bad not in outside
    assert "\n# Big" not in text.summary
    assert "\u202e" not in text.summary + text.title
    assert "\n" not in text.title
    assert len(text.title) <= titles.LONGEST


def test_a_text_that_is_too_long_says_that_it_was_cut():
    """It keeps within the forge's limit and keeps its end."""
    longest = "\U0001f642" * 400  # four bytes each, as many as are ever shown of a text
    findings = tuple(replace(AI, quote=f"{number}{longest}", where=longest) for number in range(60))
    reviews = tuple(review(number, account(f"{longest}{number}", 5000 + number)) for number in range(60))
    files = tuple(File(f"infra/{longest}{number}") for number in range(60))
    zones = tuple(replace(POLICY.zones[0], name=f"{longest}{number}") for number in range(60))
    mine = change(files=files, reviews=reviews)
    needs = tuple(replace(POLICY.requirements[0], name=f"{longest}{number}") for number in range(60))
    people = tuple(person("x", SENIOR, account(f"{number}{longest}", 9000 + number)) for number in range(60))
    policy = replace(POLICY, zones=zones, requirements=needs)
    decision = decide(mine, findings, policy=policy, roster=Roster(people))
    text = told(mine, decision, page="https://signoff.example.com/c/7")
    assert len(text.summary.encode()) <= 65_535
    assert "and 40 more findings" in text.summary
    assert "This text was cut" in text.summary
    assert text.summary.endswith("by rules `p1`.")


def test_more_lines_than_anybody_reads_are_counted():
    """The first twenty stand there, the others as a number."""
    reviews = tuple(review(number, account(f"guest{number}", 5000 + number)) for number in range(60))
    assert "and 40 more, which are not shown here" in told(change(reviews=reviews)).summary


def test_rules_without_a_digest_are_told_to_have_none():
    """The last line says so and is not left blank."""
    assert "rules without a digest" in told(decision=decide(policy=replace(POLICY, digest=""))).summary


def test_the_worst_verdict_stands_on_a_commit():
    """Unknown is worse than hold; of no verdict at all it is unknown."""
    assert gate.worst([Verdict.ALLOW, Verdict.HOLD, Verdict.UNKNOWN]) is Verdict.UNKNOWN
    assert gate.worst([Verdict.ALLOW, Verdict.ALLOW]) is Verdict.ALLOW
    assert gate.worst([]) is Verdict.UNKNOWN


def test_another_change_with_the_same_head_holds_this_one():
    """Scenario 32: the worst of them, an objection before a wait, whatever their order."""
    held, refused = gate.other("acme/payments#9", decide(CHANGE)), gate.other("acme/payments#8", decide(OBJECTED))
    passed = gate.other("acme/payments#3", decide(SIGNED))
    text = told(SIGNED, others=(passed, held))
    assert text.state is State.WAITING
    assert text.title.startswith("Held by acme/payments#9, which has the same commit: Waiting for 1 senior")
    assert "The same commit is the head of `acme/payments#9`" in text.summary
    for others in ((held, refused), (refused, held)):
        assert told(SIGNED, others=others).state is State.REFUSED
        assert "payments#8" in told(SIGNED, others=others).title
    assert told(SIGNED, others=(passed,)).state is State.PASSED
    assert told(CHANGE, others=(passed,)).state is State.WAITING
    assert gate.holder(Verdict.HOLD, (gate.other("x#1", decide(change(complete=False))),)) is not None


WHYS = [
    (When(), "asked of every change"),
    (When(ai=True, author_below=SENIOR), "asked because AI took part and an author is below senior"),
    (When(ai=False), "asked because no AI took part that counts"),
    (When(classes=(AiClass.AGENT_AUTHORED, AiClass.AI_ASSISTED)),
     "asked because the class is agent-authored or ai-assisted"),
    (When(tools=("Cursor",), operator_unknown=True),
     "asked because Cursor took part and nobody knows who set the agent to work"),
    (When(operator_unknown=False), "asked because no unknown operator is behind it"),
    (When(zones=("data",), paths=("src/**",)), "asked because it is in data and it touches src/**"),
    (When(labels=("urgent",), bases=("main",)), "asked because it has the label urgent and it goes into main"),
    (When(repositories=("acme/*",)), "asked because its repository is acme/*"),
    (When(changed_lines=4, changed_files=1),
     "asked because at least 4 lines are changed and at least 1 files are changed"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "words"), WHYS)
def test_a_requirement_says_why_it_asks(when, words):
    """Each key of a condition in words."""
    assert why(when) == words


def test_a_requirement_without_a_reason_is_still_told():
    """An older record may lack it."""
    decision = decide(CHANGE)
    assert (
        "\n- Open: `senior sign-off`: 1 approval of at least `senior`\n"
        in told(decision=replace(decision, reasons=())).summary
    )


@pytest.mark.parametrize(
    ("quote", "shown"), [("Made-with: Cursor", "Made-with: Cursor"), ("no key", "no key"), (AI.quote, AI.quote[16:])]
)
def test_a_quote_does_not_repeat_the_key_that_its_place_ends_with(quote, shown):
    """The place says the trailer, the quote its value."""
    assert quoted(replace(AI, quote=quote)) == shown


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ((), "the whole change"),
        (("labels",), "all of the change's labels"),
        (("commits", "labels"), "all of the change's commits and labels"),
        (("commits", "reviews", "labels"), "all of the change's commits, reviews and labels"),
    ],
)
def test_a_change_that_is_not_all_there_says_which_part_is_missing(missing, named):
    """In the title and in the body, so that whoever keeps the forge can look."""
    text = told(change(complete=False, missing=missing))
    assert text.title == f"Cannot tell yet: the forge did not show {named}"
    assert f"**The forge did not show {named}; it will be read again" in text.summary
    assert text.state is State.WAITING


def test_the_record_holds_everything():
    """It is JSON, and has people by their ids."""
    subject = change(reviews=(review(1, GRACE, "changes_requested"), review(2, LINUS), review(3, WORKFLOW)))
    record = gate.as_record(decide(subject, memory=Memory(overrides=(OVERRIDE,))))
    assert json.loads(json.dumps(record)) == record
    assert record["override"] == {"by": "ada", "reason": OVERRIDE.reason, "expires_at": "2026-11-20T14:10:00Z"}
    assert record["recheck_at"] == "2026-11-20T14:10:00Z"
    assert record["contributors"][0]["id"] == 101
    assert record["discounted"] == [{"login": "github-actions[bot]", "id": 41898282, "review": 3, "reason": "bot"}]
    assert record["objections"][0]["person"] == "Grace Example"
    assert record["requirements"][0]["counted"][0]["review"] == 2
    assert record["evidence"][0]["key"] == AI.key
    assert gate.as_record(decide(CHANGE))["requirements"][0]["candidates"][0]["login"] == "grace"
    assert gate.as_record(decide(CHANGE))["recheck_at"] is None


def test_a_reviewer_without_a_login_is_told_by_number():
    """And somebody who cannot be told by nothing."""
    nameless = change(reviews=(review(1, Account(None, AccountId(555))), review(2, Account(None, None), minute=6)))
    names = [each["reviewer"] for each in gate.as_json(decide(nameless))["discounted"]]
    assert names == ["555", ""]


def test_steps_are_in_a_settled_order():
    """What to do comes before what was found, and that before what is needed."""
    order = [
        told(CHANGE).summary.index(part) for part in ("### What you can", "### What was found", "### What is needed")
    ]
    assert all(one < other for one, other in pairwise(order))
