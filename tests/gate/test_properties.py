"""What must hold for every change, policy, roster and history, whoever does what in whichever order."""

import json
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from bot import gate
from bot.gate import commands
from bot.model.change import Commit, Head, Review, ReviewState
from bot.model.decision import Verdict
from bot.model.ids import Sha
from bot.model.policy import Mode, Need, OverrideRules, Policy, Requirement, When, Zone
from bot.model.roster import Person, Roster, RosterAccount
from tests.gate import strategies as some

JUNIOR, SENIOR, STAFF = some.TIERS
WHENS = st.builds(
    When,
    ai=st.sampled_from([True, None]),
    author_below=st.none() | st.sampled_from(some.TIERS),
    zones=st.sampled_from([(), ("infrastructure",), ("data", "opaque")]),
)
PLAIN_POLICIES = st.builds(
    Policy,
    tiers=st.just(some.TIERS),
    unknown_author=st.just(JUNIOR),
    requirements=some.some(
        st.builds(Requirement, st.just("one"), WHENS, st.builds(Need, st.integers(1, 2), some.tiers, st.booleans()))
    ),
    zones=st.just((Zone("infrastructure", ("infra/**",)), Zone("data", ("*.sql",)))),
    detection=st.builds(some.DetectionRules, undeclared=st.sampled_from(some.Undeclared)),
    override=st.just(OverrideRules(STAFF, timedelta(minutes=30))),
)
"""Rules that ask for more where there is more AI and less seniority, as rules do."""


@st.composite
def plain_rosters(draw):
    """Everybody once, each account with one person, some with two, and no teams."""
    names = draw(st.permutations(some.NAMES))
    count = draw(st.integers(1, len(names)))
    shared = draw(st.booleans())
    people = []
    for place, name in enumerate(names[:count]):
        own = [name, names[-1]] if shared and place == 0 and count < len(names) else [name]
        accounts = tuple(RosterAccount("github", one, some.IDS[one]) for one in own)
        zones = draw(st.sampled_from([frozenset(), frozenset(), frozenset({"data"})]))
        people.append(Person(name, draw(some.tiers), accounts, frozenset({f"{name}@example.com"}), zones))
    return Roster(tuple(people))


@st.composite
def plain_changes(draw):
    """Changes by people, whose reviews are mostly for the head and after it came."""
    reviews = draw(
        some.some(
            st.builds(
                Review,
                st.integers(1, 6),
                some.people,
                st.sampled_from([ReviewState.APPROVED, ReviewState.APPROVED, *ReviewState]),
                st.sampled_from([Sha("a1"), Sha("a1"), Sha("b2")]),
                st.integers(1, 30).map(lambda minute: some.START + timedelta(minutes=minute)),
                st.sampled_from([None, *ReviewState]),
                st.none() | some.people,
                st.booleans(),
            ),
            6,
        )
    )
    commits = tuple(
        replace(one, sha=Sha("a1")) if place == 0 else one
        for place, one in enumerate(draw(st.lists(some.commits, min_size=1, max_size=3)))
    )
    change = draw(some.changes)
    return replace(
        change,
        forge="github",
        base="main",
        author=draw(some.people),
        head=Head(Sha("a1"), some.START),
        commits=commits,
        reviews=reviews,
        operator=None,
        pushers=(),
        complete=True,
        files_truncated=draw(st.sampled_from([False, False, False, True])),
    )


MOMENT = some.START + timedelta(minutes=35)
ANYTHING = (some.changes, some.some(some.evidence), some.memories, some.policies, some.rosters, some.moments)
PLAIN = (plain_changes(), some.some(some.evidence), some.memories, PLAIN_POLICIES, plain_rosters())


def valid_override(change, memory, policy, now):
    """Whether a record could be an override by what it says itself."""
    return policy.override.tier is not None and any(
        one.head == change.head.sha
        and len(one.reason.strip()) >= policy.override.reason_length
        and one.at > change.head.moved_at
        and now - one.at < policy.override.expires
        for one in memory.overrides
    )


