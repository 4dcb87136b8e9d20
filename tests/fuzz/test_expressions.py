"""Every regular expression of the worker takes time linear in the length of whatever it is given."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

from tests.fuzz.expressions import QUERIES, Expression, Hostile, expressions, hostile, module_names

SHORT, LONG = 256, 2048
# Linear time grows as the length does, by 8; quadratic time by 64.
MAX_GROWTH = 24
# No linear expression takes as long for LONG characters, on the slowest of machines.
SUSPICIOUS_SECONDS = 0.002
HANG_SECONDS = 1.0

# These are run on a few characters only, which the code cuts out of the text: how many, and where.
WINDOWS = {
    "worker.nlp.entities.place_words._LOCATIVE": 60,  # links._city: _CONTEXT_CHARS
    "worker.nlp.speakers.candidates._BEFORE_ROLE": 50,  # _role_start
    "worker.nlp.speakers.candidates._ADJECTIVES": 30,  # _role_start
    "worker.nlp.speakers.possessions._LINKED": 110,  # _LINK_CHARS
    "worker.nlp.speakers.possessions._DETERMINER": 50,  # _phrase_start
    "worker.nlp.speakers.possessions._PLAIN_BEFORE": 30,  # _phrase_start
    "worker.nlp.speakers.possessions._TITLE": 40,  # _titles_before
    "worker.intake.mended_text._TAIL": 100,  # mended_text: _TAIL_CHARS
    "worker.nlp.line_wraps._LAST_WORD": 100,  # last_word: _LONGEST_WORD
    "worker.nlp.entities.founders._BEHIND": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._BEFORE": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._ITSELF": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._ACTS_SO": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._ACTS_ON": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._ITS": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.entities.founders._PERSON": 120,  # _matches: _AROUND_CHARS
    "worker.nlp.pronouns._WORD_BEFORE": 30,  # _LONGEST
    "worker.nlp.quotes.interviews._ASKED": 100,  # _LABEL_CHARS
    "worker.nlp.quotes.interviews._NAMED": 100,  # _LABEL_CHARS
    "worker.nlp.quotes.interviews._ASIDE": 100,  # _LABEL_CHARS
    "worker.nlp.speakers.coreference.surnames._KIN_OF": 60,  # _KIN_CHARS
    "worker.nlp.speakers.introductions._BECAME": 150,  # introduction
}


class _HungError(Exception):
    """An expression went on for too long."""


@contextmanager
def _stopped_after(seconds: float) -> Iterator[None]:
    """Raises _HungError once this thread has computed for so long; `re` looks for signals as it goes."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise _HungError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _seconds(expression: Expression, text: str) -> float:
    began = time.thread_time()
    if expression.searched:
        for _ in expression.pattern.finditer(text):
            pass
    else:
        expression.pattern.match(text)
        expression.pattern.fullmatch(text)
    return time.thread_time() - began


def _grows_too_fast(expression: Expression, text: Hostile) -> bool:
    long, short = text.of(LONG), text.of(SHORT)
    try:
        with _stopped_after(HANG_SECONDS):
            once = _seconds(expression, long)
            # Noise makes the one look longer than it is, and hardly ever each of the others: most end here.
            if once < SUSPICIOUS_SECONDS or once < MAX_GROWTH * min(
                _seconds(expression, short) for _ in range(3)
            ):
                return False
        for _ in range(3):
            with _stopped_after(10 * HANG_SECONDS):
                growth = min(_seconds(expression, long) for _ in range(5)) / min(
                    _seconds(expression, short) for _ in range(5)
                )
            if growth < MAX_GROWTH:
                return False
    except _HungError:
        pass
    return True


def _too_slow(expression: Expression) -> Hostile | None:
    return next((text for text in hostile(expression.pattern) if _grows_too_fast(expression, text)), None)


@pytest.mark.parametrize("part", [*module_names(), QUERIES])
def test_the_expressions_of_a_module_take_time_linear_in_the_length(part: str) -> None:
    own = [one for one in expressions() if one.part == part and one.place not in WINDOWS]
    slow = [(one.place, one.pattern.pattern, text) for one in own if (text := _too_slow(one))]
    assert slow == []


@pytest.mark.parametrize("place", WINDOWS)
def test_an_expression_that_is_not_linear_is_cheap_on_the_few_characters_it_is_run_on(place: str) -> None:
    (expression,) = (one for one in expressions() if one.place == place)
    for text in hostile(expression.pattern):
        with _stopped_after(HANG_SECONDS):
            cut = text.of(2 * WINDOWS[place])[: WINDOWS[place]]
            assert min(_seconds(expression, cut) for _ in range(5)) < SUSPICIOUS_SECONDS, text


@pytest.mark.parametrize(
    ("pattern", "searched", "is_linear"),
    [
        (r"(?:(?:NOT\s+|-)\s*){41}", True, False),
        (r"(a+)+b", False, False),
        (r"(?:\w+|\d+)*!", False, False),
        (r"\s+$", True, False),
        (r"\s+$", False, True),
        (r'"(?:[^"\\]|\\.)*"', True, False),
        (r"chant\s*(?:out\s*)?\s*$", True, False),
        (r"chant\s*+(?:out\s*+)?\s*+$", True, True),
        (r"[^\W_]+(?:['’-][^\W_]+)*", True, True),
        (r"(?<!\s)\s+$", True, True),
    ],
)
def test_the_test_tells_linear_expressions_from_others(pattern: str, searched: bool, is_linear: bool) -> None:
    found = _too_slow(Expression("here", re.compile(pattern), searched))
    assert (found is None) == is_linear, found


def test_every_expression_is_found() -> None:
    found = {one.place for one in expressions()}
    assert len(found) == len(expressions()), "two at one place"
    assert {
        "worker.query.language._NESTING",
        "worker.query.words._WORD",
        "worker.intake.fields._UNPRINTABLE",
        "query terminal OPTION",
    } <= found
    assert any(place.startswith("worker.records.media_topics:") for place in found), "those within functions"
    assert any(place.startswith("worker.records.rules:") for place in found), "those of pydantic"
