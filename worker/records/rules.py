"""Alert rules as their owners write them. schemas/ is generated from this module.

Rules are slotted dataclasses, not pydantic models, because a worker holds tens of thousands of them.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from hashlib import blake2b
from typing import Annotated, Any, Literal, Self
from unicodedata import normalize

import orjson
from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from worker.records.article import EntityType
from worker.records.rule_problems import describe_problems
from worker.records.rule_size import MAX_CONDITION_DEPTH, MAX_CONDITIONS, oversize
from worker.records.times import read_time

# Room for 200 conditions of 300 characters, most of them escaped.
MAX_RULE_BYTES = 256 << 10

# A match carries its rule's cooldown, with all fields, as all that the worker writes has them.
_STRICT = ConfigDict(
    extra="forbid", str_strip_whitespace=True, json_schema_serialization_defaults_required=True
)
_ONE_OF = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1})
_WORD = r"[^\W_]"
_Name = Annotated[str, Field(min_length=1, max_length=300)]
# Rules are compared by such a name in its form, which is kept. 300 ligatures of three letters have room.
_MAX_UNFOLDED_CHARS = 1_000
_Scheme = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,29}$")]
MAX_ASKED_SOURCES = 64
"""How many sources of a story are counted (`worker.stories`)."""
MAX_GROWTH_HOURS = 24
_Count = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]


def _moment(text: str) -> str:
    moment = read_time(text)
    if moment is None:
        raise ValueError(f"takes an ISO 8601 date such as 2026-12-31T00:00:00Z, got {text!r}")
    return moment


def _with_a_word(text: str) -> str:
    """Refuses text without a word. The pattern alone does not: it counts lone combining marks as words."""
    if not re.search(_WORD, text):
        raise ValueError(f"takes a word: letters or digits, got {text!r}")
    return text


def _of_a_size_in_its_form(name: str) -> str:
    """Refuses names of characters that stand for many: one of Unicode's unfolds to eighteen."""
    length = len(name) if name.isascii() else sum(len(normalize("NFKC", one)) for one in name)
    if length > _MAX_UNFOLDED_CHARS:
        raise ValueError(
            f"takes {_MAX_UNFOLDED_CHARS:,} characters at most once they are unfolded (NFKC), got {length:,}"
        )
    return name


_ComparedName = Annotated[_Name, AfterValidator(_of_a_size_in_its_form)]


@dataclass(frozen=True, slots=True, config=_STRICT)
class EntityCondition:
    """An entity of the article that has all of these. `name`: any of its names, in any letter case."""

    name: _ComparedName | None = None
    id: _Name | None = None
    type: EntityType | None = None
    links: dict[_Scheme, _Name] | None = Field(
        default=None, min_length=1, max_length=5, description="such as `iso3166: UA`"
    )
    min_salience: _Share = 0.0

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.name or self.id or self.type or self.links):
            raise ValueError("takes at least one of name, id, type and links")
        if taken := {"id", "name", "type", "salience"}.intersection(self.links or ()):
            raise ValueError(f"no scheme of links is called {min(taken)!r}")
        return self


@dataclass(frozen=True, slots=True, config=_STRICT)
class SpeakerCondition:
    """Somebody who is quoted. `name`: as the text has it or in full, in any letter case."""

    name: _ComparedName | None = None
    id: _Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.name or self.id):
            raise ValueError("takes at least one of name and id")
        return self


@dataclass(frozen=True, slots=True, config=_STRICT)
class TopicCondition:
    """A topic tag of this code, or of a narrower topic."""

    code: Annotated[str, Field(pattern=r"^medtop:\d{8}$")]
    min_confidence: _Share = 0.0


_Phrase = Annotated[str, Field(max_length=300, pattern=_WORD), AfterValidator(_with_a_word)]


@dataclass(frozen=True, slots=True, config=_STRICT)
class PhraseCondition:
    """Whole words of the headline or of the text, in any letter case."""

    text: _Phrase
    near: int | None = Field(
        default=None,
        ge=0,
        le=999,
        strict=True,
        description="the words in any order, with at most so many other words between them",
    )


