"""An article's text is cut where its marks are, in every script, and the pieces are the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.desk.desks import enriched, entity, span
from worker.desk.marking import MOST_TEXT_MARKS, TextMark, marks_of, segments, shown_text
from worker.records.article import VALUE_TYPES

SCRIPTS = {
    "arabic": ("قالت ليلى حداد إن الميناء مفتوح.", "ليلى حداد"),
    "hebrew": ("הנמל פתוח, אמרה נועה לוי.", "נועה לוי"),
    "beyond 16 bits": ("🎉🎉 \U0001d4d0da Obi 🎉", "\U0001d4d0da Obi"),
    "combining": ("Le maire, E\u0301lodie Ro\u0308the, part.", "E\u0301lodie Ro\u0308the"),
    "chinese": ("港口已重新开放，陈丽说。", "陈丽"),
    "devanagari": ("मेयर आशा राव ने कहा।", "आशा राव"),
}


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=12),
)
def test_the_pieces_of_any_text_under_any_marks_are_the_text(text, spans):
    found = segments(text, [TextMark(start, end, "name") for start, end in spans])
    assert "".join(segment.text for segment in found) == text
    place = 0
    for segment in found:
        covering = {(s, e) for s, e in spans if 0 <= s < e <= len(text) and s <= place < e}
        assert {(mark.start, mark.end) for mark in segment.marks} == covering
        place += len(segment.text)


@pytest.mark.parametrize(("text", "name"), SCRIPTS.values(), ids=SCRIPTS)
def test_a_name_is_marked_to_the_code_point_in_every_script(text, name):
    article = enriched(text=text, entities=[entity(text, name, "PERSON")])
    marked = [s for s in segments(text, marks_of(article, VALUE_TYPES)) if s.marks]
    assert [segment.text for segment in marked] == [name]


def test_a_quote_its_speaker_and_its_cue_have_the_same_number():
    article = enriched()
    found = {s.text: s for s in segments(article["text"], marks_of(article, VALUE_TYPES)) if s.quotes == "1"}
    assert found["The quay is open,"].classes == "quote"
    assert found["said"].classes == "cue"
    assert found["Ada Obi"].classes == "name speaker" or found["Ada Obi"].classes == "speaker name"
    assert found["Ada Obi"].name.label == "PERSON"


def test_a_quote_of_little_confidence_is_unsure_and_a_name_in_it_stays_a_name():
    article = enriched()
    found = segments(article["text"], marks_of(article, VALUE_TYPES))
    (inner,) = [segment for segment in found if segment.text == "Friday"]
    assert set(inner.classes.split()) == {"quote", "value", "unsure"}
    assert "confidence 0.55" in inner.says


def test_marks_that_lie_beyond_the_text_or_end_before_they_begin_are_left_out():
    found = segments(
        "short",
        [TextMark(2, 99, "name"), TextMark(4, 3, "quote"), TextMark(-1, 2, "cue"), TextMark(0, 5, "value")],
    )
    assert [(segment.text, segment.classes) for segment in found] == [("short", "value")]


def test_there_are_no_more_marks_than_a_page_takes():
    many = [span("a" * 10, "a", speaker=None, cue=None, report=None, kind="direct", confidence=1)] * (
        MOST_TEXT_MARKS + 5
    )
    assert len(marks_of({"entities": [], "quotes": many}, VALUE_TYPES)) == MOST_TEXT_MARKS


def test_control_characters_become_pictures_and_lines_end_in_a_line_feed():
    assert shown_text("a\r\nb\rc\x00\x1b[31m\x7f\x85\td") == "a\nb\nc␀␛[31m␡\ufffd\td"
