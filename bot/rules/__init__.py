"""YAML text to policy, roster and case: strict, and all faults at once, each with its place and what to do.

Nothing here opens a file, asks a forge or decides anything.
"""

from bot.rules.case import Case, load_case
from bot.rules.concerns import Concern, warnings
from bot.rules.faults import Fault, FaultsError
from bot.rules.local import add_local
from bot.rules.placing import placed
from bot.rules.policy import example, load_policy, packaged_policy, policy_schema
from bot.rules.roster import load_roster, packaged_roster, roster_schema
from bot.rules.roster_csv import roster_from_csv, roster_of_accounts
from bot.rules.roster_edit import unresolved, with_ids

__all__ = [
    "Case",
    "Concern",
    "Fault",
    "FaultsError",
    "add_local",
    "example",
    "load_case",
    "load_policy",
    "load_roster",
    "packaged_policy",
    "packaged_roster",
    "placed",
    "policy_schema",
    "roster_from_csv",
    "roster_of_accounts",
    "roster_schema",
    "unresolved",
    "warnings",
    "with_ids",
]
