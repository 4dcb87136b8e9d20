"""The kinds of errors that a delivery can meet, and what each means for record, lane and worker."""

import ssl
from collections.abc import Iterable, Iterator
from enum import StrEnum

from aiokafka import errors

from worker.delivery.kafka import error_codes
from worker.settings import SettingsError


class ErrorKind(StrEnum):
    """What to do about an error. After each kind but FATAL the lane starts over from the committed offset."""

    RECORD = "record"
    """The record itself is at fault: its article becomes a dead letter, and its neighbours go through."""
    FENCED = "fenced"
    """Another producer has the transactional id, or the coordinator gave up the transaction, which looks the
    same. Neither says who owns the partition; only the group does."""
    ABORTABLE = "abortable"
    """This transaction can't be committed; another one may be. Unforeseen errors count as this kind too."""
    RETRIABLE = "retriable"
    """The cluster can't do it now and may soon: a broker is away, replicas are missing, a leader moves."""
    FATAL = "fatal"
    """Trying again can't help until somebody changes a setting, a right or the cluster: the worker ends."""


class RecordRefused(Exception):
    """The broker, or the client on its behalf, refused the records of one request.

    `origins` has the input offset of each record. If there are several records, either one of them is at
    fault or they are too large together; sending them apart shows which.
    """

    def __init__(self, origins: Iterable[int], error: BaseException) -> None:
        super().__init__(str(error) or type(error).__name__)
        self.origins = tuple(origins)
        self.offsets = sorted(set(self.origins))


class DeliveryTimeout(Exception):
    """A delivery took longer than it may, although aiokafka retried meanwhile what can be retried."""


class NotOwner(Exception):
    """The group has given the partition to another worker, or is about to."""


# What the group answers to a member whose generation is over, or about to end.
GENERATION_OVER = (
    NotOwner,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
    errors.RebalanceInProgressError,
)


class FatalError(Exception):
    """Trying again can't help. The worker ends with the message, which says what to do."""


class ClockRefused(FatalError):
    """A topic refused records for their time, which is that of this machine's clock: none is at fault."""

    def __init__(self, topic: str, error: BaseException) -> None:
        super().__init__(
            f"{topic} refuses the time that the clock of this machine shows ({error}): set the clock, or the "
            "topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms"
        )


RECORD_ERRORS = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.InvalidTimestampError,
    error_codes.InvalidRecord,
)
AUTHORIZATION_ERRORS = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.TransactionalIdAuthorizationFailed,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.SecurityDisabled,
)
# The cluster's settings or version do not fit this worker's settings.
INCOMPATIBILITY_ERRORS = (
    errors.UnsupportedVersionError,
    errors.IncompatibleBrokerVersion,
    errors.UnsupportedForMessageFormatError,
    errors.UnsupportedCodecError,
    error_codes.UnsupportedCompressionType,
    errors.InvalidTransactionTimeout,
    errors.InvalidSessionTimeoutError,
    errors.InvalidRequiredAcksError,
    errors.InvalidTopicError,
    errors.InvalidGroupIdError,
    errors.InconsistentGroupProtocolError,
    error_codes.GroupMaxSizeReached,
    error_codes.FencedInstanceId,
)
# The variable whose value the brokers refuse with each of these errors: their own words name none.
_VARIABLES: dict[type[BaseException], str] = {
    errors.InvalidTransactionTimeout: "DATELINE_TRANSACTION_TIMEOUT_SECONDS",
    errors.InvalidSessionTimeoutError: "DATELINE_SESSION_TIMEOUT_SECONDS",
    errors.InvalidGroupIdError: "DATELINE_GROUP",
    errors.InvalidTopicError: "DATELINE_TOPIC_PREFIX",
    error_codes.UnsupportedCompressionType: "DATELINE_COMPRESSION",
    error_codes.FencedInstanceId: "DATELINE_GROUP_INSTANCE",
}

ERRORS_BY_KIND: dict[ErrorKind, tuple[type[BaseException], ...]] = {
    ErrorKind.FATAL: (
        FatalError,
        SettingsError,
        ssl.SSLCertVerificationError,
        *AUTHORIZATION_ERRORS,
        *INCOMPATIBILITY_ERRORS,
    ),
    ErrorKind.RECORD: (RecordRefused, *RECORD_ERRORS),
    ErrorKind.FENCED: (
        errors.ProducerFenced,
        errors.InvalidProducerEpoch,
        errors.InvalidProducerIdMapping,
        errors.TransactionCoordinatorFenced,
        error_codes.NewerProducer,
    ),
    ErrorKind.ABORTABLE: (
        errors.InvalidTxnState,
        errors.OutOfOrderSequenceNumber,
        errors.DuplicateSequenceNumber,
        errors.UnknownProducerId,
        errors.OperationNotAttempted,
        error_codes.TransactionAbortable,
        errors.CommitFailedError,
        *GENERATION_OVER,
    ),
    ErrorKind.RETRIABLE: (
        DeliveryTimeout,
        TimeoutError,
        OSError,
        errors.KafkaTimeoutError,
        errors.BrokerNotAvailableError,
        errors.ReplicaNotAvailableError,
        errors.ConcurrentTransactions,
    ),
}


def error_kind(error: BaseException) -> ErrorKind:
    """The kind of an error; of several causes, the one that comes first in ERRORS_BY_KIND decides."""
    found = [_kind_of_one(cause) for cause in causes(error)]
    return next((kind for kind in ERRORS_BY_KIND if kind in found), ErrorKind.ABORTABLE)


def _kind_of_one(error: BaseException) -> ErrorKind | None:
    for kind, types in ERRORS_BY_KIND.items():
        if isinstance(error, types):
            return kind
    return ErrorKind.RETRIABLE if isinstance(error, errors.KafkaError) and error.retriable else None


def fatal_reason(error: BaseException) -> str | None:
    """Why trying again can't help after this error; None if it may help."""
    for cause in causes(error):
        if isinstance(cause, FatalError | SettingsError):
            return str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the broker's certificate is not trusted (DATELINE_SSL_CA): {cause.verify_message}"
        if isinstance(cause, AUTHORIZATION_ERRORS):
            return f"the cluster refuses this worker: {describe(cause)}"
        if isinstance(cause, INCOMPATIBILITY_ERRORS):
            return f"the cluster and this worker's settings don't fit: {describe(cause)}{at_fault(cause)}"
    return None


def at_fault(error: BaseException) -> str:
    """The variable whose value the brokers refuse, as ` (DATELINE_COMPRESSION)`; empty if none is to blame.

    Workers and commands put it behind the brokers' words.
    """
    variable = next((name for kind, name in _VARIABLES.items() if isinstance(error, kind)), None)
    return "" if variable is None else f" ({variable})"


def describe(error: BaseException) -> str:
    """The error in one line, beginning with its class; of a group of errors, the first."""
    while True:
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        elif type(error) is errors.KafkaError and error.__cause__ is not None:
            error = error.__cause__  # aiokafka's "Unexpected error during batch delivery"
        else:
            break
    name = type(error).__name__
    # aiokafka's own begin with "[Error 7] RequestTimedOutError: ".
    text = str(error).removeprefix(f"[Error {getattr(error, 'errno', None)}] ").removeprefix(name)
    return " ".join(f"{name}: {text.removeprefix(': ')}".split()).rstrip(": ")


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error, the errors that it groups, and the errors that it was raised from."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from causes(part)
    if error.__cause__ is not None:
        yield from causes(error.__cause__)
