import json
from pathlib import Path

import numpy as np
import pytest

import training
from training.topics.calibration import calibrate, calibrate_levels, fold, threshold
from training.topics.report import interval, second_level, top_level
from worker.nlp.topics.component import TopicTagger
from worker.nlp.topics.labels import CODES
from worker.records.media_topics import broader, media_topics

LABELS = Path(training.__file__).parent / "topics" / "second_level.jsonl"


@pytest.fixture
def scored():
    """Scores [4000, 3] and what is so; log odds are 2 * score - 1, and 1 less for the last topic."""
    chance = np.random.default_rng(0)
    scores = chance.normal(size=(4000, 3))
    odds = 2 * scores - 1 - np.array([0, 0, 1])
    return scores, chance.random(scores.shape) < 1 / (1 + np.exp(-odds))


def test_confidence_becomes_the_share_that_is_right(scored):
    scores, topics = scored
    confidence = calibrate(scores, topics, scores[:0], topics[:0])(scores)
    for low in (0.1, 0.3, 0.5, 0.7, 0.9):
        here = (confidence >= low) & (confidence < low + 0.1)
        assert abs(confidence[here].mean() - topics[here].mean()) < 0.05


def test_a_rarer_topic_gets_a_lower_offset(scored):
    found = calibrate(*scored, *(part[:0] for part in scored))
    assert np.allclose(found.slope, 2, atol=0.2)
    assert np.allclose(found.shift, [-1, -1, -2], atol=0.2)


def test_few_unseen_articles_count_beside_many_seen_ones(scored):
    scores, topics = scored
    chance = np.random.default_rng(1)
    unseen = scores[:200]
    nothing_known = chance.random(unseen.shape) < 0.3
    alone = calibrate(scores, topics, unseen[:0], nothing_known[:0])
    both = calibrate(scores, topics, unseen, nothing_known)
    assert 0 < both.slope[0] < 0.75 * alone.slope[0]


def test_scores_that_part_right_from_wrong_give_finite_slopes():
    scores = np.array([[-1.0], [1.0]])
    found = calibrate(scores, scores > 0, scores[:0], scores[:0] > 0)
    assert np.isfinite(found.slope).all()
    assert found(scores)[0] < 0.1 < 0.9 < found(scores)[1]


def test_levels_are_calibrated_apart():
    chance = np.random.default_rng(2)
    scores = chance.normal(size=(2000, 18))
    slopes = np.array([1.0] * 17 + [3.0])
    topics = chance.random(scores.shape) < 1 / (1 + np.exp(-slopes * scores))
    found = calibrate_levels(scores, topics, scores[:0], topics[:0])
    assert np.allclose(found.slope, slopes, atol=0.5)


def test_a_folded_tagger_scores_the_calibrated_log_odds():
    chance = np.random.default_rng(3)
    plain = TopicTagger().set(
        {
            "codes": np.array(CODES),
            "by_vector": chance.normal(size=(17, 384)).astype(np.float32),
            "bias": chance.normal(size=17).astype(np.float32),
            "by_piece": chance.integers(-127, 128, (50, 17)).astype(np.int8),
            "piece_scale": np.full(17, 0.01, dtype=np.float32),
            "rarity": np.ones(50, dtype=np.float32),
        }
    )
    scores = chance.normal(size=(100, 17))
    calibration = calibrate(scores, chance.random(scores.shape) < 0.2, scores[:0], scores[:0] > 0)
    vector, pieces = np.full(384, 384**-0.5), np.array([3, 7, 7])
    expected = calibration.slope * plain.score(vector, pieces) + calibration.shift
    assert np.allclose(fold(plain, calibration).score(vector, pieces), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("confidence", "right", "expected"),
    [
        ([0.2, 0.4, 0.6, 0.8], [0, 0, 1, 1], 0.45),
        ([0.2, 0.4, 0.6, 0.8], [1, 1, 1, 1], 0.4),
        ([0.2, 0.4, 0.6, 0.8], [1, 1, 1, 0], None),
        ([0.2, 0.2, 0.2, 0.8], [0, 0, 0, 1], None),
    ],
)
def test_the_threshold_is_the_lowest_that_is_precise_on_enough_tags(confidence, right, expected):
    assert (
        threshold(np.array(confidence), np.array(right, bool), lowest=0.4, precision=0.9, tags=2) == expected
    )


@pytest.mark.parametrize(
    ("right", "said", "expected"), [(8, 10, (49.0, 94.3)), (80, 100, (71.1, 86.7)), (0, 0, (0.0, 100.0))]
)
def test_wilson_intervals_are_those_of_the_tables(right, said, expected):
    assert interval(right, said) == pytest.approx(expected, abs=0.1)


def test_the_report_counts_what_is_published():
    confidence = np.zeros((2, 18))
    topics = np.zeros((2, 18), bool)
    confidence[0, [0, 1, 17]] = 0.95, 0.5, 0.7
    topics[0, [0, 17]] = topics[1, 2] = True
    table = top_level(confidence, topics, 0.4)
    assert (table["precision"], table["recall"], table["f1"]) == (50.0, 50.0, 50.0)
    assert table["sure"]["precision"] == 100.0
    assert sum(row["tags"] for row in table["reliability"]) == 34
    narrower = second_level((*CODES, "medtop:20000082"), {"medtop:20000082": 0.7}, confidence, topics)
    assert narrower["by_topic"]["medtop:20000082"] == {"right": 1, "said": 1, "there": 1}


def test_the_hand_made_labels_are_second_level_topics_in_force():
    with LABELS.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len({row["id"] for row in rows}) == len(rows) >= 150
    for row in rows:
        assert set(row) == {"id", "topics"}
        for code in row["topics"]:
            assert code in media_topics()
            assert len(broader(code)) == 1
