"""GitHub behind the port: one GraphQL query reads a change, one REST request publishes its check.

Further requests are made only where they must: pages that did not fit, a renamed file, a patch to compare, an
abandoned head. Nothing is decided here, and nothing is answered from part of the data.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from bot.forges import onward
from bot.forges.github import convert, guarding, health, ids, patches, queries, reading, webhook, whole
from bot.forges.github.guarding import names
from bot.forges.github.session import ADMINISTRATOR, GitHubSettings, Session
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

Json = Mapping[str, Any]

MOST_COMPARED = 300
"""GitHub gives no more files of a comparison (REST documentation)."""
PATHS_AT_ONCE = 100
NOTES_AT_ONCE = 50
MOST_PATHS = 1000
"""A patch of more files than this is not compared; an approval of it is not carried over."""
TITLE_LENGTH = 250
SUMMARY_LENGTH = 65_535


@dataclass(frozen=True, slots=True)
class GitHub:
    """The port's `Forge` for github.com and GitHub Enterprise Server."""

    settings: GitHubSettings
    session: Session

    @classmethod
    def connect(cls, settings: GitHubSettings) -> "GitHub":
        """A client with its own session; no request is made yet."""
        return cls(settings, Session(settings))

    @property
    def name(self) -> str:
        """Its name in keys, rosters and case files."""
        return webhook.FORGE

    def receive(self, headers: Mapping[str, str], body: bytes) -> Event | None:
        """See `Forge.receive`."""
        lower = {name.lower(): value for name, value in headers.items()}
        webhook.verify(lower, body, self.settings.webhook_secrets)
        return webhook.parse(lower, body, self.settings.app_id, self.settings.check_name)

    def acquaint(self) -> None:
        """See `Forge.acquaint`. The settings say it."""

    def fetch_change(self, repository: Repository, number: int, written: Written | None = None) -> Reading:
        """See `Forge.fetch_change`: one request, and one more for each page that did not fit or a renamed file.

        Only an App can edit its checks.
        """
        del written
        return reading.read(self.session, repository, number, self.settings)

    @convert.strict
    def fetch_patches(self, repository: Repository, questions: Sequence[PatchQuestion]) -> Mapping[Sha, Patch]:
        """See `Forge.fetch_patches`: one request for up to a hundred paths, of all heads together."""
        known = {}
        for question in questions:
            answered = question if question.merge_base else self._compare(repository, question)
            if answered is not None and len(answered.paths) <= MOST_PATHS:
                known[question.head] = answered
        paths = sorted({path for question in known.values() for path in question.paths})
        sides = sorted({sha for q in known.values() for sha in (q.head, q.merge_base) if sha})
        if not paths or len(paths) > MOST_PATHS:
            return {}
        trees = self._trees(repository, sides, paths)
        return {
            head: Patch(head, patches.entries(trees[question.merge_base], trees[head], paths))
            for head, question in known.items()
            if question.merge_base in trees and head in trees and patches.all_differ(trees, question)
        }

    @convert.strict
    def _compare(self, repository: Repository, question: PatchQuestion) -> PatchQuestion | None:
        span = f"{quote(question.base, safe='')}...{question.head}"
        _, answer = self.session.rest(repository.installation, "GET", f"/repos/{repository.name}/compare/{span}")
        files = answer.get("files") or ()
        if len(files) >= MOST_COMPARED:
            return None
        paths = {path for entry in files for path in convert.rest_file(entry).changed_paths}
        return replace(question, merge_base=Sha(answer["merge_base_commit"]["sha"]), paths=tuple(sorted(paths)))

    def _trees(self, repository: Repository, sides: Sequence[Sha], paths: Sequence[str]) -> dict[Sha, dict[str, Json]]:
        trees: dict[Sha, dict[str, Json]] = {side: {} for side in sides}
        for start in range(0, len(paths), PATHS_AT_ONCE):
            part = paths[start : start + PATHS_AT_ONCE]
            variables = names(repository)
            variables |= {f"c{index}": side for index, side in enumerate(sides)}
            variables |= {f"p{index}": path for index, path in enumerate(part)}
            document = queries.patch_query(len(sides), len(part))
            found = self.session.graphql(repository.installation, document, variables)["repository"]
            for index, side in enumerate(sides):
                tree = found[f"c{index}"]
                if not tree:
                    trees.pop(side, None)
                elif side in trees:
                    trees[side] |= {path: tree[f"p{at}"] for at, path in enumerate(part) if tree[f"p{at}"]}
        return trees

    @convert.strict
    def fetch_commits(self, repository: Repository, base: str, head: Sha) -> tuple[Commit, ...]:
        """See `Forge.fetch_commits`."""
        span = f"{quote(base, safe='')}...{head}"
        path = f"/repos/{repository.name}/compare/{span}"
        return tuple(
            convert.rest_commit(entry) for entry in self.session.pages(repository.installation, path, "commits")
        )

    @convert.strict
    def fetch_notes(self, repository: Repository, notes: Sha, commits: Sequence[Sha]) -> Mapping[Sha, str]:
        """See `Forge.fetch_notes`: one request for up to fifty commits."""
        found: dict[Sha, str] = {}
        for start in range(0, len(commits), NOTES_AT_ONCE):
            places = [
                (sha, place) for sha in commits[start : start + NOTES_AT_ONCE] for place in convert.note_places(sha)
            ]
            variables = names(repository)
            variables |= {f"p{index}": f"{notes}:{place}" for index, (_, place) in enumerate(places)}
            document = queries.notes_query(len(places))
            answer = self.session.graphql(repository.installation, document, variables)["repository"]
            for index, (sha, _) in enumerate(places):
                blob = answer[f"p{index}"]
                if blob and blob.get("text"):
                    found[sha] = blob["text"]
        return found

    @convert.strict
    def fetch_kinds(self, repository: Repository, sha: Sha, paths: Sequence[str]) -> Mapping[str, FileKind]:
        """See `Forge.fetch_kinds`: one request for up to a hundred paths, and one more where a file is small enough to
        be a pointer to large-file storage.
        """
        entries = self._entries_at(repository, sha, paths, text=False)
        small = [path for path, entry in entries.items() if convert.may_point(entry)]
        entries |= self._entries_at(repository, sha, small, text=True)
        kinds = {path: convert.kind(entry) for path, entry in entries.items()}
        return {path: kind for path, kind in kinds.items() if kind is not FileKind.REGULAR}

    def _entries_at(
        self, repository: Repository, sha: Sha, paths: Sequence[str], *, text: bool
    ) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(paths), PATHS_AT_ONCE):
            part = paths[start : start + PATHS_AT_ONCE]
            variables = names(repository) | {"at": sha} | {f"p{index}": path for index, path in enumerate(part)}
            document = queries.kinds_query(len(part), text=text)
            commit = self.session.graphql(repository.installation, document, variables)["repository"]["commit"]
            if not commit:
                raise GoneError(f"GitHub knows no commit {sha[:7]} of {repository.name} (any more)")
            found |= {path: commit[f"p{index}"] for index, path in enumerate(part) if commit[f"p{index}"]}
        return found

    @convert.strict
    def fetch_pushes(self, repository: Repository, branch: str) -> tuple[PushSeen, ...]:
        """See `Forge.fetch_pushes`: the latest hundred of the repository's activity on that branch, oldest first."""
        path = f"/repos/{repository.name}/activity"
        listed = self.session.pages(repository.installation, path, ref=f"refs/heads/{branch}")
        return tuple(convert.push(entry) for entry in reversed(list(islice(listed, onward.PAGE))))

    @convert.strict
    def fetch_group(self, repository: Repository, group: Subject) -> tuple[int, ...]:
        """See `Forge.fetch_group`: the queue's entries up to the one whose commit this is."""
        base, sha = group.group
        found = self.session.graphql(repository.installation, queries.GROUP, {**names(repository), "branch": base})
        queue = (found["repository"] or {}).get("mergeQueue")
        listed = whole.nodes(queue["entries"], "entries of the merge queue") if queue else ()
        entries = sorted(listed, key=lambda entry: entry["position"])
        ends = [entry["position"] for entry in entries if (entry["headCommit"] or {}).get("oid") == sha]
        if not ends:
            return ()
        return tuple(entry["pullRequest"]["number"] for entry in entries if entry["position"] <= ends[0])

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
        """See `Forge.publish`: an open run is moved on; a completed one cannot go back, so a new one is made."""
        del number, base  # a check run is the commit's, whatever change it is for
        done = check.state is not CheckState.WAITING
        body: dict[str, Any] = {
            "name": self.settings.check_name,
            "status": "completed" if done else "in_progress",
            "external_id": check.digest,
            "output": {"title": check.title[:TITLE_LENGTH], "summary": check.summary[:SUMMARY_LENGTH]},
        }
        if done:
            body["conclusion"] = "success" if check.state is CheckState.PASSED else "failure"
        if check.details_url:
            body["details_url"] = check.details_url
        runs = f"/repos/{repository.name}/check-runs"
        answer = None
        if known is not None and known.state is CheckState.WAITING:
            with suppress(GoneError):  # it was deleted: a new one takes its place
                _, answer = self.session.rest(repository.installation, "PATCH", f"{runs}/{known.id}", body)
        if answer is None:
            _, answer = self.session.rest(repository.installation, "POST", runs, {**body, "head_sha": sha})
        if not isinstance(answer, dict) or answer.get("external_id") != check.digest:
            raise TryAgainError(f"GitHub did not confirm the check on {sha[:7]}")
        return Published(answer["id"], check.state, check.digest)

    @convert.strict
    def newest_check(self, repository: Repository, sha: Sha) -> Published | None:
        """See `Forge.newest_check`."""
        variables = {
            **names(repository),
            "sha": sha,
            "appId": self.settings.app_id,
            "checkName": self.settings.check_name,
        }
        found = self.session.graphql(repository.installation, queries.HEAD_CHECK, variables)["repository"]
        if not found or not found["object"]:
            raise GoneError(f"GitHub knows no commit {sha[:7]} in {repository.name} (any more)")
        return ids.published(self.session, repository, sha, found["object"], self.settings)

    @convert.strict
    def open_changes(self, repository: Repository) -> Iterator[OpenChange]:
        """See `Forge.open_changes`."""
        cursor, steps = None, onward.Steps(f"open changes of {repository.name}")
        while True:
            steps.take(cursor)
            variables = {**names(repository), "cursor": cursor}
            found = self.session.graphql(repository.installation, queries.OPEN_CHANGES, variables)["repository"]
            if not found:
                raise GoneError(f"GitHub knows no {repository.name} (any more)")
            page = found["pullRequests"]
            yield from map(convert.open_change, whole.nodes(page, f"open changes of {repository.name}"))
            if not page["pageInfo"]["hasNextPage"]:
                return
            cursor = page["pageInfo"]["endCursor"]

    @convert.strict
    def installations(self) -> Iterator[int]:
        """See `Forge.installations`. A suspended one is left out."""
        for entry in self.session.pages(None, "/app/installations"):
            if not entry.get("suspended_at"):
                yield int(entry["id"])

    @convert.strict
    def repositories(self, installation: int | None = None) -> Iterator[Repository]:
        """See `Forge.repositories`."""
        if installation is None:
            for each in self.installations():
                yield from self.repositories(each)
            return
        for entry in self.session.pages(installation, "/installation/repositories", "repositories"):
            if not entry.get("archived"):
                yield Repository(self.name, entry["id"], entry["full_name"], entry["default_branch"], installation)

    @convert.strict
    def read_files(self, repository: Repository, paths: Sequence[str], at: Sha | None = None) -> Snapshot:
        """See `Forge.read_files`: one request."""
        variables = names(repository) | {f"p{index}": path for index, path in enumerate(paths)}
        variables |= {"at": at} if at is not None else {}
        document = queries.files_query(len(paths), at=at is not None)
        found = self.session.graphql(repository.installation, document, variables)["repository"]
        if not found:
            raise GoneError(f"GitHub knows no {repository.name} (any more)")
        number = ids.repository_id(self.session, repository, found)
        if number != repository.id:
            raise NeedsSomebodyError(f"{repository.name} is another repository now (id {number})")
        branch = found["defaultBranchRef"] or {"name": "", "commit": None}
        commit = branch["commit"] if at is None else found["commit"]
        if not commit:
            raise GoneError(f"GitHub knows no commit {at or 'on the default branch'} of {repository.name} (any more)")
        known = replace(repository, name=found["nameWithOwner"], default_branch=branch["name"])
        return Snapshot(known, Sha(commit["oid"]), convert.contents(commit, paths))

    @convert.strict
    def fetch_history(
        self, repository: Repository, starts: Sequence[Sha], paths: Sequence[str], depth: int = PATHS_AT_ONCE
    ) -> Mapping[Sha, Step]:
        """See `Forge.fetch_history`: one request."""
        variables = names(repository) | {"depth": depth}
        variables |= {f"c{index}": start for index, start in enumerate(starts)}
        variables |= {f"p{index}": path for index, path in enumerate(paths)}
        document = queries.history_query(len(starts), len(paths))
        found = self.session.graphql(repository.installation, document, variables)["repository"]
        commits = [found[f"c{index}"] for index in range(len(starts))]
        listed = (whole.nodes(each["history"], "commits of a history") for each in commits if each)
        steps = [convert.step(node, paths) for shown in listed for node in shown]
        return {step.sha: step for step in steps}

    @convert.strict
    def account(self, repository: Repository, login: str) -> Account:
        """See `Forge.account`: one request."""
        _, user = self.session.rest(repository.installation, "GET", f"/users/{quote(login, safe='')}")
        return convert.rest_account(user)

    @convert.strict
    def team_members(self, repository: Repository, team: str) -> tuple[Account, ...]:
        """See `Forge.team_members`: read as its own organization's installation, since others are shown none of it."""
        organization, _, slug = team.partition("/")
        repository = replace(repository, installation=self._installed(repository, organization))
        members: dict[AccountId, Account] = {}
        cursor, steps = None, onward.Steps(f"members of {team}")
        while True:
            steps.take(cursor)
            variables = {"organization": organization, "team": slug, "cursor": cursor}
            found = self.session.graphql(repository.installation, queries.TEAM_MEMBERS, variables)["organization"]
            if not found or not found["team"]:
                raise GoneError(f"GitHub knows no team {team} that the App can read")
            page = found["team"]["members"]
            shown = whole.nodes(page, f"members of {team}")
            if any(node["databaseId"] is None for node in shown):
                return ids.members(self.session, repository, team)
            members |= {AccountId(each["databaseId"]): convert.member(each) for each in shown}
            if not page["pageInfo"]["hasNextPage"]:
                return tuple(members.values())
            cursor = page["pageInfo"]["endCursor"]

    def _installed(self, repository: Repository, organization: str) -> int:
        """The App's installation of an organization; the repository's where that is none of others."""
        owner = repository.name.partition("/")[0]
        if owner.casefold() == organization.casefold() or repository.installation == ADMINISTRATOR:
            return repository.installation
        for entry in self.session.pages(None, "/app/installations"):
            login = (entry.get("account") or {}).get("login") or ""
            if login.casefold() == organization.casefold() and not entry.get("suspended_at"):
                return int(entry["id"])
        return repository.installation

    def tips(self, repository: Repository, names: Sequence[str], starts: Sequence[str] = ()) -> Tips:
        """See `Forge.tips`."""
        return guarding.tips(self.session, repository, names, starts)

    def merged_since(self, repository: Repository, since: datetime) -> Iterator[int]:
        """See `Forge.merged_since`."""
        return guarding.merged_since(self.session, repository, since)

    def origins(self, repository: Repository, sha: Sha) -> tuple[Origin, ...]:
        """See `Forge.origins`: one request."""
        return guarding.origins(self.session, repository, sha)

    def protection(self, repository: Repository, branch: str) -> Protection:
        """See `Forge.protection`."""
        return guarding.protection(self.session, repository, branch, self.settings.check_name, self.settings.app_id)

    def strangers(self, repository: Repository) -> Iterator[Stranger]:
        """See `Forge.strangers`: one request for each fifty open changes."""
        return guarding.strangers(self.session, repository, self.settings.check_name, self.settings.app_id)

    def examine(self, webhook: str | None, now: datetime) -> Examination:
        """See `Forge.examine`."""
        return health.examine(self.session, webhook, now)

    def redeliver(self, failed: FailedDelivery) -> None:
        """See `Forge.redeliver`."""
        self.session.app_rest("POST", f"/app/hook/deliveries/{failed.id}/attempts")

    def comment(self, repository: Repository, number: int, body: str) -> None:
        """See `Forge.comment`."""
        path = f"/repos/{repository.name}/issues/{number}/comments"
        self.session.rest(repository.installation, "POST", path, {"body": body})
