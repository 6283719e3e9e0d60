"""GitHub's REST operations, by their published ids. A handler reads a Call and answers JSON; routing, authentication,
paging, limits and contract checks are done around it.
"""

from bot.sandbox.github.rest import (  # noqa: F401 - registers
    accounts,
    apps,
    checks,
    contents,
    git,
    issues,
    manifests,
    pulls,
    repositories,
    rules,
)
from bot.sandbox.github.rest.call import HANDLERS, Call

__all__ = ["HANDLERS", "Call"]
