"""Reports without marks, from made-up scores of an encoder."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from worker.nlp.encoder.tags import CONTENT_TAGS, ROLE_TAGS
from worker.nlp.quotes.indirect import find_reports, indirect_quotes, with_reports
from worker.nlp.quotes.quote_span import QuoteSpan

NLP = spacy.blank("en")
TEXT = "Ada Okafor said the road will open in May . It rained ."
if not Doc.has_extension("encoding"):
    Doc.set_extension("encoding", default=None)


class Encoding:
    """Scores that put `probability` on the given tags and the rest on "O"."""

    def __init__(self, length: int, roles: dict[int, str], contents: dict[int, str], probability: float):
        self.roles = self._scores(length, ROLE_TAGS, roles, 0.95)
        self.contents = self._scores(length, CONTENT_TAGS, contents, probability)

    @staticmethod
    def _scores(length: int, tags: tuple[str, ...], found: dict[int, str], probability: float) -> np.ndarray:
        scores = np.zeros((length, len(tags)), dtype=np.float32)
        scores[:, 0] = 1
        for i, tag in found.items():
            scores[i, 0], scores[i, tags.index(tag)] = 1 - probability, probability
        return scores


SAID = {0: "B-SOURCE", 1: "I-SOURCE", 2: "B-CUE"}
REPORT = {3: "B-INDIRECT", **dict.fromkeys(range(4, 9), "I-INDIRECT")}


def seen(roles=SAID, contents=REPORT, probability=0.9, others=(), text=TEXT) -> list[QuoteSpan]:
    """The reports without marks beside `others`, as the encoder's scores have them."""
    doc = doc_of(roles, contents, probability, text)
    found = find_reports(doc)
    return indirect_quotes(doc, found, with_reports(others, found))


def doc_of(roles=SAID, contents=REPORT, probability=0.9, text=TEXT) -> Doc:
    doc = NLP.make_doc(text)
    doc._.encoding = Encoding(len(doc), roles, contents, probability)
    return doc


def test_a_sure_report_has_its_cue_and_its_source():
    [quote] = seen()
    assert quote.kind == "indirect"
    assert quote.cue is not None
    assert quote.speaker is not None
    assert TEXT[quote.start : quote.end] == "the road will open in May"
    assert TEXT[slice(*quote.cue)] == "said"
    assert TEXT[slice(*quote.speaker)] == "Ada Okafor"
    assert quote.confidence == pytest.approx(0.9, abs=0.01)


def test_a_report_the_encoder_is_not_sure_of_is_none():
    assert seen(probability=0.65) == []


def test_a_report_without_cue_or_source_is_none():
    assert seen(roles={0: "B-SOURCE"}) == []
    assert seen(roles={2: "B-CUE"}) == []


def test_a_cue_of_another_sentence_is_not_the_reports():
    text = "Ada Okafor said so . The road will open in May ."
    contents = {5: "B-INDIRECT", **dict.fromkeys(range(6, 11), "I-INDIRECT")}
    assert seen(contents=contents, text=text) == []


def test_what_another_quote_covers_is_not_reported_again():
    assert seen(others=(QuoteSpan(19, 30, "mixed", 0.9),)) == []


def test_without_an_encoder_nothing_is_reported():
    doc = NLP.make_doc(TEXT)
    assert find_reports(doc) == []
    assert indirect_quotes(doc, [], []) == []


FRAGMENT = QuoteSpan(TEXT.index("will"), TEXT.index(" in May"), "mixed", 0.9)
PARTLY = {3: "B-MIXED", **dict.fromkeys(range(4, 9), "I-MIXED")}


@pytest.mark.parametrize("contents", [REPORT, PARTLY])
def test_a_fragment_has_the_report_that_it_stands_in(contents):
    (quote,) = with_reports([FRAGMENT], find_reports(doc_of(contents=contents)))
    assert quote.report is not None
    assert TEXT[slice(*quote.report)] == "the road will open in May"


def test_a_fragment_that_reaches_out_of_a_report_has_none():
    longer = QuoteSpan(FRAGMENT.start, len(TEXT), "mixed", 0.9)
    (quote,) = with_reports([longer], find_reports(doc_of()))
    assert quote.report is None


def test_a_whole_utterance_has_no_report():
    direct = QuoteSpan(FRAGMENT.start, FRAGMENT.end, "direct", 0.9)
    assert with_reports([direct], find_reports(doc_of())) == [direct]


def test_the_rest_of_a_fragments_report_is_not_reported_again():
    assert seen(contents=PARTLY, others=(FRAGMENT,)) == []


