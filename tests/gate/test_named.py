"""Whom commits name is remembered by account, so that amending a commit takes nobody out of what they made."""

from dataclasses import replace

from bot import gate
from bot.model.change import Commit, GitIdentity
from bot.model.ids import Sha
from bot.model.memory import Memory
from tests.gate.build import CHANGE, COPILOT, GRACE, JO, NOON, POLICY, ROSTER, by, commit

NOTHING = Memory()
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"


def named(*commits: Commit, memory: Memory = NOTHING) -> set[tuple[int | None, str, str]]:
    """Whom they name: account, as what, and by which commit."""
    change = replace(CHANGE, commits=commits)
    found = gate.named(gate.matter(change, (), memory, POLICY, ROSTER, NOON))
    return {(each.account.id, each.role, each.commit) for each in found}


def test_authors_and_co_authors_are_named_and_tools_are_not() -> None:
    """By account, role and commit."""
    message = f"Add retry\n\nCo-authored-by: Grace <1001+grace@users.noreply.github.com>\n{CLAUDE}"
    assert named(commit("a1", JO, message)) == {(101, "author of a commit", "a1"), (1001, "co-author", "a1")}


def test_whoever_only_committed_what_others_wrote_is_not() -> None:
    """A rebase writes its maker into every commit; who pushed is known without that."""
    assert named(commit("a1", JO, committer=by(GRACE))) == {(101, "author of a commit", "a1")}


def test_a_mailbox_stands_for_the_accounts_of_its_person_and_an_unknown_one_for_nobody() -> None:
    """An unknown mailbox is put right by amending the commit, which must help."""
    rosa = GitIdentity("Rosa", "Rosa@example.com")
    assert {each for each, _, _ in named(commit("a1", rosa))} == {1003, 1004}
    assert named(commit("a1", GitIdentity("Jo", "jo@laptop.example.com"))) == set()


def test_a_person_of_another_forge_alone_is_nobody_here() -> None:
    """A mailbox whose owner has no account on this forge names no account."""
    elsewhere = replace(ROSTER.people[0], accounts=(replace(ROSTER.people[0].accounts[0], forge="gitlab"),))
    change = replace(CHANGE, commits=(commit("a1", GitIdentity("Jo", "jo@example.com")),))
    roster = replace(ROSTER, people=(elsewhere,))
    assert gate.named(gate.matter(change, (), Memory(), POLICY, roster, NOON)) == ()


def test_whom_an_agents_commit_names_is_named_by_the_agent() -> None:
    """That role cannot be disclaimed."""
    found = named(commit("a1", COPILOT, "Fix\n\nCo-authored-by: Grace <1001+grace@users.noreply.github.com>"))
    assert found == {(1001, "named by an agent's commit", "a1")}


def test_a_landed_commit_names_nobody() -> None:
    """It went through the gate before."""
    assert named(commit("a1"), commit("b2"), memory=Memory(landed=frozenset({Sha("a1")}))) == {
        (101, "author of a commit", "b2")
    }
