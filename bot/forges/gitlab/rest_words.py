"""What GraphQL tells of a merge request, in the words of REST: pure, so that both are understood by the same code.

An id is the number at the end of `gid://gitlab/Note/12`; a state is in small letters; times are whole seconds. What is
null here and never null there is a surprise (TypeError, ValueError or KeyError), and never read as an empty answer.
"""

from collections.abc import Mapping
from typing import Any

from bot.forges.gitlab.queries import LOCAL_RULES

Json = Mapping[str, Any]
Shaped = dict[str, Any]


def number(gid: str) -> int:
    """The number in a global id."""
    return int(gid.rpartition("/")[2])


def user(node: Json | None) -> Shaped | None:
    """Somebody as a part of something else; with `bot`, which REST tells in their own record only."""
    if node is None:
        return None
    return {"id": number(node["id"]), "username": _text(node["username"]), "bot": bool(node["bot"])}


def merge_request(node: Json) -> Shaped:
    """GET /merge_requests/:iid, as far as a reading looks at it. One that is merged is to be asked for by REST."""
    return {
        "iid": int(node["iid"]),
        "sha": _text(node["diffHeadSha"]),
        "title": _text(node["title"]),
        "description": node["description"],
        "state": _text(node["state"]).lower(),
        "source_branch": _text(node["sourceBranch"]),
        "target_branch": _text(node["targetBranch"]),
        "source_project_id": node["sourceProjectId"],
        "target_project_id": int(node["targetProjectId"]),
        "updated_at": _text(node["updatedAt"]),
        "web_url": _text(node["webUrl"]),
        "diff_refs": {
            "base_sha": _text(node["diffRefs"]["baseSha"]),
            "start_sha": _text(node["diffRefs"]["startSha"]),
        },
        "author": user(node["author"]),
        "head_pipeline": pipeline(node["headPipeline"]),
    }


def pipeline(node: Json | None) -> Shaped | None:
    """A merge request's head pipeline."""
    if node is None:
        return None
    project = number(node["project"]["id"]) if node["project"] else None  # that of a fork may not be shown
    return {"id": number(node["id"]), "sha": node["sha"], "ref": node["ref"], "project_id": project}


def newest_status(node: Json) -> Shaped | None:
    """The status of our name that counts in the pipeline of a merge request, by whomever; None if that cannot be told.

    Older versions may show one that was replaced: of that it is told that it was (`retried`).
    """
    job = node["headPipeline"]["job"] if node["headPipeline"] else None
    if job is None or job["retried"] is not False:
        return None
    return {"id": number(job["id"]), "status": _text(job["status"]).lower()}


def label(node: Json) -> str:
    """A label, as REST lists them: by its name."""
    return _text(node["title"])


def reviewer(node: Json) -> Shaped:
    """GET /reviewers."""
    return {"user": user(node), "state": _text(node["mergeRequestInteraction"]["reviewState"]).lower()}


def commit(node: Json) -> Shaped:
    """GET /commits, which tells no parents either."""
    return {
        "id": _text(node["sha"]),
        "message": _text(node["message"]),
        "author_name": node["authorName"],
        "author_email": node["authorEmail"],
        "committer_name": node["committerName"],
        "committer_email": node["committerEmail"],
    }


def note(node: Json) -> Shaped:
    """GET /notes. Whether it was edited is told by itself, since an edit may fall into the second it was written in."""
    created, updated = _text(node["createdAt"]), _text(node["updatedAt"])
    return {
        "id": number(node["id"]),
        "body": _text(node["body"]),
        "system": bool(node["system"]),
        "author": user(node["author"]),
        "created_at": created,
        "updated_at": updated,
        "edited": node["lastEditedAt"] is not None or updated != created,
    }


def label_event(node: Json) -> Shaped:
    """GET /resource_label_events. A label that was deleted has no name any more."""
    return {
        "action": _text(node["action"]).lower(),
        "created_at": _text(node["createdAt"]),
        "label": {"name": label(node["label"])} if node["label"] else None,
        "user": user(node["user"]),
    }


def local_rules(project: Json) -> str | None:
    """The blob of the repository's own rules on its default branch, None without any."""
    found = [blob["oid"] for blob in project["repository"]["blobs"]["nodes"] if blob["path"] == LOCAL_RULES]
    return _text(found[0]) if found else None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} where GitLab tells a text")
    return value
