"""The way of an article as a person and as a program read it."""

import re
from pathlib import Path

import orjson
import pytest

from tests.unit.commands.trace.trace_records import (
    RAW,
    alert,
    assignment,
    card,
    delivered,
    enriched,
    ledger,
    letter,
    match,
    note,
    output,
    raw,
    sent_back,
    sketch,
)
from tests.unit.pages.printed_commands import shape, shown_below, typed
from worker.channels import Channel
from worker.commands.trace.fields import publish_fields
from worker.commands.trace.lines import publish_lines, summary_line

ORIGIN = f"{RAW}/0/7"
FAR = delivered(raw=100, enriched=100, matches=100)

ENRICHED_LINES = """\
n.articles.raw.v1/0/7  2026-01-31T08:00:00.000Z  key a-1, 13 bytes
  +1.0 s      article a-1 enriched by en_news/1.1.0+ea6294
              n.articles.enriched.v1 3/5
              n.entities.v1 0/1 2/2"""
ALERT_LINES = """
  +2.0 s      matched storms v1 (Storms, desk): n.alert-matches.v1/1/2
  +2.5 s      alert of storms: n.alerts.v1/1/9"""
SKETCH_LINE = f"\n{' ' * 14}n.story-sketches.v1 0/4"
STORY_LINES = """
  +1.5 s      in the story s-1, reprint of a-0: n.story-articles.v1/1/6
  +1.5 s      card of the story s-1, version 2, open: n.stories.v1/2/3"""
STORY_RULE_LINES = """
  +2.0 s      version 2 of the story s-1 matched grows v1 (Storms, desk): n.alert-matches.v1/1/2
  +2.5 s      alert of grows: n.alerts.v1/1/9
  +2.5 s      alert of other v1 (Storms, desk) about version 2 of the story s-1: n.alerts.v1/1/10"""
NOTE_LINE = """
  +1.5 s      noted for trends at 2026-01-31T07:00:00.000Z, a copy, of 2 subjects: n.trend-notes.v1/0/2"""
DEAD_LINES = """\
n.articles.raw.v1/0/7  2026-01-31T08:00:00.000Z  key a-1, 13 bytes
  +1.5 s      dead letter, invalid: text is missing
              n.articles.dead.v1/0/3 by {worker}
              """


