"""Training and judging stories: folds, the regression, copies as they are made, and volume."""

import random
from itertools import islice

import pytest

from bench.stories import recombined
from tests.unit.stories.logs import sentence
from training.stories.fit import StoryExample, cross_validated, fit, folds_of, sketches_of
from training.stories.gold import StoryArticle
from training.stories.reprints import KINDS, longest_run, recall, take_all
from training.stories.weights import weights
from worker.stories.decision import Likeness, evidence_of
from worker.stories.words import hashed


def articles(subjects=4, each=6):
    rows = [
        StoryArticle(
            f"{subject}-{number}",
            " ".join(sentence(subject, 20 * number + place) for place in range(9)),
            story=f"story {subject}",
            topic=f"{subject}",
        )
        for number in range(each)
        for subject in range(subjects)
    ]
    return rows


def test_articles_of_one_topic_are_in_one_fold():
    folds = folds_of(["1", "2", "1", "10", "2"])
    assert folds[0] == folds[2] != folds[1] == folds[4]


def test_the_regression_tells_what_is_alike_from_what_is_not():
    draw = random.Random(1)
    examples = [
        StoryExample(Likeness(draw.randrange(low, low + 400), draw.randrange(1024), 0), low > 300)
        for low in (100, 600)
        for _ in range(200)
    ]
    found = fit(examples)
    assert found.terms > 5 * abs(found.lead)
    assert evidence_of(Likeness(900, 500, 0), found) > 0 > evidence_of(Likeness(100, 500, 0), found)


def test_stories_that_are_easy_are_all_found():
    rows = articles()
    scores, by_fold = cross_validated(rows, sketches_of(rows), folds_of([row.topic for row in rows]))
    assert scores.f1 > 95
    assert len(by_fold) == 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_has_of_its_text_what_its_kind_says(kind):
    words = [f"w{number}" for number in range(400)]
    other = [f"x{number}" for number in range(400)]
    copy = KINDS[kind](random.Random(1), words, other)
    assert set(copy) <= set(words) | set(other)
    assert len(set(copy) & set(words)) >= 29


def test_copies_are_found_among_other_articles():
    rows = articles(each=5)
    stories, related = take_all(rows)
    assert related == []
    lines = list(recall(stories, rows, articles(each=1), {}, 5))
    assert [line.split()[0] for line in lines[:2]] == ["whole", "cut"]
    assert "100.0 %" in lines[0]


def test_a_run_of_words_is_found_wherever_it_stands():
    assert longest_run("a b one two three c", "x one two three y") == 3


def test_words_of_most_texts_say_least():
    found = weights(["the ferry", "the budget", "the ferry", "the ferry"], most=10)
    assert found[hashed("the")] < found[hashed("ferry")]


def test_volume_is_made_of_sentences_that_exist():
    rows = articles(each=3)
    made = list(islice(recombined(rows, 20, seed=1), 20))
    assert made == list(recombined(rows, 20, seed=1))
    known = {one for row in rows for one in row.text.split(". ")}
    assert all(
        one.rstrip(".") in {each.rstrip(".") for each in known}
        for row in made
        for one in row.text.split(". ")
    )
