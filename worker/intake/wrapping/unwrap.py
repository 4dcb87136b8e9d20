"""Takes frames and envelopes off a raw value, one after another, down to the document inside."""

from dataclasses import dataclass
from typing import Any

from worker.intake.charset import decode_text
from worker.intake.content_type import ContentType, read_content_type
from worker.intake.errors import UndecodableError
from worker.intake.formats.format import Syntax
from worker.intake.formats.registry import syntax_of
from worker.intake.json_text import json_type, parse_json
from worker.intake.sniff import sniff
from worker.intake.wrapping.binary import binary_encoding, encoding_error, refuse_binary
from worker.intake.wrapping.envelopes import Deletion, open_envelope, refuse_unavailable
from worker.intake.wrapping.framing import read_framed

# A change event of a document in a string, in Connect's envelope, as the data of a CloudEvent, has four.
MAX_LAYERS = 8
_BATCH = "application/cloudevents-batch+json"


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A document without what was around it. `content`: of JSON an object, else a text."""

    syntax: Syntax
    content: Any


def unwrap(value: bytes, content_type: ContentType, layers: int = MAX_LAYERS) -> Unwrapped | Deletion:
    """The document in a value, or what it says was deleted. `layers`: of envelopes. Raises IntakeError."""
    refuse_binary(value, content_type.charset)
    framed = read_framed(value, content_type.charset)
    if framed is not None:
        return _unwrap_json(framed.content, layers)
    text = _text_of(value, content_type)
    return _unwrap_text(text, content_type.media_type, layers)


def _text_of(value: bytes, content_type: ContentType) -> str:
    encoding = binary_encoding(content_type.media_type)
    syntax = syntax_of(content_type.media_type)
    may_be_markup = syntax is None and value[:100].lstrip().startswith(b"<")
    is_markup = may_be_markup or syntax in (Syntax.HTML, Syntax.XML)
    try:
        text = decode_text(value, content_type.charset, is_markup=is_markup)
    except UndecodableError:
        if encoding:
            raise encoding_error(encoding) from None
        raise
    # Some of what is encoded so looks like text.
    if encoding and sniff(text) in (Syntax.TEXT, None):
        raise encoding_error(encoding)
    return text


def _unwrap_text(text: str, media_type: str, layers: int) -> Unwrapped | Deletion:
    syntax = syntax_of(media_type) or sniff(text)
    if syntax is None:
        raise UndecodableError("the value is neither JSON nor HTML nor XML nor plain text")
    if syntax is not Syntax.JSON:
        return Unwrapped(syntax, text)
    value = parse_json(text)
    if media_type == _BATCH and isinstance(value, list) and len(value) == 1:
        value = value[0]
    return _unwrap_json(value, layers)


def _unwrap_json(value: Any, layers: int) -> Unwrapped | Deletion:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", '"'):
        return _unwrap_json(parse_json(value), _one_less(layers))
    if not isinstance(value, dict):
        raise UndecodableError(f"the value takes a JSON object, got {_described(value)}")
    opened = open_envelope(value)
    if opened is None:
        refuse_unavailable(value)
        return Unwrapped(Syntax.JSON, value)
    if isinstance(opened, Deletion):
        return opened
    content_type = read_content_type(opened.content_type.encode(errors="replace"))
    if isinstance(opened.value, bytes):
        return unwrap(opened.value, content_type, _one_less(layers))
    if isinstance(opened.value, str):
        # A string that is called JSON is a text all the same, unless it holds JSON.
        is_json = syntax_of(content_type.media_type) is Syntax.JSON
        return _unwrap_text(opened.value, "" if is_json else content_type.media_type, _one_less(layers))
    return _unwrap_json(opened.value, _one_less(layers))


def _one_less(layers: int) -> int:
    if not layers:
        raise UndecodableError(
            f"the value takes at most {MAX_LAYERS} envelopes or strings around the article"
        )
    return layers - 1


def _described(value: Any) -> str:
    if isinstance(value, list):
        return f"an array of {len(value)}: publish each article as a record of its own"
    return "a string that holds none" if isinstance(value, str) else json_type(value)
