"""Reading a merge request from a simulated GitLab, by GraphQL and by REST: the same change, in a counted number of
requests, and never from part of an answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.forges.gitlab import GitLab as Adapter
from bot.forges.gitlab import GitLabSettings, Secrets
from bot.forges.port import Check, CheckState, Published, Reading
from bot.model.enforcement import Level
from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError
from bot.model.subject import Repository
from tests.support.gitlab_sandbox import GitLab

TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
BOT = 2900
MANY = 130


@pytest.fixture(scope="module")
def process() -> Iterator[GitLab]:
    with GitLab() as running:
        yield running


class Clock:
    """The adapters' time: this machine's, and `ahead` of it."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead  # noqa: TID251  the simulated GitLab's clock is this one


@dataclass(frozen=True)
class Place:
    """A project, and the bot's adapter before it: one that finds GraphQL there, and one that does not."""

    forge: GitLab
    name: str
    repository: Repository
    graphql: Adapter
    rest: Adapter
    clock: Clock

    def another(self) -> Adapter:
        """A further adapter, that has read the project's settings and its own account."""
        made = Adapter.connect(self.graphql.settings)
        made.known.facts(self.repository.id)
        made.known.own()
        return made

    def spent(self) -> list[str]:
        """The bot's requests since the last look, by what they ask for: a word for each."""
        every = self.forge.requests(reset=True, by="signoff")
        return [_word(each["method"], each["path"]) for each in every if each["path"].count("/users/") == 0]

    def read(self, adapter: Adapter, number: int) -> tuple[Reading, list[str]]:
        """A reading, and what it cost."""
        self.spent()
        found = adapter.fetch_change(self.repository, number)
        return found, self.spent()

    def both(self, number: int) -> Reading:
        """What both adapters read, which must be the same."""
        one, other = self.graphql.fetch_change(self.repository, number), self.rest.fetch_change(self.repository, number)
        assert one.change == other.change
        assert replace(one, change=other.change) == other
        return one

    def publish(self, adapter: Adapter, read: Reading, state: CheckState, digest: str) -> Published:
        """A check, put where the reading says."""
        check = Check(state, "A title", "A text", digest * 20)
        head = read.change.head.sha
        return adapter.publish(self.repository, head, check, read.published, read.change.number, read.change.base)


def _word(method: str, path: str) -> str:
    name = path.rpartition("/")[2]
    short = {"raw": "rules", "resource_label_events": "labels", "graphql": "query"}.get(name, name)
    return f"{method} {'it' if short.isdigit() and 'notes' not in path else short}"


@pytest.fixture
def place(process: GitLab) -> Iterator[Place]:
    """An empty GitLab with a project, in which pipelines must succeed."""
    forge = process
    forge.reset()
    for login, number in {"jo": 2101, "grace": 2001, "linus": 2002, "ada": 2009}.items():
        forge.user(login, id=number, email=f"{login}@example.com")
    forge.user("signoff", id=BOT, kind="service_account")
    forge.group("acme", {"jo": "developer", "grace": "developer", "linus": "developer", "ada": "owner"})
    forge.member("signoff", "developer", group="acme")
    name = "acme/pay"
    made = forge.project(name, {"a.txt": "1\n", "old.txt": "same\n" * 5}, only_allow_merge_if_pipeline_succeeds=True)
    token = forge.token("signoff", scopes=["api"])["token"]
    clock = Clock()
    settings = GitLabSettings(forge.url, token, Secrets(), clock)
    repository = Repository("gitlab", made["id"], name, "main")
    graphql, rest = Adapter.connect(settings), Adapter.connect(settings)
    forge.settings(graphql=False)
    warm = forge.change(name, "jo", "warm")["iid"]
    rest.fetch_change(repository, warm)
    forge.settings(graphql=True)
    graphql.fetch_change(repository, warm)
    forge.requests(reset=True)
    yield Place(forge, name, repository, graphql, rest, clock)
    forge.clear_faults()
    forge.assert_clean()


