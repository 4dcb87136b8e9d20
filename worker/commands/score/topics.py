"""The part of `dateline score` about topics in each language, against the floors of some."""

from collections.abc import Iterator, Mapping
from typing import Any

from worker.commands.score.table import make_table
from worker.commands.shell.output import result_console
from worker.scoring.compare import FIRST_TOPIC
from worker.scoring.totals import Scores

_Measured = Mapping[str, tuple[Scores, dict[str, Scores]]]
_MEASURES = ("topics", FIRST_TOPIC)
FIRST_TOPIC_FLOORS = {"masakhanews_fr": 80.0, "masakhanews_sw": 74.0}
"""The lowest share of right first topics that --check accepts, in percent, by set of gold."""


def show_topics(measured: _Measured) -> None:
    """Prints a line for each language whose gold has topics, and for each set of categories."""
    lines = list(_with_topics(measured))
    if not lines:
        return
    table = make_table("language", "set", *_MEASURES, "95 %", "floor", "with a topic", "articles")
    for code, name, scores in lines:
        low, high = scores.interval(FIRST_TOPIC)
        floor = FIRST_TOPIC_FLOORS.get(name)
        cells = [f"{scores.score(m):.1f}" if m in scores.counts else "" for m in _MEASURES]
        table.add_row(
            code, name, *cells, f"{low:.1f}-{high:.1f}", "" if floor is None else f"{floor:g}",
            str(_with_a_topic(scores)), str(scores.articles[FIRST_TOPIC]),
        )  # fmt: skip
    result_console().print(table)


def topics_summary(measured: _Measured) -> list[dict[str, Any]]:
    """The same as JSON, scores in percent."""
    return [
        {"language": code, "set": name or None}
        | {m: round(scores.score(m), 2) for m in _MEASURES if m in scores.counts}
        | {
            "interval": [round(end, 2) for end in scores.interval(FIRST_TOPIC)],
            "floor": FIRST_TOPIC_FLOORS.get(name),
            "with_topic": _with_a_topic(scores),
            "articles": scores.articles[FIRST_TOPIC],
        }
        for code, name, scores in _with_topics(measured)
    ]


def topics_below_floors(measured: _Measured) -> list[str]:
    """Describes each set of categories whose first topics are below its floor."""
    return [
        f"{code} {FIRST_TOPIC} on {name} ({scores.score(FIRST_TOPIC):.1f}, floor {floor:g})"
        for code, name, scores in _with_topics(measured)
        if (floor := FIRST_TOPIC_FLOORS.get(name)) is not None and scores.score(FIRST_TOPIC) < floor
    ]


def _with_topics(measured: _Measured) -> Iterator[tuple[str, str, Scores]]:
    """A language's articles in one line, whose set is empty; or where it has sets of categories, each set."""
    for code, (scores, sources) in sorted(measured.items()):
        sets = [(code, name, part) for name, part in sorted(sources.items()) if _has_categories(part)]
        if sets:
            yield from sets
        elif FIRST_TOPIC in scores.counts:
            yield code, "", scores


def _with_a_topic(scores: Scores) -> int:
    counts = scores.counts[FIRST_TOPIC]
    return counts.right + counts.wrong


def _has_categories(scores: Scores) -> bool:
    return any(compared.article.category is not None for compared in scores.compared)
