"""Case files: the documented format, its lenient parts, and what is refused all the same."""

import json
from datetime import UTC, datetime

import pytest
import yaml

from bot import rules
from bot.model.change import Account, AccountKind, FileKind, FileStatus, GitIdentity, ReviewState
from bot.model.evidence import AiClass, Strength
from bot.model.memory import Answer
from tests.rules.files import CASE, ROSTER, RULES, case_of, policy_of

END = len(CASE.splitlines()) + 1
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


def changed(old, new):
    assert old in CASE
    return case_of(CASE.replace(old, new))


def with_review(review):
    return changed("reviews: []", f"reviews: [{{id: 1, {review}}}]").change.reviews[0]


def with_memory(text):
    return case_of(CASE + f"memory: {text}\n").memory


def faults_of(text, files=None):
    with pytest.raises(rules.FaultsError) as caught:
        case_of(text, files)
    return [(fault.file, fault.line, fault.message) for fault in caught.value.faults]


def test_a_case_as_documented_is_read():
    """Each key of docs/rules.md's case reaches the change."""
    case = case_of(CASE)
    change = case.change
    assert (change.forge, change.repository, change.number) == ("github", "acme/payments", 7)
    assert change.author == Account("jo", 101)
    assert (change.head.sha, change.head.moved_at) == ("a1", TEN)
    assert change.operator is None
    assert change.files[0].path == "src/pay.py"
    assert change.complete
    assert case.expect is None


@pytest.mark.parametrize(
    "key",
    ["operator", "pushers", "labels", "files", "reviews", "commits", "files_truncated", "complete", "body", "title"],
)
@pytest.mark.parametrize("how", ["absent", "null"])
def test_what_is_optional_may_be_absent_or_null(key, how):
    """Absent lists are empty."""
    data = yaml.load(CASE, Loader=yaml.BaseLoader)  # noqa: S506  everything as text
    data["change"]["files_truncated"] = False
    data["change"]["complete"] = True
    data["change"]["files"] = []
    data["change"]["commits"] = []
    data["change"]["operator"] = None
    del data["change"][key]
    if how == "null":
        data["change"][key] = None
    change = case_of(json.dumps(data)).change
    assert not getattr(change, key) or key == "complete"
    assert change.complete


def test_an_absent_committer_is_the_author():
    """As in git, where nobody else committed."""
    commit = case_of(CASE).change.commits[0]
    assert commit.committer == commit.author == GitIdentity("Jo", "jo@example.com", "jo", 101)
    assert (commit.parents, commit.made_by_forge) == (1, False)


def test_an_identity_may_have_no_account():
    """The forge maps not every mailbox."""
    commit = changed(", login: jo, id: 101}, message", ", login: null}, committer: {name: X, email: x@y}, message")
    author = commit.change.commits[0].author
    assert (author.login, author.id) == (None, None)
    assert commit.change.commits[0].committer == GitIdentity("X", "x@y")


@pytest.mark.parametrize("number", ["101", "'101'", '"101"'])
def test_an_id_may_be_digits_in_quotes(number):
    """A case is a recording, and other programs quote numbers."""
    assert changed("{login: jo, id: 101, kind", f"{{login: jo, id: {number}, kind").change.author.id == 101


@pytest.mark.parametrize(
    "pusher", ["{login: null, id: null, kind: user}", "{login: null, id: null}", "{}", "{kind: null}"]
)
def test_a_pusher_may_be_somebody_who_cannot_be_told(pusher):
    """Written with nulls or with nothing."""
    assert changed("pushers: []", f"pushers: [{pusher}]").change.pushers == (Account(None, None),)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20T10:00:00Z",
        "'2026-11-20T10:00:00Z'",
        "2026-11-20T10:00:00+00:00",
        "2026-11-20T12:00:00+02:00",
        "2026-11-20 10:00:00",
        "2026-11-20t10:00:00.000z",
        "2026-11-20T10:00:00",
    ],
)
def test_times_are_utc_with_or_without_quotes(moment):
    """An offset is turned into UTC; without any, UTC is meant."""
    moved_at = changed("2026-11-20T10:00:00Z", moment).change.head.moved_at
    assert (moved_at, moved_at.tzinfo) == (TEN, UTC)


@pytest.mark.parametrize("moment", ["10:00", "2026-11-31T10:00:00Z", "1700000000", "yesterday", "0001-01-01T00:00:00Z"])
def test_what_is_no_time_is_refused(moment):
    """With its line: an hour, a number, a day that is none, and the year 1."""
    assert faults_of(CASE.replace("2026-11-20T10:00:00Z", moment))[0][:2] == ("case.yaml", 13)


