"""The pages: what they show, in which order, and what they never do."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import event

from bot.bootstrap import doors
from bot.cli.ledger import command
from bot.gate.escape import code
from bot.model.change import Account
from bot.model.ids import AccountId, Sha
from bot.model.memory import Override
from bot.model.subject import Repository, Subject
from bot.service import found, watch
from bot.service.context import Context
from bot.settings import load
from bot.store import changes, findings, ledger, people, records, repositories
from bot.store.ledger import verify
from bot.web.charts import Series, bars, lines
from bot.web.pages import marked, within
from tests.web.site import NOW, keep, site

PAGES = ("/", "/?show=open&order=age", "/repositories", "/rules", "/record", "/figures", "/changes/github/1/change/1")
SEVEN = Subject.change("github", 1, 7)


def texts(browser: FlaskClient, path: str) -> str:
    """A page's text without tags."""
    answer = browser.get(path)
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text))


def order(page: str) -> list[str]:
    """The numbers of the changes that a page of the queue lists."""
    return re.findall(r"acme/payments#(\d+) by", page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing(browser: FlaskClient, path: str) -> None:
    """One style sheet of our own, no script, no inline style, a strict policy, one heading of the first rank."""
    answer = browser.get(path)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<(?:script|img|iframe)|\son\w+=|style=", answer.text) == []
    assert re.findall(r'<link[^>]*href="([^"]*)"', answer.text) == ["/static/style.css"]
    assert answer.text.count("<h1>") == 1


def test_the_queue_begins_with_what_asks_most_and_then_with_what_waits_longest(browser: FlaskClient) -> None:
    """Two approvals before one; what is allowed is not in it."""
    page = texts(browser, "/")
    assert order(page) == ["2", "4", "1", "5"]
    assert order(texts(browser, "/?order=age")) == ["1", "2", "4", "5"]
    assert order(texts(browser, "/?show=open"))[-1] == "3"
    assert "1 file, +3 \u22121 lines" in page
    assert "Claude Code" in page


def test_the_queue_can_be_that_of_one_person(browser: FlaskClient, known: Context) -> None:
    """Only what that person can sign; somebody unknown has none. What is from before sizes were kept says so."""
    assert "2" not in order(texts(browser, "/?for=jo"))
    assert "1" in order(texts(browser, "/?for=grace"))
    assert "Nobody is known by the name nobody-here" in texts(browser, "/?for=nobody-here")
    both = site(replace(known, forges={"gitlab": None, "github": None})).test_client()  # type: ignore[dict-item]
    assert order(texts(both, "/?for=grace")) == order(texts(browser, "/?for=grace")) != []
    assert "Nothing waits for jo" in texts(browser, "/?for=jo")
    older = {"files": None, "additions": None, "deletions": None, "tools": "", "zones": ""}
    keep(known.store, "00-an-ai-change-of-a-junior-waits-for-a-senior.yaml", SEVEN, **older)
    page = texts(browser, "/?for=grace")
    assert "not known yet not known yet" in page[page.index("payments#7") :]


def test_the_queue_is_paged_by_key(browser: FlaskClient, known: Context) -> None:
    """Every change once, however many there are."""
    for number in range(100, 160):
        keep(known.store, "00-an-ai-change-of-a-junior-waits-for-a-senior.yaml", Subject.change("github", 1, number))
    seen, path = [], "/"
    while path:
        answer = browser.get(path).text
        seen += order(re.sub(r"<[^>]*>", " ", answer))
        more = re.search(r'href="([^"]*after=[^"]*)"', answer)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 64


def test_a_change_says_what_each_reader_can_do_and_why_it_waits(browser: FlaskClient) -> None:
    """Names of those who can sign, the exact command, the reasons in words and not in codes."""
    page = texts(browser, "/changes/github/1/change/1")
    assert "The author , jo : ask grace" in page
    assert "a sign-off by somebody who shaped the change does not count" in page
    assert re.search(r"/signoff clear [0-9a-f]{8} &lt;reason&gt;", page)
    assert "senior sign-off" in page
    assert "decided that it waits" in page
    objected = texts(browser, "/changes/github/1/change/5")
    assert "decided that it waits, signed by linus, changes requested by grace" in objected
    assert "settle what grace asked for" in objected
    assert "Who asked for changes , grace : approve once it is settled" in objected
    assert "tier too low" not in objected


def test_what_cannot_be_told_is_not_called_signed(browser: FlaskClient, known: Context) -> None:
    """Somebody approved, but the forge did not show all; and of a merged change, how it stood then."""
    keep(known.store, "42-not-all-of-the-change-is-shown.yaml", SEVEN)
    with known.store.write() as tx:
        changes.close(tx, SEVEN, NOW, "merged")
    told = texts(browser, "/changes/github/1/change/7")
    assert "could not decide yet a1" in told
    assert "When it was merged: Cannot tell yet" in told


def test_a_change_that_another_thing_holds_is_not_called_done(browser: FlaskClient, known: Context) -> None:
    """Rules that it proposes and that cannot be used, or another change with the same commit, stand in the title."""
    title = "Mend the proposed rules (1 fault) first. Signed by grace"
    keep(known.store, "00-a-senior-signs-it.yaml", SEVEN, check_title=title)
    page = texts(browser, "/changes/github/1/change/7")
    assert title in page
    assert "its check stays open" in page
    assert "Nothing needs to be done" not in page
    assert "Nothing needs to be done" in texts(browser, "/changes/github/1/change/3")


def test_each_verdict_has_its_own_next_step(browser: FlaskClient, known: Context) -> None:
    """Where nothing can be decided nobody is told to ask for a review; an override leaves something to look at."""
    steps = {
        "42-not-all-of-the-change-is-shown.yaml": "it is read again by itself",
        "31-an-unguarded-base.yaml": "retarget the change to a guarded branch",
        "37-an-override.yaml": "/signoff follow-up close",
        "12-an-agents-change-has-its-operators-tier.yaml": "Whoever set Copilot to work , jo :",
        "95-an-observed-repository.yaml": "nothing is kept from merging",
    }
    for number, (case, words) in enumerate(steps.items(), 20):
        keep(known.store, case, Subject.change("github", 1, number))
        page = texts(browser, f"/changes/github/1/change/{number}")
        assert words in page
        assert ("In an emergency" in page) == case.startswith("12")
    assert set(map(str, range(20, 25))) & set(order(texts(browser, "/"))) == {"20", "23", "24"}
    assert order(texts(browser, "/"))[-1] in {"20", "24"}


def test_whom_an_agents_commit_names_as_its_operator_is_told_what_to_do(browser: FlaskClient, known: Context) -> None:
    """The step is for the operator whom the decision found, also where the forge itself names none."""
    keep(known.store, "12-the-operator-is-the-co-author-of-the-agents-commit.yaml", SEVEN)
    assert "Whoever set Copilot to work , grace :" in texts(browser, "/changes/github/1/change/7")


def test_what_the_watch_found_is_told_of_whom_it_is_about_and_by_the_bot(browser: FlaskClient, known: Context) -> None:
    """Who pushed past the gate did not find it. It stands under its repository, for those who can read that."""
    body = {"by": 1002, "commits": ["a1"], "tools": ["Claude Code"], "branch": "main"}
    new = findings.NewFinding("github", 1, findings.FindingKind.PUSHED, "k", body, None, Sha("a1"))
    with known.store.write() as tx:
        watch.found(tx, new, NOW)
    page = texts(browser, "/record?kind=finding")
    assert "acme/payments the bot found: pushed past the gate (by linus)" in page
    assert "linus pushed AI-assisted commits (1, Claude Code) to main" in texts(browser, "/repositories")


def test_findings_are_told_by_the_names_known_however_many_there_are(known: Context) -> None:
    """People by the roster, else by the login last seen, else by number, and nobody as such; a repository that is not
    known by its number. A longer list asks the database no more often.
    """

    def listing() -> tuple[list[str], int]:
        asked: list[str] = []
        with known.store.read() as tx:
            event.listen(tx, "before_cursor_execute", lambda *told: asked.append(told[2]))
            told = found.told(tx, findings.page(tx), known.rulebook.current().roster)
        return [f"{each.where} {each.text}" for each in told], len(asked)

    body = {"state": "success", "at": NOW.isoformat()}
    kind = findings.FindingKind.FORGED
    with known.store.write() as tx:
        people.remember(tx, "github", AccountId(77), "gone-since", NOW)
        for number, (by, repository) in enumerate([(1002, 1), (77, 1), (78, 999), (None, 1)]):
            new = findings.NewFinding("github", repository, kind, str(number), {**body, "by": by}, None, Sha("a1"))
            watch.found(tx, new, NOW)
    told, asked = listing()
    assert asked
    names = [
        "acme/payments linus",
        "acme/payments gone-since",
        "github/999 account 78",
        "acme/payments somebody unknown",
    ]
    assert [each.partition(" set a status")[0] for each in told] == names
    with known.store.write() as tx:
        for each in findings.page(tx)[1:]:
            findings.close(tx, each.id, AccountId(1001), "looked", NOW)
    assert listing() == (told[:1], asked)


def test_other_peoples_text_is_shown_as_text(browser: FlaskClient) -> None:
    """Markup in titles, names and paths stays text on every page that shows it."""
    for path in ("/", "/changes/github/1/change/4"):
        page = browser.get(path).text
        assert "<img" not in page
        assert "<script" not in page
        assert "&lt;" in page


def test_a_name_stays_code_whatever_is_in_it() -> None:
    """A step shows a name as the check does: backticks and markup in it end nothing, and a lone backtick is text."""
    step = f"**Who <i>**, {code('a`b<i>**')}: comment `/signoff clear <reason>` at release/**"
    told = "<b>Who &lt;i&gt;</b>, <code>a`b&lt;i&gt;**</code>: comment <code>/signoff clear &lt;reason&gt;</code>"
    assert marked(step) == f"{told} at release/**"
    assert marked("a ` and release/**") == "a ` and release/**"


def test_an_override_tells_who_and_why(browser: FlaskClient, known: Context) -> None:
    """The reason stands on the change's page, in the record, and with the repository until somebody followed up."""
    said = Override(AccountId(1009), Sha("a1"), "production is down and nobody else is here", NOW)
    with known.store.write() as tx:
        watch.overridden(tx, SEVEN, said, 5, NOW)
        ledger.append(tx, "override", SEVEN.key, {"by": 1009, "head": "a1", "reason": said.reason}, NOW)
    keep(known.store, "37-an-override.yaml", SEVEN)
    for path in ("/changes/github/1/change/7", "/record?kind=override", "/record?by=ada"):
        page = texts(browser, path)
        assert "overrode the gate production is down" in page
        assert "ada" in page
    assert "production is down" in texts(browser, "/repositories")
    with known.store.write() as tx:
        findings.close(tx, findings.page(tx)[0].id, AccountId(1001), "looked", NOW)
    assert "production is down" not in texts(browser, "/repositories")


def test_the_grade_of_a_gate_is_shown_with_what_mends_it(browser: FlaskClient, known: Context) -> None:
    """As the watch keeps it; a repository it has not seen says so."""
    assert "not looked at yet" in texts(browser, "/repositories")
    fact = {"text": "Nothing requires the check on main.", "repair": "Require it in a ruleset."}
    with known.store.write() as tx:
        records.put(tx, "grade/github/1", {"grade": "advisory", "facts": [fact], "name": "acme/payments", "since": "x"})
    page = texts(browser, "/repositories")
    assert "advisory" in page
    assert "Require it in a ruleset." in page


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("q=acme/payments%231", 1),
        ("q=acme/payments", 5),
        ("q=nobody/nothing", 0),
        ("kind=decision", 5),
        ("kind=nothing", 0),
        ("by=nobody-here", 0),
        ("since=2026-11-20", 5),
        ("since=2026-11-21", 0),
        ("until=2026-11-19", 0),
        ("until=9999-12-31", 5),
        ("since=0001-01-01", 5),
        ("since=9999-12-31", 0),
    ],
)
def test_the_record_is_searched(browser: FlaskClient, query: str, number: int) -> None:
    """By change, repository, kind, who said it, and day."""
    assert browser.get(f"/record?{query}").text.count('data-label="Entry"') == number


