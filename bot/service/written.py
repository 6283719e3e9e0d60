"""What we wrote last beside the check of a change, where a forge keeps it in a text that others may edit.

A forge remembers it no better than whoever edits it lets it. Kept here it outlives the process, other processes know
it, and no replaced secret makes it look like somebody else's. It is an id and a digest, kept as long as the change is.
"""

from dataclasses import asdict

from bot.forges.port import Published, Written
from bot.model.subject import Subject
from bot.service.context import Context
from bot.store import Tx, records


def last(context: Context, subject: Subject) -> Written | None:
    """What we wrote there last, as far as we know."""
    with context.store.read() as tx:
        return _known(tx, subject)


def keep(tx: Tx, subject: Subject, published: Published | None) -> None:
    """Remember what stands there as we wrote it."""
    if published is not None and published.written is not None and published.written != _known(tx, subject):
        records.put(tx, _name(subject), asdict(published.written))


def _known(tx: Tx, subject: Subject) -> Written | None:
    found = records.get(tx, _name(subject))
    return None if found is None else Written(**found)


def _name(subject: Subject) -> str:
    return f"written/{subject.key}"
