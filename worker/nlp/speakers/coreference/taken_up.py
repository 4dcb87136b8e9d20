"""Finds whom a role takes up that nobody was introduced with: the last speaker, or the only person."""

import re
from collections import Counter
from collections.abc import Sequence

from worker.nlp.patterns import WORD
from worker.nlp.pronouns import pronouns_by_word
from worker.nlp.speakers.candidates import Candidate, is_role, role_word
from worker.nlp.speakers.coreference.called import OFFICES
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.people import People
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.speakers.genders import Genders
from worker.nlp.speakers.introductions import LEADERS, PREPOSITIONS, is_wider
from worker.nlp.wordlists import words

# A sentence or a paragraph, as a distance.
_A_PARAGRAPH = 0.35
# "“…,” **added the** native": how far behind its quote a speaker stands.
_CUE_CHARS = 24
_AGE_CHARS = 60
_AGE_BEHIND = re.compile(r",\s(\d{1,3})\b|\s\((\d{1,3})\)")
_AGE_BEFORE = re.compile(r"\b(\d{1,3})-year-old\s(?:[\w-]+\s){0,3}$")
_AGED = re.compile(r"\b[A-Za-z0-9]+(?:-[a-z]+)?-year-old\s(?:[\w-]+\s){0,2}$")
_AGE = re.compile(r"(\d{1,3})-year-old")
# "The office clerk **from Leeds**".
_FROM = re.compile(r"the (?:[\w-]+ ){1,4}from [\w’'. -]{2,40}")
_GENERIC_PEOPLE = frozenset(("boy", "girl", "man", "teenager", "woman"))


