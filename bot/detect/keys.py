"""The trailer keys that are standards or conventions rather than one tool's own, and what each of them says.

Keys of single tools are data (catalogue.yaml). All are in canonical form: lower case, hyphens.
"""

from functools import lru_cache

from bot.detect.compiled import Catalogue

AUTHORSHIP = frozenset(
    {
        "co-authored-by",
        "coauthored-by",
        "co-author",
        "co-authors",
        "co-author-by",
        "co-authered-by",
        "co-developed-by",
        "author",
        "authored-by",
        "lead-authored-by",
        "signed-off-by",
        "committed-by",
        "pair-programmed-with",
        "paired-with",
        "pair",
        "on-behalf-of",
    }
)
"""Whoever is named took part in writing."""

COAUTHORS = frozenset(
    {"co-authored-by", "coauthored-by", "co-author", "co-authors", "co-author-by", "co-authered-by", "co-developed-by"}
)

REVIEW = frozenset(
    {
        "reviewed-by",
        "codex-reviewed-by",
        "claude-reviewed-by",
        "copilot-reviewed-by",
        "ai-reviewed-by",
        "acked-by",
        "approved-by",
        "tested-by",
        "reported-by",
        "suggested-by",
        "found-by",
        "spotted-by",
        "bug-found-by",
        "pointed-out-by",
        "diagnosed-by",
        "requested-by",
    }
)
"""Whoever is named looked at it, and did not write it."""

NAMING = COAUTHORS | REVIEW | {"author", "authored-by", "pair-programmed-with", "paired-with"}
"""Here a tool's name alone will do, without a mailbox."""

ASSISTED = frozenset({"assisted-by", "ai-assisted-by", "llm-assisted-by", "helped-by"})
"""Linux coding-assistants.rst, Fedora, Mesa, LLVM, OpenInfra; before that a word for people (curl)."""

GENERATED = frozenset(
    {
        "generated-by",
        "ai-generated-by",
        "made-by",
        "created-by",
        "written-by",
        "developed-by",
        "implemented-by",
        "generated-with",
        "made-with",
        "created-with",
        "written-with",
        "built-with",
        "coded-with",
        "developed-with",
    }
)
"""Apache Software Foundation, and words like its own; the value must be a tool."""

GENERATED_BY = frozenset({"generated-by", "ai-generated-by"})
"""Where no person can stand: people write things, they do not generate them."""

ANSWERED = frozenset(
    {
        "ai-assisted",
        "ai-generated",
        "ai-used",
        "ai-usage",
        "ai-use",
        "ai-disclosure",
        "ai-assistance",
        "ai-contribution",
        "llm-assisted",
        "llm-usage",
        "llm-used",
        "uses-ai",
    }
)
"""Answered with yes, no, or what it was used for."""

NAMED = frozenset(
    {
        "ai",
        "llm",
        "ai-tool",
        "ai-tools",
        "ai-tools-used",
        "ai-model",
        "ai-agent",
        "ai-assistant",
        "ai-authoring-mode",
        "ai-used-for",
        "coding-agent",
        "coding-assistant",
        "agent-signature",
        "drafted-with",
    }
)
"""Names the tool, or what it was used for (QEMU: research and review alone are not AI code)."""


ANSWERS_SAY = ("ai", "llm")
"""Every key of `ANSWERED` has one of these in it."""

STANDARD = AUTHORSHIP | REVIEW | ASSISTED | GENERATED | ANSWERED | NAMED


@lru_cache(maxsize=32)
def wanted(catalogue: Catalogue) -> frozenset[str]:
    """Every key that a detector asks for with this catalogue."""
    return STANDARD | frozenset(catalogue.trailers) | frozenset(catalogue.sessions)