@pytest.mark.parametrize(
    ("records", "known", "expected"),
    [
        (
            [
                raw(),
                enriched(),
                output(Channel.ENTITIES, (0, 1)),
                output(Channel.ENTITIES, (2, 2)),
                match(),
                alert(),
            ],
            FAR,
            ENRICHED_LINES + ALERT_LINES,
        ),
        (
            [raw(), enriched(), match()],
            FAR,
            ENRICHED_LINES.rpartition("\n")[0]
            + ALERT_LINES.rpartition("\n")[0]
            + f"\n{' ' * 14}kept back by its cooldown",
        ),
        (
            [raw(), enriched()],
            delivered(raw=8, enriched=5),
            ENRICHED_LINES.rpartition("\n")[0] + f"\n{' ' * 14}waits to be matched against the rules",
        ),
        (
            [raw(), enriched(), sketch(), assignment(), card()],
            delivered(raw=8, enriched=6, sketches=5),
            ENRICHED_LINES.rpartition("\n")[0] + SKETCH_LINE + STORY_LINES,
        ),
        (
            [
                raw(),
                enriched(),
                match(rule="grows", story="s-1"),
                alert(rule="grows", story="s-1"),
                alert((1, 10), rule="other", story="s-1"),
                sketch(),
                assignment(),
                card(),
                note(),
            ],
            delivered(raw=8, enriched=6, matches=9, sketches=5, stories=4, notes=3),
            ENRICHED_LINES.rpartition("\n")[0] + SKETCH_LINE + STORY_RULE_LINES + STORY_LINES + NOTE_LINE,
        ),
        (
            [raw(), enriched(), card(), note()],
            delivered(raw=8, enriched=6, stories=3, notes=2),
            ENRICHED_LINES.rpartition("\n")[0]
            + "\n"
            + STORY_LINES.rpartition("\n")[2]
            + f"\n{' ' * 14}waits to be matched against the rules about stories"
            + NOTE_LINE
            + f"\n{' ' * 14}waits to be counted in trends",
        ),
        (
            [raw(), enriched(), note(value=b"[]")],
            delivered(raw=8, enriched=6),
            ENRICHED_LINES.rpartition("\n")[0]
            + "\n  +1.5 s      noted for trends, by a note that this version can't read: "
            + "n.trend-notes.v1/0/2",
        ),
        (
            [raw(), enriched(), sketch()],
            delivered(raw=8, enriched=6, sketches=4),
            ENRICHED_LINES.rpartition("\n")[0] + SKETCH_LINE + f"\n{' ' * 14}waits for its story",
        ),
        (
            [raw(), enriched(value=None), sketch(value=None), assignment(retracts=True), note(retracts=True)],
            delivered(raw=8, enriched=6, sketches=5),
            ENRICHED_LINES.partition("\n")[0]
            + "\n  +1.0 s      article a-1 retracted\n"
            + f"{' ' * 14}n.articles.enriched.v1 3/5"
            + SKETCH_LINE
            + "\n  +1.5 s      taken out of its story: n.story-articles.v1/1/6"
            + "\n  +1.5 s      taken out of trends: n.trend-notes.v1/0/2",
        ),
        (
            [raw()],
            delivered(raw=7),
            DEAD_LINES.partition("\n")[0] + f"\n{' ' * 14}waits: no worker has delivered it yet",
        ),
        ([raw(), letter()], FAR, DEAD_LINES + "not sent back"),
        ([raw(), letter(), sent_back()], FAR, DEAD_LINES + "sent back as n.articles.raw.v1/0/8"),
        (
            [enriched(value=None)],
            FAR,
            "n.articles.raw.v1/0/7  2026-01-31T08:00:00.000Z  (its topic does not have the record any more)\n"
            "  +1.0 s      article a-1 retracted\n" + " " * 14 + "n.articles.enriched.v1 3/5",
        ),
    ],
)
def test_a_raw_record_and_what_became_of_it_are_told_by_time(records, known, expected):
    publish = ledger(records, delivered=known).publish(ORIGIN)
    worker = publish.letters[0].letter.text("dead-letter-worker") if publish.letters else ""
    assert "\n".join(publish_lines(publish)) == expected.format(worker=worker)


def test_the_json_has_every_record_by_topic_and_offset_with_times_and_versions():
    publish = ledger([raw(), enriched(), match(), alert()], delivered=FAR).publish(ORIGIN)
    fields = orjson.loads(orjson.dumps(publish_fields(publish)))
    assert (fields["origin"], fields["article"], fields["became"]) == (ORIGIN, "a-1", "enriched")
    assert fields["pipelines"] == ["en_news/1.1.0+ea6294"]
    (written,) = fields["records"]["enriched"]
    assert (written["topic"], written["partition"], written["offset"]) == ("n.articles.enriched.v1", 3, 5)
    assert written["seconds"] == 1.0
    (matched,) = fields["matches"]
    assert matched["rule"] == {"id": "storms", "version": "v1", "name": "Storms", "owner": "desk"}
    assert (matched["became"], matched["alerts"][0]["offset"]) == ("alert", 9)


def test_the_json_has_the_story_of_an_article_and_the_cards_that_it_changed():
    publish = ledger([raw(), enriched(), sketch(), assignment(), card()], delivered=FAR).publish(ORIGIN)
    fields = orjson.loads(orjson.dumps(publish_fields(publish)))
    assert fields["article"] == "a-1"
    assert [one["offset"] for one in fields["records"]["sketches"]] == [4]
    (given,), (shown,) = fields["assignments"], fields["story_cards"]
    assert {name: given[name] for name in ("story", "relation", "of", "partition", "offset")} == {
        "story": "s-1", "relation": "reprint", "of": "a-0", "partition": 1, "offset": 6,
    }  # fmt: skip
    assert {name: shown[name] for name in ("story", "version", "status", "into", "offset")} == {
        "story": "s-1", "version": 2, "status": "open", "into": None, "offset": 3,
    }  # fmt: skip


