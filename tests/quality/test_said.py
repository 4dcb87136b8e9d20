"""Quotes and speakers in other languages, on the project's own articles, with the whole pipeline.

Half of the articles were read while the rules were written, and half were set aside before; the floors are
those of both. Of the halves that were set aside, Polish speakers are below them.
"""

import json

import pytest

from worker.commands.score.command import OWN_GOLD
from worker.commands.score.languages import QUOTE_FLOORS
from worker.nlp.by_language import Pipelines
from worker.nlp.enrich import enrich
from worker.records.article import Article
from worker.scoring.gold import read_gold
from worker.scoring.totals import Scores, add_article

CODES = ("es", "fr", "it", "nl", "pl", "pt", "sv")


@pytest.fixture(scope="module")
def gold():
    return read_gold(OWN_GOLD, held_out=frozenset(), everything=True, languages=CODES)


@pytest.fixture(scope="module")
def pipelines():
    return Pipelines(None, ("en", *CODES))


def test_each_language_has_twelve_articles_in_two_halves():
    for code in CODES:
        rows = [json.loads(line) for line in (OWN_GOLD / "quotes" / f"{code}.jsonl").open(encoding="utf-8")]
        sources = [row["source"] for row in rows]
        assert (len(rows), sources.count(f"{code}, set aside")) == (12, 6)
        for row in rows:
            for quote in row["quotes"]:
                inside = row["text"][quote["start"] : quote["end"]]
                assert inside.strip() == inside != ""


@pytest.mark.parametrize("code", CODES)
def test_quotes_and_speakers_reach_their_floors(gold, pipelines, code):
    scores = Scores()
    for article in gold.articles.values():
        if article.language == code and article.quotes is not None:
            read = Article(id=article.id, text=article.text, headline=article.headline, language=code)
            add_article(scores, article, enrich(pipelines.of(code), read))
    for measure in ("quotes", "speakers"):
        assert scores.score(measure) >= QUOTE_FLOORS[measure], measure
