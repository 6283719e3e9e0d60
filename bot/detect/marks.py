"""The catalogue's nouns: a tool, its role, and the kinds of mark it can leave. Their meaning is told in
catalogue.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.model.evidence import AiClass


class ToolRole(StrEnum):
    """What a tool does when its name stands in a commit."""

    AUTHOR = "author"
    SUGGESTION = "suggestion"
    """It reviews; named as a co-author, one of its suggestions was applied."""
    REVIEWER = "reviewer"
    AUTOMATION = "automation"

    @property
    def as_author(self) -> AiClass:
        """The class of a commit whose author it is."""
        return AiClass.AUTOMATION if self is ToolRole.AUTOMATION else AiClass.AGENT_AUTHORED

    @property
    def as_helper(self) -> AiClass:
        """The class of a commit that names it as one who took part."""
        return {
            ToolRole.AUTHOR: AiClass.AI_ASSISTED,
            ToolRole.SUGGESTION: AiClass.AI_SUGGESTION_APPLIED,
            ToolRole.REVIEWER: AiClass.AI_REVIEWED_ONLY,
            ToolRole.AUTOMATION: AiClass.AUTOMATION,
        }[self]


class Source(StrEnum):
    """How sure the catalogue is of a tool's marks."""

    SEEN = "seen"
    DOCUMENTED = "documented"
    REPORTED = "reported"
    SITE = "site"
    """Added by the site's rules."""


class Kind(StrEnum):
    """The kinds of mark, which are also the keys of a tool in catalogue.yaml and the second word of a site's edit."""

    MAILBOXES = "mailboxes"
    ACCOUNTS = "accounts"
    USERNAMES = "usernames"
    NAMES = "names"
    MODELS = "models"
    NAME_SUFFIXES = "name_suffixes"
    TRAILERS = "trailers"
    SESSIONS = "sessions"
    SESSION_LINKS = "session_links"
    LINKS = "links"
    MARKERS = "markers"
    SUMMARIES = "summaries"
    BRANCHES = "branches"
    TITLES = "titles"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool and its marks, by kind."""

    name: str
    role: ToolRole
    source: Source
    marks: Mapping[Kind, tuple[str, ...]]

    def of(self, kind: Kind) -> tuple[str, ...]:
        """Its marks of one kind."""
        return self.marks.get(kind, ())


class Polarity(StrEnum):
    """What ticking a template's box says."""

    AI = "ai"
    NO_AI = "no_ai"
    AI_UNLESS_NO = "ai_unless_no"
    """Conditional wording ("If AI was used …"): AI, unless a box that says no is ticked too."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Question:
    """A template's known wording, in lower case, and what a tick beside it says."""

    text: str
    answer: Polarity