def test_a_report_with_marks_that_are_no_quote_is_reported():
    (quote,) = seen(contents=PARTLY)
    assert (quote.kind, TEXT[quote.start : quote.end]) == ("indirect", "the road will open in May")


def report_of(text: str, last: int, *more: int) -> str:
    """The one report from token 3 up to `last`, without what the encoder leaves out of it."""
    contents = {3: "B-INDIRECT"} | {i: "I-INDIRECT" for i in range(4, last) if i not in more}
    (report,) = find_reports(doc_of(contents=contents, text=text))
    return text[report.start : report.end]


@pytest.mark.parametrize(
    ("text", "last", "whole"),
    [
        ("Ada Okafor said the road opens in May .", 7, "the road opens in May"),
        ("Ada Okafor said it opens at the old Sea-Gate , so .", 7, "it opens at the old Sea-Gate"),
        ("Ada Okafor said it opens in May .", 5, "it opens"),
        ("Ada Okafor said it opens in " + "very " * 20 + "May .", 6, "it opens in"),
        ("Ada Okafor said it opens in", 6, "it opens in"),
    ],
)  # fmt: skip
def test_a_report_that_hangs_in_the_air_goes_on_to_a_near_stop(text, last, whole):
    assert report_of(text, last) == whole


def test_a_report_that_hangs_in_the_air_stops_before_the_next_one():
    text = "Ada Okafor said it opens in Ben Musa says June ."
    contents = {3: "B-INDIRECT", 4: "I-INDIRECT", 5: "I-INDIRECT", 7: "B-INDIRECT", 8: "I-INDIRECT"}
    first, second = find_reports(doc_of(contents=contents, text=text))
    assert text[first.start : first.end] == "it opens in"
    assert first.end < second.start


def test_where_nothing_is_reported_there_is_no_report():
    doc = doc_of(contents={3: "B-INDIRECT"}, probability=0.4)
    assert find_reports(doc) == []


def test_spaces_too_many_do_not_break_a_report():
    text = "Ada Okafor said the road  will open ."
    assert NLP.make_doc(text)[5].text == " "
    assert report_of(text, 8, 5) == "the road  will open"


def test_a_report_does_not_end_in_spaces():
    assert report_of("Ada Okafor said the road opens  It rained .", 6) == "the road opens"


def test_an_empty_line_ends_a_report():
    text = "Ada Okafor said the road\n\nwill open ."
    contents = {3: "B-INDIRECT", 4: "I-INDIRECT", 6: "I-INDIRECT", 7: "I-INDIRECT"}
    first = find_reports(doc_of(contents=contents, text=text))[0]
    assert text[first.start : first.end] == "the road"


JOINED = (
    "Ada Okafor said the road and the bridge and the ferry and the port would all open in May , "
    "and suggested that a school would too ."
)


def test_a_second_verb_has_the_subject_of_the_first():
    words = JOINED.split()
    second = words.index("suggested")
    roles = SAID | {second: "B-CUE"}
    contents = dict.fromkeys(range(3, second - 2), "I-INDIRECT") | {3: "B-INDIRECT"}
    contents |= dict.fromkeys(range(second + 1, len(words) - 1), "I-INDIRECT") | {second + 1: "B-INDIRECT"}
    told = seen(roles=roles, contents=contents, text=JOINED)
    assert [JOINED[slice(*quote.speaker)] for quote in told] == ["Ada Okafor", "Ada Okafor"]
    assert JOINED[told[1].start : told[1].end] == "that a school would too"


def test_a_report_ends_before_its_comma():
    contents = REPORT | {9: "I-INDIRECT"}
    (quote,) = seen(contents=contents, text=TEXT.replace(" .", " ,", 1))
    assert TEXT[quote.start : quote.end] == "the road will open in May"


def test_a_report_begins_behind_its_cue():
    text = "Ada Okafor promised keeping the road open in May ."
    contents = {4: "B-INDIRECT"} | dict.fromkeys(range(5, 9), "I-INDIRECT")
    (quote,) = seen(contents=contents, text=text)
    assert text[quote.start : quote.end] == "keeping the road open in May"


def test_according_has_its_to():
    text = "The road will open in May , according to Ada Okafor ."
    contents = {0: "B-INDIRECT"} | dict.fromkeys(range(1, 6), "I-INDIRECT")
    (quote,) = seen(roles={7: "B-CUE", 9: "B-SOURCE", 10: "I-SOURCE"}, contents=contents, text=text)
    assert text[slice(*quote.cue)] == "according to"
