"""Records of all topics as readers get them, without a broker: `n.` is their prefix."""

from collections.abc import Sequence

import orjson
from aiokafka import ConsumerRecord, TopicPartition

from worker.channels import Channel, topic_name
from worker.commands.trace.ledger import Ledger
from worker.delivery.lanes.dead_letter import dead_letter
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected
from worker.trends.note import Kind, Note, Subject, note_bytes

TIME_MS = 1_769_846_400_000
TOPICS = {topic_name(channel, "n."): channel for channel in Channel}
RAW, ENRICHED, DEAD, MATCHES, SKETCHES = (
    topic_name(channel, "n.")
    for channel in (Channel.RAW, Channel.ENRICHED, Channel.DEAD, Channel.MATCHES, Channel.SKETCHES)
)

NAMED = (Subject(Kind.PERSON, "person:ada-okafor", "Ada Okafor"), Subject(Kind.PLACE, "gpe:callao", "Callao"))
NOTE = note_bytes(Note(TIME_MS - 3_600_000, "s-1", is_copy=True, subjects=NAMED))


def record(channel, place, value=b"{}", *, key=b"a-1", headers=(), after_ms=0):
    """`place`: partition and offset; `after_ms`: how long after the raw record it was written."""
    partition, offset = place
    return ConsumerRecord(
        topic_name(channel, "n."), partition, offset, TIME_MS + after_ms, 0, key, value, None, 0, 0, headers
    )


def raw(place=(0, 7), value=b'{"id": "a-1"}', *, key=b"a-1", headers=(), after_ms=0):
    return record(Channel.RAW, place, value, key=key, headers=headers, after_ms=after_ms)


def output(
    channel, place, value=b"{}", *, of="n.articles.raw.v1/0/7", article="a-1", key=b"a-1", after_ms=1000
):
    headers = (
        ("ce_subject", article.encode()),
        ("ce_time", b"2026-01-31T08:00:00.000Z"),
        ("origin", of.encode()),
        ("pipeline", b"en_news/1.1.0+ea6294"),
    )
    return record(channel, place, value, key=key, headers=headers, after_ms=after_ms)


def enriched(place=(3, 5), value=b"{}", **others):
    return output(Channel.ENRICHED, place, value, **others)


def match(place=(1, 2), *, rule="storms", cooldown=True, story=None, **others):
    alert = _alert(rule, story)
    value = {"alert": alert, "time_ms": TIME_MS, "cooldown": {"seconds": 60} if cooldown else None}
    others = _about(story) | others
    return output(Channel.MATCHES, place, orjson.dumps(value), key=rule.encode(), after_ms=2000, **others)


def alert(place=(1, 9), *, rule="storms", story=None, **others):
    value, others = orjson.dumps(_alert(rule, story)), _about(story) | others
    return output(Channel.ALERTS, place, value, key=rule.encode(), after_ms=2500, **others)


def sketch(place=(0, 4), value=b"a sketch", **others):
    return output(Channel.SKETCHES, place, value, **others)


def assignment(place=(1, 6), *, retracts=False, **others):
    value = None if retracts else orjson.dumps({"story": "s-1", "relation": "reprint", "of": "a-0"})
    return output(Channel.STORY_ARTICLES, place, value, after_ms=1500, **others)


def card(place=(2, 3), **others):
    value = {"id": "s-1", "version": 2, "status": "open", "into": None}
    return output(
        Channel.STORIES, place, orjson.dumps(value), key=b"s-1", article="s-1", after_ms=1500, **others
    )


def note(place=(0, 2), *, value=NOTE, retracts=False, **others):
    value = None if retracts else value
    return output(Channel.TREND_NOTES, place, value, after_ms=1500, **others)


def _alert(rule, story=None):
    named = {"id": rule, "version": "v1", "name": "Storms", "owner": "desk"}
    about = {} if story is None else {"story": {"id": story, "version": 2, "articles": 3}}
    return {"id": f"alert-{rule}", "rule": named, **about}


def _about(story):
    """What a record is about: the story, if it is of a rule about stories."""
    return {} if story is None else {"article": story}


def letter(
    place=(0, 3), *, of=None, reason=Reason.INVALID, step=FailedStep.DECODE, fault=None, after_ms=1500
):
    """The dead letter of a record, by default of the raw one."""
    of = raw() if of is None else of
    message = RawMessage(
        of.topic, of.partition, of.offset, of.timestamp, of.key, of.value, tuple(of.headers), fault
    )
    out = dead_letter(message, Rejected(reason, "text is missing", step))
    return record(Channel.DEAD, place, out.value, key=out.key, headers=out.headers, after_ms=after_ms)


def sent_back(place=(0, 8), *, letter_at="0/3", first="n.articles.raw.v1/0/7", after_ms=60_000):
    """The raw record that `redrive` makes of the letter there."""
    headers = (
        ("dead-letter-redriven", b"1"),
        ("dead-letter-redriven-from", f"{DEAD}/{letter_at}".encode()),
        ("dead-letter-first-origin", first.encode()),
    )
    return raw(place, headers=headers, after_ms=after_ms)


def delivered(**offsets):
    """`delivered(raw=8)`: how far the group is in partitions 0 to 3 of these topics."""
    topics = {
        "raw": RAW,
        "enriched": ENRICHED,
        "matches": MATCHES,
        "sketches": SKETCHES,
        "stories": topic_name(Channel.STORIES, "n."),
        "notes": topic_name(Channel.TREND_NOTES, "n."),
    }
    return {TopicPartition(topics[name], n): offset for name, offset in offsets.items() for n in range(4)}


def ledger(records: Sequence[ConsumerRecord], **options) -> Ledger:
    made = Ledger(TOPICS, **options)
    for one in records:
        made.add(one)
    return made
