"""Cuts GitHub's published contracts down to what the sandbox answers: REST operations, and queries.

Run by hand when an operation is added, with either file of the npm packages named in NOTICE:
`python -m bot.sandbox.contracts.trim api.github.com.json` (13 MB) or `… schema.graphql`. Of REST it keeps parameters,
request bodies and answers of the operations named here, of GraphQL everything that a query can ask for. It drops prose,
examples, webhooks and mutations, and never edits what it keeps: what GitHub publishes is what is checked.
"""

import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphql import (
    DirectiveDefinitionNode,
    DocumentNode,
    NamedTypeNode,
    TypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

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


class _Bare(Visitor):
    """Takes the prose away."""

    def enter(self, node: Any, *_: object) -> Any:
        """The node without its description; None leaves it as it is."""
        return replace(node, description=None) if getattr(node, "description", None) else None


class _Names(Visitor):
    """Gathers the types that a definition names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        """One of them."""
        self.found.add(node.name.value)


def trim_schema(text: str) -> str:
    """The schema with all that can be reached from a query, and nothing else."""
    complete: DocumentNode = visit(parse(text, no_location=True), _Bare())
    types = {each.name.value: each for each in complete.definitions if isinstance(each, TypeDefinitionNode)}
    leads: dict[str, set[str]] = {}
    for name, each in types.items():
        visit(each, names := _Names())
        leads.setdefault(name, set()).update(names.found)
        for interface in getattr(each, "interfaces", None) or ():
            leads.setdefault(interface.name.value, set()).add(name)
    kept, todo = set[str](), {"Query"}
    while todo:
        kept.add(name := todo.pop())
        todo |= leads.get(name, set()) - kept
    definitions = (each for name, each in types.items() if name in kept)
    directives = (each for each in complete.definitions if isinstance(each, DirectiveDefinitionNode))
    return print_ast(replace(complete, definitions=(*directives, *definitions))) + "\n"


def main() -> None:
    """Write what is left of the contract beside this file, the same bytes for the same input."""
    source = Path(sys.argv[1])
    if source.suffix == ".graphql":
        name, text = "schema.graphql.gz", trim_schema(source.read_text(encoding="utf-8"))
    else:
        name = "openapi.json.gz"
        text = json.dumps(trim(json.loads(source.read_bytes())), separators=(",", ":"), sort_keys=True)
    Path(__file__).with_name(name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
