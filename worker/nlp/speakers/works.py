"""Finds the work that a quotation is from: a poem, a song, scripture, a slogan, an inscription, a law.

Whoever recites it or carries it on a banner does not say it as their own.
"""

import re

from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.wordlists import words

_BEFORE_CHARS, _BEHIND_CHARS, _SINCE_CHARS = 140, 100, 200
# With a bound: of several runs of white space without one the time would grow as a power of their length.
_SPACE, _MAY_SPACE = r"\s{1,3}", r"\s{0,3}"
_NOUN = rf"(?:{'|'.join(sorted(words('works.txt'), key=len, reverse=True))})"
# "Article 14 of the constitution", "Psalm 23", "Isaiah 40:31", "the Book of Ruth", "the Gospel of Matthew".
_NUMBERED = (
    r"(?:(?:Article|Section|Clause|Chapter|Paragraph|Rule|Amendment|Verse|Psalm|Surah?|Canto|Sonnet)s?\s{1,3}"
    r"(?:\d[\w().]{0,8}|[IVXLC]{1,6})\b|(?:[1-3]\s)?[A-Z][a-z]{2,14}\s\d{1,3}:\d{1,3}(?:[-–]\d{1,3})?)"
)
_OF = r"(?:\s{1,3}(?:of|from|by|in|on|for|to|about)\s{1,3}[^,.;:!?\n“”\"«»]{1,50}?)?"
_PLAIN = (
    r"(?:(?i:the|a|an|his|her|their|its|this|that|one|some|many|several|two|another)\s{1,3}(?:[a-z][\w’'-]*\s{1,3}){0,2}?)?"
    rf"(?i:{_NOUN})\b"
)
_NAMED = (
    r"(?:[Tt]he\s{1,3})?(?:Holy\s{1,3})?(?:Book|Gospel|Law|Laws|Constitution|Charter|Act)\s{1,3}of\s{1,3}"
    r"(?:the\s{1,3})?[A-Z]\w+"
)
_WORK = rf"(?P<work>(?:{_NUMBERED}|{_NAMED}|{_PLAIN}){_OF})"
_OPENS = r"[:,]?\s{0,3}[“\"‘'«„`]{0,6}$"
_READS = (
    r"(?:says?|said|saying|reads?|reading|states?|stated|stating|provides?|declar(?:es|ed|ing)|guarantees?|"
    r"stipulat(?:es|ed|ing)|proclaim(?:s|ed|ing)|begins?|began|goes|went|runs|ran|warns|warned|teaches|commands|bears|"
    r"bearing|bore|demand(?:s|ed|ing)|asks?|asking|has\s{1,3}it|puts\s{1,3}it)"
)
_RECITES = (
    r"(?:recit(?:es?|ed|ing)|quot(?:es?|ed|ing)|cit(?:es?|ed|ing)|sang|sings?|singing|sung|"
    r"read(?:s|ing)?(?:\s{1,3}(?:out|aloud|from))?|invok(?:es?|ed|ing)|inton(?:es?|ed|ing)|chant(?:s|ed|ing)?|"
    r"carr(?:y|ied|ies|ying)|h[eo]ld(?:s|ing)?|wav(?:es?|ed|ing)|w[oe]re|wears?|wearing|"
    r"(?:open|clos|end|began|begin|start|finish|conclud)(?:s|es|ed|ing)?\s{1,3}with)"
)
_READ_BEFORE = re.compile(rf"\b{_WORK},?{_SPACE}(?:(?:that|which){_SPACE})?{_READS}(?:{_SPACE}that)?{_OPENS}")
# What a law with a number says may begin before the mark: "Rule 9 states that no rower “wears a hat”".
_RULED_BEFORE = re.compile(
    rf"\b(?P<work>(?:{_NUMBERED}|{_NAMED}){_OF}),?{_SPACE}(?:(?:that|which){_SPACE})?{_READS}{_SPACE}"
    rf"(?:that{_SPACE})?[^,.;:!?\n“”\"«»]{{1,60}}{_OPENS}"
)
# "**Rule 9** lets guests aboard. Still, **it stipulates** that “no guest ...”".
_IT_STATES = re.compile(
    rf"^(?:[^,.;:!?\n“”\"«»]{{1,30}},{_SPACE})?[Ii]t{_SPACE}(?:\w{{2,10}}{_SPACE})?{_READS}(?:{_SPACE}that)?"
    rf"(?:{_SPACE}[^,.;:!?\n“”\"«»]{{1,60}})?{_OPENS}"
)
_OF_WHOLE = (
    r"(?:\s(?:of|from|in)\s(?:the\s|its\s|an?\s)?(?:[A-Z][\w’'-]*(?:\s(?:of\s(?:the\s)?)?[A-Z][\w’'-]*){0,5}|"
    r"[a-z][\w-]*))?"
)
_SUBJECT_WORK = re.compile(
    rf"(?P<work>(?:{_NUMBERED}|{_NAMED}|{_PLAIN}){_OF_WHOLE}){_SPACE}(?!{_READS}{_SPACE}[A-Z])[a-z]"
)
_LAST_STOP = re.compile(r"[.!?”\"]\s|\n")
# "“...” **These lines are on page 8 of “Tides of Yore”**".
_TAKEN_FROM = re.compile(
    r"(?:These|Those|The|This|That)\s{1,3}(?:lines?|words|verses?|sentences?|passages?|stanzas?)\s{1,3}"
    r"(?:are|is|come|comes|appear|appears|stand|stands|open|opens)\b[^.!?\n“”\"‘’]{0,60}\s[“\"‘']"
    r"(?P<work>[A-Z][^.!?\n“”\"]{2,80}?)[,.]?[”\"’'](?!\w)"
)
_RECITED = re.compile(rf"\b{_RECITES}{_SPACE}{_WORK}{_OPENS}")
_UNDER = re.compile(rf"(?:^|\W)(?:[Uu]nder|[Ii]n){_SPACE}{_WORK},?{_MAY_SPACE}[“\"‘'«„`]{{0,6}}$")
_READ_BEHIND = re.compile(rf"[”\"’'»,.!?\s]{{0,12}}(?:as{_SPACE})?{_WORK}{_SPACE}{_READS}\b")
_READS_BEHIND = re.compile(
    rf"[”\"’'»,.!?\s]{{0,12}}{_READS}{_SPACE}{_WORK}(?={_MAY_SPACE}[,.;:!?\n]|{_SPACE}which\b|$)"
)
_IT_READS = re.compile(
    r"[”\"’'»,.!?\s]{0,12}(?P<it>it)\s{1,3}(?:begins|began|goes|reads|runs|ends|concludes)\b"
)
_TELLING = words("works.txt") | {"article", "book", "chapter", "paragraph", "rule", "section"}
_TELLING |= {f"{word}s" for word in _TELLING}
_VERSE = re.compile(r"\d:\d")
_WORK_ALONE = re.compile(rf"\b(?i:{_NOUN})\b")