@dataclass(frozen=True, slots=True, config=_STRICT)
class StemCondition:
    """Words of headline or text in any of their forms: by their stems in the article's language."""

    text: _Phrase
    field: Literal["headline"] | None = Field(default=None, description="there alone")


@dataclass(frozen=True, slots=True, config=_STRICT)
class GrowthCondition:
    """So many articles more than so many hours before, by the times at which articles came in."""

    articles: _Count
    hours: Annotated[int, Field(ge=1, le=MAX_GROWTH_HOURS, strict=True)]


@dataclass(frozen=True, slots=True, config=_ONE_OF)
class StoryCondition:
    """What a story is, or how large. Exactly one of the fields is given; a rule with one is a story rule."""

    new: Literal[True] | None = Field(default=None, description="the story begins with this record of it")
    min_sources: Annotated[int, Field(ge=1, le=MAX_ASKED_SOURCES, strict=True)] | None = Field(
        default=None, description="so many independent sources have it: copies do not count"
    )
    min_reprints: _Count | None = Field(default=None, description="so many articles of it are copies")
    min_growth: GrowthCondition | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        said = [field.name for field in fields(self) if getattr(self, field.name) is not None]
        if len(said) != 1:
            raise ValueError(
                "takes exactly one of new, min_sources, min_reprints and min_growth, "
                f"got {', '.join(said) or 'none'}"
            )
        return self


@dataclass(frozen=True, slots=True, config=_ONE_OF)
class Condition:
    """What must hold. Exactly one of the fields is given."""

    all: tuple["Condition", ...] | None = Field(default=None, min_length=1, description="every one of these")
    any: tuple["Condition", ...] | None = Field(default=None, min_length=1, description="one of these")
    negated: "Condition | None" = Field(default=None, alias="not", description="this does not hold")
    entity: EntityCondition | None = None
    speaker: SpeakerCondition | None = None
    topic: TopicCondition | None = None
    phrase: PhraseCondition | None = None
    source: _ComparedName | None = Field(default=None, description="the article's source, in any letter case")
    language: _Name | None = Field(default=None, description="such as `en`, which takes `en-GB` too")
    headline: _Phrase | None = Field(
        default=None, description="whole words of the headline that follow each other, in any letter case"
    )
    story: StoryCondition | None = None
    stem: StemCondition | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        values = (
            self.all, self.any, self.negated, self.entity, self.speaker, self.topic, self.phrase, self.source,
            self.language, self.headline, self.story, self.stem,
        )  # fmt: skip
        if values.count(None) != len(values) - 1:
            said = [field.name for field in fields(self) if getattr(self, field.name) is not None]
            raise ValueError(
                "takes exactly one of all, any, not, entity, speaker, topic, phrase, source, language, "
                f"headline, story and stem, got {', '.join(said) or 'none'}"
            )
        return self

    @property
    def parts(self) -> tuple["Condition", ...]:
        """The conditions directly below this one."""
        return self.all or self.any or ((self.negated,) if self.negated else ())


@dataclass(frozen=True, slots=True, config=_STRICT)
class Cooldown:
    """How long an alert suppresses others: of the whole rule, each entity it matched by, or the story."""

    seconds: Annotated[int, Field(ge=1, le=366 * 24 * 3600, strict=True)]
    per: Literal["rule", "entity", "story"] = "rule"


