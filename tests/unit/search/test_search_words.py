"""SQLite's tokenizer finds the same words as alert rules do."""

import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.search.search_documents import document, find, index, quote
from worker.query.words import Words, words_of
from worker.search.answer import Sort, quotes
from worker.search.conditions import TextPhrase, read_query
from worker.search.file import opened_for_search
from worker.search.places import PhraseFinder
from worker.search.tokens import searchable, words_in

TEXTS = st.text(
    st.characters(exclude_categories=("Cs",))
    | st.sampled_from("aÉß_-'’“ \u00ad\u200b\u0301\u0345\u3099İıΣ東あกุहि\u064e")
)


def tokens(*texts: str) -> list[list[str]]:
    """What FTS5 makes of each."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize='ascii')")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        connection.executemany("INSERT INTO t(rowid, x) VALUES (?, ?)", enumerate(texts))
        found: list[list[str]] = [[] for _ in texts]
        for text, word in connection.execute("SELECT doc, term FROM v ORDER BY doc, offset"):
            found[text].append(word)
    return found


@settings(deadline=None)
@given(TEXTS)
@example("e\u0301lan – “naïve” co-op’s x_y \x00z ÇA VA Straße ŉ ½ Ⅷ ٣ 東京 ＡＢ")
@example("".join(map(chr, range(0xA0, 0x250))))
@example("Ꭰ")  # Cherokee: `casefold` makes upper case of it, `lower` lower case
@example("ꭰ ABC")
def test_the_tokenizer_finds_the_words_of_rules(text: str) -> None:
    assert tokens(searchable(text)) == [list(words_of(text))]
    assert words_in(text) == list(words_of(text))


def characters(one_in: int) -> list[str]:
    """All below U+3000, where each script has its marks and signs, and one in so many of the others."""
    every = (chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000)
    return [c for c in every if ord(c) < 0x3000 or ord(c) % one_in == 0]


@pytest.mark.parametrize("one_in", [97, pytest.param(1, marks=pytest.mark.long)])
def test_every_character_is_part_of_a_word_or_parts_words_as_in_rules(one_in: int) -> None:
    texts = [f"a{c}b" for c in characters(one_in)]
    wanted = [list(words_of(text)) for text in texts]
    assert tokens(*map(searchable, texts)) == wanted
    assert list(map(words_in, texts)) == wanted
    # Alone among others it is looked up otherwise than in a text of many scripts.
    many = "".join(map(chr, range(0x400, 0x430)))
    assert tokens(*(searchable(f"{many} {text}") for text in texts[::7])) == [
        [*words_of(many), *words] for words in wanted[::7]
    ]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("co-op", True), ('"co op"', True), ("coop", False), ("CO", True),
        ("nato's", True), ("nato", True), ("naïve", True), ("naive", False), ("NAÏVE", True),
        ("ōsaka", True), ("osaka", False), ("élan", True), ("e\u0301lan", True), ("straße", True),
        ("STRASSE", True), ("strass", False), ("x_y", True), ('"said the"', False),
    ],
)  # fmt: skip
def test_whole_words_match_in_any_letter_case(tmp_path: Path, query: str, is_found: bool) -> None:
    text = "The co-op said “naïve”; the NATO’s e\u0301lan in Ōsaka, Straße x_y."
    assert find(index(tmp_path / "index.sqlite", [document(text)]), query) == ["a1"] * is_found


@pytest.mark.parametrize("text", ["ᎣᏏᏲ", "ꭳꮟᏺ", "ΟΔΌΣ", "STRASSE İzmir"])
def test_a_quote_is_found_by_its_words_in_any_script(tmp_path: Path, text: str) -> None:
    said = quote(f"well, {text}")
    with opened_for_search(index(tmp_path / "index.sqlite", [document(quotes=[said])])) as connection:
        for query in (text, text.swapcase()):
            condition = read_query(f'"{query}"', int)
            hits = quotes(connection, condition, limit=1, sort=Sort.NEWEST)
            assert [hit.quote for hit in hits] == [said]


@pytest.mark.parametrize("text", ["co\u00adop co-op", "0\u00ad0 0", "e\u0301\u00adlan a", "a\u200bb\u00ad c"])
def test_words_with_signs_that_nobody_sees_have_the_places_of_rules(text: str) -> None:
    for word in words_of(text):
        phrase = TextPhrase((word,))
        assert list(PhraseFinder(text, "en").find(phrase)) == sorted(Words(text).phrase([word]))


@given(TEXTS, st.data())
def test_places_are_those_of_rules(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    if not words:
        return
    start = data.draw(st.integers(0, len(words) - 1))
    wanted = words[start : start + data.draw(st.integers(1, 3))]
    expected = Words(text)
    assert list(PhraseFinder(text, "en").find(TextPhrase(tuple(wanted)))) == sorted(expected.phrase(wanted))
    assert list(PhraseFinder(text, "en").find(TextPhrase(tuple(wanted), near=2))) == list(
        expected.near(wanted, 2)
    )
