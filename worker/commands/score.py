"""`dateline score`: how good the pipeline's tags are on gold articles."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson

from worker.commands.gold import Gold, read_gold
from worker.commands.score_counts import Scores, add_article
from worker.commands.score_errors import show_errors, worst
from worker.commands.score_page import page
from worker.commands.terminal import progress, result_console, say
from worker.nlp.enrich import enrich
from worker.nlp.measure import Counts
from worker.nlp.pipeline import SHIPPED, load
from worker.records.article import Article, EnrichedArticle
from worker.settings import Settings

# In a checkout through a link to the repository's seeds/, in an installed package the files themselves.
GOLD = Path(__file__).resolve().parents[1] / "seeds" / "quality"

# Percent; what --check holds the scores against: on news that the model has not seen, and on the project's
# own few articles, where one tag more or less is a point or two.
FLOORS = {
    "entities": 87.0,
    "names": 89.0,
    "quotes": 95.0,
    "scare quotes kept out": 84.6,
    "speakers": 85.0,
    "attributions": 62.0,
    "attribution parts": 88.0,
    "topics": 80.0,
    "sure topics": 93.0,
    "sure topics, recall": 45.0,
}
OWN_FLOORS = {
    "entities": 86.0,
    "names": 87.0,
    "quotes": 95.0,
    "speakers": 87.0,
    "topics": 60.0,
    "scare quotes kept out": 60.0,
}
BY_SOURCE = ("entities", "quotes", "speakers", "attributions", "topics")
MAX_MODEL_BYTES = 30_000_000


@click.command("score")
@click.option(
    "--data", "folder", type=click.Path(path_type=Path), metavar="FOLDER",
    help="Gold data: ner/, quotes/ and topics/ with *.jsonl. Default: the project's own gold articles.",
)  # fmt: skip
@click.option("--model", metavar="NAME|PATH", help="The spaCy pipeline to score [DATELINE_MODEL].")
@click.option("--all", "everything", is_flag=True, help="Also what the model was trained on.")
@click.option("--by-source", is_flag=True, help="Then the scores of each newspaper.")
@click.option("--errors", is_flag=True, help="Then the articles with differences, marked, worst first.")
@click.option(
    "--worst", "count", type=click.IntRange(1), help="No more than so many of them.  [default: all]"
)
@click.option(
    "--html", "html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Writes these articles as a page to look through.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option("--check", is_flag=True, help="Exit 1 if a score is below its floor.")
def command(
    folder: Path | None, model: str | None, everything: bool, by_source: bool, errors: bool,
    count: int | None, html: Path | None, as_json: bool, check: bool,
) -> None:  # fmt: skip
    """How good the tags are, on gold articles, each score with a 95 % interval.

    entities: strict F1 (bounds and label), names: of PERSON, ORG and LOC. quotes: F1 of direct and mixed
    quotes (overlap of .8 or more). speakers: share of found quotes whose speaker is resolved rightly.
    attributions: F1 of everything that is attributed, reports without marks too; their parts: source and cue.
    topics: F1 over the top level; sure ones: precision and recall of those with a confidence of .9 or more.
    """
    nlp = load(model or Settings.from_env().model or None)
    held_out = frozenset(nlp.meta.get("held_out_sources", ()))
    gold = read_gold(folder or GOLD, held_out=held_out, everything=everything)
    scores, sources = measure(partial(enrich, nlp), gold)
    floors = OWN_FLOORS if folder is None else FLOORS
    size = model_bytes(Path(nlp.path or SHIPPED))
    if as_json:
        click.echo(orjson.dumps(summary(scores, gold.left_out, nlp.meta) | {"model_bytes": size}))
    else:
        for line in gold.left_out:
            say(f"left out: {line}")
        show(scores, floors, size)
        if by_source:
            show_sources(sources)
    shown = worst(scores.differences, count)
    if errors:
        show_errors(result_console(), shown)
    if html:
        html.write_text(
            page(shown, [(m, _with_interval(scores, m)) for m in scores.counts]), encoding="utf-8"
        )
        say(f"wrote {html}: {len(shown)} articles")
    missed = [m for m, floor in floors.items() if m in scores.counts and scores.score(m) < floor]
    missed += ["the model's size"] if size > MAX_MODEL_BYTES else []
    if check and missed:
        raise click.ClickException("below the floor: " + ", ".join(missed))


def measure(tag: Callable[[Article], EnrichedArticle], gold: Gold) -> tuple[Scores, dict[str, Scores]]:
    """The scores of all articles, and by newspaper."""
    scores, sources = Scores(), dict[str, Scores]()
    with progress(sum(len(a.text) for a in gold.articles.values())) as bar:
        done = 0
        for number, article in enumerate(gold.articles.values(), 1):
            raw = Article(id=article.id, text=article.text, headline=article.headline, language="en")
            began = time.perf_counter()
            found = tag(raw)
            scores.seconds += time.perf_counter() - began
            scores.words += len(article.text.split())
            add_article(scores, article, found)
            add_article(sources.setdefault(article.source, Scores()), article, found)
            done += len(article.text)
            bar.update(done, f"{number} of {len(gold.articles)} articles")
    return scores, sources


def model_bytes(folder: Path) -> int:
    """The size of a pipeline on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def summary(scores: Scores, left_out: list[str], meta: dict[str, Any]) -> dict[str, Any]:
    """Everything that was measured, in percent and counts."""
    return {
        "pipeline": {"name": f"{meta['lang']}_{meta['name']}", "version": meta["version"]},
        "scores": {
            measure: {
                "score": round(scores.score(measure), 2),
                "interval": [round(end, 2) for end in scores.interval(measure)],
                "precision": round(100 * counts.precision, 2),
                "recall": round(100 * counts.recall, 2),
                "articles": scores.articles[measure],
                "by": {name: round(100 * part.f1, 2) for name, part in scores.details[measure].items()},
            }
            for measure, counts in scores.counts.items()
        },
        "words_per_second": round(scores.words / max(scores.seconds, 1e-9)),
        "left_out": left_out,
    }


