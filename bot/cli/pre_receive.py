"""`signoff pre-receive`: a hook for self-managed git servers, under the forge rather than beside it.

It refuses a push to a guarded branch that brings AI commits, unless the push is what merging an allowed change gives.
Pushes without AI commits need no service. When the service cannot be asked the push is refused, unless the server's
owner chose otherwise. Rules come from the server's disk, never from what is pushed; tags are not looked at.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import requests

from bot import detect, gate, rules
from bot.cli.reading import read_bytes
from bot.detect.text import quote
from bot.forges import local
from bot.model.change import Commit
from bot.model.errors import BadInputError, TryAgainError
from bot.model.ids import Sha
from bot.model.policy import Mode, Policy

REFUSED = 1
NAMED_BY = ("GL_PROJECT_PATH", "GITHUB_REPO_NAME")
"""Where GitLab and GitHub Enterprise Server tell a hook the repository's full name (their documentation of hooks)."""
TIMEOUT = 10
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Site:
    """What the server's owner configured."""

    policy: Policy
    forge: str
    repository: str
    service: str | None
    token: str | None
    fail_open: bool


@click.command()
@click.option("--repository", metavar="OWNER/NAME", help="Else what the forge tells its hooks.")
@click.option("--forge", type=click.Choice(["github", "gitlab"]), help="Else by the forge's own variables.")
@click.option(
    "--rules", "rules_file", metavar="FILE", envvar="SIGNOFF_RULES", help="Else SIGNOFF_RULES, else packaged."
)
@click.option("--service", metavar="URL", envvar="SIGNOFF_PUBLIC_URL", help="The bot; else SIGNOFF_PUBLIC_URL.")
@click.option("--token-file", type=click.Path(path_type=Path), help="Holds SIGNOFF_HOOK_TOKEN, unless that is set.")
@click.option(
    "--if-unreachable",
    type=click.Choice(["closed", "open"]),
    default="closed",
    show_default=True,
    help="What becomes of AI commits while the service cannot be asked.",
)
def command(  # noqa: PLR0913, PLR0917  one for each option
    repository: str | None,
    forge: str | None,
    rules_file: str | None,
    service: str | None,
    token_file: Path | None,
    if_unreachable: str,
) -> int:
    """Judge a push, as a pre-receive hook of the repository it is run in. Exit 0 takes it, anything else refuses."""
    name = repository or next((os.environ[each] for each in NAMED_BY if os.environ.get(each)), None)
    if name is None:
        raise BadInputError("--repository is needed: this server does not tell the repository's name")
    site = _Site(
        policy=rules.load_policy(read_bytes(rules_file), rules_file) if rules_file else rules.packaged_policy(),
        forge=forge or ("gitlab" if os.environ.get("GL_PROJECT_PATH") else "github"),
        repository=name,
        service=service.rstrip("/") if service else None,
        token=os.environ.get("SIGNOFF_HOOK_TOKEN") or (token_file.read_text().strip() if token_file else None),
        fail_open=if_unreachable == "open",
    )
    mode = gate.mode_of(site.policy, name)
    if mode is Mode.OFF:
        return 0
    refusals = list(_refusals(local.Pushed(Path.cwd()), site))
    for line in refusals:
        click.echo(f"signoff: {line}", err=True)
    if refusals and mode is Mode.OBSERVE:
        click.echo("signoff: only observed here; the push is taken", err=True)
        return 0
    return REFUSED if refusals else 0


def _refusals(pushed: local.Pushed, site: _Site) -> Iterator[str]:
    """Why a push may not come in; nothing where it may."""
    default = pushed.default_branch()
    there = pushed.branches()
    guarded = [name for name in there if gate.is_guarded(site.policy, name, default)]
    for update in local.updates(iter(sys.stdin)):
        if not gate.is_guarded(site.policy, update.branch, default):
            continue
        found = _by_ai(pushed.news(update, guarded), site.policy)
        if not found:
            continue
        try:
            allowed = _allowed(site, update.branch)
        except TryAgainError as error:
            if site.fail_open:
                click.echo(f"signoff: {error}; taken, as this server is configured", err=True)
                continue
            yield f"{error}; AI commits are not taken into {quote(update.branch)} meanwhile. Push again later."
            continue
        left = _not_allowed(pushed, update, allowed, found)
        for commit in left[:MOST_SHOWN]:
            yield f"{commit.sha[:10]} is AI-assisted and came through no allowed change: {quote(commit.subject)}"
        if left:
            yield f"open a change into {quote(update.branch)} and have it signed; then merge it, rather than push"


def _by_ai(news: list[Commit], policy: Policy) -> list[Commit]:
    """The commits whose class the rules count as AI."""
    known, rule = detect.catalogue(policy.detection.catalogue), policy.detection
    return [
        each
        for each in news
        if detect.classify(detect.examine_commit(each, known), rule.minimum_strength) in rule.counts
    ]


def _not_allowed(pushed: local.Pushed, update: local.Update, allowed: list[Sha], found: list[Commit]) -> list[Commit]:
    """The AI commits that are in no step of the push that merges an allowed head."""
    if any(pushed.is_merge_of(update, head) for head in allowed):
        return []
    fine: set[Sha] = set()
    for step in pushed.steps(update):
        if any(pushed.is_merge_of(step, head) for head in allowed):
            fine.update(each.sha for each in pushed.between(step))
    return [each for each in found if each.sha not in fine]


def _allowed(site: _Site, branch: str) -> list[Sha]:
    """The heads that the service allows into a branch now; TryAgainError when it does not say."""
    if site.service is None or not site.token:
        raise TryAgainError("no service to ask is configured for this hook (--service, SIGNOFF_HOOK_TOKEN)")
    query = {"forge": site.forge, "repository": site.repository, "branch": branch}
    headers = {"Authorization": f"Bearer {site.token}"}
    try:
        answer = requests.get(f"{site.service}/hooks/allowed", query, headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
        return [Sha(str(each)) for each in answer.json()["heads"]]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise TryAgainError(f"the sign-off service gave no answer ({type(error).__name__})") from None
