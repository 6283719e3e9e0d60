"""Logging in, with the simulated GitHub and GitLab's few endpoints: who gets in, what they see, what is refused."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from bot.bootstrap.doors import log_ins
from bot.forges.github import graphql_of
from bot.forges.github.login import GitHubLogIn
from bot.forges.gitlab.login import GitLabLogIn
from bot.forges.login import LogIn
from bot.model.errors import BadInputError
from bot.model.subject import Repository, Subject
from bot.service.context import Context
from bot.settings import load
from bot.store import repositories
from bot.web.app import MOST_LOG_INS, MOST_PAGES
from bot.web.login import LogInDoor, LogInSettings
from tests.support.sandbox import Sandbox
from tests.web.site import NOW, keep, site

PUBLIC = "http://127.0.0.1:8080"
KEY = "k" * 40
ADA, GRACE = ("github", 1009), ("github", 1001)


@pytest.fixture(scope="module")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A simulated GitHub with a private repository of grace and ada, and one of ada alone."""
    with Sandbox(app_key_out=tmp_path_factory.mktemp("login") / "app.pem") as sandbox:
        for login, number in {"jo": 101, "grace": 1001, "ada": 1009}.items():
            sandbox.user(login, id=number)
        sandbox.org("acme", {"ada": "admin"})
        sandbox.repo("acme/payments", {"a": "b\n"}, collaborators={"grace": "read"}, private=True)
        sandbox.repo("acme/secrets", {"a": "b\n"}, private=True)
        yield sandbox


@pytest.fixture
def ways(forge: Sandbox) -> dict[str, LogIn]:
    """The log-in with it, as the settings make it."""
    client = (forge.ready["oauth_client_id"], forge.ready["oauth_client_secret"])
    return {"github": GitHubLogIn.at(forge.url, forge.api_url, graphql_of(forge.api_url), client)}


@pytest.fixture
def app(known: Context, forge: Sandbox, ways: dict[str, LogIn]) -> Flask:
    """The pages behind that log-in; the repositories have the numbers that the forge gave them."""
    for place, name in enumerate(("acme/payments", "acme/secrets"), 1):
        number = forge.api("GET", f"/repos/{name}", "ada")["id"]
        with known.store.write() as tx:
            repositories.upsert(tx, Repository("github", number, name, "main", 1))
        case = "00-an-ai-change-of-a-junior-waits-for-a-senior.yaml"
        keep(known.store, case, Subject.change("github", number, 10 * place), repository=name)
    return site(known, LogInDoor(known, LogInSettings(ways, KEY, PUBLIC, frozenset({ADA}))))


def came_back(browser: FlaskClient, login: str, back: str = "/") -> Any:
    """Log in as somebody: to the forge, agree there, and return."""
    away = browser.get(f"/login/github?back={back}").headers["Location"]
    asked = requests.get(away, cookies={"act_as": login}, timeout=10)
    agree = re.search(r'href="(/login/oauth/authorize\?[^"]*)"', asked.text)
    assert agree, asked.text
    root = "{0.scheme}://{0.netloc}".format(urlsplit(away))
    address = root + agree[1].replace("&amp;", "&")
    answer = requests.get(address, cookies={"act_as": login}, allow_redirects=False, timeout=10)
    return browser.get(answer.headers["Location"].removeprefix(PUBLIC))


def entered(app: Flask, login: str) -> FlaskClient:
    """A browser in which somebody is logged in."""
    browser = app.test_client()
    answer = came_back(browser, login)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    return browser


def listed(browser: FlaskClient) -> set[str]:
    """The repositories in the queue of all."""
    return set(re.findall(r"(acme/\w+)#\d+ by", browser.get("/?show=open").text))


@pytest.mark.parametrize("path", ["/", "/record", "/record.csv", "/figures", "/rules", "/changes/github/1/change/1"])
def test_who_is_not_logged_in_is_invited_and_sees_nothing(app: Flask, path: str) -> None:
    """401, also for this machine and for exports; the way back is a path of ours."""
    answer = app.test_client().get(path)
    assert answer.status_code == 401
    assert "Log in with GitHub" in answer.text
    assert "acme" not in answer.text
    assert app.test_client().get("/healthz").status_code == 200


