"""SQLite finds what evaluating the condition on every document finds."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.search.search_documents import (
    assign,
    document,
    documents,
    index,
    queries,
    searching,
    stands,
    write,
)
from worker.query.language import Query, Term, unparse
from worker.search.answer import Sort, quotes
from worker.search.conditions import read_query
from worker.search.evaluate import DocumentTexts, document_matches
from worker.search.file import opened_for_search
from worker.search.story_rows import DocumentStory

# Of six articles at most the third has no story, and the fifth one whose record was not read.
STORIES = [
    *(assign(f"a{place}", story) for place, story in enumerate(["s0", "s1", None, "s2", "s9", "s2"])),
    *(stands("s0", 1), stands("s1", 2, into="s2"), stands("s2", 3)),
]
GIVEN = {"a0": ("s0", 1), "a1": ("s2", 3), "a3": ("s2", 3), "a4": ("s9", 0), "a5": ("s2", 3)}


def facts(found: dict[str, Any]) -> DocumentTexts:
    given = GIVEN.get(found["id"])
    return DocumentTexts(found, DocumentStory(*given, "original", None) if given else None)


NEAR_EACH_OTHER = [document("strike a b strike c port", headline="port"), document("strike port strike")]


@settings(deadline=None, max_examples=60)
@given(st.lists(documents(), max_size=6), st.lists(queries, min_size=1, max_size=8))
@example(NEAR_EACH_OTHER, [Term("", "strike strike", near) for near in range(4)])
@example(NEAR_EACH_OTHER, [Term("", "port strike strike", near) for near in range(4)])
def test_the_answer_equals_a_plain_evaluation(found: list[dict[str, Any]], wanted: list[Query]) -> None:
    found = [one | {"id": f"a{place}"} for place, one in enumerate(found)]
    with tempfile.TemporaryDirectory() as folder:
        path = index(Path(folder) / "index.sqlite", found)
        write(path, STORIES)
        with searching(path) as find, opened_for_search(path) as connection:
            for query in wanted:
                text = unparse(query)
                condition = read_query(text, int)
                expected = {one["id"] for one in found if document_matches(condition, facts(one))}
                assert set(find(text)) == expected, text
                newest = find(text, sort=Sort.NEWEST)
                versions = {one["id"]: one["version"] for one in found}
                assert [versions[one] for one in newest] == sorted(map(versions.get, newest), reverse=True)
                said = [
                    (one["id"], each["text"])
                    for one in found
                    for each in one["quotes"]
                    if document_matches(condition, facts(one), each)
                ]
                hits = quotes(connection, condition, limit=100, sort=Sort.RELEVANCE, fold=False)
                assert sorted((hit.document["id"], hit.quote["text"]) for hit in hits) == sorted(said), text
