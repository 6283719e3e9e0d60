"""GitLab: deliveries to events, answers to changes, enforcement by what the project offers, and its only client."""

from bot.forges.gitlab.client import GitLab
from bot.forges.gitlab.secrets import Secrets
from bot.forges.gitlab.session import GitLabSettings

__all__ = ["GitLab", "GitLabSettings", "Secrets"]
