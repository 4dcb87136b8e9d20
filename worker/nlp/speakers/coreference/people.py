"""Finds the person that "he" or "she" stands for."""

import re
from bisect import bisect_left

from worker.nlp.patterns import WORD
from worker.nlp.pronouns import pronouns_by_word
from worker.nlp.speakers.candidates import Candidate, is_role, role_word
from worker.nlp.speakers.coreference.called import DEFINITE, PLAIN_WORD
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.resolved import Resolved, RoleResolver
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.speakers.genders import Genders
from worker.nlp.wordlists import words

# For whoever is introduced by the sentence before: as much as for a subject that spoke.
_SINCE = 1.0
# For the subject of the sentence before in the same paragraph.
_ABOUT = 1.0
# For the subject of the sentence before, where the pronoun is that of its own sentence.
_FOCUS = 0.6
# For whoever is named often, and first in the text. Weights chosen on GUM's pronouns, by cross-validation.
_OFTEN, _LEADS = 0.75, 0.6
_MOST_MENTIONS, _LEAD_CHARS = 6, 200
# For a person who is known to be of the pronoun's gender.
_GENDER = 0.4
# "Ms Obi spoke at length, **where** she called it": the subject of a clause within hers.
_SUBORDINATE = re.compile(
    r"\b(?:where|when|whom|which|that|because|since|as|while|although|though|before|after|and|but|if)\s+"
    r"(?:also\s+|then\s+|later\s+|\w+ly\s+)?$",
    re.IGNORECASE,
)
# "... he **added**", "she **also** said": whoever spoke last goes on.
_GOES_ON = re.compile(
    r"\s+(?:also|add(?:s|ed)|continue[sd]|went\s+on|goes\s+on|(?:then|later|further)\s+(?:add(?:s|ed)|said|says|told))\b"
)
# Beside bodies, what is called by the name of whoever leads it.
_NAMED_AFTER = frozenset(
    ("administration", "camp", "clan", "dynasty", "era", "family", "presidency", "regime")
)
_COPULA = re.compile(r"\s+(?:is|was|has|had|will|would)\b")
# "An interview with **Ms Obi** in which she said".
_IN_WHICH = re.compile(r"\b(?:in|during)\s+which\s+(?:\w+ly\s+)?$")
_WORDS_OF = re.compile(
    r"\b(?:appearance|broadcast|comments?|conversation|email|interview|lecture|letter|message|post|posting|remarks?|"
    r"sermon|speech|statement|talk|tweet|video)\s+(?:with|by|from|of)\s+(?:[\w.’'-]+\s+){0,4}$"
)
_WRITES = re.compile(r"\s+(?:also\s+|then\s+|once\s+)?(?:writes|wrote|has\s+written)\b")
_TITLE_BY = re.compile(
    r"(?:[”\"’'»]|\b(?:book|biography|memoir|novel|essay|history|poem|account|portrait))"
    r"(?:\s{1,3}(?:of|about|on)\s[^.,;:!?\n“”\"]{1,40})?,?\s{1,3}by\s{1,3}(?:[A-Z][\w.]{0,12}\s{1,3}){0,2}$"
)
_INTRODUCING = ("a ", "an ", "another ", "his ", "her ", "their ", "one ")


