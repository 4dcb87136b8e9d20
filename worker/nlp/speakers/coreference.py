"""Resolves the mention of a speaker to an entity: names, pronouns and roles. None where it is uncertain."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Group, Span
from worker.nlp.entities.namesakes import shared_surnames
from worker.nlp.entities.spelling import Misspellings
from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.pronouns import pronouns_by_word
from worker.nlp.speakers.candidates import Candidate, Candidates, head_of, is_role, role_word
from worker.nlp.speakers.documents import DocumentAuthors
from worker.nlp.speakers.genders import Genders
from worker.nlp.speakers.introductions import (
    AUXILIARIES,
    LEADERS,
    PREPOSITIONS,
    Introductions,
    is_wider,
    narrower,
)
from worker.nlp.speakers.phrases import APPOSED, POSSESSIVE
from worker.nlp.wordlists import words

NEAR_CHARS = 1200
# How far "they" reaches, as a distance.
_NEAR = 1.0
# A sentence or a paragraph, as a distance.
_A_PARAGRAPH = 0.35
# "“…,” **added the** native": how far behind its quote a speaker stands.
_CUE_CHARS = 24
# For whoever is introduced by the sentence before: as much as for a subject that spoke.
_SINCE = 1.0
# For the subject of the sentence before in the same paragraph.
_ABOUT = 1.0
# For the subject of the sentence before, where the pronoun is that of its own sentence.
_FOCUS = 0.6
# For a person who is known to be of the pronoun's gender.
_GENDER = 0.4
_OPENING = " \t\n“\"‘'«„`"
_STOPS = tuple(".!?…")
_MAX_CANDIDATES = 40
# A closing mark ends a clause only behind punctuation: not in 'he felt “safe” being **a guest**'.
_SENTENCE_START = re.compile(
    r"[.!?…][\"'’”)\]]*\s|[\n\r]|“(?![^”]{0,90}”)|(?<=[.!?…,])[”\"]|(?<!\w)\"(?=\w)(?![^\"]{0,90}\")"
)
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
# "..., **said** the mayor of Lagos, **Ada Obi**": from a mark to a name.
_INVERTED = re.compile(r"[,”\"’'.!?—–]\s+(?:(according)\s+to|([a-z]+))\s+[^.;:!?“”\"\n]{0,80}$")
_AGE_CHARS = 60
_AGE_BEHIND = re.compile(r",\s(\d{1,3})\b|\s\((\d{1,3})\)")
_AGE_BEFORE = re.compile(r"\b(\d{1,3})-year-old\s(?:[\w-]+\s){0,3}$")
_AGE = re.compile(r"(\d{1,3})-year-old")
_WORD_BEFORE = re.compile(r"\b([a-z]+)\s$")
_TURN = re.compile(r"[,;] but (?=[A-Z])")
# "The office clerk **from Leeds**".
_FROM = re.compile(r"the (?:[\w-]+ ){1,4}from [\w’'. -]{2,40}")
_PLAIN_WORD = re.compile(r"[ \t]+([a-z][\w’'-]*)")
_LINES = re.compile(r"\n\s*")
_AND = re.compile(r"(?:\s+\([^()\n]{1,30}\))?\s+and\s+(?:[\w.’'-]+\s+){0,5}")
_WHO = re.compile(r",?\s+who\b")
_NAME = re.compile(r"\b[A-Z][\w-]*")
# "At **the office**", "read out to **the agency**".
_WHERE = re.compile(
    r"(?:\b(?:in|at|on|from|near|inside|outside|into|with)|(?<!according )\bto)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[A-Z][A-Z&.-]{1,7}s?")
_DEFINITE = ("the ", "this ", "that ", "his ", "her ", "its ", "their ")
_SHOWN = (*_DEFINITE, "a ", "an ")
_NUMERAL = (
    r"(?:\d[\d,]*|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|dozen|several|many|some)(?:-\w+)?(?:\s+(?:hundred|thousand|dozen))?|"
    r"(?:dozens|scores|hundreds|thousands)\s+of)"
)
_COUNTED = re.compile(
    rf"\s{{0,3}}((?:(?:about|around|almost|nearly|over|more\s+than|at\s+least|some)\s+)?{_NUMERAL}\s+"
    r"(?:[a-z][a-z-]*[a-rt-z]\s+){0,3}[a-z][a-z-]*(?:[a-rt-z]s|men|women|people|children))\s+[a-z]",
    re.IGNORECASE,
)
# "**The two** said", "**the two leaders** said".
_TWO = re.compile(r"(?:the (?:two|pair|duo)(?: (?:leaders|ministers|presidents|men|women|officials))?)$")
_WRITES = re.compile(r"\s+(?:also\s+|then\s+|once\s+)?(?:writes|wrote|has\s+written)\b")
_TITLE_BY = re.compile(
    r"(?:[”\"’'»]|\b(?:book|biography|memoir|novel|essay|history|poem|account|portrait))"
    r"(?:\s{1,3}(?:of|about|on)\s[^.,;:!?\n“”\"]{1,40})?,?\s{1,3}by\s{1,3}(?:[A-Z][\w.]{0,12}\s{1,3}){0,2}$"
)
_TIMES = re.compile(r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|times|miles|metres|kilometres)$")
_THEN_NAME = re.compile(r",?\s+(?:[\w’'-]+\.?\s+){0,2}")
_INTRODUCING = ("a ", "an ", "another ", "his ", "her ", "their ", "one ")
_INDEFINITE = ("a ", "an ", "one ", "another ", "some ")
_UNNAMED = ("a ", "an ", "another ", "one ")
# "Ada Obi, who has long been **a baker**": a name this near may be whose role it is.
_BESIDE_CHARS = 60
# These tell no two of one role apart.
_NO_MODIFIERS = frozenset(
    ("a", "an", "another", "former", "his", "her", "its", "late", "new", "old", "one", "our", "same",
     "that", "the", "their", "then", "this", "young")
)  # fmt: skip
# "The **deputy** minister" is not the minister.
_SMALL_WORDS = words("function_words.txt") | {"another", "one", "same", "three", "two"}
_RANKS = frozenset(("acting", "assistant", "associate", "deputy", "other", "vice"))
# Whoever a lead calls so may have a name below, but not those who are not to be named.
_LEAD_CHARS = 400
_NAMELESS = frozenset(("bystander", "eyewitness", "insider", "passer-by", "source", "witness"))
_ANONYMOUS = re.compile(
    r"\banonym|\b(?:not|declined|refused|asked)\s+(?:wish(?:ing)?\s+|authori[sz]ed\s+|want(?:ing)?\s+)?"
    r"(?:to\s+(?:be\s+(?:named|identified)|give\s+)|not\s+to\s+be)",
    re.IGNORECASE,
)
# These tell no two of one role apart, either.
_VAGUE = frozenset(
    ("high-ranking", "influential", "key", "leading", "local", "longtime", "long-time", "outspoken",
     "popular", "prominent", "respected", "retired", "senior", "top", "veteran", "well-known")
)  # fmt: skip
_BEFORE_NOUNS = frozenset(("a", "an", "the", "its", "his", "her", "their"))
_ARTICLES = frozenset(word.strip() for word in _DEFINITE)
_COLLECTIVES = frozenset(
    ("audience", "congregation", "couple", "crew", "crowd", "delegation", "media", "press", "troops")
)
_SEVERAL = frozenset(("children", "men", "people", "police", "women"))
_GENERIC_PEOPLE = frozenset(("boy", "girl", "man", "teenager", "woman"))
_OFFICES = frozenset(
    ("chancellor", "governor", "king", "mayor", "minister", "pm", "pope", "premier", "president", "queen")
)
_WHO_IS = re.compile(r",\s+(?:who\s+(?:is|was)\s+)?")
_POSSESSIVES = {"his": "he", "her": "she", "its": "it", "their": "they"}
_SUBJECTS = {"him": "he", "them": "they"} | _POSSESSIVES
_GENITIVE = re.compile(r"([Tt]he\s+(?:[\w-]+\s+){0,3}[a-z-]+)['’]s?\s")
_OWNS = re.compile(r"['’]s?\s+(.+)$")
_OWNING = {"his": "he", "her": "she"}
_OWNED = words("possessions.txt")
# Parts of a body, which speak for themselves: a company's board is not the company.
_INNER_BODIES = frozenset(
    (
        "board",
        "bureau",
        "cabinet",
        "committee",
        "council",
        "directorate",
        "office",
        "panel",
        "secretariat",
        "team",
    )
)


# Public bodies carry the word in their names: "the court" is no company that was named before.
_PUBLIC_BODIES = frozenset(
    ("army", "authorities", "authority", "cabinet", "commission", "committee", "council", "court",
     "department", "directorate", "embassy", "government", "military", "ministry", "navy", "parliament",
     "police", "regulator", "senate", "tribunal", "watchdog")
)  # fmt: skip


_WATCHING = frozenset(("regulator", "watchdog"))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A speaker: the mention to publish, and its entity, or None where only the mention is known.

    `owner`: the entity whose lawyer, office or relative the speaker is called.
    """

    start: int
    end: int
    group: int | None
    owner: int | None = None


