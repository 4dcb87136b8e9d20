"""A sentence without marks, in which a report is looked for: its words, its commas, what may be a source."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from worker.nlp.entities.group import Span
from worker.nlp.quotes.narrators import phrase_at
from worker.nlp.speakers.constructions import SpokenSentence
from worker.nlp.speakers.mentions import NounPhrase

_PARTING = re.compile(r"[,;:()](?=\s|$)|(?<=\s)[-–—(](?=\s|\w)")
_LIKELIER = 0.15
"""By how much a word is likelier reported than a source, where a source without a comma ends."""
_IS_SOURCE = 0.35
_MOST_SOURCE = 14
_SPEAKING = frozenset({"PERSON", "ORG"})


@dataclass(frozen=True, slots=True)
class SourcePhrase:
    """Words for whoever a report is credited to, the `first` to before `next`, and the mention of them."""

    first: int
    next: int
    mention: NounPhrase


class ReportSentence:
    """One sentence: its words are `first` to before `last`, its text `start` to `end`, without the stop.

    `around`: with the table of reports, whose cues are also verbs that have reports alone.
    """

    def __init__(self, around: SpokenSentence) -> None:
        self.around = around
        self.words, self.table, self.mentions = around.words, around.table, around.mentions
        inside = self.words.between(around.start, around.end)
        self.first, self.last = inside.start, inside.stop
        self.start = self.words[self.first].start if len(inside) else around.start
        self.end = self.words[self.last - 1].end if len(inside) else around.start
        text = self.words.text
        self.commas: Sequence[int] = [
            found.start() for found in _PARTING.finditer(text, self.start, self.end)
        ]

    def part(self, start: int, opening: int, closing: int, end: int) -> SpokenSentence:
        """The sentence, or a part of it, as constructions for quotes read it: before and behind a report."""
        return replace(self.around, start=start, opening=opening, closing=closing, end=end)

    def lower(self, i: int) -> str:
        """A word of it in lower case."""
        return self.words[i].lower

    def has(self, kind: str, i: int) -> bool:
        """Whether a word is in it and of a kind."""
        return self.first <= i < self.last and self.table.has(kind, self.lower(i))

    def is_cue(self, i: int) -> bool:
        """Whether a word reports speech."""
        return self.table.is_cue(self.lower(i))

    def phrase(self, i: int, kind: str) -> int:
        """The word behind a phrase of a kind that begins with the `i`-th word and ends in the sentence."""
        behind = phrase_at(self.words, i, self.table, kind)
        return behind if behind < self.last else 0

    def place(self, i: int) -> Span:
        """Where a word stands in the text."""
        return self.words[i].start, self.words[i].end

    def comma_before(self, i: int) -> bool:
        """Whether a comma, a dash or the like stands between a word and the one before it."""
        gap = self.words.gap(i) if self.first < i < self.last else ""
        return bool(gap) and (any(mark in gap for mark in ",;:()–—") or gap.strip() == "-")

    def is_parted(self, first: int, last: int) -> bool:
        """Whether a comma or the like stands before any of the words."""
        return any(self.comma_before(i) for i in range(first, last))

    def next_comma(self, place: int) -> int | None:
        """The first comma, dash or the like from a place on."""
        return next((at for at in self.commas if at >= place), None)

    def content(self, first: int, last: int) -> float:
        """How probably the words are reported."""
        if last <= first:
            return 0.0
        return self.around.evidence.content(self.words[first].start, self.words[last - 1].end)

    def source_score(self, first: int, last: int) -> float:
        """How probably the likeliest of the words is a source."""
        return self.around.evidence.source(self.words[first].start, self.words[last - 1].end)

    def cue_score(self, first: int, last: int) -> float:
        """How probably the likeliest of the words is a cue."""
        return self.around.evidence.cue(self.words[first].start, self.words[last - 1].end)

    def source_from(self, i: int) -> SourcePhrase | None:
        """Whoever is named from a word on, up to a comma, or to where what is reported begins.

        "Según **el cual**" names nobody.
        """
        if any(self.has("relative words", k) and not self._is_article(k) for k in (i, i + 1)):
            return None
        stop = self.next_comma(self.words[i].start)
        limit = self.last if stop is None else self.words.first_from(stop)
        limit = min(limit, i + _MOST_SOURCE)
        end = i
        while end < limit and (end == i or not self._ends_source(end)):
            name = self.mentions.name_at(end)
            end = max(self.words.first_from(name[0]), end + 1) if name is not None else end + 1
        end = min(end, self.last)
        while end > i + 1 and self._is_small(end - 1):
            end -= 1
        phrase = self.phrase_of(i, end)
        return self._with_apposed(phrase) if phrase is not None and stop is not None else phrase

    def _ends_source(self, i: int) -> bool:
        if self.has("that", i) or (self.has("relative words", i) and not self._is_article(i)):
            return True
        evidence = self.around.evidence
        word = self.words[i]
        content = evidence.content(word.start, word.end)
        others = max(evidence.source(word.start, word.end), evidence.cue(word.start, word.end))
        return content >= _IS_SOURCE and content > others + _LIKELIER

    def _is_article(self, i: int) -> bool:
        return self.lower(i) in self.table.determiners

    def _is_small(self, i: int) -> bool:
        """Whether no noun phrase ends with a word, so that it belongs to what follows."""
        word = self.lower(i)
        table = self.table
        return word in table.determiners or table.has("prepositions", word) or table.has("stops", word)

    def phrase_of(self, first: int, last: int) -> SourcePhrase | None:
        """The words as a source, if they name somebody, or tell whose report it is; else None."""
        if last <= first or not self._may_speak(first, last):
            return None
        start, end = self.words[first].start, self.words[last - 1].end
        found = [each for each, _ in self.mentions.within(start, end)]
        named = next((each for each in found if each.type == "PERSON" and each.end <= end), None)
        if named is None and found and found[0].first == first and found[0].type == "ORG":
            named = found[0] if found[0].next >= last else None
        if named is None and last == first + 1 and found:
            named = found[0]
        if named is not None:
            return SourcePhrase(first, last, named)
        noun = next((w for w in map(self.lower, range(first, last)) if self.table.role(w) is not None), "")
        whole = NounPhrase(
            start, end, "role", first, last, gender=self.table.role(noun) or "" if noun else "", noun=noun
        )
        return SourcePhrase(first, last, whole)

    def _may_speak(self, first: int, last: int) -> bool:
        """Whether the words name somebody who is known to speak, or the encoder is sure of a source."""
        return self.is_known(first, last) or self.source_score(first, last) >= _IS_SOURCE

    def is_known(self, first: int, last: int) -> bool:
        """Whether a name, a pronoun, a role, or a word for a source is among the words."""
        for i in range(first, last):
            word = self.lower(i)
            if word in self.table.pronouns or self.is_source_noun(word):
                return True
            name = self.mentions.name_at(i)
            if name is not None and self.mentions.type_of(name[1]) in _SPEAKING:
                return True
        return False

    def is_source_noun(self, word: str) -> bool:
        """Whether a word tells of somebody who may say something, or of something that may be read."""
        return self.table.role(word) is not None or word.startswith(self.table.source_stems)

    def _with_apposed(self, phrase: SourcePhrase) -> SourcePhrase:
        """The source with what stands in apposition to it: "la alcaldesa de Lima, **Ana Ruiz**, ..."."""
        if phrase.next >= self.last or not self.words.gap(phrase.next).startswith(","):
            return phrase
        closing = self.next_comma(self.words[phrase.next].start)
        if closing is None:
            return phrase
        last = self.words.first_from(closing)
        apposed = self.phrase_of(phrase.next, last)
        if apposed is None or last >= self.last or self.words.text[closing] != ",":
            return phrase
        is_source = self.source_score(phrase.next, last) > self.content(phrase.next, last)
        if not is_source:
            return phrase
        is_named = phrase.mention.type == "PERSON" or apposed.mention.type != "PERSON"
        return SourcePhrase(phrase.first, last, phrase.mention if is_named else apposed.mention)
