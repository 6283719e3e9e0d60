"""The few errors of the product, told apart by what must happen next.

Each message says what happened, where, and what to do. Nothing here is caught and ignored anywhere.
"""

from datetime import timedelta


class SignoffError(Exception):
    """The base of every error this product raises on purpose."""


class TryAgainError(SignoffError):
    """The forge or the database could not answer now. The same request may succeed later.

    `after` is how long the forge asked us to wait (None: it did not say).
    `shared` is true when the wait is for everything done with the same credentials, as with a rate limit.
    """

    def __init__(self, message: str, *, after: timedelta | None = None, shared: bool = False) -> None:
        super().__init__(message)
        self.after = after
        self.shared = shared


class NeedsSomebodyError(SignoffError):
    """A person must act (a missing permission, a wrong key). Trying again soon is of no use."""


class GoneError(SignoffError):
    """The change, repository or installation is not there any more."""


class BadInputError(SignoffError):
    """Input that cannot be used: a case file, a command line, a rules file. The message is for its writer."""


class RefusedDeliveryError(SignoffError):
    """A webhook delivery that is not taken. `status` is the HTTP code to answer with."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status
