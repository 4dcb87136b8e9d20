"""Write the model card from measured scores: python -m training.card --data FOLDER --output FILE

Scores as `dateline score --data FOLDER` does, over all articles and by region. The text around the figures is
in `card.md`, the region of each newspaper in `regions.tsv`. If FILE is in the pipeline's folder, its hashes
are listed anew in meta.json.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from functools import partial
from pathlib import Path
from string import Template

from training.constructions.tables import aligned_table
from training.constructions.tallies import (
    MENTION_EXAMPLES,
    PATTERN_EXAMPLES,
    construction_table,
    gold_articles,
    tally,
)
from worker.commands.score.command import measure, model_bytes
from worker.nlp.enrich import enrich
from worker.nlp.fingerprint import stamp
from worker.nlp.pipeline import load
from worker.scoring.gold import read_gold
from worker.scoring.measure import Counts
from worker.scoring.totals import Scores

HERE = Path(__file__).parent
MODEL = HERE.parent / "worker" / "model"
MEASURES = ("entities", "names", "quotes", "speakers", "topics")
"""The columns of the table of regions."""
OPEN_DATA_NOTE = """

"Open data only" is the pipeline that `python -m training.build --open` trains, on nothing but
[data with open licences](../../training/README.md#open-licences)."""
MIN_GOLD_ITEMS = 20
"""The table of regions leaves out scores of fewer gold items than this: they would say little."""


def regions() -> dict[str, str]:
    """The region of each newspaper, by the newspaper's name in the data."""
    lines = (HERE / "regions.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def pooled_scores(parts: list[Scores]) -> Scores:
    """The scores of several newspapers added up, without those by label."""
    total = Scores()
    for part in parts:
        for name, articles in part.by_article.items():
            for counts in articles:
                total.add(name, counts)
    return total


def scores_by_region(sources: dict[str, Scores]) -> dict[str, list[Scores]]:
    """The scores of the newspapers of each region. Newspapers without a region are left out."""
    home, found = regions(), defaultdict(list)
    for source, scores in sources.items():
        if source in home:
            found[home[source]].append(scores)
    return found


def score_row(name: str, counts: Counts) -> tuple[str, ...]:
    shares = (counts.f1, counts.precision, counts.recall)
    return name, *(f"{100 * share:.1f}" for share in shares), str(counts.right + counts.missed)


def label_table(scores: Scores, name: str) -> str:
    rows = [score_row(label, counts) for label, counts in sorted(scores.details[name].items())]
    return aligned_table(("", "F1", "precision", "recall", "gold"), rows)


def region_table(newspapers: dict[str, list[Scores]]) -> str:
    rows = []
    for region, parts in sorted(newspapers.items()):
        scores, cells = pooled_scores(parts), []
        for name in MEASURES:
            counts = scores.counts[name]
            enough = counts.right + counts.missed >= MIN_GOLD_ITEMS
            cells.append(f"{scores.score(name):.1f}" if enough else "-")
        rows.append((region, str(len(parts)), *cells))
    return aligned_table(("newspapers of", "how many", *MEASURES), rows)


def overview_table(columns: dict[str, Scores]) -> str:
    """A table with a row for each measure and a column for each pipeline."""
    first = next(iter(columns.values()))
    rows = [
        (name, *(with_interval(scores, name) for scores in columns.values()), str(first.articles[name]))
        for name in first.counts
    ]
    return aligned_table(("", *columns, "articles"), rows)


def with_interval(scores: Scores, name: str) -> str:
    low, high = scores.interval(name)
    return f"{scores.score(name):.1f} ({low:.1f}-{high:.1f})"


def model_card(model: Path, open_model: Path | None, data: Path) -> str:
    """The whole card. Raises KeyError if the template has a placeholder that is not filled here."""
    nlp = load(model)
    held_out = frozenset(nlp.meta["held_out_sources"])
    gold = read_gold(data, held_out=held_out, everything=False)
    scores, sources = measure(partial(enrich, nlp), gold)
    columns = {"score": scores}
    if open_model:
        columns = {"shipped": scores, "open data only": measure(partial(enrich, load(open_model)), gold)[0]}
    tagged = [article for article in gold.articles.values() if article.entities is not None]
    polnear = list(gold_articles(data, "train"))
    patterns, mentions = tally(nlp, polnear)
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        version=nlp.meta["version"],
        size=f"{model_bytes(model) / 1e6:.1f}",
        threshold=nlp.meta["topic_threshold"],
        newspapers=str(len(held_out)),
        articles=str(len(tagged)),
        names=f"{sum(len(article.entities or ()) for article in tagged):,}",
        overview=overview_table(columns) + (OPEN_DATA_NOTE if open_model else ""),
        wrong_speakers=f"{100 - scores.score('speakers'):.0f}",
        labels=label_table(scores, "entities"),
        topics=label_table(scores, "topics"),
        counted=str(len(polnear)),
        patterns=construction_table(patterns, PATTERN_EXAMPLES),
        mentions=construction_table(mentions, MENTION_EXAMPLES),
        regions=region_table(scores_by_region(sources)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL, help="default: the shipped one")
    parser.add_argument("--open", type=Path, help="a pipeline made with --open, to stand beside it")
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    options.output.write_text(model_card(options.model, options.open, options.data), encoding="utf-8")
    print(options.output)
    if options.output.resolve().parent == options.model.resolve():
        stamp(options.model)


if __name__ == "__main__":
    main()
