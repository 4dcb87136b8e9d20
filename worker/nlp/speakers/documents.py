"""Finds the author of a letter, report or statement that an article quotes from."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.speakers.candidates import Candidate, is_role, role_word
from worker.nlp.wordlists import words

_NEAR_CHARS = 90
_OTHER_CHARS = 600
# One may be called by the name of another.
_MISSIVES = frozenset(
    ("communique", "communiqué", "declaration", "document", "letter", "memo", "memorandum", "message", "note",
     "petition", "post", "statement", "text", "tweet")
)  # fmt: skip
_IN_IT = re.compile(r"\b[Ii]n\s+(?:the|a|an|his|her|its|their|that|this)\s+(?:[\w-]+\s+)?$")
# "In a ruling **on Friday, the** High Court ...".
_THEN = re.compile(
    r"(?:,?\s+(?:on|of|to|from|dated|issued|published|released|sent|last|this|late|early|read|delivered|given|presented)"
    r"\s[^,.;:!?\n]{1,80})?,\s{0,3}(?:the\s{1,3})?(?:[A-Z][\w.]{0,20}\s{1,3}){0,3}"
)
_AUTHORS = frozenset({"author", "authors", "poster", "writer", "writers"})
_WRITES = re.compile(
    r"\b(?:wrote|writes|written|sent|sends|issued|issues|released|posted|published|publishes|signed|penned|handed|"
    r"gave|gives|delivered|delivers|made|makes|preached|preaches)\b"
)
# "Ms Obi said **in a long letter**".
_IN_ONE = re.compile(r"\bin\s+(?:a|an|his|her|its|their|the)\s+(?:[\w’'-]+\s+){0,4}$")
_NAMED_BEHIND = re.compile(r",?\s+((?:[\w’'-]+\s+){0,5}?)(?:by|from)\s+(?:[\w’'.-]+\s+){0,6}")
# Whoever reads it out did not write it: "a speech **read for her by** Olaf Berg".
_READ_OUT = re.compile(r"\bread\b|\brecited\b|\b(?:for|on\s+behalf\s+of)\s+(?:him|her|them|it)\b|\bbehalf\s")
_BY = re.compile(r"\s+(?:from|by)\s+(?=\w)")
# "Posts **that** Ms Obi **published**".
_THAT = re.compile(r"\s+(?:(?:that|which)\s+)?(?:the\s+)?")
_PUBLISHED = re.compile(
    r"\s+(?:(?:has|had|have|later|then)\s+)?(?:published|posted|issued|released|sent|wrote|shared|signed|made|put)\b"
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
        self._told: dict[str, Candidate] = {}

    def author(self, head: str, before: int) -> Candidate | None:
        """The author of "the letter", from an earlier "**Ms Obi**'s letter" or "a letter by **Ms Obi**"."""
        at = self._text.rfind(f" {head}", 0, before)
        # A document under a new name ("the note") is the one that was mentioned last.
        author = self._last_author or self._by_another_name(head, before) if at < 0 else None
        for _ in range(6):
            if at < 0 or author is not None:
                break
            author = self._author(at + 1, head)
            at = self._text.rfind(f" {head}", 0, at)
        if author is None:
            author = self._told.get(head)
        else:
            self._told[head] = author
        self._last_author = author
        return author

    def _by_another_name(self, head: str, before: int) -> Candidate | None:
        """ "**Nine unions** issued a statement. "No," the letter read": the last such document before it."""
        is_bare = self._text[before : before + len(head) + 4].lower() == f"the {head}"
        if head not in _MISSIVES or not is_bare:
            return None
        for word in reversed(list(WORD.finditer(self._text, max(0, before - _OTHER_CHARS), before))):
            if word.group() in _MISSIVES:
                return self._author(word.start(), word.group())
        return None

    def issuer(self, head: str, at: int) -> Candidate | None:
        """The author of "a letter" that is told right there: "a letter **by Ms Obi**"."""
        first = bisect_left(self._starts, at)
        for c in self._all[first : first + 3]:
            is_known = c.kind == "name" and c.type in ("PERSON", "ORG")
            if is_known and (self._is_named_behind(c, at, head) or self._publishes(c, at, head)):
                return c
        return None

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
            for matches in (
                self._owns,
                self._is_named_behind,
                self._publishes,
                self._tells_in,
                self._writes,
            ):
                for c in known:
                    if matches(c, at, head):
                        return c
        whole = next((c for c in around if c.start < at < c.end), None)
        by = _BY.match(self._text, at + len(head), whole.end) if whole is not None else None
        if whole is not None and by is not None:
            found = role_word(WORD.findall(self._text[by.end() : whole.end].lower()))
            return Candidate(by.end(), whole.end, "role") if found is not None and is_role(found) else None
        return whole if whole is not None and self._is_author(whole) else None

    def _owns(self, c: Candidate, at: int, head: str) -> bool:
        """ "**Ms Obi**'s long letter"."""
        between = self._text[c.end : at] if c.end <= at else ""
        return bool(re.fullmatch(r"['’]s?\s+(?:[\w-]+\s+){0,2}", between))

    def _is_named_behind(self, c: Candidate, at: int, head: str) -> bool:
        """ "A letter by **Ms Obi**"."""
        between = self._text[at + len(head) : c.start] if c.start > at else ""
        named = _NAMED_BEHIND.fullmatch(between)
        if named is not None and _READ_OUT.search(named[1]):
            return False
        return named is not None and words("cue_verbs.txt").isdisjoint(WORD.findall(named[1].lower()))

    def _tells_in(self, c: Candidate, at: int, head: str) -> bool:
        """ "In the letter, **Ms Obi** asked for help"."""
        before = self._text[max(0, at - 20) : at]
        between = self._text[at + len(head) : c.start] if c.start > at else ""
        return bool(_IN_IT.search(before)) and bool(_THEN.fullmatch(between)) and self._is_subject(c)

    def _writes(self, c: Candidate, at: int, head: str) -> bool:
        """ "**Ms Obi** sent a letter"."""
        if not 0 <= at - c.end < _NEAR_CHARS or not self._is_subject(c):
            return False
        said = _IN_ONE.search(self._text, c.end, at)
        between = WORD.findall(self._text[c.end : said.start() if said else c.end].lower())
        return bool(_WRITES.search(self._text, c.end, at)) or not words("cue_verbs.txt").isdisjoint(between)

    def _publishes(self, c: Candidate, at: int, head: str) -> bool:
        """ "Posts that **Ms Obi** published"."""
        is_behind = c.start > at and _THAT.fullmatch(self._text, at + len(head), c.start)
        return bool(is_behind and _PUBLISHED.match(self._text, c.end))

    def _is_author(self, c: Candidate) -> bool:
        """ "**The author of another letter**": the candidate is called its author."""
        return not _AUTHORS.isdisjoint(WORD.findall(self._text[c.start : c.end].lower()))

    def _is_document(self, c: Candidate) -> bool:
        return role_word(WORD.findall(self._text[c.start : c.end].lower())) in words("documents.txt")
