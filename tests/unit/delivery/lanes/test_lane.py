"""A lane takes each message once, in order, and delivers what comes of it with its offset, whatever fails."""

import asyncio
import itertools
import random
from dataclasses import replace
from functools import partial

import pytest
from aiokafka.errors import (
    IllegalGenerationError,
    KafkaError,
    NotEnoughReplicasError,
    ProducerFenced,
    TopicAuthorizationFailedError,
)

from tests.unit.delivery.lanes.lane_fakes import (
    LIMITS,
    Partition,
    Reader,
    arrival,
    make_lane,
    one_record,
)
from worker.channels import Channel
from worker.delivery.kafka.errors import FatalError, RecordRefused
from worker.delivery.kafka.sending import ALONE
from worker.delivery.lanes import preparation, retry_policy
from worker.delivery.lanes.budget import Budget
from worker.delivery.lanes.dead_letter import refusing_faulty
from worker.delivery.lanes.stage import ForeseeingWork
from worker.records.messages import FailedStep, OutMessage


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    monkeypatch.setattr(retry_policy, "BACKOFF_SECONDS", 0)


async def running(partition, reader=None, **options):
    lane = make_lane(partition, reader, **options)
    await lane.open()
    if reader is not None:
        reader.position = lane.next
    return lane, asyncio.create_task(lane.run())


async def eventually(is_so):
    async with asyncio.timeout(10):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def slowly_at_random(message):
    await asyncio.sleep(random.random() / 200)
    return await one_record(message)


async def test_work_ends_in_any_order_and_is_delivered_in_input_order():
    partition, reader = Partition(), Reader(range(100))
    lane, run = await running(partition, reader, work=slowly_at_random)
    await reader.read_for(lane, until=lambda: partition.committed == 100)
    assert partition.keys == list(range(100))
    lane.finish()
    await run


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_fails_nothing_is_lost_and_nothing_comes_twice(seed, monkeypatch):
    monkeypatch.setattr(retry_policy, "MAX_TRIES", 1000)
    chance = random.Random(seed)
    offsets = sorted(chance.sample(range(500), 200))  # a compacted log has gaps
    partition, reader = Partition(), Reader(offsets)

    def now_and_then(*_):
        if chance.random() < 0.2:
            raise chance.choice([ProducerFenced(), KafkaError("lost"), TimeoutError(), ConnectionError()])

    partition.on_publish = now_and_then
    partition.after_commit = now_and_then  # the commit went through, and nobody was told
    lane, run = await running(partition, reader, work=slowly_at_random)
    async with asyncio.timeout(30):
        await reader.read_for(lane, until=lambda: partition.committed == offsets[-1] + 1 or run.done())
    assert partition.keys == offsets
    assert lane.start_overs == len(reader.seeks) > 0
    run.cancel()


@pytest.mark.parametrize(
    ("taken", "comes", "is_taken"),
    [
        (5, arrival(5), True),
        (5, arrival(9, after=5), True),  # offsets 5 to 8 are gone from the log
        (5, arrival(9, after=3), True),
        (5, arrival(4), False),  # read again
        (5, arrival(6), False),  # read before a seek: 5 is still to come
        (5, arrival(5, generation=2), False),  # of another assignment
        (5, arrival(0, after=5, anew=True), True),  # the topic was made anew
        (5, arrival(0, after=4, anew=True), False),  # it was, but what was read before is still to come
    ],
)
async def test_a_message_is_taken_only_where_no_other_lies_before_it(taken, comes, is_taken):
    lane = make_lane(Partition(committed=taken))
    await lane.open()
    assert lane.put(comes) is is_taken
    assert lane.next == (comes.message.offset + 1 if is_taken else taken)


async def test_a_lane_that_is_not_open_takes_nothing():
    lane = make_lane(Partition(committed=5))
    assert not lane.put(arrival(5))
    await lane.open()
    await lane.close()
    assert not lane.put(arrival(5))


class SlowState:
    """Work that is made when `read` is set, after it failed as often as `failures` says."""

    def __init__(self, failures=0):
        self.read, self.failures, self.begun = asyncio.Event(), failures, []

    async def make_work(self, offset):
        self.begun.append(offset)
        if self.failures:
            self.failures -= 1
            raise FatalError("alert-state.v1 has no partition 3")
        await self.read.wait()
        return one_record


async def test_a_lane_opens_and_takes_records_while_its_state_is_read():
    partition, reader, state = Partition(committed=2), Reader(range(20)), SlowState()
    lane, run = await running(partition, reader, make_work=state.make_work)
    reading = asyncio.create_task(reader.read_for(lane, until=lambda: partition.committed == 20))
    await eventually(lambda: not lane.has_room())
    assert (lane.status().prepared, partition.committed) == (False, 2)
    state.read.set()
    await reading
    assert (partition.keys, state.begun, lane.status().prepared) == (list(range(2, 20)), [2], True)
    lane.finish()
    await run


