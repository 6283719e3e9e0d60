"""What is kept of a policy repository: which version is in force, its files, allowed merges, and pushes past the gate.

It is in the database, so that every process works by the same version, and a restart goes on with the last good one
when the forge cannot be reached or a newer one is broken.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from bot.forges.port import FileContent
from bot.model.ids import BlobId, Sha
from bot.service.provenance import Landing
from bot.store import Tx, records


@dataclass(frozen=True, slots=True)
class Source:
    """The policy repository as it is configured: a forge, and a full name there."""

    forge: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Source":
        """The source in a text of the form forge:organisation/repository."""
        forge, _, name = text.partition(":")
        return cls(forge, name)

    def __str__(self) -> str:
        return f"{self.forge}:{self.name}"

    @property
    def key(self) -> str:
        """The beginning of the names of its records."""
        return f"policy/{self.forge}:{self.name.casefold()}"


@dataclass(frozen=True, slots=True)
class State:
    """The version in force and the commit it was taken at; `tip` is the newest commit that was looked at.

    `repository` is the id that the name is pinned to, `seen` names the newest push that was looked at. `fault` says
    why the newest version is not in force, and `unreadable` why none can be read now.
    """

    repository: int
    version: str
    commit: Sha
    tip: Sha
    seen: str = ""
    fault: str | None = None
    unreadable: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """The files of a version, by path."""

    blobs: Mapping[str, BlobId]
    files: Mapping[str, bytes]


def state(tx: Tx, source: Source) -> State | None:
    """How it stands; None while no version was ever taken."""
    found = records.get(tx, source.key)
    return None if found is None else State(**found)


def keep_state(tx: Tx, source: Source, now: State) -> None:
    """It stands like this from now on."""
    records.put(tx, source.key, asdict(now))


def keep_files(tx: Tx, source: Source, version: str, files: Mapping[str, FileContent]) -> None:
    """Keep the files of a version that takes force."""
    kept = {path: [each.blob, b64encode(each.data).decode()] for path, each in files.items()}
    records.put(tx, f"{source.key}/version/{version}", kept)


def kept_files(tx: Tx, source: Source, version: str) -> Kept:
    """The files of a version that took force; none for one that never did."""
    found = records.get(tx, f"{source.key}/version/{version}") or {}
    return Kept(
        {path: BlobId(blob) for path, (blob, _) in found.items()},
        {path: b64decode(data) for path, (_, data) in found.items()},
    )


def keep_landing(tx: Tx, forge: str, repository: int, landing: Landing) -> None:
    """An allowed change was merged into the default branch."""
    name = _landing(forge, repository, landing.merged)
    if records.get(tx, name) is None:
        records.put(tx, name, {**asdict(landing), "outside": list(landing.outside), "spent": False})


def landings(tx: Tx, forge: str, repository: int, shas: Iterable[Sha]) -> dict[Sha, Landing]:
    """The allowed merges among some commits, without those that led to what was in force already."""
    found = {}
    for sha in shas:
        kept = records.get(tx, _landing(forge, repository, sha))
        if kept is not None and not kept["spent"]:
            outside = tuple(Sha(each) for each in kept["outside"])
            found[sha] = Landing(kept["number"], sha, Sha(kept["head"]), kept["commits"], outside)
    return found


def spend(tx: Tx, forge: str, repository: int, shas: Iterable[Sha]) -> None:
    """What these merges brought was taken into force, or was left behind: none of them counts a second time."""
    for sha in shas:
        kept = records.get(tx, _landing(forge, repository, sha))
        if kept is not None and not kept["spent"]:
            records.put(tx, _landing(forge, repository, sha), kept | {"spent": True})


def first_told(tx: Tx, source: Source, sha: Sha) -> bool:
    """Whether a push past the gate is told for the first time; it is not the next time."""
    name = f"{source.key}/push/{sha}"
    if records.get(tx, name) is not None:
        return False
    records.put(tx, name, True)
    return True


def _landing(forge: str, repository: int, sha: Sha) -> str:
    return f"policy/landing/{forge}/{repository}/{sha}"
