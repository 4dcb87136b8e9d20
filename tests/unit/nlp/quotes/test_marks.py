"""Spans between quotation marks, in every style and with common mistakes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.nlp.quotes.marks import quoted_spans


def quoted(text: str) -> list[str]:
    return [text[span.start : span.end] for span in quoted_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We wait,” she said. “Then we go.”", ["We wait,", "Then we go."]),
        ('"We wait," she said. "Then we go."', ["We wait,", "Then we go."]),
        ("‘We wait,’ she said. ‘Then we go.’", ["We wait,", "Then we go."]),
        ("'We wait,' she said. 'Then we go.'", ["We wait,", "Then we go."]),
        ("``We wait,'' she said. ``Then we go.''", ["We wait,", "Then we go."]),
        ("''We wait,'' she said. ''Then we go.''", ["We wait,", "Then we go."]),
        ("‘‘We wait,’’ she said.", ["We wait,"]),
        ("`We wait,' she said.", ["We wait,"]),
        ("„Wir warten“, sagte sie. „Dann gehen wir.“", ["Wir warten", "Dann gehen wir."]),
        ("« Nous attendons », dit-elle. «Puis on part.»", ["Nous attendons", "Puis on part."]),
        ("»Wir warten«, sagte sie.", ["Wir warten"]),
        ("”Vi väntar”, sade hon, ”sedan går vi.”", ["Vi väntar", "sedan går vi."]),
        ("「待ちます」と彼女は言った。『後で』", ["待ちます", "後で"]),
        ("„Czekamy”, powiedziała. ‚Czekamy‘, he repeated.", ["Czekamy", "Czekamy"]),
        ("＂We wait,＂ she said. 〝Then we go.〟", ["We wait,", "Then we go."]),
    ],
)
def test_every_style_of_marks(text, expected):
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's the farmers' land, isn't it?", []),
        ("Rock 'n' roll of the '60s and the '70s.", []),
        ('He is 6\'2" tall and calls it "fine".', ["fine"]),
        ("'It's the farmers' land,' she said.", ["It's the farmers' land,"]),
        ("‘It’s the farmers’ land we want,’ she said.", ["It’s the farmers’ land we want,"]),
        ("O'Hara's answer: 'We don't know.'", ["We don't know."]),
        ("dogs’ tails ‘wag’ now", ["wag"]),
        ("She said: ‘It’s the workers’ party’s fault,’ and left.", ["It’s the workers’ party’s fault,"]),
    ],
)
def test_an_apostrophe_is_no_quotation_mark(text, expected):
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "“He told us ‘never’ twice,” she said.",
        "\"He told us 'never' twice,\" she said.",
        "“He told us “never” twice,” she said.",
        "‘He told us ‘never’ twice,’ she said.",
        "“He told us, ‘Never,’ and left,” she said.",
        "「彼は『行く』と言った」 she said.",
    ],
)
def test_of_nested_quotations_the_outer_one_counts(text):
    assert quoted(text) == [text[1 : text.index(" she") - 1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('“We wait," she said. “Then we go.”', ["We wait,", "Then we go."]),
        ("“We wait,» she said.", ["We wait,"]),
        ("“We wait,’ she said. “Then we go.”", ["We wait,", "Then we go."]),
        ("‘We wait,” she said. He “left”.", ["We wait,", "left"]),
        ("“We wait.“ He left “soon”.", ["We wait.", "soon"]),
        ("” We wait for the rain.", ["We wait for the rain."]),
        ('"We wait,“ she said. "Then we go.“', ["We wait,", "Then we go."]),
        ('She said " that is all " and left.', ["that is all"]),
    ],
)
def test_mistaken_marks_are_read_as_meant(text, expected):
    assert quoted(text) == expected


def test_a_running_quotation_is_one_span_a_paragraph():
    text = "“The first part.\n\n“The second part.”\n\nShe left."
    first, second = quoted_spans(text)
    assert (text[first.start : first.end], first.is_closed, first.opens_paragraph) == (
        "The first part.",
        False,
        True,
    )
    assert (text[second.start : second.end], second.is_closed) == ("The second part.", True)


def test_a_mark_that_is_never_closed_costs_its_paragraph_only():
    text = 'He said "it broke on the way.\n\n"Fine," she said. "We walk."'
    assert quoted(text) == ["it broke on the way.", "Fine,", "We walk."]


def test_nothing_between_marks_is_no_span():
    assert quoted("\"\" and '' and “ ” and ”") == []


@pytest.mark.parametrize(
    "unit",
    [
        '"',
        "“",
        "'",
        '"a ',
        "'a ",
        "'s' ",
        "‘s’ ",
        '“"a',
        "„«“‘ ",
        "“ » ‘",
        "‘a '",
        "« ”",
        "a",
        "“a,' ",
        "\"a,' ",
        "“a “b” ",
    ],
)
def test_time_grows_with_the_text_and_no_faster(unit):
    small, large = unit * (20_000 // len(unit)), unit * (160_000 // len(unit))
    seconds = []
    for text in (small, large):
        started = time.process_time()
        for _ in quoted_spans(text):
            pass
        seconds.append(time.process_time() - started)
    assert seconds[1] < 24 * seconds[0] + 0.5


@given(st.text(alphabet="ab S's.,\n\"'‘’“”„‟«»「」『』`", max_size=60))
def test_spans_are_in_order_apart_and_within_a_paragraph(text):
    end = 0
    for span in quoted_spans(text):
        assert end <= span.start < span.end <= len(text)
        inside = text[span.start : span.end]
        assert inside == inside.strip()
        assert "\n" not in inside
        end = span.end
