"""Reads which article a raw record is, in a process of its own: the record may end what reads it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from worker.commands.dead_letters.contents import CPU_SECONDS, WALL_SECONDS
from worker.commands.dead_letters.letter import without_letter_headers
from worker.field_paths import FieldPath
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.pool.pool import Killed, Pool, PoolBrokenError, PoolError
from worker.pool.secrecy import hide_memory
from worker.records.article import Article
from worker.records.messages import RawMessage
from worker.settings import Settings


class Identity(NamedTuple):
    """An article's id and url; both are None if none can be read."""

    id: str | None
    url: str | None


NOBODY = Identity(None, None)
_NO_LIMITS = Limits(max_record_bytes=1 << 30, max_text_chars=1 << 30)


@dataclass
class Identifier:
    """Starts its process when the first record is asked about."""

    settings: Settings
    stack: AsyncExitStack
    pool: Pool[RawMessage, tuple[str | None, str | None]] | None = None

    async def of(self, message: RawMessage) -> Identity:
        """What article the record holds, or retracts."""
        if self.pool is None:
            self.pool = await self.stack.enter_async_context(self._make_pool())
        try:
            found = await self.pool.submit(without_letter_headers(message))
        except (PoolBrokenError, PoolError):
            return NOBODY
        return NOBODY if isinstance(found, Killed) else Identity(*found)

    def _make_pool(self) -> Pool[RawMessage, tuple[str | None, str | None]]:
        settings = self.settings
        if settings.holds_secrets:
            hide_memory()
        return Pool(
            partial(_make_reader, settings.allowed_languages, settings.field_paths),
            processes=1,
            item_cpu_seconds=CPU_SECONDS,
            item_wall_seconds=WALL_SECONDS,
            item_memory_bytes=settings.article_memory_bytes,
            attempts=1,
        )


@asynccontextmanager
async def identifier(settings: Settings) -> AsyncIterator[Identifier]:
    """An identifier, whose process ends with the block."""
    async with AsyncExitStack() as stack:
        yield Identifier(settings, stack)


def _make_reader(
    languages: tuple[str, ...], field_paths: tuple[FieldPath, ...]
) -> "partial[tuple[str | None, str | None]]":
    return partial(identity_in, languages=languages, field_paths=field_paths)


def identity_in(
    message: RawMessage, *, languages: tuple[str, ...], field_paths: tuple[FieldPath, ...] = ()
) -> tuple[str | None, str | None]:
    """The id and the url of the article in a raw record, or the id of the one that it retracts."""
    # What reads HTML is slow to import, and is needed in the process that reads alone.
    from worker.intake.decode import decode

    decoded = decode(
        message,
        limits=_NO_LIMITS,
        default_language=languages[0],
        other_languages=languages[1:],
        field_paths=field_paths,
        shows_withheld=True,
    )
    match decoded:
        case Article(id=article, url=url):
            return article, url
        case Retraction(id=article):
            return article, None
        case _:
            return None, None
