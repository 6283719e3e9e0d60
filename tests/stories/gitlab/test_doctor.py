"""`signoff doctor` on GitLab: the grade of each project, and how the bot stands."""

import json

from tests.stories.gitlab.world import GitLabWorld


def test_the_grade_and_what_a_developers_token_does_not_show_are_told(world: GitLabWorld) -> None:
    """Never higher than what was read; the hooks are a Maintainer's to see, and the command that tells is named."""
    told = world.service.command("doctor", world.repository, "--json")
    assert told.stdout.isascii(), told.stderr
    report = json.loads(told.stdout)
    (found,) = report["repositories"]
    assert found["grade"] == "tamper-evident"
    said = " ".join(f"{each['text']} {each['repair']}" for each in report["checks"])
    assert "GitLab knows the bot as" in said
    assert "clock" in said
    assert "was taken" not in said, "what failed to arrive is not shown to the bot"
    assert "token" in said
    assert "signoff setup gitlab PROJECT --check" in said
    assert told.returncode in {1, 3}
