"""Merging a pull request, and bringing its branch up to date. Refused while anything blocks it, in GitHub's words."""

from bot.sandbox import git
from bot.sandbox.clock import iso
from bot.sandbox.github import commits, diffs, permissions, protection, pushes
from bot.sandbox.github.errors import Refused, forbidden, invalid
from bot.sandbox.github.identity import Actor
from bot.sandbox.github.records import Issue
from bot.sandbox.github.world import HEADS, World


def merge(  # noqa: PLR0913, PLR0917 - each is a part of what is done
    world: World, actor: Actor, pull: Issue, method: str = "merge", sha: str | None = None, title: str | None = None
) -> str:
    """Merge, and answer the commit. 405 while something blocks it, 409 when the head is not the one named."""
    repo = world.repo_of(pull)
    if not permissions.at_least(permissions.actor_role(world, actor, repo), "write"):
        raise forbidden()
    if sha is not None and sha != pull.head_sha:
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    blocked = protection.blockers(world, pull, actor)
    if blocked:
        raise Refused(405, "\n\n".join(["Repository rule violations found", *(block.message for block in blocked)])
                      if blocked[0].kind in {"check", "review", "queue"} else blocked[0].message)  # fmt: skip
    allowed = {"merge": repo.allow_merge_commit, "squash": repo.allow_squash_merge, "rebase": repo.allow_rebase_merge}
    if not allowed[method]:
        raise Refused(405, f"{method.capitalize()} merges are not allowed on this repository.")
    tip = repo.refs[HEADS + pull.base_ref]
    pull.base_sha = tip
    commit = merge_commit(world, actor, pull, tip, method, title)
    pushes.move(world, actor, repo, HEADS + pull.base_ref, commit, merging=pull)
    pushes.mark_merged(world, actor, pull, commit)
    return commit


def merge_commit(world: World, actor: Actor, pull: Issue, tip: str, method: str, title: str | None = None) -> str:  # noqa: PLR0913, PLR0917 - each is a part of what is done
    """The commit that puts the pull request on top of a base commit."""
    tree = diffs.merged_tree(world, tip, pull.head_sha)
    if tree is None:
        raise Refused(405, "Pull Request is not mergeable")
    files = world.objects.snapshot(tree)
    if method == "rebase":
        return _rebase(world, pull, tip)
    if method == "squash":
        authors = [world.objects.commit(oid).author for oid in diffs.commits(world, pull)]
        others = {f"{who.name} <{who.email}>" for who in authors if who.email != actor.person.email}
        trailers = "".join(f"\nCo-authored-by: {who}" for who in sorted(others))
        message = f"{title or pull.title} (#{pull.number})" + (f"\n{trailers}" if trailers else "")
        return commits.on_the_web(world, actor.person, files, (tip,), message)
    source = world.head_repo(pull)
    owner = world.owner(source).login if source else "unknown"
    message = title or f"Merge pull request #{pull.number} from {owner}/{pull.head_ref}\n\n{pull.title}"
    return commits.on_the_web(world, actor.person, files, (tip, pull.head_sha), message)


def _rebase(world: World, pull: Issue, tip: str) -> str:
    """Each commit anew on top of the base; the forge is the committer."""
    onto = tip
    common = diffs.span(world, pull).base
    for oid in diffs.commits(world, pull):
        found = world.objects.commit(oid)
        if len(found.parents) > 1:
            continue
        before = world.objects.files(common or found.parents[0])
        tree = world.objects.write_tree(
            git.merge_trees(world.objects, before, world.objects.files(tip), world.objects.files(oid))
        )
        now = iso(world.clock.seconds())
        onto = world.objects.write_commit(tree, (onto,), found.author, commits.web_flow(now), found.message)
    return onto


def update_branch(world: World, actor: Actor, pull: Issue, expected: str | None = None) -> str:
    """The button "Update branch": merge the base into the head. Answers the new head."""
    source = world.head_repo(pull)
    if expected is not None and expected != pull.head_sha:
        raise invalid("expected head sha didn’t match current head ref.")  # noqa: RUF001 - as GitHub writes it
    tip = world.branch(world.repo_of(pull), pull.base_ref)
    tree = diffs.merged_tree(world, tip, pull.head_sha) if tip else None
    if source is None or tip is None or tree is None:
        raise invalid("merge conflict between base and head")
    if git.is_ancestor(world.objects, tip, pull.head_sha):
        raise invalid("There are no new commits on the base branch.")
    message = f"Merge branch '{pull.base_ref}' into {pull.head_ref}"
    files = world.objects.snapshot(tree)
    commit = commits.on_the_web(world, actor.person, files, (pull.head_sha, tip), message)
    pushes.move(world, actor, source, HEADS + pull.head_ref, commit)
    return commit
