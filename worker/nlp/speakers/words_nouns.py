"""Finds whose words are quoted where a noun tells it: "**her** words were “...”", "**Ms Obi**'s claim"."""

import re
from collections.abc import Iterator, Sequence

from worker.nlp.entities.group import Span
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.speakers.phrase import Phrase

# "The union's **claim that**", "their **charges of**".
_SAYINGS = (
    r"(?:accusation|admission|allegation|argument|assertion|assessment|assurance|charge|claim|comment|complaint|"
    r"conclusion|contention|declaration|denunciation|description|insistence|observation|pledge|prediction|promise|"
    r"remark|suggestion|verdict|view|vow|warning)s?"
)
_WORDS = (
    r"(?:words?|phrase|phrases|answer|answers|reply|message|motto|verdict|warning|advice|response|refrain)"
)
# Few sentences have one, so that the patterns are worth their time.
_ANY_WORDS = re.compile(rf"\b{_WORDS}\b")
_POSSESSOR = r"\b(?P<who>[Hh]is|[Hh]er|[Tt]heir|[Ii]ts)\s{1,3}"
_ADJECTIVES = r"(?:[a-z-]{1,20}\s{1,3}){0,2}?"
_MARKS = r"\s{0,3}[“\"‘'«„`]{1,6}$"
_TOLD = re.compile(rf"['’]s?\s+(?:[a-z-]+\s+){{0,2}}?({_SAYINGS})\s+(?:that|of|about|as)\s")
_TOLD_BY_PRONOUN = re.compile(
    rf"\bover\s{{1,3}}(?P<who>its|their|his|her)\s{{1,3}}{_ADJECTIVES}(?P<noun>{_SAYINGS})\s{{1,3}}(?:that|of|about)\s"
)
# "**Ms Obi**'s words were “...”", "**Ms Obi**'s words when she left: “...”".
_WERE_BEHIND = re.compile(
    rf"['’]s?\s{{1,3}}{_ADJECTIVES}(?P<noun>{_WORDS})(?:\s{{1,3}}(?:was|were|is|are)(?:\s{{1,3}}\w+ly)?[:,]?"
    rf"|\s{{1,3}}(?:when|as|on|to|about)\s[^.;!?\n“”\"]{{1,80}}?:){_MARKS}"
)
_WERE_PRONOUN = re.compile(
    rf"{_POSSESSOR}{_ADJECTIVES}(?P<noun>{_WORDS})(?:\s{{1,3}}(?:was|were|is|are)(?:\s{{1,3}}\w+ly)?[:,]?|:){_MARKS}"
)
# "In **her** own words, the bridge was “...”", "“...,” in **Ms Obi**'s words".
_IN_WORDS_BEHIND = re.compile(r"['’]s?\s{1,3}(?:own\s{1,3})?(?P<noun>words)\b")
_IN_WORDS_PRONOUN = re.compile(rf"\b[Ii]n\s{{1,3}}{_POSSESSOR}(?:own\s{{1,3}})?(?P<noun>words)\b")
_IN = re.compile(r"\b[Ii]n\s+(?:the\s+)?(?:[A-Z][\w.]*\s+){0,2}$")


def owned_words_of(text: str, known: Sequence[Phrase], part: Span) -> Iterator[tuple[Phrase, Span]]:
    """Those whose words the quote behind this part of its sentence is called, each with the noun."""
    if _ANY_WORDS.search(text, *part) is None:
        return
    for phrase in known:
        if phrase.end > part[1] or phrase.start < part[0]:
            continue
        found = _WERE_BEHIND.match(text, phrase.end, part[1])
        if found is None and _IN.search(text, max(part[0], phrase.start - 30), phrase.start):
            found = _IN_WORDS_BEHIND.match(text, phrase.end, part[1])
        if found:
            yield phrase, found.span("noun")
    for pattern in (_WERE_PRONOUN, _IN_WORDS_PRONOUN):
        found = pattern.search(text, *part)
        if found:
            yield _pronoun(found), found.span("noun")


def sayings_of(text: str, known: Sequence[Phrase], part: Span) -> Iterator[tuple[Phrase, Span, int]]:
    """Those whose claim, charge or the like the part tells of, with the noun and where its "that" ends.

    "Critics mock **the choir** over its description of": of a body its one name in the sentence.
    """
    for phrase in known:
        found = _TOLD.match(text, phrase.end, part[1])
        if found:
            yield phrase, found.span(1), found.end()
    found = _TOLD_BY_PRONOUN.search(text, *part)
    if found is None:
        return
    bodies = [
        p for p in known if p.head.type in ("ORG", "GPE") and part[0] <= p.start and p.end < found.start()
    ]
    if found["who"] in ("its", "their") and len(bodies) == 1:
        yield bodies[0], found.span("noun"), found.end()
    elif found["who"] in ("his", "her"):
        yield _pronoun(found), found.span("noun"), found.end()


def _pronoun(found: re.Match[str]) -> Phrase:
    start, end = found.span("who")
    return Phrase(start, end, Candidate(start, end, "pronoun"))
