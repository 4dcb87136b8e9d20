"""Scores of topics for `topics.json`, in percent and counts."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

_SURE = 0.9
BINS = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)


def top_level(confidence: np.ndarray, topics: np.ndarray, threshold: float) -> dict[str, Any]:
    """Scores of the 17 top-level topics, which are the first columns.

    Precision, recall and F1 of all tags from `threshold` on, `sure`: those of confident tags,
    `first_is_right`: the share of articles whose most confident topic is right. `reliability`: for each bin
    of confidence how many tags there are, their mean confidence (`said`) and the share that is right.
    """
    confidence, topics = confidence[:, :17], topics[:, :17]
    sure = confidence >= _SURE
    return {
        **rates(confidence >= threshold, topics),
        "first_is_right": _percent(topics[np.arange(len(topics)), confidence.argmax(1)].sum(), len(topics)),
        "sure": rates(sure, topics),
        "reliability": [
            {"tags": int(here.sum()), "said": _percent(confidence[here].sum(), here.sum()),
             "right": _percent(topics[here].sum(), here.sum())}
            for low, high in pairwise(BINS)
            for here in [(confidence >= low) & (confidence < high)]
        ],
    }  # fmt: skip


def rates(said: np.ndarray, topics: np.ndarray) -> dict[str, float]:
    """Precision, recall and F1 of tags, micro-averaged. Both bool [articles, topics]."""
    right = (said & topics).sum()
    return {
        "precision": _percent(right, said.sum()),
        "recall": _percent(right, topics.sum()),
        "f1": _percent(2 * right, said.sum() + topics.sum()),
    }


def second_level(
    codes: tuple[str, ...], thresholds: dict[str, float], confidence: np.ndarray, topics: np.ndarray
) -> dict[str, Any]:
    """Counts of all and of right tags for each published narrower topic, and the totals with an interval."""
    table = {}
    for code, least in thresholds.items():
        column = codes.index(code)
        tagged = confidence[:, column] >= least
        table[code] = {
            "right": int((tagged & topics[:, column]).sum()),
            "said": int(tagged.sum()),
            "there": int(topics[:, column].sum()),
        }
    right, said = (sum(row[name] for row in table.values()) for name in ("right", "said"))
    return {
        "right": right, "said": said, "precision": _percent(right, said), "interval": interval(right, said),
        "by_topic": table,
    }  # fmt: skip


def _percent(part: float, whole: float) -> float:
    return round(100 * float(part) / max(1.0, float(whole)), 1)


def interval(right: int, said: int) -> tuple[float, float]:
    """Wilson's 95 % interval of the share of right tags, in percent."""
    if not said:
        return 0.0, 100.0
    share, z2 = right / said, 1.96**2
    middle = share + z2 / (2 * said)
    spread = 1.96 * np.sqrt(share * (1 - share) / said + z2 / (4 * said**2))
    low, high = (round(100 * float((middle + sign * spread) / (1 + z2 / said)), 1) for sign in (-1, 1))
    return low, high
