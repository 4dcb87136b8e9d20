"""The shipped vocabulary in sentencepiece gives the pieces that tokenizers gave of it."""

import json
import random
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import spacy
from sentencepiece import SentencePieceProcessor
from tokenizers import Tokenizer

from tests.unit.intake.language_samples import LINES, NEWS
from training.multilingual.pieces import sentencepiece_model, without_vocabulary
from worker.nlp.encoder.component import PIECES, Encoder
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.pipeline import SHIPPED

FOLDER = SHIPPED / "multilingual"
GOLD = sorted((Path(__file__).parents[4] / "seeds" / "quality" / "languages").glob("*.jsonl"))
ALPHABET = "aeéßЖщ ▁ا港か한\u0301\u200d😀.1,\n-"
STRANGE = [
    "", "\0", " ", "▁", "▁▁ a▁b", "a\u0301\u0301\u0301", "\ufffd", "👩\u200d👧x", "ﬁﬁ ﷺ ﷽",
    "\u200b\u200e\u00ad", "é" * 5000, "a" * 20_000, "１２３ ｶﾞ", "\u1100\u1161\u11a8", "İıſß",
    "\x01\x02\x7f", "\ud800x\udfff", "\U0010ffff" * 9, "\r\n\t a \u3000 b\u2028c\x85d", "e\u0301te\u0301",
]  # fmt: skip


@cache
def readers() -> tuple[PieceReader, PieceReader]:
    """The shipped reader, and one of tokenizers with the same vocabulary."""
    rules, model = (FOLDER / "tokenizer.json").read_text(encoding="utf-8"), (FOLDER / PIECES).read_bytes()
    whole = json.loads(rules)
    pieces = SentencePieceProcessor(model_proto=model)
    vocabulary = [[pieces.id_to_piece(i), pieces.get_score(i)] for i in range(pieces.vocab_size())]
    whole["model"] |= {"vocab": vocabulary, "unk_id": pieces.unk_id()}
    return PieceReader(Tokenizer.from_str(rules), model), PieceReader(Tokenizer.from_str(json.dumps(whole)))


def assert_same_pieces(text):
    shipped, other = (reader.split(text) for reader in readers())
    for name in ("ids", "shapes", "spacings", "starts", "ends"):
        assert np.array_equal(getattr(shipped, name), getattr(other, name)), (name, text[:80])


def test_the_reader_knows_the_same_pieces_around_windows_and_at_the_end_of_sentences():
    shipped, other = readers()
    for name in ("is_unigram", "begin", "end", "mask", "_is_stop", "_is_closer"):
        assert np.array_equal(getattr(shipped, name), getattr(other, name))
    assert shipped.is_unigram
    assert shipped._is_stop.sum() > 5


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_articles_in_every_language_have_the_same_pieces(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        assert_same_pieces(json.loads(line)["text"])
    assert_same_pieces(NEWS[path.stem].upper() + LINES[path.stem])


@pytest.mark.parametrize("text", STRANGE, ids=range(len(STRANGE)))
def test_so_has_a_strange_text(text):
    assert_same_pieces(text)


def test_so_have_texts_of_random_characters_of_many_scripts():
    chance = random.Random(4)
    for _ in range(500):
        assert_same_pieces("".join(chance.choices(ALPHABET, k=chance.randint(1, 80))))


def test_a_text_that_spells_a_piece_of_the_encoder_s_own_does_not_get_it():
    shipped, _ = readers()
    found = set(shipped.split("<s> a</s> <mask><pad>").ids.tolist())
    assert not found & {shipped.begin, shipped.end, shipped.mask}


def test_an_encoder_written_and_read_again_has_the_same_pieces(tmp_path):
    encoder = spacy.blank("xx").add_pipe("dateline_encoder")
    assert isinstance(encoder, Encoder)
    encoder.from_disk(FOLDER)
    encoder.to_disk(tmp_path)
    for name in ("tokenizer.json", PIECES, "tags.json", "model.onnx"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
    copy = Encoder(window=190, max_pieces=100).from_bytes(encoder.to_bytes())
    assert copy.to_bytes() == encoder.to_bytes()


def test_training_writes_the_files_that_ship():
    _, other = readers()
    assert sentencepiece_model(other.tokenizer) == (FOLDER / PIECES).read_bytes()
    rules = (FOLDER / "tokenizer.json").read_text(encoding="utf-8")
    assert json.loads(without_vocabulary(other.tokenizer)) == json.loads(rules)
