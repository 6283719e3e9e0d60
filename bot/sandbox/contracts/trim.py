"""Cuts GitHub's published OpenAPI description down to the operations that the sandbox answers.

Run by hand when an operation is added (the complete description is the npm package named in NOTICE, 13 MB of JSON):
`python -m bot.sandbox.contracts.trim api.github.com.json`. It keeps parameters, request bodies and answers as
published and drops prose, examples and webhooks. It never edits a schema: what GitHub publishes is what is checked.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

OPERATIONS = """
GET /app | GET /app/installations | GET /app/installations/{installation_id}
POST /app/installations/{installation_id}/access_tokens
PUT DELETE /app/installations/{installation_id}/suspended | DELETE /app/installations/{installation_id}
GET /app/hook/config | GET /app/hook/deliveries | GET /app/hook/deliveries/{delivery_id}
POST /app/hook/deliveries/{delivery_id}/attempts | POST /app-manifests/{code}/conversions
GET /installation/repositories | DELETE /installation/token | GET /rate_limit
GET /user | GET /users/{username} | GET /users/{username}/installation | GET /user/{account_id} | GET /user/orgs
GET /orgs/{org} | GET /orgs/{org}/members | GET /orgs/{org}/members/{username} | GET /orgs/{org}/repos
GET /orgs/{org}/installation | GET PUT /orgs/{org}/memberships/{username}
GET POST /orgs/{org}/teams | GET /orgs/{org}/teams/{team_slug} | GET /orgs/{org}/teams/{team_slug}/members
GET PUT DELETE /orgs/{org}/teams/{team_slug}/memberships/{username} | GET /teams/{team_id}/members
GET POST /orgs/{org}/rulesets | GET PUT DELETE /orgs/{org}/rulesets/{ruleset_id}
GET PATCH DELETE /repos/{owner}/{repo} | GET /repos/{owner}/{repo}/installation
GET POST /repos/{owner}/{repo}/forks
GET /repos/{owner}/{repo}/branches | GET /repos/{owner}/{repo}/branches/{branch}
POST /repos/{owner}/{repo}/branches/{branch}/rename
GET PUT DELETE /repos/{owner}/{repo}/branches/{branch}/protection
GET /repos/{owner}/{repo}/branches/{branch}/protection/required_status_checks
GET /repos/{owner}/{repo}/rules/branches/{branch} | GET POST /repos/{owner}/{repo}/rulesets
GET PUT DELETE /repos/{owner}/{repo}/rulesets/{ruleset_id}
GET /repos/{owner}/{repo}/rulesets/rule-suites
GET /repos/{owner}/{repo}/collaborators | GET PUT DELETE /repos/{owner}/{repo}/collaborators/{username}
GET /repos/{owner}/{repo}/collaborators/{username}/permission
GET /repos/{owner}/{repo}/commits | GET /repos/{owner}/{repo}/commits/{ref}
GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls
GET /repos/{owner}/{repo}/commits/{ref}/status | GET /repos/{owner}/{repo}/commits/{ref}/statuses
GET /repos/{owner}/{repo}/commits/{ref}/check-runs | GET /repos/{owner}/{repo}/commits/{ref}/check-suites
GET /repos/{owner}/{repo}/compare/{basehead} | POST /repos/{owner}/{repo}/statuses/{sha}
GET /repos/{owner}/{repo}/activity
GET PUT DELETE /repos/{owner}/{repo}/contents/{path}
GET /repos/{owner}/{repo}/git/ref/{ref} | GET /repos/{owner}/{repo}/git/matching-refs/{ref}
POST /repos/{owner}/{repo}/git/refs | PATCH DELETE /repos/{owner}/{repo}/git/refs/{ref}
POST /repos/{owner}/{repo}/git/commits | GET /repos/{owner}/{repo}/git/commits/{commit_sha}
POST /repos/{owner}/{repo}/git/trees | GET /repos/{owner}/{repo}/git/trees/{tree_sha}
POST /repos/{owner}/{repo}/git/blobs | GET /repos/{owner}/{repo}/git/blobs/{file_sha}
POST /repos/{owner}/{repo}/check-runs | GET PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}
POST /repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest
GET /repos/{owner}/{repo}/check-suites/{check_suite_id}
GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs
POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest
GET POST /repos/{owner}/{repo}/pulls | GET PATCH /repos/{owner}/{repo}/pulls/{pull_number}
GET /repos/{owner}/{repo}/pulls/{pull_number}/commits | GET /repos/{owner}/{repo}/pulls/{pull_number}/files
GET PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge | PUT /repos/{owner}/{repo}/pulls/{pull_number}/update-branch
GET POST DELETE /repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers
GET POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews
GET PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}
PUT /repos/{owner}/{repo}/pulls/{pull_number}/reviews/{review_id}/dismissals
GET /repos/{owner}/{repo}/issues/{issue_number} | PATCH /repos/{owner}/{repo}/issues/{issue_number}
GET POST /repos/{owner}/{repo}/issues | GET /repos/{owner}/{repo}/issues/{issue_number}/timeline
GET POST /repos/{owner}/{repo}/issues/{issue_number}/comments
GET PATCH DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}
GET POST PUT DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels
DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}
GET POST /repos/{owner}/{repo}/labels | GET /repos/{owner}/{repo}/labels/{name}
"""

PROSE = {"description", "example", "examples", "externalDocs", "x-github", "x-webhooks", "summary", "x-displayName"}


def wanted() -> dict[str, set[str]]:
    """The operations named above, as path template -> methods in lower case."""
    found: dict[str, set[str]] = {}
    for item in OPERATIONS.replace("\n", "|").split("|"):
        *methods, path = item.split() or [""]
        if path:
            found.setdefault(path, set()).update(method.lower() for method in methods)
    return found


def bare(value: Any, *, names: bool = False) -> Any:
    """The value without prose; `names` tells that its keys are property names, which are never prose."""
    if isinstance(value, dict):
        return {
            key: bare(inner, names=key in {"properties", "schemas", "responses", "parameters", "headers"} and not names)
            for key, inner in value.items()
            if names or key not in PROSE
        }
    return [bare(inner) for inner in value] if isinstance(value, list) else value


def references(value: Any) -> set[tuple[str, str]]:
    """Every (component kind, name) that is referred to inside."""
    if isinstance(value, dict):
        found: set[tuple[str, str]] = set().union(*map(references, value.values()))
        ref = value.get("$ref")
        if isinstance(ref, str):
            _, _, kind, name = ref.split("/")
            found.add((kind, name))
        return found
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def trim(complete: dict[str, Any]) -> dict[str, Any]:
    """The description with the wanted operations and what they refer to, and nothing else."""
    paths: dict[str, Any] = {}
    for path, methods in wanted().items():
        published = complete["paths"][path]
        missing = methods - set(published)
        if missing:
            raise SystemExit(f"{path}: the description has no {', '.join(sorted(missing))}")
        paths[path] = {method: bare(published[method]) for method in sorted(methods)}
    kept: dict[str, dict[str, Any]] = {}
    todo = references(paths)
    while todo:
        kind, name = todo.pop()
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = bare(complete["components"][kind][name])
            todo |= references(kept[kind][name])
    info = {key: complete["info"][key] for key in ("title", "version", "license")}
    return {"openapi": complete["openapi"], "info": info, "paths": paths, "components": kept}


def main() -> None:
    """Write the trimmed description beside this file, the same bytes for the same input."""
    source = Path(sys.argv[1])
    text = json.dumps(trim(json.loads(source.read_bytes())), separators=(",", ":"), sort_keys=True)
    target = Path(__file__).with_name("openapi.json.gz")
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
