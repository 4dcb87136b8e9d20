"""Names in the shipped pipeline, and the decoding of the encoder's scores into entities."""

import numpy as np
import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from tests.shipped import shipped_pipeline
from worker.nlp.encoder.encoding import Encoding
from worker.nlp.encoder.tags import ENTITY_LABELS, ENTITY_TAGS
from worker.nlp.entities.component import entity_bounds


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


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


def marked(words, heads, tags):
    """A document whose encoder is sure of one tag for each token."""
    doc = Doc(Vocab(), words=words)
    scores = np.full((len(words), len(ENTITY_TAGS)), -9, dtype=np.float32)
    for row, tag in zip(scores, tags, strict=True):
        row[ENTITY_TAGS.index(tag)] = 9
    nothing = np.zeros(0, dtype=np.float32)
    doc._.encoding = Encoding(scores, nothing, nothing, nothing, np.array(heads))
    return doc


def test_of_tokens_that_share_a_piece_the_first_is_judged():
    doc = marked(["the", "1970", "s", "ended"], [0, 1, 1, 2], ["O", "S-DATE", "S-DATE", "O"])
    assert list(entity_bounds(doc)) == [(1, 2, "DATE")]


def test_white_space_inside_a_name_does_not_cut_it():
    doc = marked(["Addis", "\n", "Ababa"], [0, -1, 1], ["B-LOC", "O", "E-LOC"])
    assert list(entity_bounds(doc)) == [(0, 3, "LOC")]


def test_mentions_of_one_name_agree_on_its_label():
    words = ["Zanaco", "won", ".", "Zanaco", "lost", ".", "Zanaco", "drew"]
    doc = marked(words, range(8), ["S-ORG", "O", "O", "S-LOC", "O", "O", "S-ORG", "O"])
    assert {label for _, _, label in entity_bounds(doc)} == {"ORG"}


def test_a_surname_is_a_person_where_the_full_name_is():
    words = ["Ruth", "Banda", "spoke", ".", "Banda", "left"]
    doc = marked(words, range(6), ["B-PERSON", "E-PERSON", "O", "O", "S-ORG", "O"])
    doc._.encoding.entities[4, ENTITY_TAGS.index("S-PERSON")] = 8
    assert [label for _, _, label in entity_bounds(doc)] == ["PERSON", "PERSON"]