def test_an_entry_is_found_by_its_hash(browser: FlaskClient, known: Context) -> None:
    """As a check shows it."""
    with known.store.read() as tx:
        third = ledger.entries(tx, after=2, limit=1)[0]
    page = browser.get(f"/record?q={third.hash[:12]}").text
    assert page.count('data-label="Entry"') == 1
    assert third.hash[:12] in page


def test_what_is_written_out_is_proof(browser: FlaskClient, known: Context, tmp_path: Path) -> None:
    """The JSONL verifies to the ledger's head, and the CSV has the same entries. Some of them prove themselves."""
    lines_ = [json.loads(line) for line in browser.get("/record.jsonl").text.splitlines()]
    with known.store.read() as tx:
        assert verify(lines_, anchors=dict([ledger.head(tx)])) is None
    rows = list(csv.DictReader(io.StringIO(browser.get("/record.csv").text)))
    assert [row["seq"] for row in rows] == [str(line["seq"]) for line in lines_]
    text = browser.get("/record.jsonl?q=acme/payments%232").text
    (line,) = map(json.loads, text.splitlines())
    gaps: list[tuple[int, int]] = []
    assert verify([line], gaps=gaps) is None
    assert gaps == [(0, line["seq"])]
    assert verify([{**line, "kind": "override"}], gaps=[]) is not None
    assert verify([line]) is not None, "it is not taken for a whole"
    (tmp_path / "some.jsonl").write_text(text)
    told = CliRunner().invoke(command, ["verify", str(tmp_path / "some.jsonl")], standalone_mode=False)
    assert told.return_value == 3, "that nothing was left out cannot be told"
    assert "This is a filtered export: 1 entry, each as its own hash says" in told.stdout
    assert f"left out between the beginning and #{line['seq']}" in told.stdout


