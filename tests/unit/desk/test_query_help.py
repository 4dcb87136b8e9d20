"""What the pages say that a query can ask is what it can ask: all of it, and nothing else."""

import re

import pytest

from tests.unit.desk.desks import FakeSource, Page, client_of
from worker.alerts.text import condition_from_text
from worker.desk.article_filter import ArticleFilter
from worker.desk.live import Live
from worker.desk.query_help import QUERY_HELP
from worker.query.language import QueryError
from worker.search.conditions import read_query


def search(text):
    return read_query(text, lambda _: 0)


READERS = {"filter": ArticleFilter, "rule": condition_from_text, "search": search}
# What a filter refuses: it asks of articles.
OF_STORIES = {"story", "sources", "reprints", "growth"}


def fields_of(read):
    """The fields that there are, as the error about one that there is not names them."""
    with pytest.raises(QueryError) as told:
        read("nosuchfield:x")
    return set(told.value.message.partition("there are ")[2].split(", "))


@pytest.mark.parametrize("kind", READERS)
def test_each_example_can_be_asked(kind):
    for example, meaning in QUERY_HELP[kind]:
        READERS[kind](example)
        assert meaning


@pytest.mark.parametrize("kind", READERS)
def test_every_field_is_explained(kind):
    said = " ".join(f"{example} {meaning}" for example, meaning in QUERY_HELP[kind])
    explained = set(re.findall(r"\b([a-z_]+)(?::|>=)", said))
    wanted = fields_of(READERS[kind]) - (OF_STORIES if kind == "filter" else set())
    assert wanted - explained == set()


@pytest.mark.parametrize(("path", "kind"), [("/", "filter"), ("/?q=(", "filter"), ("/new-rule", "rule")])
async def test_it_stands_beside_the_field_in_which_a_query_is_typed(path, kind):
    async with client_of(Live(), FakeSource()) as client:
        found = Page(await (await client.get(path)).text())
    for example, meaning in QUERY_HELP[kind]:
        assert example in found.whole
        assert meaning in found.whole
