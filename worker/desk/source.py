"""What pages ask for beside the latest articles. Who runs the desk reads it from the topics."""

from dataclasses import dataclass
from typing import Any, Protocol

from worker.desk.alert_record import PlacedAlert
from worker.desk.ring import PlacedArticle

PageFields = dict[str, Any]
"""What `--json` of the command of the same subject prints."""


class SourceError(Exception):
    """The brokers do not answer, refuse, or lack a topic. The message is for people.

    `is_lasting`: to ask again does not help.
    """

    def __init__(self, message: str, *, is_lasting: bool = False) -> None:
        super().__init__(message)
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class RedriveSelection:
    """Which dead letters are sent back: one by its place, or all of a reason.

    `until_ms`: none that was written then or later, in milliseconds since the epoch, so that what is sent is
    what was looked at; None: whenever they were written.
    """

    reason: str | None = None
    place: tuple[int, int] | None = None
    until_ms: int | None = None


class DeskSource(Protocol):
    """Each method raises SourceError."""

    async def article(self, partition: int, offset: int) -> PlacedArticle | None:
        """The enriched record at a place; None if it is not kept there any more."""

    async def stories(self, order: str, status: str) -> PageFields:
        """`stories`: those that changed in the last day, the greatest first, and `changed`, how many did."""

    async def story(self, asked: str) -> PageFields | None:
        """`story` and `timeline` of a story, by its id or that of one of its articles."""

    async def letters(self, reason: str | None) -> PageFields:
        """`letters`: the latest, newest first; `reasons`: how many of each; `is_whole`: these are all."""

    async def letter(self, partition: int, offset: int) -> PageFields | None:
        """`rows` about one letter, and `value`, the first bytes of it; None if it is not kept any more."""

    async def operation(self) -> PageFields:
        """The look of `dateline status`."""

    async def alert(self, partition: int, offset: int) -> PlacedAlert | None:
        """The record of the topic of alerts at a place; None if it is not kept there any more."""

    async def rules(self) -> PageFields:
        """`rules`: all that there are by id, with `at_limits`, where each was at a limit within a day.

        `has_hits` and `has_limits`: whether the topic of alerts, and that of cooldowns' state, can be read.
        """

    async def rule(self, rule_id: str) -> PageFields | None:
        """A rule as `rules` has it, with `cooldown` as text, and `has_limits`; None if there is none."""

    async def redrive_plan(self, selection: RedriveSelection) -> PageFields:
        """What a redrive would send: `letters`, `sent`, `left`, `summary`, `lines`. Sends nothing."""
