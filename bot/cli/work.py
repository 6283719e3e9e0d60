"""`signoff work`: workers without the web, on as many machines as share the database.

With `SIGNOFF_WORK_LISTEN` it also tells how it is, for probes and Prometheus; it takes no deliveries, shows no pages.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import click
import structlog
from flask import Flask
from werkzeug.serving import make_server

from bot import bootstrap
from bot.cli.quiet import Quiet
from bot.cli.starting import ready
from bot.model.errors import BadInputError
from bot.service.context import Context
from bot.service.doorbell import Doorbell
from bot.service.sweep import Sweeper
from bot.service.worker import bury, start
from bot.web import health


@click.command()
def command() -> None:
    """Evaluate due changes until stopped. Runs beside `signoff serve --no-worker`, on one database."""
    conf = ready()
    context = bootstrap.context(conf)
    bell, over, name = Doorbell(), threading.Event(), bootstrap.process_name()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    with _health(context, conf.work_listen):
        bury(context, bootstrap.is_dead)
        crew = start(context, conf.workers, bell, name)
        sweeper = Sweeper(context, timedelta(seconds=conf.sweep_seconds), name, bell)
        crew.begin()
        sweeper.begin()
        structlog.get_logger().info("working", workers=conf.workers)
        over.wait()
        sweeper.stop()
        crew.stop()
    context.store.dispose()


@contextmanager
def _health(context: Context, address: str | None) -> Iterator[None]:
    """/healthz, /readyz and /metrics in a thread, if an address is given."""
    if address is None:
        yield
        return
    app = Flask(__name__)
    app.register_blueprint(health.blueprint(context))
    host, _, port = address.rpartition(":")
    try:
        server = make_server(host.strip("[]"), int(port), app, threaded=True, request_handler=Quiet)
    except (OSError, SystemExit) as error:
        raise BadInputError(f"SIGNOFF_WORK_LISTEN: cannot listen on {address}: {error}") from None
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
