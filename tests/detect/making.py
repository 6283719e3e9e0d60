"""Short ways to write commits and changes for the tests of detection. All people are invented."""

from datetime import UTC, datetime

from bot import detect
from bot.model.change import Account, AccountKind, Change, Commit, GitIdentity, Head
from bot.model.evidence import AiClass, Evidence, Strength
from bot.model.ids import AccountId, Sha

CATALOGUE = detect.catalogue()
SHA = Sha("a1b2c3d4" * 5)
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
JO = GitIdentity("Jo Example", "jo@example.com", "jo", AccountId(101))
JO_ACCOUNT = Account("jo", AccountId(101))


def person(text: str) -> GitIdentity:
    """`Name <mailbox>` as an identity."""
    name, _, box = text.partition(" <")
    return GitIdentity(name, box.rstrip(">"))


def commit(
    message: str = "Add retry", author: str = "", committer: str = "", sha: str = SHA, parents: int = 1
) -> Commit:
    """A commit by Jo, or by whoever is named."""
    by = person(author) if author else JO
    return Commit(Sha(sha), by, person(committer) if committer else by, message, parents)


def found(
    message: str = "Add retry", author: str = "", committer: str = "", note: str | None = None
) -> tuple[Evidence, ...]:
    """What is found in a commit."""
    return detect.examine_commit(commit(message, author, committer), CATALOGUE, note)


def strong_enough(message: str = "Add retry", author: str = "", committer: str = "") -> list[Evidence]:
    """What is found in a commit and counts by the default rules."""
    return [each for each in found(message, author, committer) if each.strength is not Strength.WEAK]


def class_of(message: str = "Add retry", author: str = "", committer: str = "", note: str | None = None) -> AiClass:
    """The class of a commit."""
    return detect.classify(found(message, author, committer, note))


def bot(login: str, number: int) -> Account:
    """A bot's account."""
    return Account(login, AccountId(number), AccountKind.BOT)


def change(*commits: Commit, **given: object) -> Change:
    """A change that Jo opened, unless something else is given."""
    values: dict[str, object] = {
        "forge": "github",
        "repository": "acme/payments",
        "number": 7,
        "title": "Add retry",
        "body": "",
        "base": "main",
        "default_branch": "main",
        "branch": "retry",
        "author": JO_ACCOUNT,
        "head": Head(SHA, NOW),
        "commits": commits or (commit(),),
    }
    return Change(**{**values, **given})  # type: ignore[arg-type]
