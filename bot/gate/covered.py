"""What the gate is about: the mode of a repository, and the branches into which a success may ever be published."""

from bot.gate import globs
from bot.model.policy import Mode, Policy


def mode_of(policy: Policy, repository: str) -> Mode:
    """The mode for a repository: that of the first entry that matches its full name, else the policy's."""
    for rule in policy.repositories:
        if globs.repository(rule.match, repository):
            return rule.mode
    return policy.mode


def is_guarded(policy: Policy, change_base: str, default_branch: str) -> bool:
    """Whether a change into this branch can ever be given a success."""
    return any(globs.branch(each, change_base, default_branch) for each in policy.guarded_branches)


def asked(policy: Policy, default_branch: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """How a forge is asked for the branches that are guarded: names, and the beginnings of those meant by patterns.

    Whoever can push can make branches without number, so what is guarded must not be looked for among all of them.
    """
    patterns = [default_branch if each == "@default" else each for each in policy.guarded_branches]
    known = {each: globs.beginning(each) for each in patterns if each}
    names = tuple(each for each, start in known.items() if start == each)
    starts = {start for each, start in known.items() if start != each}
    shortest = (each for each in starts if not any(each != other and each.startswith(other) for other in starts))
    return names, tuple(sorted(shortest))
