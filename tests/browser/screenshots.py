"""Pictures of every page, to be looked at: `python -m tests.browser.screenshots FOLDER`.

At desktop and phone width, light and dark, over a team's day (`team.py`); the pages of the simulated forge too. What is
wider than the screen, and what axe finds serious, is printed.
"""

import logging
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from bot.web import first_run
from tests.browser import team
from tests.browser.test_the_way_through import ARGUMENTS, SETTINGS, Person, found_browser, serious
from tests.stories.conftest import staged
from tests.stories.world import World

WIDTHS = (1280, 390)
THEMES: tuple[Any, ...] = ("light", "dark")
CODE = "ABCD-EFGH"


def main(folder: Path) -> None:
    """Fill, take, and say where."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, staged(Path(scratch), **SETTINGS) as world:
        made = team.fill(world)
        pages, forge = _pages(world, made), _forge_pages(world, made)
        with sync_playwright() as player, _first_run() as first:
            browser = player.chromium.launch(executable_path=found_browser(), args=list(ARGUMENTS))
            for theme in THEMES:
                ada, grace = (Person(browser, world, login, theme) for login in ("ada", "grace"))
                _take(folder, ada.page, {"log-in": world.service.url}, theme)
                for who in (ada, grace):
                    who.reads(world.service.url + "/")
                _take(folder, grace.page, {"queue-mine": world.service.url + "/", **forge}, theme)
                _take(folder, ada.page, pages, theme)
                _first(folder, browser, first, theme)
            team.break_rules(world)
            broken = {f"broken-{name}": pages[name] for name in ("queue-all", "rules")}
            for theme in THEMES:
                ada = Person(browser, world, "ada", theme)
                ada.reads(world.service.url + "/")
                _take(folder, ada.page, broken, theme)
            browser.close()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} pictures in {folder}\n")


def _pages(world: World, made: dict[str, int]) -> dict[str, str]:
    """The bot's pages, by a name."""
    ids = {name: world.forge.api("GET", f"/repos/{name}", "ada")["id"] for name in _REPOSITORIES}
    paths = {
        "queue-all": "/?show=waiting",
        "queue-oldest": "/?show=open&order=age",
        "queue-nobody": "/?for=nobody-here",
        "repositories": "/repositories",
        "rules": "/rules",
        "record": "/record",
        "record-found": "/record?kind=override&q=acme/payments&by=ada",
        "record-nothing": "/record?q=nothing-like-it",
        "figures": "/figures",
        "error-404": "/nowhere",
        "error-400": "/?after=x",
        "error-405": "/logout",
    }
    for name, number in made.items():
        repository = next((each for each, key in _REPOSITORIES.items() if key == name), "acme/payments")
        paths[f"change-{name}"] = f"/changes/github/{ids[repository]}/change/{number}"
    paths["change-unknown"] = f"/changes/github/{ids['acme/payments']}/change/900"
    return {name: world.service.url + path for name, path in paths.items()}


_REPOSITORIES = {
    "acme/payments": "",
    "acme/infra": "infra",
    "acme/legacy-billing-and-invoicing-of-the-former-group": "observed",
}


def _forge_pages(world: World, made: dict[str, int]) -> dict[str, str]:
    """The simulated forge's pages."""
    payments = f"{world.forge.url}/acme/payments"
    numbers = ("waits", "overridden", "hostile", "huge")
    paths = {f"forge-change-{name}": f"{payments}/pull/{made[name]}" for name in numbers}
    return {"forge-home": world.forge.url + "/", "forge-repository": payments, "forge-new": f"{payments}/new"} | paths


def _take(folder: Path, page: Page, pages: dict[str, str], theme: str) -> None:
    for name, url in pages.items():
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(url)
            for summary in page.locator("figure summary").all()[:1]:
                summary.click()
            page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                sys.stdout.write(f"wider than the screen: {name} at {width}\n")
            for fault in serious(Axe(), page):
                sys.stdout.write(f"{name} at {width}, {theme}: {fault}\n")


@contextmanager
def _first_run() -> Iterator[str]:
    rows = (("Checks", "write", "to say how a change stands"), ("Contents", "read", "to read rules and roster"))
    asked = first_run.Asked("Create the GitHub App", rows, "https://forge.example.com/settings/apps/new", {}, "state")
    server = make_server(
        "127.0.0.1", 0, first_run.create(asked, CODE, lambda _: first_run.Next("", ""), int), threaded=True
    )
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def _first(folder: Path, browser: Browser, url: str, theme: Any) -> None:
    page = browser.new_context(color_scheme=theme).new_page()
    _take(folder, page, {"first-run": url}, theme)
    page.get_by_label("code").fill("wrong")
    page.get_by_role("button").click()
    page.screenshot(path=folder / f"first-run-wrong-{theme}.png")
    page.get_by_label("code").fill(CODE)
    page.get_by_role("button").click()
    _take(folder, page, {"first-run-asked": url, "first-run-not-ours": f"{url}made"}, theme)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
