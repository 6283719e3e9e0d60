"""Approving, taking an approval back, and what a push does to approvals.

GitLab keeps no commit with an approval. A push deletes those whose patch-id is not the present one, if the project
says so (Premium); on Free all of them stay. It does that after a while, in which an approval given too early is lost.
"""

from bot.sandbox.gitlab import access, diffs, rules
from bot.sandbox.gitlab.errors import Refused, forbidden, not_found, unauthorized
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.notes import tell_in_history
from bot.sandbox.gitlab.records import DEVELOPER, Approval, MergeRequest, User
from bot.sandbox.gitlab.world import World


def of(world: World, mr: MergeRequest) -> list[Approval]:
    """The approvals there are, oldest first."""
    return world.store.where(Approval, mr_id=mr.id)


def approved(world: World, mr: MergeRequest) -> bool:
    """Whether every rule is satisfied; where there are none (on Free always) it is."""
    return all(rules.satisfied(world, mr, rule) for rule in rules.standing(world, mr))


def left(world: World, mr: MergeRequest) -> int:
    """How many approvals are missing."""
    standing = rules.standing(world, mr)
    open_rules = [rule for rule in standing if not rules.satisfied(world, mr, rule)]
    return sum(max(rule.approvals_required - len(rules.given(world, mr, rule)), 0) for rule in open_rules)


def may(world: World, user: User, mr: MergeRequest) -> bool:
    """Developers may, and the author; who barred from it is told elsewhere."""
    own = access.level(world, user, world.project_of(mr))
    return own >= DEVELOPER or (own > 0 and user.id == mr.author_id)


def can(world: World, user: User, mr: MergeRequest) -> bool:
    """Whether an approval of theirs would be taken now."""
    again = any(row.user_id == user.id for row in of(world, mr))
    return may(world, user, mr) and not again and mr.state != "merged" and user.id not in rules.excluded(world, mr)


def approve(
    world: World, actor: Actor, mr: MergeRequest, sha: str | None = None, password: str | None = None
) -> Approval:
    """Approve. 409 for a head that is not the one named; 401 where it is barred, given already, or needs a password.

    No service account and no bot has a password; a person's is `password-of-<username>`.
    """
    user = actor.person
    if not may(world, user, mr):
        raise forbidden()
    if sha is not None and sha != mr.sha:
        raise Refused(409, f"SHA does not match HEAD of source branch: {mr.sha}")
    project = world.project_of(mr)
    asks = project.require_reauthentication_to_approve and access.paid(world, project)
    if asks and (user.bot or password != f"password-of-{user.username}"):
        raise unauthorized()
    if not can(world, user, mr):
        raise unauthorized()
    now = world.clock.tick()
    patch = diffs.latest(world, mr).patch_id_sha
    mr.objector_ids = tuple(number for number in mr.objector_ids if number != user.id)
    row = world.store.add(Approval(mr_id=mr.id, user_id=user.id, given_for=mr.sha, patch_id=patch, created_at=now))
    mr.updated_at = now
    tell_in_history(world, mr, user, "approved this merge request")
    action = "approved" if approved(world, mr) else "approval"
    world.tell("merge_request", project=project, user=user, mr=mr, action=action)
    return row


def request_changes(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Ask for changes, which makes a reviewer and takes their approval back. Approving ends it."""
    user = actor.person
    if not may(world, user, mr):
        raise forbidden()
    for row in [row for row in of(world, mr) if row.user_id == user.id]:
        world.store.remove(row)
    mr.reviewer_ids = tuple(dict.fromkeys((*mr.reviewer_ids, user.id)))
    mr.objector_ids = tuple(dict.fromkeys((*mr.objector_ids, user.id)))
    mr.updated_at = world.clock.tick()
    tell_in_history(world, mr, user, "requested changes")
    world.tell("merge_request", project=world.project_of(mr), user=user, mr=mr, action="update")


def unapprove(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Take one's own approval back; 404 when there is none."""
    user = actor.person
    if not may(world, user, mr):
        raise forbidden()
    found = [row for row in of(world, mr) if row.user_id == user.id]
    if not found or mr.state == "merged":
        raise not_found()
    before = approved(world, mr)
    world.store.remove(found[0])
    mr.updated_at = world.clock.tick()
    tell_in_history(world, mr, user, "unapproved this merge request")
    paid = access.paid(world, world.project_of(mr))
    action = "unapproval" if paid and before == approved(world, mr) else "unapproved"
    world.tell("merge_request", project=world.project_of(mr), user=user, mr=mr, action=action)


def clear(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Delete everybody's approval without a word. Only bots may, and only where they may approve."""
    if not (actor.person.bot and may(world, actor.person, mr)) or mr.state == "merged":
        raise unauthorized()
    for row in of(world, mr):
        world.store.remove(row)


def pushed(world: World, mr: MergeRequest, user: User, *, retargeted: bool = False) -> None:
    """The difference changed. Which approvals stay is worked out at once, or after `approvals_syncing_seconds`."""
    project = world.project_of(mr)
    if not access.paid(world, project) or not project.reset_approvals_on_push:
        return
    mr.reset_by_id = user.id
    mr.syncing_until = world.clock.seconds() + (0 if retargeted else world.setting("approvals_syncing_seconds"))
    if retargeted:
        for row in of(world, mr):
            row.patch_id = ""
    settle(world, mr)


def syncing(mr: MergeRequest) -> bool:
    """Whether GitLab is still working it out."""
    return mr.syncing_until > 0


def settle(world: World, mr: MergeRequest) -> None:
    """End of the working out, when its time has come.

    An approval given in the meantime is dropped with the others, whatever it was given for.
    """
    if not mr.syncing_until or mr.syncing_until > world.clock.seconds():
        return
    late = world.setting("approvals_syncing_seconds") > 0
    mr.syncing_until = 0.0
    patch = diffs.latest(world, mr).patch_id_sha
    newest = world.versions(mr)[-1].created_at
    gone = [row for row in of(world, mr) if row.patch_id != patch or (late and row.created_at > newest)]
    before = approved(world, mr)
    for row in gone:
        world.store.remove(row)
    if gone and world.since("18.6"):
        action = "unapproved" if before and not approved(world, mr) else "unapproval"
        world.tell(
            "merge_request", project=world.project_of(mr), user=world.store.get(User, mr.reset_by_id), mr=mr,
            action=action, system_action="approvals_reset_on_push",
        )  # fmt: skip


def settle_all(world: World) -> None:
    """Every merge request whose time has come."""
    for mr in world.store.all(MergeRequest):
        if mr.syncing_until:
            settle(world, mr)
