"""The stories' world on GitLab: the same people, with merge requests; what a person sees is a status or the bot's
approval, and the note.
"""

import time
from dataclasses import dataclass, replace
from typing import Any

from bot.forges.gitlab import secrets
from tests.stories.world import TRAILER, World
from tests.support.gitlab_sandbox import CHECK, SIGNING_TOKEN, GitLab, root

PEOPLE = {"jo": 2101, "sam": 2102, "grace": 2001, "linus": 2002, "ada": 2009}
BOT = 2900
EVENTS = ["merge_requests_events", "note_events", "push_events", "pipeline_events"]
SHOWN = {"success": "success", "failed": "failure"}
RULE = {"reset_approvals_on_push": True, "disable_overriding_approvers_per_merge_request": True}


@dataclass(frozen=True)
class GitLabWorld(World):
    """A simulated GitLab and the service. `app` is the bot: its name and token."""

    forge: GitLab
    webhook_url: str = ""
    id: int = 0
    mechanism: str = "status"

    @staticmethod
    def build(forge: GitLab, webhook_url: str) -> Any:
        """A group whose people are those of the shipped roster; answers the bot."""
        del webhook_url
        for login, number in PEOPLE.items():
            forge.user(login, id=number, email=f"{login}@example.com")
        forge.user("stranger", id=5000, email="stranger@example.com")
        forge.user("signoff", id=BOT, kind="service_account")
        forge.group("acme", dict.fromkeys(PEOPLE, "developer") | {"ada": "owner", "signoff": "developer"})
        return {"name": "signoff", "token": forge.token("signoff", scopes=["api"])["token"]}

    def with_repository(self, name: str, **details: Any) -> "GitLabWorld":
        """The same with a new project in which pipelines must succeed, and its hook."""
        settings = {"only_allow_merge_if_pipeline_succeeds": True} | details
        files = settings.pop("files", {"src/pay.py": "def pay():\n    return 1\n"})
        made = self.forge.project(name, files, **settings)
        token = secrets.project_signing_token(SIGNING_TOKEN, made["id"])
        self.forge.hook(name, self.webhook_url, signing_token=token, events=EVENTS)
        return replace(self, repository=name, id=made["id"])

    def with_rule(self, name: str, **details: Any) -> "GitLabWorld":
        """A project of a paid tier, whose locked rule needs the bot's approval."""
        made = self.with_repository(
            name, tier="premium", **({"only_allow_merge_if_pipeline_succeeds": False} | RULE | details)
        )
        self.forge.rule(name, "ada", user_ids=[BOT], applies_to_all_protected_branches=True)
        return replace(made, mechanism="approver")

    def opened(
        self, by: str = "jo", message: str = f"Add retry\n\n{TRAILER}", branch: str = "retry", **more: Any
    ) -> int:
        """A merge request with one commit, opened; its number."""
        files = more.pop("files", {"src/pay.py": f"def pay():\n    return '{branch}'\n"})
        return int(self.forge.change(self.repository, by, branch, files, message, **more)["iid"])

    def settled(self) -> None:
        """Everything delivered, everything evaluated; also what our own statuses made GitLab tell of."""
        for _ in range(2):
            super().settled()

    def shown(self, number: int) -> dict[str, Any]:
        """What holds the merge request, settled, and the note: {"state", "title", "summary", "notes"}."""
        self.settled()
        return self.seen(number)

    def seen(self, number: int) -> dict[str, Any]:
        """The same, as it is at this moment."""
        inside = self.forge.state(self.repository, number)
        notes = [each for each in inside["notes"] if each["by"] == "signoff" and "<!-- signoff" in each["body"]]
        text = notes[0]["body"] if notes else ""
        told = {"title": text.partition("\n\n")[0], "summary": text, "notes": len(notes)}
        return told | {"state": self._state(number, inside, text)}

    def comes_to(self, number: int, state: str) -> None:
        """Wait until it is shown so: where something has to be tried again, nothing is due for a moment."""
        self.service.until(lambda: self.rested(number)["state"] == state, f"!{number} did not come to {state}")

    def rested(self, number: int) -> dict[str, Any]:
        """What is shown, a moment later: whoever asks without a pause keeps those busy that he waits for."""
        time.sleep(0.2)
        return self.seen(number)

    def _state(self, number: int, inside: Any, text: str) -> str:
        if ", by approver" in text.rpartition("---")[2]:
            approved = any(each["by"] == "signoff" for each in inside["approvals"])
            return "success" if approved else "failure" if "⛔" in text else "waiting"
        return self.status(number)["state"]

    def status(self, number: int) -> dict[str, Any]:
        """The status of our name that counts: {"state", "by"}; state none where there is none."""
        found = self.forge.mr(self.repository, number)["head_pipeline"]
        listed = self.forge.statuses(self.repository, found["sha"], name=CHECK) if found else []
        mine = [each for each in listed if each["pipeline_id"] == found["id"]]
        if not mine:
            return {"state": "none", "by": None}
        newest = max(mine, key=lambda each: each["id"])
        return {"state": SHOWN.get(newest["status"], "waiting"), "by": newest["author"]["username"]}

    def merges(self, number: int, by: str = "ada") -> bool:
        """Whether somebody can merge it now."""
        answer = self.forge.merge(self.repository, number, by)
        return bool(answer["merged"])

    @property
    def path(self) -> str:
        """The project's path in the API."""
        return root(self.repository)
