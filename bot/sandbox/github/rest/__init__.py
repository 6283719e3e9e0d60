"""GitHub's REST operations, by their published ids. A handler reads a Call and answers JSON; routing, authentication,
paging, limits and contract checks are done around it.
"""

from bot.sandbox.github.rest import accounts, apps, checks, contents, git, issues, pulls, repositories, rules  # noqa: F401 - registers
from bot.sandbox.github.rest.call import HANDLERS, Answer, Call

__all__ = ["HANDLERS", "Answer", "Call"]
