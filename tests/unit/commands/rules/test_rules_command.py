"""`dateline rules` where no cluster is needed: its usage, and trials over files."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.commands.articles import fake_enricher
from worker.commands import main
from worker.commands.articles import enrich

EXAMPLE = Path(__file__).parents[4] / "schemas/examples/articles.enriched.v1/full.json"
NO_CLUSTER = "127.0.0.1:1"


@pytest.fixture
def call(monkeypatch, capfd):
    monkeypatch.setattr(enrich, "make_enricher", fake_enricher.make_tagger)
    monkeypatch.setenv("DATELINE_BROKERS", NO_CLUSTER)
    monkeypatch.setenv("DATELINE_PROCESSES", "1")

    def call(*words: str | Path, code: int = 0) -> tuple[list[str], list[str]]:
        with pytest.raises(SystemExit) as end:
            main(["rules", *map(str, words)])
        out, err = capfd.readouterr()
        assert end.value.code == code, err
        return out.splitlines(), err.splitlines()

    return call


TYPED = ("--name", "n", "--owner", "o", "--when", "storm")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("put",), "Missing argument 'ID | FILE...'"),
        (("put", "r1", "r2", *TYPED), "--when goes with one ID, --name and --owner, got r1 r2"),
        (("put", "r1", *TYPED[2:]), "--when goes with one ID, --name and --owner; --name missing"),
        (("put", "r1", "--expires-at", "2027-01-01"), "--expires-at goes with --when"),
        (
            ("put", "r1", *TYPED, "--expires-at", "soon"),
            "takes an ISO 8601 time such as 2026-12-31T00:00:00Z",
        ),
        (("put", "r1", *TYPED, "--cooldown", "1w"), "takes none, or a time such as 90s"),
        (("test", "a.txt", "--since", "1h"), "--since goes with the enriched topic"),
        (("test", "--since", "yesterday"), "is none of beginning, end"),
        (("delete",), "Missing argument 'ID...'"),
        (("pause",), "Missing argument 'ID...'"),
        (("resume", "--dry-run"), "Missing argument 'ID...'"),
        (("get",), "Missing argument 'ID'"),
    ],
)
def test_wrong_usage_says_what_is_right(call, words, error):
    assert error in call(*words, code=2)[1][-1]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("put", "r1", *TYPED[:4], "--when", "storm ("), "dateline: when: the query ends where"),
        (("put", "r 1", *TYPED), "dateline: id: takes 1 to 100 letters"),
        (
            ("put", "none.json"),
            "dateline: none.json: No such file or directory; "
            "to put one rule of this id, give --when, --name and --owner",
        ),
        (("import", "none.json"), "dateline: none.json: No such file or directory"),
        (("test", "--when", "topic:nosuch", "a.txt"), "dateline: when: topic: no topic is called 'nosuch"),
    ],
)
def test_a_bad_rule_is_refused_before_the_cluster_is_asked(call, words, line):
    assert call(*words, code=1)[1][0].startswith(line)


@pytest.mark.parametrize(
    "words",
    [
        ("put", "r1", *TYPED),
        ("get", "r1"),
        ("list",),
        ("delete", "r1"),
        ("pause", "r1"),
        ("resume", "r1"),
        ("export",),
        ("test",),
    ],
)
def test_a_cluster_that_does_not_answer_is_one_line(call, words):
    out, err = call(*words, code=1)
    assert (out, len(err)) == ([], 1)
    assert f"no answer from the Kafka brokers at {NO_CLUSTER}" in err[0]


def test_a_condition_is_tried_on_files_of_all_kinds_without_a_cluster(call, tmp_path):
    (tmp_path / "a.txt").write_text("A storm hit Porthaven.")
    lines = [
        {"text": "No storm yet.", "published_at": "2026-01-31T08:00:00Z"},
        {"text": "Sunshine."},
        json.loads(EXAMPLE.read_bytes()) | {"text": "The storm is over.", "entities": [], "quotes": []},
    ]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    out, err = call("test", "--when", "storm", tmp_path, "--json")
    alerts = [json.loads(line) for line in out]
    assert [alert["why"][0]["spans"][0]["text"] for alert in alerts] == ["storm"] * 3
    texts = [alert["article"]["id"] for alert in alerts]
    assert texts[-1] == "A storm hit Porthaven."[:20]
    assert [alert["at"] for alert in alerts[:2]] == sorted(alert["at"] for alert in alerts[:2])
    assert err == ["4 articles against 1 rule: 3 alerts"]


def test_several_conditions_are_tried_each_as_a_rule_of_its_own(call, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(json.loads(EXAMPLE.read_bytes()) | {"text": "A storm."}) + "\n")
    out, err = call("test", "--when", "storm", "--when", "calm", "--when", "language:en", path, "--json")
    assert [json.loads(line)["rule"]["id"] for line in out] == ["when-1", "when-3"]
    assert err == ["1 article against 3 rules: 2 alerts"]


def test_what_is_enriched_already_needs_no_pipeline(call, monkeypatch, tmp_path):
    monkeypatch.setattr(enrich, "make_enricher", fake_enricher.make_broken)
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(json.loads(EXAMPLE.read_bytes())) + "\n")
    out, err = call("test", "--when", "language:en", path)
    assert (len(out) > 1, err) == (True, ["1 article against 1 rule: 1 alert"])
    path.write_text(path.read_text() + '{"text": "raw"}\n')
    assert "no such pipeline" in call("test", "--when", "language:en", path, code=1)[1][-1]


def test_an_article_that_cannot_be_read_is_said_and_the_others_are_tried(call, tmp_path):
    path = tmp_path / "a.jsonl"
    changed = json.loads(EXAMPLE.read_bytes()) | {"topics": 7}
    path.write_text('{"text": ""}\n' + json.dumps(changed) + '\n{"text": "A storm."}\n')
    out, err = call("test", "--when", "storm", path, "--json", code=1)
    assert len(out) == 1
    said = [json.loads(line) for line in err[:2]]
    assert [(line["line"], line["reason"]) for line in said] == [(2, "invalid"), (1, "invalid")]
    assert err[-1] == "1 article against 1 rule: 1 alert"


def test_rules_of_a_file_with_another_cooldown(call, tmp_path):
    rules, articles = tmp_path / "rules.json", tmp_path / "a.jsonl"
    rules.write_text(
        json.dumps({"id": "r1", "name": "n", "owner": "o", "when": "storm", "cooldown": {"seconds": 7200}})
    )
    times = ["2026-01-31T10:00:00Z", "2026-01-31T08:00:00Z", "2026-01-31T09:00:00Z"]
    articles.write_text(
        "".join(json.dumps({"id": time, "text": "Storm.", "published_at": time}) + "\n" for time in times)
    )

    def tried(*words):
        out, err = call("test", "--rule", rules, articles, "--json", *words)
        return [json.loads(line)["article"]["id"][11:13] for line in out], err[-1]

    assert tried() == (["08", "10"], "3 articles against 1 rule: 2 alerts, 1 more kept back by cooldowns")
    assert tried("--cooldown", "1d")[0] == ["08"]
    assert tried("--cooldown", "none")[0] == ["08", "09", "10"]
    assert tried("--cooldown", "none", "--limit", "1") == (["08"], "3 articles against 1 rule: 3 alerts")


def test_help_loads_neither_kafka_nor_the_pipeline():
    code = (
        "import sys; from worker.commands import main\n"
        "try: main(['rules', 'test', '--help'])\n"
        "except SystemExit: print({'faust', 'aiokafka', 'spacy', 'lark', 'pydantic_core'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "{'pydantic_core'}", done
