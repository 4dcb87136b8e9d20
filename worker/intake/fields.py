"""Makes an article of a raw article's fields, which are checked one by one. Unknown fields go to `extra`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from worker.intake.errors import FieldError, LimitError
from worker.intake.identity import article_id
from worker.intake.json_text import MAX_JSON_DEPTH, decimal_string, json_type
from worker.intake.language import language_tag, overruling_language, tell_language
from worker.intake.mended_text import mended_encoding, mended_text
from worker.intake.times.dates import is_date_list, read_date
from worker.intake.webpage import read_page
from worker.languages import language_of, primary
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

_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_STRINGS = ("url", "headline", "text", "html", "source", "language")
CUT_MARK = "…"
_MAX_NAMED_FIELDS = 12
_MAX_NAME_CHARS = 40
_I64 = range(-(2**63), 2**64)


def article_of(
    fields: dict[str, Any],
    kept: Mapping[str, Any] | None = None,
    *,
    default_language: str,
    other_languages: Sequence[str] = (),
    has_no_markup: bool = False,
) -> Article:
    """The article that these fields describe; `kept` goes to `extra` too. Raises FieldError or LimitError.

    `default_language`: of a text whose language is not named and can't be told; it and `other_languages` are
    those that are allowed. `has_no_markup`: the text has none, whatever it looks like.
    """
    rest = dict(sanitize(fields))
    known = {name: _string(name, rest.pop(name, None)) for name in _STRINGS}
    given_id = _limited("id", _identifier("id", rest.pop("id", None)), MAX_ID_CHARS)
    named = _language(known["language"] or "")
    url = _limited("url", known["url"] or None, MAX_URL_CHARS)
    authors = _authors(rest.pop("authors", None))
    published_at = _published_at(rest)
    if isinstance(rest.get("extra"), dict):
        rest = rest.pop("extra") | rest
    rest |= sanitize(kept) if kept else {}
    text, html = known["text"] or "", known["html"] or ""
    if not text.strip() and html.strip():
        text = read_page(html).text
        if not text:
            raise FieldError("html takes a page with an article, and no article text was found in it")
    else:
        text, changes = mended_text(text, has_no_markup=has_no_markup)
        rest |= {"text_changes": changes} if changes else {}
    if not text.strip():
        raise no_text_error(fields)
    language = _spoken(named, text, (default_language, *other_languages))
    rest |= {"named_language": named} if named and language != named else {}
    return Article(
        id=given_id or article_id(url=url, text=text),
        url=url,
        headline=_cut(mended_encoding(known["headline"] or "") or None, MAX_HEADLINE_CHARS),
        text=text,
        source=_cut(known["source"] or None, MAX_SOURCE_CHARS),
        language=language,
        published_at=published_at,
        authors=authors,
        extra=rest,
    )


def no_text_error(names: Iterable[str]) -> FieldError:
    """Says that there is no text, and names the fields that were found instead."""
    found = [str(sanitize(name)) for name in names]
    shown = ", ".join(repr(_cut(name, _MAX_NAME_CHARS)) for name in found[:_MAX_NAMED_FIELDS])
    more = f" and {len(found) - _MAX_NAMED_FIELDS} more" if len(found) > _MAX_NAMED_FIELDS else ""
    return FieldError(
        "text or html takes an article's text, and both are missing or empty, as are all other names for it; "
        f"DATELINE_FIELDS=text=PATH says where it is; fields found: {shown or 'none'}{more}"
    )


def sanitize(value: Any) -> Any:
    """The value in a form that UTF-8 and JSON can carry: itself if it is in one.

    NUL and lone surrogates become U+FFFD, integers beyond 64 bits become decimal strings. Raises FieldError
    for what is nested too deep.
    """
    return value if _can_be_written(value) else _sanitized(value, 0)


def _can_be_written(value: Any) -> bool:
    """Whether nothing in the value needs a change. False also for some that have many braces in a text."""
    # orjson refuses lone surrogates and integers beyond 64 bits, and is much faster than a look at each here.
    try:
        written = orjson.dumps(value)
    except TypeError:
        return False
    return b"\\u0000" not in written and written.count(b"{") + written.count(b"[") <= MAX_JSON_DEPTH


def _sanitized(value: Any, depth: int) -> Any:
    if depth > MAX_JSON_DEPTH:
        raise FieldError(f"the record takes at most {MAX_JSON_DEPTH} levels of nesting")
    kind = type(value)
    if kind is str:
        return value if value.isascii() and "\0" not in value else _UNPRINTABLE.sub("\ufffd", value)
    if kind is dict:
        return {_sanitized(name, depth): _sanitized(item, depth + 1) for name, item in value.items()}
    if kind is list:
        return [_sanitized(item, depth + 1) for item in value]
    return str(value) if kind is int and value not in _I64 else value


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


def _language(named: str) -> str:
    """The language's tag; what can't be read as one stays as it is. Empty for one that is undetermined."""
    named = _limited("language", named.strip(), MAX_LANGUAGE_CHARS) or ""
    code = primary(named)
    if code == "und":
        return ""
    return named if len(code) == 2 else language_tag(named) or named


def _spoken(named: str, text: str, languages: Sequence[str]) -> str:
    """The tag of the text's language: the named one, unless the text is clearly in another allowed one."""
    if not named:
        return tell_language(text, languages)
    return overruling_language(text, language_of(named), languages) or named


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
    is_time = isinstance(value, str | int | float) and not isinstance(value, bool)
    if value is not None and not is_time and not is_date_list(value):
        raise FieldError(
            f"published_at takes a string with a date, or a number of seconds or milliseconds since 1970, "
            f"got {json_type(value)}"
        )
    moment = read_date(value)
    if moment is not None or not value:
        rest.pop("published_at", None)
    return moment