def test_the_roster_page_tells_gaps_and_who_can_sign_what(browser: FlaskClient) -> None:
    """By requirement and zone; the shipped roster has one person for the gate itself."""
    page = texts(browser, "/rules")
    assert "the gate itself" in page
    assert "A gap:" in page
    assert "Grace Example senior github: grace" in page


def test_the_figures_count_what_was_signed_and_what_went_round(browser: FlaskClient, known: Context) -> None:
    """Median and nine of ten; merged as it was held: into a branch that is not guarded nothing is held."""
    for number, hours in enumerate((1, 2, 10), 10):
        more = {"signed_at": NOW - timedelta(days=1), "signed_seconds": hours * 3600, "held_head": "a1"}
        subject = Subject.change("github", 1, number)
        keep(known.store, "00-a-senior-signs-it.yaml", subject, **more)
        with known.store.write() as tx:
            changes.close(tx, subject, NOW, "merged")
    keep(known.store, "31-an-unguarded-base.yaml", SEVEN)
    with known.store.write() as tx:
        changes.close(tx, SEVEN, NOW, "merged")
    page = texts(browser, "/figures")
    assert "Half were signed within 2 hours" in page
    assert "Nine of ten within 10 hours" in page
    assert "Changes held, then merged 3" in page
    assert "Of these as they were held 100%" in page


