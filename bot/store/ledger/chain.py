"""An entry of the ledger and how its hash is made; pure, so that others can write the same in any language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from bot.store import canonical

GENESIS = "0" * 64
"""The hash before the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `subject` is a `Subject.key`; `body` is made of what canonical JSON has (no floats)."""

    seq: int
    at: datetime
    kind: str
    subject: str | None
    body: Mapping[str, Any]
    hash: str

    def exported(self) -> dict[str, Any]:
        """The entry as one line of an export, which `verify` takes."""
        return {**content(self.seq, self.at, self.kind, self.subject, self.body), "hash": self.hash}


def content(seq: int, at: datetime, kind: str, subject: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry's hash covers, besides the hash before it."""
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"seq": seq, "at": moment, "kind": kind, "subject": subject, "body": body}


def chained(previous: str, covered: Mapping[str, Any]) -> str:
    """The hash of an entry, in hex: SHA-256 over the hash before it, a line feed, and the canonical content."""
    return sha256(f"{previous}\n{canonical.dumps(covered)}".encode("ascii")).hexdigest()
