"""What GitHub's schema lets an answer leave out: it is asked for elsewhere, or the change is held and says what."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.forges.github.client import GitHub
from bot.forges.github.login import GitHubLogIn
from bot.forges.github.session import ADMINISTRATOR, GitHubSettings
from bot.forges.port import CheckState, Reading
from bot.model.errors import TryAgainError
from bot.model.subject import Repository
from tests.forges.wire import Answer, Asked, Wire, wired

NUMBER = 5_000_000_000
"""An id that GraphQL's Int is too small for."""
HEAD = "a" * 40
NOON = "2026-11-20T12:00:00Z"
REPOSITORY = Repository("github", 7, "acme/payments", "main", ADMINISTRATOR)
GRACE = {"login": "grace", "databaseId": 1001}
JO = {"__typename": "User", "login": "jo", "databaseId": 101}


def listed(*nodes: Any) -> dict[str, Any]:
    """A connection with one page."""
    ends = {"hasNextPage": False, "endCursor": None, "hasPreviousPage": False, "startCursor": None}
    return {"totalCount": len(nodes), "pageInfo": ends, "nodes": list(nodes)}


def pull() -> dict[str, Any]:
    """A pull request with one of each, as GraphQL tells it."""
    user = {"name": "Jo", "email": "jo@example.com", "user": {"login": "jo", "databaseId": 101}}
    run = {"databaseId": 5, "status": "COMPLETED", "conclusion": "SUCCESS", "externalId": "d1", "startedAt": NOON}
    suite = {"createdAt": NOON, "checkRuns": {"nodes": [{**run, "summary": ""}]}}
    tip = {"oid": HEAD, "checkSuites": {"nodes": [suite]}, "status": None}
    commit = {
        "oid": HEAD, "message": "Add retry", "author": user, "committer": user,
        "parents": listed({"oid": "b" * 40}), "signature": None,
    }  # fmt: skip
    review = {
        "fullDatabaseId": str(NUMBER), "state": "APPROVED", "submittedAt": NOON, "authorCanPushToRepository": True,
        "author": JO, "commit": {"oid": HEAD},
    }  # fmt: skip
    said = {
        "fullDatabaseId": "3", "createdAt": NOON, "lastEditedAt": None, "includesCreatedEdit": False, "body": "Hm",
        "author": JO,
    }  # fmt: skip
    labelled = {"__typename": "LabeledEvent", "createdAt": NOON, "actor": JO, "label": {"name": "bug"}}
    return {
        "number": 7, "url": "https://github.example.com/acme/payments/pull/7", "state": "OPEN", "title": "Add retry",
        "body": "Now", "createdAt": NOON, "updatedAt": NOON, "mergedAt": None,
        "isCrossRepository": False, "mergedBy": None, "mergeCommit": None, "author": JO, "editor": None,
        "userContentEdits": listed({"editedAt": NOON, "diff": "Then"}), "headRefName": "retry", "headRefOid": HEAD,
        "baseRefName": "main", "baseRefOid": "b" * 40, "changedFiles": 1, "labels": listed({"name": "bug"}),
        "commits": listed({"commit": commit}), "reviews": listed(review), "comments": listed(said),
        "files": listed({"path": "a.py", "additions": 1, "deletions": 0, "changeType": "MODIFIED"}),
        "timelineItems": listed(labelled),
        "head": listed({"commit": tip}),
    }  # fmt: skip


