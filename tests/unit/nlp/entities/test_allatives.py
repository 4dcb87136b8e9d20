"""The case of whoever is spoken to is known where the article has the name in another form, else possible."""

import pytest
import spacy

from worker.nlp.entities.allatives import Allatives, allatives_of
from worker.nlp.entities.groups import group_mentions

_ANY_LANGUAGE = spacy.blank("xx")


def found(language, label, names):
    """The names of an article that has these: those that are in the case, and those that may be."""
    text, spans = " … ".join(names), []
    for name in names:
        start = text.index(name, spans[-1][1] if spans else 0)
        spans.append((start, start + len(name)))
    doc = _ANY_LANGUAGE.make_doc(text)
    doc.user_data["language"] = language
    doc.ents = [doc.char_span(*span, label=label, alignment_mode="expand") for span in spans]
    told = allatives_of(text, group_mentions(doc), language)
    named = dict(zip((start for start, _ in spans), names, strict=True))
    return [named[start] for start in sorted(told.known)], [named[start] for start in sorted(told.possible)]


@pytest.mark.parametrize(
    ("label", "names", "known", "possible"),
    [
        ("ORG", ["Yle", "Ylelle"], ["Ylelle"], []),
        ("ORG", ["Ylelle", "Yle"], ["Ylelle"], []),
        ("ORG", ["Ylelle"], [], ["Ylelle"]),
        ("ORG", ["Helsingin Sanomat", "Helsingin Sanomille"], ["Helsingin Sanomille"], []),
        ("ORG", ["Ilta-Sanomille", "Ilta-Sanomat"], ["Ilta-Sanomille"], []),
        ("ORG", ["Yle", "Ylen", "Ylestä"], [], []),
        # A colon stands before no other part of a name.
        ("ORG", ["BBC:lle"], ["BBC:lle"], []),
        ("ORG", ["EU:n", "EU:ssa"], [], []),
        ("PERSON", ["Liisa Hakala", "Hakalalle"], ["Hakalalle"], []),
        ("PERSON", ["Liisa Hakala", "Liisalle"], ["Liisalle"], []),
        # These end so by themselves.
        ("PERSON", ["Kalle Virtanen", "Kalle"], [], []),
        ("PERSON", ["Kalle Virtanen", "Kallelle"], ["Kallelle"], []),
        ("PERSON", ["Mireille"], [], ["Mireille"]),
        ("PERSON", ["Mireille Aho"], [], []),
        ("PERSON", ["Ada Mireille", "Mireille"], [], ["Ada Mireille", "Mireille"]),
    ],
)
def test_the_case_of_whoever_is_told_is_known_by_another_form_of_the_name(label, names, known, possible):
    assert found("fi", label, names) == (known, possible)


@pytest.mark.parametrize("language", ["en", "de", "sv", "pl"])
def test_other_languages_have_no_such_case(language):
    assert found(language, "ORG", ["Ylelle", "Yle", "BBC:lle"]) == ([], [])
    assert allatives_of("", (), language) == Allatives()
