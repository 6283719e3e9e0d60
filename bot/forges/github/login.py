"""Logging in with GitHub: OAuth of the App itself, which needs no scope and can do no more than the person and it can.

Which repositories somebody can read is asked over GraphQL, a hundred in a request: what they cannot read is null there
(GitHub's documentation), and what another repository of that name is has another number.
"""

from dataclasses import dataclass

from bot.forges.login import Client, OAuth, ask
from bot.model.change import Account
from bot.model.errors import TryAgainError
from bot.model.ids import AccountId
from bot.model.subject import Repository


@dataclass(frozen=True, slots=True)
class GitHubLogIn(OAuth):
    """The log-in of one GitHub."""

    api_url: str
    graphql_url: str
    name: str = "github"
    title: str = "GitHub"

    @classmethod
    def at(cls, web_url: str, api_url: str, graphql_url: str, client: tuple[str, str]) -> "GitHubLogIn":
        """The log-in with a client's id and secret."""
        login = f"{web_url}/login/oauth"
        return cls(Client(*client, f"{login}/authorize", f"{login}/access_token"), api_url, graphql_url)

    def account(self, token: str) -> Account:
        """See `LogIn`."""
        found = ask("GET", f"{self.api_url}/user", token)
        try:
            return Account(str(found["login"]), AccountId(int(found["id"])))
        except (KeyError, TypeError, ValueError):
            raise TryAgainError("the forge did not say whose log-in this is") from None

    def _readable(self, token: str, some: list[Repository]) -> set[int]:
        names = [each.name.partition("/") for each in some]
        declared = ", ".join(f"$o{place}: String!, $n{place}: String!" for place in range(len(some)))
        fields = " ".join(
            f"r{place}: repository(owner: $o{place}, name: $n{place}) {{ databaseId }}" for place in range(len(some))
        )
        values = {f"o{place}": owner for place, (owner, _, _) in enumerate(names)}
        values |= {f"n{place}": name for place, (_, _, name) in enumerate(names)}
        body = {"query": f"query Readable({declared}) {{ {fields} }}", "variables": values}
        data = ask("POST", self.graphql_url, token, body).get("data")
        if not isinstance(data, dict):
            raise TryAgainError("the forge did not say what this log-in can read")
        shown = {each.name: data[f"r{place}"] for place, each in enumerate(some) if data.get(f"r{place}")}
        found = {
            self._number(token, name) if node["databaseId"] is None else node["databaseId"]
            for name, node in shown.items()
        }
        return found & {each.id for each in some}

    def _number(self, token: str, name: str) -> int:
        """The number of a repository, where it is too large for GraphQL."""
        found = ask("GET", f"{self.api_url}/repos/{name}", token)
        try:
            return int(found["id"])
        except (KeyError, TypeError, ValueError):
            raise TryAgainError("the forge did not say which repository that is") from None
