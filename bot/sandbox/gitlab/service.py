"""One simulated GitLab in service: the API's requests are authenticated, limited, checked against the contract, spoilt
when a fault was ordered, handled, and logged.

Everything that changes state goes through `act` or a request, so that webhooks leave only after the change is stored.
"""

import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from bot.sandbox.courier import Courier
from bot.sandbox.faults import Faults
from bot.sandbox.gitlab import approvals, identity, merging, trains
from bot.sandbox.gitlab.access import require, see
from bot.sandbox.gitlab.contract import Contract, Operation
from bot.sandbox.gitlab.errors import NotModelled, Refused, unauthorized
from bot.sandbox.gitlab.events import Announcer
from bot.sandbox.gitlab.identity import ANONYMOUS, Actor, authenticate
from bot.sandbox.gitlab.limits import Limits
from bot.sandbox.gitlab.records import Delivery
from bot.sandbox.gitlab.rest import HANDLERS, Call
from bot.sandbox.gitlab.world import World
from bot.sandbox.journal import Journal
from bot.sandbox.serving import Answer, Asked, spoilt

Handle = Callable[[Actor, World, list[Any]], Answer]
"""What answers a request, given who asks, of which world, and a list for what is to be done once it was answered."""
BROKEN = 599
GARBAGE = "<html><body>GitLab is not responding</body></html>"


