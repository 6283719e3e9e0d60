"""GitLab failing in every way at every request, the writes that withdraw a success among them, by each mechanism."""

from datetime import timedelta
from pathlib import Path

import pytest
import requests

from bot.model.subject import Repository
from tests.endurance import matrix
from tests.stories.gitlab.inside import inside
from tests.stories.gitlab.world import BOT, GitLabWorld
from tests.support.gitlab_sandbox import root


@pytest.mark.parametrize("mechanism", ["status", "approver"])
def test_whatever_fails_at_whatever_request_ends_right_and_never_passes_meanwhile(
    tmp_path: Path, mechanism: str
) -> None:
    """Scenario 40: 401 to 504, hanging, closing, half an answer, 200 with something else, stale: at requests spread
    over an evaluation that carries an approval over, and one that withdraws a success. All of them:
    `python -m tests.endurance matrix`.
    """
    with inside(tmp_path, mechanism) as it:
        seen = list(matrix.cells(it, share=89))
    assert len({cell.fault for cell in seen}) > 4
    assert not [str(cell) for cell in seen if not cell.held]


def test_a_success_that_cannot_be_withdrawn_is_tried_until_it_is_and_shown_meanwhile(world: GitLabWorld) -> None:
    """Scenario 41: page and metrics tell of it, and the success goes as soon as GitLab takes the write."""
    forge, name = world.forge, world.repository
    number = world.opened("jo")
    world.settled()
    forge.approve(name, number, "grace")
    assert world.shown(number)["state"] == "success"
    before = world.service.metric("signoff_publish_failures_total")
    forge.fault("status", method="POST", path=".*/(statuses/.*|unapprove)", status=502, times=None, actor="signoff")
    forge.unapprove(name, number, "grace")
    world.service.until(lambda: world.service.metric("signoff_unpublished") == 1, "no metric tells of it")
    world.service.until(
        lambda: world.service.metric("signoff_publish_failures_total") >= before + 2, "it was not tried again"
    )
    assert world.seen(number)["state"] == "success"
    page = requests.get(f"{world.service.url}/changes/gitlab/{world.id}/change/{number}", timeout=10).text
    assert "This is not on the forge yet" in page
    assert "502" in page
    forge.clear_faults()
    world.comes_to(number, "waiting")
    assert world.service.metric("signoff_unpublished") == 0
    assert not world.merges(number)


def test_a_project_that_was_read_wrong_or_changed_since_is_looked_at_again_by_itself(tmp_path: Path) -> None:
    """What was signed while the rule was hidden for a moment, or had been away, is approved with no further event."""
    with inside(tmp_path, "approver") as it:
        forge, name = it.forge, it.world.repository

        def signed(branch: str) -> int:
            number = it.world.opened("jo", branch=branch)
            it.hear()
            it.rest()
            return number

        number = signed("hidden")
        it.clock.ahead += timedelta(minutes=3)
        forge.fault("status", status=403, method="GET", path="/protected_branches$", actor="signoff")
        forge.approve(name, number, "linus")
        it.hear()
        it.rest()
        assert not forge.faults()
        assert it.shown(number) == "success"

        number = signed("away")
        (rule,) = forge.api("GET", f"{root(name)}/approval_rules", "ada")
        forge.api("DELETE", f"{root(name)}/approval_rules/{rule['id']}", "ada")
        it.clock.ahead += timedelta(minutes=3)
        it.context.forges["gitlab"].fetch_change(Repository("gitlab", it.world.id, name, "main"), number)
        forge.rule(name, "ada", user_ids=[BOT], applies_to_all_protected_branches=True)
        forge.approve(name, number, "linus")
        it.hear()
        it.rest()
        assert it.shown(number) == "success"
