"""The seal of our note: what nobody but the bot can write, so that an edit of it shows whoever made it. Pure.

GitLab lets Maintainers edit everybody's notes. A seal is made with a key that only the bot has, over the text and the
merge request that it is for; blanks at the ends of lines are left out, which GitLab may trim. Keys are replaced: a seal
by a former one is as good, but not to be left standing.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from bot.forges.gitlab.secrets import Secrets

_PURPOSE = b"signoff/gitlab/note"
LENGTH = 32
"""Characters of a seal."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals texts under the first of its keys, and knows those under any."""

    keys: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def of(cls, secrets: Secrets, token: str) -> "Seal":
        """By the master secrets for hooks, which have a way of being replaced; by the token where there is none."""
        masters = (*secrets.signing, *secrets.tokens) or (token,)
        return cls(tuple(hmac.new(each.encode(), _PURPOSE, sha256).digest() for each in masters))

    def put(self, place: str, text: str) -> str:
        """The seal of a text at a place."""
        return _mac(self.keys[0], place, text)

    def holds(self, place: str, text: str, seal: str) -> bool:
        """Whether a text at a place is as it was sealed, by whichever key."""
        return any(hmac.compare_digest(_mac(key, place, text), seal) for key in self.keys)

    def is_current(self, place: str, text: str, seal: str) -> bool:
        """Whether it is so by the first key: any other may be gone tomorrow."""
        return hmac.compare_digest(self.put(place, text), seal)


def digest(text: str) -> str:
    """What a text is known again by, by those who remember it; no proof of who wrote it."""
    return sha256(_lines(text)).hexdigest()[:LENGTH]


def _mac(key: bytes, place: str, text: str) -> str:
    return hmac.new(key, f"{place}\n".encode() + _lines(text), sha256).hexdigest()[:LENGTH]


def _lines(text: str) -> bytes:
    lines = "\n".join(line.rstrip() for line in text.replace("\r", "").strip().split("\n"))
    return lines.encode("utf-8", "surrogatepass")
