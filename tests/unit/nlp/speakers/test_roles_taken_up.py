"""A role that is taken up again is whoever was introduced with it."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "[Ngozi Eze|PERSON], the head of the midwives’ union in [Enugu|LOC], wrote to the "
            "governor, Dr [Paul Udeh|PERSON]. Nobody answered.\n\n“We will march in our uniforms,” "
            "the union head said.",
            "We will",
            "the union head",
            "Ngozi Eze",
            None,
        ),
        (
            "Two people survived: [Rina Takeda|PERSON], a nurse, and [Shun Mori|PERSON], a bus "
            "driver.\n\n“I could not move my legs,” the nurse said.\n\n“I held on to the rail,” "
            "said the driver.",
            "I held",
            "the driver",
            "Shun Mori",
            None,
        ),
        (
            "A pilot of the harbour board, [Luis Ferro|PERSON], refused to sail. [Marta "
            "Quintero|PERSON], who owns the tug, was angry.\n\n“The wind was too strong,” the "
            "pilot said.",
            "The wind",
            "the pilot",
            "Luis Ferro",
            None,
        ),
        (
            "Mayor [Ana Lima|PERSON] opened the fair. A baker from the old town watched from his "
            "door. “It was louder than last year,” the baker said.",
            "It was",
            "A baker from the old town",
            None,
            None,
        ),
        (
            "[Jiri Kolar|PERSON] is the conductor of the night train to [Kosice|LOC]. His "
            "colleague, [Ivan Benko|PERSON], drives it. The conductor said the brakes had been "
            "“checked twice that week”.",
            "checked",
            "The conductor",
            "Jiri Kolar",
            None,
        ),
        # Written after the rule.
        (
            "[Dana Sadykova|PERSON], a beekeeper from [Karakol|LOC], lost forty hives. The "
            "governor, [Nurlan Osmonov|PERSON], sent a letter.\n\n“He has never seen a hive,” the "
            "beekeeper said.",
            "He has",
            "the beekeeper",
            "Dana Sadykova",
            None,
        ),
        (
            "The lead surgeon, Dr [Hugo Ferreira|PERSON], spoke for an hour. [Ines Prado|PERSON] "
            "is the head nurse of the ward.\n\n“We ran out of thread,” the head nurse said.",
            "We ran",
            "the head nurse",
            "Ines Prado",
            None,
        ),
        (
            "Senator [Liam Doyle|PERSON] sat in the front row. One farmer stood up and shouted. "
            "“You sold the river,” the farmer said.",
            "You sold",
            "the farmer",
            None,
            None,
        ),
        (
            "The captain of the trawler was [Arne Solberg|PERSON]. His mate, [Odd Vik|PERSON], "
            "steered. “I saw no light,” the captain said.",
            "I saw",
            "the captain",
            "Arne Solberg",
            None,
        ),
        (
            "Transport minister [Abebe Worku|PERSON] and his deputy, [Sara Haile|PERSON], came by "
            "train. “The line will pay for itself,” the deputy minister said.",
            "The line",
            "the deputy minister",
            "Sara Haile",
            None,
        ),
        (
            "Police chief [Ratu Vula|PERSON] arrived late. The school’s principal, [Mere "
            "Tiko|PERSON], had waited. “We rang three times,” said the principal.",
            "We rang",
            "the principal",
            "Mere Tiko",
            None,
        ),
    ],
)
def test_a_role_taken_up_again_is_whoever_was_introduced_with_it(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "The [Coal Board|ORG] issued a statement on [Friday|DATE]. “No miner will lose a day’s "
            "pay,” it said. The statement went on: “The pit reopens in [May|DATE].”",
            "The pit",
            "The statement",
            "Coal Board",
            None,
        ),
        (
            "Headteacher [Aroha Pene|PERSON] wrote to parents in a letter sent on "
            "[Monday|DATE].\n\n“We were too slow,” the letter read.",
            "We were",
            "the letter",
            "Aroha Pene",
            None,
        ),
        (
            "The [Andean Water Council|ORG] published its yearly report in [Lima|LOC]. Mayor "
            "[Julio Cusi|PERSON] was not there. The report says the lake is “shrinking by a metre "
            "a year”.",
            "shrinking",
            "The report",
            "Andean Water Council",
            None,
        ),
        (
            "A notice from the [Dhaka Gas Company|ORG] hung on the door.\n\n“Supply will stop at "
            "noon,” the notice said. It added: “Use no open flame.”",
            "Use no",
            "It",
            "Dhaka Gas Company",
            None,
        ),
        (
            "In a ruling on [Thursday|DATE], the [High Court|ORG] threw out the case. “The state "
            "brought no evidence,” the ruling continued.",
            "The state",
            "the ruling",
            "High Court",
            None,
        ),
        # Written after the rule.
        (
            "“The site is not contaminated,” the [Environment Agency|ORG] said in a note. [Ken "
            "Boyle|PERSON] lives nearby. “Samples were clean,” the note went on.",
            "Samples",
            "the note",
            "Environment Agency",
            None,
        ),
        (
            "A joint communiqué by the [Gulf Fishing Council|ORG] was read out in [Manama|LOC]. "
            "“Quotas will fall,” the communiqué said.",
            "Quotas",
            "the communiqué",
            "Gulf Fishing Council",
            None,
        ),
        (
            "The [Ombudsman’s Office|ORG] released its findings on [Monday|DATE] in a report. “The "
            "child was failed by five agencies,” the report added.",
            "The child",
            "the report",
            "Ombudsman’s Office",
            None,
        ),
        (
            "[Yusuf Demir|PERSON] posted an open letter on [Sunday|DATE]. “I leave with clean "
            "hands,” the letter began.",
            "I leave",
            "the letter",
            "Yusuf Demir",
            None,
        ),
        (
            "According to a statement from [Cuzco Rail|ORG], the slope was “inspected daily since "
            "[March|DATE]”.",
            "inspected",
            "a statement from Cuzco Rail",
            None,
            None,
        ),
    ],
)
def test_a_document_speaks_for_who_issued_it(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "[Kurdish|NORP] commander [Rojda Azad|PERSON] said: “We hold both ends of the bridge.”",
            "We hold",
            "Rojda Azad",
            "Rojda Azad",
            None,
        ),
        (
            "“There will be no deal,” said [Labour|ORG] lawmaker [Tama Rangi|PERSON].",
            "There will",
            "Tama Rangi",
            "Tama Rangi",
            None,
        ),
        (
            "[Congress|ORG] leader [Sushila Rao|PERSON] called the budget “a joke on every farmer”.",
            "a joke",
            "Sushila Rao",
            "Sushila Rao",
            None,
        ),
        (
            "“We are done with touring,” said [Radiant Lizards|ORG] drummer [Otto Brandt|PERSON].",
            "We are",
            "Otto Brandt",
            "Otto Brandt",
            None,
        ),
        (
            "A [Sinhalese|NORP] farmer from the dry zone said the rain was “five weeks late already”.",
            "five weeks",
            "A Sinhalese farmer from the dry zone",
            None,
            None,
        ),
        ("“The tax is dead,” the [Green|ORG] lawmaker said.", "The tax", "the Green lawmaker", None, None),
        # Written after the rule.
        (
            "“The count was clean,” [Tuareg|NORP] elder [Moussa Ag Bilal|PERSON] said.",
            "The count",
            "Moussa Ag Bilal",
            "Moussa Ag Bilal",
            None,
        ),
        (
            "[Labour|ORG]’s [Rhiannon Pryce|PERSON] said the cut was “a tax on the sick”.",
            "a tax",
            "Rhiannon Pryce",
            "Rhiannon Pryce",
            None,
        ),
        (
            "“I play what I hear,” said former [Velvet Kites|ORG] guitarist [Mo Sandoval|PERSON].",
            "I play",
            "Mo Sandoval",
            "Mo Sandoval",
            None,
        ),
        (
            "[Maori|NORP] [Party|ORG] lawmaker [Hone Rata|PERSON] called the law “a theft by pen”.",
            "a theft",
            "Hone Rata",
            "Hone Rata",
            None,
        ),
        (
            "The [Basque|NORP] shepherd said wolves were “the least of our worries now”.",
            "the least",
            "The Basque shepherd",
            None,
            None,
        ),
        (
            "“We want a vote,” said [Peronist|NORP] senator [Elsa Godoy|PERSON] of the plan.",
            "We want",
            "Elsa Godoy",
            "Elsa Godoy",
            None,
        ),
    ],
)
def test_a_people_s_band_s_or_party_s_name_before_a_person_is_not_the_person(
    marked, start, mention, name, owner
):
    assert attributed(marked, start) == (mention, name, owner)
