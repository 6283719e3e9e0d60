"""What GraphQL is asked for a merge request, and which fields an instance must have for that: text, and no I/O.

GitLab allows 250 points of complexity and 10,000 characters a query (`app/graphql/gitlab_schema.rb`,
`app/controllers/graphql_controller.rb`); the whole query costs about 150. Left to REST, because GraphQL lacks it: when
an approval was given, the versions of a merge request, its diffs (`MergeRequest.diffs` is an experiment), who posted a
status, and the commit that a squash made. Facts from `app/graphql/types` of GitLab's source.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]
PAGE = 100
LOCAL_RULES = ".signoff.yaml"
NEEDED: Mapping[str, frozenset[str]] = {
    kind: frozenset(fields.split())
    for kind, fields in {
        "MergeRequest": "approvedBy author commits description diffHeadSha diffRefs headPipeline iid "
        "labels notes reviewers sourceBranch sourceProjectId state targetBranch targetProjectId title updatedAt webUrl",
        "Note": "author body createdAt id lastEditedAt system updatedAt",
        "Commit": "authorEmail authorName committerEmail committerName message sha",
        "Pipeline": "id job project ref sha",
        "CiJob": "id retried status",
        "UserMergeRequestInteraction": "reviewState",
        "User": "bot id username",
        "Repository": "blobs",
        "RepositoryBlob": "oid path",
    }.items()
}
"""Without all of these a merge request is read by REST."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an instance's GraphQL has beyond what is needed: label events (19.5, as far as its source shows), and how
    many approvals are required (the Enterprise build).
    """

    label_events: bool = False
    approvals_required: bool = False


def probe() -> str:
    """Asks for the names of the fields of every type that is needed."""
    asked = "\n".join(f'  {kind}: __type(name: "{kind}") {{ fields {{ name }} }}' for kind in NEEDED)
    return f"query Offer {{\n{asked}\n}}"


def offered(data: Json) -> Offer | None:
    """What the answer to `probe` says that there is; None where anything needed is missing."""
    has = {kind: {field["name"] for field in (data[kind] or {}).get("fields") or ()} for kind in NEEDED}
    if any(fields - has[kind] for kind, fields in NEEDED.items()):
        return None
    return Offer("resourceLabelEvents" in has["MergeRequest"], "approvalsRequired" in has["MergeRequest"])


_USER = "{ id username bot }"
_LISTS: Mapping[str, str] = {
    "labels": "title",
    "approvedBy": "id username bot",
    "reviewers": "id username bot mergeRequestInteraction { reviewState }",
    "commits": "sha message authorName authorEmail committerName committerEmail",
    "notes": f"id body system createdAt updatedAt lastEditedAt author {_USER}",
    "resourceLabelEvents": f"action createdAt label {{ title }} user {_USER}",
}


_PIPELINE = "headPipeline { id sha ref project { id } job(name: $status) { id status retried } }"


def alias(number: int) -> str:
    """What the answer to `marks` calls a merge request."""
    return f"m{int(number)}"


def marks(numbers: Iterable[int]) -> str:
    """The status of our name that counts, of several merge requests of a project."""
    each = _lines(f'{alias(one)}: mergeRequest(iid: "{int(one)}") {{ {_PIPELINE} }}' for one in numbers)
    return f"""query Marks($path: ID!, $status: String!) {{
  currentUser {{ id }}
  project(fullPath: $path) {{
    id
      {each}
  }}
}}"""


def lists(offer: Offer) -> tuple[str, ...]:
    """The lists of a merge request that are asked for, each in pages."""
    return tuple(name for name in _LISTS if name != "resourceLabelEvents" or offer.label_events)


def _list(name: str, after: str = "") -> str:
    fields = _LISTS[name]
    return f"{name}(first: {PAGE}{after}) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }}"


def merge_request(offer: Offer) -> str:
    """A merge request with the first page of each list, what stands in our name, and the repository's own rules."""
    more = "approvalsRequired" if offer.approvals_required else ""
    return _query(
        "MergeRequest($path: ID!, $iid: String!, $status: String!)",
        f"""
      iid title description state sourceBranch targetBranch sourceProjectId targetProjectId
      updatedAt webUrl {more}
      diffRefs {{ baseSha startSha }}
      author {_USER}
      {_PIPELINE}
      {_lines(_list(name) for name in lists(offer))}""",
        f'repository {{ blobs(paths: ["{LOCAL_RULES}"], first: 1) {{ nodes {{ path oid }} }} }}',
    )


def next_page(name: str) -> str:
    """A further page of one list. The head is asked for too, so that it is seen whether it moved."""
    return _query(
        "MergeRequestPage($path: ID!, $iid: String!, $after: String!)", f"\n      {_list(name, ', after: $after')}"
    )


def lines() -> str:
    """How many lines each file gained and lost. Told also of a diff that is left out (`DiffStatsType`)."""
    return _query("MergeRequestLines($path: ID!, $iid: String!)", " diffStats { path additions deletions }")


def _query(head: str, of_merge_request: str, of_project: str = "") -> str:
    return f"""query {head} {{
  currentUser {{ id }}
  project(fullPath: $path) {{
    id {of_project}
    mergeRequest(iid: $iid) {{
      diffHeadSha{of_merge_request}
    }}
  }}
}}"""


def _lines(parts: Iterable[str]) -> str:
    return "\n      ".join(parts)
