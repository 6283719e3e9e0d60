"""What the tests of this floor share: a small right file of each kind, and ways to spoil it."""

from bot import rules

RULES = """\
version: 1
tiers: [junior, mid, senior]
unknown_author: junior
zones:
  data: {paths: "**/migrations/**"}
requirements:
  - name: senior sign-off
    when: {ai: true, author_below: senior}
    need: {approvals: 1, tier: senior}
"""

ROSTER = """\
version: 1
people:
  - name: Grace Example
    tier: senior
    github: {login: grace, id: 1001}
  - name: Linus Example
    tier: senior
    github: {login: linus, id: 1002}
"""

CASE = """\
change:
  forge: github
  repository: acme/payments
  number: 7
  title: Add retry
  body: ""
  base: main
  default_branch: main
  branch: retry
  author: {login: jo, id: 101, kind: user}
  operator: null
  pushers: []
  head: {sha: "a1", moved_at: 2026-11-20T10:00:00Z}
  commits:
    - {sha: "a1", author: {name: Jo, email: jo@example.com, login: jo, id: 101}, message: "Add retry"}
  labels: []
  files: [{path: src/pay.py, previous_path: null, status: modified, additions: 3, deletions: 1}]
  files_truncated: false
  reviews: []
  complete: true
now: 2026-11-20T10:06:00Z
"""

RULES_LINES = len(RULES.splitlines())


def faults_of(text, name="rules.yaml"):
    """Every fault of a rules file as (line, message)."""
    data = text if isinstance(text, bytes) else text.encode()
    try:
        rules.load_policy(data, name)
    except rules.FaultsError as error:
        return [(fault.line, fault.message) for fault in error.faults]
    return []


def roster_faults_of(text, policy=None):
    """Every fault of a roster file as (line, message)."""
    try:
        rules.load_roster({"roster.yaml": text.encode()}, policy)
    except rules.FaultsError as error:
        return [(fault.line, fault.message) for fault in error.faults]
    return []


def policy_of(text):
    return rules.load_policy(text.encode(), "rules.yaml")


def case_of(text, files=None, name="case.yaml"):
    """The case in a text; `files` are those beside it."""

    def read(path):
        try:
            return (files or {})[path].encode()
        except KeyError:
            raise FileNotFoundError(2, "No such file or directory") from None

    return rules.load_case(text.encode(), name, read)
