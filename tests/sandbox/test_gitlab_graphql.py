"""The simulated GitLab's GraphQL: the schema of its version, its cost, its pages, and who is shown what."""

from typing import Any

import pytest

from tests.support.gitlab_sandbox import GitLab

PAY = "acme/payments"
MR = 'query Q { project(fullPath: "acme/payments") { mergeRequest(iid: "1") { %s } } }'


@pytest.fixture
def acme(gitlab: GitLab) -> GitLab:
    """A private project with a merge request, two Developers, its owner, and a stranger."""
    gitlab.users("jo", "grace", "ada", "eve")
    gitlab.group("acme", {"jo": "developer", "grace": "developer", "ada": "owner"})
    gitlab.project(PAY, {"a.txt": "1\n"}, ci="branch", labels=["bug"])
    gitlab.change(PAY, "jo")
    return gitlab


def ask(acme: GitLab, text: str, by: str = "jo", **variables: Any) -> Any:
    """The whole answer to a query."""
    headers = {"PRIVATE-TOKEN": f"sandbox-user-{by}"}
    body = {"query": text, "variables": variables}
    return acme.process.session.post(f"{acme.url}/api/graphql", json=body, headers=headers, timeout=60).json()


def test_a_field_that_the_version_or_build_lacks_is_refused_before_anything_is_answered(acme: GitLab) -> None:
    """A newer version has more; the Community build has less; what is in no schema at all is a violation."""
    events = MR % "resourceLabelEvents { nodes { action } }"
    refused = ask(acme, events)
    assert "data" not in refused
    assert refused["errors"][0]["extensions"] == {"code": "undefinedField"}
    acme.settings(version="19.5.0", enterprise=False)
    acme.edit(PAY, 1, "jo", labels="bug")
    found = ask(acme, events)["data"]["project"]["mergeRequest"]
    assert found == {"resourceLabelEvents": {"nodes": [{"action": "ADD"}]}}
    assert "errors" in ask(acme, MR % "approvalsRequired")
    assert "errors" in ask(acme, MR % "colour")
    assert len(acme.violations(reset=True)) == 3
    acme.settings(graphql=False)
    assert ask(acme, events) == {"message": "404 Not found"}


def test_a_query_costs_what_gitlab_counts_and_lists_come_in_pages_of_a_hundred(acme: GitLab) -> None:
    """A list with a resolver costs 1% more for each entry of a page; one without costs the same for any page."""
    for number in range(3):
        acme.note(PAY, 1, "jo", f"Note {number}")
    notes = "notes(first: %s) { nodes { body } pageInfo { hasNextPage } }"
    for first, cost in (("100", 12), ("1", 7), ("1000", 12)):
        acme.settings(graphql_complexity=cost)
        assert "errors" not in ask(acme, MR % (notes % first)), first
        acme.settings(graphql_complexity=cost - 1)
        (error,) = ask(acme, MR % (notes % first))["errors"]
        assert error["message"].startswith(f"Query has complexity of {cost}, which exceeds max complexity")
    acme.settings(graphql_complexity=250)
    page = MR.replace("Q", "Q($after: String)") % (
        "notes(first: 2, after: $after) { nodes { body } pageInfo { hasNextPage endCursor } }"
    )
    first = ask(acme, page)["data"]["project"]["mergeRequest"]["notes"]
    rest = ask(acme, page, after=first["pageInfo"]["endCursor"])["data"]["project"]["mergeRequest"]["notes"]
    assert [each["body"] for each in (*first["nodes"], *rest["nodes"])] == ["Note 0", "Note 1", "Note 2"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    assert ask(acme, page, after="?")["errors"][0]["message"] == "Please provide a valid cursor"


def test_what_is_not_shown_by_rest_is_not_shown_here(acme: GitLab) -> None:
    """A stranger sees no private project; the status that counts is the one that no newer one hides."""
    text = MR % 'headPipeline { job(name: "gate") { status retried } }'
    assert ask(acme, text, by="eve") == {"data": {"project": None}}
    pipeline = acme.mr(PAY, 1)["head_pipeline"]
    place = {"ref": pipeline["ref"], "pipeline_id": pipeline["id"]}
    for who, state in (("jo", "pending"), ("grace", "success")):
        acme.status(PAY, pipeline["sha"], who, "gate", state, **place)
        job = ask(acme, text)["data"]["project"]["mergeRequest"]["headPipeline"]["job"]
        assert job == {"status": state.upper(), "retried": False}
    acme.status(PAY, pipeline["sha"], "jo", "gate", "failed", **place)
    assert ask(acme, text)["data"]["project"]["mergeRequest"]["headPipeline"]["job"] is None, "they hide each other"
