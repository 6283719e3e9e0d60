"""What a CI job's own token can read of one change: who opened it, what people say it is, and who approved.

For `signoff check --change` on a machine without the service. It remembers nothing and saw nothing happen, so where the
forge does not tell when the head moved or an approval was given, that approval is left out. It writes nothing anywhere.
Facts from the forges' published REST documentation.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from bot.forges import onward
from bot.model.change import Account, AccountKind, Change, Head, Review, ReviewState
from bot.model.errors import BadInputError, NeedsSomebodyError, TryAgainError
from bot.model.ids import AccountId, Sha

NAMED = re.compile(r"(github|gitlab):([\w.-]+(?:/[\w.-]+)+)[#!]([0-9]+)")
TIMEOUT = 20
MOVES = frozenset({"head_ref_force_pushed", "base_ref_changed", "automatic_base_change_succeeded"})
"""After which GitHub may show an approval at a head or for a base that it was not given for (its list of events)."""
STATES = {
    "APPROVED": ReviewState.APPROVED,
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A change as the forge shows it: everything but its commits and files, which a clone has."""

    forge: str
    repository: str
    number: int
    head: Head
    base: str
    default_branch: str
    branch: str
    author: Account
    title: str
    body: str
    labels: tuple[str, ...]
    reviews: tuple[Review, ...]

    def onto(self, change: Change) -> Change:
        """A clone's range with all of this. BadInputError when the clone stands on another head."""
        if change.head.sha != self.head.sha:
            raise BadInputError(f"the range ends at {change.head.sha[:10]}, the change stands at {self.head.sha[:10]}")
        return replace(
            change, forge=self.forge, repository=self.repository, number=self.number, head=self.head, base=self.base,
            default_branch=self.default_branch, branch=self.branch, author=self.author, title=self.title,
            body=self.body, labels=self.labels, reviews=self.reviews,
        )  # fmt: skip


def look(name: str, now: datetime) -> Seen:
    """The change that `github:owner/name#7` or `gitlab:group/project!7` names. `now` stands for a time not told.

    GITHUB_TOKEN and GITHUB_API_URL, or SIGNOFF_GITLAB_TOKEN and CI_SERVER_URL, say how to ask.
    """
    found = NAMED.fullmatch(name)
    if found is None:
        raise BadInputError(f"--change {name!a}: write github:OWNER/NAME#NUMBER or gitlab:GROUP/PROJECT!NUMBER")
    forge, repository, number = found[1], found[2], int(found[3])
    try:
        if forge == "github":
            return _github(repository, number, now)
        return _gitlab(repository, number, now)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TryAgainError(f"the forge's answer about {name} cannot be read: {type(error).__name__}") from None