class Resolver:
    """Resolves the mentions of one article."""

    def __init__(
        self, text: str, groups: Sequence[Group], candidates: Candidates, evidence: AttributionEvidence
    ) -> None:
        self._text = text
        self._groups = groups
        self._evidence = evidence
        self._candidates = candidates
        self._all = [c for c in candidates.all if c.kind != "pronoun"]
        self._pronouns = [c for c in candidates.all if c.kind == "pronoun"]
        self._owners = candidates.owners
        self._genders = Genders(text, groups, [c for c in candidates.all if not self._is_owner(c)])
        self._starts = [c.start for c in self._all]
        self._introductions: Introductions | None = None
        self._first_people: list[Candidate] | None = None
        everyone = sorted([*self._all, *candidates.inside_roles], key=lambda c: (c.start, -c.end))
        self._documents = DocumentAuthors(text, everyone, self._is_subject)
        self._bodies: dict[str, list[int]] | None = None
        self._named_possessions: dict[tuple[int | None, str], list[Candidate]] | None = None
        self._unnamed: dict[str, list[tuple[int, frozenset[str]]]] | None = None
        self._nameless: dict[str, list[tuple[Candidate, frozenset[str]]]] | None = None
        self._genitives: dict[tuple[int | None, str], Candidate] | None = None
        self._holders: dict[tuple[str, ...], int | None] = {}
        self._spoken: Counter[int | str] = Counter()
        self._misspellings = Misspellings(groups)
        self._shared = shared_surnames(groups)

    def resolve(self, candidate: Candidate, last: Resolved | None) -> Resolved:
        """The entity that a candidate stands for. `last` is the speaker of the quote before."""
        found = self._resolved(candidate, last)
        if found.group is None and found.owner is None:
            found = self._fuller_mention(found) or found
        who = replace(found, group=self.told(found.group))
        owner = self.told(self._owner(candidate, last))
        who = who if owner is None or owner == who.group else replace(who, owner=owner)
        who = self._named_possession(who) or who
        # Whoever has spoken, by entity or else by how they are called.
        self._spoken[self._text[who.start : who.end] if who.group is None else who.group] += 1
        return who

    def _named_possession(self, who: Resolved) -> Resolved | None:
        """ "His crew": how the text calls it by name, "**Odin Brask's crew**", before or behind it."""
        if who.group is not None or who.owner is None:
            return None
        word, _, noun = self._text[who.start : who.end].lower().partition(" ")
        if word not in _POSSESSIVES:
            return None
        if self._genitives is None:
            self._genitives = {}
            for owned in (c for c in self._all if c.owner is not None):
                own = owned.owner
                if own is not None and own.group is not None and own.end < owned.end:
                    called = _OWNS.match(self._text, own.end, owned.end)
                    key = (
                        self.told(self._misspellings.corrected(own.group)),
                        called[1].lower() if called else "",
                    )
                    self._genitives.setdefault(key, owned)
        fuller = self._genitives.get((who.owner, noun))
        return replace(who, start=fuller.start, end=fuller.end) if fuller is not None else None

    def _fuller_mention(self, who: Resolved) -> Resolved | None:
        """ "The source": how the text first calls whoever has no name, "**a source at the ministry**".

        None if it speaks of two ("a ministry source", "a bank source").
        """
        found = WORD.findall(self._text[who.start : who.end].lower())
        head = role_word(found) if found[:1] in (["the"], ["these"], ["those"]) and len(found) < 4 else None
        if head is None or head in _OFFICES or head in words("documents.txt") or not is_role(head):
            return None
        if self._nameless is None:
            self._nameless = self._nameless_roles()
        known = self._nameless.get(head, [])
        called = frozenset(found) - _SMALL_WORDS
        i = bisect_left(known, who.start, key=lambda role: role[0].start)
        fuller = [role for role in known[max(0, i - _MAX_CANDIDATES) : i] if called < role[1]]
        if not fuller:
            return None
        c, most = max(fuller, key=lambda role: len(role[1]))
        if any(not words_of <= most for _, words_of in fuller):
            # Of two, the one who has spoken: "the Lagos authorities said ..." beside "local authorities".
            spoken = [role for role in fuller if self._spoken[self._text[role[0].start : role[0].end]]]
            if len({words_of for _, words_of in spoken}) != 1:
                return None
            c = spoken[0][0]
        return Resolved(c.start, c.end, None, self._owner(c, None))

    def _nameless_roles(self) -> dict[str, list[tuple[Candidate, frozenset[str]]]]:
        """By their nouns, the roles that stand beside no name, each with its words, in order.

        Not "a police **scanner**", where the noun only tells of another.
        """
        found: dict[str, list[tuple[Candidate, frozenset[str]]]] = {}
        for c in self._all:
            is_alone = c.kind == "role" and (self._is_several(c) or not self._is_named(c))
            if is_alone and not self._is_before_noun(c):
                shown = WORD.findall(self._text[c.start : c.end].lower())
                head = head_of(self._text[c.start : c.end]) or ""
                found.setdefault(head, []).append((c, frozenset(shown) - _SMALL_WORDS))
        return found

    def _is_before_noun(self, c: Candidate) -> bool:
        """Whether a plain word follows that is neither of grammar nor a verb."""
        behind = _PLAIN_WORD.match(self._text, c.end)
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

    def told(self, group: int | None) -> int | None:
        """The entity, None where it is a surname that may be several people's."""
        return None if group in self._shared else group

    def _owner(self, candidate: Candidate, last: Resolved | None) -> int | None:
        """The entity of whoever owns the candidate, by name or as in "**his** lawyer"."""
        if candidate.owner is not None:
            group = candidate.owner.group
            return None if group is None else self._misspellings.corrected(group)
        word, _, noun = self._text[candidate.start : candidate.end].lower().partition(" ")
        if candidate.kind != "role" or word not in _OWNING or role_word(WORD.findall(noun)) not in _OWNED:
            return None
        pronoun = Candidate(candidate.start, candidate.start + len(word), "pronoun")
        found = self._person(pronoun, _OWNING[word], last)
        if found is None or found.group is None:
            return None
        only = self._only_person_before(candidate.start)
        is_sure = only is not None or self._genders.is_surely(found.group, _OWNING[word])
        return found.group if is_sure else None

    def _resolved(self, candidate: Candidate, last: Resolved | None) -> Resolved:
        itself = Resolved(candidate.start, candidate.end, candidate.group)
        if candidate.kind in ("work", "together"):
            return itself
        if candidate.kind == "name":
            group = None if candidate.group is None else self._misspellings.corrected(candidate.group)
            holder = self._in_letters(candidate)
            group = group if holder is None else holder
            return Resolved(candidate.start, candidate.end, group)
        word = self._text[candidate.start : candidate.end].lower()
        if candidate.kind == "pronoun":
            if word == "i":
                return itself
            word = _SUBJECTS.get(word, word)
            find = {"it": self._it, "they": self._they}.get(word)
            found = find(candidate, last) if find else self._he_or_she(candidate, word, last)
            if found is not None and found.group is not None and find is None:
                self._genders.learn(found.group, word)
        else:
            found = self._role(candidate, word, last)
        if found is None:
            return itself
        if found.group is None:
            return found
        return Resolved(candidate.start, candidate.end, found.group, found.owner)

    def _in_letters(self, c: Candidate) -> int | None:
        """ "Lieutenant Governor **Ada Obi** ... the LG": whose office has these first letters.

        A name counts if it is no more than the letters: "the LG" that is tagged as a body.
        """
        letters = self._text[c.start : c.end]
        if c.kind == "name":
            is_bare = c.group is not None and self._groups[c.group].name == letters and c.type == "ORG"
            if not is_bare or not self._text.endswith(("the ", "The "), 0, c.start):
                return None
        letters = letters.rpartition(" ")[2]
        return self._introduced().last_before((letters,), c.start) if _ACRONYM.fullmatch(letters) else None

    def _before(self, at: int) -> list[Candidate]:
        """The last candidates before a place, without pronouns."""
        i = bisect_left(self._starts, at)
        return [c for c in self._all[max(0, i - _MAX_CANDIDATES) : i] if at - NEAR_CHARS < c.start]

    def _he_or_she(self, candidate: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        return self._writer(candidate, word, last) or self._person(candidate, word, last)

    def _writer(self, pronoun: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        """ "“Songs of Stone” by **Idris Vane** tells of Hale. He writes": the author, not the hero.

        None where somebody else has spoken since. Authors may be tagged as a body.
        """
        if not _WRITES.match(self._text, pronoun.end):
            return None
        for c in reversed(self._before(pronoun.start)):
            is_author = c.kind == "name" and _TITLE_BY.search(self._text, max(0, c.start - 60), c.start)
            if is_author and c.type in ("PERSON", "ORG") and c.group is not None:
                is_last = last is None or last.start < c.start or last.group == c.group
                is_fit = c.type == "ORG" or self._genders.fits(c.group, word)
                return Resolved(c.start, c.end, c.group) if is_last and is_fit else None
        return None

    def _person(self, candidate: Candidate, word: str, last: Resolved | None) -> Resolved | None:
        """ "He said": the best person before, by distance, gender, and being a subject or a speaker."""
        best, best_score = None, 0.0
        goes_on = bool(_GOES_ON.match(self._text, candidate.end))
        candidate = self._subject_pronoun(candidate, word)
        sentence = self._sentence_start(candidate.start)
        is_late = candidate.start - sentence > 25
        is_late = is_late and not _SUBORDINATE.search(self._text, sentence, candidate.start)
        # "Obi came, and Sato left, where **she** said": her own sentence has people. And who goes on has
        # spoken, whatever the sentence before is about.
        has_focus = not goes_on and not any(
            other.type == "PERSON" for other in self._between(sentence, candidate.start)
        )
        for c in self._before(candidate.start):
            if self._is_named(c):
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
            score += 1.0 if self._is_subject(c) else 0.0
            score += self._evidence.source(c.start, c.end) if self._evidence.is_available else 0.3
            if last is not None and (c.group == last.group if c.kind == "name" else c.start == last.start):
                score += 1.5 if goes_on else 0.5
            if goes_on and last is None and self._is_named_as_source(c):
                score += _SINCE + _ABOUT
            score -= self._distance(c.end, candidate.start)
            score += _GENDER if c.group is not None and self._genders.is_known(c.group) else 0.0
            # A role has neither a name's points nor a speaker's, and is as likely.
            score += 2 * _SINCE if is_new_role else 0.0
            score += _SINCE if self._is_introduced_since(c, candidate) else 0.0
            score += _ABOUT if c.kind == "name" and self._is_about(c, candidate) else 0.0
            # "**Obi** is a potter. After the fair, she said".
            is_in_focus = has_focus and c.kind == "name" and self._begins_last_sentence(c, sentence)
            score += _FOCUS if is_in_focus else 0.0
            if is_late and c.start >= sentence and self._evidence.source(c.start, c.end) <= 0.5:
                # "**Ms Obi** was wrong, he said": the subject of a report is seldom its speaker.
                score -= 0.9
            if score >= best_score:
                best, best_score = c, score
        if best is not None and (best.kind == "role" or best_score > 0):
            return self._of(best, last)
        if (
            last is not None
            and last.group is not None
            and self._groups[last.group].type == "PERSON"
            and self._genders.fits(last.group, word)
        ):
            return last
        return None

    def _sentence_start(self, at: int) -> int:
        """Where the sentence around a place begins, at most 400 characters before it."""
        return at - len(SENTENCE_END.split(self._text[max(0, at - 400) : at])[-1])

    def _sentence_before(self, at: int) -> Span:
        """The sentence before the one around a place: where it begins, and where that one does."""
        start = self._sentence_start(at)
        return self._sentence_start(max(0, start - 2)), start

    def _subject_pronoun(self, pronoun: Candidate, word: str) -> Candidate:
        """ "**She** met Ms Obi, and she said": the sentence's subject of the same pronoun, else itself."""
        start = self._sentence_start(pronoun.start)
        i = bisect_left(self._pronouns, start, key=lambda c: c.start)
        first = self._pronouns[i] if i < len(self._pronouns) else pronoun
        if first.start >= pronoun.start or self._text[first.start : first.end].lower() != word:
            return pronoun
        named = bisect_left(self._starts, start)
        is_subject = named == len(self._all) or self._all[named].start > first.start
        return first if is_subject else pronoun

    def _is_introduced_since(self, c: Candidate, pronoun: Candidate) -> bool:
        """ "**Ada Obi** was calmer. “We wait,” she said.": whom the sentence before names first."""
        return self._is_first(c) and self._begins_sentence_before(c, pronoun)

    def _is_about(self, c: Candidate, pronoun: Candidate) -> bool:
        """ "**Obi** is hopeful. “We wait,” he said.": the paragraph is about its subject."""
        quote = self._candidates.before_quote(pronoun.start)
        between = self._text[c.end : quote]
        return quote < pronoun.start and "\n" not in between and self._begins_sentence_before(c, pronoun)

    def _begins_sentence_before(self, c: Candidate, pronoun: Candidate) -> bool:
        """Whether it is the subject of the sentence before the pronoun's and its quote's."""
        quote = self._candidates.before_quote(pronoun.start)
        return quote < pronoun.start and self._begins_last_sentence(c, quote)

    def _begins_last_sentence(self, c: Candidate, at: int) -> bool:
        """Whether it is the subject of the sentence that ends at a place, but for space and opening marks."""
        if POSSESSIVE.match(self._text, c.end):
            return False
        between = self._text[c.end : at].rstrip(_OPENING)
        if between[-1:] not in _STOPS or SENTENCE_END.search(between):
            return False
        turn = _TURN.search(between)
        if turn is not None and any(o.start == c.end + turn.end() for o in self._between(c.end, at)):
            # "Obi wept, but **Sato** was calm. “We wait,” she said.": it is about her by now.
            return False
        return self._begins_sentence(c) or self._begins_turn(c)

    def _begins_turn(self, c: Candidate) -> bool:
        """ "Obi wept, but **Sato** was calm": the subject of the clause that "but" opens."""
        verb = _PLAIN_WORD.match(self._text, c.end)
        is_verb = verb is not None and (verb[1] in AUXILIARIES or verb[1] in words("past_verbs.txt"))
        return is_verb and c.type == "PERSON" and self._text.endswith((", but ", "; but "), 0, c.start)

    def _is_introduced_role(
        self, c: Candidate, word: str, pronoun: Candidate, sentence: int | None = None
    ) -> bool:
        """ "**Her brother** was blunter. “It was water,” he said.": a role is the sentence's subject.

        `sentence`: where that of the pronoun begins, if it has nobody else: "**The mayor** left. He said".
        """
        phrase = self._text[c.start : c.end].lower()
        head = role_word(WORD.findall(phrase))
        if head is None or pronouns_by_word().get(head, word) != word or self._is_several(c):
            return False
        if head in words("role_bodies.txt") or head in words("documents.txt") or not is_role(head):
            return False
        is_about = self._begins_sentence_before(c, pronoun)
        is_in_focus = sentence is not None and self._begins_last_sentence(c, sentence)
        if is_about and phrase.startswith(_INTRODUCING):
            return True
        if not is_about and not is_in_focus:
            return False
        found = self._role(c, phrase, None) if phrase.startswith("the ") else None
        return found is not None and found.group is not None and self._genders.fits(found.group, word)

    def _is_named(self, c: Candidate) -> bool:
        """ "**Judge** Ada Obi", "**her deputy**, Ms Obi", "Ada Obi, **a judge**": a role beside its name."""
        if c.kind != "role":
            return False
        first = bisect_left(self._starts, c.start)
        preceding = self._all[first - 1] if first else None
        if (
            preceding is not None
            and preceding.type == "PERSON"
            and self._text[c.start : c.end].lower().startswith(_UNNAMED)
            and APPOSED.fullmatch(self._text, preceding.end, c.start)
        ):
            return True
        i = bisect_left(self._starts, c.end)
        following = self._all[i] if i < len(self._all) else None
        if following is None or following.type != "PERSON":
            return False
        return bool(_THEN_NAME.fullmatch(self._text, c.end, following.start))

    def _of(self, c: Candidate, last: Resolved | None) -> Resolved:
        """The entity of a name or a role."""
        if c.kind == "name":
            return Resolved(c.start, c.end, c.group)
        found = self._role(c, self._text[c.start : c.end].lower(), last)
        return found or Resolved(c.start, c.end, None, self._owner(c, last))

    def _distance(self, start: int, end: int) -> float:
        """The distance in sentences and paragraphs, as a penalty."""
        between = self._text[start:end]
        return 0.25 * min(8, between.count(". ") + between.count("” ") + 1.4 * len(_LINES.findall(between)))

    def _may_be(self, c: Candidate, word: str) -> bool:
        """Whether "he" or "she" may stand for a candidate."""
        if c.kind == "name":
            return c.type == "PERSON" and self._genders.fits(c.group, word)
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
            phrase.startswith(_DEFINITE)
            or not self._is_subject(c)
            or (self._evidence.is_available and self._evidence.source(c.start, c.end) < 0.4)
        ):
            return False
        return pronouns_by_word().get(head, word) == word

    def _is_subject(self, candidate: Candidate) -> bool:
        """Whether it begins a sentence or has a cue behind or before it. Not in "**Ms Obi**'s lawyer"."""
        if POSSESSIVE.match(self._text, candidate.end) or self._is_owner(candidate):
            return False
        if (
            self._begins_sentence(candidate)
            or self._begins_turn(candidate)
            or self._is_named_as_source(candidate)
        ):
            return True
        following = WORD.findall(self._text[candidate.end : candidate.end + 30])[:2]
        return any(word.lower() in words("cue_verbs.txt") for word in following)

    def _is_named_as_source(self, c: Candidate) -> bool:
        """ "The road is shut, said **Ada Obi**", "it was proposed by **Ada Obi**, who said"."""
        if self._evidence.is_available and self._evidence.source(c.start, c.end) <= 0.5:
            return False
        if self._evidence.is_available and _WHO.match(self._text, c.end):
            return True
        verb = _INVERTED.search(self._text, max(0, c.start - 100), c.start)
        return verb is not None and (verb[1] is not None or verb[2] in words("cue_verbs.txt"))

    def _begins_sentence(self, candidate: Candidate) -> bool:
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

    def _role(self, candidate: Candidate, phrase: str, last: Resolved | None) -> Resolved | None:
        """ "The chief": the person introduced as "**Mark Rutte**, the NATO chief", else the last speaker."""
        if candidate.owner is not None and self._is_a_person(candidate.owner.group):
            return self._owned(candidate)
        found = WORD.findall(phrase)
        if found[-1:] in (["former"], ["latter"]):
            return self._of_two(candidate, found[-1])
        if _TWO.match(phrase):
            return self._two(candidate)
        head = role_word(found)
        if head is None or head in _COLLECTIVES or phrase.startswith(_INDEFINITE):
            return self._named_below(candidate, found, head or "")
        if head in words("documents.txt"):
            return self._document(candidate, phrase, head, last)
        if head in words("role_bodies.txt") or (not is_role(head) and len(head) > 3):
            is_definite = phrase.startswith(_DEFINITE) or head == "police"
            body = self._body(candidate, head, last) if is_definite else None
            if body is not None or head in words("role_bodies.txt"):
                return body
        if head.endswith("s") and not head.endswith("ss"):
            return None
        if phrase.startswith("the same ") and last is not None:
            return last
        return self._in_role(candidate, phrase, found, head, last)

    def _in_role(
        self, candidate: Candidate, phrase: str, found: list[str], head: str, last: Resolved | None
    ) -> Resolved | None:
        """The one person that a role stands for, "the chief": `head` is its noun, `found` its words."""
        shown = self._text[candidate.start : candidate.end]
        holder = self._in_letters(candidate)
        if holder is not None:
            return Resolved(candidate.start, candidate.end, holder)
        names = {name.lower() for name in _NAME.findall(shown)} - _ARTICLES - {head}
        if head in ("pm", "premier") and not names and self._introduced().has("prime"):
            head = "prime"
        closer = set(found[: found.index(head)] if head in found else []) - names - _NO_MODIFIERS
        introduced = self._introduced_as(candidate, (head, *sorted(names)), closer, last)
        if introduced is not None:
            return introduced if introduced.group is not None else None
        is_office = head in _OFFICES | {"prime"} and phrase.startswith("the ")
        if is_office and not PREPOSITIONS.intersection(found):
            holder = self._holder((head, *sorted(closer)), candidate.start)
            if holder is not None:
                return Resolved(candidate.start, candidate.end, holder)
        return self._last_spoken_of(candidate, phrase, found, head, last)

    def _of_two(self, candidate: Candidate, which: str) -> Resolved | None:
        """ "Ada Obi met **Ken Sato**. The latter said": of the two named last, in its sentence or before."""
        before, _ = self._sentence_before(candidate.start)
        named = [c for c in self._between(before, candidate.start) if c.kind == "name"]
        people = [c for c in named if c.type == "PERSON"]
        named = people if len({c.group for c in people}) > 1 else named
        last_two = list(dict.fromkeys(c.group for c in reversed(named)))[:2]
        if len(last_two) < 2:
            return None
        return Resolved(candidate.start, candidate.end, last_two[0 if which == "latter" else 1])

    def _two(self, candidate: Candidate) -> Resolved | None:
        """ "**Ada Obi and Ken Sato** signed it. The two said": whoever was last named as a pair."""
        before = _WORD_BEFORE.search(self._text, max(0, candidate.start - 20), candidate.start)
        if before is not None and before[1] in PREPOSITIONS:
            # "The statement by **the two**": the statement speaks.
            return None
        return self._pair([c for c in self._before(candidate.start) if c.type == "PERSON"])

    def _holder(self, office: tuple[str, ...], at: int) -> int | None:
        """ "**Ada Obi** has won. “I am glad,” the premier said.": whom an article begins with, by an office.

        A text that opens with a bare name, and tells no role of it, takes the person for known. Nobody else
        may stand there so, but those whom a report of the office names: in "the premier said Ms Obi was late"
        she is another. None where anybody was introduced with the office.
        """
        if "former" in office or not _RANKS.isdisjoint(office):
            return None
        if office not in self._holders:
            self._holders[office] = self._only_lead_person(office)
        found = self._holders[office]
        return found if found is not None and self._groups[found].mentions[0][0] < at else None

    def _only_lead_person(self, office: tuple[str, ...]) -> int | None:
        """The person of the lead who may hold an office, if it is one who is named again."""
        if self._introduced().where(office, len(self._text)) >= 0:
            return None
        first = next((c for c in self._all if c.kind == "name"), None)
        if first is None or first.type != "PERSON" or WORD.search(self._text, 0, first.start):
            return None
        stop = SENTENCE_END.search(self._text, first.end, first.end + _LEAD_CHARS)
        lead = self._between(first.start, stop.start() if stop else first.end + _LEAD_CHARS)
        groups = {c.group for c in lead if c.type == "PERSON" and c.group is not None}
        named = {g for g in groups if len(self._groups[g].mentions) > 1 and " " in self._groups[g].name}
        named = {g for g in named if not self._introduced().roles.get(g)}
        for c in self._all if len(named) > 1 else ():
            if c.kind == "role" and head_of(self._text[c.start : c.end]) == office[0]:
                named -= self._named_in_report_of(c)
        return named.pop() if len(named) == 1 else None

    def _named_in_report_of(self, c: Candidate) -> set[int | None]:
        """Whom the rest of a sentence names whose subject has said something: they are not the subject."""
        verb = _PLAIN_WORD.match(self._text, c.end)
        if verb is None or verb[1] not in words("cue_verbs.txt"):
            return set()
        stop = SENTENCE_END.search(self._text, c.end, c.end + 400)
        end = stop.start() if stop else c.end + 400
        return {other.group for other in self._between(c.end, end) if other.type == "PERSON"}

    def _named_below(self, candidate: Candidate, found: list[str], head: str) -> Resolved | None:
        """ "**A former minister** said", in the lead: the only one whom the article then names and quotes so.

        None where another is called so without a name, or where it is somebody who is not to be named.
        """
        at = candidate.start
        if found[:1] not in (["a"], ["an"]) or at > _LEAD_CHARS or not is_role(head) or head in _NAMELESS:
            return None
        is_nobody = head in words("role_bodies.txt") or head in words("documents.txt") or head in _COLLECTIVES
        if is_nobody or _ANONYMOUS.search(self._text, candidate.end, candidate.end + _LEAD_CHARS):
            return None
        shown = self._text[at : candidate.end]
        names = {name.lower() for name in _NAME.findall(shown)} - _ARTICLES - {"a", "an", head}
        closer = set(found[: found.index(head)] if head in found else []) - names - _NO_MODIFIERS - _VAGUE
        told = sorted(names | closer)
        known = {self._introduced().only_behind((role, *told), at) for role in (head, *narrower(head))} - {
            None
        }
        group = known.pop() if len(known) == 1 else None
        if group is None or self._is_called_otherwise(head, at) or not self._speaks_below(group, at):
            return None
        return Resolved(at, candidate.end, group)

    def _is_called_otherwise(self, head: str, at: int) -> bool:
        """Whether "a minister" without a name is spoken of anywhere else."""
        self._unnamed_before(head, set(), at)
        unnamed = self._unnamed or {}
        return any(start != at for start, _ in unnamed.get(head, []))

    def _speaks_below(self, group: int, at: int) -> bool:
        """Whether somebody is named nowhere before a place, soon behind it, and then is quoted."""
        mentions = self._groups[group].mentions
        if not at < mentions[0][0] < at + NEAR_CHARS:
            return False
        named = self._between(at, len(self._text))
        return any(
            c.group == group and self._is_subject(c) and self._evidence.source(c.start, c.end) >= 0.5
            for c in named
        )

    def _owned(self, candidate: Candidate) -> Resolved | None:
        """ "**Ms Obi's lawyer**": whoever was called so by name before, "Ms Obi's lawyer, **Kenji Sato**"."""
        if self._named_possessions is None:
            self._named_possessions = {}
            for c, following in pairwise(c for c in self._all if not self._is_owner(c)):
                owned, person = (c, following) if c.owner is not None else (following, c)
                if owned.owner is None or person.type != "PERSON" or person.group == owned.owner.group:
                    continue
                between = self._text[c.end : following.start]
                if (APPOSED if owned is c else _WHO_IS).fullmatch(between):
                    key = owned.owner.group, self._noun(owned)
                    self._named_possessions.setdefault(key, []).append(person)
        wanted = candidate.owner.group if candidate.owner else None, self._noun(candidate)
        named = self._named_possessions.get(wanted, [])
        i = bisect_left(named, candidate.start, key=lambda c: c.start)
        return Resolved(candidate.start, candidate.end, named[i - 1].group) if i else None

    def _noun(self, owned: Candidate) -> str:
        """The noun of a possession: "lawyer"."""
        assert owned.owner is not None, "only possessions have owners"
        own, at = owned.owner, owned.owner.end if owned.owner.start < owned.end else owned.start
        is_before = own.start - owned.start > 3
        phrase = self._text[owned.start : own.start] if is_before else self._text[at : owned.end]
        return role_word(WORD.findall(phrase.lower())) or ""

    def _is_owner(self, c: Candidate) -> bool:
        """Whether the mention only says whose somebody is: "**Ms Obi**'s lawyer"."""
        return (c.start, c.end) in self._owners

    def _is_a_person(self, group: int | None) -> bool:
        return group is not None and self._is_person(group)

    def _introduced_as(
        self, candidate: Candidate, role: tuple[str, ...], closer: set[str], last: Resolved | None
    ) -> Resolved | None:
        """The person introduced with this role and these names, of several the last speaker.

        `closer`: what else the phrase calls them, which tells "the **bus** driver" from another. Where
        somebody without a name was introduced with the role since, the result has no entity.
        """
        at = candidate.start
        for introducing in ((*role, *sorted(closer)), role) if closer else (role,):
            unnamed = self._unnamed_before(introducing[0], closer, at)
            if last is not None and last.start > unnamed:
                first = self._introduced().first(introducing, last.group)
                if first is not None and first < at:
                    return last
            if unnamed > self._introduced().where(introducing, at):
                return Resolved(candidate.start, candidate.end, None)
            group = self._introduced().last_before(introducing, at)
            if group is not None:
                return Resolved(candidate.start, candidate.end, group)
            if not _RANKS.isdisjoint(closer):
                # "Her **deputy**, Ada Obi ... **the deputy minister**".
                ranked = self._introduced().last_before(tuple(sorted(_RANKS & closer)), at)
                return None if ranked is None else Resolved(candidate.start, candidate.end, ranked)
        group = self._introduced().leader(set(role[1:]), at) if role[0] in LEADERS and role[1:] else None
        return Resolved(candidate.start, candidate.end, group) if group is not None else None

    def _unnamed_before(self, head: str, closer: set[str], at: int) -> int:
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

    def _is_unnamed(self, i: int) -> bool:
        """Whether "a baker" has no name beside it: not in "Ada Obi, **a baker**", "Obi is **a baker**"."""
        c, text = self._all[i], self._text
        if not text[c.start : c.end].lower().startswith(_UNNAMED):
            return False
        before = self._all[i - 1] if i else None
        behind = self._all[i + 1] if i + 1 < len(self._all) else None
        if before is not None and before.kind == "name":
            between = text[before.end : c.start]
            if len(between) < _BESIDE_CHARS and not SENTENCE_END.search(between):
                return False
        if behind is not None and behind.type == "PERSON":
            between = text[c.end : behind.start]
            return len(between) > _BESIDE_CHARS or bool(SENTENCE_END.search(between))
        return True

    def _last_spoken_of(
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
        if last is not None and last.group is None:
            return last if self._takes_up(head, last) else None
        if head in _OFFICES and not phrase.startswith(("the former ", "the ex-")):
            # News introduces whoever holds an office with it, so nobody else is meant.
            return None
        if last is not None and last.group is not None and self._is_person(last.group):
            gender = pronouns_by_word().get(head)
            fits = gender is None or self._genders.fits(last.group, gender)
            if fits and (head in _GENERIC_PEOPLE or self._may_be_called(last.group, head)):
                return last
        person = self._only_person_before(candidate.start)
        return Resolved(candidate.start, candidate.end, person.group) if person is not None else None

    def _told_whence(self, candidate: Candidate, phrase: str, head: str) -> Resolved | None:
        """ "**Ada Obi** fixes nets. “I sew,” says the clerk from Leeds": the only person named so far."""
        if not _FROM.fullmatch(phrase) or not is_role(head) or head in _OFFICES:
            return None
        person = self._only_person_before(candidate.start)
        if person is None or self._introduced().has_other_role(person.group, head):
            return None
        mentions = self._groups[person.group].mentions if person.group is not None else ()
        last = max((end for start, end in mentions if start < candidate.start), default=person.end)
        quote = self._candidates.before_quote(candidate.start, _CUE_CHARS)
        is_near = self._distance(last, quote) <= 2 * _A_PARAGRAPH
        gender = pronouns_by_word().get(head)
        fits = gender is None or self._genders.fits(person.group, gender)
        return Resolved(candidate.start, candidate.end, person.group) if is_near and fits else None

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
            meant = (self._person(candidate, word, last) for word in ("he", "she"))
            aged = {who.group for who in meant if who is not None}
        return aged.pop() if len(aged) == 1 else None

    def _may_be_called(self, group: int, head: str) -> bool:
        """Whether a role may be the last speaker's: who has no other, or whom the article keeps quoting.

        "Union leader **Orla Finnegan** said ..., she said. “We scrub decks,” the Galway MP said": nobody
        else has spoken, and nobody was introduced so.
        """
        if not self._introduced().has_other_role(group, head):
            return True
        return self._spoken[group] > 1 and len(self._spoken) == 1 and not self._introduced().has(head)

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
            c for c in self._before(quote) if c.type == "PERSON" and (last is None or c.start > last.start)
        ]
        new = {c.group for c in since if c.group is not None and self._is_first(c)}
        is_near = bool(since) and self._distance(since[-1].end, quote) <= _A_PARAGRAPH
        return new.pop() if is_near and len({c.group for c in since}) == 1 and new else None

    def _is_first(self, c: Candidate) -> bool:
        """Whether the mention is the first of its entity."""
        return c.group is not None and self._groups[c.group].mentions[0][0] == c.start

    def _only_person_before(self, at: int) -> Candidate | None:
        """The only person who was named before a place, None if there are more or none."""
        if self._first_people is None:
            people = [c for c in self._all if c.type == "PERSON"]
            second = next((c for c in people if c.group != people[0].group), None)
            self._first_people = [*people[:1], *([second] if second else [])]
        named = [c for c in self._first_people if c.start < at]
        return named[0] if len(named) == 1 else None

    def _introduced(self) -> Introductions:
        if self._introductions is None:
            self._introductions = Introductions(self._text, self._all, self._owners)
        return self._introductions

    def _it(self, candidate: Candidate, last: Resolved | None) -> Resolved | None:
        """ "It": the document that spoke last or that the sentence before is about, else a body."""
        spoke = WORD.findall(self._text[last.start : last.end].lower())[-1:] if last is not None else []
        if last is not None and not words("documents.txt").isdisjoint(spoke):
            return last
        return (
            self._own_subject(candidate)
            or self._document_before(candidate)
            or self._body(candidate, None, last)
        )

    def _own_subject(self, pronoun: Candidate) -> Resolved | None:
        """ "**Ghana** has shut the mills that it calls": the body or country that its sentence is about."""
        inside = self._between(self._sentence_start(pronoun.start), pronoun.start)
        subjects = [c for c in inside if self._is_subject(c) or self._is_behind_adjunct(c)]
        first = subjects[0] if len(subjects) == 1 else pronoun
        is_body = first.kind == "name" and first.type in ("ORG", "GPE")
        return Resolved(first.start, first.end, first.group) if is_body else None

    def _is_behind_adjunct(self, c: Candidate) -> bool:
        """ "Amid the floods of May, **Ghana** has shut": a comma before the name, and its verb behind it."""
        verb = _PLAIN_WORD.match(self._text, c.end)
        return (
            self._text.endswith(", ", 0, c.start)
            and verb is not None
            and (verb[1] in AUXILIARIES or verb[1] in words("past_verbs.txt"))
        )

    def _document_before(self, pronoun: Candidate) -> Resolved | None:
        """ "**The report** lists nine mills. It says": the document that is the subject of the sentence."""
        before, start = self._sentence_before(pronoun.start)
        for c in self._before(start):
            if c.start >= before and c.kind == "role" and self._begins_sentence(c):
                phrase = self._text[c.start : c.end].lower()
                head = role_word(WORD.findall(phrase))
                is_one = head in words("documents.txt") and not (head or "").endswith("s")
                return self._of(c, None) if is_one and phrase.startswith(_SHOWN) else None
            if c.start >= before:
                return None
        return None

    def _many_before(self, pronoun: Candidate) -> Resolved | None:
        """ "**Two hundred weavers** marched. They said": the counted subject of the sentence before."""
        before, start = self._sentence_before(pronoun.start)
        found = _COUNTED.match(self._text, before, start)
        if found is None or self._text[pronoun.start : pronoun.end].lower() != "they":
            return None
        inside = [c for c in self._between(before, start) if c.start < found.end(1)]
        if _TIMES.search(found[1]) or any(c.kind != "role" for c in inside):
            return None
        return Resolved(found.start(1), max([found.end(1), *(c.end for c in inside)]), None)

    def _between(self, start: int, end: int) -> list[Candidate]:
        """The candidates that begin in a span, without pronouns."""
        return self._all[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _they(self, candidate: Candidate, last: Resolved | None) -> Resolved | None:
        """ "They": the last subject that is a body or several people, else one person of unknown gender."""
        many = self._many_before(candidate)
        if many is not None:
            return many
        subjects = [
            c
            for c in self._before(candidate.start)
            if self._is_subject(c) and self._distance(c.end, candidate.start) <= _NEAR
        ]
        several = next((c for c in reversed(subjects) if c.type == "ORG" or self._is_several(c)), None)
        pair = self._pair([c for c in subjects if c.type == "PERSON"][-2:])
        if pair is not None and (several is None or several.start < pair.start):
            return pair
        if several is not None and several.kind == "role":
            return self._of(several, last)
        body = self._body(candidate, None, last)
        people = [c for c in subjects if c.type == "PERSON"]
        if body is None and people and not self._is_joined(people[-1]):
            person = people[-1]
            return (
                Resolved(person.start, person.end, person.group) if self._may_be_they(person.group) else None
            )
        if body is None and not people and last is not None and self._may_be_they(last.group):
            return last
        return body

    def _pair(self, subject: Sequence[Candidate]) -> Resolved | None:
        """ "**Ada Obi and her brother Kofi Sato** left. They said": the mention of two subjects together."""
        for person in reversed(subject):
            i = bisect_left(self._starts, person.start)
            others = [c for c in self._all[i + 1 : i + 6] if c.type == "PERSON" and c.start >= person.end]
            joint = others and _AND.fullmatch(self._text, person.end, others[0].start)
            if joint:
                return Resolved(person.start, others[0].end, None)
        return None

    def _may_be_they(self, group: int | None) -> bool:
        """Whether the entity is a person of whom neither "he" nor "she" is known."""
        return group is not None and self._is_person(group) and not self._genders.is_known(group)

    def _is_several(self, c: Candidate) -> bool:
        """Whether a role is one of several people: "two witnesses", "the couple"."""
        if c.kind != "role":
            return False
        head = head_of(self._text[c.start : c.end]) or ""
        return head in _COLLECTIVES or head in _SEVERAL or (head.endswith("s") and not head.endswith("ss"))

    def _is_joined(self, person: Candidate) -> bool:
        """ "Ada Obi and **Kofi Obi**": two people together."""
        before = self._text[max(0, person.start - 5) : person.start]
        return before.endswith(" and ") or self._text.startswith(" and ", person.end)

    def _body(self, candidate: Candidate, head: str | None, last: Resolved | None) -> Resolved | None:
        """ "The ministry", "it": the body whose name has the word, else the last one that spoke."""
        bodies = [c for c in self._before(candidate.start) if c.kind == "name" and c.type == "ORG"]
        if head is not None:
            named = [c for c in bodies if head in self._name_words(c)]
            group = named[-1].group if named else self._only_body_called(head, candidate.start)
            if group is not None:
                return Resolved(candidate.start, candidate.end, group)
            if head not in words("role_bodies.txt"):
                return None
            if head in _INNER_BODIES or self._is_another_body(candidate, head):
                return last if self._was_shown_as(last, head) else None
            if head in _PUBLIC_BODIES:
                bodies = [c for c in bodies if self._is_acronym(c, head)]
                last = last if self._was_shown_as(last, head) else None
        speaking = [c for c in bodies if self._is_subject(c) or self._is_tagged(c)]
        recent = [c for c in speaking if self._distance(c.end, candidate.start) <= 1.0]
        if recent:
            best = max(reversed(recent), key=lambda c: self._prominence(c, candidate.start))
            return Resolved(candidate.start, candidate.end, best.group)
        if last is not None and last.group is None and head is None:
            return last
        if last is not None and last.group is not None and not self._is_person(last.group):
            return last
        group = self._leading_body(bodies) if head is not None else None
        return Resolved(candidate.start, candidate.end, group) if group is not None else None

    def _is_tagged(self, c: Candidate) -> bool:
        """Whether the encoder takes it for a source, and it does not only say where: "at **the office**"."""
        is_place = _WHERE.search(self._text, max(0, c.start - 20), c.start)
        return self._evidence.source(c.start, c.end) > 0.5 and not is_place

    def _is_another_body(self, candidate: Candidate, head: str) -> bool:
        """ "The **Ghanaian** court", "the **Kumasi** police": a name tells it from other bodies."""
        shown = self._text[candidate.start : candidate.end]
        is_named = bool({name.lower() for name in _NAME.findall(shown)} - _ARTICLES - {head})
        return is_named and head in _PUBLIC_BODIES

    def _is_acronym(self, c: Candidate, head: str) -> bool:
        """Whether the entity's name is letters alone, "SIU", so that it does not tell what body it is.

        Whoever watches over others may have any name: "the Rivers Board (**RB**)" is "the regulator".
        """
        if c.group is None:
            return False
        names = [self._groups[c.group].name, *([self._text[c.start : c.end]] if head in _WATCHING else [])]
        return any(_ACRONYM.fullmatch(name) for name in names)

    def _name_words(self, c: Candidate) -> list[str]:
        """The words of the name of a candidate's entity."""
        return WORD.findall(self._groups[c.group].name.lower()) if c.group is not None else []

    def _was_shown_as(self, last: Resolved | None, head: str) -> bool:
        """Whether the last speaker's mention contains the word."""
        return last is not None and head in WORD.findall(self._text[last.start : last.end].lower())

    def _only_body_called(self, head: str, at: int) -> int | None:
        """The only body of the article whose name has the word, if named before: "Coast **Police**"."""
        if self._bodies is None:
            self._bodies = {}
            for index, group in enumerate(self._groups):
                for word in WORD.findall(group.name.lower()) if group.type == "ORG" else ():
                    self._bodies.setdefault(word, []).append(index)
        called = self._bodies.get(head, [])
        return called[0] if len(called) == 1 and self._groups[called[0]].mentions[0][0] < at else None

    def _leading_body(self, bodies: Sequence[Candidate]) -> int | None:
        """The body that was named twice as often as any other, if there is one."""
        often = Counter(c.group for c in bodies).most_common(2)
        if not often or often[0][1] < 2 or (len(often) > 1 and often[0][1] < 2 * often[1][1]):
            return None
        return often[0][0]

    def _prominence(self, c: Candidate, at: int) -> float:
        """A score for a body to be the one meant: higher if named often and recently."""
        often = min(5, len(self._groups[c.group].mentions)) if c.group is not None else 0
        return 0.15 * often - self._distance(c.end, at)

    def _document(
        self, candidate: Candidate, phrase: str, head: str, last: Resolved | None
    ) -> Resolved | None:
        """ "The letter", "her letter", "the regulator's letter": its author."""
        owner = self._issuer(candidate, phrase, last)
        if owner is not None:
            return Resolved(candidate.start, candidate.end, owner)
        noun = self._text[candidate.start : candidate.end].lower().rfind(head) + candidate.start
        if self._text[noun].isupper() and noun > candidate.start + 4:
            # "The Harbour Report" has a name, and may be anybody's.
            return None
        if phrase.startswith(_DEFINITE):
            joint = self._joint_authors(head, candidate.start)
            if joint is not None:
                return joint
            author = self._documents.author(head, candidate.start)
        else:
            author = self._documents.issuer(head, noun)
        if author is None:
            return None
        if author.group is None:
            return Resolved(author.start, author.end, None)
        return Resolved(candidate.start, candidate.end, author.group)

    def _joint_authors(self, head: str, before: int) -> Resolved | None:
        """ "**Ada Obi and Ken Sato** said in a joint statement": those whom its sentence names as a pair."""
        at = self._text.rfind(f"joint {head}", max(0, before - 2 * NEAR_CHARS), before)
        inside = self._between(self._sentence_start(at), at) if at >= 0 else []
        return self._pair([c for c in inside if c.type == "PERSON"])

    def _issuer(self, candidate: Candidate, phrase: str, last: Resolved | None) -> int | None:
        """The entity in front of a document: "**its** statement", "**the regulator**'s report"."""
        word, _, _ = phrase.partition(" ")
        if word in _POSSESSIVES:
            pronoun = Candidate(candidate.start, candidate.start + len(word), "pronoun")
            subject = _POSSESSIVES[word]
            if subject == "it":
                found = self._body(pronoun, None, last)
            else:
                they = subject == "they"
                found = self._they(pronoun, last) if they else self._person(pronoun, subject, last)
            return found.group if found is not None else None
        own = _GENITIVE.match(self._text, candidate.start, candidate.end)
        if own is None:
            return None
        owner = Candidate(candidate.start, own.end(1), "role")
        found = self._role(owner, self._text[owner.start : owner.end].lower(), last)
        return found.group if found is not None else None

    def _is_person(self, group: int) -> bool:
        return self._groups[group].type == "PERSON"
