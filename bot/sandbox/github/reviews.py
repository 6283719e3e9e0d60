"""Reviews: given, and dismissed. The author of a change cannot approve it or object to it; a reader can say anything,
but whether that counts is the rules' business.
"""

from bot.sandbox.github import permissions
from bot.sandbox.github.errors import Refused, invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Issue, Review, TimelineItem
from bot.sandbox.github.world import World

STATES = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


def give(world: World, actor: Actor, pull: Issue, event: str, body: str, commit_id: str | None = None) -> Review:  # noqa: PLR0913, PLR0917 - each is a part of what is done
    """A submitted review of the head, or of the commit that is named."""
    repo = world.repo_of(pull)
    reviewer = actor.person
    if event != "COMMENT" and reviewer.id == pull.author_id:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise Refused(422, "Unprocessable Entity", [f"Can not {word} your own pull request"])
    if event != "APPROVE" and not body:
        raise Refused(422, "Unprocessable Entity", ["Body can't be blank"])
    sha = commit_id or pull.head_sha
    if not world.objects.has_commit(sha):
        raise invalid("No commit found for SHA: " + sha)
    review = world.store.add(
        Review(
            pull_id=pull.id,
            user_id=reviewer.id,
            state=STATES[event],
            body=body,
            commit_sha=sha,
            given_for=sha,
            could_push=permissions.at_least(permissions.actor_role(world, actor, repo), "write"),
            submitted_at=world.clock.tick(),
        )
    )
    pull.updated_at = review.submitted_at
    pull.requested_reviewer_ids = tuple(found for found in pull.requested_reviewer_ids if found != reviewer.id)
    world.tell("pull_request_review", "submitted", repo=repo, actor=actor, pull=pull, review=review)
    return review


def edit(world: World, actor: Actor, pull: Issue, review: Review, body: str) -> Review:
    """Change the text of one's own review."""
    if actor.person.id != review.user_id:
        raise Refused(403, "You can not edit a review of somebody else")
    before, review.body = review.body, body
    review.last_edited_at = world.clock.tick()
    more = {"changes": {"body": {"from": before}}}
    world.tell(
        "pull_request_review", "edited", repo=world.repo_of(pull), actor=actor, pull=pull, review=review, more=more
    )
    return review


def dismiss(world: World, actor: Actor, pull: Issue, review: Review, message: str) -> Review:
    """Take somebody's approval or objection away. A comment cannot be dismissed."""
    if review.state not in {"APPROVED", "CHANGES_REQUESTED"}:
        raise Refused(422, "Unprocessable Entity", ["Can not dismiss a commented pull request review"])
    was, review.state = review.state, "DISMISSED"
    now = world.clock.tick()
    pull.updated_at = now
    data = {"review": review.id, "was": was, "message": message, "commit": None}
    world.store.add(
        TimelineItem(
            issue_id=pull.id, kind="REVIEW_DISMISSED_EVENT", actor_id=actor.person.id, created_at=now, data=data
        )
    )
    world.tell("pull_request_review", "dismissed", repo=world.repo_of(pull), actor=actor, pull=pull, review=review)
    return review
