"""Measures how fast the embedded search indexes, how large its file is, and how fast it answers.

    python -m bench.search.run --articles 100000 [--stories] [--check]

With --stories each article gets a story, eight in a row the same, of which two are reprints of the first.
Indexing: from the records' bytes in memory to the file, in transactions of 5,000, one prepared
while another is written, as `dateline index` does. Answers: the file opened, the query read, ten articles or
quotes found with their snippets, as JSON; the file is in the system's cache, nothing is in SQLite's.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.command_line import argument_parser
from bench.search.articles import NEWEST_SECOND, SyntheticArticles
from worker.channels import Channel
from worker.commands.search.formats import article_fields, quote_fields
from worker.commands.search.ingest import INDEX_BATCH_RECORDS
from worker.search.answer import Sort, articles, quotes
from worker.search.conditions import read_query
from worker.search.document import Document, read_document
from worker.search.file import opened_for_search, opened_for_writing
from worker.search.snippet import sought
from worker.search.story_rows import ArticleStory, AssignmentChange, StoryChange
from worker.search.writing import Change, IndexChange, Writer, entry_of

LEAST_RATE = 2_000
MOST_MEDIAN_MS = 50
ARTICLES_A_STORY, REPRINTS = 8, (1, 2)
DAY = 24 * 3600


def main() -> None:
    options = _arguments()
    made = SyntheticArticles(options.articles)
    records = list(made)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "index.sqlite"
        rate, cpu_rate = _indexed(path, records, with_stories=options.stories)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
        given = sum(map(len, records))
        print(f"{len(records):,} articles, {given / len(records):,.0f} bytes each")
        print(f"indexed {rate:,.0f} a second, {cpu_rate:,.0f} a second of processor time")
        print(f"the file has {size / 1e6:,.0f} MB, {size / given:.2f} of the articles' JSON")
        medians = _answered(path, made, options.rounds)
    middle = statistics.median(medians)
    print(f"\nmedian over the kinds of query: {middle:.1f} ms, worst kind {max(medians):.1f} ms")
    if options.check and (rate < LEAST_RATE or middle >= MOST_MEDIAN_MS):
        sys.exit(f"beyond a limit: {LEAST_RATE} articles a second, {MOST_MEDIAN_MS} ms")


def _indexed(path: Path, records: list[bytes], *, with_stories: bool) -> tuple[float, float]:
    """Indexes all records; articles a second, by the clock and by processor time."""
    began, cpu_began = time.perf_counter(), time.process_time()
    with opened_for_writing(path) as connection, ThreadPoolExecutor(1) as preparing:
        writer = Writer(connection)
        starts = range(0, len(records), INDEX_BATCH_RECORDS)
        under_way = deque([preparing.submit(_changes, records, starts[0], with_stories)])
        for start in starts:
            under_way.append(preparing.submit(_changes, records, start + INDEX_BATCH_RECORDS, with_stories))
            writer.write(under_way.popleft().result(), {(Channel.SEARCH, 0): start + INDEX_BATCH_RECORDS})
    return (
        len(records) / (time.perf_counter() - began),
        len(records) / (time.process_time() - cpu_began),
    )


def _changes(records: list[bytes], start: int, with_stories: bool) -> list[IndexChange]:
    """One batch of changes to the index."""
    found: list[IndexChange] = []
    for offset, value in enumerate(records[start : start + INDEX_BATCH_RECORDS], start):
        document = read_document(value)
        found.append(Change(document["id"], 0, offset, document["version"], entry_of(document, value)))
        if with_stories:
            found += _told(records, document, offset)
    return found


def _told(records: list[bytes], document: Document, offset: int) -> Iterator[IndexChange]:
    """The records of an article's story, as they come: its card changes with each article."""
    number, place = divmod(offset, ARTICLES_A_STORY)
    first = read_document(records[offset - place])["id"] if place in REPRINTS else None
    given = ArticleStory(f"story-{number}", "reprint" if first else "original", first)
    yield AssignmentChange(document["id"], 0, offset, document["version"], given)
    yield StoryChange(f"story-{number}", 0, offset, document["version"], None, number % 5 + 1)


