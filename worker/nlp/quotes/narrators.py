"""Finds the words of whoever tells within what somebody says: '— Nie wiem **— powiedział Jan Lis. —** Nie.'.

Behind a dash that opens speech they stand between dashes or behind a comma, and within marks between commas.
"""

import re
from collections.abc import Callable, Iterator

from worker.nlp.entities.group import Span
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import QuotingTable

_PARAGRAPH = re.compile(r"[^\n]+")
_OPENS = re.compile(r"\s{0,8}[-–—―]{1,2}[ \t\u00a0\u2009\u202f]{0,2}(?=[^\s\d–—―-])")
_DASH = re.compile(r"[-–—―]{1,2}")
_COMMA = re.compile(r"[,!?…]")
_ENDS_NARRATOR = re.compile(r"[,.;]")
_STOP = re.compile(r"[.!?…][”\"»]?\s")
_AROUND = " \t\u00a0\u2009\u202f"
_CLOSING = ".,;:"
_MOST_AUXILIARIES, _MOST_SUBJECT = 3, 5
_LONGEST_NARRATOR = 300
_WIDEST_GAP = 3


def cue_behind(words: SpokenWords, i: int, end: int, table: QuotingTable) -> int | None:
    """The index of the verb of saying that the words from `i` on begin with: "a-t-il **dit**"."""
    for k in range(i, min(i + _MOST_AUXILIARIES + 1, len(words))):
        if words[k].end > end or (k > i and words.gap(k).strip()):
            return None
        if table.is_cue(words[k].lower):
            return k
        if not table.is_auxiliary(words[k].lower):
            return None
    return None


def phrase_at(words: SpokenWords, i: int, table: QuotingTable, kind: str) -> int:
    """The index of the word behind a phrase of a kind that begins with the `i`-th word; 0 where none does."""
    known = table.phrases[kind].get(words[i].lower, ())
    return next((i + len(phrase) for phrase in known if words.has(phrase, i)), 0)


def behind_dashes(
    words: SpokenWords, table: QuotingTable, is_said: Callable[[int, int], bool]
) -> Iterator[list[Span]]:
    """What is spoken in each paragraph that a dash opens, in parts.

    Without a verb of saying it is speech only where `is_said` says so of the span.
    """
    if not table.is_so("dashes"):
        return
    for paragraph in _PARAGRAPH.finditer(words.text):
        start, end = paragraph.span()
        opening = _OPENS.match(words.text, start, end)
        if opening is not None:
            told, parts = _parts(words, opening.end(), end, table)
            if told or (parts and is_said(*parts[0])):
                yield parts
        elif _DASH.search(words.text, start, end):
            yield from _within(words, start, end, table)


def _within(words: SpokenWords, start: int, end: int, table: QuotingTable) -> Iterator[list[Span]]:
    """Speech that a dash opens behind a sentence: 'Szedł. **– Nie wiem** – powiedział.'."""
    for stop in _STOP.finditer(words.text, start, end):
        opening = _OPENS.match(words.text, stop.end(), end)
        if opening is None or not words.text[opening.end()].isupper():
            continue
        dash = _spaced_dash(words.text, opening.end(), end)
        if dash is not None and cue_behind(words, words.first_from(dash[1]), end, table) is not None:
            told, parts = _parts(words, opening.end(), end, table)
            if told:
                yield parts
            return


def _spaced_dash(text: str, start: int, end: int) -> Span | None:
    """The next dash that parts what is said from what is told: with a space on one side at least."""
    for found in _DASH.finditer(text, start, end):
        if _is_spaced(text, *found.span(), end):
            return found.span()
    return None


def _is_spaced(text: str, start: int, stop: int, end: int) -> bool:
    """Whether a dash, from `start` to `stop`, has a space beside it or is long. The text ends at `end`."""
    before, behind = text[start - 1], text[stop] if stop < end else " "
    return before.isspace() or (not before.isalnum() and behind.isspace()) or text[start:stop] in "—―"


def _parts(words: SpokenWords, start: int, end: int, table: QuotingTable) -> tuple[bool, list[Span]]:
    """Whether anything is told in between, and the parts that are spoken."""
    parts: list[Span] = []
    told, at = False, start
    while at < end:
        place = _narrator(words, at, end, table)
        if place is None:
            parts += _trimmed(words.text, at, end)
            break
        told = True
        parts += _trimmed(words.text, at, place[0])
        at = place[1]
    return told, parts