class _Door:
    def __init__(self, api: str, headers: Mapping[str, str]) -> None:
        self._api, self._headers = api.rstrip("/"), headers

    def get(self, path: str) -> Any:
        """One answer."""
        return self._asked(path, {}).json()

    def pages(self, path: str, key: str | None = None) -> Iterator[Any]:
        """All entries of a list; one that does not end is no answer."""
        walk = onward.Walk(path)
        while walk.query is not None:
            answer = self._asked(path, walk.query)
            found = answer.json()
            entries = found[key] if key else found
            yield from entries
            walk.told(answer.headers, len(entries), found.get("total_count") if key else None)

    def _asked(self, path: str, query: Mapping[str, str]) -> requests.Response:
        try:
            answer = requests.get(
                self._api + path, query, headers=self._headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise TryAgainError(f"{self._api} was not reached: {type(error).__name__}") from None
        if answer.status_code >= requests.codes.server_error or answer.status_code == requests.codes.too_many_requests:
            raise TryAgainError(f"{path}: the forge answers {answer.status_code}; run this again later")
        if answer.status_code != requests.codes.ok:
            raise NeedsSomebodyError(f"{path}: the forge answers {answer.status_code}: may the token read this?")
        return answer


def _github(repository: str, number: int, now: datetime) -> Seen:
    token = os.environ.get("GITHUB_TOKEN", "")
    headers = {"Accept": "application/vnd.github+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    door = _Door(os.environ.get("GITHUB_API_URL") or "https://api.github.com", headers)
    pull = door.get(f"/repos/{repository}/pulls/{number}")
    sha = Sha(pull["head"]["sha"])
    suites = door.pages(f"/repos/{repository}/commits/{sha}/check-suites", "check_suites")
    arrived = min((_time(each["created_at"]) for each in suites), default=now)
    events = door.pages(f"/repos/{repository}/issues/{number}/timeline")
    moves = [_time(each["created_at"]) for each in events if each.get("event") in MOVES]
    reviews = door.pages(f"/repos/{repository}/pulls/{number}/reviews")
    return Seen(
        forge="github",
        repository=repository,
        number=number,
        head=Head(sha, max([arrived, *moves])),
        base=str(pull["base"]["ref"]),
        default_branch=str(pull["base"]["repo"]["default_branch"]),
        branch=str(pull["head"]["ref"]),
        author=_account(pull["user"]),
        title=str(pull["title"]),
        body=str(pull["body"] or ""),
        labels=tuple(str(each["name"]) for each in pull["labels"]),
        reviews=tuple(_review(each) for each in reviews if each["state"] in STATES and each.get("user")),
    )


def _review(entry: Mapping[str, Any]) -> Review:
    sha = Sha(entry["commit_id"]) if entry.get("commit_id") else None
    return Review(int(entry["id"]), _account(entry["user"]), STATES[entry["state"]], sha, _time(entry["submitted_at"]))


def _account(user: Mapping[str, Any]) -> Account:
    kind = AccountKind.USER if user.get("type") == "User" else AccountKind.BOT
    return Account(str(user["login"]), AccountId(int(user["id"])), kind)


def _gitlab(repository: str, number: int, now: datetime) -> Seen:
    from bot.forges.gitlab import convert  # noqa: PLC0415  brings GitLab's client with it: not for every other check

    def member(user: Mapping[str, Any]) -> Account:
        return convert.account(user, {user["id"]: convert.kind(user)})

    del now
    token = os.environ.get("SIGNOFF_GITLAB_TOKEN", "")
    if not token:
        raise BadInputError(
            "SIGNOFF_GITLAB_TOKEN is needed: a token with read_api; the job's own cannot read approvals"
        )
    server = os.environ.get("CI_SERVER_URL") or "https://gitlab.com"
    door = _Door(f"{server.rstrip('/')}/api/v4", {"PRIVATE-TOKEN": token})
    project = door.get(f"/projects/{quote(repository, safe='')}")
    path = f"/projects/{int(project['id'])}/merge_requests/{number}"
    merge, given = door.get(path), door.get(f"{path}/approvals")
    newest = max(door.pages(f"{path}/versions"), key=lambda each: int(each["id"]))
    sha = Sha(merge["sha"])
    if newest["head_commit_sha"] != sha:
        raise TryAgainError("the merge request is moving; run this again")
    moved = _time(newest["created_at"])
    told = [each for each in given["approved_by"] if each.get("approved_at")]
    approved = tuple(
        Review(convert.review_id(who["id"]), member(who), ReviewState.APPROVED, sha, _time(each["approved_at"]))
        for each in told
        if (who := each["user"]).get("state", "active") == "active"
    )
    asked, notes = door.pages(f"{path}/reviewers"), tuple(door.pages(f"{path}/notes"))
    objected = convert.objections(asked, notes, {}, moved)
    return Seen(
        forge="gitlab",
        repository=repository,
        number=number,
        head=Head(sha, moved),
        base=str(merge["target_branch"]),
        default_branch=str(project["default_branch"]),
        branch=str(merge["source_branch"]),
        author=member(merge["author"]),
        title=str(merge["title"]),
        body=str(merge["description"] or ""),
        labels=tuple(map(str, merge["labels"])),
        reviews=convert.words(objected, approved),
    )


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found
