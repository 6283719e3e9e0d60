"""Which zones a change is in, and the first file that put it there.

A zone is entered by path (both paths of a renamed file) or by the nature of the change. Two are built in: governance,
the files that this gate rests on, which case cannot hide, and opaque, what a reviewer cannot read in a diff; a site
may add paths to either under the same name. When the forge gives no more files, the change is in every zone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.gate import globs
from bot.model.change import Change, File, FileKind, FileStatus
from bot.model.policy import GOVERNANCE, OPAQUE, Policy, Zone

GOVERNANCE_PATHS = (
    "rules.yaml",
    "roster.yaml",
    ".signoff*",
    "**/codeowners",
    ".gitattributes",
    ".github/workflows/*signoff*",
)
INFRASTRUCTURE_PATHS = (
    *("*.tf", "*.tf.json", "*.tofu", "*.tofu.json", "*.tfvars", "*.hcl"),
    *("*.bicep", "*.bicepparam", "azuredeploy*.json", "*.pulumi.*", "pulumi.y*ml", "pulumi.*.y*ml"),
    *("*.cfn.y*ml", "*.cfn.json", "*.template", "*.template.y*ml", "*.template.json"),
    *("cloudformation/**/*.y*ml", "cloudformation/**/*.json", "serverless.y*ml", "cdk.json"),
    *("k8s/**/*.y*ml", "kubernetes/**/*.y*ml", "manifests/**/*.y*ml", "charts/**/*.y*ml"),
    *("helmfile.y*ml", "kustomization.y*ml", "docker-compose*.y*ml", "compose.y*ml"),
)
"""What `removed_resources` takes for infrastructure code, at any depth, whatever the case."""

_anywhere = tuple(each if each.startswith("**/") or "/" not in each else f"**/{each}" for each in INFRASTRUCTURE_PATHS)
_governance = globs.paths(GOVERNANCE_PATHS, ignore_case=True)
_governance_words = ("rules.yaml", "roster.yaml", "signoff", "codeowners", ".gitattributes")
_infrastructure = globs.paths(_anywhere, ignore_case=True)
_opens_a_resource = re.compile(
    r"""\s*(?:resource|module|data|provider|output|variable)\s+["']?[\w.-]+   # Terraform, Bicep
    |\s*-?\s*(?:kind|["']?Type["']?|["']?type["']?)\s*:\s*\S                  # Kubernetes, CloudFormation, ARM, Pulumi
    |\s*["'](?:resource|module|data)["']\s*:                                  # Terraform in JSON""",
    re.VERBOSE,
)

Zones = dict[str, str]
"""Name of a zone to why the change is in it, in the policy's order, the built-in ones last."""


def zones(change: Change, policy: Policy) -> Zones:
    """The zones of a change."""
    named: dict[str, list[Zone]] = {}
    for zone in policy.zones:
        named.setdefault(zone.name, []).append(zone)
    for built_in in (GOVERNANCE, OPAQUE):
        named.setdefault(built_in, [])
    paths = _paths(change, policy)
    found = {name: next(_reasons(name, parts, change, paths), None) for name, parts in named.items()}
    return {name: why for name, why in found.items() if why is not None}


@dataclass(frozen=True, slots=True)
class _Paths:
    """Every path of a change with its file, and those among them that some zone names, found at one go."""

    every: dict[str, File]
    named: list[str]

    def of(self, zone: Zone) -> Iterable[str]:
        """The paths worth looking at for a zone. Where a pattern takes paths out, all of them."""
        return self.every if any(each.startswith("!") for each in zone.paths) else self.named


def _paths(change: Change, policy: Policy) -> _Paths:
    every = _every_path(change)
    patterns = (each for zone in policy.zones for each in zone.paths if not each.startswith("!"))
    return _Paths(every, list(filter(globs.paths(tuple(patterns)), every)))


def _every_path(change: Change) -> dict[str, File]:
    """Each path in every form in which it is matched, with its file."""
    every = {file.path: file for file in change.files}
    every |= {file.previous_path: file for file in change.files if file.previous_path is not None}
    if globs.any_odd(every):
        return {form: file for path, file in every.items() for form in globs.forms(path)}
    return every


def touches(change: Change, patterns: tuple[str, ...]) -> bool:
    """Whether a file of the change matches, or may since the forge gave no more files."""
    return change.files_truncated or any(map(globs.paths(patterns), _every_path(change)))


def _reasons(name: str, parts: list[Zone], change: Change, paths: _Paths) -> Iterator[str]:
    if change.files_truncated:
        yield "the forge does not show all files, so the change is taken to be in every zone"
    if name == GOVERNANCE:
        yield from _governing(paths.every)
    if name == OPAQUE:
        regular = FileKind.REGULAR
        yield from (f"{file.path} ({file.kind.value})" for file in change.files if file.kind is not regular)
    for zone in parts:
        yield from _shown(filter(globs.paths(zone.paths), paths.of(zone)), paths.every)
        yield from _by_nature(zone, change)


def _governing(every: dict[str, File]) -> Iterator[str]:
    """The files that the gate rests on. Most changes hold none of the words in any path, which is quickly seen."""
    words = "\n".join(every).casefold()
    if any(each in words for each in _governance_words):
        yield from _shown(filter(_governance, every), every)


def _shown(found: Iterable[str], every: dict[str, File]) -> Iterator[str]:
    for path in found:
        file = every[path]
        yield path if path in (file.path, *globs.forms(file.path)) else f"{file.path}, before {path}"


def _by_nature(zone: Zone, change: Change) -> Iterator[str]:
    if zone.deleted_lines is not None:
        lines = sum(file.deletions for file in change.files)
        if lines >= zone.deleted_lines:
            yield f"{lines} deleted lines"
    if zone.deleted_files is not None:
        gone = sum(file.status is FileStatus.REMOVED for file in change.files)
        if gone >= zone.deleted_files:
            yield f"{gone} deleted files"
    if zone.removed_resources:
        yield from (f"{file.path} loses a resource" for file in change.files if _loses_a_resource(file))


def _loses_a_resource(file: File) -> bool:
    """Whether infrastructure code is removed, renamed to something else, or loses what opens a resource.

    Where the forge did not give the removed lines, losing any line is taken for it.
    """
    before = file.previous_path if file.previous_path is not None and file.status is FileStatus.RENAMED else file.path
    if not any(map(_infrastructure, globs.forms(before))):
        return False
    if file.status is FileStatus.REMOVED or not any(map(_infrastructure, globs.forms(file.path))):
        return True
    if file.removed_lines is None:
        return file.deletions > 0
    return any(_opens_a_resource.match(line.removeprefix("-")) for line in file.removed_lines)
