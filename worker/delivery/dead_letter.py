"""Dead letters: an input kept whole, byte for byte, with the reason it could not be enriched or published."""

import platform
from dataclasses import replace

from worker import __version__
from worker.channels import Channel
from worker.delivery.refusals import Hopeless
from worker.records.messages import Headers, OutMessage, RawMessage, Reason, Rejected, Stage

PREFIX = "dead-letter-"
REDRIVEN = PREFIX + "redriven"
TRUNCATED = PREFIX + "truncated"
MAX_ERROR_CHARS = 2000
MAX_TRUNCATED_BYTES = 4096
WORKER = f"dateline/{__version__} {platform.node()}"


def dead_letter(message: RawMessage, rejected: Rejected) -> OutMessage:
    """The letter of one input: its own key, value and headers, and `dead-letter-*` headers of ours.

    A letter of a letter has the new headers in place of the old, and `dead-letter-redriven` counts up.
    """
    # With neither key nor value there is nothing aiokafka could send: an empty value stands for the null one.
    value = b"" if message.key is None and message.value is None else message.value
    return OutMessage(Channel.DEAD, message.key, value, (*_originals(message), *_ours(message, rejected)))


def refused(message: RawMessage, outputs: tuple[OutMessage, ...], error: str) -> OutMessage:
    """What to publish in place of an input's records that the cluster refused.

    In place of an article's outputs its letter, in place of a letter a truncated one. Raises Hopeless if even
    that is refused.
    """
    if [output.channel for output in outputs] != [Channel.DEAD]:
        return dead_letter(message, Rejected(Reason.PUBLISH_REJECTED, error, Stage.PUBLISH))
    (letter,) = outputs
    if any(name == TRUNCATED for name, _ in letter.headers):
        raise Hopeless(f"not even an empty dead letter of {message.origin} can be published: {error}")
    return truncated(letter)


def truncated(letter: OutMessage) -> OutMessage:
    """A letter that was refused for its size, without its value: the original is still at its origin.

    `dead-letter-truncated` says how many bytes the value had. Key and headers stay unless they are large too.
    """
    ours = tuple(header for header in letter.headers if header[0].startswith(PREFIX))
    keeps = _size(letter) <= MAX_TRUNCATED_BYTES
    headers = (*(letter.headers if keeps else ours), (TRUNCATED, str(len(letter.value or b"")).encode()))
    return replace(letter, key=letter.key if keeps else None, value=b"", headers=headers)


def _originals(message: RawMessage) -> Headers:
    return tuple(header for header in message.headers if not header[0].startswith(PREFIX))


def _ours(message: RawMessage, rejected: Rejected) -> Headers:
    fields = {
        "reason": rejected.reason.value,
        "error": rejected.error[:MAX_ERROR_CHARS],
        "stage": rejected.stage.value,
        "topic": message.topic,
        "partition": message.partition,
        "offset": message.offset,
        "timestamp": message.timestamp_ms,
        "attempts": rejected.attempts,
        "worker": WORKER,
    }
    headers = tuple((PREFIX + name, str(value).encode(errors="replace")) for name, value in fields.items())
    return (*headers, *_redriven(message))


def _redriven(message: RawMessage) -> Headers:
    if not any(name.startswith(PREFIX) for name, _ in message.headers):
        return ()
    before = message.header(REDRIVEN) or b"0"
    return ((REDRIVEN, str(int(before) + 1 if before.isdigit() and len(before) < 9 else 1).encode()),)


def _size(letter: OutMessage) -> int:
    """Bytes of the publisher's key and headers."""
    theirs = ((name, value) for name, value in letter.headers if not name.startswith(PREFIX))
    return len(letter.key or b"") + sum(len(name) + len(value or b"") for name, value in theirs)
