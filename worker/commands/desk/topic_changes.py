"""Carries out what visitors of the desk change. It is made with `--allow-changes` alone: nothing else writes.

Rules are put and deleted with the functions of `dateline rules`, one change at a time. A change is written if
its rule is still as its visitor has seen it, and then read back. Two desks, or a desk and a command, can
write in the same moment, since Kafka does not compare; what the other wrote is then found between the two
readings.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from worker.alerts.typed_rules import is_paused
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.outcome import RedriveNotes, RedriveOptions, RedriveOutcome
from worker.commands.dead_letters.redrive import redrive
from worker.commands.desk.rule_reading import CHANGED_BY
from worker.commands.rules.changes import RuleChange, deletions
from worker.commands.rules.confirm import confirm_changes, version_in_force
from worker.commands.rules.pausing import pausing_changes, resuming_changes
from worker.commands.rules.topic import RulesTopic, read_rules, write_changes
from worker.commands.rules.write import cheap_puts
from worker.commands.shell.since import END
from worker.commands.shell.terminal import Problem
from worker.desk.changes.sink import ChangeRefused, ConfirmedChange, RuleConflict
from worker.desk.source import PageFields, RedriveSelection, SourceError
from worker.log import log_event
from worker.records.rules import Rule, rule_version
from worker.settings import Settings

log = logging.getLogger(__name__)

MOST_REDRIVEN_LETTERS = 1_000
"""Of one confirmation."""
MOST_WAITING_CHANGES = 8
PLAN_SECONDS = 50.0
"""After which the desk gives up to find out what would be sent: too many letters are to be looked through."""
EMBEDDED = (
    "The demo's embedded broker has no transactions, in which letters are sent back. On a cluster this page "
    "says first what would go where."
)


@dataclass
class _ReadRule:
    """A rule as its topic has it."""

    rule_id: str
    topic: RulesTopic

    @property
    def rule(self) -> Rule | None:
        active = self.topic.book.index.get(self.rule_id)
        return active.rule if active else None

    @property
    def version(self) -> str:
        return version_in_force(self.topic.book, self.rule_id)


@dataclass
class TopicChanges:
    """Writes rules, and sends letters back. `on_change` is called after each change: what was read is old."""

    settings: Settings
    on_change: Callable[[], None] = lambda: None
    is_embedded: bool = False
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    async def put_rule(self, rule: Rule, *, seen: str, by: str) -> ConfirmedChange:
        def changes(before: _ReadRule) -> list[RuleChange]:
            return cheap_puts(before.topic, [rule])

        # Saved twice, as where an answer was lost, it is there already.
        return await self._change(rule.id, changes, seen=seen, by=by, wanted=rule_version(rule))

    async def pause_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        def changes(before: _ReadRule) -> list[RuleChange]:
            return pausing_changes(before.topic, [_there(before)])

        return await self._change(rule_id, changes, seen=seen, by=by)

    async def resume_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        def changes(before: _ReadRule) -> list[RuleChange]:
            rule = _there(before)
            if not is_paused(rule):
                raise ChangeRefused(f"{rule_id} is not paused.")
            return resuming_changes(before.topic, [rule])

        return await self._change(rule_id, changes, seen=seen, by=by)

    async def delete_rule(self, rule_id: str, *, seen: str, by: str) -> ConfirmedChange:
        def changes(before: _ReadRule) -> list[RuleChange]:
            key = before.topic.keys.get(rule_id)
            if key is None:
                raise RuleConflict("")
            return deletions(before.topic.book, [(rule_id, key)])

        return await self._change(rule_id, changes, seen=seen, by=by)

    async def redrive(self, selection: RedriveSelection, *, by: str) -> PageFields:
        done = await redrive_of(self.settings, selection, is_embedded=self.is_embedded, dry_run=False)
        log_event(
            log, logging.INFO, "letters sent back", sent=done["sent"], left=done["left"],
            reason=selection.reason, place=selection.place, by=by or None,
        )  # fmt: skip
        self.on_change()
        return done

    async def _change(
        self,
        rule_id: str,
        changes: Callable[[_ReadRule], list[RuleChange]],
        *,
        seen: str,
        by: str,
        wanted: str = "",
    ) -> ConfirmedChange:
        async with self._its_turn():
            try:
                before = await self._read(rule_id)
                if wanted and before.version == wanted and not before.topic.book.refused:
                    return ConfirmedChange(rule_id, wanted)
                if before.version != seen:
                    raise RuleConflict(before.version)
                return await self._carried_out(before, changes, by=by)
            except Problem as problem:
                raise SourceError(f"{problem.message}.") from None
            finally:
                self.on_change()

    async def _carried_out(
        self, before: _ReadRule, changes: Callable[[_ReadRule], list[RuleChange]], *, by: str
    ) -> ConfirmedChange:
        try:
            made = changes(before)
        except Problem as problem:
            raise ChangeRefused(problem.message) from None
        written = [_by(change, by) for change in made if change.is_written]
        if not written:
            return ConfirmedChange(before.rule_id, before.version)
        (change,) = written
        await write_changes(self.settings, written)
        _log(change, before.version, by)
        return await self._confirmed(change, before)

    async def _confirmed(self, change: RuleChange, before: _ReadRule) -> ConfirmedChange:
        """The change as the topic has it, read back. Raises Problem if it does not have it."""
        (confirmed,) = await confirm_changes(self.settings, [change], before.topic)
        return ConfirmedChange(
            change.rule_id, confirmed.version, confirmed.overtaken, is_last=confirmed.is_last
        )

    async def _read(self, rule_id: str) -> _ReadRule:
        return _ReadRule(rule_id, await read_rules(self.settings, only=[rule_id]))

    @asynccontextmanager
    async def _its_turn(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING_CHANGES:
            raise SourceError("As many changes wait as the desk takes. Nothing was written.")
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1


async def redrive_of(
    settings: Settings, selection: RedriveSelection, *, is_embedded: bool, dry_run: bool
) -> PageFields:
    """What a redrive of these letters does, or would do. Raises SourceError."""
    if is_embedded:
        raise SourceError(EMBEDDED, is_lasting=True)
    filters = Filter(
        reasons=() if selection.reason is None else (selection.reason,),
        places=() if selection.place is None else (selection.place,),
        until=END if selection.until_ms is None else selection.until_ms,
        field_paths=settings.field_paths,
    )
    options = RedriveOptions(dry_run=dry_run, limit=MOST_REDRIVEN_LETTERS)
    outcome, notes = RedriveOutcome(), RedriveNotes()
    try:
        async with asyncio.timeout(PLAN_SECONDS if dry_run else None):
            await redrive(settings, filters, options, outcome, notes=notes)
    except TimeoutError:
        raise SourceError(
            f"There are too many letters to look through within {PLAN_SECONDS:g} s: "
            "`dateline dead-letters redrive --dry-run` does it."
        ) from None
    except Problem as problem:
        sent = outcome.sent.total()
        said = f"{outcome.summary(dry_run=dry_run)}; then: " if sent else ""
        raise SourceError(f"{said}{problem.message}.") from None
    sent = outcome.sent.total()
    return {
        "letters": notes.letters,
        "lines": notes.lines,
        "sent": sent,
        "left": outcome.left.total(),
        "summary": outcome.summary(dry_run=dry_run),
        "is_full": sent >= MOST_REDRIVEN_LETTERS,
    }


def _there(read: _ReadRule) -> Rule:
    if read.rule is None:
        raise RuleConflict("")
    return read.rule


def _by(change: RuleChange, by: str) -> RuleChange:
    """The change with who asks for it; as it is where nobody is named."""
    if not by:
        return change
    return replace(change, headers=(*change.headers, (CHANGED_BY, by.encode(errors="replace"))))


def _log(change: RuleChange, before: str, by: str) -> None:
    log_event(
        log, logging.INFO, "rule changed", rule=change.rule_id, change=change.kind, version=change.version,
        before=before or None, by=by or None,
    )  # fmt: skip
