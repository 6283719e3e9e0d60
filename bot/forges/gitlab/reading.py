"""A merge request as one reading shows it: the requests that make it, in an order that lets none deceive another.

Who approves is read before the versions, so that every approval in the list was given while the merge request stood on
a version in the list, and not after the notes, so that no objection is missed that came before. The version that is
read last must still be the head and base that were read first, whichever way that was.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from bot.forges.gitlab import convert, note, publishing
from bot.forges.gitlab.grade import Facts, Guard, Mechanism, guard
from bot.forges.gitlab.history import History
from bot.forges.gitlab.known import Known, Standing
from bot.forges.gitlab.note import Note
from bot.forges.gitlab.parts import Asking, Parts
from bot.forges.gitlab.queries import LOCAL_RULES
from bot.forges.gitlab.seal import Seal
from bot.forges.gitlab.shown import Looking, Shown
from bot.forges.port import Lifecycle, Reading, Written
from bot.model.change import AccountKind, Change, Commit, File, Head, Review
from bot.model.errors import GoneError, TryAgainError
from bot.model.event import HeadSeen
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]
Content = tuple[tuple[Commit, ...], tuple[File, ...], bool]
"""Commits, files, and whether there are more files or lines than these."""
MOVING_WAIT = timedelta(seconds=2)
"""GitLab makes a version some moments after a push."""
SUGGESTION = re.compile(r"Apply \d+ suggestion\(s\) to \d+ file\(s\)")
"""How GitLab's own message for applied suggestions begins."""
STALE = timedelta(seconds=1)
"""How old what is known of a project may be where it does not fit."""
BY_APPROVER = f", by {Mechanism.APPROVER.value}"
"""In the line of our note that says how hard the gate is."""
LIFECYCLE = {
    "opened": Lifecycle.OPEN,
    "locked": Lifecycle.OPEN,
    "closed": Lifecycle.CLOSED,
    "merged": Lifecycle.MERGED,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What GitLab told of a merge request: its `parts`, GET /approvals (`answer`) and label events as REST has them,
    and the rest in our nouns.
    """

    facts: Facts
    parts: Parts
    answer: Json
    labelled: Sequence[Json]
    content: Content
    heads: Sequence[HeadSeen]
    kinds: convert.Kinds
    reviews: tuple[Review, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one merge request."""

    known: Known
    repository: Repository
    number: int
    check_name: str
    seal: Seal
    written: Written | None = None

    @property
    def _project(self) -> str:
        return f"/projects/{self.repository.id}"

    @property
    def _path(self) -> str:
        return f"{self._project}/merge_requests/{self.number}"

    @convert.strict
    def read(self) -> Reading:
        """The whole merge request; GoneError for one that nothing can be published to."""
        own, now = self.known.own(), self.known.clock()
        told = self._told(own)
        parts, found, heads = told.parts, told.parts.found, told.heads
        place = note.Place(self.seal, self.repository.id, self.number)
        ours = note.find(parts.notes, own, place, self._written())
        here = self._guard(found, told.answer)
        doubted = self._doubted(now, here, ours)
        shown = Looking(self.known, self.repository, self.check_name).shown(parts, told.answer, ours, here)
        self._remember(parts, ours, shown, now)
        change = self._change(told)
        is_merged = found["state"] == "merged"
        merger = found.get("merge_user") or found.get("merged_by")
        return Reading(
            change=change,
            repository=replace(self.repository, name=change.repository, default_branch=change.default_branch),
            lifecycle=LIFECYCLE[found["state"]],
            url=found["web_url"],
            updated_at=convert.second(found["updated_at"]),
            notes=Sha(told.facts.notes) if told.facts.notes else None,
            from_fork=found["source_project_id"] != found["target_project_id"],
            comments=convert.comments((each for each in parts.notes if not _is_by(each, own)), told.kinds),
            published=shown.published,
            foreign=shown.foreign,
            abandoned=tuple(dict.fromkeys(each.sha for each in heads if each.sha != found["sha"])),
            seen=(*heads, *convert.approvals_seen(change.reviews, self.number)),
            local_rules=self._local_rules(parts, change.default_branch),
            merge_base=Sha(found["diff_refs"]["base_sha"]),
            kinds=True,
            merge=self._merge(found),
            merged_at=convert.time(found["merged_at"]) if found.get("merged_at") else None,
            merged_by=convert.account(merger, told.kinds) if is_merged and merger else None,
            doubted_until=doubted,
        )

    def _hold_against(self, notes: Sequence[Json]) -> None:
        """Ask for our note by its id where a list does not have it: a list that is wrong would bring about a second."""
        written = self._written()
        if written is None or any(each["id"] == written.id for each in notes):
            return
        try:
            self.known.session.get(f"{self._path}/notes/{written.id}")
        except GoneError:  # somebody deleted it
            return
        if self.known.contradicts(("note", self.repository.id, self.number)):
            raise TryAgainError(f"{self.repository.name}!{self.number} did not show its notes", after=MOVING_WAIT)

    def _written(self) -> Written | None:
        """What is known of our note: as it was handed in, else its id by the last reading."""
        number = self.known.notes.peek((self.repository.id, self.number))
        return self.written or (Written(number, "") if number else None)

    def _told(self, own: int) -> Told:
        """What GitLab tells, in the order that lets none of it deceive another (see above)."""
        facts = self.known.facts(self.repository.id)
        if facts.project.get("archived"):
            facts = self.known.facts(self.repository.id, STALE)
        if facts.project.get("archived"):
            raise GoneError(f"{self.repository.name} is archived: nothing can be published there")
        parts = self._asking(facts.project["path_with_namespace"]).parts()
        self._hold_against(parts.notes)
        answer = self._approvals(parts, facts, own)
        labelled = parts.labelled
        if labelled is None:
            labelled = list(self.known.session.pages(f"{self._path}/resource_label_events"))
        content = self.known.content.peek(self._content_key(parts.found)) or self._content(
            parts, facts.project["path_with_namespace"]
        )
        versions = list(self.known.session.pages(f"{self._path}/versions"))
        heads = convert.versions(versions, self.number)
        if LIFECYCLE[parts.found["state"]] is Lifecycle.OPEN and not _stands(parts.found, versions):
            raise TryAgainError(f"{self.repository.name}!{self.number} is moving", after=MOVING_WAIT)
        users = _users(parts.found, answer, parts.asked, parts.notes, own)
        kinds = {**self.known.kinds(users), own: AccountKind.BOT}
        reviews = _reviews(answer, parts.asked, parts.notes, kinds, heads, own)
        counted = self._counted(parts.found, content, versions)
        return Told(facts, parts, answer, labelled, counted, heads, kinds, reviews)

    def _change(self, told: Told) -> Change:
        found, (commits, files, truncated) = told.parts.found, told.content
        ends = any(each.sha == found["sha"] for each in commits)
        return Change(
            forge=convert.FORGE,
            repository=told.facts.project["path_with_namespace"],
            number=found["iid"],
            title=found["title"],
            body=found["description"] or "",
            base=found["target_branch"],
            default_branch=told.facts.project.get("default_branch") or "",
            branch=found["source_branch"],
            author=convert.account(found["author"], told.kinds),
            head=Head(Sha(found["sha"]), told.heads[-1].at),
            commits=self._with_parents(found, commits),
            labels=tuple(found["labels"]),
            files=files,
            files_truncated=truncated,
            reviews=told.reviews,
            complete=ends,
            label_events=convert.label_events(told.labelled, told.kinds),
            base_sha=Sha(found["diff_refs"]["start_sha"]),
            missing=() if ends else ("commits",),
        )

    # --- parts of it

    def _asking(self, path: str) -> Asking:
        def is_read(found: Json) -> bool:
            return self.known.content.peek(self._content_key(found)) is not None

        return Asking(self.known, self.repository, path, self.number, self.check_name, is_read)

    def _approvals(self, parts: Parts, facts: Facts, own: int) -> Json:
        """Who approves and when, and what approving takes. Only REST tells that, but there is nothing to ask where
        nobody approves but us and no rule needs anybody's approval.

        Whoever approved after the notes were read is not counted: an objection before that would not have been seen.
        """
        if parts.answer is not None:
            return parts.answer
        given = {each["id"]: each for each in parts.approved_by}
        if not facts.rules and not parts.required and given.keys() <= {own}:
            return {"approved_by": [{"user": each} for each in given.values()]}
        answer: Json = self.known.session.get(f"{self._path}/approvals")
        return {**answer, "approved_by": [each for each in answer["approved_by"] if each["user"]["id"] in given]}

    def _content_key(self, found: Json) -> tuple[Any, ...]:
        refs = found["diff_refs"]
        return (self.repository.id, self.number, refs["base_sha"], refs["start_sha"], found["sha"])

    def _content(self, parts: Parts, path: str) -> Content:
        """Commits and files, and whether one of them is not told to the end. Of a diff that GitLab leaves out, as of
        files that it takes to be generated, the number of lines is all that is needed.
        """
        session, listed = self.known.session, parts.commits
        if listed is None:
            listed = list(session.pages(f"{self._path}/commits"))
        commits = tuple(self._commit(each) for each in listed)[::-1]
        diffs = list(session.pages(f"{self._path}/diffs"))
        if commits and commits[-1].sha != parts.found["sha"]:
            raise TryAgainError(f"{self.repository.name}!{self.number} moved while it was read", after=MOVING_WAIT)
        left_out = [each["new_path"] for each in diffs if convert.is_left_out(each)]
        lines = self._asking(path).lines(Sha(parts.found["sha"])) if left_out else {}
        files = tuple(convert.file(each, lines.get(each["new_path"])) for each in diffs)
        return commits, files, any(path not in lines for path in left_out)

    def _counted(self, found: Json, content: Content, versions: Sequence[Json]) -> Content:
        """The same, with whether there are more files than were told; it is the same as long as head and base are.

        One that tells fewer files than there are, though not too many, is asked for again, and never remembered.
        """
        commits, files, hidden = content
        count, more = convert.changed(_newest(versions)["real_size"])
        counted, key = (commits, files, hidden or more or count > len(files)), self._content_key(found)
        if not more and count > len(files):
            if self.known.contradicts(key):
                told = f"{len(files)} of {count} changed files"
                raise TryAgainError(f"{self.repository.name}!{self.number} showed {told}", after=MOVING_WAIT)
            return counted
        if commits and not hidden:  # who tells the lines may only not do so now
            self.known.content.put(key, counted)
        return counted

    def _with_parents(self, found: Json, listed: tuple[Commit, ...]) -> tuple[Commit, ...]:
        """The commits of a merged one with their parents, by which it is shown what a merge brought."""
        if found["state"] != "merged" or all(each.parent_shas for each in listed):
            return listed
        refs = found["diff_refs"]
        compared = History(self.known, self.repository).commits(refs["base_sha"], Sha(found["sha"]))
        return compared if {each.sha for each in compared} == {each.sha for each in listed} else listed

    def _commit(self, entry: Json) -> Commit:
        """A commit; of an applied suggestion it is asked whether GitLab vouches for it, or its texts prove nothing."""
        applied = SUGGESTION.match(entry["message"]) is not None
        return convert.commit(entry, made_by_forge=applied and self._is_vouched_for(entry["id"]))

    def _is_vouched_for(self, sha: str) -> bool:
        """Whether GitLab itself signed a commit, as it does with those that its buttons make (where that is set up)."""
        try:
            signature = self.known.session.get(f"{self._project}/repository/commits/{sha}/signature")
        except GoneError:
            return False
        return bool(signature["verification_status"] == "verified_system")

    def _guard(self, found: Json, answer: Json) -> Guard:
        """The guard by what is known of the project, read anew where the merge request belies it."""
        own, base = self.known.own(), found["target_branch"]
        postable = publishing.pipeline(found, self.repository.id) is not None
        facts = self.known.facts(self.repository.id)
        if answer.get("require_password_to_approve"):
            self.known.asks_password(self.repository.id)
            facts = self.known.facts(self.repository.id)
        if bool(answer.get("approvals_required")) is bool(facts.rules):
            return guard(facts, own, base, postable=postable)
        return guard(self.known.facts(self.repository.id, STALE), own, base, postable=postable)

    def _doubted(self, began: datetime, here: Guard, ours: Note | None) -> datetime | None:
        """When to look again, since the guard may be another than what is known of the project says: what could not be
        read, be it for a moment alone, takes the approver away.
        """
        branches = self.known.facts(self.repository.id).branches
        lost = here.mechanism is not Mechanism.APPROVER and ours is not None and BY_APPROVER in ours.footer
        return self.known.doubted_until(self.repository.id, self.number, began, hidden=branches is None or lost)

    def _remember(self, parts: Parts, ours: Note | None, shown: Shown, now: datetime) -> None:
        """What a check that is put there next needs not look up."""
        key = (self.repository.id, self.number)
        self.known.notes.put(key, ours.id if ours else 0)
        self.known.standing.put(key, Standing(now, publishing.placed(parts.found), shown.waiting, shown.approving))

    def _local_rules(self, parts: Parts, default: str) -> bytes | None:
        if not default or parts.rules == (None,):
            return None
        if parts.rules is not None:
            (blob,) = parts.rules
            key = ("blob", self.repository.id, blob)
            kept: bytes = self.known.content.get(
                key, lambda: self.known.session.raw(f"{self._project}/repository/blobs/{blob}/raw")
            )
            return kept
        path = f"{self._project}/repository/files/{LOCAL_RULES}/raw"
        try:
            return self.known.session.raw(path, ref=default)
        except GoneError:
            return None

    def _merge(self, found: Json) -> Commit | None:
        """The commit that a merge made. GitLab's own signature is the only proof that it made it as it is."""
        sha = found.get("merge_commit_sha") or found.get("squash_commit_sha")
        if found["state"] != "merged" or not sha:
            return None
        path = f"{self._project}/repository/commits/{sha}"
        try:
            entry = self.known.session.get(path)
        except GoneError:
            return None
        return convert.commit(entry, made_by_forge=self._is_vouched_for(sha))


def _newest(versions: Iterable[Json]) -> Json:
    return max(versions, key=lambda entry: (convert.time(entry["created_at"]), entry["id"]))


def _stands(found: Json, versions: Sequence[Json]) -> bool:
    """Whether its newest version is the head and base that were read."""
    if not versions:
        return False
    newest, refs = _newest(versions), found["diff_refs"]
    there = (newest["head_commit_sha"], newest["base_commit_sha"], newest["start_commit_sha"])
    return there == (found["sha"], refs["base_sha"], refs["start_sha"])


def _is_by(entry: Json, user: int) -> bool:
    return bool(entry["author"]) and entry["author"]["id"] == user


def _matters(entry: Json) -> bool:
    """Whether a note is a command, or GitLab's own word that somebody asked for changes."""
    return ("requested changes" if entry["system"] else "/signoff") in str(entry["body"])


def _users(found: Json, answer: Json, asked: Iterable[Json], notes: Iterable[Json], own: int) -> Iterator[int]:
    """Whose kind matters: who opened it, approved it, asks for changes, and gives commands."""
    speaking = (each["author"] for each in notes if each["author"] and _matters(each))
    reviewing = (each["user"] for each in chain(answer["approved_by"], asked))
    yield from (user["id"] for user in chain([found["author"]], reviewing, speaking) if user and user["id"] != own)


def _reviews(  # noqa: PLR0913, PLR0917  all that reviews are told by
    answer: Json,
    asked: Sequence[Json],
    notes: Sequence[Json],
    kinds: convert.Kinds,
    heads: Sequence[HeadSeen],
    own: int,
) -> tuple[Review, ...]:
    given = convert.approvals(answer, heads, kinds)
    objected = convert.objections(asked, notes, kinds, heads[-1].at)
    return tuple(each for each in convert.words(objected, given) if each.reviewer.id != own)
