"""What a batch too large or damaged leaves unread is passed over with one line by whoever has no lane."""

import logging

from aiokafka import ConsumerRecord, TopicPartition

from worker.commands.search.changes import SkippedRecord, change_of
from worker.commands.shell.reading import read_records
from worker.delivery.kafka.compacted import CompactedTopic
from worker.records.messages import BatchFault
from worker.settings import Settings

PARTITION = TopicPartition("news.some.v1", 0)


def record(offset, value=b"{}", batch_fault=None):
    return ConsumerRecord(*PARTITION, offset, 1000, 0, b"k", value, batch_fault, 1, len(value), ())


WALKED = record(1, batch_fault=BatchFault("too much"))
CUT = record(2, b"", BatchFault("too much, and not all of it", value_bytes=9))
REST = record(5, b"", BatchFault("offsets 3 to 5: too much", offsets="3 to 5"))
RECORDS = [record(0), WALKED, CUT, REST, record(6)]


class Client:
    def __init__(self):
        self.position_now = 0

    async def getmany(self, **_):
        self.position_now = 7
        return {PARTITION: RECORDS}

    async def position(self, _):
        return self.position_now


async def test_a_topic_read_as_a_whole_keeps_the_records_around_it(caplog):
    topic = CompactedTopic.__new__(CompactedTopic)
    topic._consumer = Client()
    with caplog.at_level(logging.ERROR):
        found = await topic.more(at_once=10)
    assert [one.offset for one in found] == [0, 1, 6]
    assert len(caplog.records) == 2
    assert "news.some.v1/0/5" in str(vars(caplog.records[1]))
    assert "offsets 3 to 5: too much" in str(vars(caplog.records[1]))


async def test_a_command_goes_on_behind_it(capsys):
    reading = read_records(Client(), [PARTITION], Settings(), ends={PARTITION: 7})
    assert [one.offset async for one in reading] == [0, 1, 6]
    assert capsys.readouterr().err.splitlines() == [
        "dateline: news.some.v1/0/2 is passed over: too much, and not all of it",
        "dateline: news.some.v1/0/5 is passed over: offsets 3 to 5: too much",
    ]


def test_the_index_skips_it_and_says_why():
    said = SkippedRecord("news.some.v1/0/5 is no search document: offsets 3 to 5: too much")
    assert change_of(REST) == said
