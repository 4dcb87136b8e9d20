"""Reports in German, from made-up scores: content, cues and sources are what a case says they are."""

import re

import pytest

from worker.nlp.encoder.evidence import TokenScores
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.reports_by_table import with_reports_by_table
from worker.nlp.quotes.tables import quoting_table


def found(text, *, content, cue="", source="", spoken=(), high=0.9):
    """The quotes of a text, whose words are reported with a probability of `high` in its `content`."""
    tokens = [(m.start(), m.end()) for m in re.finditer(r"\w+|[^\w\s]", text)]

    def scores(parts, value):
        places = [(text.index(part), text.index(part) + len(part)) for part in parts if part]
        return [value if any(a <= start < b for a, b in places) else 0.05 for start, _ in tokens]

    every = TokenScores(
        [start for start, _ in tokens],
        [end for _, end in tokens],
        scores(content if isinstance(content, tuple) else (content,), high),
        scores((cue,), 0.9),
        scores((source,), 0.9),
    )
    quotes = [QuoteSpan(text.index(q), text.index(q) + len(q), kind, 0.9) for q, kind in spoken]
    return with_reports_by_table(text, quotes, every, quoting_table("de"))


def parts(text, quotes):
    def words(span):
        return text[span[0] : span[1]] if span is not None else None

    return [(words((q.start, q.end)), words(q.cue), words(q.speaker)) for q in quotes]


@pytest.mark.parametrize(
    ("text", "content", "cue", "source", "expected"),
    [
        (
            "Laut dem Verband der Holzwirtschaft reichen die Vorräte für neun Tage.",
            *("der Holzwirtschaft reichen die Vorräte für neun Tage", "Laut", "dem Verband"),
            ("reichen die Vorräte für neun Tage", "Laut", "dem Verband der Holzwirtschaft"),
        ),
        (
            "Nach Angaben der Gewerkschaft Nordlicht beteiligen sich 850 Beschäftigte.",
            *("beteiligen sich 850 Beschäftigte", "Nach", "der"),
            ("beteiligen sich 850 Beschäftigte", "Nach Angaben", "der Gewerkschaft Nordlicht"),
        ),
        (
            "Laut einer neuen Studie der Universität Jena sinken die Preise seit Mai.",
            *("sinken die Preise seit Mai", "Laut", "einer neuen"),
            ("sinken die Preise seit Mai", "Laut", "einer neuen Studie der Universität Jena"),
        ),
        # The word is an adverb here, and no noun follows it at once.
        (
            "Laut war der Abend und lang, sagte Ute Berg.",
            *("Laut war der Abend und lang", "sagte", "Ute Berg"),
            ("Laut war der Abend und lang", "sagte", "Ute Berg"),
        ),
        # What follows the source is not its verb: the encoder's tags stand.
        (
            "Laut dem Verband, der in Kiel sitzt, reichen die Vorräte für neun Tage.",
            *("reichen die Vorräte für neun Tage", "Laut", "dem Verband"),
            ("reichen die Vorräte für neun Tage", "Laut", "dem Verband"),
        ),
    ],
)
def test_a_source_that_opens_a_sentence_is_whole_and_the_report_begins_behind_it(
    text, content, cue, source, expected
):
    assert parts(text, found(text, content=content, cue=cue, source=source)) == [expected]


@pytest.mark.parametrize(
    ("text", "scored", "expected"),
    [
        (
            "Ute Berg sagte am Montag, dass der Plan tot ist. Es regnete in Kiel.",
            {"content": "dass der Plan tot ist", "cue": "sagte", "source": "Ute Berg"},
            [("dass der Plan tot ist", "sagte", "Ute Berg")],
        ),
        # The encoder begins and ends it within a clause.
        (
            "Ute Berg sagte am Montag, der ganze Plan sei seit gestern tot.",
            {"content": "ganze Plan sei seit gestern", "cue": "sagte", "source": "Ute Berg"},
            [("der ganze Plan sei seit gestern tot", "sagte", "Ute Berg")],
        ),
        (
            "Der Plan ist seit gestern tot, sagte Ute Berg.",
            {"content": "Der Plan ist seit gestern tot", "cue": "sagte", "source": "Ute Berg"},
            [("Der Plan ist seit gestern tot", "sagte", "Ute Berg")],
        ),
        # What says who speaks, in the middle, is passed over where both sides are sure.
        (
            "Der Plan der Stadt ist laut Ute Berg seit gestern tot.",
            {"content": ("Der Plan der Stadt ist", "seit gestern tot"), "cue": "laut", "source": "Ute Berg"},
            [("Der Plan der Stadt ist laut Ute Berg seit gestern tot", "laut", "Ute Berg")],
        ),
        (
            "Der Plan sei seit gestern tot. Man habe lange gewartet. Es regnete in Kiel.",
            {"content": ("Der Plan sei seit gestern tot", "Man habe lange gewartet")},
            [("Der Plan sei seit gestern tot. Man habe lange gewartet", None, None)],
        ),
        ("Der Plan ist seit gestern tot.", {"content": "Der Plan ist seit gestern tot"}, []),
        ("Ute Berg sagte es, und es regnete.", {"content": "", "cue": "sagte", "source": "Ute Berg"}, []),
        (
            "Am 17. Januar sei der ganze Plan tot gewesen.",
            {"content": "Am 17. Januar sei der ganze Plan tot gewesen"},
            [("Am 17. Januar sei der ganze Plan tot gewesen", None, None)],
        ),
    ],
)
def test_a_report_goes_from_clause_to_clause(text, scored, expected):
    assert parts(text, found(text, **scored)) == expected


def test_an_unsure_report_is_left_out():
    text = "Ute Berg sagte, der Plan sei tot."
    assert found(text, content="der Plan sei tot", cue="sagte", source="Ute Berg", high=0.55) == []


def test_a_mixed_quote_has_its_report_around_it_and_a_direct_one_none():
    text = "Ute Berg sagte, der Plan sei seit gestern „völlig tot“."
    (quote,) = found(
        text,
        content="der Plan sei seit gestern „völlig tot“",
        cue="sagte",
        source="Ute Berg",
        spoken=[("völlig tot", "mixed")],
    )
    assert quote.report is not None
    assert text[quote.report[0] : quote.report[1]] == "der Plan sei seit gestern „völlig tot“"
    text = "„Er ist tot“, sagte Ute Berg."
    (quote,) = found(
        text, content="Er ist tot", cue="sagte", source="Ute Berg", spoken=[("Er ist tot", "direct")]
    )
    assert quote.report is None


def test_every_sentence_is_read_once_however_long():
    text = "sei, " * 20_000
    assert len(found(text, content=text)) == 1
