"""Errors told apart: one record's own fault, a reason to stop the worker, or something that may pass."""

import ssl
from collections.abc import Iterable, Iterator

from aiokafka import errors

from worker.settings import SettingsError


class InvalidRecord(errors.BrokerResponseError):
    """The broker found a record it can't take, such as one without a key for a compacted topic."""

    errno = 87
    message = "INVALID_RECORD"
    description = "The broker refused a record as invalid."


class UnstableOffsetCommit(errors.BrokerResponseError):
    """A transaction that commits this offset has not ended yet."""

    errno = 88
    message = "UNSTABLE_OFFSET_COMMIT"
    description = "There are pending transactions for this offset."
    retriable = True


# aiokafka knows error codes up to 79; without this both would read "unknown error".
errors.kafka_errors.update({kind.errno: kind for kind in (InvalidRecord, UnstableOffsetCommit)})

RECORDS_FAULT = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidTimestampError,
    InvalidRecord,
)
NOT_ALLOWED = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.InvalidTransactionTimeout,
)


class RecordRefused(Exception):
    """The broker, or the client for it, refused records that come of the inputs at `offsets`.

    Several offsets: one of them is at fault, and their records have to be sent one by one to learn which.
    """

    def __init__(self, offsets: Iterable[int], error: BaseException) -> None:
        super().__init__(str(error) or type(error).__name__)
        self.offsets = frozenset(offsets)


class Overdue(Exception):
    """A delivery took longer than it may."""


class Hopeless(Exception):
    """Trying again can't help: the message says what to do, and the worker ends with it."""


def hopeless(error: BaseException) -> str | None:
    """Why there is no point in trying again after this error, or None: it may pass."""
    for cause in causes(error):
        if isinstance(cause, Hopeless | SettingsError):
            return str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the broker's certificate is not trusted (DATELINE_SSL_CA): {cause.verify_message}"
        if isinstance(cause, NOT_ALLOWED):
            return f"the cluster refuses this worker: {describe(cause)}"
    return None


def describe(error: BaseException) -> str:
    """An error in one line, its kind first; of several, the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return " ".join(f"{type(error).__name__}: {error}".split()).rstrip(": ")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it groups, and what it was raised from."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from causes(part)
    if error.__cause__ is not None:
        yield from causes(error.__cause__)
