"""Reads of a forge's answer that hold together or are made again: no decision comes from part of the data.

Refuses to say anything of what an answer means: that is each forge's `convert`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, ParamSpec, TypeVar

from bot.model.errors import TryAgainError

P = ParamSpec("P")
T = TypeVar("T")


def strict(forge: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Turns the surprise of a missing or misshapen part into `TryAgainError`, naming forge and part; of a generator,
    whenever it comes.
    """

    @contextmanager
    def reading(name: str) -> Iterator[None]:
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise TryAgainError(f"{forge}'s answer cannot be read ({name}: {type(error).__name__}: {error})") from error

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            with reading(function.__name__):
                return function(*args, **kwargs)

        @wraps(function)
        def walked(*args: P.args, **kwargs: P.kwargs) -> Any:
            with reading(function.__name__):
                yield from function(*args, **kwargs)  # type: ignore[misc]  # it is a generator

        return walked if isgeneratorfunction(function) else checked

    return decorated
