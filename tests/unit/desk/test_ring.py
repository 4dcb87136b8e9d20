"""The latest articles are kept in bounded memory."""

import pytest

from tests.unit.desk.desks import enriched, placed
from worker.desk.ring import ArticleRing, NotAnArticle, PlacedArticle, listed_fields


def add(ring, offset, article_id):
    article = placed(offset, id=article_id)
    return ring.add(article, listed_fields(article, article.fields()), article_id)


def places(ring):
    return [kept.article.place for kept in ring.newest_first()]


def test_the_oldest_go_first():
    ring = ArticleRing(most=3)
    for offset in range(5):
        add(ring, offset, f"a-{offset}")
    assert places(ring) == ["0/4", "0/3", "0/2"]
    assert ring.at(0, 1) is None
    assert ring.at(0, 4).offset == 4


def test_they_take_no_more_bytes_than_allowed_but_one_is_always_kept():
    size = len(placed(0).value) + 2_000
    ring = ArticleRing(most_bytes=2 * size + 100)
    for offset in range(5):
        add(ring, offset, f"a-{offset}")
    assert places(ring) == ["0/4", "0/3"]
    small = ArticleRing(most_bytes=10)
    add(small, 0, "a")
    assert places(small) == ["0/0"]


def test_of_one_article_the_latest_version_is_kept():
    ring = ArticleRing()
    add(ring, 0, "a")
    add(ring, 1, "b")
    add(ring, 2, "a")
    assert places(ring) == ["0/2", "0/1"]
    assert ring.at(0, 0) is None


def test_one_that_was_dropped_does_not_take_along_another_at_its_place():
    ring = ArticleRing()
    add(ring, 0, "before the topic was made anew")
    add(ring, 0, "after")
    ring.remove("before the topic was made anew")
    assert ring.at(0, 0) is not None
    ring.remove("after")
    assert len(ring) == 0


@pytest.mark.parametrize("value", [b"", b"[]", b"null", b'{"id": "a"}', b"\xff", b"[" * 100_000])
def test_what_is_no_article_is_told_so(value):
    with pytest.raises(NotAnArticle):
        PlacedArticle(0, 0, 0, value).fields()


def test_an_article_without_its_optional_fields_is_one():
    fields = enriched()
    for name in ("url", "headline", "source", "published_at", "authors", "extra"):
        del fields[name]
    import json

    article = PlacedArticle(0, 0, 0, json.dumps(fields).encode())
    listed = listed_fields(article, article.fields())
    assert listed["headline"].startswith("“The quay is open,”")
    assert not listed["has_headline"]


def test_what_is_listed_of_an_article_is_short_however_long_it_is():
    article = placed(0, headline="h" * 10_000, source="s" * 10_000, id="i" * 10_000, language="l" * 10_000)
    listed = listed_fields(article, article.fields())
    assert max(len(value) for value in listed.values() if isinstance(value, str)) <= 500
