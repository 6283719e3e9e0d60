"""A real browser goes all the way: jo opens, grace finds and approves, jo pushes, ada overrides, the record has it all.

It logs in with the simulated GitHub, in both themes; no page has a serious fault of accessibility, none is wider than a
phone, and nothing is asked of any other machine.
"""

import re
import shutil
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from tests.stories.conftest import staged
from tests.stories.world import World
from tests.support.gitlab_sandbox import GitLab

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome")
SETTINGS = {
    "SIGNOFF_GITHUB_OAUTH_CLIENT_ID": "Iv1.sandbox",
    "SIGNOFF_GITHUB_OAUTH_CLIENT_SECRET": "sandbox-client-secret",
    "SIGNOFF_SESSION_KEY": "k" * 40,
    "SIGNOFF_ADMINISTRATORS": "github:1009",
}
HERE = {"127.0.0.1", "localhost"}
REASON = "the shop is down and nobody else is awake"
REPOSITORY = "acme/payments"


def found_browser() -> str | None:
    """Where Chromium is on this machine."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = found_browser()
    if path is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A forge, and the service with a log-in beside it."""
    with staged(tmp_path_factory.mktemp("browser"), **SETTINGS) as stage:
        yield stage.with_repository(REPOSITORY)


class Person:
    """Somebody at a browser of their own, who acts on the forge under their name. `asked` are the hosts it asked."""

    def __init__(self, browser: Browser, world: World, login: str, theme: Any) -> None:
        self.world, self.login = world, login
        self.browsing: BrowserContext = browser.new_context(color_scheme=theme, viewport={"width": 1280, "height": 900})
        self.asked: set[str] = set()
        self.browsing.on("request", lambda request: self.asked.add(urlsplit(request.url).hostname or request.url))
        self.browsing.add_cookies([{"name": "act_as", "value": login, "url": world.forge.url}])
        self.page: Page = self.browsing.new_page()

    def reads(self, url: str) -> str:
        """Open an address, logging in on the way where that is asked for; the page's text."""
        self.page.goto(url)
        if self.page.get_by_role("link", name="Log in with GitHub").count():
            self.page.get_by_role("link", name="Log in with GitHub").click()
            self.page.get_by_role("link", name=f"Continue as {self.login}").click()
            self.page.wait_for_url(url)
        return self.page.locator("main").inner_text()

    def on_the_forge(self, number: int) -> Page:
        """Open the change on the forge."""
        self.page.goto(f"{self.world.forge.url}/{REPOSITORY}/pull/{number}")
        return self.page

    def settled(self, number: int) -> str:
        """The bot's page of the change once everything is evaluated."""
        self.world.settled()
        repository = self.world.forge.api("GET", f"/repos/{REPOSITORY}", "ada")["id"]
        return self.reads(f"{self.world.service.url}/changes/github/{repository}/change/{number}")


def test_a_change_goes_the_whole_way_in_a_browser(browser: Browser, world: World) -> None:
    """From opening to override, as three people see it; a record entry for each step."""
    jo, grace = Person(browser, world, "jo", "light"), Person(browser, world, "grace", "dark")
    ada = Person(browser, world, "ada", "light")
    number = _opened(jo)
    _waits(jo, number)
    _found_and_approved(grace, number)
    assert "Signed by grace" in jo.settled(number)

    page = jo.on_the_forge(number)
    page.get_by_label("Its new content").fill("def pay():\n    return 3\n")
    _sent(page, page.get_by_role("button", name="Push another commit"))
    assert "Waiting for 1 senior" in jo.settled(number)

    page = ada.on_the_forge(number)
    page.get_by_label("Comment as ada").fill(f"/signoff override {REASON}")
    _sent(page, page.get_by_role("button", name="Comment", exact=True).last)
    assert "Overridden by ada" in ada.settled(number)
    assert world.state(number) == "success"

    told = ada.reads(f"{world.service.url}/record?q={REPOSITORY}%23{number}")
    steps = [
        "decided that it waits",
        "signed by grace",
        "decided that it waits",
        "overrode the gate",
        "overridden until",
    ]
    at = [told.rfind(steps[0])]
    for step in steps[1:]:
        at.append(told.rfind(step, 0, at[-1]))
    assert -1 not in at, told
    assert REASON in told
    for somebody in (jo, grace, ada):
        _ends(somebody)


def _sent(page: Page, button: Locator) -> None:
    """Press a button, and wait for the page that answers: only then the forge has done it."""
    with page.expect_navigation():
        button.click()


def _opened(jo: Person) -> int:
    jo.page.goto(f"{jo.world.forge.url}/{REPOSITORY}/new")
    jo.page.get_by_label("File").fill("src/pay.py")
    jo.page.get_by_label("Its new content").fill("def pay():\n    return 2\n")
    jo.page.get_by_label(re.compile("Commit message")).fill("Pay twice <b>@everyone</b>")
    jo.page.get_by_label(re.compile("Co-authored by an AI tool")).check()
    _sent(jo.page, jo.page.get_by_role("button", name="Open as jo"))
    jo.page.wait_for_url(re.compile(r"/pull/\d+$"))
    return int(jo.page.url.rsplit("/", 1)[1])


