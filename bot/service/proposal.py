"""The version of rules and roster, or of a repository's own file, that a change proposes: read at its head, and judged.

It costs one request, and only when the change touches such a file. It decides about nobody: the version in force does.
"""

from collections.abc import Mapping

from bot import rules
from bot.forges.port import FileContent, Reading
from bot.gate import Proposed
from bot.gate.proposed import Remark
from bot.model.change import FileStatus
from bot.model.errors import GoneError
from bot.service import policy_files
from bot.service.policy_files import LOCAL, PATHS
from bot.service.task import Task


def proposed(task: Task) -> tuple[Proposed, ...]:
    """What the change proposes; nothing for a change that touches no such file, or a head that the forge has lost."""
    source = task.context.rulebook.reads(task.reading.repository) and _touches(task.reading, policy=True)
    local = _touches(task.reading, policy=False)
    if not source and not local:
        return ()
    head = task.reading.change.head.sha
    paths = [*(PATHS if source else ()), *([LOCAL] if local else ())]
    try:
        files = task.forge.read_files(task.reading.repository, paths, head).files
    except GoneError:
        return ()
    found = [_rules_and_roster(task, files)] if source else []
    if local and LOCAL in files:
        found.append(_local(task, files[LOCAL].data))
    return tuple(found)


def _touches(reading: Reading, *, policy: bool) -> bool:
    """Whether such a file is among the change's files, or may be since the forge gave no more."""
    change = reading.change
    if change.files_truncated:
        return True
    paths = (path for file in change.files for path in file.paths if file.status is not FileStatus.REMOVED or policy)
    return any(policy_files.belongs(path) if policy else path == LOCAL for path in paths)


def _rules_and_roster(task: Task, files: Mapping[str, FileContent]) -> Proposed:
    judged = policy_files.judge({path: each.data for path, each in files.items()})
    concerns = policy_files.warnings(judged, task.now.date())
    return Proposed("rules and roster", _faults(judged.faults), _concerns(concerns))


def _local(task: Task, data: bytes) -> Proposed:
    """Judged by the rules in force, without what the repository's file adds to them now."""
    in_force = task.context.rulebook.current().policy
    if not in_force.requirements:
        return Proposed(LOCAL)
    _, faults = rules.add_local(in_force, data, LOCAL)
    return Proposed(LOCAL, _faults(faults))


def _faults(faults: tuple[rules.Fault, ...]) -> tuple[Remark, ...]:
    return tuple(Remark(f"{each.file}:{each.line}:{each.column}", each.message, each.hint) for each in faults)


def _concerns(concerns: tuple[rules.Concern, ...]) -> tuple[Remark, ...]:
    return tuple(Remark("", each.message, each.hint) for each in concerns)
