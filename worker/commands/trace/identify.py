"""Reads which article a raw record is, in a process of its own: the record may end what reads it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple

from worker.commands.dead_letters.letter import without_letter_headers
from worker.commands.shell.read_alone import decode_whole, reading_pool
from worker.field_paths import FieldPath
from worker.intake.retraction import Retraction
from worker.pool.pool import Killed, Pool, PoolBrokenError, PoolError
from worker.records.article import Article
from worker.records.messages import RawMessage
from worker.settings import Settings


class Identity(NamedTuple):
    """An article's id and url; both are None if none can be read."""

    id: str | None
    url: str | None


NOBODY = Identity(None, None)


@dataclass
class Identifier:
    """Starts its process when the first record is asked about."""

    settings: Settings
    stack: AsyncExitStack
    pool: Pool[RawMessage, tuple[str | None, str | None]] | None = None

    async def of(self, message: RawMessage) -> Identity:
        """What article the record holds, or retracts."""
        if self.pool is None:
            self.pool = await self.stack.enter_async_context(reading_pool(identity_in, self.settings))
        try:
            found = await self.pool.submit(without_letter_headers(message))
        except (PoolBrokenError, PoolError):
            return NOBODY
        return NOBODY if isinstance(found, Killed) else Identity(*found)


@asynccontextmanager
async def identifier(settings: Settings) -> AsyncIterator[Identifier]:
    """An identifier, whose process ends with the block."""
    async with AsyncExitStack() as stack:
        yield Identifier(settings, stack)


def identity_in(
    message: RawMessage, *, languages: tuple[str, ...], field_paths: tuple[FieldPath, ...] = ()
) -> tuple[str | None, str | None]:
    """The id and the url of the article in a raw record, or the id of the one that it retracts."""
    decoded = decode_whole(message, languages=languages, field_paths=field_paths)
    match decoded:
        case Article(id=article, url=url):
            return article, url
        case Retraction(id=article):
            return article, None
        case _:
            return None, None
