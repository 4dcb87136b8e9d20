"""Calibrate topic scores to probabilities: one Platt sigmoid for all topics, and an offset for each topic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from worker.nlp.topics.component import TopicTagger
from worker.nlp.topics.labels import CODES

OFFSET_RIDGE = 3.0
"""Ridge penalty on a topic's offset, in articles: the offset of a rare topic stays near 0."""

UNSEEN_WEIGHT = 1.5
"""The weight of all unseen articles together, where all seen articles together have 1. In cross-validation
over their newspapers, the unseen articles' log loss per article is 1.793 at 0, 1.697 at 1, 1.691 at 1.5 and
1.685 at 5."""

SLOPE_RIDGE = 1e-6
"""Ridge penalty on Platt's slope and shift: keeps them finite where scores separate right from wrong."""


@dataclass(frozen=True)
class Calibration:
    """Log odds = `slope` * score + `shift`; both float64 [topics]."""

    slope: np.ndarray
    shift: np.ndarray

    def __call__(self, score: np.ndarray) -> np.ndarray:
        """The probabilities of scores, both [articles, topics]."""
        confidence: np.ndarray = 1 / (1 + np.exp(-(self.slope * score + self.shift)))
        return confidence


def calibrate(
    seen: np.ndarray, seen_topics: np.ndarray, unseen: np.ndarray, unseen_topics: np.ndarray
) -> Calibration:
    """Fit slope and offsets on scores [articles, topics] of two groups of articles.

    `seen`: many articles that the encoder was trained on, but not the tagger that scored them. Their scores
    are too confident. `unseen`: few articles or none, that neither was trained on; UNSEEN_WEIGHT is their
    weight. The topics' offsets are fitted on `seen` alone, the sigmoid on both.
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
    """`calibrate` for the top-level topics and for the narrower ones separately."""
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
    """The slope and shift of maximum likelihood, by Newton's method. `weights`: float [articles]."""
    inputs = np.stack((score.ravel(), np.ones(score.size)))
    weight = np.repeat(weights, score.shape[1])
    fitted = np.array([1.0, 0.0])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-(fitted @ inputs)))
        gradient = inputs @ (weight * (topics.ravel() - expected)) - SLOPE_RIDGE * fitted
        curvature = (inputs * (weight * expected * (1 - expected))) @ inputs.T + SLOPE_RIDGE * np.eye(2)
        fitted += np.linalg.solve(curvature, gradient)
    return float(fitted[0]), float(fitted[1])


def topic_offsets(odds: np.ndarray, topics: np.ndarray) -> np.ndarray:
    """What to add to each topic's log odds so that it is expected as often as it occurs (Newton's method)."""
    offset = np.zeros(odds.shape[1])
    for _ in range(50):
        expected = 1 / (1 + np.exp(-(odds + offset)))
        curvature = (expected * (1 - expected)).sum(0) + OFFSET_RIDGE
        offset += ((topics - expected).sum(0) - OFFSET_RIDGE * offset) / curvature
    return offset


def fold(tagger: TopicTagger, calibration: Calibration) -> TopicTagger:
    """The tagger with the calibration multiplied into its arrays: its scores are calibrated log odds."""
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
    """The lowest threshold at which a topic has this precision and `tags` tags or more; None without any.

    `confidence`: float [articles], `right`: bool [articles]. Tried are steps of 0.05 from `lowest` on.
    """
    for candidate in np.arange(lowest, 0.96, 0.05).round(2):
        tagged = confidence >= candidate
        if tagged.sum() >= tags and right[tagged].mean() >= precision:
            return float(candidate)
    return None
