"""Fit what tells quotes from scare quotes: python -m training.quote_weights --data FOLDER

Reads quotes/polnear_train.jsonl: a span between marks that overlaps the content of an attribution was said by
somebody, one that does not was not. Writes worker/nlp/data/quote_weights.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import orjson
from sklearn.linear_model import LogisticRegression

from worker.nlp.marks import quoted_spans
from worker.nlp.quotes import features

TARGET = Path(__file__).parent.parent / "worker" / "nlp" / "data" / "quote_weights.json"
CONTENT_WEIGHT = 4.0
"""Of the encoder's probability. Not fitted: the encoder has seen these articles, so here it would look too good."""


def examples(path: Path) -> tuple[np.ndarray, np.ndarray]:
    rows, labels = [], []
    for line in path.read_bytes().splitlines():
        article = orjson.loads(line)
        said = np.zeros(len(article["text"]) + 1, dtype=bool)
        for attribution in article["attributions"]:
            if attribution["kind"] != "indirect":
                for start, end in attribution["content"]:
                    said[start:end] = True
        for span in quoted_spans(article["text"]):
            rows.append(features(article["text"], span))
            labels.append(said[span.start : span.end].mean() > 0.5)
    return np.array(rows), np.array(labels)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    rows, labels = examples(data / "quotes" / "polnear_train.jsonl")
    model = LogisticRegression(C=1.0, max_iter=2000).fit(rows, labels)
    held, truth = examples(data / "quotes" / "polnear_dev.jsonl")
    print(
        f"{len(labels)} spans, {labels.mean():.3f} said; right on the development articles: {model.score(held, truth):.3f}"
    )
    fitted = {
        "bias": round(float(model.intercept_[0]), 4),
        "features": [round(float(weight), 4) for weight in model.coef_[0]],
        "content": CONTENT_WEIGHT,
    }
    TARGET.write_bytes(orjson.dumps(fitted, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
