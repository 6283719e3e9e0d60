"""One simulated GitHub in service: the API's requests are authenticated, limited, checked against the contracts, spoilt
when a fault was ordered, handled, and logged.

Everything that changes state goes through `act` or a request, so that webhooks leave only after the change is stored.
"""

import hashlib
import json
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path
from typing import Any

from bot.sandbox.contract import Description, Operation
from bot.sandbox.courier import Courier
from bot.sandbox.faults import Faults
from bot.sandbox.github import permissions
from bot.sandbox.github.errors import NotModelled, Refused
from bot.sandbox.github.events import Announcer
from bot.sandbox.github.identity import ANONYMOUS, Actor, authenticate
from bot.sandbox.github.limits import Budget, Limits
from bot.sandbox.github.records import Delivery
from bot.sandbox.github.rest import HANDLERS, Call
from bot.sandbox.github.world import World
from bot.sandbox.journal import Journal
from bot.sandbox.serving import Answer, Asked, spoilt

CONTRACTS = Path(__file__).parent.parent / "contracts"
BROKEN = 599
WENT_WRONG = "Something went wrong while executing your query. This may be the result of a timeout, or a GitHub bug."


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
        self.description = Description(CONTRACTS / "openapi.json.gz")
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
                yield self.world
            finally:
                self.world.store.flush()
                self.announcer.send()

    def redeliver(self, delivery: int) -> int:
        """Send a webhook again; answers the id of the new delivery."""
        with self.act() as world:
            return self.announcer.redeliver(world.existing(Delivery, delivery)).id

    def actor(self, headers: dict[str, str]) -> Actor | Refused:
        """Who asks, or why that cannot be told."""
        with self.world.lock:
            try:
                return authenticate(self.world, headers.get("Authorization", ""))
            except Refused as refusal:
                return refusal

    def rest(self, asked: Asked) -> Answer:
        """Answer a REST request."""
        matched = self.description.match(asked.method, asked.path)
        name = matched[0].id if matched else ""
        return self.serve(asked, name, lambda actor, world: self._rest(asked, matched, actor, world))

    def serve(self, asked: Asked, name: str, handle: Callable[[Actor, World], Answer]) -> Answer:
        """What all API requests have in common: faults, log, limits."""
        started = time.monotonic()
        known = self.actor(asked.headers)
        actor = known if isinstance(known, Actor) else ANONYMOUS
        if self.faults.latency_ms:
            time.sleep(self.faults.latency_ms / 1000)
        fault = self.faults.take(asked.method, asked.path, name, actor.login)
        answer = spoilt(
            asked, fault, self.world, lambda world: self._limited(asked, known, world, handle), _graphql_errors
        )
        answer.headers.setdefault("Date", formatdate(self.world.clock.seconds(), usegmt=True))
        self.journal.request(
            arrived=started,
            at=self.world.clock.now(), method=asked.method, path=asked.path, operation=name, actor=actor.login,
            status=answer.status if asked.wire != "close" else 0, ms=round((time.monotonic() - started) * 1000, 2),
        )  # fmt: skip
        return answer

    def _limited(
        self, asked: Asked, known: Actor | Refused, world: World, handle: Callable[[Actor, World], Answer]
    ) -> Answer:
        if isinstance(known, Refused):
            return refusal(known)
        resource = "graphql" if asked.path == "/graphql" else "core"
        budget = self.limits.budget(known, resource, self.world.setting("rate_limit"))
        if self.limits.take_secondary():
            wait = {"Retry-After": str(self.limits.retry_after)} if self.limits.retry_after is not None else {}
            message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            return Answer(403, {"message": message}, budget.headers(resource) | wait)
        if budget.remaining <= 0:
            return self._exhausted(known, resource, budget)
        if resource == "core":
            budget.remaining -= 1
        with self.world.lock:
            try:
                answer = handle(known, world)
            except Refused as refused:
                answer = refusal(refused)
            except NotModelled as missing:
                answer = self.broken(501, f"{asked.method} {asked.path}", [f"not modelled by the sandbox: {missing}"])
            except Exception:  # noqa: BLE001 - a fault of the sandbox must reach the test that met it
                answer = self.broken(500, f"{asked.method} {asked.path}", [traceback.format_exc()[-2000:]])
            finally:
                self.world.store.flush()
                self.announcer.send()
        answer.headers = budget.headers(resource) | answer.headers
        return self._unchanged(asked, answer) if asked.method == "GET" else answer

    def _exhausted(self, actor: Actor, resource: str, budget: Budget) -> Answer:
        whose = f"installation ID {actor.installation.id}" if actor.installation else f"user {actor.login}"
        message = f"API rate limit exceeded for {whose}."
        if resource == "graphql":
            errors = [{"type": "RATE_LIMITED", "message": message}]
            return Answer(200, {"errors": errors}, budget.headers(resource))
        return Answer(403, {"message": message}, budget.headers(resource))

    def _unchanged(self, asked: Asked, answer: Answer) -> Answer:
        if answer.status != HTTPStatus.OK or answer.body is None:
            return answer
        tag = 'W/"' + hashlib.sha256(json.dumps(answer.body).encode()).hexdigest() + '"'
        answer.headers["ETag"] = tag
        return Answer(304, None, answer.headers) if asked.headers.get("If-None-Match") == tag else answer

    def broken(self, status: int, what: str, faults: list[str], side: str = "sandbox") -> Answer:
        """Answer so that nobody can miss it, and remember it."""
        self.journal.violation(side, what, faults)
        return Answer(status, {"message": "; ".join(faults), "documentation_url": "sandbox"})

    def _rest(
        self, asked: Asked, matched: tuple[Operation, dict[str, str]] | None, actor: Actor, world: World
    ) -> Answer:
        what = f"{asked.method} {asked.path}"
        if matched is None:
            return self.broken(BROKEN, what, ["no such operation in the published description"], "request")
        operation, params = matched
        try:
            body = json.loads(asked.raw) if asked.raw.strip() else None
        except ValueError:
            return Answer(400, {"message": "Problems parsing JSON"})
        if operation.id in {"issues/add-labels", "issues/set-labels"} and isinstance(body, list):
            body = {"labels": body}  # published prose permits the bare list, and PyGithub sends it
        faults = self.description.check_request(operation, asked.query, body)
        if faults:
            return self.broken(BROKEN, what, faults, "request")
        if operation.id == "rate-limit/get":
            return Answer(200, self.limits.overview(actor, self.world.setting("rate_limit")))
        token = asked.headers.get("Authorization", "").partition(" ")[2]
        registered = HANDLERS.get(operation.id)
        if registered is None or _wants_text(asked):
            raise NotModelled(operation.id)
        call = Call(
            world, actor, operation, params, asked.query, body if body is not None else {},
            world.api_url + asked.path, self.announcer, {"sandbox-token": token},
        )  # fmt: skip
        if "repo" in params and operation.id != "apps/get-repo-installation":
            permissions.require(world, actor, call.repo, registered.needs, registered.role)
        result = registered.handle(call)
        answer = result if isinstance(result, Answer) else Answer(_success(operation, result), result)
        call.headers.pop("sandbox-token")
        answer.headers = call.headers | answer.headers
        if self.check_answers:
            faults = self.description.check_answer(operation, answer.status, answer.body)
            self.journal.violation("answer", what, [fault for fault in faults if not _expected(fault)])
        return answer


