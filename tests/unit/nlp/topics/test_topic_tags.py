"""Topics of the shipped pipeline: confidences, thresholds, and the tagger's weights."""

import numpy as np
import pytest

from tests.shipped import shipped_pipeline
from worker.nlp.enrich import build_topic_tags
from worker.nlp.topics.component import TopicTagger, choose_topics, tf_idf
from worker.nlp.topics.labels import CODES
from worker.records.media_topics import broader


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "The striker scored twice as the home team won the cup final, and the coach praised his players.",
            "15",
        ),
        ("The central bank raised interest rates as inflation hit a ten-year high, and shares fell.", "04"),
        (
            "Doctors at the hospital said the vaccine protects children against measles and other diseases.",
            "07",
        ),
        ("The opposition party won the election and its leader will form a coalition government.", "11"),
        ("An earthquake destroyed hundreds of homes; rescuers search the rubble for survivors.", "03"),
    ],
)
def test_the_most_confident_topic_is_the_obvious_one(nlp, text, code):
    cats = nlp(text).cats
    assert max(cats, key=cats.__getitem__) == f"medtop:{code}000000"


def test_all_topics_have_a_confidence(nlp):
    cats = nlp("Rain.").cats
    assert tuple(cats)[: len(CODES)] == CODES
    assert tuple(cats) == nlp.get_pipe("topics").labels
    assert all(0 <= confidence <= 1 for confidence in cats.values())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The keeper saved two penalties as the club reached the semi-final of the league cup.", "20000822"),
        (
            "Police arrested two men after the robbery; they are charged with murder, a court heard.",
            "20000082",
        ),
        ("The foreign ministers met the ambassador and signed a treaty between both countries.", "20000638"),
    ],
)
def test_obvious_narrower_topics_are_published_with_the_broader_ones(nlp, text, code):
    topics = build_topic_tags(nlp, nlp(text))
    published = {topic.code: topic for topic in topics}
    narrow = published[f"medtop:{code}"]
    assert len(narrow.broader) == 1
    assert published[narrow.broader[0]].confidence >= narrow.confidence


@pytest.mark.parametrize(
    "text",
    ["", "Rain.", "The team won the election and the court fined the striker.", "\N{EURO SIGN} " * 500],
)
def test_no_narrower_topic_is_surer_than_the_one_above_it(nlp, text):
    cats = nlp(text).cats
    assert all(cats[code] <= cats[above] for code in cats for above in broader(code))


def test_every_narrower_topic_has_a_threshold_of_its_own(nlp):
    assert set(nlp.meta["topic_thresholds"]) == set(nlp.get_pipe("topics").labels) - set(CODES)


def test_the_headline_counts(nlp):
    plain = nlp("It was a long evening for everybody.")
    doc = nlp.make_doc("It was a long evening for everybody.")
    doc.user_data["headline"] = "Football: last-minute goal decides the league"
    assert nlp(doc).cats["medtop:15000000"] > plain.cats["medtop:15000000"]


def test_chosen_topics_come_most_confident_first_and_ties_in_the_codes_order():
    cats = {"medtop:02000000": 0.5, "medtop:01000000": 0.5, "medtop:03000000": 0.9, "medtop:04000000": 0.2}
    assert choose_topics(cats, threshold=0.5) == [
        ("medtop:03000000", 0.9),
        ("medtop:01000000", 0.5),
        ("medtop:02000000", 0.5),
    ]


def test_a_topic_s_own_threshold_comes_before_the_common_one():
    cats = {"medtop:02000000": 0.5, "medtop:20000082": 0.6, "medtop:20000106": 0.4}
    own = {"medtop:20000082": 0.7, "medtop:20000106": 0.3}
    assert choose_topics(cats, threshold=0.45, thresholds=own) == [
        ("medtop:02000000", 0.5),
        ("medtop:20000106", 0.4),
    ]


def test_a_tagger_survives_its_bytes(nlp):
    tagger = nlp.get_pipe("topics")
    again = TopicTagger().from_bytes(tagger.to_bytes())
    vector, pieces = np.ones(384, dtype=np.float32) / np.sqrt(384), np.array([2000, 3000, 3000])
    assert again.labels == tagger.labels
    assert again.score(vector, pieces).tolist() == tagger.score(vector, pieces).tolist()


def test_weights_of_pieces_have_length_one_and_common_pieces_none():
    found, weights = tf_idf(np.array([5, 7, 5, 2]), np.array([0, 0, 0, 0, 0, 1, 0, 2], dtype=np.float32))
    assert found.tolist() == [2, 5, 7]
    assert weights[0] == 0
    assert np.isclose((weights**2).sum(), 1)


def test_no_known_piece_has_no_weight():
    assert tf_idf(np.array([], dtype=np.int64), np.ones(3, dtype=np.float32))[1].tolist() == []
    assert tf_idf(np.array([1]), np.zeros(3, dtype=np.float32))[1].tolist() == [0]


def test_a_component_without_a_model_says_so():
    with pytest.raises(RuntimeError, match="no model yet"):
        TopicTagger().score(np.zeros(384), np.array([1]))
