"""Trends counted the plain way, from a list of articles: what the worker's counts are held against."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import sqrt
from statistics import fmean, pvariance
from typing import Any

from worker.trends.note import Kind, Note, Subject, note_bytes

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
NOON_MS = 1_800_014_400_000  # 2027-01-15T12:00Z
ADA = Subject(Kind.PERSON, "person:ada-okafor", "Ada Okafor")
UNION = Subject(Kind.ORGANISATION, "org:dockers-union", "Dockers' Union")
CALLAO = Subject(Kind.PLACE, "gpe:callao", "Callao")
LABOUR = Subject(Kind.TOPIC, "medtop:09000000", "labour")


def note(*subjects: Subject, at_ms: int = NOON_MS, story: str = "s1", is_copy: bool = False) -> bytes:
    """The value of a note's record."""
    return note_bytes(Note(at_ms, story, is_copy, subjects or (ADA,)))


@dataclass
class PlainTrends:
    """Keeps every article for ever, and counts all of them whenever it is asked."""

    articles: dict[str, Note] = field(default_factory=dict)

    def record(self, key: str) -> dict[str, Any]:
        """The fields of a key's record but for `name` and `updated_at`."""
        window, start, kind, subject = key.split("/", 3)
        length = HOUR_MS if window == "hour" else DAY_MS
        begins = int(
            datetime.fromisoformat(start + ":00" * (window == "hour")).replace(tzinfo=UTC).timestamp()
        )
        begins_ms = begins * 1000
        named = self._within(begins_ms, length, kind, subject)
        independent = [one for one in named if not one.is_copy]
        return {
            "window": window,
            "start": datetime.fromtimestamp(begins, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "kind": kind,
            "subject": subject,
            "articles": len(named),
            "independent": len(independent),
            "stories": len({one.story for one in named}),
            "burst": self._burst(begins_ms, length, kind, subject, len(independent)),
        }

    def _within(self, begins_ms: int, length: int, kind: str, subject: str) -> list[Note]:
        return [
            one
            for one in self.articles.values()
            if begins_ms <= one.time_ms < begins_ms + length
            and any(each.kind == kind and each.id == subject for each in one.subjects)
        ]

    def _burst(
        self, begins_ms: int, length: int, kind: str, subject: str, independent: int
    ) -> dict[str, float] | None:
        windows, known, least = (168, 24, 5) if length == HOUR_MS else (7, 3, 10)
        before = []
        for number in range(1, windows + 1):
            start = begins_ms - number * length
            if any(start <= one.time_ms < start + length for one in self.articles.values()):
                named = self._within(start, length, kind, subject)
                before.append(sum(not one.is_copy for one in named))
        if independent < least or len(before) < known:
            return None
        expected = fmean(before)
        score = (independent - expected) / max(sqrt(pvariance(before)), sqrt(expected), 1.0)
        return {"expected": round(expected, 2), "score": round(score, 1)} if score >= 4 else None