def repository(shown: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A repository as GraphQL tells it."""
    return {
        "databaseId": 7, "nameWithOwner": "acme/payments", "isArchived": False, "defaultBranchRef": {"name": "main"},
        "notes": None, "localRules": None, "pullRequest": shown, **more,
    }  # fmt: skip


def by_rest(asked: Asked) -> Any:
    """What REST tells, whose ids are whole."""
    run = {
        "id": NUMBER, "status": "completed", "conclusion": "success", "external_id": "d2", "started_at": NOON,
        "output": {"summary": None},
    }  # fmt: skip
    older = {**run, "id": NUMBER - 1, "external_id": "d1"}
    renamed = {"filename": "b.py", "status": "renamed", "previous_filename": "a.py", "additions": 0, "deletions": 0}
    return {
        f"/repos/acme/payments/commits/{HEAD}/check-runs": {"total_count": 2, "check_runs": [run, older]},
        "/repos/acme/payments/pulls/7/files": [renamed],
        "/repos/acme/payments": {"id": 7},
        "/orgs/acme/teams/seniors/members": [{"login": "grace", "id": NUMBER, "type": "User"}],
    }[asked.path]


@contextmanager
def told(data: dict[str, Any], **more: Any) -> Iterator[tuple[GitHub, Wire]]:
    """A client of a GitHub that answers every query so, `more` beside the data."""

    def answer(asked: Asked) -> Answer:
        return {}, {"data": data, **more} if asked.path == "/graphql" else by_rest(asked)

    with wired(answer) as wire:
        settings = GitHubSettings(1, "key", (), api_url=wire.url, admin_token="token")
        yield GitHub.connect(settings), wire


def read(shown: dict[str, Any], **more: Any) -> tuple[Reading, list[str]]:
    """The reading, and the paths of what was asked of REST for it."""
    with told({"repository": repository(shown)}, **more) as (forge, wire):
        found = forge.fetch_change(REPOSITORY, 7)
    return found, [each.path for each in wire.asked if each.path != "/graphql"]


def test_what_is_told_as_a_whole_needs_one_request() -> None:
    """The ground for what follows."""
    found, asked = read(pull())
    assert asked == []
    assert (found.change.complete, found.change.missing) == (True, ())
    assert found.published is not None
    assert (found.published.id, found.published.state) == (5, CheckState.PASSED)


def nothing(shown: dict[str, Any], key: str) -> None:
    shown[key] = None


def no_list(shown: dict[str, Any], key: str) -> None:
    shown[key] = {**shown[key], "nodes": None}


def a_hole(shown: dict[str, Any], key: str) -> None:
    shown[key] = {**shown[key], "nodes": [*shown[key]["nodes"], None]}


@pytest.mark.parametrize("spoil", [nothing, no_list, a_hole])
@pytest.mark.parametrize(
    ("key", "missing"),
    [
        ("labels", "labels"),
        ("commits", "commits"),
        ("reviews", "reviews"),
        ("comments", "comments"),
        ("timelineItems", "history"),
        ("userContentEdits", "former texts"),
    ],
)
def test_a_list_that_is_null_is_missing_and_no_empty_list(
    spoil: Callable[[dict[str, Any], str], None], key: str, missing: str
) -> None:
    """Nothing passes, nothing breaks, and people are told what to look for. A body that nobody edited has no edits."""
    shown = pull()
    spoil(shown, key)
    found, _ = read(shown)
    never_edited = (spoil, key) == (nothing, "userContentEdits")
    assert found.change.missing == (() if never_edited else (missing,))
    assert found.change.complete is never_edited


@pytest.mark.parametrize("spoil", [no_list, a_hole])
def test_a_head_that_is_not_shown_is_missing(spoil: Callable[[dict[str, Any], str], None]) -> None:
    """Nobody knows what stands on it, and when it arrived."""
    shown = pull()
    spoil(shown, "head")
    found, _ = read(shown)
    assert found.change.missing == ("commits",)


@pytest.mark.parametrize("spoil", [nothing, no_list, a_hole])
def test_files_that_graphql_does_not_show_are_asked_of_rest(spoil: Callable[[dict[str, Any], str], None]) -> None:
    """It tells them all, and renamed ones too."""
    shown = pull()
    spoil(shown, "files")
    found, asked = read(shown)
    assert asked == ["/repos/acme/payments/pulls/7/files"]
    assert ([file.previous_path for file in found.change.files], found.change.complete) == (["a.py"], True)


@pytest.mark.parametrize("spoil", [nothing, no_list, a_hole])
def test_checks_that_graphql_does_not_show_are_asked_of_rest(spoil: Callable[[dict[str, Any], str], None]) -> None:
    """Ours may be among them; and without the suites nobody knows when the commit arrived."""
    shown = pull()
    tip = shown["head"]["nodes"][0]["commit"]
    spoil(tip, "checkSuites")
    found, asked = read(shown)
    assert asked == [f"/repos/acme/payments/commits/{HEAD}/check-runs"]
    assert found.published is not None
    assert (found.published.id, found.published.digest) == (NUMBER, "d2"), "the newest"
    assert found.change.missing == ("check suites",)


@pytest.mark.parametrize(
    "errors",
    [
        (),
        (
            {
                "message": "Int cannot represent it",
                "path": ["repository", "pullRequest", "head", "nodes", 0, "databaseId"],
            },
        ),
    ],
)
def test_an_id_that_is_too_large_for_graphql_is_asked_of_rest(errors: tuple[Any, ...]) -> None:
    """With an error beside it or without one; an error about anything else is still no answer."""
    shown = pull()
    shown["head"]["nodes"][0]["commit"]["checkSuites"]["nodes"][0]["checkRuns"]["nodes"][0]["databaseId"] = None
    found, asked = read(shown, errors=list(errors))
    assert asked == [f"/repos/acme/payments/commits/{HEAD}/check-runs"]
    assert found.published is not None
    assert (found.published.id, found.change.complete) == (NUMBER, True)
    for other in ({"message": "no", "path": ["repository", "pullRequest", "labels"]}, {"message": "no"}, "no"):
        with pytest.raises(TryAgainError):
            read(shown, errors=[*errors, other])


def test_a_repository_and_a_team_without_ids_are_asked_of_rest() -> None:
    """What has another number is another repository, whatever it is called."""
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [{"login": "grace", "databaseId": None}]}
    data = {"repository": repository(pull(), databaseId=None), "organization": {"team": {"members": page}}}
    with told(data) as (forge, _):
        assert forge.fetch_change(REPOSITORY, 7).repository.id == 7
        (member,) = forge.team_members(REPOSITORY, "acme/seniors")
        assert member.id == NUMBER
    with told({"r0": {"databaseId": None}}) as (_, wire):
        log_in = GitHubLogIn.at(wire.url, wire.url, f"{wire.url}/graphql", ("client", "secret"))
        assert log_in.readable("token", [REPOSITORY]) == {7}


def test_a_team_is_read_as_the_installation_of_its_own_organization() -> None:
    """Another organization's is shown none of it: it would find the team empty, and that for everybody."""
    listed = [{"id": 1, "account": {"login": "other"}}, {"id": 2, "account": {"login": "Acme"}, "suspended_at": None}]
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": [{"__typename": "User", **GRACE}]}

    def answer(asked: Asked) -> Answer:
        if asked.path == "/app/installations":
            return {}, listed
        if asked.path.endswith("/access_tokens"):
            return {}, {"token": "t", "expires_at": "2099-01-01T00:00:00Z"}
        return {}, {"data": {"organization": {"team": {"members": page}}}}

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
    with wired(answer) as wire:
        forge = GitHub.connect(GitHubSettings(1, pem, (), api_url=wire.url))
        (member,) = forge.team_members(Repository("github", 9, "other/site", "main", 1), "acme/seniors")
    assert member.id == 1001
    assert [each.path for each in wire.asked if "access_tokens" in each.path] == ["/app/installations/2/access_tokens"]


@pytest.mark.parametrize("nodes", [None, [None]])
def test_a_listing_with_holes_is_no_listing(nodes: Any) -> None:
    """Part of a list would look like the end of what is left out."""
    page = {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": nodes}
    shown = {"databaseId": 7, "pullRequests": page, "refs": page}
    with told({"repository": shown, "organization": {"team": {"members": page}}}) as (forge, _):
        for ask in (
            lambda: list(forge.open_changes(REPOSITORY)),
            lambda: list(forge.strangers(REPOSITORY)),
            lambda: forge.team_members(REPOSITORY, "acme/seniors"),
            lambda: forge.tips(REPOSITORY, (), ("release/",)),
        ):
            with pytest.raises(TryAgainError, match="did not show all"):
                ask()


def test_a_listing_that_is_misshapen_is_asked_for_again() -> None:
    """Also where it is read little by little."""
    with told({"repository": {"pullRequests": {"nodes": [{}]}}}) as (forge, _):
        for listing in (forge.open_changes(REPOSITORY), forge.strangers(REPOSITORY)):
            with pytest.raises(TryAgainError, match="cannot be read"):
                list(listing)
