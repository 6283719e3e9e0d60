"""Markdown for the pages of simulated forges: other people's text, shown and never run."""

from markdown_it import MarkdownIt
from markupsafe import Markup

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough").disable("image")


def markdown(text: str | None) -> Markup:
    """Markdown as HTML: HTML inside stays text, images are not loaded, dangerous links stay text."""
    return Markup(MARKDOWN.render(text or ""))  # noqa: S704 - the renderer escapes, with html switched off
