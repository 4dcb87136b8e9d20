"""Declined forms of a name are one entity, and no two people are."""

import re

import pytest
import spacy

from worker.nlp.entities.base_forms import base_forms_of_others, base_forms_of_people
from worker.nlp.entities.declension import declension
from worker.nlp.entities.groups import group_mentions

_ANY_LANGUAGE = spacy.blank("xx")
_MARKED = re.compile(r"([A-Z]+): ([^;]+)")


def groups(language, names):
    """The entities of "PERSON: Tusk, Tuska; LOC: Warszawa": each its name, country and forms."""
    text, spans = "", []
    for label, listed in _MARKED.findall(names):
        for name in listed.split(", "):
            spans.append((len(text), len(text) + len(name), label))
            text += f"{name} … "
    doc = _ANY_LANGUAGE.make_doc(text)
    doc.user_data["language"] = language
    doc.ents = [doc.char_span(*span[:2], label=span[2], alignment_mode="expand") for span in spans]
    return [
        (group.name, group.iso3166, [text[start:end] for start, end in group.mentions])
        for group in group_mentions(doc)
    ]


def joined(language, names):
    return [forms for _, _, forms in groups(language, names)]


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("pl", "PERSON: Donald Tusk, Tuska, Tuskowi, Donaldem Tuskiem"),
        ("pl", "PERSON: Zbigniew Ziobro, Ziobry, Zbigniewa Ziobrę"),
        ("pl", "PERSON: Władysław Kosiniak-Kamysz, Kosiniaka-Kamysza, Władysława Kosiniaka-Kamysza"),
        ("pl", "PERSON: Nicolas Sarkozy, Sarkozy’ego"),
        ("pl", "PERSON: Donalda Tuska, Tuskowi"),
        ("pl", "ORG: Sąd Najwyższy, Sądu Najwyższego"),
        ("pl", "ORG: PiS, PiS-u, PiS-em"),
        ("pl", "ORG: Ministerstwa Obrony, Ministerstwu Obrony"),
        ("cs", "PERSON: Miloš Zeman, Miloše Zemana, Zemanovi"),
        ("cs", "PERSON: Marek Benda, Marka Bendy, Bendovi"),
        ("cs", "LOC: Praha, Prahy, Praze"),
        ("hr", "PERSON: Andrej Plenković, Plenkovića, Andrejem Plenkovićem"),
        ("hr", "PERSON: Nikola Gruevski, Nikole Gruevskog, Gruevskom"),
        ("hr", "ORG: SDP, SDP-a, SDP-u"),
        ("fi", "LOC: Helsinki, Helsingissä, Helsinkiin"),
        ("fi", "PERSON: Mikael Rautanen, Rautasen, Rautaselle"),
        ("fi", "PERSON: Sanna Marin, Marinin, Marin"),
        ("fi", "ORG: EU, EU:n, EU:ssa"),
        ("ru", "PERSON: Владимир Зеленский, Зеленского, Владимиру Зеленскому"),
        ("ru", "PERSON: Никита Хрущёв, Никиты Хрущева, Хрущеву"),
        ("ru", "PERSON: Дэвид Дэвис, Д. Дэвис, Дэвиса"),
        ("ru", "ORG: Министерство обороны, министерства обороны"),
        ("uk", "PERSON: Володимир Зеленський, Зеленського"),
        ("uk", "PERSON: Ігор Слюзар, Ігоря Слюзара"),
        ("uk", "LOC: Київ, Києва, Києві"),
        ("bg", "ORG: Европейски съюз, Европейския съюз"),
        ("ro", "PERSON: Maria Popescu, Mariei Popescu"),
        ("ro", "ORG: Guvernul, Guvernului"),
        ("sv", "PERSON: Stefan Löfven, Löfvens"),
        ("da", "LOC: Danmark, Danmarks"),
        ("nb", "LOC: Oslo, Oslos"),
        ("de", "PERSON: Angela Merkel, Angela Merkels, Merkels"),
        ("de", "ORG: Europäische Union, Europäischen Union"),
    ],
)
def test_forms_of_one_name_are_one_entity_named_by_its_base_form(language, names):
    ((name, _, forms),) = groups(language, names)
    listed = names.partition(": ")[2].split(", ")
    assert forms == listed
    assert name == listed[0]


