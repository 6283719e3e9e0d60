"""Identities: the author and committer of a commit, and everybody its trailers name, against the catalogue.

An agent as author makes a commit agent-authored; as committer or co-author it assisted; an AI reviewer as co-author
means that its suggestion was applied; in a review trailer it only reviewed. An unlisted bot is automation, not AI.
"""

from collections.abc import Iterator

from bot.detect import mailbox
from bot.detect.identity import by_name, is_automation, is_bot, known_agent, product_name, qualified
from bot.detect.keys import AUTHORSHIP, NAMING, REVIEW
from bot.detect.marks import Tool, ToolRole
from bot.detect.subject import Found, Subject
from bot.detect.trailers import Trailer
from bot.detect.value import named_tool
from bot.model.change import GitIdentity
from bot.model.evidence import AiClass, Evidence, Strength

NAME = "identities"
UNLISTED_BOT = "unlisted bot"


def find(subject: Subject) -> Iterator[Evidence]:
    """Findings of this kind."""
    commit = subject.commit
    if commit is not None:
        yield from _person(subject, commit.author, "author")
        if commit.committer != commit.author:
            yield from _person(subject, commit.committer, "committer")
    for trailer in subject.text.trailers:
        if trailer.key in AUTHORSHIP or trailer.key in REVIEW:
            yield from _trailer(subject, trailer)


def tool_of(identity: GitIdentity, subject: Subject) -> tuple[Tool, Strength] | None:
    """The tool an author or committer is, and how sure that is; by the account the forge maps it to, too."""
    box = mailbox.tidy(identity.email)
    catalogue = subject.catalogue
    tool = known_agent(identity.name, box, catalogue)
    if tool is None and identity.id is not None and subject.on_github:
        tool = catalogue.accounts.find(identity.id, (identity.login or "").lower())
    if tool is not None:
        return tool, Strength.STRONG
    weaker = by_name(identity.name, box, catalogue) or product_name(identity.name, catalogue)
    return (weaker, Strength.MEDIUM) if weaker is not None else None


def _person(subject: Subject, identity: GitIdentity, what: str) -> Iterator[Evidence]:
    where, shown = subject.at(what), f"{identity.name} <{identity.email}>"
    found = tool_of(identity, subject)
    if found is not None:
        tool, strength = found
        if is_automation(tool) and what == "committer":
            return
        ai_class = tool.role.as_author if what == "author" else AiClass.AI_ASSISTED
        yield subject.evidence(Found(NAME, tool.name, ai_class, strength), where, shown)
        return
    tool_for = qualified(identity.name, subject.catalogue)
    if tool_for is not None:
        yield subject.evidence(Found(NAME, tool_for.name, AiClass.AI_ASSISTED, Strength.STRONG), where, shown)
    elif what == "author" and is_bot(identity.name, mailbox.tidy(identity.email)):
        yield subject.evidence(Found(NAME, UNLISTED_BOT, AiClass.AUTOMATION, Strength.STRONG), where, shown)


def _trailer(subject: Subject, trailer: Trailer) -> Iterator[Evidence]:
    where, shown = subject.at(f"trailer {trailer.name}"), f"{trailer.name}: {trailer.value}"
    listed = False
    for name, box in mailbox.split(trailer.value):
        listed = True
        tool, strength = known_agent(name, box, subject.catalogue), Strength.STRONG
        if tool is None and trailer.key in AUTHORSHIP:
            tool = (
                qualified(name, subject.catalogue)
                or by_name(name, box, subject.catalogue)
                or product_name(name, subject.catalogue)
            )
            strength = Strength.MEDIUM
        if tool is not None and tool.role is not ToolRole.AUTOMATION:
            ai_class = AiClass.AI_REVIEWED_ONLY if trailer.key in REVIEW else tool.role.as_helper
            yield subject.evidence(Found(NAME, tool.name, ai_class, strength), where, shown)
    if listed or trailer.key not in NAMING:
        return
    named = named_tool(trailer.value, subject.catalogue)
    if named is not None and named.role is not ToolRole.AUTOMATION:
        reviews = trailer.key in REVIEW
        ai_class = AiClass.AI_REVIEWED_ONLY if reviews else named.role.as_helper
        yield subject.evidence(Found(NAME, named.name, ai_class, Strength.MEDIUM), where, shown)
