"""Commands that run pipelines, and end their jobs, as runners would."""

from typing import Any

from bot.sandbox.control import Body
from bot.sandbox.gitlab import pipelines, trains
from bot.sandbox.gitlab.control.command import actor, command, merge_request
from bot.sandbox.gitlab.records import MergeRequest, Pipeline
from bot.sandbox.gitlab.service import Service
from bot.sandbox.gitlab.views import requests as views


@command("pipeline", "project", "iid", "kind", "jobs", "by", "where")
def pipeline(service: Service, body: Body) -> Any:
    """Run a pipeline for a merge request. `kind`: branch, detached, merged. `jobs` maps names to states.

    `where` names the project that it runs in (a fork, or its parent) when that is not the one where GitLab runs it.
    """
    with service.act() as world:
        who = actor(world, body)
        where = world.project(body["where"]) if "where" in body else None
        made = pipelines.run(world, merge_request(world, body), body.get("kind", "branch"), who.user, where)
        pipelines.add_jobs(world, made, body.get("jobs", {"test": "success"}), who.user)
        return views.pipeline(world, made)


@command("jobs", "pipeline", "jobs", "archived", "skipped")
def jobs(service: Service, body: Body) -> Any:
    """Move jobs of a pipeline to states, or run further ones; archive it, or let it count as skipped."""
    with service.act() as world:
        found = world.existing(Pipeline, int(body["pipeline"]))
        for key in ("archived", "skipped"):
            if key in body:
                setattr(found, key, bool(body[key]))
        left = dict(body.get("jobs", {}))
        for job in world.jobs(found):
            if not job.retried and job.name in left:
                job.state = left.pop(job.name)
                job.finished_at = world.clock.now() if job.state in pipelines.ENDED else None
        pipelines.add_jobs(world, found, left, None)
        return views.pipeline(world, found)


@command("board", "project", "iid", "by")
def board(service: Service, body: Body) -> Any:
    """Put a merge request on the merge train, as its button does; answers the car's pipeline, whose job runs."""
    with service.act() as world:
        car = trains.board(world, actor(world, body), merge_request(world, body))
        return views.pipeline(world, world.existing(Pipeline, car.pipeline_id or 0))


@command("train", "project", "iid")
def train(service: Service, body: Body) -> Any:
    """The merge requests on the train that one is on, the first first."""
    with service.world.lock:
        world, mr = service.world, merge_request(service.world, body)
        found = [world.existing(MergeRequest, car.mr_id).iid for car in trains.cars(world, mr)]
        return {"iids": found}
