"""A whole change: its author, body, branch, labels, commits; who is automation, who the operator, what is declared."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import detect
from bot.detect.keys import ANSWERED, ANSWERS_SAY
from bot.model.change import Account, AccountKind, Change, Commit, GitIdentity, LabelEvent
from bot.model.evidence import AiClass, Strength
from bot.model.ids import AccountId, Sha
from bot.model.memory import Answer
from bot.model.policy import DetectionRules
from tests.detect.making import CATALOGUE, JO, JO_ACCOUNT, NOW, bot, change, commit

RULES = DetectionRules()
GRACE = Account("grace", AccountId(1001))
COPILOT = bot("Copilot", 198982749)
DEPENDABOT = bot("dependabot[bot]", 49699333)
ACTIONS = bot("github-actions[bot]", 41898282)
BY_DEPENDABOT = commit(
    "Bump x", "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>", "GitHub <noreply@github.com>"
)


def class_of(of: Change, rules: DetectionRules = RULES) -> AiClass:
    return detect.classify(detect.examine(of, rules), Strength.MEDIUM)


def wheres(of: Change) -> list[str]:
    return [each.where for each in detect.examine(of, RULES)]


def test_a_change_that_says_nothing_discloses_nothing() -> None:
    assert detect.examine(change(), RULES) == ()


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"branch": "claude/retry-x1"}, "branch name"),
        ({"branch": "iigxhd-codex/retry"}, "branch name"),
        ({"branch": "devin/1712345678-retry"}, "branch name"),
        ({"branch": "cursor/retry-1a2b"}, "branch name"),
        ({"branch": "jules/retry-12345678901234567890"}, "branch name"),
        ({"branch": "openhands-fix-issue-7"}, "branch name"),
        ({"title": "[codex] Add retry"}, "title"),
        ({"labels": ("AI-Assisted",)}, "label AI-Assisted"),
        ({"body": "🤖 Generated with [Claude Code](https://claude.ai/code)"}, "body, footer"),
        ({"body": "Link: https://app.devin.ai/sessions/abc"}, "body, session address"),
        ({"body": "- [x] AI took part in this change"}, "body, template answer"),
        ({"body": "<!-- START COPILOT CODING AGENT TIPS -->"}, "body, marker"),
        ({"body": "Co-authored-by: Claude <noreply@anthropic.com>"}, "body, trailer Co-authored-by"),
    ],
)
def test_each_place_of_a_change_is_read(given: dict[str, object], where: str) -> None:
    assert class_of(change(**given)) is AiClass.AI_ASSISTED
    assert where in wheres(change(**given))


@pytest.mark.parametrize(
    "branch",
    [
        "cline/main",
        "gemini-fixes",
        "cursor/pagination",
        "devin/retry",
        "jules/retry",
        "dependabot/x",
        "bot/x",
        "claude",
    ],
)
def test_branches_of_people_and_other_bots_are_not_taken_for_an_agents(branch: str) -> None:
    assert class_of(change(branch=branch)) is AiClass.NONE_DISCLOSED


def test_a_revert_of_an_agents_branch_is_only_a_mention() -> None:
    evidence = detect.examine(change(branch="revert-9-codex/retry"), RULES)
    assert [each.strength for each in evidence] == [Strength.WEAK]


def test_an_agents_branch_that_is_the_base_says_nothing() -> None:
    assert class_of(change(branch="copilot/x", base="copilot/x")) is AiClass.NONE_DISCLOSED


def test_a_summary_by_a_reviewer_is_a_review() -> None:
    assert class_of(change(body="Text\n\n<!-- CURSOR_SUMMARY -->\n> summary")) is AiClass.AI_REVIEWED_ONLY


def test_a_note_says_which_commit_and_only_attested_lines_count() -> None:
    metadata = '{"sessions": {"s_0123456789abcd": {"agent_id": {"tool": "codex"}}}}'
    note = f"src/pay.py\n  s_0123456789abcd::t_0123456789abcd 1-4,9\n---\n{metadata}"
    only = commit(sha="f" * 40)
    found = detect.examine(change(only), RULES, {only.sha: note})
    assert [(each.tool, each.where, each.commit) for each in found] == [
        ("codex", "commit fffffff, git-ai note", only.sha)
    ]
    people = note.replace("s_0123456789abcd::t_0123456789abcd", "h_0123456789abcd")
    assert detect.examine(change(only), RULES, {only.sha: people}) == ()


@pytest.mark.parametrize(
    ("note", "tools"),
    [
        ("a.py\n  0123456789abcdef 1-4\n---\n{}", ["an AI tool"]),
        ("a.py\n  0123456789abcdef 1-4\n---\nnot json", ["an AI tool"]),
        ("a.py\n  0123456789abcdef 1-4\n---\n" + "[" * 100_000, ["an AI tool"]),
        ("a.py\n  0123456789abcdef 1\n  0123456789abcdee 2\n---\n[]", ["an AI tool"]),
        (
            'a.py\n  0123456789abcdef 7\n---\n{"prompts": {"0123456789abcdef": {"agent_id": {"tool": "cursor"}}}}',
            ["cursor"],
        ),
        (
            'a.py\n  0123456789abcdef 7\n---\n{"prompts": {"0123456789abcdef": {"agent_id": 7}}, "sessions": []}',
            ["an AI tool"],
        ),
        ('---\n{"sessions": {"s_0123456789abcd": {"agent_id": {"tool": "claude"}}}}', []),
        ("s_0123456789abcd 1-4", []),
    ],
)
def test_notes_of_any_shape_are_read(note: str, tools: list[str]) -> None:
    assert [each.tool for each in detect.examine_commit(commit(), CATALOGUE, note)] == tools


def test_an_agent_that_opened_the_change_wrote_it() -> None:
    found = detect.examine(change(author=COPILOT), RULES)
    assert [(each.detector, each.tool, each.where) for each in found] == [
        ("authors", "GitHub Copilot coding agent", "author of the change")
    ]
    assert class_of(change(author=COPILOT)) is AiClass.AGENT_AUTHORED


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_bot_that_nobody_listed_is_taken_for_an_agent(forge: str) -> None:
    assert class_of(change(author=bot("project_7_bot", 77), forge=forge)) is AiClass.AGENT_AUTHORED


def test_a_site_lists_a_bot_as_automation_by_account_or_app() -> None:
    for rules, given in (
        (DetectionRules(automation_apps=frozenset({77})), change(author=bot("sync[bot]", 77))),
        (DetectionRules(automation_apps=frozenset({5})), change(author=bot("sync[bot]", 77), author_app_id=5)),
    ):
        own = GitIdentity("sync", "sync@example.com", "sync[bot]", AccountId(77))
        theirs = replace(given, commits=(replace(commit(), author=own, committer=own),))
        assert class_of(theirs, rules) is AiClass.AUTOMATION


def test_a_gitlab_agent_is_known_by_its_user_name_and_github_ids_mean_nothing_there() -> None:
    duo = Account("duo-developer", AccountId(5))
    found = detect.examine(change(author=duo, forge="gitlab"), RULES)
    assert [each.tool for each in found] == ["GitLab Duo"]
    same_number = Account("jo", AccountId(198982749))
    assert detect.examine(change(author=same_number, forge="gitlab"), RULES) == ()
    by_number = replace(commit(), author=GitIdentity("Jo", "jo@example.com", "jo", AccountId(198982749)))
    assert detect.examine(change(by_number, forge="gitlab"), RULES) == ()
    assert class_of(change(by_number)) is AiClass.AGENT_AUTHORED


def test_a_dependency_bot_alone_is_automation() -> None:
    assert class_of(change(BY_DEPENDABOT, author=DEPENDABOT, pushers=(DEPENDABOT,))) is AiClass.AUTOMATION


@pytest.mark.parametrize(
    "given",
    [
        change(BY_DEPENDABOT, commit("Fix it"), author=DEPENDABOT),
        change(BY_DEPENDABOT, author=DEPENDABOT, pushers=(DEPENDABOT, JO_ACCOUNT)),
        change(BY_DEPENDABOT, author=DEPENDABOT, pushers=(Account(None, None),)),
        change(BY_DEPENDABOT, branch="dependabot/npm/x"),
        change(commit("Fix", "Sam Example <sam@example.com>"), author=DEPENDABOT),
    ],
)
def test_a_persons_hand_in_a_dependency_bots_change_ends_automation(given: Change) -> None:
    assert class_of(given) is AiClass.NONE_DISCLOSED


def test_an_ai_co_author_in_a_dependency_bots_change_counts() -> None:
    helped = replace(
        BY_DEPENDABOT, message="Bump x\n\nCo-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>"
    )
    assert class_of(change(helped, author=DEPENDABOT)) is AiClass.AI_ASSISTED


def test_a_dependency_bots_release_notes_are_not_its_own_words() -> None:
    body = "Notes:\n\n🤖 Generated with Claude Code\n\n- [x] AI took part in this change\n\nhttps://app.devin.ai/sessions/1\n\nDone."
    assert class_of(change(BY_DEPENDABOT, author=DEPENDABOT, body=body)) is AiClass.AUTOMATION


def test_what_any_writer_can_drive_is_no_automation() -> None:
    by_workflow = commit("Update", "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>")
    found = detect.examine(change(by_workflow, author=ACTIONS), RULES)
    assert [(each.tool, each.ai_class) for each in found] == [("a workflow's bot", AiClass.AGENT_AUTHORED)]


def test_an_account_without_a_login_is_shown_by_its_number() -> None:
    found = detect.examine(change(author=Account(None, AccountId(7), AccountKind.BOT)), RULES)
    assert [each.quote for each in found] == ["account 7"]


def test_a_merge_of_the_base_that_the_forge_made_is_no_part_of_the_change() -> None:
    message = "Merge branch 'main' into retry\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)"
    update = replace(commit(message, "Claude <noreply@anthropic.com>", sha="b" * 40, parents=2), made_by_forge=True)
    assert class_of(change(commit(), update)) is AiClass.NONE_DISCLOSED
    assert class_of(change(commit(), replace(update, made_by_forge=False))) is AiClass.AGENT_AUTHORED
    other = replace(update, message=message.replace("'main'", "'ai'"))
    assert class_of(change(commit(), other)) is AiClass.AGENT_AUTHORED


@pytest.mark.parametrize("trailer", ["Co-authored-by: Claude <noreply@anthropic.com>", "Made-with: Cursor"])
def test_the_trailers_of_a_merge_of_the_base_count(trailer: str) -> None:
    update = replace(
        commit(f"Merge branch 'main' into retry\n\n{trailer}", sha="b" * 40, parents=2), made_by_forge=True
    )
    found = detect.examine(change(commit(), update), RULES)
    assert [(each.ai_class, each.quote, each.commit) for each in found] == [(AiClass.AI_ASSISTED, trailer, update.sha)]


def test_a_merged_agents_branch_is_only_a_mention_in_the_merge() -> None:
    for subject in ("Merge pull request #12 from acme/claude/retry", "Merge branch 'codex/retry' into main"):
        found = detect.examine_commit(commit(f"{subject}\n\nAdd retry", parents=2), CATALOGUE)
        assert [(each.where, each.strength) for each in found] == [("commit a1b2c3d, merged branch", Strength.WEAK)]
    assert detect.examine_commit(commit("Merge these two lists"), CATALOGUE) == ()


# --- the operator


def agents_commit(*people: str, author: str = "Copilot <198982749+Copilot@users.noreply.github.com>") -> Commit:
    return commit("Initial plan\n\n" + "\n".join(f"Co-authored-by: {person}" for person in people), author)


JO_PRIVATE = "jo <101+jo@users.noreply.github.com>"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (change(author=COPILOT, operator=GRACE), GRACE),
        (change(agents_commit(JO_PRIVATE), author=COPILOT), JO_ACCOUNT),
        (change(agents_commit(JO_PRIVATE, "grace <1001+grace@users.noreply.github.com>"), author=COPILOT), None),
        (change(agents_commit("Jo <jo@example.com>"), author=COPILOT), None),
        (change(agents_commit("cursor[bot] <206951365+cursor[bot]@users.noreply.github.com>"), author=COPILOT), None),
        (change(commit(f"By a person\n\nCo-authored-by: {JO_PRIVATE}"), author=COPILOT), None),
        (change(agents_commit(JO_PRIVATE, author="X <x@example.com>"), author=COPILOT), None),
        (change(agents_commit(JO_PRIVATE)), None),
        (change(author=COPILOT, body="*PR created automatically by Jules, started by @jo*"), Account("jo", None)),
        (change(author=COPILOT, body="Requested by: @jo\n\nRequested by: @grace"), None),
        (change(author=COPILOT, body="Requested by: @jo", body_editor=GRACE), None),
        (change(author=COPILOT, body="> started by @jo"), None),
        (change(author=COPILOT, body="started by nobody"), None),
    ],
)
def test_the_operator_is_told_only_where_it_can_be(given: Change, expected: Account | None) -> None:
    assert detect.operator(given, CATALOGUE) == expected


def test_a_commit_mapped_by_the_forge_to_the_agent_names_the_operator() -> None:
    mapped = replace(
        agents_commit(JO_PRIVATE), author=GitIdentity("X", "x@example.com", "Copilot", AccountId(198982749))
    )
    assert detect.operator(change(mapped, author=COPILOT), CATALOGUE) == JO_ACCOUNT


# --- declarations


def said(of: Change) -> list[tuple[Answer, str]]:
    return [(each.answer, each.how) for each in detect.declarations(of, RULES)]


YES, NO = "- [x] AI took part in this change", "- [x] No AI took part in this change"


@pytest.mark.parametrize(
    ("body", "answers"),
    [
        (YES, [(Answer.AI, "template")]),
        (NO, [(Answer.NO_AI, "template")]),
        (f"{YES}\n{NO}", [(Answer.AI, "template")]),
        ("- [ ] AI took part in this change\n- [ ] No AI took part in this change", []),
        ("### Did you use AI?\n\nNo.", [(Answer.NO_AI, "template")]),
        ("### AI disclosure\n\nClaude Code wrote the tests", [(Answer.AI, "template")]),
        ("### Was AI used?\n\n- [x] No AI tools were used", [(Answer.NO_AI, "template")]),
        ("### Was AI used?\n\n### Next", []),
        ("### Was AI used?\n", []),
        ("### Did you use AI?\n\nthe usual", []),
        ("### Have you read the AI policy?\n\nYes", []),
        ("### Summary of the AI module\n\nYes", []),
        ("- [x] I reviewed all code written with AI", []),
        ("- [x] Tests were added", []),
        ("- [x] If you used an LLM, say which", [(Answer.AI, "template")]),
        ("1. [X] I used GitHub Copilot for this", [(Answer.AI, "template")]),
        ("> - [x] AI took part in this change", []),
        ("text ** in bold ** and # a sign", []),
    ],
)
def test_the_authors_answer_in_the_body(body: str, answers: list[tuple[Answer, str]]) -> None:
    assert said(change(body=body)) == answers


TOP = Path(__file__).parents[2]
TEMPLATES = [*(TOP / "deploy" / "templates").glob("*.md"), TOP / ".github" / "pull_request_template.md"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_the_templates_ask_so_that_each_box_is_an_answer_and_none_is_silence(template: Path) -> None:
    """Those that are there to be copied, and this repository's own."""
    empty = template.read_text(encoding="utf-8")
    assert empty.count("- [ ]") == 2
    assert said(change(body=empty)) == []
    assert class_of(change(body=empty)) is AiClass.NONE_DISCLOSED
    assert said(change(body=empty.replace("- [ ] AI", "- [x] AI"))) == [(Answer.AI, "template")]
    assert said(change(body=empty.replace("- [ ] No", "- [x] No"))) == [(Answer.NO_AI, "template")]


