"""The fuzzer's first corpus, of seeds, cases and short hostile texts: python -m bench.fuzz.seeds CORPUS."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.fuzz.cases import cases
from bench.fuzz.texts import SHAPES
from bench.fuzz.wire import data_of

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
KINDS = {".txt": b"text/plain", ".html": b"text/html", ".json": b"application/json"}
MAX_BYTES = 20_000
TEXT_CHARS = 1200


def corpus() -> Iterator[bytes]:
    for path in sorted(SEEDS.glob("*.*")):
        if path.suffix in KINDS:
            yield data_of(path.read_bytes(), KINDS[path.suffix])
    for path in sorted((SEEDS / "quality").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield data_of(json.loads(line)["text"].encode(), b"text/plain")
    for case in cases():
        data = data_of(case.value, case.content_type, case.key)
        if len(data) <= MAX_BYTES:
            yield data
    for shape in SHAPES.values():
        yield data_of(shape(TEXT_CHARS).encode(), b"text/plain")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(corpus()):
        (folder / f"seed-{number:03d}").write_bytes(data)
