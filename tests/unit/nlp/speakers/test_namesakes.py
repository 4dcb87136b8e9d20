"""People of one surname are told apart by title, kinship, first name and pronoun."""

import pytest

from tests.unit.nlp.speakers.spoken import said


def names(marked: str) -> list[str | None]:
    return [name for _, name, _ in said(marked)]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            "[Gwilym Rees|PERSON] and [Megan Rees|PERSON] keep bees at Tywyn. “They like the heather,” Mrs "
            "[Rees|PERSON] said. “They like me,” Mr [Rees|PERSON] said.",
            ["Megan Rees", "Gwilym Rees"],
        ),
        (
            "[Oksana Bondar|PERSON] lost her mill. “It burned for a day,” Mrs [Bondar|PERSON] said. Her "
            "husband, "
            "[Yurko Bondar|PERSON], dug for the safe. “It was empty,” Mr [Bondar|PERSON] said.",
            ["Oksana Bondar", "Yurko Bondar"],
        ),
        (
            "President [Anacleto Ruiz|PERSON] and his wife, [Paz Ruiz|PERSON], flew home. “I was ill,” Mrs. "
            "[Ruiz|PERSON] said. “It was the fish,” President [Ruiz|PERSON] said.",
            ["Paz Ruiz", "Anacleto Ruiz"],
        ),
        (
            "Dr [Meenakshi Pillai|PERSON] and her husband, [Biju Pillai|PERSON], run the ward. “We have "
            "six beds,” "
            "Dr [Pillai|PERSON] said. “I drive the van,” Mr [Pillai|PERSON] said.",
            ["Meenakshi Pillai", "Biju Pillai"],
        ),
        (
            "[Kwabena Ofori|PERSON] and his daughter, [Yaa Ofori|PERSON], 19, walked to Kumasi. “My feet "
            "are sore,” Ms "
            "[Ofori|PERSON] said. “We can go on now,” said Mr [Ofori|PERSON].",
            ["Yaa Ofori", "Kwabena Ofori"],
        ),
        (
            "Lord [Hugh Pemberly|PERSON] and his mother, Lady [Agatha Pemberly|PERSON], came. “Mind the "
            "roses,” Lady "
            "[Pemberly|PERSON] said. “And the geese,” Lord [Pemberly|PERSON] said.",
            ["Agatha Pemberly", "Hugh Pemberly"],
        ),
        (
            "Captain [Rosa Delgado|PERSON] and [Luis Delgado|PERSON], her husband, sailed from Callao. "
            "“The sea was "
            "flat,” Captain [Delgado|PERSON] said. “I was sick,” said Mr. [Delgado|PERSON].",
            ["Rosa Delgado", "Luis Delgado"],
        ),
        (
            "Bishop [Pita Lolo|PERSON] and his brother, [Semisi Lolo|PERSON], a senator, quarrelled. “It "
            "is a sin,” "
            "Bishop [Lolo|PERSON] said. “It is a law,” Senator [Lolo|PERSON] said.",
            ["Pita Lolo", "Semisi Lolo"],
        ),
        (
            "Sheikh [Hamad Al Rashid|PERSON] and his sister, [Sheikha Noura Al Rashid|PERSON], opened "
            "the port. “It is "
            "deep,” Sheikha [Noura|PERSON] said. “It is ours,” said Sheikh [Al Rashid|PERSON].",
            ["Noura Al Rashid", "Hamad Al Rashid"],
        ),
        (
            "[Laszlo Kiss|PERSON] was held. “I did nothing,” [Kiss|PERSON] said. His daughter [Reka "
            "Kiss|PERSON] "
            "waited. “He is old,” Ms [Kiss|PERSON] said. “I am calm,” [Kiss|PERSON] said.",
            ["Laszlo Kiss", "Reka Kiss", "Laszlo Kiss"],
        ),
        (
            "[Marek Zeman|PERSON] and [Jitka Zeman|PERSON] sell carp. [Zeman|PERSON] said she had “never "
            "liked the "
            "taste”.",
            ["Jitka Zeman"],
        ),
        (
            "[Nadia Haddad|PERSON], 41, a nurse, and [Karim Haddad|PERSON], 44, a driver, left Homs. “We "
            "walked,” the "
            "nurse said. “We ran,” Mr. [Haddad|PERSON] said.",
            ["Nadia Haddad", "Karim Haddad"],
        ),
        (
            "[Wang Mei-yu|PERSON] met her brother, [Wang Kuang-lu|PERSON], in Tainan. “He is thin,” Ms "
            "[Wang|PERSON] said. “I was fat,” Mr [Wang|PERSON] said.",
            ["Wang Mei-yu", "Wang Kuang-lu"],
        ),
    ],
)
def test_what_stands_before_a_surname_tells_whose_it_is(marked, expected):
    assert names(marked) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "[Kim Do-yun|PERSON] and [Kim Ha-eun|PERSON] dive for clams. “It is cold,” [Kim|PERSON] said.",
        "[Ann Lee|PERSON] and [Bo Lee|PERSON] keep goats. “They bite,” [Lee|PERSON] said.",
        "The twins [Arman Petrosyan|PERSON] and [Tigran Petrosyan|PERSON] won. “We were slow,” "
        "[Petrosyan|PERSON] "
        "said.",
        "[Ana Mendes|PERSON] and [Joana Mendes|PERSON] bake in Beira. “Bread is dear,” Ms "
        "[Mendes|PERSON] said.",
        "[Olena Marko|PERSON] left. Her husband, [Taras Marko|PERSON], stayed. “It rained,” "
        "[Marko|PERSON] said.",
        "[Tevita Moala|PERSON] and [Sione Moala|PERSON] row. “It is far,” the younger [Moala|PERSON] said.",
    ],
)
def test_where_nothing_tells_nobody_is_the_speaker(marked):
    assert names(marked) == [None]


def test_a_title_of_another_gender_is_another_person():
    marked = "[Olena Marko|PERSON] lost her orchard. “I was in the cellar,” Mr [Marko|PERSON] said."
    assert names(marked) == ["Marko"]


def test_a_title_and_a_surname_are_no_namesake():
    marked = "[Mullah Sediqi|PERSON] and [Haibat Sediqi|PERSON] are one. “We wait,” [Sediqi|PERSON] said."
    assert names(marked) == ["Haibat Sediqi"]
