"""`stem:` finds in the index what a rule with it matches, in every language, whatever was indexed before."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import article
from tests.unit.query.test_stems import FORMS
from tests.unit.search.search_documents import document, find, index, put, quote, retract, searching, write
from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance
from worker.channels import Channel
from worker.query.language import QueryError, Term, unparse
from worker.query.stems import STEMMERS
from worker.search import compiled, forms
from worker.search.answer import Sort, quotes
from worker.search.conditions import read_query
from worker.search.file import opened_for_search, opened_for_writing
from worker.search.forms import FormsProblem
from worker.search.snippet import snippet, sought
from worker.search.writing import Writer

WORDS = sorted(
    {word for said in FORMS.values() for word in said.split()} | {"страйки", "страйк", "Häuser", "Haus"}
)
words = st.sampled_from(WORDS)
languages = st.sampled_from([*STEMMERS, "uk", "en-GB", "nb", "mo"])
texts = st.lists(words, max_size=8).map(" ".join)
papers = st.builds(
    lambda text, headline, language: document(text, headline=headline, language=language),
    texts,
    st.none() | texts,
    languages,
)
stems = st.builds(
    lambda text, options: Term("stem", text, options=options),
    st.lists(words, min_size=1, max_size=3).map(" ".join),
    st.sampled_from([(), (("field", "=", "headline"),)]),
)


@pytest.mark.parametrize("most", [0, 200])
@settings(deadline=None, max_examples=80)
@given(found=st.lists(papers, max_size=6), wanted=st.lists(stems, min_size=1, max_size=6), data=st.data())
def test_a_search_finds_what_a_rule_matches(most, found, wanted, data):
    # Words that do stand in a document, in a language of its own or another.
    for one in found:
        if said := (one["text"] or "").split():
            start = data.draw(st.integers(0, len(said) - 1))
            wanted = [*wanted, Term("stem", " ".join(said[start : start + 2]))]
    found = [one | {"id": f"a{place}"} for place, one in enumerate(found)]
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patched,
        searching(index(Path(folder) / "index.sqlite", found)) as find_in_it,
    ):
        # With none, documents that have all words are looked at one by one.
        patched.setattr(compiled, "_MAX_PHRASES", most)
        for term in wanted:
            text = unparse(term)
            condition = condition_from_text(text)
            expected = {
                one["id"]
                for one in found
                if holds(
                    condition,
                    Facts(article(one["text"], headline=one["headline"], language=one["language"])),
                    Allowance(),
                )
            }
            assert set(find_in_it(text)) == expected, text
            assert set(find_in_it(f"NOT {text}")) == {one["id"] for one in found} - expected, text


@pytest.mark.parametrize("language", FORMS)
def test_each_form_finds_all_forms_in_its_language(tmp_path, language):
    said = FORMS[language].split()
    path = index(
        tmp_path / "index.sqlite",
        [document(word, id=word, language=language) for word in said]
        + [document(word, id=f"{word} in another", language="uk") for word in said],
    )
    for word in said:
        assert set(find(path, f"stem:{word}")) == {*said, f"{word} in another"}


def test_a_stem_ranks_what_has_more_of_it_first(tmp_path):
    filler = "and other words " * 20
    path = index(
        tmp_path / "index.sqlite",
        [
            document(f"{filler} strikes", id="once"),
            document(f"striking strike strikes {filler}", id="often"),
            document(filler, id="never"),
        ],
    )
    assert find(path, "stem:strike") == ["often", "once"]


def test_quotes_are_found_by_the_stems_of_their_words(tmp_path):
    said = [quote("We strike", "Ada"), quote("No strikes today", "Obi"), quote("Calm", "Ada")]
    path = index(tmp_path / "index.sqlite", [document("nothing else", quotes=said, speakers=["Ada", "Obi"])])
    with opened_for_search(path) as connection:
        for most in (0, 200):
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(compiled, "_MAX_PHRASES", most)
                for query, expected in (
                    ("stem:striking", ["We strike", "No strikes today"]),
                    ('stem:"no strike"', ["No strikes today"]),
                    ('stem:"strike no"', []),
                    ("NOT stem:striking", ["Calm"]),
                    ('stem:"no strike"[field=headline]', []),
                    ('NOT stem:"no strike"[field=headline] speaker:Ada', ["We strike", "Calm"]),
                ):
                    hits = quotes(connection, read_query(query, int), limit=9, sort=Sort.NEWEST)
                    assert [hit.quote["text"] for hit in hits] == expected, query


@pytest.mark.parametrize(
    ("query", "language", "marked"),
    [
        ("stem:strike", "en", "[Strikes], no striker: [striking]"),
        ('stem:"strike no"', "en", "[Strikes, no] striker: striking"),
        ("stem:strike", "uk", "Strikes, no striker: striking"),
        ("stem:strikes", "uk", "[Strikes], no striker: striking"),
    ],
)
def test_the_forms_that_were_found_are_highlighted(query, language, marked):
    found = snippet(sought(read_query(query, int)), "Strikes, no striker: striking", language)
    text = found.text
    for start, end in reversed(found.highlights):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    assert text == marked


def test_what_was_replaced_or_retracted_is_not_found_and_comes_back(tmp_path):
    path = index(tmp_path / "index.sqlite", [document("strikes")])
    write(path, [put(document("calm"), offset=1)])
    assert find(path, "stem:strike") == []
    write(path, [put(document("striking"), offset=2)])
    assert find(path, "stem:strike") == ["a1"]
    write(path, [retract("a1", offset=3)])
    assert find(path, "stem:strike") == []
    with opened_for_writing(path) as connection:
        writer = Writer(connection)
        writer.write([put(document("strikes"), offset=4)], {(Channel.SEARCH, 0): 5})
        writer.empty([Channel.SEARCH])
        writer.write([put(document("strikes"))], {(Channel.SEARCH, 0): 1})
    assert find(path, "stem:strike") == ["a1"]


def test_forms_of_a_batch_that_failed_are_written_with_the_next(tmp_path):
    path = tmp_path / "index.sqlite"
    with opened_for_writing(path) as connection:
        writer = Writer(connection)
        with pytest.raises(OverflowError):
            writer.write([put(document("strikes"))], {(Channel.SEARCH, 0): 1 << 64})
        writer.write([put(document("strikes"))], {(Channel.SEARCH, 0): 1})
    assert find(path, "stem:strike") == ["a1"]


def test_words_that_are_remembered_have_a_limit_and_are_written_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(forms, "_MAX_KNOWN", 3)
    path = tmp_path / "index.sqlite"
    with opened_for_writing(path) as connection:
        writer = Writer(connection)
        for offset, text in enumerate(["strikes ports", "ships boats", "strikes docks", "ferries"]):
            writer.write([put(document(text, id=text), offset=offset)], {(Channel.SEARCH, 0): offset + 1})
            assert all(len(known) <= 3 for known in writer._forms._known.values())
    assert set(find(path, "stem:strike")) == {"strikes ports", "strikes docks"}
    assert find(path, "stem:ferry") == ["ferries"]


def test_more_forms_than_a_search_may_stand_for_are_refused(tmp_path, monkeypatch):
    path = index(tmp_path / "index.sqlite", [document("strikes striking strike")])
    monkeypatch.setattr(forms, "MAX_FORMS", 1)
    with pytest.raises(FormsProblem, match="stand for 1 forms at most"):
        find(path, "stem:strike")


def test_many_forms_are_found(tmp_path):
    """Of a word that Snowball cuts to one stem, as many as a search takes, in one expression."""
    path = index(tmp_path / "index.sqlite", [document("strikes", id="one"), document("calm", id="two")])
    with opened_for_writing(path) as connection:
        rows = [("en", "strike", f"strike{number}") for number in range(4_000)]
        connection.executemany("INSERT INTO forms VALUES (?, ?, ?)", rows)
    assert find(path, "stem:strike") == ["one"]
    assert find(path, 'stem:"strike calm"') == []


def test_an_index_with_the_stems_of_another_version_says_so(tmp_path):
    path = index(tmp_path / "index.sqlite", [document("strikes")])
    with opened_for_writing(path) as connection:
        connection.execute("UPDATE about SET value = '1.0' WHERE name = 'stemmers'")
    assert find(path, "strikes") == ["a1"]
    with pytest.raises(FormsProblem, match=r"stems of version 1\.0"):
        find(path, "stem:strike")
    with opened_for_writing(path) as connection:
        assert Writer(connection).count == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("a stem:strike[field=text]", r"takes \[field=headline\] once .* got field=text, at character 15"),
        ("stem:strike[near=5]", r"got near=5, at character 13"),
        ("stem:strike[field=headline,field=headline]", "got field=headline, at character 13"),
        ("stem:–", "takes letters or digits"),
        ('stem:"dock strike"~5', "did not expect|after a phrase"),
        ("stem:strike*", "no wildcards"),
    ],
)
def test_an_error_says_what_stem_takes(query, said):
    with pytest.raises(QueryError, match=said):
        read_query(query, int)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12), languages)
@example("ŉ", "de")
@example("İIıi", "en")
def test_any_text_finds_itself_by_its_stems(text, language):
    query = unparse(Term("stem", text))
    try:
        condition = condition_from_text(query)
    except QueryError:
        return
    assert holds(condition, Facts(article(text, language=language)), Allowance())
    with tempfile.TemporaryDirectory() as folder:
        path = index(Path(folder) / "index.sqlite", [document(text, language=language)])
        assert find(path, query) == ["a1"]
