"""Taking a policy repository's newest version into force by hand: an exception on the record."""

from getpass import getuser

from bot import bootstrap
from bot.cli.starting import ready
from bot.model.errors import BadInputError
from bot.service.policy_repository import RepositoryRulebook


def accept(reason: str) -> str:
    """Take the newest version into force; what to say of it. FaultsError if it is broken."""
    context = bootstrap.context(ready())
    try:
        if not isinstance(context.rulebook, RepositoryRulebook):
            raise BadInputError("rules and roster are files here, which take force as they are")
        commit = context.rulebook.accept(getuser(), reason)
        return f"Commit {commit} is in force: version {context.rulebook.current().version}"
    finally:
        context.store.dispose()