def test_graphql_and_rest_show_the_same_merge_request_in_every_state(place: Place) -> None:
    """Draft, fork, pages of commits and notes, renames and modes, labels put on and off, approvals and objections."""
    forge, name = place.forge, place.name
    changes = [
        {"path": "new.txt", "rename_from": "old.txt"}, {"path": "link", "symlink": "a.txt"},
        {"path": "a.txt", "mode": "100755"}, {"path": "vendor", "submodule": "a1" * 20},
    ]  # fmt: skip
    number = forge.change(name, "jo", "topic", changes=changes, title="Draft: Add", description="By hand")["iid"]
    assert place.both(number).change.title == "Draft: Add"
    forge.edit(name, number, "jo", title="Add", labels="ai-assisted,bug")
    forge.edit(name, number, "grace", labels="bug")
    forge.note(name, number, "jo", "/signoff recheck")
    edited = forge.note(name, number, "grace", "One")["id"]
    forge.edit_note(name, number, edited, "grace", "Two")
    forge.approve(name, number, "grace")
    forge.control("request_changes", project=name, iid=number, by="linus")
    read = place.both(number)
    assert [each.state.value for each in read.change.reviews] == ["approved", "changes_requested"]
    assert [each.added for each in read.change.label_events] == [True, True, False]
    assert [each.edited for each in read.comments] == [False, True]

    forge.push(
        name, "topic", commits=[{"message": f"Step {n}\n\n{TRAILER}", "changes": []} for n in range(MANY)], by="jo"
    )
    for n in range(MANY):
        forge.note(name, number, "jo", f"Note {n}")
    read = place.both(number)
    assert (len(read.change.commits), len(read.comments)) == (MANY + 1, MANY + 2)

    forge.user("eve")
    forge.member("eve", "reporter", project=name)
    fork = forge.fork(name, "eve")
    forge.push(fork, "theirs", {"b.txt": "b\n"}, "Theirs", by="eve")
    foreign = forge.open(fork, "eve", "theirs", into=name)["iid"]
    assert place.both(foreign).from_fork
    forge.pipeline(name, foreign, "branch")
    assert place.both(foreign).published is None
    forge.pipeline(name, foreign, "merged")
    place.both(foreign)

    forge.push(name, "main", {".signoff.yaml": "version: 1\n"}, "Rules", by="ada", rules=False)
    assert place.both(number).local_rules == b"version: 1\n"
    for state in ("close", "reopen"):
        forge.edit(name, number, "jo", state_event=state)
        place.both(number)
    plain = forge.change(name, "jo", "plain")["iid"]
    forge.merge(name, plain, "ada", squash=True)
    place.both(plain)


BY_REST = ["it", "approvals", "notes", "labels", "commits", "diffs", "versions", "statuses", "rules"]
BY_GRAPHQL = ["query", "labels", "diffs", "versions", "statuses"]


def gets(*words: str) -> list[str]:
    return ["POST query" if word == "query" else f"GET {word}" for word in words]


