"""What the stories are told with: people who do things on the forge, and what the check then says."""

from dataclasses import dataclass, replace
from typing import Any

from tests.support.sandbox import Sandbox
from tests.support.service import Service

PEOPLE = {"jo": 101, "sam": 102, "grace": 1001, "linus": 1002, "ada": 1009}
TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"


@dataclass(frozen=True)
class World:
    """The forge and the service. `shown` is what a person sees on a change."""

    forge: Sandbox
    service: Service
    app: Any
    repository: str = ""

    @staticmethod
    def build(forge: Sandbox, webhook_url: str) -> Any:
        """An organisation whose people are those of the shipped roster; answers the App."""
        for login, number in PEOPLE.items():
            forge.user(login, id=number, email=f"{login}@example.com")
        forge.user("stranger", id=5000, email="stranger@example.com")
        forge.org("acme", dict.fromkeys(PEOPLE, "member") | {"ada": "admin"})
        return forge.app(id=4001, webhook_url=webhook_url, webhook_secret=forge.ready["webhook_secret"])

    def with_repository(self, name: str, **details: Any) -> "World":
        """The same with a new repository in which the people of acme may push and the check is required."""
        roles = dict.fromkeys(PEOPLE, "write") | {"ada": "admin"}
        self.forge.repo(
            name, {"src/pay.py": "def pay():\n    return 1\n"}, collaborators=roles, private=False, **details
        )
        self.forge.require_check(name, "ada", self.app["id"])
        return replace(self, repository=name)

    def opened(
        self, by: str = "jo", message: str = f"Add retry\n\n{TRAILER}", branch: str = "retry", **more: Any
    ) -> int:
        """A change with one commit, opened; its number. More: `files`, `title`, `body`, …."""
        files = more.pop("files", {"src/pay.py": f"def pay():\n    return '{branch}'\n"})
        return int(self.forge.change(self.repository, by, branch, files, message, **more)["number"])

    def settled(self) -> None:
        """Everything delivered, everything evaluated."""
        self.forge.wait_deliveries()
        self.service.settle()

    def shown(self, number: int) -> dict[str, Any]:
        """Our check on the change's head, settled: {"state", "title", "summary"}; state none where there is none."""
        self.settled()
        return self.on_commit(self.forge.head(self.repository, number))

    def on_commit(self, sha: str) -> dict[str, Any]:
        """Our newest check on a commit."""
        runs = self.forge.check_runs(self.repository, sha)
        if not runs:
            return {"state": "none", "title": "", "summary": ""}
        run = runs[0]
        state = run["conclusion"] if run["status"] == "completed" else "waiting"
        return {"state": state, "title": run["output"]["title"], "summary": run["output"]["summary"], "id": run["id"]}

    def state(self, number: int) -> str:
        """How the check on the change's head stands: waiting, success, failure or none."""
        return str(self.shown(number)["state"])

    def merges(self, number: int, by: str = "ada") -> bool:
        """Whether somebody can merge it now."""
        return bool(self.forge.merge(self.repository, number, by)["merged"])

    def edit_file(self, name: str, old: str, new: str) -> None:
        """Edit rules.yaml or roster.yaml as the service reads it."""
        path = self.service.folder / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1))
