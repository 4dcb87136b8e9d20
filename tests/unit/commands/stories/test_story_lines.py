"""The lines of `dateline stories list`, `show` and `follow`, of records as the worker writes them."""

from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord

from tests.unit.commands.stories.story_records import assignment, card
from worker.commands.shown.lineage_lines import lineage_lines
from worker.commands.shown.story_cards import story_rows
from worker.commands.stories.follow import Followed, change_line
from worker.commands.stories.listing import (
    ListedStory,
    Order,
    StoryFilter,
    listed_line,
    story_table,
    with_growth,
)
from worker.commands.stories.timeline import TimelineEntry, in_order, what_is_new
from worker.records.cloudevents import rfc3339


def listed(story: str, **fields) -> ListedStory:
    return ListedStory.of(card(story, **fields))


@pytest.mark.parametrize(
    ("order", "first"),
    [
        (Order.ARTICLES, "large"),
        (Order.GROWTH, "growing"),
        (Order.SOURCES, "many sources"),
        (Order.INDEPENDENT, "many independent"),
        (Order.LATEST, "latest"),
    ],
)
def test_the_greatest_comes_first_whatever_greatness_is(order, first):
    counts = {"articles": 2, "unique": 2, "reprints": 0, "sources": 9, "retracted": 0}
    own = counts | {"articles": 5, "unique": 5, "sources": 5, "independent_sources": 5}
    stories = [
        listed("large", articles=40),
        replace(listed("growing"), growth=3),
        listed("many sources", counts=counts),
        listed("many independent", counts=own),
        listed("latest", last_seen_at="2026-01-14T00:00:00.000Z"),
    ]
    assert max(stories, key=lambda story: story.rank(order)).id == first


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (StoryFilter(), True),
        (StoryFilter(status="closed"), False),
        (StoryFilter(language="de"), False),
        (StoryFilter(status="open", language="en", match="WHAT FERRY"), True),
        (StoryFilter(match="harbour"), False),
    ],
)
def test_a_filter_takes_what_it_names(filters, wanted):
    assert filters.wants(listed("ferry")) is wanted


def test_growth_of_a_story_that_became_a_part_counts_for_the_one_that_it_is_in():
    stories = [
        listed("whole", merged_from=["part"]),
        listed("part", status="merged", into="whole"),
        listed("part of part", status="merged", into="part"),
        listed("other"),
    ]
    grown = with_growth(stories, {"whole": 1, "part": 2, "part of part": 4, "unknown": 8})
    assert {story.id: story.growth for story in grown} == {
        "whole": 7,
        "part": 0,
        "part of part": 0,
        "other": 0,
    }


def test_stories_that_name_one_another_do_not_hang():
    stories = [listed("a", status="merged", into="b"), listed("b", status="merged", into="a")]
    assert sum(story.growth for story in with_growth(stories, {"a": 1})) == 1


def test_the_table_has_a_line_for_each_story_and_shows_no_controls():
    hostile = replace(listed("b", headline="Red \x1b[31mferry"), growth=2)
    lines = list(story_table([listed("a", headline=None), hostile]))
    assert [line.split()[0] for line in lines] == ["story", "a", "b"]
    assert lines[1].endswith("(no headline; wire.example)")
    assert "+2" in lines[2]
    assert "\x1b" not in "".join(lines)
    assert list(story_table([])) == []


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "adds nothing"), (0.6, "40% of it is new"), (0.0, "100% of it is new")]
)
def test_a_copy_says_what_it_adds(share, said):
    assert what_is_new(assignment("a", "s", share=share)) == said


def test_a_timeline_is_by_time_and_a_copy_follows_what_it_copies():
    copy = assignment("copy", "s", relation="reprint", of="first", share=1.0, record_source="daily.example")
    entries = [
        TimelineEntry(2000, assignment("late", "s", record_source=None)),
        TimelineEntry(1000, copy),
        TimelineEntry(1000, assignment("first", "s")),
    ]
    assert [entry.line() for entry in in_order(entries)] == [
        "1970-01-01 00:00:01 came       first  original  (wire.example)",
        "1970-01-01 00:00:01 came       copy  reprint of first, adds nothing  (daily.example)",
        "1970-01-01 00:00:02 came       late  original",
    ]


CAME_MS = 1_768_298_700_000  # 2026-01-13T10:05Z


