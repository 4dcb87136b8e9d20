"""What a format is: how its documents are recognised, and how one is read."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Generic, TypeVar


class Syntax(Enum):
    """What a text is written in, before anybody asks which format it has."""

    JSON = auto()
    HTML = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """What a document says about an article. `fields`: by the names of a raw article; others are kept."""

    fields: dict[str, Any]


D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Format(Generic[D]):
    """A format of articles. `D` is what its syntax gives: JSON an object, HTML and plain text a string.

    `read` raises IntakeErrors alone, whatever the document holds. `recognizes`: whether a document of the
    syntax is of this format; None for the one that takes what no other recognises.
    `media_types`: those that say no more than which syntax it is in; `+json` needs none.
    """

    name: str
    syntax: Syntax
    read: Callable[[D], Item]
    recognizes: Callable[[D], bool] | None = None
    media_types: tuple[str, ...] = ()