class TakenUpRoles:
    """The roles of one article that take somebody up. `spoken`: how often each speaker has spoken so far."""

    def __init__(
        self,
        index: MentionIndex,
        subjects: Subjects,
        genders: Genders,
        people: People,
        spoken: Counter[int | str],
    ) -> None:
        self._index, self._subjects, self._genders = index, subjects, genders
        self._people, self._spoken = people, spoken
        self._text, self._groups, self._all = index.text, index.groups, index.all
        self._candidates = index.candidates

    def last_spoken_of(
        self, candidate: Candidate, phrase: str, found: list[str], head: str, last: Resolved | None
    ) -> Resolved | None:
        """ "The official": the last speaker if the role fits, else the only person named before."""
        found = found[:-2] if found[-2:-1] == ["of"] and found[-1].islower() else found
        is_bare = (
            phrase.startswith(("the ", "this ")) and len(found) <= 5 and not PREPOSITIONS.intersection(found)
        )
        if not is_bare:
            return self._told_whence(candidate, phrase, head)
        if not is_role(head) or head in _GENERIC_PEOPLE:
            # "The Kumasi native", "the young man": words that tell more of whoever was just named.
            fresh = self._named_since(candidate, last)
            if fresh is not None:
                return Resolved(candidate.start, candidate.end, fresh)
        aged = self._of_age(candidate, found, last)
        if aged is not None:
            return Resolved(candidate.start, candidate.end, aged)
        is_aged = any(_AGE.fullmatch(word) for word in found)
        told = self._told_of(candidate, head, last) if not is_aged else None
        if told is not None:
            return Resolved(candidate.start, candidate.end, told)
        if last is not None and last.group is None:
            return last if self._takes_up(head, last) else None
        if head in OFFICES and not phrase.startswith(("the former ", "the ex-")):
            # News introduces whoever holds an office with it, so nobody else is meant.
            return None
        if last is not None and last.group is not None and self._index.is_person(last.group):
            gender = pronouns_by_word().get(head)
            fits = gender is None or self._genders.fits(last.group, gender)
            if fits and (head in _GENERIC_PEOPLE or self._may_be_called(last.group, head)):
                return last
        person = self._index.only_person_before(candidate.start)
        return Resolved(candidate.start, candidate.end, person.group) if person is not None else None

    def _told_of(self, candidate: Candidate, head: str, last: Resolved | None) -> int | None:
        """ "**Sato** came, though Obi did not. The Kenyan leader argued": whom the last sentence is about.

        It is somebody who has not spoken since, who may be called so. None for those who may be anybody's:
        in "Obi fell. The doctor said" nobody tells whose doctor speaks.
        """
        at = self._candidates.before_quote(candidate.start, _CUE_CHARS)
        at = at if at < candidate.start else self._index.sentence_start(candidate.start)
        people = [c for c in self._index.before(at) if c.type == "PERSON"]
        subject = next((c for c in people if self._subjects.begins_last_sentence(c, at)), None)
        if subject is None or subject.group is None:
            return None
        is_new = last is None or (subject.start > last.start and subject.group != last.group)
        known = self._index.introduced()
        is_anyone = head in words("possessions.txt") and not known.has_kindred_role(subject.group, head)
        may_be_anyone = is_anyone or head in OFFICES or head.endswith("s")
        gender = pronouns_by_word().get(head)
        fits = gender is None or self._genders.fits(subject.group, gender)
        others = [c for c in people if c.start > subject.start and c.group != subject.group]
        if others and self._is_of_another_people(candidate, subject):
            return None
        is_told = not others or head in LEADERS or known.has_kindred_role(subject.group, head)
        if not (is_new and fits and is_told) or may_be_anyone or known.has(head):
            return None
        return None if known.has_other_role(subject.group, head) else subject.group

    def _is_of_another_people(self, candidate: Candidate, person: Candidate) -> bool:
        """ "**Algerian** president Ada Obi hosted Ken Sato. The Asian leader": not theirs."""
        shown = self._text[candidate.start : candidate.end].lower()
        peoples = {group.name.lower() for group in self._groups if group.type == "NORP"}
        others = (people for people in peoples if people not in shown)
        known = self._index.introduced()
        return any(known.first((people,), person.group) is not None for people in others)

    def _told_whence(self, candidate: Candidate, phrase: str, head: str) -> Resolved | None:
        """ "**Ada Obi** fixes nets. “I sew,” says the clerk from Leeds": the only person named so far."""
        if not _FROM.fullmatch(phrase) or not is_role(head) or head in OFFICES:
            return None
        person = self._index.only_person_before(candidate.start)
        if person is None or self._index.introduced().has_other_role(person.group, head):
            return None
        mentions = self._groups[person.group].mentions if person.group is not None else ()
        last = max((end for start, end in mentions if start < candidate.start), default=person.end)
        quote = self._candidates.before_quote(candidate.start, _CUE_CHARS)
        is_near = self._index.distance(last, quote) <= 2 * _A_PARAGRAPH
        gender = pronouns_by_word().get(head)
        fits = gender is None or self._genders.fits(person.group, gender)
        return Resolved(candidate.start, candidate.end, person.group) if is_near and fits else None

    def only_aged(self, candidate: Candidate, head: str) -> int | None:
        """ "A boy from Leeds fell. Nine-year-old **Ken Sato** is well. “I slept,” the boy said."."""
        if head not in _GENERIC_PEOPLE:
            return None
        people = [c for c in self._all if c.type == "PERSON" and c.start < candidate.start]
        aged = {c.group for c in people if _AGED.search(self._text, max(0, c.start - _AGE_CHARS), c.start)}
        group = aged.pop() if len(aged) == 1 else None
        gender = pronouns_by_word().get(head)
        return group if gender is None or self._genders.fits(group, gender) else None

    def _ages_of(self, person: Candidate) -> set[str]:
        """The ages beside a name: "Ada Obi, **24**", "the **24**-year-old singer Ada Obi"."""
        behind = _AGE_BEHIND.match(self._text, person.end)
        before = _AGE_BEFORE.search(self._text, max(0, person.start - _AGE_CHARS), person.start)
        return {age for match in (behind, before) if match for age in match.groups() if age}

    def _of_age(self, candidate: Candidate, found: Sequence[str], last: Resolved | None) -> int | None:
        """ "**Ada Obi, 24**, sews. “I rest,” the 24-year-old said.": the only person told to be so old.

        Where the text tells nobody's age so, the one whom both "he" and "she" would stand for.
        """
        age = next((told[1] for word in found if (told := _AGE.fullmatch(word))), None)
        if age is None:
            return None
        aged = {
            c.group
            for c in self._all
            if c.type == "PERSON" and c.start < candidate.start and age in self._ages_of(c)
        }
        if not aged and not is_role(found[-1]):
            meant = (self._people.person(candidate, word, last) for word in ("he", "she"))
            aged = {who.group for who in meant if who is not None}
        return aged.pop() if len(aged) == 1 else None

    def _may_be_called(self, group: int, head: str) -> bool:
        """Whether a role may be the last speaker's: who has no other, or whom the article keeps quoting.

        "Union leader **Orla Finnegan** said ..., she said. “We scrub decks,” the Galway MP said": nobody
        else has spoken, and nobody was introduced so.
        """
        if not self._index.introduced().has_other_role(group, head):
            return True
        return self._spoken[group] > 1 and len(self._spoken) == 1 and not self._index.introduced().has(head)

    def _takes_up(self, head: str, last: Resolved) -> bool:
        """Whether "the official" may be "a ministry spokesman", who has no name and spoke last."""
        found = WORD.findall(self._text[last.start : last.end].lower())
        known = role_word(found)
        if known is None or not is_role(known):
            return False
        return known == head or head in _GENERIC_PEOPLE or not is_role(head) or is_wider(head, known)

    def _named_since(self, candidate: Candidate, last: Resolved | None) -> int | None:
        """The only person who is named for the first time since the last speaker, in the sentence before."""
        quote = self._candidates.before_quote(candidate.start, _CUE_CHARS)
        since = [
            c
            for c in self._index.before(quote)
            if c.type == "PERSON" and (last is None or c.start > last.start)
        ]
        new = {c.group for c in since if c.group is not None and self._index.is_first(c)}
        is_near = bool(since) and self._index.distance(since[-1].end, quote) <= _A_PARAGRAPH
        return new.pop() if is_near and len({c.group for c in since}) == 1 and new else None
