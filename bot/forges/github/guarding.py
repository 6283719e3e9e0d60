"""What guards a branch on GitHub, what came to it, and who else writes marks of our name: reads for watch and doctor.

Facts from GitHub's REST documentation: /rules/branches shows all rules in force to whoever reads the metadata, a
ruleset's bypass list only to whoever may change it; a branch shows the classic protection's required checks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from urllib.parse import quote

from bot.forges import onward
from bot.forges.github import convert, ids, whole
from bot.forges.github.session import Session
from bot.forges.port import Origin, Stranger, Tips
from bot.model.enforcement import Pin, Protection, Requirer
from bot.model.errors import GoneError, NeedsSomebodyError
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]

ROLES = {2: "whoever maintains it", 4: "whoever may write", 5: "its administrators"}
"""GitHub's ids of the built-in roles in bypass lists (REST documentation of rulesets)."""

HEADS = "refs/heads/"
BRANCHES = """
query SignoffBranches($owner: String!, $name: String!, $prefix: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    databaseId
    refs(refPrefix: $prefix, first: 100, after: $cursor) {
      pageInfo { hasNextPage endCursor } nodes { prefix name target { oid } }
    }
  }
}
"""
MOST_PAGES = 10
"""How many pages, of a hundred branches whose names begin alike, are read."""
AT_ONCE = 50
"""How many branches one query asks for by name."""

MERGED = """
query SignoffMerged($owner: String!, $name: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [MERGED], first: 50, after: $cursor, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes { number updatedAt mergedAt }
    }
  }
}
"""


STRANGERS = """
query SignoffStrangers($owner: String!, $name: String!, $checkName: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [OPEN], first: 50, after: $cursor, orderBy: { field: UPDATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        commits(last: 1) { nodes { commit {
          oid
          checkSuites(first: 20) { nodes {
            app { databaseId slug }
            checkRuns(first: 5, filterBy: { checkName: $checkName, checkType: LATEST }) {
              nodes { status conclusion startedAt }
            }
          } }
        } } }
      }
    }
  }
}
"""


MOST_STRANGERS = 10
"""How many pages of fifty open changes are looked through, those that moved last."""


def names(repository: Repository) -> dict[str, Any]:
    """The variables that name a repository."""
    owner, _, name = repository.name.partition("/")
    return {"owner": owner, "name": name}


@convert.strict
def tips(session: Session, repository: Repository, named: Sequence[str], starts: Sequence[str]) -> Tips:
    """See `Forge.tips`: one request for each fifty names, and for each hundred branches that begin so."""
    found: dict[str, Sha] = {}
    for batch in (named[at : at + AT_ONCE] for at in range(0, len(named), AT_ONCE)):
        found |= _named(session, repository, batch)
    beyond = []
    for start in starts:
        began, whole = _begun(session, repository, start)
        found |= began
        beyond += [] if whole else [start]
    return Tips(found, tuple(beyond))


def _named(session: Session, repository: Repository, batch: Sequence[str]) -> dict[str, Sha]:
    wanted = "".join(f", $b{place}: String!" for place in range(len(batch)))
    fields = "".join(f" b{place}: ref(qualifiedName: $b{place}) {{ target {{ oid }} }}" for place in range(len(batch)))
    document = (
        f"query SignoffTips($owner: String!, $name: String!{wanted}) "
        f"{{ repository(owner: $owner, name: $name) {{ databaseId{fields} }} }}"
    )
    asked = {f"b{place}": f"{HEADS}{name}" for place, name in enumerate(batch)}
    page = _there(session, session.graphql(repository.installation, document, names(repository) | asked), repository)
    shown = ((name, page[f"b{place}"]) for place, name in enumerate(batch))
    return {name: Sha(node["target"]["oid"]) for name, node in shown if node and node["target"]}


def _begun(session: Session, repository: Repository, start: str) -> tuple[dict[str, Sha], bool]:
    """The branches that begin so, and whether these are all. GitHub is asked for the folder that they are in."""
    found, cursor = dict[str, Sha](), None
    prefix = HEADS + start[: start.rfind("/") + 1]
    for _ in range(MOST_PAGES):
        variables = {**names(repository), "prefix": prefix, "cursor": cursor}
        page = _there(session, session.graphql(repository.installation, BRANCHES, variables), repository)["refs"]
        for node in whole.nodes(page, f"branches of {repository.name}"):
            name = f"{node['prefix']}{node['name']}".removeprefix(HEADS)
            if name.startswith(start) and node["target"]:
                found[name] = Sha(node["target"]["oid"])
        if not page["pageInfo"]["hasNextPage"]:
            return found, True
        cursor = page["pageInfo"]["endCursor"]
    return found, False


def _there(session: Session, answer: Json, repository: Repository) -> Json:
    found: Json = answer["repository"]
    if not found or ids.repository_id(session, repository, found) != repository.id:
        raise GoneError(f"GitHub knows no {repository.name} with that id (any more)")
    return found


