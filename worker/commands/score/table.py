"""Shows the scores of `dateline score`: as tables for a terminal, as aligned lines for a pipe, or as JSON."""

from typing import Any

from worker.commands.shell.output import result_console
from worker.records.article import PipelineVersion
from worker.scoring.measure import Counts
from worker.scoring.totals import Scores

BY_SOURCE = ("entities", "quotes", "speakers", "attributions", "topics")


def show_scores(scores: Scores, floors: dict[str, float], size: int) -> None:
    """Prints a line for each measure, followed by one for each of its labels or kinds; then the speed."""
    table = make_table("measure", "score", "95 %", "floor", "precision", "recall", "articles", "gold")
    for measure, counts in scores.counts.items():
        low, high = scores.interval(measure)
        floor = f"{floors[measure]:g}" if measure in floors else ""
        cells = score_cells(scores.score(measure), f"{low:.1f}-{high:.1f}", floor, counts)
        table.add_row(measure, *cells, str(scores.articles[measure]), gold_count(counts), style="bold")
        for name, part in sorted(scores.details[measure].items()):
            table.add_row(f"  {name}", *score_cells(100 * part.f1, "", "", part), "", gold_count(part))
    console = result_console()
    console.print(table)
    if scores.has("scare quotes kept out"):
        scare = scores.counts["scare quotes kept out"]
        console.print(f"{scare.missed} of {gold_count(scare)} scare quotes taken for quotes")
    console.print(
        f"{scores.words:,} words in {scores.seconds:.1f} s of processor time, "
        f"{scores.words_per_second:,.0f} words/s; the model has {size / 1e6:.1f} MB"
    )


def show_sources(sources: dict[str, Scores]) -> None:
    """Prints a line for each newspaper: its scores, and how many articles it has."""
    measures = [m for m in BY_SOURCE if any(m in scores.counts for scores in sources.values())]
    table = make_table("source", *measures, "articles")
    for source, scores in sorted(sources.items()):
        cells = [f"{scores.score(m):.1f}" if scores.has(m) else "" for m in measures]
        table.add_row(source or "-", *cells, str(len(scores.compared)))
    result_console().print(table)


def scores_summary(scores: Scores, left_out: list[str], pipeline: PipelineVersion) -> dict[str, Any]:
    """All that was measured, as the object of `--json`: scores in percent, and counts."""
    return {
        "pipeline": pipeline.model_dump(),
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
        "words_per_second": round(scores.words_per_second),
        "left_out": left_out,
    }


def make_table(*columns: str) -> Any:
    """A table for a terminal or a pipe, the first column to the left."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for i, name in enumerate(columns):
        table.add_column(name, justify="right" if i else "left", no_wrap=True)
    return table


def score_cells(score: float, interval: str, floor: str, counts: Counts) -> tuple[str, ...]:
    """The cells of a score: it, its interval and floor, precision and recall in percent."""
    return f"{score:.1f}", interval, floor, f"{100 * counts.precision:.1f}", f"{100 * counts.recall:.1f}"


def gold_count(counts: Counts) -> str:
    """How many there are in gold."""
    return str(counts.right + counts.missed)
