"""Dates and amounts of money in nineteen languages, in sentences of our own."""

import re
import time
from itertools import pairwise

import pytest
import spacy

from worker.languages import known_languages
from worker.nlp.entities.groups import group_mentions
from worker.nlp.values.find import beside_names, values_in
from worker.nlp.values.tables import value_table

_MARKED = re.compile(r"\[([^\]]*)\]")
_SIGNS = frozenset("$€£¥₽₴₹")

# What is in brackets is found, and nothing else: an amount where a currency is in it, a date otherwise.
SENTENCES = {
    "bg": [
        "Мостът бе открит на [3 март 2021 г.] и струва [12,5 млн. лева].",
        "В [понеделник] и [сряда] срещу [200 000 евро] не бе предложено нищо.",
        "Май през [2019 г.] бяха 45 души, а през [октомври] повече.",
    ],
    "cs": [
        "Most otevřeli [5. března 2021] za [95 milionů korun], jen za rok.",
        "V [pátek 12. listopadu] a v [říjnu 2020] stál 1 500 lidí [300 Kč].",
        "Od [12. 3. 2019] to září a v roce 2010 jen dva.".replace("2010", "[2010]"),
    ],
    "da": [
        "Broen åbnede [mandag den 3. august] og kostede [210 millioner kroner].",
        "Den [1. september 2020] blev [70 kr.] til [1.500 euro] i [oktober].",
    ],
    "de": [
        "Die Brücke wurde am [Montag, dem 3. Mai 2021] für [34 Millionen Euro] eröffnet.",
        "Vom [5.–7. Juni] bis [12.03.2022] zahlten 45 Gäste je [12,50 €] oder [US$ 20].",
        "Im [März] waren es [1,2 Mrd. Dollar], ein Pfund Mehl kostete 3 Pfund Zucker.",
        "Der 1,5-Millionen-Bau und Covid-19 dauerten 2000 Tage.",
    ],
    "es": [
        "El puente se abrió el [lunes 3 de mayo de 2021] por [190 millones de euros].",
        "El [1º de enero] costaba [3.000 millones de pesetas]; en [marzo], [US$ 20].",
        "Los [2 mil millones de dólares] llegaron en [junio de 2019] con 4.500 casos.",
    ],
    "fi": [
        "Silta avattiin [maanantaina 3. toukokuuta 2021] ja maksoi [14 miljoonaa euroa].",
        "[Tammikuussa 2020] ja [lokakuussa] lippu maksoi [12 euroa], 3 kertaa 4.",
        "[Perjantaina] vuonna [2019] palattiin [4.–9. syyskuuta].",
    ],
    "fr": [
        "Le pont a ouvert [lundi 3 mai 2021] pour [3 milliards d'euros].",
        "Le [1er janvier], [12 000 francs] ou [5 millions de dollars] manquaient en [mars].",
        "La planète Mars compte 4 livres et 30 000 pierres.",
    ],
    "hr": [
        "Most je otvoren [3. svibnja 2021. godine] za [64 milijuna eura].",
        "U [srijedu] i [ožujku 2020] 45 km ceste stajalo je [2.500 kuna].",
    ],
    "id": [
        "Jembatan dibuka pada [Senin, 3 Mei 2021] dengan biaya [Rp 11 miliar].",
        "Minggu lalu 45 orang membayar [5 juta dolar AS] sejak [Agustus 2019].",
    ],
    "it": [
        "Il ponte è stato aperto [lunedì 3 maggio 2021] con [62 milioni di euro].",
        "Il [1º febbraio] costava [15mila euro]; nel [2009] erano [12 miliardi di lire].",
    ],
    "nl": [
        "De brug ging [vrijdag 2 juni 2021] open voor [58 miljoen euro].",
        "In [2010] won hij 45 keer; vanaf [mei] kost het [2,85 euro].",
    ],
    "no": [
        "Broen åpnet [mandag 3. mai 2021] og kostet [1,4 milliarder kroner].",
        "[24. juni] måtte 45 folk betale [400.000 kroner] eller [kr 500] i [mars].",
    ],
    "pl": [
        "Most otwarto w [poniedziałek, 3 maja 2021 r.] za [130 milionów złotych].",
        "W [lutym] i [styczniu 2020] bilet kosztował [12 tys. zł], a medali było 7 złotych.",
        "W [środę] o 18.30 wydano [2,5 mln euro] i [300 zł] dla 4 tysięcy osób.",
    ],
    "pt": [
        "A ponte abriu na [segunda-feira, 3 de maio de 2021] por [R$ 38 milhões].",
        "Em [março de 2020] foram [500 mil euros] e [2,7 bilhões de dólares] para 45 casas.",
    ],
    "ro": [
        "Podul s-a deschis [luni, 3 mai 2021] cu [600.000 de euro].",
        "Mai mult, [40 de milioane de lei] din [martie] nu ajung la 45 de oameni.",
    ],
    "ru": [
        "Мост открыли в [понедельник, 3 мая 2021 года] за [3,2 миллиарда рублей].",
        "В [январе 2020 года] и [2019 г.] 45 человек отдали [50 тыс. долларов].",
    ],
    "sv": [
        "Bron öppnades [måndagen den 3 maj 2021] för [640 000 kronor].",
        "På [tisdagen] och i [mars] kostade 45 turer [14,4 miljarder euro].",
    ],
    "sw": [
        "Daraja lilifunguliwa [Jumatatu 3 Mei 2021] kwa [dola milioni 64].",
        "Tangu [Machi 24] watu 45 walilipa [shilingi bilioni 2.5] mwaka [2019].",
    ],
    "uk": [
        "Міст відкрили в [понеділок, 3 травня 2021 року] за [60 мільйонів гривень].",
        "У [травні] та [п’ятницю] 45 людей дали [1,15 млн грн] за рік.",
        "Лютий мороз у [2014 р.] коштував [200 тис. доларів].",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "marked"), [(code, sentence) for code, those in SENTENCES.items() for sentence in those]
)
def test_what_is_marked_in_a_sentence_is_found_and_nothing_else(language, marked):
    text = _MARKED.sub(r"\1", marked)
    found = values_in(text, value_table(language))
    assert [text[start:end] for start, end, _ in found] == _MARKED.findall(marked)


