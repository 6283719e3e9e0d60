"""The bot is away, its secrets change, or it is several: what happened meanwhile is found, and nothing passes twice."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.forges.gitlab import secrets
from tests.endurance.test_several import working
from tests.forges.gitlab import payloads
from tests.stories.gitlab.conftest import staged
from tests.stories.gitlab.test_machines import approval, post
from tests.stories.gitlab.world import TRAILER, GitLabWorld
from tests.stories.policy import ledger
from tests.support.gitlab_sandbox import SIGNING_TOKEN

NEXT, LAST = (secrets.project_signing_token(SIGNING_TOKEN, number) for number in (0, 1))
"""Other master secrets."""


def found(world: GitLabWorld, kind: str) -> list[dict[str, Any]]:
    """The findings of a kind in a project that are on the record."""
    every = (each for each in ledger(world, "finding") if each["repository"] == world.id)
    return [each for each in every if each["kind"] == kind]


def resealed(world: GitLabWorld, number: int, before: str) -> bool:
    """Whether the note says the same of the gate, under another seal."""
    (marker, title, *_), was = world.seen(number)["summary"].splitlines(), before.splitlines()
    return marker.startswith("<!-- signoff v2") and marker != was[0] and title == was[1]


def opened_gate(world: GitLabWorld) -> None:
    """What an owner can do: no pipeline has to succeed, or no approval of the bot's is needed."""
    if world.mechanism == "status":
        world.forge.configure(world.repository, only_allow_merge_if_pipeline_succeeds=False)
        return
    for rule in world.forge.api("GET", f"{world.path}/approval_rules", "ada"):
        world.forge.api("DELETE", f"{world.path}/approval_rules/{rule['id']}", "ada")


def test_what_passed_while_the_bot_was_away_is_found_and_what_is_open_is_decided(tmp_path: Path) -> None:
    """Scenarios 44, 45, 48 on both mechanisms: hooks signed with the secret before, then with the new one; a token that
    will expire is told of, and once it is revoked nothing passes; the gate is taken away and used while the bot is
    away: merges, with the window, pushes and the missing requirement are on the record. So is a note that was edited
    meanwhile, and no other, though what they were sealed with is gone at once.
    """
    settings = {"SIGNOFF_GITLAB_SIGNING_TOKEN": NEXT, "SIGNOFF_GITLAB_SIGNING_TOKEN_PREVIOUS": SIGNING_TOKEN}
    with staged(tmp_path, **settings) as own:
        service, forge = own.service, own.forge
        worlds = [own.with_repository("acme/free"), own.with_rule("acme/paid")]
        numbers = [(world, world.opened("jo")) for world in worlds]
        for world, number in numbers:
            assert world.shown(number)["state"] == "waiting", "the hook signs with the secret before"
            (hook,) = forge.api("GET", f"{world.path}/hooks", "ada")
            renewed = {"url": hook["url"], "signing_token": secrets.project_signing_token(NEXT, world.id)}
            forge.api("PUT", f"{world.path}/hooks/{hook['id']}", "ada", renewed)
            forge.approve(world.repository, number, "grace")
            assert world.shown(number)["state"] == "success", "and now with the new one"
            told, now = approval(world, number), datetime.now(UTC)  # noqa: TID251  a test's own clock
            assert post(world, payloads.signed(told, "whsec_" + "AAAA" * 8, now)) == 401

        first = worlds[0]
        forge.control("clock", strict=False)  # it is not to run ahead, or the merges come after the bot's absence
        kept, edited = (first.opened("jo", branch=branch) for branch in ("kept", "edited"))
        before = {number: first.shown(number)["summary"] for number in (kept, edited)}
        forge.control("clock", strict=True)
        ends = (datetime.now(UTC) + timedelta(days=5)).date().isoformat()  # noqa: TID251  a test's own clock
        path = "/personal_access_tokens/self/rotate"
        answer = forge.call("POST", path, token=own.app["token"], body={"expires_at": ends})
        assert answer.ok, answer.text
        for world, number in numbers:
            forge.push(world.repository, "retry", {"more.txt": "m\n"}, f"More\n\n{TRAILER}", by="jo")
            world.settled()
            forge.approve(world.repository, number, "linus")
            world.settled()
            assert forge.state(world.repository, number)["blockers"], "a token that is not in force lets nothing pass"
        service.stop()

        for world, number in numbers:
            opened_gate(world)
            assert forge.merge(world.repository, number, "ada")["merged"], "linus approved; nobody decided"
            quick = world.opened("jo", branch="quick", files={"quick.py": "q = 1\n"})
            assert forge.merge(world.repository, quick, "ada")["merged"]
            forge.push(world.repository, "main", {"b.py": "b = 1\n"}, f"By\n\n{TRAILER}", by="jo", rules=False)
        still = [(world, world.opened("jo", branch="still", files={"still.py": "s = 1\n"})) for world in worlds]
        (note,) = [each["id"] for each in forge.notes(first.repository, edited) if each["by"] == "signoff"]
        forge.edit_note(first.repository, edited, note, "ada", "Signed by grace. All is well.")
        forge.wait_deliveries()
        service.environment["SIGNOFF_GITLAB_TOKEN"] = answer.json()["token"]
        service.environment["SIGNOFF_GITLAB_SIGNING_TOKEN"] = LAST
        del service.environment["SIGNOFF_GITLAB_SIGNING_TOKEN_PREVIOUS"]
        service.start()
        for world, number in still:
            world.comes_to(number, "waiting")
            service.until(lambda world=world: bool(found(world, "direct-push")), "the push was not found")
            service.until(lambda world=world: bool(found(world, "merged-unsigned")), "the merge was not found")
            (merge,) = found(world, "merged-unsigned")
            assert merge["verdict"] == "unseen"
            assert merge["merged_by"] == 2009
            assert len(merge["away"]) == 1
            gone = " ".join(fact["text"] for each in found(world, "enforcement") for fact in each["facts"])
            assert "nothing requires the check" in gone
        for number, sealed in before.items():
            service.until(
                lambda number=number, sealed=sealed: resealed(first, number, sealed), f"!{number} is as it was"
            )
            assert first.seen(number)["notes"] == 1
        assert [each["sha"] for each in found(first, "forged")] == [forge.head(first.repository, edited)]
        assert found(worlds[1], "forged") == []
        doctor = service.command("doctor").stdout
        assert f"expires on {ends}" in doctor
        assert forge.violations() == []


