"""What every peer does with an article, and where it is told to run."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from worker.channels import Channel, topic_name
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import Outcome, OutMessage, RawMessage
from worker.settings import Output, Settings

PEER_SETTINGS = Settings(
    languages=("en",), outputs=(Output.ENRICHED, Output.ENTITIES, Output.QUOTES, Output.SEARCH)
)
CHANNELS = tuple(PEER_SETTINGS.channels)
BATCH = PEER_SETTINGS.batch_size


@dataclass(frozen=True, slots=True)
class PeerPlace:
    """Where a peer runs: the cluster, the topics' prefix, and its number among its like."""

    brokers: str
    prefix: str
    number: int

    @classmethod
    def from_environ(cls) -> Self:
        """What `variables` put there."""
        return cls(os.environ["PEER_BROKERS"], os.environ["PEER_PREFIX"], int(os.environ["PEER_NUMBER"]))

    def variables(self) -> dict[str, str]:
        return {
            "PEER_BROKERS": self.brokers,
            "PEER_PREFIX": self.prefix,
            "PEER_NUMBER": str(self.number),
        }

    def topic(self, channel: Channel) -> str:
        return topic_name(channel, self.prefix)

    @property
    def group(self) -> str:
        return f"{self.prefix}peer"


Enrich = Callable[[RawMessage], tuple[OutMessage, ...]]


def make_enrich() -> Enrich:
    """The function that Dateline's processes work with, with its pipeline loaded."""
    enrich: Callable[[RawMessage], Outcome] = make_enricher(EnrichmentConfig.from_settings(PEER_SETTINGS))

    def checked(message: RawMessage) -> tuple[OutMessage, ...]:
        outcome = enrich(message)
        assert isinstance(outcome, tuple), outcome
        return outcome

    return checked


def by_channel(place: PeerPlace) -> Mapping[Channel, str]:
    """The topic of each channel that is written."""
    return {channel: place.topic(channel) for channel in CHANNELS}
