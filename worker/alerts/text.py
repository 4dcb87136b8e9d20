"""Conditions of rules as text that people type, and back: `entity:NATO[type=ORG] AND topic:conflict`."""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import lru_cache, partial
from types import MappingProxyType
from typing import Any, TypedDict

from pydantic import ValidationError

from worker.query.codes import SCHEMES, entity_id, entity_type, language_code, link, link_value
from worker.query.language import COUNTED, AllOf, AnyOf, Not, Query, QueryError, Term, parse, terms, unparse
from worker.records.media_topics import media_topic_name, topic_meant, topics_called
from worker.records.rule_problems import describe_problem
from worker.records.rule_size import MAX_CONDITION_DEPTH, MAX_CONDITIONS
from worker.records.rules import (
    Condition,
    EntityCondition,
    GrowthCondition,
    PhraseCondition,
    SpeakerCondition,
    StemCondition,
    StoryCondition,
    TopicCondition,
    asks_about_stories,
    not_of_stories,
    walk,
)

# The field is called `not` in JSON, which Python does not take as a keyword argument.
_Negation = TypedDict("_Negation", {"not": Condition})


def condition_from_text(text: str) -> Condition:
    """The condition that a text stands for. Raises QueryError with the position of the error."""
    query = parse(text)
    condition = _condition(query, text)
    if asks_about_stories(condition):
        _check_stories(query, text)
    found = list(walk(condition))
    if len(found) > MAX_CONDITIONS or max(depth for depth, _ in found) > MAX_CONDITION_DEPTH:
        what = f"a rule takes {MAX_CONDITIONS} conditions, {MAX_CONDITION_DEPTH} deep"
        raise QueryError(what, 0, text, end=len(text.rstrip()))
    return condition


def condition_to_text(condition: Condition) -> str:
    """The text of a condition; `condition_from_text` makes an equivalent condition of it."""
    return unparse(_query(condition))


def _check_stories(query: Query, text: str) -> None:
    """Raises QueryError at the first term that can't stand beside one about stories."""
    for term in terms(query):
        if reason := not_of_stories(_leaf(term, text)):
            raise term.error(f"a rule about stories: {reason}", text)


def _condition(query: Query, text: str) -> Condition:
    match query:
        case Not(part):
            return Condition(**_Negation({"not": _condition(part, text)}))
        case AllOf(parts):
            return Condition(all=tuple(_condition(part, text) for part in parts))
        case AnyOf(parts):
            return Condition(any=tuple(_condition(part, text) for part in parts))
        case Term():
            return _leaf(query, text)


def _leaf(term: Term, text: str) -> Condition:
    read = _READERS.get(term.field)
    if read is None:
        fields = ", ".join(sorted(field for field in _READERS if field))
        what = f"no field is called {term.field!r}: there are {fields}"
        raise QueryError(what, term.position, text, end=term.position + len(term.field))
    try:
        _check_sign(term)
        return read(term)
    except QueryError as error:
        raise error.within(text) from None
    except ValidationError as error:
        what = f"{term.field}{term.sign}" if term.field else "a phrase"
        raise term.error(f"{what} {describe_problem(error.errors()[0])}", text) from None
    except ValueError as error:
        raise term.error(f"{term.field}: {error}", text) from None


def _check_sign(term: Term) -> None:
    """Raises QueryError where a number stands behind another sign than `>=`."""
    if term.field in COUNTED and term.sign != ">=":
        said = f"{term.field} takes >= and a number, as in {_COUNTED_EXAMPLES[term.field]}"
        raise term.error(f"{said}, got {term.sign}{term.value}")


def _entity(term: Term, **said: object) -> Condition:
    options = _options(term, *_ENTITY_OPTIONS, said=said)
    links = {option: options.pop(option) for option in list(options) if option in SCHEMES}
    if "salience" in options:
        options["min_salience"] = options.pop("salience")
    return Condition(entity=EntityCondition(**options, links=links or None))


def _link(term: Term) -> Condition:
    scheme, value = link(term.value)
    return _entity(term, **{scheme: value})


