"""What a search makes of stories: reprints are folded, and articles found by their story and its sources."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.search.search_documents import (
    SECOND,
    assign,
    document,
    find,
    put,
    quote,
    retract,
    stands,
    write,
)
from worker.alerts.text import condition_from_text
from worker.channels import Channel
from worker.query.language import QueryError
from worker.search.answer import Hit, SearchResult, Sort, articles, quotes
from worker.search.conditions import read_query
from worker.search.file import IndexProblem, opened_for_search, opened_for_writing
from worker.search.story_rows import DocumentStory
from worker.search.writing import IndexChange, Writer

FERRY = [
    put(document("A ferry ran aground.", id="wire", version=SECOND * 1000)),
    put(document("A ferry ran aground.", id="daily", version=SECOND * 1000 + 1000), offset=1),
    put(document("A ferry.", id="brief", version=SECOND * 1000 + 2000), offset=2),
    put(document("A ferry ran aground, and more.", id="long", version=SECOND * 1000 + 3000), offset=3),
    put(document("A ferry, told anew.", id="rival", version=SECOND * 1000 + 4000), offset=4),
]
GIVEN = [
    assign("wire", "ferry"),
    assign("daily", "ferry", "reprint", "wire", offset=1),
    assign("brief", "ferry", "excerpt", "daily", offset=2),
    assign("long", "ferry", "extends", "wire", offset=3),
    assign("rival", "quay", offset=4),
]
CARDS = [stands("ferry", 4), stands("quay", 2, into="ferry", offset=1)]


def found(path: Path, query: str, *, sort: Sort = Sort.NEWEST, fold: bool = True) -> SearchResult:
    with opened_for_search(path) as connection:
        return articles(connection, read_query(query, int), limit=100, sort=sort, fold=fold)


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.document["id"] for hit in hits]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write(tmp_path / "index.sqlite", [*FERRY, *GIVEN, *CARDS])
    return tmp_path / "index.sqlite"


def test_reprints_and_excerpts_are_folded_under_their_original_and_what_extends_it_is_not(path):
    result = found(path, "ferry")
    assert ids(result.hits) == ["rival", "long", "wire"]
    assert [hit.copies for hit in result.hits] == [[], [], ["daily", "brief"]]
    assert (result.count, result.folded) == (5, 2)
    every = found(path, "ferry", fold=False)
    assert ids(every.hits) == ["rival", "long", "brief", "daily", "wire"]
    assert (every.folded, [hit.copies for hit in every.hits]) == (0, [[]] * 5)


def test_where_the_original_is_not_found_the_earliest_copy_stands_for_it(path):
    result = found(path, f"ferry since:{SECOND + 1}")
    assert ids(result.hits) == ["rival", "long", "daily"]
    assert result.hits[-1].copies == ["brief"]
    write(path, [retract("wire", offset=9), assign("wire", None, offset=9)])
    result = found(path, "ferry")
    assert ids(result.hits) == ["rival", "long", "daily"]
    assert result.hits[-1].story == DocumentStory("ferry", 4, "reprint", "wire")


def test_copies_of_each_other_are_folded_once(path):
    write(path, [assign("wire", "ferry", "reprint", "brief", offset=9)])
    result = found(path, "ferry")
    assert ids(result.hits) == ["rival", "long", "brief"]
    assert sorted(result.hits[-1].copies) == ["daily", "wire"]


@pytest.mark.parametrize("story", ["ferry", "quay"])
def test_a_story_is_found_with_what_became_a_part_of_it_by_either_id(path, story):
    assert ids(found(path, f"story:{story}").hits) == ["rival", "long", "wire"]
    assert ids(found(path, f"story:{story} anew").hits) == ["rival"]
    assert ids(found(path, f"NOT story:{story}").hits) == []
    assert found(path, "anew").hits[0].story == DocumentStory("ferry", 4, "original", None)


def test_a_number_of_sources_is_written_as_rules_write_it_too(path):
    assert find_all(path, "sources>=4") == find_all(path, "sources:4") != []
    assert find_all(path, "sources>=5") == []


@pytest.mark.parametrize(("least", "count"), [(1, 5), (4, 5), (5, 0)])
def test_articles_are_found_by_how_many_sources_their_story_has(path, least, count):
    assert len(find_all(path, f"sources:{least}")) == count
    assert len(find_all(path, f"NOT sources:{least}")) == 5 - count


def find_all(path: Path, query: str) -> list[str]:
    return ids(found(path, query, fold=False).hits)


def test_a_story_whose_record_was_not_read_has_no_sources(tmp_path):
    write(tmp_path / "index.sqlite", [*FERRY, *GIVEN])
    assert find_all(tmp_path / "index.sqlite", "sources:1") == []
    assert find_all(tmp_path / "index.sqlite", "story:quay") == ["rival"]


def test_an_article_that_was_taken_back_is_in_no_story(path):
    write(path, [assign("rival", None, offset=9)])
    assert find_all(path, "ferry NOT sources:1") == ["rival"]
    assert "rival" not in find_all(path, "story:ferry")
    write(path, [retract("long", offset=9)])
    assert find_all(path, "story:ferry") == ["brief", "daily", "wire"]


def test_a_quote_is_shown_once_for_an_article_and_its_copies(tmp_path):
    path = tmp_path / "index.sqlite"
    said, more = quote("We waited.", "Ada"), quote("We wait still!", "Ada")
    write(
        path,
        [
            put(document(id="wire", quotes=[said], speakers=["Ada"])),
            put(document(id="daily", quotes=[quote("we waited", "Ada"), more], speakers=["Ada"]), offset=1),
            put(document(id="rival", quotes=[said], speakers=["Ada"]), offset=2),
            *(assign("wire", "s"), assign("daily", "s", "reprint", "wire", offset=1)),
        ],
    )
    with opened_for_search(path) as connection:
        wanted = read_query("speaker:ada", int)
        hits = quotes(connection, wanted, limit=10, sort=Sort.NEWEST)
        every = quotes(connection, wanted, limit=10, sort=Sort.NEWEST, fold=False)
        first = quotes(connection, wanted, limit=2, sort=Sort.NEWEST)
    shown = [(hit.document["id"], hit.quote["text"], list(hit.copies)) for hit in hits]
    assert shown == [
        ("rival", "We waited.", []),
        ("wire", "We waited.", ["daily"]),
        ("daily", "We wait still!", []),
    ]
    assert first == hits[:2]
    assert len(every) == 4


ARTICLES, STORIES = ["a", "b", "c"], ["s", "t", "u"]


@st.composite
def records(draw: st.DrawFn) -> list[IndexChange]:
    """Records of three topics, each in its own order; those of one partition have ascending offsets."""
    made: list[IndexChange] = []
    for offset in range(draw(st.integers(1, 12))):
        article, place = draw(st.sampled_from(ARTICLES)), {"offset": offset}
        kind = draw(st.sampled_from(["document", "retraction", "story", "taken back", "card"]))
        if kind == "document":
            made.append(
                put(document("all", id=article, version=(SECOND + draw(st.integers(0, 2))) * 1000), **place)
            )
        elif kind == "retraction":
            made.append(retract(article, **place))
        elif kind == "card":
            story, into = draw(st.sampled_from([("s", None), ("t", "s"), ("t", None), ("u", "t")]))
            made.append(stands(story, draw(st.integers(1, 3)), into=into, **place))
        else:
            story = draw(st.sampled_from(STORIES)) if kind == "story" else None
            original = draw(st.none() | st.sampled_from([one for one in ARTICLES if one < article] or [None]))
            relation = "reprint" if original else "original"
            made.append(assign(article, story, relation if story else "", original, **place))
    return made


def topics_of(changes: Sequence[IndexChange]) -> list[list[IndexChange]]:
    kinds = {type(change): [] for change in changes}
    for change in changes:
        kinds[type(change)].append(change)
    return list(kinds.values())


def answers(path: Path) -> Iterator[object]:
    for query in ("all", "story:s", "story:t", "NOT story:s", "sources:2", "all NOT sources:1"):
        for fold in (True, False):
            result = found(path, query, fold=fold)
            hits = sorted(result.hits, key=lambda hit: hit.document["id"])
            yield [(hit.document["id"], hit.story, set(hit.copies)) for hit in hits], result.folded


@settings(deadline=None, max_examples=40)
@given(records(), st.randoms(use_true_random=False), st.lists(st.integers(1, 4), min_size=12, max_size=12))
def test_whichever_topic_comes_first_the_answers_are_the_same(tmp_path_factory, changes, draw, sizes):
    folder = tmp_path_factory.mktemp("index")
    write(folder / "one", changes)
    # Each topic in its own order, mixed at random, in batches.
    rest, mixed = [topic[::-1] for topic in topics_of(changes)], []
    while rest:
        topic = draw.choice(rest)
        mixed.append(topic.pop())
        rest = [one for one in rest if one]
    while mixed:
        size = sizes.pop()
        write(folder / "many", mixed[:size])
        mixed = mixed[size:]
    assert list(answers(folder / "one")) == list(answers(folder / "many"))


def test_of_an_articles_stories_the_later_stands_by_offset_or_by_time_where_partitions_were_added(path):
    write(path, [assign("rival", "other", offset=3)])
    assert find_all(path, "story:other") == []
    write(path, [assign("rival", "other", partition=1, version=SECOND * 1000 - 1)])
    assert find_all(path, "story:other") == []
    write(path, [assign("rival", "other", partition=1, version=SECOND * 1000)])
    assert find_all(path, "story:other") == ["rival"]
    write(path, [stands("quay", 2, offset=0)])
    assert found(path, "story:ferry").hits[0].document["id"] == "long"


@pytest.mark.parametrize(
    ("channel", "left"),
    [
        (Channel.SEARCH, ([], [])),
        (Channel.STORY_ARTICLES, (["brief", "daily", "long", "rival", "wire"], [])),
        (Channel.STORIES, (["brief", "daily", "long", "rival", "wire"], ["brief", "daily", "long", "wire"])),
    ],
)
def test_what_came_of_one_topic_is_emptied_alone(path, channel, left):
    with opened_for_writing(path) as connection:
        Writer(connection).empty([channel])
        assert channel not in {topic for topic, _ in Writer(connection).positions}
    assert (sorted(find_all(path, "ferry")), sorted(find_all(path, "story:ferry"))) == left


def test_documents_that_come_again_are_joined_with_the_stories_that_stayed(path):
    with opened_for_writing(path) as connection:
        Writer(connection).empty([Channel.SEARCH])
    write(path, FERRY)
    assert ids(found(path, "story:ferry").hits) == ["rival", "long", "wire"]


def test_an_index_of_before_stories_is_made_anew_and_that_is_said(path):
    with sqlite3.connect(path) as former:
        for table in ("assignments", "stories", "positions"):
            former.execute(f"DROP TABLE {table}")
        former.execute("CREATE TABLE positions (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL)")
        former.execute("INSERT INTO positions VALUES (0, 5)")
        former.execute("PRAGMA user_version = 2")
    with pytest.raises(IndexProblem, match="of another version: `dateline index` makes it anew"):
        find(path, "ferry")
    said: list[str] = []
    with opened_for_writing(path, say=said.append) as connection:
        assert (Writer(connection).count, dict(Writer(connection).positions)) == (0, {})
    assert said == [f"{path} is of another version of dateline or Python: it is emptied and made anew"]
    write(path, [*FERRY, *GIVEN])
    assert ids(found(path, "story:ferry").hits) == ["long", "wire"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("port growth>=3/1h", "only an alert rule about stories can ask for growth"),
        ("port reprints>=3", "only an alert rule about stories can ask for reprints"),
        ("port story:new", "story: takes a story's id in a search; only an alert rule can ask for new ones"),
        ("port sources:0", "sources: takes a number from 1 on, such as sources:3, got '0'"),
        ("port sources<3", "sources takes : or >= and a number, as in sources>=3, got <3"),
        ("port sources=3", "sources takes : or >= and a number, as in sources>=3, got =3"),
        ("port sources:many", "sources: takes a number from 1 on, such as sources:3, got 'many'"),
        ("port sources:-1", "sources: takes a number from 1 on"),
        ('port sources:"1 "', "sources: takes a number from 1 on"),
        ("port story:s[score>=1]", "story: takes no options in a search"),
    ],
)
def test_a_story_that_cant_be_asked_for_is_an_error_at_its_place(query, says):
    with pytest.raises(QueryError) as error:
        read_query(query, int)
    assert error.value.message.startswith(says)
    assert error.value.position >= 5


@pytest.mark.parametrize("term", ["story:c8e862933194bbcab54bc44a", "sources:3"])
def test_a_rule_does_not_take_what_only_a_search_can_ask_for(term):
    with pytest.raises(QueryError) as error:
        condition_from_text(f"port {term}")
    assert error.value.position == 5
    assert error.value.message.startswith(term.partition(":")[0])
    assert "no field is called" not in error.value.message
