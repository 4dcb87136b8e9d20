"""The query language: what people type, the tree it means, and where they went wrong."""

import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.query.language import (
    MAX_CHARS,
    MAX_QUERY_DEPTH,
    AllOf,
    AnyOf,
    Not,
    Query,
    QueryError,
    Term,
    parse,
    terms,
    unparse,
)

A, B, C = Term("", "a"), Term("", "b"), Term("", "c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a", A),
        ("a b", AllOf((A, B))),
        ("a AND b", AllOf((A, B))),
        ("a OR b c", AnyOf((A, AllOf((B, C))))),
        ("(a OR b) c", AllOf((AnyOf((A, B)), C))),
        ("a (b AND c)", AllOf((A, B, C))),
        ("a NOT b", AllOf((A, Not(B)))),
        ("a -b", AllOf((A, Not(B)))),
        ("NOT (a b)", Not(AllOf((A, B)))),
        ('a "and" b', AllOf((A, Term("", "and"), B))),
        ('"a and b" speaker:or', AllOf((Term("", "a and b"), Term("speaker", "or")))),
        ("ANDREW NOTED android", AllOf((Term("", "ANDREW"), Term("", "NOTED"), Term("", "android")))),
        ("“harbour strike”", Term("", "harbour strike")),
        ("„harbour strike“~5 a", AllOf((Term("", "harbour strike", near=5), A))),
        ("«harbour strike» »a«", AllOf((Term("", "harbour strike"), A))),
        ('-“the \\"free\\” port”', Not(Term("", 'the "free” port'))),
        ("speaker:“Ada (Okafor)”", Term("speaker", "Ada (Okafor)")),
        ("entity:A[name=“Ada O”]", Term("entity", "A", options=(("name", "=", "Ada O"),))),
        ('"he said “no” and «yes»"', Term("", "he said “no” and «yes»")),
        ('"why? *"', Term("", "why? *")),
        ('source:"a/b?c"', Term("source", "a/b?c")),
        ("and/or a/b/", AllOf((Term("", "and/or"), Term("", "a/b/")))),
        ("entity:A[salience>0.1]", Term("entity", "A", options=(("salience", ">", "0.1"),))),
        ("co-op", Term("", "co-op")),
        ('"harbour strike"', Term("", "harbour strike")),
        ('"harbour strike"~5', Term("", "harbour strike", near=5)),
        (r'"the \"free\" port"', Term("", 'the "free" port')),
        ("speaker:Okafor", Term("speaker", "Okafor")),
        ('Speaker:"Ada Okafor"', Term("speaker", "Ada Okafor")),
        ("link:iso3166:UA", Term("link", "iso3166:UA")),
        ("since:2026-01-01T00:00", Term("since", "2026-01-01T00:00")),
        (
            'topic:conflict[confidence>=0.8, name = "a, b"]',
            Term("topic", "conflict", options=(("confidence", ">=", "0.8"), ("name", "=", "a, b"))),
        ),
        ("東京 AND Αθήνα", AllOf((Term("", "東京"), Term("", "Αθήνα")))),
    ],
)
def test_a_query_reads_as_its_tree(text: str, tree: Query) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "empty"),
        ("(a", 2, "ends where"),
        ("a OR", 4, "ends where"),
        ("a)", 1, "did not expect ')'"),
        ("OR a", 0, "did not expect 'OR'"),
        ('a "b', 2, "never closed"),
        ("a speaker: b", 2, "speaker: takes a value"),
        ("a “b", 2, "never closed"),
        ("a «b”", 2, "never closed"),
        ('a “b" OR "c”', 2, "never closed"),
        ('x:""', 2, "nothing between"),
        ("a “ ”", 2, "nothing between"),
        ("a strike*", 8, "no wildcards: words are whole"),
        ("a str?ke", 5, "no wildcards"),
        ("*", 0, "no wildcards"),
        ("a /strike.*/", 2, "no wildcards"),
        ("a /strike/", 2, "no wildcards"),
        ("speaker:Okaf*", 12, "no wildcards"),
        ("entity:A[type=ORG, name=B*]", 25, "no wildcards"),
        ("a or b", 2, '"or" is a word to be found; write OR to join, or "or" in quotation marks to find it'),
        ("a And b", 2, "write AND to join"),
        ("a (not b)", 3, "write NOT to exclude"),
        ('"a b"~x', 5, "number of words"),
        ('"a b"~1000', 5, "number of words"),
        ("topic:a[confidence]", 8, "did not expect"),
        ("a [b]", 2, "options look like"),
        ("(" * (MAX_QUERY_DEPTH + 1) + "a" + ")" * (MAX_QUERY_DEPTH + 1), MAX_QUERY_DEPTH, "nested"),
        ("NOT " * 4000 + "a", 0, "NOTs around one term"),
        ("-" * 5000 + "a", 0, "NOTs around one term"),
        ("a (" + "NOT (NOT " * 21 + "b" + ")" * 22, 3, "NOTs around one term"),
        ("NOT (-(a) -" + "-" * 40 + "b)", 0, "NOTs around one term"),
        ("a" * 20_001, 20_000, "20,000 characters"),
    ],
)
def test_an_error_says_where_it_is(text: str, position: int, says: str) -> None:
    with pytest.raises(QueryError, match=None) as error:
        parse(text)
    assert says in str(error.value)
    assert error.value.position == position
    assert "^" in error.value.pointed()


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("  ", ""),
        ("(a ", ""),
        ("a) b", ")"),
        ("OR a", "OR"),
        ('a "b c ', '"b c'),
        ("a speaker: b", "speaker:"),
        ('x:"" b', '""'),
        ("a strike* b", "*"),
        ("a /strike/", "/strike/"),
        ("entity:A[type=ORG, name=B*]", "*"),
        ("a and b", "and"),
        ('"a b"~1000 c', "~1000"),
        ("(a~b)", "~b"),
        ("topic:a[confidence] b", "confidence"),
        ("a [b c", "[b c"),
        ("a ] b", "]"),
        ("(" * (MAX_QUERY_DEPTH + 1) + "a", "("),
        ("NOT " * 4000 + "a", "NOT"),
        ("-" * 5000 + "a", "-"),
        ("a" * 20_001, "a"),
    ],
)
def test_an_error_says_where_it_ends(text: str, marked: str) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    assert text[error.value.position : error.value.end] == marked


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("harbour strike) now", ")"),
        ("harbour and strike", "and"),
        ("ferry " * 40 + "or ferry", "or"),
        ("ferry " * 40 + "speaker:", "speaker:"),
        ("ferry " * 40 + '"a phrase that goes on and on, and is never closed by whoever began it', None),
    ],
)
def test_marks_stand_below_all_that_is_wrong(text: str, marked: str | None) -> None:
    with pytest.raises(QueryError) as error:
        parse(text)
    _, line, marks = error.value.pointed().split("\n")
    assert len(line) < 120
    below = line[marks.index("^") : marks.rindex("^") + 1]
    assert below == marked if marked is not None else below.startswith('"a phrase that')


