"""What may be in a raw record and in its text, at most."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_record_bytes` limits a raw value, `max_text_chars` an article's text in code points."""

    max_record_bytes: int = 1 << 20
    max_text_chars: int = 200_000
