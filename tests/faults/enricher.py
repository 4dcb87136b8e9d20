"""What a process of the pool does in place of the pipeline, for next to nothing.

An article `{"do": ...}` says with one of the verbs below what is to be done; any other is published, with the
names in it as its tags.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Collection
from typing import Any

import orjson

from tests.faults.stories.sketches import sketch_record
from worker.channels import OUTPUTS, SPECS, Channel, schema_uri
from worker.records.cloudevents import Envelope
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected

_Outcome = tuple[OutMessage, ...] | Rejected

PER_ARTICLE = {
    Channel.ENRICHED: 1,
    Channel.SEARCH: 1,
    Channel.ENTITIES: 2,
    Channel.QUOTES: 1,
    Channel.SKETCHES: 1,
}
BLOATED_BYTES = 200_000
# People whom an article may name; no other word of an article contains one of these.
PERSON_NAMES = ("Amara", "Bruno", "Celine", "Dmitri")
# The reason of the dead letter that each verb must end as.
EXPECTED_REASONS = {
    "reject": Reason.INVALID,
    "raise": Reason.ENRICHMENT_FAILED,
    "crash": Reason.ENRICHMENT_KILLED,
    "hang": Reason.ENRICHMENT_KILLED,
    "eat memory": Reason.ENRICHMENT_KILLED,
    "bloat": Reason.PUBLISH_REJECTED,
}


def make_trivial_enricher(
    mean: float = 0, version: str = "1", channels: Collection[Channel] = (*OUTPUTS, Channel.SKETCHES)
) -> Callable[[RawMessage], _Outcome]:
    """The function that a process of the pool applies to each message.

    `mean`: seconds an article takes on average, exponentially distributed, so that work ends out of order.
    """

    def enrich(message: RawMessage) -> _Outcome:
        time.sleep(random.expovariate(1 / mean) if mean else 0)
        verb = verb_of(message.value)
        match verb:
            case "reject":
                return Rejected(Reason.INVALID, "told to reject it", FailedStep.DECODE)
            case "raise":
                raise RuntimeError("told to fail")
            case "crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case "hang":
                while True:
                    pass
            case "eat memory":
                hoard = []
                while True:
                    hoard.append(bytes(1 << 20))
        records = _records(message, version, bloated=verb == "bloat")
        return tuple(record for record in records if record.channel in channels)

    return enrich


def verb_of(value: bytes | None) -> str | None:
    """The verb of an article; None where it is just to be published."""
    if not value or not value.startswith(b'{"do":'):
        return None
    order: dict[str, Any] = orjson.loads(value)
    return str(order["do"])


def _records(message: RawMessage, version: str, *, bloated: bool) -> tuple[OutMessage, ...]:
    """What an article becomes: deterministic, all with its origin and the number of their part."""
    key, value = message.key or message.origin.encode(), message.value or b""
    envelope = Envelope(message, source="/faults", subject=key.decode(), pipeline=f"trivial/{version}")

    def out(channel: Channel, part: int) -> OutMessage:
        if channel is Channel.SKETCHES:
            return sketch_record(message, version=version)
        name = f"{channel}/{part}"
        headers = envelope.headers(
            ce_type=SPECS[channel].ce_type or "", part=name, dataschema=schema_uri(channel)
        )
        body = b"%s: %s" % (version.encode(), value)
        if channel is Channel.ENRICHED:
            body = _article(key.decode(), value.decode(), version)
        if channel is Channel.ENRICHED and bloated:
            body = random.Random(f"{message.origin}/{name}").randbytes(BLOATED_BYTES)
        return OutMessage(channel, key, body, (*headers, ("part", b"%d" % part)))

    return tuple(out(channel, part) for channel, parts in PER_ARTICLE.items() for part in range(parts))


def _article(article_id: str, text: str, version: str) -> bytes:
    """The enriched record: a person for each name the text has."""
    named = [(name, text.index(name)) for name in PERSON_NAMES if name in text]
    people = [
        {
            "id": f"person:{name.lower()}",
            "name": name,
            "type": "PERSON",
            "salience": 1 / len(named),
            "links": {},
            "mentions": [{"start": start, "end": start + len(name), "text": name}],
        }
        for name, start in named
    ]
    return orjson.dumps(
        {
            "id": article_id,
            "url": None,
            "headline": None,
            "text": text,
            "source": None,
            "language": "en",
            "published_at": None,
            "authors": [],
            "extra": {},
            "entities": people,
            "quotes": [],
            "topics": [],
            "pipeline": {"name": "trivial", "version": version},
        }
    )
