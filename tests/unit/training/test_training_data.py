"""What training reads: columns as articles, and with --open nothing but data with open licences."""

import json
from pathlib import Path

import pytest

import training.build
from training.build import steps
from training.data import read_columns, read_corpus

COLUMNS = """\
# newdoc id = first
# sent_id = first-1
# text = Ms. Adaeze Obi left Enugu.
1\tMs.\tO
2\tAdaeze\tB-PER\t-\tann
3\tObi\tI-PER\t-\tann
4\tleft\tO
5\tEnugu\tB-LOC\t-\tann
6\t.\tO

# sent_id = first-2
# text = Obi's Igbo choir sang.
1\tObi\tB-PER
2\t's\tO
3\tIgbo\tB-OTH
4\tchoir\tO
5\tsang\tO
6\t.\tB-O

# newdoc id = second
# text = Lagos Ports Ltd Kano
1\tLagos\tB-ORG
2\tPorts\tI-ORG
3\tLtd\tI-ORG
4\tKano\tB-LOC
"""


def lines(*rows: dict) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path):
    files = {
        "ner/uner_ewt_train.iob2": COLUMNS,
        "ner/worldwide.jsonl": lines(
            {"id": "a", "source": "in_kash", "text": "Rain.", "entities": []},
            {"id": "b", "source": "my_star", "text": "Sun.", "entities": []},
            {"id": "c", "source": "qt_peninsula", "text": "Wind.", "entities": []},
            {"id": "d", "source": "my_star", "text": "Snow.", "entities": []},
        ),
        "topics/worldwide_topics.jsonl": lines({"id": "b", "topics": ["medtop:17000000"]}),
        "quotes/worldwide_dev.jsonl": lines({"id": "d", "quotes": []}),
        "quotes/polnear_train.jsonl": lines({"id": "p", "text": "Rain.", "attributions": []}),
        "quotes/polnear_dev.jsonl": lines({"id": "q", "text": "Rain.", "attributions": []}),
        "topics/bbc_2004.jsonl": lines({"label": "sport", "text": "A match."}),
        "topics/masakhanews.jsonl": lines({"label": "health", "text": "A fever."}),
        "topics/huffpost_2018.jsonl": lines({"label": "CRIME", "text": "A theft."}),
        "topics/huffpost_headlines.jsonl": lines({"label": "FIFTY", "text": "no topic of ours"}),
        "topics/iptc_media_topics.json": json.dumps(
            [
                {"qcode": "medtop:1", "name": "x", "definition": "y", "path": ["medtop:1"], "retired": False},
                {"qcode": "medtop:2", "name": "x", "definition": "y", "path": ["medtop:2"], "retired": True},
            ]
        ),
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


def test_columns_become_documents_with_the_names_of_three_labels(folder):
    first, second = read_columns(folder / "ner/uner_ewt_train.iob2")
    assert first.text == "Ms. Adaeze Obi left Enugu. Obi's Igbo choir sang."
    assert [(first.text[a:b], label) for a, b, label in first.entities] == [
        ("Adaeze Obi", "PERSON"), ("Enugu", "LOC"), ("Obi", "PERSON"),
    ]  # fmt: skip
    assert [(second.text[a:b], label) for a, b, label in second.entities] == [
        ("Lagos Ports Ltd", "ORG"), ("Kano", "LOC"),
    ]  # fmt: skip


def test_nothing_held_out_is_trained_on(folder):
    assert {a.id for a in read_corpus(folder, everything=False).train if a.source != "uner"} >= {"b", "p"}
    for everything, others in ((False, {"b"}), (True, {"a", "b"})):
        corpus = read_corpus(folder, everything=everything)
        assert {a.id for a in corpus.train if len(a.id) == 1} == {*others, "p"}
        assert [a.id for a in corpus.dev] == ["c"]


def test_open_training_reads_only_data_with_open_licences(folder):
    corpus = read_corpus(folder, everything=True, open_only=True)
    assert {a.source for a in corpus.train} == {"uner", "huffpost_2018", "iptc"}
    assert not any(a.roles or a.contents for a in corpus.train)
    assert [a.id for a in corpus.dev] == ["c"]


@pytest.mark.parametrize("open_only", [False, True])
def test_one_switch_goes_to_every_step_that_reads_data_or_has_heads(open_only):
    commands = steps(Path("DATA"), Path("OUT"), open_only=open_only, train=["--epochs", "2"])
    switched = {name for name, *rest in commands if "--open" in rest}
    assert switched == ({"training.train", "training.export", "training.topics"} if open_only else set())
    assert commands[0][-2:] == ["--epochs", "2"]
    assert ["worker", "score", "--data", "DATA", "--model", "OUT/pipeline", "--json"] in commands
    assert commands[-1][-2:] == ["--scores", "OUT/scores.json"]


def test_what_the_scoring_step_prints_is_the_file_of_scores(monkeypatch, tmp_path):
    monkeypatch.setattr(training.build, "steps", lambda *_, **__: [["worker", "--version"]])
    monkeypatch.setattr("sys.argv", ["build", "--data", "DATA", "--output", str(tmp_path)])
    training.build.main()
    assert (tmp_path / "scores.json").read_text().startswith("dateline ")
