"""Errors told apart: what each that a delivery can meet says of record, transaction and worker."""

import ssl
from collections.abc import Iterable, Iterator
from enum import StrEnum

from aiokafka import errors

from worker.delivery.kafka import error_codes
from worker.settings import SettingsError


class ErrorKind(StrEnum):
    """What there is to do. A lane starts over after each but FATAL, from the committed offset."""

    RECORD = "record"
    """A record's own fault: its article becomes a dead letter, its neighbours go through."""
    FENCED = "fenced"
    """Another producer came with the transactional id, or the coordinator gave the transaction up, which
    looks the same. Neither says who owns the partition: the group does."""
    ABORTABLE = "abortable"
    """This transaction can't be committed, another may be. So is what nobody foresaw: a few tries."""
    RETRIABLE = "retriable"
    """The cluster can't now and may in a while: a broker is away, replicas are missing, a leader moves."""
    FATAL = "fatal"
    """No try can help until somebody has changed a setting, a right or the cluster: the worker ends."""


class RecordRefused(Exception):
    """The broker, or the client for it, refused a request. `origins`: each of its records' input's offset.

    Of several records one is at fault, or only all together are too large: they have to be sent apart.
    """

    def __init__(self, origins: Iterable[int], error: BaseException) -> None:
        super().__init__(str(error) or type(error).__name__)
        self.origins = tuple(origins)
        self.offsets = sorted(set(self.origins))


class DeliveryTimeout(Exception):
    """A delivery took longer than it may. Meanwhile aiokafka tried again whatever may pass."""


class NotOwner(Exception):
    """The group has given the partition to somebody else, or is about to."""


# What the group answers to a member whose generation is over, or ends now.
GENERATION_OVER = (
    NotOwner,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
    errors.RebalanceInProgressError,
)


class FatalError(Exception):
    """Trying again can't help: the message says what to do, and the worker ends with it."""


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
# Settings of the cluster, or what its version can do, don't go together with this worker's.
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
    """What there is to do about an error: of all that it is made of, what tells most."""
    found = [_nature_of_one(cause) for cause in causes(error)]
    return next((kind for kind in ERRORS_BY_KIND if kind in found), ErrorKind.ABORTABLE)


def _nature_of_one(error: BaseException) -> ErrorKind | None:
    for kind, types in ERRORS_BY_KIND.items():
        if isinstance(error, types):
            return kind
    return ErrorKind.RETRIABLE if isinstance(error, errors.KafkaError) and error.retriable else None


def fatal_reason(error: BaseException) -> str | None:
    """Why there is no point in trying again after this error, or None: it may pass."""
    for cause in causes(error):
        if isinstance(cause, FatalError | SettingsError):
            return str(cause)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the broker's certificate is not trusted (DATELINE_SSL_CA): {cause.verify_message}"
        if isinstance(cause, AUTHORIZATION_ERRORS):
            return f"the cluster refuses this worker: {describe(cause)}"
        if isinstance(cause, INCOMPATIBILITY_ERRORS):
            return f"the cluster and this worker's settings don't fit: {describe(cause)}"
    return None


def describe(error: BaseException) -> str:
    """An error in one line, its kind first; of several, the first."""
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
    """The error, what it groups, and what it was raised from."""
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from causes(part)
    if error.__cause__ is not None:
        yield from causes(error.__cause__)
