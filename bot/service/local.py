"""What a repository adds to the rules by a file of its own on its default branch.

What it may not add is refused and the rest stands. A version that cannot be read at all leaves the last one that could
be in force: breaking the file must not take away what it asked for.
"""

from dataclasses import replace

import structlog

from bot import rules as rules_floor
from bot.forges.port import Reading
from bot.model.policy import Policy
from bot.service.context import Context
from bot.service.policy_files import LOCAL
from bot.service.rulebook import Rules
from bot.store import records

log = structlog.get_logger()


def with_local(context: Context, in_force: Rules, reading: Reading) -> Rules:
    """The rules in force with what the repository's own file adds."""
    if reading.local_rules is None:
        return in_force
    repository = reading.repository
    name = f"local/{repository.forge}/{repository.id}"
    policy, faults = rules_floor.add_local(in_force.policy, reading.local_rules, f"{repository.name}/{LOCAL}")
    for fault in faults:
        log.warning("local_rules_refused", fault=str(fault))
    with context.store.read() as tx:
        last = records.get(tx, name)
    if faults and policy == in_force.policy and last is not None:
        return replace(in_force, policy=_added(in_force.policy, str(last), repository.name))
    text = reading.local_rules.decode("utf-8", "replace")
    if policy != in_force.policy and text != last:
        with context.store.write() as tx:
            records.put(tx, name, text)
    return replace(in_force, policy=policy)


def _added(policy: Policy, text: str, repository: str) -> Policy:
    return rules_floor.add_local(policy, text.encode(), f"{repository}/{LOCAL} (the last that could be read)")[0]
