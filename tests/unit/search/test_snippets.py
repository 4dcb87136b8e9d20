"""The stretch of a text that is shown, and what is highlighted in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.search.conditions import TextPhrase, read_query
from worker.search.snippet import snippet, sought


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("port", ["port"]),
        ('"port strike" OR lima', ["port strike", "lima"]),
        ("port -strike NOT (lima OR callao)", ["port"]),
        ("speaker:okafor topic:labour since:5", ["okafor"]),
        ("headline:port", ["port"]),
    ],
)
def test_what_is_asked_for_is_sought_and_what_must_not_be_is_not(query, words):
    assert [" ".join(each.words) for each in sought(read_query(query, int))] == words


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("port", "The port of Ports: PORT", "The [port] of Ports: [PORT]"),
        ('"the port" port', "In the port", "In [the port]"),
        ('"port the"~2', "The old port", "[The old port]"),
        ("naïve", "Na\u00efve and nai\u0308ve", "[Na\u00efve] and [nai\u0308ve]"),
        ("ship", "The port", "The port"),
        ("headline:port", "The port", "The port"),
        ("x", "", ""),
    ],
)
def test_places_are_highlighted(query, text, marked):
    assert show(snippet(sought(read_query(query, int)), text, "en")) == marked


def test_a_headline_shows_what_was_asked_of_it():
    assert (
        show(snippet([TextPhrase(("port",), in_headline=True)], "A port", "en", headline=True)) == "A [port]"
    )


def test_a_long_text_is_shown_where_most_of_the_words_stand():
    filler = "some other words " * 60
    text = f"{filler}port port port {filler}the port and a strike {filler}"
    found = snippet(sought(read_query("port strike", int)), text, "en")
    assert "the [port] and a [strike]" in show(found)
    assert len(found.text) <= 280
    assert text[found.start :].startswith(found.text)
    assert not found.ends_text
    assert found.text.split()[0] in ("some", "other", "words")
    beginning = snippet(sought(read_query("nothing", int)), text, "en")
    assert (beginning.start, beginning.highlights) == (0, ())


@given(
    st.lists(st.sampled_from(["port", "Strike", "a" * 70, "e\u0301lan", "\n", "–"]), max_size=60).map(
        " ".join
    )
)
def test_highlights_are_the_words_in_the_text(text):
    found = snippet([TextPhrase(("port",)), TextPhrase(("strike",))], text, "en", most=100)
    assert text[found.start : found.start + len(found.text)] == found.text
    assert len(found.text) <= 100
    assert found.ends_text == (found.start + len(found.text) == len(text))
    assert {found.text[a:b].lower() for a, b in found.highlights} <= {"port", "strike"}
    if "port" in text:
        assert found.highlights


def show(found) -> str:
    shown, last = "", 0
    for start, end in found.highlights:
        shown += f"{found.text[last:start]}[{found.text[start:end]}]"
        last = end
    return shown + found.text[last:]
