"""From scores to probabilities: Platt's sigmoid for all topics together, and an offset for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.nlp.topics.component import TopicTagger
from worker.nlp.topics.labels import CODES

OFFSET_RIDGE = 3.0
"""How many articles' worth of doubt holds a topic's offset back to 0: rare topics can't say much."""

UNSEEN_WEIGHT = 1.5
"""How much the unseen articles count together, where all the others count 1. In cross-validation over their
newspapers their log loss an article falls from 1.793 at 0 to 1.697 at 1, 1.691 at 1.5 and 1.685 at 5."""

SLOPE_RIDGE = 1e-6
"""Keeps slopes finite where scores part right from wrong entirely."""


@dataclass(frozen=True)
class Calibration:
    """Log odds = `slope` * score + `shift`; both float64 [topics]."""

    slope: np.ndarray
    shift: np.ndarray

    def __call__(self, score: np.ndarray) -> np.ndarray:
        """The confidence of scores [articles, topics]."""
        confidence: np.ndarray = 1 / (1 + np.exp(-(self.slope * score + self.shift)))
        return confidence


def calibrate(
    seen: np.ndarray, seen_topics: np.ndarray, unseen: np.ndarray, unseen_topics: np.ndarray
) -> Calibration:
    """One for [articles, topics] scores of two kinds of articles, of which UNSEEN weighs the second.

    `seen`: those that the encoder was trained on (and scores too surely, though the tagger was not), many.
    `unseen`: those that neither saw, few or none. The topics' offsets come from the many.
    """
    slope, shift = platt(seen, seen_topics, np.ones(len(seen)))
    offset = topic_offsets(slope * seen + shift, seen_topics)
    both = np.concatenate((seen, unseen))
    weights = np.repeat([1 / len(seen), UNSEEN_WEIGHT / max(1, len(unseen))], [len(seen), len(unseen)])
    again, more = platt(
        slope * both + shift + offset,
        np.concatenate((seen_topics, unseen_topics)),
        weights * len(both) / weights.sum(),
    )
    return Calibration(np.full(seen.shape[1], again * slope), again * (shift + offset) + more)


def calibrate_levels(
    seen: np.ndarray, seen_topics: np.ndarray, unseen: np.ndarray, unseen_topics: np.ndarray
) -> Calibration:
    """As `calibrate`, the top level and the narrower topics each for themselves."""
    unseen_topics = unseen_topics.reshape(unseen.shape)
    parts = [
        calibrate(seen[:, part], seen_topics[:, part], unseen[:, part], unseen_topics[:, part])
        for part in (slice(len(CODES)), slice(len(CODES), None))
        if seen_topics[:, part].any()
    ]
    return Calibration(
        np.concatenate([part.slope for part in parts]), np.concatenate([part.shift for part in parts])
    )


def platt(score: np.ndarray, topics: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and shift that make the log odds likeliest, by Newton's method; `weights` are the articles'."""
    inputs = np.stack((score.ravel(), np.ones(score.size)))
    weight = np.repeat(weights, score.shape[1])
    found = np.array([1.0, 0.0])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-(found @ inputs)))
        slope = inputs @ (weight * (topics.ravel() - expected)) - SLOPE_RIDGE * found
        curve = (inputs * (weight * expected * (1 - expected))) @ inputs.T + SLOPE_RIDGE * np.eye(2)
        found += np.linalg.solve(curve, slope)
    return float(found[0]), float(found[1])


def topic_offsets(odds: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """What to add to each topic's log odds so that it is expected as often as it is there (Newton)."""
    offset = np.zeros(odds.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-(odds + offset)))
        slope = (expected * (1 - expected)).sum(0) + OFFSET_RIDGE
        offset += ((topics - expected).sum(0) - OFFSET_RIDGE * offset) / slope
    return offset


def fold(tagger: TopicTagger, calibration: Calibration) -> TopicTagger:
    """The tagger with the calibration inside its arrays, so that its scores are log odds."""
    arrays = tagger.arrays
    slope = calibration.slope.astype(np.float32)
    return TopicTagger().set(
        {
            **arrays,
            "by_vector": arrays["by_vector"] * slope[:, None],
            "bias": arrays["bias"] * slope + calibration.shift.astype(np.float32),
            "piece_scale": arrays["piece_scale"] * slope,
        }
    )


def threshold(
    confidence: np.ndarray, right: np.ndarray, *, lowest: float, precision: float, tags: int
) -> float | None:
    """The lowest confidence above which one topic's tags are that precise; None where none has `tags` tags.

    `confidence` [articles], `right` bool [articles]. Steps of .05, from `lowest` on.
    """
    for least in np.arange(lowest, 0.96, 0.05).round(2):
        said = confidence >= least
        if said.sum() >= tags and right[said].mean() >= precision:
            return float(least)
    return None
