"""Fit what tells quotes from scare quotes: python -m training.quote_weights --data FOLDER [--model FOLDER]

A span between quotation marks counts as said if most of it is content of a direct or mixed attribution. The
weights of the words are fitted on quotes/polnear_train.jsonl. The weights of the encoder's evidence are
fitted on quotes/polnear_dev.jsonl, because the encoder was trained on the other file and is too confident
there. Writes worker/nlp/data/en/quote_weights.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import orjson
from sklearn.linear_model import LogisticRegression

from worker.nlp.pipeline import load
from worker.nlp.quotes.component import evidence_lookup
from worker.nlp.quotes.marks import QuotedSpan, quoted_spans
from worker.nlp.quotes.said import evidence_features, quote_features

SINGLE_MARKS = ("‘", "'", "`")
"""Left out: PolNeAR's newspapers use single marks in headlines, where nothing was annotated."""

TARGET = Path(__file__).parent.parent / "worker" / "nlp" / "data" / "en" / "quote_weights.json"


def labelled_spans(path: Path) -> Iterator[tuple[str, list[tuple[QuotedSpan, bool]]]]:
    """The text of each article, with its spans between marks and whether each was said."""
    for line in path.read_bytes().splitlines():
        article = orjson.loads(line)
        said = np.zeros(len(article["text"]) + 1, dtype=bool)
        for attribution in article["attributions"]:
            if attribution["kind"] != "indirect":
                for start, end in attribution["content"]:
                    said[start:end] = True
        yield (
            article["text"],
            [
                (s, bool(said[s.start : s.end].mean() > 0.5))
                for s in quoted_spans(article["text"])
                if s.mark not in SINGLE_MARKS
            ],
        )


def fit_logistic_regression(
    rows: list[dict[str, float]], labels: list[bool]
) -> tuple[dict[str, float], float]:
    """The weights of a logistic regression by the features' names, and its bias."""
    values = np.array([list(row.values()) for row in rows])
    fitted = LogisticRegression(C=0.3, max_iter=3000).fit(values, np.array(labels))
    weights = {name: round(float(weight), 4) for name, weight in zip(rows[0], fitted.coef_[0], strict=True)}
    return weights, round(float(fitted.intercept_[0]), 4)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="a pipeline with an encoder; the shipped one if not given")
    arguments = parser.parse_args()
    rows, labels = [], []
    for text, found in labelled_spans(arguments.data / "quotes" / "polnear_train.jsonl"):
        rows += [quote_features(text, span) for span, _ in found]
        labels += [said for _, said in found]
    by_words, bias = fit_logistic_regression(rows, labels)

    encoder = load(arguments.model)
    encoder.select_pipes(enable="encoder")
    seen, truth = [], []
    for text, found in labelled_spans(arguments.data / "quotes" / "polnear_dev.jsonl"):
        witness = evidence_lookup(encoder(text), text)
        for span, said in found:
            points = bias + sum(by_words[name] * value for name, value in quote_features(text, span).items())
            evidence = witness(span)
            if evidence is None:
                raise SystemExit("the pipeline's encoder was not trained on attribution: it has no evidence")
            seen.append(evidence_features(points, evidence))
            truth.append(said)
    by_encoder, evidence_bias = fit_logistic_regression(seen, truth)
    print(f"{len(labels)} spans, {np.mean(labels):.3f} said; evidence {by_encoder}")
    fitted = {
        "bias": bias,
        "features": by_words,
        "evidence_bias": evidence_bias,
        "evidence": by_encoder,
    }
    TARGET.write_bytes(orjson.dumps(fitted, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    main()
