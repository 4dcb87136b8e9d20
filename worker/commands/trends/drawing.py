"""Draws trends with characters: a sign for each window in a line, or a bar for each in a line of its own.

Where the output's encoding lacks blocks, ASCII signs stand for them.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple, TextIO

from worker.commands.shell.encodings import has
from worker.commands.shown.cards import printable
from worker.commands.trends.reading import SubjectTrend, TrendJson
from worker.records.cloudevents import rfc3339
from worker.trends.windows import TrendWindow


class Signs(NamedTuple):
    """What is drawn with: signs of growing height, and of a bar what counts, and copies."""

    heights: str
    full: str
    copies: str


BLOCKS, PLAIN = Signs("▁▂▃▄▅▆▇█", "█", "░"), Signs(".:-=+*#@", "#", ".")
MAX_SIGNS = 48
"""So many windows are drawn in one line: the latest."""
_BAR = 40
_NAME_CHARS = 60
_COLUMNS = ("kind", "articles", "copies", "bursts")


def signs_for(stream: TextIO) -> Signs:
    """Those that the stream can show."""
    return BLOCKS if has(stream, "".join(BLOCKS)) else PLAIN


def trend_table(
    trends: Sequence[SubjectTrend], window: TrendWindow, numbers: range, signs: Signs
) -> Iterator[str]:
    """A line for each subject, under a line of names and times; none if there is no subject."""
    if not trends:
        return
    drawn = numbers[-MAX_SIGNS:]
    rows = [dict(zip(_COLUMNS, _COLUMNS, strict=True)), *map(_row, trends)]
    lines = [time_axis(window, drawn), *(sparkline(trend, drawn, signs) for trend in trends)]
    width = max(map(len, lines))
    names = ["name", *(printable(trend.name, most=_NAME_CHARS) for trend in trends)]
    widths = {column: max(len(row[column]) for row in rows) for column in _COLUMNS}
    for row, line, name in zip(rows, lines, names, strict=True):
        cells = [row["kind"].ljust(widths["kind"])]
        cells += [row[column].rjust(widths[column]) for column in _COLUMNS[1:]]
        yield f"{'  '.join(cells)}  {line.ljust(width)}  {name}"


def time_axis(window: TrendWindow, numbers: range) -> str:
    """When the first and the last of these windows begin: above their signs, where there is room for both."""
    first, last = (_when(window, number)[5:] for number in (numbers[0], numbers[-1]))
    if len(numbers) == 1:
        return first
    space = len(numbers) - len(first) - len(last)
    return f"{first}{' ' * space}{last}" if space > 0 else f"{first} to {last}"


def sparkline(trend: SubjectTrend, numbers: range, signs: Signs) -> str:
    """A sign for each window, as high as its independent articles are to the most of them; space for none."""
    counts = [_independent(trend, number) for number in numbers]
    most = max(counts, default=0)
    heights = signs.heights
    return "".join(heights[ceil(count * len(heights) / most) - 1] if count else " " for count in counts)


def bars(trend: SubjectTrend, window: TrendWindow, numbers: range, signs: Signs) -> Iterator[str]:
    """The subject, and a bar for each window: its independent articles, and behind them its copies."""
    yield f"{printable(trend.name)} ({trend.kind}, {printable(trend.subject)})"
    most = max(record["articles"] for record in trend.windows.values())
    for number in numbers:
        record = trend.windows.get(number, {})
        articles, independent = record.get("articles", 0), record.get("independent", 0)
        length = ceil(articles * _BAR / most)
        of_own = ceil(independent * _BAR / most)
        bar = signs.full * of_own + signs.copies * (length - of_own)
        yield f"{_when(window, number)}  {articles:>6,}  {bar.ljust(_BAR)}  {_said(record)}".rstrip()


def _row(trend: SubjectTrend) -> dict[str, str]:
    copies, bursts = trend.articles - trend.independent, len(trend.bursts)
    return {
        "kind": trend.kind,
        "articles": f"{trend.articles:,}",
        "copies": f"{copies:,}" if copies else "",
        "bursts": f"{bursts:,}" if bursts else "",
    }


def _independent(trend: SubjectTrend, number: int) -> int:
    count: int = trend.windows.get(number, {}).get("independent", 0)
    return count


def _when(window: TrendWindow, number: int) -> str:
    start = rfc3339(window.start_ms(number))
    return f"{start[:10]} {start[11:13]}h" if window is TrendWindow.HOUR else start[:10]


def _said(record: TrendJson) -> str:
    """`3 stories, 2 copies, burst (0.4 expected)`"""
    if not record:
        return ""
    copies, stories, burst = record["articles"] - record["independent"], record["stories"], record["burst"]
    said = [f"{stories:,} stor{'y' if stories == 1 else 'ies'}"]
    if copies:
        said.append(f"{copies:,} cop{'y' if copies == 1 else 'ies'}")
    if burst is not None:
        said.append(f"burst ({burst['expected']:g} expected)")
    return ", ".join(said)
