"""One look at a group as plain data: its workers, its stages partition by partition, its dead letters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from worker.commands.status.pace import WINDOW_MS
from worker.delivery.kafka.connection import process_of
from worker.delivery.kafka.group.member_settings import MemberSettings, eldest
from worker.delivery.kafka.group.members import GroupMember

# What comes and goes within a minute is no growth, nor is what a batch more or less makes.
GROWTH_AGE_MS = 60_000
GROWTH_LEAST, GROWTH_SHARE = 10, 0.1


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A member of the group, with what its client id and its settings tell; None of what they do not."""

    client_id: str
    address: str
    host: str | None
    process: int | None
    version: str | None
    pipeline: str | None
    assigned: frozenset[TopicPartition]

    @property
    def name(self) -> str:
        """`ops-1/4711`; of one with another client id, that and where it comes from."""
        return f"{self.client_id} at {self.address}" if self.host is None else f"{self.host}/{self.process}"


@dataclass(frozen=True, slots=True)
class SettingDiffers:
    """What shapes records and differs between a worker and the one that has been longest in the group."""

    worker: str
    name: str
    here: str
    group: str


@dataclass(frozen=True, slots=True)
class PartitionSeen:
    """One partition that a stage reads, and where the group stands in it.

    `worker`: who has it; None if nobody does. `position`: the offset that is delivered next; `end`: the one
    behind the last committed record. `lag`: records that wait, reckoned if it is not `is_exact`; `oldest_ms`:
    Kafka's time of the first of them. `delivered_ms`: the last delivery; None if there was none in the last
    five minutes. `per_second`: records delivered. `offsets_then`: how many offsets waited five minutes ago.
    """

    partition: TopicPartition
    worker: str | None
    position: int
    end: int
    lag: int
    is_exact: bool
    oldest_ms: int | None
    delivered_ms: int | None
    per_second: float | None
    offsets_then: int | None

    @property
    def offsets_now(self) -> int:
        """How many offsets wait; none where only transaction markers are left."""
        return self.end - self.position if self.lag else 0

    def is_held_up(self, now_ms: int) -> bool:
        """Whether its worker has delivered nothing for five minutes, and records have waited as long."""
        stands = self.delivered_ms is None and self.offsets_then is not None
        waits = self.oldest_ms is not None and self.oldest_ms <= now_ms - WINDOW_MS
        return self.worker is not None and self.lag > 0 and stands and waits


@dataclass(frozen=True, slots=True)
class StageSeen:
    """A stage, by the partitions of the topic that it reads."""

    name: str
    topic: str
    partitions: tuple[PartitionSeen, ...]

    @property
    def lag(self) -> int:
        return sum(one.lag for one in self.partitions)

    @property
    def is_exact(self) -> bool:
        return all(one.is_exact for one in self.partitions)

    @property
    def oldest_ms(self) -> int | None:
        return min((one.oldest_ms for one in self.partitions if one.oldest_ms is not None), default=None)

    @property
    def delivered_ms(self) -> int | None:
        times = (one.delivered_ms for one in self.partitions if one.delivered_ms is not None)
        return max(times, default=None)

    @property
    def per_second(self) -> float | None:
        """Of all partitions together; None if one of them does not tell."""
        rates = [one.per_second for one in self.partitions]
        return sum(rate for rate in rates if rate is not None) if None not in rates else None

    @property
    def growth(self) -> tuple[int, int] | None:
        """How many offsets waited five minutes ago, and now, where both are known; None if nowhere."""
        known = [(one.offsets_then, one.offsets_now) for one in self.partitions]
        pairs = [(then, now) for then, now in known if then is not None]
        return (sum(then for then, _ in pairs), sum(now for _, now in pairs)) if pairs else None

    def grows(self, now_ms: int) -> bool:
        """Whether clearly more waits than five minutes ago, and not only since a moment ago."""
        if self.growth is None or self.oldest_ms is None:
            return False
        then, now = self.growth
        is_more = now - then > max(GROWTH_LEAST, then * GROWTH_SHARE)
        return is_more and self.oldest_ms <= now_ms - GROWTH_AGE_MS


@dataclass(frozen=True, slots=True)
class LettersSeen:
    """The dead letters since a moment, by reason. Not `is_whole`: there are more than were read.

    `minutes`: how many there were of each reason in each minute that had any, by when it began (milliseconds
    since the epoch).
    """

    since_ms: int
    reasons: Mapping[str, int]
    is_whole: bool
    minutes: Mapping[tuple[int, str], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.reasons.values())


@dataclass(frozen=True, slots=True)
class Look:
    """A group at one moment. `missing`: topics of its stages that do not exist."""

    group: str
    brokers: str
    at_ms: int
    state: str
    is_rebalancing: bool
    workers: tuple[WorkerSeen, ...]
    stages: tuple[StageSeen, ...]
    letters: LettersSeen
    missing: tuple[str, ...]
    differences: tuple[SettingDiffers, ...]


def workers_seen(members: Iterable[GroupMember], group: str) -> tuple[WorkerSeen, ...]:
    """The members as workers, in the order of their names."""
    return tuple(sorted((_worker(member, group) for member in members), key=lambda worker: worker.name))


def _worker(member: GroupMember, group: str) -> WorkerSeen:
    host, process = process_of(member.client_id, group) or (None, None)
    values = member.told.values if member.told is not None else {}
    return WorkerSeen(
        member.client_id,
        member.address,
        host,
        process,
        values.get("version"),
        values.get("pipeline"),
        member.assigned,
    )


def differences_among(members: Sequence[GroupMember], group: str) -> tuple[SettingDiffers, ...]:
    """What each member tells that is not the eldest's, compared among members of one prefix."""
    told: dict[str, list[MemberSettings]] = {}
    for member in members:
        if member.told is not None:
            told.setdefault(member.told.prefix, []).append(member.told)
    return tuple(
        SettingDiffers(_worker(member, group).name, name, here, there)
        for member in members
        if member.told is not None
        for name, (here, there) in member.told.differing(eldest(told[member.told.prefix])).items()
    )
