"""Who lets people in to the pages: the forges to log in with, or nobody's judgement but this machine's."""

from collections.abc import Mapping

from bot.forges.github.login import GitHubLogIn
from bot.forges.github.session import graphql_of
from bot.forges.gitlab.login import GitLabLogIn
from bot.forges.login import LogIn
from bot.service.context import Context
from bot.settings import Settings
from bot.web.login import LogInDoor, LogInSettings
from bot.web.viewer import Door, LocalDoor

NO_LOG_IN = (
    "No log-in is configured, and SIGNOFF_PUBLIC_URL leads people here from other machines, so these pages are shown "
    "to nobody. For people to log in run `signoff setup log-in github` or `signoff setup log-in gitlab` where the "
    "service has its settings, and start it again (docs/administrators.md)."
)


def door(settings: Settings, made: Context) -> Door:
    """Who lets people in to the pages: a log-in where one is configured, else whoever sits at this machine; nobody,
    without a log-in at a public address.
    """
    ways = log_ins(settings)
    if not ways:
        return LocalDoor(NO_LOG_IN if settings.is_public else "")
    public = settings.public_url or f"http://{settings.listen}"
    return LogInDoor(made, LogInSettings(ways, settings.session_secret, public, settings.administrator_accounts))


def log_ins(settings: Settings) -> Mapping[str, LogIn]:
    """The forges to log in with, by name."""
    ways: dict[str, LogIn] = {}
    if settings.github_oauth_client_id is not None and settings.github_oauth_client_secret is not None:
        client = (settings.github_oauth_client_id, settings.github_oauth_client_secret.get_secret_value())
        graphql = settings.github_graphql_url or graphql_of(settings.github_api_url)
        ways["github"] = GitHubLogIn.at(settings.github_web_url, settings.github_api_url, graphql, client)
    if settings.gitlab_oauth_client_id is not None and settings.gitlab_oauth_client_secret is not None:
        client = (settings.gitlab_oauth_client_id, settings.gitlab_oauth_client_secret.get_secret_value())
        ways["gitlab"] = GitLabLogIn.at(settings.gitlab_url, client)
    return ways
