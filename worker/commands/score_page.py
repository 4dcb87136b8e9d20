"""`dateline score --html`: the articles as a page to look through, drawn by spaCy's displaCy."""

from collections.abc import Sequence
from html import escape

from worker.commands.score_counts import Differences
from worker.commands.score_errors import stretches
from worker.nlp.drawing import drawn

COLOURS = {"missed": "#f2c14e", "wrong": "#e4572e", "right": "#9bc995"}
_STYLE = (
    "body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "td,th{padding:.1rem 1rem .1rem 0;text-align:left}ul{color:#a33}"
    "section{border-top:1px solid #ccc;margin-top:2rem}"
)


def page(differences: Sequence[Differences], summary: Sequence[tuple[str, str]]) -> str:
    """One self-contained HTML page: the scores, a line for each article, and each article with its marks."""
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(score)}</td></tr>" for name, score in summary)
    index = "".join(
        f'<tr><td><a href="#a{number}">{escape(found.article.id)}</a></td>'
        f"<td>{escape(found.article.source)}</td><td>{len(found)}</td></tr>"
        for number, found in enumerate(differences)
    )
    key = ", ".join(
        f'<span style="background:{colour};padding:0 .4rem">{outcome}</span>'
        for outcome, colour in COLOURS.items()
    )
    articles = "".join(_article(number, found) for number, found in enumerate(differences))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Differences from gold</title>'
        f"<style>{_STYLE}</style></head><body><h1>Differences from gold</h1><table>{rows}</table>"
        f"<p>{key}</p><table><tr><th>article</th><th>source</th><th>differences</th></tr>{index}</table>"
        f"{articles}</body></html>\n"
    )


def _article(number: int, found: Differences) -> str:
    notes = "".join(f"<li>{escape(note)}</li>" for note in found.notes)
    return (
        f'<section id="a{number}"><h2>{escape(found.article.id)}</h2>'
        f"{f'<ul>{notes}</ul>' if notes else ''}{_marked(found)}</section>"
    )


def _marked(found: Differences) -> str:
    """Stretches that share their marks, each under the names of all of them."""
    marks = [mark for mark in found.marks if mark.outcome != "right" or mark.label != "QUOTE"]
    labelled = []
    for start, end in stretches(marks, 0, len(found.article.text)):
        here = [mark for mark in marks if mark.start <= start < mark.end]
        if here:
            labels = sorted({f"{mark.outcome} {mark.label}" for mark in here})
            labelled.append((start, end, " + ".join(labels)))
    colours = {label: COLOURS[label.split(" ", 1)[0]] for _, _, label in labelled}
    return drawn(found.article.text, labelled, colours)
