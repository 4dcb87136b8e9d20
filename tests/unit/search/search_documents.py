"""Search documents made from a few words, an index of them, and random ones with queries for them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from hypothesis import strategies as st

from worker.channels import Channel
from worker.query.language import AllOf, AnyOf, Not, Query, Term
from worker.search.answer import Sort, articles
from worker.search.conditions import read_query
from worker.search.document import read_document
from worker.search.file import opened_for_search, opened_for_writing
from worker.search.story_rows import ArticleStory, AssignmentChange, StoryChange
from worker.search.writing import Change, IndexChange, Writer, Written, entry_of

SECOND = 1_790_000_000
CHANNELS = {
    Change: Channel.SEARCH,
    AssignmentChange: Channel.STORY_ARTICLES,
    StoryChange: Channel.STORIES,
}


def document(text: str = "", **fields: Any) -> dict[str, Any]:
    """A search document without tags, but for `fields`."""
    empty = {
        "id": "a1", "version": SECOND * 1000, "url": None, "headline": None, "text": text, "source": None,
        "language": "en", "published_at": None, "authors": [], "people": [], "organisations": [],
        "places": [], "countries": [], "other_names": [], "entity_ids": [], "topics": [],
        "topic_codes": [], "speakers": [], "quotes": [],
    }  # fmt: skip
    return empty | fields


def quote(text: str, speaker: str | None = None, speaker_id: str | None = None) -> dict[str, Any]:
    return {"text": text, "kind": "direct", "speaker": speaker, "speaker_id": speaker_id}


def put(document: Mapping[str, Any], *, offset: int = 0, partition: int = 0) -> Change:
    """The record of a document."""
    value = orjson.dumps(document)
    return Change(
        document["id"], partition, offset, document["version"], entry_of(read_document(value), value)
    )


def retract(article: str, *, offset: int = 0, partition: int = 0, version: int = SECOND * 1000) -> Change:
    """The record of a tombstone."""
    return Change(article, partition, offset, version, None)


def assign(
    article: str,
    story: str | None,
    relation: str = "original",
    original: str | None = None,
    *,
    offset: int = 0,
    partition: int = 0,
    version: int = SECOND * 1000,
) -> AssignmentChange:
    """The record of an article's story; none: it was taken back."""
    given = ArticleStory(story, relation, original) if story else None
    return AssignmentChange(article, partition, offset, version, given)


def stands(
    story: str, sources: int = 1, *, into: str | None = None, offset: int = 0, partition: int = 0
) -> StoryChange:
    """The record of a story."""
    return StoryChange(story, partition, offset, SECOND * 1000, into, sources)


def write(path: Path, changes: Iterable[IndexChange]) -> Written:
    """All in one transaction."""
    changes = list(changes)
    positions = {(CHANNELS[type(change)], change.partition): change.offset + 1 for change in changes}
    with opened_for_writing(path) as connection:
        return Writer(connection).write(changes, positions)


def index(path: Path, documents: Iterable[Mapping[str, Any]]) -> Path:
    """A file with these documents."""
    write(path, [put(one, offset=offset) for offset, one in enumerate(documents)])
    return path


@contextmanager
def searching(path: Path) -> Iterator[Any]:
    """`find(text)`: the ids of the documents that match, best first."""
    with opened_for_search(path) as connection:

        def find(text: str, *, limit: int = 100, sort: Sort = Sort.RELEVANCE) -> list[str]:
            found = articles(connection, read_query(text, int), limit=limit, sort=sort)
            return [hit.document["id"] for hit in found.hits]

        yield find


def find(path: Path, text: str, **options: Any) -> list[str]:
    with searching(path) as find_in_it:
        return find_in_it(text, **options)


WORDS = st.sampled_from(
    [
        "port",
        "strike",
        "Strikes",
        "striking",
        "Häfen",
        "Hafen",
        "the",
        "Lima",
        "Ōsaka",
        "e\u0301lan",
        "co-op",
        "naïve",
        "NATO's",
        "“port”",
        "x_y",
        "ÇA",
    ]
)
NAMES = st.sampled_from(["NATO", "Ada Okafor", "Okafor", "Lima", "Ōsaka Port", "co-op", "Ada Lima"])
CODES = st.sampled_from(["medtop:16000000", "medtop:20000053", "medtop:15000000"])
IDS = st.sampled_from(["person:ada-okafor", "org:nato", "gpe:lima"])
SOURCES = st.sampled_from(["Wire.example", "tabloid.example", "The  Wire"])
LANGUAGES = st.sampled_from(["en", "en-GB", "de", "nb-NO", "no", "uk"])
TEXTS = st.lists(WORDS | NAMES, max_size=20).map(" ".join)


def names() -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, max_size=2, unique=True)


quotes = st.builds(
    quote, st.lists(WORDS, min_size=1, max_size=5).map(" ".join), NAMES | st.none(), IDS | st.none()
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Random documents over few words, so that queries match often."""
    said = draw(st.lists(quotes, max_size=3))
    moment = SECOND + draw(st.integers(0, 3))
    return document(
        draw(TEXTS), headline=draw(st.none() | TEXTS), source=draw(SOURCES | st.none()),
        language=draw(LANGUAGES), version=moment * 1000, authors=draw(names()), people=draw(names()),
        organisations=draw(names()), places=draw(names()), other_names=draw(names()),
        countries=draw(st.lists(st.sampled_from(["PE", "JP"]), max_size=2, unique=True)),
        entity_ids=draw(st.lists(IDS, max_size=2, unique=True)),
        topic_codes=draw(st.lists(CODES, max_size=2, unique=True)), quotes=said,
        speakers=list(dict.fromkeys(one["speaker"] for one in said if one["speaker"])),
    )  # fmt: skip


def field(name: str, values: st.SearchStrategy[str]) -> st.SearchStrategy[Term]:
    return values.map(lambda value: Term(name, value))


PHRASES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
leaves = st.one_of(
    st.builds(Term, st.just(""), PHRASES, st.none() | st.integers(0, 5)),
    field("headline", PHRASES),
    st.builds(
        Term,
        st.just("stem"),
        PHRASES,
        st.none(),
        st.sampled_from([(), (("field", "=", "headline"),)]),
    ),
    *(field(name, NAMES) for name in ("entity", "person", "organisation", "place", "speaker", "author")),
    *(field(name, IDS) for name in ("id", "speaker_id")),
    field("type", st.sampled_from(["PERSON", "org"])),
    field("country", st.sampled_from(["pe", "JP"])),
    field("link", st.just("iso3166:PE")),
    field("topic", CODES),
    field("source", SOURCES.map(str.upper)),
    *(field(name, LANGUAGES) for name in ("language", "lang")),
    field("story", st.sampled_from(["s0", "s2", "s9"])),
    field("sources", st.sampled_from(["1", "2", "3", "4"])),
    *(field(name, st.integers(SECOND, SECOND + 4).map(str)) for name in ("since", "until")),
)


def several(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    lists = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return lists.map(AllOf) | lists.map(AnyOf) | parts.map(Not)


queries = st.recursive(leaves, several, max_leaves=8)
