"""The service in this process beside a simulated GitLab, driven step by step: what `tests.endurance` has for GitHub."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bot import bootstrap
from bot.forges.gitlab import GitLab as Client
from bot.forges.gitlab import GitLabSettings, Secrets, secrets
from bot.settings import Settings
from tests.endurance.inside import ROOT, TIMEOUT, Clock, Inside
from tests.stories.gitlab.world import GitLabWorld
from tests.support.gitlab_sandbox import GitLab, root

MASTER = "an invented secret for hooks that sign nothing"


@dataclass
class InsideGitLab(Inside):
    """The service in this process, beside a simulated GitLab."""

    def shown(self, number: int) -> str:
        """Success where GitLab lets it be merged at this moment, else what a person sees."""
        name = self.world.repository
        if not self.forge.state(name, number)["blockers"]:
            return "success"
        text = [each["body"] for each in self.forge.notes(name, number) if each["by"] == "signoff"]
        return "none" if not text else "waiting" if "✅" not in text[0] else "stale"


@contextmanager
def inside(folder: Path, mechanism: str) -> Iterator[Inside]:
    """A GitLab with people, one project under a mechanism, and the service; its clock may run ahead of GitLab's."""
    with GitLab() as forge:
        app = GitLabWorld.build(forge, "")
        forge.settings(rate_limit=100_000, auto_disabling=False)
        forge.courier(lose=10**9)
        for name in ("rules.yaml", "roster.yaml"):
            shutil.copy(ROOT / name, folder / name)
        conf = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder / 'signoff.sqlite3'}",
                "rules": str(folder / "rules.yaml"),
                "roster": str(folder / "roster.yaml"),
                "gitlab_url": forge.url,
                "gitlab_token": app["token"],
                "gitlab_webhook_secret": MASTER,
            }
        )
        clock = Clock()
        settings = GitLabSettings(forge.url, app["token"], Secrets((MASTER,)), clock, timeout=TIMEOUT)
        world = GitLabWorld(forge, None, app, "", "http://127.0.0.1:9/hook")  # type: ignore[arg-type]  # no process
        world = (world.with_rule if mechanism == "approver" else world.with_repository)("acme/faults")
        (hook,) = forge.api("GET", f"{root('acme/faults')}/hooks", "ada")
        plain = {"url": hook["url"], "token": secrets.project_token(MASTER, world.id), "signing_token": ""}
        forge.api("PUT", f"{root('acme/faults')}/hooks/{hook['id']}", "ada", plain)
        context = replace(bootstrap.context(conf), clock=clock)
        made = InsideGitLab(forge, world, context, lambda: Client.connect(settings), "signoff", clock)  # type: ignore[arg-type]  # the other forge's driver
        yield from made.running()
