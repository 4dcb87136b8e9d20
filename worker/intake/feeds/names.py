"""The names by which feeds call what an article has, and reads a JSON object by them.

`NAMES` is the table: a new feed is a new name there. docs/contract.md shows it, as `names_table` gives it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from worker.intake.feeds.markup import is_markup_type, line_of_markup, text_of_field
from worker.intake.feeds.paths import Keys, found_at, put, take, value_at
from worker.intake.feeds.people import people_in
from worker.intake.fields import no_text_error, sanitize
from worker.intake.identity import article_id
from worker.intake.language import language_tag
from worker.intake.times.dates import read_date
from worker.intake.webpage import read_page

MARKUP = "<>"
"""Ends a name whose text may be HTML."""


@dataclass(frozen=True, slots=True)
class FeedName:
    """A path of names to a value. `may_be_markup`: by the feed's definition the text is HTML, or may be."""

    path: tuple[str, ...]
    may_be_markup: bool = False

    def __str__(self) -> str:
        return ".".join(self.path)


def _names(words: str) -> tuple[FeedName, ...]:
    return tuple(
        FeedName(tuple(word.removesuffix(MARKUP).split(".")), word.endswith(MARKUP)) for word in words.split()
    )


# Of each field the first name that has a usable value counts; the field's own name comes first.
NAMES: Mapping[str, tuple[FeedName, ...]] = {
    "id": _names("id guid guid.#text uri _id _id.$oid uuid article_id articleId stories_id @id"),
    "url": _names(
        "url link canonical_url canonicalUrl webUrl web_url permalink URL link.@href link.href "
        "links.[rel=alternate].href alternate.*.href mainEntityOfPage mainEntityOfPage.@id"
    ),
    "headline": _names(
        "headline title headline.main headline.value title.rendered<> title.value title.text "
        "title.#text fields.headline webTitle title_detail.value title_page title_rss"
    ),
    "text": _names(
        "text body html<> content:encoded<> content_encoded<> content.rendered<> content.*.value<> "
        "content.value<> content.content<> content.text<> content.#text<> content<> content_text "
        "content_html<> maintext articleBody<> body_text body_html<> bodyText body.processed<> "
        "body.value<> fields.body<> fields.bodyText plaintext full_text fullText story_text "
        "description<> description.#text<> summary<> summary.content<> summary.value<> "
        "summary.#text<> summary_detail.value<> excerpt.rendered<> excerpt<> abstract<> "
        "lead_paragraph<> snippet<> contentSnippet fields.standfirst<> fields.trailText<>"
    ),
    "source": _names(
        "source source.name source.title source.#text publisher publisher.name name_source "
        "source_name sourceName media_name site_name siteName origin.title sourceOrganization.name "
        "yoast_head_json.og_site_name fields.publication source_id clean_url domain_url source_domain "
        "source.uri source.domain"
    ),
    "language": _names(
        "language lang inLanguage inLanguage.alternateName inLanguage.name language_code languageCode "
        "dc:language"
    ),
    "published_at": _names(
        "published_at publishedAt published datePublished date_published webPublicationDate "
        "dateTimePub dateTime date_gmt pubDate pub_date isoDate published_date publishedDate "
        "publish_date publishDate date_publish publication_date publicationDate dc:date date "
        "published_parsed"
    ),
    "authors": _names(
        "authors author byline byline.original creator creators dc:creator dc_creator author_detail "
        "author_name authorName primary_author journalists fields.byline _embedded.author "
        "yoast_head_json.author"
    ),
}
# Where no name of an object is among these, the table has nothing to say about the field.
_BEGINNINGS = {field: frozenset(name.path[0] for name in names) - {field} for field, names in NAMES.items()}
# Most articles of the contract's own names have none of these, so that one look tells it of all fields.
_OTHERS = frozenset().union(*(_BEGINNINGS[field] for field in _BEGINNINGS.keys() - {"id", "text", "authors"}))
_WIDENED = ("headline", "source", "language")
"""Their own names take an object too, in which the table's paths find what is meant."""


def names_table() -> list[tuple[str, str]]:
    """The rows of the contract's table: a field and its names, `<>` behind those whose text may be HTML."""
    return [
        (field, ", ".join(f"`{name}`{' <>' if name.may_be_markup else ''}" for name in names))
        for field, names in NAMES.items()
    ]


