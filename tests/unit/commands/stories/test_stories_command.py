"""`dateline stories assign` and `dateline score --stories`: a line for each article, and scores."""

import json

import pytest
from click.testing import CliRunner

from tests.unit.commands.articles import fake_enricher
from tests.unit.stories.logs import article, sentence
from worker.commands.articles import enrich
from worker.commands.score.command import command as score
from worker.commands.stories.command import command as stories
from worker.stories.relations import Relation

PIPELINE = {"topics": [], "extra": {}, "pipeline": {"name": "en_news", "version": "1.0.0"}}
FERRY = " ".join(sentence(0, number) for number in range(8))
BUDGET = " ".join(sentence(1, number) for number in range(8))
HALF = " ".join(sentence(0, number) for number in range(3))
ARTICLES = {"f1": FERRY, "b1": BUDGET, "f2": f"{FERRY} (AP) -", "f3": HALF, "b2": BUDGET}


@pytest.fixture
def articles(tmp_path):
    """Two files of articles, already enriched."""
    rows = [article(id_, text, story=id_[0], source="Daily", **PIPELINE) for id_, text in ARTICLES.items()]
    first, second = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    for path, some in ((first, rows[:2]), (second, rows[2:])):
        path.write_text("".join(json.dumps(row) + "\n" for row in some))
    return [str(first), str(second)]


def run(command, *words):
    return CliRunner().invoke(command, [str(word) for word in words])


def test_each_article_gets_a_line_with_its_story_and_what_it_copies(articles):
    done = run(stories, "assign", *articles)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == list(ARTICLES)
    f1, b1, f2, f3, b2 = rows
    assert f1["story"] == f2["story"] == f3["story"] != b1["story"] == b2["story"]
    assert [row["relation"] for row in rows] == ["original", "original", "reprint", "excerpt", "reprint"]
    assert [row["of"] for row in rows] == [None, None, "f1", "f1", "b1"]
    assert (f3["share"], f2["wire"], f2["record_source"]) == (1.0, "AP", "AP")
    assert all(0.5 < row["score"] <= 1 for row in rows)
    assert {row["relation"] for row in rows} <= set(Relation)


def test_what_can_not_be_enriched_is_said_and_the_others_are_assigned(tmp_path, monkeypatch):
    monkeypatch.setattr(enrich, "make_enricher", fake_enricher.make_tagger)
    path = tmp_path / "raw.jsonl"
    path.write_text(json.dumps({"id": "a", "text": FERRY}) + "\n{}\n")
    done = run(stories, "assign", path)
    assert done.exit_code == 1
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a"]
    assert "text is missing" in done.stderr


def test_stories_are_scored_by_what_gold_says(articles):
    done = run(score, "--stories", articles[1], "--json")
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    assert (scores["articles"], scores["stories"], scores["found"]) == (3, 2, 2)
    assert scores["f1"] == scores["v"] == scores["ceaf_e"] == 100
    assert "F1 100.0" in run(score, "--stories", articles[1]).stdout


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "there are no articles"),
        ("{", "line 1: no JSON"),
        ('{"id": "a"}', "line 1: an article with a text `story` is wanted"),
        ('{"id": 3, "story": "s"}', "line 1: an article with a text `id` is wanted"),
        ("[]", "line 1: an article with a text `id` is wanted"),
    ],
)
def test_gold_that_has_no_stories_is_refused_by_name(tmp_path, line, said):
    path = tmp_path / "gold.jsonl"
    path.write_text(line + "\n")
    done = run(score, "--stories", path)
    assert done.exit_code == 1
    assert said in done.output


def test_options_that_do_not_go_with_stories_are_refused(articles):
    done = run(score, "--stories", articles[0], "--errors")
    assert done.exit_code == 2
    assert "--stories goes with --model and --json alone" in done.stderr
