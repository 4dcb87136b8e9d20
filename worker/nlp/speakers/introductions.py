"""Finds people by the words that introduce them: "**NATO chief** Mark Rutte", "Ada Obi, **a farmer**"."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.quotes.sentences import ABBREVIATION
from worker.nlp.speakers.candidates import Candidate, is_role
from worker.nlp.speakers.possessions import Possession
from worker.nlp.wordlists import read_rows, words

PREPOSITIONS = frozenset(
    ("in", "at", "on", "with", "about", "against", "for", "to", "of", "from", "by", "as", "and", "or", "like",
     "than")
)  # fmt: skip
AUXILIARIES = frozenset(
    ("is", "are", "was", "were", "has", "have", "had", "will", "would", "can", "could", "did", "does")
)
# Synonyms for the head of a body: "chairman of the Harbour League" ... "the league's chief".
LEADERS = frozenset(
    ("boss", "chair", "chairman", "chairperson", "chairwoman", "chief", "head", "leader", "president")
)
# "The general director of the harbour board" is its head; a director may be one of many.
_LEADING = [(word,) for word in sorted(LEADERS)] + [
    ("ceo",), *((word, "director") for word in ("executive", "general", "managing"))
]  # fmt: skip
_RANKS = frozenset(("assistant", "associate", "deputy", "vice"))
_APPOSED_TO_ANOTHER = re.compile(r",[^.!?;\n]*,\s+and\s+|,[^,.!?;\n]{1,80},\s+")
_STOP = re.compile(r"[.!?:\n]\s")
_APPOSED_BEHIND = re.compile(r"\s*,\s*[^.!?\n]{0,60}")
_NEXT_SUBJECT = re.compile(r"\s*,\s+the\s+([^,.;:!?\n“”\"]{3,40})")
# "The premier wrote **to** Ms Obi": what a preposition parts from a name is another's.
_GOVERNED = re.compile(
    r"\b(?:about|against|with|to|from|after|over|between|than)\s{1,3}(?=(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir)\.?\s{1,3})?$)"
)
# "Ada Obi **is the conductor of the night train**".
_IS_ONE = re.compile(
    r"\s+(?:(?:who\s+)?(?:is|was|has\s+been|had\s+been)|(?:works|worked|serves|served|acts|acted)\s+as)\s+"
    r"(?:(?:now|then|also)\s+)?(?:the|a|an|its|their|our)\s+(?:(?!\w+['’]s\b)[^.!?\n,;:“”\"]){1,60}"
)
# "Ada Obi, **who in 2005 became the first woman to become a governor**".
_BECAME = re.compile(r"\s*,?\s+who\s+[^.!?\n;:“”\"]{0,40}?\bbecame\s+[^.!?\n,;:“”\"]{1,90}")
# "**The engineer on duty** was Ada Obi".
_WAS = re.compile(
    r"(?:^|[.!?;:,—–]\s+|\b(?:and|but|that)\s+)((?:[Tt]he|[Ii]ts|[Tt]heir|[Oo]ur)\s[^.,;:!?\n“”\"]{1,60})\s(?:is|was)\s+"
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Capt|Col|Sgt)\.?\s+)?$"
)


class Introductions:
    """An index of the people of one article by the words that introduce them.

    `roles`: by entity, the role nouns among these words.
    """

    def __init__(self, text: str, candidates: Sequence[Candidate], owners: Mapping[Span, Possession]) -> None:
        self.roles: dict[int | None, set[str]] = {}
        self._by_word: dict[str, dict[Candidate, None]] = {}
        self._answers: dict[tuple[str, ...], tuple[list[int], list[int | None], dict[int | None, int]]] = {}
        end = 0
        people = [c for c in candidates if c.type == "PERSON"]
        for person, later in zip(people, _starts_behind(people, owners, len(text)), strict=True):
            owned = owners.get((person.start, person.end))
            if owned is not None:
                # "A lawyer for **Ms Obi**" does not introduce her as a lawyer.
                end = max(end, min(owned.noun[1], person.start))
            introducing = introduction(text, person, end, later)
            around = _called(WORD.findall(introducing.lower())) | _letters(introducing)
            for word in around:
                self._by_word.setdefault(word, {})[person] = None
            self.roles.setdefault(person.group, set()).update(around & words("roles.txt"))
            end = person.end

    def has(self, word: str) -> bool:
        """Whether anybody was introduced with the word."""
        return word in self._by_word

    def first(self, found: tuple[str, ...], group: int | None) -> int | None:
        """Where this person was first introduced with all of these words, None if never."""
        return self._answer(found)[2].get(group)

    def last_before(self, found: tuple[str, ...], at: int) -> int | None:
        """The entity that was last introduced with all of these words before `at`, None if there is none."""
        starts, groups, _ = self._answer(found)
        i = bisect_left(starts, at)
        return groups[i - 1] if i else None

    def only_behind(self, found: tuple[str, ...], at: int) -> int | None:
        """The only entity that is introduced with all of these words, if it is so first behind `at`."""
        starts, groups, _ = self._answer(found)
        is_one = len(set(groups)) == 1 and starts[0] > at
        return groups[0] if is_one else None

    def where(self, found: tuple[str, ...], at: int) -> int:
        """Where anybody was last introduced with all of these words before `at`, -1 if nowhere."""
        starts, _, _ = self._answer(found)
        i = bisect_left(starts, at)
        return starts[i - 1] if i else -1

    def leader(self, body: set[str], at: int) -> int | None:
        """The entity that was introduced as the head of the body by any of LEADERS, if it is one."""
        found = {self.last_before((*words_of, *sorted(body)), at) for words_of in _LEADING}
        found.discard(None)
        return found.pop() if len(found) == 1 else None

    def has_other_role(self, group: int | None, role: str) -> bool:
        """Whether the person was introduced with roles, but never with this one or one of its field."""
        known = self.roles.get(group, set())
        return bool(known) and not any(_is_alike(role, word) for word in known)

    def has_kindred_role(self, group: int | None, role: str) -> bool:
        """Whether the person was introduced with a role of this one's field: "champion" for "driver"."""
        return any(_is_alike(role, word) for word in self.roles.get(group, ()))

    def _answer(self, found: tuple[str, ...]) -> tuple[list[int], list[int | None], dict[int | None, int]]:
        if found not in self._answers:
            fewest, *others = sorted((self._by_word.get(word, {}) for word in found), key=len)
            people = [c for c in fewest if all(c in other for other in others)]
            first: dict[int | None, int] = {}
            for c in people:
                first.setdefault(c.group, c.start)
            self._answers[found] = [c.start for c in people], [c.group for c in people], first
        return self._answers[found]


