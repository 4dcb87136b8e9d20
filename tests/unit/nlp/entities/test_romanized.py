"""Names in Latin letters, by each language's published table."""

import pytest

from worker.nlp.entities.romanized import romanized


@pytest.mark.parametrize(
    ("language", "name", "latin"),
    [
        ("ru", "Владимир Путин", "Vladimir Putin"),
        ("ru", "Борис Ельцин", "Boris Yeltsin"),
        ("ru", "Юрий Щукин", "Yuriy Shchukin"),
        ("ru", "Сергеев", "Sergeyev"),
        ("ru", "США", "SSHA"),
        ("uk", "Володимир Зеленський", "Volodymyr Zelenskyi"),
        ("uk", "В’ячеслав Чорновіл", "Viacheslav Chornovil"),
        ("uk", "Згорани", "Zghorany"),
        ("uk", "Єнакієве", "Yenakiieve"),
        ("uk", "Київ", "Kyiv"),
        ("bg", "Бойко Борисов", "Boyko Borisov"),
        ("bg", "София", "Sofia"),
        ("bg", "България", "Bulgaria"),
        ("el", "Κυριάκος Μητσοτάκης", "Kyriakos Mitsotakis"),
        ("el", "Μπακογιάννη", "Bakogianni"),
        ("el", "Ευαγγελία", "Evangelia"),
        ("el", "Αυτί", "Afti"),
        ("ru", "Google Россия", "Google Rossiya"),
    ],
)
def test_a_name_is_written_as_its_countrys_table_says(language, name, latin):
    assert romanized(name, language) == latin


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("ru", "Reuters"),
        ("pl", "Łódź"),
        ("en", "Владимир"),
        ("ru", "習近平"),
        ("ru", "Володимир Ї"),
        ("ru", ""),
    ],
)
def test_a_name_without_a_table_for_its_letters_has_none(language, name):
    assert romanized(name, language) is None