class Service:
    """A World with everything that serves it."""

    def __init__(self, database: Path | None = None) -> None:
        self.world = World.open(database)
        self.courier = Courier()
        self.announcer = Announcer(self.world, self.courier)
        self.world.tell = self.announcer.tell
        self.faults = Faults()
        self.journal = Journal()
        self.limits = Limits(self.world.clock)
        self.contract = Contract()
        self.check_answers = True

    def close(self) -> None:
        """Stop delivering and write what is left."""
        self.courier.stop()
        with self.world.lock:
            self.world.store.close()

    @contextmanager
    def act(self) -> Iterator[World]:
        """Change the world: locked, stored, and announced at the end."""
        with self.world.lock:
            try:
                self._time_passes()
                yield self.world
                self._time_passes()
            finally:
                self.world.store.flush()
                self.announcer.send()

    def _time_passes(self) -> None:
        """What GitLab does by itself: approvals are settled, and what waits for its pipeline is merged."""
        approvals.settle_all(self.world)
        merging.after_pipelines(self.world)
        trains.refresh(self.world)

    def redeliver(self, delivery: int) -> int:
        """Send a webhook again; answers the id of the new delivery."""
        with self.act() as world:
            again = self.announcer.resend(world.existing(Delivery, delivery))
            return again.id if again else 0

    def actor(self, headers: dict[str, str]) -> Actor | Refused:
        """Who asks, or why that cannot be told."""
        with self.world.lock:
            try:
                return authenticate(self.world, headers)
            except Refused as refusal:
                return refusal

    def rest(self, asked: Asked) -> Answer:
        """Answer a REST request."""
        matched = self.contract.match(asked.method, asked.path)

        def handle(actor: Actor, world: World, later: list[Any]) -> Answer:
            return self._handled(asked, matched, actor, world, later)

        return self.serve(asked, matched[0].name if matched else "", handle, _garbage)

    def serve(self, asked: Asked, name: str, handle: Handle, garbage: Any) -> Answer:
        """Answer a request to the operation `name`: faults, log, limits, and its handler between."""
        started = time.monotonic()
        known = self.actor(asked.headers)
        actor = known if isinstance(known, Actor) else ANONYMOUS
        if self.faults.latency_ms:
            time.sleep(self.faults.latency_ms / 1000)
        fault = self.faults.take(asked.method, asked.path, name, actor.username)
        answer = spoilt(asked, fault, self.world, lambda world: self._limited(asked, known, world, handle), garbage)
        if isinstance(answer.body, str):
            answer.body, answer.text = None, answer.body
        answer.headers.setdefault("Date", formatdate(self.world.clock.seconds(), usegmt=True))
        self.journal.request(
            at=self.world.clock.now(), method=asked.method, path=asked.path, operation=name, actor=actor.username,
            status=answer.status if asked.wire != "close" else 0, ms=round((time.monotonic() - started) * 1000, 2),
        )  # fmt: skip
        return answer

    def _limited(self, asked: Asked, known: Actor | Refused, world: World, handle: Handle) -> Answer:
        if isinstance(known, Refused):
            return refusal(known)
        headers, refused = self.limits.take(known.username, self.world.setting("rate_limit"))
        if refused is not None:
            return refused
        later: list[Any] = []
        what = f"{asked.method} {asked.path}"
        with self.world.lock:
            try:
                if world is self.world:
                    self._time_passes()
                answer = handle(known, world, later)
                if world is self.world and asked.method != "GET":
                    self._time_passes()
            except Refused as no:
                answer = refusal(no)
            except NotModelled as missing:
                answer = self.broken(501, what, [f"not modelled by the sandbox: {missing}"])
            except Exception:  # noqa: BLE001 - a fault of the sandbox must reach the test that met it
                answer = self.broken(500, what, [traceback.format_exc()[-2000:]])
            finally:
                self.world.store.flush()
                self.announcer.send()
        for then in later:
            then(answer)
        answer.headers = headers | answer.headers
        return answer

    def broken(self, status: int, what: str, faults: list[str], side: str = "sandbox") -> Answer:
        """Answer so that nobody can miss it, and remember it."""
        self.journal.violation(side, what, faults)
        return Answer(status, {"message": "; ".join(faults), "documentation_url": "sandbox"})

    def _handled(
        self, asked: Asked, matched: tuple[Operation, dict[str, str]] | None, actor: Actor, world: World,
        later: list[Any],
    ) -> Answer:  # fmt: skip
        what = f"{asked.method} {asked.path}"
        if matched is None:
            return self.broken(BROKEN, what, ["no such operation in the contract"], "request")
        operation, path = matched
        given = _parameters(asked)
        if given is None:
            return Answer(400, {"message": "400 Bad request - The request body is no JSON object"})
        params, faults = self.contract.request(operation, given)
        if faults:
            return self.broken(BROKEN, what, faults, "request")
        registered = HANDLERS.get(operation.name)
        if registered is None:
            raise NotModelled(operation.name)
        identity.allow(actor, asked.method, asked.path)
        call = Call(
            world, actor, operation, path, params, world.api_url + asked.path, self.announcer, self.limits
        )  # fmt: skip
        if operation.name.split(" ")[1].startswith("/projects/:id"):
            if asked.method not in {"GET", "HEAD"} and actor.user is None:
                raise unauthorized()
            see(world, actor, call.project)
            if registered.level:
                require(world, actor, call.project, registered.level)
        result = registered.handle(call)
        answer = result if isinstance(result, Answer) else Answer(next(iter(operation.answers)), result)
        answer.headers = call.headers | answer.headers
        later.extend([call.later] if call.later else [])
        if self.check_answers:
            self.journal.violation("answer", what, self.contract.answer(operation, answer.status, answer.body))
        return answer


def _parameters(asked: Asked) -> dict[str, Any] | None:
    """The parameters of the query and of the body together, as GitLab takes them; None for a body that is neither."""
    found: dict[str, Any] = dict(asked.query)
    if not asked.raw.strip():
        return found
    if "form" in asked.headers.get("Content-Type", ""):
        parsed = parse_qs(asked.raw.decode("utf-8", "replace"), keep_blank_values=True)
        return found | {
            name.removesuffix("[]"): values if name.endswith("[]") else values[-1] for name, values in parsed.items()
        }
    try:
        body = json.loads(asked.raw)
    except ValueError:
        return None
    return found | body if isinstance(body, dict) else None


def _garbage(_data: Any, body: Any) -> Any:
    return body if body is not None else GARBAGE


def refusal(refused: Refused) -> Answer:
    """A refusal as GitLab writes it."""
    return Answer(refused.status, refused.body, dict(refused.headers))
