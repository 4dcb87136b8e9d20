"""Properties of enriched records for any text, with a pipeline of another team that has entities only."""

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from worker.nlp.encoder.evidence import attribution_evidence_of
from worker.nlp.encoder.text import text_of
from worker.nlp.enrich import enrich, run_pipeline
from worker.nlp.pipeline import load
from worker.records.article import Article, EnrichedArticle

PATTERNS = [
    {"label": "PERSON", "pattern": "Ada Obi"},
    {"label": "PERSON", "pattern": "Obi"},
    {"label": "ORG", "pattern": "Harbour Union"},
    {"label": "GPE", "pattern": "Ghana"},
    {"label": "NORP", "pattern": "Ghanaian"},
    {"label": "DATE", "pattern": "Monday"},
]
STORY = (
    "ACCRA — The Harbour Union of Ghana went on strike on Monday.\n\n"
    "“We have waited long enough,” said Ada Obi, its leader. “Now the cranes stand still.”\n\n"
    "Obi called the offer “an insult”. The Ghanaian ministry, she said, would answer for it 🚢."
)
PIECES = [
    *"“”\"'‘’«»,.:; \n",
    "Ada Obi",
    "Obi",
    "said",
    "Harbour Union",
    "🚢",
    "Ghana",
    "he",
    "the minister",
    "Monday",
]


class Shouting:
    """A tokenizer that changes what it cuts, as another team's may."""

    def __init__(self, vocab):
        self.vocab = vocab

    def __call__(self, text):
        return Doc(self.vocab, words=text.upper().split())


def test_a_doc_s_text_is_that_of_its_words_also_where_a_tokenizer_changes_them():
    nlp = spacy.blank("en")
    assert text_of(run_pipeline(nlp, "Ada  Obi\n\nspoke ")) == "Ada  Obi\n\nspoke "
    nlp.tokenizer = Shouting(nlp.vocab)
    assert text_of(run_pipeline(nlp, "Ada  Obi")) == "ADA OBI "


def test_the_evidence_of_a_doc_is_made_once():
    doc = spacy.blank("en")("Ada Obi spoke.")
    assert attribution_evidence_of(doc) is attribution_evidence_of(doc)
    assert not attribution_evidence_of(doc).is_available


def other_pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS)
    return nlp


@pytest.fixture(scope="module")
def nlp(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pipeline") / "other"
    other_pipeline().to_disk(folder)
    return load(folder)


def enriched(nlp, text: str, headline: str | None = None) -> EnrichedArticle:
    return enrich(nlp, Article(id="1", text=text, headline=headline, language="en"))


def spans(article: EnrichedArticle):
    for entity in article.entities:
        yield from entity.mentions
    for quote in article.quotes:
        yield from (span for span in (quote, quote.cue, quote.speaker) if span is not None)


def laws_hold(article: EnrichedArticle) -> None:
    for span in spans(article):
        assert span.start < span.end
        assert article.text[span.start : span.end] == span.text
    ids = [entity.id for entity in article.entities if entity.id is not None]
    assert len(ids) == len(set(ids))
    for quote in article.quotes:
        assert 0 <= quote.confidence <= 1
        assert quote.speaker is None or quote.speaker.entity is None or quote.speaker.entity in ids
    if article.entities:
        assert sum(entity.salience for entity in article.entities) == pytest.approx(1, abs=1e-6)


def test_another_teams_pipeline_keeps_its_entities_and_gets_quotes_and_speakers(nlp):
    article = enriched(nlp, STORY)
    laws_hold(article)
    assert [(e.id, e.name) for e in article.entities][:2] == [
        ("org:harbour-union", "Harbour Union"),
        ("gpe:ghana", "Ghana"),
    ]
    assert [(q.text, q.kind, q.speaker and q.speaker.entity) for q in article.quotes] == [
        ("We have waited long enough,", "direct", "person:ada-obi"),
        ("Now the cranes stand still.", "direct", "person:ada-obi"),
        ("an insult", "mixed", "person:ada-obi"),
        ("The Ghanaian ministry, she said, would answer for it", "indirect", "person:ada-obi"),
    ]


def test_values_have_mentions_but_neither_id_nor_links(nlp):
    monday = next(e for e in enriched(nlp, STORY).entities if e.type == "DATE")
    assert (monday.id, monday.links, monday.mentions[0].text) == (None, {}, "Monday")


def test_countries_and_their_people_link_to_iso_3166(nlp):
    links = {e.name: e.links for e in enriched(nlp, STORY).entities if e.links}
    assert links == {"Ghana": {"iso3166": "GH"}, "Ghanaian": {"iso3166": "GH"}}


def test_a_headline_helps_and_has_no_spans(nlp):
    def with_headline(headline):
        return {e.name: e.salience for e in enriched(nlp, STORY, headline).entities}

    assert with_headline("Harbour Union on strike")["Harbour Union"] > with_headline(None)["Harbour Union"]
    assert enriched(nlp, "Nothing here.", "Ada Obi").entities == ()


def test_twice_gives_the_same_record(nlp):
    assert enriched(nlp, STORY) == enriched(nlp, STORY)


@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=60))
def test_laws_hold_over_any_mix_of_marks_names_and_lines(nlp, pieces):
    laws_hold(enriched(nlp, " ".join(pieces)))
    laws_hold(enriched(nlp, "".join(pieces)))


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200))
def test_laws_hold_over_any_text(nlp, text):
    laws_hold(enriched(nlp, text))