def test_a_reading_costs_five_requests_by_graphql_and_nine_by_rest_and_fewer_when_nothing_moved(place: Place) -> None:
    """Requests are counted, since people pay for them with their rate limit; publishing is counted too."""
    forge, number = place.forge, place.forge.change(place.name, "jo", "topic")["iid"]
    assert place.read(place.rest, number)[1] == gets(*BY_REST)
    assert place.read(place.rest, number)[1] == gets(*(each for each in BY_REST if each not in {"commits", "diffs"}))
    read, spent = place.read(place.graphql, number)
    assert spent == gets(*BY_GRAPHQL)
    place.publish(place.graphql, read, CheckState.WAITING, "a1")
    assert place.spent() == [f"POST {read.change.head.sha}", "POST notes"], "what was read just now is not read again"
    assert place.read(place.graphql, number)[1] == gets("query", "labels", "versions", "statuses")
    read, spent = place.read(place.graphql, number)
    assert spent == gets("query", "labels", "versions"), "our status is still the one that counts"
    place.publish(place.graphql, read, CheckState.WAITING, "b2")
    assert place.spent() == [f"PUT {forge.notes(place.name, number)[0]['id']}"], "it holds the pipeline up already"
    forge.approve(place.name, number, "grace")
    read, spent = place.read(place.graphql, number)
    assert spent == gets("query", "approvals", "labels", "versions")
    put = place.publish(place.graphql, read, CheckState.PASSED, "c3")
    assert [each.partition(" ")[0] for each in place.spent()] == ["GET", "POST", "PUT"], "only a success looks again"
    assert put == Published(read.published.id, CheckState.PASSED, "c3" * 20, written=put.written)
    assert place.read(place.graphql, number)[0].published == put

    forge.settings(version="19.5.0", graphql_complexity=150)  # of the 250 that GitLab allows
    newest = place.another()
    assert place.read(newest, number)[1] == ["POST query", *gets("query", "approvals", "diffs", "versions", "statuses")]
    assert place.read(newest, number)[1] == gets("query", "approvals", "versions")
    forge.settings(version="19.1.0", graphql_complexity=250)


def test_where_graphql_lacks_anything_or_fails_everything_is_asked_by_rest(place: Place) -> None:
    """No endpoint, no such field, a query that is too large, an error beside data, a broken answer: what was told is
    not used. Later it is tried again.
    """
    forge, number = place.forge, place.forge.change(place.name, "jo", "topic")["iid"]
    truth = place.rest.fetch_change(place.repository, number)
    by_rest = gets(*BY_REST)
    lacking: list[tuple[dict[str, Any], int]] = [
        ({"graphql": False}, 1), ({"graphql_without": ["Note.lastEditedAt"]}, 1), ({"graphql_complexity": 100}, 2),
    ]  # fmt: skip
    for settings, asked in lacking:
        forge.settings(**settings)
        adapter = place.another()
        read, spent = place.read(adapter, number)
        assert (read, spent) == (truth, ["POST query"] * asked + by_rest), settings
        forge.settings(graphql=True, graphql_without=[], graphql_complexity=250)
        assert "POST query" not in place.read(adapter, number)[1], "it is not asked at every reading"
        place.clock.ahead += timedelta(hours=1)
        adapter.known.facts(place.repository.id)
        assert place.read(adapter, number)[1][:3] == ["POST query", "POST query", "GET labels"], "an upgrade is noticed"
    stale = {"data": {"project": None}, "errors": [{"message": "Timeout", "path": ["project"]}]}
    faults: list[dict[str, Any]] = [
        {"action": "errors", "keep_data": True}, {"action": "status", "status": 502}, {"action": "close"},
        {"action": "status", "status": 403},
        {"action": "status", "status": 200, "body": stale}, {"action": "status", "status": 200, "body": ["no answer"]},
        {"action": "status", "status": 200, "body": {"data": {"project": {"id": "gid://gitlab/Project/11"}}}},
        {"action": "status", "status": 200, "body": {"data": {"currentUser": None, "project": None}}},
    ]  # fmt: skip
    for fault in faults:
        adapter = place.another()
        adapter.fetch_change(place.repository, number)
        forge.fault(path="graphql$", **fault)
        read, spent = place.read(adapter, number)
        assert (read, spent[0], spent[1]) == (truth, "POST query", "GET it"), fault


