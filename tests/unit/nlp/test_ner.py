import numpy as np
import pytest

from worker.nlp.encoder import Encoding
from worker.nlp.ner import entity_bounds
from worker.nlp.pipeline import load
from worker.nlp.tags import ENTITY_LABELS, ENTITY_TAGS


@pytest.fixture(scope="module")
def nlp():
    return load()


def named(doc):
    return [(ent.text, ent.label_) for ent in doc.ents]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Prime Minister Siti Rahman arrived in Nairobi on Monday.", ("Siti Rahman", "PERSON")),
        ("Prime Minister Siti Rahman arrived in Nairobi on Monday.", ("Nairobi", "LOC")),
        ("The World Bank lent Ghana $200 million in 2019.", ("World Bank", "ORG")),
        ("The World Bank lent Ghana $200 million in 2019.", ("$200 million", "MONEY")),
        ("Japanese and Brazilian officials met in Geneva.", ("Japanese", "NORP")),
        ("Kenya’s economy grew, Central Bank of Kenya figures show.", ("Kenya", "LOC")),
        ("The law was passed in March 2021 in Lima.", ("March 2021", "DATE")),
    ],
)
def test_names_are_found_without_titles_and_possessives(nlp, text, expected):
    assert expected in named(nlp(text))


def test_a_common_noun_is_no_name(nlp):
    assert named(nlp("The committee will meet again when the rain stops.")) == []


def test_spans_slice_back_and_carry_known_labels(nlp):
    doc = nlp("NEW DELHI: Anil Kapoor-Rao of the Reserve Bank of India\nspoke to “Radio 4” – twice.")
    for ent in doc.ents:
        assert doc.text[ent.start_char : ent.end_char] == ent.text
        assert ent.text == ent.text.strip()
        assert ent.label_ in ENTITY_LABELS


def test_nothing_that_long_is_a_name(nlp):
    assert all(len(ent.text) <= 200 for ent in nlp("Ab " * 2_000).ents)


def test_tokens_that_share_a_piece_stay_together():
    scores = np.full((4, len(ENTITY_TAGS)), -9, dtype=np.float32)
    scores[:, 0] = 0
    scores[1:3, ENTITY_TAGS.index("S-ORG")] = 9
    nothing = np.zeros((4, 0), dtype=np.float32)
    encoding = Encoding(scores, nothing, nothing, nothing, np.array([0, 1, 1, 2]))
    assert list(entity_bounds(encoding)) == [(1, 3, "ORG")]


def test_white_space_inside_a_name_does_not_cut_it():
    scores = np.full((3, len(ENTITY_TAGS)), -9, dtype=np.float32)
    scores[:, 0] = 0
    scores[0, ENTITY_TAGS.index("B-LOC")] = 9
    scores[2, ENTITY_TAGS.index("E-LOC")] = 9
    nothing = np.zeros((3, 0), dtype=np.float32)
    assert list(entity_bounds(Encoding(scores, nothing, nothing, nothing, np.array([0, -1, 1])))) == [
        (0, 3, "LOC")
    ]
