"""`dateline search`: finds articles or quotes in an index that `dateline index` wrote."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from worker.commands.search.formats import article_fields, copies_line, quote_fields, show_article, show_quote
from worker.commands.search.moments import seconds_meant
from worker.commands.shell.numbers import WholeNumber
from worker.commands.shell.options import index_option
from worker.commands.shell.output import print_json, result_console, say
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shell.variables import reads
from worker.query.language import QueryError
from worker.search.answer import MAX_RANKED, Hit, QuoteHit, Sort, articles, quotes
from worker.search.conditions import SearchCondition, read_query
from worker.search.file import opened_for_search
from worker.search.snippet import SoughtWords, sought

H = TypeVar("H", Hit, QuoteHit)


class _QueryCommand(click.Command):
    """Explains how to write a query that begins with an excluded term: `-museum` looks like an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            letter = error.option_name.removeprefix("-")
            word = next((word for word in words if re.match(r"-[^-]", word) and letter in word), None)
            if word is None or letter.startswith("-"):
                raise
            named = word.removeprefix("-")
            raise click.UsageError(
                f"{word} looks like an option: write NOT {named}, or put another term first, "
                f"in one argument: 'storm {word}'",
                ctx,
            ) from None


@reads()
@click.command(cls=_QueryCommand)
@click.argument("words", nargs=-1, required=True, metavar="QUERY...")
@index_option
@click.option("--quotes", "wants_quotes", is_flag=True, help="Quotes that match, with who said them.")
@click.option("--all", "wants_all", is_flag=True, help="Reprints and excerpts of what is found too.")
@click.option("--limit", type=WholeNumber(min=1), default=10, show_default=True, metavar="N")
@click.option(
    "--sort",
    type=click.Choice([sort.value for sort in Sort]),
    default=Sort.RELEVANCE.value,
    show_default=True,
    help="What comes first; of equally relevant ones the newest.",
)
@click.option("--json", "wants_json", is_flag=True, help="One JSON object a line.")
def command(
    words: tuple[str, ...],
    index: Path,
    wants_quotes: bool,
    wants_all: bool,
    limit: int,
    sort: str,
    wants_json: bool,
) -> None:
    """Search an index that `dateline index` made.

    \b
      dateline search 'speaker:"Rutte" topic:conflict since:7d "security challenges"'
    Several arguments are one query. One that begins with - looks like an option: write NOT.
    Words and phrases of the headline or the text, "two words"~5 (near each other), stem:strike (in all its
    forms), AND, OR, NOT or -, parentheses, and the fields
      headline author source language (lang)             of the article
      entity person organisation place                   words of a name
      id type country link                               of an entity: person:mark-rutte, ORG, UA
      speaker speaker_id                                 of a quote
      topic                                              name, its beginning or code; narrower ones too
      story sources                                      its story's id; how many sources that has, or more
      since until                                        7d, 12h, 30m (ago), or an ISO time

    \b
    An article that reprints or cuts short another that is found is folded under it, if the index has stories.

    \b
    Exit codes: 0 done, also if nothing was found; 1 a problem; 2 wrong usage; 141 the pipe's reader has gone.
    """
    condition = _condition(" ".join(words))
    began = time.perf_counter()
    with opened_for_search(index) as connection:
        show = _show_quotes if wants_quotes else _show_articles
        count = show(connection, condition, _Options(limit, Sort(sort), not wants_all), wants_json)
    if not wants_json:
        say(f"{count}, {(time.perf_counter() - began) * 1000:,.0f} ms")


@dataclass(frozen=True, slots=True)
class _Options:
    """What of the results is shown. `fold`: copies of a result are not."""

    limit: int
    sort: Sort
    fold: bool


def _condition(query: str) -> SearchCondition:
    try:
        return read_query(query, seconds_meant)
    except QueryError as error:
        raise Problem(error.pointed()) from None


def _show_articles(
    connection: sqlite3.Connection, condition: SearchCondition, options: _Options, wants_json: bool
) -> str:
    found = articles(connection, condition, limit=options.limit, sort=options.sort, fold=options.fold)
    _show(found.hits, condition, article_fields if wants_json else None, show_article)
    or_more = " or more" if found.count == MAX_RANKED else ""
    line = f"{len(found.hits):,} of {counted(found.count - found.folded, 'article')}{or_more}"
    return f"{line}, {copies_line(found.folded)} folded (--all)" if found.folded else line


def _show_quotes(
    connection: sqlite3.Connection, condition: SearchCondition, options: _Options, wants_json: bool
) -> str:
    hits = quotes(connection, condition, limit=options.limit, sort=options.sort, fold=options.fold)
    _show(hits, condition, quote_fields if wants_json else None, show_quote)
    return counted(len(hits), "quote")


def _show(
    hits: Iterable[H],
    condition: SearchCondition,
    as_json: Callable[[H, Sequence[SoughtWords]], bytes] | None,
    as_card: Callable[[Console, H, Sequence[SoughtWords]], None],
) -> None:
    words = sought(condition)
    console = result_console()
    for hit in hits:
        if as_json:
            print_json(as_json(hit, words))
        else:
            as_card(console, hit, words)
