"""Why a raw value gives no article: one error for each reason of a dead letter that decoding can give."""

from worker.records.messages import Reason


class IntakeError(ValueError):
    """A raw value gives no article. The message tells the publisher why; `reason` is the dead letter's."""

    reason = Reason.UNDECODABLE


class UndecodableError(IntakeError):
    """The value is not in a form that is read here; the message says what it is instead."""


class FieldError(IntakeError):
    """A field can't be used; the message names it, what it got and what it takes."""

    reason = Reason.INVALID


class LimitError(IntakeError):
    """Something exceeds a limit; the message names it and both numbers."""

    reason = Reason.TOO_LARGE


class WithheldError(IntakeError):
    """The publisher says that it may not be published, or not yet; the message says so.

    `until`: the time from which it may be, in RFC 3339; None if none is known.
    """

    reason = Reason.WITHHELD

    def __init__(self, message: str, *, until: str | None = None) -> None:
        super().__init__(message)
        self.until = until
