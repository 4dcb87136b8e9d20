"""Cards of enriched articles."""

import io

import pytest
from rich.console import Console

from worker.commands.shown.cards import headline_of, printable, quote_text, show_card, tag_rows

ARTICLE = {
    "id": "a-1",
    "headline": "Harbour reopens",
    "text": "The harbour reopens, Lena Okafor said.",
    "entities": [
        {
            "id": "person:lena-okafor",
            "name": "Lena Okafor",
            "type": "PERSON",
            "mentions": [{"text": "Lena Okafor"}, {"text": "Okafor"}],
        },
        {"id": "gpe:porthaven", "name": "Porthaven", "type": "GPE", "mentions": [{"text": "Porthaven"}]},
        {"id": None, "name": "Monday", "type": "DATE", "mentions": [{"text": "Monday"}]},
    ],
    "topics": [{"code": "medtop:04000000", "name": "economy, business and finance", "confidence": 0.914}],
    "quotes": [
        {
            "kind": "direct",
            "text": "We waited.",
            "cue": {"text": "said"},
            "speaker": {"text": "She", "entity": "person:lena-okafor", "name": "Lena Okafor"},
        }
    ],
}


def test_an_article_is_its_entities_by_kind_its_topics_and_who_said_what():
    assert tag_rows(ARTICLE) == [
        ("people", "Lena Okafor ×2"),
        ("places", "Porthaven"),
        ("when", "Monday"),
        ("topics", "economy, business and finance 91%"),
        ("quotes", "Lena Okafor said: “We waited.”"),
    ]


def test_an_article_in_which_nothing_was_found_says_so():
    assert tag_rows({"text": "x"}) == [("", "nothing found")]


def test_long_lists_are_cut_and_say_so():
    mentions = [{"text": "x"}]
    people = [{"name": f"Person {n}", "type": "PERSON", "mentions": mentions} for n in range(11)]
    quotes = [{"kind": "direct", "text": f"Words {n}.", "cue": None, "speaker": None} for n in range(14)]
    rows = tag_rows({"entities": people, "quotes": quotes})
    assert rows[0][1].endswith("Person 7, and 3 more")
    assert rows[-1] == ("", "and 2 more")


@pytest.mark.parametrize(
    ("speaker", "cue", "kind", "shown"),
    [
        ({"text": "an official", "entity": None, "name": None}, "said", "direct", "an official said: “Yes.”"),
        (None, None, "direct", "(nobody named): “Yes.”"),
        ({"text": "Okafor", "name": "Lena Okafor"}, "told", "indirect", "Lena Okafor told: Yes."),
    ],
)
def test_a_quote_says_who_said_it_as_far_as_that_is_known(speaker, cue, kind, shown):
    quote = {"kind": kind, "text": "Yes.", "cue": cue and {"text": cue}, "speaker": speaker}
    assert quote_text(quote) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("two\n lines\tand\x00more", "two lines and\ufffdmore"),
        ("\u202eturned", "\ufffdturned"),
        ("“Straße” 北京", "“Straße” 北京"),
    ],
)
def test_what_an_article_holds_can_not_steer_the_terminal(text, shown):
    assert printable(text) == shown


def test_an_article_without_a_headline_is_called_by_how_it_begins():
    assert headline_of({"headline": None, "text": "word " * 100}) == ("word " * 20)[:99].rstrip() + "…"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_card_shows_markup_as_it_stands_and_leaves_no_blanks_at_lines_ends_in_a_pipe(is_terminal):
    out = io.StringIO()
    console = Console(file=out, force_terminal=is_terminal, width=60, color_system=None)
    show_card(console, "[bold]Title[/bold]", [("people", "[red]Lena[/red] " + "Okafor " * 20)], note="a.txt")
    lines = out.getvalue().splitlines()
    assert lines[0] == ("[bold]Title[/bold]  a.txt" if is_terminal else "[bold]Title[/bold]  (a.txt)")
    assert "[red]Lena[/red]" in lines[1]
    assert len(lines) == (5 if is_terminal else 3) or is_terminal