async def test_a_state_that_cannot_be_read_is_tried_again_and_told_of(monkeypatch, caplog):
    monkeypatch.setattr(preparation, "FIRST_PAUSE_SECONDS", 0)
    monkeypatch.setattr(preparation, "TELL_SECONDS", 0.01)
    partition, reader, state = Partition(), Reader(range(5)), SlowState(failures=20)
    lane, run = await running(partition, reader, make_work=state.make_work)
    caplog.set_level("INFO")
    await eventually(lambda: "stage still reads its state" in caplog.messages)
    state.read.set()
    await reader.read_for(lane, until=lambda: partition.committed == 5)
    assert caplog.messages.count("stage can't begin; the others go on") == 20
    lane.finish()
    await run


async def test_a_lane_that_starts_over_reads_its_state_again(monkeypatch):
    partition, reader, state = Partition(), Reader(range(5)), SlowState()
    state.read.set()
    errors = [ProducerFenced()]

    def fail_once(*_):
        if errors and partition.committed == 4:
            raise errors.pop()

    partition.on_publish = fail_once
    lane, run = await running(partition, reader, make_work=state.make_work)
    await reader.read_for(lane, until=lambda: partition.committed == 5)
    assert (partition.keys, state.begun) == ([0, 1, 2, 3, 4], [0, 4])
    lane.finish()
    await run


async def test_a_lane_whose_state_is_still_read_finishes_at_once():
    lane, run = await running(Partition(), Reader(range(5)), make_work=SlowState().make_work)
    await asyncio.sleep(0.01)
    lane.finish()
    async with asyncio.timeout(5):
        await run
    assert not lane.left_undelivered


async def test_a_lane_that_could_not_open_opens_later_and_one_that_never_can_says_so_at_once():
    partition, reader = Partition(), Reader(range(5))
    lane = make_lane(partition, reader)
    starts = iter([ConnectionError("no coordinator"), TimeoutError()])

    def refuse():
        if error := next(starts, None):
            raise error

    partition.on_start = refuse
    await lane.try_open()
    assert not lane.is_open
    assert not lane.has_room()
    run = asyncio.create_task(lane.run())
    await reader.read_for(lane, until=lambda: partition.committed == 5)
    assert partition.keys == [0, 1, 2, 3, 4]
    lane.finish()
    await run
    starts = iter([FatalError("no right")])
    with pytest.raises(FatalError, match="no right"):
        await make_lane(partition, reader).try_open()


async def test_a_lane_that_needs_longer_than_an_assignment_may_take_opens_afterwards():
    """What is read to find the offset takes as long at each try: with the same limit no try would do."""
    partition, reader = Partition(), Reader(range(5))
    lane = make_lane(partition, reader, limits=replace(LIMITS, open_seconds=0.02, open_again_seconds=5))

    async def first_offset():
        await asyncio.sleep(0.1)
        return 0

    lane._first_offset = first_offset
    await lane.try_open()
    assert not lane.is_open
    run = asyncio.create_task(lane.run())
    await reader.read_for(lane, until=lambda: partition.committed == 5)
    lane.finish()
    await run


async def test_where_nothing_was_committed_the_log_is_read_from_its_start():
    partition = Partition(committed=None)
    lane = make_lane(partition, Reader([17, 18]))
    await lane.open()
    assert (lane.next, partition.begun_at) == (17, 17)


async def test_where_an_offset_was_committed_it_is_not_committed_again():
    partition = Partition(committed=5)
    await make_lane(partition, Reader([17, 18])).open()
    assert partition.begun_at is None


def requests(records, groups):
    """Records by the request they travel in, were none ever full."""
    apart = itertools.count()

    def group(record):
        name = groups.get(record.origin)
        return ("alone", next(apart)) if name == ALONE else name

    for _, one in itertools.groupby(records, key=group):
        yield list(one)


def refusing(refuses, error="too large"):
    """Refuses records for which `refuses(message)`; in company it can't be said which."""

    def on_publish(records, groups):
        for request in requests(records, groups):
            if any(refuses(record.message) for record in request):
                raise RecordRefused([record.origin for record in request], KafkaError(error))

    return on_publish


