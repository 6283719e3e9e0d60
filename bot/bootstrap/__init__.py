"""The composition root: settings to a running service. The only place that names the concrete forges.

A forge that is not configured is not even loaded, and who logs in is only a matter of what shows pages (doors.py).
"""

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

from sqlalchemy import make_url

from bot.forges.port import Forge
from bot.model.errors import BadInputError
from bot.service.context import Context, Rulebook
from bot.service.moved import last_in_force
from bot.service.policy_record import Source
from bot.service.policy_repository import RepositoryRulebook
from bot.service.rulebook import FileRulebook
from bot.settings import Settings
from bot.store import Store, open_store

UNKNOWN = "unknown"


def forges(settings: Settings, admin_token: str | None = None) -> Mapping[str, Forge]:
    """The forges that are configured, by name. With an administrator's token, what only such people see is read too."""
    found: dict[str, Forge] = {}
    if settings.github_app_id is not None:
        from bot.forges.github import GitHub, GitHubSettings  # noqa: PLC0415  see above

        github = GitHub.connect(
            GitHubSettings(
                app_id=settings.github_app_id,
                private_key=settings.github_key,
                webhook_secrets=settings.github_secrets,
                api_url=settings.github_api_url,
                graphql_url=settings.github_graphql_url,
                check_name=settings.check_name,
                admin_token=admin_token,
            )
        )
        found[github.name] = github
    if settings.gitlab_token is not None:
        from bot.forges.gitlab import GitLab, GitLabSettings, Secrets  # noqa: PLC0415  see above

        gitlab = GitLab.connect(
            GitLabSettings(
                url=settings.gitlab_url,
                token=settings.gitlab_token.get_secret_value(),
                secrets=Secrets(settings.gitlab_secrets, settings.gitlab_signing_tokens),
                clock=_clock,
                check_name=settings.check_name,
            )
        )
        found[gitlab.name] = gitlab
    return found


def context(settings: Settings, admin_token: str | None = None) -> Context:
    """Everything the use cases work with: the database opened and migrated, the rules read, the forges named."""
    if not settings.has_forge:
        raise BadInputError(
            "no forge is configured: set SIGNOFF_GITHUB_APP_ID or SIGNOFF_GITLAB_TOKEN, and the settings that go with "
            "it (deploy/env.example), or try the service beside a simulated forge with `make run`"
        )
    doors, store = forges(settings, admin_token), open_store(_with_folder(settings.database_url))
    public = settings.public_url or f"http://{settings.listen}"
    return Context(
        forges=doors,
        store=store,
        rulebook=_rulebook(settings, doors, store),
        clock=_clock,
        page_url=lambda key: f"{public}/changes/{key}",
        lease=timedelta(seconds=settings.lease_seconds),
        poison_cap=settings.poison_cap,
        recheck=timedelta(hours=settings.recheck_hours),
        keep=timedelta(days=settings.keep_days),
        keep_names=timedelta(days=settings.keep_names_days),
        check_name=settings.check_name,
        watch=timedelta(seconds=settings.watch_seconds),
    )


def _rulebook(settings: Settings, doors: Mapping[str, Forge], store: Store) -> Rulebook:
    """The one source of rules and roster."""
    if settings.policy_repository is None:
        return FileRulebook(settings.rules, settings.roster, partial(last_in_force, store))
    source = Source.parse(settings.policy_repository)
    return RepositoryRulebook(doors[source.forge], store, _clock, source)


def was_in_force(settings: Settings) -> bool:
    """Whether a version of the rules is known with which the service goes on where those on the disk are broken."""
    path = make_url(settings.database_url).database if settings.database_url.startswith("sqlite") else None
    if path and not Path(path).exists():
        return False
    store = open_store(settings.database_url)
    try:
        return last_in_force(store) is not None
    finally:
        store.dispose()


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the edge: the one clock of the service


def _with_folder(url: str) -> str:
    """The database's URL; the folder of an SQLite file is made, for nobody else to read."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and path != ":memory:":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return url


def process_name() -> str:
    """A name for this process that no other has: machine, where its number means something, number."""
    return f"{socket.gethostname()}/{_numbered_by()}/{os.getpid()}/{os.urandom(4).hex()}"


def is_dead(owner: str) -> bool:
    """Whether the process of a worker (`process_name`, then its own number) is known to have ended.

    One of another machine or container is not, nor one whose number another process has by now.
    """
    _, numbered_by, number, *_ = (*owner.split("/"), "", "", "")
    if numbered_by == UNKNOWN or numbered_by != _numbered_by() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return int(number) > 0
    except OSError:
        return False
    return False


def _numbered_by() -> str:
    """What tells processes apart that have the same number: the machine since it was started, and the container.

    Linux says both (proc(5): /proc/sys/kernel/random/boot_id, /proc/PID/ns/pid); elsewhere it is nothing known.
    """
    try:
        told = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii") + str(
            Path("/proc/self/ns/pid").readlink()
        )
    except OSError:
        return UNKNOWN
    return sha256(told.encode()).hexdigest()[:12]