def test_an_answer_that_somebody_else_edited_in_is_not_the_authors() -> None:
    assert said(change(body=NO, body_editor=GRACE)) == []
    assert said(change(body=NO, body_editor=JO_ACCOUNT)) == [(Answer.NO_AI, "template")]


def test_bots_and_unknown_accounts_declare_nothing() -> None:
    assert said(change(body=NO, author=COPILOT)) == []
    assert said(change(body=NO, author=Account("jo", None))) == []


def test_the_authors_trailer_is_an_answer_and_nobody_elses() -> None:
    assert said(change(commit("Add\n\nAI-Assisted: no"))) == [(Answer.NO_AI, "trailer")]
    assert said(change(commit("Add\n\nAI-Assisted: yes"))) == [(Answer.AI, "trailer")]
    assert said(change(commit("Add\n\nAI-Assisted: perhaps"))) == []
    assert said(change(commit("Add\n\nAI-Assisted: no", "Sam <sam@example.com>"))) == []
    other = replace(commit("Add\n\nAI-Assisted: no"), author=replace(JO, id=AccountId(5)))
    assert said(change(other)) == []


def label(name: str, by: Account | None, *, added: bool = True, minute: int = 0) -> LabelEvent:
    return LabelEvent(name, added, by, NOW + timedelta(minutes=minute))


