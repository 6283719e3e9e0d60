"""`signoff serve`: webhooks, pages and workers in one process; or without workers, which then run elsewhere."""

import socket
import sys
from datetime import timedelta
from functools import partial
from typing import Any

import click
import structlog
from gunicorn.app.base import BaseApplication

from bot import bootstrap
from bot.bootstrap import doors
from bot.cli.beside import FORGES, Sandbox
from bot.cli.starting import ready
from bot.model.errors import BadInputError
from bot.service.acquaintance import Acquaintance
from bot.service.branches import guards
from bot.service.doorbell import Doorbell
from bot.service.intake import Intake
from bot.service.sweep import Sweeper
from bot.service.worker import Crew, bury, start
from bot.settings import Settings
from bot.web import create_app, hook

SWITCH = 0.0005
"""Seconds after which a thread that computes lets another go on: no acknowledgement is to wait for a decision."""


@click.command()
@click.option("--no-worker", is_flag=True, help="Only take webhooks and show pages; run `signoff work` elsewhere.")
@click.option(
    "--sandbox-if-unconfigured",
    is_flag=True,
    help="With no forge configured, start a simulated one beside the service (to try it, never for real).",
)
@click.option("--sandbox-forge", type=click.Choice(list(FORGES)), default="github", help="Which one to simulate.")
def command(*, no_worker: bool, sandbox_if_unconfigured: bool, sandbox_forge: str) -> None:
    """Run the service: take webhooks, evaluate changes, show pages."""
    conf = ready()
    _try(conf.listen)
    beside = None
    if not conf.has_forge and sandbox_if_unconfigured:
        beside = Sandbox(conf.listen, sandbox_forge)
        conf = beside.start()
    try:
        bootstrap.context(conf).store.dispose()
        _Server(conf, with_workers=not no_worker).run()
    finally:
        if beside is not None:
            beside.stop()


def _try(address: str) -> None:
    """BadInputError where the address is taken or none of this machine's: before anything is started for it."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((host, int(port)))
    except (OSError, OverflowError) as error:
        raise BadInputError(
            f"SIGNOFF_LISTEN: cannot listen on {address}: {error}. Stop what does, or name another"
        ) from None


class _Server(BaseApplication):
    """One process with threads; its master restarts it should it die."""

    def __init__(self, conf: Settings, *, with_workers: bool) -> None:
        self._settings = conf
        self._with_workers = with_workers
        self._running: list[Crew | Sweeper | Acquaintance] = []
        super().__init__()

    def load_config(self) -> None:
        """Gunicorn's settings, from ours."""
        chosen: dict[str, Any] = {
            "bind": self._settings.listen,
            "workers": 1,
            "worker_class": "gthread",
            "threads": self._settings.web_threads,
            "backlog": 2048,
            "timeout": 60,
            "graceful_timeout": 25,
            "keepalive": 75,
            "loglevel": "warning",
            "proc_name": "signoff",
            "worker_exit": self._stop,
        }
        if "control_socket_disable" in self.cfg.settings:
            chosen["control_socket_disable"] = True  # it has no use here, and a home that is read-only no place for it
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application, made in the process that serves it."""
        sys.setswitchinterval(SWITCH)
        context = bootstrap.context(self._settings)
        bell = Doorbell()
        if self._with_workers:
            name = bootstrap.process_name()
            bury(context, bootstrap.is_dead)
            crew = start(context, self._settings.workers, bell, name)
            sweeper = Sweeper(context, timedelta(seconds=self._settings.sweep_seconds), name, bell)
            self._running += [crew, sweeper]
        else:
            self._running.append(Acquaintance(context))
        for each in self._running:
            each.begin()
        if self._settings.is_public and not self._settings.has_log_in:
            structlog.get_logger().warning("pages_closed", why=doors.NO_LOG_IN)
        structlog.get_logger().info("listening", address=self._settings.listen, workers=self._with_workers)
        intake = Intake(context.store, context.clock, bell, partial(guards, context))
        door = doors.door(self._settings, context)
        app = create_app(context, intake, body_limit=self._settings.body_limit, door=door)
        if self._settings.hook_token is not None:
            app.register_blueprint(hook.blueprint(context, self._settings.hook_token.get_secret_value()))
        return app

    def _stop(self, arbiter: Any, process: Any) -> None:
        del arbiter, process
        for each in reversed(self._running):
            each.stop()