async def test_a_refused_record_makes_its_article_a_dead_letter_and_its_neighbours_go_through():
    partition, reader = Partition(), Reader(range(12))
    partition.on_publish = refusing(lambda m: m.channel is Channel.ENRICHED and m.key == b"6")
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=lambda: partition.committed == 12)
    assert [m.key for m in partition.delivered if m.channel is Channel.ENRICHED] == [
        b"%d" % n for n in range(12) if n != 6
    ]
    (letter,) = (m for m in partition.delivered if m.channel is Channel.DEAD)
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (b"key", b"text")
    assert headers["dead-letter-reason"] == b"publish-rejected"
    assert headers["dead-letter-offset"] == b"6"
    assert b"too large" in headers["dead-letter-error"]
    assert lane.status().failures == 0, "a record's own fault is not the cluster's"
    run.cancel()


async def test_a_stage_that_remembers_something_remembers_nothing_of_a_refused_record():
    """What is in memory and what is written stay the same: the sum of what was delivered."""

    async def make_work(_offset):
        taken = [int(m.value) for m in partition.delivered if m.channel is Channel.ENRICHED][-1:] or [0]

        async def add(message):
            taken[0] += message.offset
            return (OutMessage(Channel.ENRICHED, b"%d" % message.offset, b"%d" % taken[0], ()),)

        return add

    partition, reader = Partition(), Reader(range(12))
    partition.on_publish = refusing(lambda m: m.channel is Channel.ENRICHED and m.key == b"6")
    lane, run = await running(
        partition, reader, make_work=make_work, keeps_state=True, concurrency=asyncio.Semaphore(1)
    )
    await reader.read_for(lane, until=lambda: partition.committed == 12)
    (letter,) = (m for m in partition.delivered if m.channel is Channel.DEAD)
    assert dict(letter.headers)["dead-letter-offset"] == b"6"
    assert partition.delivered[-1].value == b"%d" % (sum(range(12)) - 6)
    run.cancel()


async def test_work_that_foresees_is_told_of_a_batch_before_its_first_record():
    told, partition, reader = [], Partition(), Reader(range(12))

    async def work(message):
        told.append(message.offset)
        return await one_record(message)

    async def make_work(_offset):
        whole = ForeseeingWork(work, lambda messages: told.append([one.offset for one in messages]))
        return whole.wrapped(partial(refusing_faulty, step=FailedStep.STORIES))

    lane, run = await running(partition, reader, make_work=make_work, concurrency=asyncio.Semaphore(1))
    await reader.read_for(lane, until=lambda: partition.committed == 12)
    batches = [each for each in told if isinstance(each, list)]
    assert [offset for batch in batches for offset in batch] == list(range(12))
    assert all(told.index(batch) < told.index(batch[0]) for batch in batches)
    run.cancel()


async def test_a_letter_that_is_refused_too_goes_out_empty():
    partition, reader = Partition(), Reader(range(3))
    partition.on_publish = refusing(lambda m: m.key in (b"1", b"key") and bool(m.value))
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=lambda: partition.committed == 3)
    (letter,) = (m for m in partition.delivered if m.channel is Channel.DEAD)
    assert letter.value == b""
    assert dict(letter.headers)["dead-letter-truncated"] == b"4"
    run.cancel()


async def test_a_lane_ends_when_not_even_an_empty_letter_is_taken():
    partition, reader = Partition(), Reader(range(3))
    partition.on_publish = refusing(lambda m: m.channel is Channel.DEAD or m.key == b"1")
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(FatalError, match="not even an empty dead letter of raw/0/1"):
        await run
    assert partition.committed in (None, 1)


async def test_a_refused_authorization_ends_the_lane_at_the_first_try():
    partition, reader = Partition(), Reader(range(3))

    def refuse(*_):
        raise TopicAuthorizationFailedError("news.entities.v1")

    partition.on_publish = refuse
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(FatalError, match=r"refuses this worker: TopicAuthorizationFailed.*news.entities.v1"):
        await run
    assert partition.publishes == 1


@pytest.mark.parametrize("where", ["publishing", "working"])
async def test_after_a_few_tries_a_lane_gives_up_and_its_offset_stays_uncommitted(where):
    partition, reader = Partition(), Reader(range(3))

    def fail(*_):
        raise KafkaError("never mind why")

    async def work(message):
        return fail() if where == "working" else await one_record(message)

    partition.on_publish = fail
    lane, run = await running(partition, reader, work=work)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(
        FatalError,
        match=r"raw/0: nothing delivered by 6 tries in 0 s, the last failed with KafkaError: never",
    ):
        await run
    assert partition.committed is None
    assert lane.status().failures == 6


