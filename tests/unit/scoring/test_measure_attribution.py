"""Attributions are matched by overlap of letters, their sources and cues by any overlap."""

import pytest

from worker.records.article import Quote, Speaker, TextSpan
from worker.scoring.measure import Counts
from worker.scoring.measure_attribution import (
    Attribution,
    compare_attributions,
    gold_attributions,
    published_attributions,
)

TEXT = "The mayor said the bridge would stay shut, and “nobody crosses it” before May, she added."


def span(words: str) -> tuple[int, int]:
    start = TEXT.index(words)
    return start, start + len(words)


def said(content: str, kind: str = "indirect", source: str = "The mayor", cue: str = "said") -> Attribution:
    return Attribution(kind, span(content), (span(source),), (span(cue),))


GOLD = [said("the bridge would stay shut"), said("nobody crosses it", "mixed", "she", "added")]


def test_what_is_found_as_it_is_in_gold_is_right():
    counts = compare_attributions(TEXT, GOLD, GOLD)
    assert counts.contents == Counts(2, 0, 0)
    assert counts.by_kind == {"indirect": Counts(1), "mixed": Counts(1)}
    assert (counts.sources, counts.cues) == (Counts(2), Counts(2))


def test_marks_and_stops_around_a_content_do_not_matter():
    assert compare_attributions(TEXT, GOLD[1:], [said("“nobody crosses it” ", "mixed")]).contents.right == 1


@pytest.mark.parametrize(
    ("content", "right"),
    [("the bridge would stay", True), ("the bridge would", False), ("said the bridge would stay shut", True)],
)
def test_a_content_is_right_from_four_fifths_of_overlap(content, right):
    counts = compare_attributions(TEXT, GOLD[:1], [said(content)])
    assert counts.contents == (Counts(1, 0, 0) if right else Counts(0, 1, 1))


def test_parts_count_for_the_contents_that_were_found_alone():
    found = [
        Attribution("indirect", span("the bridge would stay shut"), (span("mayor"),), (span("added"),)),
        said("before May", source="she"),
    ]
    counts = compare_attributions(TEXT, GOLD, found)
    assert counts.contents == Counts(1, 1, 1)
    assert counts.sources == Counts(1, 0, 0)
    assert counts.cues == Counts(0, 1, 1)


def test_a_part_that_is_not_named_is_missed_and_one_that_gold_lacks_is_wrong():
    bare = Attribution("indirect", span("the bridge would stay shut"))
    assert compare_attributions(TEXT, GOLD[:1], [bare]).sources == Counts(0, 0, 1)
    assert compare_attributions(TEXT, [bare], GOLD[:1]).sources == Counts(0, 1, 0)


def test_pieces_of_gold_side_by_side_are_one_content():
    first, second = span("the bridge would"), span("stay shut")
    other = span("before May")
    gold = [{"source": [span("she")], "cue": [], "content": [first, second, other], "kind": "indirect"}]
    assert [a.content for a in gold_attributions(TEXT, gold)] == [(first[0], second[1]), other]


def test_a_mixed_quote_is_its_report_and_its_marks_too_where_gold_has_both():
    text = "Berg sagte, er sei „müde“."
    report = TextSpan(start=12, end=25, text=text[12:25])
    speaker = Speaker(start=0, end=4, text="Berg", entity=None, name=None, of=None)
    quote = Quote(
        start=20, end=24, text="müde", kind="mixed", report=report, cue=None, speaker=speaker, confidence=0.9
    )
    assert [found.content for found in published_attributions([quote])] == [(12, 25)]
    assert [found.content for found in published_attributions([quote], marks_too=True)] == [
        (12, 25),
        (20, 24),
    ]