@dataclass(frozen=True, slots=True, config=_STRICT)
class Rule:
    """A standing query. Its times are those of articles: when they came into the raw topic."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="the message's key")]
    name: _Name
    owner: _Name
    when: Condition
    cooldown: Cooldown | None = None
    expires_at: Annotated[str, AfterValidator(_moment)] | None = Field(
        default=None, description="ISO 8601; articles that come in later do not match"
    )

    @model_validator(mode="after")
    def _is_of_a_size(self) -> Self:
        count = deepest = 0
        for depth, _ in walk(self.when):
            count, deepest = count + 1, max(deepest, depth)
        if count > MAX_CONDITIONS or deepest > MAX_CONDITION_DEPTH:
            raise ValueError(
                f"when takes {MAX_CONDITIONS} conditions, {MAX_CONDITION_DEPTH} deep, "
                f"got {count}, {deepest} deep"
            )
        return self

    @model_validator(mode="after")
    def _asks_about_one_record(self) -> Self:
        if asks_about_stories(self.when):
            for _, part in walk(self.when):
                if reason := not_of_stories(part):
                    raise ValueError(f"when asks about stories, and {reason}")
        elif self.cooldown is not None and self.cooldown.per == "story":
            raise ValueError(
                "cooldown for each story takes a condition about stories in when, such as sources>=3 or "
                "story:new; there is none"
            )
        return self


RULE = TypeAdapter(Rule)


class RuleError(ValueError):
    """A rule is invalid; the message says where: `when.all[1].topic.code: ...`."""


def walk(condition: Condition, depth: int = 1) -> Iterator[tuple[int, Condition]]:
    """A condition and all conditions below it, each with its depth."""
    yield depth, condition
    for part in condition.parts:
        yield from walk(part, depth + 1)


def asks_about_stories(condition: Condition) -> bool:
    """Whether a rule with this condition is a story rule, which is matched with stories and not articles."""
    return any(part.story is not None for _, part in walk(condition))


def not_of_stories(part: Condition) -> str | None:
    """Why a condition, but for its parts, can't stand beside one about stories; None if it can."""
    if part.phrase is not None:
        return (
            f"a story has no text in which {part.phrase.text!r} could stand, as an article has: "
            "headline: asks for words of its headline"
        )
    if part.stem is not None and part.stem.field is None:
        return (
            f"a story has no text in which {part.stem.text!r} could stand, as an article has: "
            "stem: with [field=headline] asks for words of its headline"
        )
    if part.source is not None:
        return f"a story counts its sources and does not name them: source:{part.source} is asked of articles"
    if part.topic is not None and part.topic.min_confidence:
        return "a story has no confidence of its topics, as an article has: ask for the topic alone"
    if part.entity is not None:
        return _entity_not_of_stories(part.entity)
    return None


def _entity_not_of_stories(entity: EntityCondition) -> str | None:
    if entity.min_salience:
        return "a story has no salience of its entities, as an article has: ask for the entity alone"
    if entity.links is None:
        return None
    if set(entity.links) != {"iso3166"}:
        scheme = min(set(entity.links) - {"iso3166"})
        return f"a story has no links but countries: {scheme} is asked of articles, link:iso3166: of both"
    if entity.name or entity.id or entity.type:
        return "a story has its countries apart from its names: ask for both, joined by AND"
    return None


def rule_from_bytes(value: bytes | str) -> Rule:
    """The rule in a record's value. Raises RuleError."""
    size = len(value if isinstance(value, bytes) else value.encode(errors="replace"))
    if size > MAX_RULE_BYTES:
        raise RuleError(f"a rule takes {MAX_RULE_BYTES:,} bytes, got {size:,}")
    try:
        fields = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise RuleError(f"not JSON: {error}") from None
    return rule_from(fields)


def rule_from(fields: Any) -> Rule:
    """The rule with these fields. Raises RuleError."""
    if too_large := oversize(fields):
        raise RuleError(too_large)
    try:
        return RULE.validate_python(fields)
    except ValidationError as error:
        raise RuleError(describe_problems(error)) from None


def rule_to_bytes(rule: Rule) -> bytes:
    """Canonical JSON: equal rules give equal bytes. Fields with their default value are left out."""
    return orjson.dumps(RULE.dump_python(rule, by_alias=True, exclude_defaults=True))


def rule_version(rule: Rule) -> str:
    """A hash of what the rule says, 16 hexadecimal digits: an unchanged rule keeps its version."""
    return blake2b(rule_to_bytes(rule), digest_size=8).hexdigest()
