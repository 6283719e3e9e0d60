"""Ids that a GraphQL answer leaves out: by the schema a `databaseId` may be null, and its Int is too small for many.

REST tells them whole, so it is asked where one is missing, and only there. Nothing is taken for another thing by a name
alone.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from bot.forges.github import convert
from bot.forges.github.session import GitHubSettings, Session
from bot.forges.port import Published
from bot.model.change import Account
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]


@convert.strict
def published(
    session: Session, repository: Repository, sha: Sha, node: Json, settings: GitHubSettings
) -> Published | None:
    """Our newest check run on a commit that GraphQL answered with `ourChecks`; of several the one made last."""
    runs = convert.check_runs(node)
    if runs is None:
        path = f"/repos/{repository.name}/commits/{sha}/check-runs"
        asked = {"check_name": settings.check_name, "app_id": settings.app_id, "filter": "all"}
        listed = session.pages(repository.installation, path, "check_runs", **asked)
        runs = tuple(convert.rest_check_run(run) for run in listed)
    return max(runs, key=lambda run: run.id, default=None)


@convert.strict
def members(session: Session, repository: Repository, team: str) -> tuple[Account, ...]:
    """Who is in the team `organization/name`."""
    organization, _, slug = team.partition("/")
    path = f"/orgs/{quote(organization, safe='')}/teams/{quote(slug, safe='')}/members"
    return tuple(convert.rest_account(each) for each in session.pages(repository.installation, path))


@convert.strict
def repository_id(session: Session, repository: Repository, found: Json) -> int:
    """The id of the repository that GraphQL answered with `found` to the name of `repository`."""
    if found["databaseId"] is not None:
        return int(found["databaseId"])
    _, told = session.rest(repository.installation, "GET", f"/repos/{repository.name}")
    return int(told["id"])
