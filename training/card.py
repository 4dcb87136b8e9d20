"""Write the model card from measured scores: python -m training.card --data FOLDER --output FILE

Counts as `dateline score --data FOLDER` does, once over everything and once for each part of the world;
`card.md` holds the words around the figures, `regions.tsv` where each newspaper is at home.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path
from string import Template

from spacy.language import Language

from worker.commands.gold import Gold, GoldArticle, read_gold
from worker.commands.score_counts import Scores, add_article
from worker.nlp.enrich import enrich
from worker.nlp.measure import Counts
from worker.nlp.pipeline import load
from worker.records.article import Article

HERE = Path(__file__).parent
MODEL = HERE.parent / "worker" / "model"
MEASURES = {
    "entities": "names", "quotes": "quotes", "speakers": "speakers", "topics": "topics",
}  # fmt: skip
"""What the table of regions shows, and how a reader calls it."""
OPEN = """
"Open data only" is what `python -m training.build --open` makes, with nothing but
[data with open licences](../../training/README.md#open-licences).
"""
FEWEST = 20
"""A score of fewer gold items than this says little, and is left out of the table of regions."""


def regions() -> dict[str, str]:
    """The part of the world of each newspaper, by its name in the data."""
    lines = (HERE / "regions.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def measure(nlp: Language, gold: Gold) -> tuple[Scores, dict[str, Scores]]:
    """The scores of all articles, and by part of the world of those whose newspaper is known."""
    everything, by_region, home = Scores(), defaultdict(Scores), regions()
    for article in gold.articles.values():
        raw = Article(id=article.id, text=article.text, headline=article.headline, language="en")
        found = enrich(nlp, raw)
        add_article(everything, article, found)
        if article.source in home:
            add_article(by_region[home[article.source]], article, found)
    return everything, dict(by_region)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table, its first column words and the others figures."""
    lines = [header, ("---", *["---:"] * (len(header) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def row(name: str, counts: Counts) -> tuple[str, ...]:
    shares = (counts.f1, counts.precision, counts.recall)
    return name, *(f"{100 * share:.1f}" for share in shares), str(counts.right + counts.missed)


def details(scores: Scores, measure: str) -> str:
    rows = [row(name, counts) for name, counts in sorted(scores.details[measure].items())]
    return table(("", "F1", "precision", "recall", "gold"), rows)


def region_table(by_region: dict[str, Scores], newspapers: dict[str, set[str]]) -> str:
    rows = []
    for region, scores in sorted(by_region.items()):
        cells = []
        for name in MEASURES:
            counts = scores.counts[name]
            enough = counts.right + counts.missed >= FEWEST
            cells.append(f"{scores.score(name):.1f}" if enough else "-")
        rows.append((region, str(len(newspapers[region])), *cells))
    return table(("newspapers of", "how many", *MEASURES.values()), rows)


def overview(columns: dict[str, Scores]) -> str:
    """One row a measure, one column a pipeline."""
    first = next(iter(columns.values()))
    rows = [
        (name, *(f"{scores.score(name):.1f}" for scores in columns.values()), str(first.articles[name]))
        for name in first.counts
    ]
    return table(("", *columns, "articles"), rows)


def newspapers_of(articles: dict[str, GoldArticle]) -> dict[str, set[str]]:
    home, found = regions(), defaultdict(set)
    for article in articles.values():
        if article.source in home:
            found[home[article.source]].add(article.source)
    return found


def card(model: Path, open_model: Path | None, data: Path) -> str:
    """The whole card. Raises KeyError where the template asks for a figure that is not there."""
    nlp = load(model)
    held_out = frozenset(nlp.meta["held_out_sources"])
    gold = read_gold(data, held_out=held_out, everything=False)
    scores, by_region = measure(nlp, gold)
    columns = {"score": scores}
    if open_model:
        columns = {"shipped": scores, "open data only": measure(load(open_model), gold)[0]}
    tagged = [article for article in gold.articles.values() if article.entities is not None]
    size = sum(file.stat().st_size for file in model.rglob("*") if file.is_file())
    return Template((HERE / "card.md").read_text(encoding="utf-8")).substitute(
        version=nlp.meta["version"],
        size=f"{size / 1e6:.0f}",
        threshold=nlp.meta["topic_threshold"],
        newspapers=str(len(held_out)),
        articles=str(len(tagged)),
        names=f"{sum(len(article.entities or ()) for article in tagged):,}",
        overview=overview(columns) + (f"\n{OPEN}" if open_model else ""),
        astray=f"{100 - scores.score('speakers'):.0f}",
        labels=details(scores, "entities"),
        topics=details(scores, "topics"),
        regions=region_table(by_region, newspapers_of(gold.articles)),
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
    options.output.write_text(card(options.model, options.open, options.data), encoding="utf-8")
    print(options.output)


if __name__ == "__main__":
    main()
