"""Searches with filters: what is read once for all, who gets a turn, and what bounds the work."""

import asyncio

import pytest

from tests.unit.desk.desks import FakeSource, client_of, placed
from worker.desk import filter_searches
from worker.desk.article_filter import ArticleFilter
from worker.desk.filter_searches import MOST_FILTERS, FilterSearches, FoundArticles
from worker.desk.live import Live
from worker.desk.ring import MOST_ARTICLES, PlacedArticle
from worker.query.language import QueryError


def live_with(count: int) -> Live:
    """Of ten articles one is about a heron; the newest is."""
    live = Live()
    for offset in range(count):
        headline = "A heron nests" if (count - offset) % 10 == 1 else "The quay opens"
        live.take_article(placed(offset, id=f"a-{offset}", headline=headline))
    return live


@pytest.fixture
def read(monkeypatch) -> list[int]:
    """The offset of each article that is read, as often as it is."""
    offsets: list[int] = []
    fields = PlacedArticle.fields
    monkeypatch.setattr(PlacedArticle, "fields", lambda self: offsets.append(self.offset) or fields(self))
    return offsets


@pytest.fixture
def turns(monkeypatch):
    """After each step of work others have their turn."""
    monkeypatch.setattr(filter_searches, "SEARCH_SLICE_SECONDS", -1.0)


def places(found: FoundArticles) -> list[int]:
    return [kept.article.offset for kept in found.articles]


async def test_an_article_is_read_once_for_all_who_look_at_the_same_time(read):
    live = live_with(30)
    read.clear()
    rare = [ArticleFilter(f"zzz{number}") for number in range(50)]
    looks = await asyncio.gather(*(live.latest(wanted, most=5) for wanted in rare))
    assert looks == [FoundArticles([], 30)] * 50
    assert sorted(read) == list(range(30))


async def test_an_article_is_read_once_for_all_who_look_with_one_filter(read):
    live = live_with(30)
    read.clear()
    looks = [await live.latest(ArticleFilter("zzz"), most=5) for _ in range(3)]
    assert looks == [FoundArticles([], 30)] * 3
    assert len(read) == 30
    live.take_article(placed(30, id="a-30", headline="zzz"))
    assert places(await live.latest(ArticleFilter("zzz"), most=5)) == [30]
    # It was read as it came, and once more for the search.
    assert len(read) == 32


async def test_what_a_viewers_filter_decided_is_not_decided_again(read):
    live, wanted = live_with(10), ArticleFilter("heron")
    await live.latest(wanted, most=5)
    with live.viewer(wanted):
        live.take_article(placed(10, id="a-10", headline="A heron nests"))
        read.clear()
        assert places(await live.latest(wanted, most=5)) == [10, 9]
    assert read == []


async def test_others_have_their_turn_while_many_search(turns):
    live = live_with(40)
    searches = asyncio.gather(*(live.latest(ArticleFilter(f"zzz{n}"), most=5) for n in range(10)))
    had = 0
    while not searches.done():
        await asyncio.sleep(0)
        had += 1
    # At least one with each article, and one after each decision about it.
    assert had >= 40 * 10


async def test_a_filter_that_many_articles_match_does_not_wait_for_those_that_none_matches(turns):
    live = live_with(100)
    slow = asyncio.gather(*(live.latest(ArticleFilter(f"zzz{n}"), most=5) for n in range(20)))
    for _ in range(200):
        await asyncio.sleep(0)
    assert places(await live.latest(ArticleFilter("heron"), most=3)) == [99, 89, 79]
    assert not slow.done()
    assert await slow == [FoundArticles([], 100)] * 20


async def test_who_has_waited_longest_goes_on_however_many_come(turns):
    live = live_with(60)
    first = asyncio.ensure_future(live.latest(ArticleFilter("zzz"), most=5))

    async def come_again(number: int) -> None:
        """Looks at the newest article alone, again and again, each time with another filter."""
        for count in range(1_000):
            if first.done():
                return
            wanted = ArticleFilter(f"heron OR zzz{number}x{count}")
            assert places(await live.latest(wanted, most=1)) == [59]

    await asyncio.gather(*(come_again(number) for number in range(5)))
    assert first.done()
    assert await first == FoundArticles([], 60)


async def test_a_filter_that_takes_long_has_looked_at_the_newest_alone():
    live = live_with(30)
    live.searches = FilterSearches(live.ring, seconds=1e-9)
    found = await live.latest(ArticleFilter("heron"), most=5)
    assert found.is_cut
    assert places(found) == [29]
    assert found.looked == 1
    # It goes on from what it has decided.
    assert (await live.latest(ArticleFilter("heron"), most=5)).looked == 2


async def test_a_page_that_goes_away_leaves_the_others_alone(turns):
    live = live_with(30)
    gone, stays = (asyncio.ensure_future(live.latest(ArticleFilter(word), most=5)) for word in ("aa", "bb"))
    for _ in range(10):
        await asyncio.sleep(0)
    gone.cancel()
    assert await stays == FoundArticles([], 30)
    assert gone.cancelled()
    assert live.searches._searches == []


async def test_a_search_that_fails_says_so_and_the_next_does_not(monkeypatch):
    live = live_with(5)
    with monkeypatch.context() as broken:
        broken.setattr(ArticleFilter, "wants", lambda self, facts: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await live.latest(ArticleFilter("heron"), most=5)
    assert places(await live.latest(ArticleFilter("heron"), most=5)) == [4]


async def test_what_filters_decided_is_remembered_within_bounds():
    live = live_with(3)
    for number in range(2 * MOST_FILTERS):
        await live.latest(await live.searches.filter_of(f"word{number}"), most=5)
    assert len(live.searches._decided) == len(live.searches._filters) == MOST_FILTERS
    for number in range(2 * MOST_ARTICLES):
        live.searches.note(f"word{2 * MOST_FILTERS - 1}", -number, False)
    await live.latest(ArticleFilter(f"word{2 * MOST_FILTERS - 1}"), most=5)
    decided = live.searches._decided[f"word{2 * MOST_FILTERS - 1}"]
    assert {1, 2, 3} <= set(decided)
    assert len(decided) < 10


async def test_a_query_that_many_ask_is_read_once(monkeypatch):
    live, made = live_with(0), []
    monkeypatch.setattr(
        filter_searches, "ArticleFilter", lambda text: made.append(text) or ArticleFilter(text)
    )
    filters = await asyncio.gather(*(live.searches.filter_of("quay") for _ in range(20)))
    assert len(set(map(id, filters))) == 1
    assert made == ["quay"]
    with pytest.raises(QueryError):
        await live.searches.filter_of("(")


async def test_the_page_says_that_a_filter_could_not_look_at_all():
    live = live_with(30)
    live.searches = FilterSearches(live.ring, seconds=1e-9)
    async with client_of(live, FakeSource()) as client:
        page = await (await client.get("/?q=heron")).text()
    assert "it has looked at the newest 1 of 30 articles" in page
    assert page.count("<li data-place=") == 1
