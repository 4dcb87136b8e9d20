"""The part of `dateline score` about languages: names and quotes in each of them, against their floors."""

from collections.abc import Mapping
from typing import Any

from worker.commands.score.table import gold_count, make_table, score_cells
from worker.commands.shell.output import result_console
from worker.languages import known_languages
from worker.scoring.compare import DIRECT_MEASURES
from worker.scoring.totals import Scores

_MEASURE = "names"
_NewsSets = Mapping[tuple[str, str], Scores]
_Measured = Mapping[str, tuple[Scores, dict[str, Scores]]]
QUOTE_MEASURES = ("quotes", "scare quotes kept out", "speakers", "attributions", *DIRECT_MEASURES)
QUOTE_FLOORS = {"quotes": 92.0, "speakers": 85.0, "direct quotes found": 95.0}
"""The lowest scores that --check accepts in other languages than English, in percent."""


def scores_by_set(measured: Mapping[str, tuple[Scores, dict[str, Scores]]]) -> dict[tuple[str, str], Scores]:
    """The scores of each language and set of names, in the order of the table of languages.

    `measured`: by language, its scores and those of each source. A language without the set that its floor
    is measured on has one line for all of its articles, whose set is empty.
    """
    known = list(known_languages())
    lines: dict[tuple[str, str], Scores] = {}
    for code in sorted(measured, key=lambda code: (known.index(code) if code in known else len(known), code)):
        scores, sources = measured[code]
        if code in known and known_languages()[code].measured_on in sources:
            lines |= {(code, name): part for name, part in sorted(sources.items())}
        else:
            lines[code, ""] = scores
    return {key: scores for key, scores in lines.items() if _MEASURE in scores.counts}


def show_languages(by_set: _NewsSets) -> None:
    """Prints a line for each language and set: strict F1 of people, organizations and places."""
    table = make_table("language", "set", "names", "95 %", "floor", "precision", "recall", "articles", "gold")
    for (code, name), scores in by_set.items():
        low, high = scores.interval(_MEASURE)
        counts, floor = scores.counts[_MEASURE], _floor(code, name)
        cells = score_cells(
            scores.score(_MEASURE), f"{low:.1f}-{high:.1f}", "" if floor is None else f"{floor:g}", counts
        )
        table.add_row(code, name, *cells, str(scores.articles[_MEASURE]), gold_count(counts))
    result_console().print(table)


def languages_summary(by_set: _NewsSets) -> list[dict[str, Any]]:
    """The same as JSON, scores in percent."""
    return [
        {
            "language": code,
            "set": name or None,
            "names": round(scores.score(_MEASURE), 2),
            "interval": [round(end, 2) for end in scores.interval(_MEASURE)],
            "floor": _floor(code, name),
            "precision": round(100 * scores.counts[_MEASURE].precision, 2),
            "recall": round(100 * scores.counts[_MEASURE].recall, 2),
            "articles": scores.articles[_MEASURE],
        }
        for (code, name), scores in by_set.items()
    ]


def show_quotes(measured: _Measured) -> None:
    """Prints a line for each language whose gold has quotes or attributions."""
    columns = [
        measure for measure in QUOTE_MEASURES if any(measure in s.counts for s, _ in measured.values())
    ]
    if not columns:
        return
    table = make_table("language", *columns, "articles")
    for code, scores in _with_quotes(measured):
        cells = [f"{scores.score(m):.1f}" if m in scores.counts else "" for m in columns]
        table.add_row(code, *cells, str(max(scores.articles.get(m, 0) for m in columns)))
    result_console().print(table)


def quotes_summary(measured: _Measured) -> list[dict[str, Any]]:
    """The same as JSON, scores in percent."""
    return [
        {"language": code}
        | {m: round(scores.score(m), 2) for m in QUOTE_MEASURES if m in scores.counts}
        | {"articles": max(scores.articles.get(m, 0) for m in QUOTE_MEASURES)}
        for code, scores in _with_quotes(measured)
    ]


def _with_quotes(measured: _Measured) -> list[tuple[str, Scores]]:
    return [
        (code, scores)
        for code, (scores, _) in sorted(measured.items())
        if any(measure in scores.counts for measure in QUOTE_MEASURES)
    ]


def quotes_below_floors(measured: _Measured) -> list[str]:
    """Describes each score of quotes or speakers in another language than English below its floor."""
    return [
        f"{code} {measure} ({scores.score(measure):.1f}, floor {floor:g})"
        for code, scores in _with_quotes(measured)
        for measure, floor in QUOTE_FLOORS.items()
        if code != "en" and measure in scores.counts and scores.score(measure) < floor
    ]


def sets_below_floors(by_set: _NewsSets) -> list[str]:
    """Describes each set whose names are below the floor of its language."""
    return [
        f"{code} names on {name} ({scores.score(_MEASURE):.1f}, floor {floor:g})"
        for (code, name), scores in by_set.items()
        if (floor := _floor(code, name)) is not None and scores.score(_MEASURE) < floor
    ]


def _floor(code: str, name: str) -> float | None:
    """The floor of a set: only the one that the language's floor is measured on has it."""
    known = known_languages().get(code)
    return known.floor if known and name and known.measured_on == name else None