@convert.strict
def merged_since(session: Session, repository: Repository, since: datetime) -> Iterator[int]:
    """See `Forge.merged_since`: one request for each fifty that moved since."""
    cursor, steps = None, onward.Steps(f"merged changes of {repository.name}")
    while True:
        steps.take(cursor)
        found = session.graphql(repository.installation, MERGED, {**names(repository), "cursor": cursor})["repository"]
        if not found:
            raise GoneError(f"GitHub knows no {repository.name} (any more)")
        page = found["pullRequests"]
        for node in whole.nodes(page, f"merged changes of {repository.name}"):
            if convert.time(node["updatedAt"]) < since:
                return
            if convert.time(node["mergedAt"]) >= since:
                yield int(node["number"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        cursor = page["pageInfo"]["endCursor"]


@convert.strict
def origins(session: Session, repository: Repository, sha: Sha) -> tuple[Origin, ...]:
    """See `Forge.origins`."""
    path = f"/repos/{repository.name}/commits/{sha}/pulls"
    return tuple(
        Origin(entry["number"], entry["base"]["ref"], convert.time(entry["merged_at"]) if entry["merged_at"] else None)
        for entry in session.pages(repository.installation, path)
    )


@convert.strict
def protection(session: Session, repository: Repository, branch: str, check: str, app_id: int) -> Protection:
    """See `Forge.protection`: a request for the rules, one for each ruleset, one for the classic protection."""
    unread: list[str] = []
    requirers: list[Requirer] = []
    shown: dict[int, tuple[str, ...] | None] = {}
    for rule in session.pages(repository.installation, f"/repos/{repository.name}/rules/branches/{quote(branch)}"):
        for pin in pins(rule, check, app_id):
            ruleset = rule["ruleset_id"]
            if ruleset not in shown:
                shown[ruleset] = _bypass(session, repository, ruleset)
            where = f"the ruleset {ruleset} of {rule['ruleset_source']}"
            requirers.append(Requirer(where, pin, shown[ruleset]))
    try:
        _, found = session.rest(
            repository.installation, "GET", f"/repos/{repository.name}/branches/{quote(branch, safe='')}"
        )
        requirers += classic(found.get("protection") or {}, check, app_id)
    except (GoneError, NeedsSomebodyError) as error:
        unread.append(f"its classic branch protection could not be read: {error}")
    return Protection(branch, tuple(requirers), tuple(unread))


@convert.strict
def strangers(session: Session, repository: Repository, check: str, app_id: int) -> Iterator[Stranger]:
    """See `Forge.strangers`: check runs of our name by other Apps. A workflow's job makes one by its name alone."""
    cursor = None
    for _ in range(MOST_STRANGERS):
        variables = {**names(repository), "checkName": check, "cursor": cursor}
        found = session.graphql(repository.installation, STRANGERS, variables)["repository"]
        if not found:
            raise GoneError(f"GitHub knows no {repository.name} (any more)")
        page = found["pullRequests"]
        shown = whole.nodes(page, f"open changes of {repository.name}")
        yield from (each for node in shown for each in _strangers(node, app_id))
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def _strangers(pull: Json, app_id: int) -> Iterator[Stranger]:
    for commit in (node["commit"] for node in whole.nodes(pull["commits"], "commits of a change")):
        for suite in whole.nodes(commit["checkSuites"], "check suites of a commit"):
            app = suite["app"] or {"databaseId": None, "slug": "an App that is gone"}
            if app["databaseId"] != app_id:
                for run in whole.nodes(suite["checkRuns"], "check runs of a commit"):
                    state, started = convert.run_state(run), run["startedAt"]
                    at = convert.time(started) if started else None
                    yield Stranger(pull["number"], Sha(commit["oid"]), str(app["slug"]), state, at)


def _bypass(session: Session, repository: Repository, ruleset: int) -> tuple[str, ...] | None:
    with suppress(GoneError, NeedsSomebodyError):  # an organisation's, which this token is not shown
        reader = session.administrator(repository.installation)
        _, found = session.rest(reader, "GET", f"/repos/{repository.name}/rulesets/{ruleset}")
        if "bypass_actors" in found:
            return tuple(map(bypasser, found["bypass_actors"] or ()))
    return None


def pins(rule: Json, check: str, app_id: int) -> Iterable[Pin]:
    """Whose check of our name a rule in force requires; nothing where it requires none."""
    if rule["type"] != "required_status_checks":
        return
    for wanted in (rule.get("parameters") or {}).get("required_status_checks", ()):
        if wanted["context"] == check:
            yield _pin(wanted.get("integration_id"), app_id)


def bypasser(entry: Json) -> str:
    """An entry of a bypass list, in words."""
    kind, number = entry["actor_type"], entry.get("actor_id")
    who = {
        "OrganizationAdmin": "the organisation's owners",
        "RepositoryRole": ROLES.get(int(number or 0), f"everybody of the role {number}"),
        "Team": f"the team {number}",
        "Integration": f"the App {number}",
        "DeployKey": "whoever holds a deploy key",
    }.get(kind, f"{kind} {number}")
    return f"{who} (by a pull request only)" if entry.get("bypass_mode") == "pull_request" else who


def classic(shown: Json, check: str, app_id: int) -> list[Requirer]:
    """What the classic protection of a branch requires, as the branch itself shows it.

    enforcement_level is `everyone` where administrators are held to it too, `non_admins` where they are not.
    """
    required = shown.get("required_status_checks") or {}
    level = required.get("enforcement_level", "off")
    if level == "off":
        return []
    bypass = () if level == "everyone" else ("the repository's administrators",)
    checks = required.get("checks") or [{"context": name, "app_id": None} for name in required.get("contexts") or ()]
    return [
        Requirer("the branch protection", _pin(each.get("app_id"), app_id), bypass)
        for each in checks
        if each["context"] == check
    ]


def _pin(app: int | None, app_id: int) -> Pin:
    if app is None or app < 0:  # classic protection writes -1 for any App
        return Pin.ANYBODY
    return Pin.OURS if app == app_id else Pin.ANOTHER
