"""Which pipelines the articles that came are from."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from worker.records.cloudevents import rfc3339

_MOST_PIPELINES, _NAME_CHARS = 50, 100


@dataclass(slots=True)
class _Seen:
    first_ms: int
    last_ms: int
    articles: int = 0


class PipelinesSeen:
    """Name and version of each pipeline, the latest last; of more than fifty the oldest are forgotten."""

    def __init__(self) -> None:
        self._seen: OrderedDict[tuple[str, str], _Seen] = OrderedDict()

    def note(self, article: Mapping[str, Any], at_ms: int) -> None:
        """An enriched article came, which was written at that moment (milliseconds since the epoch)."""
        told = article["pipeline"]
        key = told["name"][:_NAME_CHARS], told["version"][:_NAME_CHARS]
        seen = self._seen.setdefault(key, _Seen(at_ms, at_ms))
        seen.articles += 1
        seen.first_ms, seen.last_ms = min(seen.first_ms, at_ms), max(seen.last_ms, at_ms)
        self._seen.move_to_end(key)
        if len(self._seen) > _MOST_PIPELINES:
            self._seen.popitem(last=False)

    def seen(self) -> list[dict[str, Any]]:
        """The latest first, with the times of the first and last article that came."""
        return [
            {
                "name": name,
                "version": version,
                "articles": seen.articles,
                "first": rfc3339(seen.first_ms),
                "last": rfc3339(seen.last_ms),
            }
            for (name, version), seen in reversed(self._seen.items())
        ]
