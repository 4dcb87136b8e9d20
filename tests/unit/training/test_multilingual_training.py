"""What the multilingual encoder is trained on: packed weights, pieces, joined sentences, masked labels."""

import json
import lzma
import random
import struct
from collections import Counter

import numpy as np
import pytest

from training.data import AnnotatedArticle
from training.multilingual.corpus import (
    NAME_SETS,
    blank_by_language,
    join_sentences,
    read_german_quotes,
    read_names,
    recased,
)
from training.multilingual.label_sets import LABEL_SETS, label_set_of, possible_tags
from training.multilingual.package import MAGIC, PackedEncoder, read_packed, unpack_blocks
from training.multilingual.vocabulary import SPECIAL_PIECES, kept_pieces
from worker.nlp.encoder.tags import ENTITY_TAGS

WIDTH, INNER = 32, 64


def block(weights: np.ndarray, scale: float) -> bytes:
    """A block of 32 weights between -8 and 7, times the scale."""
    raised = (weights + 8).astype(np.uint8)
    return struct.pack("<e", scale) + (raised[:16] | raised[16:] << 4).tobytes()


def packed_model() -> bytes:
    """A packed model of one layer, whose words have the weights 0, 1, 2 ... of 16."""
    pieces = [*SPECIAL_PIECES, "▁a", "b"]
    blob = "".join(pieces).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in pieces)])
    head = MAGIC + struct.pack("<I7ifi", 1, WIDTH, 1, 1, INNER, 8, 4, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob)) + offsets.astype("<u4").tobytes()
    head += np.arange(len(pieces), dtype="<f4").tobytes() + blob + struct.pack("<iI", 0, 0)
    matrices = {"emb.word": 8 * WIDTH, "l0.fi.w": INNER * WIDTH, "l0.fo.w": INNER * WIDTH}
    matrices |= {f"l0.{name}.w": WIDTH * WIDTH for name in ("q", "k", "v", "ao")}
    vectors = {"emb.pos": 4 * WIDTH, "emb.type": 2 * WIDTH, "emb.ln.w": WIDTH, "emb.ln.b": WIDTH}
    vectors |= {f"l0.{name}.b": WIDTH for name in ("q", "k", "v", "ao", "fo", "aln", "oln")}
    vectors |= {"l0.fi.b": INNER, "l0.aln.w": WIDTH, "l0.oln.w": WIDTH}
    stored = {name: block(np.arange(32) % 16 - 8, 0.5) * (size // 32) for name, size in matrices.items()}
    stored |= {name: np.arange(size, dtype="<f4").tobytes() for name, size in vectors.items()}
    entry = sum(2 + len(name) + struct.calcsize("<BIQQ") for name in stored)
    here = len(head) + 4 + entry
    directory, tail = struct.pack("<i", len(stored)), b""
    for name, data in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", 0, 0, here + len(tail), len(data))
        tail += data
    return head + directory + tail


def test_a_packed_model_becomes_the_tensors_of_a_bert_model():
    packed = read_packed(packed_model())
    assert packed.sizes == (WIDTH, 1, 1, INNER, 8, 4, 2)
    assert packed.pieces[-2:] == ["▁a", "b"]
    words = packed.tensors["embeddings.word_embeddings.weight"]
    assert words.shape == (8, WIDTH)
    assert words[0].tolist() == [(i % 16 - 8) / 2 for i in range(32)]
    assert packed.tensors["encoder.layer.0.output.dense.weight"].shape == (WIDTH, INNER)
    assert packed.tensors["encoder.layer.0.intermediate.dense.weight"].shape == (INNER, WIDTH)
    assert packed.tensors["encoder.layer.0.output.LayerNorm.weight"].tolist() == list(range(WIDTH))


def test_a_file_of_another_format_is_refused():
    with pytest.raises(ValueError, match="begins with"):
        read_packed(b"GGUF" + bytes(100))


def test_a_block_holds_its_second_half_in_the_upper_bits():
    weights = np.array([*range(-8, 8), *range(7, -9, -1)])
    assert unpack_blocks(block(weights, 0.25)).tolist() == (weights / 4).tolist()


@pytest.mark.parametrize(
    ("most", "kept"),
    [
        (7, [*SPECIAL_PIECES, "▁a", "é"]),
        (8, [*SPECIAL_PIECES, "▁often", "▁a", "é"]),
        (20, [*SPECIAL_PIECES, "▁often", "▁a", "é", "▁once"]),
    ],
)
def test_special_pieces_and_single_letters_are_kept_before_frequent_ones(most, kept):
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "▁often", "▁never", "▁a", "é", "東", "▁once", "<mask>"]
    packed = PackedEncoder((0,) * 7, pieces, np.zeros(len(pieces)), (0, 2, 1, 3), {})
    counts = Counter({pieces.index("▁often"): 5, pieces.index("▁once"): 1})
    assert [pieces[i] for i in kept_pieces(packed, counts, most)] == kept


def sentence(text: str, *names: str, language: str = "pl") -> AnnotatedArticle:
    spans = tuple((text.index(name), text.index(name) + len(name), "PERSON") for name in names)
    return AnnotatedArticle("x", "test", text, entities=spans, language=language, labels=LABEL_SETS[1])


def test_joined_sentences_keep_their_order_and_their_names():
    sentences = [sentence(f"Numer {i} to Tusk.", "Tusk") for i in range(50)]
    joined = list(join_sentences(sentences, random.Random(1)))
    assert 1 < len(joined) < 50
    assert " ".join(" ".join(text.text.split()) for text in joined) == " ".join(s.text for s in sentences)
    assert sum(len(text.entities) for text in joined) == 50
    assert {text.text[a:b] for text in joined for a, b, _ in text.entities} == {"Tusk"}
    assert all(text.labels == LABEL_SETS[1] for text in joined)


def test_recased_paragraphs_keep_the_place_of_every_character():
    text = "Straße ǆ in Łódź.\nzwei\n" * 200
    changed = recased(text, random.Random(3))
    assert len(changed) == len(text)
    assert changed.lower() == text.lower()
    assert "STRAßE" in changed
    assert "In " in changed


def test_names_of_a_set_are_read_with_what_is_annotated(tmp_path):
    row = {"id": "pl_bsnlp_train_0", "lang": "pl", "text": "Tusk.", "labels": ["PERSON", "ORG", "LOC"]}
    row["entities"] = [{"start": 0, "end": 4, "label": "PERSON"}]
    path = tmp_path / "pl_bsnlp_train.jsonl.xz"
    path.write_bytes(lzma.compress(json.dumps(row).encode()))
    (article,) = read_names(path)
    assert (article.language, article.source, article.labels) == ("pl", "bsnlp", ("PERSON", "ORG", "LOC"))
    assert article.entities == ((0, 4, "PERSON"),)


def test_german_attributions_of_types_that_polnear_lacks_are_left_out(tmp_path):
    shared = {"source": [[0, 3]], "cue": [[4, 9]], "kind": "indirect"}
    attributions = [
        shared | {"content": [[10, 20]], "type": "Indirect"},
        shared | {"content": [[21, 30]], "type": "Reported"},
    ]
    row = {"id": "de_1", "text": "x" * 40, "attributions": attributions}
    path = tmp_path / "german.jsonl"
    path.write_text(json.dumps(row) + "\n")
    (article,) = read_german_quotes(path)
    assert article.contents == ((10, 20, "INDIRECT"),)
    assert article.language == "de"


@pytest.mark.parametrize(
    ("labels", "annotated", "possible", "impossible"),
    [
        (None, "O", {"O"}, {"B-MISC", "S-DATE", "S-PERSON"}),
        (LABEL_SETS[1], "O", {"O", "B-MISC", "S-DATE", "I-MONEY"}, {"B-PERSON", "S-LOC"}),
        (LABEL_SETS[2], "O", {"O", "S-NORP"}, {"S-MISC", "S-LOC"}),
        (LABEL_SETS[2], "B-MISC", {"B-MISC", "B-NORP", "B-PRODUCT"}, {"S-NORP", "I-MISC", "B-DATE", "O"}),
        (LABEL_SETS[2], "S-ORG", {"S-ORG"}, {"S-MISC", "S-LOC", "O"}),
        (None, "S-MISC", {"S-MISC"}, {"S-NORP"}),
    ],
)
def test_a_label_that_is_not_annotated_is_unknown(labels, annotated, possible, impossible):
    row = possible_tags()[label_set_of(labels), ENTITY_TAGS.index(annotated)]
    found = {tag for tag, is_possible in zip(ENTITY_TAGS, row, strict=True) if is_possible}
    assert possible <= found
    assert not impossible & found


# Some tokenizers take seconds to make.
@pytest.mark.long
def test_each_language_has_a_tokenizer_and_open_sets_are_the_ones_with_open_licences():
    languages = blank_by_language(names.language for names in NAME_SETS)
    assert {names.language for names in NAME_SETS} | {"en"} == set(languages)
    assert languages["no"].lang == "nb"
    assert languages["sw"].lang == "xx"
    assert [t.text for t in languages["fr"].make_doc("L’ONU dit")][:2] == ["L’", "ONU"]
    assert {names.source for names in NAME_SETS if names.is_open} == {"uner", "ronec"}