LABELS: list[tuple[tuple[str, ...], tuple[LabelEvent, ...], list[str]]] = [
    (
        (),
        (label("AI-assisted", GRACE), label("AI-assisted", GRACE, added=False)),
        ["label AI-assisted, taken off since"],
    ),
    ((), (label("ai-assisted", None), label("Ai-assisted", None)), ["label ai-assisted, taken off since"]),
    (("ai-assisted",), (label("AI-assisted", GRACE),), ["label ai-assisted"]),
    ((), (label("ai-assisted", GRACE, added=False),), []),
    ((), (label("urgent", GRACE),), []),
]


@pytest.mark.parametrize(("labels", "events", "where"), LABELS)
def test_a_label_that_was_taken_off_counts(
    labels: tuple[str, ...], events: tuple[LabelEvent, ...], where: list[str]
) -> None:
    found = detect.examine(change(labels=labels, label_events=events), RULES)
    assert [each.where for each in found] == where


@pytest.mark.parametrize(
    ("labels", "events", "answers"),
    [
        (("no-ai",), (), []),
        (("no-ai",), (label("No-AI", JO_ACCOUNT),), [(Answer.NO_AI, "label")]),
        (("no-ai",), (label("no-ai", GRACE),), []),
        (("no-ai",), (label("no-ai", None),), []),
        ((), (label("no-ai", JO_ACCOUNT),), []),
        (("no-ai",), (label("no-ai", GRACE, minute=2), label("no-ai", JO_ACCOUNT)), []),
        (("no-ai",), (label("no-ai", JO_ACCOUNT, added=False),), []),
        (("ai-assisted",), (label("ai-assisted", JO_ACCOUNT),), [(Answer.AI, "label")]),
    ],
)
def test_a_label_is_the_authors_answer_only_if_the_author_put_it_on(
    labels: tuple[str, ...], events: tuple[LabelEvent, ...], answers: list[tuple[Answer, str]]
) -> None:
    assert said(change(labels=labels, label_events=events)) == answers


