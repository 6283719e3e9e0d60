"""Whose delivery it is: secrets bound to one project each, and the proofs that deliveries carry, without I/O.

The configured secret is a master: what a project's hook is given is derived from it and the project's id, so that
whoever learns one project's secret can speak for no other. A hook of a whole group or instance is given the master
itself. Signatures are those of Standard Webhooks (GitLab 19.0 and later), with a window against replay; before that
GitLab sends a plain `X-Gitlab-Token`. Everything is compared in constant time.
"""

import binascii
import hmac
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.model.errors import RefusedDeliveryError

SIGNING_PREFIX = "whsec_"
REPLAY_WINDOW = timedelta(minutes=5)
"""How far a signed delivery's time may be from ours (Standard Webhooks recommends five minutes)."""
_PURPOSE = "signoff/gitlab/project/"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Master secrets, the current one first: `tokens` for X-Gitlab-Token, `signing` (whsec_…) for signatures."""

    tokens: tuple[str, ...] = field(default=(), repr=False)
    signing: tuple[str, ...] = field(default=(), repr=False)


def project_token(master: str, project: int) -> str:
    """What the hook of one project sends as X-Gitlab-Token."""
    return hmac.new(master.encode(), f"{_PURPOSE}{project}".encode(), sha256).hexdigest()


def project_signing_token(master: str, project: int) -> str:
    """What the hook of one project signs with, in GitLab's form: whsec_ and 32 bytes in Base64."""
    mac = hmac.new(signing_key(master), f"{_PURPOSE}{project}".encode(), sha256).digest()
    return SIGNING_PREFIX + b64encode(mac).decode()


def signing_key(token: str) -> bytes:
    """The key in a signing token; ValueError for text that is none."""
    try:
        key = b64decode(token.removeprefix(SIGNING_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("a signing token is whsec_ and Base64") from error
    if not token.startswith(SIGNING_PREFIX) or not key:
        raise ValueError("a signing token is whsec_ and Base64")
    return key


def verify(headers: Mapping[str, str], body: bytes, project: int | None, secrets: Secrets, now: datetime) -> datetime:
    """Refuse with 401 what does not prove that it is this project's; when it was sent, by GitLab's clock or ours.

    `headers` have lower-case names. `project` is None where the body names none: only a master proves that.
    A delivery that bears a signature is judged by the signature alone wherever a signing token is configured.
    """
    if not secrets.tokens and not secrets.signing:
        raise _refused("no webhook secret is configured, so no delivery can be believed")
    if secrets.signing and "webhook-signature" in headers:
        return _signed(headers, body, project, secrets, now)
    given = headers.get("x-gitlab-token", "")
    good = False
    for master in secrets.tokens:
        for expected in (master, *([project_token(master, project)] if project is not None else [])):
            good |= hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
    if not good:
        raise _refused("its X-Gitlab-Token is missing, wrong, or another project's: see `signoff setup gitlab --renew`")
    return now


def _signed(headers: Mapping[str, str], body: bytes, project: int | None, secrets: Secrets, now: datetime) -> datetime:
    stamp = headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,11}", stamp):
        raise _refused("its webhook-timestamp is missing or no time")
    sent = datetime.fromtimestamp(int(stamp), UTC)
    content = f"{headers.get('webhook-id', '')}.{stamp}.".encode("utf-8", "replace") + body
    given = list(_versions(headers["webhook-signature"]))
    good = False
    for key in _keys(secrets.signing, project):
        expected = b64encode(hmac.new(key, content, sha256).digest())
        for one in given:
            good |= hmac.compare_digest(expected, one)
    if not good:
        raise _refused("its webhook-signature is wrong, or another project's: see `signoff setup gitlab --renew`")
    if abs(now - sent) > REPLAY_WINDOW:
        raise _refused("it was signed too long ago or in the future: it is a replay, or a clock is wrong")
    return sent


def _keys(masters: Iterable[str], project: int | None) -> Iterator[bytes]:
    for master in masters:
        yield signing_key(master)
        if project is not None:
            yield signing_key(project_signing_token(master, project))


def _versions(header: str) -> Iterator[bytes]:
    """The signatures of version 1 in a list that is separated by blanks."""
    for part in header.split()[:20]:
        version, _, signature = part.partition(",")
        if version == "v1":
            yield signature.encode("utf-8", "replace")


def _refused(why: str) -> RefusedDeliveryError:
    return RefusedDeliveryError(f"the delivery is not believed: {why}", status=401)
