"""The GraphQL documents that the client sends, valid against GitHub's published schema (checked in every test).

One reading of a change of usual size is `CHANGE`: by GitHub's formula 2 points. What does not fit its pages is read
on with the other documents, whose connections are the same fragments.
"""

_ACCOUNT = """
fragment account on Actor {
  __typename
  login
  ... on User { databaseId }
  ... on Bot { databaseId }
  ... on Mannequin { databaseId }
}
"""

_COMMIT = """
fragment commitFacts on Commit {
  oid
  message
  author { name email user { login databaseId } }
  committer { name email user { login databaseId } }
  parents(first: 5) { totalCount nodes { oid } }
  signature { isValid wasSignedByGitHub }
}
"""

_REVIEW = """
fragment reviewFacts on PullRequestReview {
  fullDatabaseId
  state
  submittedAt
  authorCanPushToRepository
  author { ...account }
  commit { oid }
}
"""

_TIMELINE = """
fragment timelineFacts on PullRequestTimelineItems {
  __typename
  ... on LabeledEvent { createdAt actor { ...account } label { name } }
  ... on UnlabeledEvent { createdAt actor { ...account } label { name } }
  ... on HeadRefForcePushedEvent { createdAt actor { ...account } beforeCommit { oid } afterCommit { oid } }
  ... on BaseRefChangedEvent { createdAt }
  ... on AutomaticBaseChangeSucceededEvent { createdAt }
  ... on ReviewDismissedEvent {
    createdAt actor { ...account } previousReviewState review { fullDatabaseId } pullRequestCommit { commit { oid } }
  }
}
"""

_COMMENT = """
fragment commentFacts on IssueComment {
  fullDatabaseId createdAt lastEditedAt includesCreatedEdit body author { ...account }
}
"""

TIMELINE_TYPES = (
    "[LABELED_EVENT, UNLABELED_EVENT, HEAD_REF_FORCE_PUSHED_EVENT, BASE_REF_CHANGED_EVENT, "
    "AUTOMATIC_BASE_CHANGE_SUCCEEDED_EVENT, REVIEW_DISMISSED_EVENT]"
)

CHANGE = (
    """
query SignoffChange($owner: String!, $name: String!, $number: Int!, $appId: Int!, $checkName: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    isArchived
    defaultBranchRef { name }
    notes: ref(qualifiedName: "refs/notes/ai") { target { oid } }
    localRules: object(expression: "HEAD:.signoff.yaml") { ... on Blob { byteSize isTruncated isBinary text } }
    pullRequest(number: $number) {
      number url state title body createdAt updatedAt mergedAt isCrossRepository
      mergedBy { ...account }
      mergeCommit { ...commitFacts }
      author { ...account }
      editor { ...account }
      userContentEdits(first: 50) { nodes { editedAt diff } }
      headRefName headRefOid baseRefName baseRefOid
      changedFiles
      labels(first: 100) { totalCount nodes { name } }
      commits(first: 100) {
        totalCount pageInfo { hasNextPage endCursor } nodes { commit { ...commitFacts } }
      }
      files(first: 100) {
        totalCount pageInfo { hasNextPage endCursor } nodes { path additions deletions changeType }
      }
      reviews(last: 100) {
        totalCount pageInfo { hasPreviousPage startCursor } nodes { ...reviewFacts }
      }
      timelineItems(last: 100, itemTypes: """
    + TIMELINE_TYPES
    + """) {
        pageInfo { hasPreviousPage startCursor } nodes { ...timelineFacts }
      }
      comments(last: 50) {
        totalCount pageInfo { hasPreviousPage startCursor } nodes { ...commentFacts }
      }
      head: commits(last: 1) { nodes { commit { oid ...ourChecks ...marks } } }
    }
  }
}
fragment marks on Commit {
  status { context(name: $checkName) { state createdAt creator { ...account } } }
}
fragment ourChecks on Commit {
  checkSuites(first: 10, filterBy: { appId: $appId }) {
    nodes {
      createdAt
      checkRuns(first: 10, filterBy: { appId: $appId, checkName: $checkName, checkType: LATEST }) {
        nodes { databaseId status conclusion externalId startedAt summary }
      }
    }
  }
}
"""
    + _ACCOUNT
    + _COMMIT
    + _REVIEW
    + _TIMELINE
    + _COMMENT
)


def _page(connection: str, fragments: str) -> str:
    return (
        """
query SignoffPage($owner: String!, $name: String!, $number: Int!, $cursor: String!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) { headRefOid """
        + connection
        + " } } }\n"
        + fragments
    )


MORE_COMMITS = _page(
    "page: commits(first: 100, after: $cursor) "
    "{ pageInfo { hasNextPage endCursor } nodes { commit { ...commitFacts } } }",
    _COMMIT,
)
MORE_FILES = _page(
    "page: files(first: 100, after: $cursor) "
    "{ pageInfo { hasNextPage endCursor } nodes { path additions deletions changeType } }",
    "",
)
MORE_REVIEWS = _page(
    "page: reviews(last: 100, before: $cursor) { pageInfo { hasPreviousPage startCursor } nodes { ...reviewFacts } }",
    _ACCOUNT + _REVIEW,
)
MORE_TIMELINE = _page(
    "page: timelineItems(last: 100, before: $cursor, itemTypes: "
    + TIMELINE_TYPES
    + ") { pageInfo { hasPreviousPage startCursor } nodes { ...timelineFacts } }",
    _ACCOUNT + _TIMELINE,
)
MORE_COMMENTS = _page(
    "page: comments(last: 100, before: $cursor) { pageInfo { hasPreviousPage startCursor } nodes { ...commentFacts } }",
    _ACCOUNT + _COMMENT,
)

