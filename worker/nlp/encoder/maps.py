"""Maps of the scores of tags by language, for languages whose texts annotate names in ways of their own.

A map is a matrix that `training.multilingual.maps` fitted: the scores of a token's tags become weighted sums
of them. All of it is in whole numbers, held as floats of 64 bits: sums of these are exact in any order, so
that every processor gives the same scores.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from worker.nlp.encoder.tags import ENTITY_TAGS

_SCORE_STEPS = 256
"""Scores are rounded to so many parts of one."""

_WEIGHT_STEPS = 4096
"""So many of a weight's steps make one."""

_MOST = 64
"""A score beyond this size is cut, so that all sums stay exact."""

_LIMIT = _MOST * _SCORE_STEPS * _WEIGHT_STEPS
"""The largest number of a map: a sum of its products with scores has fewer than a float's 53 bits."""


@dataclass(frozen=True, eq=False)
class ScoreMap:
    """`weights`: [tags, tags], from the row's score to the column's; `bias`: [tags]. Both whole numbers."""

    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def of(cls, weights: np.ndarray, bias: np.ndarray) -> ScoreMap:
        """The map nearest to `scores @ weights + bias`."""
        return cls(_whole(weights * _WEIGHT_STEPS), _whole(bias * _WEIGHT_STEPS * _SCORE_STEPS))

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """The scores after the map. Takes and gives float32 [tokens, tags]."""
        steps = np.rint(scores.clip(-_MOST, _MOST).astype(np.float64) * _SCORE_STEPS)
        mapped = (steps @ self.weights + self.bias) / (_WEIGHT_STEPS * _SCORE_STEPS)
        narrow: np.ndarray = mapped.astype(np.float32)
        return narrow


def _whole(numbers: np.ndarray) -> np.ndarray:
    whole: np.ndarray = np.rint(numbers.astype(np.float64))
    return whole


def read_maps(text: str, name: str) -> dict[str, ScoreMap]:
    """The maps of a file, by language as spaCy calls it. Raises ValueError if one is damaged.

    The error says the file's `name`.
    """
    try:
        return {
            language: _map_of(np.array(rows, dtype=np.float64)) for language, rows in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError) as error:
        size = len(ENTITY_TAGS)
        wanted = f"an object of languages, each with {size + 1} rows of {size} whole numbers up to {_LIMIT}"
        raise ValueError(f"{name} takes {wanted}: {error}") from error


def _map_of(table: np.ndarray) -> ScoreMap:
    if table.shape != (len(ENTITY_TAGS) + 1, len(ENTITY_TAGS)):
        raise ValueError(f"{' x '.join(map(str, table.shape))} numbers")
    if (table != np.rint(table)).any() or abs(table).max() > _LIMIT:
        raise ValueError("a number that is none of these")
    return ScoreMap(table[:-1], table[-1])


def written_maps(maps: Mapping[str, ScoreMap]) -> str:
    """The text of a file with these maps: by language rows of whole numbers, the bias last."""
    rows = {
        language: [[int(number) for number in row] for row in (*change.weights, change.bias)]
        for language, change in sorted(maps.items())
    }
    return json.dumps(rows, separators=(",", ":"))
