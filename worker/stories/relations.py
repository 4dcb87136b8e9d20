"""What an article is to the one whose text it shares."""

from enum import StrEnum
from typing import NamedTuple

from worker.stories.fingerprints import Overlap
from worker.stories.index.copies import LEAST_SHARED


class Relation(StrEnum):
    """How an article's text stands to that of an earlier one, its source."""

    ORIGINAL = "original"
    """It shares no text that counts."""
    REPRINT = "reprint"
    """Most of either is in the other."""
    EXCERPT = "excerpt"
    """It is a part of its source."""
    EXTENDS = "extends"
    """Its source is a part of it."""
    QUOTES = "quotes"
    """They share a passage."""


COPIES = frozenset({Relation.REPRINT, Relation.EXCERPT, Relation.EXTENDS})
"""A copy tells of what its source tells of, so it belongs to the source's story."""
_MOST, _EDITED, _PASSAGE = 600, 300, 40
_LEAST_QUOTED = 4


class Copied(NamedTuple):
    """A relation, with the shares of either text that are in the other, in thousandths."""

    relation: Relation
    of_this: int
    of_that: int


def relation_of(overlap: Overlap) -> Copied:
    """What an article is to another, by what they share."""
    return Copied(_relation(overlap), overlap.of_this, overlap.of_that)


def _relation(overlap: Overlap) -> Relation:
    shared, this, that = overlap
    if shared < LEAST_SHARED or max(this, that) < _PASSAGE:
        return Relation.ORIGINAL
    if this >= _MOST and 4 * that < 3 * this:
        return Relation.EXCERPT
    if that >= _MOST and 4 * this < 3 * that:
        return Relation.EXTENDS
    if min(this, that) >= _EDITED:
        return Relation.REPRINT
    return Relation.QUOTES if shared >= _LEAST_QUOTED else Relation.ORIGINAL
