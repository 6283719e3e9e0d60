"""Reading a connection of a change on to its end, page by page, while the change stands still."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.forges.github.guarding import names
from bot.forges.github.session import Session
from bot.model.errors import TryAgainError
from bot.model.subject import Repository

Json = Mapping[str, Any]


class Pager:
    """Reads a connection of the change's first answer on to its end, and notices when the head moved meanwhile."""

    def __init__(self, session: Session, repository: Repository, pull: Json) -> None:
        self._session = session
        self._repository = repository
        self._pull = pull

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
        nodes = list(page["nodes"])
        while page["pageInfo"][more]:
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
            nodes = join(nodes, list(page["nodes"]))
        return nodes
