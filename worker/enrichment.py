"""What enrichment is asked for, and the function that does it in a child process of the pool.

The worker's own process imports this module, and the child alone `worker.enricher`, which does the work.
"""

from collections.abc import Callable
from dataclasses import dataclass

from worker.channels import Channel
from worker.records.messages import Outcome, RawMessage
from worker.settings import Settings


@dataclass(frozen=True)
class EnrichmentConfig:
    """The settings that affect what is written. Plain values only, because it is sent to child processes."""

    model: str
    language: str
    max_record_bytes: int
    max_text_chars: int
    channels: tuple[Channel, ...]
    event_source: str

    @classmethod
    def from_settings(cls, settings: Settings) -> "EnrichmentConfig":
        return cls(
            model=settings.model,
            language=settings.language,
            max_record_bytes=settings.max_record_bytes,
            max_text_chars=settings.max_text_chars,
            channels=settings.channels,
            event_source=settings.event_source,
        )


def make_enricher(config: EnrichmentConfig) -> Callable[[RawMessage], Outcome]:
    """The function that a child process of the pool works with; it loads the pipeline once."""
    # Imported in the child, so that the worker's own process loads neither readers of HTML nor a model.
    from worker.enricher import Enricher
    from worker.intake.decode import Limits

    return Enricher(
        config.model,
        language=config.language,
        limits=Limits(config.max_record_bytes, config.max_text_chars),
        channels=config.channels,
        event_source=config.event_source,
    )