@pytest.mark.parametrize(
    "path",
    [
        "/?after=x", "/?after=github/1/group/x", "/?show=all", "/?order=x", "/record?after=-1", "/record?since=soon",
        "/record?after=99999999999999999999", "/record?until=2026-13-01",
        "/record?q=a%00b", "/?for=%00", "/changes/git%00hub/1/change/1",
        f"/?after=github/1/change/{2**63}", f"/?after=github/{2**63}/change/1",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_and_breaks_nothing(browser: FlaskClient, path: str) -> None:
    """400, with a page."""
    answer = browser.get(path)
    assert answer.status_code == 400
    assert "<h1>" in answer.text


@pytest.mark.parametrize("path", ["/", "/record", "/record.csv", "/changes/github/1/change/1"])
def test_a_page_is_for_reading_only(browser: FlaskClient, path: str) -> None:
    """405 for whatever would write, with what is allowed; nobody reads a page by another method."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = browser.open(path, method=method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert browser.head(path).text == ""


def test_a_fault_of_ours_is_a_page_that_gives_nothing_away(known: Context) -> None:
    """500 with what to do, for people; what it was is in the log."""
    broken: Any = None
    answer = site(replace(known, rulebook=broken)).test_client().get("/")
    assert answer.status_code == 500
    assert "<h1>Something went wrong here</h1>" in answer.text
    assert "rulebook" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/changes/github/1/change/99", "/changes/none/1/change/1", f"/changes/github/1/change/{2**70}", "/nowhere"]
)
def test_what_is_not_there_is_not_found(browser: FlaskClient, path: str) -> None:
    """404, with a page."""
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "192.0.2.7"}, {"Forwarded": "for=192.0.2.7"}, {"Via": "1.1 proxy"},
        {"X-Forwarded-Proto": "https"}, {"X-Real-Ip": "192.0.2.7"}, {"Host": "signoff.example.com"},
        {"X-Forwarded-Server": "proxy"}, {"X-Original-Url": "/"}, {"X-Forwarded": "for=192.0.2.7"},
        {"True-Client-Ip": "192.0.2.7"}, {"Cf-Connecting-Ip": "192.0.2.7"}, {"X-Envoy-External-Address": "192.0.2.7"},
        {"Host": "127.0.0.1.example.com"},
    ],
)  # fmt: skip
def test_without_a_log_in_forwarded_requests_are_refused(browser: FlaskClient, headers: dict[str, str]) -> None:
    """A bare proxy on the same machine exposes no page; nor does a name that leads here."""
    for path in PAGES:
        assert browser.get(path, headers=headers).status_code == 403


def test_without_a_log_in_other_machines_are_refused(browser: FlaskClient) -> None:
    """The address of the connection decides, whatever the Host header says."""
    assert browser.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403


def test_without_a_log_in_a_proxy_that_hides_itself_is_refused(browser: FlaskClient) -> None:
    """A plain `proxy_pass` adds no header and rewrites the Host; its HTTP/1.0 gives it away."""
    plain = {"SERVER_PROTOCOL": "HTTP/1.0"}
    for path in (*PAGES, "/record.csv", "/record.jsonl"):
        assert browser.get(path, environ_overrides=plain, headers={"Connection": "close"}).status_code == 403
    assert browser.get("/healthz", environ_overrides=plain).status_code == 200


@pytest.mark.parametrize(
    ("public", "status"),
    [("", 200), ("http://127.0.0.1:8080", 200), ("http://localhost", 200), ("https://signoff.example.com", 403)],
)
def test_without_a_log_in_a_public_address_shows_pages_to_nobody(
    known: Context, monkeypatch: pytest.MonkeyPatch, public: str, status: int
) -> None:
    """What stands before the service may look like this machine; the refusal names the command for the log-in."""
    monkeypatch.setenv("SIGNOFF_PUBLIC_URL", public)
    answer = site(known, doors.door(load(None), known)).test_client().get("/")
    assert answer.status_code == status
    assert status == 200 or "signoff setup log-in" in answer.text


def test_a_broken_version_of_the_rules_is_told(known: Context, browser: FlaskClient) -> None:
    """Repositories that are not active are listed as such."""
    with known.store.write() as tx:
        repositories.upsert(tx, Repository("github", 9, "acme/old", "main", 1, active=False))
    assert "acme/old not active" in texts(browser, "/repositories")


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (None, "none yet"), (0, "0 seconds"), (60, "1 minute"), (61, "2 minutes"), (3600, "1 hour"),
        (7140, "1 hour 59 minutes"), (7141, "2 hours"), (86_400, "1 day"), (86_401, "1 day 1 hour"),
        (172_740, "2 days"), (180_000, "2 days 2 hours"),
    ],
)  # fmt: skip
def test_what_was_done_within_a_time_did_not_take_longer(seconds: int | None, told: str) -> None:
    """Half of the changes were not signed within an hour when that took them almost two."""
    assert within(seconds) == told


@pytest.mark.parametrize("draw", [bars, lines])
def test_a_chart_has_its_numbers_as_a_table(draw: Callable[..., str]) -> None:
    """Also with nothing in it; names are escaped."""
    chart = str(
        draw("<b>Held</b>", ("1", "2"), (Series("one & two", (0, 1234.5), "a"), Series("none", (None, None), "b")), "x")
    )
    assert "<td>1,234.5</td>" in chart
    assert "<b>" not in chart
    assert "one &amp; two" in chart
    assert "nan" not in str(draw("Nothing", ("1",), (Series("n", (None,), "a"),), "x")).lower()


def test_people_who_were_forgotten_go_by_their_number(browser: FlaskClient, known: Context) -> None:
    """Nothing fails when a name is gone."""
    with known.store.write() as tx:
        ledger.append(tx, "declaration", SEVEN.key, {"by": 424242, "answer": "no_ai"}, NOW)
    keep(known.store, "37-an-override.yaml", SEVEN)
    assert "account 424242 said that no AI took part" in texts(browser, "/changes/github/1/change/7")
    assert Account("jo", AccountId(101)).known