def test_people_see_what_they_can_read_and_administrators_see_all(app: Flask) -> None:
    """Queue, change, record, export and repositories alike."""
    grace, ada, jo = entered(app, "grace"), entered(app, "ada"), entered(app, "jo")
    assert listed(grace) == {"acme/payments"}
    assert listed(jo) == set()
    assert {"acme/payments", "acme/secrets"} <= listed(ada)
    secret = re.search(r'href="(/changes/github/\d+/change/20)"', ada.get("/?show=open").text)
    assert secret
    assert ada.get(secret[1]).status_code == 200
    for browser in (grace, jo):
        assert browser.get(secret[1]).status_code == 404
        for path in ("/record", "/record.jsonl", "/record.csv", "/repositories", "/?for=grace", "/?show=open"):
            page = browser.get(path).text
            assert "acme/secrets" not in page
            assert secret[1].removeprefix("/changes/") not in page
        assert 'data-label="Entry"' not in browser.get("/record?q=acme/secrets").text
    assert len(jo.get("/record.jsonl").text.splitlines()) == 0
    assert grace.get("/record.jsonl").text.splitlines()


def test_the_queue_begins_with_ones_own(app: Flask) -> None:
    """Grace can sign what waits; jo can read nothing that the bot knows, and is told just that."""
    assert "Waiting for you" in entered(app, "grace").get("/").text
    assert "You can read no repository" in entered(app, "jo").get("/").text


def test_tiers_are_shown_to_those_who_keep_the_roster(app: Flask) -> None:
    """Ada may sign a change of the roster; grace may not, and sees who can sign, without tiers."""
    assert "<h2>The roster</h2>" in entered(app, "ada").get("/rules").text
    page = entered(app, "grace").get("/rules").text
    assert "<h2>The roster</h2>" not in page
    assert "Grace Example" in page


def test_who_can_read_no_repository_does_not_learn_who_signs(app: Flask) -> None:
    """Jo can read none that the bot covers: neither the rules nor anybody's name is shown."""
    jo = entered(app, "jo")
    assert jo.get("/rules").status_code == 404
    assert "The newest hash" not in jo.get("/record").text, "nor how much there is on record"
    assert "The newest hash" in entered(app, "grace").get("/record").text
    assert 'value="grace"' not in jo.get("/").text
    assert 'value="grace"' in entered(app, "grace").get("/").text
    for name in ("grace", "nobody-here"):
        assert "You can read no repository" in jo.get(f"/?for={name}").text, "neither by trying names"


