"""Whether a rule's condition holds for an article, and where the article says so."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Any

from worker.alerts.facts import Facts, Place
from worker.alerts.forms import NO_FORMS, Forms
from worker.alerts.work import Allowance
from worker.languages import language_of
from worker.query.stems import stems_of
from worker.records.rules import (
    Condition,
    EntityCondition,
    PhraseCondition,
    SpeakerCondition,
    StemCondition,
)

MAX_PLACES = 5
"""How many places of a condition an alert names."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A condition that holds: what satisfies it (an id, a code, a name), and where, at its first places."""

    condition: Condition
    found: str
    places: tuple[Place, ...]
    entity: str | None = None


def holds(condition: Condition, facts: Facts, allowance: Allowance, forms: Forms = NO_FORMS) -> bool:
    """Whether the condition holds for an article. Raises OverBudget where that takes too much work.

    `forms`: those of the condition's rule, so that none has to be made here.
    """
    allowance.left -= 1
    if condition.all is not None:
        return all(holds(part, facts, allowance, forms) for part in condition.all)
    if condition.any is not None:
        return any(holds(part, facts, allowance, forms) for part in condition.any)
    if condition.negated is not None:
        return not holds(condition.negated, facts, allowance, forms)
    if condition.entity is not None:
        return next(_entities(condition.entity, facts, allowance, forms), None) is not None
    if _asks_for_words(condition):
        return next(_words(condition, facts, allowance, forms), None) is not None
    if condition.speaker is not None:
        return next(_speaker(condition, condition.speaker, facts, allowance, forms), None) is not None
    return _fits(condition, facts, forms)


def why(
    condition: Condition, facts: Facts, allowance: Allowance, forms: Forms = NO_FORMS
) -> Iterator[Evidence]:
    """The evidence for a condition that holds, in the order of its parts. A `not` has no evidence.

    Raises OverBudget where that takes too much work.
    """
    if condition.negated is not None:
        return
    if condition.parts:
        for part in condition.parts:
            # All parts of an `all` hold, or it would not hold itself.
            if condition.all is not None or holds(part, facts, allowance, forms):
                yield from why(part, facts, allowance, forms)
    else:
        yield from _evidence(condition, facts, allowance, forms)


def _evidence(condition: Condition, facts: Facts, allowance: Allowance, forms: Forms) -> Iterator[Evidence]:
    if condition.entity is not None:
        for entity in _entities(condition.entity, facts, allowance, forms):
            places = _places(entity["mentions"], facts)
            yield Evidence(condition, entity["id"] or _linked(entity), places, entity["id"])
    elif condition.speaker is not None:
        yield from _speaker(condition, condition.speaker, facts, allowance, forms)
    elif _asks_for_words(condition):
        places = tuple(islice(_words(condition, facts, allowance, forms), MAX_PLACES))
        if places:
            yield Evidence(condition, facts.quote_of(places[0]), places)
    elif _fits(condition, facts, forms):
        yield Evidence(condition, _named(condition, facts), ())


def _fits(condition: Condition, facts: Facts, forms: Forms) -> bool:
    """Whether the article as a whole has the topic, source or language, or the story is like this."""
    if condition.story is not None:
        return facts.story is not None and facts.story.fits(condition.story)
    if condition.topic is not None:
        confidence = facts.topics.get(condition.topic.code)
        return confidence is not None and confidence >= condition.topic.min_confidence
    if condition.source is not None:
        return forms.name(condition.source) == facts.source
    return (condition.language or "").lower() in facts.languages


def _named(condition: Condition, facts: Facts) -> str:
    """The topic, source or language as the article has it, or how the story is."""
    if condition.story is not None:
        return "" if facts.story is None else facts.story.found(condition.story)
    if condition.topic is not None:
        return condition.topic.code
    return facts.article["source" if condition.source is not None else "language"] or ""


def _entities(
    wanted: EntityCondition, facts: Facts, allowance: Allowance, forms: Forms
) -> Iterator[Mapping[str, Any]]:
    entities = facts.entities if wanted.name is None else facts.names.get(forms.name(wanted.name), ())
    allowance.spend(len(entities))
    for entity in entities:
        if (
            (wanted.id is None or entity["id"] == wanted.id)
            and (wanted.type is None or entity["type"] == wanted.type)
            and entity["salience"] >= wanted.min_salience
            and all(entity["links"].get(scheme) == value for scheme, value in (wanted.links or {}).items())
        ):
            yield entity


def _speaker(
    condition: Condition, wanted: SpeakerCondition, facts: Facts, allowance: Allowance, forms: Forms
) -> Iterator[Evidence]:
    if wanted.name is None:
        quotes = facts.speaker_ids.get(wanted.id or "", [])
    else:
        quotes = facts.speakers.get(forms.name(wanted.name), [])
    allowance.spend(len(quotes))
    by_speaker: dict[str, list[Mapping[str, Any]]] = {}
    for quote in quotes:
        speaker = quote["speaker"]
        if wanted.id is None or speaker["entity"] == wanted.id:
            by_speaker.setdefault(speaker["entity"] or speaker["text"], []).append(quote)
    for name, said in by_speaker.items():
        yield Evidence(condition, name, _places(said, facts), said[0]["speaker"]["entity"])


def _linked(entity: Mapping[str, Any]) -> str:
    """The links of an entity that has no id: a country of a story."""
    return ", ".join(f"{scheme}:{value}" for scheme, value in entity["links"].items())


def _places(spans: Sequence[Mapping[str, Any]], facts: Facts) -> tuple[Place, ...]:
    """Where the first of these spans of the text stand. A story has no text."""
    if facts.story is not None:
        return ()
    return tuple(("text", span["start"], span["end"]) for span in spans[:MAX_PLACES])


def _asks_for_words(condition: Condition) -> bool:
    return bool(condition.phrase or condition.headline or condition.stem)


def _words(condition: Condition, facts: Facts, allowance: Allowance, forms: Forms) -> Iterator[Place]:
    """The places of a condition that asks for words."""
    if condition.phrase is not None:
        return _phrase(condition.phrase, facts, allowance, forms)
    if condition.stem is not None:
        return _stems(condition.stem, facts, allowance, forms)
    return _in_headline(condition.headline or "", facts, allowance, forms)


def _in_headline(wanted: str, facts: Facts, allowance: Allowance, forms: Forms) -> Iterator[Place]:
    words = forms.phrase(wanted)
    allowance.spend(len(words))
    for start, end in facts.words["headline"].phrase(words, allowance.spend):
        yield "headline", start, end


def _stems(wanted: StemCondition, facts: Facts, allowance: Allowance, forms: Forms) -> Iterator[Place]:
    words = forms.phrase(wanted.text)
    allowance.spend(len(words))
    stems = stems_of(words, language_of(facts.article["language"]))
    for where, text in facts.stems.items():
        if wanted.field in (None, where):
            for start, end in text.phrase(stems, allowance.spend):
                yield where, start, end


def _phrase(wanted: PhraseCondition, facts: Facts, allowance: Allowance, forms: Forms) -> Iterator[Place]:
    words = forms.phrase(wanted.text)
    allowance.spend(len(words))
    for where, text in facts.words.items():
        if wanted.near is not None:
            spans = text.near(words, wanted.near, allowance.spend)
        elif len(words) > 1 and not text.pairs.issuperset(f"{a} {b}" for a, b in pairwise(words)):
            continue
        else:
            spans = text.phrase(words, allowance.spend)
        for start, end in spans:
            yield where, start, end