def _narrator(words: SpokenWords, start: int, end: int, table: QuotingTable) -> Span | None:
    """Where what is told begins and ends, from the mark before it to the one behind it."""
    text = words.text
    for found in _marks(text, start, end):
        first = words.first_from(found[1])
        if first >= len(words) or not _is_next(words, first, found[1]):
            continue
        if cue_behind(words, first, end, table) is None and not _is_subject_first(words, first, end, table):
            continue
        if text[found[0]] in "-–—―":
            closing = _spaced_dash(text, found[1], min(end, found[1] + _LONGEST_NARRATOR))
            return found[0], (closing[1] if closing else end)
        stop = _sentence_end(text, found[1], end)
        return (found[0] if text[found[0]] == "," else found[1]), stop
    return None


def _is_next(words: SpokenWords, i: int, place: int) -> bool:
    """Whether a word stands at a place, behind space alone. Looks no further, however far the word is."""
    start = words[i].start
    return start - place <= _WIDEST_GAP and not words.text[place:start].strip(_AROUND)


def _is_subject_first(words: SpokenWords, i: int, end: int, table: QuotingTable) -> bool:
    """Whether a subject of a few words and a verb of saying stand here: "..., **Rantanen sanoi** ..."."""
    if not table.is_so("subject first"):
        return False
    for k in range(i + 1, min(i + _MOST_SUBJECT, len(words))):
        if words[k].end > end or words.gap(k).strip():
            return False
        if table.is_cue(words[k].lower):
            return True
    return False


def _marks(text: str, start: int, end: int) -> Iterator[Span]:
    """Dashes, and commas and calls with a space behind them, in order."""
    for at in range(start + 1, end):
        mark = text[at]
        if mark in "-–—―":
            if _is_spaced(text, at, at + 1, end):
                yield at, at + 1
        elif _COMMA.match(mark) and text[at + 1 : at + 2].isspace():
            yield at, at + 1


def _sentence_end(text: str, start: int, end: int) -> int:
    """Where the sentence ends behind which speech may go on; a stop before a small letter ends none."""
    for stop in _STOP.finditer(text, start, end):
        if stop.end() < end and not text[stop.end()].islower():
            return stop.end()
    return end


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    """A part without the space and the marks around it; nothing if no letter is left."""
    while start < end and (text[start] in _AROUND or text[start] in _CLOSING or text[start] in "-–—―"):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in "-–—―"):
        end -= 1
    return [(start, end)] if any(letter.isalnum() for letter in text[start : min(end, start + 80)]) else []


def within_marks(words: SpokenWords, start: int, end: int, table: QuotingTable) -> list[Span]:
    """The parts of what stands in marks: '« Il faudra des jours**, a précisé M. Berthier,** pour ... »'.

    What is told has a subject, or a pronoun that is joined to its verb. Without one it is said too.
    """
    text = words.text
    if not table.is_so("told within marks"):
        return [(start, end)]
    for found in _COMMA.finditer(text, start, end):
        first = words.first_from(found.end())
        if first >= len(words) or not _is_next(words, first, found.end()):
            continue
        cue = cue_behind(words, first, end, table)
        if cue is None or not _is_told(words, first, cue, end, table):
            continue
        closing = _closing_comma(words, cue, end, table)
        head = _trimmed(text, start, found.start() + (found.group() != ","))
        return head + (_trimmed(text, closing, end) if closing is not None else [])
    return [(start, end)]


def _is_told(words: SpokenWords, first: int, cue: int, end: int, table: QuotingTable) -> bool:
    """Whether a subject stands behind the verb, or a pronoun is joined to it: "dit-elle"."""
    if any(table.joined_pronoun(words[k].lower) for k in range(first, cue + 1)):
        return True
    behind = cue + 1
    if behind >= len(words) or words[behind].start >= end or words.gap(behind).strip(_AROUND):
        return False
    word = words[behind]
    is_name = words.text[word.start].isupper()
    return is_name or word.lower in table.titles or word.lower in table.determiners


def _closing_comma(words: SpokenWords, i: int, end: int, table: QuotingTable) -> int | None:
    """Where speech goes on behind what is told: behind its comma or stop; None if it does not."""
    text = words.text
    for found in _ENDS_NARRATOR.finditer(text, words[i].end, min(end, words[i].end + _LONGEST_NARRATOR)):
        last = words[words.first_from(found.start()) - 1]
        is_short = found.group() == "." and (
            last.end - last.start == 1 or table.has("abbreviations", last.lower)
        )
        # "..., reconnaît la directrice, **Irène Moutard**. ..."
        is_apposed = found.group() == "," and text[found.end() + 1 : found.end() + 2].isupper()
        if not is_short and not is_apposed:
            return found.end()
    return None