def test_a_mark_stands_behind_a_query_that_ends_too_early() -> None:
    with pytest.raises(QueryError) as error:
        parse("harbour OR")
    assert error.value.pointed().split("\n")[1:] == ["  harbour OR", "            ^"]


def test_terms_know_where_they_were_written() -> None:
    assert [term.position for term in terms(parse('a OR (NOT speaker:"B C" "d")'))] == [0, 10, 24]
    text = 'entity:"a"[ type=ORG, salience >= "0.1" ]'
    (term,) = terms(parse(text))
    assert term.option_positions == (12, 22)
    spans = zip(term.option_positions, term.option_ends, strict=True)
    assert [text[start:end] for start, end in spans] == ["type=ORG", 'salience >= "0.1"']
    text = 'a OR (NOT speaker:"B C"[id=x] "d e"~3) AND sources >= 3'
    assert [text[term.position : term.end] for term in terms(parse(text))] == [
        "a",
        'speaker:"B C"',
        '"d e"~3',
        "sources >= 3",
    ]


values = st.text(
    st.characters(exclude_categories=("Cs",)) | st.sampled_from('"\\ ()[]~-:ANDORandor*?/=“”„«»'),
    min_size=1,
    max_size=12,
).filter(str.strip) | st.sampled_from(["and", "Or", "NOT", "/a/", "strike*", "“a”"])
names = st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True)
leaves = st.one_of(
    st.builds(Term, st.just(""), values, st.none() | st.integers(0, 999)),
    st.builds(
        Term,
        names,
        values,
        options=st.lists(
            st.tuples(names, st.sampled_from([">=", "<=", "=", ">", "<"]), values), max_size=2
        ).map(tuple),
    ),
)


def several(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    """All of Any and Not, Any of All and Not: what is nested in its own kind reads as one."""

    def of(kind: type[AllOf] | type[AnyOf]) -> st.SearchStrategy[Query]:
        others = parts.filter(lambda part: not isinstance(part, kind))
        return st.lists(others, min_size=2, max_size=3).map(lambda found: kind(tuple(found)))

    return of(AllOf) | of(AnyOf) | st.builds(Not, parts)


@settings(deadline=None)
@given(st.recursive(leaves, several, max_leaves=12))
def test_what_is_written_reads_as_the_same_tree(query: Query) -> None:
    assert parse(unparse(query)) == query


@settings(deadline=None)
@given(st.text(st.sampled_from('ab:()"\\[]~-, <>=ANDORTor0é\n*?/“”„«»'), max_size=60) | st.text(max_size=60))
def test_any_text_is_a_query_or_an_error_with_its_place(text: str) -> None:
    query, place = None, 0
    try:
        query = parse(text)
    except QueryError as error:
        place = error.position
    assert 0 <= place <= len(text)
    assert query is None or parse(unparse(query)) == query


@pytest.mark.parametrize(
    "text",
    ["a " * 9_999, '"' * 20_000, "\\" * 20_000, "a:" * 10_000, "[" * 20_000, "“" * 20_000, "«„" * 10_000],
)
def test_a_long_query_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(QueryError):
        parse(text)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        "NOT" * 9 + " " * 12 + "!",
        ("NOT" + " " * 12) * 9 + "!",
        '"' + "-" * 100 + '"',
        "a" + "-" * 100 + "b",
        "NOTs " * 100,
        "NOT a " * 100,
        "(NOT a) " * 100,
        "NOT (NOT a) " * 100,
    ],
)
def test_only_nots_around_one_term_are_counted(text: str) -> None:
    query = parse(text)
    assert parse(unparse(query)) == query


def test_a_query_of_any_signs_is_read_or_refused_at_once() -> None:
    for piece in ("NOT  ", '\\"', '"\\', "-", "- ", "(", ")", "NOT (", "-(", "“", "[", "a[", "a:", " ", "\n"):
        for start in ("", '"', "“", "a:b[c="):
            text = (start + piece * MAX_CHARS)[:MAX_CHARS]
            began = time.process_time()
            with contextlib.suppress(QueryError):
                parse(text)
            assert time.process_time() - began < 5, (start, piece)
