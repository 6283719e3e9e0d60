"""What can be due for evaluation, and where it lives: a change, a merge group, a branch, a repository, an
installation.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.model.ids import Sha

ALL = "all"


class SubjectKind(StrEnum):
    """What is to be looked at again."""

    CHANGE = "change"
    """One pull or merge request; `item` is its number."""
    GROUP = "group"
    """A merge queue's group commit; `item` is its base branch, an @ and its SHA."""
    REPOSITORY = "repository"
    """The open changes of a repository that moved; all of them where `item` is ALL, else it is empty."""
    WATCH = "watch"
    """What guards a repository and what came to its guarded branches; `item` is one branch, or empty for all of it."""
    BRANCH = "branch"
    """The open changes known from a branch that moved; `item` is the branch."""
    INSTALLATION = "installation"
    """All repositories of an installation; `item` is the installation's id, `repository` 0."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that can be due. `repository` is the forge's own number of it, which survives a rename."""

    forge: str
    repository: int
    kind: SubjectKind
    item: str = ""

    @property
    def key(self) -> str:
        """The text by which the due-set knows it, e.g. github/1/change/7."""
        return f"{self.forge}/{self.repository}/{self.kind.value}/{self.item}"

    @property
    def number(self) -> int:
        """A change's number; ValueError for any other kind."""
        if self.kind is not SubjectKind.CHANGE:
            raise ValueError(f"{self.key} is no change and has no number")
        return int(self.item)

    @classmethod
    def change(cls, forge: str, repository: int, number: int) -> "Subject":
        """The subject of one change."""
        return cls(forge, repository, SubjectKind.CHANGE, str(number))

    @property
    def group(self) -> tuple[str, Sha]:
        """A group's base branch and commit; ValueError for any other kind."""
        if self.kind is not SubjectKind.GROUP:
            raise ValueError(f"{self.key} is no merge group")
        base, _, sha = self.item.rpartition("@")
        return base, Sha(sha)

    @classmethod
    def whole(cls, forge: str, repository: int) -> "Subject":
        """All open changes of a repository, whether they moved or not."""
        return cls(forge, repository, SubjectKind.REPOSITORY, ALL)

    @classmethod
    def merge_group(cls, forge: str, repository: int, base: str, sha: Sha) -> "Subject":
        """The subject of a merge queue's group commit on a base branch."""
        return cls(forge, repository, SubjectKind.GROUP, f"{base}@{sha}")

    @classmethod
    def parse(cls, key: str) -> "Subject":
        """The subject of a key; ValueError for text that is none."""
        forge, repository, kind, item = key.split("/", 3)
        return cls(forge, int(repository), SubjectKind(kind), item)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository as last heard of. `installation` is the id of the credentials' scope (0 where there is none).

    `active` is false once the bot was taken out of it, or it was archived or deleted: nothing can be published there.
    """

    forge: str
    id: int
    name: str
    default_branch: str = ""
    installation: int = 0
    active: bool = True

    @property
    def scope(self) -> str:
        """What shares a rate limit with this repository, e.g. github/42."""
        return f"{self.forge}/{self.installation}"
