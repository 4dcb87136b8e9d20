"""Finds the noun phrases that may speak, by a language's table: names, pronouns, offices."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.allatives import Allatives
from worker.nlp.entities.group import Group, Span
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import HE, SHE, THEY, QuotingTable

_SPEAKING_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "NORP"})
_MOST_WORDS = 9
_TAGGED = 0.5
_GENITIVES = ("s", "'s", "’s", "'", "’")

_NO_ALLATIVES = Allatives()

APPOSITION_COMMAS = (",", ", ")
"""What parts a mention and a phrase in apposition to it."""


class NounPhrase(NamedTuple):
    """A noun phrase. `start`, `end`: what to publish. `first`, `next`: its first word, and that behind it.

    `kind`: name, pronoun or role; `group`: the entity of a name; `gender`: "he", "she", "they", or "" where
    nothing tells. `noun`: the role. `owner`: the entity of whom it belongs to: "la portavoz **de Ana Ruiz**".
    `is_told`: its case tells that somebody speaks to it; `may_be_told`: its ending could be that of the case.
    """

    start: int
    end: int
    kind: str
    first: int
    next: int
    group: int | None = None
    type: str = ""
    gender: str = ""
    noun: str = ""
    owner: int | None = None
    is_owned: bool = False
    is_told: bool = False
    may_be_told: bool = False


class Mentions:
    """The mentions of one article, each looked up where a construction expects one."""

    def __init__(
        self,
        words: SpokenWords,
        groups: Sequence[Group],
        table: QuotingTable,
        evidence: AttributionEvidence,
        quoted: Sequence[Span],
        allatives: Allatives = _NO_ALLATIVES,
    ) -> None:
        self._words, self._groups, self._table, self._evidence = words, groups, table, evidence
        self._allatives = allatives
        self._has_genitive_s = table.is_so("genitive s")
        self._tagged: list[Span] | None = None
        self.names: dict[int, tuple[int, int]] = {}
        """By where a name begins, where it ends and the index of its entity."""
        inside = Covered(quoted)
        for index, group in enumerate(groups):
            if group.type in _SPEAKING_TYPES:
                for start, end in group.mentions:
                    if not inside.has(start):
                        self.names[start] = end, index

    def at(self, i: int, stop: int) -> NounPhrase | None:
        """The mention whose first word is the `i`-th, before a place; None if none begins there."""
        words, table = self._words, self._table
        if i >= len(words) or words[i].start >= stop:
            return None
        word = words[i]
        if word.start in self.names:
            return self._named(i, stop)
        if word.lower in table.pronouns:
            return NounPhrase(word.start, word.end, "pronoun", i, i + 1, gender=table.pronouns[word.lower])
        if word.lower in table.titles and i + 1 < len(words) and words[i + 1].start in self.names:
            named = self._named(i + 1, stop)
            return named._replace(first=i, gender=table.titles[word.lower] or named.gender)
        if word.lower in table.determiners or self._may_open(i):
            found = _PhraseReader(self, i, stop).read()
            return self._with_apposed(found, stop) if found is not None else None
        return None

    def _may_open(self, i: int) -> bool:
        """Whether a word without an article may open a phrase: a role, or whose role the next one is."""
        word, table = self._words[i], self._table
        if word.lower in table.closed or table.is_cue(word.lower):
            return False
        if table.role(word.lower) is not None:
            return True
        if self._is_genitive(i) and table.role(self._words[i + 1].lower) is not None:
            return True
        tagged = self._evidence.is_available and self._evidence.source(word.start, word.end) >= _TAGGED
        return tagged and not table.is_auxiliary(word.lower) and not word.lower.isdigit()

    def _is_genitive(self, i: int) -> bool:
        """Whether a word in the genitive stands right before another."""
        if not self._has_genitive_s or not self._words[i].lower.endswith(("s", "'")):
            return False
        return i + 1 < len(self._words) and not self._words.gap(i + 1).strip()

    def _named(self, i: int, stop: int) -> NounPhrase:
        """A name, or a role that the name in the genitive tells whose it is: "**Kåbergs advokat**"."""
        start = self._words[i].start
        end, index = self.names[start]
        behind = self._words.first_from(end)
        group = self._groups[index]
        mention = NounPhrase(
            start, end, "name", i, behind, index, group.type,
            is_told=self.is_told(i), may_be_told=start in self._allatives.possible,
        )  # fmt: skip
        if not self._has_genitive_s or behind >= len(self._words):
            return mention
        # "Merkels Sprecherin", "Rutte's woordvoerder": the mark may be a part of the name or behind it.
        mark = self._words.text[end : self._words[behind].start].rstrip()
        is_genitive = mark in _GENITIVES or (not mark and self._words.text[end - 1] in "s’'")
        if self._words[behind].lower == "s" and mark in ("'", "’"):
            behind, is_genitive = behind + 1, True
        if not is_genitive or behind >= len(self._words) or self._words[behind].start >= stop:
            return mention
        noun = self._words[behind].lower
        if self._table.role(noun) is None and not self._owns_noun(behind, end, group):
            return mention
        found = _PhraseReader(self, behind, stop).read()
        if found is None or found.kind == "name":
            return found if found is not None else mention
        return self._with_apposed(found._replace(start=start, first=i, owner=index, is_owned=True), stop)

    def _owns_noun(self, behind: int, end: int, group: Group) -> bool:
        """Whether a name whose base form has no "s" stands before a noun: "**McCains** Kampagne"."""
        if (
            not self._table.is_so("capital nouns")
            or group.name.endswith("s")
            or self._words.gap(behind).strip()
        ):
            return False
        word = self._words[behind]
        return self._words.text[word.start].isupper() and word.start not in self.names and word.end > end

    def _with_apposed(self, found: NounPhrase, stop: int) -> NounPhrase:
        """The name in apposition to a role, if there is one: "el alcalde de Lima, **Juan Pérez**"."""
        if found.kind != "role" or not found.noun or found.next >= len(self._words):
            return found
        i = found.next
        gap = self._words.text[found.end : self._words[i].start]
        is_titled = self._words[i].lower in self._table.titles and i + 1 < len(self._words)
        at = self._words[i + is_titled].start
        if gap not in APPOSITION_COMMAS or at >= stop or at not in self.names:
            return found
        end, index = self.names[at]
        if self._groups[index].type != "PERSON":
            return found
        return found._replace(
            start=at,
            end=end,
            kind="name",
            group=index,
            type="PERSON",
            next=self._words.first_from(end),
        )

    def within(self, start: int, end: int) -> Iterator[tuple[NounPhrase, bool]]:
        """The mentions in a part of the text, each with whether it is governed, so that it is no subject."""
        i, last = self._words.first_from(start), self._words.first_from(end)
        while i < last:
            found = self.at(i, end)
            if found is None:
                i += 1
                continue
            yield found, found.is_told or self._is_governed_at(i)
            i = max(found.next, i + 1)

    def tagged(self, start: int, end: int) -> Iterator[NounPhrase]:
        """What the encoder takes for sources in a part of the text, without a preposition in front."""
        if self._tagged is None:
            self._tagged = self._evidence.sources(_TAGGED)
        for place in self._tagged[bisect_left(self._tagged, (start, start)) :]:
            if place[1] > end:
                break
            first, last = self._words.first_from(place[0]), self._words.first_from(place[1])
            while first < last and self._table.has("prepositions", self._words[first].lower):
                first += 1
            if first < last and not self.is_told(first):
                yield NounPhrase(self._words[first].start, place[1], "role", first, last)

    def is_governed(self, found: NounPhrase) -> bool:
        """Whether a preposition stands before a mention or begins it, or its article or case says so."""
        return found.is_told or self._is_governed_at(found.first)

    def _is_governed_at(self, i: int) -> bool:
        word, table = self._words[i].lower, self._table
        if self.is_told(i):
            return True
        if table.has("prepositions", word) or table.has("object determiners", word):
            return True
        if i == 0 or self._words.gap(i).strip():
            return False
        return table.has("prepositions", self._words[i - 1].lower)

    def is_told(self, i: int) -> bool:
        """Whether a word begins a name whose case tells that somebody speaks to it: "sanoi **Ylelle**"."""
        return self._words[i].start in self._allatives.known

    def name_at(self, i: int) -> tuple[int, int] | None:
        """Where the name that begins with a word ends, and its entity."""
        return self.names.get(self._words[i].start)

    def type_of(self, index: int) -> str:
        """The type of an entity."""
        return self._groups[index].type

    @property
    def parts(self) -> tuple[SpokenWords, Sequence[Group], QuotingTable]:
        """What the mentions are found by."""
        return self._words, self._groups, self._table


class _PhraseReader:
    """Reads one noun phrase, word by word, from its article or its noun on."""

    def __init__(self, mentions: Mentions, i: int, stop: int) -> None:
        self._mentions, self._first, self._stop = mentions, i, stop
        self._words, self._groups, self._table = mentions.parts
        first = self._words[i]
        is_determiner = first.lower in self._table.determiners
        self._gender = self._table.determiners.get(first.lower, "")
        self._i = i + is_determiner
        self._end = first.end
        self._noun = ""
        self._owner: int | None = None
        self._body: tuple[int, int, int] | None = None
        self._joined = False
        """Whether the words behind "de" are read."""
        self._count = 0
        self._is_ended = False
        """Whether the noun is read, behind which only "de" and names stand."""

    def read(self) -> NounPhrase | None:
        """The phrase; the name of a person if it ends in one."""
        while self._may_go_on():
            name = self._mentions.name_at(self._i)
            if name is not None:
                person = self._read_name(*name)
                if person is not None:
                    return person
            elif not self._read_word():
                break
        if not self._count:
            return None
        if self._body is not None and self._owner is None and not self._is_of_person():
            start, end, index = self._body
            return NounPhrase(start, end, "name", self._first, self._i, index, self._groups[index].type)
        return NounPhrase(
            self._words[self._first].start, self._end, "role", self._first, self._words.first_from(self._end),
            gender=self._gender, noun=self._noun, owner=self._owner,
            is_owned=bool(self._noun) and self._table.is_owned(self._noun),
        )  # fmt: skip

    def _may_go_on(self) -> bool:
        if self._i >= len(self._words) or self._count >= _MOST_WORDS:
            return False
        is_near = self._words[self._i].start < self._stop and not self._mentions.is_told(self._i)
        return is_near and (self._i == self._first or not self._words.gap(self._i).strip())

    def _is_of_person(self) -> bool:
        """Whether the noun tells of a person, so that a body's name only says where they work."""
        return bool(self._noun) and (self._noun_gender in (HE, SHE) or self._table.is_owned(self._noun))

    @property
    def _noun_gender(self) -> str:
        return self._table.role(self._noun) or ""

    def _read_name(self, end: int, index: int) -> NounPhrase | None:
        """Takes a name in; the person is the mention if the phrase is theirs: "der Minister **Ute Berg**"."""
        start = self._words[self._i].start
        group = self._groups[index]
        is_person = group.type == "PERSON"
        if is_person and not self._joined and not self._is_owner(start, end, group):
            gender = self._noun_gender or (self._gender if self._gender != THEY else "")
            return NounPhrase(
                start,
                end,
                "name",
                self._first,
                self._words.first_from(end),
                index,
                "PERSON",
                gender,
                self._noun,
            )
        if is_person or (group.type == "ORG" and self._joined):
            self._owner = index if self._owner is None else self._owner
        elif not self._joined and self._body is None:
            self._body = start, end, index
        self._end = end
        self._i = max(self._words.first_from(end), self._i + 1)
        self._count += 1
        return None

    def _is_owner(self, start: int, end: int, group: Group) -> bool:
        """Whether a name in another case tells whose lawyer it is: "adwokat **Kaszuby**", of Kaszuba."""
        if not self._noun or not self._table.is_owned(self._noun):
            return False
        known = {part.casefold() for part in group.name.split()}
        return known.isdisjoint(self._words.text[start:end].casefold().split())

    def _read_word(self) -> bool:
        """Takes a word in; False where the phrase ends before it."""
        word, table = self._words[self._i].lower, self._table
        phrase = next((k for k in (2, 1) if " ".join(self._next(k)) in table.kinds["of"]), 0)
        if phrase and self._count:
            self._joined, self._is_ended = True, False
            self._i += phrase
            if self._i < len(self._words) and self._words[self._i].lower in table.determiners:
                self._i += not self._mentions.name_at(self._i)
            return self._may_go_on()
        is_capital = self._words.text[self._words[self._i].start].isupper()
        if self._ends_before(word) or (self._is_ended and not is_capital):
            return False
        # "**Der Papst** gilt als": in German nouns begin with capitals, and adjectives stand before them.
        self._is_ended = is_capital and table.is_so("capital nouns") and not word.isdigit()
        if not self._joined and not self._noun and table.role(word) is not None:
            self._noun = word
            self._gender = table.role(word) or self._gender
        self._end = self._words[self._i].end
        self._i += 1
        self._count += 1
        return True

    def _next(self, count: int) -> list[str]:
        return [word.lower for word in self._words[self._i : self._i + count]]

    def _ends_before(self, word: str) -> bool:
        table = self._table
        if any(table.has(kind, word) for kind in ("stops", "prepositions", "auxiliaries", "negations")):
            return True
        if word in table.pronouns or (word in table.determiners and self._count > 0):
            return True
        return table.is_cue(word) and table.role(word) is None


class Covered:
    """Whether places stand within spans, which are in order and do not overlap."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [start for start, _ in self._spans]

    def has(self, place: int) -> bool:
        """Whether a place stands within a span."""
        i = bisect_right(self._starts, place)
        return bool(i) and place < self._spans[i - 1][1]
