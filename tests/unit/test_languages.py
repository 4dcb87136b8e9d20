"""The table of languages, and what a tag means by it."""

import pytest

from worker.commands.score.command import FLOORS
from worker.languages import codes_of, known_languages, language_of, languages_by_default, languages_of_model


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), (" en ", "en"), ("pt-BR", "pt"), ("zh-Hans", "zh"),
        ("no", "no"), ("nb", "no"), ("nn", "no"), ("nb-NO", "no"), ("NN_no", "no"), ("mo", "ro"),
        ("in", "id"), ("sr-Latn", "sr"), ("Klingonese", "klingonese"), ("", ""),
    ],
)  # fmt: skip
def test_a_tag_of_any_form_means_a_language(tag, language):
    assert language_of(tag) == language


@pytest.mark.parametrize(
    ("tag", "codes"),
    [("en-GB", ("en-gb", "en")), ("en_GB", ("en_gb", "en")), ("nb", ("nb", "no")), ("fr", ("fr",)), ("", ())],
)
def test_rules_and_searches_find_a_tag_by_each_of_its_codes(tag, codes):
    assert codes_of(tag) == codes


def test_each_code_means_one_language():
    codes = [code for row in known_languages().values() for code in (row.code, *row.also)]
    assert len(codes) == len(set(codes))


def test_the_first_tier_comes_before_the_second():
    tiers = [row.tier for row in known_languages().values()]
    assert tiers == sorted(tiers)
    assert set(tiers) == {1, 2}
    assert tiers.count(1) == 14
    assert tiers.count(2) == 6


def test_english_comes_first_and_has_the_floor_that_is_checked():
    first = next(iter(known_languages().values()))
    assert (first.code, first.floor) == ("en", FLOORS["names"])


def test_what_is_on_is_read_by_the_model_and_english_is():
    assert languages_by_default()[0] == "en"
    assert set(languages_by_default()) <= set(languages_of_model())
