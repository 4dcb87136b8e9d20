"""The settings that affect what is written."""

from dataclasses import dataclass

from worker.channels import Channel
from worker.field_paths import FieldPath
from worker.intake.limits import Limits
from worker.settings import Settings


@dataclass(frozen=True)
class EnrichmentConfig:
    """Plain values only, because it is sent to child processes."""

    model: str
    languages: tuple[str, ...]
    limits: Limits
    channels: tuple[Channel, ...]
    event_source: str
    field_paths: tuple[FieldPath, ...] = ()

    @classmethod
    def from_settings(cls, settings: Settings) -> "EnrichmentConfig":
        return cls(
            model=settings.model,
            languages=settings.allowed_languages,
            limits=Limits(settings.max_record_bytes, settings.max_text_chars),
            channels=settings.channels,
            event_source=settings.event_source,
            field_paths=settings.field_paths,
        )
