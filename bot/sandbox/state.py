"""What every simulated forge is made of: records, git objects, a clock, switches, and who is told about events.

It knows no forge. One lock guards it all, and whoever serves a request holds it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

from bot.sandbox import git
from bot.sandbox.clock import Clock
from bot.sandbox.store import Record, Store

Listener = Callable[..., None]


class Setting(Record):
    """A switch of the simulation itself, by name."""

    indexed: ClassVar = ("name",)
    name: str
    value: Any = None


@dataclass
class State:
    """One forge. `base_url` is the address of its pages; `tell` is called for every event that makes a webhook.

    `kinds` are those of a forge's own records, `defaults` its switches.
    """

    kinds: ClassVar[tuple[type[Record], ...]]
    defaults: ClassVar[dict[str, Any]]
    store: Store
    objects: git.Objects
    clock: Clock
    base_url: str = "http://127.0.0.1"
    tell: Listener = lambda *_args, **_more: None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def open(cls, database: Path | None = None) -> Self:
        """A world from its file, or a new one."""
        store = Store((*cls.kinds, Setting), database)
        objects = git.Objects(store.keep_object)
        for oid, kind, body in store.objects():
            objects.load(oid, kind, body)
        return cls(store, objects, Clock())

    def forget(self) -> None:
        """Nothing is left, of the git objects neither, and the clock runs as on the first day."""
        self.store.clear()
        self.objects = git.Objects(self.store.keep_object)
        self.clock.restart()

    def snapshot(self) -> Self:
        """What there is now, for answers that come late. Nothing done to it is told to anybody."""
        return type(self)(self.store.copy(), self.objects, self.clock, self.base_url)

    def setting(self, name: str) -> Any:
        """A switch, or its default."""
        found = self.store.where(Setting, name=name)
        return found[0].value if found else self.defaults[name]

    def set(self, name: str, value: Any) -> None:
        """Turn a switch."""
        if name not in self.defaults:
            raise ValueError(f"unknown setting {name!r}; there are {', '.join(self.defaults)}")
        found = self.store.where(Setting, name=name)
        if found:
            found[0].value = value
        else:
            self.store.add(Setting(name=name, value=value))
