"""Every error a delivery can meet has its nature, and a lane does what that calls for."""

import ssl

import pytest
from aiokafka import errors

from worker.delivery.kafka import error_codes
from worker.delivery.kafka.errors import (
    ERRORS_BY_KIND,
    DeliveryTimeout,
    ErrorKind,
    FatalError,
    NotOwner,
    RecordRefused,
    describe,
    error_kind,
    fatal_reason,
)

# What Kafka's brokers answer to the requests of a producer, a transaction and a group's member, by code.
BY_CODE = {
    ErrorKind.RECORD: {10, 18, 32, 87},
    ErrorKind.FENCED: {47, 49, 52, 90},
    ErrorKind.ABORTABLE: {-1, 22, 25, 27, 45, 46, 48, 55, 59, 120},
    ErrorKind.RETRIABLE: {3, 5, 6, 7, 8, 9, 14, 15, 16, 19, 20, 41, 51, 56, 74, 75, 78, 88, 100},
    ErrorKind.FATAL: {17, 21, 23, 24, 26, 29, 30, 31, 33, 34, 35, 43, 50, 53, 54, 58, 76, 81, 82},
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind in BY_CODE for code in sorted(BY_CODE[kind])]
)
def test_a_broker_s_answer_has_its_nature(kind, code):
    error = errors.for_code(code)
    assert error is not errors.UnknownError or code == -1
    assert error_kind(error()) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.ProducerFenced(), ErrorKind.FENCED),
        (errors.KafkaConnectionError("no broker"), ErrorKind.RETRIABLE),
        (errors.NodeNotReadyError(), ErrorKind.RETRIABLE),
        (errors.KafkaTimeoutError(), ErrorKind.RETRIABLE),
        (errors.IncompatibleBrokerVersion("too old"), ErrorKind.FATAL),
        (errors.KafkaError("Unexpected error during batch delivery"), ErrorKind.ABORTABLE),
        (ConnectionResetError(), ErrorKind.RETRIABLE),
        (TimeoutError(), ErrorKind.RETRIABLE),
        (DeliveryTimeout("not delivered within 20 s"), ErrorKind.RETRIABLE),
        (NotOwner("past generation 3"), ErrorKind.ABORTABLE),
        (RecordRefused([1, 2], errors.MessageSizeTooLargeError()), ErrorKind.RECORD),
        (ssl.SSLCertVerificationError(), ErrorKind.FATAL),
        (FatalError("missing on the cluster: t"), ErrorKind.FATAL),
        (AssertionError("Invalid state transition"), ErrorKind.ABORTABLE),
        (ValueError("never foreseen"), ErrorKind.ABORTABLE),
    ],
)
def test_what_a_client_raises_by_itself_has_its_nature_too(error, kind):
    assert error_kind(error) is kind


def test_what_tells_most_decides_however_deep_it_is():
    wrapped = errors.KafkaError("Unexpected error during batch delivery")
    wrapped.__cause__ = errors.InvalidProducerEpoch()
    assert error_kind(ExceptionGroup("two", [errors.RequestTimedOutError(), wrapped])) is ErrorKind.FENCED
    refused = errors.TopicAuthorizationFailedError("news.entities.v1")
    assert error_kind(ExceptionGroup("two", [wrapped, refused])) is ErrorKind.FATAL


@pytest.mark.parametrize("kind", ERRORS_BY_KIND[ErrorKind.FATAL], ids=lambda kind: kind.__name__)
def test_whatever_is_fatal_has_words_for_the_worker_s_end_and_nothing_else_has(kind):
    error = kind("why")
    error.verify_message = "as TLS has it"
    assert fatal_reason(error)
    for kind, types in ERRORS_BY_KIND.items():
        if kind not in (ErrorKind.FATAL, ErrorKind.RECORD):
            assert [one for one in types if fatal_reason(one("why"))] == []


def test_what_aiokafka_did_not_expect_is_named():
    wrapped = errors.KafkaError("Unexpected error during batch delivery")
    wrapped.__cause__ = errors.InvalidProducerIdMapping()
    assert describe(wrapped).startswith("InvalidProducerIdMapping")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (errors.TopicAuthorizationFailedError("t"), "TopicAuthorizationFailedError: t"),
        (errors.RequestTimedOutError(), "RequestTimedOutError"),
        (errors.KafkaError("no\nroute"), "KafkaError: no route"),
        (ValueError("wrong"), "ValueError: wrong"),
        (ExceptionGroup("g", [ValueError("first"), ValueError("second")]), "ValueError: first"),
    ],
)
def test_an_error_is_one_line_its_kind_first_and_only_once(error, says):
    assert describe(error) == says


def test_codes_that_aiokafka_does_not_know_may_pass_where_kafka_says_so():
    may_pass = {kind.errno for kind in error_codes.NEWER if kind.retriable}
    assert may_pass == {74, 75, 78, 88, 100}
