"""The shipped pipeline on the project's own gold articles: below these floors something broke.

The floors lie a few points below what was measured when they were set; `dateline score` prints today's.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.shipped import shipped_pipeline
from worker.commands.score.command import OWN_FLOORS, OWN_GOLD
from worker.nlp.encoder.wordpieces import WORD_SHAPES
from worker.nlp.enrich import enrich
from worker.records.article import Article
from worker.scoring.gold import read_gold
from worker.scoring.totals import Scores, add_article


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


@pytest.fixture(scope="module")
def gold():
    return read_gold(OWN_GOLD, held_out=frozenset(), everything=True)


def score(nlp, gold):
    scores = Scores()
    for article in gold.articles.values():
        found = enrich(
            nlp, Article(id=article.id, text=article.text, headline=article.headline, language="en")
        )
        add_article(scores, article, found)
    return scores


@pytest.fixture(scope="module")
def scores(nlp, gold):
    return score(nlp, gold)


@pytest.mark.parametrize(("measure", "floor"), OWN_FLOORS.items())
def test_no_score_falls_below_its_floor(scores, measure, floor):
    assert scores.score(measure) >= floor


def test_the_floors_are_high_enough_to_tell_an_encoder_that_lost_the_case_of_words(nlp, gold, monkeypatch):
    encoder = nlp.get_pipe("encoder")
    read = encoder.read

    def flat(pieces):
        return read(replace(pieces, shapes=np.full_like(pieces.shapes, WORD_SHAPES.index("lower"))))

    monkeypatch.setattr(encoder, "read", flat)
    blind = score(nlp, gold)
    below = {measure for measure, floor in OWN_FLOORS.items() if blind.score(measure) < floor}
    assert below >= {"entities", "speakers"}


def test_every_gold_span_is_a_span_of_its_text(gold):
    assert len(gold.articles) >= 30
    for article in gold.articles.values():
        assert all(0 <= start < end <= len(article.text) for start, end, _ in article.entities)
        assert all(quote["text"] == article.text[quote["start"] : quote["end"]] for quote in article.quotes)


def test_the_story_s_subject_is_the_most_salient_entity(nlp):
    text = (
        "Amina Okafor was elected mayor of Lagos on Sunday. Okafor, an engineer, beat Tunde Bello.\n\n"
        "“I will start with the buses,” Okafor said. Bello congratulated her."
    )
    found = enrich(nlp, Article(id="1", text=text, headline="Okafor wins in Lagos", language="en"))
    most = max(found.entities, key=lambda entity: entity.salience)
    assert (most.name, most.type) == ("Amina Okafor", "PERSON")


def test_company_changes_nothing(nlp, gold):
    articles = [
        Article(id=a.id, text=a.text, headline=a.headline, language="en") for a in gold.articles.values()
    ][:4]
    one_way = [enrich(nlp, article) for article in articles]
    other_way = [enrich(nlp, article) for article in reversed(articles)]
    assert one_way == other_way[::-1]
