"""Any values of the model, drawn from few enough names that they meet each other, and the plausible among them."""

from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from hypothesis import strategies as st

from bot.model.change import (
    Account,
    AccountKind,
    Change,
    Commit,
    File,
    FileKind,
    FileStatus,
    GitIdentity,
    Head,
    LabelEvent,
    Review,
    ReviewState,
)
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, PatchId, Sha, Tier
from bot.model.memory import Answer, Clearance, Declaration, Memory, NotMine, Override, Push, Sighting
from bot.model.policy import (
    CatalogueEdit,
    DetectionRules,
    Mode,
    Need,
    OverrideRules,
    Policy,
    RepositoryRule,
    Requirement,
    Undeclared,
    When,
    Zone,
)
from bot.model.roster import Absence, Person, Roster, RosterAccount, TeamGrant

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
TIERS = tuple(map(Tier, ("junior", "senior", "staff")))
NAMES = ("jo", "grace", "linus", "rosa", "ada")
IDS = dict(zip(NAMES, map(AccountId, (1, 2, 3, 4, 5)), strict=True))

odd_text = st.text(max_size=8) | st.sampled_from(
    ["", "main", "\x00", "a/../b", "@default", "🙂", "\ud800", "[", "!x", "x" * 300]
)
shas = st.sampled_from(["a1", "b2", "c3", "d4"]).map(Sha)
patches = st.sampled_from(["", "p1", "p2"]).map(PatchId)
ids = st.sampled_from(sorted(IDS.values())) | st.integers(-1, 9).map(AccountId)
moments = st.integers(-5, 40).map(lambda minute: START + timedelta(minutes=minute))
days = (
    st.integers(-2, 2).map(lambda day: date(2026, 11, 20) + timedelta(days=day)) | st.just(date.max) | st.just(date.min)
)
people = st.sampled_from(NAMES).map(lambda name: Account(name, IDS[name]))
accounts = (
    people
    | people
    | st.builds(Account, st.none() | odd_text, st.none() | ids, st.sampled_from(AccountKind))
    | st.just(Account("dependabot[bot]", AccountId(49699333), AccountKind.BOT))
)
identities = (
    people.map(lambda one: GitIdentity(one.login, f"{one.login}@example.com", one.login, one.id))
    | people.map(lambda one: GitIdentity(one.login, f"{one.id}+{one.login}@users.noreply.github.com"))
    | st.builds(GitIdentity, odd_text, odd_text, st.none() | odd_text, st.none() | ids)
    | st.sampled_from([GitIdentity("GitHub", "noreply@github.com"), GitIdentity("Claude", "noreply@anthropic.com")])
)
messages = st.sampled_from([
    "Add retry",
    "Add retry\n\nCo-authored-by: Claude <noreply@anthropic.com>",
    "Add retry\n\nCo-authored-by: grace <grace@example.com>",
    "Merge branch 'main' into retry",
]) | odd_text  # fmt: skip
commits = st.builds(
    Commit, shas, identities, identities, messages, st.integers(0, 2), st.booleans(), st.tuples(shas) | st.just(())
)
files = st.builds(
    File,
    st.sampled_from(["src/pay.py", "infra/main.tf", "CODEOWNERS", "x.sql"]) | odd_text,
    st.none() | odd_text,
    st.sampled_from(FileStatus),
    st.integers(0, 500),
    st.integers(0, 500),
    st.sampled_from(FileKind),
    st.none(),
    st.none() | st.just(("resource x",)),
)
reviews = st.builds(
    Review,
    st.integers(1, 6),
    accounts,
    st.sampled_from(ReviewState),
    st.none() | shas,
    moments,
    st.none() | st.sampled_from(ReviewState),
    st.none() | accounts,
    st.booleans(),
)
label_events = st.builds(
    LabelEvent, st.sampled_from(["no-ai", "ai-assisted"]), st.booleans(), st.none() | accounts, moments
)


def some(strategy, most=3):
    return st.lists(strategy, max_size=most).map(tuple)


