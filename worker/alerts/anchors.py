"""What a rule hangs on in the index: things of which an article that matches has one at least."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from operator import itemgetter

from worker.query.words import folded, words_of
from worker.records.rules import Condition, EntityCondition, PhraseCondition, SpeakerCondition, walk

IndexKey = tuple[str, str]
"""A kind of `facts.KEYS`, and a value of it."""

_ANY = ("any", "")
# How many of 1,000 articles have such a thing, roughly.
_COMMONNESS = {
    "id": 1, "name": 1, "speaker": 1, "speaker id": 1, "words": 1, "link": 20, "word": 20, "source": 30,
    "topic": 300, "type": 900, "language": 1000, "any": 100_000,
}  # fmt: skip


def anchors(condition: Condition, crowd: Callable[[IndexKey], int]) -> set[IndexKey]:
    """Of these, an article that matches has at least one; they are among `keys_of` the condition.

    Chosen are the rarest: of a rare kind, with few rules on them (`crowd`), since what many people ask for
    is in many articles.
    """
    return _rarest(condition, lambda key: _COMMONNESS[key[0]] * (1 + crowd(key)))[1]


def _rarest(condition: Condition, cost: Callable[[IndexKey], int]) -> tuple[int, set[IndexKey]]:
    """The keys with the lowest cost in all, and that."""
    if condition.all is not None:
        return min((_rarest(part, cost) for part in condition.all), key=itemgetter(0))
    if condition.any is not None:
        costs, keys = zip(*(_rarest(part, cost) for part in condition.any), strict=True)
        return sum(costs), set().union(*keys)
    key = min(_leaf_keys(condition), key=cost)
    return cost(key), {key}


def keys_of(condition: Condition) -> Iterator[IndexKey]:
    """All that a rule with this condition may hang on."""
    for _, part in walk(condition):
        yield from _leaf_keys(part)


def _leaf_keys(condition: Condition) -> Iterator[IndexKey]:
    """Each of these, an article that matches has. Of an `all` or `any` none: its parts have them."""
    if condition.entity is not None:
        yield from _entity_keys(condition.entity)
    elif condition.speaker is not None:
        yield from _speaker_keys(condition.speaker)
    elif condition.topic is not None:
        yield "topic", condition.topic.code
    elif condition.phrase is not None:
        yield from _phrase_keys(condition.phrase)
    elif condition.source is not None:
        yield "source", folded(condition.source)
    elif condition.language is not None:
        yield "language", condition.language.lower()
    elif condition.negated is not None:
        yield _ANY


def _entity_keys(entity: EntityCondition) -> Iterator[IndexKey]:
    if entity.id:
        yield "id", entity.id
    if entity.name:
        yield "name", folded(entity.name)
    for scheme, value in (entity.links or {}).items():
        yield "link", f"{scheme}:{value}"
    if entity.type:
        yield "type", entity.type


def _speaker_keys(speaker: SpeakerCondition) -> Iterator[IndexKey]:
    if speaker.id:
        yield "speaker id", speaker.id
    if speaker.name:
        yield "speaker", folded(speaker.name)


def _phrase_keys(phrase: PhraseCondition) -> Iterator[IndexKey]:
    words = words_of(phrase.text)
    if phrase.near is None and len(words) > 1:
        yield from (("words", f"{a} {b}") for a, b in pairwise(words))
    else:
        yield from (("word", word) for word in words)
