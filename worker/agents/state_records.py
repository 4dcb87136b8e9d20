"""The records of what a lane remembers, as it reads them back when it opens."""

from collections.abc import Awaitable, Callable, Mapping

from aiokafka import ConsumerRecord

StateRecord = ConsumerRecord[bytes, bytes]
ReadState = Callable[[int, Callable[[StateRecord], bool]], Awaitable[Mapping[bytes | None, bytes]]]
"""Reads a partition's state: the latest value of each key, of the records that are relevant."""


def is_any_record(_record: StateRecord) -> bool:
    """Takes every record: with transactions none is ahead of the committed offset."""
    return True


def follows_from_before(record: StateRecord, header: str, offset: int) -> bool:
    """Whether the record follows from an input before this offset; one that does not say so counts too.

    `header`: the name of that with the input's offset.
    """
    said = next((value for name, value in record.headers if name == header), None)
    return not (said and said.isdigit()) or int(said) < offset
