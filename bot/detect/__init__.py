"""Finds disclosed AI assistance in commits and changes, and says why. Pure: it reads nothing and asks nobody.

It finds what is disclosed; hidden use stays invisible to it. It weighs nothing up: each finding stands for itself,
with its place and the text quoted. `from bot import detect`, then `detect.examine(change, rules)`.
"""

from bot.detect.classes import classify, counting
from bot.detect.compiled import Catalogue, catalogue, check_edit
from bot.detect.contributors import Role, account_role, anybody_can_drive, coauthors, role
from bot.detect.declare import declarations
from bot.detect.operators import operator
from bot.detect.subject import Detector
from bot.detect.survey import DETECTORS, examine, examine_commit

__all__ = [
    "DETECTORS",
    "Catalogue",
    "Detector",
    "Role",
    "account_role",
    "anybody_can_drive",
    "catalogue",
    "check_edit",
    "classify",
    "coauthors",
    "counting",
    "declarations",
    "examine",
    "examine_commit",
    "operator",
    "role",
]
