"""Words that several articles have are cut once, and articles come out as without that."""

import pytest
import spacy

from worker.languages import known_languages
from worker.nlp import frequent_words
from worker.nlp.by_language import blank
from worker.nlp.frequent_words import MAX_WORD_CHARS, FrequentWords

TEXTS = [
    "The mayor's office said: \"We won't close the bridge (yet).\" It cost $4.5m, said J.R. Okafor.",
    "The bridge won't close, the mayor's office said on Friday. See https://bridge.example/a?b=1 ...",
    "",
    "  \n\n \t the\u00a0bridge — “yet” … e-mail: press@bridge.example; 10km/h, U.S.-led, 5.-12. März\n",
    "x" * 5000 + " " + "-" * 300 + " the the the",
]


def cut(nlp, text: str) -> list[tuple[str, str, int]]:
    with nlp.memory_zone():
        return [(token.text, token.whitespace_, token.idx) for token in nlp.make_doc(text)]


@pytest.mark.parametrize("code", ["en", "de", "fr", "fi", "ru", "sw"])
def test_documents_are_the_same_with_words_that_are_known_and_without(code):
    known = known_languages()[code]
    plain, taught = blank(known), blank(known)
    words = FrequentWords(taught)
    for text in TEXTS * 3:
        words.take(text)
        assert cut(taught, text) == cut(plain, text)


def remembered(nlp) -> set[str]:
    return {lexeme.orth_ for lexeme in nlp.vocab}


def test_a_word_is_learnt_from_its_second_article_on_and_stays_behind_the_memory_zone():
    nlp = spacy.blank("xx")
    words = FrequentWords(nlp)
    words.take("ferry ferry quay")
    assert not {"ferry", "quay"} & remembered(nlp)
    words.take("ferry island")
    assert "ferry" in remembered(nlp)
    assert not {"quay", "island"} & remembered(nlp)


def test_no_more_words_are_kept_than_are_allowed_and_none_that_are_long(monkeypatch):
    monkeypatch.setattr(frequent_words, "MAX_WORDS", 5)
    nlp = spacy.blank("xx")
    before = remembered(nlp)
    words = FrequentWords(nlp)
    text = " ".join(["y" * (MAX_WORD_CHARS + 1), *(f"word{number}" for number in range(20))])
    for _ in range(3):
        words.take(text)
    assert len(remembered(nlp) - before) == 5
    assert not words._seen


def test_words_that_never_come_again_are_forgotten(monkeypatch):
    monkeypatch.setattr(frequent_words, "_MAX_SEEN", 30)
    words = FrequentWords(spacy.blank("xx"))
    for article in range(20):
        words.take(" ".join(f"name{article}x{number}" for number in range(10)))
        assert len(words._seen) <= 40


def test_a_tokenizer_of_another_kind_is_left_alone():
    nlp = spacy.blank("xx")
    cutter = nlp.tokenizer
    nlp.tokenizer = lambda text: cutter(text)
    words = FrequentWords(nlp)
    before = remembered(nlp)
    for _ in range(3):
        words.take("ferry quay")
    assert remembered(nlp) == before
