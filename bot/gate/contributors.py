"""Who shaped a change, and how senior the least senior of them is.

The accounts that opened and pushed always count. Commits name further people, by mailbox: that adds, it never
replaces, and whoever is named only so may say `/signoff not-mine`. Saying that frees a person to sign; it does not
raise the author's tier, or a junior's word alone would open the gate. An agent stands for whoever set it to work, and
whom its commits name set it to work or may have. A bot that pushes to somebody else's change stands for nobody known.

Whom a commit named stays named when the commit is amended away or dropped, like evidence: else whoever may push could
take a junior's name, or an operator's, out of what they made. Only mailboxes that belong to nobody known are let go,
since amending is how such a mailbox is put right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot import detect
from bot.gate import merges
from bot.gate.matter import Matter
from bot.gate.people import People, Standing, rank_of
from bot.model.change import Account, AccountKind, Commit, GitIdentity
from bot.model.decision import Contributor
from bot.model.evidence import AiClass
from bot.model.ids import AccountId, Sha, Tier
from bot.model.memory import Named

OPENED, OPERATOR, PUSHED = "opened the change", "set the agent to work", "pushed"
WROTE, COMMITTED, CO_WROTE = "author of a commit", "committer", "co-author"
NAMED_BY_AGENT = "named by an agent's commit"
FORMER = "named by a commit that is gone"
_WRITER, _COMMITTER, _BOTH = {WROTE: None}, {COMMITTED: None}, {WROTE: None, COMMITTED: None}
_CO_AUTHOR, _OF_AGENT = {CO_WROTE: None}, {NAMED_BY_AGENT: None}
_FIRM = frozenset({OPENED, OPERATOR, PUSHED, NAMED_BY_AGENT})
"""What nobody can disclaim."""


_HUMAN = detect.Role.HUMAN  # looked up for every commit
co_authors = lru_cache(maxsize=4096)(detect.coauthors)
"""Parsing a message costs more than deciding about it, and messages do not change."""


@dataclass(slots=True)
class _Trace:
    account: Account | None
    standing: Standing | None
    mailbox: str | None = None
    roles: dict[str, None] = field(default_factory=dict)

    @property
    def mailbox_only(self) -> bool:
        return not (_FIRM & self.roles.keys())


@dataclass(frozen=True, slots=True)
class Crew:
    """Those who shaped the change, and the `disclaimed` who said that what names them is not theirs.

    `accounts`, and people by the keys of their `Standing`, may not sign: `persons` are all of them, `named` those whom
    only the roster joins to a mailbox or login, `softly` those whom nothing but mailboxes names, `operators` whoever
    set an agent to work. `by_human`: a person opened it.
    """

    contributors: tuple[Contributor, ...]
    accounts: frozenset[AccountId]
    persons: frozenset[str]
    named: frozenset[str]
    softly: frozenset[str]
    operators: frozenset[str]
    lowest: Tier | None
    disclaimed: tuple[Contributor, ...] = ()
    standings: tuple[Standing, ...] = ()
    operator_unknown: bool = False
    by_human: bool = True

    def author_tier(self, ai_class: AiClass, unknown: Tier) -> Tier | None:
        """The lowest tier among them: `unknown` if nobody else shaped it, None if proven automation did it alone."""
        if self.lowest is not None:
            return self.lowest
        return None if ai_class is AiClass.AUTOMATION else unknown


def crew(matter: Matter, people: People, proven: AiClass) -> Crew:
    """Everybody who shaped the change. `proven` is the class by the evidence: automation needs no operator."""
    traces: dict[str, _Trace] = {}
    change = matter.change
    by_human = matter.is_human(change.author)
    operator = detect.operator(change, matter.catalogue)
    if operator is not None and not matter.is_human(operator):
        operator = None
    if by_human:
        _account(traces, people, change.author, OPENED)
    if operator is not None:
        _account(traces, people, operator, OPERATOR)
    # A login in a text that the agent wrote bars whoever has it, and proves nothing about who it was.
    known = operator is not None and operator.known
    unknown = not by_human and not known and proven is not AiClass.AUTOMATION
    if unknown:
        traces["operator"] = _Trace(None, None, roles={OPERATOR: None})
    for account in _pushers(matter):
        if matter.is_human(account):
            _account(traces, people, account, PUSHED)
        elif _stands_for_somebody(matter, account):
            traces[f"bot {account.id or account.login}"] = _Trace(account, None, roles={PUSHED: None})
    _commits(traces, matter, people)
    _former(traces, matter, people)
    return replace(_crew(traces, matter, people), operator_unknown=unknown, by_human=by_human)


def named(matter: Matter) -> tuple[Named, ...]:
    """The people with a known account whom the commits name, but not who only committed what others wrote."""
    people = People(matter)
    kept: dict[Named, None] = {}
    for identity, roles, commit in _naming(matter, people):
        found = _accounts(matter, people, identity)
        for how in roles.keys() - {COMMITTED}:
            kept |= dict.fromkeys(Named(Account(identity.login, each), how, commit) for each in found)
    return tuple(kept)


def _accounts(matter: Matter, people: People, identity: GitIdentity) -> tuple[AccountId, ...]:
    """The accounts, on the change's forge, of the person whom a commit's identity names."""
    account, standing = people.of_identity(identity)
    if account is not None or standing is None or standing.person is None:
        return () if account is None else (account,)
    theirs = standing.person.accounts
    return tuple(each.id for each in theirs if each.forge == matter.change.forge and each.id is not None)


def _pushers(matter: Matter) -> tuple[Account, ...]:
    told = (
        each.by
        for each in matter.memory.pushes
        if not (merges.only_updates(matter, each) or merges.only_rebases(matter, each))
    )
    return tuple(dict.fromkeys((*matter.change.pushers, *matter.memory.pushers, *told)))


def _stands_for_somebody(matter: Matter, bot: Account) -> bool:
    """Whether somebody unknown may be behind what a bot pushed: not where it pushed to its own change, and not behind
    a listed automation or the forge.
    """
    if bot.id is not None and bot.id == matter.change.author.id:
        return False
    role = detect.account_role(bot, matter.catalogue, matter.change.forge)
    return role is not detect.Role.FORGE and not matter.is_automation(bot)


def _account(traces: dict[str, _Trace], people: People, account: Account, role: str) -> None:
    """Somebody the forge names. Without an id the login bars whoever has it now, at the tier of an unknown author."""
    standing = people.standing(account.id)
    trace = traces.setdefault(_key(people, account), _Trace(account, standing))
    trace.account = account if trace.account is None or trace.account.login is None else trace.account
    trace.roles[role] = None


def _key(people: People, account: Account) -> str:
    standing = people.standing(account.id)
    if account.id is None:
        owner = people.of_login(account.login)
        key = owner.key if owner else f"login {account.login or ''}"
    else:
        key = standing.key if standing else f"account {account.id}"
    return f"{key} {account.id or ''}"


def _commits(traces: dict[str, _Trace], matter: Matter, people: People) -> None:
    named: dict[GitIdentity, dict[str, None]] = {}
    for identity, roles, _ in _naming(matter, people):
        named.setdefault(identity, {}).update(roles)
    for identity, roles in named.items():
        for how in roles:
            _mailbox(traces, people, identity, how)


def _former(traces: dict[str, _Trace], matter: Matter, people: People) -> None:
    """Add those whom only commits named that are not in the change any more."""
    if not matter.memory.named:
        return
    here = {commit.sha for commit in matter.change.commits}
    known = {trace.standing.key for trace in traces.values() if trace.standing is not None} | traces.keys()
    for each in matter.memory.named:
        standing = people.standing(each.account.id)
        if each.commit in here:
            continue
        if each.role == NAMED_BY_AGENT:
            _account(traces, people, each.account, NAMED_BY_AGENT)
        elif _key(people, each.account) not in known and (standing is None or standing.key not in known):
            _account(traces, people, each.account, FORMER)


def _naming(matter: Matter, people: People) -> Iterator[tuple[GitIdentity, Mapping[str, None], Sha]]:
    """The people whom each commit that has not landed names, and as what."""
    kinds: dict[GitIdentity, detect.Role] = {}
    reviewers = frozenset(each.reviewer.id for each in matter.change.reviews) | frozenset(
        each.reviewer for each in matter.memory.sightings
    )

    def kind(identity: GitIdentity) -> detect.Role:
        found = kinds.get(identity)
        if found is None:
            found = kinds[identity] = matter.role(identity)
        return found

    rebased = _rebased(matter, people)
    for place, commit in enumerate(matter.change.commits):
        if commit.sha in matter.memory.landed:
            continue
        author = kind(commit.author)
        committer = author if commit.committer is commit.author else kind(commit.committer)
        if commit.parents == 1 or not merges.updates(matter, place, committer):
            yield from _makers(commit, author, committer, only_rebased=place < rebased)
        agents = _by_agent(matter, people, commit.author, author)
        suggested = bool(reviewers) and commit.parents == 1 and merges.by_forge(commit, committer) and not agents
        for co_author in co_authors(commit.message, matter.change.forge):
            if suggested and _is_one_of(people.of_identity(co_author), reviewers, people):
                continue
            if kind(co_author) is _HUMAN:
                yield co_author, _OF_AGENT if agents else _CO_AUTHOR, commit.sha


def _makers(
    commit: Commit, author: detect.Role, committer: detect.Role, *, only_rebased: bool
) -> Iterator[tuple[GitIdentity, Mapping[str, None], Sha]]:
    one = commit.committer is commit.author
    if author is _HUMAN:
        yield commit.author, _BOTH if one and not only_rebased else _WRITER, commit.sha
    if committer is _HUMAN and not one and not only_rebased:
        yield commit.committer, _COMMITTER, commit.sha


def _rebased(matter: Matter, people: People) -> int:
    """How many commits, from the first on, have as committer only whoever had the forge rebase them. If their mailbox
    names an account or a person, it must be that pusher's; a mailbox of nobody known may be.
    """
    count, push = merges.rebased(matter)
    if push is None:
        return 0
    found = people.of_identity(matter.change.commits[0].committer)
    return count if found == (None, None) or _is_one_of(found, frozenset({push.by.id}), people) else 0


def _by_agent(matter: Matter, people: People, author: GitIdentity, role: detect.Role) -> bool:
    """Whether an agent made a commit. As for changes, a bot that is no listed automation is taken for one."""
    if role is not detect.Role.AUTOMATION:
        return role is detect.Role.AGENT
    account, _ = people.of_identity(author)
    return account is not None and not matter.is_automation(Account(author.login, account, AccountKind.BOT))


def _is_one_of(
    found: tuple[AccountId | None, Standing | None], accounts: frozenset[AccountId | None], people: People
) -> bool:
    """Whether an identity is one of these accounts, or by a mailbox a person who has one of them."""
    account, standing = found
    if account is not None and account in accounts:
        return True
    theirs = map(people.standing, accounts) if standing is not None else ()
    return any(each is not None and standing is not None and each.key == standing.key for each in theirs)


def _mailbox(traces: dict[str, _Trace], people: People, identity: GitIdentity, role: str) -> None:
    """Somebody a commit names: joined with the account if the forge or the roster knows whose mailbox it is."""
    account, standing = people.of_identity(identity)
    if account is not None:
        _account(traces, people, Account(identity.login, account), role)
        return
    key = f"{standing.key} " if standing else f"mailbox {identity.email.strip().casefold()}"
    trace = traces.setdefault(key, _Trace(None, standing, identity.email or identity.name))
    trace.roles[role] = None


def _crew(traces: dict[str, _Trace], matter: Matter, people: People) -> Crew:
    """The traces as a crew. A person counts as named by a mailbox only if none of their accounts did more."""
    hard = {trace.standing.key for trace in traces.values() if trace.standing and not trace.mailbox_only}
    said = {
        each.key for each in (people.standing(word.by) for word in matter.memory.not_mine) if each and each.in_force
    }
    ours: list[Contributor] = []
    freed: list[Contributor] = []
    keys: dict[str, set[str]] = {"all": set(), "named": set(), "softly": set(), "operator": set()}
    for trace in traces.values():
        owner = trace.standing or _by_login(trace.account, people)
        soft = trace.mailbox_only and (owner is None or owner.key not in hard)
        free = soft and owner is not None and owner.key in said
        (freed if free else ours).append(_contributor(trace, owner, matter, soft=soft))
        if owner is None or free:
            continue
        keys["all"].add(owner.key)
        keys["softly"] |= {owner.key} if soft else set()
        keys["operator"] |= {owner.key} if OPERATOR in trace.roles else set()
        keys["named"] |= {owner.key} if trace.account is None or trace.account.id is None else set()
    tiers = sorted((rank_of(matter.policy, each.tier), each.tier) for each in (*ours, *freed))
    return Crew(
        contributors=tuple(ours),
        accounts=frozenset(each.account.id for each in ours if each.account and each.account.id is not None),
        persons=frozenset(keys["all"]),
        named=frozenset(keys["named"]),
        softly=frozenset(keys["softly"]),
        operators=frozenset(keys["operator"]),
        lowest=tiers[0][1] if tiers else None,
        disclaimed=tuple(freed),
        standings=tuple(each.standing for each in traces.values() if each.standing is not None),
    )


def _by_login(account: Account | None, people: People) -> Standing | None:
    """Whose login an account without an id bears."""
    return people.of_login(account.login) if account is not None and account.id is None and account.login else None


def _contributor(trace: _Trace, owner: Standing | None, matter: Matter, *, soft: bool) -> Contributor:
    """An entry that is not in force any more gives its person no tier: they count as an unknown author."""
    standing = trace.standing
    known = standing is not None and standing.in_force
    tier = standing.tier if standing is not None and known else matter.policy.unknown_author
    person = owner.name if owner else None
    return Contributor(trace.account, person, tier, tuple(trace.roles), known, soft, trace.mailbox)
