"""Places are linked only where the article leaves no doubt which is meant."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.entities.cities import cities
from worker.nlp.entities.groups import group_mentions

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
