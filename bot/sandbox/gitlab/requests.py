"""The life of a merge request: opened, edited, labelled, retargeted, closed, opened again; and its versions.

Every push and every new target makes a version, with the base it has at that moment. Rights are judged here.
"""

from typing import Any

from bot.sandbox.gitlab import access, approvals, diffs, pipelines, rules
from bot.sandbox.gitlab.errors import Refused, bad_request, forbidden
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.notes import tell_in_history
from bot.sandbox.gitlab.records import DEVELOPER, REPORTER, Happening, Label, MergeRequest, Project, User, Version
from bot.sandbox.gitlab.world import World

STATES = {"opened": 1, "closed": 2, "merged": 3, "locked": 4}
PLAIN = ("title", "description", "squash", "discussion_locked", "allow_collaboration")


def open_one(world: World, actor: Actor, source: Project, target: Project, body: dict[str, Any]) -> MergeRequest:
    """Open a merge request from a branch of `source` into one of `target`."""
    user = actor.person
    if access.level(world, user, source) < DEVELOPER or access.level(world, user, target) == 0:
        public = target.visibility != "private" and access.level(world, user, source) >= DEVELOPER
        if not public:
            raise forbidden()
    head, tip = world.branch(source, body["source_branch"]), world.branch(target, body["target_branch"])
    if head is None or tip is None:
        missing = "source_branch" if head is None else "target_branch"
        raise bad_request([f"{missing} {body[missing]} does not exist"])
    for other in world.store.where(MergeRequest, project_id=target.id, state="opened"):
        same = (other.source_project_id, other.source_branch, other.target_branch)
        if same == (source.id, body["source_branch"], body["target_branch"]):
            raise Refused(409, [f"Another open merge request already exists for this source branch: !{other.iid}"])
    target.last_iid += 1
    now = world.clock.tick()
    mr = world.store.add(
        MergeRequest(
            project_id=target.id, iid=target.last_iid, title=body["title"], description=body.get("description") or "",
            author_id=user.id, source_project_id=source.id, source_branch=body["source_branch"],
            target_branch=body["target_branch"], sha=head, created_at=now, updated_at=now, prepared_at=now,
            squash=bool(body.get("squash")), allow_collaboration=bool(body.get("allow_collaboration")),
            force_remove_source_branch=bool(body.get("remove_source_branch")),
            assignee_ids=tuple(body.get("assignee_ids", ())), reviewer_ids=tuple(body.get("reviewer_ids", ())),
        )
    )  # fmt: skip
    add_version(world, mr)
    _keep_rules(world, mr, target)
    if access.level(world, user, target) >= REPORTER:
        set_labels(world, actor, mr, names(body.get("labels")), quiet=True)
    pipelines.choose_head(world, mr)
    world.tell("merge_request", project=target, user=user, mr=mr, action="open")
    if source.ci not in {"none", "branch"}:
        pipelines.automatic(world, source, mr.source_branch, head, user, [mr])
    return mr


def _keep_rules(world: World, mr: MergeRequest, target: Project) -> None:
    free = access.paid(world, target) and not target.disable_overriding_approvers_per_merge_request
    if free and rules.of_project(world, target) and world.setting("copy_rules_on_open"):
        rules.keep_for(world, mr)


def add_version(world: World, mr: MergeRequest) -> Version | None:
    """A new version of the difference as it is now; none when the target branch is gone."""
    tip = diffs.target_tip(world, mr)
    if tip is None:
        return None
    base = diffs.merge_base(world.objects, tip, mr.sha) or tip
    changes = diffs.between(world.objects, base, mr.sha)
    most = world.setting("diff_files")
    return world.store.add(
        Version(
            mr_id=mr.id, head_commit_sha=mr.sha, base_commit_sha=base, start_commit_sha=tip,
            patch_id_sha=diffs.patch_id(world.objects, base, mr.sha), created_at=world.clock.now(),
            real_size=f"{most}+" if len(changes) > most else str(len(changes)),
        )
    )  # fmt: skip


