"""Entity ids identify a name."""

import pytest

from worker.nlp.entities.slug import entity_ids, slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Mark Rutte", "mark-rutte"),
        ("S. M. O'Neill-Ruiz", "s-m-o-neill-ruiz"),
        ("Ａｄａ", "ada"),
        ("Straße", "strasse"),
        ("Владимир", "владимир"),
        ("東京 電力", "東京-電力"),
        ("नरेन्द्र मोदी", "नरेन्द्र-मोदी"),
        ("محمد بن سلمان", "محمد-بن-سلمان"),
        ("Αλέξης Τσίπρας", "αλέξησ-τσίπρασ"),
        ("  --x_y--  ", "x-y"),
    ],
)
def test_a_slug_keeps_letters_and_digits_of_any_script(name, expected):
    assert slug(name) == expected


def test_a_name_without_letters_still_has_a_slug_of_its_own():
    assert slug("!!!") == slug("!!!") != slug("???")


@pytest.mark.parametrize("name", ["x" * 300, "ж" * 150, "東" * 100])
def test_a_slug_of_300_bytes_is_whole(name):
    assert slug(name) == name


@pytest.mark.parametrize(
    "name", ["x" * 301, "ж" * 151, "東" * 101, "\ufdfa" * 300, "x-" * 200, "x" * 282 + "-" * 9 + "y" * 99]
)
def test_a_longer_slug_is_cut_and_stays_one_of_its_own(name):
    assert 280 <= len(slug(name).encode()) <= 300
    assert slug(name) == slug(name.upper()) == slug(slug(name))
    assert slug(name) != slug(name + "z")


def test_two_of_one_article_who_would_share_an_id_are_numbered_in_order():
    assert entity_ids(
        [("PERSON", "Ann Lee"), ("PERSON", "ann lee"), ("ORG", "Ann Lee"), ("PERSON", "ANN-LEE")]
    ) == [
        "person:ann-lee",
        "person:ann-lee-2",
        "org:ann-lee",
        "person:ann-lee-3",
    ]


def test_a_number_never_meets_a_name_that_has_it_already():
    ids = entity_ids([("ORG", "Lee 2"), ("ORG", "Lee"), ("ORG", "lee"), ("ORG", "LEE")])
    assert len(set(ids)) == 4
