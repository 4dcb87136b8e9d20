"""Queries for the fuzzer: the pieces they are made of, examples, and the laws for any text read as one."""

from collections.abc import Callable, Iterator
from typing import TypeVar

import orjson

from bench.fuzz.laws import require
from tests.faults.workers import ROOT
from worker.alerts.text import condition_from_text, condition_to_text
from worker.query.language import MAX_CHARS, QueryError, parse, unparse

T = TypeVar("T")

_WATCHLIST = ROOT / "seeds" / "rules" / "watchlist.jsonl"
QUERY_PIECES: tuple[bytes, ...] = tuple(
    piece.encode(errors="surrogatepass")
    for piece in (
        " ", " AND ", " OR ", " NOT ", "-", "and", "Or", "(", ")", '"', "“", "”", "„", "«", "»", "\\", '\\"',
        "~5", "~1000", "[", "]", ",", "=", ">=", "<", "*", "?", "/a/", ":", "\0", "\n", "\u2028", "\u200b",
        "harbour strike", "Ada Okafor", "東京", "e\u0301", "\ud800", "𝐀", "İ", "1e400", "-0", "NaN",
        "ı", "हिन्दी", "กรุงเทพ",
        "entity:", "id:", "type:", "link:", "speaker:", "speaker_id:", "topic:", "source:", "language:",
        "type=ORG", "salience>=0.1", "confidence>0.8", "iso3166=UA", "wikidata:Q212", "person:mark-rutte",
        "conflict", "medtop:16000000", "en-GB", "PERSON", "since:", "headline:", "stem:",
        "[field=headline]",
    )
)  # fmt: skip
"""What the fuzzer's changes put into a query."""
_EXAMPLES = (
    'speaker:"Mark Rutte" AND (topic:conflict[confidence>=0.8] OR "missile strike"~5) NOT source:a.test',
    "a OR b -c “d e” (entity:NATO[type=ORG, salience>0.1] link:iso3166:UA) language:en",
    "id:person:mark-rutte type:person speaker_id:org:un since:2026-01-01T00:00 until:today headline:strike",
    "stem:“harbour strikes” OR -stem:strikes[field=headline]",
)


def query_examples() -> Iterator[str]:
    """Queries to begin with: some with every sign of the language, and those of the sample rules."""
    yield from _EXAMPLES
    for line in _WATCHLIST.read_bytes().splitlines():
        yield orjson.loads(line)["when"]


def check_query(text: str) -> None:
    """Raises LawBroken where a text, read as a query and as a rule's condition, breaks a law.

    An error is a QueryError that says where in the text it is. A query that is written out reads as the same
    one.
    """
    query = _read(parse, text)
    if query is not None and _is_within_limits(written := unparse(query)):
        require(parse(written) == query, "a query that is written out reads as the same one", text, written)
    condition = _read(condition_from_text, text)
    if condition is not None and _is_within_limits(written := condition_to_text(condition)):
        require(
            condition_from_text(written) == condition,
            "a condition that is written out reads as the same one",
            text,
            written,
        )


def _read(read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text)
    except QueryError as error:
        span = error.position, error.end
        require(0 <= error.position <= error.end <= len(text), "an error lies in the text", text, span)
        require(error.pointed(), "an error can be shown below its query", text)
        return None


def _is_within_limits(written: str) -> bool:
    """Whether a query takes it: what is typed briefly may be too long in full."""
    return len(written) <= MAX_CHARS
