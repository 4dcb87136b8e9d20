"""An exported letter is read as it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.dead_letters.letters import letter
from worker.commands.articles import documents
from worker.commands.articles.documents import InputDocuments, UnreadableInput
from worker.commands.dead_letters.file import NotALetter, letter_json_line, letter_sidecar, read_letter
from worker.records.messages import RawMessage

MAYBE = st.none() | st.binary(max_size=40)
NAMES = st.binary(max_size=10).map(lambda name: name.decode(errors="surrogateescape"))


@given(key=MAYBE, value=MAYBE, headers=st.lists(st.tuples(NAMES, MAYBE), max_size=4))
def test_a_line_holds_any_message_byte_for_byte(key, value, headers):
    original = RawMessage("raw", 0, 41, 1000, key, value, tuple(headers))
    assert read_letter(letter_json_line(letter(), original), None) == (key, value, tuple(headers))


@pytest.mark.parametrize("value", [None, b"", b"\xff\r\n"])
def test_a_sheet_names_the_file_with_the_value(tmp_path, value):
    original = RawMessage("raw", 0, 41, 1000, b"k", value, (("h", None),))
    (tmp_path / "a.letter.json").write_bytes(letter_sidecar(letter(), original, "a.value"))
    if value is not None:
        (tmp_path / "a.value").write_bytes(value)
    (document,) = InputDocuments((str(tmp_path),), max_bytes=100)
    assert (document.key, document.value, document.headers) == (b"k", value, (("h", None),))


def test_a_sheet_names_no_file_elsewhere(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "secret").write_bytes(b"secret")
    sheet = {"key": None, "headers": [], "value_file": "../secret"}
    (tmp_path / "out" / "a.letter.json").write_text(json.dumps(sheet))
    (found,) = InputDocuments((str(tmp_path / "out" / "a.letter.json"),), max_bytes=100)
    assert isinstance(found, UnreadableInput)


def test_a_line_that_is_too_long_is_said_and_the_next_letter_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "MAX_LETTER_BYTES", 100)
    good = '{"key": null, "headers": [], "value": "v"}\n'
    (tmp_path / "a.letters.jsonl").write_text(good + "x" * 5000 + "\n" + good)
    first, second, third = InputDocuments((str(tmp_path),), max_bytes=100)
    assert (first.value, first.line, third.value, third.line) == (b"v", 1, b"v", 3)
    assert second == UnreadableInput(second.source, 2, "larger than 100 bytes", is_too_large=True)


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"headers": []}', b'{"headers": [{}], "key": null, "value": null}',
     b'{"headers": [], "key": 3, "value": null}', b'{"headers": [], "key_base64": "*", "value": ""}',
     b'{"headers": [3], "key": null, "value": ""}'],
)  # fmt: skip
def test_what_is_no_letter_is_said_in_a_line(text):
    with pytest.raises(NotALetter, match="no exported letter"):
        read_letter(text, None)
