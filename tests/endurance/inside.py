"""The service without its web server and threads: one worker, driven step by step with a clock that can be put on.

Everything else is real: requests over sockets, a SQLite file, the composition root's own parts. What would take minutes
of waiting (back-off, a rate limit, "somebody must act") is over as soon as the clock says so.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from bot import bootstrap
from bot.forges.github import GitHub, GitHubSettings
from bot.forges.port import Forge
from bot.service.context import Context
from bot.service.doorbell import Doorbell
from bot.service.intake import Intake
from bot.service.worker import Worker
from bot.settings import Settings
from bot.store import due
from tests.stories.world import World
from tests.support.sandbox import Sandbox

ROOT = Path(__file__).parent.parent.parent
TIMEOUT = 1
"""Seconds that this client waits for an answer: a forge that hangs is to cost a test no longer."""
MOST_STEPS = 60


@dataclass
class Clock:
    """Real time, and what was put on it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Now."""
        return datetime.now(UTC) + self.ahead  # noqa: TID251  the edge of the service, here


@dataclass
class Inside:
    """A service in this process beside a simulated forge with people and one repository. `connect` makes a client anew;
    `actor` is the service in the forge's log of requests.
    """

    forge: Sandbox
    world: World
    context: Context
    connect: Callable[[], Forge]
    actor: str
    clock: Clock
    worker: Worker = field(init=False)
    taken: int = 0

    def __post_init__(self) -> None:
        """A worker of its own."""
        self.worker = Worker(self.context, "the only one", Doorbell())

    def cold(self) -> None:
        """Forget tokens and connections, as a process that has just started."""
        forge = self.connect()
        self.context = replace(self.context, forges={forge.name: forge})
        self.worker = Worker(self.context, "the only one", Doorbell())

    def running(self) -> Iterator[Self]:
        """Begin, be there, and end with every contract kept."""
        self.cold()
        self.hear()
        self.rest()
        yield self
        self.forge.assert_clean()
        self.context.store.dispose()

    def hear(self) -> None:
        """Take what the forge has sent since, in its order."""
        self.forge.wait_deliveries()
        intake = Intake(self.context.store, self.context.clock)
        (forge,) = self.context.forges.values()
        for parcel in self.forge.deliveries(since=self.taken):
            self.taken = max(self.taken, int(parcel["id"]))
            intake.take(forge, parcel["headers"], parcel["body"].encode())

    def shown(self, number: int) -> str:
        """How the check on a change's head stands: waiting, success, failure or none."""
        return str(self.world.on_commit(self.forge.head(self.world.repository, number))["state"])

    def step(self) -> bool:
        """One evaluation, waiting for it if need be; False when nothing will ever be due."""
        if self.worker.once():
            return True
        with self.context.store.read() as tx:
            moment = due.next_due_at(tx)
        if moment is None or moment - self.clock() > timedelta(hours=1):
            return False
        self.clock.ahead += max(timedelta(), moment - self.clock()) + timedelta(milliseconds=1)
        return True

    def rest(self) -> int:
        """Go on until nothing is due within an hour; the number of steps."""
        for count in range(MOST_STEPS):
            if not self.step():
                return count
        raise AssertionError("it does not come to rest")


@contextmanager
def inside(folder: Path) -> Iterator[Inside]:
    """A forge, its people, a repository that requires the check, a team of seniors, and the service."""
    with Sandbox(app_key_out=folder / "sandbox.pem") as forge:
        app = World.build(forge, "http://127.0.0.1:9/webhooks/github")
        forge.lose_deliveries(10**9)
        forge.team("acme", "seniors", ["grace"])
        shutil.copy(ROOT / "rules.yaml", folder / "rules.yaml")
        roster = (
            (ROOT / "roster.yaml").read_text().replace("teams: []", "teams: [{github: acme/seniors, tier: senior}]")
        )
        (folder / "roster.yaml").write_text(roster)
        names = {
            key.removeprefix("SIGNOFF_").lower(): value
            for key, value in forge.app_settings(app, folder / "app.pem").items()
        }
        names |= {"database_url": f"sqlite:///{folder / 'signoff.sqlite3'}"}
        names |= {"rules": str(folder / "rules.yaml"), "roster": str(folder / "roster.yaml")}
        conf = Settings.model_validate(names)
        settings = GitHubSettings(
            app_id=conf.github_app_id or 0,
            private_key=conf.github_key,
            webhook_secrets=conf.github_secrets,
            api_url=conf.github_api_url,
            graphql_url=conf.github_graphql_url,
            timeout=TIMEOUT,
        )
        clock = Clock()
        context = replace(bootstrap.context(conf), clock=clock)
        world = World(forge, None, app).with_repository("acme/faults")  # type: ignore[arg-type]  # there is no process
        made = Inside(forge, world, context, lambda: GitHub.connect(settings), app["slug"], clock)
        yield from made.running()