def came(article: str, published_at: object, *, at_ms: int = CAME_MS, **fields) -> TimelineEntry:
    """An article as it is read: what it says is in its record, when it came in a header."""
    value = assignment(article, "s", published_at=published_at, **fields)
    headers = (("ce_time", rfc3339(at_ms).encode()),)
    return TimelineEntry.of(ConsumerRecord("t", 0, 0, 0, 0, b"", b"", None, 0, 0, headers), value)


@pytest.mark.parametrize(
    ("said", "time", "dated_by"),
    [
        ("2026-01-13T09:58:00.000Z", "2026-01-13T09:58:00.000Z", "published"),
        ("2026-01-13T10:05:00.000Z", "2026-01-13T10:05:00.000Z", "published"),
        # Nobody publishes what has come already.
        ("2026-01-13T10:05:00.001Z", "2026-01-13T10:05:00.000Z", "came"),
        # Feeds that name the day alone have midnight.
        ("2026-01-13T00:00:00.000Z", "2026-01-13T10:05:00.000Z", "came"),
        (None, "2026-01-13T10:05:00.000Z", "came"),
        ("soon", "2026-01-13T10:05:00.000Z", "came"),
        ("0001-01-01T00:00:00+14:00", "2026-01-13T10:05:00.000Z", "came"),
    ],
)
def test_an_article_stands_where_it_was_published_or_else_where_it_came(said, time, dated_by):
    entry = came("a", said)
    assert (entry.as_fields()["time"], entry.dated_by) == (time, dated_by)
    assert entry.as_fields()["at"] == "2026-01-13T10:05:00.000Z"
    assert entry.line().startswith(f"{time[:10]} {time[11:19]} {dated_by:<9}  a  ")
    record = assignment("a", "s")
    assert TimelineEntry.of(ConsumerRecord("t", 0, 0, 7, 0, b"", b"", None, 0, 0, ()), record).time_ms == 7


def test_who_published_first_stands_first_and_who_came_first_of_the_same_time():
    at, later = "2026-01-13T09:58:00.000Z", CAME_MS + 60_000
    entries = [
        came("none", None),
        came("reprint", at, at_ms=later, relation="reprint", of="first"),
        came("first", at, relation="quotes", of="none"),
        came("earliest", "2026-01-12T23:00:00.000Z", at_ms=later),
    ]
    assert [one.assignment["id"] for one in in_order(entries)] == ["earliest", "first", "reprint", "none"]


def test_a_change_is_a_word_and_what_is_not_followed_is_none():
    followed = Followed(["a"])
    said = [
        followed.change(card("a")),
        followed.change(card("b")),
        followed.change(card("a", articles=4, version=2)),
        followed.change(card("a", articles=3, version=3)),
        followed.change(card("a", articles=3, version=4)),
        followed.change(card("a", articles=3, version=5, status="merged", into="c")),
        followed.change(card("c", articles=9, version=7)),
        followed.change(card("c", articles=9, version=8, status="closed")),
    ]
    assert said == ["new", None, "+3", "-1", "changed", "merged", "changed", "closed"]


def test_all_are_followed_where_none_is_named():
    followed = Followed()
    assert [followed.change(card(name)) for name in ("a", "b")] == ["new", "new"]


def test_the_line_of_a_change_names_the_story_and_what_it_became_a_part_of():
    line = change_line(card("a", status="merged", into="c"), "merged")
    assert line == ("2026-01-13 11:00:00  merged   a  1 article: What a tells  [merged]  into c")


def test_a_story_tells_its_publishers_and_its_independent_sources_apart():
    counts = {
        "articles": 9,
        "unique": 6,
        "reprints": 3,
        "sources": 8,
        "independent_sources": 5,
        "retracted": 0,
    }
    told = card("a", counts=counts)
    names, row = (line.split() for line in story_table([ListedStory.of(told)]))
    shown = dict(zip(names, row, strict=False))
    assert [shown[name] for name in ("articles", "copies", "sources", "independent")] == ["9", "3", "8", "5"]
    assert ListedStory.of(told).as_fields()["independent_sources"] == 5
    assert "  9 articles, 3 copies, 5 independent sources: What a tells" in change_line(told, "+1")
    assert dict(story_rows(told))["articles"] == "9 of 8 sources (5 independent), 3 copies"
    before = card("a", counts=counts | {"independent_sources": None})
    assert "  9 articles, 3 copies, 6 independent sources: " in change_line(before, "+1")


