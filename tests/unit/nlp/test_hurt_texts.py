"""Texts as newsrooms and their systems leave them: tabs, lists, capitals, transcripts, datelines."""

import pytest

from tests.shipped import shipped_pipeline
from worker.nlp.enrich import enrich
from worker.records.article import Article

TABBED = (
    "\tThe tannery at Kanpur will close in June.\n"
    "\t“The river has won,” said Farida Ansari, who has sued it twice.\n"
    "\t    “Now it must be cleaned,” Ansari said.\n"
)
LISTED = (
    "What the council of Arequipa decided on Thursday:\n"
    "• The market will move to Paucarpata, said Mayor Elsa Quintana.\n"
    "- Traders “were not asked”, their spokesman Hugo Ticona said.\n"
)
ELSA = {"person:elsa-quintana"}
CAPITALS = (
    "THE BRIDGE AT RUFIJI WILL CARRY TRAINS AGAIN IN MAY, MINISTER ASHA MKAPA SAID ON MONDAY.\n\n"
    "“IT HELD IN THE FLOOD,” MKAPA SAID.\n"
)
TRANSCRIPT = (
    "HOST: Good evening, Ms Rahal. Who paid for the pumps?\n"
    "DALIA RAHAL: The town of Zahle paid for them, and nobody thanked it.\n"
)
DATELINED = "TRONDHEIM, Norway, Nov. 3 — “The herring is back,” said Ingunn Solbakk, who counts it.\n"


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n"])
@pytest.mark.parametrize(
    ("text", "entities", "speakers"),
    [
        pytest.param(TABBED, {"person:farida-ansari"}, {"person:farida-ansari"}, id="tabs"),
        pytest.param(LISTED, {"person:hugo-ticona"} | ELSA, {"person:hugo-ticona"}, id="a list"),
        pytest.param(CAPITALS, {"person:asha-mkapa"}, {"person:asha-mkapa"}, id="capitals"),
        pytest.param(TRANSCRIPT, {"person:dalia-rahal"}, set(), id="a transcript"),
        pytest.param(DATELINED, {"person:ingunn-solbakk"}, {"person:ingunn-solbakk"}, id="a dateline"),
    ],
)  # fmt: skip
def test_names_and_speakers_are_found_all_the_same(nlp, text, entities, speakers, line_end):
    found = enrich(nlp, Article(id="1", text=text.replace("\n", line_end), language="en"))
    assert {entity.id for entity in found.entities} >= entities
    spoken = {quote.speaker.entity for quote in found.quotes if quote.speaker}
    assert speakers <= spoken <= entities | {None}
