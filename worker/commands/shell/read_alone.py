"""Reads one raw record in a process of its own, for whoever looks at it: the record may end what reads it."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from worker.field_paths import FieldPath
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.pool.article_pool import hide_secrets
from worker.pool.pool import Pool
from worker.records.article import Article
from worker.records.messages import RawMessage, Rejected
from worker.settings import Settings

# So high that an operator can still read an article that was too large for the worker.
_NO_LIMITS = Limits(max_record_bytes=1 << 30, max_text_chars=1 << 30)
_CPU_SECONDS = 10
_WALL_SECONDS = 30

_R_co = TypeVar("_R_co", covariant=True)
_R = TypeVar("_R")


class RecordReading(Protocol[_R_co]):
    """A function of a module, which a child can import: what is to be told of a record."""

    def __call__(
        self, message: RawMessage, *, languages: tuple[str, ...], field_paths: tuple[FieldPath, ...]
    ) -> _R_co: ...


def reading_pool(read: RecordReading[_R], settings: Settings) -> Pool[RawMessage, _R]:
    """A pool of one child that reads one record after the other, each within limits and once."""
    hide_secrets(settings)
    return Pool(
        partial(_make_reader, read, settings.allowed_languages, settings.field_paths),
        processes=1,
        item_cpu_seconds=_CPU_SECONDS,
        item_wall_seconds=_WALL_SECONDS,
        item_memory_bytes=settings.article_memory_bytes,
        attempts=1,
    )


def _make_reader(
    read: RecordReading[_R], languages: tuple[str, ...], field_paths: tuple[FieldPath, ...]
) -> Callable[[RawMessage], _R]:
    return partial(read, languages=languages, field_paths=field_paths)


def decode_whole(
    message: RawMessage, *, languages: tuple[str, ...], field_paths: tuple[FieldPath, ...]
) -> Article | Retraction | Rejected:
    """What the record holds, whatever its size and though it may not be published yet."""
    # What reads HTML is slow to import, and is needed in the process that reads alone.
    from worker.intake.decode import decode

    return decode(
        message,
        limits=_NO_LIMITS,
        default_language=languages[0],
        other_languages=languages[1:],
        field_paths=field_paths,
        shows_withheld=True,
    )
