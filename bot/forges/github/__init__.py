"""GitHub and GitHub Enterprise Server: deliveries to events, answers to changes, and the only client of them."""

from bot.forges.github.client import GitHub
from bot.forges.github.session import PERMISSIONS, GitHubSettings, graphql_of

__all__ = ["PERMISSIONS", "GitHub", "GitHubSettings", "graphql_of"]
