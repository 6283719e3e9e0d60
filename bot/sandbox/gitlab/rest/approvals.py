"""Approvals of a merge request."""

from typing import Any

from bot.sandbox.gitlab import approvals
from bot.sandbox.gitlab.rest.call import Call, operation
from bot.sandbox.gitlab.views import approvals as views

ROOT = "/projects/:id/merge_requests/:iid"


@operation(f"GET {ROOT}/approvals")
def of(call: Call) -> Any:
    """Who approved."""
    return views.of(call.world, call.mr, call.actor)


@operation(f"POST {ROOT}/approve", None)
def approve(call: Call) -> Any:
    """Approve; with `sha` only that head."""
    approvals.approve(call.world, call.actor, call.mr, call.params.get("sha"), call.params.get("approval_password"))
    return views.of(call.world, call.mr, call.actor)


@operation(f"POST {ROOT}/unapprove", None)
def unapprove(call: Call) -> Any:
    """Take one's own approval back."""
    approvals.unapprove(call.world, call.actor, call.mr)
    return views.of(call.world, call.mr, call.actor)


@operation(f"PUT {ROOT}/reset_approvals", None)
def reset(call: Call) -> Any:
    """Delete everybody's; for bots alone. No webhook tells of it."""
    approvals.clear(call.world, call.actor, call.mr)
    return {}