def test_a_rate_limit_and_a_token_out_of_force_are_no_reason_to_ask_by_rest(place: Place) -> None:
    """They would be met again: the one waits as long as GitLab says, the other needs somebody."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    place.forge.fault("status", path="graphql$", status=429, headers={"Retry-After": "7"})
    with pytest.raises(TryAgainError) as limit:
        place.graphql.fetch_change(place.repository, number)
    assert (limit.value.after, limit.value.shared) == (timedelta(seconds=7), True)
    place.forge.fault("status", path="graphql$", status=401)
    with pytest.raises(NeedsSomebodyError):
        place.graphql.fetch_change(place.repository, number)
    assert "GET it" not in place.spent()


def test_a_project_is_known_by_its_id_whoever_has_its_path_now(place: Place) -> None:
    """GraphQL takes a path, which may lead to a newcomer: that one's merge request of the same number is not read."""
    forge, name = place.forge, place.name
    number = forge.change(name, "jo", "topic", title="Ours")["iid"]
    forge.project_action(name, "rename", to="paid")
    forge.project(name)
    forge.change(name, "ada", "one")
    forge.change(name, "ada", "two", title="Theirs")
    read, spent = place.read(place.graphql, number)
    assert (read.change.title, spent[:2]) == ("Ours", ["POST query", "GET it"])
    with pytest.raises(GoneError):
        place.graphql.fetch_change(place.repository, 99)


def test_a_push_in_the_middle_of_a_reading_leaves_nothing_half_old(place: Place) -> None:
    """A page of another head is not put beside the first; a version that is not the one that was read is waited for."""
    forge, name = place.forge, place.name
    steps = [{"message": f"Step {n}", "changes": []} for n in range(MANY)]
    forge.push(name, "topic", commits=steps, by="jo")
    number = forge.open(name, "jo", "topic")["iid"]
    forge.fault("stale", path="graphql$")
    head = forge.push(name, "topic", {"b.txt": "b\n"}, "More", by="jo")
    read, spent = place.read(place.graphql, number)
    assert (read.change.head.sha, len(read.change.commits)) == (head, MANY + 1)
    assert spent[:3] == ["POST query", "POST query", "GET it"]

    single = forge.change(name, "jo", "single")["iid"]
    forge.fault("stale", path="graphql$")
    forge.push(name, "single", {"c.txt": "c\n"}, "More", by="jo")
    with pytest.raises(TryAgainError, match="is moving"):
        place.graphql.fetch_change(place.repository, single)


def test_what_opens_the_gate_is_published_after_another_look_and_what_does_not_is_not(place: Place) -> None:
    """A push or a new target since the reading: a success is refused; a hold is harmless there."""
    forge, name = place.forge, place.name
    number = forge.change(name, "jo", "topic")["iid"]
    read = place.graphql.fetch_change(place.repository, number)
    forge.push(name, "other", {"x.txt": "x\n"}, "Other", by="ada")
    forge.edit(name, number, "jo", target_branch="other")
    with pytest.raises(TryAgainError, match="moved while it was decided"):
        place.publish(place.graphql, read, CheckState.PASSED, "a1")
    read = place.graphql.fetch_change(place.repository, number)
    forge.push(name, "topic", {"b.txt": "b\n"}, "More", by="jo")
    assert place.publish(place.graphql, read, CheckState.WAITING, "a1").state is CheckState.WAITING
    with pytest.raises(TryAgainError, match="moved while it was decided"):
        place.publish(place.graphql, read, CheckState.WAITING, "b2")


