"""`signoff work`: workers without the web, on as many machines as share the database."""

import signal
import threading
from datetime import timedelta
from types import FrameType

import click
import structlog

from bot import bootstrap
from bot.cli.starting import ready
from bot.service.sweep import Sweeper
from bot.service.worker import start


@click.command()
def command() -> None:
    """Evaluate due changes until stopped. Runs beside `signoff serve --no-worker`, on one database."""
    conf = ready()
    context = bootstrap.context(conf)
    wake, over, name = threading.Event(), threading.Event(), bootstrap.process_name()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    crew = start(context, conf.workers, wake, name)
    sweeper = Sweeper(context, timedelta(seconds=conf.sweep_seconds), name, wake)
    crew.begin()
    sweeper.begin()
    structlog.get_logger().info("working", workers=conf.workers)
    over.wait()
    sweeper.stop()
    crew.stop()
    context.store.dispose()
