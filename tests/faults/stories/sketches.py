"""Sketches for the articles of fault runs: of a few hundred articles, whose texts are copied, cut and retold.

Which article a record is follows from its origin alone: it may be a new version of one that came before, or
take it back.
"""

import hashlib
from typing import Any

from worker.channels import SPECS, Channel
from worker.records.cloudevents import Envelope, rfc3339
from worker.records.messages import OutMessage, RawMessage
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import sketch_bytes

_ARTICLES, _SHARED = 700, 12
_UTTERANCES = 20
_SPEAKERS = ("Ada Marsh", "Ivo Quill", None)
_TOPICS = ("medtop:03000000", "medtop:11000000", "medtop:15000000", "medtop:03000000", "medtop:02000000",
           "medtop:07000000")  # fmt: skip
_SUBJECTS = (
    "ferry sank harbour captain lifeboats crew passengers storm divers wreck coastguard",
    "budget minister parliament deficit vote opposition taxes coalition treasury pensions debate",
    "striker penalty stadium goalkeeper league referee derby supporters transfer coach injury",
    "volcano ash eruption evacuated islanders lava airport geologists tremor shelters crater",
    "court judge verdict appeal prosecutor witness trial evidence sentence lawyer defendant",
    "vaccine hospital outbreak doctors measles patients clinic infection nurses quarantine virus",
)


def sketch_of(message: RawMessage) -> tuple[str, bytes | None]:
    """The id of the article that a raw record stands for here, and its sketch; None: it is taken back."""
    digest = hashlib.sha256(message.origin.encode()).digest()
    article = f"story-article-{int.from_bytes(digest[:4]) % _ARTICLES}"
    if digest[4] < 16:
        return article, None
    subject, story, length = digest[5] % len(_SUBJECTS), digest[6] % 5, 2 + digest[7] % 5
    if digest[11] < 128:
        # Sentences that others have too: copies of one another, and parts.
        numbers = range(digest[8], digest[8] + length)
        sentences = [_sentence(subject, story, number % 9) for number in numbers]
    elif digest[11] < 160:
        # Sentences of its own.
        sentences = [_sentence(subject, story, 1000 + digest[12] * 16 + number) for number in range(length)]
    else:
        # Hardly more than a headline: such stories grow alike, and become one.
        words = " ".join(_SUBJECTS).split()
        sentences = [" ".join(words[byte % len(words)] for byte in digest[14:22])]
    enriched: dict[str, Any] = {
        "id": article,
        "language": "en",
        "headline": f"About {_SUBJECTS[subject].split()[story]}",
        "text": " ".join(sentences),
        "source": ("The Daily", "Reuters", None)[digest[13] % 3],
        "url": None,
        "published_at": _published_at(message, digest),
        "authors": [],
        "entities": _people(digest) if digest[11] < 128 else [],
        "quotes": _quotes(digest, subject, story),
        "topics": [{"code": _TOPICS[subject], "confidence": 0.9}],
    }
    return article, sketch_bytes(make_sketch(enriched, origin=message.origin))


def _published_at(message: RawMessage, digest: bytes) -> str | None:
    """Hours before it came, for most; years before it, in the future, or not said for some."""
    if digest[20] < 32:
        return None
    if digest[20] < 48:
        return "1983-01-01T00:00:00Z" if digest[20] < 40 else "2999-01-01T00:00:00Z"
    return rfc3339(message.timestamp_ms - digest[21] % 40 * 3_600_000)


def _people(digest: bytes) -> list[dict[str, Any]]:
    """Somebody of a few, whom its story does not depend on."""
    name = ("Amara", "Bruno", "Celine", "Dmitri")[digest[22] % 4]
    return [{"id": f"person:{name.lower()}", "name": name, "type": "PERSON", "salience": 0.01}]


def sketch_record(message: RawMessage, *, version: str) -> OutMessage:
    """The record of that sketch, as enrichment writes it."""
    article, value = sketch_of(message)
    envelope = Envelope(message, source="/faults", subject=article, pipeline=f"trivial/{version}")
    headers = envelope.headers(ce_type=SPECS[Channel.SKETCHES].ce_type or "", part="sketch", dataschema=None)
    return OutMessage(Channel.SKETCHES, article.encode(), value, (*headers, ("part", b"0")))


def _quotes(digest: bytes, subject: int, story: int) -> list[dict[str, Any]]:
    """What is said in an article: some of it in others too, in the same words, cut, or with other numbers."""
    return [
        {
            "text": _retold(
                _sentence(subject, story, 2000 + digest[20 + place] % _UTTERANCES), digest[24 + place]
            ),
            "kind": "direct",
            "speaker": {"text": "they", "name": _SPEAKERS[digest[28] % len(_SPEAKERS)], "entity": None},
            "confidence": 0.9,
        }
        for place in range(digest[19] % 4)
    ]


def _retold(said: str, how: int) -> str:
    words = said.split()
    match how % 6:
        case 0:
            words = words[: 8 + how % 7]
        case 1:
            words = words[how % 9 :]
        case 2:
            words[how % len(words)] = f"{how}"
        case 3:
            del words[how % len(words)]
    return " ".join(words)


def _sentence(subject: int, story: int, number: int) -> str:
    words = _SUBJECTS[subject].split()
    digest = hashlib.sha256(f"{subject} {story} {number}".encode()).digest()
    spelt = (words[byte % len(words)] + "aeiou"[story] * (byte % _SHARED) for byte in digest[:19])
    return " ".join(spelt).capitalize() + "."
