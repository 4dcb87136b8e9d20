"""The pages that send dead letters back: first what would be sent where, then, when that is confirmed, so."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from worker.desk.answers import Refusal, Renderer
from worker.desk.changes.guard import NOT_ALLOWED, TOKEN_FIELD, ChangeGuard
from worker.desk.changes.sink import DeskChanges
from worker.desk.source import DeskSource, PageFields, RedriveSelection, SourceError
from worker.log import log_event
from worker.records.cloudevents import rfc3339

log = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
"""A redrive that takes longer goes on, and its page says so."""
_MOST_REASON_CHARS = 100
_MOST_MS = 1 << 50


@dataclass
class _Redriving:
    """The latest redrive that was confirmed here. `done`: what became of it; `error`: why it ended early."""

    selection: RedriveSelection
    at: str
    done: PageFields | None = None
    error: str = ""


class RedrivePages:
    """Answers requests to send letters back. One redrive goes on at a time."""

    def __init__(
        self, source: DeskSource, guard: ChangeGuard, changes: DeskChanges | None, render: Renderer
    ) -> None:
        self._source, self._guard, self._changes, self._render = source, guard, changes, render
        self._latest: _Redriving | None = None
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/dead-letters/redrive", self._plan),
            web.post("/dead-letters/redrive", self._confirm),
            web.get("/dead-letters/redrive/latest", self._show_latest),
        ]

    async def close(self) -> None:
        """Ends a redrive between two batches. What was sent is noted, so the next goes on from there."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _plan(self, request: web.Request) -> web.Response:
        # What comes from now on is not in the plan, and so is not sent with it.
        selection = _selection(dict(request.query), until_ms=time.time_ns() // 1_000_000)
        plan = await self._source.redrive_plan(selection)
        return self._render(
            "redrive.html",
            here="letters",
            selection=selection,
            fields=_fields(selection),
            plan=plan,
            may_change=self._guard.is_allowed,
            not_allowed=NOT_ALLOWED,
            token_field=TOKEN_FIELD,
            token=self._guard.token(request) if self._guard.is_allowed else "",
        )

    async def _confirm(self, request: web.Request) -> web.Response:
        if self._changes is None:
            raise Refusal(403, NOT_ALLOWED)
        fields = await self._guard.change(request)
        until = fields.get("until", "")
        if not (until.isascii() and until.isdigit() and int(until[:16]) < _MOST_MS):
            raise Refusal(400, "The form does not say what was looked at: look at what would be sent first.")
        if self._task is not None and not self._task.done():
            raise Refusal(409, "A redrive is under way. Wait until it has ended.")
        selection = _selection(fields, until_ms=int(until))
        self._latest = _Redriving(selection, rfc3339(time.time_ns() // 1_000_000))
        by = self._guard.visitor(request)
        self._task = asyncio.create_task(self._carry_out(self._changes, self._latest, by))
        # Not cancelled where the visitor leaves: what was confirmed is done.
        await asyncio.wait([self._task], timeout=WAIT_SECONDS)
        raise web.HTTPSeeOther("/dead-letters/redrive/latest")

    async def _carry_out(self, changes: DeskChanges, redriving: _Redriving, by: str) -> None:
        try:
            redriving.done = await changes.redrive(redriving.selection, by=by)
        except SourceError as error:
            redriving.error = str(error)
        except Exception as error:
            log_event(log, logging.ERROR, "redrive failed", error=repr(error)[:500])
            redriving.error = "The redrive failed. What was sent is noted. The desk's log says more."

    async def _show_latest(self, _: web.Request) -> web.Response:
        if self._latest is None:
            raise Refusal(404, "Nothing was sent back since the desk was started.")
        return self._render("redriven.html", here="letters", redriving=self._latest)


def _selection(fields: dict[str, str], *, until_ms: int) -> RedriveSelection:
    """One letter, or those of one reason. Raises Refusal."""
    reason, at = fields.get("reason", ""), fields.get("at", "")
    if bool(reason) == bool(at):
        raise Refusal(400, "Letters are sent back one at a time, or by their reason: the address names one.")
    if reason:
        return RedriveSelection(reason=reason[:_MOST_REASON_CHARS], until_ms=until_ms)
    partition, _, offset = at.partition("/")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (partition, offset)):
        raise Refusal(400, "A letter is named by its place, as in 2/7.")
    return RedriveSelection(place=(int(partition), int(offset)), until_ms=until_ms)


def _fields(selection: RedriveSelection) -> dict[str, Any]:
    """What a form says of a selection."""
    named = (
        {"reason": selection.reason} if selection.place is None else {"at": "{}/{}".format(*selection.place)}
    )
    return {**named, "until": selection.until_ms}
