"""The verdict on the stories of a run: outputs and state are compared with what the sketches alone give.

The committed sketches are taken once more, in their order, by the code without Kafka. What the workers wrote
must be the same, byte for byte and in the same order, whoever had the lane in between.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.faults.account import KafkaRecord, KafkaRecords, event_name, header, origin
from worker.channels import Channel
from worker.delivery.kafka.records import raw_message
from worker.records.messages import OutMessage
from worker.stories.messages import story_messages
from worker.stories.packing import StateError
from worker.stories.sketch_codec import read_sketch
from worker.stories.stories import Position, Stories
from worker.trends.messages import note_message, retraction_note

EVENT_SOURCE = "/dateline"
_WRITTEN = (Channel.STORY_ARTICLES, Channel.STORIES, Channel.TREND_NOTES)


Event = tuple[bytes, bytes, bytes | None]
"""What was written: its `origin`, its `ce_id` and its value."""


@dataclass
class ReplayVerdict:
    """What comes twice or is other than the replay, counted, and the problems in words."""

    twice: int = 0
    wrong: int = 0
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        self.wrong += 1
        self.problems.append(problem)


@dataclass
class StoryVerdict(ReplayVerdict):
    """Counts. `lineages`: records of stories that have the lineage of a quote."""

    sketches: int = 0
    assignments: int = 0
    merged: int = 0
    retracted: int = 0
    lineages: int = 0


def compare_stories(outputs: dict[Channel, KafkaRecords], *, once: bool) -> StoryVerdict:
    """The verdict on the committed records of the channels of stories, in order.

    `once` false: repeats are counted, and are no problem.
    """
    verdict = StoryVerdict(sketches=len(outputs[Channel.SKETCHES]))
    due, state = _replayed(outputs[Channel.SKETCHES])
    for channel in _WRITTEN:
        _compare_sequences(verdict, channel, due[channel], outputs[channel], once=once)
    _compare_kept(verdict, state, outputs[Channel.STORY_STATE], once=once)
    _compare_assignments(verdict, outputs, once=once)
    verdict.merged = sum(b'"status":"merged"' in (out.value or b"") for out in due[Channel.STORIES])
    verdict.lineages = sum(
        out.value is not None and b'"quote_lineage":[]' not in out.value for out in due[Channel.STORIES]
    )
    verdict.retracted = sum(out.value is None for out in due[Channel.STORY_ARTICLES])
    return verdict


def _replayed(sketches: KafkaRecords) -> tuple[dict[Channel, list[OutMessage]], dict[bytes, bytes]]:
    """What the sketches give: the records of each channel, and the state that is left."""
    stories, due = Stories(), defaultdict[Channel, list[OutMessage]](list)
    for record in sketches:
        at = Position(record.offset, record.timestamp)
        message = raw_message(record)
        try:
            sketch = None if record.value is None else read_sketch(record.value)
        except StateError:
            continue  # it became a dead letter
        if sketch is None:
            told = stories.retract((record.key or b"").decode(), at)
        else:
            told = stories.take(sketch, at)
        for out in story_messages(message, told, shift=0, sketches_id="", event_source=EVENT_SOURCE):
            due[out.channel].append(out)
        if told.retracted is not None:
            due[Channel.TREND_NOTES].append(
                retraction_note(message, told.retracted, event_source=EVENT_SOURCE)
            )
        elif sketch is not None and told.assignment is not None:
            due[Channel.TREND_NOTES].append(
                note_message(message, sketch, told.assignment, event_source=EVENT_SOURCE)
            )
    return due, dict(stories.memory.records()) if sketches else {}


def _compare_sequences(
    verdict: StoryVerdict, channel: Channel, due: list[OutMessage], found: KafkaRecords, *, once: bool
) -> None:
    """Compares what was written under each key, in its order, with what is due."""
    due_by_key, found_by_key = defaultdict[bytes, list[Event]](list), defaultdict[bytes, list[Event]](list)
    for out in due:
        due_by_key[out.key or b""].append(event_of(out))
    for record in found:
        found_by_key[record.key or b""].append(event_of(record))
    for key in sorted(due_by_key.keys() | found_by_key.keys()):
        want, got = due_by_key[key], found_by_key[key]
        verdict.twice += len(got) - len(set(got))
        is_right = want == got if once else set(want) == set(got)
        if not is_right:
            verdict.note(_difference(channel, key.decode(errors="replace"), want, got))


def event_of(record: KafkaRecord | OutMessage) -> Event:
    """A record as the replay is compared with what was written."""
    return *event_name(record), record.value


def _difference(channel: Channel, name: str, want: list[Event], got: list[Event]) -> str:
    if set(want) - set(got):
        return f"{channel} has {len(got)} records of {name}, and lacks some of the {len(want)} that are due"
    if Counter(got) == Counter(want):
        return f"{channel} has the records of {name} in another order"
    return f"{channel} has records of {name} that its sketches do not give, or twice"


def _compare_kept(
    verdict: StoryVerdict, state: dict[bytes, bytes], found: KafkaRecords, *, once: bool
) -> None:
    latest: dict[bytes, bytes] = {}
    newest = -1
    for record in found:
        position = int(header(record, "sketch-position") or -1)
        if position < newest:
            if once:
                verdict.note(f"the stories' state goes back from {newest} to {position}")
            continue  # of sketches that were decided again, or of a worker that was frozen and wrote late
        newest = position
        if record.value is None:
            latest.pop(record.key or b"", None)
        else:
            latest[record.key or b""] = record.value
    for key in sorted(state.keys() | latest.keys()):
        if state.get(key) != latest.get(key):
            what = "has another" if key in latest else "lacks the"
            verdict.note(f"the stories' state {what} record {key.decode(errors='replace')}")


def _compare_assignments(verdict: StoryVerdict, outputs: dict[Channel, KafkaRecords], *, once: bool) -> None:
    """Each sketch has one record of its article: its story, or that it was taken back."""
    told = Counter(origin(record) for record in outputs[Channel.STORY_ARTICLES])
    verdict.assignments = len(told)
    for record in outputs[Channel.SKETCHES]:
        times = told[origin(record)]
        if times == 0:
            verdict.note(f"{origin(record)} has a sketch, and no story")
        elif times > 1 and once:
            verdict.note(f"{origin(record)} was given a story {times} times")
