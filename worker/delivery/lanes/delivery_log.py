"""Logs what became of each input once it is delivered, with the article's id and the raw record's place.

Dead letters and retractions are logged at `info`, since somebody will ask after them; all else at `debug`.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence

from worker.channels import COMPACTED_OUTPUTS, Channel
from worker.delivery.kafka.sending import OutgoingRecord
from worker.delivery.lanes.dead_letter import REASON
from worker.delivery.lanes.inbox import Arrival
from worker.log import log_event
from worker.records.messages import Headers, OutMessage, RawMessage

log = logging.getLogger(__name__)

# How much of an id or a key stands in the log.
_LOGGED_CHARS = 200


def log_delivery(channel: Channel, arrivals: Sequence[Arrival], records: Sequence[OutgoingRecord]) -> None:
    """Logs one batch: its inputs, which came from this channel, and the records written for them."""
    if not log.isEnabledFor(logging.INFO):
        return
    logs_all = log.isEnabledFor(logging.DEBUG)
    written: dict[int, list[OutMessage]] = defaultdict(list)
    for record in records:
        if logs_all or _is_letter(record.message) or _is_retraction(record.message):
            written[record.origin].append(record.message)
    if not written and not logs_all:
        return
    for arrival in arrivals:
        message = arrival.message
        outputs = written.get(message.offset, [])
        named = _named(channel, message, outputs)
        for letter in filter(_is_letter, outputs):
            reason = _shown(_last(letter.headers, REASON))
            log_event(log, logging.INFO, "dead letter", **named, key=_shown(message.key), reason=reason)
        if any(map(_is_retraction, outputs)):
            log_event(log, logging.INFO, "article retracted", **named)
        elif logs_all and not any(map(_is_letter, outputs)):
            counts = Counter(output.channel.value for output in outputs)
            log_event(log, logging.DEBUG, "delivered", **named, input=message.origin, records=dict(counts))


def _named(channel: Channel, message: RawMessage, outputs: Sequence[OutMessage]) -> dict[str, str | None]:
    """The article and the raw record that it is. A letter of a raw record names no article.

    A raw record's headers are its publisher's, those of all other inputs the worker's own.
    """
    if channel is not Channel.RAW:
        article, origin = _last(message.headers, "ce_subject"), _last(message.headers, "origin")
        return {"article": _shown(article), "origin": _shown(origin) or message.origin}
    written = next((output for output in outputs if not _is_letter(output)), None)
    article = None if written is None else _last(written.headers, "ce_subject")
    return {"article": _shown(article), "origin": message.origin}


def _is_letter(message: OutMessage) -> bool:
    return message.channel is Channel.DEAD


def _is_retraction(message: OutMessage) -> bool:
    return message.value is None and message.channel in COMPACTED_OUTPUTS


def _last(headers: Headers, name: str) -> bytes | None:
    return next((value for key, value in reversed(headers) if key == name), None)


def _shown(text: bytes | None) -> str | None:
    return None if text is None else text.decode(errors="backslashreplace")[:_LOGGED_CHARS]
