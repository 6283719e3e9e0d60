"""Merge trains (Premium): merge requests that are merged one after the other, each tested upon those before it.

Every car has a pipeline of its own, on a commit of its own (`refs/merge-requests/:iid/train`), which is the merge
request's newest. At each step GitLab looks again whether the merge request may be merged, but for its pipeline: missing
approvals throw it off, a status on its head says nothing any more. (GitLab, MergeTrains::RefreshMergeRequestService.)
"""

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.gitlab import access, commits, diffs, mergeability, merging, pipelines
from bot.sandbox.gitlab.errors import Refused, forbidden, unauthorized
from bot.sandbox.gitlab.identity import Actor
from bot.sandbox.gitlab.notes import tell_in_history
from bot.sandbox.gitlab.records import Car, MergeRequest, Pipeline, User
from bot.sandbox.gitlab.world import World

NOT_LOOKED_AT = {"ci_must_pass", "ci_still_running", "discussions_not_resolved"}


def board(world: World, actor: Actor, mr: MergeRequest) -> Car:
    """Put a mergeable merge request on the train of its target branch."""
    project, user = world.project_of(mr), actor.person
    if not access.paid(world, project) or not project.merge_trains_enabled:
        raise forbidden("merge trains are not enabled")
    if not access.may_merge(world, user, project, mr.target_branch):
        raise unauthorized()
    if mergeability.blockers(world, mr):
        raise Refused(400, "Failed to merge")
    car = world.store.add(Car(mr_id=mr.id, user_id=user.id, created_at=world.clock.tick()))
    tell_in_history(world, mr, user, "started a merge train")
    _test(world, car)
    return car


def cars(world: World, mr: MergeRequest) -> list[Car]:
    """The train that a merge request is on, or would be: the first car is merged first."""
    found = []
    for car in world.store.all(Car):
        other = world.existing(MergeRequest, car.mr_id)
        if (other.project_id, other.target_branch) == (mr.project_id, mr.target_branch):
            found.append(car)
    return found


def refresh(world: World) -> None:
    """Throw off what may not be merged any more, and merge every first car whose pipeline is through."""
    for car in world.store.all(Car):
        mr = world.existing(MergeRequest, car.mr_id)
        train = cars(world, mr)
        if car not in train:
            continue
        pipeline = world.store.get(Pipeline, car.pipeline_id)
        state = pipelines.status(world, pipeline) if pipeline else "failed"
        standing = mr.state == "opened" and set(mergeability.blockers(world, mr)) <= NOT_LOOKED_AT
        if not standing or state in {"failed", "canceled"}:
            _throw_off(world, car, mr)
        elif train[0] is car and state == "success":
            world.store.remove(car)
            merging.now(world, world.existing(User, car.user_id), mr)


def _throw_off(world: World, car: Car, mr: MergeRequest) -> None:
    train = cars(world, mr)
    behind = train[train.index(car) + 1 :]
    world.store.remove(car)
    user = world.existing(User, car.user_id)
    tell_in_history(world, mr, user, "removed this merge request from the merge train")
    mr.updated_at = world.clock.tick()
    world.tell("merge_request", project=world.project_of(mr), user=user, mr=mr, action="update")
    for each in behind:
        _test(world, each)


def _test(world: World, car: Car) -> None:
    """A new pipeline, on the merge of the merge request into what the car before it makes."""
    mr = world.existing(MergeRequest, car.mr_id)
    train = cars(world, mr)
    place = train.index(car)
    before = world.store.get(Pipeline, train[place - 1].pipeline_id) if place else None
    upon = before.sha if before else diffs.target_tip(world, mr)
    if upon is None:
        return
    user = world.existing(User, car.user_id)
    common = diffs.merge_base(world.objects, upon, mr.sha)
    start = world.objects.files(common) if common else {}
    try:
        files = git.merge_trees(world.objects, start, world.objects.files(upon), world.objects.files(mr.sha))
    except git.Conflict:
        _throw_off(world, car, mr)
        return
    who = commits.signature(None, user, iso(world.clock.seconds()))
    sha = commits.write(world, files, (upon, mr.sha), f"Merge {mr.sha} into {upon}", who, who)
    ref = f"refs/merge-requests/{mr.iid}/train"
    made = pipelines.create(world, world.project_of(mr), sha, ref, pipelines.EVENT, user, mr, mr.sha)
    car.pipeline_id = made.id
    pipelines.add_jobs(world, made, {"test": "running"}, user)