@pytest.mark.parametrize(
    ("language", "text", "label"),
    [
        ("pl", "3 maja 2021", "DATE"),
        ("pl", "3 mln zł", "MONEY"),
        ("de", "2021-05-03", "DATE"),
        ("de", "CHF 1.200", "MONEY"),
        ("cs", "20-30 milionů eur", "MONEY"),
        ("es", "30/4/2021", "DATE"),
        ("fr", "2019/20", "DATE"),
        ("pt", "NT$ 500", "MONEY"),
        ("sw", "KES 500", "MONEY"),
        ("uk", "п'ятниця", "DATE"),
    ],
)
def test_a_value_has_its_type_and_all_of_its_words(language, text, label):
    assert values_in(f"({text})", value_table(language)) == [(1, 1 + len(text), label)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Version 3.2019 und A-2019 und 2019er"),
        ("de", "am 45. Mai-Tag, EUR 5, 12 Uhr, 2000 Menschen, 1450"),
        ("de", "3\nMillionen Euro" "x"),
        ("en", "Monday, 3 May 2021, $5"),
        ("fi", "2020-luvulla"),
        ("fr", "Mars attaque, 15 %, 2019 %"),
        ("hr", "45 km"),
        ("pl", "12-15 osób, 007 zł-owych"),
        ("ro", "mai mult de 20 de ani"),
        ("sv", "kr och 500kronor2"),
    ],
)  # fmt: skip
def test_what_is_no_value_or_only_part_of_a_word_is_left(language, text):
    table = value_table(language)
    assert (values_in(text, table) if table else []) == []


def test_every_language_but_english_has_a_table():
    assert {code for code in known_languages() if value_table(code)} == set(known_languages()) - {"en"}
    assert set(SENTENCES) == set(known_languages()) - {"en"}