FOUND = {"record_source": "Reuters", "speaker": "Ada Okafor", "speaker_id": None, "published_at": None}


def variant(text, wording="first", of=None, edits=(), articles=1, found="callao-ferry", **fields):
    seen_at = fields.pop("seen_at", "2026-01-13T10:03:20.000Z")
    return {
        "text": text, "wording": wording, "of": of, "edits": list(edits), "articles": articles,
        "found_in": [FOUND | {"id": found, "seen_at": seen_at} | fields],
    }  # fmt: skip


def edit(text, was, now, before):
    """An edit of the words that stand behind some others in the text."""
    start = text.index(before) + len(before)
    return {"kind": "replaced", "was": was, "now": now, "start": start, "end": start + len(now)}


def lineage_of(*variants, **fields):
    given = {"speaker": "Ada Okafor", "speaker_id": None, "articles": 3, "unlisted": 0, "variants": variants}
    return {"quote_lineage": [given | fields]}


def test_a_lineage_shows_who_had_which_words_and_what_they_left_out_or_changed():
    first = variant("We keep all 42 sailors here, and she knows it", articles=2)
    said = "We keep all 24 sailors here"
    edits = [edit(said, "42", "24", "all "), edit(said, "and she knows it", "", "here")]
    other = variant(said, "altered", 0, edits, found="daily-881", record_source=None)
    assert [*lineage_lines(lineage_of(first, other, unlisted=1))] == [
        "quoted in 3 articles, 1 of them in words not listed: Ada Okafor",
        "  1. first  2026-01-13 10:03:20  callao-ferry  (Reuters), and 1 other",
        "     “We keep all 42 sailors here, and she knows it”",
        "  2. altered of 1  2026-01-13 10:03:20  daily-881",
        "     “We keep all [-42-] {+24+} sailors here [-and she knows it-]”",
    ]


@pytest.mark.parametrize(
    ("text", "was", "now", "before", "marked"),
    [
        ("We keep all of them,", "by hand", "", "them", "We keep all of them [-by hand-],"),
        ("Until all are home", "We wait", "", "", "[-We wait-] Until all are home"),
        ("No, ¿quién sabe?", "señor", "", "No,", "No, [-señor-] ¿quién sabe?"),
        ("We keep (nearly) all", "here", "", "keep", "We keep [-here-] (nearly) all"),
        ("We keep them all", "", "them", "keep ", "We keep {+them+} all"),
        ("in Ruhe", "Frieden", "Ruhe", "in ", "in [-Frieden-] {+Ruhe+}"),
    ],
)
def test_marks_of_what_differs_stand_between_spaces_and_before_punctuation(text, was, now, before, marked):
    shown = variant(text, "altered", 0, [edit(text, was, now, before)])
    _, _, line = lineage_lines(lineage_of(shown))
    assert line.strip() == f"“{marked}”"


def test_a_lineage_shows_no_controls_and_a_record_from_before_it_was_kept_has_none():
    hostile = variant("Red \x1b[31mferry\nsunk", found="\x1b[2J", record_source="\x07", seen_at="\x1b")
    lines = "".join(lineage_lines(lineage_of(hostile, speaker="\x1b]0;x")))
    assert lines.isprintable()
    assert [*lineage_lines(card("a"))] == []
    unknown = [*lineage_lines(lineage_of(variant("So be it", seen_at=None), speaker=None))]
    assert unknown[:2] == ["quoted in 3 articles: (nobody named)", "  1. first  callao-ferry  (Reuters)"]


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ((1, 1, 1), "1 story of news.stories.v1"),
        ((2, 9, 9), "2 stories of news.stories.v1; 7 more are not shown (--limit)"),
        (
            (0, 0, 3),
            "0 stories of news.stories.v1; 3 others changed since then (--status, --language, --match)",
        ),
        ((0, 0, 0), "0 stories of news.stories.v1; none changed since then (--since)"),
        (
            (2, 3, 4),
            "2 stories of news.stories.v1; 1 more are not shown (--limit); "
            "1 others changed since then (--status, --language, --match)",
        ),
    ],
)
def test_stories_that_are_not_listed_are_told_with_the_option_that_leaves_them_out(counts, line):
    assert listed_line("news.stories.v1", *counts) == line
