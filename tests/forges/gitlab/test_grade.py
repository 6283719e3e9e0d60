"""How hard the gate is, by what was read of the project: never more than is shown."""

from typing import Any

import pytest

from bot.forges.gitlab.grade import Facts, Mechanism, guard, protection
from bot.gate.enforcement import graded
from bot.model.enforcement import Grade, Level
from bot.model.policy import Mode

BOT = 9
PROJECT = {"only_allow_merge_if_pipeline_succeeds": True, "allow_merge_on_skipped_pipeline": False}
SETTINGS = {"reset_approvals_on_push": True, "disable_overriding_approvers_per_merge_request": True}
RULE = {"users": [{"id": BOT}], "groups": [], "approvals_required": 1, "applies_to_all_protected_branches": True}
MAIN = {"name": "main", "push_access_levels": [{"access_level": 40}]}
PREMIUM = Facts(PROJECT, SETTINGS, (RULE,), (MAIN,))
FREE = Facts(PROJECT, None, (), (MAIN,))


def test_a_locked_rule_for_the_bot_alone_enforces() -> None:
    """Reset on push on, overriding off, no push past the merge request: nothing of a Developer's opens it."""
    found = guard(PREMIUM, BOT, "main")
    assert (found.mechanism, found.grade, found.reasons) == (Mechanism.APPROVER, Grade.ENFORCED, ())
    assert guard(PREMIUM, BOT, "main", postable=False).grade is Grade.ENFORCED


@pytest.mark.parametrize(
    ("settings", "grade"),
    [
        ({"reset_approvals_on_push": False}, Grade.TAMPER_EVIDENT),
        ({"disable_overriding_approvers_per_merge_request": False}, Grade.TAMPER_EVIDENT),
        ({"disable_overriding_approvers_per_merge_request": None}, Grade.TAMPER_EVIDENT),
    ],
)
def test_a_rule_with_a_soft_spot_is_tamper_evident(settings: dict[str, Any], grade: Grade) -> None:
    """What is off, or not told, counts against it."""
    found = guard(Facts(PROJECT, SETTINGS | settings, (RULE,), (MAIN,)), BOT, "main")
    assert (found.mechanism, found.grade) == (Mechanism.APPROVER, grade)
    assert found.reasons


def test_settings_that_the_bot_may_not_read_count_against_the_grade() -> None:
    """A Developer reads the rules; the settings only a Maintainer."""
    found = guard(Facts(PROJECT, None, (RULE,), (MAIN,)), BOT, "main")
    assert (found.mechanism, found.grade) == (Mechanism.APPROVER, Grade.TAMPER_EVIDENT)
    assert "only a Maintainer" in found.text


@pytest.mark.parametrize(
    "rule",
    [
        RULE | {"users": [{"id": BOT}, {"id": 101}]},
        RULE | {"users": [{"id": 101}]},
        RULE | {"groups": [{"id": 5}]},
        RULE | {"contains_hidden_groups": True},
        RULE | {"approvals_required": 0},
        RULE | {"applies_to_all_protected_branches": False, "protected_branches": [{"name": "release/*"}]},
    ],
)
def test_a_rule_that_others_can_satisfy_is_not_the_bots(rule: dict[str, Any]) -> None:
    """Then only the status is left, which a Developer can forge."""
    found = guard(Facts(PROJECT, SETTINGS, (rule,), (MAIN,)), BOT, "main")
    assert (found.mechanism, found.grade) == (Mechanism.STATUS, Grade.TAMPER_EVIDENT)


@pytest.mark.parametrize(("listed", "holds"), [((), True), (({"name": "main"},), True), (({"name": "dev"},), False)])
def test_a_bot_that_is_not_shown_which_branches_are_protected_still_gives_its_approval(
    listed: tuple[dict[str, str], ...], *, holds: bool
) -> None:
    """Older versions show them to Maintainers alone, and the rule waits for the bot all the same; the grade says it."""
    found = guard(Facts(PROJECT, None, (RULE | {"protected_branches": listed},), None), BOT, "main")
    assert found.mechanism is (Mechanism.APPROVER if holds else Mechanism.STATUS)
    assert found.grade is Grade.ADVISORY
    assert "the protected branches cannot be read" in found.text


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        (PREMIUM, Grade.ENFORCED),
        (Facts(PROJECT, None, (RULE,), (MAIN,)), Grade.TAMPER_EVIDENT),
        (Facts(PROJECT, SETTINGS | {"reset_approvals_on_push": False}, (RULE,), (MAIN,)), Grade.TAMPER_EVIDENT),
        (FREE, Grade.TAMPER_EVIDENT),
        (Facts(PROJECT, None, (), None), Grade.ADVISORY),
    ],
)
def test_the_grade_is_the_same_in_the_words_that_all_forges_share(facts: Facts, grade: Grade) -> None:
    """The note and `doctor` must not disagree."""
    found = guard(facts, BOT, "main")
    assert found.grade is grade
    assert graded(Mode.ENFORCE, [protection(found, "main")], "senior-signoff").grade is grade


