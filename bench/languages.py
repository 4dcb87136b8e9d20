"""How well the language of a text is told, and how often a text overrules its field, by the text's length.

    python -m bench.languages DATA

DATA holds `ner/multi/{language}_{source}_dev.jsonl.xz`, sentences of many languages, and for English
`ner/worldwide.jsonl`. Sentences that follow each other are joined up to a length.
"""

import json
import lzma
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from worker.intake.language import overruling_language, tell_language
from worker.languages import known_languages

LENGTHS = (20, 40, 80, 160, 320, 640)
MOST = 300
"""Samples of one set and length."""

ALL = tuple(known_languages())


def sets(data: Path) -> Iterator[tuple[str, list[str]]]:
    """The language and the sentences of each set."""
    for path in sorted((data / "ner/multi").glob("*_dev.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf-8") as file:
            yield path.name.partition("_")[0], [json.loads(line)["text"] for line in file]
    with (data / "ner/worldwide.jsonl").open(encoding="utf-8") as file:
        articles = [json.loads(line)["text"] for line in islice(file, 120)]
    yield "en", [line for text in articles for line in text.splitlines() if line.strip()]


def samples(sentences: Iterable[str], length: int) -> Iterator[str]:
    """Texts of this length and up to .4 more."""
    text = ""
    for sentence in sentences:
        text = f"{text}\n{sentence}" if text else sentence
        if len(text) >= length:
            yield text[: int(1.4 * length)]
            text = ""


def outcome(told: str, language: str) -> str:
    """What became of a text without a field, of a language that is allowed."""
    return "right" if told == language else "as the first" if told == ALL[0] else "wrong"


def main() -> None:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for language, sentences in sets(Path(sys.argv[1])):
        for length in LENGTHS:
            count = counts[length]
            for text in islice(samples(sentences, length), MOST):
                told = tell_language(text, ALL)
                if language not in ALL:
                    count["foreign"] += 1
                    count["foreign, rejected"] += told not in ALL
                    count["foreign, wrong"] += told in ALL[1:]
                    continue
                count["known"] += 1
                count[outcome(told, language)] += 1
                count["right field overruled"] += overruling_language(text, language, ALL) is not None
                wrong_field = ALL[0] if language != ALL[0] else ALL[1]
                count["wrong field overruled"] += overruling_language(text, wrong_field, ALL) == language
    print("| characters | " + " | ".join(map(str, LENGTHS)) + " |")
    print("|---" * (len(LENGTHS) + 1) + "|")
    print("| texts | " + " | ".join(f"{counts[length]['known']:,}" for length in LENGTHS) + " |")
    for name in ("right", "as the first", "wrong"):
        print(f"| without a field: {name} | " + _shares(counts, name, "known"))
    print("| a right field is overruled | " + _numbers(counts, "right field overruled"))
    print("| a wrong field is overruled | " + _shares(counts, "wrong field overruled", "known"))
    for name in ("rejected", "wrong"):
        print(f"| not allowed, without a field: {name} | " + _shares(counts, f"foreign, {name}", "foreign"))


def _shares(counts: dict[int, Counter[str]], name: str, of: str) -> str:
    return " | ".join(f"{100 * counts[n][name] / counts[n][of]:.1f} %" for n in LENGTHS) + " |"


def _numbers(counts: dict[int, Counter[str]], name: str) -> str:
    return " | ".join(str(counts[n][name]) for n in LENGTHS) + " |"


if __name__ == "__main__":
    main()
