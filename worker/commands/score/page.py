"""`dateline score --html`: a page with the articles and their differences, drawn by spaCy's displaCy."""

from collections.abc import Sequence
from html import escape

from worker.commands.score.errors import stretches
from worker.scoring.compare import ArticleComparison
from worker.scoring.drawing import draw_spans
from worker.scoring.measure import Counts
from worker.scoring.totals import Scores, score_percent

TITLE = "Differences from gold"
COLOURS = {"missed": "#f2c14e", "wrong": "#e4572e", "right": "#9bc995"}
_STYLE = (
    "body{font-family:system-ui,sans-serif;margin:2rem;color:#222}"
    "td,th{padding:.1rem 1rem .1rem 0;text-align:left;vertical-align:top}ul{color:#a33}"
    "section{max-width:60rem;border-top:1px solid #ccc;margin-top:2rem}"
)


def page(compared: Sequence[ArticleComparison], scores: Scores) -> str:
    """One self-contained HTML page: all scores, a table of the articles, and each article with its marks."""
    measures = list(scores.counts)
    rows = "".join(f"<tr><td>{escape(m)}</td><td>{_with_interval(scores, m)}</td></tr>" for m in measures)
    index = "".join(_table_row(number, found, measures) for number, found in enumerate(compared))
    heads = "".join(f"<th>{escape(name)}</th>" for name in ("article", "source", "differences", *measures))
    key = " ".join(
        f'<span style="background:{colour};padding:0 .4rem">{outcome}</span>'
        for outcome, colour in COLOURS.items()
    )
    articles = "".join(_article(number, found) for number, found in enumerate(compared))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{TITLE}</h1><table>{rows}</table><p>{key}</p>"
        f"<table><tr>{heads}</tr>{index}</table>{articles}</body></html>\n"
    )


def _with_interval(scores: Scores, measure: str) -> str:
    low, high = scores.interval(measure)
    return f"{scores.score(measure):.1f} ({low:.1f}-{high:.1f})"


def _table_row(number: int, found: ArticleComparison, measures: Sequence[str]) -> str:
    """An article's row in the table. A cell is empty where nothing was to be found and nothing was found."""
    counted = {m: counts for m, counts in found.counts.items() if counts != Counts()}
    cells = "".join(
        f"<td>{score_percent(m, counted[m]):.0f}</td>" if m in counted else "<td></td>" for m in measures
    )
    return (
        f'<tr><td><a href="#a{number}">{escape(found.article.id)}</a></td>'
        f"<td>{escape(found.article.source)}</td><td>{found.differences}</td>{cells}</tr>"
    )


def _article(number: int, found: ArticleComparison) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in found.notes)
    return (
        f'<section id="a{number}"><h2>{escape(found.article.id)}</h2>'
        f"{f'<ul>{notes}</ul>' if notes else ''}{_marked(found)}</section>"
    )


def _marked(found: ArticleComparison) -> str:
    """The text in stretches, each labelled with all marks that cover it, differences first."""
    labelled = []
    for start, end in stretches(found.marks, 0, len(found.article.text)):
        here = [mark for mark in found.marks if mark.start <= start < mark.end]
        if here:
            labels = sorted({f"{mark.outcome} {mark.label}" for mark in here}, key=_differing_first)
            labelled.append((start, end, " + ".join(labels)))
    colours = {label: COLOURS[label.split(" ", 1)[0]] for _, _, label in labelled}
    return draw_spans(found.article.text, labelled, colours)


def _differing_first(label: str) -> tuple[bool, str]:
    return label.startswith("right"), label
