"""What a sketch keeps of an article: words by what they say, names, places of the text, whom it credits."""

import json
from array import array

import pytest

from tests.unit.stories.logs import article, name, sentence, sketch
from worker.stories.fingerprints import MAX_FINGERPRINTS, fingerprints_of, shared_text
from worker.stories.packing import StateError
from worker.stories.relations import Relation, relation_of
from worker.stories.sketch import MAX_ENTITIES, MAX_SKETCH_TERMS, make_sketch
from worker.stories.sketch_codec import read_sketch, sketch_bytes
from worker.stories.weights import MAX_WEIGHT, table_bytes, unpack
from worker.stories.wires import wire_of
from worker.stories.words import hashed, salt_of, terms_of, text_words

LONG = " ".join(sentence(0, number) for number in range(40))
OTHER = " ".join(sentence(1, number) for number in range(40))


@pytest.mark.parametrize(
    ("text", "words", "terms"),
    [
        ("The U.S.'s 3 rivers", ["the", "u", "s", "s", "3", "rivers"], ["the", "rivers"]),
        ("Obi’s ‘ferry’ didn't", ["obi", "ferry", "didn't"], ["obi", "ferry", "didn't"]),
        ("北京 大雨", ["北", "京", "大", "雨"], ["北京", "京大", "大雨"]),
        ("", [], []),
    ],
)
def test_a_text_is_words_and_these_are_terms(text, words, terms):
    assert text_words(text) == words
    assert terms_of(words) == terms


def test_rare_words_are_the_strongest_and_frequent_ones_say_nothing():
    made = sketch("a", "The the the of and in Przewalski said said bank bank.")
    salt = salt_of("en")
    assert made.terms.keys[0] in (hashed("przewalski") ^ salt, hashed("bank") ^ salt)
    assert list(made.terms.weights) == sorted(made.terms.weights, reverse=True)
    assert hashed("the") ^ salt not in made.terms.keys[:3]


def test_the_same_words_of_two_languages_are_no_common_words():
    english = sketch("a", LONG)
    german = sketch("a", LONG, language="de")
    assert not set(english.terms.keys) & set(german.terms.keys)
    assert set(english.terms.keys) == set(sketch("a", LONG, language="en-GB").terms.keys)


def test_of_a_language_without_weights_long_words_count_alone():
    made = sketch("a", "kai to ploio vythistike sto limani tou nisiou", language="el")
    assert set(made.terms.keys) == {hashed("vythistike") ^ salt_of("el")}


def test_a_sketch_has_a_bounded_size_whatever_the_article():
    entities = [name("PERSON", f"Ada {number}", 0.001) for number in range(500)]
    quotes = [{"text": "q" * 399, "kind": "direct", "speaker": None, "confidence": 1.0}] * 50
    words = " ".join(f"word{number}" for number in range(30_000))
    made = make_sketch(
        article("a", words, headline="h" * 5000, entities=entities, quotes=quotes, url="u" * 9999), origin="o"
    )
    assert (len(made.terms.keys), len(made.entities.keys)) == (MAX_SKETCH_TERMS, MAX_ENTITIES)
    assert (len(made.fingerprints), len(made.people), len(made.quotes)) == (MAX_FINGERPRINTS, 8, 6)
    assert (len(made.headline), made.url) == (300, None)
    assert len(sketch_bytes(made)) < 5000


@pytest.mark.parametrize("value", [b"", b"\1", b"\2" + bytes(40), sketch_bytes(sketch("a", LONG))[:200]])
def test_bytes_that_are_no_sketch_are_refused(value):
    with pytest.raises(StateError):
        read_sketch(value)


@pytest.mark.parametrize(
    ("copy", "relation"),
    [
        (LONG, Relation.REPRINT),
        (" ".join(LONG.split()[: len(LONG.split()) // 2]), Relation.EXCERPT),
        (f"{LONG} {OTHER}", Relation.EXTENDS),
        (f"{sentence(2, 1)} {sentence(2, 2)} {LONG}", Relation.REPRINT),
        (f"{OTHER} {' '.join(LONG.split()[100:240])} {OTHER[::-1]}", Relation.QUOTES),
        (OTHER, Relation.ORIGINAL),
        ("", Relation.ORIGINAL),
    ],
)
def test_what_a_text_is_to_another_follows_from_what_they_share(copy, relation):
    shared = shared_text(fingerprints_of(text_words(copy)), fingerprints_of(text_words(LONG)))
    assert relation_of(shared).relation is relation


def test_two_long_texts_are_compared_as_far_as_both_are_kept():
    words = [f"w{number}" for number in range(4000)]
    this, that = fingerprints_of(words), fingerprints_of(words[:2000])
    found = shared_text(this, that)
    assert found.of_that == 1000
    assert 350 < found.of_this < 650


def test_fingerprints_are_those_of_the_text_wherever_it_stands():
    words = text_words(LONG)
    whole = fingerprints_of(words, most=10_000)
    part = fingerprints_of(words[50:300], most=10_000)
    assert len(set(part) & set(whole)) >= len(part) - 2
    assert fingerprints_of(words[:13]) == array("I")
    assert len(fingerprints_of(words[:14])) == 1


@pytest.mark.parametrize(
    ("wire", "fields"),
    [
        ("AP", {"text": "WASHINGTON (AP) — The president said."}),
        ("Reuters", {"text": "LONDON, March 3 (Reuters) - Shares fell."}),
        ("dpa", {"text": "Berlin (dpa) – Die Regierung.", "authors": ["Redaktion"]}),
        ("dpa", {"text": "Berlin. Die Regierung tagt.", "authors": ["dpa/lno"]}),
        ("AFP", {"text": "Shares fell.", "authors": ["Agence France-Presse"]}),
        ("Reuters", {"text": "Shares fell.", "source": "Reuters"}),
        ("AP", {"text": "Shares fell. " * 40 + "Copyright 2013 The Associated Press. All rights reserved."}),
        ("Reuters", {"text": "Shares fell.\n(Reuters)"}),
        (None, {"text": "The minister told Reuters that shares fell (see above)."}),
        (None, {"text": "Shares fell.", "authors": ["Ada Obi"], "source": "The Daily"}),
    ],
)
def test_an_agency_is_credited_where_the_article_says_so(wire, fields):
    assert wire_of(**fields) == wire


def test_a_table_of_weights_is_read_as_it_was_written():
    table = {"en": {7: 3, 2: 160}, "de": {9: 1}}
    read = unpack(table_bytes(table))
    assert {
        language: dict(zip(words.numbers.tolist(), words.weights.tolist(), strict=True))
        for language, words in read.items()
    } == table
    with pytest.raises(ValueError, match="no table of words"):
        unpack(b"nothing of the sort")
    assert MAX_WEIGHT < 256


def test_an_article_that_was_read_as_json_gives_the_same_sketch():
    fields = article("ä", LONG, headline="Ferry", published_at="2026-11-29T10:00:00.5+01:00")
    made = make_sketch(json.loads(json.dumps(fields)), origin="o")
    assert made == make_sketch(fields, origin="o") == read_sketch(sketch_bytes(made))
    assert made.published_ms == 1795942800500
    assert sketch("a", LONG, published_at="soon").published_ms is None
