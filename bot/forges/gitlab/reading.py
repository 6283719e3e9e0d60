"""A merge request as one reading shows it: the requests that make it, in an order that lets none deceive another.

The approvals are read before the versions, so that every approval in the list was given while the merge request stood
on a version in the list; and the version that is read last must still be the head that was read first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain
from typing import Any

from bot.forges.gitlab import convert, note, publishing
from bot.forges.gitlab.grade import Guard, Mechanism, guard
from bot.forges.gitlab.history import History
from bot.forges.gitlab.known import Known
from bot.forges.gitlab.note import Note
from bot.forges.gitlab.publishing import Expected
from bot.forges.port import Lifecycle, Mark, Published, Reading
from bot.model.change import AccountKind, Change, Commit, File, Head, Review
from bot.model.errors import GoneError, TryAgainError
from bot.model.event import HeadSeen
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]
LOCAL_RULES = ".signoff.yaml"
MOVING_WAIT = timedelta(seconds=2)
"""GitLab makes a version some moments after a push."""
SUGGESTION = re.compile(r"Apply \d+ suggestion\(s\) to \d+ file\(s\)")
"""How GitLab's own message for applied suggestions begins."""
STALE = timedelta(seconds=1)
"""How old what is known of a project may be where it does not fit."""
LIFECYCLE = {
    "opened": Lifecycle.OPEN,
    "locked": Lifecycle.OPEN,
    "closed": Lifecycle.CLOSED,
    "merged": Lifecycle.MERGED,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads one merge request."""

    known: Known
    repository: Repository
    number: int
    check_name: str

    @property
    def _project(self) -> str:
        return f"/projects/{self.repository.id}"

    @property
    def _path(self) -> str:
        return f"{self._project}/merge_requests/{self.number}"

    @convert.strict
    def read(self) -> Reading:
        """The whole merge request; GoneError for one that nothing can be published to."""
        session, own = self.known.session, self.known.own()
        facts = self.known.facts(self.repository.id)
        if facts.project.get("archived"):
            raise GoneError(f"{self.repository.name} is archived: nothing can be published there")
        default = facts.project.get("default_branch") or ""
        found = session.get(self._path)
        if not found.get("sha"):
            raise GoneError(f"{self.repository.name}!{self.number} has no commits")
        answer = session.get(f"{self._path}/approvals")
        asked = session.get(f"{self._path}/reviewers") if found.get("reviewers") else []
        notes = list(session.pages(f"{self._path}/notes", sort="asc", order_by="created_at"))
        labelled = list(session.pages(f"{self._path}/resource_label_events"))
        listed, files, truncated = self._content(found)
        heads = convert.versions(session.pages(f"{self._path}/versions"), self.number)
        if not heads or (heads[-1].sha != found["sha"] and LIFECYCLE[found["state"]] is Lifecycle.OPEN):
            raise TryAgainError(f"{self.repository.name}!{self.number} is moving", after=MOVING_WAIT)
        kinds = {**self.known.kinds(_users(found, answer, asked, notes, own)), own: AccountKind.BOT}
        reviews = _reviews(answer, asked, notes, kinds, heads, own)
        here = self._guard(found, answer)
        ours = note.find(notes, own)
        published, foreign = self._published(found, answer, ours, here)
        self._remember(ours)
        change = Change(
            forge=convert.FORGE,
            repository=facts.project["path_with_namespace"],
            number=found["iid"],
            title=found["title"],
            body=found["description"] or "",
            base=found["target_branch"],
            default_branch=default,
            branch=found["source_branch"],
            author=convert.account(found["author"], kinds),
            head=Head(Sha(found["sha"]), heads[-1].at),
            commits=self._with_parents(found, listed),
            labels=tuple(found["labels"]),
            files=files,
            files_truncated=truncated,
            reviews=reviews,
            complete=any(each.sha == found["sha"] for each in listed),
            label_events=convert.label_events(labelled, kinds),
            base_sha=Sha(found["diff_refs"]["start_sha"]),
        )
        merge = self._merge(found)
        return Reading(
            change=change,
            repository=replace(self.repository, name=change.repository, default_branch=default),
            lifecycle=LIFECYCLE[found["state"]],
            url=found["web_url"],
            draft=bool(found.get("draft")),
            created_at=convert.time(found["created_at"]),
            updated_at=convert.time(found["updated_at"]),
            notes=Sha(facts.notes) if facts.notes else None,
            from_fork=found["source_project_id"] != found["target_project_id"],
            comments=convert.comments((each for each in notes if not _is_by(each, own)), kinds),
            published=published,
            foreign=foreign,
            abandoned=tuple(dict.fromkeys(each.sha for each in heads if each.sha != found["sha"])),
            seen=(*heads, *convert.approvals_seen(reviews, self.number)),
            local_rules=self._local_rules(default),
            merge_base=Sha(found["diff_refs"]["base_sha"]),
            kinds=True,
            merge=merge,
            merged_at=convert.time(found["merged_at"]) if found.get("merged_at") else None,
            merged_by=convert.account(found.get("merge_user") or found.get("merged_by"), kinds) if merge else None,
        )

    # --- parts of it

    def _content(self, found: Json) -> tuple[tuple[Commit, ...], tuple[File, ...], bool]:
        """Commits and files, which are the same as long as head and base are; and whether there are more files."""
        refs = found["diff_refs"]
        key = (self.repository.id, self.number, refs["base_sha"], refs["start_sha"], found["sha"])
        made: tuple[tuple[Commit, ...], tuple[File, ...], bool] | None = self.known.content.peek(key)
        if made is not None:
            return made
        session = self.known.session
        commits = tuple(self._commit(each) for each in session.pages(f"{self._path}/commits"))[::-1]
        diffs = list(session.pages(f"{self._path}/diffs"))
        if commits and commits[-1].sha != found["sha"]:
            raise TryAgainError(f"{self.repository.name}!{self.number} moved while it was read", after=MOVING_WAIT)
        files = tuple(convert.file(each) for each in diffs)
        count, more = convert.changed(found.get("changes_count"))
        hidden = any(convert.is_left_out(each) and not each["new_file"] for each in diffs)
        made = (commits, files, more or count > len(files) or hidden)
        if commits:
            self.known.content.put(key, made)
        return made

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

    def _published(
        self, found: Json, answer: Json, ours: Note | None, here: Guard
    ) -> tuple[Published | None, tuple[Mark, ...]]:
        own, now = self.known.own(), Expected(Sha(found["sha"]), here.text)
        where = publishing.pipeline(found, self.repository.id)
        if here.mechanism is Mechanism.APPROVER:
            return publishing.by_approval(publishing.approves(answer, own), ours, now), ()
        if where is None:
            return publishing.by_note(ours, now), ()
        listed = publishing.statuses(self.known.session, self.repository, where, self.check_name)
        return publishing.by_status(listed, ours, now, own), publishing.foreign(listed, own)

    def _remember(self, ours: Note | None) -> None:
        self.known.notes.put((self.repository.id, self.number), ours.id if ours else 0)

    def _local_rules(self, default: str) -> bytes | None:
        if not default:
            return None
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