def test_the_json_says_what_is_about_the_story_and_what_trends_were_told():
    records = [
        raw(),
        match(rule="grows", story="s-1"),
        alert((1, 10), rule="other", story="s-1"),
        card(),
        note(),
    ]
    publish = ledger(records, delivered=delivered(raw=8, stories=3, notes=3)).publish(ORIGIN)
    fields = orjson.loads(orjson.dumps(publish_fields(publish)))
    # A story's id is not the article's.
    assert fields["article"] == "a-1"
    (matched,), (alone,), (noted,) = (
        fields[name] for name in ("matches", "alerts_without_match", "trend_notes")
    )
    assert matched["story"] == alone["story"] == {"id": "s-1", "version": 2}
    assert (alone["id"], alone["rule"]["id"]) == ("alert-other", "other")
    assert (fields["stories_matched"], fields["counted"], publish.is_explained) == (False, True, False)
    assert (noted["offset"], noted["retracts"], noted["counted_at"]) == (2, False, "2026-01-31T07:00:00.000Z")
    assert (noted["story"], noted["is_copy"]) == ("s-1", True)
    assert noted["subjects"] == [
        {"kind": "person", "id": "person:ada-okafor", "name": "Ada Okafor"},
        {"kind": "place", "id": "gpe:callao", "name": "Callao"},
    ]


def test_a_letter_in_the_json_names_its_reason_and_what_it_was_sent_back_as():
    publish = ledger([raw(), letter(), sent_back()], delivered=FAR).publish(ORIGIN)
    (fields,) = publish_fields(publish)["letters"]
    assert (fields["reason"], fields["sent_back"]) == ("invalid", True)
    assert fields["sent_back_as"] == [f"{RAW}/0/8"]


def test_what_was_not_enriched_yet_has_the_id_that_was_asked_for():
    publish = ledger([raw()]).publish(ORIGIN)
    assert summary_line([publish], "wire-7") == "article wire-7, 1 raw record"
    assert summary_line([publish], "a\x1b").isprintable()
    assert summary_line([publish]) == "article whose id is told once it is enriched, 1 raw record"


def test_of_a_dead_letter_without_an_id_no_id_is_promised():
    publish = ledger([raw(), letter()], delivered=FAR).publish(ORIGIN)
    assert summary_line([publish]) == "article of no known id, since it was never enriched, 1 raw record"


def test_the_page_prints_a_trace_as_it_is_told():
    def came_of(n, value=b"{}", channels=(Channel.ENRICHED, Channel.SEARCH)):
        of = {"of": f"{RAW}/0/{n}", "article": "wire-5", "value": value}
        return [output(channel, (1, n), **of) for channel in channels]

    every = (Channel.ENRICHED, Channel.SEARCH, Channel.ENTITIES, Channel.QUOTES)
    raws = [raw((0, n), None if n == 3 else b"{}", key=b"wire-5") for n in (1, 2, 3)]
    outputs = [*came_of(1, channels=every), *came_of(2, channels=every), *came_of(3, None)]
    told = ledger([*raws, *outputs], delivered=FAR)
    publishes = [told.publish(f"{RAW}/0/{n}") for n in (1, 2, 3)]
    lines = [summary_line(publishes)]
    for publish in publishes:
        lines += ["", *publish_lines(publish)]

    (page,) = [one for one in typed(Path("docs/command-line.md")) if one.text == "dateline trace wire-5"]
    printed = shown_below(page)
    as_told = [shape(re.sub(r"\bn\.", "news.", line)) for line in lines]
    assert [shape(line) for line in printed[: len(lines)]] == as_told
    assert all(line.startswith(("read ", "not searched: ")) for line in printed[len(lines) :])


def test_what_is_not_printable_in_a_record_steers_no_terminal():
    evil = "a\x1b[2J\u202e"
    records = [raw(key=evil.encode()), enriched(article=evil), match(rule=evil)]
    publish = ledger(records, delivered=FAR).publish(ORIGIN)
    assert all(line.isprintable() for line in [*publish_lines(publish), summary_line([publish])])
