"""What documents of RSS and Atom share: one entry, in a feed that says where it comes from."""

from collections.abc import Collection
from typing import Any

from worker.intake.errors import UndecodableError
from worker.intake.xml_text import element_json, local, merged


def only_entry(entries: list[Any], *, document: str, entry: str) -> Any:
    """The document's one entry. Raises UndecodableError, which says how many there are."""
    if len(entries) != 1:
        count = f"{len(entries)} of {entry}" if entries else f"no {entry}"
        raise UndecodableError(
            f"the value is {document} with {count}; a record takes one article: send each {entry} as a "
            "record of its own, as a document that has it alone or as JSON"
        )
    return entries[0]


def namesakes(parent: Any, name: str) -> list[Any]:
    """The children of this name in the parent's own namespace: `title`, and not `media:title`."""
    return parent.findall(f"{_namespace(parent)}{name}")  # type: ignore[no-any-return]


def without(parent: Any, left_out: Collection[Any]) -> dict[str, Any]:
    """What else the element has, for `extra`: those of other namespaces by their prefix and name."""
    parts = []
    out = set(left_out)
    for child in parent:
        if child in out:
            continue
        said = element_json(child)
        if said is not None:
            is_own = _namespace(child) == _namespace(parent) or not child.prefix
            parts.append({local(child) if is_own else f"{child.prefix}:{local(child)}": said})
    return merged(*parts)


def _namespace(element: Any) -> str:
    namespace, brace, _ = str(element.tag).rpartition("}")
    return namespace + brace
