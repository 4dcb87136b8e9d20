"""Marks in a text of which only the words are known."""

from worker.commands.desk.text_marks import remarked


def marks(text, **fields):
    nothing = {"people": [], "organisations": [], "places": [], "other_names": [], "quotes": []}
    document = {**nothing, "text": text, "language": "en", **fields}
    return [(text[mark.start : mark.end], mark.label) for mark in remarked(document)]


def test_of_names_that_begin_alike_the_longest_is_marked():
    text = "Port Amsel Bank lent to Port Amsel."
    found = marks(text, places=["Port Amsel"], organisations=["Port Amsel Bank"])
    assert found == [("Port Amsel Bank", "ORG"), ("Port Amsel", "GPE")]


def test_a_name_is_marked_where_it_stands_as_words_of_its_own():
    assert marks("Lundgren met Lund, and LUND's dog.", people=["Lund"]) == [
        ("Lund", "PERSON"),
        ("LUND", "PERSON"),
    ]


def test_a_name_without_words_marks_nothing():
    assert marks("A ... B", people=["...", ""], other_names=["(?:x)+"]) == []


def test_a_quote_is_marked_once_where_it_stands():
    quotes = [{"text": "We paid", "speaker": None, "kind": "direct"}] * 2
    assert marks("“We paid”, he said. We left.", quotes=quotes[:1]) == [("We paid", "nobody named")]
