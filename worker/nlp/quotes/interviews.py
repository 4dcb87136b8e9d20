"""Finds the turns of interviews and transcripts: lines that begin with "Q:", "A:" or a name and a colon.

They are quotes without marks: whoever the label names said the line, and the paragraphs that follow it up to
the next label.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.wordlists import words

CONFIDENCE = 0.9
"""The confidence of a turn as a quote."""

ASKERS = frozenset(
    ("host", "interviewer", "journalist", "moderator", "presenter", "q", "question", "questioner", "reporter")
)
"""Labels, without their numbers, of those who ask and are not named."""
ANSWERERS = frozenset({"a", "ans", "answer", "interviewee"})
"""Labels of whoever is interviewed."""

_LINE = re.compile(r"[^\n\r\u2028\u2029]+")
_ASKED = re.compile(
    r"[ \t>*_]*(?P<label>(?:Q|A|Question|Answer|QUESTION|ANSWER|Ans|Ques)(?:[ ]?\d{1,3})?)[*_]*"
    r"(?:[ \t]*[:.)][*_]*|[ \t]+[-–—])[ \t]*"
)
_WORD = r"[^\W\d_][\w.’'&-]*"
_NAMED = re.compile(
    rf"[ \t>*_]*(?P<label>(?=[^\W\d_])(?=[^a-z]){_WORD}(?:[ ]{_WORD}){{0,4}})[*_]*"
    r"(?:[ ]?\([^()\n]{1,30}\))?[*_]*:[*_]*(?:[ \t]+|$)"
)
_MARKS = "“”„\"«»‘’'"
_ASIDE = re.compile(r"[ \t]*[\[(*_].*[\])*_][ \t]*$")
_NARRATES = re.compile(r"[”\"»’][ \t]*(?:[\w’'-]{1,30}[ \t]{1,3}){0,3}(?:said|says|asked|told|added)\b")
_SMALL = frozenset(("of", "the", "de", "la", "da", "van", "von", "bin", "al", "el", "and", "for", "dos"))
_TALK = re.compile(
    r"\b(?:interview\w*|conversation|q&a|(?:spoke|speaks|talk(?:ed|s)?|chat(?:ted|s)?|sat\s+down|caught\s+up|met)\s+"
    r"(?:to|with|up\s+with)|answer(?:s|ed)|we\s+asked|(?:took|takes|put)\s+(?:our\s+)?questions)\b",
    re.IGNORECASE,
)
_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Mm]e|[Ww]e|[Oo]ur)\b")
_FEWEST_TURNS = 3
# A label, or an aside, is no longer.
_LABEL_CHARS = 100


@dataclass(frozen=True, slots=True)
class Turn:
    """What one label begins. `parts`: its paragraphs, without marks around them."""

    label: Span
    parts: tuple[Span, ...]
    is_question: bool


def turns(text: str, people: Sequence[str]) -> list[Turn]:
    """The turns of an interview in order, none where the text is no interview. `people`: whom it names."""
    found = list(_labelled(text, _ASKED))
    kinds = {_asks(text, label) for label, _ in found}
    asks = [text[start : _line_end(text, start)].rstrip(" \t*_" + _MARKS) for label, start in found]
    if kinds == {True, False} and any(line.endswith("?") for line in asks):
        found = found if _is_talk(text, found) else []
    else:
        found = _of_an_interview(text, list(_labelled(text, _NAMED)), people)
    return list(_cut(text, found))


def label_key(label: str) -> str:
    """A label without its number, titles and small words' case: "q" for "Q12"."""
    key = " ".join(word for word in label.casefold().replace(".", "").split() if not word.isdigit())
    return key.rstrip("0123456789")


def label_words(label: str) -> list[str]:
    """The words of a label, without titles."""
    return [w for w in WORD.findall(label.casefold()) if w.strip(".") not in words("honorifics.txt")]


def _labelled(text: str, pattern: re.Pattern[str]) -> Iterator[tuple[Span, int]]:
    """Each label that begins a line, and where what it introduces begins."""
    for line in _LINE.finditer(text):
        match = pattern.match(text, line.start(), min(line.end(), line.start() + _LABEL_CHARS))
        if match and _is_label(match["label"]):
            yield match.span("label"), match.end()


def _is_label(label: str) -> bool:
    """Whether all words but small ones begin with a capital."""
    return len(label) <= 40 and all(word[0].isupper() or word in _SMALL for word in label.split())