@given(*ANYTHING)
def test_deciding_never_fails_and_only_what_is_told_and_asked_is_allowed(change, evidence, memory, policy, roster, now):
    """An allowed change is complete, guarded and met in every requirement, or validly overridden."""
    decision = gate.decide(change, evidence, memory, policy, roster, now)
    if decision.verdict is Verdict.ALLOW:
        assert change.complete
        assert change.commits
        assert policy.requirements
        assert roster.people or roster.teams
        assert decision.guarded
        if decision.override is None:
            assert all(each.met for each in decision.requirements)
            assert not decision.objections
            assert not decision.needs_answer
        else:
            assert valid_override(change, memory, policy, now)
    for each in decision.requirements:
        assert each.met == (each.missing == 0)
        assert len({one.person for one in each.counted}) <= len(each.counted)
        assert each.missing >= each.need.approvals - len(each.counted)


@given(*ANYTHING)
def test_a_decision_is_plain_data_and_only_allow_is_a_success(change, evidence, memory, policy, roster, now):
    """But for an observed repository, which keeps nothing from merging; every limit of a check is kept."""
    decision = gate.decide(change, evidence, memory, policy, roster, now)
    json.dumps(gate.as_json(decision))
    json.dumps(gate.as_record(decision))
    text = gate.check_text(decision, change, page="https://signoff.example.com/1").witnessed("a" * 64)
    assert 0 < len(text.title) <= 120
    assert "\n" not in text.title
    assert len(text.summary.encode("utf-8", "replace")) <= 65_535
    if decision.mode is Mode.OBSERVE:
        assert text.state is gate.State.PASSED
    elif text.state is gate.State.PASSED:
        assert decision.verdict is Verdict.ALLOW


@given(*ANYTHING, st.randoms(use_true_random=False))
def test_the_order_of_reviews_and_deliveries_does_not_matter(change, evidence, memory, policy, roster, now, rng):
    """The whole record is the same, not only the verdict."""

    def shuffled(items):
        return tuple(rng.sample(items, len(items)))

    other_change = replace(change, reviews=shuffled(change.reviews), labels=shuffled(change.labels))
    other_memory = replace(
        memory,
        evidence=shuffled(memory.evidence),
        sightings=shuffled(memory.sightings),
        declarations=shuffled(memory.declarations),
        clearances=shuffled(memory.clearances),
        overrides=shuffled(memory.overrides),
        not_mine=shuffled(memory.not_mine),
    )
    one = gate.decide(change, evidence, memory, policy, roster, now)
    other = gate.decide(other_change, shuffled(evidence), other_memory, policy, roster, now)
    assert gate.as_record(one) == gate.as_record(other)


@given(*PLAIN)
def test_a_new_head_inherits_nothing_unless_the_patch_is_the_same(change, evidence, memory, policy, roster):
    """Neither an approval nor an override."""
    head = Head(Sha("new"), some.START + timedelta(hours=1))
    patches = {sha: patch for sha, patch in memory.patches.items() if sha != head.sha}
    moved = replace(change, head=head)
    decision = gate.decide(moved, evidence, replace(memory, patches=MappingProxyType(patches)), policy, roster, MOMENT)
    assert all(not each.counted for each in decision.requirements)
    assert decision.override is None


@given(*PLAIN)
def test_taking_a_person_out_of_the_roster_never_opens_the_gate(change, evidence, memory, policy, roster):
    """An objection on record stands, and whoever shaped the change counts as unknown."""
    memory = replace(memory, teams=MappingProxyType({}))
    before = gate.decide(change, evidence, memory, policy, roster, MOMENT)
    if before.verdict is Verdict.ALLOW:
        return
    for person in roster.people:
        fewer = replace(roster, people=tuple(each for each in roster.people if each is not person))
        after = gate.decide(change, evidence, memory, policy, fewer, MOMENT)
        assert after.verdict is not Verdict.ALLOW