# --- roles


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        (GitIdentity("GitHub", "noreply@github.com"), detect.Role.FORGE),
        (GitIdentity("GitHub", "noreply@github.com", "web-flow", AccountId(19864447)), detect.Role.FORGE),
        (GitIdentity("Jo", "noreply@github.com", "jo", AccountId(101)), detect.Role.HUMAN),
        (GitIdentity("Claude", "noreply@anthropic.com"), detect.Role.AGENT),
        (GitIdentity("Claude Opus 5", "x@example.com"), detect.Role.AGENT),
        (GitIdentity("Claude Opus 5", "x@example.com", "jo", AccountId(101)), detect.Role.HUMAN),
        (GitIdentity("Pay Agent", "agent@example.com"), detect.Role.AGENT),
        (GitIdentity("X", "x@example.com", "Copilot", AccountId(198982749)), detect.Role.AGENT),
        (GitIdentity("g", "176961590+gemini-code-assist[bot]@users.noreply.github.com"), detect.Role.SUGGESTION),
        (GitIdentity("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"), detect.Role.AUTOMATION),
        (GitIdentity("new[bot]", "x@example.com"), detect.Role.AUTOMATION),
        (GitIdentity("Jo Example (aider)", "jo@example.com"), detect.Role.HUMAN),
        (JO, detect.Role.HUMAN),
    ],
)
def test_the_role_of_an_identity(identity: GitIdentity, role: detect.Role) -> None:
    assert detect.role(identity, CATALOGUE) is role


