"""SQLite finds what evaluating the condition on every document finds."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.search.search_documents import document, documents, index, queries, searching
from worker.query.language import Query, Term, unparse
from worker.search.answer import Sort, quotes
from worker.search.conditions import read_query
from worker.search.evaluate import DocumentTexts, document_matches
from worker.search.file import opened_for_search

NEAR_EACH_OTHER = [document("strike a b strike c port", headline="port"), document("strike port strike")]


@settings(deadline=None, max_examples=60)
@given(st.lists(documents(), max_size=6), st.lists(queries, min_size=1, max_size=8))
@example(NEAR_EACH_OTHER, [Term("", "strike strike", near) for near in range(4)])
@example(NEAR_EACH_OTHER, [Term("", "port strike strike", near) for near in range(4)])
def test_the_answer_equals_a_plain_evaluation(found: list[dict[str, Any]], wanted: list[Query]) -> None:
    found = [one | {"id": f"a{place}"} for place, one in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder:
        path = index(Path(folder) / "index.sqlite", found)
        with searching(path) as find, opened_for_search(path) as connection:
            for query in wanted:
                text = unparse(query)
                condition = read_query(text, int)
                expected = {one["id"] for one in found if document_matches(condition, DocumentTexts(one))}
                assert set(find(text)) == expected, text
                newest = find(text, sort=Sort.NEWEST)
                versions = {one["id"]: one["version"] for one in found}
                assert [versions[one] for one in newest] == sorted(map(versions.get, newest), reverse=True)
                said = [
                    (one["id"], each["text"])
                    for one in found
                    for each in one["quotes"]
                    if document_matches(condition, DocumentTexts(one), each)
                ]
                hits = quotes(connection, condition, limit=100, sort=Sort.RELEVANCE)
                assert sorted((hit.document["id"], hit.quote["text"]) for hit in hits) == sorted(said), text
