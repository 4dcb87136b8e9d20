"""The speaker's cue, mention and entity for each quote, from text with marked entities and no encoder."""

import time

import pytest
import spacy

from tests.unit.nlp.marked import doc_of
from tests.unit.nlp.speakers.spoken import said
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.speakers.component import tag_speakers


@pytest.mark.parametrize(
    ("marked", "speaker", "cue"),
    [
        ("“We will rebuild the bridge,” said [Ada Okafor|PERSON].", "Ada Okafor", "said"),
        ("“We will rebuild the bridge,” [Ada Okafor|PERSON] said on [Monday|DATE].", "Ada Okafor", "said"),
        ("[Ada Okafor|PERSON] said: “We will rebuild the bridge.”", "Ada Okafor", "said"),
        ("[Ada Okafor|PERSON] said that the bridge was “beyond repair by now”.", "Ada Okafor", "said"),
        (
            "“We will rebuild the bridge,” according to [Ada Okafor|PERSON].",
            "Ada Okafor",
            "according to",
        ),
        (
            "[Ada Okafor|PERSON], the transport minister, told reporters: “We will rebuild the bridge.”",
            "Ada Okafor",
            "told",
        ),
        (
            "Speaking to reporters in [Lagos|LOC], [Ada Okafor|PERSON] said: “We will rebuild it.”",
            "Ada Okafor",
            "said",
        ),
        (
            "“We will rebuild it,” said [Harbour Union|ORG] chief [Ada Okafor|PERSON].",
            "Ada Okafor",
            "said",
        ),
        ("“Prices will rise in spring,” the [Grain Board|ORG] said.", "Grain Board", "said"),
        (
            "The new fees were described by [Ada Okafor|PERSON] as “far too high for the poor”.",
            "Ada Okafor",
            "described",
        ),
        (
            "The offer was dismissed as “far too little for us to live on” by [Ada Okafor|PERSON].",
            "Ada Okafor",
            "dismissed",
        ),
        (
            "The keeper of the hall and of its old papers, [Ada Okafor|PERSON], said: “They are here.”",
            "Ada Okafor",
            "said",
        ),
        (
            "[Ada Okafor|PERSON] met [Kenji Sato|PERSON], saying: “The road is not open yet.”",
            "Ada Okafor",
            "saying",
        ),
        (
            "“None of them could refuse” to take part in it this year, said [Ada Okafor|PERSON].",
            "Ada Okafor",
            "said",
        ),
        (
            "For [Kenji Sato|PERSON], called Ken (健), [Ada Okafor|PERSON] (阿達) said it was “too late”.",
            "Ada Okafor",
            "said",
        ),
        ("“We will rebuild it,” said [Lagos|LOC] youth coach [Ada Okafor|PERSON].", "Ada Okafor", "said"),
        (
            "In the town of [Ndole|LOC], [Ada Okafor|PERSON] said: “We will rebuild the bridge.”",
            "Ada Okafor",
            "said",
        ),
        (
            "The agency quoted [Ada Okafor|PERSON] as saying that the talks were “a step into the dark”.",
            "Ada Okafor",
            "saying",
        ),
        (
            "“The rains have failed us,” [Ada Okafor|PERSON] was quoted as saying by the [Grain Post|ORG].",
            "Ada Okafor",
            "saying",
        ),
        (
            "In its report, [Harbour Watch|ORG] described the camp as “no place for a human being”.",
            "Harbour Watch",
            "described",
        ),
        (
            "[Ada Okafor|PERSON], who runs the mill as its owner, said: “We grind for the whole valley.”",
            "Ada Okafor",
            "said",
        ),
        (
            "“They knew of the crack in May,” [Ada Okafor|PERSON] wrote, according to the police.",
            "Ada Okafor",
            "wrote",
        ),
        (
            "[Ada Okafor|PERSON] hailed the Oct. 3 vote as “the end of a very long night”.",
            "Ada Okafor",
            "hailed",
        ),
    ],
)
def test_each_way_to_name_a_speaker(marked, speaker, cue):
    [(mention, name, by)] = said(marked)
    assert (mention, name) == (speaker, speaker)
    assert by is not None
    assert by.lower() == cue