@pytest.mark.parametrize(
    ("account", "forge", "role"),
    [
        (COPILOT, None, detect.Role.AGENT),
        (DEPENDABOT, "github", detect.Role.AUTOMATION),
        (bot("new[bot]", 5), "github", detect.Role.AGENT),
        (JO_ACCOUNT, "github", detect.Role.HUMAN),
        (Account("gitlabduo", AccountId(6)), "gitlab", detect.Role.REVIEWER),
        (bot("renovate", 49699333), "gitlab", detect.Role.AGENT),
        (Account(None, None), None, detect.Role.HUMAN),
    ],
)
def test_the_role_of_an_account(account: Account, forge: str | None, role: detect.Role) -> None:
    assert detect.account_role(account, CATALOGUE, forge) is role


def test_co_authors_are_read_as_tolerantly_as_evidence() -> None:
    message = (
        "Add\\n\\nCo-authored-by: Sam <sam@example.com>\nCO-AUTHORED-BY: jo <101+Jo@users.noreply.github.com>, "
        "Sam <SAM@example.com>\n"
        "> Co-authored-by: Not Me <not@example.com>\n\ntext\n\n Co-authored by: Lee 7-lee@users.noreply.gitlab.com\n"
    )
    sam = GitIdentity("Sam", "sam@example.com")
    jo = GitIdentity("jo", "101+jo@users.noreply.github.com", "jo", AccountId(101))
    lee = GitIdentity("Lee", "7-lee@users.noreply.gitlab.com", "lee", AccountId(7))
    assert detect.coauthors(message) == (sam, jo, lee)
    assert detect.coauthors(message, "github") == (sam, jo, replace(lee, login=None, id=None))
    assert detect.coauthors("Add\n\nCo-authored-by: jo <jo@users.noreply.github.com>") == (
        GitIdentity("jo", "jo@users.noreply.github.com", "jo", None),
    )


