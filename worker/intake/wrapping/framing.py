"""Takes JSON out of the frames that schema registries' serializers put before it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from worker.intake.charset import has_wide_units
from worker.intake.errors import UndecodableError
from worker.intake.json_text import parse_json
from worker.intake.wrapping.binary import SEND_JSON

# Registries count their schemas from 1. Where four bytes of something else stand, they are a larger number.
_MAX_COUNTED = 1 << 24


@dataclass(frozen=True, slots=True)
class Framed:
    """What stood in a frame, parsed."""

    content: Any


@dataclass(frozen=True, slots=True)
class _Frame:
    """`is_certain`: nothing else begins so, whatever follows."""

    schema: str
    content: bytes
    is_certain: bool


def read_framed(data: bytes, charset: str | None = None) -> Framed | None:
    """The JSON behind a frame; None for data without one. The errors' subject is `it`.

    Raises UndecodableError for a frame around anything but JSON, as around Avro and Protobuf.
    """
    frame = _frame_of(data)
    if frame is None or has_wide_units(charset):
        return None
    try:
        return Framed(parse_json(frame.content.decode()))
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except UndecodableError as error:
        why = str(error)
    if not frame.is_certain:
        return None
    raise UndecodableError(
        f"a registry's frame ({frame.schema}) stands before something that is not JSON: {why}. "
        f"Avro and Protobuf are not read here: {SEND_JSON}"
    )


def _frame_of(data: bytes) -> _Frame | None:
    if data[:1] == b"\x00":
        # Confluent's serializers, and Apicurio's as they are set today.
        number = int.from_bytes(data[1:5])
        if number and len(data) >= 5:
            return _Frame(f"schema {number}", data[5:], number < _MAX_COUNTED)
        # Apicurio's own ids have eight bytes.
        number = number or int.from_bytes(data[5:9])
        if number and len(data) >= 9:
            return _Frame(f"schema {number}", data[9:], number < _MAX_COUNTED)
    # AWS Glue's: a version, whether zlib packs what follows, and the schema's UUID.
    if data[:2] in (b"\x03\x00", b"\x03\x05") and len(data) > 18:
        packed = ", packed with zlib" if data[1] else ""
        return _Frame(f"schema {UUID(bytes=data[2:18])}{packed}", data[18:], is_certain=True)
    return None