@pytest.mark.parametrize("name", ["require_password_to_approve", "require_reauthentication_to_approve"])
def test_where_approving_needs_a_password_the_bot_cannot_approve(name: str) -> None:
    """So the status is used."""
    assert guard(Facts(PROJECT, SETTINGS | {name: True}, (RULE,), (MAIN,)), BOT, "main").mechanism is Mechanism.STATUS


def test_a_status_is_tamper_evident_at_best_and_says_why() -> None:
    """On the free tier."""
    found = guard(FREE, BOT, "main")
    assert (found.mechanism, found.grade) == (Mechanism.STATUS, Grade.TAMPER_EVIDENT)
    assert "a Developer can post a status of this name" in found.text


@pytest.mark.parametrize(
    "facts",
    [
        Facts(PROJECT | {"only_allow_merge_if_pipeline_succeeds": False}, None, (), (MAIN,)),
        Facts(PROJECT | {"allow_merge_on_skipped_pipeline": True}, None, (), (MAIN,)),
        Facts(PROJECT | {"merge_trains_enabled": True}, None, (), (MAIN,)),
        Facts(PROJECT, None, (), None),
        Facts(PROJECT, None, (), ()),
        Facts(PROJECT, None, (), (MAIN, {"name": "m*n", "push_access_levels": [{"access_level": 30}]})),
        Facts(PROJECT, SETTINGS, (RULE,), (MAIN | {"push_access_levels": [{"access_level": 30}]},)),
    ],
)
def test_a_way_past_the_merge_request_makes_it_advisory(facts: Facts) -> None:
    """Also one that cannot be ruled out; of several protections the most permissive counts."""
    assert guard(facts, BOT, "main").grade is Grade.ADVISORY


def test_a_fork_without_a_pipeline_here_has_nothing_but_the_note() -> None:
    """Its pipelines live in the fork, where the bot may do nothing."""
    found = guard(FREE, BOT, "main", postable=False)
    assert (found.mechanism, found.grade) == (Mechanism.NOTE, Grade.ADVISORY)


NAMED = [
    ({"access_level": 40, "user_id": 5, "access_level_description": "@all *Jo* <b>"}, "the user all Jo b (id 5)"),
    ({"access_level": None, "group_id": 6, "access_level_description": "Ops"}, "the group Ops (id 6)"),
    (
        {"access_level": 40, "deploy_key_id": 7, "access_level_description": "Deploy key"},
        "whoever holds the deploy key Deploy key (id 7)",
    ),
    ({"access_level": 40, "member_role_id": 8, "access_level_description": "Ops"}, "whoever has the role Ops (id 8)"),
    ({"id": 11, "access_level": 40, "robot_id": 9, "access_level_description": "R2"}, "an access level R2 (id 11)"),
]


@pytest.mark.parametrize(("level", "who"), NAMED)
@pytest.mark.parametrize("settings", [SETTINGS, None])
def test_whoever_is_named_to_push_past_merge_requests_lowers_the_grade_and_is_listed(
    level: dict[str, Any], who: str, settings: dict[str, Any] | None
) -> None:
    """A user, a group, a deploy key, a role of one's own, or what GitLab may have one day; also where the settings are
    hidden. What a name says is shown as words.
    """
    branch = MAIN | {"push_access_levels": [{"access_level": 0}, level]}
    found = guard(Facts(PROJECT, settings, (RULE,), (branch,)), BOT, "main")
    assert (found.grade, found.past) == (Grade.TAMPER_EVIDENT, (who,))
    assert f"{who} may push to the branch" in found.text
    for mechanism in (found, guard(Facts(PROJECT, None, (), (branch,)), BOT, "main")):
        told = graded(Mode.ENFORCE, [protection(mechanism, "main")], "senior-signoff")
        assert told.grade is Grade.TAMPER_EVIDENT
        assert [fact.level for fact in told.facts if who in fact.text] == [Level.WEAK]


@pytest.mark.parametrize(
    ("levels", "keepers"),
    [
        ([{"access_level": 0}], "the project's Maintainers, who can change it."),
        ([{"access_level": 40}], "the project's Maintainers, who can change it and push to the branch."),
        ([{"access_level": 40, "user_id": BOT}], "the project's Maintainers, who can change it."),
    ],
)
def test_those_who_keep_the_rule_are_named_and_are_no_bypass(levels: list[dict[str, Any]], keepers: str) -> None:
    """Nobody is said to be held who is not: Maintainers can edit the rule. The bot's own right to push is its own."""
    found = guard(Facts(PROJECT, SETTINGS, (RULE,), (MAIN | {"push_access_levels": levels},)), BOT, "main")
    told = graded(Mode.ENFORCE, [protection(found, "main")], "senior-signoff")
    assert told.grade is Grade.ENFORCED
    assert told.facts[-1].text == f"main: nobody may bypass the approval rule of the bot but {keepers}"
