"""Runs every detector over a commit or a whole change and gathers what they found, once each.

Of many findings that say the same (a hundred thousand equal trailers) a few are kept: enough to show, and never so
that a class or a tool gets lost. Merges of the base branch that the forge made are no part of the change, but the
trailers that their makers wrote into the message count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType

from bot.detect import (
    authors,
    branches,
    disclosure,
    footers,
    identities,
    labels,
    links,
    markers,
    mentions,
    notes,
    reviews,
    sessions,
    templates,
    tool_trailers,
)
from bot.detect.compiled import Catalogue, catalogue
from bot.detect.identity import is_automation, is_bot, known_agent
from bot.detect.mailbox import tidy
from bot.detect.subject import Detector, Subject, Text
from bot.model.change import Change, Commit, GitIdentity
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import Sha
from bot.model.policy import DetectionRules

SAME_KIND = 5
"""How many findings of one detector, tool, class and strength are kept for one commit."""

DETECTORS: dict[str, Detector] = {
    module.NAME: module.find
    for module in (
        authors,
        branches,
        disclosure,
        footers,
        identities,
        labels,
        links,
        markers,
        notes,
        reviews,
        sessions,
        templates,
        tool_trailers,
        mentions,
    )
}
"""The kinds of signal. A new kind is a module with NAME and find, and its name here."""

_OF_COMMITS = tuple(DETECTORS[name] for name in DETECTORS if name not in {authors.NAME, labels.NAME, mentions.NAME})
"""A commit has no labels and no author of the change. Mentions are looked for where nothing else was found."""

_OF_CHANGES = tuple(DETECTORS[name] for name in DETECTORS if name != mentions.NAME)

_NOBODY = GitIdentity("", "")
_NO_NOTES: Mapping[Sha, str] = MappingProxyType({})


def examine_commit(
    commit: Commit, known: Catalogue, note: str | None = None, *, forge: str = "github"
) -> tuple[Evidence, ...]:
    """Everything found in one commit, and in its git-ai note if it has one. It never raises."""
    subject = Subject(Text(commit.message, known), known, commit=commit, note=note, forge=forge)
    if _by_automation(subject, commit):
        subject.trailers_only = True
        subject.text.keep_last_block(known)
    return _gather(subject)


def examine(
    change: Change, rules: DetectionRules, notes_by_commit: Mapping[Sha, str] = _NO_NOTES
) -> tuple[Evidence, ...]:
    """Everything found in a change: its author, title, body, branch, labels and commits."""
    known = catalogue(rules.catalogue)
    subject = Subject(
        Text(change.body, known, has_subject=False), known, change=change, rules=rules, forge=change.forge
    )
    subject.trailers_only = authors.proven_automation(subject, change)
    if subject.trailers_only:
        subject.text.keep_last_block(known)
    in_commits = (
        _of_merge_of_base(commit, change, known)
        if _merge_of_base(commit, change)
        else examine_commit(commit, known, notes_by_commit.get(commit.sha), forge=change.forge)
        for commit in change.commits
    )
    not_automation = (each for each in chain.from_iterable(in_commits) if each.ai_class is not AiClass.AUTOMATION)
    return (*_gather(subject), *not_automation)


def _of_merge_of_base(commit: Commit, change: Change, known: Catalogue) -> tuple[Evidence, ...]:
    """What the trailers of a merge of the base say; nothing else of it is looked at."""
    commit = replace(commit, author=_NOBODY, committer=_NOBODY)
    subject = Subject(Text(commit.message, known), known, commit=commit, forge=change.forge)
    trailer = subject.at("trailer ")
    return tuple(each for each in _gather(subject) if each.where.startswith(trailer))


def _gather(subject: Subject) -> tuple[Evidence, ...]:
    detectors = _OF_COMMITS if subject.commit is not None else _OF_CHANGES
    found = _few_of_each(chain.from_iterable([find(subject) for find in detectors]))
    if all(each.strength is Strength.WEAK for each in found):
        found += _few_of_each(footers.in_other_languages(subject))
    return found or tuple(mentions.find(subject))


def _few_of_each(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    every = tuple(found)
    return tuple(_unlike(every)) if len(every) > 1 else every


def _unlike(every: tuple[Evidence, ...]) -> Iterator[Evidence]:
    seen: set[tuple[str, str, str]] = set()
    kept: Counter[tuple[object, ...]] = Counter()
    for each in every:
        same = (each.detector, each.tool, each.quote)
        kind = (each.detector, each.tool, each.ai_class, each.strength)
        if same in seen or kept[kind] >= SAME_KIND:
            continue
        seen.add(same)
        kept[kind] += 1
        yield each


def _by_automation(subject: Subject, commit: Commit) -> bool:
    box = tidy(commit.author.email)
    tool = known_agent(commit.author.name, box, subject.catalogue)
    return is_automation(tool) if tool is not None else is_bot(commit.author.name, box)


def _merge_of_base(commit: Commit, change: Change) -> bool:
    """A merge of the base branch that the forge vouches for having made ("Update branch")."""
    if commit.parents < 2 or not commit.made_by_forge:  # noqa: PLR2004  a merge has two parents or more
        return False
    return commit.subject.startswith((f"Merge branch '{change.base}' into", f"Merge branch '{change.base}' of"))
