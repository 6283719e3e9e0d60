"""The organisation of the demonstration: five people, two repositories, one App, and four open changes to play with.

The seed `people` is all of it but the App: an organisation as it is before `signoff setup github`.

It is planted through the same functions that requests use, so nothing in it could not have happened.
"""

from typing import Any

from bot.sandbox.clock import iso
from bot.sandbox.github import commits, installing, pulls, pushes, repositories
from bot.sandbox.github.identity import Actor, person
from bot.sandbox.github.records import Account, App, Label, Repository, Ruleset, Team
from bot.sandbox.github.world import HEADS, World

CHECK = "senior-signoff"
PEOPLE = (("jo", 101), ("sam", 102), ("grace", 1001), ("linus", 1002), ("ada", 1009))
BOTS = (("github-actions[bot]", 41898282), ("copilot-swe-agent[bot]", 198982749))
PERMISSIONS = {
    "metadata": "read", "checks": "write", "pull_requests": "write", "contents": "read", "statuses": "write",
    "members": "read", "merge_queues": "read", "issues": "write",
}  # fmt: skip
EVENTS = (
    "pull_request", "pull_request_review", "issue_comment", "push", "check_run", "check_suite", "merge_group",
    "repository", "member", "membership", "team", "organization", "status",
)  # fmt: skip
AI_TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"

PAYMENTS = {
    "README.md": "# Payments\n\nTakes money and gives it back.\n",
    "src/pay.py": 'def pay(order):\n    """Charge the order once."""\n    return charge(order.total)\n',
    "src/refund.py": 'def refund(order):\n    """Give the money back."""\n    return credit(order.total)\n',
    "migrations/0001_orders.sql": "CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);\n",
}
INFRA = {
    "README.md": "# Infrastructure\n",
    "infra/main.tf": 'resource "queue" "orders" {\n  name     = "orders"\n  retained = 14\n}\n',
    "infra/network.tf": 'resource "network" "inner" {\n  range = "10.0.0.0/16"\n}\n',
}


def plant(world: World, kind: str) -> None:
    """Plant the demonstration's people, or only GitHub's own account. A world that has accounts is left as it is."""
    if kind not in {"demo", "people", "empty"}:
        raise ValueError(f"unknown seed {kind!r}; there are demo, people and empty")
    if world.store.all(Account):
        return
    now = world.clock.now()
    flow = Account(id=19864447, login="web-flow", name="GitHub", email="noreply@github.com", created_at=now)
    world.store.add(flow)
    for login, number in BOTS:
        world.store.add(Account(id=number, login=login, name=login.removesuffix("[bot]"), kind="Bot", created_at=now))
    if kind != "empty":
        _people(world)
        _repositories(world)


def _people(world: World) -> None:
    now = world.clock.now()
    for login, number in PEOPLE:
        account = Account(id=number, login=login, name=login.capitalize(), email=f"{login}@example.com", created_at=now)
        world.store.add(account)
    members = {number: "member" for _, number in PEOPLE} | {1009: "admin"}
    acme = Account(id=900, login="acme", name="Acme", kind="Organization", created_at=now, members=members)
    acme.base_permission = "write"
    world.store.add(acme)
    team = Team(
        org_id=acme.id, slug="platform-seniors", name="platform-seniors", member_ids=(1001, 1002), created_at=now
    )
    world.store.add(team)


def _repositories(world: World) -> None:
    acme, ada = world.account("acme"), person(world, "ada")
    for number, (name, files) in enumerate((("payments", PAYMENTS), ("infra", INFRA)), start=1):
        repo = repositories.create(world, acme, name, id=number)
        at = iso(world.clock.seconds())
        who = commits.signature(None, ada.account, at)
        changes = [{"path": path, "content": text} for path, text in files.items()]
        sha = commits.write(world, commits.applied(world, {}, changes), (), "First commit", who, who)
        repo.refs = {HEADS + "main": sha}
        for label, color in (("ai-assisted", "7057ff"), ("no-ai", "cfd3d7"), ("bug", "d73a4a")):
            world.store.add(Label(repo_id=repo.id, name=label, color=color))


def add_app(world: World, app_id: int, public_key: str, webhook_url: str | None, secret: str) -> App:
    """The product's App: owned by acme, installed there, and its check required on both default branches."""
    acme = world.account("acme")
    bot = world.store.add(Account(login=f"{CHECK}[bot]", kind="Bot", name=CHECK, created_at=world.clock.now()))
    app = world.store.add(
        App(
            id=app_id, slug=CHECK, name=CHECK, owner_id=acme.id, bot_id=bot.id, permissions=PERMISSIONS, events=EVENTS,
            webhook_url=webhook_url, webhook_secret=secret, public_key=public_key, created_at=world.clock.now(),
        )
    )  # fmt: skip
    installing.install(world, Actor(app=app), app, acme)
    required = {
        "type": "required_status_checks",
        "parameters": {
            "strict_required_status_checks_policy": False,
            "required_status_checks": [{"context": CHECK, "integration_id": app_id}],
        },
    }
    now = world.clock.now()
    for repo in world.store.where(Repository, owner_id=acme.id):
        world.store.add(
            Ruleset(
                repo_id=repo.id, name="senior sign-off", created_at=now, updated_at=now, rules=(required,),
                conditions={"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
            )
        )  # fmt: skip
    return app


def open_changes(world: World) -> None:
    """The changes of the demonstration; made last, so that the App hears of them."""
    change(world, "jo", "payments", "claude/retry", "Retry failed charges", "src/pay.py",
           PAYMENTS["src/pay.py"].replace("charge(order.total)", "with_retry(charge, order.total, times=2)"),
           "A charge that times out is tried again, twice.", AI_TRAILER)  # fmt: skip
    change(world, "jo", "payments", "fix-refund-text", "Say what a refund does", "src/refund.py",
           PAYMENTS["src/refund.py"].replace("Give the money back.", "Give the money back, once."),
           "Only words.", None)  # fmt: skip
    change(
        world,
        "grace",
        "payments",
        "grace/rounding",
        "Round totals half to even",
        "src/rounding.py",
        "def rounded(amount):\n    return round(amount, 2)\n",
        "The books did not add up by a cent.",
        AI_TRAILER,
    )
    sam = "Co-authored-by: Sam <sam@example.com>"
    change(world, "copilot-swe-agent[bot]", "infra", "copilot/keep-messages-shorter", "Keep messages for 3 days",
           "infra/main.tf", INFRA["infra/main.tf"].replace("14", "3"), "Sam asked for this.", sam)  # fmt: skip


def change(  # noqa: PLR0913, PLR0917 - a change has these parts
    world: World, login: str, name: str, branch: str, title: str, path: str, content: str, body: str,
    trailer: str | None,
) -> Any:  # fmt: skip
    """One commit on a new branch, and a pull request for it."""
    who, repo = person(world, login), world.repository("acme", name)
    if who.person.kind == "Bot":
        repo.collaborators = repo.collaborators | {who.person.id: "write"}
    tip = repo.refs[HEADS + repo.default_branch]
    files = commits.applied(world, world.objects.files(tip), [{"path": path, "content": content}])
    message = f"{title}\n\n{body}" + (f"\n\n{trailer}" if trailer else "")
    at = iso(world.clock.seconds())
    author = commits.signature(None, who.account, at)
    sha = commits.write(world, files, (tip,), message, author, author)
    pushes.move(world, who, repo, HEADS + branch, sha)
    fields = {"title": title, "body": body, "head": branch, "base": repo.default_branch}
    return pulls.open_pull(world, who, repo, fields)
