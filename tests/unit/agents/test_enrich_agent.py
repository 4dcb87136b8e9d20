"""What comes back from the pool becomes outputs or a dead letter, never nothing."""

from dataclasses import replace

import pytest

from worker.agents.enrich import enrichment
from worker.channels import Channel
from worker.delivery.kafka.errors import FatalError
from worker.pool.pool import Killed, PoolBrokenError, PoolError
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected

MESSAGE = RawMessage("raw", 0, 5, 1000, b"key", b"value")


async def outputs_when(result):
    async def submit(message):
        assert message is MESSAGE
        if isinstance(result, Exception):
            raise result
        return result

    return await enrichment(submit=submit)(MESSAGE)


async def test_outputs_are_passed_on():
    outputs = (OutMessage(Channel.ENRICHED, b"id", b"{}", ()),)
    assert await outputs_when(outputs) is outputs
    assert await outputs_when(()) == ()


@pytest.mark.parametrize(
    ("result", "reason", "attempts"),
    [
        (Rejected(Reason.UNDECODABLE, "not JSON", FailedStep.DECODE), b"undecodable", b"1"),
        (Killed("killed by signal 9", 3), b"enrichment-killed", b"3"),
    ],
)
async def test_what_can_not_be_enriched_becomes_a_letter(result, reason, attempts):
    (letter,) = await outputs_when(result)
    assert letter.channel is Channel.DEAD
    assert (letter.key, letter.value) == (b"key", b"value")
    assert dict(letter.headers)["dead-letter-reason"] == reason
    assert dict(letter.headers)["dead-letter-attempts"] == attempts


async def test_a_broken_pool_is_a_reason_to_stop():
    with pytest.raises(FatalError, match="no model"):
        await outputs_when(PoolBrokenError("no model"))


async def test_an_article_that_meets_a_bug_is_kept_as_a_letter_and_stops_nobody():
    (letter,) = await outputs_when(PoolError("KeyError: 'x'"))
    assert letter.channel is Channel.DEAD
    assert (letter.key, letter.value) == (b"key", b"value")
    assert dict(letter.headers)["dead-letter-reason"] == b"enrichment-failed"
    assert b"KeyError" in dict(letter.headers)["dead-letter-error"]


async def test_a_header_name_that_is_not_utf8_makes_a_letter_that_keeps_it():
    headers = (("content-type", b"text/plain"), (b"caf\xe9".decode("utf-8", "surrogateescape"), b"1"))
    message = replace(MESSAGE, headers=headers)

    async def never(_):
        pytest.fail("it can't be enriched")

    (letter,) = await enrichment(submit=never)(message)
    assert letter.headers[:2] == headers
    assert dict(letter.headers)["dead-letter-reason"] == b"invalid"
    assert dict(letter.headers)["dead-letter-error"] == rb"the header name b'caf\xe9' is not UTF-8"