OPEN_CHANGES = """
query SignoffOpenChanges($owner: String!, $name: String!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(states: [OPEN], first: 100, after: $cursor, orderBy: { field: CREATED_AT, direction: ASC }) {
      pageInfo { hasNextPage endCursor }
      nodes { number headRefOid updatedAt }
    }
  }
}
"""

TEAM_MEMBERS = """
query SignoffTeam($organization: String!, $team: String!, $cursor: String) {
  organization(login: $organization) {
    team(slug: $team) {
      members(first: 100, after: $cursor) { pageInfo { hasNextPage endCursor } nodes { login databaseId } }
    }
  }
}
"""

GROUP = """
query SignoffGroup($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) {
      entries(first: 100) { nodes { position headCommit { oid } pullRequest { number } } }
    }
  }
}
"""

HEAD_CHECK = """
query SignoffHeadCheck($owner: String!, $name: String!, $sha: GitObjectID!, $appId: Int!, $checkName: String!) {
  repository(owner: $owner, name: $name) {
    object(oid: $sha) {
      ... on Commit {
        checkSuites(first: 10, filterBy: { appId: $appId }) {
          nodes {
            createdAt
            checkRuns(first: 10, filterBy: { appId: $appId, checkName: $checkName, checkType: LATEST }) {
              nodes { databaseId status conclusion externalId startedAt }
            }
          }
        }
      }
    }
  }
}
"""


def patch_query(sides: int, paths: int) -> str:
    """A document that asks for mode and blob of so many paths in so many commits (variables $c0…, $p0…)."""
    variables = ["$owner: String!", "$name: String!"]
    variables += [f"$c{side}: GitObjectID!" for side in range(sides)]
    variables += [f"$p{path}: String!" for path in range(paths)]
    files = " ".join(f"p{path}: file(path: $p{path}) {{ mode oid }}" for path in range(paths))
    commits = " ".join(f"c{side}: object(oid: $c{side}) {{ ... on Commit {{ {files} }} }}" for side in range(sides))
    return f"query SignoffPatch({', '.join(variables)}) {{ repository(owner: $owner, name: $name) {{ {commits} }} }}"


def notes_query(paths: int) -> str:
    """A document that reads so many blobs, each named by commit and path (variables $p0…: `<commit>:<path>`)."""
    variables = ["$owner: String!", "$name: String!", *(f"$p{path}: String!" for path in range(paths))]
    blobs = " ".join(f"p{path}: object(expression: $p{path}) {{ ... on Blob {{ text }} }}" for path in range(paths))
    return f"query SignoffNotes({', '.join(variables)}) {{ repository(owner: $owner, name: $name) {{ {blobs} }} }}"


def kinds_query(paths: int, *, text: bool) -> str:
    """A document that asks what so many paths ($p0…) of a commit ($at) are, with the size or the text of a blob."""
    variables = [
        "$owner: String!",
        "$name: String!",
        "$at: GitObjectID!",
        *(f"$p{path}: String!" for path in range(paths)),
    ]
    blob = f"object {{ ... on Blob {{ {'text' if text else 'byteSize'} }} }}"
    files = " ".join(f"p{path}: file(path: $p{path}) {{ mode {blob} }}" for path in range(paths))
    asked = f"repository(owner: $owner, name: $name) {{ commit: object(oid: $at) {{ ... on Commit {{ {files} }} }} }}"
    return f"query SignoffKinds({', '.join(variables)}) {{ {asked} }}"


_BLOB = "... on Blob { byteSize isTruncated isBinary text }"


def files_query(paths: int, *, at: bool) -> str:
    """A document that reads so many paths (variables $p0…) at a commit ($at), else at the default branch's newest."""
    variables = ["$owner: String!", "$name: String!", *(["$at: GitObjectID!"] if at else [])]
    variables += [f"$p{path}: String!" for path in range(paths)]
    entry = f"type oid object {{ {_BLOB} ... on Tree {{ entries {{ name type oid object {{ {_BLOB} }} }} }} }}"
    files = " ".join(f"p{path}: file(path: $p{path}) {{ {entry} }}" for path in range(paths))
    commit = f"{{ ... on Commit {{ oid {files} }} }}"
    where = f"defaultBranchRef {{ name }} commit: object(oid: $at) {commit}"
    if not at:
        where = f"defaultBranchRef {{ name commit: target {commit} }}"
    asked = f"databaseId nameWithOwner {where}"
    return f"query SignoffFiles({', '.join(variables)}) {{ repository(owner: $owner, name: $name) {{ {asked} }} }}"


def history_query(starts: int, paths: int) -> str:
    """A document that goes $depth commits back from so many commits ($c0…) and tells the contents of paths ($p0…)."""
    variables = ["$owner: String!", "$name: String!", "$depth: Int!"]
    variables += [f"$c{start}: GitObjectID!" for start in range(starts)]
    variables += [f"$p{path}: String!" for path in range(paths)]
    entry = "type oid object { ... on Tree { entries { name type oid } } }"
    files = " ".join(f"p{path}: file(path: $p{path}) {{ {entry} }}" for path in range(paths))
    back = f"history(first: $depth) {{ nodes {{ oid parents(first: 2) {{ nodes {{ oid }} }} {files} }} }}"
    commits = " ".join(f"c{start}: object(oid: $c{start}) {{ ... on Commit {{ {back} }} }}" for start in range(starts))
    return f"query SignoffHistory({', '.join(variables)}) {{ repository(owner: $owner, name: $name) {{ {commits} }} }}"
