"""Errors in rules, worded for people who write rules instead of pydantic's wording."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError

_PATTERNS = {
    "code": "takes a code such as medtop:16000000",
    "id": "takes 1 to 100 letters, digits, '.', '_', '-', a letter or digit first",
    "links": "takes schemes of 1 to 30 lower-case letters, digits and '_', a letter first",
    "text": "takes a word: letters or digits",
    "headline": "takes a word: letters or digits",
}
_ALWAYS = {
    "string_type": "takes text",
    "string_too_short": "takes at least one character",
    "dict_type": 'takes an object such as {"iso3166": "UA"}',
    "tuple_type": "takes a list of conditions",
}
_NUMBERS = {
    "min_confidence": "takes a number from 0 to 1",
    "min_salience": "takes a number from 0 to 1",
    "near": "takes a whole number from 0 to 999",
    "seconds": "takes a whole number from 1 to 31622400",
    "min_sources": "takes a whole number from 1 to 64",
    "min_reprints": "takes a whole number from 1 to 1000000",
    "articles": "takes a whole number from 1 to 1000000",
    "hours": "takes a whole number from 1 to 24",
    "new": "takes true",
}
_OBJECTS = {
    "Condition": '{"source": "wire.example"}',
    "Cooldown": '{"seconds": 3600}',
    "EntityCondition": '{"name": "NATO"}',
    "GrowthCondition": '{"articles": 10, "hours": 1}',
    "PhraseCondition": '{"text": "harbour strike"}',
    "StemCondition": '{"text": "harbour strike"}',
    "SpeakerCondition": '{"name": "Mark Rutte"}',
    "StoryCondition": '{"min_sources": 3}',
    "TopicCondition": '{"code": "medtop:16000000"}',
}


# Nobody reads more of them, and a worker keeps less.
_MAX_PROBLEMS = 50


def describe_problems(error: ValidationError) -> str:
    """The first 50 errors, each with its path: `when.all[1].topic.code: takes a code ...`."""
    return "; ".join(map(_said, islice(_told(error), _MAX_PROBLEMS)))


def describe_problem(problem: Any) -> str:
    """What the field takes and what it got, for one of the errors of a ValidationError."""
    said = _takes(problem["type"], problem.get("ctx", {}), _field(problem))
    message = (said or problem["msg"].removeprefix("Value error, "))[:300]
    got = len(problem["input"]) if problem["type"] == "string_too_long" else problem["input"]
    if "got" in message or not (got is None or isinstance(got, str | int | float)):
        return message
    shown = repr(got) if isinstance(got, str) else json.dumps(got)
    return f"{message}, got {shown}"[: len(message) + 120]


def _takes(kind: str, limits: Mapping[str, Any], field: str) -> str | None:
    match kind:
        case "string_too_long":
            return f"takes {limits['max_length']} characters at most"
        case "string_pattern_mismatch":
            return _PATTERNS.get(field)
        case "literal_error":
            return f"takes {limits['expected'].replace(chr(39), '')}"
        case "dataclass_type":
            example = _OBJECTS.get(limits["class_name"])
            return f"takes an object such as {example}" if example else "takes an object"
        case "too_short":
            return f"takes at least one {'link' if field == 'links' else 'condition'}"
        case "too_long":
            return f"takes {limits['max_length']} links at most"
    return _ALWAYS.get(kind) or _NUMBERS.get(field)


def _told(error: ValidationError) -> Iterator[Any]:
    """The errors, but none that says a list is too short because one of its parts is invalid."""
    for problem in error.errors(include_url=False):
        if problem["type"] != "too_short" or not problem["input"]:
            yield problem


def _path(problem: Any) -> list[str | int]:
    """The path of an error; for an invalid key that of the object which has it."""
    path = list(problem["loc"])
    return path[:-2] if path[-1:] == ["[key]"] else path


def _field(problem: Any) -> str:
    return next((part for part in reversed(_path(problem)) if isinstance(part, str)), "")


def _said(problem: Any) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in _path(problem))
    place = path.removeprefix(".")[:200] or "the rule"
    match problem["type"]:
        case "missing":
            return f"{place} is missing"
        case "unexpected_keyword_argument":
            return f"{place} is not a field here"
    return f"{place}: {describe_problem(problem)}"
