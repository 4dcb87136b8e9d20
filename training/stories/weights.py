"""Makes the table of words' weights: python -m training.stories.weights DATA [--output FILE]

English weights come from whole articles (BBC, Worldwide Newswire, MasakhaNEWS, PolNeAR, a part of Reuters)
and from headlines put together by tens; other languages' from the sentences of `ner/multi`, as if
fifteen of them were an article. None of the texts on which stories are judged takes part.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from worker.stories.weights import MAX_WEIGHT, table_bytes
from worker.stories.words import hashed, terms_of, text_words

_REUTERS = 4_000
_HEADLINES_AT_ONCE = 10
_SENTENCES_AT_ONCE = 15
_MOST_WORDS = 25_000
_MOST_OF_OTHERS = 1_500
_LEAST_ARTICLES = 3
_OUTPUT = Path(__file__).parents[2] / "worker/stories/data/weights.bin"


def data_rows(path: Path) -> Iterator[dict[str, str]]:
    """The objects of a file of JSON lines, packed by xz or not."""
    with lzma.open(path, "rt") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def english(folder: Path) -> Iterator[str]:
    """Articles of many kinds, none of them a story's."""
    for name in ("topics/bbc_2004", "ner/worldwide", "topics/masakhanews", "quotes/polnear_train"):
        for row in data_rows(folder / f"{name}.jsonl"):
            yield f"{row.get('headline') or ''}\n{row['text']}"
    for number, row in enumerate(data_rows(folder / "stories/reuters_21578.jsonl.xz")):
        if number % 4 == 0 and number // 4 < _REUTERS:
            yield f"{row['headline']}\n{row['text']}"
    headlines = sorted(
        (row["text"] for row in data_rows(folder / "topics/huffpost_headlines.jsonl")), key=hashed
    )
    rest = iter(headlines)
    while some := list(islice(rest, _HEADLINES_AT_ONCE)):
        yield "\n".join(some)


def others(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Each other language, with its sentences."""
    sentences: dict[str, list[str]] = {}
    for path in sorted((folder / "ner/multi").glob("*_train.jsonl.xz")):
        language = path.name.split("_")[0]
        sentences.setdefault(language, []).extend(row["text"] for row in data_rows(path))
    yield from sentences.items()


def weights(texts: Iterable[str], *, most: int, at_once: int = 1) -> dict[int, int]:
    """The weight of each of the words that most texts have. `at_once`: so many texts make an article."""
    found: Counter[str] = Counter()
    count = 0
    for text in texts:
        count += 1
        found.update(set(terms_of(text_words(text))))
    chosen: dict[int, int] = {}
    for word, texts_with in found.most_common(most):
        if texts_with < _LEAST_ARTICLES:
            break
        share = 1 - (1 - texts_with / (count + 1)) ** at_once
        number = hashed(word)
        weight = min(MAX_WEIGHT, round(-16 * math.log(share)))
        chosen[number] = min(weight, chosen.get(number, weight))
    return chosen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--output", type=Path, default=_OUTPUT)
    options = parser.parse_args()
    table = {"en": weights(english(options.data), most=_MOST_WORDS)}
    for language, sentences in others(options.data):
        table[language] = weights(sentences, most=_MOST_OF_OTHERS, at_once=_SENTENCES_AT_ONCE)
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_bytes(table_bytes(table))
    print(f"{options.output}: {len(table)} languages, {sum(map(len, table.values())):,} words")


if __name__ == "__main__":
    main()
