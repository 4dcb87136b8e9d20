"""What the endpoint receives of a lane's records: spans joined to their publishers' traces."""

import asyncio
import time
from collections.abc import Callable

import pytest
from aiokafka.errors import NotEnoughReplicasError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from tests.otlp_receiver import OtlpReceiver, ReceivedSpan, otlp_receiver
from tests.unit.delivery.lanes.lane_fakes import PARTITION, Partition, make_lane, message
from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes import retry_policy
from worker.delivery.lanes.dead_letter import dead_letter
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.stage import RunnableStage, StageTuning, stateless
from worker.delivery.lanes.trace import LaneTrace, Told
from worker.records.cloudevents import following
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected
from worker.settings import Settings
from worker.steps import Step, note_steps
from worker.tracing.export import TraceIds
from worker.tracing.spans import MAX_SHOWN_BYTES, SpanTraces, trace_id_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = ("traceparent", f"00-{TRACE}-{SPAN}-01".encode())
UNSAMPLED = ("traceparent", f"00-{TRACE}-{SPAN}-00".encode())
STATE = ("tracestate", b"vendor=theirs-to-keep")
PROCESS, DELIVER, INSIDE = 5, 4, 1  # OTLP's numbers for a consumer, a producer, and what neither is


async def no_work(_: RawMessage) -> tuple[OutMessage, ...]:
    return ()


def stage(name: str = "enrich", reads: Channel = Channel.RAW) -> RunnableStage:
    return RunnableStage(name, reads, frozenset(), stateless(no_work), StageTuning(max_concurrent=1))


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch):
    monkeypatch.setattr(retry_policy, "BACKOFF_SECONDS", 0)


@pytest.fixture
def receiver():
    with otlp_receiver() as one:
        yield one


@pytest.fixture
def traces(receiver, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "")
    return SpanTraces.exporting(Settings(topic_prefix="x."))


async def eventually(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def told(
    traces: SpanTraces,
    receiver: OtlpReceiver,
    *messages: RawMessage,
    work=no_work,
    of: RunnableStage | None = None,
) -> list[ReceivedSpan]:
    """The spans of a lane that took these messages in one batch and delivered them."""
    lane = make_lane(Partition(), work=work, trace=LaneTrace(traces, of or stage(), PARTITION))
    await lane.open()
    for one in messages:
        lane.put(Arrival(one, one.offset, lane.generation))
    running = asyncio.create_task(lane.run())
    await eventually(lambda: lane.delivered == len(messages))
    lane.finish()
    await running
    await traces.flush()
    return receiver.spans


def named(spans: list[ReceivedSpan], name: str) -> list[ReceivedSpan]:
    return sorted((one for one in spans if one.name == name), key=lambda one: one.began)


async def in_steps(one: RawMessage) -> tuple[OutMessage, ...]:
    began = time.monotonic()
    await asyncio.sleep(0.03)
    note_steps({"decode": 0.01, "enrich": 0.015}, began, time.monotonic())
    headers = (("ce_subject", b"an-article"),)
    return (OutMessage(Channel.ENRICHED, one.key, b"{}", headers),)


async def test_an_article_is_a_span_of_its_publishers_trace_with_its_steps_inside(traces, receiver):
    spans = await told(traces, receiver, message(0, headers=(PARENT, STATE)), work=in_steps)
    (process,), (decode,), (enrich,), (deliver,) = (
        named(spans, name) for name in ("process raw", "decode", "enrich", "deliver")
    )
    assert (process.trace, process.parent, process.state) == (TRACE, SPAN, "vendor=theirs-to-keep")
    assert {one.trace for one in spans} == {TRACE}
    assert {one.parent for one in (decode, enrich, deliver)} == {process.id}
    assert [one.kind for one in (process, decode, enrich, deliver)] == [PROCESS, INSIDE, INSIDE, DELIVER]
    assert process.began <= decode.began < decode.ended == enrich.began < enrich.ended <= deliver.began
    assert deliver.ended == process.ended
    assert abs(process.ended / 1e9 - time.time()) < 30
    assert process.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": "raw",
        "messaging.destination.partition.id": "0",
        "messaging.consumer.group.name": "x.dateline",
        "messaging.kafka.offset": 0,
        "messaging.kafka.message.key": "key",
        "messaging.message.body.size": 4,
        "dateline.records": 1,
        "dateline.article.id": "an-article",
    }
    assert deliver.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.name": "deliver",
        "messaging.operation.type": "send",
        "messaging.batch.message_count": 1,
        "dateline.batch.inputs": 1,
    }
    assert process.service["service.name"] == "dateline"