def work_quoted(text: str, before: Span, behind: Span) -> Span | None:
    """The mention of the work that a quote is from, given its sentence before and behind it; else None."""
    start = max(before[0], before[1] - _BEFORE_CHARS)
    is_told_before = _tells_of_work(text[start : before[1]])
    for pattern in (_READ_BEFORE, _RULED_BEFORE, _RECITED) if is_told_before else ():
        found = pattern.search(text, start, before[1])
        if found:
            return found.span("work")
    stop = min(behind[1], behind[0] + _BEHIND_CHARS)
    is_told_behind = _tells_of_work(text[behind[0] : stop])
    for pattern in (_READ_BEHIND, _READS_BEHIND) if is_told_behind else ():
        found = pattern.match(text, behind[0], stop)
        if found:
            return found.span("work")
    subject = _subject_before(text, before)
    if subject is not None:
        return subject
    found = _IT_READS.match(text, behind[0], stop)
    if found and _WORK_ALONE.search(text, max(0, before[0] - _SINCE_CHARS), before[0]):
        return found.span("it")
    found = _UNDER.search(text, start, before[1]) if is_told_before else None
    if found and not any(character.isalpha() for character in text[behind[0] : behind[1]]):
        return found.span("work")
    return None


def _subject_before(text: str, before: Span) -> Span | None:
    """The work that is the subject of the sentence before "it says"; None where it is none."""
    if not _IT_STATES.match(text[max(before[0], before[1] - _BEFORE_CHARS) : before[1]]):
        return None
    end = before[0]
    while end and text[end - 1].isspace():
        end -= 1
    stops = list(_LAST_STOP.finditer(text, max(0, end - _SINCE_CHARS), end))
    start = stops[-1].end() if stops else max(0, end - _SINCE_CHARS)
    found = _SUBJECT_WORK.match(text, start, end)
    return found.span("work") if found else None


def taken_from(text: str, behind: Span) -> Span | None:
    """ "These lines are in “**Tides of Yore**”": the work that the sentence behind a quote names."""
    found = _TAKEN_FROM.match(text, *behind)
    return found.span("work") if found else None


def _tells_of_work(part: str) -> bool:
    """Whether anything in a part of the text may be a work, so that the patterns are worth their time."""
    return not _TELLING.isdisjoint(WORD.findall(part.lower())) or (":" in part and bool(_VERSE.search(part)))