def test_a_status_that_an_older_one_hides_is_seen_to_be_hidden_and_put_up_again(place: Place) -> None:
    """Scenario 33: whoever posted `pending` first moves it to success, and neither it nor ours counts any more."""
    forge, name = place.forge, place.name
    for adapter, branch in ((place.graphql, "one"), (place.rest, "two")):
        number = forge.change(name, "jo", branch)["iid"]
        forge.pipeline(name, number, "branch")
        where = forge.mr(name, number)["head_pipeline"]
        place_of_it = {"ref": where["ref"], "pipeline_id": where["id"]}
        forge.status(name, where["sha"], "jo", state="pending", **place_of_it)
        read = adapter.fetch_change(place.repository, number)
        put = place.publish(adapter, read, CheckState.WAITING, "a1")
        assert put.id == max(each["id"] for each in forge.statuses(name, where["sha"], every=True))
        assert adapter.fetch_change(place.repository, number).published == put
        forge.status(name, where["sha"], "jo", state="success", **place_of_it)
        assert forge.state(name, number)["blockers"] == [], "it could be merged now"
        read = adapter.fetch_change(place.repository, number)
        assert read.published is not None
        assert not read.published.intact
        assert [each.state for each in read.foreign] == [CheckState.PASSED]
        place.publish(adapter, read, CheckState.WAITING, "a1")
        assert forge.state(name, number)["blockers"] != [], adapter
        read = adapter.fetch_change(place.repository, number)
        assert read.published is not None
        assert read.published.intact


def test_a_group_of_the_roster_is_its_own_members_and_not_those_of_the_groups_above(place: Place) -> None:
    """Whoever is in `acme` is in `acme/seniors` by inheritance: else every developer of a company were senior."""
    place.forge.group("acme/seniors", {"grace": "developer"})
    place.forge.group("acme/seniors/interns", {"linus": "developer"})
    found = place.graphql.team_members(place.repository, "acme/seniors")
    assert [each.login for each in found] == ["grace"]


@pytest.mark.parametrize("method", ["merge", "ff"])
def test_who_merged_is_told_whatever_commit_it_made(place: Place, method: str) -> None:
    """A fast-forward makes none, and whoever pressed the button must be on the record all the same."""
    place.forge.configure(place.name, merge_method=method, only_allow_merge_if_pipeline_succeeds=False)
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    assert place.forge.merge(place.name, number, "ada")["merged"]
    read = place.both(number)
    assert read.merged_by is not None
    assert (read.merged_by.login, read.merge is None) == ("ada", method == "ff")


def test_a_token_that_lapses_by_its_date_is_told_of_before_and_a_new_one_goes_on(place: Place) -> None:
    """Scenario 48: the doctor warns while it is in force; afterwards nothing is read and everything says what to do."""
    forge = place.forge
    number = forge.change(place.name, "jo", "topic")["iid"]
    clock = datetime.fromisoformat(forge.advance(0))
    ends = (clock + timedelta(days=3)).date().isoformat()
    text = forge.token("signoff", scopes=["api"], expires_at=ends)["token"]
    lapsing = Adapter.connect(replace(place.graphql.settings, token=text))
    assert lapsing.fetch_change(place.repository, number).change.number == number
    told = {fact.text: fact for fact in lapsing.examine(None, clock).facts}
    fact = told[f"The bot's token expires on {ends}."]
    assert (fact.level, "SIGNOFF_GITLAB_TOKEN" in fact.repair) == (Level.WEAK, True)
    forge.advance(timedelta(days=4).total_seconds())
    with pytest.raises(NeedsSomebodyError, match="SIGNOFF_GITLAB_TOKEN"):
        lapsing.fetch_change(place.repository, number)
    examined = lapsing.examine(None, clock)
    (fact,) = examined.facts
    assert (fact.level, "SIGNOFF_GITLAB_TOKEN" in fact.repair) == (Level.OPEN, True)
    assert examined.failed is None, "nothing is said of deliveries that nobody could ask for"
    renewed = replace(place.graphql.settings, token=forge.token("signoff", scopes=["api"])["token"])
    assert Adapter.connect(renewed).fetch_change(place.repository, number).change.number == number
    forge.advance(-timedelta(days=4).total_seconds())