@pytest.mark.parametrize(
    ("language", "names", "expected"),
    [
        ("cs", "PERSON: Petr Novák, Petra Nováková", [["Petr Novák"], ["Petra Nováková"]]),
        (
            "cs",
            "PERSON: Petr Novák, Petra Nováková, Nováka, Novákové, Petra Nováka",
            [["Petr Novák", "Nováka", "Petra Nováka"], ["Petra Nováková", "Novákové"]],
        ),
        ("cs", "PERSON: Martin, Martina, Martinovi", [["Martin", "Martinovi"], ["Martina"]]),
        (
            "pl",
            "PERSON: Jan Kowalski, Anna Kowalska, Kowalskiego, Kowalskiej",
            [["Jan Kowalski", "Kowalskiego"], ["Anna Kowalska", "Kowalskiej"]],
        ),
        ("pl", "PERSON: Jan Nowak, Jana Nowak", [["Jan Nowak"], ["Jana Nowak"]]),
        ("pl", "PERSON: Anna Nowak, Nowaka", [["Anna Nowak"], ["Nowaka"]]),
        (
            "pl",
            "PERSON: Anna Nowak, Jan Nowak, Nowaka, Annie Nowak",
            [["Anna Nowak", "Annie Nowak"], ["Jan Nowak", "Nowaka"]],
        ),
        (
            "pl",
            "PERSON: Lech Kaczyński, Jarosław Kaczyński, Lecha Kaczyńskiego, "
            "Jarosława Kaczyńskiego, Kaczyńskich",
            [
                ["Lech Kaczyński", "Lecha Kaczyńskiego"],
                ["Jarosław Kaczyński", "Jarosława Kaczyńskiego"],
                ["Kaczyńskich"],
            ],
        ),
        (
            "ru",
            "PERSON: Пётр Иванов, Анна Иванова, Иванова, Ивановым, Ивановой",
            [["Пётр Иванов", "Ивановым"], ["Анна Иванова", "Ивановой"], ["Иванова"]],
        ),
        (
            "ru",
            "PERSON: Александр Иванов, Александра Иванова, Александры Ивановой",
            [["Александр Иванов"], ["Александра Иванова"], ["Александры Ивановой"]],
        ),
        ("ru", "PERSON: Сергей Иванов, Мария Иванова", [["Сергей Иванов"], ["Мария Иванова"]]),
        ("hr", "PERSON: Ivana Horvat, Horvata", [["Ivana Horvat"], ["Horvata"]]),
        ("uk", "PERSON: Олена Шевчук, Шевчука", [["Олена Шевчук"], ["Шевчука"]]),
        ("de", "PERSON: Winnie Peters, Peter Maier, Peters", [["Winnie Peters", "Peters"], ["Peter Maier"]]),
        ("fi", "PERSON: Mari Virta, Sanna Marin, Marin", [["Mari Virta"], ["Sanna Marin", "Marin"]]),
    ],
)
def test_two_people_are_never_one(language, names, expected):
    assert joined(language, names) == expected


def test_the_language_is_that_of_the_pipeline_if_it_has_one():
    doc = spacy.blank("pl").make_doc("Tusk i Tuska")
    doc.ents = [doc.char_span(0, 4, label="PERSON"), doc.char_span(7, 12, label="PERSON")]
    assert [group.mentions for group in group_mentions(doc)] == [((0, 4), (7, 12))]


def test_without_its_base_form_a_name_is_the_form_found_most():
    assert groups("ru", "ORG: Евросоюзом, Евросоюза, Евросоюза")[0][0] == "Евросоюза"


def test_a_language_without_a_table_joins_equal_names_alone():
    assert joined("fr", "PERSON: Emmanuel Macron, Macrons") == [["Emmanuel Macron"], ["Macrons"]]


@pytest.mark.parametrize(
    ("language", "names", "codes"),
    [
        ("pl", "LOC: Niemczech; LOC: Stanów Zjednoczonych; LOC: Indii; NORP: niemieckiego", "DE US IN DE"),
        ("cs", "LOC: Česku; LOC: Spojených států; LOC: Velké Británii", "CZ US GB"),
        ("hr", "LOC: Hrvatskoj; LOC: Bosne i Hercegovine; LOC: Njemačke", "HR BA DE"),
        ("fi", "LOC: Suomessa; LOC: Yhdysvalloissa; LOC: Venäjän; LOC: Iso-Britannian", "FI US RU GB"),
        ("ru", "LOC: России; LOC: США; LOC: Соединённых Штатов; LOC: Польшу", "RU US PL"),
        ("uk", "LOC: Росією; LOC: Великої Британії", "RU GB"),
        ("de", "LOC: Deutschlands; LOC: Vereinigten Staaten; NORP: deutschen", "DE US DE"),
        ("fr", "LOC: États-Unis; LOC: Royaume-Uni; NORP: allemandes", "US GB DE"),
        ("es", "LOC: Estados Unidos; LOC: Alemania; NORP: alemanas", "US DE DE"),
        ("it", "LOC: Stati Uniti; LOC: Germania", "US DE"),
        ("pt", "LOC: Estados Unidos; LOC: Alemanha", "US DE"),
        ("nl", "LOC: Verenigde Staten; LOC: Duitsland; NORP: Duitse", "US DE DE"),
        ("sv", "LOC: Tysklands; LOC: USA:s; NORP: tyskt", "DE US DE"),
        ("da", "LOC: Tyskland; NORP: tyske", "DE DE"),
        ("nb", "LOC: Tyskland; LOC: USA", "DE US"),
        ("ro", "LOC: României; NORP: francezi", "RO FR"),
        ("bg", "LOC: Германия; LOC: САЩ", "DE US"),
        ("id", "LOC: Jerman; LOC: Amerika Serikat", "DE US"),
    ],
)
def test_countries_and_their_adjectives_are_linked(language, names, codes):
    assert " ".join(code or "-" for _, code, _ in groups(language, names)) == codes


@pytest.mark.parametrize(("language", "name"), [("it", "Georgia"), ("fr", "Guinée"), ("pl", "Kongo")])
def test_a_name_of_several_places_is_not_linked(language, name):
    assert groups(language, f"LOC: {name}")[0][1] is None


@pytest.mark.parametrize(
    "language", ["bg", "cs", "da", "de", "fi", "hr", "nb", "nl", "pl", "ro", "ru", "sv", "uk"]
)
def test_every_reading_of_a_name_has_its_words(language):
    table = declension(language)
    for name in (
        ("a",),
        ("anna", "maria", "nowak-kowalska"),
        ("x" * 500,),
        ("иванова",),
        ("-",),
        ("a-", "-b"),
    ):
        for reading in (*table.person(name), *table.other(name)):
            assert len(reading.base) == len(name)


def test_many_names_take_time_in_proportion():
    table = declension("ru")
    names = [(f"анна{i}", f"иванова{'аеио'[i % 4]}") for i in range(500)]
    assert len(base_forms_of_people(names, table)) == len(names)
    assert len(base_forms_of_others(names, {}, table)) <= len(names)
