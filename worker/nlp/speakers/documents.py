"""Finds the author of a letter, report or statement that an article quotes from."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.speakers.candidates import Candidate, role_word
from worker.nlp.wordlists import words

_NEAR_CHARS = 90
_IN_IT = re.compile(r"\b[Ii]n\s+(?:the|a|an|his|her|its|their|that|this)\s+(?:[\w-]+\s+)?$")
# "In a ruling **on Friday, the** High Court ...".
_THEN = re.compile(
    r"(?:\s+(?:on|of|to|from|dated|issued|published|released|sent|last|this|late|early)\s[^,.;:!?\n]{1,40})?,\s*(?:the\s+)?"
)
_AUTHORS = frozenset({"author", "authors", "poster", "writer", "writers"})
_WRITES = re.compile(
    r"\b(?:wrote|writes|written|sent|sends|issued|issues|released|posted|published|publishes|signed|penned|"
    r"handed|in\s+(?:a|an|his|her|its|their|the))\b"
)


class DocumentAuthors:
    """The authors of the documents of one article. `is_subject` tells whether a candidate is a subject."""

    def __init__(
        self, text: str, candidates: Sequence[Candidate], is_subject: Callable[[Candidate], bool]
    ) -> None:
        self._text = text
        self._all = candidates
        self._starts = [c.start for c in candidates]
        self._is_subject = is_subject
        self._last_author: Candidate | None = None

    def author(self, head: str, before: int) -> Candidate | None:
        """The author of "the letter", from an earlier "**Ms Obi**'s letter" or "a letter by **Ms Obi**"."""
        at = self._text.rfind(f" {head}", 0, before)
        # A document under a new name ("the note") is the one that was mentioned last.
        author = self._last_author if at < 0 else None
        for _ in range(6):
            if at < 0 or author is not None:
                break
            author = self._author(at + 1, head)
            at = self._text.rfind(f" {head}", 0, at)
        self._last_author = author
        return author

    def _author(self, at: int, head: str) -> Candidate | None:
        """The author of the document mentioned at this place, if its sentence names one."""
        start = at - len(SENTENCE_END.split(self._text[max(0, at - 300) : at])[-1])
        stop = SENTENCE_END.search(self._text, at, at + 300)
        end = stop.start() if stop else min(len(self._text), at + 300)
        first = bisect_left(self._starts, start)
        around = self._all[first : bisect_left(self._starts, end)]
        named = [c for c in around if c.kind == "name" and c.type in ("PERSON", "ORG")]
        named.sort(key=lambda c: c.type != "PERSON")
        roles = [c for c in around if c.kind == "role" and not self._is_document(c)]
        for known in (named, roles):
            for matches in (self._owns, self._is_named_behind, self._tells_in, self._writes):
                for c in known:
                    if matches(c, at, head):
                        return c
        return next((c for c in around if c.start < at < c.end and self._is_author(c)), None)

    def _owns(self, c: Candidate, at: int, head: str) -> bool:
        """ "**Ms Obi**'s long letter"."""
        between = self._text[c.end : at] if c.end <= at else ""
        return bool(re.fullmatch(r"['’]s?\s+(?:[\w-]+\s+){0,2}", between))

    def _is_named_behind(self, c: Candidate, at: int, head: str) -> bool:
        """ "A letter by **Ms Obi**"."""
        between = self._text[at + len(head) : c.start] if c.start > at else ""
        return bool(re.search(r"\b(?:by|from)\s+(?:[\w’'-]+\s+){0,6}$", between))

    def _tells_in(self, c: Candidate, at: int, head: str) -> bool:
        """ "In the letter, **Ms Obi** asked for help"."""
        before = self._text[max(0, at - 20) : at]
        between = self._text[at + len(head) : c.start] if c.start > at else ""
        return bool(_IN_IT.search(before)) and bool(_THEN.fullmatch(between)) and self._is_subject(c)

    def _writes(self, c: Candidate, at: int, head: str) -> bool:
        """ "**Ms Obi** sent a letter"."""
        is_near = 0 <= at - c.end < _NEAR_CHARS
        return is_near and self._is_subject(c) and bool(_WRITES.search(self._text, c.end, at))

    def _is_author(self, c: Candidate) -> bool:
        """ "**The author of another letter**": the candidate is called its author."""
        return not _AUTHORS.isdisjoint(WORD.findall(self._text[c.start : c.end].lower()))

    def _is_document(self, c: Candidate) -> bool:
        return role_word(WORD.findall(self._text[c.start : c.end].lower())) in words("documents.txt")
