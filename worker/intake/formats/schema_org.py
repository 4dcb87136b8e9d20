"""An article as JSON-LD with the terms of schema.org, alone or as a node of a `@graph`."""

from collections.abc import Iterator, Mapping
from typing import Any

from worker.intake.feeds.names import read_by_names
from worker.intake.formats.format import Format, Item, Syntax

_PREFIXES = ("https://schema.org/", "http://schema.org/", "schema:")
_ARTICLES = frozenset({"Report", "BlogPosting", "LiveBlogPosting", "SocialMediaPosting"})
_TEXTS = ("articleBody", "text")
# A document with none of these has no node with a type.
_WITH_NODES = frozenset({"@type", "mainEntity", "@graph"})
# What may be no more than the `@id` of another node of the graph, which has its name.
_REFERENCES = ("author", "creator", "publisher", "sourceOrganization")


def is_schema_org(document: dict[str, Any]) -> bool:
    """Whether the object, its main entity or a node of its graph is an article."""
    return not _WITH_NODES.isdisjoint(document) and next(_articles(document), None) is not None


def read_node(document: dict[str, Any]) -> Item:
    """The first article that has a text, else the first. Everything beside it is kept. Raises IntakeError."""
    articles = list(_articles(document))
    article = next((node for node in articles if any(_plain(_get(node, t)) for t in _TEXTS)), articles[0])
    nodes = {node["@id"]: node for node in _nodes(document) if isinstance(node.get("@id"), str)}
    fields = {_local(name): _plain(value) for name, value in article.items()}
    for name in _REFERENCES:
        if name in fields:
            fields[name] = _resolved(fields[name], nodes)
    if not fields.get("headline") and isinstance(fields.get("name"), str):
        fields["headline"] = fields.pop("name")
    kept = {name: value for name, value in document.items() if article is not document}
    if isinstance(graph := kept.get("@graph"), list):
        kept["@graph"] = [node for node in graph if node is not article]
    if kept.get("mainEntity") is article:
        del kept["mainEntity"]
    if not _is_absolute(fields.get("@id")) and "@id" in fields:
        kept["@id"] = fields.pop("@id")
    fields, kept_by_names = read_by_names(fields)
    return Item(fields, kept | kept_by_names)


def _articles(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (node for node in _nodes(document) if any(map(_is_article, _as_list(node.get("@type")))))


def _nodes(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for node in (document, document.get("mainEntity"), *_as_list(document.get("@graph"))):
        if isinstance(node, dict):
            yield node


def _is_article(type_: Any) -> bool:
    name = _local(type_) if isinstance(type_, str) else ""
    return name.endswith("Article") or name in _ARTICLES


def _get(node: dict[str, Any], name: str) -> Any:
    return next((node[key] for key in (name, *(p + name for p in _PREFIXES)) if key in node), None)


def _local(name: str) -> str:
    """A term without what says that it is schema.org's."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _plain(value: Any) -> Any:
    """A value without what JSON-LD may put around it: an array of one, or an object with its language."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and "@value" in value:
        return value["@value"]
    return value


def _resolved(value: Any, nodes: Mapping[str, dict[str, Any]]) -> Any:
    """The value, and the names of those in it that are only referred to."""
    if isinstance(value, list):
        return [_resolved(item, nodes) if not isinstance(item, list) else item for item in value]
    if not isinstance(value, dict):
        return value
    person = {_local(name): _plain(part) for name, part in value.items()}
    node = nodes.get(person["@id"]) if isinstance(person.get("@id"), str) else None
    if node is not None and not person.get("name"):
        person["name"] = _plain(_get(node, "name"))
    return person


def _is_absolute(identifier: Any) -> bool:
    """Whether it names the article everywhere: `#article` and `_:b0` do so in their own document alone."""
    return isinstance(identifier, str) and ":" in identifier and not identifier.startswith(("#", "_:", "/"))


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


INPUT_FORMAT = Format("schema-org", Syntax.JSON, read_node, is_schema_org)
