"""The encoder: its scores, word pieces, windows, tag schemes and files."""

import numpy as np
import pytest
import spacy
from tokenizers import Tokenizer

from tests.shipped import shipped_pipeline
from worker.nlp.encoder import windows
from worker.nlp.encoder.component import MAX_REPEATS, pieces_to_read
from worker.nlp.encoder.encoding import ATTRIBUTION_TAGS, attribution_of
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import (
    CONTENT_TAGS,
    ENTITY_TAGS,
    ROLE_TAGS,
    best_path,
    decode_spans,
    encode_spans,
    transitions,
)
from worker.nlp.encoder.wordpieces import SPACINGS, WORD_SHAPES, heads, shape, split
from worker.nlp.pipeline import SHIPPED, ModelError, load

ARTICLE = (
    "KISUMU - The Lake Basin Authority will pay US$5m to 300 fishing co-operatives, "
    "Ms Achieng Odhiambo said on Tuesday.\n\n"
    "“We waited for years,” she told reporters. The county’s governor, Peter Were, called the sum “a start”."
)


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_file(str(SHIPPED / "encoder" / "tokenizer.json"))


def arrays(doc):
    encoding = doc._.encoding
    return [encoding.entities, encoding.attribution, encoding.vector, encoding.pieces, encoding.heads]


def test_every_token_has_scores_and_the_columns_are_the_tags(nlp):
    doc = nlp(ARTICLE)
    encoding = doc._.encoding
    assert encoding.entities.shape == (len(doc), len(ENTITY_TAGS))
    assert encoding.attribution.shape == (len(doc), len(ATTRIBUTION_TAGS))
    assert encoding.roles.shape[1] == len(ROLE_TAGS)
    assert encoding.contents.shape[1] == len(CONTENT_TAGS)
    assert np.allclose(encoding.roles.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(encoding.contents.sum(axis=1), 1, atol=1e-5)
    assert np.isclose(np.linalg.norm(encoding.vector), 1, atol=1e-5)
    assert not any(array.flags.writeable for array in arrays(doc))


def test_an_article_has_the_same_scores_alone_and_in_any_company(nlp):
    others = ["Rain is likely.", ARTICLE * 30, "", "Ends."]
    alone = [array.tobytes() for array in arrays(nlp(ARTICLE))]
    batch = list(nlp.pipe([others[0], ARTICLE, *others[1:], ARTICLE]))
    assert [array.tobytes() for array in arrays(batch[1])] == alone
    assert [array.tobytes() for array in arrays(batch[-1])] == alone


def test_a_pipeline_written_and_read_again_gives_the_same_scores(nlp, tmp_path):
    nlp.to_disk(tmp_path / "copy")
    copy = spacy.load(tmp_path / "copy")
    assert [a.tobytes() for a in arrays(copy(ARTICLE))] == [a.tobytes() for a in arrays(nlp(ARTICLE))]
    assert copy(ARTICLE).cats == nlp(ARTICLE).cats


def test_a_headline_is_read_before_the_text_and_has_no_tokens(nlp):
    doc = nlp.make_doc(ARTICLE)
    doc.user_data["headline"] = "Millions for lake fishers"
    doc = nlp(doc)
    plain = nlp(ARTICLE)
    assert len(doc._.encoding.entities) == len(plain._.encoding.entities)
    assert len(doc._.encoding.pieces) > len(plain._.encoding.pieces)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\n ",
        "\x00",
        "\ufffd\u200b\u200d",
        "👩‍👩‍👧 said 👋",
        "a" * 200_000,
        '"' * 200_000,
        "(“" * 3_000,
        "e\u0301" * 2_000,
        "x " * 3_000,
        "東京" * 500,
    ],
    ids=lambda text: f"{text[:3]!r} {len(text)}",
)
def test_no_text_is_too_strange(nlp, text):
    doc = nlp(text)
    assert len(doc._.encoding.heads) == len(doc)
    assert doc.text == text


def test_a_folder_without_a_pipeline_is_named(tmp_path):
    with pytest.raises(ModelError, match="nothing-here"):
        load(tmp_path / "nothing-here")


def test_a_model_for_other_tags_is_refused(nlp, tmp_path):
    nlp.to_disk(tmp_path / "other")
    (tmp_path / "other" / "encoder" / "tags.json").write_text('["O"]')
    with pytest.raises(ModelError, match="takes"):
        load(tmp_path / "other")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("bank", "lower"),
        ("Lagos", "title"),
        ("É", "letter"),
        ("NATO", "upper"),
        ("McLeod", "mixed"),
        ("2024", "digits"),
        ("5m", "alphanumeric"),
        ("東京", "uncased"),
        ("’", "mark"),
        ("A" * 101, "mark"),
    ],
)
def test_a_word_keeps_its_shape(word, expected):
    assert WORD_SHAPES[shape(word)] == expected


def test_spacing_tells_paragraphs_from_words(tokenizer):
    pieces = split(tokenizer, "One two,\nthree\n\nfour")
    assert [SPACINGS[i] for i in pieces.spacings] == ["start", "space", "none", "line", "paragraph"]