def test_two_processes_on_one_postgresql_decide_each_merge_request_once(
    tmp_path: Path, postgresql: Callable[[str], str]
) -> None:
    """Scenario 43 on both mechanisms: one evaluation at a time, whoever makes it; a process that was paused past its
    lease writes nothing.
    """
    shared = {"SIGNOFF_DATABASE_URL": postgresql("template1"), "SIGNOFF_LEASE_SECONDS": "2", "SIGNOFF_WORKERS": "2"}
    with staged(tmp_path, **shared) as own:
        service, forge = own.service, own.forge
        worlds = [own.with_repository("acme/free"), own.with_rule("acme/paid")]
        own.settled()
        service.stop()
        service.start("serve", "--no-worker")
        forge.fault("hang", path=".*/merge_requests/1/versions", seconds=4, times=2, actor="signoff")
        with working(tmp_path, service.environment, "one") as (one, log_of_one):
            slow = [(world, world.opened("jo", branch="slow")) for world in worlds]
            forge.wait_deliveries()
            service.until(lambda: not forge.faults(), "nobody reads")
            os.kill(one, signal.SIGSTOP)
            with working(tmp_path, service.environment, "two") as (_, log_of_two):
                for world, number in slow:
                    world.comes_to(number, "waiting")
                os.kill(one, signal.SIGCONT)
                more = [(world, world.opened("jo", branch=f"b{index}")) for world in worlds for index in range(3)]
                for world, number in more:
                    world.comes_to(number, "waiting")
                service.until(lambda: "lease_lost" in log_of_one.read_text(), "the paused one did not notice")
                for world, number in [*slow, *more]:
                    forge.approve(world.repository, number, "grace")
                for world, number in [*slow, *more]:
                    world.comes_to(number, "success")
                    assert world.shown(number)["notes"] == 1
                    head = forge.head(world.repository, number)
                    posted = [each["author"]["username"] for each in forge.statuses(world.repository, head, every=True)]
                    one_status = ["signoff"] if world.mechanism == "status" else []
                    assert posted == one_status, "which moved from pending to success"
                written = [log.read_text().count('"published"') for log in (log_of_one, log_of_two)]
                assert sum(written) == 2 * 8
                assert '"note.' not in service.logged(), "who only takes deliveries knows the bot's own notes too"
