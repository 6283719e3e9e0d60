"""GitLab's REST operations, by their names in the contract. A handler reads a Call and answers JSON; routing,
authentication, limits and contract checks are done around it.
"""

from bot.sandbox.gitlab.rest import (  # noqa: F401 - registers
    approvals,
    branches,
    events,
    hooks,
    instance,
    members,
    merge_requests,
    notes,
    pipelines,
    projects,
    repository,
    rules,
    tokens,
)
from bot.sandbox.gitlab.rest.call import HANDLERS, Call

__all__ = ["HANDLERS", "Call"]
