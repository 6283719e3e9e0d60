"""Evidence that AI took part in a change, and what it amounts to.

Nothing here adds up weak hints into a strong one: the strongest single finding decides.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum
from hashlib import sha256

from bot.model.ids import Sha


class Strength(Enum):
    """How much one finding proves, in ascending order."""

    WEAK = 1
    MEDIUM = 2
    STRONG = 3

    @property
    def word(self) -> str:
        """The word used in YAML, JSON and pages."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Strength":
        """The strength a word stands for; ValueError for any other word."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is no strength: strong, medium or weak") from None


class AiClass(StrEnum):
    """What the evidence for a commit or a change amounts to. `rank` orders them; the highest wins."""

    AGENT_AUTHORED = "agent-authored"
    AI_ASSISTED = "ai-assisted"
    AI_SUGGESTION_APPLIED = "ai-suggestion-applied"
    AI_REVIEWED_ONLY = "ai-reviewed-only"
    AUTOMATION = "automation"
    NONE_DISCLOSED = "none-disclosed"

    @property
    def rank(self) -> int:
        """5 for agent-authored down to 0 for none-disclosed."""
        return _RANKS[self]


_RANKS = {each: len(AiClass) - 1 - place for place, each in enumerate(AiClass)}


SHORT_KEY = 8
"""How many digits of a finding's key people are shown, and the fewest by which they can name it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason to believe that AI took part, or that it did not write but review or automate.

    `detector` names the kind of signal (a key of `bot.detect.DETECTORS`), `tool` the tool's catalogue name,
    `where` the place in words a reader can find again ("commit 1a2b3c4, trailer Co-authored-by"), `quote` the
    text found, at most 200 characters, control characters replaced; it is other people's text: escape it.
    `commit` is the commit it was found in, None when it was found on the change itself.
    """

    detector: str
    tool: str
    ai_class: AiClass
    strength: Strength
    where: str
    quote: str
    commit: Sha | None = None

    @property
    def key(self) -> str:
        """The 64 hex digits that tell this finding from every other; equal findings have equal keys."""
        parts = (self.detector, self.tool, self.ai_class.value, self.commit or "", self.quote)
        return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def short(self) -> str:
        """The start of the key, as people are shown it and as `/signoff clear` names this finding."""
        return self.key[:SHORT_KEY]

    @property
    def facts(self) -> dict[str, str]:
        """The finding as case files, decisions and `signoff detect` spell it: six texts."""
        return {
            "detector": self.detector,
            "tool": self.tool,
            "class": self.ai_class.value,
            "strength": self.strength.word,
            "where": self.where,
            "quote": self.quote,
        }
