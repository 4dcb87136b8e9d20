"""Which records travel in one request, and how few requests find the one that is refused."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidTimestampError,
    MessageSizeTooLargeError,
    NotEnoughReplicasError,
    OutOfOrderSequenceNumber,
)

from worker.channels import Channel
from worker.delivery.kafka.clock import ClockOff
from worker.delivery.kafka.errors import ClockRefused, ErrorKind, RecordRefused, error_kind
from worker.delivery.kafka.sending import ALONE, RETRY_GROUPS, OutgoingRecord, retry_groups, send
from worker.records.messages import OutMessage

TOPICS = {Channel.ENRICHED: "enriched", Channel.SEARCH: "search"}


class Broker:
    """In place of a cluster, with one partition a topic. `refuses(origins)`: a request's error, or None."""

    def __init__(self, producer, refuses=lambda origins: None):
        self.requests = {topic: [] for topic in TOPICS.values()}
        self.refuses = refuses
        self.timestamps = []
        self._make_batch, self._keys = producer.create_batch, {}
        producer.create_batch = self.create_batch
        producer.partitions_for = self.partitions_for
        producer.send_batch = self.send_batch

    async def partitions_for(self, topic):
        return {0}

    def create_batch(self):
        batch = self._make_batch()
        keys, append = self._keys.setdefault(id(batch), []), batch.append

        def noted(**fields):
            if (added := append(**fields)) is not None:
                keys.append(int(fields["key"]))
                self.timestamps.append(fields["timestamp"])
            return added

        batch.append = noted
        self._held = [*getattr(self, "_held", ()), batch]  # so that no id comes twice
        return batch

    async def send_batch(self, batch, topic, *, partition):
        origins = self._keys[id(batch)]
        self.requests[topic].append(origins)
        answer = asyncio.get_running_loop().create_future()
        error = self.refuses(origins)
        answer.set_exception(error) if error else answer.set_result(TopicPartition(topic, partition))
        return answer


@pytest.fixture
async def producer():
    producer = AIOKafkaProducer(max_batch_size=1000)
    yield producer
    producer._closed = True


async def five():
    return 5


def record(origin, channel=Channel.ENRICHED, value=b"text"):
    return OutgoingRecord(origin, OutMessage(channel, b"%d" % origin, value, ()))


async def test_records_travel_together_as_far_as_they_fit(producer):
    broker = Broker(producer)
    await send(producer, TOPICS, [record(n, value=b"x" * 300) for n in range(7)])
    assert broker.requests["enriched"] == [[0, 1, 2], [3, 4, 5], [6]]


async def test_a_record_keeps_the_timestamp_it_has_and_another_gets_the_time_of_sending(producer):
    broker = Broker(producer)
    dated = OutMessage(Channel.SEARCH, b"2", None, (), timestamp_ms=1_741_351_200_123)
    await send(
        producer,
        TOPICS,
        [record(1, Channel.SEARCH), OutgoingRecord(2, dated), record(3, Channel.SEARCH)],
        now_ms=five,
    )
    assert broker.requests["search"] == [[1, 2, 3]]
    assert broker.timestamps == [5, 1_741_351_200_123, 5]


@pytest.mark.parametrize("timestamp_ms", [None, 4_102_444_800_000])
async def test_a_refused_time_is_the_fault_of_the_record_that_has_it_and_else_of_the_clock(
    producer, timestamp_ms
):
    Broker(producer, refuses=lambda origins: InvalidTimestampError("out of range"))
    message = OutMessage(Channel.SEARCH, b"1", b"text", (), timestamp_ms=timestamp_ms)
    with pytest.raises(ClockRefused if timestamp_ms is None else RecordRefused) as refused:
        await send(producer, TOPICS, [OutgoingRecord(1, message)])
    if timestamp_ms is None:
        assert error_kind(refused.value) is ErrorKind.FATAL
        assert "search refuses the time that the clock of this machine shows" in str(refused.value)
    else:
        assert refused.value.offsets == [1]


async def test_nothing_is_sent_while_the_time_is_not_known_to_be_right(producer):
    async def wrong():
        raise ClockOff("60 days behind")

    broker = Broker(producer)
    with pytest.raises(ClockOff):
        await send(producer, TOPICS, [record(1)], now_ms=wrong)
    assert broker.requests["enriched"] == []


async def test_lots_travel_apart_and_what_is_alone_record_by_record(producer):
    broker = Broker(producer)
    records = [record(origin, channel) for origin in range(8) for channel in TOPICS]
    records.insert(8, record(4))  # a second record of the same input, and in the same topic
    await send(producer, TOPICS, records, groups={2: 2, 3: 2, 4: ALONE, 5: ALONE})
    assert broker.requests["enriched"] == [[0, 1], [2, 3], [4], [4], [5], [6, 7]]
    assert broker.requests["search"] == [[0, 1], [2, 3], [4], [5], [6, 7]]


@pytest.mark.parametrize("inputs", [1, 2, 32, 33, 1000])
@pytest.mark.parametrize("at_fault", [0, -1])
async def test_the_one_at_fault_among_many_is_found_with_few_requests(inputs, at_fault):
    offsets = list(range(100, 100 + inputs))
    bad, groups, asked = offsets[at_fault], {}, 0
    while True:
        producer = AIOKafkaProducer(max_batch_size=1 << 20)
        producer._closed = True
        broker = Broker(producer, lambda origins: MessageSizeTooLargeError() if bad in origins else None)
        with pytest.raises(RecordRefused) as refused:
            await send(producer, TOPICS, [record(offset) for offset in offsets], groups=groups)
        asked += len(broker.requests["enriched"])
        if len(refused.value.origins) == 1:
            break
        groups |= retry_groups(refused.value.offsets)
    assert refused.value.offsets == [bad]
    assert asked <= 1 + 3 * RETRY_GROUPS


async def test_several_records_of_one_input_that_are_refused_together_may_each_be_taken(producer):
    broker = Broker(producer, lambda origins: MessageSizeTooLargeError() if len(origins) > 1 else None)
    records = [record(5) for _ in range(3)]
    with pytest.raises(RecordRefused) as refused:
        await send(producer, TOPICS, records)
    assert refused.value.origins == (5, 5, 5)
    await send(producer, TOPICS, records, groups=retry_groups(refused.value.offsets))
    assert broker.requests["enriched"] == [[5, 5, 5], [5], [5], [5]]


async def test_a_refused_record_says_more_than_what_failed_behind_it(producer):
    def refuses(origins):
        return MessageSizeTooLargeError() if origins == [1] else OutOfOrderSequenceNumber()

    Broker(producer, refuses)
    with pytest.raises(RecordRefused):
        await send(producer, TOPICS, [record(1, Channel.SEARCH), record(2)], groups={1: ALONE, 2: ALONE})


async def test_the_first_failed_request_of_a_partition_says_why(producer):
    def refuses(origins):
        return NotEnoughReplicasError() if origins == [1] else OutOfOrderSequenceNumber()

    Broker(producer, refuses)
    with pytest.raises(NotEnoughReplicasError):
        await send(producer, TOPICS, [record(1), record(2)], groups={1: ALONE, 2: ALONE})


async def test_a_record_larger_than_any_topic_takes_is_refused_before_it_is_sent(producer):
    producer._max_request_size = 10_000
    broker = Broker(producer)
    with pytest.raises(RecordRefused, match="more than 10000"):
        await send(producer, TOPICS, [record(1), record(2, value=b"x" * 10_000)])
    assert broker.requests["enriched"] == []
