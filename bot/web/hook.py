"""What a server's hook may ask: which heads may enter a branch now, and what changes brought that may not. One token,
read only, and nothing but that.

A head is named only while its change is open into that very branch, is allowed, shows that on the forge, and nothing
happened to it that was not evaluated yet.
"""

from hmac import compare_digest

from flask import Blueprint, Response, jsonify, request

from bot.forges.port import CheckState
from bot.service.context import Context
from bot.store import Tx, changes, due, memory, repositories

PAGE = 500


def blueprint(context: Context, token: str) -> Blueprint:
    """The route. `token` is what the hook must show."""
    routes = Blueprint("hook", __name__)

    @routes.get("/hooks/allowed")
    def allowed() -> Response | tuple[Response, int]:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not compare_digest(given.encode(), token.encode()):
            return jsonify(error="the hook's token is missing or wrong: compare it with SIGNOFF_HOOK_TOKEN here"), 401
        forge, name, branch = (request.args.get(key, "") for key in ("forge", "repository", "branch"))
        with context.store.read() as tx:
            found = repositories.by_name(tx, forge, name)
            if found is None or not found.active:
                return jsonify(error=f"no repository {name[:200]!a} of {forge[:20]!a} is known here"), 404
            heads = _heads(tx, forge, found.id, branch)
            counts = context.rulebook.current().policy.detection.counts
            held = memory.outside(tx, forge, found.id, (each.value for each in counts))
        told = [
            {"number": number, "heads": sorted(stood), "blobs": sorted(blobs)}
            for number, (stood, blobs) in held.items()
        ]
        return jsonify(heads=heads, held=told)

    return routes


def _heads(tx: Tx, forge: str, repository: int, branch: str) -> list[str]:
    heads: list[str] = []
    after = None
    while True:
        rows = changes.page(tx, after=after, limit=PAGE, forge=forge, repository=repository, verdict="allow")
        moving = due.unsettled(tx, [row.subject.key for row in rows])
        heads += [
            row.head
            for row in rows
            if row.base == branch
            and row.published_state == CheckState.PASSED
            and row.published_sha == row.head
            and row.subject.key not in moving
        ]
        if len(rows) < PAGE:
            return heads
        after = rows[-1].subject
