"""What is decided about: everything `decide` was called with, in one value that its parts hand to each other."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from bot import detect
from bot.model.change import Account, AccountKind, Change, GitIdentity
from bot.model.evidence import Evidence
from bot.model.memory import Memory
from bot.model.policy import CatalogueEdit, DetectionRules, Policy
from bot.model.roster import Roster


@dataclass(frozen=True, slots=True)
class Matter:
    """A change, what was found and what is remembered about it, the rules and roster in force, and the time.

    `rules` are the policy's for detection, without the site's edits of the catalogue if these do not fit it
    (`misfit`): then nothing can be told, and the packaged catalogue serves for showing what there is.
    """

    change: Change
    evidence: tuple[Evidence, ...]
    memory: Memory
    policy: Policy
    roster: Roster
    now: datetime
    rules: DetectionRules
    catalogue: detect.Catalogue
    misfit: bool
    all_landed: bool
    """Every commit went through the gate before, as in a promotion."""

    @property
    def day(self) -> date:
        """The day by which roster entries hold: roster dates are in UTC, as is `now`."""
        return self.now.date()

    def is_human(self, account: Account) -> bool:
        """Whether a person stands behind an account: no bot to the forge, and none in the catalogue."""
        if account.kind is AccountKind.BOT:
            return False
        return detect.account_role(account, self.catalogue, self.change.forge) is detect.Role.HUMAN

    def is_automation(self, account: Account) -> bool:
        """Whether an account is a listed automation, and none that every workflow of every writer acts as."""
        if account.id is None or detect.anybody_can_drive(account, self.catalogue, self.change.forge):
            return False
        if account.id in self.rules.automation_apps:
            return True
        return detect.account_role(account, self.catalogue, self.change.forge) is detect.Role.AUTOMATION

    def role(self, identity: GitIdentity) -> detect.Role:
        """Who stands behind what git recorded."""
        return detect.role(identity, self.catalogue, self.change.forge)


def matter(  # noqa: PLR0913, PLR0917 - everything a decision rests on
    change: Change, evidence: tuple[Evidence, ...], memory: Memory, policy: Policy, roster: Roster, now: datetime
) -> Matter:
    """The matter, with what is looked at more than once worked out."""
    misfit = _misfit(policy.detection.catalogue)
    rules = replace(policy.detection, catalogue=CatalogueEdit()) if misfit else policy.detection
    landed = bool(change.commits) and all(each.sha in memory.landed for each in change.commits)
    return Matter(
        change, evidence, memory, policy, roster, now, rules, detect.catalogue(rules.catalogue), misfit, landed
    )


def _misfit(edit: CatalogueEdit) -> bool:
    return edit != CatalogueEdit() and bool(detect.check_edit(edit))