def test_pieces_slice_back(tokenizer):
    text = "Çiğdem’s co-op 👋 paid US$5m\u200b."
    pieces = split(tokenizer, text)
    assert all(0 <= start <= end <= len(text) for start, end in zip(pieces.starts, pieces.ends, strict=True))
    assert text[pieces.starts[0] : pieces.ends[1]].startswith("Ç")


def test_the_first_piece_that_overlaps_a_token_speaks_for_it(tokenizer):
    pieces = split(tokenizer, "cannot go")
    # spaCy's "can" and "not" share the piece "cannot"; white space has none.
    assert heads(pieces, [0, 3, 6, 7], [3, 6, 7, 9]).tolist() == [0, 0, -1, 1]
    assert heads(split(tokenizer, ""), [0], [1]).tolist() == [-1]


def test_long_runs_of_one_piece_are_cut_short(tokenizer):
    pieces = split(tokenizer, "-" * 500 + " end")
    assert len(pieces_to_read(pieces)) == MAX_REPEATS + 1


@pytest.mark.parametrize("length", [0, 1, 99, 100, 101, 150, 777, 5_000])
@pytest.mark.parametrize("pause", [0, 7, 40, 1_000])
def test_windows_cover_everything_once(length, pause):
    pauses = np.array([bool(pause and i % pause == 0) for i in range(length)], dtype=np.int64)
    found = windows.cut(pauses, size=100)
    assert [i for start, end in found for i in range(start, end)] == list(range(length))
    assert all(50 < end - start <= 100 for start, end in found[:-1])
    assert found[-1][1] - found[-1][0] <= 100


def test_windows_end_at_the_last_of_the_best_pauses():
    pauses = np.ones(300, dtype=np.int64)
    pauses[[60, 90]] = 2
    pauses[[55, 170]] = 3
    assert windows.cut(pauses, size=100) == [(0, 55), (55, 155), (155, 255), (255, 300)]
    pauses[[55, 140]] = 0, 2
    assert windows.cut(pauses, size=100) == [(0, 90), (90, 170), (170, 270), (270, 300)]


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="size takes 1 or more pieces, got 0"):
        windows.cut(np.ones(3, dtype=np.int64), size=0)


def test_the_text_pauses_at_words_sentences_and_lines(tokenizer):
    text = "He won’t. “Go!” she said (twice.) At 3.5\nit fell"
    pieces = split(tokenizer, text)
    found = {
        text[start:end]: int(p)
        for start, end, p in zip(
            pieces.starts, pieces.ends, PieceReader(tokenizer).pauses(pieces), strict=True
        )
    }
    assert {found[word] for word in ("it",)} == {3}
    assert {found[word] for word in ("“", "she", "At")} == {2}
    assert {found[word] for word in ("won", "said", "(", "3")} == {1}
    assert {found[word] for word in ("’", "!", "”", ")", "5")} == {0}


@pytest.mark.parametrize(
    "tags", [ENTITY_TAGS, ROLE_TAGS, CONTENT_TAGS], ids=["entities", "roles", "contents"]
)
def test_tags_and_spans_are_each_others_inverse(tags):
    label = tags[1][2:]
    bounds = [(0, 1, label), (1, 4, label), (6, 8, label)]
    assert decode_spans(encode_spans(bounds, 9, tags), tags) == bounds


def test_the_best_path_obeys_the_scheme_and_is_the_best():
    rules = transitions(ENTITY_TAGS)
    random = np.random.default_rng(3)
    for length in (1, 2, 5, 40):
        scores = random.normal(size=(length, len(ENTITY_TAGS))).astype(np.float32)
        scores[:, 0] += random.choice([0, 8], size=length)
        path = best_path(scores, rules)
        step, first, last = rules
        assert first[path[0]] == 0
        assert last[path[-1]] == 0
        assert (step[path[:-1], path[1:]] == 0).all()


def test_a_tag_that_cannot_follow_gives_way():
    tags = ["O", "B-PERSON", "I-PERSON"]
    scores = np.array([[2, 1.5, 0], [0, 0, 3]], dtype=np.float32)
    # "O" then "I-" is not allowed: the sum of "B-" and "I-" beats what else is.
    assert best_path(scores, transitions(tags)).tolist() == [1, 2]


class EntitiesAlone:
    """A session of a model that was exported without its heads for attribution."""

    def __init__(self, session):
        self.session = session

    def run(self, names, inputs):
        tags, vector = self.session.run(names, inputs)
        return tags[..., : len(ENTITY_TAGS)], vector


def test_without_attribution_in_the_model_quotes_come_from_marks_and_rules(nlp, monkeypatch):
    encoder = nlp.get_pipe("encoder")
    whole = nlp(ARTICLE)
    monkeypatch.setattr(encoder, "session", EntitiesAlone(encoder.session))
    doc = nlp(ARTICLE)
    assert attribution_of(whole) is whole._.encoding
    assert attribution_of(doc) is None
    assert doc._.encoding.attribution.shape == (len(doc), 0)
    assert [ent.text for ent in doc.ents] == [ent.text for ent in whole.ents]
    assert [(q.start, q.end) for q in doc._.quotes] == [
        (q.start, q.end) for q in whole._.quotes if q.kind != "indirect"
    ]
