"""Dead letters: an input kept byte for byte, with the reason why it could not be enriched or published."""

import platform
from collections.abc import Mapping
from dataclasses import replace

from worker import __version__
from worker.channels import Channel
from worker.delivery.kafka.errors import FatalError
from worker.delivery.lanes.stage import Outputs, Work
from worker.records.messages import FailedStep, Headers, OutMessage, RawMessage, Reason, Rejected

HEADER_PREFIX = "dead-letter-"
REASON = HEADER_PREFIX + "reason"
REDRIVEN = HEADER_PREFIX + "redriven"
REDRIVEN_AT = HEADER_PREFIX + "redriven-at"
REDRIVEN_FROM = HEADER_PREFIX + "redriven-from"
FIRST_ORIGIN = HEADER_PREFIX + "first-origin"
TRUNCATED = HEADER_PREFIX + "truncated"
OFFSETS = HEADER_PREFIX + "offsets"
UNTIL = HEADER_PREFIX + "until"
PLACE = tuple(HEADER_PREFIX + part for part in ("topic", "partition", "offset"))
MAX_ERROR_BYTES = 2000
# Limits a header that is passed on. The worker's own are shorter, but a publisher may send a megabyte under
# one of their names.
MAX_PASSED_ON_BYTES = 400
MAX_TRUNCATED_BYTES = 4096
WORKER = f"dateline/{__version__} {platform.node()}"


def dead_letter(message: RawMessage, rejected: Rejected) -> OutMessage:
    """The dead letter of one input: its own key, value and headers, and the worker's `dead-letter-*` headers.

    If the input was a dead letter before, the new headers replace its old ones, except those that say where
    it first came from and how often it was sent back.
    """
    # aiokafka can't send a record with neither key nor value: an empty value stands for the null one.
    value = b"" if message.key is None and message.value is None else message.value
    return OutMessage(Channel.DEAD, message.key, value, (*_originals(message), *_ours(message, rejected)))


def refusing_faulty(work: Work, step: FailedStep) -> Work:
    """The work, but what came in a batch that can't be read to its end becomes dead letters instead."""

    async def done(message: RawMessage) -> Outputs:
        fault = message.batch_fault
        if fault is None:
            return await work(message)
        return (dead_letter(message, Rejected(fault.reason, fault.error, step)),)

    return done


def refused(message: RawMessage, outputs: tuple[OutMessage, ...], error: str) -> OutMessage:
    """What to publish instead of an input's records that the cluster refused.

    Instead of outputs it is a dead letter, instead of a dead letter a truncated one. Raises FatalError if
    even that was refused.
    """
    if [output.channel for output in outputs] != [Channel.DEAD]:
        return dead_letter(message, Rejected(Reason.PUBLISH_REJECTED, error, FailedStep.PUBLISH))
    (letter,) = outputs
    shorter = truncated(letter)
    if shorter == letter:
        raise FatalError(f"not even an empty dead letter of {message.origin} can be published: {error}")
    return shorter


def truncated(letter: OutMessage) -> OutMessage:
    """A dead letter that was refused for its size, without its value; the original is still at its origin.

    `dead-letter-truncated` says how many bytes the value had. Key and headers stay unless they are large too.
    """
    is_cut = not letter.value and any(name == TRUNCATED for name, _ in letter.headers)
    size = () if is_cut else ((TRUNCATED, str(len(letter.value or b"")).encode()),)
    headers = tuple(header for header in letter.headers if is_cut or header[0] != TRUNCATED)
    if _size(letter) <= MAX_TRUNCATED_BYTES:
        return replace(letter, value=b"", headers=(*headers, *size))
    ours = tuple(header for header in headers if header[0].startswith(HEADER_PREFIX))
    return replace(letter, key=None, value=b"", headers=(*ours, *size))


def _originals(message: RawMessage) -> Headers:
    return tuple(header for header in message.headers if not header[0].startswith(HEADER_PREFIX))


def _ours(message: RawMessage, rejected: Rejected) -> Headers:
    fields = {
        "reason": rejected.reason.value,
        "error": _cut(rejected.error),
        "stage": rejected.stage.value,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": message.timestamp_ms,
        "attempts": rejected.attempts,
        "worker": WORKER,
    }
    headers = tuple(
        (HEADER_PREFIX + name, str(value).encode(errors="replace")) for name, value in fields.items()
    )
    until = ((UNTIL, rejected.until.encode()),) if rejected.until else ()
    return (*headers, *until, *_unread(message), *_provenance(message))


def _unread(message: RawMessage) -> Headers:
    """What of the input could not be read, if its batch can't be read to its end."""
    batch_fault = message.batch_fault
    if batch_fault is None:
        return ()
    if batch_fault.offsets:
        return ((OFFSETS, batch_fault.offsets.encode()),)
    size = batch_fault.value_bytes
    return () if size is None else ((TRUNCATED, b"%d" % size),)


def _cut(text: str) -> str:
    """As many whole characters of the text as fit into MAX_ERROR_BYTES."""
    return text.encode(errors="replace")[:MAX_ERROR_BYTES].decode(errors="ignore")


def _provenance(message: RawMessage) -> Headers:
    """Headers of an input that was a dead letter before: how often, when and from where it was sent back.

    `dead-letters redrive` counts how often. A letter that came back with its reason header was copied by
    other means, and is counted here.
    """
    before = {
        name: value for name, value in message.headers if name.startswith(HEADER_PREFIX) and value is not None
    }
    if not before:
        return ()
    is_copy = REASON in before
    passed_on = {REDRIVEN: str(max(1, redriven(before.get(REDRIVEN)) + is_copy)).encode()}
    passed_on |= {name: before[name] for name in (REDRIVEN_AT, REDRIVEN_FROM) if name in before}
    if first := before.get(FIRST_ORIGIN) or (all(name in before for name in PLACE) and _origin(before)):
        passed_on[FIRST_ORIGIN] = first
    if TRUNCATED in before and is_copy and not message.value:
        passed_on[TRUNCATED] = before[TRUNCATED]
    return tuple((name, value[:MAX_PASSED_ON_BYTES]) for name, value in passed_on.items())


def redriven(header: bytes | None) -> int:
    """How often a letter was sent back, by its header; 0 if the header is no number."""
    return int(header) if header and header.isdigit() and len(header) < 9 else 0


def _origin(headers: Mapping[str, bytes]) -> bytes:
    return b"/".join(headers[name] for name in PLACE)


def _size(letter: OutMessage) -> int:
    """Bytes of the publisher's key and headers."""
    theirs = ((name, value) for name, value in letter.headers if not name.startswith(HEADER_PREFIX))
    named = sum(len(name.encode(errors="surrogateescape")) + len(value or b"") for name, value in theirs)
    return len(letter.key or b"") + named
