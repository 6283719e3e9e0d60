"""The web application around one simulated GitLab: API, control plane and pages, on one address."""

import json
from typing import Any

from flask import Flask, Request, Response, request

from bot.sandbox.gitlab import graphql, pages
from bot.sandbox.gitlab.control import blueprint as control
from bot.sandbox.gitlab.service import Service
from bot.sandbox.server import RAW_PATH, WIRE
from bot.sandbox.serving import Answer, Asked

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
REST_ROOT = "/api/v4"
GRAPHQL = "/api/graphql"


def build(service: Service) -> Flask:
    """The application. It holds no state of its own."""
    app = Flask(__name__, static_folder=None, template_folder="../templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    engine = graphql.Engine(service)

    @app.post(GRAPHQL)
    def query() -> Response:
        asked = _asked(request, GRAPHQL)
        return _response(asked, engine.answer(asked))

    @app.route(f"{REST_ROOT}/<path:_path>", methods=METHODS)
    def rest(_path: str) -> Response:
        asked = _asked(request, request.environ[RAW_PATH].removeprefix(REST_ROOT))
        return _response(asked, service.rest(asked))

    app.register_blueprint(control(service), url_prefix="/sandbox/control")
    app.register_blueprint(pages.blueprint(service))
    return app


def _asked(incoming: Request, path: str) -> Asked:
    query: dict[str, Any] = {}
    for name, values in incoming.args.lists():
        query[name.removesuffix("[]")] = values if name.endswith("[]") else values[-1]
    headers = {name.title(): value for name, value in incoming.headers.items()}
    return Asked(incoming.method, path, query, headers, incoming.get_data())


def _response(asked: Asked, answer: Answer) -> Response:
    if asked.wire:
        request.environ[WIRE] = asked.wire
    kind = "application/json"
    text = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    if answer.text is not None:
        text = answer.text if isinstance(answer.text, bytes) else answer.text.encode()
        kind = "text/plain"
    response = Response(text, answer.status, content_type=kind)
    response.headers["X-Request-Id"] = "SANDBOX"
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response
