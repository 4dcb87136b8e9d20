"""In other languages than English, labels that only English taught come out where they were found to hold."""

import re

import pytest
import spacy
from spacy.tokens import Span

from worker.languages import known_languages
from worker.nlp.entities.groups import group_mentions
from worker.nlp.entities.trusted import COUNTRIES, EVERY_NAME, LEARNT_FROM_ENGLISH, trusted_labels
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
    kept = {"danesa": "NORP", "Ada Obi": "PERSON", "La casa azul": "MISC"}
    assert types([], found, language="es", text=spanish) == kept
    assert types([], found, language="fi", text=spanish) == {"Ada Obi": "PERSON"}


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
