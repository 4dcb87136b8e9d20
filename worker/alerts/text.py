"""Conditions as text that a person can type, and back: `entity:NATO[type=ORG] AND topic:conflict`."""

from collections.abc import Callable
from functools import lru_cache

from pydantic import TypeAdapter, ValidationError

from worker.query import All, Any, Not, Query, QueryError, Term, parse, unparse
from worker.records.media_topics import topic_name, topics_called
from worker.records.rules import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    Condition,
    EntityCondition,
    PhraseCondition,
    SpeakerCondition,
    TopicCondition,
    walk,
)

_CONDITION = TypeAdapter(Condition)
_LEVEL = {"confidence": ">=", "salience": ">="}


def condition_from_text(text: str) -> Condition:
    """The condition that a text means. Raises QueryError with the place of the error."""
    query = parse(text)
    condition = _condition(query, text)
    found = list(walk(condition))
    if len(found) > MAX_CONDITIONS or max(depth for depth, _ in found) > MAX_DEPTH:
        raise QueryError(f"a rule takes {MAX_CONDITIONS} conditions, {MAX_DEPTH} deep", 0, text)
    return condition


def condition_to_text(condition: Condition) -> str:
    """The text of a condition: `condition_from_text` of it means the same."""
    return unparse(_query(condition))


def _condition(query: Query, text: str) -> Condition:
    match query:
        case Not(part):
            return Condition(**{"not": _condition(part, text)})
        case All(parts):
            return Condition(all=tuple(_condition(part, text) for part in parts))
        case Any(parts):
            return Condition(any=tuple(_condition(part, text) for part in parts))
        case Term():
            return _leaf(query, text)


def _leaf(term: Term, text: str) -> Condition:
    read = _READERS.get(term.field)
    if read is None:
        fields = ", ".join(sorted(field for field in _READERS if field))
        raise QueryError(f"no field is called {term.field!r}: there are {fields}", term.position, text)
    try:
        return read(term)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        said = problem["msg"].removeprefix("Value error, ")
        raise QueryError(f"{unparse(term)}: {said}", term.position, text) from None
    except ValueError as error:
        raise QueryError(str(error), term.position, text) from None


def _entity(base: dict[str, object], term: Term) -> Condition:
    said, links = dict(base), dict(base.get("links") or {})  # type: ignore[call-overload]
    for option, value in _options(term, "salience"):
        match option:
            case "salience":
                said["min_salience"] = _share(option, value)
            case "id" | "type" | "name":
                said[option] = value
            case scheme:
                links[scheme] = value
    if links:
        said["links"] = links
    return Condition(entity=EntityCondition(**said))  # type: ignore[arg-type]


def _link(term: Term) -> Condition:
    scheme, colon, value = term.value.partition(":")
    if not (scheme and colon and value):
        raise ValueError(f"link: takes a scheme and an id, such as link:iso3166:UA, got {term.value!r}")
    return _entity({"links": {scheme: value}}, term)


def _speaker(field: str) -> Callable[[Term], Condition]:
    def read(term: Term) -> Condition:
        said = {field: term.value}
        for option, value in _options(term):
            if option != "id":
                raise ValueError(f"speaker: takes the option id, got {option!r}")
            said[option] = value
        return Condition(speaker=SpeakerCondition(**said))

    return read


def _topic(term: Term) -> Condition:
    called = topics_called(term.value)
    if len(called) != 1:
        like = " or ".join(f'"{topic.name}"' for topic in called[:5])
        raise ValueError(
            f"topic: takes a topic's name, its beginning or its code, got {term.value!r}"
            + (f": {like}?" if called else "")
        )
    said: dict[str, object] = {"code": called[0].code}
    for option, value in _options(term, "confidence"):
        if option != "confidence":
            raise ValueError(f"topic: takes the option confidence, got {option!r}")
        said["min_confidence"] = _share(option, value)
    return Condition(topic=TopicCondition(**said))  # type: ignore[arg-type]


def _phrase(term: Term) -> Condition:
    return Condition(phrase=PhraseCondition(text=term.value, near=term.near))


def _plain(field: str) -> Callable[[Term], Condition]:
    def read(term: Term) -> Condition:
        _options(term, none=True)
        return Condition(**{field: term.value})

    return read


_READERS: dict[str, Callable[[Term], Condition]] = {
    "": _phrase,
    "entity": lambda term: _entity({"name": term.value}, term),
    "id": lambda term: _entity({"id": term.value}, term),
    "type": lambda term: _entity({"type": term.value}, term),
    "link": _link,
    "speaker": _speaker("name"),
    "speaker_id": _speaker("id"),
    "topic": _topic,
    "source": _plain("source"),
    "language": _plain("language"),
    "lang": _plain("language"),
}


def _options(term: Term, *levels: str, none: bool = False) -> list[tuple[str, str]]:
    if none and term.options:
        raise ValueError(f"{term.field}: takes no options, got {term.options[0][0]!r}")
    for option, sign, _ in term.options:
        expected = ">=" if option in levels else "="
        if sign != expected:
            raise ValueError(f"{term.field}: takes {option}{expected}, got {option}{sign}")
    return [(option, value) for option, _, value in term.options]


def _share(option: str, value: str) -> float:
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError(f"{option} takes a number from 0 to 1, got {value!r}")
    return share


def _query(condition: Condition) -> Query:
    if condition.all is not None:
        return _joined(All, condition.all)
    if condition.any is not None:
        return _joined(Any, condition.any)
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
    if condition.source is not None:
        return Term("source", condition.source)
    return Term("language", condition.language or "")


@lru_cache(2048)
def _topic_called(code: str) -> str:
    """Its name where that means this topic and no broader one."""
    name = topic_name(code) or ""
    return name if [topic.code for topic in topics_called(name)] == [code] else code


def _joined(kind: type[All] | type[Any], parts: tuple[Condition, ...]) -> Query:
    """One alone needs no AND; what is nested in its own kind is written in one row."""
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
