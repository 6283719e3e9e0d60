"""The parts of a merge request that one reading needs first, in REST's words: asked for by GraphQL where the instance
has the fields, by REST otherwise.

Never by both: what GraphQL does not answer whole, for whatever reason, is asked for by REST from the start. Only a rate
limit and a token that is not in force are no reason to ask in another way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar

from bot.forges import onward
from bot.forges.gitlab import queries, rest_words
from bot.forges.gitlab.known import Known
from bot.forges.gitlab.queries import Offer
from bot.forges.gitlab.session import QueryError, RefusedError
from bot.model.errors import GoneError, TryAgainError
from bot.model.ids import Sha
from bot.model.subject import Repository

Json = Mapping[str, Any]
T = TypeVar("T")
OFFER_LIFE = timedelta(hours=1)
"""How long it is believed that an instance has the fields, or lacks them: it is upgraded without a word."""
FAILED_LIFE = timedelta(minutes=1)
"""How long nothing is asked by GraphQL after it failed."""


@dataclass(frozen=True, slots=True)
class Parts:
    """`found` is GET /merge_requests/:iid and `notes`, `labelled`, `asked` and `commits` are as REST lists them.

    `answer` is GET /approvals; GraphQL, which tells no times, has `approved_by`, who approves, and `required`, how many
    approvals GitLab requires. None for `labelled`, `commits`, `status` (the one of our name that counts) and `rules`
    (the repository's own, a blob, in a tuple) where they are to be asked for by REST.
    """

    found: Json
    asked: Sequence[Json]
    notes: Sequence[Json]
    answer: Json | None = None
    approved_by: Sequence[Json] = ()
    required: int = 0
    labelled: Sequence[Json] | None = None
    commits: Sequence[Json] | None = None
    status: Json | None = None
    rules: tuple[str | None] | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks for one merge request. `path` is the project's full path, as far as it is known."""

    known: Known
    repository: Repository
    path: str
    number: int
    check_name: str
    is_read: Callable[[Json], bool]
    """Whether the commits of such a merge request were read before."""

    @property
    def _rest(self) -> str:
        return f"/projects/{self.repository.id}/merge_requests/{self.number}"

    def parts(self) -> Parts:
        """By GraphQL, else by REST. Of a merged one GraphQL does not tell the commit that a squash made."""
        queried = self._by_graphql(self._queried)
        if queried is None:
            return self._by_rest()
        merged = queried.found["state"] == "merged"
        return replace(queried, found=self.known.session.get(self._rest)) if merged else queried

    # --- by REST

    def _by_rest(self) -> Parts:
        session = self.known.session
        found = session.get(self._rest)
        if not found.get("sha"):
            raise GoneError(f"{self.repository.name}!{self.number} has no commits")
        answer = session.get(f"{self._rest}/approvals")
        asked = session.get(f"{self._rest}/reviewers") if found.get("reviewers") else []
        notes = list(session.pages(f"{self._rest}/notes", sort="asc", order_by="created_at"))
        return Parts(found, asked, notes, answer)

    # --- by GraphQL

    def lines(self, head: Sha) -> Mapping[str, tuple[int, int]]:
        """How many lines each file of a head gained and lost, by its path; empty where GraphQL does not tell."""
        return self._by_graphql(lambda _: self._lines(head)) or {}

    def _lines(self, head: Sha) -> Mapping[str, tuple[int, int]]:
        try:
            project = self._asked(queries.lines(), {"path": self.path, "iid": str(self.number)})
        except QueryError:  # this field may be missing where everything that is needed is there
            return {}
        node = project["mergeRequest"] if project is not None else None
        if node is None or node["diffHeadSha"] != head:
            return {}
        return {each["path"]: (int(each["additions"]), int(each["deletions"])) for each in node["diffStats"] or ()}

    def _by_graphql(self, ask: Callable[[Offer], T | None]) -> T | None:
        """None where the instance lacks what is needed, or where any of it was not answered."""
        try:
            offer = self.known.offer(self._offer, OFFER_LIFE)
            return ask(offer) if offer is not None else None
        except RefusedError as error:
            if error.status == 401:  # noqa: PLR2004  the token is not in force
                raise
            life = OFFER_LIFE
        except GoneError:  # there is no such endpoint
            life = OFFER_LIFE
        except QueryError as error:
            life = OFFER_LIFE if error.never_run else FAILED_LIFE
        except TryAgainError as error:
            if error.shared:
                raise
            life = FAILED_LIFE
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None  # of this merge request GraphQL tells less than is needed
        self.known.no_offer(life)
        return None

    def _offer(self) -> Offer | None:
        return queries.offered(self.known.session.graphql(queries.probe(), {}))

    def _queried(self, offer: Offer) -> Parts | None:
        variables = {"path": self.path, "iid": str(self.number), "status": self.check_name}
        project = self._asked(queries.merge_request(offer), variables)
        if project is None:
            return None
        node = project["mergeRequest"]
        found = rest_words.merge_request(node)
        lists = {name: node[name] for name in queries.lists(offer)}
        read = self.is_read(found)
        pages = {name: self._whole(name, lists[name], node) for name in lists if name != "commits" or not read}
        if any(nodes is None for nodes in pages.values()):
            return None
        shown = {name: [_SHAPES[name](one) for one in nodes or ()] for name, nodes in pages.items()}
        parts = Parts(
            found=found | {"labels": sorted(shown["labels"])},
            asked=shown["reviewers"],
            notes=shown["notes"],
            approved_by=shown["approvedBy"],
            required=node.get("approvalsRequired") or 0,
            labelled=shown.get("resourceLabelEvents"),
            commits=shown.get("commits"),
            status=rest_words.newest_status(node),
            rules=(rest_words.local_rules(project),),
        )
        self._remember_kinds(parts)
        return parts

    def _asked(self, document: str, variables: Json) -> Json | None:
        """The project of an answer, None where the answer is not to us, not of this very project (a path can have a new
        owner), or shows no merge request.
        """
        data = self.known.session.graphql(document, variables)
        us, project = data["currentUser"], data["project"]
        if us is None or rest_words.number(us["id"]) != self.known.own():
            return None
        if project is None or rest_words.number(project["id"]) != self.repository.id:
            return None
        node = project["mergeRequest"]
        return project if node is not None and node["diffHeadSha"] is not None else None

    def _whole(self, name: str, first: Json, node: Json) -> list[Json] | None:
        """All entries of a list; None if the merge request moved while it was paged."""
        nodes, info = list(first["nodes"]), first["pageInfo"]
        steps = onward.Steps(f"{name} of {self.repository.name}!{self.number}")
        while info["hasNextPage"]:
            steps.take(info["endCursor"])
            variables = {"path": self.path, "iid": str(self.number), "after": info["endCursor"]}
            project = self._asked(queries.next_page(name), variables)
            if project is None or project["mergeRequest"]["diffHeadSha"] != node["diffHeadSha"]:
                return None
            page = project["mergeRequest"][name]
            if not page["nodes"]:  # a cursor that leads nowhere
                return None
            nodes, info = [*nodes, *page["nodes"]], page["pageInfo"]
        return nodes

    def _remember_kinds(self, parts: Parts) -> None:
        """GraphQL says of everybody whether they are a bot, so that nobody needs to be looked up."""
        speaking = [each["author"] for each in parts.notes]
        acting = [each["user"] for each in (*parts.asked, *(parts.labelled or ()))]
        for user in (parts.found["author"], *parts.approved_by, *speaking, *acting):
            if user is not None:
                self.known.remember_kind(user)


_SHAPES: Mapping[str, Callable[[Json], Any]] = {
    "labels": rest_words.label,
    "approvedBy": rest_words.user,
    "reviewers": rest_words.reviewer,
    "commits": rest_words.commit,
    "notes": rest_words.note,
    "resourceLabelEvents": rest_words.label_event,
}
