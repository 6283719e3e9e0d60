"""Senior sign-off on AI-assisted changes: a gate for GitHub pull requests and GitLab merge requests."""

__version__ = "0.1.0"
