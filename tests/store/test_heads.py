"""What is known of a head: enough to compare it later with another."""

from bot.model.ids import PatchId
from bot.store import HeadFacts, Tx, heads
from tests.store.nouns import EIGHT, SEVEN, sha

X, BASE, OTHER = sha("a"), sha("1"), sha("2")


def test_a_head_is_remembered_with_its_merge_base_and_files(tx: Tx) -> None:
    assert heads.described(tx, SEVEN, X) is None
    heads.describe(tx, SEVEN, X, HeadFacts("main", BASE, ("b.py", "a\udc80.py")))
    assert heads.described(tx, SEVEN, X) == HeadFacts("main", BASE, ("b.py", "a\udc80.py"))
    assert heads.described(tx, EIGHT, X) is None


def test_a_patch_is_kept_while_the_merge_base_stays(tx: Tx) -> None:
    heads.describe(tx, SEVEN, X, HeadFacts("main", BASE, ("a.py",)))
    heads.patch(tx, SEVEN, X, PatchId("p1"))
    heads.describe(tx, SEVEN, X, HeadFacts("main", BASE, ("a.py",)))
    assert heads.patches(tx, SEVEN) == {X: "p1"}


def test_a_patch_is_dropped_with_its_merge_base(tx: Tx) -> None:
    heads.describe(tx, SEVEN, X, HeadFacts("main", BASE, ("a.py",)))
    heads.patch(tx, SEVEN, X, PatchId("p1"))
    heads.describe(tx, SEVEN, X, HeadFacts("main", OTHER, ("a.py",)))
    assert heads.patches(tx, SEVEN) == {}
    assert heads.described(tx, SEVEN, X) == HeadFacts("main", OTHER, ("a.py",))


def test_a_patch_can_be_known_before_the_head_is_described(tx: Tx) -> None:
    heads.patch(tx, SEVEN, X, PatchId("p1"))
    heads.patch(tx, SEVEN, X, PatchId("p2"))
    assert heads.patches(tx, SEVEN) == {X: "p2"}
