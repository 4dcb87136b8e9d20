"""Quotes and speakers in languages that have a table, without an encoder: the tables' words alone decide."""

import pytest
import spacy

from worker.languages import known_languages
from worker.nlp.by_language import QUOTING, blank
from worker.nlp.enrich import enrich
from worker.nlp.quotes.tables import quoting_table
from worker.nlp.wordlists import language_rows
from worker.records.article import Article

PEOPLE = (
    "Ana Ruiz", "Ruiz", "Jan Lis", "Lis", "Ute Berg", "Berg", "Luc Petit", "Petit", "Eva Lund", "Lund",
    "Marta Corsini", "Corsini", "Piet Vos", "Vos", "Иван Орлов", "Орлов", "Aino Laine", "Laine",
)  # fmt: skip
TABLES = [code for code, row in known_languages().items() if language_rows(row.folder, QUOTING) is not None]


def pipeline(code):
    nlp = blank(known_languages()[code])
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": name} for name in PEOPLE])
    nlp.add_pipe("dateline_quotes", "quotes")
    nlp.add_pipe("dateline_speakers", "speakers")
    return nlp


def said(code, text):
    """What is quoted, and who says it: by name, else as the text has it, else None."""
    found = enrich(pipeline(code), Article(id="1", text=text, headline=None, language=code)).quotes
    for quote in found:
        assert text[quote.start : quote.end] == quote.text
    return [
        (quote.text, (quote.speaker.name or quote.speaker.text) if quote.speaker else None) for quote in found
    ]


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("es", "«No lo sé», dijo Ana Ruiz.", [("No lo sé", "Ana Ruiz")]),
        (
            "es",
            "—No lo sé —dijo Ana Ruiz—. Mañana veremos.",
            [("No lo sé", "Ana Ruiz"), ("Mañana veremos.", "Ana Ruiz")],
        ),
        ("es", "Según Ana Ruiz, es «tarde».", [("tarde", "Ana Ruiz")]),
        ("fr", "« Je ne sais pas », a-t-il dit à Luc Petit.", [("Je ne sais pas", "il")]),
        (
            "fr",
            "« Il faudra des jours, a précisé Luc Petit, pour tout éteindre. »",
            [("Il faudra des jours", "Luc Petit"), ("pour tout éteindre.", "Luc Petit")],
        ),
        (
            "de",
            "„Das ist falsch“, sagte am Montag die Ministerin Ute Berg.",
            [("Das ist falsch", "Ute Berg")],
        ),
        ("de", "Laut Ute Berg ist das „tot“.", [("tot", "Ute Berg")]),
        ("de", "Ute Berg hat den Plan „völlig absurd“ genannt.", [("völlig absurd", "Ute Berg")]),
        (
            "pl",
            "— Nie wiem — powiedział Jan Lis. — Zobaczymy.",
            [("Nie wiem", "Jan Lis"), ("Zobaczymy.", "Jan Lis")],
        ),
        ("pl", "Zdaniem Jan Lis to „błąd”.", [("błąd", "Jan Lis")]),
        (
            "sv",
            "– Jag vet inte, säger Eva Lund. Vi får se.",
            [("Jag vet inte", "Eva Lund"), ("Vi får se.", "Eva Lund")],
        ),
        ("sv", "»Jag vet inte», säger Eva Lund.", [("Jag vet inte", "Eva Lund")]),
        ("it", "«Non lo so», ha detto Marta Corsini.", [("Non lo so", "Marta Corsini")]),
        ("nl", "‘Ik weet het niet’, aldus Piet Vos.", [("Ik weet het niet", "Piet Vos")]),
        ("pt", "“Não sei”, disse a médica Ana Ruiz.", [("Não sei", "Ana Ruiz")]),
        ("ru", "— Не знаю, — сказал Иван Орлов.", [("Не знаю,", "Иван Орлов")]),
        ("fi", "– En tiedä, Aino Laine sanoo.", [("En tiedä", "Aino Laine")]),
    ],
)
def test_marks_and_verbs_of_each_tradition_are_known(code, text, expected):
    assert said(code, text) == expected


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("de", "„Das ist falsch“, hieß es in einer Mitteilung der Stadt.", "einer Mitteilung der Stadt"),
        ("de", "In dem Gesetzentwurf heißt es: „Die Daten sind zu löschen.“", "dem Gesetzentwurf"),
        (
            "de",
            "Die Stadt gab eine Stellungnahme ab. Darin steht: „Das ist ganz falsch.“",
            "eine Stellungnahme",
        ),
        ("de", "Seine Werke wurden von Kritikern als „völlig misslungen“ bezeichnet.", "Kritikern"),
        ("de", "Der Plan war in der Presse als „völlig misslungen“ bezeichnet worden.", "der Presse"),
        ("de", "Es kam eine Ministerin, die den Plan als „völlig absurd“ bezeichnete.", "eine Ministerin"),
        ("de", "„Das ist falsch.“ Das sagte Ute Berg in Kiel.", "Ute Berg"),
        ("de", "Der Zeitung sagte Ute Berg: „Das ist falsch.“", "Ute Berg"),
        ("de", "Als Ute Berg kam, rief der Bürgermeister: „Das ist falsch.“", "der Bürgermeister"),
        ("de", "Ute Berg, die als Kritikerin gilt, sagte: „Das ist falsch.“", "Ute Berg"),
        ("de", "Kritiker äußerten Bedenken und warfen der Regierung „Betrug“ vor.", "Kritiker"),
        ("de", "Ute Berg nannte das „falsch“, der Bürgermeister sagte, es sei „tot“.", "der Bürgermeister"),
        ("de", "Bergs Kampagne warf der Stadt vor, sie sei „völlig tot“.", "Bergs Kampagne"),
        ("de", "Ute Berg kam und sagte: „Das ist falsch.“ Und: „Es bleibt so.“", "Ute Berg"),
        (
            "it",
            "“Non lo so”, ha detto Piet Vos. La sindaca Marta Corsini farà appello. “È tardi”, ha aggiunto.",
            "Marta Corsini",
        ),
        ("es", "“No lo sé”, dijo Jan Lis. Ana Ruiz no habló. “Es tarde”, dijo ella.", "Ana Ruiz"),
        ("es", "Ana Ruiz ganó el domingo. “Estoy feliz”, dijo la alcaldesa.", "Ana Ruiz"),
    ],
)
def test_the_last_quote_is_of_whom_its_clause_tells(code, text, expected):
    assert said(code, text)[-1][1] == expected


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "Ana Ruiz no dijo que fuera «tarde»."),
        ("es", "Nadie habló de «tarde»."),
        ("fr", "Luc Petit n'a jamais parlé d'un « complot »."),
        ("de", "Ute Berg sagte nicht, der Plan sei „tot“."),
        ("de", "Niemand nannte den Plan „absurd“."),
        ("sv", "Eva Lund sade inte att det är ”slut”."),
        ("pl", "Jan Lis nigdy nie mówił o „spisku”."),
        ("de", "Ute Berg hat den Plan nie „tot“ genannt."),
        ("nl", "Piet Vos heeft nooit van een “complot” gesproken."),
        ("cs", "Jan Lis neřekl, že je to „konec“."),
    ],
)
def test_what_nobody_said_is_no_quote(code, text):
    assert said(code, text) == []


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "El plan «Ribera» costará mucho."),
        ("de", "Der Film „Das Boot“ läuft heute."),
        ("sv", "Planen ”Nya stränder” börjar i juni."),
    ],
)
def test_names_and_titles_in_marks_are_no_quotes(code, text):
    assert said(code, text) == []


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        # Gender and number of pronouns and of verbs.
        ("es", "Ana Ruiz llegó con Luc Petit. «Es tarde», dijo ella.", "Ana Ruiz"),
        ("de", "Ute Berg traf Jan Lis. „Es ist spät“, sagte er.", "Jan Lis"),
        ("de", "Ute Berg traf Jan Lis. „Es ist spät“, sagte sie.", "Ute Berg"),
        ("pl", "Jan Lis spotkał Ana Ruiz. „Jest późno” – powiedziała.", "Ana Ruiz"),
        # Offices that are taken up, and what belongs to somebody.
        ("es", "La alcaldesa Ana Ruiz llegó. «Es tarde», dijo la alcaldesa.", "Ana Ruiz"),
        ("es", "«Es tarde», dijo el abogado de Ana Ruiz.", "el abogado de Ana Ruiz"),
        ("sv", "”Det är sent”, sade Lunds advokat.", "Lunds advokat"),
        ("de", "„Es ist spät“, sagte ein Bauer.", "ein Bauer"),
    ],
)
def test_who_is_meant_is_told_by_gender_office_and_possession(code, text, expected):
    assert said(code, text)[-1][1] == expected


