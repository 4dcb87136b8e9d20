"""Anchors: the keys under which the index files a rule. Every article that it matches has one of them."""

from collections.abc import Callable, Iterator
from itertools import chain, pairwise
from operator import itemgetter

from worker.alerts.forms import NO_FORMS, Forms
from worker.query.stems import stems_in_any_language
from worker.records.rules import (
    Condition,
    EntityCondition,
    PhraseCondition,
    SpeakerCondition,
    StemCondition,
    walk,
)

IndexKey = tuple[str, str]
"""A kind of thing that an article has (`facts.KEYS`), and a value of that kind."""

_ANY = ("any", "")
_NEW = ("story", "new")
# Roughly how many of 1,000 articles have a given key of this kind.
_COMMONNESS = {
    "id": 1, "name": 1, "speaker": 1, "speaker id": 1, "words": 1, "stem": 5, "link": 20, "word": 20,
    "headline": 10, "source": 30, "story": 100, "topic": 300, "type": 900, "language": 1000, "any": 100_000,
}  # fmt: skip


def anchors(
    condition: Condition, rules_at: Callable[[IndexKey], int], forms: Forms = NO_FORMS
) -> set[IndexKey]:
    """Keys of which every matching article has at least one; all are among `keys_of` the condition.

    The rarest keys are chosen: those of a rare kind that have few rules so far (`rules_at`), because a key
    that many rules ask for is in many articles.
    """
    return _rarest(condition, lambda key: _COMMONNESS[key[0]] * (1 + rules_at(key)), forms)[1]


def _rarest(condition: Condition, cost: Callable[[IndexKey], int], forms: Forms) -> tuple[int, set[IndexKey]]:
    """The lowest total cost, and the keys that have it."""
    if condition.all is not None:
        return min((_rarest(part, cost, forms) for part in condition.all), key=itemgetter(0))
    if condition.any is not None:
        costs, keys = zip(*(_rarest(part, cost, forms) for part in condition.any), strict=True)
        return sum(costs), set().union(*keys)
    if condition.stem is not None:
        stems = _stem_keys(condition.stem, forms)
        return min(((sum(map(cost, keys)), keys) for keys in stems), key=itemgetter(0))
    key = min(_leaf_keys(condition, forms), key=cost)
    return cost(key), {key}


def keys_of(condition: Condition, forms: Forms = NO_FORMS) -> Iterator[IndexKey]:
    """All keys under which a rule with this condition may be indexed."""
    for _, part in walk(condition):
        if part.stem is not None:
            yield from chain.from_iterable(_stem_keys(part.stem, forms))
        else:
            yield from _leaf_keys(part, forms)


def _leaf_keys(condition: Condition, forms: Forms) -> Iterator[IndexKey]:
    """Keys that every matching article has, all of them.

    None for `all` and `any`, whose parts have keys, and for `stem`, of whose keys it has some.
    """
    if condition.entity is not None:
        yield from _entity_keys(condition.entity, forms)
    elif condition.speaker is not None:
        yield from _speaker_keys(condition.speaker, forms)
    elif condition.topic is not None:
        yield "topic", condition.topic.code
    elif condition.phrase is not None:
        yield from _phrase_keys(condition.phrase, forms)
    elif condition.source is not None:
        yield "source", forms.name(condition.source)
    elif condition.language is not None:
        yield "language", condition.language.lower()
    elif condition.headline is not None:
        yield from (("headline", word) for word in forms.phrase(condition.headline))
    elif condition.story is not None and condition.story.new:
        yield _NEW
    elif condition.story is not None or condition.negated is not None:
        yield _ANY


def _entity_keys(entity: EntityCondition, forms: Forms) -> Iterator[IndexKey]:
    if entity.id:
        yield "id", entity.id
    if entity.name:
        yield "name", forms.name(entity.name)
    for scheme, value in (entity.links or {}).items():
        yield "link", f"{scheme}:{value}"
    if entity.type:
        yield "type", entity.type


def _speaker_keys(speaker: SpeakerCondition, forms: Forms) -> Iterator[IndexKey]:
    if speaker.id:
        yield "speaker id", speaker.id
    if speaker.name:
        yield "speaker", forms.name(speaker.name)


def _stem_keys(stem: StemCondition, forms: Forms) -> Iterator[set[IndexKey]]:
    """For each word its stems in all languages: every matching article has one of each word's."""
    for word in forms.phrase(stem.text):
        yield {("stem", one) for one in stems_in_any_language(word)}


def _phrase_keys(phrase: PhraseCondition, forms: Forms) -> Iterator[IndexKey]:
    words = forms.phrase(phrase.text)
    if phrase.near is None and len(words) > 1:
        yield from (("words", f"{a} {b}") for a, b in pairwise(words))
    else:
        yield from (("word", word) for word in words)
