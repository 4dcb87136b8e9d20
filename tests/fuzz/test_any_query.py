"""Any text is an error with its place, or a query and a condition that read the same once written out."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.fuzz.laws import LawBroken
from bench.fuzz.queries import QUERY_PIECES, check_query, query_examples
from bench.fuzz.seeds import query_corpus
from bench.fuzz.wire import changed, query_text
from worker.query.language import parse

PIECES = st.sampled_from([piece.decode(errors="replace") for piece in QUERY_PIECES])
TEXTS = st.lists(PIECES | st.text(st.characters(), max_size=5), max_size=25).map("".join)
# The same examples every time, as in test_any_bytes.py.
fixed = settings(derandomize=True, deadline=None, database=None, max_examples=500)


@fixed
@given(TEXTS)
@example("--(-a)" * 3)
@example("--(" * 30 + "a" + ")" * 30)
def test_any_text_is_a_query_that_can_be_written_out_or_an_error_with_its_place(text):
    check_query(text)


@pytest.mark.parametrize("text", list(query_examples()))
def test_examples_are_queries(text):
    parse(text)
    check_query(text)


def test_the_fuzzers_changes_of_examples_hold_the_laws():
    for data in query_corpus():
        for seed in range(20):
            check_query(query_text(changed(data, seed, 2000, QUERY_PIECES)))


def test_a_query_that_is_written_out_as_another_one_is_a_find(monkeypatch):
    monkeypatch.setattr("bench.fuzz.queries.unparse", lambda query: "another")
    with pytest.raises(LawBroken, match="reads as the same one"):
        check_query("harbour strike")