def names(given: Any) -> list[str]:
    """Labels as a list, or as text with commas."""
    return [name.strip() for name in (given.split(",") if isinstance(given, str) else given or []) if name.strip()]


def may_update(world: World, actor: Actor, mr: MergeRequest) -> None:
    """A Developer may, and the author. Raises 403."""
    own = access.level(world, actor.person, world.project_of(mr))
    if own < DEVELOPER and mr.author_id != actor.person.id:
        raise forbidden()


def update(world: World, actor: Actor, mr: MergeRequest, body: dict[str, Any]) -> None:
    """Edit. Somebody with less than the role Reporter cannot change labels, and is not told so."""
    may_update(world, actor, mr)
    if body.get("title", "x").strip() == "":
        raise bad_request({"title": ["can't be blank"]})
    changes = _plain(world, actor, mr, body)
    if "remove_source_branch" in body:
        mr.force_remove_source_branch = bool(body["remove_source_branch"])
    changes |= _people(mr, body)
    if access.level(world, actor.person, world.project_of(mr)) >= REPORTER:
        changes |= _labels(world, actor, mr, body)
    if body.get("target_branch") not in {None, mr.target_branch}:
        changes |= retarget(world, actor, mr, body["target_branch"])
    if changes:
        changes |= touch(world, mr, actor.person)
        project = world.project_of(mr)
        world.tell("merge_request", project=project, user=actor.person, mr=mr, action="update", changes=changes)
    if "state_event" in body:
        {"close": close, "reopen": reopen}[body["state_event"]](world, actor, mr)


def touch(world: World, mr: MergeRequest, user: User) -> dict[str, Any]:
    """Somebody changed it now. Answers that as a part of the webhook's changes."""
    before = {"updated_at": mr.updated_at, "updated_by_id": mr.updated_by_id}
    mr.updated_at, mr.updated_by_id = world.clock.tick(), user.id
    return {key: {"previous": value, "current": getattr(mr, key)} for key, value in before.items()}


def _plain(world: World, actor: Actor, mr: MergeRequest, body: dict[str, Any]) -> dict[str, Any]:
    """Title, description and what else is a field."""
    changes: dict[str, Any] = {}
    draft, title = mr.draft, mr.title
    for key in PLAIN:
        if key in body and body[key] != getattr(mr, key):
            changes[key] = {"previous": getattr(mr, key), "current": body[key]}
            setattr(mr, key, body[key] if body[key] is not None else "")
    if draft != mr.draft:
        changes["draft"] = {"previous": draft, "current": mr.draft}
        words = "draft" if mr.draft else "ready"
        tell_in_history(world, mr, actor.user, f"marked this merge request as **{words}**")
    elif "title" in changes:
        tell_in_history(world, mr, actor.user, f"changed title from **{title}** to **{mr.title}**")
    if "title" in changes or "description" in changes:
        mr.last_edited_at, mr.last_edited_by_id = world.clock.now(), actor.person.id
    return changes


