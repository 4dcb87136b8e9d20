"""Whoever is spoken to, by the case of the name, is not who speaks, whatever the encoder's scores are."""

import pytest

from tests.unit.nlp.speakers.reports.test_told_in import MadeUpEvidence
from worker.nlp.entities.allatives import allatives_of
from worker.nlp.entities.group import Group
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import quoting_table
from worker.nlp.speakers.by_table import TableSpeakers

YLE = Group("Yle", "ORG", ())
HAKALA = Group("Liisa Hakala", "PERSON", ())
NAMES = {
    "Ylelle": YLE,
    "Hakalalle": HAKALA,
    # Of these the article has no other form.
    "Reutersille": Group("Reutersille", "ORG", ()),
    "Mireille": Group("Mireille", "PERSON", ()),
    "Risto Aalto": Group("Risto Aalto", "PERSON", ()),
    "Oulun": Group("Oulu", "GPE", ()),
}


class Tagged(MadeUpEvidence):
    """What the encoder takes for a source is one, and nothing else."""

    def __init__(self, text, source, cue, content):
        super().__init__(text, content, cue, source)
        self._spans = [(text.index(part), text.index(part) + len(part)) for part in source]

    def sources(self, at_least=0.5):
        return self._spans


def said_by(text, *, source=(), cue=(), content=(), report=None):
    """Who says the quote within marks, or `report`: what is said, who is tagged as its source, its verb."""
    groups = [
        Group(group.name, group.type, ((text.index(name), text.index(name) + len(name)),))
        for name, group in NAMES.items()
        if name in text
    ]
    if report is None:
        quote = QuoteSpan(text.index("”") + 1, text.rindex("”"), "direct", 1.0)
    else:
        what, speaker, verb = ((text.index(part), text.index(part) + len(part)) for part in report)
        quote = QuoteSpan(*what, "indirect", 0.9, cue=verb, speaker=speaker)
    speakers = TableSpeakers(
        SpokenWords(text),
        groups,
        [quote],
        Tagged(text, source, cue, content),
        quoting_table("fi"),
        allatives_of(text, groups, "fi"),
    )
    (found,) = speakers.attributed()
    return text[slice(*found.speaker)] if found.speaker else None


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("”Emme tienneet”, sanoi Ylelle Risto Aalto.", "Risto Aalto"),
        ("”Emme tienneet”, sanoi Hakalalle Risto Aalto.", "Risto Aalto"),
        ("”Emme tienneet”, sanoi tri Hakalalle Risto Aalto.", "Risto Aalto"),
        ("Tri Hakalalle sanoi Risto Aalto: ”Emme tienneet.”", "Risto Aalto"),
        ("Ylelle sanoi Risto Aalto: ”Emme tienneet.”", "Risto Aalto"),
        ("Hakalalle sanoi Risto Aalto: ”Emme tienneet.”", "Risto Aalto"),
        ("”Emme tienneet”, sanoi johtaja Ylelle.", "johtaja"),
        # Nobody is named who could have said it.
        ("Ylelle kutsui hanketta ”turhaksi”.", None),
        ("Ylelle hanketta nimitettiin ”turhaksi”.", None),
        ("Hankkeesta ”turhana” kirjoitettiin Ylelle.", None),
    ],
)
def test_a_name_in_the_case_of_whoever_is_told_never_speaks(text, who):
    told = "Hakalalle" if "Hakalalle" in text else "Ylelle"
    assert said_by(text, source=(told,)) == who
    assert said_by(text) == who


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("”Emme tienneet”, sanoi Reutersille Risto Aalto.", "Risto Aalto"),
        ("Reutersille sanoi Risto Aalto: ”Emme tienneet.”", "Risto Aalto"),
        ("”Emme tienneet”, sanoi Mireille.", "Mireille"),
        ("”Emme tienneet”, sanoi Mireille ja Risto Aalto.", "Mireille"),
        ("”Emme tienneet”, sanoi Mireille Ylelle.", "Mireille"),
        ("”Emme tienneet”, sanoi Mireille Oulun torilla.", "Mireille"),
        ("Mireille sanoi: ”Emme tienneet.”", "Mireille"),
    ],
)
def test_a_name_that_may_be_in_that_case_speaks_where_nobody_else_does(text, who):
    named = "Mireille" if "Mireille" in text else "Reutersille"
    assert said_by(text, source=(named,)) == who


def test_a_report_that_is_tagged_as_of_whoever_is_told_is_of_its_subject():
    text = "Silta suljetaan maanantaina, kertoi Ylelle Risto Aalto."
    assert said_by(text, report=("Silta suljetaan maanantaina", "Ylelle", "kertoi")) == "Risto Aalto"


def test_who_spoke_to_somebody_is_credited_and_not_they():
    text, said = "Hakalalle puhuneen tutkijan mukaan silta suljetaan jo maanantaina.", "silta suljetaan"
    who = "Hakalalle puhuneen tutkijan"
    found = said_by(text, source=(who,), cue=("mukaan",), content=(said,), report=(said, who, "mukaan"))
    assert found == "puhuneen tutkijan"
