"""Whether an article tells of a story: a logistic regression in integers, made by `training.stories.fit`."""

from typing import NamedTuple

from worker.stories.vector import UNIT


class Likeness(NamedTuple):
    """How alike an article and a story are, each from 0 to UNIT: in terms, in their leads, in names."""

    terms: int
    lead: int
    entities: int


class Weights(NamedTuple):
    """What each likeness counts, in thousandths of a logit, and what is taken off.

    `join`: an article with more tells of the story. `merge`: two stories that one article fits are one if
    they are as alike as this.
    """

    terms: int
    lead: int
    entities: int
    bias: int
    join: int
    merge: int


ARTICLES = Weights(terms=6250, lead=3680, entities=3230, bias=-5080, join=-2000, merge=3500)
"""For articles with text."""
HEADLINES = Weights(terms=6992, lead=5158, entities=0, bias=-2816, join=-1500, merge=500)
"""For what is hardly more than a headline."""
HEADLINE_WORDS = 20
"""An article with fewer words is judged by HEADLINES."""
_SOFT = 2000


def evidence_of(likeness: Likeness, weights: Weights) -> int:
    """The evidence that an article tells of a story, in thousandths of a logit; above 0 it does."""
    found = (
        likeness.terms * weights.terms + likeness.lead * weights.lead + likeness.entities * weights.entities
    )
    return found // UNIT + weights.bias - weights.join


def score(evidence: int) -> int:
    """Evidence as a number from 0 to 1000: 500 where an article is as likely of the story as not."""
    return 500 + 500 * evidence // (_SOFT + abs(evidence))