async def test_each_record_of_a_batch_belongs_to_the_trace_of_its_own_publisher(traces, receiver):
    other = ("traceparent", b"00-" + b"c" * 32 + b"-" + b"d" * 16 + b"-01")
    batch = [
        message(0, headers=(PARENT,)),
        message(1),
        message(2, headers=(other,)),
        message(3, headers=(UNSAMPLED,)),
    ]
    spans = await told(traces, receiver, *batch)
    ends = {one.attributes["messaging.kafka.offset"]: one for one in named(spans, "process raw")}
    assert {offset: (one.trace, one.parent) for offset, one in ends.items()} == {
        0: (TRACE, SPAN),
        1: (f"{trace_id_of(batch[1], is_raw=True):032x}", ""),
        2: ("c" * 32, "d" * 16),
    }
    delivered = named(spans, "deliver")
    assert {one.attributes["dateline.batch.inputs"] for one in delivered} == {4}
    assert {(one.trace, one.parent) for one in delivered} == {(one.trace, one.id) for one in ends.values()}


async def test_work_that_tells_no_steps_is_one_step_named_after_its_stage(traces, receiver):
    async def match(one: RawMessage) -> tuple[OutMessage, ...]:
        return tuple(OutMessage(Channel.MATCHES, b"rule-%d" % number, b"{}", ()) for number in range(30))

    headers = (PARENT, ("origin", b"x.raw/0/7"), ("ce_subject", b"an-article"))
    spans = await told(
        traces, receiver, message(0, headers=headers), work=match, of=stage("match", Channel.ENRICHED)
    )
    (process,), (step,) = named(spans, "process raw"), named(spans, "match")
    assert step.parent == process.id
    assert process.attributes["dateline.rules"] == [f"rule-{number}" for number in range(20)]
    assert process.attributes["dateline.records"] == 30
    assert process.attributes["dateline.origin"] == "x.raw/0/7"
    assert process.attributes["dateline.article.id"] == "an-article"


async def test_a_dead_letter_is_an_error_with_its_reason(traces, receiver):
    async def reject(one: RawMessage) -> tuple[OutMessage, ...]:
        return (dead_letter(one, Rejected(Reason.INVALID, "no headline", FailedStep.DECODE)),)

    (process,) = named(await told(traces, receiver, message(0), work=reject), "process raw")
    assert (process.is_error, process.status) == (True, "no headline")
    assert process.attributes["error.type"] == "invalid"


async def test_a_delivery_that_failed_is_told_and_so_is_the_one_that_followed(traces, receiver):
    partition = Partition(committed=0)
    failures = iter([NotEnoughReplicasError()])

    def fail_once(*_: object) -> None:
        if (error := next(failures, None)) is not None:
            partition.on_publish = lambda *_: None
            raise error

    partition.on_publish = fail_once
    trace = LaneTrace(traces, stage(), PARTITION)
    lane = make_lane(partition, work=no_work, trace=trace)
    await lane.open()
    lane.put(Arrival(message(0, headers=(PARENT,)), 0, lane.generation))
    running = asyncio.create_task(lane.run())
    await eventually(lambda: lane.start_overs == 1)
    lane.put(Arrival(message(0, headers=(PARENT,)), 0, lane.generation))
    await eventually(lambda: lane.delivered == 1)
    lane.finish()
    await running
    await traces.flush()
    failed, delivered = named(receiver.spans, "process raw")
    assert (failed.is_error, failed.attributes["error.type"]) == (True, "retriable")
    assert failed.status == "not delivered; the record is read again"
    assert not delivered.is_error
    assert failed.trace == delivered.trace == TRACE
    assert trace._steps == {}


def test_all_stages_of_an_article_without_a_publishers_trace_share_one():
    raw = RawMessage("x.raw", 2, 41, 1_736_758_800_250, b"key", b"text")
    headers = (("origin", raw.origin.encode()), ("article_version", b"1736758800250"))
    enriched = RawMessage("x.enriched", 1, 7, 1_736_758_999_000, b"id", b"{}", headers)
    match = RawMessage(
        "x.matches", 0, 3, 1_736_759_000_000, b"rule", b"{}",
        following(enriched, source="s", ce_type="t", part="p", dataschema="d"),
    )  # fmt: skip
    again = RawMessage("x.raw", 2, 41, 1_736_758_800_251, b"key", b"text")
    known = trace_id_of(raw, is_raw=True)
    assert {trace_id_of(one, is_raw=False) for one in (enriched, match)} == {known}
    assert trace_id_of(again, is_raw=True) != known
    # What a publisher writes into a raw record's headers names no other article's trace.
    forged = RawMessage("x.raw", 2, 42, 0, b"key", b"text", headers)
    assert trace_id_of(forged, is_raw=True) != known


