"""Reading a connection of a change on to its end, page by page, while the change stands still."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.forges import onward
from bot.forges.github.guarding import names
from bot.forges.github.session import Session
from bot.model.errors import TryAgainError
from bot.model.subject import Repository

Json = Mapping[str, Any]


WORDS = {"timelineItems": "history"}
"""What people call a connection, where that is not its own name."""


class Pager:
    """Reads a connection of the change's first answer on to its end, and notices when the head moved meanwhile.

    Every list, and every entry of one, may be null by GitHub's schema: `missing` names those that were.
    """

    def __init__(self, session: Session, repository: Repository, pull: Json) -> None:
        self._session = session
        self._repository = repository
        self._pull = pull
        self.missing: list[str] = []

    def forward(self, connection: str, document: str) -> list[Json]:
        """All nodes, in order, of a connection that is read from its start."""
        return self._read(connection, document, "hasNextPage", "endCursor", lambda old, new: old + new)

    def backward(self, connection: str, document: str) -> list[Json]:
        """All nodes, in order, of a connection that is read from its end."""
        return self._read(connection, document, "hasPreviousPage", "startCursor", lambda old, new: new + old)

    def _read(
        self,
        connection: str,
        document: str,
        more: str,
        cursor: str,
        join: Callable[[list[Json], list[Json]], list[Json]],
    ) -> list[Json]:
        page = self._pull[connection]
        if page is None:
            self._miss(connection)
            return []
        nodes = self._shown(connection, page)
        steps = onward.Steps(f"{connection} of {self._repository.name}#{self._pull['number']}")
        while page["pageInfo"][more]:
            steps.take(page["pageInfo"][cursor])
            variables = {
                **names(self._repository),
                "number": self._pull["number"],
                "cursor": page["pageInfo"][cursor],
            }
            found = self._session.graphql(self._repository.installation, document, variables)["repository"]
            pull = (found or {}).get("pullRequest")
            if not pull or pull["headRefOid"] != self._pull["headRefOid"]:
                raise TryAgainError(f"{self._repository.name}#{self._pull['number']} moved while it was read")
            page = pull["page"]
            nodes = join(nodes, self._shown(connection, page))
        return nodes

    def _shown(self, connection: str, page: Json) -> list[Json]:
        nodes = page["nodes"] or ()
        if page["nodes"] is None or None in nodes:
            self._miss(connection)
        return [node for node in nodes if node is not None]

    def _miss(self, connection: str) -> None:
        word = WORDS.get(connection, connection)
        if word not in self.missing:
            self.missing.append(word)
