"""The account that opened the change. A listed agent, or a bot that nobody listed, makes the change agent-authored.

Automation needs proof, since any writer can drive a workflow's `github-actions[bot]` or write a dependency bot's
mailbox into a commit: a listed App or bot account opened it, only that account pushed, and every commit is its own or
the forge's.
"""

from collections.abc import Iterator

from bot.detect.contributors import Role, account_role, anybody_can_drive, listed, role
from bot.detect.subject import Found, Subject
from bot.model.change import Account, AccountKind, Change
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "authors"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    change = subject.change
    if change is None:
        return
    shown = change.author.login or f"account {change.author.id}"
    who = account_role(change.author, subject.catalogue, change.forge)
    if proven_automation(subject, change):
        yield subject.evidence(Found(NAME, shown, AiClass.AUTOMATION, Strength.STRONG), "author of the change", shown)
    elif who in {Role.AGENT, Role.SUGGESTION, Role.REVIEWER}:
        tool = _tool_name(change.author, subject, change)
        yield subject.evidence(
            Found(NAME, tool, AiClass.AGENT_AUTHORED, Strength.STRONG), "author of the change", shown
        )
    elif who is Role.AUTOMATION and anybody_can_drive(change.author, subject.catalogue, change.forge):
        tool = "a workflow's bot"
        yield subject.evidence(
            Found(NAME, tool, AiClass.AGENT_AUTHORED, Strength.STRONG), "author of the change", shown
        )


def proven_automation(subject: Subject, change: Change) -> bool:
    """Whether a listed automation opened the change and nobody else had a hand in it."""
    author = change.author
    by_the_site = author.id in subject.rules.automation_apps or (
        change.author_app_id is not None and change.author_app_id in subject.rules.automation_apps
    )
    known = account_role(author, subject.catalogue, change.forge) is Role.AUTOMATION
    if author.kind is not AccountKind.BOT or author.id is None or not (by_the_site or known):
        return False
    if not by_the_site and anybody_can_drive(author, subject.catalogue, change.forge):
        return False
    return all(pusher.id == author.id for pusher in change.pushers) and all(
        _own(identity_id, login, who, author)
        for commit in change.commits
        for identity_id, login, who in (
            (commit.author.id, commit.author.login, role(commit.author, subject.catalogue)),
            (commit.committer.id, commit.committer.login, role(commit.committer, subject.catalogue)),
        )
    )


def _own(number: int | None, login: str | None, who: Role, author: Account) -> bool:
    """Whether one hand on a commit is the bot's or the forge's."""
    if number is not None:
        return number == author.id or who is Role.FORGE
    return who in {Role.FORGE, Role.AUTOMATION} or (login is not None and login == author.login)


def _tool_name(author: Account, subject: Subject, change: Change) -> str:
    tool = listed(author.id, author.login, subject.catalogue, change.forge)
    return tool.name if tool is not None else "unlisted bot"
