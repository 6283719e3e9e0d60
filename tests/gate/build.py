"""Short ways to say changes, rules and people in tests. Times are minutes after ten o'clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot import gate
from bot.model.change import Account, AccountKind, Change, Commit, File, GitIdentity, Head, Review, ReviewState
from bot.model.decision import Decision
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, PatchId, Sha, Tier
from bot.model.memory import Memory, Override, Sighting
from bot.model.policy import Need, OverrideRules, Policy, Requirement, When, Zone
from bot.model.roster import Person, Roster, RosterAccount

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
JUNIOR, MID, SENIOR, STAFF, PRINCIPAL = TIERS = tuple(map(Tier, ("junior", "mid", "senior", "staff", "principal")))
REASON = "Customers cannot pay, see incident 12"


def at(minutes: int) -> datetime:
    return datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(minutes=minutes)


def account(login: str, number: int, *, bot: bool = False) -> Account:
    return Account(login, AccountId(number), AccountKind.BOT if bot else AccountKind.USER)


JO, KIM, SAM = account("jo", 101), account("kim", 103), account("sam", 102)
GRACE, LINUS, ROSA, ROSA_WORK = (
    account("grace", 1001),
    account("linus", 1002),
    account("rosa", 1003),
    account("rosa-work", 1004),
)
STEF, ADA = account("stef", 1008), account("ada", 1009)
WORKFLOW = account("github-actions[bot]", 41898282, bot=True)
COPILOT = account("Copilot", 198982749, bot=True)
GITHUB = GitIdentity("GitHub", "noreply@github.com")


def person(name: str, tier: Tier, *accounts: Account, **more) -> Person:
    own = tuple(RosterAccount("github", one.login or "", one.id) for one in accounts)
    return Person(f"{name} Example", tier, own, frozenset({f"{name.lower()}@example.com"}), **more)


ROSTER = Roster(
    (
        person("Jo", JUNIOR, JO),
        person("Kim", JUNIOR, KIM),
        person("Sam", MID, SAM),
        person("Grace", SENIOR, GRACE),
        person("Linus", SENIOR, LINUS),
        person("Rosa", SENIOR, ROSA, ROSA_WORK),
        person("Stef", STAFF, STEF),
        person("Ada", PRINCIPAL, ADA),
    ),
    digest="r1",
)
SIGN_OFF = Requirement("senior sign-off", When(ai=True, author_below=SENIOR), Need(1, SENIOR))
AGENT_WORK = Requirement("an agent's own work", When(classes=(AiClass.AGENT_AUTHORED,)), Need(1, SENIOR))
BLAST = Requirement(
    "high blast radius", When(ai=True, zones=("infrastructure", "data", "destructive")), Need(2, SENIOR)
)
GATE = Requirement("the gate itself", When(zones=("governance",)), Need(1, STAFF))
POLICY = Policy(
    TIERS,
    JUNIOR,
    (SIGN_OFF, AGENT_WORK, BLAST, GATE),
    (Zone("infrastructure", ("infra/**", "*.tf")), Zone("data", ("**/migrations/**",)), Zone("destructive", (), 400)),
    override=OverrideRules(PRINCIPAL),
    digest="p1",
)


def by(who: Account, **more) -> GitIdentity:
    return GitIdentity(f"{who.login} Example", f"{who.login}@example.com", who.login, who.id, **more)


def commit(sha: str = "a1", who: Account | GitIdentity = JO, message: str = "Add retry", **more) -> Commit:
    author = by(who) if isinstance(who, Account) else who
    return Commit(Sha(sha), author, more.pop("committer", author), message, **more)


def review(number: int, who: Account, state: str = "approved", sha: str = "a1", minute: int = 5, **more) -> Review:
    return Review(number, who, ReviewState(state), Sha(sha), at(minute), **more)


def sighting(
    number: int, who: Account, state: str = "approved", sha: str = "a1", minute: int = 5, patch=None
) -> Sighting:
    return Sighting(number, who.id or AccountId(0), ReviewState(state), Sha(sha), at(minute), patch and PatchId(patch))


CHANGE = Change(
    "github",
    "acme/payments",
    7,
    "Add retry",
    "",
    "main",
    "main",
    "retry",
    JO,
    Head(Sha("a1"), at(0)),
    commits=(commit(),),
    files=(File("src/pay.py", additions=3, deletions=1),),
)
AI = Evidence(
    "identities", "Claude Code", AiClass.AI_ASSISTED, Strength.STRONG, "commit a1, trailer Co-authored-by",
    "Co-authored-by: Claude <noreply@anthropic.com>", Sha("a1"),
)  # fmt: skip
OVERRIDE = Override(AccountId(1009), Sha("a1"), REASON, at(10))


def change(**more) -> Change:
    return replace(CHANGE, **more)


def decide(subject: Change = CHANGE, evidence=(AI,), memory=None, policy=POLICY, roster=ROSTER, now=NOON) -> Decision:
    return gate.decide(subject, tuple(evidence), memory or Memory(), policy, roster, now)
