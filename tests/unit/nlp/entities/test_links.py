"""Places are linked only where the article leaves no doubt which is meant."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.languages import known_languages
from worker.nlp.entities.cities import cities, cities_called
from worker.nlp.entities.countries import countries_of
from worker.nlp.entities.groups import group_mentions
from worker.nlp.entities.place_words import place_words
from worker.nlp.wordlists import shared_rows

CAIRO, PARIS, TRIPOLI_LEBANON, TRIPOLI_LIBYA = "360630", "2988507", "266826", "2210247"


@pytest.mark.parametrize(
    ("marked", "name", "geonames"),
    [
        ("They met in [Cairo|LOC].", "Cairo", CAIRO),
        ("[CAIRO|LOC] (Wire) — Trams stopped.", "CAIRO", CAIRO),
        ("[Cairo|LOC]: Trams stopped.", "Cairo", CAIRO),
        ("the capital, [Cairo|LOC], slept", "Cairo", CAIRO),
        ("in central [Cairo|LOC] on Monday", "Cairo", CAIRO),
        ("[Cairo|LOC] rejected the offer.", "Cairo", None),
        ("They met in [Paris|LOC].", "Paris", PARIS),
        ("They met in [Paris|LOC], [Texas|LOC].", "Paris", None),
        ("They met in [Paris|LOC], [France|LOC].", "Paris", PARIS),
        ("They met in [Paris|LOC], [Cairo|LOC] and elsewhere.", "Paris", PARIS),
        ("The [American|NORP] lives in [Paris|LOC].", "Paris", None),
        ("The [American|NORP] moved to [France|LOC] and lives in [Paris|LOC].", "Paris", PARIS),
        ("Rain fell in [Tripoli|LOC].", "Tripoli", None),
        ("Rain fell in [Tripoli|LOC], [Lebanon|LOC].", "Tripoli", TRIPOLI_LEBANON),
        ("[Libyan|NORP] police said rain fell in [Tripoli|LOC].", "Tripoli", TRIPOLI_LIBYA),
        ("[Libya|LOC] and [Lebanon|LOC] saw rain in [Tripoli|LOC].", "Tripoli", None),
        ("in [Washington|LOC] on Monday", "Washington", None),
        ("in [New York|LOC] on Monday", "New York", None),
        ("in [Georgia|LOC] on Monday", "Georgia", None),
        ("in [Cairo|LOC] governorate", "Cairo", None),
        ("in the province of [Cairo|LOC]", "Cairo", None),
        ("[Amr Cairo|PERSON] stood in [Cairo|LOC].", "Cairo", None),
        ("in [Cairo|ORG] on Monday", "Cairo", None),
    ],
)
def test_a_city_is_linked_where_it_can_be_no_other(marked, name, geonames):
    groups = {group.name: group for group in group_mentions(doc_of(marked))}
    assert groups[name].geonames == geonames


def test_a_linked_city_is_a_gpe():
    assert [group.type for group in group_mentions(doc_of("in [Cairo|LOC]"))] == ["GPE"]


def test_a_well_known_city_is_a_gpe_whether_linked_or_not():
    assert [group.type for group in group_mentions(doc_of("[Cairo|LOC] refused."))] == ["GPE"]


def test_a_country_that_is_somebodys_surname_links_to_nothing():
    groups = group_mentions(doc_of("[Ruth Jordan|PERSON] wrote from [Jordan|LOC]."))
    assert [group.iso3166 for group in groups] == [None, None]


def test_a_name_means_at_most_one_city_of_a_country():
    for known in cities().values():
        assert len({city.iso3166 for city in known}) == len(known)
        assert sum(city.is_dominant for city in known) <= 1


BERLIN, WARSAW, MOSCOW, LONDON = "2950159", "756135", "524901", "2643743"


@pytest.mark.parametrize(
    ("language", "marked", "name", "geonames"),
    [
        ("fr", "Le maire est arrivé à [Varsovie|LOC] lundi.", "Varsovie", WARSAW),
        ("fr", "[Varsovie|LOC] a refusé l'offre.", "Varsovie", None),
        ("fr", "[VARSOVIE|LOC] — Les trams sont à l'arrêt.", "VARSOVIE", WARSAW),
        ("fr", "Il vit à [Londres|LOC], [Canada|LOC].", "Londres", None),
        ("fr", "Il pleut sur la province du [Caire|LOC] et à [Caire|LOC].", "Caire", None),
        ("de", "Sie trafen sich in [Warschau|LOC].", "Warschau", WARSAW),
        ("de", "Regen in [Kairo|LOC], [Ägypten|LOC].", "Kairo", CAIRO),
        ("de", "Regen in der Provinz [Kairo|LOC].", "Kairo", None),
        ("es", "El puente se abrió en [Londres|LOC].", "Londres", LONDON),
        ("it", "Il ponte è a [Londra|LOC].", "Londra", LONDON),
        ("it", "[Anna Londra|PERSON] abita a [Londra|LOC].", "Londra", None),
        ("pl", "Most otwarto w [Warszawie|LOC].", "Warszawie", WARSAW),
        ("pl", "Most otwarto w [Berlinie|LOC].", "Berlinie", BERLIN),
        ("ru", "Мост открыли в [Москве|LOC].", "Москве", MOSCOW),
        ("ru", "[Москва|LOC] отказалась.", "Москва", None),
        ("uk", "Міст відкрили у [Варшаві|LOC].", "Варшаві", WARSAW),
        ("fi", "Silta avattiin [Lontoossa|LOC].", "Lontoossa", LONDON),
        ("fi", "[Lontoo|LOC] kieltäytyi.", "Lontoo", None),
        ("sv", "Bron öppnades i [Köpenhamn|LOC].", "Köpenhamn", "2618425"),
        ("sw", "Daraja lilifunguliwa mjini [London|LOC].", "London", LONDON),
    ],
)
def test_a_city_is_linked_by_its_name_in_the_article_s_language(language, marked, name, geonames):
    groups = {group.name: group for group in group_mentions(doc_of(marked, language))}
    assert groups[name].geonames == geonames


def test_english_articles_know_english_names_alone():
    (group,) = group_mentions(doc_of("They met in [Varsovie|LOC]."))
    assert (group.type, group.geonames) == ("LOC", None)


def test_names_in_other_languages_are_of_well_known_cities_and_hide_no_english_name():
    named = [name for _, names in shared_rows("city_names.tsv") for name in names.split("|")]
    assert len(set(named)) == len(named)
    assert not cities().keys() & set(named)
    assert all(cities_called(name, "xx")[0].is_dominant for name in named)


@pytest.mark.parametrize("code", [code for code in known_languages() if code != "en"])
def test_every_language_has_its_words_for_places(code):
    folder = known_languages()[code].folder
    rows = {kind: words.split("|") for one, kind, words in shared_rows("locatives.tsv") if one == folder}
    assert rows.keys() in ({"in", "area"}, {"ending", "area"})
    said = place_words(folder)
    assert said.countries == countries_of(folder)
    for word in rows.get("in", ()):
        assert said.is_location(f"... {word} ", "Varsovia")
    for ending in rows.get("ending", ()):
        assert said.is_location("... ", f"Varsov{ending}")
    for word in rows["area"]:
        assert said.is_area(f"... {word} ", " .") or " " in word
        assert said.is_area("... ", f" {word}, ...") or " " in word
    assert not said.is_location("... ", "Varsovia")
    assert not said.is_area("... ", ", ...")
