"""A mark that was never closed gives its words to nobody else."""

import pytest

from tests.unit.nlp.marked import doc_of
from tests.unit.nlp.speakers.spoken import said
from worker.nlp.quotes.component import tag_quotes


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            "“We have asked twice, said [Farah Najjar|PERSON], who flies. It rains.\n\n“We said no,” said "
            "[Pelle Strand|PERSON].",
            [("We have asked twice,", "Farah Najjar"), ("We said no,", "Pelle Strand")],
        ),
        (
            "\"We told them in May, said [Agnes Mutua|PERSON]. Nobody wrote.\n\n\"They never asked,\" said "
            "[Hassan Abdi|PERSON].",
            [("We told them in May,", "Agnes Mutua"), ("They never asked,", "Hassan Abdi")],
        ),
        (
            "“The well is dry, [Tomas Quispe|PERSON] told reporters. “It is not,” said [Rosa Mamani|PERSON].",
            [("The well is dry,", "Tomas Quispe"), ("It is not,", "Rosa Mamani")],
        ),
        (
            "«The well is dry, said [Awa Diop|PERSON], a farmer.\n\n«It will rain,» said [Modou "
            "Fall|PERSON].",
            [("The well is dry,", "Awa Diop"), ("It will rain,", "Modou Fall")],
        ),
        (
            "\"We wait here, said [Bo Lind|PERSON]. \"They wait too,\" said [Ana Cruz|PERSON].",
            [("We wait here,", "Bo Lind"), ("They wait too,", "Ana Cruz")],
        ),
        (
            "“The harvest failed twice, says [Moses Banda|PERSON].\n\n“We eat once a day,” says [Ruth "
            "Phiri|PERSON].",
            [("The harvest failed twice,", "Moses Banda"), ("We eat once a day,", "Ruth Phiri")],
        ),
        (
            "“My father told me, he said, never to sell. So I kept it.\n\n“I keep it still,” said [Juma "
            "Oloo|PERSON].",
            [
                ("My father told me, he said, never to sell. So I kept it.", "Juma Oloo"),
                ("I keep it still,", "Juma Oloo"),
            ],
        ),
        (
            "“I was born here. My brother said he would go.\n\n“He left in May,” said [Juma Oloo|PERSON].",
            [
                ("I was born here. My brother said he would go.", "Juma Oloo"),
                ("He left in May,", "Juma Oloo"),
            ],
        ),
    ],
)  # fmt: skip
def test_words_end_before_those_that_say_who_speaks(marked, expected):
    doc = tag_quotes(doc_of(marked))
    found = [doc.text[quote.start : quote.end] for quote in doc._.quotes]
    assert list(zip(found, [name for _, name, _ in said(marked)], strict=True)) == expected
