"""Pieces of a Unigram vocabulary: where each begins and ends, its shape, and where the text pauses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from worker.nlp.encoder.reader import CLS_ID, SEP_ID, PieceReader
from worker.nlp.encoder.unigram import past_accents
from worker.nlp.encoder.wordpieces import SPACINGS, WORD_SHAPES, heads
from worker.nlp.pipeline import SHIPPED

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
WORDS = [
    "▁Ana",
    "▁Šk",
    "oda",
    "▁škol",
    "a",
    "▁été",
    "▁",
    "東京",
    "▁„",
    "Ja",
    "“",
    "▁ne",
    ".",
    "!",
    ".“",
    "»",
    ",",
    "d",
]
LETTERS = list("abcdefghijklmnopqrstuvwxyzčéš\u0327")


def unigram() -> Tokenizer:
    scores = {piece: -1.0 - i / 100 for i, piece in enumerate(WORDS)} | dict.fromkeys(LETTERS, -9.0)
    vocabulary = [(piece, 0.0) for piece in SPECIAL] + list(scores.items())
    tokenizer = Tokenizer(Unigram(vocabulary, unk_id=SPECIAL.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    return tokenizer


@pytest.fixture(scope="module")
def reader() -> PieceReader:
    return PieceReader(unigram())


def words(reader: PieceReader, text: str) -> list[str]:
    pieces = reader.split(text)
    return [text[start:end] for start, end in zip(pieces.starts, pieces.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Škoda", ["Ana", "Šk", "oda"]),
        ("  Ana  \n\n Škoda", ["Ana", "Šk", "oda"]),
        ("S\u030ckoda", ["S\u030ck", "oda"]),
        ("e\u0301te\u0301 Ana", ["e\u0301te\u0301", "Ana"]),
        ("x\u0327", ["", "x", "\u0327"]),
        ("東京", ["", "東京"]),
        ("„Ja“", ["„", "Ja", "“"]),
        ("", []),
    ],
    ids=ascii,
)
def test_a_piece_begins_behind_its_space_and_ends_behind_its_accents(reader, text, expected):
    assert words(reader, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana škola", ["title", "lower", "lower"]),
        ("Škoda,", ["title", "title", "mark"]),
        ("Ana.škola", ["title", "mark", "lower"]),
        ("e\u0301te\u0301", ["lower"]),
        ("東京", ["uncased", "uncased"]),
        ("東京, x", ["uncased", "uncased", "mark", "lower", "lower"]),
    ],
    ids=ascii,
)
def test_a_piece_has_the_shape_of_the_letters_that_it_stands_among(reader, text, expected):
    shapes = [WORD_SHAPES[i] for i in reader.split(text).shapes]
    # Letters that the small vocabulary has no longer piece for are pieces of their own.
    assert list(dict.fromkeys(shapes)) == list(dict.fromkeys(expected))


def test_the_first_piece_behind_a_gap_tells_what_the_gap_is(reader):
    pieces = reader.split("Ana ne,\nŠkoda\n\n東京")
    found = [SPACINGS[i] for i in pieces.spacings]
    assert found == ["start", "space", "none", "line", "none", "paragraph", "none"]


def test_text_pauses_at_lines_sentences_and_words(reader):
    text = "„Ja.“ Ana ne! Ana ne.\nAna"
    assert words(reader, text) == ["„", "Ja", ".“", "Ana", "ne", "!", "Ana", "ne", ".", "Ana"]
    assert reader.pauses(reader.split(text)).tolist() == [3, 0, 0, 2, 1, 0, 2, 1, 0, 3]


def test_a_word_is_judged_at_its_first_piece_that_is_not_a_space(reader):
    text = "Ana 東京 Škoda"
    starts = [text.index(word) for word in text.split()]
    ends = [start + len(word) for start, word in zip(starts, text.split(), strict=True)]
    pieces = reader.split(text)
    assert [words(reader, text)[i] for i in heads(pieces, starts, ends)] == ["Ana", "東京", "Šk"]


def test_each_kind_of_vocabulary_has_its_own_ends_of_windows(reader):
    english = PieceReader(Tokenizer.from_file(str(SHIPPED / "encoder" / "tokenizer.json")))
    assert (english.begin, english.end) == (CLS_ID, SEP_ID)
    assert (reader.begin, reader.end, reader.mask) == (0, 2, 4)


def test_accents_end_with_the_first_character_that_is_none():
    assert past_accents("a\u0301\u0327b", 1, 4) == 3
    assert past_accents("a\u0301\u0327b", 1, 2) == 2
    assert past_accents("ab", 1, 2) == 1


@given(st.text(max_size=60) | st.text(alphabet="Aae\u0301\u0327Š東 \n\t\ud800\x00.“ﬁ½", max_size=60))
def test_pieces_of_any_text_follow_each_other_inside_it(text):
    pieces = STRANGE.split(text)
    assert (pieces.starts <= pieces.ends).all()
    assert (np.diff(pieces.starts) >= 0).all()
    assert (np.diff(pieces.ends) >= 0).all()
    assert not len(pieces) or pieces.ends[-1] <= len(text)
    assert len(pieces.shapes) == len(pieces.spacings) == len(STRANGE.pauses(pieces)) == len(pieces)


STRANGE = PieceReader(unigram())