def _called(found: Sequence[str]) -> set[str]:
    """The words of an introduction; "deputy minister" and "vice president" make nobody the minister."""
    return {word for before, word in pairwise(["", *found]) if before not in _RANKS or not is_role(word)}


# "Kashmir **Lieutenant Governor** Ada Obi".
_CAPITALS = re.compile(r"\b[A-Z][a-z]+(?:[ \t]+[A-Z][a-z]+){1,5}")


def _letters(introducing: str) -> set[str]:
    """The first letters of an office that is spelled out, in capitals: "LG" of "Lieutenant Governor"."""
    found: set[str] = set()
    for match in _CAPITALS.finditer(introducing):
        named = [word for word in match.group().split() if word.lower() not in words("function_words.txt")]
        for last in range(1, len(named)):
            if named[last].lower() in words("roles.txt"):
                starts = range(max(0, last - 3), last)
                found |= {"".join(word[0] for word in named[i : last + 1]) for i in starts}
    return found


@cache
def _narrower_roles() -> dict[str, list[str]]:
    """By a role noun, those it may take up: "senator" by "politician"."""
    return {wide: narrow.split() for wide, narrow in read_rows("wider_roles.tsv")}


def narrower(role: str) -> Sequence[str]:
    """The role nouns that a role noun may take up: "senator" for "politician"."""
    return _narrower_roles().get(role, ())