def test_a_token_that_may_only_read_is_told(place: Place) -> None:
    """The bot reads, decides, and then GitLab refuses whatever it writes."""
    token = place.forge.token("signoff", scopes=["read_api"])["token"]
    reading = Adapter.connect(replace(place.graphql.settings, token=token))
    levels = {fact.text: fact.level for fact in reading.examine(None, place.clock()).facts}
    assert levels["The bot's token has the scopes read_api alone, so that it can write nothing."] is Level.OPEN
    told = " ".join(fact.text for fact in place.graphql.examine(None, place.clock()).facts)
    assert "scopes" not in told


def test_a_thousand_files_are_all_told_and_of_one_more_it_is_said_that_it_is_not(place: Place) -> None:
    """Scenario 42, by GitLab's own limit: "1000+" is an overflow, and a round thousand is none."""
    files: dict[str, str | None] = {f"gen/{index}.txt": f"{index}\n" for index in range(1000)}
    number = place.forge.change(place.name, "jo", "many", files)["iid"]
    whole = place.graphql.fetch_change(place.repository, number).change
    assert (len(whole.files), whole.files_truncated) == (1000, False)
    place.forge.push(place.name, "many", {"gen/one-more.txt": "1\n"}, by="jo")
    cut = place.graphql.fetch_change(place.repository, number).change
    assert (len(cut.files), cut.files_truncated) == (1000, True)


def test_of_a_diff_that_is_left_out_the_lines_are_counted_all_the_same(place: Place) -> None:
    """GitLab collapses what is long or generated: that alone must not put the change in every zone. Where nobody tells
    the number of lines, it is not taken for none.
    """
    many, place.clock.ahead = "".join(f"{line}\n" for line in range(40)), timedelta()
    place.forge.push(place.name, "main", {"package-lock.json": many}, by="ada")
    place.forge.settings(diff_lines=20)
    number = place.forge.change(
        place.name, "jo", "topic", {"package-lock.json": many[:20], "new.json": many, "small.py": "n = 1\n"}
    )["iid"]
    for adapter, gained, left in ((place.graphql, 40, False), (place.rest, 0, True)):
        read, spent = place.read(adapter, number)
        files = {each.path: each for each in read.change.files}
        assert (files["new.json"].additions, read.change.files_truncated) == (gained, left)
        assert (files["small.py"].additions, files["small.py"].deletions) == (1, 0)
        assert files["package-lock.json"].removed_lines is None
        assert (files["package-lock.json"].deletions > 10) is (gained > 0)
        assert spent.count("POST query") == (2 if gained else 0), spent
        assert place.read(adapter, number)[1].count("POST query") == (1 if gained else 0), "asked for once"
    place.forge.fault("status", path="graphql$", status=502)
    later = place.another()
    assert later.fetch_change(place.repository, number).change.files_truncated
    place.clock.ahead = timedelta(minutes=2)
    assert not later.fetch_change(place.repository, number).change.files_truncated, "it is not kept for good"


def test_files_that_are_fewer_than_their_own_number_are_asked_for_again_and_never_remembered(place: Place) -> None:
    """Scenario 40: an empty list with a 200 heals at the next look; one that stays counts as cut, until it does not."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    for adapter in (place.graphql, place.rest):
        place.forge.fault("status", status=200, body=[], path="/diffs$", times=3)
        for _ in range(2):
            with pytest.raises(TryAgainError, match="0 of 1 changed files"):
                adapter.fetch_change(place.repository, number)
        cut = adapter.fetch_change(place.repository, number).change
        assert (len(cut.files), cut.files_truncated) == (0, True)
        whole, spent = place.read(adapter, number)
        assert (len(whole.change.files), whole.change.files_truncated) == (1, False)
        assert "GET diffs" not in place.read(adapter, number)[1], spent


def test_what_is_remembered_or_hidden_of_a_project_is_doubted_once(place: Place) -> None:
    """A reading that rests on a memory says until when; the look that is then made does not ask for another."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    adapter, forge = place.another(), place.forge

    def doubt() -> datetime | None:
        return adapter.fetch_change(place.repository, number).doubted_until

    until = doubt()
    assert until is not None
    assert timedelta(minutes=1) < until - place.clock() < timedelta(minutes=2)
    place.clock.ahead += timedelta(minutes=2)
    assert doubt() is None, "read for it"
    assert doubt() is not None
    place.clock.ahead += timedelta(minutes=2)
    adapter.known.facts(place.repository.id)
    assert doubt() is None, "read for another one since"
    assert doubt() is not None
    place.clock.ahead += timedelta(hours=1)
    forge.fault("status", status=403, path="/protected_branches$", times=None)
    assert doubt() is not None, "hidden"
    place.clock.ahead += timedelta(minutes=2)
    assert doubt() is None, "hidden still"
    forge.clear_faults()
    place.clock.ahead += timedelta(hours=1)
    assert [doubt() is None, doubt() is None] == [True, False], "told from memory"
    forge.fault("status", status=403, path="/protected_branches$")
    place.clock.ahead += timedelta(minutes=2)
    assert doubt() is not None, "hidden from the look that was asked for"
    place.clock.ahead += timedelta(minutes=2)
    assert doubt() is None, "it was for a moment"


