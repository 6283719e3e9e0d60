"""The files that rules and roster are made of: which ones they are in a policy repository, and what they say together.

Nothing is read here; whoever has the bytes is told the policy and the roster, or every fault of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TypeVar

from bot import rules
from bot.forges.port import Snapshot
from bot.model.ids import BlobId
from bot.model.policy import Policy
from bot.model.roster import Roster
from bot.rules.roster import ROSTER_SUFFIXES

RULES = "rules.yaml"
ROSTER = "roster.yaml"
FOLDER = "roster"
PATHS = (RULES, ROSTER, FOLDER)
"""What to ask a forge for: two files, and a folder whose files are read with the second."""
LOCAL = ".signoff.yaml"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """What some bytes amount to. With faults, policy or roster may be missing, and neither may take force."""

    policy: Policy | None
    roster: Roster | None
    faults: tuple[rules.Fault, ...] = ()


def belongs(path: str) -> bool:
    """Whether a file of a policy repository is one of those that make rules and roster."""
    folder, _, name = path.rpartition("/")
    return path in {RULES, ROSTER} or (folder == FOLDER and PurePosixPath(name).suffix in ROSTER_SUFFIXES)


def own(files: Mapping[str, T]) -> dict[str, T]:
    """Those among the files of a repository that make rules and roster."""
    return {path: each for path, each in files.items() if belongs(path)}


def bytes_of(found: Snapshot) -> dict[str, bytes]:
    """What the files say that make rules and roster."""
    return {path: each.data for path, each in own(found.files).items()}


def blobs_of(found: Snapshot) -> dict[str, BlobId]:
    """The ids of their contents."""
    return {path: each.blob for path, each in own(found.files).items()}


def version(contents: Mapping[str, str]) -> str:
    """The name of a version: a digest over the paths and the ids of their contents (hex)."""
    digest = sha256()
    for path in sorted(contents):
        digest.update(f"{path}\0{contents[path]}\0".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def judge(files: Mapping[str, bytes]) -> Judged:
    """What the files say, by path; files that are no part of rules and roster are not looked at."""
    faults: list[rules.Fault] = []
    policy = roster = None
    people = {path: data for path, data in files.items() if belongs(path) and path != RULES}
    try:
        if RULES in files:
            policy = rules.load_policy(files[RULES], RULES)
        else:
            faults.append(rules.Fault(RULES, 1, 1, "there is no such file", "add it; `signoff rules check` helps"))
    except rules.FaultsError as error:
        faults += error.faults
    try:
        if people:
            roster = rules.load_roster(people, policy)
        else:
            faults.append(rules.Fault(ROSTER, 1, 1, "there is no such file", "add it, or files in roster/"))
    except rules.FaultsError as error:
        faults += error.faults
    return Judged(policy, roster, tuple(faults))


def warnings(judged: Judged, today: date) -> tuple[rules.Concern, ...]:
    """What is legal in them and looks wrong."""
    if judged.policy is None or judged.roster is None or judged.faults:
        return ()
    return rules.warnings(judged.policy, judged.roster, today)