@pytest.mark.parametrize(
    "marked",
    [
        "The day was long.\n\n[Ada Okafor|PERSON]: “We cannot eat promises.”",
        "“We cannot eat promises”: [Ada Okafor|PERSON] on her strike\n\nRain fell.",
    ],
)
def test_a_colon_is_enough_on_a_line_of_its_own(marked):
    assert said(marked) == [("Ada Okafor", "Ada Okafor", None)]


@pytest.mark.parametrize("dash", ["\n\n– ", " — ", "\n― ", " - "])
def test_a_quote_is_signed_behind_a_dash(dash):
    marked = f"“Let every lamp burn till morning.”{dash}[Ada Okafor|PERSON], in a letter.\n\nIt rained."
    assert said(marked) == [("Ada Okafor", "Ada Okafor", None)]


def test_the_mention_leaves_the_title_out():
    assert said("“We will rebuild it,” said Minister [Ada Okafor|PERSON].")[0][0] == "Ada Okafor"


def test_the_halves_of_a_split_quotation_share_their_speaker():
    first, second = said("“We will rebuild it,” [Ada Okafor|PERSON] said, “and we will do it this year.”")
    assert first[:2] == second[:2] == ("Ada Okafor", "Ada Okafor")


def test_the_next_sentence_in_marks_goes_on():
    first, second = said("“We will rebuild it,” [Ada Okafor|PERSON] said. “It will take us a year.”")
    assert first[1] == second[1] == "Ada Okafor"


def test_each_paragraph_of_a_running_quotation_has_the_speaker():
    marked = (
        "“We came here with nothing,” [Kenji Sato|PERSON] said. “We built this town.\n\n"
        "“Then the water came.”\n\nIt rained."
    )
    assert [name for _, name, _ in said(marked)] == ["Kenji Sato"] * 3


@pytest.mark.parametrize(
    "who", ["An official", "A spokesman", "Residents", "One of the victims", "The crowd"]
)
def test_who_is_not_named_has_a_mention_and_no_entity(who):
    marked = f"[Ada Okafor|PERSON] was away. {who} said: “We will rebuild the bridge next year.”"
    [(mention, name, _)] = said(marked)
    assert mention == who
    assert name is None


@pytest.mark.parametrize(
    "marked",
    [
        "“We will rebuild the bridge,” the banner read. It was hung over the road at night.",
        "“No more water from this well.”\n\nThe village of [Ndole|LOC] lies in the hills.",
    ],
)
def test_where_nobody_can_be_named_nobody_is(marked):
    assert all(name is None for _, name, _ in said(marked))


def test_two_people_who_take_turns_keep_their_words():
    marked = (
        "“The dam is safe for now,” said [Ada Okafor|PERSON], the minister.\n\n"
        "“Nobody here believes a word of it,” said [Kenji Sato|PERSON], a farmer.\n\n"
        "“We have checked every wall twice,” [Okafor|PERSON] replied."
    )
    assert [name for _, name, _ in said(marked)] == ["Ada Okafor", "Kenji Sato", "Ada Okafor"]


def test_spans_slice_back_and_twice_is_the_same():
    doc = doc_of("“We will rebuild it,” said Minister [Ada Okafor|PERSON]. “Soon,” she added.")
    first = tag_speakers(tag_quotes(doc))._.quotes
    for quote in first:
        for span in (quote.cue, quote.speaker):
            assert span is None or 0 <= span[0] < span[1] <= len(doc.text)
        assert quote.group is None or quote.group < len(doc._.groups)
    assert tag_speakers(tag_quotes(doc))._.quotes == first


@pytest.mark.parametrize(
    "unit", ["“We will all wait here,” he said. ", '"We will all wait here." ', "She said that "]
)
def test_time_grows_with_the_text_and_no_faster(unit):
    seconds = []
    nlp = spacy.blank("en")
    for size in (5_000, 40_000):
        doc = nlp.make_doc(unit * (size // len(unit)))
        started = time.process_time()
        tag_speakers(tag_quotes(doc))
        seconds.append(time.process_time() - started)
    assert seconds[1] < 24 * seconds[0] + 0.5
