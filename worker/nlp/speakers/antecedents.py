"""Whom pronouns, offices and verbs without a subject stand for, in languages that have a table.

What a person is called by - an office, a title, a first name - tells which pronoun stands for them. Where two
may be meant and nothing tells them apart, nobody is.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.nlp.entities.group import Group
from worker.nlp.entities.namesakes import shared_surnames
from worker.nlp.pronouns import pronouns_by_first_name
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import EITHER, HE, SHE, THEY, QuotingTable
from worker.nlp.speakers.mentions import APPOSITION_COMMAS, NounPhrase

_NEAR_CHARS = 900
_MOST_CANDIDATES = 40
_PER_CHARS = 400
_SPOKE, _OPENED, _SINCE, _GOVERNED = 1.2, 0.6, 0.7, 0.7
_SHORT_ENDING = 3


@dataclass(frozen=True, slots=True)
class Antecedent:
    """Who is meant: the mention to publish where the text has none of its own, and the entity."""

    mention: NounPhrase
    group: int | None


class Antecedents:
    """The people of one article, by what the text calls them.

    `everyone`: its mentions in order, each with whether it is governed.
    """

    def __init__(
        self,
        words: SpokenWords,
        groups: Sequence[Group],
        everyone: Sequence[tuple[NounPhrase, bool]],
        table: QuotingTable,
    ) -> None:
        self._words, self._groups, self._table = words, groups, table
        self._shared = shared_surnames(groups)
        self._fuller = dict(_fuller_names(groups, table))
        self._governed = {found.start for found, is_governed in everyone if is_governed}
        self._people = [found for found, _ in everyone if found.type == "PERSON"]
        self._starts = [found.start for found in self._people]
        self._genders: dict[int, str] = {}
        self._offices: set[int] = set()
        self._with_office: set[int] = set()
        self._called: dict[str, set[int]] = defaultdict(set)
        following: list[NounPhrase | None] = [*(found for found, _ in everyone[1:]), None]
        for (found, _), behind in zip(everyone, following, strict=False):
            self._learn(found, behind)

    def _learn(self, found: NounPhrase, behind: NounPhrase | None) -> None:
        """What a mention tells of a person: by its own office, or by that in apposition behind it."""
        if found.type != "PERSON" or found.group is None or found.is_owned:
            return
        noun, gender = found.noun, found.gender
        if behind is not None and behind.kind == "role" and behind.noun and not noun:
            gap = self._words.text[found.end : behind.start]
            if gap in APPOSITION_COMMAS:
                noun, gender = behind.noun, gender or behind.gender
        if noun:
            self._called[noun].add(found.group)
            self._with_office.add(found.group)
        # Women have offices by the name that these have of men: "prokurator Julia Sadowska".
        if gender == SHE:
            self._genders[found.group] = gender
        elif gender == HE:
            self._offices.add(found.group)

    def gender(self, group: int) -> str:
        """The pronoun of a person; "" where nothing tells it."""
        if group not in self._genders:
            first = self._groups[group].name.split()[0].casefold()
            known = self._table.names.get(first) or pronouns_by_first_name().get(first)
            # A surname alone tells nothing.
            is_whole = len(self._groups[group].name.split()) > 1
            ending = self._table.gender_by_ending(first) if is_whole else ""
            told = (known if is_whole else None) or ending
            self._genders[group] = told or (HE if group in self._offices else "")
        return self._genders[group]

    def told(self, group: int | None) -> int | None:
        """The entity, None where it is a surname that may be several people's."""
        group = self._fuller.get(group, group) if group is not None else None
        return None if group in self._shared else group

    def gender_of(self, pronoun: str, verb: str) -> str:
        """What a pronoun and its verb tell together: German "sie sagte" is a woman."""
        if pronoun != EITHER:
            return pronoun or verb
        return THEY if verb == THEY else SHE

    def of_pronoun(
        self, at: int, gender: str, last: int | None, since: int | None = None
    ) -> Antecedent | None:
        """The person before a place whom a pronoun or a verb means. `last`: who spoke last, up to `since`."""
        if gender == THEY:
            return None
        i = bisect_left(self._starts, at)
        best, best_score = None, float("-inf")
        for found in self._people[max(0, i - _MOST_CANDIDATES) : i]:
            if found.group is None or at - found.start > _NEAR_CHARS or not self._fits(found.group, gender):
                continue
            score = -(at - found.start) / _PER_CHARS
            spoke = self.told(found.group) == last
            score += _SPOKE if spoke else 0.0
            opens = self._opens(found)
            score += _OPENED if opens else 0.0
            # "..., said Ruiz. **Eva Lis** will appeal. "No", she said.": who is told of since then.
            score += _SINCE if opens and not spoke and since is not None and found.start > since else 0.0
            score -= _GOVERNED if found.start in self._governed else 0.0
            if score >= best_score:
                best, best_score = found, score
        return Antecedent(best, self.told(best.group)) if best is not None else None

    def _fits(self, group: int, gender: str) -> bool:
        own = self.gender(group)
        return not gender or not own or own == gender

    def _opens(self, found: NounPhrase) -> bool:
        """Whether a mention begins a sentence."""
        if found.first == 0:
            return True
        gap = self._words.gap(found.first)
        return any(mark in gap for mark in ".!?\n")

    def of_role(self, found: NounPhrase, last: int | None) -> int | None:
        """The person whom an office means that was told with their name: "**la alcaldesa**"."""
        first = self._words[found.first].lower
        if not found.noun or self._table.has("indefinites", first) or found.gender == THEY:
            return None
        if found.owner is not None and found.is_owned:
            return None
        known = {
            group for noun in self._called for group in self._called[noun] if self._same(noun, found.noun)
        }
        known = {group for group in known if self._fits(group, found.gender)}
        if last in known and len(known) > 1:
            return self.told(last)
        if not known and found.gender in (HE, SHE) and found.owner is None:
            return self._only_one(found)
        return self.told(known.pop()) if len(known) == 1 else None

    def _only_one(self, found: NounPhrase) -> int | None:
        """The only person told of near before a role, if of its gender and without office: "la ciclista"."""
        i = bisect_left(self._starts, found.start)
        near = {
            self.told(other.group) for other in self._people[max(0, i - _MOST_CANDIDATES) : i]
            if found.start - other.start <= _NEAR_CHARS
        }  # fmt: skip
        who = near.pop() if len(near) == 1 else None
        is_theirs = who is not None and self.gender(who) == found.gender and who not in self._with_office
        return who if is_theirs else None

    def _same(self, one: str, other: str) -> bool:
        """Whether two words are one office: also a compound and its last part, or a form of it."""
        if one == other:
            return True
        if not self._table.is_so("compounds"):
            return False
        short, long = sorted((one, other), key=len)
        is_form = long.startswith(short[:-1]) and len(long) - len(short) < _SHORT_ENDING
        return long.endswith(short) or (is_form and self._table.is_so("genitive s"))


def _fuller_names(groups: Sequence[Group], table: QuotingTable) -> Iterator[tuple[int, int]]:
    """People who are named by title and surname, each with the one whose whole name ends so: "M. Le Goff"."""
    people = [(i, group.name.casefold().split()) for i, group in enumerate(groups) if group.type == "PERSON"]
    for i, named in people:
        if len(named) > 1 and named[0].rstrip(".") in table.titles:
            fuller = [
                j for j, other in people
                if j != i and len(other) >= len(named) and other[1 - len(named) :] == named[1:]
                and other[0].rstrip(".") not in table.titles
            ]  # fmt: skip
            if len(fuller) == 1:
                yield i, fuller[0]
