"""What a format is: how its documents are recognised, and how one is read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from worker.intake.status import PubStatus


class Syntax(Enum):
    """What a text is written in, before anybody asks which format it has."""

    JSON = auto()
    XML = auto()
    HTML = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True)
class Item:
    """What a document says about an article. `fields`: by the names of a raw article; others are kept.

    `kept`: what goes to `extra` under the name of a field that has another value.
    `status`: whether it may be published; of a canceled one only id and url in `fields` count.
    `embargoed_until`: before which time it may not be, as the document has it.
    `has_no_markup`: the text has none, whatever it looks like.
    """

    fields: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    status: PubStatus = PubStatus.USABLE
    embargoed_until: Any = None
    has_no_markup: bool = False


D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Format(Generic[D]):
    """A format of articles. `D` is what its syntax gives: JSON an object, XML its root element, HTML and
    plain text a string.

    `read` raises IntakeErrors alone, whatever the document holds. `recognizes`: whether a document of the
    syntax is of this format; None for the one that takes what no other recognises.
    `media_types`: those that say no more than which syntax it is in; `+json` needs none.
    """

    name: str
    syntax: Syntax
    read: Callable[[D], Item]
    recognizes: Callable[[D], bool] | None = None
    media_types: tuple[str, ...] = ()
