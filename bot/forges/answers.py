"""Reads of a forge's answer that hold together or are made again: no decision comes from part of the data.

Refuses to say anything of what an answer means: that is each forge's `convert`.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from bot.model.errors import TryAgainError

P = ParamSpec("P")
T = TypeVar("T")


def strict(forge: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Turns the surprise of a missing or misshapen part into `TryAgainError`, naming forge and part."""

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return function(*args, **kwargs)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                raise TryAgainError(
                    f"{forge}'s answer cannot be read ({function.__name__}: {type(error).__name__}: {error})"
                ) from error

        return checked

    return decorated