async def test_what_may_pass_is_tried_again_as_long_as_an_outage_may_last(monkeypatch):
    monkeypatch.setattr(retry_policy, "OUTAGE_SECONDS", 0.3)
    partition, reader = Partition(), Reader(range(3))

    def fail(*_):
        raise NotEnoughReplicasError

    partition.on_publish = fail
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(
        FatalError, match=r"raw/0: nothing delivered by \d+ tries in 0 s, .*NotEnoughReplicas"
    ):
        await run
    assert lane.status().failures > retry_policy.MAX_TRIES
    assert partition.committed is None


async def test_a_lane_that_is_no_longer_ours_fences_nobody():
    partition, reader = Partition(), Reader(range(3))

    def fail(*_):
        raise ProducerFenced

    def refuse():
        raise IllegalGenerationError

    partition.on_publish, reader.confirms = fail, refuse
    lane, run = await running(partition, reader)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(FatalError, match="IllegalGeneration"):
        await run
    assert len(partition.publishers) == 1, "it started another, which fences the new owner's"


async def test_a_lane_cut_short_says_that_it_held_work():
    partition = Partition()
    lane, run = await running(partition, work=lambda message: asyncio.sleep(60))
    lane.put(arrival(0))
    await eventually(lambda: lane.status().in_flight == 1)
    run.cancel()
    await asyncio.wait([run])
    assert lane.left_undelivered


async def test_a_delivery_past_its_deadline_counts_as_failed():
    partition, reader = Partition(), Reader(range(3))
    slow = [0.2]

    class Slow(type(partition.make_publisher())):
        async def publish(self, records, next_offset, **options):
            await asyncio.sleep(slow.pop() if slow else 0)
            await super().publish(records, next_offset, **options)

    partition.make_publisher = lambda: Slow(partition)
    lane, run = await running(partition, reader, limits=replace(LIMITS, deliver_seconds=0.05))
    await reader.read_for(lane, until=lambda: partition.committed == 3)
    assert partition.keys == [0, 1, 2]
    assert lane.start_overs == 1
    run.cancel()


async def test_finishing_delivers_what_was_begun_and_leaves_the_rest():
    partition, begun = Partition(), asyncio.Event()
    release = asyncio.Event()

    async def work(message):
        begun.set()
        await release.wait()
        return await one_record(message)

    lane, run = await running(partition, work=work, limits=replace(LIMITS, batches_in_flight=1))
    for offset in range(10):
        lane.put(arrival(offset))
    await begun.wait()
    lane.finish()
    release.set()
    await run
    assert partition.keys == [0, 1, 2, 3]
    assert partition.committed == 4


async def test_a_delivery_that_fails_while_finishing_is_left_to_the_next_owner_and_said():
    partition = Partition()
    lane, run = await running(partition)

    def fail(*_):
        lane.finish()
        raise KafkaError("just now")

    partition.on_publish = fail
    lane.put(arrival(0))
    await run
    assert lane.left_undelivered
    assert (partition.publishes, partition.committed) == (1, None)


@pytest.mark.parametrize("hands", [1, 2, 3, 6, 9])
async def test_finishing_leaves_what_waits_for_a_hand_also_within_a_batch(hands):
    partition, begun = Partition(), []
    release = asyncio.Event()

    async def work(message):
        begun.append(message.offset)
        await release.wait()
        return await one_record(message)

    lane, run = await running(partition, work=work, concurrency=asyncio.Semaphore(hands))
    for offset in range(20):
        lane.put(arrival(offset))
    await eventually(lambda: len(begun) == hands)
    lane.finish()
    release.set()
    await run
    assert partition.keys == begun == list(range(hands))
    assert partition.committed == hands


async def test_finishing_before_anything_is_begun_commits_nothing():
    partition = Partition()
    hands = asyncio.Semaphore(1)
    async with hands:
        lane, run = await running(partition, concurrency=hands)
        for offset in range(5):
            lane.put(arrival(offset))
        await eventually(lambda: lane.status().in_flight > 0)
        lane.finish()
    await run
    assert (partition.keys, partition.committed) == ([], None)


async def test_no_more_batches_are_under_way_than_may_be():
    partition, under_way, most = Partition(), set(), 0
    release = asyncio.Event()

    async def work(message):
        nonlocal most
        under_way.add(message.offset)
        most = max(most, len(under_way))
        await release.wait()
        under_way.discard(message.offset)
        return await one_record(message)

    lane, run = await running(partition, work=work)
    for offset in range(100):
        lane.put(arrival(offset))
    await eventually(lambda: len(under_way) == LIMITS.batch_size * LIMITS.batches_in_flight)
    await asyncio.sleep(0.02)
    assert most == LIMITS.batch_size * LIMITS.batches_in_flight
    assert not lane.has_room()
    release.set()
    await eventually(lambda: partition.committed == 100)
    run.cancel()