def _people(mr: MergeRequest, body: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for key in ("assignee_ids", "reviewer_ids"):
        if key in body and tuple(body[key]) != getattr(mr, key):
            found[key.removesuffix("_ids") + "s"] = [list(getattr(mr, key)), list(body[key])]
            setattr(mr, key, tuple(number for number in body[key] if number))
    mr.objector_ids = tuple(number for number in mr.objector_ids if number in mr.reviewer_ids)
    return found


def _labels(world: World, actor: Actor, mr: MergeRequest, body: dict[str, Any]) -> dict[str, Any]:
    if not {"labels", "add_labels", "remove_labels"} & set(body):
        return {}
    before = mr.label_ids
    wanted = names(body["labels"]) if "labels" in body else label_names(world, mr)
    wanted = [name for name in wanted + names(body.get("add_labels")) if name not in names(body.get("remove_labels"))]
    set_labels(world, actor, mr, wanted)
    return {"labels": {"previous": before, "current": mr.label_ids}} if before != mr.label_ids else {}


def label_names(world: World, mr: MergeRequest) -> list[str]:
    """The labels it has."""
    return [world.existing(Label, label_id).name for label_id in mr.label_ids]


def set_labels(world: World, actor: Actor, mr: MergeRequest, wanted: list[str], *, quiet: bool = False) -> None:
    """Give it these labels and no others; those that the project has not are made. Each change is remembered."""
    ids = []
    for name in dict.fromkeys(wanted):
        found = world.store.where(Label, project_id=mr.project_id, name=name)
        ids.append((found[0] if found else world.store.add(Label(project_id=mr.project_id, name=name))).id)
    changed = [("add", label) for label in ids if label not in mr.label_ids]
    changed += [("remove", label) for label in mr.label_ids if label not in ids]
    mr.label_ids = tuple(ids)
    now = world.clock.now() if quiet else world.clock.tick()
    for action, label in changed:
        world.store.add(
            Happening(
                mr_id=mr.id, kind="label", action=action, user_id=actor.person.id, label_id=label,
                label=world.existing(Label, label).name, created_at=now,
            )
        )  # fmt: skip


def retarget(world: World, actor: Actor, mr: MergeRequest, branch: str) -> dict[str, Any]:
    """Another target branch: a new version, and (Premium, with reset) no approval is left."""
    if world.branch(world.project_of(mr), branch) is None:
        raise bad_request({"target_branch": ["does not exist"]})
    before, mr.target_branch = mr.target_branch, branch
    world.clock.tick()
    add_version(world, mr)
    tell_in_history(world, mr, actor.user, f"changed target branch from `{before}` to `{branch}`")
    approvals.pushed(world, mr, actor.person, retargeted=True)
    return {"target_branch": {"previous": before, "current": branch}}


def _state(world: World, user: User, mr: MergeRequest, state: str, action: str) -> None:
    changes = touch(world, mr, user) | {"state_id": {"previous": STATES[mr.state], "current": STATES[state]}}
    verb = {"close": "closed", "reopen": "reopened", "merge": "merged"}[action]
    happening = Happening(mr_id=mr.id, kind="state", action=verb, user_id=user.id, created_at=mr.updated_at)
    world.store.add(happening)
    mr.state = state
    tell_in_history(world, mr, user, verb)
    world.tell("merge_request", project=world.project_of(mr), user=user, mr=mr, action=action, changes=changes)


def close(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Close it; auto-merge is off then."""
    may_update(world, actor, mr)
    if mr.state == "opened":
        mr.closed_at, mr.closed_by_id, mr.auto_merge_by_id = world.clock.now(), actor.person.id, None
        _state(world, actor.person, mr, "closed", "close")


def reopen(world: World, actor: Actor, mr: MergeRequest) -> None:
    """Open it again, with what its branch has become in the meantime."""
    may_update(world, actor, mr)
    source = world.source_of(mr)
    if mr.state != "closed":
        return
    head = world.branch(source, mr.source_branch) if source else None
    if head is None:
        raise bad_request("The source branch is gone")
    moved = head != mr.sha
    mr.sha, mr.closed_at, mr.closed_by_id = head, None, None
    if moved:
        add_version(world, mr)
        approvals.pushed(world, mr, actor.person)
    _state(world, actor.person, mr, "opened", "reopen")
    pipelines.choose_head(world, mr)


def merged(world: World, user: User, mr: MergeRequest, commit: str | None) -> None:
    """The target branch has it now."""
    mr.merged_at, mr.merge_user_id, mr.auto_merge_by_id = world.clock.now(), user.id, None
    mr.merge_commit_sha = commit if commit != mr.sha else None
    _state(world, user, mr, "merged", "merge")