def test_strangers_use_up_nothing_of_people_who_are_logged_in(app: Flask) -> None:
    """Behind a proxy all have one address: pages, logging in and each session are counted apart."""
    grace, stranger = entered(app, "grace"), app.test_client()
    assert {stranger.get("/record").status_code for _ in range(MOST_PAGES)} == {401}
    refused = stranger.get("/rules")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert "<h1>Too many requests</h1>" in refused.text
    ada = entered(app, "ada")
    answers = [stranger.get(f"/login/github{end}").status_code for end in ["", "/callback"] * (MOST_LOG_INS // 2)]
    assert answers[-1] == 429
    assert stranger.get("/login/github").status_code == 429
    for browser in (grace, ada):
        assert browser.get("/").status_code == 200
    word = re.search(r'name="csrf" value="([^"]+)"', ada.get("/").text)
    assert word
    assert ada.post("/logout", data={"csrf": word[1]}).status_code == 303


def test_what_can_be_read_is_asked_again_and_fails_closed(app: Flask, known: Context, forge: Sandbox) -> None:
    """Kept for minutes only; where the forge cannot say, nothing is shown."""
    moments = [NOW]
    door = LogInDoor(
        Context(known.forges, known.store, known.rulebook, lambda: moments[-1], known.page_url),
        LogInSettings(_ways_of(forge), KEY, PUBLIC),
    )
    browser = entered(site(known, door), "grace")
    assert listed(browser) == {"acme/payments"}
    forge.call("DELETE", "/repos/acme/payments/collaborators/grace", "ada")
    assert listed(browser) == {"acme/payments"}
    moments.append(NOW + timedelta(minutes=5))
    assert listed(browser) == set()
    moments.append(NOW + timedelta(hours=9))
    assert browser.get("/").status_code == 401
    forge.api("PUT", "/repos/acme/payments/collaborators/grace", "ada", {"permission": "pull"})


def _ways_of(forge: Sandbox) -> dict[str, LogIn]:
    client = (forge.ready["oauth_client_id"], forge.ready["oauth_client_secret"])
    return {"github": GitHubLogIn.at(forge.url, forge.api_url, graphql_of(forge.api_url), client)}


def test_a_forge_that_does_not_answer_shows_nothing(known: Context, forge: Sandbox) -> None:
    """503 with the reason, and no row of anything."""
    ways: dict[str, LogIn] = {**_ways_of(forge)}
    whole = ways["github"]
    assert isinstance(whole, GitHubLogIn)
    deaf = GitHubLogIn(whole.client, whole.api_url, "http://127.0.0.1:9/graphql")
    browser = entered(site(known, LogInDoor(known, LogInSettings({"github": deaf}, KEY, PUBLIC))), "grace")
    answer = browser.get("/?show=open")
    assert answer.status_code == 503
    assert "acme" not in answer.text


def test_a_log_in_that_the_forge_took_back_ends_for_administrators_too(known: Context, forge: Sandbox) -> None:
    """Within minutes; a limit that passes ends no log-in, and shows nothing meanwhile."""
    moments = [NOW]
    late = Context(known.forges, known.store, known.rulebook, lambda: moments[-1], known.page_url)
    everything = LogInSettings(_ways_of(forge), KEY, PUBLIC, frozenset({ADA}))
    ada = entered(site(known, LogInDoor(late, everything)), "ada")
    assert "acme/payments" in ada.get("/?show=open").text
    for status, headers, answer in ((403, {"Retry-After": "9"}, 503), (429, {}, 503), (401, {}, 401), (None, {}, 401)):
        moments.append(moments[-1] + timedelta(minutes=5))
        if status is not None:
            forge.fault("status", operation="Readable", status=status, headers=headers, times=1)
        shown = ada.get("/?show=open")
        assert shown.status_code == answer
        assert "acme" not in shown.text
    forge.clear_faults()


def test_beginning_to_log_in_again_ends_nothing_and_doing_so_ends_what_was_before(app: Flask) -> None:
    """A link elsewhere cannot log anybody out; a copy of the former cookie is worth nothing."""
    browser, thief = entered(app, "grace"), app.test_client()
    copied = browser.get_cookie("signoff")
    assert copied
    assert browser.get("/login/github").status_code == 303
    assert browser.get("/").status_code == 200
    assert came_back(browser, "ada").status_code == 303
    thief.set_cookie("signoff", copied.value)
    assert thief.get("/").status_code == 401
    assert "<span>ada</span>" in browser.get("/").text


def test_logging_out_ends_the_session_and_only_by_ones_own_form(app: Flask) -> None:
    """Without the word of the session nothing happens; a copied cookie is worth nothing afterwards."""
    browser = entered(app, "grace")
    copied = browser.get_cookie("signoff")
    assert copied
    for form in ({}, {"csrf": "guessed"}):
        assert browser.post("/logout", data=form).status_code == 403
    word = re.search(r'name="csrf" value="([^"]+)"', browser.get("/").text)
    assert word
    assert browser.post("/logout", data={"csrf": word[1]}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/").status_code == 200
    assert browser.post("/logout", data={"csrf": word[1]}).status_code == 303
    assert browser.get("/").status_code == 401
    thief = app.test_client()
    thief.set_cookie("signoff", copied.value)
    assert thief.get("/").status_code == 401


def test_a_log_in_that_was_not_begun_here_is_refused(app: Flask) -> None:
    """No state, another browser's state, a state used twice, a forged code: none gets in."""
    browser, other = app.test_client(), app.test_client()
    away = parse_qs(urlsplit(browser.get("/login/github").headers["Location"]).query)
    assert away["code_challenge_method"] == ["S256"]
    state = away["state"][0]
    for who, query in (
        (other, f"code=x&state={state}"),
        (browser, "code=x&state=wrong"),
        (browser, f"code=x&state={state}"),
    ):
        assert who.get(f"/login/github/callback?{query}").status_code == 400
        assert who.get("/").status_code == 401
    begun = parse_qs(urlsplit(browser.get("/login/github").headers["Location"]).query)
    assert browser.get(f"/login/github/callback?code=forged&state={begun['state'][0]}").status_code == 400
    assert browser.get("/").status_code == 401
    assert browser.get("/login/gitlab").status_code == 404


@pytest.mark.parametrize("back", ["//evil.example.com", "https://evil.example.com", "/\\evil.example.com", "x"])
def test_the_way_back_is_always_a_page_of_ours(app: Flask, back: str) -> None:
    """No open redirect."""
    assert came_back(app.test_client(), "grace", back).headers["Location"] == "/"


def test_the_cookie_is_for_this_site_alone(app: Flask, known: Context, ways: dict[str, LogIn]) -> None:
    """Not for scripts, not for other sites, over https only where that is how people come."""
    cookie = came_back(app.test_client(), "grace").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    secure = site(known, LogInDoor(known, LogInSettings(ways, KEY, "https://signoff.example.com")))
    cookie = secure.test_client().get("/login/github").headers["Set-Cookie"]
    assert cookie.startswith("__Host-signoff=")
    assert "Secure" in cookie


def test_the_forges_token_is_nowhere_to_be_read(app: Flask, known: Context) -> None:
    """Not in the cookie, not in the database, not in what prints."""
    browser = entered(app, "grace")
    cookie = browser.get_cookie("signoff")
    assert cookie
    known.store.dispose()
    path = Path(str(known.store._engine.url.database))
    for held in (path, path.with_name(path.name + "-wal")):
        assert not held.exists() or b"sandbox-user-grace" not in held.read_bytes()
    assert "sandbox-client-secret" not in repr(LogInSettings({}, KEY, PUBLIC)) + repr(_ways_of)


class _GitLab(BaseHTTPRequestHandler):
    """Of GitLab: the token for a code, whose token it is, and which projects it can read. Kept in `asked`."""

    asked: dict[str, Any] = {}  # noqa: RUF012  one server, one test

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.asked[self.path] = body
        if self.path == "/oauth/token":
            self._say({"access_token": "t", "token_type": "Bearer"})
        else:
            wanted = json.loads(body)["variables"]["ids"]
            assert "userPermissions { downloadCode }" in json.loads(body)["query"]
            nodes = [
                {"id": each, "userPermissions": {"downloadCode": not each.endswith("/10")}}
                for each in wanted
                if not each.endswith("/8")
            ]
            self._say({"data": {"projects": {"nodes": nodes}}})

    def do_GET(self) -> None:
        self._say({"id": 2001, "username": "grace"} if self.headers["Authorization"] == "Bearer t" else {})

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name it has there
        """Nothing is printed."""

    def _say(self, value: Any) -> None:
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def test_people_log_in_with_gitlab_too() -> None:
    """Code and verifier go to the token's address, the account is the token's; projects that are absent, or seen
    without their code, cannot be read.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _GitLab) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        way = GitLabLogIn.at(url, ("id", "secret"))
        asked = parse_qs(urlsplit(way.begin(f"{PUBLIC}/login/gitlab/callback", "state", "v" * 48)).query)
        assert asked["scope"] == ["read_api"]
        assert asked["code_challenge_method"] == ["S256"]
        assert way.finish(f"{PUBLIC}/login/gitlab/callback", "code", "v" * 48) == "t"
        assert parse_qs(_GitLab.asked["/oauth/token"])["code_verifier"] == ["v" * 48]
        assert way.account("t").login == "grace"
        known = [Repository("gitlab", number, f"acme/p{number}") for number in (7, 8, 9, 10)]
        assert way.readable("t", known) == {7, 9}
        assert way.readable("t", []) == frozenset()
        server.shutdown()


def test_the_settings_of_the_log_in_are_checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a client, no key, no address, an administrator by login: each is named."""
    for name, value in {
        "GITHUB_OAUTH_CLIENT_ID": "x",
        "ADMINISTRATORS": "ada",
    }.items():
        monkeypatch.setenv(f"SIGNOFF_{name}", value)
    with pytest.raises(BadInputError) as told:
        load(None)
    for part in ("CLIENT_SECRET", "SESSION_KEY", "PUBLIC_URL", "github:1009", "GITHUB_APP_ID"):
        assert part in str(told.value)
    monkeypatch.delenv("SIGNOFF_GITHUB_OAUTH_CLIENT_ID")
    more = {"GITLAB_OAUTH_CLIENT_ID": "x", "GITLAB_OAUTH_CLIENT_SECRET": "y", "SESSION_KEY": KEY}
    for name, value in (more | {"PUBLIC_URL": PUBLIC, "ADMINISTRATORS": "github:1009, gitlab:2009"}).items():
        monkeypatch.setenv(f"SIGNOFF_{name}", value)
    conf = load(None)
    assert set(log_ins(conf)) == {"gitlab"}
    assert conf.administrator_accounts == {("github", 1009), ("gitlab", 2009)}
    assert KEY not in repr(conf)
