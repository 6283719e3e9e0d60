"""Making the App: what it asks for and why, the manifest that says so, and the first steps as the App.

The manifest's code becomes the App exactly once, so whoever calls `exchange` must be able to keep what comes back. What
only an owner may do (requiring the check) is done with that person's own token, which is used and not kept.

Facts from GitHub's documentation: "Registering a GitHub App from a manifest", "Available rules for rulesets".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from bot.forges.github.session import PERMISSIONS, GitHubSettings, Session
from bot.model.errors import GoneError, NeedsSomebodyError, TryAgainError

PUBLIC = "https://github.com"
PUBLIC_API = "https://api.github.com"
TIMEOUT = 20

REASONS: Mapping[str, str] = {
    "checks": "publish the check that a ruleset requires",
    "contents": "read commits, files, the policy repository and a repository's own .signoff.yaml",
    "issues": "answer commands in comments",
    "members": "read the teams that the roster names",
    "merge_queues": "be told of merge groups and judge them",
    "metadata": "list repositories; every App has it",
    "pull_requests": "read changes, reviews and comments",
    "statuses": "without it GitHub does not offer the App as the source of a required check; no status is written",
}
"""Why each permission is asked for; which they are is `PERMISSIONS`."""

EVENTS: Mapping[str, str] = {
    "check_run": "somebody asks for the check to be run again",
    "check_suite": "likewise, for all checks",
    "issue_comment": "commands in comments",
    "merge_group": "a merge queue wants a verdict",
    "pull_request": "a change is opened, pushed to, edited, retargeted, closed",
    "pull_request_review": "an approval or objection is given, changed or dismissed",
    "push": "commits land; rules may have changed",
    "repository": "repositories are renamed, archived, deleted",
    "status": "somebody else sets a status with the name of our check",
}
"""What the App is told of, and why. Installations are told of without being asked for."""


@dataclass(frozen=True, slots=True)
class Host:
    """One GitHub: where people open it and where its API is. `web` without a slash at the end."""

    web: str = PUBLIC

    @property
    def api(self) -> str:
        """The API's address: of github.com, of an enterprise on ghe.com, or of a GitHub Enterprise Server."""
        if self.web.endswith(".ghe.com"):  # GitHub's documentation of data residency
            return self.web.replace("://", "://api.")
        return PUBLIC_API if self.web == PUBLIC else f"{self.web}/api/v3"

    def making(self, organization: str | None, state: str) -> str:
        """Where the form with the manifest is sent."""
        where = f"/organizations/{quote(organization)}" if organization else ""
        return f"{self.web}{where}/settings/apps/new?state={state}"


@dataclass(frozen=True, slots=True)
class App:
    """The App as GitHub made it."""

    id: int
    slug: str
    html_url: str
    permissions: Mapping[str, str]
    events: frozenset[str]
    client_id: str
    client_secret: str = field(repr=False)
    key: str = field(repr=False)
    webhook_secret: str = field(repr=False)

    def missing(self) -> list[str]:
        """What we need and it has not got, in words."""
        return lacking(self.permissions) + [f"event {name}" for name in EVENTS if name not in self.events]

    def too_much(self) -> list[str]:
        """What it has and we do not need."""
        more = [f"{name}:{level}" for name, level in self.permissions.items() if name not in PERMISSIONS]
        more += [
            f"{name}:{level}"
            for name, level in self.permissions.items()
            if PERMISSIONS.get(name) == "read" and level != "read"
        ]
        return sorted(more)


def lacking(granted: Mapping[str, str]) -> list[str]:
    """Which of the permissions we need are not granted, in words."""
    enough = {"read": {"read", "write", "admin"}, "write": {"write", "admin"}}
    return [f"{name}:{level}" for name, level in PERMISSIONS.items() if granted.get(name) not in enough[level]]


def manifest(name: str, public_url: str, redirect_url: str) -> dict[str, Any]:
    """The App to be made: least permissions, private, told of what we act on."""
    return {
        "name": name,
        "url": public_url,
        "hook_attributes": {"url": f"{public_url}/webhooks/github", "active": True},
        "redirect_url": redirect_url,
        "callback_urls": [f"{public_url}/login/github/callback"],
        "description": "Keeps AI-assisted changes from merging until a senior engineer signed exactly what is merged.",
        "public": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": sorted(EVENTS),
    }


