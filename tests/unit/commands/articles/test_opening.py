"""What lies in a folder beside articles is neither sent nor waited for: links out of it, FIFOs, devices."""

import json
import os
import socket
from pathlib import Path

import pytest

from worker.commands.articles import opening
from worker.commands.articles.documents import InputDocument, InputDocuments, UnreadableInput
from worker.commands.articles.opening import InputFile, NotOpened


@pytest.fixture
def folder(tmp_path):
    """A folder with one article, beside which lies a secret."""
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "more.txt").write_text("more")
    inside = tmp_path / "in"
    (inside / "sub").mkdir(parents=True)
    (inside / "a.txt").write_text("a")
    return inside


def read(*paths: Path, follow_links: bool = False, max_bytes: int = 1000) -> dict[str, bytes | str | None]:
    """By file name: what was read of it, or the error."""
    documents = InputDocuments([*map(str, paths)], max_bytes=max_bytes, follow_links=follow_links)
    return {
        Path(one.source).name: one.error if isinstance(one, UnreadableInput) else one.value
        for one in documents
    }


@pytest.mark.parametrize(
    ("name", "target", "followed"),
    [
        ("l.txt", "../secret.txt", b"secret"),
        ("l.txt", "{absolute}/secret.txt", b"secret"),
        ("sub/l.txt", "../../secret.txt", b"secret"),
        ("l.jsonl", "/dev/zero", "a device, passed over: only files are read, and - is standard input"),
    ],
)
def test_a_link_that_leads_out_is_followed_only_if_asked_for(folder, name, target, followed):
    (folder / name).symlink_to(target.format(absolute=folder.parent))
    link = Path(name).name
    refused = read(folder)[link]
    if target.startswith("/dev"):
        assert refused == followed
    else:
        assert refused == f"a symbolic link that leads out of {folder}: --follow-links follows it"
    assert read(folder)["a.txt"] == b"a"
    assert read(folder, follow_links=True)[link] == followed


def test_a_link_to_a_folder_outside_is_reported_and_followed_only_if_asked_for(folder):
    (folder / "l").symlink_to("../secrets")
    assert read(folder) == {
        "a.txt": b"a",
        "l": f"a symbolic link that leads out of {folder}: --follow-links follows it",
    }
    assert read(folder, follow_links=True) == {"a.txt": b"a", "more.txt": b"more"}


def test_links_in_a_circle_are_followed_once(folder):
    (folder / "sub" / "again").symlink_to("..")
    (folder / "sub" / "itself").symlink_to(".")
    assert read(folder, follow_links=True) == {"a.txt": b"a"}


def test_links_that_stay_inside_and_links_that_are_named_are_read(folder):
    (folder / "sub" / "l.txt").symlink_to("../a.txt")
    (folder.parent / "named.txt").symlink_to("secret.txt")
    (folder.parent / "named").symlink_to("in")
    assert read(folder) == {"a.txt": b"a", "l.txt": b"a"}
    assert read(folder.parent / "named.txt") == {"named.txt": b"secret"}
    assert read(folder.parent / "named") == {"a.txt": b"a", "l.txt": b"a"}


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize(("kind", "name"), [("FIFO", "x.txt"), ("FIFO", "x.jsonl"), ("socket", "x.json")])
def test_a_fifo_and_a_socket_are_passed_over_with_a_line(folder, monkeypatch, kind, name, is_named):
    monkeypatch.chdir(folder)  # a socket's path must be short
    if kind == "FIFO":
        os.mkfifo(name)
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(name)
    said = f"a {kind}, passed over: only files are read, and - is standard input"
    assert read(folder / name if is_named else folder)[name] == said


def test_a_file_that_is_too_large_is_refused_before_it_is_read(folder, monkeypatch):
    with (folder / "large.txt").open("wb") as file:
        file.truncate(1 << 40)
    with (folder / "large.letter.json").open("wb") as file:
        file.truncate(1 << 40)
    assert read(folder) == {
        "a.txt": b"a",
        "large.txt": "larger than 1,000 bytes",
        "large.letter.json": f"larger than {64 << 20:,} bytes",
    }


@pytest.mark.parametrize("target", ["../secret.txt", "fifo"])
def test_the_value_of_an_exported_letter_is_held_to_the_same(folder, target):
    os.mkfifo(folder / "fifo")
    (folder / "v.value").symlink_to(target)
    (folder / "v.letter.json").write_text('{"key": null, "headers": [], "value_file": "v.value"}')
    for paths in ([folder], [folder / "v.letter.json"]):
        assert "passed over" in read(*paths)["v.letter.json"] or "leads out" in read(*paths)["v.letter.json"]
    followed = read(folder, follow_links=True)["v.letter.json"]
    assert followed == b"secret" if target != "fifo" else "a FIFO" in followed


@pytest.mark.parametrize("name", ["", 7, "..", "\0"])
def test_a_letter_that_names_no_file_is_a_line(folder, name):
    (folder / "v.letter.json").write_text(json.dumps({"key": None, "headers": [], "value_file": name}))
    assert isinstance(read(folder)["v.letter.json"], str)


def test_a_file_that_is_swapped_for_a_link_while_it_is_opened_is_not_read(folder, monkeypatch):
    real_open = os.open

    def swap(path, *flags):
        os.unlink(path)
        os.symlink(folder.parent / "secret.txt", path)
        descriptor = real_open(path, *flags)
        os.unlink(path)
        Path(path).write_text("harmless again")
        return descriptor

    monkeypatch.setattr(opening.os, "open", swap)
    with pytest.raises(NotOpened, match="leads out"):
        InputFile(str(folder / "a.txt"), str(folder)).open()


def test_every_document_of_a_folder_without_links_is_what_it_was(folder):
    (document,) = InputDocuments([str(folder)], max_bytes=10)
    assert document == InputDocument(str(folder / "a.txt"), None, "text/plain", b"a")
