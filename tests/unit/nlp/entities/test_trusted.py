"""In other languages than English, labels that only English taught come out where they were found to hold."""

import re

import numpy as np
import pytest
import spacy
from spacy.tokens import Span

from worker.languages import known_languages
from worker.nlp.encoder.tags import ENTITY_TAGS, IMPOSSIBLE
from worker.nlp.entities import trusted as module
from worker.nlp.entities.groups import group_mentions
from worker.nlp.entities.trusted import (
    COUNTRIES,
    EVERY_NAME,
    LEARNT_FROM_ENGLISH,
    trusted_labels,
    without_left_out,
)
from worker.nlp.pipeline import SHIPPED

CARD = (SHIPPED / "multilingual" / "README.md").read_text(encoding="utf-8")
GERMAN = "Der italienischen Sängerin Ada Obi verlieh die Berlinale in Halle 7 ihren Bären aus Rekord."


def types(values, labels, language="de", text=GERMAN):
    """The types of the entities of a text, by their names, where an encoder found these labels in it."""
    doc = spacy.blank(language).make_doc(text)
    spans = [doc.char_span(text.index(name), text.index(name) + len(name), label) for name, label in labels]
    doc.ents = [span for span in spans if isinstance(span, Span)]
    assert len(doc.ents) == len(labels)
    doc._.values = values
    return {group.name: group.type for group in group_mentions(doc)}


FOUND = (
    ("italienischen", "NORP"),
    ("Ada Obi", "PERSON"),
    ("Berlinale", "MISC"),
    ("Halle 7", "FAC"),
    ("Bären", "NORP"),
    ("Rekord", "PRODUCT"),
)


def test_what_does_not_hold_in_the_language_is_left_out():
    assert types([], FOUND) == {"italienischen": "NORP", "Ada Obi": "PERSON"}
    spanish = "La danesa Ada Obi estrenó La casa azul en el Aragonés."
    found = [("danesa", "NORP"), ("Ada Obi", "PERSON"), ("La casa azul", "MISC"), ("Aragonés", "NORP")]
    assert types([], found, language="es", text=spanish) == {"danesa": "NORP", "Ada Obi": "PERSON"}
    assert types([], found, language="fi", text=spanish) == {"Ada Obi": "PERSON"}


@pytest.fixture
def german_misc(monkeypatch):
    """A table by which all MISC comes out in German, as none in the shipped one does."""
    monkeypatch.setattr(module, "trusted_labels", lambda: {("de", "MISC"): EVERY_NAME})
    module._left_out.cache_clear()
    yield
    module._left_out.cache_clear()


@pytest.mark.usefixtures("german_misc")
def test_every_name_of_a_label_that_holds_in_the_language_comes_out():
    assert types([], FOUND) == {"Ada Obi": "PERSON", "Berlinale": "MISC"}


def test_another_team_s_pipeline_decides_itself_and_so_does_the_english_one():
    assert len(types(None, FOUND)) == len(FOUND)


def test_a_name_that_is_left_out_leaves_no_date_behind():
    text = "Der Platz des 8. Mai war voll."
    found = types([(10, 20, "DATE")], [("Platz des 8. Mai", "FAC")], text=text)
    assert found == {}


def test_the_table_has_known_languages_and_labels():
    for (language, label), which in trusted_labels().items():
        assert language in known_languages()
        assert language != "en"
        assert label in LEARNT_FROM_ENGLISH
        assert which in (EVERY_NAME, COUNTRIES)


@pytest.mark.parametrize("code", [code for code in known_languages() if code != "en"])
def test_the_card_says_which_labels_come_out(code):
    table = CARD.split("## Other labels")[1].split("\n## ")[0]
    rows = re.findall(rf"^\|[^|]*\b{known_languages()[code].name}\b[^|]*\| (.*) \|$", table, re.M)
    assert len(rows) == 1, code
    said = {label for label in LEARNT_FROM_ENGLISH if re.search(rf"\b{label}\b", rows[0].split(" | ")[-1])}
    assert said == {label for language, label in trusted_labels() if language == code}


def scored(*rows):
    """Scores of tokens in which the given tags have these, and all others -9."""
    scores = np.full((len(rows), len(ENTITY_TAGS)), -9.0, dtype=np.float32)
    for row, given in zip(scores, rows, strict=True):
        for tag, score in given.items():
            row[ENTITY_TAGS.index(tag)] = score
    return scores


def best(scores, words, language):
    return [ENTITY_TAGS[i] for i in without_left_out(scores, words, language).argmax(axis=1)]


def test_what_is_left_out_counts_as_no_name():
    # Each of the three is less likely than ORG, and together they are not.
    scores = scored({"S-ORG": 1.0, "O": 0.6, "S-PRODUCT": 0.5, "S-FAC": 0.4})
    assert best(scores, ["Werft"], "de") == ["O"]
    assert best(scores, ["Werft"], "en") == ["S-ORG"]
    assert without_left_out(scores, ["Werft"], "en") is scores


@pytest.mark.usefixtures("german_misc")
def test_a_label_that_holds_in_the_language_stays():
    scores = scored({"S-MISC": 1.0, "O": 0.0})
    assert best(scores, ["Kirchentag"], "de") == ["S-MISC"]
    assert best(scores, ["Tauromaquia"], "es") == ["O"]


def test_peoples_stay_where_a_word_is_the_adjective_of_a_country():
    scores = scored({"S-NORP": 1.0, "O": 0.0}, {"S-NORP": 1.0, "O": 0.0})
    assert best(scores, ["Italienischen", "Roten"], "de") == ["S-NORP", "O"]


def test_dates_are_left_to_the_table_of_a_language():
    assert best(scored({"S-DATE": 1.0, "O": 0.0}), ["gestern"], "de") == ["O"]


@pytest.mark.parametrize("language", [code for code, row in known_languages().items() if row.code != "en"])
def test_what_is_left_out_is_a_sum_of_probabilities(language):
    draw = np.random.default_rng(1)
    scores = draw.normal(0, 4, (50, len(ENTITY_TAGS))).astype(np.float32)
    words = ["x"] * len(scores)
    found = without_left_out(scores, words, language)
    gone = found == IMPOSSIBLE
    share = np.exp(scores.astype(np.float64))
    expected = np.log(share[:, 0] + (share * gone).sum(axis=1))
    assert np.abs(found[:, 0] - expected).max() <= 1 / 1024
    assert {ENTITY_TAGS[i][2:] for i in np.flatnonzero(gone.all(axis=0))} >= {"FAC", "PRODUCT"}
    kept = ~gone
    kept[:, 0] = False
    assert (found[kept] == scores[kept]).all()
