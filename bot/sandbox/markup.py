"""Markdown for the pages of simulated forges: other people's text, shown and never run."""

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough").disable("image")

COMMENT = re.compile(r"\A<!--.*?-->\s*", re.DOTALL)


def markdown(text: str | None) -> Markup:
    """Markdown as HTML: HTML inside stays text, images are not loaded, dangerous links stay text.

    A comment at the very beginning is not shown, as on the forges themselves.
    """
    return Markup(MARKDOWN.render(COMMENT.sub("", text or "")))  # noqa: S704 - the renderer escapes, with html switched off


def moment(at: str) -> Markup:
    """A time of the forge's, `2026-11-20T10:00:00Z`, as people read it."""
    return Markup('<time datetime="{}">{} UTC</time>').format(at, at[:19].replace("T", " "))
