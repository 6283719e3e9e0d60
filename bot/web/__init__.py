"""The web: webhook endpoints, health, metrics and pages. Thin; it decides nothing and never writes to a forge."""

from bot.web.app import create_app

__all__ = ["create_app"]
