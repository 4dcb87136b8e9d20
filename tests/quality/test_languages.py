"""The project's own gold in other languages than English: what it holds, and the floors of what is served."""

import json
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest

from tests.quality.languages import LANGUAGES
from tests.shipped import shared_enricher, shipped_pipeline
from worker.channels import Channel
from worker.commands.score.command import OWN_GOLD
from worker.intake.language import tell_language
from worker.nlp.enrich import enrich
from worker.records.article import Article, EnrichedArticle
from worker.records.codec import from_bytes
from worker.records.messages import RawMessage, Reason, Rejected
from worker.scoring.compare import NAME_LABELS
from worker.scoring.gold import read_gold
from worker.scoring.totals import Scores, add_article

CODES = {language.code for language in LANGUAGES}
# What short texts are taken for as well: languages as near as Bosnian is to Croatian.
ALSO_TAKEN_FOR = {"hr": {"bs", "sr", "unknown"}, "no": {"nb", "nn", "da"}, "id": {"ms", "unknown"}}

LEAST_TOPICS, LEAST_TOPICS_RIGHT = 30, 0.85
"""How many topics have to be found in all languages that are served, and which share of the tags is right."""

by_language = pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.code)


@pytest.fixture(scope="module")
def gold():
    return read_gold(OWN_GOLD, held_out=frozenset(), everything=True, languages=CODES)


def articles_in(gold, language):
    return [
        article
        for article in gold.articles.values()
        if article.language == language.code and article.entities is not None
    ]


def test_every_file_of_gold_has_its_row_in_the_table():
    assert {path.stem for path in (OWN_GOLD / "languages").glob("*.jsonl")} == CODES
    assert len(CODES) == len(LANGUAGES)


@by_language
def test_a_language_has_the_articles_and_names_of_its_row(gold, language):
    articles = articles_in(gold, language)
    names = Counter(label for article in articles for _, _, label in article.entities)
    assert len(articles) == language.articles
    assert names == {"PERSON": language.persons, "ORG": language.orgs, "LOC": language.locs}
    for article in articles:
        assert article.id.startswith(f"{language.code}-")
        assert article.labels == set(NAME_LABELS) == {label for _, _, label in article.entities}
        assert all((article.headline, article.source, article.quotes, article.topics))
        assert 85 <= len(article.text.split()) <= 165


@by_language
def test_names_begin_and_end_at_words_and_none_overlaps_another(gold, language):
    for article in articles_in(gold, language):
        text = article.text
        assert all(before[1] <= after[0] for before, after in pairwise(article.entities))
        for start, end, _ in article.entities:
            name = text[start:end]
            assert name == name.strip(" \n.,;:«»„“”\"'’()") or name[-1] == "."
            assert any(character.isupper() or character == "’" for character in name) or name == "kesk"
            assert not (start and text[start - 1].isalnum()), name
            assert not text[end : end + 1].isalnum(), name


@by_language
def test_a_name_that_is_marked_once_is_marked_wherever_it_stands(gold, language):
    for article in articles_in(gold, language):
        text, spans = article.text, article.entities
        for name in {text[start:end] for start, end, _ in spans}:
            found = -1
            while (found := text.find(name, found + 1)) >= 0:
                end = found + len(name)
                alone = not text[found - 1 : found].isalnum() and not text[end : end + 1].isalnum()
                assert not alone or any(a <= found and end <= b for a, b, _ in spans), (article.id, name)


@by_language
def test_gold_is_in_the_language_that_it_names(gold, language):
    for article in articles_in(gold, language):
        taken_for = tell_language(article.text, ["unknown"])
        assert taken_for in {language.code, *ALSO_TAKEN_FOR.get(language.code, ())}, article.id


def by_the_worker(article):
    """What a worker with its default settings makes of a gold article: an enriched one, or why not."""
    return _by_the_worker(article.id, article.headline, article.text, article.language)


@cache
def _by_the_worker(id_, headline, text, language):
    fields = {"id": id_, "headline": headline, "text": text, "language": language}
    headers = (("content-type", b"application/json"),)
    outcome = shared_enricher()(RawMessage("raw", 0, 0, 0, None, json.dumps(fields).encode(), headers))
    if isinstance(outcome, Rejected):
        return outcome.reason
    return from_bytes(EnrichedArticle, next(out.value for out in outcome if out.channel is Channel.ENRICHED))


@by_language
def test_a_language_is_served_or_its_articles_become_dead_letters_as_the_table_says(gold, language):
    for article in articles_in(gold, language):
        made = by_the_worker(article)
        if language.served:
            assert made.text == article.text
        else:
            assert made is Reason.UNSUPPORTED_LANGUAGE


@by_language
def test_a_language_that_is_served_reaches_its_floor(gold, language):
    scores = Scores()
    for article in articles_in(gold, language):
        # A pipeline that does not read the language shows at least that its gold can be scored.
        given = Article(
            id=article.id, text=article.text, headline=article.headline, language=article.language
        )
        read = by_the_worker(article) if language.served else enrich(shipped_pipeline(), given)
        add_article(scores, article, read)
    names = scores.counts["names"]
    assert names.right + names.missed == language.persons + language.orgs + language.locs
    assert scores.score("names") >= (language.floor if language.served else 0)


def test_topics_of_other_languages_are_right_where_they_come_out(gold):
    right = wrong = 0
    for language in LANGUAGES:
        for article in articles_in(gold, language) if language.served else ():
            tagged = {topic.code for topic in by_the_worker(article).topics}
            right += len(tagged & set(article.topics))
            wrong += len(tagged - set(article.topics))
    assert right >= LEAST_TOPICS
    assert right / (right + wrong) >= LEAST_TOPICS_RIGHT
