"""The group of the demonstration: five people, two projects, the product's bot, and open merge requests to play with.

The project payments is under a Premium licence and has the bot as required approver; infra is under none, and there
pipelines must succeed. Everything is planted through the functions that requests use.
"""

from bot.sandbox.clock import iso
from bot.sandbox.gitlab import commits, identity, projects, pushes, requests
from bot.sandbox.gitlab.identity import person
from bot.sandbox.gitlab.records import DEVELOPER, MAINTAINER, OWNER, Group, Hook, Label, Rule, Token, User
from bot.sandbox.gitlab.world import HEADS, World

AGE = 3600
BOT = "senior-signoff"
PEOPLE = (("jo", 2101), ("sam", 2102), ("grace", 2001), ("linus", 2002), ("ada", 2009))
AGENT = "duo-developer"
AI_TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
EVENTS = ("merge_requests_events", "note_events", "push_events", "pipeline_events")

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


def plant(world: World) -> None:
    """People, the agent, the group and its projects. A world that has users is left as it is."""
    if world.store.all(User):
        return
    now = world.clock.now()
    for name, number in PEOPLE:
        mailbox = f"{name}@example.com"
        world.store.add(User(id=number, username=name, name=name.capitalize(), email=mailbox, created_at=now))
    agent = User(id=1501, username=AGENT, name="Duo Developer", kind="service_account", created_at=now)
    world.store.add(agent)
    roles = {number: DEVELOPER for _, number in PEOPLE} | {2001: MAINTAINER, 2009: OWNER, agent.id: DEVELOPER}
    projects.create_group(world, "acme", roles, id=900)
    _project(world, 1, "acme/payments", PAYMENTS, tier="premium")
    _project(world, 2, "acme/infra", INFRA, tier="free", only_allow_merge_if_pipeline_succeeds=True)


def demonstrate(world: World, webhook_url: str | None, signing_token: str) -> Token:
    """The whole demonstration, with nothing in it that lies in the future; answers the bot's token."""
    world.clock.fix(world.clock.seconds() - AGE)
    plant(world)
    token = add_bot(world, webhook_url, signing_token)
    open_changes(world)
    world.clock.fix(None)
    return token


def invite(world: World) -> None:
    """People, projects and merge requests without the bot, as they are before `signoff setup gitlab`."""
    if world.store.all(User):
        return
    world.clock.fix(world.clock.seconds() - AGE)
    plant(world)
    world.project("acme/infra").only_allow_merge_if_pipeline_succeeds = False
    open_changes(world)
    world.clock.fix(None)


def _project(world: World, number: int, path: str, contents: dict[str, str], **fields: object) -> None:
    made = projects.create(world, path, id=number, **fields)
    who = commits.signature(None, world.user("ada"), iso(world.clock.seconds()))
    changes = [{"path": name, "content": text} for name, text in contents.items()]
    sha = commits.write(world, commits.applied(world, {}, changes), (), "First commit", who, who)
    made.refs = {HEADS + made.default_branch: sha}
    projects.protect(world, made, made.default_branch, merge=DEVELOPER)
    for label, color in (("ai-assisted", "#7057ff"), ("no-ai", "#cfd3d7"), ("bug", "#d73a4a")):
        world.store.add(Label(project_id=made.id, name=label, color=color))


def add_bot(world: World, webhook_url: str | None, signing_token: str) -> Token:
    """The product's service account, in both projects, with a hook that signs; answers its token."""
    bot = world.store.add(
        User(id=4001, username=BOT, name="Senior sign-off", kind="service_account", created_at=world.clock.now())
    )
    projects.add_member(world, world.group("acme"), bot.id, DEVELOPER)
    for path in ("acme/payments", "acme/infra"):
        project = world.project(path)
        if webhook_url:
            world.store.add(
                Hook(
                    project_id=project.id, url=webhook_url, signing_token=signing_token, events=EVENTS,
                    uuid=f"00000000-0000-4000-8000-{project.id:012d}", created_at=world.clock.now(),
                )
            )  # fmt: skip
    payments = world.project("acme/payments")
    payments.disable_overriding_approvers_per_merge_request = True
    world.store.add(
        Rule(
            project_id=payments.id, name="senior sign-off", approvals_required=1, user_ids=(bot.id,),
            applies_to_all_protected_branches=True,
        )
    )  # fmt: skip
    return identity.issue(world, bot, BOT, ("api",), None)


def known_token(world: World) -> Token | None:
    """The token of the product's bot, when it was planted before."""
    bots = world.store.where(User, username=BOT)
    found = world.store.where(Token, user_id=bots[0].id) if bots else []
    return next((token for token in found if not token.revoked), None)


def redirect(world: World, webhook_url: str, signing_token: str) -> None:
    """Let the hooks of the demonstration go to another address."""
    group = world.group("acme")
    for hook in world.store.all(Hook):
        if world.project(str(hook.project_id)).group_id == group.id and isinstance(group, Group):
            hook.url, hook.signing_token = webhook_url, signing_token


def open_changes(world: World) -> None:
    """The merge requests of the demonstration; made last, so that the hooks hear of them."""
    _change(world, "jo", "acme/payments", "claude/retry", "Retry failed charges", "src/pay.py",
            PAYMENTS["src/pay.py"].replace("charge(order.total)", "with_retry(charge, order.total, times=2)"),
            "A charge that times out is tried again, twice.", AI_TRAILER)  # fmt: skip
    _change(world, "jo", "acme/payments", "fix-refund-text", "Say what a refund does", "src/refund.py",
            PAYMENTS["src/refund.py"].replace("Give the money back.", "Give the money back, once."),
            "Only words.", None)  # fmt: skip
    _change(world, AGENT, "acme/infra", "duo/keep-messages-shorter", "Keep messages for 3 days", "infra/main.tf",
            INFRA["infra/main.tf"].replace("14", "3"), "Sam asked for this.",
            "Co-authored-by: Sam <sam@example.com>")  # fmt: skip


def _change(  # noqa: PLR0913, PLR0917 - a change has these parts
    world: World, username: str, path: str, branch: str, title: str, file: str, content: str, body: str,
    trailer: str | None,
) -> None:  # fmt: skip
    """One commit on a new branch, and a merge request for it."""
    who, project = person(world, username), world.project(path)
    tip = project.refs[HEADS + project.default_branch]
    files = commits.applied(world, world.objects.files(tip), [{"path": file, "content": content}])
    message = f"{title}\n\n{body}" + (f"\n\n{trailer}" if trailer else "")
    author = commits.signature(None, who.person, iso(world.clock.seconds()))
    sha = commits.write(world, files, (tip,), message, author, author)
    pushes.move(world, who, project, HEADS + branch, sha)
    fields = {"title": title, "description": body, "source_branch": branch, "target_branch": project.default_branch}
    requests.open_one(world, who, project, project, fields)
