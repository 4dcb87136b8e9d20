"""Reports by construction, from made-up scores: content, cues and sources are what a case says they are."""

import re

import pytest

from worker.nlp.entities.group import Group
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import quoting_table
from worker.nlp.speakers.constructions import SpokenSentence
from worker.nlp.speakers.mentions import Mentions
from worker.nlp.speakers.reports.find import with_told_reports

PEOPLE = (
    "Ana Ruiz",
    "Luc Petit",
    "Marta Corsini",
    "Piet Vos",
    "Eva Lund",
    "Jan Lis",
    "Ute Berg",
    "Aino Laine",
)
LOW, HIGH = 0.05, 0.8


class MadeUpEvidence:
    """Scores that are high for the words in the given parts of the text, and low for all others."""

    is_available = True

    def __init__(self, text, content, cue, source):
        self._words = [(found.start(), found.end()) for found in re.finditer(r"\w+", text)]
        self._scores = {
            kind: [HIGH if self._within(text, parts, start) else LOW for start, _ in self._words]
            for kind, parts in (("content", content), ("cue", cue), ("source", source))
        }

    @staticmethod
    def _within(text, parts, at):
        return any(text.index(part) <= at < text.index(part) + len(part) for part in parts)

    def _of(self, kind, start, end):
        return [s for (a, _), s in zip(self._words, self._scores[kind], strict=True) if start <= a < end]

    def content(self, start, end):
        found = self._of("content", start, end)
        return sum(found) / len(found) if found else LOW

    def cue(self, start, end):
        return max(self._of("cue", start, end), default=LOW)

    def source(self, start, end):
        return max(self._of("source", start, end), default=LOW)

    def sources(self, at_least=0.5):
        return []


def told(code, text, *, content=(), cue=(), source=(), quotes=()):
    """What is reported, by which cue and by whom, as the text has it."""
    table, words = quoting_table(code), SpokenWords(text)
    evidence = MadeUpEvidence(text, content, cue, source)
    groups = [
        Group(name, "PERSON", ((text.index(name), text.index(name) + len(name)),))
        for name in PEOPLE
        if name in text
    ]
    quoted = [(quote.start, quote.end) for quote in quotes if quote.kind != "indirect"]
    mentions = Mentions(words, groups, table, evidence, quoted)
    article = SpokenSentence(
        words, 0, 0, len(text), len(text), mentions, evidence, table, lambda place: False
    )
    found = with_told_reports(list(quotes), Sentences(text, quoted), article)

    def part(span):
        return text[span[0] : span[1]] if span is not None else None

    return [(part((q.start, q.end)), part(q.cue), part(q.speaker)) for q in found]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (
            "es",
            "Según Ana Ruiz, el puente cerrará el lunes.",
            ("el puente cerrará el lunes", "Según", "Ana Ruiz"),
        ),
        (
            "fr",
            "Le pont fermera lundi matin, selon Luc Petit.",
            ("Le pont fermera lundi matin", "selon", "Luc Petit"),
        ),
        (
            "it",
            "Il ponte, secondo Marta Corsini, chiuderà lunedì.",
            ("Il ponte, secondo Marta Corsini, chiuderà lunedì", "secondo", "Marta Corsini"),
        ),
        (
            "nl",
            "Volgens Piet Vos gaat de brug maandag dicht.",
            ("gaat de brug maandag dicht", "Volgens", "Piet Vos"),
        ),
        (
            "sv",
            "Bron ska enligt Eva Lund stängas på måndag.",
            ("Bron ska enligt Eva Lund stängas på måndag", "enligt", "Eva Lund"),
        ),
        (
            "fi",
            "Aino Laine mukaan silta suljetaan jo maanantaina.",
            ("silta suljetaan jo maanantaina", "mukaan", "Aino Laine"),
        ),
    ],
)
def test_a_credit_stands_first_last_or_within(code, text, expected):
    cue, who = expected[1], expected[2]
    rest = text.replace(who, "|").replace(cue, "|").strip(".")
    content = [part.strip(" ,") for part in rest.split("|") if part.strip(" ,")]
    assert told(code, text, content=content, cue=(cue,), source=(who,)) == [expected]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (
            "es",
            "El puente cerrará el lunes, informó la empresa.",
            ("El puente cerrará el lunes", "informó", "la empresa"),
        ),
        (
            "de",
            "Die Brücke bleibe bis Montag zu, betonte Ute Berg.",
            ("Die Brücke bleibe bis Montag zu", "betonte", "Ute Berg"),
        ),
        (
            "sv",
            "Bron stängs på måndag, uppger polisen.",
            ("Bron stängs på måndag", "uppger", "polisen"),
        ),
        (
            "pl",
            "Most zamkną w poniedziałek rano, jak powiedział Jan Lis.",
            ("Most zamkną w poniedziałek rano", "powiedział", "Jan Lis"),
        ),
        (
            "pt",
            "Como explicou Ana Ruiz, a ponte fecha na segunda-feira.",
            ("a ponte fecha na segunda-feira", "explicou", "Ana Ruiz"),
        ),
        (
            "cs",
            "Policie oznámila, že most zavře v pondělí ráno.",
            ("že most zavře v pondělí ráno", "oznámila", "Policie"),
        ),
        (
            "es",
            "Informó Ana Ruiz que el puente cerrará el lunes.",
            ("que el puente cerrará el lunes", "Informó", "Ana Ruiz"),
        ),
    ],
)
def test_a_verb_of_nothing_but_saying_needs_no_encoder(code, text, expected):
    assert told(code, text) == [expected]


