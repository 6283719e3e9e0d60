"""Which status of our name counts on many merge requests at once, for the sweep: one query for so many of them.

Whoever posts a status moves nothing about a merge request, so that a listing does not show it. What GraphQL does not
tell, for whatever reason, stays untold; nothing here is taken for an answer about a merge request's content.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.forges.gitlab import convert, publishing, queries, rest_words
from bot.forges.gitlab.grade import Facts, Mechanism, guard
from bot.forges.gitlab.known import Known
from bot.forges.gitlab.session import RefusedError
from bot.forges.port import OpenChange
from bot.model.errors import GoneError, TryAgainError
from bot.model.subject import Repository

Json = Mapping[str, Any]
BATCH = 15
"""How many merge requests fit into the complexity that GitLab allows a query."""
MOST = 300
"""Of how many merge requests of a project one sweep asks this way."""
BELIEVED = timedelta(days=1)
"""How long it is believed which mechanism a project has: each reading knows it better, and corrects it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Looks at the open merge requests of one project."""

    known: Known
    repository: Repository
    check_name: str

    def told(self, listed: Sequence[Json]) -> Iterator[OpenChange]:
        """The open changes of a REST listing, each with the mark that counts on it where a status can be forged."""
        facts = self.known.facts(self.repository.id, BELIEVED) if listed else None
        posted = [each for each in listed if facts is not None and self._by_status(facts, each)]
        nodes = self._nodes(facts, [each["iid"] for each in posted[:MOST]]) if facts is not None else {}
        forgeable = {each["iid"] for each in posted}
        for entry in listed:
            change = convert.open_change(entry)
            if entry["iid"] in forgeable:
                change = self._marked(change, entry, nodes.get(entry["iid"]))
            yield change

    def _by_status(self, facts: Facts, entry: Json) -> bool:
        return guard(facts, self.known.own(), entry["target_branch"]).mechanism is Mechanism.STATUS

    def _marked(self, change: OpenChange, entry: Json, node: Json | None) -> OpenChange:
        """Without a node it is not told; in a fork's own pipeline no status of ours can be."""
        if node is None:
            return replace(change, forgeable=True)
        try:
            head = rest_words.pipeline(node["headPipeline"])
            where = publishing.pipeline({**entry, "head_pipeline": head}, self.repository.id)
            if where is None:
                return change
            job = node["headPipeline"]["job"] if where.id is not None else None
            newest = rest_words.newest_status(node)
            mark = 0 if job is None else int(newest["id"]) if newest is not None else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return replace(change, forgeable=True)
        return replace(change, forgeable=True, mark=mark)

    def _nodes(self, facts: Facts, numbers: Sequence[int]) -> Mapping[int, Json]:
        """What GraphQL tells of merge requests, by number; nothing where the instance's GraphQL is not in use."""
        offered = self.known.offers.peek("offer")
        if offered is None or offered[1] is None:
            return {}
        found: dict[int, Json] = {}
        for start in range(0, len(numbers), BATCH):
            some = numbers[start : start + BATCH]
            project = self._asked(facts.project["path_with_namespace"], some)
            told = {number: project.get(queries.alias(number)) for number in some} if project else {}
            found |= {number: node for number, node in told.items() if isinstance(node, dict)}
        return found

    def _asked(self, path: str, numbers: Sequence[int]) -> Json | None:
        """The project of an answer; None where there is none, or where it is of another project or not to us."""
        try:
            data = self.known.session.graphql(queries.marks(numbers), {"path": path, "status": self.check_name})
            us, project = data["currentUser"], data["project"]
            ours = us is not None and rest_words.number(us["id"]) == self.known.own()
            here = project is not None and rest_words.number(project["id"]) == self.repository.id
        except RefusedError as error:
            if error.status == 401:  # noqa: PLR2004  the token is not in force
                raise
            return None
        except TryAgainError as error:
            if error.shared:
                raise
            return None
        except (GoneError, KeyError, TypeError, ValueError, AttributeError):
            return None
        return project if ours and here else None