def read_by_names(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """An article's fields by their own names, wherever in the object the table finds them.

    Second, what is to be kept although it stood under a field's own name: what is left of an object there,
    say. What is found is moved, also out of the document's objects; everything else stays. A value of a
    field's own name that can't be used stays too, for `article_of` to refuse. Raises IntakeError.
    """
    fields, kept = fill_by_names(document)
    if not any(_is_text_or_wrong(fields.get(name)) for name in ("text", "html")):
        raise no_text_error(document)
    return fields, kept


def fill_by_names(document: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The same, also for what has no text. Raises LimitError for a text of markup that is too complex."""
    was_read_before = is_plain(document)
    fields = dict(document)
    kept: dict[str, Any] = {}
    for alias, name in (("title", "headline"), ("body", "text")):
        if alias in fields and not isinstance(fields[alias], dict) and not fields.get(name):
            fields[name] = fields.pop(alias)
    has_url = bool(fields.get("url"))
    if not was_read_before or isinstance(fields.get("language"), dict) or not _OTHERS.isdisjoint(fields):
        for name, usable in _USABLE.items():
            if name != "id" or not was_read_before:
                _fill(fields, kept, name, usable)
    _fill_text(fields)
    # An article that was read by its own names alone before there was this table keeps its id.
    if was_read_before and not has_url and fields.get("url") and _is_missing("id", fields.get("id")):
        fields["id"] = article_id(url=None, text=sanitize(fields.get("text") or ""))
    _fill_authors(fields, kept)
    return fields, kept


def fill_id(fields: dict[str, Any]) -> None:
    """Finds the id by all its names, for an article that could not be read without help."""
    _fill(fields, {}, "id", _identifier)


def is_plain(document: dict[str, Any]) -> bool:
    """Whether the object is an article by the contract's own names, of types that need no table."""
    text = document.get("text") or document.get("body")
    authors = document.get("authors")
    return (_is_text(text) or (not text and _is_text(document.get("html")))) and not (
        isinstance(document.get("headline") or document.get("title"), dict)
        or isinstance(document.get("source"), dict)
        or isinstance(authors, str | dict)
        or (isinstance(authors, list) and any(isinstance(author, dict) for author in authors))
    )


def given_id(document: dict[str, Any]) -> Any:
    """The id that the object gives its article, by whatever name; None if it gives none that can be used."""
    names = NAMES["id"][:1] if is_plain(document) else NAMES["id"]
    return next((value for _, value in _usable_at(document, names, _identifier)), None)


def _fill(
    fields: dict[str, Any], kept: dict[str, Any], name: str, usable: Callable[[Any, bool], Any]
) -> None:
    """Puts the first usable value under the field's own name, unless that has one already."""
    own = fields.get(name)
    if not isinstance(own, dict) and _BEGINNINGS[name].isdisjoint(fields):
        return
    if not _is_missing(name, own):
        return
    for keys, value in _usable_at(fields, NAMES[name][1:], usable):
        take(fields, keys)
        # What the field's own name had is kept: what is left of an object, or a time that can't be read.
        if (left := fields.pop(name, None)) and own:
            kept[name] = left
        fields[name] = value
        return
    if name == "source" and isinstance(own, dict):
        kept[name] = fields.pop(name)


def _is_missing(name: str, own: Any) -> bool:
    """Whether the table is asked, because the field's own name has nothing, or an object."""
    if own is None or own == "":
        return True
    if isinstance(own, dict):
        return name in _WIDENED
    if not isinstance(own, str):
        return False
    return (
        not own.strip() if name in ("id", "language") else name == "published_at" and read_date(own) is None
    )


def _usable_at(
    fields: dict[str, Any], names: tuple[FeedName, ...], usable: Callable[[Any, bool], Any]
) -> Iterator[tuple[Keys, Any]]:
    """The place of each usable value, by the order of the names, and what is made of it."""
    for name in names:
        if name.path[0] not in fields:
            continue
        for keys, found in found_at(fields, name.path):
            value = usable(found, name.may_be_markup)
            if value is not None:
                yield keys, value


def _headline(value: Any, may_be_markup: bool) -> Any:
    if not _is_text(value):
        return None
    return line_of_markup(value) or None if may_be_markup else value


def _source(value: Any, _: bool) -> Any:
    return value if _is_text(value) else None


def _url(value: Any, _: bool) -> Any:
    """Only what is an address for certain: other names than `url` also have words and parts of addresses."""
    is_url = isinstance(value, str) and value.strip()[:8].lower().startswith(("http://", "https://"))
    return value.strip() if is_url else None


def _language(value: Any, _: bool) -> Any:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return language_tag(value) if isinstance(value, str) and len(value) <= 64 else None


def _published_at(value: Any, _: bool) -> Any:
    """The value if it is a time that can be read."""
    return value if read_date(value) is not None else None


def _identifier(value: Any, _: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return value if str(value).strip() else None


_USABLE: Mapping[str, Callable[[Any, bool], Any]] = {
    "headline": _headline,
    "source": _source,
    "url": _url,
    "language": _language,
    "published_at": _published_at,
    "id": _identifier,
}


def _fill_text(fields: dict[str, Any]) -> None:
    """Finds the text, unless the record has one by its own name, which nothing here changes."""
    if fields.get("text") is not None and not isinstance(fields["text"], str):
        return
    if _is_text(fields.get("text")):
        return
    if (html := fields.get("html")) and not isinstance(html, str):
        return
    for name in NAMES["text"][1:]:
        if name.path[0] not in fields:
            continue
        for keys, value in found_at(fields, name.path):
            text = _text(value, name, value_at(fields, keys[:-1]))
            if text is not None and text.strip():
                take(fields, keys)
                fields["text"] = text
                return


def _text(value: Any, name: FeedName, around: Any) -> str | None:
    if not _is_text(value):
        return None
    if name.path == ("html",):
        return read_page(sanitize(value)).text
    may_be_markup: bool | None = name.may_be_markup
    if isinstance(around, dict) and len(name.path) > 1:
        may_be_markup = is_markup_type(around.get("type"), otherwise=name.may_be_markup)
    if may_be_markup is None:
        return None
    return text_of_field(sanitize(value)) if may_be_markup else value


def _is_text_or_wrong(value: Any) -> bool:
    """Whether `article_of` can read this as a text, or has to refuse it for its type."""
    return _is_text(value) or not (value is None or isinstance(value, str))


def _fill_authors(fields: dict[str, Any], kept: dict[str, Any]) -> None:
    own = fields.get("authors")
    if isinstance(own, list) and any(_is_name(author) for author in own) and not _has_objects(own):
        return
    if own is not None and not _are_people(own):
        return
    for name in NAMES["authors"]:
        if name.path[0] not in fields:
            continue
        for keys, value in found_at(fields, name.path):
            names, left = _own_people(value) if keys == ("authors",) else people_in(value)
            if not names:
                continue
            if left is None:
                take(fields, keys)
            else:
                put(fields, keys, left)
            _keep_authors(fields, kept)
            fields["authors"] = names
            return
    _keep_authors(fields, kept)


def _keep_authors(fields: dict[str, Any], kept: dict[str, Any]) -> None:
    """Keeps what is left under `authors`, but for blanks, which say nothing."""
    left = fields.pop("authors", None)
    if left and (not isinstance(left, list) or _has_objects(left)):
        kept["authors"] = left


def _are_people(own: Any) -> bool:
    """Whether `authors` is of a type that it takes."""
    if isinstance(own, list):
        return all(author is None or _is_name(author) or isinstance(author, dict | str) for author in own)
    return isinstance(own, str | dict)


def _own_people(own: Any) -> tuple[list[Any], Any]:
    """The names under `authors`: in an array, strings and numbers stand as they are."""
    if not isinstance(own, list):
        return people_in(own)
    names: list[Any] = []
    left = []
    for author in own:
        if isinstance(author, dict):
            found, rest = people_in(author)
            names += found
            left += [author] if not found else [rest] if rest else []
        elif _is_name(author):
            names.append(author)
    return names, left or None


def _is_name(author: Any) -> bool:
    if isinstance(author, bool):
        return False
    return isinstance(author, int | float) or _is_text(author)


def _has_objects(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
