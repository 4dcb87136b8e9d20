"""Quotes of the project's own, altered as retelling alters them, against the floors of quote lineage."""

from itertools import groupby

import pytest

from bench.quotes import score as scoring
from bench.quotes.score import score_speakers
from bench.quotes.seeds import own_speakers

PRECISION, RECALL, NAMING = 0.95, 0.8, 0.95
SPEAKERS = own_speakers()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_utterance_is_told_from_others_and_what_was_altered_is_named(seed):
    score = score_speakers(SPEAKERS, seed=seed)
    assert score.due > 1_000
    assert score.precision >= PRECISION
    assert score.recall >= RECALL
    assert score.naming >= NAMING


def by_language():
    ordered = sorted(SPEAKERS, key=lambda speaker: speaker.language)
    return {code: list(some) for code, some in groupby(ordered, key=lambda speaker: speaker.language)}


@pytest.mark.parametrize("language", by_language())
def test_each_script_has_its_words(language):
    score = score_speakers(by_language()[language])
    for how, count in score.told.items():
        assert score.known[how] >= RECALL * count, how
    assert score.taken.total() <= (1 - PRECISION) * score.others.total()
    assert score.naming >= 0.9


def all_in_one(utterances, quotes, teller):
    """Takes every quote for the same utterance."""
    if not utterances:
        utterances.append([[[None, None, None, None, [], []]], []])
    utterances[0][0][0][4].append([teller.article])


@pytest.mark.parametrize(
    ("noted", "precision", "recall"),
    [(lambda utterances, quotes, teller: None, 0.0, 0.0), (all_in_one, 0.5, 1.0)],
)
def test_the_score_falls_where_nothing_is_found_or_everything(monkeypatch, noted, precision, recall):
    assert score_speakers(SPEAKERS[:2]).precision > 0.95
    monkeypatch.setattr(scoring, "note_quotes", noted)
    score = score_speakers(SPEAKERS[:2])
    assert score.precision <= precision
    assert score.recall == recall