def _graphql_errors(data: Any, errors: Any) -> dict[str, Any]:
    return {"data": data, "errors": errors or [{"type": "SERVICE_UNAVAILABLE", "message": WENT_WRONG}]}


def _wants_text(asked: Asked) -> bool:
    accepted = asked.headers.get("Accept", "")
    return any(word in accepted for word in (".diff", ".patch", ".raw"))


def _expected(fault: str) -> bool:
    """Where GitHub's own answers are not as its description has them.

    A deleted fork leaves null for the head's repository and owner; and the list of installations is described with
    accounts that are users and enterprises at once.
    """
    return (
        "['head']['repo']: None" in fault
        or "['head']['user']: None" in fault
        or ("]['account']: '" in fault and "is a required property" in fault)
    )


def _success(operation: Operation, result: Any) -> int:
    codes = sorted(int(code) for code in operation.answers if code.startswith("2"))
    return 204 if result is None and 204 in codes else codes[0]  # noqa: PLR2004


def refusal(refused: Refused) -> Answer:
    """A refusal as GitHub writes it."""
    body: dict[str, Any] = {"message": refused.message, "status": str(refused.status)}
    if refused.errors is not None:
        body["errors"] = refused.errors
    body["documentation_url"] = "https://docs.example.com/rest"
    return Answer(refused.status, body, refused.headers)