@pytest.mark.parametrize("sha", ["1234567", "012345", "1e10", "a1", "'a1'"])
def test_a_commit_id_stays_as_written(sha):
    """Digits that look like a number are a text."""
    assert changed('head: {sha: "a1"', f"head: {{sha: {sha}").change.head.sha == sha.strip("'")


def test_a_review_as_documented_is_read():
    """With who, what, for which commit and when."""
    review = with_review(
        "reviewer: {login: grace, id: 1001}, state: approved, sha: a1, submitted_at: 2026-11-20T10:00:00Z"
    )
    assert (review.reviewer, review.state, review.sha) == (Account("grace", 1001), ReviewState.APPROVED, "a1")
    assert review.submitted_at == TEN


@pytest.mark.parametrize(
    ("dismissed_by", "account", "by_forge"),
    [
        ("forge", None, True),
        ("null", None, False),
        ("{login: sam, id: 102}", Account("sam", 102), False),
        ("{login: bot, id: 9, kind: bot}", Account("bot", 9, AccountKind.BOT), False),
        ("jo", Account("jo", 101), False),
        ("linus", Account("linus", 1002), False),
        ("stranger", Account("stranger", None), False),
    ],
)
def test_who_dismissed_a_review_may_be_the_forge_an_account_or_a_login(dismissed_by, account, by_forge):
    """A bare login is looked up in the case and the roster."""
    review = with_review(
        "reviewer: {login: grace, id: 1001}, state: dismissed, was: approved, sha: null, "
        f"submitted_at: 2026-11-20T10:00:00Z, dismissed_by: {dismissed_by}"
    )
    assert (review.dismissed_by, review.dismissed_by_forge) == (account, by_forge)
    assert (review.was, review.sha) == (ReviewState.APPROVED, None)


def test_a_file_may_say_all_that_the_model_knows():
    """Kind, blob and removed lines, which zones by nature go by."""
    files = "files: [{path: b, previous_path: a, status: renamed, kind: lfs, blob: f00, removed_lines: [x, '']}]"
    file = changed(
        "files: [{path: src/pay.py, previous_path: null, status: modified, additions: 3, deletions: 1}]", files
    )
    (found,) = file.change.files
    assert (found.status, found.kind, found.blob) == (FileStatus.RENAMED, FileKind.LFS, "f00")
    assert (found.paths, found.removed_lines) == (("b", "a"), ("x", ""))


def test_what_the_forge_knows_beside_may_be_told():
    """The base's commit, the App, who edited the body, who put labels on."""
    extra = (
        "base_sha: b0\n  author_app_id: 29110\n  body_editor: {login: sam, id: 102}\n"
        "  label_events: [{label: no-ai, added: false, by: {login: jo, id: 101}, at: 2026-11-20T10:00:00Z}]\n"
        "  base: main"
    )
    change = changed("base: main", extra).change
    assert (change.base_sha, change.author_app_id, change.body_editor) == ("b0", 29110, Account("sam", 102))
    assert (change.label_events[0].label, change.label_events[0].added) == ("no-ai", False)


def test_memory_as_documented_is_read():
    """Evidence, sightings, patches and all that people said."""
    memory = with_memory(
        """
  evidence: [{detector: identities, tool: Claude Code, strength: strong, where: commit a0, quote: "x"}]
  sightings: [{review: 1, reviewer: 1001, state: approved, sha: a1, patch: p1, at: 2026-11-20T10:00:00Z}]
  patches: {a0: p1, "1234567": p2, 012: p3}
  declarations: [{by: 101, answer: no_ai, at: 2026-11-20T10:00:00Z}]
  clearances: [{by: 1001, evidence: x, reason: wrong, at: 2026-11-20T10:00:00Z}]
  overrides: [{by: 1009, head: a1, reason: the site is down, at: 2026-11-20T10:00:00Z}]
  not_mine: [{by: 1002, at: 2026-11-20T10:00:00Z}]
  landed: [c1, 123]
  teams: {acme/platform-seniors: [1001, "1002"]}
  pushers: [{login: sam, id: 102}]
  pushes: [{by: {login: sam, id: 102}, head: a1, before: a0}]
"""
    )
    assert memory.evidence[0].ai_class is AiClass.AI_ASSISTED
    assert memory.evidence[0].strength is Strength.STRONG
    assert (memory.sightings[0].reviewer, memory.sightings[0].patch, memory.sightings[0].at) == (1001, "p1", TEN)
    assert memory.patches == {"a0": "p1", "1234567": "p2", "012": "p3"}
    assert memory.declarations[0].answer is Answer.NO_AI
    assert (memory.clearances[0].by, memory.overrides[0].head, memory.not_mine[0].by) == (1001, "a1", 1002)
    assert memory.landed == {"c1", "123"}
    assert memory.teams == {"acme/platform-seniors": {1001, 1002}}
    assert memory.pushers == (Account("sam", 102),)
    assert memory.pushes[0].before == "a0"