def test_the_highest_class_among_what_is_strong_enough_wins() -> None:
    found = detect.examine_commit(commit("Update copilot\n\nText about GitHub Copilot."), CATALOGUE)
    assert detect.classify(found) is AiClass.NONE_DISCLOSED
    assert detect.classify(found, Strength.WEAK) is AiClass.AI_ASSISTED
    assert detect.classify(()) is AiClass.NONE_DISCLOSED


def test_a_finding_counts_by_its_class_and_its_strength() -> None:
    """Both as the rules want them: a mere mention counts only where they ask for no more."""
    found = detect.examine_commit(commit("Update copilot\n\nText about GitHub Copilot."), CATALOGUE)
    mentions = replace(RULES, minimum_strength=Strength.WEAK)
    assert found
    assert detect.counting(found, RULES) == ()
    assert detect.counting(found, mentions) == found
    assert detect.counting(found, replace(mentions, counts=frozenset({AiClass.AGENT_AUTHORED}))) == ()


def test_equal_findings_are_shown_once_and_a_sha_is_never_markup() -> None:
    hostile = replace(commit("Add\n\nMade-with: Cursor\n\nMade-with: Cursor"), sha=Sha("\x1b[31mx"))
    found = detect.examine_commit(hostile, CATALOGUE)
    assert [each.where for each in found] == ["commit \ufffd[31mx, trailer Made-with"]


def test_every_key_of_an_answer_has_a_word_by_which_it_is_looked_for() -> None:
    """A message without any of these words is not read for answers."""
    assert [key for key in ANSWERED if not any(word in key for word in ANSWERS_SAY)] == []
