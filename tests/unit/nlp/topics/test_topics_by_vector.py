"""Topics by the encoder's vector alone, for languages other than English."""

from types import SimpleNamespace

import numpy as np
import pytest

from worker.languages import known_languages
from worker.nlp.pipeline import SHIPPED
from worker.nlp.topics.by_vector import TOPICS, UNCALIBRATED_THRESHOLD, VectorTopicTagger, trusted_topics
from worker.nlp.topics.labels import CODES


@pytest.fixture
def tagger() -> VectorTopicTagger:
    return VectorTopicTagger().from_disk(SHIPPED / "multilingual")


def small() -> VectorTopicTagger:
    """Two topics on vectors of three numbers; in French the second counts more."""
    return VectorTopicTagger().set(
        {
            "codes": np.array(["medtop:04000000", "medtop:15000000"]),
            "weights": np.array([[100, 0, 0], [0, 50, -50]], dtype=np.int16),
            "scale": np.array([0.1, 0.2]),
            "bias": np.array([-1.0, 0.5]),
            "languages": np.array(["fr"]),
            "slope": np.array([[1.0, 2.0]]),
            "shift": np.array([[0.0, 3.0]]),
        }
    )


def test_log_odds_are_the_weighted_vector_and_a_calibrated_language_has_its_own():
    vector = np.array([0.5, 0.25, 0.125], dtype=np.float32)
    plain = small().score(vector, "de")
    assert plain == pytest.approx([0.1 * 50 - 1, 0.2 * 6.25 + 0.5])
    assert small().score(vector, "fr") == pytest.approx([plain[0], 2 * plain[1] + 3])


def test_a_vector_that_differs_by_the_last_bit_has_the_same_score(tagger):
    vector = np.random.default_rng(1).normal(size=384).astype(np.float32)
    vector /= np.linalg.norm(vector)
    near = np.rint(vector * 2**14).astype(np.float32) / 2**14
    assert (tagger.score(near, "de") == tagger.score(np.nextafter(near, np.float32(1)), "de")).all()


def test_a_calibrated_language_has_the_threshold_of_english_and_others_a_higher_one(tagger):
    assert tagger.threshold("fr", calibrated=0.4) == tagger.threshold("sw", calibrated=0.4) == 0.4
    assert tagger.threshold("de", calibrated=0.4) == UNCALIBRATED_THRESHOLD > 0.4


def test_a_tagger_is_read_back_as_it_was_written(tagger, tmp_path):
    tagger.to_disk(tmp_path)
    again = VectorTopicTagger().from_disk(tmp_path)
    assert (tmp_path / TOPICS).read_bytes() == tagger.to_bytes() == again.to_bytes()
    assert again.labels == tagger.labels == CODES


def test_without_a_model_the_error_says_what_to_load():
    with pytest.raises(RuntimeError, match=r"worker\.nlp\.by_language"):
        VectorTopicTagger().score(np.zeros(384, dtype=np.float32), "de")


def test_vectors_far_from_any_give_confidences_all_the_same(tagger):
    for vector in (np.zeros(384), np.full(384, 1e3), np.full(384, -1e3)):
        doc = SimpleNamespace(lang_="sw", _=SimpleNamespace(encoding=SimpleNamespace(vector=vector)), cats={})
        assert all(0 <= confidence <= 1 for confidence in tagger(doc).cats.values())


def test_the_topics_that_come_out_are_known_and_so_are_their_languages():
    assert {language for language, _ in trusted_topics()} == set(known_languages()) - {"en"}
    assert {code for _, code in trusted_topics()} <= set(CODES)
