"""Whether the bot takes what a project's hook sends, by what GitLab tells of it."""

from typing import Any

import pytest

from bot.forges.gitlab import hooks

WELL = dict.fromkeys(hooks.EVENTS, True) | {"enable_ssl_verification": True}


@pytest.mark.parametrize(
    ("signs", "bears", "signing", "token", "said"),
    [
        (True, False, True, False, None),
        (True, False, True, True, None),
        (True, True, False, True, None),
        (False, True, False, True, None),
        (False, True, True, True, None),
        (None, None, False, True, None),
        (None, None, True, True, None),
        (False, True, False, False, None),
        (None, None, False, False, None),
        (False, False, False, True, "no secret"),
        (False, False, True, True, "no secret"),
        (False, False, False, False, "no secret"),
        (False, True, True, False, "a token alone and the service a signing_token alone"),
        (True, False, False, True, "a signing_token alone and the service a token alone"),
        (None, None, True, False, "older than 19.0"),
    ],
)
def test_a_hook_needs_a_secret_that_the_service_has(
    signs: bool | None, bears: bool | None, signing: bool, token: bool, said: str | None
) -> None:
    """Before 19.0 GitLab tells nothing of it and signs nothing; without settings of ours any secret will do."""
    hook: dict[str, Any] = {} if signs is None else {hooks.SIGNS: signs, hooks.BEARS: bears}
    found = hooks.lacks(hook, signing=signing, token=token)
    assert (found is None) if said is None else (found is not None and said in found), found


@pytest.mark.parametrize(
    ("altered", "wrong"),
    [
        ({}, []),
        ({"note_events": False}, ["note_events"]),
        ({hooks.FILTER: "release/*", "branch_filter_strategy": "wildcard"}, [hooks.FILTER]),
        ({hooks.FILTER: "release/*"}, [hooks.FILTER]),
        ({hooks.FILTER: "release/*", "branch_filter_strategy": "all_branches"}, []),
        ({hooks.FILTER: "", hooks.TEMPLATE: None}, []),
        ({hooks.TEMPLATE: "{}", hooks.TLS: False}, [hooks.TEMPLATE, hooks.TLS]),
    ],
)
def test_what_makes_a_hook_send_less_or_to_others_is_found(altered: dict[str, Any], wrong: list[str]) -> None:
    """Events that are off, a filter that is in force, a body of somebody's own, a certificate nobody looks at."""
    assert [each.name for each in hooks.faults(WELL | altered)] == wrong


def test_what_somebody_wrote_into_a_hook_stays_on_one_line() -> None:
    """A filter is somebody's text, and is shown on a terminal."""
    (found,) = hooks.faults(WELL | {hooks.FILTER: "a\n\x1b[31mb" + "c" * 200})
    assert found.text.isprintable()
    assert "c" * 61 not in found.text
