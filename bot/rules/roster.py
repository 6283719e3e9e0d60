"""Roster files to the roster in force, or to every fault in them. No file is opened here.

A roster may be several files, one per team; together they are one roster. Whether tiers exist can only be told with
the policy at hand. An empty roster is made all the same: it is legal, and nobody can sign.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.model.ids import Tier
from bot.model.policy import Policy
from bot.model.roster import Absence, Person, Roster, RosterAccount, TeamGrant
from bot.rules.checking import check
from bot.rules.digest import digest
from bot.rules.document import Document, read_document
from bot.rules.faults import Fault, FaultsError, shown
from bot.rules.policy import DEFAULTS
from bot.rules.references import same, unknown
from bot.rules.roster_file import ACCOUNT_KEYS, PersonShape, RosterFile, TeamShape
from bot.rules.shapes import account_id
from bot.rules.tree import Node, Scalar, get, items, words

ROSTER_SUFFIXES = frozenset({".yaml", ".yml"})
"""The files of a folder that together are the roster, wherever the folder lies."""


def load_roster(files: Mapping[str, bytes], policy: Policy | None = None) -> Roster:
    """The roster that files hold together, by their names. FaultsError with everything that is wrong in all of them.

    With a policy, a tier it does not have is a fault too.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    for name in sorted(files):
        try:
            documents.append(read_document(files[name], name))
        except FaultsError as error:
            faults += error.faults
    return roster_of(documents, policy, faults)


def packaged_roster(policy: Policy | None = None) -> Roster:
    """The roster that is shipped. FaultsError if a policy is given that lacks its tiers."""
    return load_roster({"roster.yaml (the packaged one)": (DEFAULTS / "roster.yaml").read_bytes()}, policy)


def roster_schema() -> dict[str, Any]:
    """The JSON Schema of a roster file, for editors."""
    return RosterFile.model_json_schema(by_alias=True)


def roster_of(documents: Iterable[Document], policy: Policy | None = None, faults: Iterable[Fault] = ()) -> Roster:
    """The roster of trees that were read already; `faults` are those known before."""
    documents, told, shapes = list(documents), list(faults), []
    for document in documents:
        shape, found = check(document, RosterFile)
        told += [*document.faults, *found, *_document_faults(document, policy)]
        if shape is not None:
            shapes.append(shape)
    told += [*_names_twice(documents), *_accounts_of_two(documents)]
    if told:
        raise FaultsError(told)
    roster = Roster(
        people=tuple(_person(each) for shape in shapes for each in shape.people),
        teams=tuple(_team(each) for shape in shapes for each in shape.teams),
    )
    by_name = replace(roster, people=tuple(sorted(roster.people, key=lambda person: person.name)))
    return replace(roster, digest=digest(by_name))


def _document_faults(document: Document, policy: Policy | None) -> Iterator[Fault]:
    people, teams = (items(get(document.root, key)) for key in ("people", "teams"))
    if policy is not None:
        yield from unknown(document, (get(each, "tier") for each in [*people, *teams]), policy.tiers, "tier")
    for person in people:
        yield from _backwards(document, person, "from", "until")
        for absence in items(get(person, "away")):
            yield from _backwards(document, absence, "from", "to")
    for team in teams:
        named = [forge for forge in ACCOUNT_KEYS if get(team, forge) is not None]
        if len(named) != 1:
            hint = "write `github: organisation/team` or `gitlab: group`"
            yield document.fault(team.place, f"a team is named on one forge, not on {len(named)}", hint)
        yield from _team_name_faults(document, get(team, "github"))


def _team_name_faults(document: Document, team: Node | None) -> Iterator[Fault]:
    if isinstance(team, Scalar) and (team.text.count("/") != 1 or not all(team.text.split("/"))):
        message = f"`{shown(team.text)}` is no team's full name"
        yield document.fault(team.place, message, "write organisation/team, e.g. acme/platform-seniors")


def _backwards(document: Document, node: Node, first: str, last: str) -> Iterator[Fault]:
    """Days that end before they begin. ISO dates sort as text."""
    begin, end = get(node, first), get(node, last)
    if isinstance(begin, Scalar) and isinstance(end, Scalar) and begin.value and end.value and end.text < begin.text:
        message = f"`{last}: {shown(end.text)}` is before `{first}: {shown(begin.text)}`"
        yield document.fault(end.place, message, "swap them or mend the year")


def _names_twice(documents: Iterable[Document]) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for document in documents:
        for name in (name for each in items(get(document.root, "people")) for name in words(get(each, "name"))):
            here = f"{document.name}:{name.place.line}"
            before = first.setdefault(same(name.text), here)
            if before != here:
                message = f"a second person `{shown(name.text)}`, the first is at {shown(before)}"
                yield document.fault(name.place, message, "merge the two, or tell them apart by name")


def _accounts_of_two(documents: Iterable[Document]) -> Iterator[Fault]:
    """Accounts that stand under two people: nobody could tell whose approval it is."""
    first: dict[tuple[str, int], tuple[Node, str]] = {}
    for document in documents:
        for person in items(get(document.root, "people")):
            for forge in ACCOUNT_KEYS:
                for number in (get(account, "id") for account in items(get(person, forge))):
                    if not isinstance(number, Scalar) or not isinstance(number.value, int):
                        continue
                    here = f"{document.name}:{number.place.line}"
                    owner, before = first.setdefault((forge, number.value), (person, here))
                    if owner is not person:
                        message = f"{forge} account {number.value} is another person's already, at {shown(before, 300)}"
                        yield document.fault(number.place, message, "an account belongs to one person; keep one entry")


def _person(shape: PersonShape) -> Person:
    github = [RosterAccount("github", each.login, account_id(each.id)) for each in shape.github or ()]
    gitlab = [RosterAccount("gitlab", each.username, account_id(each.id)) for each in shape.gitlab or ()]
    return Person(
        name=shape.name,
        tier=Tier(shape.tier),
        accounts=(*github, *gitlab),
        emails=frozenset(shape.emails),
        zones=frozenset(shape.zones),
        since=shape.from_,
        until=shape.until,
        away=tuple(Absence(each.from_, each.to) for each in shape.away),
    )


def _team(shape: TeamShape) -> TeamGrant:
    forge, team = ("github", shape.github) if shape.github is not None else ("gitlab", shape.gitlab)
    return TeamGrant(forge, team or "", Tier(shape.tier), frozenset(shape.zones))
