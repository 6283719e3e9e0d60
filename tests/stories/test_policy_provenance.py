"""What a history proves: only steps that add just what an allowed change added lead to a version that takes force."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.forges.port import Step
from bot.model.ids import BlobId, Sha
from bot.service import policy_record
from bot.service.provenance import Landing, entered
from bot.store import open_store

RULES, ROSTER, TEAM = "rules.yaml", "roster.yaml", "roster/a.yaml"
START = {RULES: BlobId("r0"), ROSTER: BlobId("p0")}


def blobs(**changed: str) -> dict[str, BlobId]:
    """The files at the start, with others: rules, roster, team; an empty one is removed."""
    names = {"rules": RULES, "roster": ROSTER, "team": TEAM}
    files = START | {names[name]: BlobId(blob) for name, blob in changed.items()}
    return {path: blob for path, blob in files.items() if blob}


def step(sha: str, *parents: str, **changed: str) -> Step:
    return Step(Sha(sha), tuple(map(Sha, parents)), blobs(**changed))


def landing(merged: str, head: str, *outside: str, commits: int = 1) -> Landing:
    return Landing(7, Sha(merged), Sha(head), commits, tuple(map(Sha, outside)))


def comes(tip: str, steps: list[Step], *landings: Landing) -> bool:
    return entered(Sha(tip), START, {each.sha: each for each in steps}, {each.merged: each for each in landings})


ROOT, HEAD = step("a"), step("h", "a", roster="p1")
MERGE = step("m", "a", "h", roster="p1")
CASES = [
    ("nothing moved", "a", [ROOT], (), True),
    ("a commit that touches neither", "b", [ROOT, step("b", "a")], (), True),
    ("a push of other content", "b", [ROOT, step("b", "a", roster="p1")], (), False),
    ("a push that was taken back", "c", [ROOT, step("b", "a", roster="p1"), step("c", "b")], (), True),
    ("an allowed merge", "m", [ROOT, HEAD, MERGE], (landing("m", "h", "a"),), True),
    ("the same merge that nobody allowed", "m", [ROOT, HEAD, MERGE], (), False),
    ("a commit of it", "h", [ROOT, HEAD, MERGE], (landing("m", "h", "a"),), False),
    ("words on top of it", "n", [ROOT, HEAD, MERGE, step("n", "m", roster="p1")], (landing("m", "h", "a"),), True),
    ("a squash", "m", [ROOT, HEAD, step("m", "a", roster="p1")], (landing("m", "h", "a", commits=3),), True),
    (
        "a rebase of two",
        "m",
        [ROOT, step("g", "a", roster="p1"), step("h", "g", roster="p1", rules="r1"), step("x", "a", roster="p1"),
         step("m", "x", roster="p1", rules="r1")],
        (landing("m", "h", "a", commits=2),),
        True,
    ),
    (
        "a merge with something of one's own in it",
        "m",
        [ROOT, HEAD, step("m", "a", "h", roster="p1", rules="evil")],
        (landing("m", "h", "a"),),
        False,
    ),
    (
        "a merge that leaves a part of the change out",
        "m",
        [ROOT, step("h", "a", roster="p1", rules="r1"), step("m", "a", "h", roster="p1")],
        (landing("m", "h", "a"),),
        False,
    ),
    (
        "a merge on top of a push",
        "m",
        [ROOT, step("b", "a", rules="evil"), HEAD, step("m", "b", "h", roster="p1", rules="evil")],
        (landing("m", "h", "a"),),
        False,
    ),
    (
        "a change made upon a push, whose part of it nobody was shown",
        "m",
        [ROOT, step("b", "a", roster="evil"), step("h", "b", roster="evil+1"), step("m", "b", "h", roster="evil+1")],
        (landing("m", "h", "b"),),
        False,
    ),
    (
        "two changes of two files",
        "n",
        [ROOT, HEAD, MERGE, step("i", "a", rules="r1"), step("n", "m", "i", roster="p1", rules="r1")],
        (landing("m", "h", "a"), landing("n", "i", "a")),
        True,
    ),
    (
        "two changes of one file, which met in a merge",
        "n",
        [ROOT, HEAD, MERGE, step("i", "a", roster="p2"), step("n", "m", "i", roster="p12")],
        (landing("m", "h", "a"), landing("n", "i", "a")),
        False,
    ),
    (
        "a merge that undoes what was merged before it",
        "n",
        [ROOT, HEAD, MERGE, step("i", "a", roster="p2"), step("n", "m", "i", roster="p2")],
        (landing("m", "h", "a"), landing("n", "i", "a")),
        False,
    ),
    (
        "a change that took the base in before",
        "n",
        [ROOT, HEAD, MERGE, step("i", "a", roster="p2"), step("j", "i", "m", roster="p12"),
         step("n", "m", "j", roster="p12")],
        (landing("m", "h", "a"), landing("n", "j", "a", "m", commits=2)),
        True,
    ),
    (
        "a file that a change removed",
        "m",
        [ROOT, step("h", "a", roster="", team="t1"), step("m", "a", "h", roster="", team="t1")],
        (landing("m", "h", "a"),),
        True,
    ),
    ("a history that was not shown", "m", [HEAD, MERGE], (landing("m", "h", "a"),), False),
    ("a head that the forge lost", "m", [ROOT, MERGE], (landing("m", "h", "a"),), False),
]  # fmt: skip


@pytest.mark.parametrize(("what", "tip", "steps", "landings", "right"), CASES, ids=[each[0] for each in CASES])
def test_only_allowed_changes_lead_to_a_version(what, tip, steps, landings, right):
    assert comes(tip, steps, *landings) is right


def test_a_merge_that_led_to_what_is_in_force_does_not_count_again():
    """Whoever sets the branch back to it is not helped by it: it is left out of the record that is asked."""
    assert comes("m", [ROOT, HEAD, MERGE], landing("m", "h", "a"))
    assert not comes("m", [ROOT, HEAD, MERGE])


def test_each_allowed_merge_counts_once(tmp_path):
    """What is kept of it, in the database."""
    store, merge = open_store(f"sqlite:///{tmp_path / 'signoff.sqlite3'}"), landing("m", "h", "a", "b", commits=2)
    with store.write() as tx:
        policy_record.keep_landing(tx, "github", 1, merge)
        assert policy_record.landings(tx, "github", 1, [Sha("m"), Sha("x")]) == {"m": merge}
        assert policy_record.landings(tx, "github", 2, [Sha("m")]) == {}
        policy_record.spend(tx, "github", 1, [Sha("m"), Sha("x")])
        policy_record.keep_landing(tx, "github", 1, merge)
        assert policy_record.landings(tx, "github", 1, [Sha("m")]) == {}
    store.dispose()


def test_a_history_in_a_circle_ends():
    assert not comes("b", [step("b", "c", roster="p1"), step("c", "b", roster="p1")])


@given(
    st.lists(st.sampled_from(["p0", "p1", "p2"]), min_size=1, max_size=8),
    st.sets(st.integers(0, 8)),
    st.integers(0, 8),
)
def test_without_the_record_of_a_change_no_new_content_is_ever_believed(contents, allowed, unrecorded):
    """In a line of merges, each with a head of its own, the newest counts if every one that changed something does."""
    steps, landings, before = [ROOT], [], "a"
    changed = []
    for index, roster in enumerate(contents):
        old = steps[-1].blobs[ROSTER]
        head, merged = f"h{index}", f"m{index}"
        head_step = step(head, before, roster=roster)
        merge_step = step(merged, before, head, roster=roster)
        if index in allowed and index != unrecorded:
            landings.append(landing(merged, head, before))
        changed.append((roster != old, index in allowed and index != unrecorded))
        before = merged
        steps[-1:] = [steps[-1], head_step, merge_step]
    since = max((index + 1 for index, roster in enumerate(contents) if roster == "p0"), default=0)
    assert comes(before, steps, *landings) is all(told for moved, told in changed[since:] if moved)


def test_every_file_is_looked_at():
    wrong = replace(MERGE, blobs=MERGE.blobs | {TEAM: BlobId("t1")})
    assert not comes("m", [ROOT, HEAD, wrong], landing("m", "h", "a"))
