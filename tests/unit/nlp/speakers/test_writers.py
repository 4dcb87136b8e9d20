"""He who "writes" behind a book's title is its author, not whom the book is about."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "“Songs of Stone: A Life” by [Idris Vane|PERSON] tells much of [Osric Hale|PERSON]. "
            "[Hale|PERSON] was a baker in Cardiff. He writes: “Bread was his first song.”",
            "Bread was",
            "He",
            "Idris Vane",
        ),
        (
            "A biography of [Rosa Quispe|PERSON] by [Luz Rojas|PERSON] is out in Lima. "
            "[Quispe|PERSON] sold maize. In it she wrote: “The market was her school.”",
            "The market",
            "she",
            "Luz Rojas",
        ),
        (
            "“Tides of Yore” by [Vane Carrow|ORG] is the standard life of [Emil Holm|PERSON]. "
            "[Holm|PERSON] was born in Aarhus. He writes: “He could not swim at all.”",
            "He could",
            "He",
            "Vane Carrow",
        ),
        (
            "“I like it,” said [Ken Sato|PERSON] of “Rivers of Ice” by [Mika Abe|PERSON]. "
            "[Sato|PERSON] lives in Kobe. He wrote on his page: “It is the best of all books.”",
            "It is the",
            "He",
            "Ken Sato",
        ),
        (
            "“Rivers of Ice” by [Mika Abe|PERSON] is out in Sapporo. “I like it,” said [Ken "
            "Sato|PERSON]. He wrote on his page: “It is the best of all books.”",
            "It is the",
            "He",
            "Ken Sato",
        ),
        # Written after it.
        (
            "A novel by [Yaw Mensah|PERSON] is about [Kofi Addo|PERSON]. [Addo|PERSON] runs a kiosk "
            "in Kumasi. He writes: “The street has no doors at all.”",
            "The street",
            "He",
            "Yaw Mensah",
        ),
        (
            "The history of the port by [Dina Levi|PERSON] is long. [Avi Katz|PERSON] built it in "
            "Haifa. She also writes: “Nobody paid the masons.”",
            "Nobody paid",
            "She",
            "Dina Levi",
        ),
        (
            "An essay on salt by Dr. [Ravi Nair|PERSON] was read in Kochi. [Anil Das|PERSON] sold it. "
            "He has written: “Salt is the sea's memory.”",
            "Salt is",
            "He",
            "Ravi Nair",
        ),
        # Who speaks by another verb is found as everybody is.
        (
            "“Songs of Stone” by [Ana Brito|PERSON] is out in Porto. [Rui Melo|PERSON] was angry. “I "
            "burned my copy,” he said.",
            "I burned",
            "he",
            "Rui Melo",
        ),
        # A plan by somebody is no book.
        (
            "A plan by [Liam Walsh|PERSON] was shown in Perth. [Noah Reid|PERSON] was angry. He "
            "wrote: “It is a gift to thieves.”",
            "It is a",
            "He",
            "Noah Reid",
        ),
    ],
)
def test_he_who_writes_is_the_author_of_the_book(marked: str, start: str, mention: str, name: str) -> None:
    assert attributed(marked, start)[:2] == (mention, name)
