"""What `dateline search` prints for a person and for a program."""

import io
import json
import re
import shlex
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from tests.shipped import shared_enricher
from tests.unit.search.search_documents import SECOND, assign, document, index, put, quote, stands, write
from worker.channels import Channel
from worker.commands.search.command import command
from worker.commands.search.formats import article_fields, show_article, show_quote
from worker.records.messages import RawMessage
from worker.search.answer import Hit, QuoteHit
from worker.search.conditions import read_query
from worker.search.snippet import sought

ROOT = Path(__file__).parents[4]
HOSTILE = "\x1b[2J\u202e[red]x[/red]\x9b"
ARTICLE = document(
    f"The harbour\n\nreopens, {HOSTILE} said Lena Okafor. The port waited.",
    headline=f"Harbour {HOSTILE}",
    source=HOSTILE,
    url=f"https://wire.example/{HOSTILE}",
    speakers=["Lena Okafor"],
    quotes=[quote(f"The port waited {HOSTILE}.", f"Lena {HOSTILE}", "person:lena-okafor")],
)


@pytest.fixture
def search(tmp_path: Path):
    path = index(tmp_path / "index.sqlite", [ARTICLE, document("a port", id="a2", version=1000)])

    def run(*words: str) -> Result:
        return CliRunner().invoke(command, [*words, "--index", str(path)])

    return run


def test_articles_are_shown_with_what_matches_between_marks(search):
    done = search("harbour okafor")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[0] == "**Harbour** \\x1b[2J\\u202e[red]x[/red]\\x9b"
    assert lines[1].startswith("  2026-09-21 14:13  \ufffd[2J")
    assert lines[2].startswith(
        "  The **harbour** reopens, \\x1b[2J\\u202e[red]x[/red]\\x9b said Lena **Okafor**."
    )
    assert done.stderr.startswith("1 of 1 article, ")


def test_quotes_are_shown_with_who_said_them(search):
    done = search("--quotes", "port")
    assert done.stdout.splitlines()[0] == (
        "Lena \ufffd[2J\ufffd[red]x[/red]\ufffd: “The **port** waited \\x1b[2J\\u202e[red]x[/red]\\x9b.”"
    )
    assert done.stderr.startswith("1 quote, ")


@pytest.mark.parametrize("words", [("port",), ("port", "--quotes"), ("port", "--json")])
def test_nothing_that_is_found_steers_the_terminal(search, words):
    printed = search(*words).stdout
    assert all(char.isprintable() or char == "\n" for char in printed)


def test_a_terminal_gets_colours_and_no_marks():
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=80)
    words = sought(read_query("harbour", int))
    show_article(console, Hit(ARTICLE, 1.0), words)
    show_quote(console, QuoteHit(ARTICLE["quotes"][0], ARTICLE), words)
    shown = out.getvalue()
    assert "\x1b[1;33mHarbour\x1b[0m" in shown
    assert "\x1b[1;33mharbour\x1b[0m" in shown
    assert "**" not in shown
    assert "\x1b[2J" not in shown


def test_a_program_gets_a_json_object_a_line(search):
    first, second = (json.loads(line) for line in search("port", "--json").stdout.splitlines())
    assert list(first) == [
        "id", "url", "headline", "source", "language", "published_at", "score", "headline_highlights",
        "snippet", "story", "copies",
    ]  # fmt: skip
    assert (first["story"], first["copies"]) == (None, [])
    assert (second["id"], second["headline_highlights"]) == ("a1", [])
    text = second["snippet"]["text"]
    assert [text[a:b] for a, b in second["snippet"]["highlights"]] == ["port"]
    assert second["headline"] == ARTICLE["headline"]
    assert ARTICLE["text"][second["snippet"]["start"] :].startswith(text)


def test_a_program_gets_quotes_with_their_article(search):
    (line,) = (json.loads(line) for line in search("port", "--json", "--quotes").stdout.splitlines())
    assert line["article"]["id"] == "a1"
    assert (line["kind"], line["speaker_id"]) == ("direct", "person:lena-okafor")
    assert [line["text"][a:b] for a, b in line["highlights"]] == ["port"]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("port",), 2),
        (("port", "--limit", "1"), 1),
        (("since:beginning",), 2),
        (("until:end",), 2),
        (("since:end",), 0),
        (("since:2026-01-01",), 1),
        (("until:2026-01-01T00:00:00Z port",), 1),
        (("since:1s",), 0),
        (("nothing",), 0),
    ],
)
def test_so_many_are_found(search, words, count):
    done = search("--json", *words)
    assert done.exit_code == 0
    assert len(done.stdout.splitlines()) == count


def test_so_long_ago_is_counted_from_now(search):
    days = int((time.time() - SECOND) / 86400)
    assert bool(search("--json", f"since:{days + 2}d port").stdout) is True
    if days > 2:
        assert "a1" not in search("--json", f"since:{days - 2}d port").stdout


