"""A romanized name stands in every record that has the name, and rules and search find it."""

import json

import pytest
import spacy
from spacy.language import Language

from worker.alerts.facts import names_of
from worker.nlp.enrich import enrich
from worker.records.article import Article
from worker.records.derive import search_document
from worker.search.document import NotADocument, read_document
from worker.search.tokens import row_of

TEXT = "Володимир Зеленський прибув до Києва."


@Language.component("two_names")
def two_names(doc):
    doc.ents = [doc.char_span(0, 20, label="PERSON"), doc.char_span(31, 36, label="LOC")]
    return doc


@pytest.fixture(scope="module")
def enriched():
    nlp = spacy.blank("xx", meta={"name": "two", "version": "1"})
    nlp.add_pipe("two_names")
    return enrich(nlp, Article(id="1", text=TEXT, language="uk"))


def test_an_entity_has_it_beside_its_name_and_keeps_its_id(enriched):
    first, second = json.loads(enriched.model_dump_json())["entities"]
    assert (first["name"], first["romanized"]) == ("Володимир Зеленський", "Volodymyr Zelenskyi")
    assert first["id"] == "person:володимир-зеленський"
    assert (second["name"], second["romanized"]) == ("Києва", "Kyieva")


def test_a_language_without_a_table_has_no_such_field():
    nlp = spacy.blank("xx", meta={"name": "two", "version": "1"})
    nlp.add_pipe("two_names")
    record = enrich(nlp, Article(id="1", text=TEXT, language="en"))
    assert all("romanized" not in entity for entity in json.loads(record.model_dump_json())["entities"])


def test_a_rule_finds_it(enriched):
    entity = json.loads(enriched.model_dump_json())["entities"][0]
    assert names_of(entity) == {"володимир зеленський", "volodymyr zelenskyi"}


def test_a_search_document_has_it_by_field_and_its_words_are_found(enriched):
    written = search_document(enriched, version=1).model_dump_json()
    document = read_document(written.encode())
    assert document["romanized"] == {"people": ["Volodymyr Zelenskyi"], "places": ["Kyieva"]}
    without = {key: value for key, value in document.items() if key != "romanized"}
    assert len(row_of(document).tags) > len(row_of(without).tags)


@pytest.mark.parametrize("wrong", [[], "x", {"people": "x"}, {"people": [1]}])
def test_a_read_document_another_shape_is_refused(enriched, wrong):
    document = json.loads(search_document(enriched, version=1).model_dump_json()) | {"romanized": wrong}
    with pytest.raises(NotADocument, match="romanized takes an object of arrays of strings"):
        read_document(json.dumps(document).encode())
