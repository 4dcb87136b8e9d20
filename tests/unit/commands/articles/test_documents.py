"""Reading documents from what is named on the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from worker.commands.articles.documents import (
    HTML_TYPE,
    JSON_TYPE,
    NINJS_TYPE,
    TEXT_TYPE,
    XML_TYPE,
    InputDocument,
    InputDocuments,
    UnreadableInput,
)


def read(*paths: str | Path, max_bytes: int = 1000, content_type: str | None = None) -> list:
    return list(InputDocuments(tuple(map(str, paths)), max_bytes=max_bytes, content_type=content_type))


@pytest.mark.parametrize(
    ("name", "value", "content_type", "key"),
    [
        ("a.txt", b"A ferry left.", TEXT_TYPE, None),
        ("a.html", b"<p>A ferry left.</p>", HTML_TYPE, None),
        ("a.xml", b"<nitf/>", XML_TYPE, None),
        ("a.rss", b"<rss/>", XML_TYPE, None),
        ("a.HTM", b"<p>A ferry left.</p>", HTML_TYPE, None),
        ("a.json", b'{"id": "x-1", "text": "A ferry left."}', JSON_TYPE, b"x-1"),
        ("a.json", b'{"id": 17, "text": "A ferry left."}', JSON_TYPE, b"17"),
        ("a.json", b'{"id": true, "text": "A ferry left."}', JSON_TYPE, None),
        ("a.json", b'{"text": "A ferry left."}', JSON_TYPE, None),
        ("a.json", '{"id": "möwe"}'.encode(), JSON_TYPE, "möwe".encode()),
        ("a.json", b'\xef\xbb\xbf{"id": "after a mark"}', JSON_TYPE, b"after a mark"),
        ("a.json", b'{"uri": "urn:n:1", "bodies": []}', NINJS_TYPE, b"urn:n:1"),
        ("a.json", b'{"uri": "urn:n:1", "headlines": [], "id": "no"}', NINJS_TYPE, b"urn:n:1"),
        ("a.json", b'{"uri": "urn:n:1", "text": "plain"}', JSON_TYPE, None),
        ("a.json", b"[1, 2]", JSON_TYPE, None),
        ("a.json", b"{not json", JSON_TYPE, None),
        ("a.json", b"\xff\xfe", JSON_TYPE, None),
    ],
)
def test_a_file_is_one_document_told_by_its_ending(tmp_path, name, value, content_type, key):
    path = tmp_path / name
    path.write_bytes(value)
    assert read(path) == [InputDocument(str(path), None, content_type, value, key)]


def test_json_lines_are_a_document_each_and_empty_lines_none(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "1"}\r\n\n  \n{"uri": "u", "bodies": []}\nnot json')
    assert [(d.place, d.content_type, d.key, d.value) for d in read(path)] == [
        (f"{path}:1", JSON_TYPE, b"1", b'{"id": "1"}'),
        (f"{path}:4", NINJS_TYPE, b"u", b'{"uri": "u", "bodies": []}'),
        (f"{path}:5", JSON_TYPE, None, b"not json"),
    ]


@pytest.mark.parametrize("size", [999, 1000, 1001, 1002, 1003, 5000])
def test_a_line_over_the_limit_is_passed_over_and_its_neighbours_are_not(tmp_path, size):
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"{}\n" + b"y" * size + b"\n{}\n")
    first, middle, last = read(path)
    assert (first.line, first.value, last.line, last.value) == (1, b"{}", 3, b"{}")
    if size <= 1000:
        assert middle.value == b"y" * size
    else:
        assert middle == UnreadableInput(str(path), 2, "larger than 1,000 bytes", is_too_large=True)


def test_the_last_line_may_be_over_the_limit_and_unended(tmp_path):
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"{}\n" + b"y" * 3000)
    assert [type(d) for d in read(path)] == [InputDocument, UnreadableInput]


def test_a_file_over_the_limit_is_unreadable(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"y" * 1001)
    assert read(path) == [UnreadableInput(str(path), None, "larger than 1,000 bytes", is_too_large=True)]


def test_folders_are_read_recursively_in_the_order_of_their_names(tmp_path):
    for name in ("b.txt", "a.json", "z/c.txt", "z/.hidden.txt", ".git/d.txt", "notes.md", "y/e.html"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"{}")
    documents = InputDocuments((str(tmp_path),), max_bytes=10)
    names = [os.path.relpath(d.source, tmp_path) for d in documents]
    assert names == ["a.json", "b.txt", "y/e.html", "z/c.txt"]
    assert (documents.passed_over, documents.bytes_read, documents.total_bytes) == (1, 8, 8)


def test_a_folder_that_says_it_has_no_articles_is_passed_over_unless_it_is_named(tmp_path):
    (tmp_path / "gold").mkdir()
    for name in ("a.txt", "gold/.no-articles", "gold/b.txt"):
        (tmp_path / name).write_text("x")
    assert [d.source for d in InputDocuments((str(tmp_path),), max_bytes=9)] == [str(tmp_path / "a.txt")]
    assert [d.source for d in InputDocuments((str(tmp_path / "gold"),), max_bytes=9)] == [
        str(tmp_path / "gold" / "b.txt")
    ]


def test_a_file_that_is_not_there_is_said_and_the_next_is_read(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"x")
    missing, there = read(tmp_path / "no.txt", tmp_path / "a.txt")
    assert missing == UnreadableInput(str(tmp_path / "no.txt"), None, "No such file or directory")
    assert there.value == b"x"


@pytest.mark.parametrize("name", ["seeds", "article.text", "article.txt", "none/article"])
def test_a_file_that_is_not_there_is_said_to_be_missing_whatever_its_ending(tmp_path, name):
    (unreadable,) = read(tmp_path / name)
    assert unreadable.error == "No such file or directory"


def test_an_unknown_ending_is_said_unless_the_content_type_is_given(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    (unknown,) = read(path)
    assert isinstance(unknown, UnreadableInput)
    assert "--content-type" in unknown.error
    assert read(path, content_type="text/plain; charset=latin-1") == [
        InputDocument(str(path), None, "text/plain; charset=latin-1", b"x")
    ]


SHOW = """
import sys
from worker.commands.articles.documents import InputDocuments
for document in InputDocuments(("-",), max_bytes=100, content_type=sys.argv[1] if sys.argv[1:] else None):
    print(document.place, document.content_type, document.value)
"""


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], ["-:1 application/json b'{}'", "-:2 application/json b'[]'"]),
        (["text/plain"], ["- text/plain b'{}\\n[]\\n'"]),
    ],
)
def test_standard_input_is_json_lines_unless_said_otherwise(options, shown):
    done = subprocess.run(
        [sys.executable, "-c", SHOW, *options], input=b"{}\n[]\n", capture_output=True, check=True
    )
    assert done.stdout.decode().splitlines() == shown
