"""A company stays a company though a person of its name is in the article, and the person a person."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.entities.groups import group_mentions


@pytest.mark.parametrize(
    ("marked", "firm", "person"),
    [
        (
            "[Siemens|ORG] said it would build trams in Ostrava. [Greta Siemens|PERSON] welds. "
            "[Siemens|ORG] said it "
            "would hire.",
            ("Siemens", 2), 1,
        ),
        (
            "[Castellano Steel|ORG] will close. [Bruno Castellano|PERSON] wept. [Castellano|PERSON], "
            "which employs "
            "4,000, paid.",
            ("Castellano Steel", 2), 1,
        ),
        (
            "Workers at [Okonjo|PERSON] walked out. [Grace Okonjo|PERSON] packs tea. Shares in "
            "[Okonjo|PERSON] fell. "
            "Ms [Okonjo|PERSON] stayed.",
            ("Okonjo", 2), 2,
        ),
        (
            "[Heinz Keller|PERSON] founded [Keller Motors|ORG]. [Keller|PERSON] said on Friday it would "
            "recall 300 "
            "cars.",
            ("Keller Motors", 2), 1,
        ),
        (
            "[Tove Lind|PERSON] left [Lind Foods|ORG]. “I was tired,” [Lind|PERSON] said. [Lind|PERSON] "
            "reported a "
            "loss.",
            ("Lind Foods", 2), 2,
        ),
        (
            "[Mahindra|ORG] will sell its ships. [Anand Mahindra|PERSON] spoke. “It is time,” "
            "[Mahindra|PERSON] said.",
            ("Mahindra", 1), 2,
        ),
        (
            "[Brandauer|PERSON] opened a mill in Linz. [Klara Brandauer|PERSON] teaches. "
            "[Brandauer|PERSON] will sell "
            "flour.",
            ("Brandauer", 2), 1,
        ),
        (
            "[Okada|PERSON], the brewer, was fined. [Ken Okada|PERSON] paid. [Okada|PERSON] said it "
            "would appeal.",
            ("Okada", 2), 1,
        ),
        (
            "[Juan Barrios|PERSON] sued [Barrios Textiles|ORG]. [Barrios|PERSON] said it had owned the "
            "name since "
            "1950.",
            ("Barrios Textiles", 2), 1,
        ),
        (
            "The carmaker [Lindholm|ORG] recalled vans. [Eva Lindholm|PERSON] drives one. "
            "[Lindholm|ORG]’s plant is "
            "shut.",
            ("Lindholm", 2), 1,
        ),
    ],
)  # fmt: skip
def test_a_company_is_not_the_person_of_its_name(marked, firm, person):
    groups = group_mentions(doc_of(marked))
    assert [(g.name, len(g.mentions)) for g in groups if g.type == "ORG"] == [firm]
    assert [len(g.mentions) for g in groups if g.type == "PERSON"] == [person]


@pytest.mark.parametrize(
    "marked",
    [
        "[Ada Bakare|PERSON] opened a road. [Bakare|ORG] said it would last.",
        "[Bakare|PERSON] opens road\n\nGovernor [Ada Bakare|PERSON] opened a road. [Bakare|PERSON] told "
        "his guests.",
        "[Ken Okada|PERSON] leads the [Okada Foundation|ORG]. He sings. [Ken Okada|PERSON] left. "
        "[Okada|PERSON] said it "
        "would rain.",
        "Mr [Lind|ORG] came. [Per Lind|PERSON] is a baker. [Lind|PERSON] said he knew the mill.",
    ],
)
def test_a_person_is_not_the_company_of_their_name(marked):
    found = [(g.type, len(g.mentions)) for g in group_mentions(doc_of(marked)) if "Foundation" not in g.name]
    assert found == [("PERSON", marked.count("|") - marked.count("Foundation"))]
