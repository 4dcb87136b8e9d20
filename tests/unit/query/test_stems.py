"""The stems by which the forms of a word are found, in every language that is known."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from worker.languages import known_languages
from worker.query.stems import (
    MAX_STEMMED_CHARS,
    STEMMERS,
    stemmed,
    stemmed_language,
    stems_by_word,
    stems_in_any_language,
    stems_of,
)
from worker.query.words import Words, words_of

FORMS = {
    "en": "strike strikes striking",
    "de": "Streik Streiks Streike",
    "fr": "grève grèves",
    "es": "huelga huelgas",
    "pt": "greve greves",
    "it": "sciopero scioperi",
    "nl": "staking stakingen",
    "sv": "strejk strejken strejker strejkerna",
    "da": "strejke strejker strejken",
    "no": "streik streiken streiker streikene",
    "pl": "strajk strajku strajki strajkach",
    "cs": "stávka stávky stávce stávkách",
    "hr": "štrajk štrajka štrajkom",
    "fi": "lakko lakot lakon lakkoa",
    "ru": "забастовка забастовки забастовку",
    "id": "mogok mogoknya",
    "ro": "grevă greve greva",
}


def test_every_stemmer_is_of_a_known_language_and_there():
    assert set(STEMMERS) <= set(known_languages())
    assert set(STEMMERS.values()) <= set(Stemmer.algorithms())
    assert set(FORMS) == set(STEMMERS)


@pytest.mark.parametrize("language", FORMS)
def test_forms_have_one_stem_in_any_letter_case(language):
    assert len(set(stems_of(words_of(FORMS[language]), language))) == 1
    assert stems_of(words_of(FORMS[language].upper()), language) == stems_of(
        words_of(FORMS[language]), language
    )


@pytest.mark.parametrize("language", ["uk", "bg", "sw", "tr", "ja", "", "klingonese"])
def test_where_there_is_no_stemmer_a_word_is_its_own_stem(language):
    words = words_of("Strikes страйки mogoknya İSTANBUL ıslak 東京")
    assert stems_of(words, language) == list(words)
    assert stemmed_language(language) is None
    text = Words("Strikes")
    assert stemmed(text, language) is text


@pytest.mark.parametrize(("tag", "language"), [("en-GB", "en"), ("nb", "no"), ("nn-NO", "no"), ("mo", "ro")])
def test_a_tag_of_any_form_has_the_stemmer_of_its_language(tag, language):
    assert stemmed_language(tag) == language


def test_a_stem_is_never_empty_and_a_long_word_its_own():
    long = "strikes" * 20
    for language in STEMMERS:
        assert stems_of(["s", "e", "42", long], language)[3] == long
        assert all(stems_of(["s", "e", "'", "42"], language))
    assert len(long) > MAX_STEMMED_CHARS


@given(st.text(st.characters(categories=("L", "N", "M")) | st.sampled_from("aeiouyns'ßæøåščžїё")))
def test_the_stems_in_any_language_are_those_in_each(text):
    for word in words_of(text):
        stems = {stem for language in [*STEMMERS, "uk"] for stem in stems_of([word], language)}
        assert stems_in_any_language(word) == stems
        assert all(words_of(stem) or len(stem) for stem in stems)
        assert not any(" " in stem for stem in stems)


def test_many_words_are_stemmed_by_turns():
    words = [f"strikes{number}" for number in range(4_500)] + ["strikes"]
    found = {}

    def steps():
        found.update((yield from stems_by_word(words, "en-GB")))

    assert len(list(steps())) == 3
    assert list(found) == words
    assert found["strikes"] == "strike"


def test_threads_that_stem_at_once_get_the_stems_of_one():
    words = [f"{stem}{end}" for stem in ("strik", "häus", "lakko") for end in ("es", "er", "ing", "en")] * 200
    alone = {language: stems_of(words, language) for language in STEMMERS}
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda language: (language, stems_of(words, language)), [*STEMMERS] * 20))
    assert all(stems == alone[language] for language, stems in found)
