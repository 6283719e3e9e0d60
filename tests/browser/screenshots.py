"""Pictures of every page, to be looked at: `python -m tests.browser.screenshots FOLDER`.

At desktop and phone width, light and dark: a team's day on each simulated forge (`team.py`), a fresh installation,
logging in, the first run, and what goes wrong. What is wider than the screen, and what axe finds, is printed.
"""

import json
import logging
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from bot.web import first_run
from tests.browser import team
from tests.browser.test_the_way_through import ARGUMENTS, SETTINGS, Person, found_browser, impacts
from tests.stories.conftest import staged
from tests.stories.gitlab.conftest import staged as staged_on_gitlab
from tests.stories.world import World

WIDTHS = (1280, 390)
THEMES: tuple[Any, ...] = ("light", "dark")
CODE = "ABCD-EFGH"
BOT = {"queue": "/", "repositories": "/repositories", "rules": "/rules", "record": "/record", "figures": "/figures"}


@dataclass(frozen=True)
class Camera:
    """Takes pictures into a folder, in one theme."""

    folder: Path
    browser: Browser
    theme: Any

    def page(self) -> Page:
        """A browser of somebody who is not logged in."""
        return self.browser.new_context(color_scheme=self.theme).new_page()

    def take(self, page: Page, pages: Mapping[str, str]) -> None:
        """Pictures of addresses, by name."""
        for name, url in pages.items():
            page.goto(url)
            for summary in page.locator("figure summary").all()[:1]:
                summary.click()
            self.shoot(page, name)

    def shoot(self, page: Page, name: str) -> None:
        """A picture of what the page shows, at each width."""
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.screenshot(path=self.folder / f"{name}-{width}-{self.theme}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                sys.stdout.write(f"wider than the screen: {name} at {width}\n")
        for fault in impacts(Axe(), page):
            sys.stdout.write(f"{name}, {self.theme}: {fault}\n")


def main(folder: Path) -> None:
    """Fill, take, and say where."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=found_browser(), args=list(ARGUMENTS))
        cameras = [Camera(folder, browser, theme) for theme in THEMES]
        for scene in (_fresh, _on_github, _on_gitlab):
            with tempfile.TemporaryDirectory() as scratch:
                scene(Path(scratch), cameras)
        browser.close()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}\n")


def _fresh(scratch: Path, cameras: list[Camera]) -> None:
    """Nothing has happened yet; then the App is made."""
    with staged(scratch, **SETTINGS) as world:
        for camera in cameras:
            for login in ("ada", "stranger"):
                who = Person(camera.browser, world, login, camera.theme)
                who.reads(world.service.url + "/")
                camera.take(who.page, {f"fresh-{login}-{name}": world.service.url + path for name, path in BOT.items()})
            _first_run(camera, world)


def _on_github(scratch: Path, cameras: list[Camera]) -> None:
    """A team's day, as an administrator and a senior see it; then what goes wrong."""
    with staged(scratch, SIGNOFF_BODY_LIMIT="1000000", **SETTINGS) as world:
        made = team.fill(world)
        pages, forge = _pages(world, made), _forge_pages(world, made)
        for camera in cameras:
            ada, grace = (Person(camera.browser, world, login, camera.theme) for login in ("ada", "grace"))
            camera.take(camera.page(), {"log-in": world.service.url, "log-in-failed": f"{_log_in(world)}/callback"})
            camera.take(ada.page, {"forge-authorize": _log_in(world)})
            for who in (ada, grace):
                who.reads(world.service.url + "/")
            mine = {"queue-mine": "/", "rules-no-lead": "/rules", "queue-no-match": "/?for=sam"}
            camera.take(grace.page, {name: world.service.url + path for name, path in mine.items()} | forge)
            camera.take(ada.page, pages)
            _refusals(camera, ada.page, world.service.url)
            _cannot_tell(camera, world)
        team.break_rules(world)
        team.break_change(world, 901)
        broken = {f"broken-{name}": pages[name] for name in ("queue-all", "rules")} | {
            "error-500": pages["change-older"]
        }
        for camera in cameras:
            ada, grace = (Person(camera.browser, world, login, camera.theme) for login in ("ada", "grace"))
            for who in (ada, grace):
                who.reads(world.service.url + "/")
            camera.take(ada.page, broken)
            camera.take(grace.page, {"broken-queue-no-lead": world.service.url})
        for camera in cameras:
            _too_many(camera, world)


def _log_in(world: World) -> str:
    return f"{world.service.url}/login/github"


def _pages(world: World, made: dict[str, int]) -> dict[str, str]:
    """The bot's pages, by a name."""
    ids = {name: world.forge.api("GET", f"/repos/{name}", "ada")["id"] for name in _REPOSITORIES}
    paths = {
        "queue-all": "/?show=waiting",
        "queue-oldest": "/?show=open&order=age",
        "queue-nobody": "/?for=nobody-here",
        "record-found": "/record?kind=override&q=acme/payments&by=ada",
        "record-nothing": "/record?q=nothing-like-it",
        "error-404": "/nowhere",
        "error-400": "/?after=x",
        "error-405": "/logout",
    } | {name: path for name, path in BOT.items() if name != "queue"}
    for name, number in (made | {"unknown": 900, "older": 901}).items():
        repository = next((each for each, key in _REPOSITORIES.items() if key == name), "acme/payments")
        paths[f"change-{name}"] = f"/changes/github/{ids[repository]}/change/{number}"
    return {name: world.service.url + path for name, path in paths.items()}


_REPOSITORIES = {
    "acme/payments": "",
    "acme/infra": "infra",
    "acme/legacy-billing-and-invoicing-of-the-former-group": "observed",
}


def _forge_pages(world: World, made: dict[str, int]) -> dict[str, str]:
    """The simulated GitHub's pages."""
    payments = f"{world.forge.url}/acme/payments"
    numbers = ("waits", "overridden", "hostile", "huge", "merged", "objected")
    paths = {f"forge-change-{name}": f"{payments}/pull/{made[name]}" for name in numbers}
    (run, *_) = world.forge.check_runs("acme/payments", world.forge.head("acme/payments", made["waits"]))
    more = {"repository": payments, "new": f"{payments}/new", "run": f"{payments}/runs/{run['id']}"}
    more |= {"home": world.forge.url, "not-found": f"{payments}/pull/9999"}
    return {f"forge-{name}": url for name, url in more.items()} | paths


def _refusals(camera: Camera, page: Page, url: str) -> None:
    """The form that logs out, sent with another session's word, and with far too much."""
    for name, text in (("error-403", "another"), ("error-413", "x" * 2_000_000)):
        page.goto(f"{url}/rules")
        page.locator("input[name=csrf]").evaluate("(each, text) => { each.value = text }", text)
        page.get_by_role("button", name="Log out").click()
        camera.shoot(page, name)


def _cannot_tell(camera: Camera, world: World) -> None:
    """The forge does not say what somebody may see."""
    world.forge.fault("status", operation="Readable", status=502, times=None)
    sam = Person(camera.browser, world, "sam", camera.theme)
    sam.reads(world.service.url + "/")
    camera.shoot(sam.page, "error-503")
    world.forge.clear_faults()


def _too_many(camera: Camera, world: World) -> None:
    page, heading = camera.page(), "Too many requests"
    while not page.get_by_role("heading", name=heading).count():
        while requests.get(_log_in(world), timeout=5, allow_redirects=False).status_code != requests.codes.too_many:
            pass
        page.goto(_log_in(world))
    camera.shoot(page, "error-429")


def _on_gitlab(scratch: Path, cameras: list[Camera]) -> None:
    """The same on GitLab, without a log-in, where the author is asked."""
    with staged_on_gitlab(scratch) as world:
        world.edit_file("rules.yaml", "undeclared: trust", "undeclared: ask")
        paid, free = world.with_rule("acme/payments"), world.with_repository("acme/free")
        made = team.requests(paid, free)
        url, forge = world.service.url, world.forge.url
        pages = {f"gitlab-{name}": url + path for name, path in BOT.items()}
        for name, (at, number) in made.items():
            pages[f"gitlab-change-{name}"] = f"{url}/changes/gitlab/{at.id}/change/{number}"
            pages[f"forge-gitlab-{name}"] = f"{forge}/{at.repository}/-/merge_requests/{number}"
        pages |= {"forge-gitlab-new": f"{forge}/acme/payments/-/new", "forge-gitlab-home": forge}
        pages |= {"forge-gitlab-not-found": f"{forge}/acme/payments/-/merge_requests/999"}
        for camera in cameras:
            camera.take(camera.page(), pages)


def _first_run(camera: Camera, world: World) -> None:
    """From the code on the terminal over the forge's own question to what comes next."""
    with _served(world) as url:
        page = camera.page()
        page.context.add_cookies([{"name": "act_as", "value": "ada", "url": world.forge.url}])
        camera.take(page, {"first-run": url})
        _enters(page, "wrong")
        camera.shoot(page, "first-run-wrong")
        _enters(page, CODE)
        camera.take(page, {"first-run-not-ours": f"{url}made", "first-run-asked": url})
        page.get_by_role("button", name="Go on at the forge").click()
        camera.shoot(page, "forge-manifest")
        page.get_by_role("button", name="Create App").click()
        camera.shoot(page, "first-run-made")
        page.reload()
        camera.shoot(page, "first-run-again")
        slug = world.app["slug"]
        camera.take(page, {"forge-install": f"{world.forge.url}/apps/{slug}/installations/new"})
        page.get_by_role("button", name="Install").click()
        camera.shoot(page, "forge-installed")
        stranger = camera.page()
        stranger.goto(url)
        for _ in range(first_run.TRIES - 1):
            _enters(stranger, "wrong")
        camera.shoot(stranger, "first-run-closed")


def _enters(page: Page, code: str) -> None:
    page.get_by_label("code").fill(code)
    page.get_by_role("button", name="Begin").click()


@contextmanager
def _served(world: World) -> Iterator[str]:
    """The page of the first run as `signoff setup github` serves it; the App that is made is kept nowhere."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{server.server_port}/"
    rows = (("Checks", "write", "to say how a change stands"), ("Contents", "read", "to read rules and roster"))
    manifest = {"name": "another", "url": url, "hook_attributes": {"url": url}, "redirect_url": f"{url}made"}
    manifest |= {"default_permissions": {"checks": "write", "contents": "read"}, "default_events": ["pull_request"]}
    asked = first_run.Asked(
        "Make the App another for acme", rows,
        f"{world.forge.url}/organizations/acme/settings/apps/new?state=state", {"manifest": json.dumps(manifest)},
        "state",
    )  # fmt: skip
    told = first_run.Next(
        "Now install the App where it shall work.", f"{world.forge.url}/apps/another/installations/new"
    )
    server.app = first_run.create(asked, CODE, lambda _: told, int)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield url
    server.shutdown()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
