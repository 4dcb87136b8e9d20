"""The fuzzer: python -m bench.fuzz.target decode|rules|enrich CORPUS [libFuzzer's options].

Bytes become a raw message: the first says its content type, the second what stands beside the value. What
ends as an exception, breaks a law of laws.py or differs the second time is a find; libFuzzer watches time and
memory. `rules` is the whole step with an encoder that guesses (wild.py): many times the speed of `enrich`.
"""

import sys
from pathlib import Path

import atheris

TARGETS = ("decode", "rules", "enrich")

with atheris.instrument_imports(include=["worker.intake", "worker.records", "worker.nlp"]):
    from bench.fuzz.laws import check, check_decoded, require
    from bench.fuzz.wire import message_of, mutated
    from worker.enrichment import EnrichmentConfig, make_enricher
    from worker.intake.decode import decode
    from worker.settings import Settings

CONFIG = EnrichmentConfig.from_settings(Settings())


def decode_one(data: bytes) -> None:
    message = message_of(data)
    decoded = decode(message, limits=CONFIG.limits, default_language="en")
    check_decoded(decoded)
    require(decode(message, limits=CONFIG.limits, default_language="en") == decoded, "twice the same")


def main(words: list[str]) -> None:
    if len(words) < 3 or words[1] not in TARGETS:
        sys.exit(__doc__)
    Path(words[2]).mkdir(parents=True, exist_ok=True)
    one = decode_one
    if words[1] != "decode":
        # Its imports are instrumented too.
        with atheris.instrument_imports(include=["worker.intake", "worker.records", "worker.nlp"]):
            from bench.fuzz.wild import read
            from worker.nlp.encoder.component import Encoder

            if words[1] == "rules":
                Encoder.read = read  # type: ignore[method-assign]
            enrich = make_enricher(CONFIG)

        def one(data: bytes) -> None:
            message = message_of(data)
            outcome = enrich(message)
            check(message, outcome)
            require(enrich(message) == outcome, "twice the same")

    atheris.Setup([words[0], *words[2:]], one, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)
