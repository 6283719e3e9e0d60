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