def exchange(host: Host, code: str) -> App:
    """The App for a code, once. NeedsSomebodyError when GitHub does not know the code (any more)."""
    answer = _asked("POST", f"{host.api}/app-manifests/{quote(code, safe='')}/conversions")
    if answer.status_code != requests.codes.created:
        raise NeedsSomebodyError(
            f"GitHub does not take the code ({answer.status_code}): it is good once and for an hour"
        )
    found = _json(answer)
    try:
        return App(
            id=int(found["id"]),
            slug=str(found["slug"]),
            html_url=str(found["html_url"]),
            permissions={str(name): str(level) for name, level in found["permissions"].items()},
            events=frozenset(map(str, found["events"])),
            client_id=str(found["client_id"] or ""),
            client_secret=str(found["client_secret"] or ""),
            key=str(found["pem"]),
            webhook_secret=str(found["webhook_secret"] or ""),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NeedsSomebodyError("GitHub's answer is no App: is this address GitHub's?") from None


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the App is installed, with what was granted there."""

    id: int
    account: str
    permissions: Mapping[str, str]


class FirstSteps:
    """What is done as the App once there is one."""

    def __init__(self, settings: GitHubSettings) -> None:
        self._settings = settings
        self._session = Session(settings)

    def installed(self) -> Installed | None:
        """The newest installation, or none yet."""
        found = list(self._session.pages(None, "/app/installations"))
        newest = max(found, key=lambda each: int(each["id"]), default=None)
        if newest is None:
            return None
        return Installed(int(newest["id"]), str(newest["account"]["login"]), dict(newest["permissions"]))

    def slug(self) -> str:
        """The App's name in addresses."""
        return str(self._session.app_rest("GET", "/app")[1]["slug"])

    def repositories(self, installation: int) -> list[str]:
        """The full names of what it reaches."""
        found = self._session.pages(installation, "/installation/repositories", key="repositories")
        return sorted(str(each["full_name"]) for each in found)

    def first_check(self, installation: int, repository: str) -> str:
        """A completed check on the tip of the default branch, which makes GitHub offer it; the branch's name.

        It is `cancelled`, which satisfies no rule: nothing was judged. One that is there is left alone.
        """
        branch = self.default_branch(installation, repository)
        _, tip = self._session.rest(installation, "GET", f"/repos/{repository}/branches/{quote(branch, safe='')}")
        sha, name = str(tip["commit"]["sha"]), self._settings.check_name
        _, runs = self._session.rest(
            installation, "GET", f"/repos/{repository}/commits/{sha}/check-runs", check_name=name
        )
        if not any((run.get("app") or {}).get("id") == self._settings.app_id for run in runs["check_runs"]):
            summary = "The App is installed and may write its check. This commit was there before and was not judged."
            output = {"title": "Installed; this commit was not judged", "summary": summary}
            body = {"name": name, "head_sha": sha, "status": "completed", "conclusion": "cancelled", "output": output}
            self._session.rest(installation, "POST", f"/repos/{repository}/check-runs", body)
        return branch

    def default_branch(self, installation: int, repository: str) -> str:
        """The default branch of a repository."""
        return str(self._session.rest(installation, "GET", f"/repos/{repository}")[1]["default_branch"])

    def required(self, installation: int, repository: str, branch: str) -> str | None:
        """Why the check is not required of a branch with this App as its only source; None when it is."""
        name = self._settings.check_name
        sources = {app for app, _ in self._sources(installation, repository, branch)}
        if self._settings.app_id in sources:
            return None
        if None in sources:
            return "the check is required from any source: anybody with write access can forge it; choose this App"
        if sources:
            return f"the check {name} of {branch} is required of another App, and not of this one"
        return f"no ruleset in force requires the check {name} of {branch}"

    def barred(self, installation: int, repository: str, branch: str) -> list[str]:
        """The rules that require the check of another App: nothing is merged unless that one passes too."""
        found = self._sources(installation, repository, branch)
        return [where for app, where in found if app not in {None, self._settings.app_id}]

    def _sources(self, installation: int, repository: str, branch: str) -> list[tuple[int | None, str]]:
        """What requires the check of a branch: the App that it must come from, or None; and the ruleset, for people."""
        path = f"/repos/{repository}/rules/branches/{quote(branch, safe='')}"
        return [
            (check.get("integration_id"), f"the ruleset {rule.get('ruleset_id')} of {rule.get('ruleset_source')}")
            for rule in self._session.pages(installation, path)
            if rule["type"] == "required_status_checks"
            for check in rule["parameters"]["required_status_checks"]
            if check["context"] == self._settings.check_name
        ]


def ruleset(app_id: int, check: str) -> dict[str, Any]:
    """A ruleset that requires the check of the default branch, from this App alone, with nobody to bypass it."""
    required = {
        "strict_required_status_checks_policy": False,
        "required_status_checks": [{"context": check, "integration_id": app_id}],
    }
    return {
        "name": check,
        "target": "branch",
        "enforcement": "active",
        "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
        "rules": [{"type": "required_status_checks", "parameters": required}],
        "bypass_actors": [],
    }


def require(host: Host, repository: str, body: Mapping[str, Any], token: str) -> None:
    """Create a ruleset with an administrator's own token."""
    answer = _asked("POST", f"{host.api}/repos/{repository}/rulesets", token, body)
    if answer.status_code == requests.codes.not_found:
        raise GoneError(f"GitHub shows no {repository} to the holder of this token, or the token may not administer it")
    if answer.status_code != requests.codes.created:
        said = str(_json(answer).get("message", ""))[:200]
        raise NeedsSomebodyError(
            f"GitHub refuses the ruleset ({answer.status_code} {said}): the token needs the repository permission "
            "administration: write, and its holder to be an administrator"
        )


def _asked(verb: str, url: str, token: str | None = None, body: Any = None) -> requests.Response:
    headers = {"Accept": "application/vnd.github+json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        return requests.request(verb, url, json=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        raise TryAgainError(f"{url.partition('/app-manifests')[0]}: not reached: {type(error).__name__}") from error


def _json(answer: requests.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