@given(*PLAIN)
def test_an_incomplete_change_is_never_allowed(change, evidence, memory, policy, roster):
    """Whatever else is known of it, it cannot be told."""
    decision = gate.decide(replace(change, complete=False), evidence, memory, policy, roster, MOMENT)
    assert decision.verdict is Verdict.UNKNOWN


@given(*PLAIN, some.people)
def test_somebody_more_who_pushed_never_opens_the_gate(change, evidence, memory, policy, roster, pusher):
    """A pusher can only lower the author's tier and bar approvals."""
    before = gate.decide(change, evidence, memory, policy, roster, MOMENT)
    if before.verdict is Verdict.ALLOW:
        return
    after = gate.decide(replace(change, pushers=(pusher,)), evidence, memory, policy, roster, MOMENT)
    assert after.verdict is not Verdict.ALLOW


@given(*PLAIN, some.identities)
def test_a_name_more_in_a_commit_never_opens_the_gate(change, evidence, memory, policy, roster, identity):
    """Nobody chooses an easier author or silences an objection by naming people."""
    before = gate.decide(change, evidence, memory, policy, roster, MOMENT)
    if before.verdict is Verdict.ALLOW:
        return
    memory = replace(memory, landed=memory.landed - {Sha("z9")})
    if all(one.sha in memory.landed for one in change.commits):
        return
    more = (*change.commits, Commit(Sha("z9"), identity, identity, "More"))
    after = gate.decide(replace(change, commits=more), evidence, memory, policy, roster, MOMENT)
    assert after.verdict is not Verdict.ALLOW


@given(*PLAIN, some.evidence)
def test_a_finding_more_never_opens_the_gate(change, evidence, memory, policy, roster, finding):
    """Evidence only adds."""
    before = gate.decide(change, evidence, memory, policy, roster, MOMENT)
    if before.verdict is Verdict.ALLOW:
        return
    after = gate.decide(change, (*evidence, finding), memory, policy, roster, MOMENT)
    assert after.verdict is not Verdict.ALLOW


@given(*PLAIN)
def test_nothing_changes_before_the_moment_it_names(change, evidence, memory, policy, roster):
    """`recheck_at` misses no turn of an entry or override."""
    decision = gate.decide(change, evidence, memory, policy, roster, MOMENT)
    soon = (decision.recheck_at or MOMENT + timedelta(days=400)) - timedelta(microseconds=1)
    later = gate.decide(change, evidence, memory, policy, roster, soon)
    assert later.verdict is decision.verdict


COMMENTS = st.lists(
    st.sampled_from([
        *("/signoff ai", "/signoff override Customers cannot pay, see incident 12", "/signoff clear x y", "/signoff"),
        *("> quoted", "```", "~~~", "<!--", "-->", "<pre>", "</pre>", "", "text", "    code", "/signoff recheck\r"),
        *("/signoff not-mine", "/signoff follow-up close seen", "/signoff hello"),
    ]) | some.odd_text,
    max_size=6,
).map("\n".join)  # fmt: skip


@given(*ANYTHING, COMMENTS, some.accounts, st.booleans())
def test_any_comment_gives_records_or_answers(change, evidence, memory, policy, roster, now, body, who, edited):
    """No text fails, and neither an edited comment nor a bot's is ever heard."""
    for command in commands.read(body):
        answer = commands.judge(command, who, edited, now, change, memory, policy, roster, now, evidence)
        assert answer.answer
        if edited or who.kind.value == "bot":
            assert isinstance(answer, commands.Refused)


def test_the_strategies_reach_every_verdict():
    """A property over values of which none is ever allowed would say nothing."""
    seen = set()

    @given(*PLAIN)
    def look(change, evidence, memory, policy, roster):
        seen.add(gate.decide(change, evidence, memory, policy, roster, MOMENT).verdict)

    look()
    assert Verdict.ALLOW in seen
    assert Verdict.HOLD in seen
