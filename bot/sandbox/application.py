"""The web application around one simulated GitHub: API, control plane and pages, on one address."""

import json

from flask import Flask, Request, Response, request

from bot.sandbox.github import graphql, pages
from bot.sandbox.github.control import blueprint as control
from bot.sandbox.github.service import Service
from bot.sandbox.server import RAW_PATH, WIRE
from bot.sandbox.serving import Answer, Asked

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
REST_ROOT = "/api/v3"


def build(service: Service) -> Flask:
    """The application. It holds no state of its own."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    engine = graphql.Engine(service)

    @app.route(f"{REST_ROOT}/<path:_path>", methods=METHODS)
    def rest(_path: str) -> Response:
        asked = _asked(request, request.environ[RAW_PATH].removeprefix(REST_ROOT))
        return _response(asked, service.rest(asked))

    @app.post("/api/graphql")
    def query() -> Response:
        asked = _asked(request, "/graphql")
        return _response(asked, engine.answer(asked))

    app.register_blueprint(control(service), url_prefix="/sandbox/control")
    app.register_blueprint(pages.blueprint(service))
    app.register_blueprint(pages.making(service))
    return app


def _asked(incoming: Request, path: str) -> Asked:
    return Asked(
        incoming.method,
        path,
        incoming.args.to_dict(),
        {name.title(): value for name, value in incoming.headers.items()},
        incoming.get_data(),
    )


def _response(asked: Asked, answer: Answer) -> Response:
    if asked.wire:
        request.environ[WIRE] = asked.wire
    text = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    response = Response(text, answer.status, content_type="application/json; charset=utf-8")
    response.headers["X-GitHub-Media-Type"] = "github.v3; format=json"
    response.headers["X-GitHub-Request-Id"] = "SANDBOX"
    for name, value in answer.headers.items():
        response.headers[name] = value
    return response