async def test_bytes_under_way_are_bounded_and_given_back():
    partition, budget = Partition(), Budget(100)
    seen = []

    async def work(message):
        seen.append(budget.used_bytes)
        return (OutMessage(Channel.ENRICHED, b"%d" % message.offset, b"x" * 50, ()),)

    lane, run = await running(partition, work=work, budget=budget, limits=replace(LIMITS, batch_bytes=30))
    for offset in range(50):
        lane.put(arrival(offset))  # 7 bytes each, five to a batch of 30
    await eventually(lambda: partition.committed == 50)
    assert partition.keys == list(range(50))
    assert max(seen) <= 100 + 28
    assert budget.used_bytes == 0
    run.cancel()


async def test_what_a_failed_life_held_is_given_back():
    partition, reader, budget = Partition(), Reader(range(40)), Budget(1000)
    failures = iter([True] * 3 + [False] * 1000)

    def fail(*_):
        if next(failures):
            raise KafkaError("once more")

    partition.on_publish = fail
    lane, run = await running(partition, reader, budget=budget)
    await reader.read_for(lane, until=lambda: partition.committed == 40)
    lane.finish()
    await run
    assert budget.used_bytes == 0
    assert partition.keys == list(range(40))


async def tenfold(message):
    """Work whose results have a thousand bytes."""
    return tuple(OutMessage(Channel.MATCHES, None, bytes(100), ()) for _ in range(10))


async def test_a_batch_takes_as_few_messages_as_have_so_many_bytes_of_results():
    partition, reader = Partition(), Reader(range(60))
    sizes = []
    partition.on_publish = lambda records, groups: sizes.append(len(records) // 10)
    limits = replace(LIMITS, batch_size=32, results_bytes=5000, batches_in_flight=1)
    lane, run = await running(partition, reader, work=tenfold, limits=limits, patience=lambda _: 1)
    await reader.read_for(lane, until=lambda: partition.committed == 60)
    assert sizes[:5] == [1, 4, 5, 5, 5]
    assert max(sizes) == 5
    run.cancel()


async def test_a_lane_that_starts_over_goes_on_with_one_message():
    """A batch too large to be delivered in time would be too large again."""
    partition, reader = Partition(), Reader(range(64))
    sizes = []

    def overdue_at_eight(records, groups):
        sizes.append(len(records))
        if len(records) == 8 and sizes.count(8) == 1:
            raise TimeoutError

    partition.on_publish = overdue_at_eight
    limits = replace(LIMITS, batch_size=8, results_bytes=1 << 20, batches_in_flight=1)
    lane, run = await running(partition, reader, limits=limits, patience=lambda _: 1)
    await reader.read_for(lane, until=lambda: partition.committed == 64)
    assert sizes[:6] == [1, 4, 8, 1, 4, 8]
    assert partition.keys == list(range(64))
    run.cancel()


async def test_a_write_that_the_stage_does_not_declare_ends_the_lane_with_nothing_delivered():
    async def work(message):
        return (*await one_record(message), OutMessage(Channel.QUOTES, b"key", b"quote", ()))

    partition, reader = Partition(), Reader(range(3))
    lane, run = await running(partition, reader, work=work)
    await reader.read_for(lane, until=run.done)
    with pytest.raises(FatalError, match=r"reads raw wrote to quotes\.v1, which it does not declare"):
        await run
    assert (partition.keys, partition.committed) == ([], None)


async def test_of_a_channel_whose_earlier_values_nobody_needs_a_batch_writes_each_key_once():
    partition, reader = Partition(), Reader(range(8))
    budget = Budget(1 << 20)

    async def counts(message):
        return tuple(
            OutMessage(channel, b"%d" % (message.offset % 2), b"%d" % message.offset, (), partition=partition)
            for channel, partition in (
                (Channel.ENRICHED, None),
                (Channel.ENRICHED, 7),
                (Channel.SEARCH, None),
            )
        )

    lane, run = await running(partition, reader, work=counts, latest_only={Channel.ENRICHED}, budget=budget)
    await reader.read_for(lane, until=lambda: partition.committed == 8)
    assert [int(out.value) for out in partition.delivered if out.channel is Channel.SEARCH] == list(range(8))
    kept = [out for out in partition.delivered if out.channel is Channel.ENRICHED]
    assert len(kept) < 16
    for other in (None, 7):
        latest = {out.key: out.value for out in kept if out.partition == other}
        assert latest == {b"0": b"6", b"1": b"7"}
    lane.finish()
    await run
    assert budget.used_bytes == 0