changes = st.builds(
    Change,
    forge=st.sampled_from(["github", "github", "gitlab", "x"]),
    repository=st.just("acme/payments") | odd_text,
    number=st.integers(0, 9),
    title=odd_text,
    body=odd_text | st.just("- [x] This contribution uses AI"),
    base=st.just("main") | st.just("main") | odd_text,
    default_branch=st.just("main"),
    branch=odd_text | st.just("claude/retry"),
    author=accounts,
    head=st.builds(Head, shas, moments),
    operator=st.none() | accounts,
    pushers=some(accounts, 2),
    commits=some(commits),
    labels=some(st.sampled_from(["ai-assisted", "no-ai", "x"]), 2),
    files=some(files),
    files_truncated=st.sampled_from([False, False, True]),
    reviews=some(reviews, 5),
    complete=st.sampled_from([True, True, True, False]),
    label_events=some(label_events, 2),
    body_editor=st.none() | accounts,
    author_app_id=st.none() | st.just(29110),
)
evidence = st.builds(
    Evidence,
    st.sampled_from(["identities", "labels", "authors"]),
    st.sampled_from(["Claude Code", "", "x"]),
    st.sampled_from(AiClass),
    st.sampled_from(Strength),
    odd_text,
    odd_text,
    st.none() | shas,
)
sightings = st.builds(
    Sighting, st.integers(1, 6), ids, st.sampled_from(ReviewState), shas, moments, st.none() | patches
)
reasons = odd_text | st.just("Customers cannot pay, see incident 12")
teams = st.dictionaries(st.sampled_from(["acme/a", "acme/b"]), st.frozensets(ids, max_size=3), max_size=2)
memories = st.builds(
    Memory,
    evidence=some(evidence),
    sightings=some(sightings),
    patches=st.dictionaries(shas, patches).map(MappingProxyType),
    declarations=some(st.builds(Declaration, st.none() | ids, st.sampled_from(Answer), st.none() | moments), 2),
    clearances=some(st.builds(Clearance, ids, odd_text, reasons, moments), 2),
    overrides=some(st.builds(Override, ids, shas, reasons, moments | st.just(datetime.max.replace(tzinfo=UTC))), 2),
    not_mine=some(st.builds(NotMine, ids, moments), 2),
    landed=st.frozensets(shas, max_size=2),
    teams=teams.map(MappingProxyType),
    pushers=some(accounts, 1),
    pushes=some(st.builds(Push, accounts, shas, st.none() | shas), 2),
)
tiers = st.sampled_from(TIERS)
any_tier = tiers | tiers | st.just(Tier("duke"))
zone_names = st.sampled_from(["infrastructure", "data", "governance", "opaque"])
whens = st.builds(
    When,
    ai=st.none() | st.booleans(),
    classes=some(st.sampled_from(AiClass), 1),
    tools=some(st.just("claude code"), 1),
    author_below=st.none() | any_tier,
    zones=some(zone_names, 2),
    paths=some(odd_text | st.just("*.py"), 1),
    labels=some(st.just("X"), 1),
    bases=some(st.just("@default") | odd_text, 1),
    repositories=some(st.just("acme/*") | odd_text, 1),
    changed_lines=st.none() | st.integers(0, 400),
    changed_files=st.none() | st.integers(0, 4),
    operator_unknown=st.none() | st.booleans(),
)
needs = st.builds(Need, st.integers(1, 3), any_tier, st.booleans(), st.sampled_from([0, 0, 2]))
simple = st.just(Requirement("senior sign-off", When(ai=True, author_below=TIERS[1]), Need(1, TIERS[1])))
requirements = simple | st.builds(Requirement, st.sampled_from(["one", "two"]), whens, needs)
zones = st.builds(
    Zone,
    zone_names,
    some(st.sampled_from(["infra/**", "*.sql", "!x.sql"]) | odd_text, 2),
    st.none() | st.integers(1, 500),
    st.none() | st.integers(1, 3),
    st.booleans(),
)
detections = st.builds(
    DetectionRules,
    minimum_strength=st.sampled_from(Strength),
    undeclared=st.sampled_from(Undeclared),
    catalogue=st.just(CatalogueEdit()) | st.just(CatalogueEdit(add=(("x", "no such kind", "y"),))),
)
policies = st.builds(
    Policy,
    tiers=st.just(TIERS),
    unknown_author=any_tier,
    requirements=some(requirements),
    zones=some(zones, 2),
    detection=detections,
    mode=st.sampled_from([Mode.ENFORCE, Mode.ENFORCE, Mode.OBSERVE, Mode.OFF]),
    repositories=some(st.builds(RepositoryRule, st.just("acme/*") | odd_text, st.sampled_from(Mode)), 1),
    guarded_branches=st.just(("@default",)) | some(odd_text, 2),
    override=st.builds(OverrideRules, st.none() | any_tier, st.just(timedelta(minutes=30))),
)
roster_accounts = people.map(lambda one: RosterAccount("github", one.login, one.id)) | st.builds(
    RosterAccount, st.sampled_from(["github", "gitlab"]), st.sampled_from(NAMES), st.none() | ids
)
persons = st.builds(
    Person,
    st.sampled_from(NAMES),
    any_tier,
    some(roster_accounts, 2),
    st.sampled_from([frozenset(), frozenset({"grace@example.com"}), frozenset({"jo@example.com"})]),
    st.frozensets(zone_names, max_size=1),
    st.none() | days,
    st.none() | days,
    some(st.builds(Absence, days, days), 1),
)
grants = st.builds(
    TeamGrant, st.just("github"), st.sampled_from(["acme/a", "acme/b"]), any_tier, st.frozensets(zone_names, max_size=1)
)
rosters = st.builds(Roster, some(persons, 5), some(grants, 2))
