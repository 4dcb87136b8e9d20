"""Every error a delivery can meet has its nature, and a lane does what that calls for."""

import ssl

import pytest
from aiokafka import errors

from worker.delivery.kafka import error_codes
from worker.delivery.kafka.refusals import (
    KINDS,
    Hopeless,
    Nature,
    NotOurs,
    Overdue,
    RecordRefused,
    describe,
    hopeless,
    nature,
)

# What Kafka's brokers answer to the requests of a producer, a transaction and a group's member, by code.
BY_CODE = {
    Nature.RECORD: {10, 18, 32, 87},
    Nature.FENCED: {47, 49, 52, 90},
    Nature.ABORTABLE: {-1, 22, 25, 27, 45, 46, 48, 55, 59, 120},
    Nature.RETRIABLE: {3, 5, 6, 7, 8, 9, 14, 15, 16, 19, 20, 41, 51, 56, 74, 75, 78, 88, 100},
    Nature.FATAL: {17, 21, 23, 24, 26, 29, 30, 31, 33, 34, 35, 43, 50, 53, 54, 58, 76, 81, 82},
}


@pytest.mark.parametrize(
    ("kind", "code"), [(kind, code) for kind in BY_CODE for code in sorted(BY_CODE[kind])]
)
def test_a_broker_s_answer_has_its_nature(kind, code):
    error = errors.for_code(code)
    assert error is not errors.UnknownError or code == -1
    assert nature(error()) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.ProducerFenced(), Nature.FENCED),
        (errors.KafkaConnectionError("no broker"), Nature.RETRIABLE),
        (errors.NodeNotReadyError(), Nature.RETRIABLE),
        (errors.KafkaTimeoutError(), Nature.RETRIABLE),
        (errors.IncompatibleBrokerVersion("too old"), Nature.FATAL),
        (errors.KafkaError("Unexpected error during batch delivery"), Nature.ABORTABLE),
        (ConnectionResetError(), Nature.RETRIABLE),
        (TimeoutError(), Nature.RETRIABLE),
        (Overdue("not delivered within 20 s"), Nature.RETRIABLE),
        (NotOurs("past generation 3"), Nature.ABORTABLE),
        (RecordRefused([1, 2], errors.MessageSizeTooLargeError()), Nature.RECORD),
        (ssl.SSLCertVerificationError(), Nature.FATAL),
        (Hopeless("missing on the cluster: t"), Nature.FATAL),
        (AssertionError("Invalid state transition"), Nature.ABORTABLE),
        (ValueError("never foreseen"), Nature.ABORTABLE),
    ],
)
def test_what_a_client_raises_by_itself_has_its_nature_too(error, kind):
    assert nature(error) is kind


def test_what_tells_most_decides_however_deep_it_is():
    wrapped = errors.KafkaError("Unexpected error during batch delivery")
    wrapped.__cause__ = errors.InvalidProducerEpoch()
    assert nature(ExceptionGroup("two", [errors.RequestTimedOutError(), wrapped])) is Nature.FENCED
    refused = errors.TopicAuthorizationFailedError("news.entities.v1")
    assert nature(ExceptionGroup("two", [wrapped, refused])) is Nature.FATAL


@pytest.mark.parametrize("kind", KINDS[Nature.FATAL], ids=lambda kind: kind.__name__)
def test_whatever_is_fatal_has_words_for_the_worker_s_end_and_nothing_else_has(kind):
    error = kind("why")
    error.verify_message = "as TLS has it"
    assert hopeless(error)
    for kind, types in KINDS.items():
        if kind not in (Nature.FATAL, Nature.RECORD):
            assert [one for one in types if hopeless(one("why"))] == []


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
