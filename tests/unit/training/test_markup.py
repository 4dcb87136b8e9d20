"""Marked text becomes gold with exact offsets, and gold becomes marked text that says the same."""

import json

import pytest

from training.gold.markup import MarkupError, gold_rows, marked_text
from worker.commands.score.command import OWN_GOLD

MARKED = """\
= de-1 | Bote | 11 04
Rat stimmt gegen Brücke

[L GÖRLITZ] – „<Wer nach [L Polen] fährt, staunt>“, sagte [P Ute „{Uta}“ Wendt].

Der „{[O Brückenbund]}“ nannte das „<Unsinn>“.
> direct | sagte | Ute „Uta“ Wendt | Ute „Uta“ Wendt
> mixed | nannte | Der „Brückenbund“ | Brückenbund
"""


def test_names_quotes_and_what_nobody_said_have_the_offsets_of_the_plain_text():
    (row,) = gold_rows(MARKED, "de")
    text = row["text"]
    assert text.startswith(
        "GÖRLITZ – „Wer nach Polen fährt, staunt“, sagte Ute „Uta“ Wendt.\n\nDer „Brückenbund“"
    )
    assert [(text[e["start"] : e["end"]], e["label"]) for e in row["entities"]] == [
        ("GÖRLITZ", "LOC"), ("Polen", "LOC"), ("Ute „Uta“ Wendt", "PERSON"), ("Brückenbund", "ORG"),
    ]  # fmt: skip
    assert [(quote["text"], quote["kind"], quote["speaker"]) for quote in row["quotes"]] == [
        ("Wer nach Polen fährt, staunt", "direct", "Ute „Uta“ Wendt"),
        ("Uta", "other", ""),
        ("Brückenbund", "other", ""),
        ("Unsinn", "mixed", "Brückenbund"),
    ]
    assert (row["language"], row["topics"]) == ("de", ["medtop:11000000", "medtop:04000000"])


@pytest.mark.parametrize("path", sorted((OWN_GOLD / "languages").glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_gold_article_in_another_language_is_what_its_marked_text_gives(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 2
    assert list(gold_rows("\n".join(map(marked_text, rows)), path.stem)) == rows


@pytest.mark.parametrize(
    ("written", "instead", "error"),
    [
        ("[P Ute", "[P [P Ute", "de-1: '\\[' within another, before 'Ute"),
        ("Wendt].", "Wendt]].", "de-1: ']' closes nothing, before '\\."),
        ("<Unsinn>", "<Unsinn", "de-1: > is missing"),
        (
            "> mixed | nannte | Der „Brückenbund“ | Brückenbund\n",
            "",
            "de-1: 2 quotes in the text, 1 lines about",
        ),
        ("sagte | Ute", "meinte | Ute", "de-1: 'meinte' does not stand in the text"),
        ("| Bote |", "|", "has 2 parts, not 3"),
        ("Brücke\n\n", "Brücke\n", "de-1: no empty line behind the headline"),
    ],
)
def test_what_is_wrong_with_marked_text_is_said_with_its_article(written, instead, error):
    assert written in MARKED
    with pytest.raises(MarkupError, match=error):
        list(gold_rows(MARKED.replace(written, instead, 1), "de"))
