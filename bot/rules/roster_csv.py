"""A table of people to a roster, so that nobody types what a spreadsheet knows already.

Faults are told with the table's own lines; the column is the number of the field. What comes out is a roster file as
one would write it by hand.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date

from bot.model.change import Account
from bot.model.ids import Tier
from bot.model.policy import Policy
from bot.model.roster import Person, Roster, RosterAccount
from bot.rules.document import LARGEST, Document
from bot.rules.faults import START, Fault, FaultsError, Place, nearest, shown
from bot.rules.roster import load_roster, roster_of
from bot.rules.roster_file import ACCOUNT_KEYS
from bot.rules.tree import Mapping, Node, Scalar, Sequence

COLUMNS = (
    *("name", "tier", "github_login", "github_id", "gitlab_username", "gitlab_id"),
    *("emails", "zones", "from", "until"),
)
NEEDED = ("name", "tier")
MANY = ("emails", "zones")
SAFE = re.compile(r"[^\W\d_][\w.@/ +'-]*[\w.+'-]|[^\W\d_]")
READ_OTHERWISE = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def roster_from_csv(data: bytes, name: str, policy: Policy | None = None) -> str:
    """The roster file for a table. FaultsError with everything that is wrong in the table."""
    return as_yaml(roster_of([_document(data, name)], policy))


def _document(data: bytes, name: str) -> Document:
    """The table as a roster's tree, whose places are those of the table."""
    if len(data) > LARGEST:
        raise FaultsError([Fault(name, *START, f"the table is too big: the most is {LARGEST:,} bytes", "split it")])
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        lines = [(reader.line_num, line) for line in reader if any(field.strip() for field in line)]
    except UnicodeDecodeError:
        raise FaultsError([Fault(name, *START, "this is not UTF-8", "save the table as CSV UTF-8")]) from None
    except csv.Error as error:
        raise FaultsError([Fault(name, *START, f"this is no CSV: {error}", "check the quotes")]) from None
    if not lines:
        raise FaultsError([Fault(name, *START, "the table is empty", f"the first line is {','.join(COLUMNS)}")])
    header = [field.strip().lower() for field in lines[0][1]]
    faults = list(_header_faults(name, header, lines[0][0]))
    people = Sequence(START)
    for number, line in lines[1:]:
        if len(line) > len(header):
            message = f"{len(line)} fields, the first line has {len(header)}"
            faults.append(Fault(name, number, len(header) + 1, message, "put a field that holds commas in quotes"))
        people.items.append(_person(dict(zip(header, line, strict=False)), header, number))
    if faults:
        raise FaultsError(faults)
    keys: dict[str, Node] = {"version": Scalar(START, "1", plain=True), "people": people}
    return Document(name, Mapping(START, keys, dict.fromkeys(keys, START)))


def _delimiter(text: str) -> str:
    """A comma, or what spreadsheets write where the comma is the decimal point."""
    first = text.split("\n", 1)[0]
    return ";" if ";" in first and "," not in first else ","


def _header_faults(name: str, header: list[str], line: int) -> Iterator[Fault]:
    for index, column in enumerate(header, 1):
        if column not in COLUMNS:
            yield Fault(name, line, index, f"unknown column `{shown(column)}`", nearest(column, COLUMNS))
        elif column in header[: index - 1]:
            yield Fault(name, line, index, f"a second column `{column}`", "keep one")
    for column in NEEDED:
        if column not in header:
            yield Fault(name, line, 1, f"the column `{column}` is missing", "add it")


def _person(fields: dict[str, str], header: list[str], line: int) -> Mapping:
    """A line as a person's tree; empty fields are left out."""
    person = Mapping(Place(line, 1))

    def put(into: Mapping, key: str, node: Node) -> None:
        into.items[key], into.keys[key] = node, node.place

    for column, field in ((column, field.strip()) for column, field in fields.items()):
        place = Place(line, header.index(column) + 1)
        forge, _, key = column.partition("_")
        if not field:
            continue
        if forge in ACCOUNT_KEYS:
            if forge not in person.items:
                put(person, forge, Mapping(place))
            account = person.items[forge]
            assert isinstance(account, Mapping)  # noqa: S101  put there just now
            put(account, key, Scalar(place, field, plain=key == "id"))
        elif column in MANY:
            put(
                person, column, Sequence(place, [Scalar(place, one, plain=False) for one in re.split(r"[;\s]+", field)])
            )
        else:
            put(person, column, Scalar(place, field, plain=False))
    return person


def roster_of_accounts(forge: str, accounts: Iterable[Account], tier: str, policy: Policy | None = None) -> str:
    """A roster file in which the accounts of a forge have a tier, each under its login. FaultsError if that is none."""
    known = sorted(((each.login, each.id) for each in accounts if each.login and each.id), key=lambda each: each[0])
    people = tuple(Person(login, Tier(tier), (RosterAccount(forge, login, number),)) for login, number in known)
    text = as_yaml(Roster(people))
    load_roster({f"people of tier {shown(tier)}": text.encode()}, policy)
    return text


def as_yaml(roster: Roster) -> str:
    """A roster as a file that one could have written by hand."""
    lines = ["version: 1", "", "people:" if roster.people else "people: []"]
    for person in roster.people:
        lines += [f"  - name: {_scalar(person.name)}", f"    tier: {_scalar(person.tier)}", *_details(person), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _details(person: Person) -> Iterator[str]:
    for forge in ACCOUNT_KEYS:
        for account in (each for each in person.accounts if each.forge == forge):
            yield f"    {forge}: {_account(account)}"
    for key, many in (("emails", person.emails), ("zones", person.zones)):
        if many:
            yield f"    {key}: [{', '.join(_scalar(one) for one in sorted(many))}]"
    for key, day in (("from", person.since), ("until", person.until)):
        if day is not None:
            yield f"    {key}: {date.isoformat(day)}"


def _account(account: RosterAccount) -> str:
    number = "" if account.id is None else f", id: {account.id}"
    return f"{{{ACCOUNT_KEYS[account.forge]}: {_scalar(account.login)}{number}}}"


def _scalar(text: str) -> str:
    """Text as YAML: plain where every reader agrees about it, else in quotes."""
    plain = SAFE.fullmatch(text) and text.casefold() not in READ_OTHERWISE
    return text if plain else json.dumps(text, ensure_ascii=False)
