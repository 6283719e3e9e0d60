"""How often one address may ask."""

from pathlib import Path
from typing import Any

from bot.store import ledger
from bot.web import health, limits
from bot.web.limits import Limiter
from tests.web.site import NOW, context, site

STRANGER, PROMETHEUS = ({"REMOTE_ADDR": address} for address in ("192.0.2.7", "192.0.2.8"))


def test_an_address_may_spend_its_minute_at_once_and_earns_it_back() -> None:
    """A burst is normal, a flood is not."""
    limiter = Limiter(60)
    assert all(limiter.allows("a", 0.0) for _ in range(60))
    assert not limiter.allows("a", 0.5)
    assert limiter.allows("b", 0.5)
    assert limiter.allows("a", 1.0)
    assert not limiter.allows("a", 1.0)
    assert limiter.allows("a", 500.0)


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    """Neither does it lock anybody out for longer than a minute."""
    limiter = Limiter(1)
    assert limiter.allows("a", 100.0)
    assert not limiter.allows("a", 0.0)
    assert limiter.allows("a", 60.0)


def test_a_flood_of_addresses_takes_no_more_memory() -> None:
    """Those that asked longest ago are forgotten first."""
    limiter = Limiter(1)
    for number in range(limits.MOST_ADDRESSES + 5):
        limiter.allows(str(number), 0.0)
    assert not limiter.allows(str(limits.MOST_ADDRESSES + 4), 0.0)
    assert limiter.allows("0", 0.0)


def test_who_asks_for_metrics_too_often_gets_the_last_answer_again_and_is_never_turned_away(tmp_path: Path) -> None:
    """A flood costs no look into the database, and harms no probe, whichever address that comes from."""
    found = context(tmp_path)
    door = site(found).test_client()

    def asked(**by: Any) -> int:
        """How many entries the ledger has by the metrics; it has one more each time."""
        with found.store.write() as tx:
            ledger.append(tx, "service", None, {}, NOW)
        answer = door.get("/metrics", environ_base=by)
        (shown,) = (line for line in answer.text.splitlines() if line.startswith("signoff_ledger_entries "))
        return int(float(shown.split()[1]))

    most = health.MOST_LOOKS
    assert [asked(**STRANGER) for _ in range(most + 3)] == [*range(1, most + 1), most, most, most]
    assert asked(**PROMETHEUS) == most + 4, "it has a budget of its own"
    assert [asked() for _ in range(most + 1)][-1] == 2 * most + 5, "whoever sits at the machine has no limit"
    for _ in range(2):
        assert door.get("/readyz", environ_base=STRANGER).json == {"status": "ready", "faults": []}
    found.store.dispose()
