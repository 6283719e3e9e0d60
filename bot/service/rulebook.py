"""The rules and the roster in force: read from files on the bot's disk, picked up without a restart.

A version that is broken leaves the last good one in force, also over a restart, and is reported until it is mended; it
never opens the gate.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from bot import rules
from bot.model.errors import BadInputError
from bot.model.policy import Policy
from bot.model.roster import Roster
from bot.model.subject import Repository
from bot.rules.roster import ROSTER_SUFFIXES

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force, and the fault of a newer version that is not."""

    policy: Policy
    roster: Roster
    roster_files: Mapping[str, bytes] = field(default_factory=dict)
    """What the roster was read from, to compare it with a later one; none for the packaged roster."""
    fault: str | None = None
    rules_file: bytes | None = None
    """What the rules were read from; None for the packaged rules."""

    @property
    def version(self) -> str:
        """Names this pair of rules and roster."""
        return f"{self.policy.digest}/{self.roster.digest}"


def without_requirements(fault: str) -> Rules:
    """What holds while no version could be read: every decision is `unknown`, so that every check stays open."""
    nothing = replace(rules.packaged_policy(), requirements=(), digest="")
    return Rules(nothing, Roster(), fault=fault)


def loaded(rules_file: bytes | None, name: str, roster_files: Mapping[str, bytes] | None) -> Rules:
    """Rules and roster from what their files hold; None is the packaged file. BadInputError names every fault."""
    policy = rules.packaged_policy() if rules_file is None else rules.load_policy(rules_file, name)
    if roster_files is None:
        return Rules(policy, rules.packaged_roster(policy), rules_file=rules_file)
    return Rules(policy, rules.load_roster(roster_files, policy), roster_files, rules_file=rules_file)


def _instead(last: Rules, error: Exception) -> Rules:
    log.error("rules_broken", fault=str(error), in_force=last.version)
    return replace(last, fault=str(error))


class FileRulebook:
    """Rules and roster from files; `None` is the packaged file. Reading them is cheap while they are unchanged."""

    def __init__(
        self, rules_file: Path | None, roster_path: Path | None, before: Callable[[], Rules | None] = lambda: None
    ) -> None:
        """Load both. Where they cannot be used, what was in force `before` this process goes on; without that,
        BadInputError names every fault (OSError: a file cannot be read), so that no service starts without rules.
        """
        self._rules_file = rules_file
        self._roster_path = roster_path
        self._lock = threading.Lock()
        self._seen = self._stamp()
        try:
            self._current = self._load()
        except (BadInputError, OSError) as error:
            last = before()
            if last is None:
                raise
            self._current = _instead(last, error)

    def current(self) -> Rules:
        """What is in force now, having looked at the files again."""
        with self._lock:
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self._current = self._reload()
            return self._current

    def refresh(self) -> None:
        """Nothing to do: `current` looks at the files each time."""

    def reads(self, repository: Repository) -> bool:
        """Whether rules and roster come from a repository: never."""
        del repository
        return False

    def _reload(self) -> Rules:
        try:
            fresh = self._load()
        except (BadInputError, OSError) as error:
            return _instead(self._current, error)
        log.info("rules_in_force", version=fresh.version)
        return fresh

    def _load(self) -> Rules:
        read = None if self._rules_file is None else self._rules_file.read_bytes()
        files = None if self._roster_path is None else _roster_files(self._roster_path)
        return loaded(read, str(self._rules_file), files)

    def _stamp(self) -> tuple[tuple[str, int, int], ...]:
        stamps = []
        for path in (self._rules_file, *_roster_paths(self._roster_path)):
            if path is not None:
                try:
                    status = path.stat()
                except OSError:
                    stamps.append((str(path), 0, 0))
                else:
                    stamps.append((str(path), status.st_mtime_ns, status.st_size))
        return tuple(stamps)


def _roster_paths(path: Path | None) -> tuple[Path, ...]:
    if path is None:
        return ()
    if path.is_dir():
        return tuple(sorted(entry for entry in path.iterdir() if entry.suffix in ROSTER_SUFFIXES))
    return (path,)


def _roster_files(path: Path) -> Mapping[str, bytes]:
    return {str(entry): entry.read_bytes() for entry in _roster_paths(path)}
