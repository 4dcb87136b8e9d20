"""Tells people of one surname apart: "Mrs Obi" and "Mr Obi", "President Obi" and "his wife, Ada Obi".

A title, a word of kinship, a first name or a pronoun tells. Where nothing does, nobody is chosen.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from worker.nlp.entities.group import Group, Span
from worker.nlp.patterns import WORD
from worker.nlp.pronouns import pronouns_by_first_name, pronouns_by_word, word_before, words_before
from worker.nlp.wordlists import words

MAX_NAMESAKES = 8
"""Of those named before a surname the last so many are compared, to keep the time linear."""

_BEFORE_CHARS, _AFTER_CHARS, _RECENT_CHARS = 60, 90, 250
# "After the death **of her husband**, Ada Obi left": what a comma divides need not be one.
_OF_KIN = re.compile(
    r"\b(?:of|from|for|about|without|after|on|in|at)\s+(?:his|her|the)\s+(?:[\w’'-]+\s+){0,2}[\w’'-]+,\s+$"
)
_STOP = re.compile(r"[\n\r;]|[.!?…][\"'’”)]*\s")
_KIN_OF = re.compile(r"\b(his|her)\s+(?:[\w’'-]+\s+){0,2}?([^\W\d_]+(?:-[^\W\d_]+)*),?\s+$", re.IGNORECASE)
_KIN_BEHIND = re.compile(r",\s+(his|her)\s+(?:[\w’'-]+\s+){0,2}?([^\W\d_]+(?:-[^\W\d_]+)*)\b")
_APPOSED = re.compile(r",\s+(?:(?:the|a|an|his|her|who|is|was|former|then)\s+)*([^\n.!?;,]{1,50})")
_SAID_HE = re.compile(r"\s+[a-z]+(?:\s+(?:that|on\s+\w+day))?\s+(he|she)\b")
_PRONOUN = re.compile(r"\b(he|she|his|her)\b", re.IGNORECASE)
_BY_OBJECT = {"he": "he", "his": "he", "she": "she", "her": "she"}
_ALIKE = {
    "doctor": "dr", "professor": "prof", "senator": "sen", "governor": "gov", "representative": "rep",
    "general": "gen", "lieutenant": "lt", "captain": "capt", "colonel": "col", "sergeant": "sgt",
    "reverend": "rev", "major": "maj", "pres": "president", "advocate": "adv", "engineer": "engr",
}  # fmt: skip
# "The **younger** Obi": which one that is, ages would have to tell.
_COMPARED = frozenset({"younger", "elder", "older", "senior", "junior"})


_PARTICLES = frozenset(
    ("abu", "al", "ben", "bin", "bint", "da", "de", "del", "della", "den", "der", "di", "dos", "du", "el",
     "ibn", "la", "le", "ould", "ter", "van", "von")
)  # fmt: skip


def surnames_of(name: Sequence[str]) -> list[tuple[str, ...]]:
    """The surnames that a full name may have: "cruz", and with its particles "de la cruz"."""
    found = [tuple(name[-1:])]
    for size in range(2, min(len(name), 5)):
        if name[-size] not in _PARTICLES:
            break
        found.append(tuple(name[-size:]))
    return found


def first_name(name: Sequence[str], surname: Sequence[str]) -> str | None:
    """The first word of a full name that is no title, None for a title and a surname: "Mullah Obi"."""
    given = list(name[: len(name) - len(surname)])
    while given and (
        given[0] in words("honorifics.txt") or given[0] in pronouns_by_word() or given[0] in _PARTICLES
    ):
        del given[0]
    return given[0] if given else None


def shared_surnames(groups: Sequence[Group]) -> frozenset[int]:
    """The entities that are a surname alone, which several people of the article have."""
    first: dict[tuple[str, ...], set[str]] = {}
    for group in groups:
        name = group.name.casefold().split()
        if group.type == "PERSON" and len(name) > 1:
            for surname in surnames_of(name):
                first.setdefault(surname, set()).add(first_name(name, surname) or "")
            # As family names stand in East Asia.
            first.setdefault((name[0],), set()).add(" ".join(name[1:]))
    return frozenset(
        i
        for i, group in enumerate(groups)
        if group.type == "PERSON" and len(first.get(tuple(group.name.casefold().split()), set()) - {""}) > 1
    )


@dataclass(eq=False, slots=True)
class Namesake:
    """One of several people with a surname. `mentions`: of the full name, in order."""

    first: str
    mentions: list[Span]
    gender: str | None = None
    is_known: bool = False

    @property
    def start(self) -> int:
        """Where the full name stands first."""
        return self.mentions[0][0]


class Namesakes:
    """Chooses among people of one surname. `people`: all mentions of people, in order."""

    def __init__(self, text: str, people: Sequence[Span]) -> None:
        self._text = text
        self._people = people

    def assign(self, bare: Sequence[Span], known: Sequence[Namesake]) -> list[Namesake | None]:
        """For each mention of the surname alone, in order, the person it means, None where nothing tells.

        `known` are the people of that surname, by where each was named first.
        """
        starts = [person.start for person in known]
        chosen: list[Namesake | None] = []
        settled: Namesake | None = None
        titled = set[int]()
        for mention in bare:
            named = bisect_left(starts, mention[0])
            near = known[max(0, named - MAX_NAMESAKES) : named]
            later = known[named : named + 2]
            person = self._titled(mention, near, later)
            if person is _NOBODY:
                chosen.append(None)
                continue
            if person is not None:
                titled.add(id(person))
            else:
                person = self._untitled(mention, near, settled, titled) if near else _only(later)
                if person is not None and self._title(mention) is None:
                    settled = person
            chosen.append(person)
        return chosen

    def _titled(self, mention: Span, near: Sequence[Namesake], later: Sequence[Namesake]) -> Namesake | None:
        """Whom "Mr", "President" or "husband" before the surname tells. _NOBODY: nobody fits."""
        title = self._title(mention)
        if title is None:
            return self._apposed(mention, near)
        gender = pronouns_by_word().get(title)
        for people in (near, later):
            bearers = [p for p in people if self._is_introduced_as(p, title)]
            if len(bearers) == 1 and (gender is None or self._gender(bearers[0], near) in (gender, None)):
                return bearers[0]
        if gender is None:
            return None
        fitting = self._of_gender(gender, near) or self._of_gender(gender, later)
        return fitting or (_NOBODY if near or later else None)

    def _apposed(self, mention: Span, near: Sequence[Namesake]) -> Namesake | None:
        """Whom a role behind the surname tells: "said Obi, **the lawyer**"."""
        behind = _APPOSED.match(self._text, mention[1], mention[1] + _AFTER_CHARS)
        roles = {w.lower() for w in WORD.findall(behind[1])[:6]} & words("roles.txt") if behind else set()
        fitting = [p for p in near if any(self._is_introduced_as(p, role) for role in sorted(roles))]
        return _only(fitting) if len(near) > 1 else None

    def _of_gender(self, gender: str, people: Sequence[Namesake]) -> Namesake | None:
        """The only one of the gender, else the only one who may be of it."""
        genders = [(p, self._gender(p, people)) for p in people]
        sure = [p for p, known in genders if known == gender]
        if sure:
            return _only(sure) or _only([p for p in sure if not self._has_rank(p)])
        return _only([p for p, known in genders if known is None])

    def _untitled(
        self, mention: Span, near: Sequence[Namesake], settled: Namesake | None, titled: set[int]
    ) -> Namesake | None:
        """Whom a surname without a title means. Whose surname has stood alone, `settled`, keeps it.

        Unless another's sentence has just begun, of whom the text speaks without a title.
        """
        if len(near) <= 1:
            return _only(near)
        if word_before(self._text, mention[0]) in _COMPARED:
            return None
        after = _SAID_HE.match(self._text, mention[1], min(len(self._text), mention[1] + 40))
        told = self._of_gender(after[1], near) if after else None
        if told is not None:
            return told
        # "Obi and **his wife, Ada Obi**": the surname alone stays with whose family it is.
        head = settled if settled in near else _only([p for p in near if not self._is_kin(p)])
        others = [p for p in near if p is not head and id(p) not in titled]
        return None if any(self._has_begun(p, mention[0]) for p in others) else head

    def _has_begun(self, person: Namesake, at: int) -> bool:
        """Whether a sentence right before begins with the person's full name, or with "His wife, Ada Obi"."""
        last = bisect_left(person.mentions, (at, at)) - 1
        start = person.mentions[max(0, last)][0]
        if at - start > _RECENT_CHARS:
            return False
        before = self._text[max(0, start - _BEFORE_CHARS) : start]
        kin = _KIN_OF.search(before)
        before = before[: kin.start()] if kin else before
        clause = _STOP.split(before)[-1].strip(" \t\"'“‘”’")
        return all(word.lower().strip(".") in words("honorifics.txt") for word in clause.split())

    def _title(self, mention: Span) -> str | None:
        """The title, role or word of kinship right before a name, in its short form."""
        word = word_before(self._text, mention[0])
        if word is None:
            return None
        word = _ALIKE.get(word, word)
        is_title = (
            word in words("honorifics.txt")
            or word in words("roles.txt")
            or word in words("kinship.txt")
            or word in _gendered_titles()
        )
        return word if is_title else None

    def _has_rank(self, person: Namesake) -> bool:
        """Whether the person is called by a title other than "Mr" or "Ms", so that these mean another."""
        titles = (self._title(mention) for mention in person.mentions[:5])
        return any(title in words("honorifics.txt") and title not in pronouns_by_word() for title in titles)

    def _is_introduced_as(self, person: Namesake, title: str) -> bool:
        """Whether the title stands before the full name or in an apposition behind it."""
        if title in ("mr", "ms", "mrs", "miss"):
            return False
        return any(title in self._introducing(mention) for mention in person.mentions[:5])

    def _introducing(self, mention: Span) -> set[str]:
        start, end = mention
        i = bisect_left(self._people, (start, end))
        earlier = self._people[i - 1][1] if i else 0
        before = words_before(self._text, max(min(earlier, start), start - _BEFORE_CHARS), start)
        later = self._people[i + 1][0] if i + 1 < len(self._people) else len(self._text)
        behind = _APPOSED.match(self._text, end, max(end, min(later, end + _AFTER_CHARS)))
        # "Kofi Obi and **his wife**, ...": what is told of another is no apposition.
        told = behind[1].split(" and ")[0] if behind else ""
        found: list[str] = before[:6] + [word.lower() for word in WORD.findall(told)[:6]]
        return {_ALIKE.get(word, word) for word in found}

    def _gender(self, person: Namesake, near: Sequence[Namesake]) -> str | None:
        """ "he" or "she", by what the article tells of the person."""
        if not person.is_known:
            person.is_known = True
            person.gender = (
                self._told(person)
                or self._told_of_kin(person, near)
                or pronouns_by_first_name().get(person.first)
                or self._pronoun_behind(person)
            )
        return person.gender

    def _told(self, person: Namesake) -> str | None:
        """By a title or a word of kinship at the full name."""
        for mention in person.mentions[:5]:
            word = self._introduced_by(mention)
            behind = _KIN_BEHIND.match(self._text, mention[1], mention[1] + _AFTER_CHARS)
            for told in (word, behind[2].lower() if behind else None):
                if told is not None and told not in _BY_OBJECT and told in pronouns_by_word():
                    return pronouns_by_word()[told]
        return None

    def _introduced_by(self, mention: Span) -> str | None:
        """The word before a full name: "**Mr** Obi", and over a comma "his **wife**, Ada Obi"."""
        start, end = mention
        is_apposed = self._text[end : end + 1] in (",", ".", ";", ")")
        is_divided = _OF_KIN.search(self._text, max(0, start - _BEFORE_CHARS), start) and not is_apposed
        return word_before(self._text, start, over_comma=not is_divided)

    def _told_of_kin(self, person: Namesake, near: Sequence[Namesake]) -> str | None:
        """By another's kinship: "**Kofi Obi** and *his* sister, Ada Obi"."""
        others = [p for p in near if p is not person]
        for other in others if len(near) == 2 else []:
            for mention in other.mentions[:5]:
                whose = self._whose_kin(mention)
                if whose:
                    return _BY_OBJECT[whose]
        return None

    def _whose_kin(self, mention: Span) -> str | None:
        """ "his" or "her", where the person is introduced as kin: "**his** wife, Ada Obi"."""
        start, end = mention
        before = _KIN_OF.search(self._text, max(0, start - _BEFORE_CHARS), start)
        behind = _KIN_BEHIND.match(self._text, end, end + _AFTER_CHARS)
        for found in (before, behind):
            if found and found[2].lower() in words("kinship.txt"):
                return found[1].lower()
        return None

    def _is_kin(self, person: Namesake) -> bool:
        return any(self._whose_kin(mention) for mention in person.mentions[:5])

    def _pronoun_behind(self, person: Namesake) -> str | None:
        """The pronoun that follows the full name before anybody else is named."""
        for start, end in person.mentions[:5]:
            i = bisect_left(self._people, (start, end))
            later = self._people[i + 1][0] if i + 1 < len(self._people) else len(self._text)
            line = self._text.find("\n", end)
            stop = min(later, end + 150, line if line >= 0 else len(self._text))
            found = _PRONOUN.search(self._text, end, max(end, stop))
            if found:
                return _BY_OBJECT[found[1].lower()]
        return None


_NOBODY = Namesake("", [])


@cache
def _gendered_titles() -> frozenset[str]:
    return frozenset(pronouns_by_word()) - frozenset(("he", "she", "him", "her", "his", "hers"))


def _only(people: Sequence[Namesake]) -> Namesake | None:
    return people[0] if len(people) == 1 else None
