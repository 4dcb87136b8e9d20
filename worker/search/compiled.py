"""Compiles a condition to SQL over the FTS5 table: a MATCH expression, a range of row ids, and further terms.

Row ids grow with time (`layout.py`), so a span of time is a range of row ids, and the newest documents come
first without sorting.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from worker.search.conditions import (
    Code,
    ConfirmedBy,
    Every,
    InStory,
    Name,
    SearchCondition,
    Some,
    TextPhrase,
    TextStem,
    Time,
    Without,
    WordForms,
)
from worker.search.layout import first_id
from worker.search.tokens import EVERY_DOCUMENT, HAS_QUOTES, TokenKind, code_token, tag_words


@dataclass(frozen=True, slots=True)
class Compiled:
    """`SELECT rowid FROM words WHERE {where}` with `values` finds the documents.

    `is_ranked`: it has words to rank documents by. `has_phrases`: some of them are phrases of several words.
    """

    where: str
    values: tuple[str | int, ...]
    is_ranked: bool
    has_phrases: bool


def compiled(condition: SearchCondition, *, quotes: bool = False) -> Compiled:
    """The SQL of a condition. `quotes`: finds documents that may have matching quotes."""
    if quotes:
        condition = _of_quotes(condition)
    time = Time()
    matched: list[SearchCondition] = []
    rest: list[SearchCondition] = []
    for part in condition.parts if isinstance(condition, Every) else (condition,):
        if isinstance(part, Time):
            time = Time(max(time.since, part.since), min(time.until, part.until))
        else:
            (matched if _is_match(part) else rest).append(part)
            if isinstance(part, TextStem) and not _is_match(part):
                matched.append(_apart(part))
    expression = _expression(Every(tuple(matched)) if matched else _ALWAYS, quotes)
    if quotes:
        expression = f"{_quoted(HAS_QUOTES)} AND ({expression})"
    sql = ["words MATCH ?", "words.rowid >= ?", "words.rowid < ?"]
    values: list[str | int] = [expression, first_id(time.since), first_id(time.until)]
    for part in rest:
        said, its_values = _sql(part, quotes)
        sql.append(f"({said})")
        values += its_values
    words = [leaf for part in matched for leaf in _wanted(part) if isinstance(leaf, TextPhrase | TextStem)]
    has_phrases = any(len(leaf.words) > 1 for leaf in words)
    return Compiled(" AND ".join(sql), tuple(values), bool(words), has_phrases)


_CANDIDATES = "+words.rowid IN (SELECT rowid FROM words WHERE words MATCH ?)"
_VALUE = "(SELECT value FROM documents WHERE id = words.rowid)"
# Beyond as many, documents that have all of the words are looked at one by one.
_MAX_PHRASES = 200
# A condition that holds for every document.
_ALWAYS = Code(TokenKind.EVERY, EVERY_DOCUMENT[1:])


def _is_match(condition: SearchCondition) -> bool:
    """Whether a MATCH expression alone can decide the condition."""
    match condition:
        case Time() | InStory() | ConfirmedBy():
            return False
        case TextPhrase():
            return not _has_repeats(condition)
        case TextStem():
            return len(condition.words) == 1 or _phrases(condition) <= _MAX_PHRASES
        case Without(part):
            return _is_match(part)
        case Every(parts) | Some(parts):
            return all(map(_is_match, parts))
        case _:
            return True


def _has_repeats(words: TextPhrase) -> bool:
    """Whether one word is asked for twice nearby: FTS5's NEAR takes one occurrence for both."""
    return words.near is not None and len(set(words.words)) < len(words.words)


def _wanted(condition: SearchCondition) -> Iterator[SearchCondition]:
    """The leaves that are below no NOT."""
    match condition:
        case Without():
            return
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _wanted(part)
        case _:
            yield condition


def _expression(condition: SearchCondition, quotes: bool) -> str:
    """The condition in FTS5's query language, whose NOT is binary."""
    match condition:
        case TextPhrase():
            return _words(condition, quotes)
        case TextStem():
            return _stems(condition, quotes)
        case Name(kinds, words):
            return _either(_quoted(tag_words(kind, words)) for kind in kinds)
        case Code(kind, value):
            return _quoted(code_token(kind, value))
        case Without(part):
            return f"({_quoted(EVERY_DOCUMENT)} NOT {_expression(part, quotes)})"
        case Some(parts):
            return _either(_expression(part, quotes) for part in parts)
        case Every(parts):
            positive = [_expression(part, quotes) for part in parts if not isinstance(part, Without)]
            negative = [_expression(part.part, quotes) for part in parts if isinstance(part, Without)]
            found = " AND ".join(positive or [_quoted(EVERY_DOCUMENT)])
            return f"({found} NOT {_either(iter(negative))})" if negative else f"({found})"
        case Time() | InStory() | ConfirmedBy():
            raise AssertionError(f"no token stands for {condition}")


