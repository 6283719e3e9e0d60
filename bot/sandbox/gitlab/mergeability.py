"""Whether a merge request may be merged, and the first thing that is in the way, by GitLab's names."""

from bot.sandbox import git
from bot.sandbox.gitlab import approvals, diffs, notes, pipelines
from bot.sandbox.gitlab.records import MergeRequest
from bot.sandbox.gitlab.world import World

MERGEABLE = "mergeable"
RUNNING = {"created", "pending", "running"}


def ci(world: World, mr: MergeRequest) -> str | None:
    """What "Pipelines must succeed" says: nothing, ci_must_pass or ci_still_running. Without a pipeline it blocks."""
    project = world.project_of(mr)
    if not project.only_allow_merge_if_pipeline_succeeds:
        return None
    pipeline = pipelines.actual_head(world, mr)
    if pipeline is None:
        return "ci_must_pass"
    state = pipelines.status(world, pipeline)
    if state == "success" or (state == "skipped" and project.allow_merge_on_skipped_pipeline):
        return None
    return "ci_still_running" if state in RUNNING else "ci_must_pass"


def blockers(world: World, mr: MergeRequest) -> list[str]:
    """Everything in the way, in the order in which GitLab reports the first."""
    project = world.project_of(mr)
    tip = diffs.target_tip(world, mr)
    behind = tip is None or not git.is_ancestor(world.objects, tip, mr.sha)
    found = [
        ("not_open", mr.state != "opened"),
        ("approvals_syncing", approvals.syncing(mr)),
        ("commits_status", world.source_of(mr) is None or tip is None or not diffs.commits(world, mr)),
        ("draft_status", mr.draft),
        ("discussions_not_resolved", project.only_allow_merge_if_all_discussions_are_resolved
                                     and not notes.all_resolved(world, mr)),
        ("not_approved", not approvals.approved(world, mr)),
        ("conflict", diffs.merged_tree(world, mr) is None),
        ("need_rebase", project.merge_method in {"ff", "rebase_merge"} and behind),
    ]  # fmt: skip
    names = [name for name, is_so in found if is_so]
    waiting = ci(world, mr)
    return names + ([waiting] if waiting else [])


def status(world: World, mr: MergeRequest) -> str:
    """`detailed_merge_status`."""
    found = blockers(world, mr)
    return found[0] if found else MERGEABLE