def is_wider(role: str, narrow: str) -> bool:
    """Whether a role noun may take up a narrower one: "the politician" of "the senator"."""
    return narrow in narrower(role)


@cache
def _kindred_roles() -> dict[str, set[str]]:
    """By a role noun, all by which the same person may be called: "driver" by "champion"."""
    found: dict[str, set[str]] = {}
    for _, field in read_rows("kindred_roles.tsv"):
        for role in field.split():
            found.setdefault(role, set()).update(field.split())
    return found


def _is_alike(role: str, known: str) -> bool:
    """Whether a person known by one role noun may be called by another: "the driver" for "the champion"."""
    return role == known or is_wider(role, known) or known in _kindred_roles().get(role, ())


def _starts_behind(people: Sequence[Candidate], owners: Mapping[Span, Possession], end: int) -> list[int]:
    """For each of the people where the next one is named, not as in "Ada Obi, **Kofi Sato**'s lawyer"."""
    found: list[int] = []
    for person in reversed(people):
        found.append(end)
        end = end if (person.start, person.end) in owners else person.start
    return found[::-1]


def introduction(text: str, c: Candidate, earlier: int, later: int) -> str:
    """The text that introduces a person: back to a verb before the name, and an apposition behind it.

    It begins no earlier than `earlier`, the end of the person named before, and ends before `later`, where
    the next one is named.
    """
    before = _before(text, c, earlier)
    stop = max(c.end, min(later, c.end + 70))
    became = _BECAME.match(text, c.end, max(c.end, min(later, c.end + 150)))
    after = became or _APPOSED_BEHIND.match(text, c.end, stop) or _IS_ONE.match(text, c.end, stop)
    return before + " " + (after.group() if after and not _begins_clause(after.group()) else "")


def _begins_clause(behind: str) -> bool:
    """ "Read by Olaf Berg**, the abbot said**": whoever has a verb at once is no apposition."""
    clause = _NEXT_SUBJECT.match(behind)
    found = WORD.findall(clause[1]) if clause else []
    verb = next((i for i, word in enumerate(found) if word in words("cue_verbs.txt")), 0)
    return verb > 0 and is_role(found[verb - 1].lower())


def _before(text: str, c: Candidate, earlier: int) -> str:
    """The words before a name that introduce it."""
    before = text[max(min(earlier, c.start), c.start - 180) : c.start]
    # "Ada Obi, **a nurse, and** Ken Sato": what stands behind one name is no introduction of the next.
    apposed = _APPOSED_TO_ANOTHER.match(before) if 0 < earlier <= c.start else None
    before = before[apposed.end() :] if apposed else before
    stops = [m.end() for m in _STOP.finditer(before) if not ABBREVIATION.search(before[: m.start()][-7:])]
    before = before[stops[-1] :] if stops else before
    # "“The best president,” **Ada Obi** said": what is quoted introduces nobody.
    said = max(before.rfind(mark) for mark in (",”", ".”", ',"', '."', ",»", ".»"))
    before = before[said + 2 :] if said >= 0 else before
    named = _WAS.search(before)
    if named and not text.startswith(("'", "’"), c.end):
        return named[1]
    governed = _GOVERNED.search(before)
    before = before[governed.end() :] if governed else before
    found = list(WORD.finditer(before))
    verbs = [
        m.end()
        for previous, m in zip([None, *found], found, strict=False)
        if (m.group().lower() in words("cue_verbs.txt") or m.group() in AUXILIARIES)
        # "In **charge** of" is no verb.
        and (previous is None or previous.group() not in PREPOSITIONS)
    ]
    return before[verbs[-1] :] if verbs else before