def test_whose_lawyer_speaks_is_told():
    text = "«Es tarde», dijo el abogado de Ana Ruiz."
    (quote,) = enrich(pipeline("es"), Article(id="1", text=text, headline=None, language="es")).quotes
    assert (quote.speaker.entity, quote.speaker.of) == (None, "person:ana-ruiz")


def test_nobody_speaks_where_nothing_tells():
    assert said("de", "„Es ist spät, und wir gehen jetzt alle nach Hause.“") == [
        ("Es ist spät, und wir gehen jetzt alle nach Hause.", None)
    ]


def test_another_team_s_pipeline_reads_by_its_article_s_language():
    nlp = spacy.blank("xx")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Ana Ruiz"}])
    nlp.add_pipe("dateline_quotes", "quotes")
    nlp.add_pipe("dateline_speakers", "speakers")
    article = Article(id="1", text="—No lo sé —dijo Ana Ruiz.", headline=None, language="es")
    assert [quote.text for quote in enrich(nlp, article).quotes] == ["No lo sé"]


@pytest.mark.parametrize("code", TABLES)
def test_every_table_is_read_and_no_cue_is_a_word_that_ends_a_phrase(code):
    table = quoting_table(known_languages()[code].folder)
    assert table is not None
    assert len(table.kinds["cues"]) > 50
    assert table.kinds["cues"].isdisjoint(table.kinds["stops"] | table.kinds["prepositions"])
    assert all(word == word.lower() for words in table.kinds.values() for word in words)


@pytest.mark.parametrize("code", TABLES)
def test_what_follows_from_a_table_is_put_together_once_and_lacks_nothing(code):
    table = quoting_table(known_languages()[code].folder)
    assert table is not None
    reports = table.of_reports
    assert reports is table.of_reports
    assert reports.kinds["cues"] == table.kinds["cues"] | table.kinds["report verbs"]
    for one in (table, reports):
        assert all(one.is_cue(word) for word in one.kinds["cues"] | one.negated)
        assert one.kinds["cues"] | one.kinds["emerges"] <= one.telling
        assert one.telling >= {*one.phrases["credits"], *one.phrases["postposed"]}
        assert one.kinds["cues"] | one.kinds["stops"] | one.kinds["prepositions"] <= one.closed


def test_a_verb_of_saying_may_begin_with_what_denies_it():
    czech = quoting_table("cs")
    assert czech is not None
    assert {"neřekl", "neřekla"} <= czech.negated
    assert "řekl" not in czech.negated


def test_english_has_no_table():
    assert quoting_table("en") is None
