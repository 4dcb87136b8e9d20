"""The message that goes back to the original's topic: its headers and its size."""

from dataclasses import replace

from aiokafka.producer.message_accumulator import BatchBuilder

from worker.commands.dead_letters.letter import Letter
from worker.delivery.kafka import wire
from worker.delivery.lanes.dead_letter import FIRST_ORIGIN, REDRIVEN, REDRIVEN_AT, REDRIVEN_FROM
from worker.records.messages import RawMessage

_CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


def redriven_message(letter: Letter, original: RawMessage, *, at: str) -> RawMessage:
    """The original with headers that say how often, when and from where it was sent back."""
    provenance = {
        REDRIVEN: str(letter.redriven + 1),
        REDRIVEN_AT: at,
        REDRIVEN_FROM: f"{letter.record.topic}/{letter.place}",
        FIRST_ORIGIN: letter.first_origin,
    }
    ours = tuple((name, value.encode()) for name, value in provenance.items())
    return replace(original, headers=(*original.headers, *ours))


def batch_size(message: RawMessage, limit: int, compression: str) -> int:
    """Bytes of a batch with this record alone. Compresses it only if the size exceeds the limit otherwise."""
    size = wire.record_size(message.key, message.value, message.headers)
    if size <= limit or compression == "none":
        return size
    batch = BatchBuilder(1, _CODECS[compression], is_transactional=1)
    headers = [("-" * len(name.encode(errors="surrogateescape")), value) for name, value in message.headers]
    batch.append(timestamp=None, key=message.key, value=message.value, headers=headers)
    return len(batch._build())
