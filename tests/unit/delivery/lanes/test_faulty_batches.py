"""What came in a batch that can't be read to its end becomes dead letters, whatever the stage."""

from dataclasses import replace

import pytest

from tests.unit.delivery.lanes.lane_fakes import message
from worker.delivery.lanes.dead_letter import refused, refusing_faulty
from worker.records.messages import BatchFault, FailedStep, Reason


async def worked(message):
    return ("worked",)


@pytest.mark.parametrize("step", [FailedStep.DECODE, FailedStep.ALERT])
@pytest.mark.parametrize(
    ("batch_fault", "extra"),
    [
        (BatchFault("why"), {}),
        (BatchFault("why", value_bytes=314572800), {"dead-letter-truncated": b"314572800"}),
        (BatchFault("why", value_bytes=0), {"dead-letter-truncated": b"0"}),
        (BatchFault("why", offsets="5 to 9"), {"dead-letter-offsets": b"5 to 9"}),
        (BatchFault("why", Reason.UNDECODABLE, offsets="5 to 9"), {"dead-letter-offsets": b"5 to 9"}),
    ],
)
async def test_it_becomes_a_letter_that_says_what_is_missing(step, batch_fault, extra):
    one = replace(message(9, b"value", headers=(("own", b"h"),)), batch_fault=batch_fault)
    (letter,) = await refusing_faulty(worked, step)(one)
    headers = dict(letter.headers)
    assert (letter.key, letter.value, headers["own"]) == (one.key, one.value, b"h")
    assert headers["dead-letter-reason"] == batch_fault.reason.value.encode()
    assert headers["dead-letter-error"] == b"why"
    assert headers["dead-letter-stage"] == step.value.encode()
    assert headers["dead-letter-offset"] == b"9"
    said = ("dead-letter-truncated", "dead-letter-offsets")
    assert {name: headers[name] for name in said if name in headers} == extra


async def test_a_letter_with_a_key_that_is_too_large_too_loses_it_and_says_as_much():
    one = replace(message(9, b"", key=b"k" * 5000), batch_fault=BatchFault("why", value_bytes=7))
    letters = await refusing_faulty(worked, FailedStep.DECODE)(one)
    shorter = refused(one, letters, "too large")
    assert (shorter.key, shorter.value) == (None, b"")
    assert dict(shorter.headers)["dead-letter-truncated"] == b"7"


async def test_any_other_message_is_worked_on():
    assert await refusing_faulty(worked, FailedStep.DECODE)(message(9)) == ("worked",)
