"""Single rules of deciding that a case file cannot say, or says less well."""

from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest

from bot import gate
from bot.gate.escape import code, plain
from bot.gate.people import noreply
from bot.gate.requirements import different
from bot.model.change import Account, File, GitIdentity, Head, ReviewState
from bot.model.decision import Discount, Verdict
from bot.model.evidence import AiClass, Strength
from bot.model.ids import AccountId, PatchId, Sha, Tier
from bot.model.memory import Clearance, Memory, NotMine, Push
from bot.model.policy import CatalogueEdit, DetectionRules, Need, OverrideRules, Requirement, Undeclared, When
from bot.model.roster import Absence, Roster, RosterAccount, TeamGrant
from tests.gate.build import (
    ADA,
    AGENT_WORK,
    AI,
    COPILOT,
    GITHUB,
    GRACE,
    JO,
    JUNIOR,
    LINUS,
    MID,
    NOON,
    OVERRIDE,
    POLICY,
    PRINCIPAL,
    ROSA,
    ROSA_WORK,
    ROSTER,
    SENIOR,
    STAFF,
    WORKFLOW,
    account,
    at,
    by,
    change,
    commit,
    decide,
    person,
    replace,
    review,
    sighting,
)

SIGNED = change(reviews=(review(1, GRACE),))


def requiring(when: When, need: Need = Need(1, SENIOR)):  # noqa: B008
    return replace(POLICY, requirements=(Requirement("it", when, need),))


def listing(bot):
    """The rules with a bot that the site lists as automation."""
    return replace(POLICY, detection=DetectionRules(automation_apps=frozenset({bot.id})))


def reasons(decision):
    return [each.code for each in decision.reasons]


WHENS = [
    (When(), True),
    (When(ai=True), True),
    (When(ai=False), False),
    (When(classes=(AiClass.AI_ASSISTED,)), True),
    (When(classes=(AiClass.AUTOMATION,)), False),
    (When(tools=("claude CODE",)), True),
    (When(tools=("cursor",)), False),
    (When(author_below=MID), True),
    (When(author_below=Tier("junior")), False),
    (When(author_below=Tier("duke")), True),
    (When(zones=("data",)), False),
    (When(paths=("src/**",)), True),
    (When(paths=("lib/**",)), False),
    (When(labels=("URGENT",)), True),
    (When(labels=("calm",)), False),
    (When(bases=("@default",)), True),
    (When(bases=("release/*",)), False),
    (When(repositories=("acme/*",)), True),
    (When(repositories=("other/*",)), False),
    (When(changed_lines=4), True),
    (When(changed_lines=5), False),
    (When(changed_files=1), True),
    (When(changed_files=2), False),
    (When(operator_unknown=True), False),
    (When(operator_unknown=False), True),
    (When(ai=True, zones=("data",)), False),
]


@pytest.mark.parametrize(("when", "holds"), WHENS)
def test_a_requirement_holds_when_all_of_its_condition_does(when, holds):
    """Keys are ANDed, members of a list ORed; what is not asked does not matter."""
    decision = decide(change(labels=("urgent",)), policy=requiring(when))
    assert bool(decision.requirements) is holds


def test_conditions_on_size_hold_where_not_all_files_are_shown():
    """What the forge hides may be of any size."""
    assert decide(
        change(files_truncated=True), policy=requiring(When(changed_lines=10**6, changed_files=99))
    ).requirements


def test_a_tier_that_nobody_has_is_reached_by_nobody():
    """A tier that the policy does not have is above every one that it has."""
    decision = decide(SIGNED, policy=requiring(When(), Need(1, Tier("duke"))))
    assert decision.discounted[0].reason is Discount.TIER_TOO_LOW


def test_no_author_tier_is_below_nothing():
    """Where nobody took part, as in proven automation, no `author_below` holds."""
    bot = account("dependabot[bot]", 49699333, bot=True)
    automation = replace(AI, ai_class=AiClass.AUTOMATION)
    mine = change(author=bot, commits=(commit(who=GITHUB),))
    decision = decide(mine, (automation,), policy=requiring(When(author_below=STAFF)))
    assert decision.author_tier is None
    assert decision.verdict is Verdict.ALLOW


def test_an_automation_that_is_not_proven_has_an_unknown_operator():
    """Somebody set it to work, and nobody knows who: that counts as an unknown author."""
    decision = decide(change(author=WORKFLOW, commits=(commit(who=GITHUB),)), ())
    assert decision.author_tier == "junior"
    assert decision.contributors[0].account is None


def test_a_change_without_anybody_has_the_tier_of_an_unknown_author():
    """A deleted author and nothing but landed commits raise no tier."""
    memory = Memory(landed=frozenset({Sha("a1")}))
    decision = decide(change(author=Account(None, None)), (), memory)
    assert decision.author_tier == "junior"