class People:
    """The people of one article, for "he" and "she"."""

    def __init__(
        self, index: MentionIndex, subjects: Subjects, genders: Genders, resolver: RoleResolver
    ) -> None:
        self._index, self._subjects, self._genders, self._resolver = index, subjects, genders, resolver
        self._text, self._groups, self._evidence = index.text, index.groups, index.evidence
        self._all, self._starts, self._pronouns = index.all, index.starts, index.pronouns

    def he_or_she(self, candidate: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        told = self._writer(candidate, word, last) or self._in_which(candidate, word)
        return told or self.person(candidate, word, last)

    def person(self, candidate: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        """ "He said": the best person before, by distance, gender, and being a subject or a speaker."""
        best, best_score = None, 0.0
        goes_on = bool(_GOES_ON.match(self._text, candidate.end))
        candidate = self._subject_pronoun(candidate, word)
        sentence = self._index.sentence_start(candidate.start)
        is_late = candidate.start - sentence > 25
        is_late = is_late and not _SUBORDINATE.search(self._text, sentence, candidate.start)
        # "Obi came, and Sato left, where **she** said": her own sentence has people. And who goes on has
        # spoken, whatever the sentence before is about.
        has_focus = not goes_on and not any(
            other.type == "PERSON" for other in self._index.between(sentence, candidate.start)
        )
        for c in self._index.before(candidate.start):
            if self._index.is_named(c):
                continue
            is_new_role = c.kind == "role" and self._is_introduced_role(
                c, word, candidate, sentence if has_focus else None
            )
            if not is_new_role and not self._may_be(c, word):
                continue
            is_last = last is not None and c.kind == "role" and c.start == last.start
            score = (
                0.6 if c.kind == "name" or (is_last and last is not None and last.group is not None) else 0.0
            )
            score += 1.0 if self._subjects.is_subject(c) else 0.0
            score += self._evidence.source(c.start, c.end) if self._evidence.is_available else 0.3
            score += self._goes_on_score(c, candidate, last, goes_on)
            score -= self._index.distance(c.end, candidate.start)
            score += _GENDER if c.group is not None and self._genders.is_known(c.group) else 0.0
            score += self._prominence(c) if last is None else 0.0
            # A role has neither a name's points nor a speaker's, and is as likely.
            score += 2 * _SINCE if is_new_role else 0.0
            score += _SINCE if self._subjects.is_introduced_since(c, candidate) else 0.0
            score += _ABOUT if c.kind == "name" and self._subjects.is_about(c, candidate) else 0.0
            # "**Obi** is a potter. After the fair, she said".
            is_in_focus = has_focus and c.kind == "name" and self._subjects.begins_last_sentence(c, sentence)
            score += _FOCUS if is_in_focus else 0.0
            is_weak = is_late and self._evidence.source(c.start, c.end) <= 0.5
            if c.start >= sentence and (is_weak or self._is_told_of(c, candidate)):
                # "**Ms Obi** was wrong, he said": the subject of a report is seldom its speaker.
                score -= 0.9
            if score >= best_score:
                best, best_score = c, score
        if best is not None and (best.kind == "role" or best_score > 0):
            return self._resolver.of(best, last)
        if (
            last is not None
            and last.group is not None
            and self._groups[last.group].type == "PERSON"
            and self._genders.fits(last.group, word)
        ):
            return last
        return last if last is not None and self._is_nameless(last, word) else None

    def _is_nameless(self, last: Resolved, word: str) -> bool:
        """Whether the last speaker has no name, and "he" or "she" may stand for the role."""
        head = role_word(WORD.findall(self._text[last.start : last.end].lower()))
        if last.group is not None or last.spoke < 0 or head is None or not is_role(head):
            return False
        is_body = head in words("role_bodies.txt") or head in words("documents.txt") or head.endswith("s")
        return not is_body and pronouns_by_word().get(head, word) == word

    def _in_which(self, pronoun: Candidate, word: str) -> Resolved | None:
        """ "An interview with **Ada Obi**, the abbess, in which she said": whose words they are."""
        if not _IN_WHICH.search(self._text, max(0, pronoun.start - 24), pronoun.start):
            return None
        start = self._index.sentence_start(pronoun.start)
        for c in reversed(self._index.between(start, pronoun.start)):
            is_of = _WORDS_OF.search(self._text, max(start, c.start - 60), c.start)
            if c.type == "PERSON" and is_of and self._genders.fits(c.group, word):
                return Resolved(c.start, c.end, c.group)
        return None

    def _writer(self, pronoun: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        """ "“Songs of Stone” by **Idris Vane** tells of Hale. He writes": the author, not the hero.

        None where somebody else has spoken since. Authors may be tagged as a body.
        """
        if not _WRITES.match(self._text, pronoun.end):
            return None
        for c in reversed(self._index.before(pronoun.start)):
            is_author = c.kind == "name" and _TITLE_BY.search(self._text, max(0, c.start - 60), c.start)
            if is_author and c.type in ("PERSON", "ORG") and c.group is not None:
                is_last = last is None or last.start < c.start or last.group == c.group
                is_fit = c.type == "ORG" or self._genders.fits(c.group, word)
                return Resolved(c.start, c.end, c.group) if is_last and is_fit else None
        return None

    def _goes_on_score(self, c: Candidate, pronoun: Candidate, last: Resolved | None, goes_on: bool) -> float:
        """How likely a candidate has spoken and goes on.

        "..., said Obi. It is late, **he added**": so does who was last quoted, found as a quote or not.
        """
        if last is None:
            return _SINCE + _ABOUT if goes_on and self._subjects.is_named_as_source(c) else 0.0
        is_over = goes_on and self._is_anyone_quoted(last.spoke, pronoun.start)
        if c.group == last.group if c.kind == "name" else c.start == last.start:
            is_last = 1.5 if goes_on and not is_over else 0.5
            return is_last + (_ABOUT if self._has_just_spoken(pronoun, last) else 0.0)
        return _SINCE + _ABOUT if is_over and c.start > last.spoke and self._is_quoted(c) else 0.0

    def _prominence(self, c: Candidate) -> float:
        """How likely the text is about a person, where nobody has spoken: named often, and in the lead."""
        mentions = self._groups[c.group].mentions if c.group is not None else ()
        leads = bool(mentions) and mentions[0][0] < _LEAD_CHARS
        return _OFTEN * min(len(mentions), _MOST_MENTIONS) / _MOST_MENTIONS + (_LEADS if leads else 0.0)

    def _is_told_of(self, c: Candidate, pronoun: Candidate) -> bool:
        """ "**Obi** was “late”, she said": the report tells of its subject, who is not the one who tells."""
        return bool(_COPULA.match(self._text, c.end)) and self._text.endswith(", ", 0, pronoun.start)

    def _has_just_spoken(self, pronoun: Candidate, last: Resolved | None) -> bool:
        """ "A clerk said it was late. **He** said it again. “We wait,” he wrote.": in the sentence before."""
        quote = self._index.candidates.before_quote(pronoun.start)
        if last is None or last.spoke < 0 or quote == pronoun.start:
            return False
        before = self._index.sentence_start(max(0, quote - 2))
        people = self._index.between(last.spoke, quote)
        return before <= last.spoke + 2 and not any(c.type == "PERSON" for c in people)

    def _is_anyone_quoted(self, start: int, end: int) -> bool:
        return start >= 0 and any(self._is_quoted(c) for c in self._index.between(start, end))

    def _is_quoted(self, c: Candidate) -> bool:
        """ "It is late, said **Obi**": a person who is a source, with a verb of saying beside the name."""
        return c.type == "PERSON" and self._subjects.is_named_as_source(c)

    def _subject_pronoun(self, pronoun: Candidate, word: str) -> Candidate:
        """ "**She** met Ms Obi, and she said": the sentence's subject of the same pronoun, else itself."""
        start = self._index.sentence_start(pronoun.start)
        i = bisect_left(self._pronouns, start, key=lambda c: c.start)
        first = self._pronouns[i] if i < len(self._pronouns) else pronoun
        if first.start >= pronoun.start or self._text[first.start : first.end].lower() != word:
            return pronoun
        named = bisect_left(self._starts, start)
        is_subject = named == len(self._all) or self._all[named].start > first.start
        return first if is_subject else pronoun

    def _is_introduced_role(
        self, c: Candidate, word: str, pronoun: Candidate, sentence: int | None = None
    ) -> bool:
        """ "**Her brother** was blunter. “It was water,” he said.": a role is the sentence's subject.

        `sentence`: where that of the pronoun begins, if it has nobody else: "**The mayor** left. He said".
        """
        phrase = self._text[c.start : c.end].lower()
        head = role_word(WORD.findall(phrase))
        if head is None or pronouns_by_word().get(head, word) != word or self._index.is_several(c):
            return False
        if head in words("role_bodies.txt") or head in words("documents.txt") or not is_role(head):
            return False
        is_about = self._subjects.begins_sentence_before(c, pronoun)
        is_in_focus = sentence is not None and self._subjects.begins_last_sentence(c, sentence)
        if is_about and phrase.startswith(_INTRODUCING):
            return True
        if not is_about and not is_in_focus:
            return False
        found = self._resolver.role(c, phrase, None) if phrase.startswith("the ") else None
        return found is not None and found.group is not None and self._genders.fits(found.group, word)

    def _is_adjective(self, c: Candidate) -> bool:
        """ "The **Obi** government": a name that only tells which body is meant."""
        noun = PLAIN_WORD.match(self._text, c.end)
        is_body = noun is not None and (noun[1] in words("role_bodies.txt") or noun[1] in _NAMED_AFTER)
        return is_body and self._text.endswith(("the ", "The "), 0, c.start)

    def _may_be(self, c: Candidate, word: str) -> bool:
        """Whether "he" or "she" may stand for a candidate."""
        if c.kind == "name":
            return c.type == "PERSON" and not self._is_adjective(c) and self._genders.fits(c.group, word)
        phrase = self._text[c.start : c.end].lower()
        found = WORD.findall(phrase)
        head = role_word(found)
        if (
            head is None
            or head in words("role_bodies.txt")
            or head in words("documents.txt")
            or head.endswith("s")
        ):
            return False
        if (
            phrase.startswith(DEFINITE)
            or not self._subjects.is_subject(c)
            or (self._evidence.is_available and self._evidence.source(c.start, c.end) < 0.4)
        ):
            return False
        return pronouns_by_word().get(head, word) == word
