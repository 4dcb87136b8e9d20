"""The way of an article as JSON for a program."""

from collections.abc import Mapping
from typing import Any

from worker.commands.dead_letters.lines import letter_fields
from worker.commands.shell.part_reader import TopicRecord, value_of
from worker.commands.trace.publish import Match, Publish, Returned, alerted_story, header_text, note_in
from worker.records.cloudevents import PIPELINE, rfc3339


def publish_fields(publish: Publish) -> dict[str, Any]:
    """One raw record, and what became of it, as a JSON object."""
    raw = publish.raw
    return {
        "origin": publish.origin,
        "article": publish.article,
        "published_at": None if publish.time_ms is None else rfc3339(publish.time_ms),
        "key": None if raw is None or raw.key is None else raw.key.decode(errors="replace"),
        "bytes": None if raw is None else len(raw.value or b""),
        "became": publish.fate.value,
        "redriven_from": publish.redriven_from,
        "first_origin": publish.first_origin,
        "pipelines": list(publish.pipelines),
        "records": {
            channel.name.lower(): [_record_fields(publish, record) for record in records]
            for channel, records in publish.outputs.items()
        },
        "letters": [_letter_fields(publish, returned) for returned in publish.letters],
        "matched": publish.matched,
        "matches": [_match_fields(publish, match) for match in publish.matches],
        "alerts_without_match": [_alert_fields(publish, alert) for alert in publish.alerts],
        "assignments": [_assignment_fields(publish, one) for one in publish.assignments],
        "story_cards": [_card_fields(publish, card) for card in publish.cards],
        "stories_matched": publish.watched,
        "trend_notes": [_note_fields(publish, one) for one in publish.notes],
        "counted": publish.counted,
        "rules_at_a_limit": [
            _record_fields(publish, one) | {"rule": value_of(one).get("rule")} for one in publish.overruns
        ],
    }


def _record_fields(publish: Publish, record: TopicRecord) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": rfc3339(record.timestamp),
        "seconds": publish.seconds_to(record),
        "pipeline": header_text(record, PIPELINE),
        "retracts": record.value is None,
    }


def _letter_fields(publish: Publish, returned: Returned) -> dict[str, Any]:
    letter = returned.letter
    sent_back = returned.has_receipt or bool(returned.as_raw)
    return {
        "topic": letter.record.topic,
        **letter_fields(letter, sent_back=sent_back),
        "seconds": publish.seconds_to(letter.record),
        "worker": letter.text("dead-letter-worker"),
        "sent_back_as": list(returned.as_raw),
    }


def _alert_fields(publish: Publish, record: TopicRecord) -> dict[str, Any]:
    said = value_of(record)
    return _record_fields(publish, record) | {
        "id": said.get("id"),
        "rule": _rule_fields(said.get("rule")),
        "story": _story_fields(alerted_story(said)),
    }


def _rule_fields(rule: Any) -> dict[str, Any]:
    said = rule if isinstance(rule, dict) else {}
    return {name: said.get(name) for name in ("id", "version", "name", "owner")}


def _match_fields(publish: Publish, match: Match) -> dict[str, Any]:
    return {
        **_record_fields(publish, match.record),
        "rule": _rule_fields(match.rule),
        "story": _story_fields(match.story),
        "became": match.fate.value,
        "alerts": [
            _record_fields(publish, alert) | {"id": value_of(alert).get("id")} for alert in match.alerts
        ],
    }


def _assignment_fields(publish: Publish, record: TopicRecord) -> dict[str, Any]:
    said = value_of(record)
    return _record_fields(publish, record) | {name: said.get(name) for name in ("story", "relation", "of")}


def _card_fields(publish: Publish, record: TopicRecord) -> dict[str, Any]:
    said = value_of(record)
    return _record_fields(publish, record) | {
        "story": said.get("id"),
        "version": said.get("version"),
        "status": said.get("status"),
        "into": said.get("into"),
    }


def _story_fields(story: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if story is None else {name: story.get(name) for name in ("id", "version")}


def _note_fields(publish: Publish, record: TopicRecord) -> dict[str, Any]:
    note = note_in(record)
    return _record_fields(publish, record) | {
        "counted_at": None if note is None else rfc3339(note.time_ms),
        "story": None if note is None else note.story,
        "is_copy": None if note is None else note.is_copy,
        "subjects": [] if note is None else [subject._asdict() for subject in note.subjects],
    }