@pytest.mark.parametrize("nothing", ["", "null", "{}", "{evidence: null, patches: null, teams: null}"])
def test_an_empty_memory_remembers_nothing(nothing):
    """However its emptiness is written."""
    assert with_memory(nothing) == type(with_memory("{}"))()


def test_evidence_is_read_as_a_decision_tells_it():
    """What `signoff decide` printed can be put into a case."""
    (found,) = with_memory(
        "{evidence: [{detector: d, tool: t, class: agent-authored, strength: weak, where: w, quote: q, "
        "commit: c, key: k}]}"
    ).evidence
    assert (found.ai_class, found.commit) == (AiClass.AGENT_AUTHORED, "c")


def test_rules_and_roster_may_stand_beside_the_file_or_in_it():
    """A path or the content means the same."""
    beside = case_of(CASE + "rules: a/rules.yaml\nroster: r.yaml\n", {"a/rules.yaml": RULES, "r.yaml": ROSTER})
    indented = {
        key: "".join(f"  {line}\n" for line in text.splitlines()) for key, text in (("r", RULES), ("p", ROSTER))
    }
    inside = case_of(f"{CASE}rules:\n{indented['r']}roster:\n{indented['p']}")
    assert inside.policy == beside.policy == policy_of(RULES)
    assert inside.roster == beside.roster
    assert [person.name for person in inside.roster.people] == ["Grace Example", "Linus Example"]


def test_a_case_in_json_means_the_same():
    """Also with tabs, escaped pairs and odd line ends, over which YAML readers stumble."""
    data = yaml.load(CASE, Loader=yaml.BaseLoader)  # noqa: S506  everything as text
    data["change"]["title"] = "\U0001f600 \u2028\ttab\x7f"
    data["change"].update(operator=None, pushers=[], labels=[], reviews=[], files_truncated=False, complete=True)
    data["change"]["files"] = []
    for text in (json.dumps(data), json.dumps(data, indent="\t"), json.dumps(data, ensure_ascii=False)):
        assert case_of(text, name="case.json").change.title == "\U0001f600 \u2028\ttab\x7f"


@pytest.mark.parametrize(
    ("line", "text", "told"),
    [
        (10, CASE.replace("kind: user", "knd: user"), "unknown key `knd`"),
        (10, CASE.replace("kind: user", "kind: app"), "`kind`: `app` is not one of `user` or `bot`"),
        (END, CASE + "memry: {}\n", "unknown key `memry`"),
        (END, CASE + "memory: {sightngs: []}\n", "unknown key `sightngs`"),
        (END, CASE + "now: 2026-11-20T10:06:00Z\n", "`now` stands here a second time"),
        (1, CASE[: CASE.index("now")], "`now` is missing"),
        (1, CASE.replace('  head: {sha: "a1", moved_at: 2026-11-20T10:00:00Z}\n', ""), "`head` is missing in `change`"),
        (END, CASE + "rules: none.yaml\n", "`rules`: none.yaml cannot be read: No such file or directory"),
        (END, CASE + "rules: [a]\n", "`rules`: a path beside this file, or the content itself, is wanted"),
        (END, CASE + "rules: {version: 1}\n", "`tiers` is missing"),
        (END, CASE + "expect: allow\n", "`expect`: a mapping (`key: value`) is wanted, not `allow`"),
    ],
)
def test_a_case_that_cannot_be_used_is_refused_with_its_line(line, text, told):
    """With what is wrong there."""
    found = faults_of(text)
    assert any(at == line and told in message for _, at, message in found), found


def test_the_faults_of_case_rules_and_roster_are_told_together():
    """Each with its own file; nobody mends one to be told the next."""
    found = faults_of(
        CASE.replace("knd", "x").replace("kind: user", "knd: user") + "rules: r.yaml\nroster: p.yaml\n",
        {"r.yaml": RULES + "x: 1\n", "p.yaml": ROSTER + "y: 1\n"},
    )
    assert [(file, message) for file, _, message in found] == [
        ("case.yaml", "unknown key `knd`"),
        ("p.yaml", "unknown key `y`"),
        ("r.yaml", "unknown key `x`"),
    ]
