"""A pool without processes, for workers whose delivery is under test: the event loop itself does the work."""

from abc import ABC, abstractmethod

from worker.channels import Channel
from worker.pool.pool import PoolCounts
from worker.records.messages import Outcome, OutMessage, RawMessage
from worker.settings import Settings

OUTPUTS_PER_ARTICLE = {Channel.ENRICHED: 1, Channel.SEARCH: 1, Channel.ENTITIES: 5}
"""How many records a trivial worker (`tests.faults.trivial`) writes for an article that asks for no other."""


class InlinePool(ABC):
    """Stands in for the pool of processes; a subclass says what becomes of a message."""

    ready = True

    def __init__(self, settings: Settings) -> None:
        self.counts = PoolCounts()
        self.channels = settings.channels

    async def start(self) -> None:  # noqa: B027 (there are no processes to start)
        """Does nothing."""

    @abstractmethod
    async def submit(self, message: RawMessage) -> Outcome:
        """The outcome of one message; calls `count_done`."""

    def count_done(self) -> None:
        """One message more is done."""
        self.counts = PoolCounts(done=self.counts.done + 1)


def output_record(channel: Channel, message: RawMessage, value: bytes | None) -> OutMessage:
    """A record with the raw message's key, and its origin in a header."""
    origin = message.origin.encode()
    return OutMessage(channel, message.key or origin, value, (("origin", origin),))
