"""Logging in with GitLab: an OAuth application with the scope `read_api`.

Which projects somebody can read is asked over GraphQL, a hundred in a request: what they cannot see is absent from
the answer (GitLab's documentation). A project that they see without its code, as a guest or where the repository is for
members only, is none that they can read: the pages tell of paths and commits.
"""

from dataclasses import dataclass

from bot.forges.login import Client, OAuth, ask
from bot.model.change import Account
from bot.model.errors import TryAgainError
from bot.model.ids import AccountId
from bot.model.subject import Repository

QUERY = (
    "query Readable($ids: [ID!]) { projects(ids: $ids, first: 100) { nodes { id userPermissions { downloadCode } } } }"
)
_PREFIX = "gid://gitlab/Project/"


@dataclass(frozen=True, slots=True)
class GitLabLogIn(OAuth):
    """The log-in of one GitLab."""

    url: str
    name: str = "gitlab"
    title: str = "GitLab"

    @classmethod
    def at(cls, url: str, client: tuple[str, str]) -> "GitLabLogIn":
        """The log-in with an application's id and secret."""
        return cls(Client(*client, f"{url}/oauth/authorize", f"{url}/oauth/token", "read_api"), url)

    def account(self, token: str) -> Account:
        """See `LogIn`."""
        found = ask("GET", f"{self.url}/api/v4/user", token)
        try:
            return Account(str(found["username"]), AccountId(int(found["id"])))
        except (KeyError, TypeError, ValueError):
            raise TryAgainError("the forge did not say whose log-in this is") from None

    def _readable(self, token: str, some: list[Repository]) -> set[int]:
        asked = {each.id for each in some}
        body = {"query": QUERY, "variables": {"ids": [f"{_PREFIX}{number}" for number in sorted(asked)]}}
        answer = ask("POST", f"{self.url}/api/graphql", token, body)
        try:
            nodes = answer["data"]["projects"]["nodes"]
            readable = [node["id"] for node in nodes if node["userPermissions"]["downloadCode"] is True]
            return asked & {int(str(each).removeprefix(_PREFIX)) for each in readable}
        except (KeyError, TypeError, ValueError):
            raise TryAgainError("the forge did not say what this log-in can read") from None
