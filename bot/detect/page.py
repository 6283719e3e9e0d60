"""The catalogue as a page: `python -m bot.detect.page > docs/catalogue.md`. A test holds the page current."""

import sys

from bot.detect.load import CatalogueData, packaged
from bot.detect.marks import Kind, Tool, ToolRole

_INTRODUCTION = """# The catalogue of AI tools

Version {version}. Generated from `bot/detect/catalogue.yaml` by `python -m bot.detect.page`;
edit that file, not this page.

A site adds to it or takes from it in `rules.yaml`, in the words used here:

```yaml
detection:
  catalogue:
    add:
      Acme Coder: {{mailboxes: [coder@acme.example]}}
      Acme Release Bot: {{mailboxes: [release@acme.example], role: [automation]}}
    remove:
      Goose: {{names: [goose]}}
```

Every kind of mark but a name's ending is matched whatever its case. A mailbox or an account proves most, a name alone
proves nothing where a person may stand. *seen*: read in public commits; *documented*: in the tool's own source or
documentation; *reported*: from somebody else's table, where nobody can be accused wrongly by it.
"""

_ROLES = {
    ToolRole.AUTHOR: "Tools that write",
    ToolRole.SUGGESTION: "Reviewers whose suggestions can be applied",
    ToolRole.REVIEWER: "Tools that only review",
    ToolRole.AUTOMATION: "Automation, not AI by itself",
}


def page(data: CatalogueData) -> str:
    """The page, in Markdown."""
    parts = [_INTRODUCTION.format(version=data.version)]
    for role, heading in _ROLES.items():
        parts += [f"## {heading}\n", "| tool | how sure | marks |", "|---|---|---|"]
        parts += [_row(tool) for tool in data.tools if tool.role is role]
        parts.append("")
    parts += ["## Questions of templates\n", "| wording | ticking it says |", "|---|---|"]
    parts += [f"| {_cell(question.text)} | {question.answer.value} |" for question in data.questions]
    parts += [
        "",
        "## Names that count beside any mailbox\n",
        ", ".join(sorted(data.product_names)),
        "",
        "## Names that are also people's, companies' or everyday words\n",
        ", ".join(sorted(data.personal_names)),
        "",
    ]
    return "\n".join(parts)


def _row(tool: Tool) -> str:
    marks = [
        f"{kind.value}: {', '.join(f'`{_cell(mark)}`' for mark in tool.of(kind))}" for kind in Kind if tool.of(kind)
    ]
    return f"| {_cell(tool.name)} | {tool.source.value} | {'<br>'.join(marks)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page(packaged()))
