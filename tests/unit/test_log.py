"""A log line is an event with fields, as text or as JSON."""

import json
import logging

import pytest

from worker import log
from worker.settings import Settings


@pytest.fixture(autouse=True)
def logging_as_it_was():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def logged(capsys, log_format, log_level="info"):
    log.setup_logging(Settings(log_format=log_format, log_level=log_level))
    logger = logging.getLogger("worker.test")
    log.log_event(logger, logging.INFO, "lane opened", partition=3, topic="a b", none=None, empty="")
    log.log_event(logger, logging.DEBUG, "not asked for")
    try:
        raise ValueError("why")
    except ValueError:
        logger.exception("it failed with %s", 7)
    return capsys.readouterr().err


def test_text_has_the_fields_behind_the_event(capsys):
    opened, failed, *trace = logged(capsys, "text").splitlines()
    assert opened[8:] == ' info lane opened partition=3 topic="a b" none=None empty=""'
    assert failed[8:] == " error it failed with 7"
    assert trace[-1] == "ValueError: why"


def test_json_is_one_object_a_line(capsys):
    opened, failed = map(json.loads, logged(capsys, "json").splitlines())
    assert opened["event"] == "lane opened"
    assert (opened["partition"], opened["topic"], opened["level"]) == (3, "a b", "info")
    assert opened["logger"] == "worker.test"
    assert failed["traceback"].endswith("ValueError: why")


def test_where_no_terminal_watches_it_is_json(capsys):
    assert logged(capsys, "auto").startswith("{")


def test_levels_are_kept_and_chatty_clients_are_quiet(capsys):
    assert "not asked for" not in logged(capsys, "text")
    assert "not asked for" in logged(capsys, "text", "debug")
    log.setup_logging(Settings())
    assert not logging.getLogger("aiokafka.consumer").isEnabledFor(logging.INFO)


def test_a_library_that_repeats_itself_is_let_through_once_in_a_while(capsys, monkeypatch):
    # A command that ran before may have silenced it.
    monkeypatch.setattr(logging.getLogger("aiokafka"), "propagate", True)
    monkeypatch.setattr(logging.getLogger("aiokafka"), "handlers", [])
    log.setup_logging(Settings(log_format="json"))
    library, own = logging.getLogger("aiokafka.conn"), logging.getLogger("worker.test")
    for port in range(100):
        library.error("can't connect to %s", port)
        own.error("ours")
    monkeypatch.setattr(log, "REPEAT_SECONDS", 0)
    library.error("can't connect to %s", 7)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    theirs = [line for line in lines if line["logger"] == "aiokafka.conn"]
    assert [line["event"] for line in theirs] == ["can't connect to 0", "can't connect to 7"]
    assert theirs[1]["held_back"] == 99
    assert len(lines) == 102


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_what_is_not_printable_is_escaped(capsys, log_format):
    log.setup_logging(Settings(log_format=log_format))
    evil = "a\x1b[2J\x9b\u202e\udcffb"
    log.log_event(logging.getLogger("worker.test"), logging.INFO, f"seen {evil}", article=evil)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()
    assert "\\u202e" in line
    if log_format == "json":
        assert json.loads(line)["article"] == evil


@pytest.mark.parametrize("log_level", ["debug", "info", "warning"])
def test_the_framework_s_timers_say_nothing_at_any_level(capsys, log_level):
    log.setup_logging(Settings(log_level=log_level))
    timers = logging.getLogger("mode.timers")
    timers.debug("Timer %s woke up", "_commit_handler")
    timers.info("Timer %s woke up too late, with a drift of +%r", "_commit_handler", 1.5)
    timers.warning("Timer %s is overlapping", "_commit_handler")
    assert capsys.readouterr().err == ""