def _kinds(made: SyntheticArticles, draw: random.Random) -> dict[str, str]:
    """One query of each kind; `draw` says which words and names."""
    rank = draw.randrange(20)
    common, frequent = made.words[rank], made.words[40 + rank]
    usual, rare, another = made.words[900 + rank], made.words[20_000 + rank], made.words[2_000 + rank]
    person, place = made.people[rank], made.places[rank]
    since = f"since:{NEWEST_SECOND - DAY}"
    return {
        "a rare word": rare,
        "a usual word": usual,
        "a word of half of all articles": frequent,
        "one of the twenty commonest words": common,
        "two usual words": f"{usual} {another}",
        "common AND rare": f"{common} {rare}",
        "common OR frequent OR usual": f"{common} OR {frequent} OR {usual}",
        "usual NOT frequent": f"{usual} -{frequent}",
        "a phrase": f'"{frequent} {usual}"',
        "a phrase of the two commonest words": f'"{made.words[0]} {made.words[1]}"',
        "a phrase of three of the commonest words": f'"{made.words[0]} {made.words[2]} {made.words[1]}"',
        "two words near each other": f'"{frequent} {usual}"~5',
        "a usual word in all its forms": f"stem:{usual}",
        "a phrase in all its forms": f'stem:"{frequent} {usual}"',
        "headline": f"headline:{usual}",
        "a person": f'entity:"{person}"',
        "a speaker": f'speaker:"{person}"',
        "a topic": "topic:conflict",
        "a source, a day": f"source:{made.sources[rank]} {since}",
        "a day": since,
        "speaker, topic, day, word": f'speaker:"{person.split()[1]}" topic:conflict {since} "{frequent}"',
        "a day OR a rare word": f"{since} OR {rare}",
        "NOT a place": f'NOT place:"{place}"',
        "a story": f"story:story-{rank}",
        "a story of five sources": "sources:5",
        "usual, of three sources or more": f"{usual} sources:3",
    }


def _answered(path: Path, made: SyntheticArticles, rounds: int) -> list[float]:
    """Prints a table of answer times; returns the medians in milliseconds."""
    print(
        f"\n{'kind of query':40} {'found':>7} {'median ms':>10} {'worst ms':>9} {'newest':>7} {'quotes':>7}"
    )
    medians: list[float] = []
    for kind in _kinds(made, random.Random(0)):
        times: dict[str, list[float]] = {"articles": [], "newest": [], "quotes": []}
        counts = []
        for number in range(rounds):
            query = _kinds(made, random.Random(number))[kind]
            for way in times:
                began = time.perf_counter()
                count = _answer(path, query, way)
                times[way].append((time.perf_counter() - began) * 1000)
                if way == "articles":
                    counts.append(count)
        middle = {way: statistics.median(taken) for way, taken in times.items()}
        medians += middle.values()
        print(
            f"{kind:40} {statistics.median(counts):7,.0f} {middle['articles']:10.1f} "
            f"{max(times['articles']):9.1f} {middle['newest']:7.1f} {middle['quotes']:7.1f}"
        )
    return medians


def _answer(path: Path, query: str, way: str) -> int:
    """Answers one query as `dateline search --json` does; returns how many were found."""
    condition = read_query(query, int)
    words = sought(condition)
    with opened_for_search(path) as connection:
        if way == "quotes":
            return len(
                [
                    quote_fields(hit, words)
                    for hit in quotes(connection, condition, limit=10, sort=Sort.RELEVANCE)
                ]
            )
        sort = Sort.NEWEST if way == "newest" else Sort.RELEVANCE
        found = articles(connection, condition, limit=10, sort=sort)
        for hit in found.hits:
            article_fields(hit, words)
        return found.count


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15, help="queries of each kind")
    parser.add_argument(
        "--folder", type=Path, help="where the file is made; default: the system's for temporary files"
    )
    parser.add_argument("--stories", action="store_true", help="each article has a story")
    parser.add_argument("--check", action="store_true", help="exit 1 if a limit is passed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
