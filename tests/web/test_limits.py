"""How often one address may ask."""

from bot.web import limits
from bot.web.limits import Limiter


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
