"""Finds where the phrase of a role ends: "a pilot **of the harbour board**", "a nurse **at a clinic**".

What tells when, where or how somebody spoke is no part of it: "a pilot **at a hearing**", "an official **in
a statement**".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from worker.nlp.entities.group import Span, overlapping
from worker.nlp.wordlists import words

_MAX_CHARS = 140
_MAX_PARTS = 4
# Of one part, without its article. A longer row of plain words holds a verb.
_MAX_WORDS = 5
_TOKEN = re.compile(
    r"[ \t\u00a0]+((?:[A-Z]\.){2,}|(?:St|Mt|Dr|Mr|Mrs|Ms)\.(?=[ \t]+[A-Z])|[^\W_]+(?:['’&/-][^\W_]+)*['’]?)"
)
_DETERMINERS = frozenset(
    ("a", "an", "another", "both", "each", "every", "her", "his", "its", "many", "most", "one", "our",
     "several", "some", "that", "the", "their", "these", "this", "those", "three", "two", "four", "five",
     "all", "other")
)  # fmt: skip
_ALWAYS = frozenset(
    ("of", "for", "from", "at", "in", "with", "near", "outside", "inside", "within", "behind")
)
_TO = frozenset(
    ("adviser", "advisers", "advisor", "ambassador", "ambassadors", "candidate", "counsel", "delegate",
     "delegates", "envoy", "envoys", "eyewitness", "heir", "secretary", "successor", "visitor",
     "visitors", "witness", "witnesses")
)  # fmt: skip
_ON = frozenset(
    ("authorities", "authority", "expert", "experts", "official", "officials", "rapporteur", "specialist")
)
_LINKS = {
    "familiar": "with", "involved": "in", "close": "to", "briefed": "on", "based": "in", "responsible": "for",
    "loyal": "to", "opposed": "to", "linked": "to",
}  # fmt: skip
_PUBLISHED = frozenset(("carried", "circulated", "posted", "printed", "published", "sent", "shared"))
_PARTICIPLE = re.compile(r"[a-z]+(?:ed|en|wn|nt|ld|led)")
_TIMES = frozenset(
    ("again", "ago", "ahead", "alike", "alone", "already", "also", "anyway", "away", "back", "earlier",
     "even", "ever", "first", "here", "instead", "last", "later", "meanwhile", "never", "next", "now",
     "once", "quoted", "recently", "said", "since", "soon", "still", "then", "there", "though", "today",
     "together", "tomorrow", "tonight", "yesterday", "yet")
)  # fmt: skip
_ADJECTIVES = frozenset(("only", "other", "own", "same"))
_ADVERB = re.compile(r"[a-z]{3,}ly")
_NO_ADVERBS = frozenset(
    ("ally", "anomaly", "assembly", "family", "monopoly", "rally", "reply", "supply", "weekly")
)
_NUMBER = re.compile(r"\d")
# "The Lagos **state** police": these tell of speech, but seldom behind one noun.
_NOUNS_TOO = frozenset(
    ("appeal", "call", "claim", "claims", "charge", "counsel", "demand", "order", "petition", "point",
     "post", "question", "report", "reports", "seed", "shed", "signal", "speed", "state", "breed", "feed",
     "voice", "welcome")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Part:
    """A noun with its article and adjectives: where it ends, and its last word."""

    end: int
    last: str


class NounPhrases:
    """Reads on from the roles of one article. `people`: mentions, in order, that no phrase runs over."""

    def __init__(self, text: str, people: Sequence[Span]) -> None:
        self._text = text
        self._people = people

    def end(self, start: int, end: int) -> int:
        """Where the phrase ends whose noun, at `start` to `end`, is a role."""
        stop = min(len(self._text), end + _MAX_CHARS)
        head = self._text[start:end].lower()
        for _ in range(_MAX_PARTS):
            part = self._linked(end, stop, head)
            if part is None:
                break
            end, head = part.end, part.last
        return end

    def _linked(self, end: int, stop: int, head: str) -> _Part | None:
        """ "**of the harbour board**": what a preposition links to a noun that ends here."""
        link = self._word(end, stop)
        if link is None:
            return None
        word = link[1].lower()
        behind = self._word(link[2], stop)
        if word in _LINKS and behind and behind[1] == _LINKS[word]:
            return self._part(behind[2], stop)
        if (
            behind
            and behind[1] == "by"
            and _PARTICIPLE.fullmatch(word)
            and word not in words("cue_verbs.txt")
        ):
            # "A report **released by** the institute".
            part = self._part(behind[2], stop)
            return part if part is not None and not part.last.endswith("ing") else None
        is_published = word in _PUBLISHED and behind is not None and behind[1] in ("on", "in", "to")
        if is_published and behind is not None and head in words("documents.txt"):
            # "A notice **published on its website**".
            part = self._part(behind[2], stop)
            return part if part is not None and not part.last.endswith(("day", "month", "year")) else None
        if word == "by" and head in words("documents.txt"):
            return self._part(link[2], stop)
        is_link = word in _ALWAYS or (word == "to" and head in _TO) or (word == "on" and head in _ON)
        if not is_link:
            return None
        part = self._part(link[2], stop)
        if part is None or (part.last in words("occasions.txt") and word != "of"):
            return None
        return part

    def _part(self, at: int, stop: int) -> _Part | None:
        """The noun that begins here, None where no noun does."""
        found: list[tuple[int, str, int]] = []
        determined = False
        ends_in = ""
        while (word := self._word(at, stop)) is not None:
            plain = word[1].lower()
            if not found and not determined and plain in _DETERMINERS:
                determined = True
            elif self._ends(word, found):
                ends_in = plain
                break
            else:
                found.append(word)
            at = word[2]
            if len(found) > _MAX_WORDS and not word[1][0].isupper():
                return None
        found = self._without_verb(found, ends_in)
        if not found or _NUMBER.match(found[-1][1]):
            return None
        last = found[-1]
        if last[1].endswith(("'s", "’s", "'", "’")):
            return None
        return _Part(last[2], last[1].lower())

    def _without_verb(self, found: list[tuple[int, str, int]], ends_in: str) -> list[tuple[int, str, int]]:
        """The words of a noun, without a verb behind it: "the mill **wants** a loan"."""
        is_behind_verb = ends_in in _DETERMINERS or ends_in in (
            "to",
            "that",
            "not",
            "him",
            "it",
            "them",
            "how",
        )
        if is_behind_verb and len(found) > 1 and found[-1][1].islower():
            return found[:-1]
        return found

    def _ends(self, word: tuple[int, str, int], found: list[tuple[int, str, int]]) -> bool:
        """Whether the word is no part of the noun that the words found before it belong to."""
        plain = word[1].lower()
        is_name = word[1][0].isupper()
        if overlapping(self._people, (word[0], word[2])):
            return True
        if is_name:
            return False
        if plain in _ADJECTIVES:
            return False
        if plain in words("function_words.txt") or plain in _TIMES or plain in _DETERMINERS:
            return True
        is_verb = plain in words("cue_verbs.txt") or plain in words("past_verbs.txt") or plain.endswith("ed")
        if found and is_verb and plain not in _NOUNS_TOO:
            return True
        return bool(_ADVERB.fullmatch(plain)) and plain not in _NO_ADVERBS

    def _word(self, at: int, stop: int) -> tuple[int, str, int] | None:
        """The word behind a place, with where it begins and ends; None behind a mark or at the line's end."""
        found = _TOKEN.match(self._text, at, stop)
        return (found.start(1), found[1], found.end(1)) if found else None
