"""The gate: whether a change may pass, and why. It is pure; it neither reads nor writes anything."""

from bot.gate import commands
from bot.gate.affected import affected
from bot.gate.closing import may_close
from bot.gate.contributors import named
from bot.gate.covered import asked, is_guarded, mode_of
from bot.gate.decide import decide
from bot.gate.enforcement import graded, takes_others
from bot.gate.json import as_json, as_record
from bot.gate.matter import matter
from bot.gate.proposed import Proposed
from bot.gate.together import Other, holder, other, worst
from bot.gate.wording import CheckText, State, check_text, witness

__all__ = [
    "CheckText",
    "Other",
    "Proposed",
    "State",
    "affected",
    "as_json",
    "as_record",
    "asked",
    "check_text",
    "commands",
    "decide",
    "graded",
    "holder",
    "is_guarded",
    "matter",
    "may_close",
    "mode_of",
    "named",
    "other",
    "takes_others",
    "witness",
    "worst",
]