@pytest.mark.parametrize(
    ("code", "text", "content", "expected"),
    [
        (
            "nl",
            "Uit het rapport blijkt dat de brug maandag dichtgaat.",
            "dat de brug maandag dichtgaat",
            ("dat de brug maandag dichtgaat", "blijkt", "het rapport"),
        ),
        (
            "de",
            "Jede fünfte Brücke ist alt, wie aus einem Bericht hervorgeht.",
            "Jede fünfte Brücke ist alt",
            ("Jede fünfte Brücke ist alt", "hervorgeht", "einem Bericht"),
        ),
    ],
)
def test_what_a_document_shows_is_its_report(code, text, content, expected):
    assert told(code, text, content=(content,)) == [expected]


@pytest.mark.parametrize(
    ("code", "text", "scored"),
    [
        # Nobody is known to speak, and the encoder sees no source.
        ("fr", "Selon les saisons, les bergers montent vers les sommets.", {"cue": ("Selon",)}),
        ("sv", "Bussen gick enligt planen klockan nio på kvällen.", {"cue": ("enligt",)}),
        # What is credited reads as no report, and its cue as none.
        ("nl", "De trein reed volgens de gemeente langs de rivier.", {}),
        # The clause of the verb is a condition.
        (
            "nl",
            "Wanneer Piet Vos zegt dat hij iets heeft gevonden, juicht de zaal.",
            {"content": ("dat hij iets",)},
        ),
        ("es", "Ana Ruiz no dijo que el puente cerrará el lunes.", {"content": ("que el puente cerrará",)}),
        # The noun before "that" has the clause.
        ("es", "Ana Ruiz expresó su deseo de que el puente cierre.", {"content": ("que el puente cierre",)}),
        (
            "es",
            "Según el cual, Ana Ruiz perdió la apuesta del lunes.",
            {"cue": ("Según",), "source": ("el cual",)},
        ),
        ("es", "¿El puente cerrará el lunes, según Ana Ruiz?", {"content": ("El puente cerrará el lunes",)}),
        # A relative clause, whose verb is none of saying alone.
        ("sv", "Rapporten, som Eva Lund kritiserade, är borta sedan i går.", {}),
    ],
)
def test_where_nobody_reports_or_the_bounds_are_unsure_there_is_no_report(code, text, scored):
    assert told(code, text, **scored) == []


def test_a_relative_clause_is_told_by_whom_it_belongs_to():
    text = "Eva Lund mötte Ana Ruiz, som sade att bron är stängd idag."
    assert told("sv", text) == [("att bron är stängd idag", "sade", "Ana Ruiz")]


def test_what_stands_in_apposition_to_a_source_is_no_part_of_the_report():
    text = "Bron stängs på måndag, enligt Eva Lund, chef för vägarna."
    scored = {"content": ("Bron stängs på måndag",), "cue": ("enligt",), "source": ("Eva Lund",)}
    assert told("sv", text, **scored) == [("Bron stängs på måndag", "enligt", "Eva Lund")]


def test_a_report_by_construction_goes_before_the_encoders_and_leaves_marks_alone():
    text = "Bron stängs på måndag, uppger polisen. Eva Lund säger att ”bron är stängd”."
    cut = QuoteSpan(0, 10, "indirect", 0.7)
    mixed = QuoteSpan(text.index("bron är"), text.index("”."), "mixed", 0.9)
    found = told("sv", text, quotes=(cut, mixed))
    assert found == [("Bron stängs på måndag", "uppger", "polisen"), ("bron är stängd", None, None)]


def test_where_reports_are_found_clause_by_clause_a_whole_one_stays():
    text = "Die Brücke bleibe bis Montag zu, betonte Ute Berg."
    begun, end = text.index("bleibe"), text.index(",")
    whole = QuoteSpan(begun, end, "indirect", 0.7, cue=(33, 40), speaker=(41, 49))
    assert told("de", text, quotes=(whole,))[0][0] == "bleibe bis Montag zu"
    lacking = QuoteSpan(begun, end, "indirect", 0.7)
    assert told("de", text, quotes=(lacking,))[0][0] == "Die Brücke bleibe bis Montag zu"


def test_a_language_without_the_words_has_no_such_reports():
    assert not quoting_table("ru").is_so("report constructions")


def test_a_sentence_of_nothing_but_telling_words_takes_no_long_time():
    text = "Según, dijo que como " * 20_000
    assert told("es", text) == []
