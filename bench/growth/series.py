"""What is varied, one thing at a time, and what is held still meanwhile."""

from dataclasses import dataclass, replace

_PARTITIONS = 12
_WORDS = 160
_ARTICLES = 400
_BACKLOG_WORDS = 50
# Of each length as many articles as have so many words together, and some at least.
_WORDS_TOGETHER, _LEAST_ARTICLES = 64_000, 12
_IN_SHORT_ARTICLES, _IN_SHORT_PARTITIONS = 6, 4


@dataclass(frozen=True, slots=True)
class Point:
    """What a worker gets. `value`: of what is varied. `rules`: None where it has no alerts.

    `pipeline`: False where the processes publish what was sent instead, so that what the worker itself takes
    shows with many articles.
    """

    value: int
    articles: int = _ARTICLES
    words: int = _WORDS
    partitions: int = _PARTITIONS
    rules: int | None = None
    storytelling: bool = False
    workers: int = 1
    pipeline: bool = True


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is varied. `unit`: what its values count; `held`: what is the same at all of them."""

    name: str
    unit: str
    held: str
    points: tuple[Point, ...]


def _of_words(words: int) -> Point:
    return Point(words, articles=max(_LEAST_ARTICLES, _WORDS_TOGETHER // words), words=words)


_HELD = f"articles of {_WORDS} words, without alerts and stories"

SERIES = (
    Series(
        "words",
        "words of an article",
        f"{_WORDS_TOGETHER:,} words together, or {_LEAST_ARTICLES} articles; without alerts and stories",
        tuple(_of_words(words) for words in (50, 160, 500, 1_600, 5_000)),
    ),
    Series(
        "partitions",
        "partitions of the raw topic",
        f"{_ARTICLES} {_HELD}",
        tuple(Point(number, partitions=number) for number in (1, 4, 16, 64)),
    ),
    Series(
        "rules",
        "alert rules",
        f"{_ARTICLES} articles of {_WORDS} words, with alerts, without stories",
        tuple(Point(number, rules=number) for number in (0, 1_000, 10_000, 100_000)),
    ),
    Series(
        "stories",
        "stories (0: off, 1: on)",
        f"{_ARTICLES} articles of {_WORDS} words, without alerts, put together from the same paragraphs",
        tuple(Point(int(on), storytelling=on) for on in (False, True)),
    ),
    Series(
        "workers",
        "workers of one process",
        f"{_ARTICLES} {_HELD}",
        tuple(Point(number, workers=number) for number in (1, 2, 4)),
    ),
    Series(
        "backlog",
        "articles that wait",
        f"articles of {_BACKLOG_WORDS} words, in processes that publish what was sent, unread",
        tuple(
            Point(number, articles=number, words=_BACKLOG_WORDS, pipeline=False)
            for number in (1_000, 10_000, 100_000)
        ),
    ),
)


def in_short(series: Series) -> Series:
    """The first two points with a few articles, which show that each runs."""
    points = tuple(
        replace(one, articles=_IN_SHORT_ARTICLES, partitions=min(one.partitions, _IN_SHORT_PARTITIONS))
        for one in series.points[:2]
    )
    return replace(series, points=points)
