"""Which dead letters a command is about: by reason, time, source topic, id, place and text of the error."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

import click

from worker.channels import Channel
from worker.commands.dead_letters.letter import Letter
from worker.commands.shell.since import BEGINNING, END, Since
from worker.field_paths import FieldPath
from worker.records.messages import Reason

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Places = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Filter:
    """A letter matches if it has each thing that is given, and any one of several reasons, topics or ids.

    Times are in milliseconds since the epoch. `places` are partitions and offsets in the letters' topic.
    `field_paths` say where articles have their ids, as DATELINE_FIELDS does.
    """

    reasons: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    places: _Places = ()
    error: str | None = None
    since: int | str = BEGINNING
    until: int | str = END
    field_paths: tuple[FieldPath, ...] = ()

    def reading(self, field_paths: tuple[FieldPath, ...]) -> Self:
        """The same filter, which looks for ids where these paths lead too."""
        return replace(self, field_paths=field_paths)

    def matches(self, letter: Letter) -> bool:
        """Whether the letter has all that is asked. Ids are checked last: they may stand in the article."""
        if not self._is_in_time(letter.record.timestamp):
            return False
        if self.places and (letter.record.partition, letter.record.offset) not in self.places:
            return False
        if self.reasons and letter.reason not in self.reasons:
            return False
        if self.topics and letter.topic not in self.topics:
            return False
        if self.error is not None and self.error.casefold() not in letter.error.casefold():
            return False
        return not self.ids or any(letter.has_id(wanted, self.field_paths) for wanted in self.ids)

    def _is_in_time(self, timestamp_ms: int) -> bool:
        if isinstance(self.since, int) and timestamp_ms < self.since:
            return False
        return not isinstance(self.until, int) or timestamp_ms < self.until


class PlaceParam(click.ParamType):
    """An option's value: a letter's partition and offset in the dead letters' topic."""

    name = "place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        if (place := read_place(value)) is None:
            self.fail(f"{value!r} is no partition/offset of a letter, such as 3/1042", param, ctx)
        return place


def read_place(text: str) -> tuple[int, int] | None:
    """Reads `partition/offset`, also behind the topic as `tap` and `trace` print it; None for anything else.

    A dead letters' topic is known by its name's end, whatever DATELINE_TOPIC_PREFIX is.
    """
    topic, _, rest = text.partition("/")
    if topic == Channel.DEAD.name.lower() or topic.endswith(Channel.DEAD.value):
        text = rest
    partition, _, offset = text.partition("/")
    if not (_is_number(partition) and _is_number(offset)):
        return None
    return int(partition), int(offset)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


OPTIONS = (
    click.option(
        "--reason",
        "reasons",
        multiple=True,
        type=click.Choice([reason.value for reason in Reason]),
        metavar="REASON",
        help=f"Only letters with this reason: {', '.join(Reason)}. Several: give it again.",
    ),
    click.option(
        "--since",
        type=Since(),
        metavar="WHEN",
        default=BEGINNING,
        help="Only letters written from then on: 10m or 2h (ago), or an ISO time.",
    ),
    click.option("--until", type=Since(), metavar="WHEN", default=END, help="Only letters written before."),
    click.option(
        "--source",
        "topics",
        multiple=True,
        metavar="TOPIC",
        help="Only letters whose original stood in this topic.",
    ),
    click.option(
        "--id",
        "ids",
        multiple=True,
        metavar="ID",
        help="Only the letters of this article: its key, its id, or its origin, topic/partition/offset.",
    ),
    click.option(
        "--at",
        "places",
        multiple=True,
        type=PlaceParam(),
        metavar="PARTITION/OFFSET",
        help="Only the letter that stands there in the dead letters' topic, as `list` names it.",
    ),
    click.option("--error", metavar="TEXT", help="Only letters whose error has this text, in any case."),
)


def filter_options(function: _Command) -> _Command:
    """Adds the filter's options, which every command about dead letters has; `read_filter` reads them."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def read_filter(options: dict[str, Any]) -> Filter:
    """Moves the filter's options out of `options`. Raises UsageError for times between which nothing is."""
    names = ("reasons", "topics", "ids", "places", "error", "since", "until")
    filters = Filter(**{name: options.pop(name) for name in names})
    if filters.since == END or filters.until == BEGINNING:
        raise click.UsageError("--since end and --until beginning leave no letter")
    if isinstance(filters.since, int) and isinstance(filters.until, int) and filters.since >= filters.until:
        raise click.UsageError("--since is not before --until: that leaves no letter")
    return filters
