"""GitLab behind the port: reads by GraphQL and by REST in as few requests as it can, and publishes by what it offers.

One account, one token and one instance; so there is one pseudo-installation, 0. Nothing is decided here, and nothing
is answered from part of the data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import quote

from bot.forges.gitlab import convert, grade, health, note, publishing, webhook
from bot.forges.gitlab.grade import Guard
from bot.forges.gitlab.history import History
from bot.forges.gitlab.known import Known, Standing
from bot.forges.gitlab.marks import Marks
from bot.forges.gitlab.publishing import Expected, Pipeline, Publisher, Target
from bot.forges.gitlab.reading import MOVING_WAIT, Reader
from bot.forges.gitlab.seal import Seal
from bot.forges.gitlab.session import GitLabSettings, Session
from bot.forges.onward import PAGE
from bot.forges.port import (
    Check,
    CheckState,
    Examination,
    FailedDelivery,
    OpenChange,
    Origin,
    PatchQuestion,
    Published,
    Reading,
    Snapshot,
    Step,
    Stranger,
    Tips,
    Written,
)
from bot.model.change import Account, Commit, FileKind, Patch
from bot.model.enforcement import Protection
from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError
from bot.model.event import Event, PushSeen
from bot.model.ids import AccountId, Sha
from bot.model.subject import Repository, Subject

INSTALLATION = 0
JUST_NOW = timedelta(seconds=10)
"""What lets nothing through may be put on a merge request as it was read so long ago, without another look."""


@dataclass(frozen=True, slots=True)
class GitLab:
    """The port's `Forge` for gitlab.com and self-managed GitLab of any tier."""

    settings: GitLabSettings
    session: Session
    known: Known

    @classmethod
    def connect(cls, settings: GitLabSettings) -> "GitLab":
        """A client with its own session; no request is made yet."""
        session = Session(settings)
        return cls(settings, session, Known(session, settings.clock))

    @property
    def seal(self) -> Seal:
        """What our notes are sealed with."""
        return Seal.of(self.settings.secrets, self.settings.token)

    @property
    def name(self) -> str:
        """Its name in keys, rosters and case files."""
        return convert.FORGE

    def receive(self, headers: Mapping[str, str], body: bytes) -> Event | None:
        """See `Forge.receive`. Who we are is known once anything was read; until then own events ring too."""
        own = self.known.me.peek("own")
        return webhook.receive(headers, body, self.settings.secrets, self.settings.clock(), own)

    @convert.strict
    def acquaint(self) -> None:
        """See `Forge.acquaint`: one request."""
        self.known.own()

    def fetch_change(self, repository: Repository, number: int, written: Written | None = None) -> Reading:
        """See `Forge.fetch_change`: by GraphQL five requests, one fewer as long as head and base stay, and one more
        for the times of approvals; by REST nine, and two fewer.
        """
        return Reader(self.known, repository, number, self.settings.check_name, self.seal, written).read()

    def fetch_patches(self, repository: Repository, questions: Sequence[PatchQuestion]) -> Mapping[Sha, Patch]:
        """See `Forge.fetch_patches`: two requests for each folder that has changed files."""
        return History(self.known, repository).patches(questions)

    def fetch_commits(self, repository: Repository, base: str, head: Sha) -> tuple[Commit, ...]:
        """See `Forge.fetch_commits`."""
        return History(self.known, repository).commits(base, head)

    def fetch_notes(self, repository: Repository, notes: Sha, commits: Sequence[Sha]) -> Mapping[Sha, str]:
        """See `Forge.fetch_notes`: a request for each folder of notes, and one for each note."""
        return History(self.known, repository).notes(notes, commits)

    def fetch_kinds(self, repository: Repository, sha: Sha, paths: Sequence[str]) -> Mapping[str, FileKind]:
        """See `Forge.fetch_kinds`. Readings tell it themselves, by the diffs."""
        return History(self.known, repository).kinds(sha, paths)

    @convert.strict
    def fetch_pushes(self, repository: Repository, branch: str) -> tuple[PushSeen, ...]:
        """See `Forge.fetch_pushes`: those among the latest hundred of the project, oldest first."""
        listed = list(islice(self.session.pages(f"/projects/{repository.id}/events", action="pushed"), PAGE))
        of_branches = [entry for entry in listed if (entry.get("push_data") or {}).get("ref_type") == "branch"]
        return tuple(convert.push(entry) for entry in reversed(of_branches) if entry["push_data"]["ref"] == branch)

    def fetch_group(self, repository: Repository, group: Subject) -> tuple[int, ...]:
        """See `Forge.fetch_group`. A merge train checks approvals for each merge request, so it has no groups."""
        del repository, group
        return ()

    @convert.strict
    def publish(  # noqa: PLR0913, PLR0917  the port's
        self,
        repository: Repository,
        sha: Sha,
        check: Check,
        known: Published | None,
        number: int | None = None,
        base: str | None = None,
    ) -> Published:
        """See `Forge.publish`: three requests, by what the merge request has just now; what does not open the gate
        takes it as it was read a moment before.
        """
        publisher = Publisher(self.session, self.settings.check_name, self.known.own(), self.seal)
        if number is None:
            posted = publisher.status(repository, Pipeline(sha, ""), check, known)
            return Published(posted, check.state, check.digest)
        seen = self._standing(repository, number, check)
        found = seen.found
        if found["sha"] != sha or base not in {None, found["target_branch"]}:
            raise TryAgainError(f"{repository.name}!{number} moved while it was decided", after=MOVING_WAIT)
        postable = publishing.pipeline(found, repository.id) is not None
        here = grade.guard(self.known.facts(repository.id), publisher.own, found["target_branch"], postable=postable)
        ours = self._note(repository, number, publisher.own)
        target = Target(repository, found, here, ours, seen.waiting, seen.approving)
        published = publisher.put(target, check, known)
        if published.written is not None:
            self.known.notes.put((repository.id, number), published.written.id)
        return published

    def _standing(self, repository: Repository, number: int, check: Check) -> Standing:
        """The merge request, looked at again where the check would open the gate, with the id of our own status where
        the last reading saw that it counts there and waits.
        """
        seen, now = self.known.standing.take((repository.id, number)), self.settings.clock()
        if seen is not None and check.state is not CheckState.PASSED and seen.at <= now <= seen.at + JUST_NOW:
            return seen
        found = self.session.get(f"/projects/{repository.id}/merge_requests/{number}")
        place = publishing.pipeline(found, repository.id)
        same = seen is not None and publishing.pipeline(seen.found, repository.id) == place
        waiting = seen.waiting if seen is not None and same else None
        return Standing(now, found, waiting, approving=seen is None or seen.approving)

    def _note(self, repository: Repository, number: int, own: int) -> int | None:
        """Our note's id, as the last reading showed it, else looked for."""
        kept = self.known.notes.peek((repository.id, number))
        if kept is None:
            listed = self.session.pages(f"/projects/{repository.id}/merge_requests/{number}/notes")
            found = note.find(listed, own, note.Place(self.seal, repository.id, number))
            return found.id if found else None
        return kept or None

    @convert.strict
    def newest_check(self, repository: Repository, sha: Sha) -> Published | None:
        """See `Forge.newest_check`."""
        listed = publishing.statuses(self.session, repository, Pipeline(sha, ""), self.settings.check_name)
        return publishing.by_status(listed, None, Expected(sha, ""), self.known.own())

    def open_changes(self, repository: Repository) -> Iterator[OpenChange]:
        """See `Forge.open_changes`: a request for each hundred, and where the status is used one for each fifteen. One
        without a commit yet is left out.
        """
        path = f"/projects/{repository.id}/merge_requests"
        entries = self.session.pages(path, state="opened", order_by="created_at", sort="asc")
        listed = [entry for entry in entries if entry.get("sha")]
        yield from Marks(self.known, repository, self.settings.check_name).told(listed)

    def installations(self) -> Iterator[int]:
        """See `Forge.installations`: the one token."""
        yield INSTALLATION

    def repositories(self, installation: int | None = None) -> Iterator[Repository]:
        """See `Forge.repositories`: the projects that the bot is a member of."""
        del installation
        for entry in self.session.pages("/projects", membership="true", archived="false", simple="true"):
            yield convert.repository(entry)

    def read_files(self, repository: Repository, paths: Sequence[str], at: Sha | None = None) -> Snapshot:
        """See `Forge.read_files`. A project is asked for by its id, so that its name cannot deceive."""
        return History(self.known, repository).snapshot(paths, at)

    def fetch_history(
        self, repository: Repository, starts: Sequence[Sha], paths: Sequence[str], depth: int = PAGE
    ) -> Mapping[Sha, Step]:
        """See `Forge.fetch_history`: a request for each commit's tree that was not read before."""
        return History(self.known, repository).steps(starts, paths, depth)

    @convert.strict
    def account(self, repository: Repository, login: str) -> Account:
        """See `Forge.account`: two requests."""
        del repository
        for user in self.session.get("/users", username=login):
            if user["username"].casefold() == login.casefold():
                return convert.account(user, self.known.kinds([user["id"]]))
        raise GoneError(f"GitLab knows no user {login}")

    @convert.strict
    def team_members(self, repository: Repository, team: str) -> tuple[Account, ...]:
        """See `Forge.team_members`: the active members of a group itself. Whoever is in a group above it is a member
        too, by inheritance (GitLab's documentation); that makes nobody senior, as it makes nobody a code owner.
        """
        del repository
        members: dict[AccountId, Account] = {}
        for entry in self.session.pages(f"/groups/{quote(team, safe='')}/members"):
            if entry.get("state", "active") == "active" and entry.get("membership_state", "active") == "active":
                found = convert.account(entry, {})
                members |= {found.id: found} if found.id is not None else {}
        return tuple(members.values())

    def tips(self, repository: Repository, names: Sequence[str], starts: Sequence[str] = ()) -> Tips:
        """See `Forge.tips`: a request for each name, and for each hundred branches that begin so."""
        return History(self.known, repository).tips(names, starts)

    def merged_since(self, repository: Repository, since: datetime) -> Iterator[int]:
        """See `Forge.merged_since`."""
        path = f"/projects/{repository.id}/merge_requests"
        for each in self.session.pages(path, state="merged", updated_after=since.isoformat()):
            if each["merged_at"] and convert.time(each["merged_at"]) >= since:
                yield int(each["iid"])

    @convert.strict
    def origins(self, repository: Repository, sha: Sha) -> tuple[Origin, ...]:
        """See `Forge.origins`: one request."""
        path = f"/projects/{repository.id}/repository/commits/{sha}/merge_requests"
        return tuple(convert.origin(each) for each in self.session.pages(path))

    def protection(self, repository: Repository, branch: str) -> Protection:
        """See `Forge.protection`."""
        return grade.protection(self.guard(repository, branch), branch)

    def strangers(self, repository: Repository) -> Iterator[Stranger]:
        """See `Forge.strangers`. Every mark of a name is a status here, and each reading shows them (`foreign`)."""
        del repository
        return iter(())

    def examine(self, webhook: str | None, now: datetime) -> Examination:
        """See `Forge.examine`. Where webhooks lead only a Maintainer is shown."""
        del webhook
        return health.examine(self.session, now)

    def redeliver(self, failed: FailedDelivery) -> None:
        """See `Forge.redeliver`; none is ever named, since failed ones are not shown to the bot."""
        raise NeedsSomebodyError(f"only a Maintainer can have GitLab send {failed.delivery} again")

    def comment(self, repository: Repository, number: int, body: str) -> None:
        """See `Forge.comment`."""
        path = f"/projects/{repository.id}/merge_requests/{number}/notes"
        self.session.post(path, {"body": note.without_actions(body)})

    def guard(self, repository: Repository, base: str) -> Guard:
        """How hard the gate is on a branch, by what is read now."""
        return grade.guard(self.known.facts(repository.id), self.known.own(), base)