def test_an_operator_whom_only_a_text_names_is_barred_and_unknown():
    """An agent wrote the text: it may bar somebody, and proves nothing about who set it to work."""
    body = "Requested by: @grace"
    mine = change(author=COPILOT, body=body, commits=(commit(who=GITHUB),), reviews=(review(1, GRACE),))
    decision = decide(mine, policy=requiring(When(operator_unknown=True)))
    assert decision.discounted[0].reason is Discount.OPERATOR
    assert decision.verdict is Verdict.HOLD


def test_an_operator_that_is_a_bot_is_unknown():
    """Only a person can answer for an agent."""
    mine = change(author=COPILOT, operator=WORKFLOW, commits=(commit(who=GITHUB),))
    assert decide(mine, policy=requiring(When(operator_unknown=True))).requirements


def test_a_pusher_known_by_login_only_bars_whoever_has_it():
    """In any case of letters; without an id the tier is an unknown author's."""
    decision = decide(change(reviews=(review(1, GRACE),), pushers=(Account("Grace", None),)))
    assert decision.discounted[0].reason is Discount.CONTRIBUTOR


DEPENDABOT = account("dependabot[bot]", 49699333, bot=True)
SHIPIT = account("shipit[bot]", 900900, bot=True)
OF_BOTS = [
    ("a workflow's bot", Memory(pushers=(WORKFLOW,)), POLICY, JUNIOR),
    ("a workflow's bot, by the remembered push", Memory(pushes=(Push(WORKFLOW, Sha("a1")),)), POLICY, JUNIOR),
    ("a workflow's bot whose id is not told", Memory(pushers=(replace(WORKFLOW, id=None),)), POLICY, JUNIOR),
    ("a workflow's bot that the site lists",
     Memory(pushers=(WORKFLOW,)), listing(WORKFLOW), JUNIOR),
    ("an agent", Memory(pushers=(COPILOT,)), POLICY, JUNIOR),
    ("a bot that nobody listed", Memory(pushers=(SHIPIT,)), POLICY, JUNIOR),
    ("a bot that the site lists", Memory(pushers=(SHIPIT,)), listing(SHIPIT), SENIOR),
    ("a listed automation", Memory(pushers=(DEPENDABOT,)), POLICY, SENIOR),
    ("the forge", Memory(pushers=(account("web-flow", 19864447, bot=True),)), POLICY, SENIOR),
]  # fmt: skip


@pytest.mark.parametrize(("why", "memory", "policy", "tier"), OF_BOTS)
def test_somebody_unknown_is_behind_what_a_bot_pushes_to_a_persons_change(why, memory, policy, tier):
    """Every bot but a listed automation and the forge stands for somebody nobody knows."""
    decision = decide(change(author=GRACE, commits=(commit(who=GRACE),)), memory=memory, policy=policy)
    assert decision.author_tier == tier
    roles = [each.roles for each in decision.contributors[1:] if each.person is None]
    assert roles == ([("pushed",)] if tier == JUNIOR else [])


def test_a_bot_in_the_roster_gives_what_it_pushes_no_tier():
    """An entry for a bot makes no senior of whoever drives it."""
    roster = replace(ROSTER, people=(*ROSTER.people, person("Shipit", PRINCIPAL, SHIPIT)))
    mine = change(author=GRACE, commits=(commit(who=GRACE),), pushers=(SHIPIT,))
    assert decide(mine, roster=roster).author_tier == JUNIOR


def test_an_agent_that_pushes_to_its_own_change_has_its_operators_tier():
    """Until another bot pushes there as well, for somebody unknown."""
    mine = change(author=COPILOT, operator=GRACE, commits=(commit(who=GITHUB),), pushers=(COPILOT,))
    assert decide(mine).author_tier == SENIOR
    assert decide(replace(mine, pushers=(COPILOT, WORKFLOW))).author_tier == JUNIOR


