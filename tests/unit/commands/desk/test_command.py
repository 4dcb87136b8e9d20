"""`dateline desk`: it starts only where it is clear who may look."""

import pytest

from worker.commands import main
from worker.commands.desk.topic_source import SHOWN_BYTES, error_place, first_shown, hex_lines


def refused(capsys, *words):
    with pytest.raises(SystemExit) as end:
        main(["desk", *words])
    return end.value.code, capsys.readouterr().err


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text("correct-horse-battery\n")
    return str(path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--host", "0.0.0.0"], "--host 0.0.0.0 lets others than this machine in: it takes --token-file or"),
        (["--host", "desk.example"], "takes --token-file or --proxy-header"),
        (
            ["--host", "0.0.0.0", "--proxy-header", "X-User"],
            "takes --proxy-from: anybody else could send that",
        ),
        (["--proxy-from", "10.0.0.1"], "--proxy-from says where --proxy-header may come from, and takes it"),
        (["--proxy-header", "X-User", "--proxy-from", "10.0.0.1/8"], "takes an address or a network such as"),
        (["--port", "70000"], "takes a whole number from 0 to 65535, got '70000'"),
        (["--token-file", "none"], "'none' does not exist"),
        (["--demo", "--brokers", "kafka:9092"], "--demo has a broker of its own"),
    ],
)
def test_what_would_let_anybody_in_is_wrong_usage(capsys, words, says):
    code, said = refused(capsys, *words)
    assert code == 2
    assert says in " ".join(said.split())


@pytest.mark.parametrize(("content", "got"), [("", 0), ("short\n", 5), ("x" * 2000, 1025)])
def test_a_token_that_can_be_guessed_is_refused(capsys, tmp_path, content, got):
    path = tmp_path / "token"
    path.write_text(content)
    code, said = refused(capsys, "--token-file", str(path))
    assert code == 2
    assert f"takes a token of 16 to 1,024 characters, got {got:,}" in " ".join(said.split())


def test_a_port_that_is_taken_is_one_line(capsys, token):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, said = refused(capsys, "--port", port, "--token-file", token, "--brokers", "127.0.0.1:1")
    assert code == 1
    assert said == f"dateline: --port {port} is taken on 127.0.0.1; --port 0 takes one that is free\n"


def test_bytes_are_shown_sixteen_a_line():
    assert hex_lines(b'{"id": "a-1"}\x00\xff~\n') == [
        '00000000  7b 22 69 64 22 3a 20 22  61 2d 31 22 7d 00 ff 7e  {"id": "a-1"}..~',
        "00000010  0a                                                .",
    ]
    assert hex_lines(b"") == []


@pytest.mark.parametrize(
    ("error_at", "size", "first", "marked"),
    [
        (0, 20, 0, "00"),
        (7, 20, 0, "07"),
        (8, 20, 0, "08"),
        (15, 20, 0, "0f"),
        (19, 20, 0, "13"),
        (5000, 9000, 3968, "88"),
    ],
)
def test_the_byte_of_an_error_is_found_in_the_lines_that_show_it(error_at, size, first, marked):
    value = bytes(number % 256 for number in range(size))
    assert first_shown(error_at) == first
    place = error_place(error_at, first, size)
    line = hex_lines(value[first : first + SHOWN_BYTES], first)[place["line"]]
    assert line[place["hex"] :].startswith(marked)
    assert place["char"] == 60 + error_at % 16
    assert int(line[:8], 16) == error_at // 16 * 16


def test_an_error_behind_the_last_byte_is_marked_nowhere():
    assert error_place(20, 0, 20)["line"] is None
    assert (error_place(None, 0, 20), first_shown(None)) == (None, 0)