def _speaker(term: Term) -> Condition:
    said = _options(term, "id", said={"name": term.value})
    return Condition(speaker=SpeakerCondition(**said))


def _speaker_id(term: Term) -> Condition:
    _options(term)
    return Condition(speaker=SpeakerCondition(id=entity_id(term.value)))


def _topic(term: Term) -> Condition:
    code = topic_meant(term.value).code
    floor = _options(term, "confidence").get("confidence", 0.0)
    return Condition(topic=TopicCondition(code=code, min_confidence=floor))


def _phrase(term: Term) -> Condition:
    return Condition(phrase=PhraseCondition(text=term.value, near=term.near))


def _source(term: Term) -> Condition:
    _options(term)
    return Condition(source=term.value)


def _language(term: Term) -> Condition:
    _options(term)
    return Condition(language=language_code(term.value))


def _headline(term: Term) -> Condition:
    _options(term)
    return Condition(headline=term.value)


def _stem(term: Term) -> Condition:
    return Condition(stem=StemCondition(**_options(term, "field", said={"text": term.value})))


def _story(term: Term) -> Condition:
    _options(term)
    if term.value.lower() != "new":
        raise ValueError(f"takes new, got {term.value!r}: only `dateline search` takes a story's id")
    return Condition(story=StoryCondition(new=True))


def _number(term: Term) -> int:
    _options(term)
    if not re.fullmatch(r"[0-9]{1,9}", term.value):
        what = f"takes a whole number, as in {_COUNTED_EXAMPLES[term.field]}, got {term.value!r}"
        raise term.error(f"{term.field}>= {what}")
    return int(term.value)


def _sources(term: Term) -> Condition:
    return Condition(story=StoryCondition(min_sources=_number(term)))


def _reprints(term: Term) -> Condition:
    return Condition(story=StoryCondition(min_reprints=_number(term)))


def _growth(term: Term) -> Condition:
    _options(term)
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{0,9})h", term.value)
    if found is None:
        takes = f"takes articles and hours from 1h to 24h, as in {_COUNTED_EXAMPLES['growth']}"
        raise term.error(f"growth>= {takes}, got {term.value!r}")
    grown = GrowthCondition(articles=int(found[1]), hours=int(found[2] or 1))
    return Condition(story=StoryCondition(min_growth=grown))


_COUNTED_EXAMPLES = {"sources": "sources>=3", "reprints": "reprints>=5", "growth": "growth>=10/1h"}
_READERS: dict[str, Callable[[Term], Condition]] = {
    "": _phrase,
    "entity": lambda term: _entity(term, name=term.value),
    "id": lambda term: _entity(term, id=entity_id(term.value)),
    "type": lambda term: _entity(term, type=entity_type(term.value)),
    "link": _link,
    "speaker": _speaker,
    "speaker_id": _speaker_id,
    "topic": _topic,
    "source": _source,
    "language": _language,
    "lang": _language,
    "headline": _headline,
    "stem": _stem,
    "story": _story,
    "sources": _sources,
    "reprints": _reprints,
    "growth": _growth,
}


def _share(value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"takes a number from 0 to 1, got {value!r}")
    return share


def _field(value: str) -> str:
    if value.lower() != "headline":
        raise ValueError(f"takes headline, got {value!r}")
    return "headline"


_LEVELS = ("confidence", "salience")
_ENTITY_OPTIONS = ("name", "id", "type", "salience", *SCHEMES)
# Values are checked here for errors with a position; the condition checks their types again.
_VALUES: dict[str, Callable[[str], Any]] = {
    "name": str,
    "id": entity_id,
    "type": entity_type,
    "field": _field,
    **dict.fromkeys(_LEVELS, _share),
    **{scheme: partial(link_value, scheme) for scheme in SCHEMES},
}


def _options(term: Term, *taken: str, said: Mapping[str, Any] = MappingProxyType({})) -> dict[str, Any]:
    """The values of the options, and those that the term itself gives (`said`). Raises QueryError."""
    found = dict(said)
    spans = zip(term.option_positions, term.option_ends, strict=True)
    for (option, sign, value), (position, end) in zip(term.options, spans, strict=True):
        try:
            found[option] = _option(term.field, taken, found, option, sign, value)
        except ValueError as error:
            raise QueryError(str(error), position, end=end) from None
    return found


