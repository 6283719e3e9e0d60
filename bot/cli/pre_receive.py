"""`signoff pre-receive`: a hook for self-managed git servers, under the forge rather than beside it.

It refuses a push to a guarded branch that brings AI commits, unless the push is what merging an allowed change gives;
also one whose commits disclose nothing any more, if it brings what a change brought in which AI took part. The commits
tell the one, the service the other: while that cannot be asked, AI commits stay out and others come in, unless the
server's owner chose otherwise. Rules come from the server's disk, never from what is pushed; tags are not looked at.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from bot import detect, gate, rules
from bot.cli.asking import Answer, Held, Service
from bot.cli.reading import read_bytes
from bot.detect.text import quote
from bot.forges import local
from bot.model.change import Commit
from bot.model.errors import BadInputError, TryAgainError
from bot.model.policy import Mode, Policy

REFUSED = 1
NAMED_BY = ("GL_PROJECT_PATH", "GITHUB_REPO_NAME")
"""Where GitLab and GitHub Enterprise Server tell a hook the repository's full name (their documentation of hooks)."""
CLOSED, OPEN, SHUT = "closed", "open", "shut"
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class _Site:
    """What the server's owner configured."""

    policy: Policy
    service: Service
    unreachable: str


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
    type=click.Choice([CLOSED, OPEN, SHUT]),
    default=CLOSED,
    show_default=True,
    help="While the service cannot be asked: AI commits stay out; all is taken; nothing is taken.",
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
        service=Service(
            service.rstrip("/") if service else None,
            _token(token_file),
            forge or ("gitlab" if os.environ.get("GL_PROJECT_PATH") else "github"),
            name,
        ),
        unreachable=if_unreachable,
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


def _token(file: Path | None) -> str | None:
    """What is shown to the service: the environment's, else the file's; BadInputError for a file that is not there."""
    told = os.environ.get("SIGNOFF_HOOK_TOKEN")
    if told or file is None:
        return told or None
    return read_bytes(str(file)).decode(errors="replace").strip()


def _refusals(pushed: local.Pushed, site: _Site) -> Iterator[str]:
    """Why a push may not come in; nothing where it may."""
    default = pushed.git.branch()
    guarded = [name for name in pushed.branches() if gate.is_guarded(site.policy, name, default)]
    for update in local.updates(map(os.fsdecode, sys.stdin.buffer)):
        if not gate.is_guarded(site.policy, update.branch, default):
            continue
        news = pushed.news(update, guarded)
        found = _by_ai(news, site.policy)
        if not found and not (news and (site.service.configured or site.unreachable == SHUT)):
            continue
        try:
            answer = site.service.ask(update.branch)
        except TryAgainError as error:
            yield from _without_answer(site, update.branch, str(error), disclosed=bool(found))
            continue
        told = list(_told(pushed, update, answer, found, guarded))
        yield from told
        if told:
            yield f"open a change into {quote(update.branch)} and have it signed; then merge it, rather than push"


def _without_answer(site: _Site, branch: str, why: str, *, disclosed: bool) -> Iterator[str]:
    """What becomes of a push about which the service cannot be asked."""
    if site.unreachable == OPEN:
        click.echo(f"signoff: {why}; taken, as this server is configured", err=True)
    elif disclosed:
        yield f"{why}; AI commits are not taken into {quote(branch)} meanwhile. Push again later."
    elif site.unreachable == SHUT:
        yield f"{why}; nothing is taken into {quote(branch)} meanwhile. Push again later."
    else:
        click.echo(f"signoff: {why}; no commit discloses AI, so the push is taken", err=True)


def _by_ai(news: list[Commit], policy: Policy) -> list[Commit]:
    """The commits whose class the rules count as AI."""
    known, rule = detect.catalogue(policy.detection.catalogue), policy.detection
    return [
        each
        for each in news
        if detect.classify(detect.examine_commit(each, known), rule.minimum_strength) in rule.counts
    ]


def _told(
    pushed: local.Pushed, update: local.Update, answer: Answer, found: list[Commit], guarded: list[str]
) -> Iterator[str]:
    """The AI commits that are in no step of the push that merges an allowed head; else what it holds of changes in
    which AI took part, though no commit of it says so any more.
    """
    remembered = _remembered(pushed, update, answer.held, guarded)
    suspects = {each.sha for each in found} | {piece.commit for piece, _ in remembered}
    beside = pushed.beside(update, answer.allowed, suspects)
    disclosed = [each for each in found if each.sha in beside]
    for commit in disclosed[:MOST_SHOWN]:
        yield f"{commit.sha[:10]} is AI-assisted and came through no allowed change: {quote(commit.subject)}"
    if disclosed:
        return
    paths = {number: piece.path for piece, number in remembered if piece.commit in beside}
    for number, path in sorted(paths.items())[:MOST_SHOWN]:
        what = quote(path) if path else "all of it"
        yield f"{what} is as change #{number} brought it, which is AI-assisted and not allowed"


def _remembered(
    pushed: local.Pushed, update: local.Update, held: Iterable[Held], guarded: list[str]
) -> list[tuple[local.Piece, int]]:
    """What a push brings that a change brought which is held, by path, with the number of that change."""
    owner: dict[str, int] = {blob: each.number for each in held for blob in each.blobs}
    numbers = {head: each.number for each in held for head in each.heads}
    if not owner and not numbers:
        return []
    known = [f"refs/heads/{name}" for name in guarded]
    brought = pushed.brought([update.new], [*known, *([update.old] if update.old else [])])
    heads = pushed.present(numbers) if brought else []
    theirs = pushed.brought(heads, known)
    shared = [name for name in brought if name not in owner and name in theirs]
    holders = pushed.holders([theirs[name] for name in shared], heads, known) if shared else []
    for name, tips in zip(shared, holders, strict=True):
        owner[name] = min(numbers[tip] for tip in tips)
    return sorted(
        ((piece, owner[name]) for name, piece in brought.items() if name in owner), key=lambda each: each[0].path
    )
