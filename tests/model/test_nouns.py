"""The nouns: what they refuse to be, and what two of them being equal means."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.change import (
    Account,
    Change,
    Commit,
    File,
    FileStatus,
    GitIdentity,
    Head,
    Patch,
    PatchEntry,
    patch_identity,
)
from bot.model.errors import RefusedDeliveryError, TryAgainError
from bot.model.evidence import AiClass, Strength
from bot.model.ids import Sha, Tier
from bot.model.policy import Policy
from bot.model.roster import Absence, Person
from bot.model.subject import Repository, Subject, SubjectKind

SHA = Sha("a1" * 20)


@pytest.mark.parametrize(
    "subject",
    [
        Subject.change("github", 1, 7),
        Subject.merge_group("github", 1, "release/2.x", SHA),
        Subject("github", 1, SubjectKind.REPOSITORY),
        Subject("github", 0, SubjectKind.INSTALLATION, "42"),
    ],
)
def test_a_subject_is_found_again_by_its_key(subject: Subject) -> None:
    """The due-set and the ledger know it by nothing else."""
    assert Subject.parse(subject.key) == subject


def test_a_subject_is_only_what_it_is() -> None:
    """A group has no number, a change no commit, and nonsense is no subject."""
    change, group = Subject.change("github", 1, 7), Subject.merge_group("github", 1, "release/2.x", SHA)
    assert change.number == 7
    assert group.group == ("release/2.x", SHA)
    with pytest.raises(ValueError, match="no merge group"):
        _ = change.group
    with pytest.raises(ValueError, match="no change"):
        _ = group.number
    with pytest.raises(ValueError):
        Subject.parse("nonsense")


def test_repositories_of_one_installation_share_a_scope() -> None:
    """They share a rate limit."""
    assert Repository("github", 1, "acme/a", installation=42).scope == "github/42"


def test_strengths_and_classes_have_their_words_and_order() -> None:
    """The order decides which finding and which class wins."""
    assert [Strength.of(word).word for word in ("weak", "medium", "strong")] == ["weak", "medium", "strong"]
    with pytest.raises(ValueError, match="no strength"):
        Strength.of("huge")
    assert [each.rank for each in AiClass] == [5, 4, 3, 2, 1, 0]


def test_a_tier_that_the_policy_does_not_have_has_no_rank() -> None:
    """Only the policy knows the order."""
    policy = Policy(tiers=(Tier("junior"), Tier("senior")), unknown_author=Tier("junior"), requirements=())
    assert policy.rank(Tier("senior")) == 1
    with pytest.raises(KeyError):
        policy.rank(Tier("wizard"))


def test_a_person_is_in_force_and_away_on_the_first_and_the_last_day_too() -> None:
    """Dates of the roster are inclusive."""
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    person = Person("Grace", Tier("senior"), since=first, until=last, away=(Absence(first, last),))
    day = timedelta(days=1)
    for holds in (person.in_force, person.is_away):
        assert [holds(when) for when in (first - day, first, last, last + day)] == [False, True, True, False]


def test_errors_carry_what_must_happen_next() -> None:
    """How long to wait and for whom, or what to answer."""
    assert TryAgainError("x", after=timedelta(seconds=3), shared=True).shared
    assert RefusedDeliveryError("x", status=401).status == 401


def test_both_paths_of_a_rename_are_its_paths() -> None:
    """Renaming a file takes it out of no zone."""
    renamed = File("new.py", previous_path="old.py", status=FileStatus.RENAMED)
    assert renamed.paths == ("new.py", "old.py")
    assert File("same.py", previous_path="same.py").paths == File("same.py").paths == ("same.py",)
    assert renamed.changed_paths == ("new.py", "old.py")


def test_what_a_file_was_copied_from_is_unchanged() -> None:
    """Only the copy is something new."""
    assert File("new.py", previous_path="old.py", status=FileStatus.COPIED).changed_paths == ("new.py",)


def test_a_change_is_called_by_its_repository_and_number() -> None:
    """As people write it."""
    when = datetime(2026, 11, 20, tzinfo=UTC)
    change = Change(
        "github", "acme/payments", 7, "T", "", "main", "main", "topic", Account("jo", None), Head(SHA, when)
    )
    assert change.name == "acme/payments#7"


def test_the_subject_of_a_commit_is_its_first_line() -> None:
    """Without blanks, and not the blank lines before it."""
    somebody = GitIdentity("Jo", "jo@example.com")
    assert Commit(SHA, somebody, somebody, "\nAdd retry \n\nBody").subject == "Add retry"
    assert not Account(None, None).known


ENTRIES = st.lists(st.builds(PatchEntry, *[st.text(alphabet="ab/0\n", max_size=3)] * 5), max_size=4, unique=True)


@given(ENTRIES, ENTRIES)
def test_patches_are_the_same_exactly_when_every_file_is_on_both_sides(
    ours: list[PatchEntry], theirs: list[PatchEntry]
) -> None:
    """Path, modes and blobs, in any order: that is all that an approval follows."""
    assert (patch_identity(ours) == patch_identity(theirs)) == (sorted(ours) == sorted(theirs))
    assert Patch(SHA, tuple(reversed(ours))).identity == patch_identity(ours)
