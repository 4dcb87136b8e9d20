"""Who speaks where clauses stand between the speaker, the verb and the quote."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # The clause is about whoever stands before "who".
        (
            "A vote was next on the list for [Ines Duarte|PERSON], who called the plan “a gift to all”.",
            "a gift",
            "Ines Duarte",
        ),
        (
            "The road was paid for by [Tomasz Wrona|PERSON], who also said it was “too wide”.",
            "too wide",
            "Tomasz Wrona",
        ),
        (
            "Critics point to advice of the [Harbour Safety Board|ORG], which says the pier is “unsafe "
            "in wind”.",
            "unsafe",
            "Harbour Safety Board",
        ),
        # A comma ends the clause in which another is named.
        (
            "The [Coast Guard|ORG], which has questioned the pilot [Juma Ali|PERSON], said the chart was "
            "“ten years old”.",
            "ten years",
            "Coast Guard",
        ),
        (
            "[Lina Okoro|PERSON], who is no friend of [Pak Wahid|PERSON], said the fee was “robbery”.",
            "robbery",
            "Lina Okoro",
        ),
        (
            "[Hana Sato|PERSON], whose firm once worked for [Delta Mills|ORG], said the flour was “grey”.",
            "grey",
            "Hana Sato",
        ),
        # Whoever is accused accuses nobody.
        (
            "She demanded the exit of the mayor accusing him of “theft”. [Amira Fadel|PERSON] had come "
            "early.",
            "theft",
            None,
        ),
        (
            "The price rose, with [Jorge Luna|PERSON] saying it was “only the start”.",
            "only",
            "Jorge Luna",
        ),
        (
            "[Fiji Ferries|ORG] cancelled all trips on Monday, after calling the quay “a trap” for its "
            "boats.",
            "a trap",
            "Fiji Ferries",
        ),
        (
            "In [Tromsø|GPE], [Mari Dahl|PERSON] said the snow was “late again”.",
            "late",
            "Mari Dahl",
        ),
    ],
)
def test_the_subject_of_the_verb_speaks_whoever_else_is_named(marked, start, name):
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "“The well is dry,” the [Oasis News|ORG] quoted [Badr Zaki|PERSON] as saying.",
            "The well",
            "Badr Zaki",
        ),
        (
            "The pass will stay “shut until May”, the agency cited the guide [Anu Tamm|PERSON] as saying "
            "on Monday.",
            "shut",
            "Anu Tamm",
        ),
        (
            "“We sold the herd,” [Steppe Radio|ORG] quoted the herder as telling its reporter.",
            "We sold",
            "the herder",
        ),
        (
            "The council rejected [Rana Malik|PERSON]’s claim that it had been “asleep”.",
            "asleep",
            "Rana Malik",
        ),
        (
            "He laughed at [Mekong Rice|ORG]’s charges of “plain theft”.",
            "plain theft",
            "Mekong Rice",
        ),
        (
            "Few share [Petra Novak|PERSON]’s conclusion that the lake “will not come back”.",
            "will not",
            "Petra Novak",
        ),
        # A verb behind the noun has the last word.
        (
            "After [Rana Malik|PERSON]’s claim that the well was dry, [Omar Said|PERSON] said that it "
            "was “full to the brim”.",
            "full",
            "Omar Said",
        ),
        ("According to her, “the bridge was built on sand and will fall”.", "the bridge", "her"),
        ("“Is it ripe?” I ask the grower.", "Is it", "I"),
        (
            "HARBOUR TIMES (EFE) The Government of [Chile|GPE] has called the strike “a farce”.",
            "a farce",
            "The Government of Chile",
        ),
    ],
)
def test_whose_words_are_told_is_the_speaker(marked, start, mention):
    assert attributed(marked, start)[0] == mention


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # A clause within the sentence of its subject.
        (
            "[Olga Petrova|PERSON] sang first. The mayor, [Ivan Sokolov|PERSON], spoke for an hour in "
            "the rain, where he said the roof was “nearly done”.",
            "nearly",
            "Ivan Sokolov",
        ),
        # Whoever adds something spoke before.
        (
            "[Abdi Warsame|PERSON] was held at the port, said the police chief, [Yusuf Nur|PERSON]. “He "
            "had no papers,” he added.",
            "He had",
            "Yusuf Nur",
        ),
        (
            "[Lucas Meyer|PERSON] fell, according to the guide, [Noah Frei|PERSON]. “The rope was old,” "
            "he also said.",
            "The rope",
            "Noah Frei",
        ),
        # The subject of the sentence is the same pronoun.
        (
            "[Carlos Vega|PERSON] spoke last. He thanked [Diego Ruiz|PERSON], of whom he said: “We were "
            "brothers.”",
            "We were",
            "Carlos Vega",
        ),
        # Behind a verb nobody is its subject.
        (
            "[Pita Faleolo|PERSON] took over from his father [Sione Faleolo|PERSON].\n\n“It is hard "
            "work,” he said.",
            "It is",
            "Pita Faleolo",
        ),
        # A mark within a sentence ends none.
        (
            "[Wei Zhang|PERSON] spoke. He did not feel “unsafe” being a stranger in town.\n\n“I like "
            "it,” he said.",
            "I like",
            "Wei Zhang",
        ),
        (
            "Something like it was proposed by [Kwame Boateng|PERSON], who had asked for calm. [Esi "
            "Appiah|PERSON] left. It would, he said, be “cheap”.",
            "cheap",
            "Kwame Boateng",
        ),
        # The article tells another gender than the first name.
        (
            "[Raja Begum|PERSON] opened a shop. She sells meat. [Raja Begum|PERSON] says she likes "
            "it.\n\n“I sleep well,” she said.",
            "I sleep",
            "Raja Begum",
        ),
    ],
)
def test_a_pronoun_is_the_subject_that_spoke_or_goes_on(marked, start, name):
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "[Sela Moana|PERSON] and her aunt [Tavita Moana|PERSON] run the ferry. “We sail at dawn,” "
            "they said.",
            "We sail",
            "Sela Moana and her aunt Tavita Moana",
        ),
        (
            "Prime Minister [Ken Mori|PERSON] and his Irish guest [Aoife Byrne|PERSON] met. They said "
            "the war was “a crime against all”.",
            "a crime",
            "Ken Mori and his Irish guest Aoife Byrne",
        ),
        (
            "[Ken Mori|PERSON] and [Aoife Byrne|PERSON] met. Two witnesses had waited. “We saw it,” they "
            "said.",
            "We saw",
            "Two witnesses",
        ),
    ],
)
def test_they_are_two_subjects_together(marked, start, mention):
    assert attributed(marked, start)[:2] == (mention, None)


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("The choice came after a “long and careful search”.", "Ana Lima"),
        ("The Harbour Act states that boats have “the right to wait”.", None),
    ],
)
def test_a_fragment_is_of_whoever_speaks_next_unless_another_tells_it(before, name):
    marked = f"{before}\n\n“We looked for a year,” [Ana Lima|PERSON] said."
    quoted = before.partition("“")[2].partition("”")[0]
    assert attributed(marked, quoted)[1] == name