def _option(
    field: str, taken: Sequence[str], found: Container[str], option: str, sign: str, value: str
) -> Any:
    if option not in taken:
        options = ", ".join(f"{one}{_sign(one)}" for one in taken) or "no options"
        raise ValueError(f"{field}: takes {options}, got {option}{sign}")
    if sign != _sign(option):
        raise ValueError(f"{option} takes {_sign(option)}, got {sign}")
    if option in found:
        raise ValueError(f"{field}: takes {option} once")
    try:
        return _VALUES[option](value)
    except ValueError as error:
        raise ValueError(f"{option} {error}") from None


def _sign(option: str) -> str:
    return ">=" if option in _LEVELS else "="


def _query(condition: Condition) -> Query:
    if condition.all is not None:
        return _joined(AllOf, condition.all)
    if condition.any is not None:
        return _joined(AnyOf, condition.any)
    if condition.negated is not None:
        return Not(_query(condition.negated))
    if condition.entity is not None:
        return _entity_term(condition.entity)
    if condition.speaker is not None:
        speaker = condition.speaker
        if speaker.name is None:
            return Term("speaker_id", speaker.id or "")
        return Term("speaker", speaker.name, options=(("id", "=", speaker.id),) if speaker.id else ())
    if condition.topic is not None:
        floor = condition.topic.min_confidence
        options = (("confidence", ">=", repr(floor)),) if floor else ()
        return Term("topic", _topic_called(condition.topic.code), options=options)
    if condition.phrase is not None:
        return Term("", condition.phrase.text, near=condition.phrase.near)
    if condition.story is not None:
        return _story_term(condition.story)
    return _plain_term(condition)


def _plain_term(condition: Condition) -> Query:
    """The term of a condition that is a name or words alone."""
    if condition.stem is not None:
        stem = condition.stem
        return Term("stem", stem.text, options=(("field", "=", stem.field),) if stem.field else ())
    if condition.headline is not None:
        return Term("headline", condition.headline)
    if condition.source is not None:
        return Term("source", condition.source)
    return Term("language", condition.language or "")


@lru_cache(2048)
def _topic_called(code: str) -> str:
    """The topic's name if a query for it finds this topic alone, else its code."""
    name = media_topic_name(code) or ""
    return name if [topic.code for topic in topics_called(name)] == [code] else code


def _story_term(story: StoryCondition) -> Query:
    if story.min_growth is not None:
        return Term("growth", f"{story.min_growth.articles}/{story.min_growth.hours}h", sign=">=")
    if story.min_sources is not None:
        return Term("sources", str(story.min_sources), sign=">=")
    if story.min_reprints is not None:
        return Term("reprints", str(story.min_reprints), sign=">=")
    return Term("story", "new")


def _joined(kind: type[AllOf] | type[AnyOf], parts: tuple[Condition, ...]) -> Query:
    """A single part needs no AND or OR; a part of the same kind is merged into its parent."""
    queries = [_query(part) for part in parts]
    flat = [inner for query in queries for inner in (query.parts if isinstance(query, kind) else (query,))]
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _entity_term(entity: EntityCondition) -> Query:
    links = dict(entity.links or {})
    if entity.name is not None:
        field, value, rest = "entity", entity.name, {"id": entity.id, "type": entity.type}
    elif entity.id is not None:
        field, value, rest = "id", entity.id, {"type": entity.type}
    elif links:
        scheme = next(iter(links))
        field, value, rest = "link", f"{scheme}:{links.pop(scheme)}", {"type": entity.type}
    else:
        field, value, rest = "type", entity.type or "", {}
    options = [(option, "=", said) for option, said in (rest | links).items() if said]
    if entity.min_salience:
        options.append(("salience", ">=", repr(entity.min_salience)))
    return Term(field, value, options=tuple(options))
