"""Names what is no text, by its first bytes or by its content type, and says what to do about it."""

from worker.intake.charset import has_wide_units
from worker.intake.errors import UndecodableError

SEND_JSON = "set the producer's value serializer, or the connector's `value.converter`, to JSON"
_PACKED = "publish it unpacked; Kafka compresses records by itself"
_SEND_TEXT = "publish the article's text, as plain text, HTML or JSON"
# First bytes that no text has, but in UTF-16: what begins with them, and what to do about it.
_BEGINNINGS = (
    (b"Obj\x01", "an Avro file", SEND_JSON),
    (b"\xc3\x01", "an Avro message", SEND_JSON),
    (b"\xac\xed\x00\x05", "a serialized Java object", SEND_JSON),
    (b"\x1f\x8b", "packed with gzip", _PACKED),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", _PACKED),
    (b"\x04\x22\x4d\x18", "packed with lz4", _PACKED),
    (b"\xff\x06\x00\x00sNaPpY", "packed with snappy", _PACKED),
    (b"\xfd7zXZ\x00", "packed with xz", _PACKED),
    (b"BZh91AY&SY", "packed with bzip2", _PACKED),
    (b"PK\x03\x04", "a ZIP archive or an Office document", _SEND_TEXT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document", _SEND_TEXT),
    (b"%PDF-", "a PDF document", _SEND_TEXT),
    (rb"{\rtf", "a document in Rich Text Format", _SEND_TEXT),
    (b"\x89PNG\r\n\x1a\n", "a PNG image", _SEND_TEXT),
    (b"\xff\xd8\xff", "a JPEG image", _SEND_TEXT),
)
_FIRST_BYTES = tuple(first for first, _, _ in _BEGINNINGS)
# Words of a media type, as in `application/vnd.apache.avro+binary` and `application/x-protobuf`.
_ENCODINGS = {
    "avro": "Avro",
    "protobuf": "Protobuf",
    "protobuffer": "Protobuf",
    "proto": "Protobuf",
    "msgpack": "MessagePack",
    "messagepack": "MessagePack",
    "cbor": "CBOR",
    "bson": "BSON",
    "thrift": "Thrift",
}
_SEPARATORS = str.maketrans("/.+-_", "     ")


def refuse_binary(value: bytes, charset: str | None) -> None:
    """Raises UndecodableError, which says what it is, for bytes that begin as no text does."""
    if value.startswith(_FIRST_BYTES) and not has_wide_units(charset):
        for first, what, advice in _BEGINNINGS:
            if value.startswith(first):
                raise UndecodableError(f"the value is {what}, which is not read here: {advice}")


def binary_encoding(media_type: str) -> str | None:
    """What documents of a media type, in lower case, are encoded in, if that is no text: `Avro`."""
    if media_type.endswith(("/json", "+json")):  # most are: the rest takes longer
        return None
    words = media_type.translate(_SEPARATORS).split()
    if "json" in words:
        return None
    return next((_ENCODINGS[word] for word in words if word in _ENCODINGS), None)


def encoding_error(encoding: str) -> UndecodableError:
    """For a value whose content type says such an encoding, and that is no JSON after all."""
    return UndecodableError(
        f"the value is {encoding} by its content type, which is not read here: {SEND_JSON}"
    )
