"""Makes an article of a raw article's fields, which are checked one by one. Unknown fields go to `extra`."""

import re
from typing import Any

from worker.intake.errors import FieldError, LimitError
from worker.intake.identity import article_id
from worker.intake.json_text import MAX_JSON_DEPTH, decimal_string, json_type
from worker.intake.language import guess_language
from worker.intake.webpage import read_page
from worker.records.article import Article
from worker.records.raw import (
    MAX_AUTHOR_CHARS,
    MAX_AUTHORS,
    MAX_HEADLINE_CHARS,
    MAX_ID_CHARS,
    MAX_LANGUAGE_CHARS,
    MAX_SOURCE_CHARS,
    MAX_URL_CHARS,
)
from worker.records.times import read_time

_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_ALIASES = {"title": "headline", "body": "text"}
_STRINGS = ("url", "headline", "text", "html", "source", "language")
CUT_MARK = "…"
_I64 = range(-(2**63), 2**64)


def article_of(fields: dict[str, Any], *, default_language: str) -> Article:
    """The article that these fields describe. Raises FieldError or LimitError."""
    rest = sanitize(fields)
    for alias, name in _ALIASES.items():
        if alias in rest and not rest.get(name):
            rest[name] = rest.pop(alias)
    known = {name: _string(name, rest.pop(name, None)) for name in _STRINGS}
    given_id = _limited("id", _identifier("id", rest.pop("id", None)), MAX_ID_CHARS)
    language = _limited("language", (known["language"] or "").strip(), MAX_LANGUAGE_CHARS)
    url = _limited("url", known["url"] or None, MAX_URL_CHARS)
    authors = _authors(rest.pop("authors", None))
    published_at = _published_at(rest)
    if isinstance(rest.get("extra"), dict):
        rest = rest.pop("extra") | rest
    text, html = known["text"] or "", known["html"] or ""
    if not text.strip() and html.strip():
        text = read_page(html).text
        if not text:
            raise FieldError("html takes a page with an article, and no article text was found in it")
    if not text.strip():
        raise FieldError("text or html takes an article's text, and both are missing or empty")
    return Article(
        id=given_id or article_id(url=url, text=text),
        url=url,
        headline=_cut(known["headline"] or None, MAX_HEADLINE_CHARS),
        text=text,
        source=_cut(known["source"] or None, MAX_SOURCE_CHARS),
        language=language or guess_language(text, default_language),
        published_at=published_at,
        authors=authors,
        extra=rest,
    )


def sanitize(value: Any, depth: int = 0) -> Any:
    """The value in a form that UTF-8 and JSON can carry.

    NUL and lone surrogates become U+FFFD, integers beyond 64 bits become decimal strings.
    """
    if depth > MAX_JSON_DEPTH:
        raise FieldError(f"the record takes at most {MAX_JSON_DEPTH} levels of nesting")
    match value:
        case str():
            return _UNPRINTABLE.sub("\ufffd", value)
        case bool() | float() | None:
            return value
        case int():
            return value if value in _I64 else str(value)
        case list():
            return [sanitize(item, depth + 1) for item in value]
        case _:
            return {sanitize(name): sanitize(item, depth + 1) for name, item in value.items()}


def _string(name: str, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise FieldError(f"{name} takes a string, got {json_type(value)}")
    return value


def _identifier(name: str, value: Any) -> str | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return decimal_string(value)
    if value is not None and not isinstance(value, str):
        raise FieldError(f"{name} takes a string or a number, got {json_type(value)}")
    return (value or "").strip() or None


def _limited(name: str, value: str | None, limit: int) -> str | None:
    if value is not None and len(value) > limit:
        raise LimitError(f"{name} has {len(value)} characters, the limit is {limit}")
    return value


def _cut(value: str | None, limit: int) -> str | None:
    """At most so many characters. What was cut ends with an ellipsis, so that readers can tell."""
    return value if value is None or len(value) <= limit else value[: limit - 1] + CUT_MARK


def _authors(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise FieldError(f"authors takes an array of strings, got {json_type(value)}")
    names = (_identifier(f"authors[{i}]", name) for i, name in enumerate(value))
    given = (_cut(name, MAX_AUTHOR_CHARS) for name in names)
    return tuple(name for name in given if name)[:MAX_AUTHORS]


def _published_at(rest: dict[str, Any]) -> str | None:
    """The time, taken out of `rest`. A value that can't be read stays there, and so ends up in `extra`."""
    value = rest.get("published_at")
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
        raise FieldError(f"published_at takes a string with an ISO 8601 date, got {json_type(value)}")
    moment = read_time(value) if isinstance(value, str) else None
    if moment is not None or not value:
        rest.pop("published_at", None)
    return moment
