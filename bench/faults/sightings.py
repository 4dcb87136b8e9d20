"""What a reader of uncommitted records has seen come out: what of each input, and what it has seen again.

A committed offset runs ahead if, at the moment it can be read, an input before it has not all its records on
the brokers. A repeat is a record written again; it has to have the same bytes.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable

from bench.faults.account import Record, header, origin
from bench.faults.enricher import PER_ARTICLE
from worker.channels import Channel

# Not the channel whose topic is deleted on the way.
WATCHED = (Channel.ENRICHED, Channel.SEARCH, Channel.ENTITIES, Channel.DEAD)


class Sightings:
    """Notes records as they come; `problems` grows."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.repeats = 0
        """Records written again, aborted ones included."""
        self.fault = 0
        """Which fault the group is recovering from."""
        self._written: dict[str, set[str]] = defaultdict(set)
        self._letters: set[str] = set()
        self._first: dict[str, tuple[str, bytes]] = {}
        self._repeated: dict[tuple[int, str], set[str]] = defaultdict(set)

    def note(self, channel: Channel, records: Iterable[Record]) -> None:
        """These were written."""
        for record in records:
            one = origin(record)
            part = f"{channel}/{header(record, 'part') or 0}"
            if channel is Channel.DEAD:
                self._letters.add(one)
                version, body = "", [record.key, record.value, *_originals(record)]
            else:
                self._written[one].add(part)
                version, body = header(record, "ce_id") or "", [record.key, record.value]
            digest = hashlib.blake2b(repr(body).encode(), digest_size=8).digest()
            name = f"{one}/{part}"
            if name not in self._first:
                self._first[name] = (version, digest)
                continue
            self.repeats += 1
            self._repeated[self.fault, one.rpartition("/")[0]].add(one)
            # Another ce_id: of another version of the pipeline, in a rolling upgrade.
            if self._first[name][0] == version and self._first[name][1] != digest:
                self.problems.append(f"{part} of {one} was written again with other bytes")

    def check(self, one: str, committed: int) -> None:
        """Holds an input that lies before a committed offset against what is written of it."""
        due = sum(PER_ARTICLE[channel] for channel in WATCHED if channel in PER_ARTICLE)
        if one not in self._letters and len(self._written[one]) < due:
            self.problems.append(
                f"{committed} is committed, and of {one} only {sorted(self._written[one])} is written"
            )

    def repeated(self) -> dict[int, int]:
        """For each fault that was followed by repeats, of how many inputs in the lane that had the most."""
        most: Counter[int] = Counter()
        for (fault, _), inputs in self._repeated.items():
            most[fault] = max(most[fault], len(inputs))
        return dict(most)


def _originals(record: Record) -> list[tuple[str, bytes]]:
    return [one for one in record.headers if not one[0].startswith("dead-letter-")]