_TEXT = "Plácido Domingo cantó el domingo por 5 dólares de Estados Unidos en la plaza 2 de Mayo"


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"Plácido Domingo": "PERSON", "domingo": "DATE"}, "Plácido Domingo|domingo|MONEY|2 de Mayo"),
        ({"Estados Unidos": "LOC"}, "domingo|MONEY|2 de Mayo"),
        ({"plaza 2 de Mayo": "LOC"}, "domingo|MONEY|plaza 2 de Mayo"),
        ({"2 de Mayo": "ORG"}, "domingo|MONEY|2 de Mayo"),
        ({"en la plaza 2": "LOC"}, "domingo|MONEY|en la plaza 2"),
        ({"5 dólares": "MONEY", "el domingo": "DATE"}, "domingo|MONEY|2 de Mayo"),
    ],
)
def test_of_a_name_and_a_value_the_longer_is_kept_or_else_the_name(names, expected):
    spans = [(_TEXT.index(name), _TEXT.index(name) + len(name), label) for name, label in names.items()]
    kept = beside_names(spans, values_in(_TEXT, value_table("es")))
    words = [_TEXT[start:end] for start, end, _ in kept]
    assert "|".join(words) == expected.replace("MONEY", "5 dólares de Estados Unidos")
    for start, end, label in spans:
        if label not in ("DATE", "MONEY") and (start, end) in [span[:2] for span in kept]:
            assert (start, end, label) in kept


def test_values_are_entities_of_a_doc_and_the_encoder_s_own_are_not():
    nlp = spacy.blank("pl")
    nlp.add_pipe("dateline_values")
    text = "Tusk zapłacił w poniedziałek 5 mln zł, a w maju Tusk 100 zł."
    doc = nlp(text)
    doc.ents = [
        doc.char_span(text.index(name), text.index(name) + len(name), label=label)
        for name, label in (("Tusk", "PERSON"), ("zapłacił w", "DATE"), ("5 mln", "MONEY"))
    ]
    assert [(group.type, group.name) for group in group_mentions(doc)] == [
        ("PERSON", "Tusk"),
        ("DATE", "poniedziałek"),
        ("MONEY", "5 mln zł"),
        ("DATE", "maju"),
        ("MONEY", "100 zł"),
    ]


HOSTILE = (
    "1 ", "1.", "1-", "1,000 ", "$", "$ ", "US$1", "A$", "5 maja ", "maja ", "2020-", "2020/", "5.-",
    "5.–5.–", "mil mil ", "mil millones de ", "kr", "kr.", "de ", "d'", "lundi, ", "lundi 5 ", "E d M y ",
    "\u0301", "é\u0301", "\u00a0", "1\u00a0000\u00a0", "٣ ", "５ ", "\x00", "\n1", "—", "’", "_1", "5 _",
    "\U0001f4b6 5 ", "د.إ 5 ",
    "5 мая ", "млн ", "3 May 2021 ", "Jumatatu Machi 24 ", "shilingi milioni ", "пʼ", "\ud800",
)  # fmt: skip


@pytest.mark.parametrize("language", SENTENCES)
def test_hostile_texts_are_read_in_linear_time_and_spans_stay_in_order(language):
    table = value_table(language)
    for piece in HOSTILE:
        text = piece * (600 // len(piece))
        found = values_in(text, table)
        assert all(0 <= start < end <= len(text) for start, end, _ in found)
        assert all(one[1] <= other[0] for one, other in pairwise(found))
        assert all("\n" not in text[start:end] for start, end, _ in found)
    mixed = "".join(HOSTILE) * 2
    assert values_in(mixed, table) == values_in(mixed, table)


def _seconds(text, table):
    began = time.thread_time()
    values_in(text, table)
    return time.thread_time() - began


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_of_eight_times_the_length_takes_about_eight_times_as_long(piece):
    table = value_table("es")
    short, long = piece * (800 // len(piece)), piece * (6400 // len(piece))
    assert min(_seconds(long, table) for _ in range(2)) < 24 * max(
        min(_seconds(short, table) for _ in range(3)), 0.0005
    )