def _waits(jo: Person, number: int) -> None:
    """The check says what to do first, and its page says why."""
    jo.world.settled()
    shown = jo.on_the_forge(number).locator("body").inner_text()
    assert "Waiting for 1 senior" in shown
    assert shown.index("What you can do now") < shown.index("What was found")
    told = jo.settled(number)
    assert "Pay twice <b>@everyone</b>" in told
    assert "ask grace, linus or ada for a review" in told
    assert "Co-authored-by: Claude" in told
    assert "asked because AI took part and an author is below senior" in told


def _found_and_approved(grace: Person, number: int) -> None:
    """From the queue over the change to the review, by what can be clicked."""
    queue = grace.reads(f"{grace.world.service.url}/")
    assert "Waiting for you" in queue
    grace.page.get_by_role("link", name="Pay twice").click()
    grace.page.get_by_role("link", name="Open it on the forge").click()
    grace.page.wait_for_url(re.compile(rf"/pull/{number}$"))
    _sent(grace.page, grace.page.get_by_role("button", name="Approve"))
    grace.world.settled()
    assert "Nothing waits here" in grace.reads(f"{grace.world.service.url}/")


def _ends(somebody: Person) -> None:
    """Log out; what was asked of which machine."""
    somebody.page.goto(f"{somebody.world.service.url}/rules")
    somebody.page.get_by_role("button", name="Log out").click()
    assert somebody.page.get_by_role("heading", name="Log in").is_visible()
    assert somebody.asked <= HERE, somebody.asked
    somebody.browsing.close()


PATHS = (
    "/", "/?show=open", "/repositories", "/rules", "/record", "/figures", "/nowhere", "/login/github",
    "/login/github/callback",
)  # fmt: skip
ON_THE_FORGE = ("/", f"/{REPOSITORY}", f"/{REPOSITORY}/pull/1", f"/{REPOSITORY}/new", f"/{REPOSITORY}/pull/999")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_fault_of_accessibility(browser: Browser, world: World, theme: str) -> None:
    """With every chart's numbers opened; nothing is wider than a screen or a phone; also where one logs in, and on the
    simulated forge.
    """
    ada, axe = Person(browser, world, "ada", theme), Axe()
    ada.page.goto(world.service.url)
    found = {"the log-in": impacts(axe, ada.page)}
    ada.reads(f"{world.service.url}/")
    one = f"/changes/github/{world.forge.api('GET', f'/repos/{REPOSITORY}', 'ada')['id']}/change/1"
    addresses = [world.service.url + path for path in (one, *PATHS)]
    found |= looked_at(ada.page, theme, addresses + [world.forge.url + path for path in ON_THE_FORGE])
    assert {where: faults for where, faults in found.items() if faults} == {}
    ada.browsing.close()


def test_no_page_of_the_simulated_gitlab_has_one(browser: Browser) -> None:
    """The projects, a merge request, a new one, and one that is not there, in both themes."""
    with GitLab() as forge:
        forge.user("jo")
        forge.group("acme", {"jo": "developer"})
        forge.project(REPOSITORY, {"src/pay.py": "1\n"})
        number = forge.change(REPOSITORY, "jo")["iid"]
        requests = f"/{REPOSITORY}/-/merge_requests"
        paths = ("/", f"{requests}/{number}", f"/{REPOSITORY}/-/new", f"{requests}/999")
        for theme in ("light", "dark"):
            page = browser.new_context(color_scheme=theme).new_page()
            found = looked_at(page, theme, [forge.url + path for path in paths])
            assert {where: faults for where, faults in found.items() if faults} == {}


def looked_at(page: Page, theme: str, addresses: Sequence[str]) -> dict[str, list[str]]:
    """What axe finds on each page, everything opened; none may be wider than it is shown, also on a phone.

    Axe looks at the light theme on a screen and at the dark one on a phone: colours are the same at both widths, and
    what stands where is the same in both themes.
    """
    found, widths = {}, (390, 1280) if theme == "light" else (1280, 390)
    for path in addresses:
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} at {width}"
        found[path] = impacts(Axe(), page)
    return found


def impacts(axe: Axe, page: Page) -> list[str]:
    """What axe finds: how bad, the rule, and the first element that breaks it."""
    faults = axe.run(page).response["violations"]
    return [f"{each['impact']} {each['id']}: {each['nodes'][0]['html']}" for each in faults]


def test_the_pages_are_worked_with_the_keyboard(browser: Browser, world: World) -> None:
    """The first step of the tabulator skips the navigation; every control is reached and shows that it is."""
    ada = Person(browser, world, "ada", "light")
    ada.reads(f"{world.service.url}/record")
    ada.page.keyboard.press("Tab")
    assert ada.page.evaluate("document.activeElement.textContent") == "Skip to the content"
    names = set()
    for _ in range(25):
        ada.page.keyboard.press("Tab")
        if ada.page.evaluate("document.activeElement === document.body"):
            break
        names.add(ada.page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))
        outline = ada.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", ada.page.evaluate("document.activeElement.outerHTML")
    assert {"Queue", "Figures", "Log out", "q", "kind", "by", "since", "until", "Search"} <= names
    ada.browsing.close()