@pytest.mark.parametrize("answer", ["refused", "503", "hangs", "down"])
async def test_an_endpoint_that_takes_nothing_holds_up_no_record(answer, receiver, monkeypatch):
    over = asyncio.Event()

    def hang() -> int:
        while not over.is_set():
            time.sleep(0.05)
        return 503

    receiver.answer = {"refused": lambda: 400, "503": lambda: 503, "hangs": hang, "down": lambda: 503}[answer]
    url = "http://127.0.0.1:9" if answer == "down" else receiver.url
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "16")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.2")
    traces = SpanTraces.exporting(Settings())
    exported = metrics.SPANS_EXPORTED._value.get()
    made = metrics.SPANS_MADE._value.get()
    lane = make_lane(Partition(), work=no_work, trace=LaneTrace(traces, stage(), PARTITION))
    await lane.open()
    running, number = asyncio.create_task(lane.run()), 200
    for offset in range(number):
        await eventually(lane.has_room)
        lane.put(Arrival(message(offset, headers=(PARENT,)), offset, lane.generation))
    await eventually(lambda: lane.delivered == number)
    lane.finish()
    await running
    assert metrics.SPANS_MADE._value.get() - made == 3 * number
    assert metrics.SPANS_EXPORTED._value.get() == exported
    queue = traces._provider._active_span_processor._span_processors[0]._batch_processor._queue
    assert len(queue) <= 16
    over.set()
    await traces.flush()


async def test_what_waits_at_the_end_is_sent(traces, receiver):
    exported = metrics.SPANS_EXPORTED._value.get()
    traces.tell(stage(), PARTITION, told_of(message(0)))
    assert receiver.spans == []
    await traces.flush()
    assert len(receiver.spans) == 2
    assert metrics.SPANS_EXPORTED._value.get() - exported == 2


def told_of(one: RawMessage, *outputs: OutMessage, steps: tuple[Step, ...] = ()) -> Told:
    now = time.monotonic()
    records = [OutgoingRecord(one.offset, output) for output in outputs]
    return Told([Arrival(one, one.offset, 1)], {one.offset: list(steps)}, records, now, now)


NAMES = ("traceparent", "tracestate", "origin", "ce_subject", "article_version", "TraceParent")
names = st.sampled_from(NAMES)
values = st.none() | st.binary(max_size=600) | st.sampled_from([PARENT[1], UNSAMPLED[1], STATE[1]])
headers = st.lists(st.tuples(names | st.text(max_size=5), values), max_size=6).map(tuple)


class Kept(SpanProcessor):
    """In place of the thread that sends."""

    def __init__(self) -> None:
        self.spans = []

    def on_end(self, span) -> None:
        self.spans.append(span)


@given(headers=headers, key=st.none() | st.binary(max_size=900), error=st.text(max_size=50))
def test_whatever_a_record_says_its_spans_can_be_sent(headers, key, error):
    ids, kept = TraceIds(), Kept()
    provider = TracerProvider(sampler=ALWAYS_ON, id_generator=ids, shutdown_on_exit=False)
    provider.add_span_processor(kept)
    traces = SpanTraces(Settings(), provider, ids)
    one = message(0, key=key, headers=headers)
    letter = dead_letter(one, Rejected(Reason.INVALID, error, FailedStep.DECODE))
    match = OutMessage(Channel.MATCHES, key, b"{}", headers)
    for of in (stage(), stage("match", Channel.ENRICHED)):
        traces.tell(of, PARTITION, told_of(one, letter, match))
    assert not traces._has_failed
    assert encode_spans(kept.spans).SerializeToString()
    for span in kept.spans:
        for value in span.attributes.values():
            assert not isinstance(value, str) or len(value) <= MAX_SHOWN_BYTES


async def test_a_failure_in_making_spans_is_said_once_and_stops_nothing(traces, caplog):
    traces._propagator = None
    for offset in range(3):
        traces.tell(stage(), PARTITION, told_of(message(offset)))
    assert [line.getMessage() for line in caplog.records] == ["spans not made; this is said once"]
    await traces.flush()
