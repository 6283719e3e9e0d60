"""What `signoff check --push` looks at: what a pre-push hook, git's own or pre-commit's, says is about to be pushed.

git writes lines to the hook's standard input; pre-commit reads those itself and hands on one branch in its environment
(its documentation of pre-push hooks), or nothing but its name where it is run by hand.
"""

import os
import sys
from collections.abc import Iterator

import click

from bot import gate
from bot.forges import local
from bot.model.errors import BadInputError
from bot.model.policy import Policy

ZERO = "0" * 40


def ranges(git: local.Git, policy: Policy) -> Iterator[local.Range]:
    """The change that each branch of the push would be. Says so where there is none to look at."""
    remote = os.environ.get("PRE_COMMIT_REMOTE_NAME") or "origin"
    for pushed in local.outgoing(_lines(git)):
        which = local.change_of(git, remote, pushed, lambda name, default: gate.is_guarded(policy, name, default))
        if which is None:
            click.echo(f"signoff: nothing is known of {remote} yet that {pushed.branch!a} could go into")
        elif which.base == which.head:
            click.echo(f"signoff: {which.ends[0]} contains all of {pushed.branch!a}; nobody is asked for it")
        else:
            yield which


def _lines(git: local.Git) -> Iterator[str]:
    """The lines of a pre-push hook."""
    if os.environ.get("PRE_COMMIT"):
        tip = git.commit(os.environ.get("PRE_COMMIT_TO_REF") or os.environ.get("PRE_COMMIT_LOCAL_BRANCH") or "HEAD")
        name = os.environ.get("PRE_COMMIT_REMOTE_BRANCH") or f"refs/heads/{git.branch() or 'HEAD'}"
        return iter([f"HEAD {tip} {name} {ZERO}"])
    if sys.stdin.isatty():
        raise BadInputError("--push is for a pre-push hook, which is told what is pushed; by hand name the range")
    return map(os.fsdecode, sys.stdin.buffer)
