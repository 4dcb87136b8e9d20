"""Letters of batches that are too large or damaged: what they show, and which of them are sent back."""

from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from tests.unit.commands.dead_letters.letters import letter
from worker.commands.dead_letters.lines import letter_fields, letter_line
from worker.commands.dead_letters.original import Obstacle, Originals
from worker.commands.dead_letters.show import _message
from worker.records.messages import BatchFault, Reason
from worker.settings import Settings


def faulty_letter(header, value, reason=Reason.TOO_LARGE):
    one = letter(b"", key=None, reason=reason, error="unpacks to too much")
    return replace(one, record=replace(one.record, headers=(*one.record.headers, (header, value))))


class FoundOriginals(Originals):
    """Finds this record at every origin."""

    async def _record(self, partition, offset):
        return self.found


def originals(found=None):
    made = FoundOriginals(Settings(), {"raw": 1}, AsyncExitStack())
    made.found = found
    return made


async def test_a_letter_that_stands_for_several_is_shown_and_never_sent_back():
    one = faulty_letter("dead-letter-offsets", b"39 to 41")
    assert "stands for offsets 39 to 41" in letter_line(one)
    assert letter_fields(one, sent_back=False)["stands_for"] == "39 to 41"
    assert ("value", "none: stands for offsets 39 to 41") in _message(one)
    found = await originals().of(one)
    assert isinstance(found, Obstacle)
    assert found.kind == "in batches that unpack to too much"
    assert "records of raw/0 at offsets 39 to 41" in found.why
    assert "larger DATELINE_MAX_BATCH_BYTES" in found.why


async def test_one_of_a_damaged_batch_says_that_no_setting_lets_it_be_read():
    one = faulty_letter("dead-letter-offsets", b"39 to 41", Reason.UNDECODABLE)
    assert "stands for offsets 39 to 41" in letter_line(one)
    found = await originals().of(one)
    assert isinstance(found, Obstacle)
    assert found.kind == "in batches that can't be unpacked"
    assert "records of raw/0 at offsets 39 to 41" in found.why
    assert "their batch is damaged: whoever published it sends the articles again" in found.why
    assert "DATELINE_MAX_BATCH_BYTES" not in found.why


@pytest.mark.parametrize("is_readable", [True, False])
async def test_a_truncated_one_is_sent_back_once_its_batch_can_be_read(is_readable):
    one = faulty_letter("dead-letter-truncated", b"5")
    record = replace(one.record, topic="raw", partition=0, offset=41, value=b"whole", headers=())
    if not is_readable:
        record = replace(record, value=b"", checksum=BatchFault("its batch is too much", value_bytes=5))
    found = await originals(record).of(one)
    if is_readable:
        assert found.value == b"whole"
    else:
        assert (
            found.why == "its batch is too much; a larger DATELINE_MAX_BATCH_BYTES lets this command read it"
        )


async def test_one_that_has_all_of_its_record_is_sent_back_as_it_is():
    one = letter(b"value", reason=Reason.TOO_LARGE)
    assert (await originals().of(one)).value == b"value"
