"""The fuzzer's first corpus: python -m bench.fuzz.seeds CORPUS [query].

It has the sample articles, an article in every form that is read, the named cases and short hostile texts;
that of `query` has queries.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.decode.documents import documents
from bench.fuzz.cases import cases
from bench.fuzz.queries import query_examples
from bench.fuzz.scripts import ENGLISH, SCRIPT_TEXTS
from bench.fuzz.texts import HOSTILE_TEXTS
from bench.fuzz.wire import data_of, query_data
from tests.faults.workers import ROOT

_SEEDS = ROOT / "seeds"
_CONTENT_TYPES = {".txt": b"text/plain", ".html": b"text/html", ".json": b"application/json"}
_MAX_BYTES = 20_000
_TEXT_CHARS = 1200


def corpus() -> Iterator[bytes]:
    """Raw messages, as the fuzzer's bytes."""
    for path in sorted(_SEEDS.glob("*.*")):
        if path.suffix in _CONTENT_TYPES:
            yield data_of(path.read_bytes(), _CONTENT_TYPES[path.suffix])
    for document in documents():
        value = document.value.replace(b"@M", b"40").replace(b"@S", b"00")
        yield data_of(value, document.content_type.encode() if document.content_type else None)
    for path in sorted((_SEEDS / "quality").rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield data_of(json.loads(line)["text"].encode(), b"text/plain")
    for case in cases():
        data = data_of(case.value, case.content_type, case.key)
        if len(data) <= _MAX_BYTES:
            yield data
    for shape in HOSTILE_TEXTS.values():
        yield data_of(shape(_TEXT_CHARS).encode(), b"text/plain")
    for script in SCRIPT_TEXTS.values():
        fields = {"text": script.of(_TEXT_CHARS), "language": ENGLISH}
        yield data_of(json.dumps(fields, ensure_ascii=False).encode(), b"application/json")


def query_corpus() -> Iterator[bytes]:
    """Queries, as the fuzzer's bytes."""
    return map(query_data, query_examples())


def main(words: list[str]) -> None:
    folder = Path(words[1])
    folder.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(query_corpus() if words[2:] == ["query"] else corpus()):
        (folder / f"seed-{number:03d}").write_bytes(data)


if __name__ == "__main__":
    main(sys.argv)