@pytest.mark.parametrize(
    ("query", "marked", "says"),
    [
        ("port sorce:x", "     ^^^^^", "no field is called 'sorce'"),
        ("port since:soon", "     ^^^^^^^^^^", "'soon' is none of beginning, end, 30s"),
        ('port "', "     ^", "never closed"),
        ("", "^", "empty"),
    ],
)
def test_a_query_that_is_none_is_shown_with_its_place(search, query, marked, says):
    done = search(query)
    assert (done.exit_code, done.stdout) == (1, "")
    said = done.stderr.splitlines()
    assert says in said[0]
    assert said[2] == "  " + marked


def test_the_query_of_the_readme_finds_what_was_said_in_a_seed_that_was_just_fed(tmp_path):
    """With the shipped pipeline, as `dateline feed seeds/` would have it."""
    (line,) = re.findall(r"^\$ dateline search (.+)$", (ROOT / "README.md").read_text(), re.MULTILINE)
    text = (ROOT / "seeds" / "nato.txt").read_bytes()
    now_ms = int(time.time() * 1000)
    raw = RawMessage("raw", 0, 0, now_ms, None, text, (("content-type", b"text/plain"),))
    (found,) = (out.value for out in shared_enricher()(raw) if out.channel is Channel.SEARCH)
    path = index(tmp_path / "index.sqlite", [json.loads(found)])
    done = CliRunner().invoke(command, [*shlex.split(line), "--index", str(path)])
    assert done.stdout.startswith("Mark Rutte: “We are facing the most serious **security challenges**")
    assert done.stderr.startswith("1 quote, ")


@pytest.fixture
def stories(tmp_path: Path):
    """An article, its reprint and an excerpt of that, in a story of three sources."""
    path = tmp_path / "stories.sqlite"
    said = [quote("The port waits.", "Ada")]
    texts = {"wire": "The port waits.", "daily": "The port waits, all say.", HOSTILE: "The port."}
    changes = [
        put(document(text, id=name, quotes=said, version=(SECOND + place) * 1000), offset=place)
        for place, (name, text) in enumerate(texts.items())
    ]
    given = [
        assign("wire", "quay"),
        assign("daily", "quay", "reprint", "wire", offset=1),
        assign(HOSTILE, "quay", "excerpt", "daily", offset=2),
        stands("quay", 3, into="s1"),
        stands("s1", 3, offset=1),
    ]
    write(path, [*changes, *given])
    return lambda *words: CliRunner().invoke(command, [*words, "--index", str(path)])


def test_a_reprint_is_folded_and_one_line_says_how_many_are(stories):
    done = stories("port")
    assert done.stdout.splitlines() == [
        "  2026-09-21 14:13  wire",
        "  The **port** waits.",
        "  2 copies (--all)  story s1, 3 independent sources",
        "",
    ]
    assert done.stderr.startswith("1 of 1 article, 2 copies folded (--all), ")
    every = stories("port", "--all", "--sort", "newest")
    assert every.stderr.startswith("3 of 3 articles, ")
    assert every.stdout.splitlines()[2::4] == [
        "  excerpt of daily  story s1, 3 independent sources",
        "  reprint of wire  story s1, 3 independent sources",
        "  story s1, 3 independent sources",
    ]
    (line,) = (json.loads(line) for line in stories("port", "--json").stdout.splitlines())
    assert line["story"] == {"id": "s1", "sources": 3, "relation": "original", "of": None}
    assert line["copies"] == ["daily", HOSTILE]
    assert len(stories("story:quay", "--json", "--all").stdout.splitlines()) == 3


def test_a_quote_of_reprints_is_shown_once(stories):
    done = stories("--quotes", "port")
    assert done.stdout.splitlines()[1] == "  2026-09-21 14:13  wire  and in 2 copies"
    assert done.stderr.startswith("1 quote, ")
    (line,) = (json.loads(line) for line in stories("--quotes", "port", "--json").stdout.splitlines())
    assert line["copies"] == ["daily", HOSTILE]
    assert stories("--quotes", "port", "--all").stderr.startswith("3 quotes, ")


def test_what_a_story_says_steers_no_terminal(stories):
    for words in (("port",), ("port", "--all"), ("port", "--quotes", "--all"), ("port", "--json")):
        assert all(char.isprintable() or char == "\n" for char in stories(*words).stdout)


def test_several_words_are_one_query(search):
    assert search("harbour", "okafor").stdout == search("harbour okafor").stdout != ""
    assert search("port", "NOT", "harbour", "--json").stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "term"),
    [(("-museum",), "museum"), (("gold", "-museum"), "museum"), (("-harbour",), "harbour")],
)
def test_a_term_that_looks_like_an_option_says_how_it_is_written(search, words, term):
    done = search(*words)
    assert done.exit_code == 2
    assert done.stderr.splitlines()[-1] == (
        f"Error: -{term} looks like an option: write NOT {term}, or put another term first, "
        f"in one argument: 'storm -{term}'"
    )
    assert search(f"storm -{term}").exit_code == 0


def test_an_option_that_is_none_is_no_term(search):
    assert search("port", "--quote").stderr.splitlines()[-1].startswith("Error: No such option: --quote")


def test_a_score_of_nothing_has_no_sign():
    assert b'"score":0.0,' in article_fields(Hit(ARTICLE, -0.0), ())


def test_an_index_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["port", "--index", str(tmp_path / "none")])
    assert str(done.exception) == f"no index at {tmp_path / 'none'}: `dateline index` makes it"