def _words(condition: TextPhrase, quotes: bool) -> str:
    # No column filter is needed for headline and text: only their tokens have no prefix.
    of_quotes = quotes and not condition.in_headline
    words = [TokenKind.QUOTED + word for word in condition.words] if of_quotes else list(condition.words)
    if condition.in_headline:
        return f"headline : {_quoted(' '.join(words))}"
    if condition.near is None or len(words) == 1:
        return _quoted(" ".join(words))
    different = list(dict.fromkeys(words))
    # FTS5 counts all tokens between the first and the last word, the phrase's own included.
    between = condition.near + len(words) - 2
    return f"NEAR({' '.join(map(_quoted, different))}, {between})"


def _stems(condition: TextStem, quotes: bool) -> str:
    """The words themselves in any language, or, in each language, what else has their stems there."""
    words = tuple((word,) for word in condition.words)
    found = [_any_phrase(condition, words, quotes)]
    for language, others in condition.forms:
        forms = tuple((*word, *more) for word, more in zip(words, others, strict=True))
        token = _quoted(code_token(TokenKind.LANGUAGE, language))
        found.append(f"({token} AND {_any_phrase(condition, forms, quotes)})")
    return _either(iter(found))


def _any_phrase(condition: TextStem, forms: Sequence[Sequence[str]], quotes: bool) -> str:
    """Any phrase that has, for each word, one of its forms."""
    phrases = (TextPhrase(words, in_headline=condition.in_headline) for words in product(*forms))
    return _either(_words(phrase, quotes) for phrase in phrases)


def _phrases(condition: TextStem) -> int:
    """How many phrases the stems stand for, in all languages."""
    return sum(prod(1 + len(forms) for forms in others) for _, others in condition.forms)


def _apart(condition: TextStem) -> SearchCondition:
    """A weaker condition: all of the words, in whatever places."""
    return Every(
        tuple(
            TextStem(
                (word,),
                condition.in_headline,
                tuple(WordForms(language, (others[place],)) for language, others in condition.forms),
            )
            for place, word in enumerate(condition.words)
        )
    )


def _sql(condition: SearchCondition, quotes: bool) -> tuple[str, list[str | int]]:
    """SQL for what one MATCH can't decide. `+` keeps SQLite from starting its search with this term."""
    if _is_match(condition):
        return _CANDIDATES, [_expression(condition, quotes)]
    match condition:
        case Time(since, until):
            return "+words.rowid >= ? AND +words.rowid < ?", [first_id(since), first_id(until)]
        case TextPhrase(words, near):
            values: list[str | int] = [_words(condition, quotes), json.dumps(words), near or 0]
            return f"{_CANDIDATES} AND holds_near({_VALUE}, ?, ?)", values
        case TextStem(words, in_headline):
            values = [_expression(_apart(condition), quotes), json.dumps(words), int(in_headline)]
            return f"{_CANDIDATES} AND holds_stems({_VALUE}, ?, ?)", values
        case InStory(story):
            return _in_stories("SELECT ?"), [story]
        case ConfirmedBy(sources):
            return _in_stories("SELECT id FROM stories WHERE part_of IS NULL AND sources >= ?"), [sources]
        case Without(part):
            said, values = _sql(part, quotes)
            return f"NOT ({said})", values
        case Every(parts) | Some(parts):
            sign = " AND " if isinstance(condition, Every) else " OR "
            compiled_parts = [_sql(part, quotes) for part in parts]
            values = [value for _, its_values in compiled_parts for value in its_values]
            return sign.join(f"({said})" for said, _ in compiled_parts), values
        case _:
            raise AssertionError(f"FTS5 can tell {condition}")


def _in_stories(stories: str) -> str:
    """SQL for an article of one of these stories, or of one that became a part of them."""
    return (
        f"+words.rowid IN (WITH RECURSIVE wanted(id) AS ({stories} UNION "
        "SELECT stories.id FROM wanted JOIN stories ON stories.part_of = wanted.id) "
        "SELECT assignments.document FROM wanted JOIN assignments ON assignments.story = wanted.id "
        "WHERE assignments.document IS NOT NULL)"
    )


def _of_quotes(condition: SearchCondition) -> SearchCondition:
    """A weaker condition that holds for every document with a matching quote; quotes are checked later."""
    match condition:
        case Without(part):
            return _ALWAYS if _is_about_a_quote(part) else condition
        case TextPhrase(words) if _has_repeats(condition):
            return Every(tuple(TextPhrase((word,)) for word in dict.fromkeys(words)))
        case TextStem() if not _is_match(condition):
            return _apart(condition)
        case Every(parts):
            return Every(tuple(map(_of_quotes, parts)))
        case Some(parts):
            return Some(tuple(map(_of_quotes, parts)))
        case _:
            return condition


def _is_about_a_quote(condition: SearchCondition) -> bool:
    match condition:
        case TextPhrase() | TextStem():
            return not condition.in_headline
        case Name(kinds):
            return TokenKind.SPEAKER in kinds
        case Code(kind):
            return kind is TokenKind.SPEAKER_ID
        case Without(part):
            return _is_about_a_quote(part)
        case Every(parts) | Some(parts):
            return any(map(_is_about_a_quote, parts))
        case _:
            return False


def _either(expressions: Iterator[str]) -> str:
    found = list(expressions)
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _quoted(tokens: str) -> str:
    return f'"{tokens}"'
