"""Finds the people and bodies that the article calls by a role and never by a name."""

import re
from bisect import bisect_left
from collections.abc import Mapping

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.speakers.candidates import Candidate, head_of, is_role, role_word
from worker.nlp.speakers.coreference.called import MAX_BEFORE, OFFICES, PLAIN_WORD, UNNAMED
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.introductions import AUXILIARIES, PREPOSITIONS
from worker.nlp.wordlists import words

# "Ada Obi, who has long been **a baker**": a name this near may be whose role it is.
_BESIDE_CHARS = 60
_BECOMES_CHARS = 120
_BECOME = re.compile(r"\bbec(?:ome|ame)\s$")
# "The **deputy** minister" is not the minister.
_SMALL_WORDS = words("function_words.txt") | {"another", "one", "same", "three", "two"}


class Nameless:
    """The roles of one article that stand beside no name."""

    def __init__(self, index: MentionIndex) -> None:
        self._index = index
        self._text, self._all = index.text, index.all
        self._unnamed: dict[str, list[tuple[int, frozenset[str]]]] | None = None
        self._roles: dict[str, list[tuple[Candidate, frozenset[str]]]] | None = None

    def fuller(self, who: Resolved, spoken: Mapping[int | str, int]) -> Candidate | None:
        """ "The source": how the text first calls whoever has no name, "**a source at the ministry**".

        None if it speaks of two ("a ministry source", "a bank source").
        `spoken`: how often each speaker has spoken so far.
        """
        found = WORD.findall(self._text[who.start : who.end].lower())
        head = role_word(found) if found[:1] in (["the"], ["these"], ["those"]) and len(found) < 4 else None
        if head is None or head in OFFICES or head in words("documents.txt") or not is_role(head):
            return None
        if self._roles is None:
            self._roles = self._nameless_roles()
        known = self._roles.get(head, [])
        called = frozenset(found) - _SMALL_WORDS
        i = bisect_left(known, who.start, key=lambda role: role[0].start)
        fuller = [role for role in known[max(0, i - MAX_BEFORE) : i] if called < role[1]]
        if not fuller:
            return None
        c, most = max(fuller, key=lambda role: len(role[1]))
        if any(not words_of <= most for _, words_of in fuller):
            # Of two, the one who has spoken: "the Lagos authorities said ..." beside "local authorities".
            who_spoke = [role for role in fuller if spoken.get(self._text[role[0].start : role[0].end])]
            if len({words_of for _, words_of in who_spoke}) != 1:
                return None
            c = who_spoke[0][0]
        return c

    def is_called_otherwise(self, head: str, at: int) -> bool:
        """Whether "a minister" without a name is spoken of anywhere else."""
        self.unnamed_before(head, set(), at)
        unnamed = self._unnamed or {}
        return any(start != at for start, _ in unnamed.get(head, []))

    def unnamed_before(self, head: str, closer: set[str], at: int) -> int:
        """Where "**a** baker" was last spoken of who has no name, before "the baker"; -1 if nowhere."""
        if self._unnamed is None:
            self._unnamed = {}
            for i, c in enumerate(self._all):
                if c.kind == "role" and c.owner is None and self._is_unnamed(i):
                    found = WORD.findall(self._text[c.start : c.end].lower())
                    self._unnamed.setdefault(role_word(found) or "", []).append((c.start, frozenset(found)))
        known = self._unnamed.get(head, [])
        i = bisect_left(known, at, key=lambda mention: mention[0])
        start, called = known[i - 1] if i else (-1, frozenset[str]())
        return start if closer <= called else -1

    def _nameless_roles(self) -> dict[str, list[tuple[Candidate, frozenset[str]]]]:
        """By their nouns, the roles that stand beside no name, each with its words, in order.

        Not "a police **scanner**", where the noun only tells of another.
        """
        found: dict[str, list[tuple[Candidate, frozenset[str]]]] = {}
        for c in self._all:
            is_alone = c.kind == "role" and (self._index.is_several(c) or not self._index.is_named(c))
            if is_alone and not self._is_before_noun(c):
                shown = WORD.findall(self._text[c.start : c.end].lower())
                head = head_of(self._text[c.start : c.end]) or ""
                found.setdefault(head, []).append((c, frozenset(shown) - _SMALL_WORDS))
        return found

    def _is_before_noun(self, c: Candidate) -> bool:
        """Whether a plain word follows that is neither of grammar nor a verb."""
        behind = PLAIN_WORD.match(self._text, c.end)
        return (
            behind is not None
            # A plural is before no noun: in "the Lagos **authorities** shut the port" a verb follows.
            and not (self._text[c.end - 1] == "s" and self._text[c.end - 2] != "s")
            and not behind[1].endswith("ed")
            and not any(
                behind[1] in words(f"{name}.txt") for name in ("function_words", "cue_verbs", "past_verbs")
            )
            and behind[1] not in AUXILIARIES | PREPOSITIONS
        )

    def _is_unnamed(self, i: int) -> bool:
        """Whether "a baker" has no name beside it: not in "Ada Obi, **a baker**", "Obi is **a baker**"."""
        c, text = self._all[i], self._text
        if not text[c.start : c.end].lower().startswith(UNNAMED):
            return False
        first = i
        # "Ada Obi was the first woman to become **a governor**".
        while (
            first
            and self._all[first - 1].kind == "role"
            and _BECOME.search(text, max(0, c.start - 9), c.start)
        ):
            first -= 1
        before = self._all[first - 1] if first else None
        behind = self._all[i + 1] if i + 1 < len(self._all) else None
        if before is not None and before.kind == "name":
            between = text[before.end : c.start]
            if len(between) < (_BESIDE_CHARS if first == i else _BECOMES_CHARS) and not SENTENCE_END.search(
                between
            ):
                return False
        if behind is not None and behind.type == "PERSON":
            between = text[c.end : behind.start]
            return len(between) > _BESIDE_CHARS or bool(SENTENCE_END.search(between))
        return True