def _is_talk(text: str, found: Sequence[tuple[Span, int]]) -> bool:
    """Whether somebody answers, rather than the writer: the text tells of a talk, or an answer has an "I"."""
    answers = (text[start : _line_end(text, start)] for label, start in found if not _asks(text, label))
    return bool(_TALK.search(text, 0, found[0][0][0])) or any(map(_FIRST_PERSON.search, answers))


def _asks(text: str, label: Span) -> bool:
    return label_key(text[slice(*label)]) in ASKERS


def _of_an_interview(
    text: str, found: list[tuple[Span, int]], people: Sequence[str]
) -> list[tuple[Span, int]]:
    """The labels that speak in turns: at least one is a person's, and somebody speaks twice."""
    often = Counter(label_key(text[slice(*label)]) for label, _ in found)
    if len(often) < 2:
        return []
    named = {word for name in people for word in WORD.findall(name.casefold())}
    initials = {"".join(word[0] for word in name.casefold().split()) for name in people}
    persons = {key for key in often if _is_person(key, named, initials)}
    spoken = {key for key in often if often[key] > 1 or key in persons or key in ASKERS}
    kept = [(label, start) for label, start in found if label_key(text[slice(*label)]) in spoken]
    asks = any(text[start : _line_end(text, start)].rstrip(" \t" + _MARKS).endswith("?") for _, start in kept)
    in_turn = {label_key(text[slice(*label)]) for label, _ in kept}
    is_talk = len(kept) >= _FEWEST_TURNS and len(in_turn) > 1 and max(often[key] for key in in_turn) > 1
    # A table of numbers has labels too.
    is_talk = is_talk and 2 * sum(_has_words(text, start) for _, start in kept) > len(kept)
    is_between_people = len(persons) > 1 and sum(often[key] > 1 for key in persons) > 1
    return kept if persons and is_talk and (asks or is_between_people) else []


def _has_words(text: str, start: int) -> bool:
    found = WORD.findall(text[start : min(_line_end(text, start), start + 200)])
    return sum(word.isalpha() for word in found) > 1 or not found


def _is_person(key: str, named: set[str], initials: set[str]) -> bool:
    found = label_words(key)
    is_short = len(found) == 1 and 1 < len(found[0]) < 5 and found[0] in initials
    return bool(found) and (named.issuperset(found) or is_short)


def _cut(text: str, found: list[tuple[Span, int]]) -> Iterator[Turn]:
    names = {
        label_words(text[slice(*label)])[-1] for label, _ in found if label_words(text[slice(*label)])
    } - (ASKERS | ANSWERERS)
    limits = [*(label[0] for label, _ in found), -1][1:]
    for (label, start), limit in zip(found, limits, strict=True):
        stop = limit if limit >= 0 else _end_of_last(text, start)
        parts = []
        for line in _LINE.finditer(text, start, stop):
            span = _without_marks(text, *line.span())
            # What stands between two turns goes on with the first, unless the writer tells it.
            is_first = line.start() == start
            if span and (is_first or not _is_told(text[slice(*line.span())], names)):
                parts.append(span)
        if parts:
            yield Turn(label, tuple(parts), _asks(text, label))


def _is_told(line: str, names: set[str]) -> bool:
    """Whether a line between turns is the writer's: an aside in brackets, or one that names who talks."""
    if (len(line) <= _LABEL_CHARS and _ASIDE.match(line)) or _NARRATES.search(line):
        return True
    return not names.isdisjoint(WORD.findall(line.casefold()))


def _line_end(text: str, start: int) -> int:
    line = _LINE.match(text, start)
    return line.end() if line else start


def _end_of_last(text: str, start: int) -> int:
    """Where the last turn ends: with its line, or with the next one if the label stands alone."""
    end = _line_end(text, start)
    if text[start:end].strip():
        return end
    following = _LINE.search(text, end)
    return following.end() if following else end


def _without_marks(text: str, start: int, end: int) -> Span | None:
    """The line without white space, and without the marks around the whole of it."""
    inside = text[start:end].strip(" \t*_")
    if len(inside) > 1 and inside[0] in _MARKS and inside[-1] in _MARKS:
        inner = inside[1:-1]
        inside = inner.strip() if not any(mark in inner for mark in '“”„"«»') else inside
    if not any(character.isalnum() for character in inside):
        return None
    first = text.index(inside, start, end)
    return first, first + len(inside)
