"""Score a pipeline on the held-out newspapers: python -m training.score --data FOLDER [--model FOLDER]

Goes through spaCy as the worker does: strict character spans and labels, topics, attribution on PolNeAR,
words a second.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from training.data import Article, read
from worker.nlp.encoder import Encoding
from worker.nlp.pipeline import load
from worker.nlp.tags import CONTENT_TAGS, ROLE_TAGS, best_path, spans, transitions
from worker.nlp.topic_tags import chosen
from worker.nlp.topics import CODES

TRAINED = ("encoder", "entities", "topics")

Spans = set[tuple[int, int, str]]


def compare(pairs: Iterable[tuple[Spans, Spans]]) -> dict:
    """Precision, recall and F1 in percent over (found, gold) pairs, and F1 by label."""
    counts: dict[str, list[int]] = {}
    for found, gold in pairs:
        for span in found | gold:
            cell = counts.setdefault(span[2], [0, 0, 0])
            cell[0 if span in found and span in gold else 1 if span in found else 2] += 1
    right, wrong, missed = np.sum(list(counts.values()), axis=0)
    return {
        "precision": percent(right, right + wrong),
        "recall": percent(right, right + missed),
        "f1": percent(2 * right, 2 * right + wrong + missed),
        "f1_by_label": {k: percent(2 * a, 2 * a + b + c) for k, (a, b, c) in sorted(counts.items())},
    }


def percent(part: float, whole: float) -> float:
    return round(100 * float(part) / max(1.0, float(whole)), 1)


def entity_spans(doc: Doc) -> Spans:
    return {(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents}


def attribution_spans(doc: Doc) -> Spans:
    """Sources, cues and contents as the encoder alone sees them, without rules."""
    encoding: Encoding = doc._.encoding
    read = np.flatnonzero(encoding.heads >= 0)
    found: Spans = set()
    for scores, tags in ((encoding.roles, ROLE_TAGS), (encoding.contents, CONTENT_TAGS)):
        logs = np.log(scores[read] + 1e-9)
        for start, end, label in spans(best_path(logs, transitions(tags)), tags):
            first, last = doc[int(read[start])], doc[int(read[end - 1])]
            found.add((first.idx, last.idx + len(last), label))
    return found


def topics(articles: list[Article], docs: list[Doc]) -> dict:
    """Micro F1 by threshold, of what would be published."""
    table = {}
    for threshold in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        pairs = []
        for article, doc in zip(articles, docs, strict=True):
            said = {code for code, _ in chosen(doc.cats, threshold=threshold) if code in CODES}
            pairs.append(({(0, 0, c) for c in said}, {(0, 0, c) for c in article.topics or ()}))
        table[str(threshold)] = compare(pairs)
    return table


def score(nlp: Language, folder: Path) -> dict:
    """The trained components in percent, and words (by white space) a second of processor time."""
    corpus = read(folder, everything=False)
    result: dict = {}
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in TRAINED])
    began = time.process_time()
    docs = [nlp(article.text) for article in corpus.dev]
    words = sum(len(article.text.split()) for article in corpus.dev)
    result["words_per_second"] = round(words / (time.process_time() - began))
    gold = [set(article.entities or ()) for article in corpus.dev]
    result["entities"] = compare((entity_spans(doc), g) for doc, g in zip(docs, gold, strict=True))
    result["topics"] = topics(corpus.dev, docs)
    if not docs[0]._.encoding.attribution.shape[1]:
        return result  # made with --open: nothing of the encoder's to score
    polnear = [nlp(article.text) for article in corpus.attribution_dev]
    gold = [{*(a.roles or ()), *(a.contents or ())} for a in corpus.attribution_dev]
    result["attribution"] = compare((attribution_spans(doc), g) for doc, g in zip(polnear, gold, strict=True))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="default: the shipped one")
    parser.add_argument("--output", type=Path, help="write the figures here as JSON too")
    options = parser.parse_args()
    result = score(load(options.model), options.data)
    text = json.dumps(result, indent=2)
    print(text)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
