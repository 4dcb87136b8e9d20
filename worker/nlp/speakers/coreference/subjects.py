"""Tells whether a mention is the subject of its sentence, or of the one before a quote."""

import re
from itertools import pairwise

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.speakers.coreference.called import PLAIN_WORD
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.introductions import AUXILIARIES, PREPOSITIONS
from worker.nlp.speakers.phrases import POSSESSIVE
from worker.nlp.wordlists import words

_OPENING = " \t\n“\"‘'«„`"
_STOPS = tuple(".!?…")
_OF = re.compile(
    r"\b(?:administration|cabinet|government|family|regime|team)\s+of\s+(?:[A-Z][\w.’'-]+\s+){0,4}(?:and\s+)?$"
)
_OF_CHARS = 70
# A closing mark ends a clause only behind punctuation: not in 'he felt “safe” being **a guest**'.
_SENTENCE_START = re.compile(
    r"[.!?…][\"'’”)\]]*\s|[\n\r]|“(?![^”]{0,90}”)|(?<=[.!?…,])[”\"]|(?<!\w)\"(?=\w)(?![^\"]{0,90}\")"
)
# "..., **said** the mayor of Lagos, **Ada Obi**": from a mark to a name.
_INVERTED = re.compile(r"[,”\"’'.!?—–]\s+(?:(according)\s+to|([a-z]+))\s+[^.;:!?“”\"\n]{0,80}$")
_TURN = re.compile(r"[,;] but (?=[A-Z])")
_WHO = re.compile(r",?\s+who\b")
_BEFORE_NOUNS = frozenset(("a", "an", "the", "its", "his", "her", "their"))


class Subjects:
    """The subjects of one article's sentences."""

    def __init__(self, index: MentionIndex) -> None:
        self._index = index
        self._text, self._candidates, self._evidence = index.text, index.candidates, index.evidence

    def is_introduced_since(self, c: Candidate, pronoun: Candidate) -> bool:
        """ "**Ada Obi** was calmer. “We wait,” she said.": whom the sentence before names first."""
        return self._index.is_first(c) and self.begins_sentence_before(c, pronoun)

    def is_about(self, c: Candidate, pronoun: Candidate) -> bool:
        """ "**Obi** is hopeful. “We wait,” he said.": the paragraph is about its subject."""
        quote = self._candidates.before_quote(pronoun.start)
        between = self._text[c.end : quote]
        return quote < pronoun.start and "\n" not in between and self.begins_sentence_before(c, pronoun)

    def begins_sentence_before(self, c: Candidate, pronoun: Candidate) -> bool:
        """Whether it is the subject of the sentence before the pronoun's and its quote's."""
        quote = self._candidates.before_quote(pronoun.start)
        return quote < pronoun.start and self.begins_last_sentence(c, quote)

    def begins_last_sentence(self, c: Candidate, at: int) -> bool:
        """Whether it is the subject of the sentence that ends at a place, but for space and opening marks."""
        if POSSESSIVE.match(self._text, c.end):
            return False
        between = self._text[c.end : at].rstrip(_OPENING)
        if between[-1:] not in _STOPS or SENTENCE_END.search(between):
            return False
        turn = _TURN.search(between)
        if turn is not None and any(o.start == c.end + turn.end() for o in self._index.between(c.end, at)):
            # "Obi wept, but **Sato** was calm. “We wait,” she said.": it is about her by now.
            return False
        return self.begins_sentence(c) or self._begins_turn(c)

    def is_subject(self, candidate: Candidate) -> bool:
        """Whether it begins a sentence or has a cue behind or before it. Not in "**Ms Obi**'s lawyer"."""
        if POSSESSIVE.match(self._text, candidate.end) or self._index.is_owner(candidate):
            return False
        if (
            self.begins_sentence(candidate)
            or self._begins_turn(candidate)
            or self.is_named_as_source(candidate)
        ):
            return True
        return self.has_cue_behind(candidate)

    def has_cue_behind(self, candidate: Candidate) -> bool:
        """ "**Ms Obi** said", "**Ms Obi** also said"."""
        if candidate.type == "PERSON" and _OF.search(
            self._text, max(0, candidate.start - _OF_CHARS), candidate.start
        ):
            # "The government of Ada Obi and **Ken Sato** said": it did, and neither of them.
            return False
        following = WORD.findall(self._text[candidate.end : candidate.end + 30])[:2]
        return any(word.lower() in words("cue_verbs.txt") for word in following)

    def is_named_as_source(self, c: Candidate) -> bool:
        """ "The road is shut, said **Ada Obi**", "it was proposed by **Ada Obi**, who said"."""
        if self._evidence.is_available and self._evidence.source(c.start, c.end) <= 0.5:
            return False
        if self._evidence.is_available and _WHO.match(self._text, c.end):
            return True
        verb = _INVERTED.search(self._text, max(0, c.start - 100), c.start)
        return verb is not None and (verb[1] is not None or verb[2] in words("cue_verbs.txt"))

    def begins_sentence(self, candidate: Candidate) -> bool:
        """Whether its sentence has no verb before it, no preposition right before it, and few other words."""
        before = _SENTENCE_START.split(self._text[max(0, candidate.start - 90) : candidate.start])[-1]
        found = [word.lower() for word in WORD.findall(before)]
        if found == ["for"] and self._text.startswith(",", candidate.end):
            # "For **Ms Obi**, ...": what the sentence is about.
            return True
        if len(found) > 9 or (found and found[-1] in PREPOSITIONS):
            return False
        # In "a **ruling**" and "the **report**" these are no verbs.
        verbs = (word for before, word in pairwise(["", *found]) if before not in _BEFORE_NOUNS)
        return not any(
            word in AUXILIARIES or word in words("cue_verbs.txt") or word in words("past_verbs.txt")
            for word in verbs
        )

    def is_behind_adjunct(self, c: Candidate) -> bool:
        """ "Amid the floods of May, **Ghana** has shut": a comma before the name, and its verb behind it."""
        verb = PLAIN_WORD.match(self._text, c.end)
        return (
            self._text.endswith(", ", 0, c.start)
            and verb is not None
            and (verb[1] in AUXILIARIES or verb[1] in words("past_verbs.txt"))
        )

    def _begins_turn(self, c: Candidate) -> bool:
        """ "Obi wept, but **Sato** was calm": the subject of the clause that "but" opens."""
        verb = PLAIN_WORD.match(self._text, c.end)
        is_verb = verb is not None and (verb[1] in AUXILIARIES or verb[1] in words("past_verbs.txt"))
        return is_verb and c.type == "PERSON" and self._text.endswith((", but ", "; but "), 0, c.start)