def show(scores: Scores, floors: dict[str, float], size: int) -> None:
    """A table for a terminal, aligned lines for a pipe."""
    table = _table("measure", "score", "95 %", "floor", "precision", "recall", "articles", "gold")
    for measure, counts in scores.counts.items():
        low, high = scores.interval(measure)
        between, floor = f"{low:.1f}-{high:.1f}", f"{floors[measure]:g}" if measure in floors else ""
        articles = str(scores.articles[measure])
        row = _row(measure, scores.score(measure), between, floor, counts, articles)
        table.add_row(*row, style="bold")
        for name, part in sorted(scores.details[measure].items()):
            table.add_row(*_row(f"  {name}", 100 * part.f1, "", "", part, ""))
    console = result_console()
    console.print(table)
    rate = scores.words / max(scores.seconds, 1e-9)
    console.print(
        f"{scores.words:,} words in {scores.seconds:.1f} s, {rate:,.0f} words/s in one process; "
        f"the model has {size / 1e6:.1f} MB"
    )


def show_sources(sources: dict[str, Scores]) -> None:
    """A line a newspaper: its scores, and how many articles it has."""
    measures = [m for m in BY_SOURCE if any(m in scores.counts for scores in sources.values())]
    table = _table("source", *measures, "articles")
    for source, scores in sorted(sources.items()):
        cells = [f"{scores.score(m):.1f}" if scores.has(m) else "" for m in measures]
        table.add_row(source or "-", *cells, str(len(scores.differences)))
    result_console().print(table)


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i else "left", no_wrap=True)
    return table


def _row(name: str, score: float, between: str, floor: str, counts: Counts, articles: str) -> tuple[str, ...]:
    precision, recall = f"{100 * counts.precision:.1f}", f"{100 * counts.recall:.1f}"
    return (
        name,
        f"{score:.1f}",
        between,
        floor,
        precision,
        recall,
        articles,
        str(counts.right + counts.missed),
    )


def _with_interval(scores: Scores, measure: str) -> str:
    low, high = scores.interval(measure)
    return f"{scores.score(measure):.1f} ({low:.1f}-{high:.1f})"