COPILOTS = GitIdentity("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
SHIPITS = by(SHIPIT)
WORKFLOWS = GitIdentity("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com")
DEPENDABOTS = GitIdentity("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
RENAMED = GitIdentity("builder[bot]", "builder@example.com")
BY_BOTS = [
    ("an agent", COPILOTS, True),
    ("a bot that nobody listed", replace(SHIPITS, name="shipit[bot]"), True),
    ("a workflow", WORKFLOWS, True),
    ("a listed automation", DEPENDABOTS, False),
    ("a bot without an account", RENAMED, False),
]


@pytest.mark.parametrize(("why", "author", "firm"), BY_BOTS)
def test_whom_an_agents_commit_names_cannot_disclaim_it(why, author, firm):
    """Whoever an agent names set it to work, or may have; a listed automation names nobody firmly."""
    message = (
        "Add retry\n\nCo-authored-by: G <grace@example.com>\nCo-authored-by: L <1002+linus@users.noreply.github.com>"
    )
    made = commit(who=author, message=message, committer=GITHUB)
    mine = change(author=COPILOT, commits=(made,), reviews=(review(1, GRACE),))
    said = Memory(not_mine=(NotMine(AccountId(1001), at(1)), NotMine(AccountId(1002), at(1))))
    decision = decide(mine, memory=said, policy=replace(POLICY, requirements=(AGENT_WORK,)))
    firmly = {each.person for each in decision.contributors if "named by an agent's commit" in each.roles}
    assert firmly == ({"Grace Example", "Linus Example"} if firm else set())
    assert {each.reviewer for each in decision.discounted} == ({GRACE} if firm else set())


UPDATE = commit("m1", GRACE, "Merge branch 'main' into retry", committer=GITHUB, parents=2, made_by_forge=True)
MERGED = replace(UPDATE, parent_shas=(Sha("a1"), Sha("b0")))
PUSHES = [
    ("Update branch, and nothing else", MERGED, Push(GRACE, Sha("m1"), Sha("a1")), True),
    ("no head before is told", MERGED, Push(GRACE, Sha("m1")), False),
    ("commits came with it", MERGED, Push(GRACE, Sha("m1"), Sha("x9")), False),
    ("somebody else made the merge", MERGED, Push(ROSA, Sha("m1"), Sha("a1")), None),
    ("the forge does not vouch for it", replace(MERGED, made_by_forge=False), Push(GRACE, Sha("m1"), Sha("a1")), False),
    ("nobody knows its parents", UPDATE, Push(GRACE, Sha("m1"), Sha("a1")), False),
    ("a commit of their own", replace(MERGED, parents=1), Push(GRACE, Sha("m1"), Sha("a1")), False),
    ("another head", MERGED, Push(GRACE, Sha("q1"), Sha("a1")), False),
    ("somebody unknown", MERGED, Push(Account(None, None), Sha("m1"), Sha("a1")), None),
]


@pytest.mark.parametrize(("why", "merge", "push", "free"), PUSHES)
def test_only_a_push_that_was_update_branch_and_nothing_else_makes_nobody_a_contributor(why, merge, push, free):
    """What is not told of a push is not excused."""
    mine = change(
        head=Head(Sha("m1"), at(1)), commits=(commit(), merge), reviews=(review(1, GRACE, sha="m1"),)
    )  # fmt: skip
    same = MappingProxyType({Sha("a1"): PatchId("p1"), Sha("m1"): PatchId("p1")})
    decision = decide(mine, memory=Memory(pushes=(push,), patches=same))
    if free is None:
        assert len(decision.contributors) == 2
    else:
        assert (decision.verdict is Verdict.ALLOW) is free


REWRITTEN = commit("y1", committer=by(GRACE))
SAME = {"x1": "p1", "y1": "p1"}
REBASES = [
    ("the patch is the same", Push(GRACE, Sha("y1"), Sha("x1")), (REWRITTEN,), SAME, (), True),
    ("and commits came later", Push(GRACE, Sha("y1"), Sha("x1")), (REWRITTEN, commit("z1")), SAME, (), True),
    ("another patch", Push(GRACE, Sha("y1"), Sha("x1")), (REWRITTEN,), {"x1": "p1", "y1": "p2"}, (), False),
    ("not compared", Push(GRACE, Sha("y1"), Sha("x1")), (REWRITTEN,), {"x1": "", "y1": ""}, (), False),
    ("for another base then", Push(GRACE, Sha("y1"), Sha("x1")), (REWRITTEN,), SAME, ("x1",), False),
    ("no head before is told", Push(GRACE, Sha("y1")), (REWRITTEN,), SAME, (), False),
    ("stacked on it", Push(GRACE, Sha("y1"), Sha("x1")), (commit("x1"), REWRITTEN), SAME, (), False),
    ("theirs before", Push(GRACE, Sha("y1"), Sha("x1")), (commit("y1", GRACE),), SAME, (), False),
    ("a committer beside", Push(ROSA, Sha("y1"), Sha("x1")), (REWRITTEN,), SAME, (), False),
    ("one of two", Push(GRACE, Sha("y1"), Sha("x1")), (commit("w1"), REWRITTEN), SAME, (), False),
]


@pytest.mark.parametrize(("why", "push", "commits", "patches", "elsewhere", "free"), REBASES)
def test_only_a_rebase_that_is_known_to_add_nothing_makes_its_presser_no_contributor(
    why, push, commits, patches, elsewhere, free
):
    """Equal patches before and after excuse the push; the check says so to whom it does not."""
    head = commits[-1].sha
    mine = change(head=Head(head, at(1)), commits=commits, reviews=(review(1, GRACE, sha=head),))
    known = MappingProxyType({Sha(sha): PatchId(patch) for sha, patch in patches.items()})
    memory = Memory(pushes=(push,), patches=known, elsewhere=frozenset(map(Sha, elsewhere)))
    decision = decide(mine, memory=memory)
    assert (decision.verdict is Verdict.ALLOW) is free
    said = gate.check_text(decision, mine).summary
    only_pushed = why not in {"theirs before", "a committer beside", "one of two"}
    assert ("somebody else has to sign" in said) is (only_pushed and not free)


@pytest.mark.parametrize("patches", [{}, {"a1": "p1"}, {"m1": "p1"}, {"a1": "p1", "m1": "p2"}])
def test_an_update_that_is_not_known_to_add_nothing_makes_its_pusher_a_contributor(patches):
    """A merge of the base can be made through the forge with any files in it."""
    mine = change(
        author=GRACE, head=Head(Sha("m1"), at(1)), commits=(commit(who=GRACE), replace(MERGED, author=by(JO)))
    )
    known = MappingProxyType({Sha(head): PatchId(patch) for head, patch in patches.items()})
    decision = decide(mine, memory=Memory(pushes=(Push(JO, Sha("m1"), Sha("a1")),), patches=known))
    assert decision.author_tier == JUNIOR
    assert ("pushed",) in [each.roles[:1] for each in decision.contributors]


def test_a_merge_that_is_known_to_add_nothing_makes_nobody_a_contributor():
    """The patches of the merge and of the head before it are remembered, and equal."""
    merge = commit("m1", GRACE, "sync", parents=2, parent_shas=(Sha("a1"),))
    mine = change(head=Head(Sha("m1"), at(1)), commits=(commit(), merge), reviews=(review(1, GRACE, sha="m1"),))
    same = MappingProxyType({Sha("a1"): PatchId("p1"), Sha("m1"): PatchId("p1")})
    assert decide(mine, memory=Memory(patches=same)).verdict is Verdict.ALLOW
    assert decide(mine).discounted[0].reason is Discount.CONTRIBUTOR


def test_a_merge_without_anything_before_it_is_no_update():
    """There is no head that it could have left as it was."""
    merge = commit("m1", GRACE, "sync", parents=2)
    mine = change(head=Head(Sha("m1"), at(1)), commits=(merge,), reviews=(review(1, GRACE, sha="m1"),))
    assert decide(mine).discounted[0].reason is Discount.CONTRIBUTOR


MAILBOXES = [
    ("1001+grace@users.noreply.github.com", ("github", 1001, "grace")),
    ("grace@users.noreply.github.com", ("github", None, "grace")),
    ("2001-grace@users.noreply.gitlab.com", ("gitlab", 2001, "grace")),
    ("1001+grace@users.noreply.ghe.example.com", ("github", 1001, "grace")),
    ("2001-grace@users.noreply.git.example.com", ("gitlab", 2001, "grace")),
    ("2001-grace@users.noreply.github.com", ("github", None, "2001-grace")),
    ("Grace@users.noreply.github.com", ("github", None, "grace")),
    ("grace@users.noreply.example.com", (None, None, None)),
    ("grace@example.com", (None, None, None)),
]


@pytest.mark.parametrize(("mailbox", "who"), MAILBOXES)
def test_a_private_mailbox_names_an_account(mailbox, who):
    """By id on either forge, also on hosts of one's own; a hyphen on GitHub belongs to the login."""
    assert noreply(mailbox) == who


NAMED = [
    GitIdentity("G", "1001+x@users.noreply.github.com"),
    GitIdentity("G", "grace@users.noreply.github.com"),
    GitIdentity("G", "Grace@Example.com"),
    GitIdentity("G", "x@example.net", "grace", AccountId(1001)),
    GitIdentity("G", "x@example.net", "Grace", None),
    GitIdentity("G", "2001-x@users.noreply.gitlab.com"),
]


@pytest.mark.parametrize("identity", NAMED)
def test_a_commits_identity_is_mapped_to_its_person(identity):
    """By the forge's mapping, a private mailbox's id or login, or the roster's mailboxes; then they may disclaim it."""
    people = list(ROSTER.people)
    people[3] = replace(people[3], accounts=(*people[3].accounts, RosterAccount("gitlab", "grace", AccountId(2001))))
    mine = change(commits=(commit(), commit("b1", identity)), reviews=(review(1, GRACE),))
    decision = decide(mine, roster=Roster(tuple(people)))
    assert decision.discounted[0].reason is Discount.CONTRIBUTOR
    assert decision.requirements[0].candidates[0].login == "grace"
    assert decision.requirements[0].candidates[0].may_after_not_mine


def test_an_id_of_another_forge_means_nothing_here():
    """Numbers of two forges name different people."""
    mine = change(commits=(commit(), commit("b1", GitIdentity("G", "1001-x@users.noreply.gitlab.com"))))
    assert decide(replace(mine, reviews=(review(1, GRACE),))).verdict is Verdict.ALLOW


def test_two_entries_for_one_account_give_the_lower_tier():
    """A second entry must not raise anybody."""
    twice = Roster((*ROSTER.people, person("Grace Again", Tier("junior"), GRACE)))
    assert decide(SIGNED, roster=twice).discounted[0].reason is Discount.TIER_TOO_LOW


@pytest.mark.parametrize(
    ("signed", "left"),
    [
        ((GRACE, LINUS), {GRACE: "high blast radius"}),
        ((GRACE, LINUS, ROSA), {}),
        ((GRACE,), {GRACE: "senior sign-off"}),
    ],
)
def test_who_counts_for_one_zone_of_a_requirement_and_not_for_what_is_missing_is_told_why(signed, left):
    """Named with the requirement, and only as long as something is missing there."""
    people = (
        replace(one, zones=frozenset({"infrastructure"})) if one.name == "Grace Example" else one
        for one in ROSTER.people
    )
    subject = change(
        files=(File("infra/main.tf"), File("app/migrations/1.sql")),
        reviews=tuple(review(number, who) for number, who in enumerate(signed, 1)),
    )
    decision = decide(subject, roster=replace(ROSTER, people=tuple(people)))
    assert {each.reviewer: each.requirement for each in decision.discounted} == left
    assert all(each.reason is Discount.NOT_ZONE_OWNER for each in decision.discounted)
    text = gate.check_text(decision, subject).summary
    assert all(f"`grace`: it counts, but not for all that `{name}` asks: " in text for name in left.values())
    assert [each.get("requirement") for each in gate.as_record(decision)["discounted"]] == list(left.values())


def test_the_highest_of_several_teams_counts_and_its_zones():
    """A team of another forge counts for nothing, and one without zones signs anywhere."""
    teams = (
        TeamGrant("github", "acme/a", SENIOR, frozenset({"data"})),
        TeamGrant("github", "acme/b", Tier("junior")),
        TeamGrant("gitlab", "acme/c", STAFF),
    )
    friend = account("friend", 555)
    memory = Memory(teams=MappingProxyType({name: frozenset({friend.id}) for name in ("acme/a", "acme/b", "acme/c")}))
    roster = replace(ROSTER, teams=teams)
    signed = change(reviews=(review(1, friend),), files=(File("infra/x"),))
    assert decide(signed, memory=memory, roster=roster).discounted[0].reason is Discount.NOT_ZONE_OWNER
    assert decide(replace(signed, files=()), memory=memory, roster=roster).verdict is Verdict.ALLOW
    anywhere = replace(roster, teams=(*teams, TeamGrant("github", "acme/c", SENIOR)))
    assert decide(signed, memory=memory, roster=anywhere).requirements[0].met


def test_a_team_is_asked_by_its_name():
    """Only the numbers of its members are known; a person with an entry of their own is not meant."""
    roster = Roster(ROSTER.people[:1], (TeamGrant("github", "acme/seniors", SENIOR),))
    memory = Memory(teams=MappingProxyType({"acme/seniors": frozenset({AccountId(555), JO.id})}))
    assert decide(memory=memory, roster=roster).title == "Waiting for 1 senior: acme/seniors can sign"


def test_being_away_is_not_asked_and_not_told():
    """Who is on holiday is left out without a word of why."""
    holiday = (Absence(date(2026, 11, 1), date(2026, 12, 1)),)
    people = [replace(one, away=holiday) if one.name == "Grace Example" else one for one in ROSTER.people]
    decision = decide(roster=Roster(tuple(people)))
    assert "grace" not in decision.title
    text = gate.check_text(decision, change()).summary
    assert "grace" not in text
    assert "away" not in text


def test_somebody_on_another_forge_or_without_an_id_is_not_asked():
    """Their approval could not count here."""
    people = (person("Jo", Tier("junior"), JO), person("Noid", SENIOR, Account("noid", None)))
    elsewhere = replace(person("Else", SENIOR), accounts=(RosterAccount("gitlab", "else", AccountId(9)),))
    decision = decide(roster=Roster((*people, elsewhere)))
    assert decision.requirements[0].candidates == ()
    assert "ask those who keep it" in decision.title


def test_whoever_cannot_give_what_is_missing_is_not_asked():
    """Who has approved already cannot approve again."""
    policy = replace(POLICY, requirements=(Requirement("it", When(), Need(2, SENIOR)),))
    decision = decide(SIGNED, policy=policy)
    assert [each.login for each in decision.requirements[0].candidates] == ["linus", "rosa", "stef", "ada"]


def test_people_limited_to_a_zone_that_has_enough_are_not_asked():
    """Only those who can sign for the zone where somebody is missing."""
    limited, zone = {"Grace Example", "Linus Example", "Rosa Example"}, frozenset({"infrastructure"})
    people = [replace(one, zones=zone) if one.name in limited else one for one in ROSTER.people]
    policy = requiring(When(zones=("infrastructure", "data")), Need(2, SENIOR))
    both = change(files=(File("infra/x"), File("a/migrations/x")), reviews=(review(1, GRACE), review(2, LINUS)))
    decision = decide(both, policy=policy, roster=Roster(tuple(people)))
    assert decision.requirements[0].missing == 2
    assert [each.login for each in decision.requirements[0].candidates] == ["stef", "ada"]


def test_an_owner_is_wanted_where_there_is_no_zone():
    """`zone_owner` without a zone is met by nobody, rather than by anybody."""
    assert decide(SIGNED, policy=requiring(When(), Need(1, SENIOR, zone_owner=True))).requirements[0].missing == 1


TEAMS = [
    ([], 0),
    ([{"a"}, {"a"}], 1),
    ([{"a", "b"}, {"a"}], 2),
    ([{"a"}, {"a", "b"}, {"b"}], 2),
    ([set(), {"a"}], 1),
    ([{"a", "b"}, {"a", "b"}, {"a", "c"}], 3),
]


@pytest.mark.parametrize(("teams", "number"), TEAMS)
def test_each_person_stands_for_one_team(teams, number):
    """The largest number of teams that different people can stand for."""
    assert different([frozenset(each) for each in teams]) == number


def test_reasons_for_not_counting_come_in_their_order():
    """Somebody for whom all of them hold gets the first, and so on as they fall away."""
    assert [each.value for each in Discount] == [
        "bot", "not_in_roster", "expired", "operator", "contributor", "same_person",
        "dismissed", "superseded", "older_head", "tier_too_low", "not_zone_owner",
    ]  # fmt: skip
    two = (review(1, GRACE, "dismissed", sha="x1", was=ReviewState.APPROVED), review(2, GRACE, "changes_requested"))
    low = (replace(one, tier=MID) if one.name == "Grace Example" else one for one in ROSTER.people)
    roster = Roster(tuple(low))
    pushed = change(reviews=two, pushers=(GRACE,))
    assert decide(pushed, roster=roster).discounted[0].reason is Discount.CONTRIBUTOR
    assert decide(change(reviews=two), roster=roster).discounted[0].reason is Discount.DISMISSED
    given = (review(1, GRACE, sha="x1"), two[1])
    assert decide(change(reviews=given), roster=roster).discounted[0].reason is Discount.SUPERSEDED
    assert decide(change(reviews=given[:1]), roster=roster).discounted[0].reason is Discount.OLDER_HEAD
    assert decide(SIGNED, roster=roster).discounted[0].reason is Discount.TIER_TOO_LOW


def test_a_sighting_of_somebody_else_is_not_of_this_review():
    """A sighting counts for a review only if its reviewer is the same."""
    assert decide(SIGNED, memory=Memory(sightings=(sighting(1, LINUS, sha="x1"),))).verdict is Verdict.ALLOW


def test_the_last_sighting_of_a_review_counts():
    """A comment is no word and takes none back."""
    seen = (sighting(1, GRACE, sha="x1", minute=3), sighting(1, GRACE), sighting(1, GRACE, "commented", minute=6))
    assert decide(SIGNED, memory=Memory(sightings=seen)).verdict is Verdict.ALLOW


def test_a_review_told_twice_is_one_review():
    """Whatever the order, and the dismissed form of it wins."""
    twice = change(
        reviews=(review(1, GRACE), review(1, GRACE), review(1, GRACE, "dismissed", was=ReviewState.APPROVED))
    )
    decision = decide(twice)
    assert decision.verdict is Verdict.HOLD
    assert gate.as_record(decision) == gate.as_record(decide(replace(twice, reviews=twice.reviews[::-1])))


def test_a_dismissed_review_of_which_nobody_knows_what_it_was_holds():
    """Unless the forge itself dismissed it, or it was a comment."""
    taken = change(reviews=(review(1, GRACE, "dismissed", dismissed_by=JO), review(2, LINUS)))
    assert decide(taken).objections
    by_forge = change(reviews=(review(1, GRACE, "dismissed", dismissed_by_forge=True), review(2, LINUS)))
    assert decide(by_forge).verdict is Verdict.ALLOW
    a_comment = change(reviews=(review(1, GRACE, "dismissed", was=ReviewState.COMMENTED), review(2, LINUS)))
    assert decide(a_comment).verdict is Verdict.ALLOW


def test_a_bots_objection_does_not_hold():
    """Only people hold a change."""
    objecting = change(reviews=(review(1, WORKFLOW, "changes_requested"), review(2, LINUS)))
    assert decide(objecting).verdict is Verdict.ALLOW


def test_somebody_unknown_who_asks_for_changes_holds():
    """Who is in no roster, or deleted, may have been a senior."""
    for who in (account("friend", 555), Account("ghost", None), Account(None, None)):
        assert decide(change(reviews=(review(1, who, "changes_requested"), review(2, LINUS)))).objections


def test_an_objection_is_settled_from_another_account_of_the_same_person():
    """The roster says that both accounts are one person's."""
    words = (review(1, ROSA, "changes_requested", minute=3), review(2, ROSA_WORK))
    assert decide(change(reviews=words)).verdict is Verdict.ALLOW


def test_an_objection_without_anything_required_does_not_hold():
    """Where the rules ask nobody, nobody can hold."""
    assert decide(change(reviews=(review(1, GRACE, "changes_requested"),)), ()).verdict is Verdict.ALLOW


def test_a_clearance_needs_somebody_entitled_and_one_finding():
    """A text that two findings have names neither; a key names one, in any case of letters."""
    other = replace(AI, commit=Sha("b1"), where="commit b1")
    said = [Clearance(AccountId(1001), AI.quote, "wrong", at(5)), Clearance(AccountId(103), AI.key, "wrong", at(5))]
    decision = decide(evidence=(AI, other), memory=Memory(clearances=tuple(said)))
    assert len(decision.evidence) == 2
    assert {"clearance_of_nothing", "clearance_refused"} <= set(reasons(decision))
    cleared = decide(evidence=(AI, other), memory=Memory(clearances=(replace(said[0], evidence=AI.key.upper()),)))
    assert cleared.evidence == (other,)


def test_a_clearance_by_the_start_of_a_key_names_one_finding_or_nothing():
    """A start that two keys have, or that is shorter than people are shown, clears nothing."""
    one, other = (replace(AI, quote=f"AI helped, try {number}") for number in (22631, 160167))
    assert one.short == other.short
    for what, left in (
        (one.short, {one, other}),
        (one.key[:-56], {one, other}),
        (one.key, {other}),
        (other.key[:-20].upper(), {one}),
        (one.key[:7], {one, other}),
        (f"{one.key}0", {one, other}),
    ):
        memory = Memory(clearances=(Clearance(AccountId(1001), what, "wrong", at(5)),))
        assert set(decide(evidence=(one, other), memory=memory).evidence) == left
    memory = Memory(clearances=(Clearance(AccountId(1001), one.short, "wrong", at(5)),))
    assert decide(evidence=(one,), memory=memory).evidence == ()


def test_a_clearance_of_nothing_says_no_more_of_a_key_than_people_are_shown():
    """Eight digits of it."""
    memory = Memory(clearances=(Clearance(AccountId(1001), "0" * 64, "wrong", at(5)),))
    told = next(each.text for each in decide(memory=memory).reasons if each.code == "clearance_of_nothing")
    assert told == "the clearance of 00000000 names no single finding of this change"


def test_where_nothing_is_required_the_lowest_tier_that_is_ever_asked_for_may_clear():
    """A senior by these rules; no one below, and nobody who is unknown."""
    weak = replace(AI, strength=Strength.WEAK)
    for who, left in ((1001, 0), (103, 1), (7, 1)):
        memory = Memory(clearances=(Clearance(AccountId(who), weak.key, "wrong", at(5)),))
        assert len(decide(evidence=(weak,), memory=memory).evidence) == left


def test_equal_findings_are_shown_once_in_their_strongest_form():
    """Found now or remembered, in any order."""
    weak = replace(AI, strength=Strength.WEAK)
    assert decide(evidence=(weak,), memory=Memory(evidence=(AI, weak))).evidence == (AI,)
    assert decide(evidence=(AI, weak)).evidence == (AI,)


def test_of_several_overrides_the_one_that_ends_last_holds():
    """And the decision is looked at again when the first of them ends."""
    memory = Memory(overrides=(OVERRIDE, replace(OVERRIDE, at=at(20))))
    decision = decide(memory=memory)
    assert decision.override is not None
    assert decision.override.expires_at == at(20 + 240)
    assert decision.recheck_at == at(10 + 240)


def test_no_override_counts_where_the_rules_name_no_tier():
    """Break-glass is something that the rules grant."""
    policy = replace(POLICY, override=OverrideRules(None))
    assert decide(memory=Memory(overrides=(OVERRIDE,)), policy=policy).verdict is Verdict.HOLD


def test_an_override_counts_although_the_forges_clock_is_ahead():
    """By a minute; it lasts from the time that the forge dated it."""
    memory = Memory(overrides=(replace(OVERRIDE, at=NOON + timedelta(minutes=1)),))
    decision = decide(memory=memory)
    assert decision.verdict is Verdict.ALLOW
    assert decision.recheck_at == NOON + timedelta(minutes=241)


def test_an_override_dated_for_later_holds_from_then_on_and_is_looked_at_then():
    """No clock is so far ahead; and where it is, it heals by itself."""
    memory = Memory(overrides=(replace(OVERRIDE, at=NOON + timedelta(minutes=70)),))
    early = decide(memory=memory)
    assert early.verdict is Verdict.HOLD
    assert "override_not_yet" in reasons(early)
    assert early.recheck_at == NOON + timedelta(minutes=10)
    assert decide(memory=memory, now=early.recheck_at).verdict is Verdict.ALLOW


@pytest.mark.parametrize(("moved", "verdict"), [(9, Verdict.ALLOW), (10, Verdict.HOLD), (11, Verdict.HOLD)])
def test_an_override_is_for_the_head_and_base_that_were_there_when_it_was_said(moved, verdict):
    """One said before the head moved, or in the same second, is refused, and it is told."""
    decision = decide(change(head=Head(Sha("a1"), at(moved))), memory=Memory(overrides=(OVERRIDE,)))
    assert decision.verdict is verdict
    assert ("override_before_move" in reasons(decision)) is (verdict is Verdict.HOLD)


def test_an_override_at_the_end_of_time_does_no_harm():
    """No date of a record makes the decision fail."""
    end = datetime.max.replace(tzinfo=UTC)
    assert decide(memory=Memory(overrides=(replace(OVERRIDE, at=end),)), now=end).override is None


def test_it_says_when_a_roster_entry_will_decide_otherwise():
    """The day after the last one, or the first day; nothing for entries that turn no more."""

    def ending(**dates):
        people = (replace(one, **dates) if one.name == "Grace Example" else one for one in ROSTER.people)
        return decide(SIGNED, roster=Roster(tuple(people))).recheck_at

    assert ending(until=date(2026, 11, 20)) == datetime(2026, 11, 21, tzinfo=UTC)
    assert ending(since=date(2026, 11, 22)) == datetime(2026, 11, 22, tzinfo=UTC)
    assert ending(until=date.max) is None
    assert ending(until=date(2026, 11, 1)) is None


def test_everybody_who_said_something_is_watched():
    """Who dismissed, disclaimed, cleared, overrode or pushed: when their entry ends the decision may be another."""
    soon = date(2026, 11, 20)
    people = tuple(replace(one, until=soon) if one.name == "Rosa Example" else one for one in ROSTER.people)
    taken = review(1, GRACE, "dismissed", was=ReviewState.CHANGES_REQUESTED, dismissed_by=ROSA)
    for subject, memory in (
        (change(reviews=(taken,)), Memory()),
        (change(), Memory(not_mine=(NotMine(AccountId(1003), at(1)),))),
        (change(), Memory(clearances=(Clearance(AccountId(1003), "x", "y", at(1)),))),
        (change(), Memory(overrides=(replace(OVERRIDE, by=AccountId(1003)),))),
        (change(pushers=(ROSA,)), Memory()),
    ):
        assert decide(subject, memory=memory, roster=Roster(people)).recheck_at == datetime(2026, 11, 21, tzinfo=UTC)


def test_rules_that_edit_the_catalogue_wrongly_decide_nothing():
    """It cannot be told what such rules take for AI."""
    edit = CatalogueEdit(add=(("x", "no such kind", "y"),))
    policy = replace(POLICY, detection=DetectionRules(catalogue=edit))
    decision = decide(SIGNED, policy=policy)
    assert decision.verdict is Verdict.UNKNOWN
    assert "catalogue" in decision.title


def test_nobody_is_asked_for_an_answer_where_a_bot_is_the_author():
    """A bot answers nothing; a person is asked."""
    policy = replace(POLICY, detection=DetectionRules(undeclared=Undeclared.ASK))
    assert not decide(change(author=WORKFLOW, commits=(commit(who=GITHUB),)), (), policy=policy).needs_answer
    assert decide(evidence=(), policy=policy).needs_answer


def test_the_first_requirement_that_matters_is_named_by_tier():
    """The title adds up what is missing by tier, and names who can give all of it."""
    policy = replace(
        POLICY, requirements=(Requirement("one", When(), Need(2, SENIOR)), Requirement("two", When(), Need(1, STAFF)))
    )
    assert decide(policy=policy).title == "Waiting for 2 seniors and 1 staff: stef or ada can sign"


def test_an_expired_author_is_an_unknown_author():
    """An entry that has ended gives no tier."""
    people = tuple(replace(one, until=date(2026, 1, 1)) if one.name == "Ada Example" else one for one in ROSTER.people)
    decision = decide(change(author=ADA, commits=(commit(who=ADA),)), roster=Roster(people))
    assert decision.author_tier == "junior"
    assert not decision.contributors[0].known


def test_a_class_that_the_rules_do_not_count_asks_for_nobody():
    """`ai: true` means the classes in `counts`, and no others."""
    assert decide(evidence=(replace(AI, ai_class=AiClass.AI_SUGGESTION_APPLIED),)).verdict is Verdict.ALLOW


HOSTILE = [
    ("a `b` c", "``a `b` c``"),
    ("`x", "`` `x ``"),
    ("", "` `"),
    ("a\nb\u2028c", "`a b c`"),
    ("a\u200bb\u202ec", "`a[U+200B]b[U+202E]c`"),
    ("\u3164", "`[U+3164]`"),
    ("\ud800", "`[U+D800]`"),
    ("@everyone <b>", "`@everyone <b>`"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_what_others_wrote_is_shown_as_code(text, shown):
    """Whatever it holds, it stays inside; what cannot be seen is spelled out."""
    assert code(text) == shown


def test_long_text_is_cut_with_a_sign():
    """At 200 characters, the sign among them."""
    assert plain("x" * 300) == "x" * 199 + "…"
    assert plain("x" * 200) == "x" * 200
