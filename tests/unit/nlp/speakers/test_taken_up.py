"""Those without a name who are taken up again, and documents: whose words they are."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "A source at the ports ministry spoke on Sunday. “The cranes are ours,” the source said.",
            "The cranes",
            "A source at the ports ministry",
        ),
        (
            "Organisers of the Hobart lantern walk met the council. The organisers said the route was "
            "“longer than before”.",
            "longer",
            "Organisers of the Hobart lantern walk",
        ),
        (
            "Two Peruvian biologists counted the frogs. “There were nine,” the biologists said.",
            "There were",
            "Two Peruvian biologists",
        ),
        (
            "The rules were drawn up by the Danish authorities. Boats must wait, according to the "
            "authorities, “until the ice breaks”.",
            "until",
            "the Danish authorities",
        ),
        (
            "A spokeswoman for the tram drivers called on Friday. “We walk out at six,” the spokeswoman "
            "said.",
            "We walk",
            "A spokeswoman for the tram drivers",
        ),
        (
            "A shepherd from the upper valley lost forty ewes. “I heard nothing,” said the shepherd.",
            "I heard",
            "A shepherd from the upper valley",
        ),
        # Two of them are none of them.
        (
            "A bank official from [Accra|GPE] blamed a mining official from [Kumasi|GPE]. “He lies,” the "
            "official said.",
            "He lies",
            "the official",
        ),
        # Nothing fuller was said.
        ("One farmer stood up. “You sold the river,” the farmer said.", "You sold", "the farmer"),
        # Whoever holds an office is known by it.
        (
            "The former president of the rowing club left. “The nation mourns,” the president said.",
            "The nation",
            "the president",
        ),
        # The noun tells of a radio.
        ("An old police radio crackled. “Stay inside,” the police said.", "Stay", "the police"),
    ],
)
def test_whoever_has_no_name_is_mentioned_as_the_text_first_calls_them(marked, start, mention):
    assert attributed(marked, start) == (mention, None, None)


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        (
            "[Sava Foods|ORG] sells jam in Novi Sad. The jars were “safe at all times”, according to its "
            "statement.",
            "safe",
            "its statement",
            "Sava Foods",
        ),
        (
            "An affidavit was filed by [Rosa Quispe|PERSON] on Friday. The affidavit states that the "
            "mine was “flooded on purpose”.",
            "flooded",
            "The affidavit",
            "Rosa Quispe",
        ),
        (
            "The letter, signed by [Aino Virtanen|PERSON], reached the school. The letter says the stove "
            "was “left burning”.",
            "left",
            "The letter",
            "Aino Virtanen",
        ),
        (
            "The ice road was closed, according to posts that [Yukon Haulage|ORG] published. The bridge "
            "was “never safe”, the posts said.",
            "never",
            "the posts",
            "Yukon Haulage",
        ),
        (
            "In a statement from the harbour officials, nobody was blamed. The statement said the lamp "
            "had been “dark for a week”.",
            "dark",
            "the harbour officials",
            None,
        ),
        (
            "[Nikhil Rao|PERSON] wrote a letter to the dam board. The letter says the gates are “rusted "
            "shut”.",
            "rusted",
            "The letter",
            "Nikhil Rao",
        ),
        (
            "[Nikhil Rao|PERSON] wrote a letter to the dam board. “All gates leak,” the letter says. “We "
            "want them shut,” it adds.",
            "We want",
            "it",
            "Nikhil Rao",
        ),
        # A poll that tells of somebody is not theirs.
        (
            "[Tamar Beridze|PERSON] still leads in the south. “The race is open,” the poll stated.",
            "The race",
            "the poll",
            None,
        ),
        # What has a name of its own may be anybody's.
        (
            "[Leila Haddad|PERSON] sent a summary to the press. The Project Summary explains that the "
            "wells are “shallow and few”.",
            "shallow",
            "The Project Summary",
            None,
        ),
        (
            "The market was closed, according to a notice posted on the gate, as it was “no longer clean”.",
            "no longer",
            "a notice posted on the gate",
            None,
        ),
    ],
)
def test_a_document_speaks_for_whoever_the_text_says_issued_it(marked, start, mention, name):
    assert attributed(marked, start)[:2] == (mention, name)


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "Senator [Marlon Tiki|PERSON] opened the dam. His wife sang. “We are late,” the politician said.",
            "We are",
            "Marlon Tiki",
        ),
        (
            "Deputy minister [Ewa Nowak|PERSON] and [Piotr Lis|PERSON] came. “The train is ours,” the "
            "minister said.",
            "The train",
            None,
        ),
        (
            "Vice president [Sara Cohen|PERSON] wept. “The vote is over,” the president said.",
            "The vote",
            None,
        ),
        (
            "The union’s chief of staff [Bola Ige|PERSON] spoke. “We sign today,” he said.",
            "We sign",
            "Bola Ige",
        ),
        (
            "“The best guard in the land,” said a fan of [Ivo Pinto|PERSON]. “He is thin,” the guard said.",
            "He is",
            None,
        ),
    ],
)
def test_a_role_is_taken_up_by_a_wider_one_and_by_no_higher_one(marked, start, name):
    assert attributed(marked, start)[1] == name