def test_where_gitlab_refuses_the_status_the_note_says_that_nothing_holds(place: Place) -> None:
    """403 for a Developer on a protected source branch: else nobody saw a word, and by its own pipeline it merged."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    place.forge.fault("status", status=403, path="/statuses/", method="POST")
    with pytest.raises(NeedsSomebodyError, match="403"):
        place.publish(place.rest, place.rest.fetch_change(place.repository, number), CheckState.WAITING, "a1")
    (ours,) = [each for each in place.forge.notes(place.name, number) if each["by"] == "signoff"]
    assert "Enforcement here: advisory, by note: GitLab refuses the bot's status" in ours["body"]
    place.publish(place.rest, place.rest.fetch_change(place.repository, number), CheckState.WAITING, "a1")
    (ours,) = [each for each in place.forge.notes(place.name, number) if each["by"] == "signoff"]
    assert "by status" in ours["body"], "written anew once it is taken"


def test_an_archived_project_is_read_again_before_it_is_believed_to_be(place: Place) -> None:
    """Its merge requests would be dropped, and nobody would look at them when it is taken back."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    place.forge.project_action(place.name, "archive")
    adapter = place.another()
    with pytest.raises(GoneError, match="archived"):
        adapter.fetch_change(place.repository, number)
    place.forge.project_action(place.name, "unarchive")
    place.clock.ahead += timedelta(seconds=2)
    assert adapter.fetch_change(place.repository, number).change.number == number


def test_a_list_without_the_bots_own_note_is_not_believed_while_the_note_is_there(place: Place) -> None:
    """Scenario 40: an empty list with a 200 would bring about a second note, and the first would say what was."""
    number = place.forge.change(place.name, "jo", "topic")["iid"]
    place.publish(place.rest, place.rest.fetch_change(place.repository, number), CheckState.PASSED, "a1")
    place.rest.fetch_change(place.repository, number)
    place.forge.fault("status", status=200, body=[], path="/notes$", method="GET")
    with pytest.raises(TryAgainError, match="did not show its notes"):
        place.rest.fetch_change(place.repository, number)
    read = place.rest.fetch_change(place.repository, number)
    place.publish(place.rest, read, CheckState.WAITING, "b2")
    place.forge.fault("status", status=404, path=r"/notes/\d+$", method="PUT")
    place.publish(place.rest, place.rest.fetch_change(place.repository, number), CheckState.PASSED, "b3")
    (ours,) = [each for each in place.forge.notes(place.name, number) if each["by"] == "signoff"]
    place.forge.delete_note(place.name, number, ours["id"], "signoff")
    place.publish(place.rest, place.rest.fetch_change(place.repository, number), CheckState.WAITING, "c3")
    assert len([each for each in place.forge.notes(place.name, number) if each["by"] == "signoff"]) == 1
