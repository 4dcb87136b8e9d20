"""Where phrases are found in a text: the fast search finds what a look at every place finds."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.query.words import Words, words_of

# "ß" and "ﬁ" grow when folded, "e" with its accent apart shrinks when composed.
words = st.sampled_from(["a", "b", "A", "ab", "Straße", "STRASSE", "ﬁn", "e\u0301", "É", "x-y", "’s"])
texts = st.lists(words, max_size=12).map(" ".join)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join).map(words_of).filter(bool)


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("One two, one TWO.", "one two", ["One two", "one TWO"]),
        ("a a a", "a a", ["a a", "a a"]),
        ("portrait port", "port", ["port"]),
        ("Bank-of Ghana’s", "bank of ghana s", ["Bank-of Ghana’s"]),
        ("Kwa\xadme \u200eAsan\xad\u0301te\u200b ran", "kwame asańte ran", None),
        ("Kwa\xadme", "kwame", ["Kwa\xadme"]),
        ("\u2066Haifa\u2069 fell", "haifa fell", ["Haifa\u2069 fell"]),
        ("GROẞE Straße", "grosse strasse", ["GROẞE Straße"]),
        ("", "a", []),
        ("one", "one two", []),
    ],
)
def test_a_phrase_is_found_as_whole_words(text, phrase, found):
    places = [text[start:end] for start, end in Words(text).phrase(words_of(phrase))]
    assert places == ([text] if found is None else found)


@given(texts, phrases)
def test_a_phrase_stands_where_its_words_follow_each_other(text, phrase):
    folded = words_of(text)
    places = [i for i in range(len(folded)) if folded[i : i + len(phrase)] == phrase]
    found = list(Words(text).phrase(phrase))
    assert len(found) == len(places)
    assert all(words_of(text[start:end]) == phrase for start, end in found)


@given(texts, phrases, st.integers(0, 6))
def test_near_holds_where_a_stretch_has_every_word(text, phrase, others):
    folded = words_of(text)
    longest = len(phrase) + others
    stretches = [folded[i : i + longest] for i in range(len(folded))]
    expected = any(all(s.count(word) >= phrase.count(word) for word in phrase) for s in stretches)
    found = list(Words(text).near(phrase, others))
    assert bool(found) == expected
    assert all(first[1] <= second[0] for first, second in pairwise(found))
    for start, end in found:
        inside = words_of(text[start:end])
        assert len(inside) <= longest
        assert all(inside.count(word) >= phrase.count(word) for word in phrase)


@given(texts)
def test_what_the_index_asks_for_is_in_the_text(text):
    folded = words_of(text)
    assert Words(text).distinct == set(folded)
    assert Words(text).pairs == {f"{a} {b}" for a, b in pairwise(folded)}
