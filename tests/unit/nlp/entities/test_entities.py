"""Grouping of mentions into entities: which are joined, which stay apart, and how they are named."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.entities.groups import group_mentions


def grouped(marked: str) -> dict[str, list[str]]:
    doc = doc_of(marked)
    return {
        f"{group.type} {group.name}": [doc.text[start:end] for start, end in group.mentions]
        for group in group_mentions(doc)
    }


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        pytest.param(
            "[Amina Okafor|PERSON] spoke. [Okafor|PERSON] left.",
            {"PERSON Amina Okafor": ["Amina Okafor", "Okafor"]},
            id="a surname joins the full name",
        ),
        pytest.param(
            "[Moon Ji-won|PERSON] spoke. Later [Moon|PERSON] left.",
            {"PERSON Moon Ji-won": ["Moon Ji-won", "Moon"]},
            id="a family name may stand first",
        ),
        pytest.param(
            "[Jan P. Visser|PERSON] and [Jan Visser|PERSON]",
            {"PERSON Jan P. Visser": ["Jan P. Visser", "Jan Visser"]},
            id="a middle initial makes no other person",
        ),
        pytest.param(
            "[Ann Lee|PERSON] met [Bo Lee|PERSON]. [Lee|PERSON] smiled.",
            {"PERSON Ann Lee": ["Ann Lee"], "PERSON Bo Lee": ["Bo Lee"], "PERSON Lee": ["Lee"]},
            id="two people who share a surname stay two, and the surname alone is neither",
        ),
        pytest.param(
            "[President Ada Obi|PERSON]'s car, [Mrs Obi's|PERSON] car",
            {"PERSON Ada Obi": ["Ada Obi", "Obi"]},
            id="titles and possessives stand outside the name",
        ),
        pytest.param(
            "[ADA OBI|PERSON] WINS. [Ada Obi|PERSON] won.",
            {"PERSON Ada Obi": ["ADA OBI", "Ada Obi"]},
            id="a headline in capitals names the same person",
        ),
        pytest.param(
            "[Lake Ferry Company|ORG] (the [LFC|ORG]) and [Lake Ferry|ORG]",
            {"ORG Lake Ferry Company": ["Lake Ferry Company", "LFC", "Lake Ferry"]},
            id="an acronym and a short form join the organisation",
        ),
        pytest.param(
            "the [Rivers Safety Board|ORG]’s ([RSB|ORG]) plan, the [Road Salt Bill|MISC], and the [RSB|ORG]",
            {
                "ORG Rivers Safety Board": ["Rivers Safety Board", "RSB", "RSB"],
                "MISC Road Salt Bill": ["Road Salt Bill"],
            },
            id="an acronym in brackets behind a possessive is the owner's",
        ),
        pytest.param(
            "[Mei Lin|PERSON], better known as [Mei Mei|PERSON], sang. [Budi Hartono|PERSON] "
            "alias [Raka Jaya|PERSON] fled.",
            {"PERSON Mei Lin": ["Mei Lin", "Mei Mei"], "PERSON Budi Hartono": ["Budi Hartono", "Raka Jaya"]},
            id="whoever is known by two names is one person",
        ),
        pytest.param(
            "[Mei Lin|PERSON], known to [Raka Jaya|PERSON], sang.",
            {"PERSON Mei Lin": ["Mei Lin"], "PERSON Raka Jaya": ["Raka Jaya"]},
            id="whoever is known to somebody is another",
        ),
        pytest.param(
            "[Kandy Hawks|ORG] won, the [Hawks|ORG] danced, [Norvo|PERSON] and [Norvo Chips|ORG] watched.",
            {"ORG Kandy Hawks": ["Kandy Hawks", "Hawks"], "ORG Norvo Chips": ["Norvo", "Norvo Chips"]},
            id="a short form may end a name, and is no person where an organisation begins so",
        ),
        pytest.param(
            "The [Bank of Zembla|ORG] and the [Bank of Arcadia|ORG] named no [Bank|ORG].",
            {
                "ORG Bank of Zembla": ["Bank of Zembla"],
                "ORG Bank of Arcadia": ["Bank of Arcadia"],
                "ORG Bank": ["Bank"],
            },
            id="a generic word joins nothing",
        ),
        pytest.param(
            "[the US|LOC], the [United States|LOC] and [U.S.|LOC]",
            {"GPE United States": ["the US", "United States", "U.S."]},
            id="a country has several names",
        ),
        pytest.param(
            "[Kenya|LOC] and the [Kenyans|NORP]",
            {"GPE Kenya": ["Kenya"], "NORP Kenyans": ["Kenyans"]},
            id="a country and its people stay two",
        ),
        pytest.param(
            "on [Monday|DATE] and [Monday|DATE] for [$5|MONEY]",
            {"DATE Monday": ["Monday", "Monday"], "MONEY $5": ["$5"]},
            id="values are grouped by their words",
        ),
    ],
)
def test_mentions_are_grouped(marked, expected):
    assert grouped(marked) == expected


@pytest.mark.parametrize(
    ("marked", "iso3166"),
    [
        ("[Kenya|LOC]", "KE"),
        ("[Russian|NORP]", "RU"),
        ("[the Netherlands|LOC]", "NL"),
        ("[Georgia|LOC]", None),
        ("[Congolese|NORP]", None),
        ("[Jordan|PERSON]", None),
        ("[Nairobi|LOC]", None),
    ],
)
def test_a_country_is_linked_only_where_the_name_is_certain(marked, iso3166):
    assert [group.iso3166 for group in group_mentions(doc_of(marked))] == [iso3166]


def test_mentions_never_overlap_and_stand_in_order():
    doc = doc_of("[Ada Obi|PERSON] of [Obi Mills|ORG] met [Obi|PERSON] and [Ada|PERSON] in [Obi|LOC].")
    spans = [span for group in group_mentions(doc) for span in group.mentions]
    assert len(spans) == len(set(spans)) == 5
    assert all(a[1] <= b[0] for a, b in zip(sorted(spans), sorted(spans)[1:], strict=False))


def test_a_name_of_signs_alone_is_no_entity():
    assert group_mentions(doc_of("[***|ORG] was here.")) == ()


def test_a_thousand_names_are_grouped_in_a_moment():
    marked = " ".join(f"[Ada Obi{i}|PERSON] [Obi{i}|PERSON] [Lake Mills{i}|ORG]" for i in range(1000))
    assert len(group_mentions(doc_of(marked))) == 2000


@pytest.mark.parametrize(
    ("mention", "name"),
    [
        ("Lord Harrowby", "Harrowby"),
        ("Sir Colin Marsh", "Colin Marsh"),
        ("Dr. Amaka Eze", "Amaka Eze"),
        ("Ustad Rahim Sultani", "Rahim Sultani"),
        ("Alhaji Sani Bello", "Sani Bello"),
        ("Chief Adebayo Ojo", "Adebayo Ojo"),
        ("Datuk Seri Lim Boon Huat", "Lim Boon Huat"),
        ("Tan Sri Lim Boon Huat", "Lim Boon Huat"),
        ("Tan Wei Ming", "Tan Wei Ming"),
        ("Hon. Peter Wekesa", "Peter Wekesa"),
        ("H E Salem Al Marri", "Salem Al Marri"),
        ("H.E. Salem Al Marri", "Salem Al Marri"),
        ("Former Vice President Rosa Lima", "Rosa Lima"),
        ("Chief", "Chief"),
    ],
)
def test_titles_of_all_parts_of_the_world_stand_outside_the_name(mention, name):
    assert grouped(f"[{mention}|PERSON] spoke.") == {f"PERSON {name}": [name]}


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Gabriela Ríos Montaner", "Ríos"),
        ("Khalid al-Sabri", "al-Sabri"),
        ("Faisal bin Nasser Al-Harbi", "Al-Harbi"),
        ("Zhao Wenqi", "Zhao"),
        ("Han Seo-jun", "Han"),
        ("K. R. Subramani", "Subramani"),
        ("Pieter van der Velde", "Van der Velde"),
        ("Nguyen Thi Bao", "Bao"),
        ("Baroness Alice Thornbury", "Lady Thornbury"),
        ("Chief Adewale Ogunbiyi", "Ogunbiyi"),
        ("Ilse Marquardt-Vogel", "Marquardt-Vogel"),
        ("Seán O'Dwyer", "O’Dwyer"),
    ],
)
def test_the_short_forms_of_all_naming_habits_join_the_full_name(full, short):
    groups = group_mentions(
        doc_of(f"[{full}|PERSON] spoke. Later [{short}|PERSON] left. [Wulandari|PERSON] stayed.")
    )
    assert [len(group.mentions) for group in groups] == [2, 1]
