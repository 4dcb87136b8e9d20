"""`dateline score`: what it reads, what it leaves out and why, and what it says."""

import json

import pytest
import spacy
from click import ClickException
from click.testing import CliRunner

from worker.commands.gold import read_gold
from worker.commands.score import command

TEXT = "“We need rain,” said Ada Obi in Ghana."
ENTITIES = [{"start": 21, "end": 28, "label": "PERSON"}, {"start": 32, "end": 37, "label": "LOC"}]
QUOTES = [{"start": 1, "end": 14, "text": "We need rain,", "kind": "direct", "speaker": "Ada Obi"}]


def row(article: str, source: str = "gazette", **more):
    return {"id": article, "source": source, "text": TEXT, **more}


@pytest.fixture
def folder(tmp_path):
    def write(files):
        for name, rows in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tmp_path

    return write


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "PERSON", "pattern": "Ada Obi"}, {"label": "GPE", "pattern": "Ghana"}]
    )
    path = tmp_path_factory.mktemp("model") / "small"
    nlp.to_disk(path)
    return str(path)


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_only_held_out_newspapers_are_scored_where_a_file_has_some(folder):
    rows = [row("1", "gazette", entities=ENTITIES), row("2", "herald", entities=ENTITIES)]
    data = folder({"ner/a.jsonl": rows})
    gold = read_gold(data, held_out=frozenset({"herald"}), everything=False)
    assert list(gold.articles) == ["2"]
    assert gold.left_out == ["ner/a.jsonl: 1 articles of newspapers trained on"]
    assert list(read_gold(data, held_out=frozenset({"herald"}), everything=True).articles) == ["1", "2"]
    assert list(read_gold(data, held_out=frozenset({"mercury"}), everything=False).articles) == ["1", "2"]


def test_quotes_are_scored_whole_and_find_their_text_in_the_file_of_entities(folder):
    rows = [row("1", "gazette", entities=ENTITIES), row("2", "herald", entities=ENTITIES)]
    data = folder({"ner/a.jsonl": rows, "quotes/q.jsonl": [{"id": "1", "quotes": QUOTES}]})
    article = read_gold(data, held_out=frozenset({"herald"}), everything=False).articles["1"]
    assert (article.text, article.entities, len(article.quotes)) == (TEXT, None, 1)


def test_a_file_of_another_shape_is_named_with_the_reason(folder):
    data = folder({"ner/a.jsonl": [row("1", entities=[])], "topics/headlines.jsonl": [{"title": "Rain"}]})
    assert read_gold(data, held_out=frozenset(), everything=False).left_out == [
        "topics/headlines.jsonl: other shape (no id, topics in line 1)"
    ]


def test_what_is_not_json_is_an_error_with_file_and_line(folder):
    data = folder({"ner/a.jsonl": [row("1", entities=[])]})
    (data / "ner" / "a.jsonl").write_text("{}\n".replace("{}", "{oops"))
    with pytest.raises(ClickException, match=r"ner/a\.jsonl, line 1: not JSON"):
        read_gold(data, held_out=frozenset(), everything=False)


def test_a_folder_without_gold_is_an_error(tmp_path):
    with pytest.raises(ClickException, match="has no gold data"):
        read_gold(tmp_path, held_out=frozenset(), everything=False)


def test_the_table_has_a_line_for_each_measure(folder, model):
    data = folder(
        {"ner/a.jsonl": [row("1", entities=ENTITIES)], "quotes/q.jsonl": [{"id": "1", "quotes": QUOTES}]}
    )
    result = run("--data", data, "--model", model)
    assert result.exit_code == 0, result.output
    lines = [line.split()[:3] for line in result.output.splitlines()]
    for measure, floor in (("entities", "82"), ("quotes", "92"), ("speakers", "70")):
        assert [measure, "100.0", floor] in lines


def test_check_fails_below_a_floor_and_errors_show_where(folder, model):
    wrong = [{"start": 0, "end": 3, "label": "ORG"}]
    data = folder({"ner/a.jsonl": [row("1", entities=wrong)]})
    result = run("--data", data, "--model", model, "--check", "--errors")
    assert result.exit_code == 1
    assert "below the floor: entities" in result.output
    assert "missed ORG '“We'" in result.output


def test_json_is_one_object(folder, model):
    data = folder({"ner/a.jsonl": [row("1", entities=ENTITIES)]})
    result = CliRunner().invoke(command, ["--data", str(data), "--model", model, "--json"])
    scored = json.loads(result.stdout.splitlines()[-1])
    entities = scored["scores"]["entities"]
    assert (entities["score"], entities["articles"]) == (100.0, 1)
    assert entities["by"] == {"LOC": 100.0, "PERSON": 100.0}
