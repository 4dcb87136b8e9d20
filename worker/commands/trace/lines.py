"""The way of an article as text for a person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from worker.commands.dead_letters.lines import MAX_LISTED_ERROR_CHARS
from worker.commands.shell.part_reader import TopicRecord, value_of
from worker.commands.shell.terminal import counted
from worker.commands.shell.visible import visible_bytes
from worker.commands.shown.cards import LINE_CHARS, printable
from worker.commands.trace.publish import (
    Fate,
    Match,
    MatchFate,
    Publish,
    Returned,
    alerted_story,
    note_in,
    place_of,
)
from worker.delivery.kafka.faulty import why_unread
from worker.records.cloudevents import rfc3339

_OPEN = {
    Fate.WAITING: "waits: no worker has delivered it yet",
    Fate.NOT_FOUND: "a worker has gone past it, and what was searched has nothing that came of it",
    Fate.UNKNOWN: "what was searched has nothing that came of it; how far the workers are is not known",
}
_WITHOUT_ALERT = {
    MatchFate.KEPT_BACK: "kept back by its cooldown",
    MatchFate.WAITING: "waits for its cooldown to be looked at",
    MatchFate.UNKNOWN: "what was searched has no alert of it: kept back by its cooldown, or raised later",
}
# So many places of a channel are listed; the JSON has all.
_MOST_PLACES = 12
_TIME_CHARS = 12


def publish_lines(publish: Publish) -> Iterator[str]:
    """The lines of one raw record: the record, and below it what became of it, by time."""
    yield f"{printable(publish.origin)}  {_about_raw(publish)}"
    if (letter := publish.redriven_from) is not None:
        yield _line(
            "", f"sent back from the letter {printable(letter)}, first {printable(publish.first_origin)}"
        )
    if publish.fate in _OPEN:
        yield _line("", _OPEN[publish.fate])
    yield from _outputs(publish)
    for returned in publish.letters:
        yield from _letter(publish, returned)
    for match in publish.matches:
        yield from _match(publish, match)
    for alert in publish.alerts:
        said = value_of(alert)
        story = alerted_story(said)
        of = _rule(said.get("rule")) + (f" about {_story(story)}" if story else "")
        yield _line(_after(publish, alert), f"alert of {of}: {place_of(alert)}")
    for overrun in publish.overruns:
        about = value_of(overrun)
        yield _line(
            _after(publish, overrun),
            f"the rule {printable(about.get('rule'))} was at its limit of {printable(about.get('limit'))} "
            f"on it: {place_of(overrun)}",
        )
    if publish.fate is Fate.ENRICHED and publish.matched is False:
        yield _line("", "waits to be matched against the rules")
    yield from _stories(publish)
    yield from _trends(publish)


def _about_raw(publish: Publish) -> str:
    when = "" if publish.time_ms is None else f"{rfc3339(publish.time_ms)}  "
    raw = publish.raw
    if raw is None:
        return f"{when}(its topic does not have the record any more)"
    if why := why_unread(raw):
        return f"{when}({printable(why)})"
    size = "null, a retraction" if raw.value is None else counted(len(raw.value), "byte")
    return f"{when}key {visible_bytes(raw.key, most=LINE_CHARS)}, {size}"


def _outputs(publish: Publish) -> Iterator[str]:
    """A line for what it was made by, and one for each topic with the places of its records."""
    first = next((record for records in publish.outputs.values() for record in records), None)
    if first is None:
        return
    retracted = first.value is None
    by = ", ".join(map(printable, publish.pipelines)) or "a pipeline that is not named"
    article = f"article {printable(publish.article)}"
    what = f"{article} retracted" if retracted else f"{article} enriched by {by}"
    # A search document has the time of its raw record.
    yield _line(_after(publish, first), what)
    for records in publish.outputs.values():
        places = [f"{record.partition}/{record.offset}" for record in records]
        shown = " ".join(places[:_MOST_PLACES])
        more = f" and {len(places) - _MOST_PLACES:,} more" if len(places) > _MOST_PLACES else ""
        yield _line("", f"{records[0].topic} {shown}{more}")


def _letter(publish: Publish, returned: Returned) -> Iterator[str]:
    letter = returned.letter
    error = printable(letter.error, most=MAX_LISTED_ERROR_CHARS)
    place = f"{letter.record.topic}/{letter.place}"
    of = "" if letter.origin == publish.origin else f" of {printable(letter.origin)}"
    if letter.stands_for:
        of = f" of the offsets {printable(letter.stands_for)}"
    yield _line(
        _after(publish, letter.record),
        f"dead letter{of}, {printable(letter.reason)}: {error}",
    )
    yield _line("", f"{place} by {printable(letter.text('dead-letter-worker'))}")
    if letter.until:
        yield _line("", f"may be published from {printable(letter.until)} on (`dead-letters redrive --due`)")
    if returned.as_raw:
        yield _line("", f"sent back as {', '.join(map(printable, returned.as_raw))}")
    elif returned.has_receipt:
        yield _line("", "sent back, by its receipt; the record was not found")
    else:
        yield _line("", "not sent back")


def _match(publish: Publish, match: Match) -> Iterator[str]:
    what = f"matched {_rule(match.rule)}"
    if match.story is not None:
        what = f"{_story(match.story)} {what}"
    yield _line(_after(publish, match.record), f"{what}: {place_of(match.record)}")
    for alert in match.alerts:
        yield _line(_after(publish, alert), f"alert of {printable(match.rule.get('id'))}: {place_of(alert)}")
    if not match.alerts:
        yield _line("", _WITHOUT_ALERT[match.fate])


def _stories(publish: Publish) -> Iterator[str]:
    for one in publish.assignments:
        said = value_of(one)
        of = f" of {printable(said.get('of'))}" if said.get("of") else ""
        what = (
            "taken out of its story"
            if one.value is None
            else f"in the story {printable(said.get('story'))}, {printable(said.get('relation'))}{of}"
        )
        yield _line(_after(publish, one), f"{what}: {place_of(one)}")
    for card in publish.cards:
        said = value_of(card)
        version, status = printable(said.get("version")), printable(said.get("status"))
        yield _line(
            _after(publish, card),
            f"card of the story {printable(said.get('id'))}, version {version}, {status}: {place_of(card)}",
        )
    if publish.told is False:
        yield _line("", "waits for its story")
    if publish.watched is False:
        yield _line("", "waits to be matched against the rules about stories")


def _trends(publish: Publish) -> Iterator[str]:
    for one in publish.notes:
        yield _line(_after(publish, one), f"{_noted(one)}: {place_of(one)}")
    if publish.counted is False:
        yield _line("", "waits to be counted in trends")


def _noted(record: TopicRecord) -> str:
    """`noted for trends at 2026-01-31T07:00:00.000Z, a copy, of 7 subjects`"""
    if record.value is None:
        return "taken out of trends"
    note = note_in(record)
    if note is None:
        return "noted for trends, by a note that this version can't read"
    copy = ", a copy" if note.is_copy else ""
    return f"noted for trends at {rfc3339(note.time_ms)}{copy}, of {counted(len(note.subjects), 'subject')}"


def _story(story: Mapping[str, Any]) -> str:
    """What a match or an alert of a rule about stories is about."""
    return f"version {printable(story.get('version'))} of the story {printable(story.get('id'))}"


def _rule(rule: Any) -> str:
    """`dock-strikes 2ee5f572c96b65a5 (Dock strikes in Peru, labour desk)`"""
    said = rule if isinstance(rule, dict) else {}
    return (
        f"{printable(said.get('id'))} {printable(said.get('version'))} "
        f"({printable(said.get('name'), most=LINE_CHARS)}, {printable(said.get('owner'), most=LINE_CHARS)})"
    )


def _line(when: str, text: str) -> str:
    return f"  {when:<{_TIME_CHARS}}{text}"


def _after(publish: Publish, record: TopicRecord) -> str:
    """How long after the raw record a record was written: `+1.2 s`."""
    seconds = publish.seconds_to(record)
    return "" if seconds is None else f"{seconds:+,.1f} s"


def _why_nameless(publishes: Sequence[Publish]) -> str:
    # A dead letter stays one: only what waits will have an id some time.
    if publishes and all(publish.fate is Fate.DEAD for publish in publishes):
        return "of no known id, since it was never enriched"
    return "whose id is told once it is enriched"


def summary_line(publishes: Sequence[Publish], asked_id: str | None = None) -> str:
    """`article wire-1, 2 raw records`. Of what was not enriched yet, the id is the one that was asked for."""
    articles = dict.fromkeys(publish.article for publish in publishes if publish.article)
    named = ", ".join(map(printable, articles)) or (
        printable(asked_id) if asked_id else _why_nameless(publishes)
    )
    return f"article {named}, {counted(len(publishes), 'raw record')}"
