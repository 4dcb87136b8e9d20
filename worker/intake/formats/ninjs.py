"""Translates ninjs 1.x, 2.x and 3.x, IPTC's format of news in JSON, to the fields of a raw article.

1.x is read as Superdesk writes it too, with `guid`, `source`, `firstpublished` and `authors`.
"""

from typing import Any

from worker.intake.formats.format import Format, Item, Syntax
from worker.intake.formats.ninjs_body import Body, bodies_in, read_likeliest
from worker.intake.formats.ninjs_names import Fields, local_name
from worker.intake.status import PubStatus, read_embargo, read_status

CONTENT_TYPE = "application/vnd.iptc.newsinjson"
_HEADLINE_ROLES = ("main", "headline", "")
# When the article was published: its first version, else this one. When its content came to be is another
# question, as of a photograph from an archive, and tells the time only where nothing else does.
_TIMES = ("firstpublished", "firstcreated", "versioncreated", "contentcreated")
# How the times of 2.x have been read from the start.
_TIMES_OF_2 = ("contentcreated", "firstcreated", "versioncreated")
_SOURCE_ROLES = frozenset({"", "provider", "publisher", "source", "origin", "originator", "originfo"})
_AUTHOR_RELATIONS = frozenset({"author", "creator"})
# Any of them beside a `uri` or `guid` says that an object is ninjs, if it has no text of a raw article.
_MARKS = (
    "pubstatus", "versioncreated", "firstcreated", "contentcreated", "representationtype", "embargoed",
    "embargoeduntil", "body_text", "body_html", "body_xhtml", "body_nitf", "description_text",
)  # fmt: skip
_IDENTIFIED_BY = frozenset({"standard", "$standard", "uri", "guid"})
_RAW_TEXTS = ("text", "html", "body")


def is_ninjs(item: dict[str, Any]) -> bool:
    """Whether it says so in `standard`, or has a `uri` (Superdesk: `guid`) and what only ninjs has."""
    # What has none of these is none, which is soon told of the many records that are not.
    if _IDENTIFIED_BY.isdisjoint(name.lower() for name in item):
        return False
    given = Fields(item)
    if any(_names_ninjs(given.get(name)) for name in ("standard", "$standard")):
        return True
    if "uri" in item and any(isinstance(given.get(name), list) for name in ("bodies", "headlines")):
        return True
    if not ("uri" in given or "guid" in given) or any(_is_text(item.get(name)) for name in _RAW_TEXTS):
        return False
    return any(name in given for name in _MARKS)


def read_ninjs(item: dict[str, Any]) -> Item:
    """The item's fields under the raw article's names. Others keep their own, and so end up in `extra`.

    Raises FieldError, which names a field of the wrong type, or that no body can be read.
    """
    given = Fields(item)
    found: dict[str, Any] = {"id": given.take_text("uri" if "uri" in given else "guid")}
    status, embargo = read_status(item), read_embargo(item)
    if status is PubStatus.CANCELED:
        return Item(found, status=status)
    found |= {
        # First, while the arrays by which 2.x is known are there.
        "published_at": _published_at(given),
        "headline": _headline(given),
        "language": given.take_text("language"),
        "authors": _authors(given),
        "source": _source(given),
    }
    found = _beside_body(_body(given), {name: value for name, value in found.items() if value})
    # Fields under the names of what was found are kept, too.
    kept = {name: given.rest.pop(name) for name in found if name in given.rest}
    return Item(given.rest | found, kept, status, embargo)


def _names_ninjs(standard: Any) -> bool:
    if not isinstance(standard, dict):
        return False
    named = Fields(standard)
    return any(
        isinstance(value := named.get(n), str) and "ninjs" in value.lower() for n in ("name", "schema")
    )


def _headline(given: Fields) -> Any:
    entries = given.objects("headlines")
    for role in (*_HEADLINE_ROLES, None):
        for entry in entries:
            named = Fields(entry)
            if named.get("value") and role in (None, local_name(named.get("role"))):
                given.leave("headlines", [other for other in entries if other is not entry])
                return named.get("value")
    given.leave("headlines", entries)
    return given.take_text("headline") or given.take("title")


def _body(given: Fields) -> dict[str, Any]:
    """The text or the HTML of the likeliest body, else of a description; nothing where there is neither.

    What a body in NITF says of the article beside its text comes with it.
    """
    bodies = given.objects("bodies")
    given.leave("bodies", bodies)
    for array, prefix in (("bodies", "body_"), ("descriptions", "description_")):
        if array == "descriptions" and any(_is_text(given.get(name)) for name in _RAW_TEXTS):
            break
        best = read_likeliest(bodies_in(given, array, prefix), name=array)
        if best is not None:
            _take(given, array, best[0])
            return best[1]
    return {} if _is_text(given.get("text")) else {"text": given.take("body")}


def _take(given: Fields, array: str, body: Body) -> None:
    if isinstance(body.place, str):
        given.rest.pop(body.place)
    else:
        given.leave(array, [entry for entry in given.objects(array) if entry is not body.place])


def _authors(given: Fields) -> list[Any] | None:
    """The names in the first field that has any: of bylines first, then of people who are its authors."""
    for name in ("byline", "bylines", "by", "authors"):
        value = given.get(name)
        if isinstance(value, str) and value.strip():
            return [given.take(name)]
        if name.endswith("s") and (names := _names(given, name)):
            return names
    return [
        named.get("name")
        for people in ("people", "person")
        for named in map(Fields, given.objects(people))
        if local_name(named.get("rel")) in _AUTHOR_RELATIONS and named.get("name")
    ]


def _names(given: Fields, array: str) -> list[Any]:
    """The names in an array of strings or objects. Of an object the rest stays, as the role."""
    if isinstance(value := given.get(array), list) and value and all(isinstance(n, str) for n in value):
        return [name for name in given.take(array) if name.strip()]
    entries = [Fields(entry) for entry in given.objects(array)]
    names = [entry.take(_name_field(entry)) for entry in entries]
    if any(names):
        given.leave(array, [entry.rest for entry in entries if entry.rest])
    return [name for name in names if name]


def _name_field(entry: Fields) -> str:
    return next((name for name in ("byline", "by", "name") if entry.get(name)), "value")


def _source(given: Fields) -> Any:
    """The name of the party that the news comes from, else of the first named; None if `source` says it."""
    if given.get("source"):
        return None
    parties = [
        named
        for array in ("infosources", "infosource")
        for named in map(Fields, given.objects(array))
        if named.get("name")
    ]
    origins = [one for one in parties if _role(one) in _SOURCE_ROLES]
    return next((one.get("name") for one in origins or parties), None)


def _role(party: Fields) -> str:
    return local_name(party.get("role") or party.get("rel"))


def _published_at(given: Fields) -> Any:
    is_2 = any(isinstance(given.get(name), list) for name in ("bodies", "headlines"))
    names = [name for name in _TIMES_OF_2 if given.rest.get(name)] if is_2 else []
    names += [name for name in _TIMES if given.get(name)]
    return given.take(names[0]) if names else None


def _beside_body(body: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """All that was found. What the item says itself goes before what its body in NITF says of the article."""
    own = {name: value for name, value in body.items() if value and name != "extra" and name not in found}
    left = {name: value for name, value in body.items() if name not in own and value != found.get(name)}
    nitf = left.pop("extra", {}) | left
    return own | found | ({"nitf": nitf} if any(nitf.values()) else {})


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


INPUT_FORMAT = Format("ninjs", Syntax.JSON, read_ninjs, is_ninjs, (CONTENT_TYPE,))
