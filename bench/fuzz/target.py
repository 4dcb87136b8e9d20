"""The fuzzer: python -m bench.fuzz.target decode|rules|enrich|query CORPUS [libFuzzer's options].

Bytes become a raw message: the first says its content type, the second what stands beside the value. What
ends as an exception, breaks a law of laws.py or differs the second time is a find; libFuzzer watches time and
memory. `rules` is the whole step with an encoder that guesses (guessing_encoder.py): many times the speed of
`enrich`. `query` reads the bytes behind the first two as a query and as a rule's condition (queries.py).
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris

TARGETS = ("decode", "rules", "enrich", "query")
_INSTRUMENTED = [
    "worker.alerts",
    "worker.intake",
    "worker.nlp",
    "worker.query",
    "worker.records",
    "worker.stories",
]

with atheris.instrument_imports(include=_INSTRUMENTED):
    from bench.fuzz.laws import check_decoded, check_outcome, require
    from bench.fuzz.queries import QUERY_PIECES, check_query
    from bench.fuzz.wire import WORDS, changed, message_of, query_text
    from worker.enricher import make_enricher
    from worker.enrichment_config import EnrichmentConfig
    from worker.intake.decode import decode
    from worker.settings import Settings

_CONFIG = EnrichmentConfig.from_settings(Settings())
_LIMITS = _CONFIG.limits


def decode_one(data: bytes) -> None:
    """Decodes one message, twice."""
    message = message_of(data)
    decoded = decode(message, limits=_LIMITS, default_language="en")
    check_decoded(decoded)
    require(decode(message, limits=_LIMITS, default_language="en") == decoded, "twice the same")


def query_one(data: bytes) -> None:
    """Reads one query."""
    check_query(query_text(data))


def enrich_with(name: str) -> Callable[[bytes], None]:
    """The target `enrich`, or `rules`, whose encoder guesses."""
    # What the enricher imports late is instrumented too.
    with atheris.instrument_imports(include=_INSTRUMENTED):
        from bench.fuzz.guessing_encoder import guess_scores
        from worker.nlp.encoder.component import Encoder

        if name == "rules":
            Encoder.read = guess_scores  # type: ignore[method-assign]  # the encoder is what is replaced
        enrich = make_enricher(_CONFIG)

    def enrich_one(data: bytes) -> None:
        message = message_of(data)
        outcome = enrich(message)
        check_outcome(message, outcome)
        require(enrich(message) == outcome, "twice the same")

    return enrich_one


def mutator(words: Sequence[bytes]) -> Callable[[bytes, int, int], bytes]:
    """A custom mutator: in turns libFuzzer's own changes, byte by byte, and ours, with these words."""

    def mutated(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % 2:
            return bytes(atheris.Mutate(data, len(data) + 64))[:max_size]
        return changed(data, seed, max_size, words)

    return mutated


def main(words: list[str]) -> None:
    if len(words) < 3 or words[1] not in TARGETS:
        sys.exit(__doc__)
    target = words[1]
    Path(words[2]).mkdir(parents=True, exist_ok=True)
    one = {"decode": decode_one, "query": query_one}.get(target) or enrich_with(target)
    pieces = QUERY_PIECES if target == "query" else WORDS
    atheris.Setup([words[0], *words[2:]], one, custom_mutator=mutator(pieces))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
