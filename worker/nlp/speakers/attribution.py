"""Finds the speaker of a quote in its sentence by linguistic patterns, one function each.

A pattern yields claims that a phrase is the speaker, with a cue and a score. The encoder's evidence for the
phrase as a source and for the cue is added to the score. The claim with the highest score wins.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD, behind_marks
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.speakers.candidates import Candidate, Candidates
from worker.nlp.speakers.phrase import Phrase
from worker.nlp.speakers.phrases import is_object, phrases
from worker.nlp.speakers.words_nouns import owned_words_of, sayings_of
from worker.nlp.speakers.works import taken_from, work_quoted
from worker.nlp.wordlists import words

SEARCH_CHARS = 400
"""How far from a quote its speaker and cue are looked for."""
# The nearest to the quote are kept. In 400 articles no SEARCH_CHARS have more than 6 cues and 9 phrases.
MAX_CUES, MAX_PHRASES = 6, 10
CLAIM_THRESHOLD = 0.85
"""The score from which a claim is accepted."""
_SOURCE_WEIGHT = 1.6
_CUE_WEIGHT = 0.6
_FAR_CHARS = 250
# Above all others: whoever recites a work does not speak by it.
_WORK_SCORE = 5.0
# Whoever's words they are called speaks, whatever else the sentence tells.
_WORDS_SCORE = 3.6

_ACCORDING = re.compile(r"\b(?:according to|in the words of|as per|in the view of)\s", re.IGNORECASE)
_OPENING_CLAUSE = re.compile(
    r"\s*(?:As|When|While|After|Before|Since|Although|Though|Because)\s+(?:the\s+|[A-Z][\w.]*\s+){0,3}"
)
_WHICH = re.compile(r",\s(?:which|who)\s$")
# Who only passes on what somebody said.
_REPORTED = frozenset(("quoted", "reported", "reports"))
_OPENS_CLAUSE = re.compile(
    r"[\s“\"‘'«„]*(?:(?:[Jj]ust\s+|[Oo]nly\s+|[Ee]ven\s+)?(?:[\w-]+\s+)?(?:hours?|days?|weeks?|months?|minutes?|years?)\s+"
    r"(?:after|before)|[Aa]fter|[Aa]lthough|[Aa]s|[Bb]ecause|[Bb]efore|[Ss]ince|[Tt]hough|[Ww]hen|[Ww]hereas|[Ww]hile)\s"
)
# "Says **beekeeper** Jonas Keller".
_TITLE = re.compile(r"\s{1,3}(?:the\s)?(?:[a-z][\w-]{1,20}\s){0,3}")
_REPORT_ENDS = re.compile(r"\w,[”\"’']?\s$|[,?!][”\"’']\s$")
_INDEFINITE = re.compile(r"an?\s")
# "What the dockers call “theft”".
_WHAT = re.compile(r"\bwhat\s+(?:the\s+)?$", re.IGNORECASE)
_CALLS = re.compile(
    r"\s+(?:(?:has|have|had|also|later|once)\s+)?(call(?:s|ed)?|deem(?:s|ed)?|dub(?:s|bed)?|labell?(?:s|ed)?|term(?:s|ed)?|"
    r"(?:consider|describ|regard|see|view)(?:s|e|es|ed|n)?(?=\s+(?:as|to)\s))\s+(?:as\s+)?(?:(?:the|a|an|to\s+be)\s+){0,2}[“\"‘'«„`]*"
)
_APPOSED_NAME = re.compile(
    r"\s{1,3}((?:the\s)?[A-Z][\w&.’'-]{1,30}(?:\s(?:(?:of|for|the|and)\s){0,2}[A-Z][\w&.’'-]{0,30}){0,4}),\s"
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|to)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
# "He runs it **as its owner**": the phrase describes somebody, and is not a subject.
_CAPACITY = re.compile(r"\bas\s+(?:its|his|her|their|a|an)\b", re.IGNORECASE)
# "The plan was described **by** ...", "was widely seen **by** ...": the agent of a passive follows.
_PASSIVE_BY = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:[a-z]+ly\s+)?([a-z]+)\s+by\s+[“\"‘'«„]?", re.IGNORECASE
)
# "A move **described by** the union **as** ...": a passive without auxiliary.
_SEEN_AS = re.compile(r"\b([a-z]+ed)\s++by\s++(?=[^.;:!?\n]{3,80}?\s++(?:as|to be)\b)[“\"‘'«„]?")
_PASSIVE_AS = re.compile(r"\b([a-z]+ed)\s+(?:as\s+|to\s+be\s+)?(?:an?\s+|the\s+)?[“\"‘'«„`]*$")
_BY = re.compile(r"[”\"’'»]*\s+by\s+")
_CONJUNCTION = re.compile(r"\b(?:after|before)\s+(?:[a-z]+\s+)?$", re.IGNORECASE)
# "**The** report", "**his** claim": a noun.
_DETERMINER = re.compile(r"\b(?:the|a|an|his|its|their|our|my)\s+$", re.IGNORECASE)
_AS_SAYING = re.compile(r"\bas\s+(saying|having said|telling|writing|asking|stating|declaring)\b")
_QUOTING = re.compile(r"\b(?:quot|cit|report)(?:ed|es|ing|s)\s+[“\"‘'«]?(?:\w+\s+){0,2}$")
_COLON_BEHIND = re.compile(r"[”\"’'»]*:\s+")
DASH = re.compile(r"[\s”\"'’»]*[-–—―~]{1,2}[ \t\u00a0]*")
# Each word matches one alternative only ("only" by -ly): a row of ambiguous ones takes exponential time.
_GAP = re.compile(
    r"(?:[\s,—–”\"'’»)\]-]|(?:then|also|later|further|once|has|have|had|who|which|that|now|just|again|even|"
    r"still|first|is|was)\b|\w+ly\b|\([^()\n]{1,40}\))*$",
    re.IGNORECASE,
)
# "The court **was told** ...": the phrase before this is a hearer, not a speaker.
_HEARER = re.compile(
    r"\s+(?:heard|(?:was|were|is|are|has been|have been|had been)\s+(?:told|asked|informed|warned|shown))\b"
)
_APPOSITION = re.compile(r"\s*[,(—–][^,()—–]*[,)—–]\s*")
# "Ms Obi, **whose party wants a vote, will** call it": a clause about the subject, in which others may speak.
_RELATIVE_ASIDE = re.compile(
    r"\s*,\s+(?:who|whose|which|where)\b[^,“”\"]{1,160}(?:,[^,“”\"]{1,60}){0,2},\s+"
    r"(?:(?:will|would|has|had|have|also|then|today|yesterday|later|\w+ly|on\s+\w+day)\s+)*"
)
_CLOSED_BEFORE = re.compile(
    r",\s(?:(?:will|would|has|had|have|also|then|today|yesterday|later|\w+ly|on\s+\w+day)\s+){0,2}$"
)
# "The plan of the union, **which** also called it": whoever the clause is about, even behind a preposition.
_WHO_SAYS = re.compile(
    r",?\s+(?:who|which)\s+(?:(?:has|had|have|also|then|later|today|yesterday|now|once|recently|\w+ly|on\s+\w+day|"
    r"at\s+(?:one|some)\s+\w+|(?:in|last|this)\s+\w+|started|began|kept|went\s+on\s+to)\s+){0,3}"
)
# "The board met, **saying**", "... **after accusing** the mayor".
_PARTICIPLE_FOLLOWS = re.compile(r",\s+(?:(?:after|before|by|when|while)\s+)?$")
# "She demanded the exit of the mayor accusing **him**": the mayor accuses nobody.
_HIMSELF = re.compile(r"\s+(?:him|her|them)\b")
# "The price rose, **with** the board saying": a clause of its own.
_WITH = re.compile(r"\bwith\s+$")
_NEXT_CLAUSE = re.compile(r",\s+(?:and|but)\b")
# "Whose lawyer **on Monday** said".
_WHEN = re.compile(r"\s+(?:on|late|early|earlier|last|this|in)\s+\w+(?:\s+\w+){0,2}\s+(?:also\s+)?")
_OF_TEXTS = frozenset(
    ("began", "begins", "closes", "ended", "ends", "goes", "opened", "opens", "ran", "runs", "went")
)
_LINE_MARKS = " \t\n:“\"‘'«„`-–—•*"
_LEADS_IN = re.compile(r"(?:[:,]|\bthat|\bas|\bis|\bwas|\bare|\bwere)\s*+[“\"‘'«„「`]*+\s*+$")


@dataclass(frozen=True, slots=True)
class Claim:
    """The claim that a candidate is the speaker, with a cue, or by position alone. Higher scores win.

    `construction`: the name of the function that made it.
    """

    candidate: Candidate
    cue: Span | None
    score: float
    construction: str = ""


@dataclass(frozen=True)
class QuotedSentence:
    """The sentence of a quote: `start` to `opening` before the quote, `closing` to `end` after it."""

    text: str
    start: int
    opening: int
    closing: int
    end: int
    candidates: Candidates
    evidence: AttributionEvidence
    sentences: Sentences

    @property
    def before(self) -> Span:
        """The part before the quote in which speaker and cue are looked for."""
        return max(self.start, self.opening - SEARCH_CHARS), self.opening

    @property
    def after(self) -> Span:
        """The part after the quote in which speaker and cue are looked for."""
        return self.closing, min(self.end, self.closing + SEARCH_CHARS)

    @cached_property
    def phrases_before(self) -> list[Phrase]:
        return self._phrases(*self.before)[-MAX_PHRASES:]

    @cached_property
    def phrases_after(self) -> list[Phrase]:
        return self._phrases(*self.after)[:MAX_PHRASES]

    @cached_property
    def subject(self) -> Phrase | None:
        """The first phrase before the quote that no preposition governs."""
        return next((p for p in self.phrases_before if not is_object(self.text, p.start)), None)

    def subject_before(self, cue: Span) -> Phrase | None:
        """The phrase right before a verb, unless a preposition governs it or a comma parts them."""
        if cue not in self._subjects:
            known = self.phrases_before if cue[1] <= self.opening else self.phrases_after
            nearest = next((p for p in reversed(known) if p.end <= cue[0]), None)
            between = self.text[nearest.end : cue[0]] if nearest else ","
            if "," in between or not _GAP.match(between) or (nearest and self.is_governed(nearest, cue)):
                nearest = None
            self._subjects[cue] = nearest
        return self._subjects[cue]

    def is_governed(self, phrase: Phrase, cue: Span) -> bool:
        """Whether a preposition governs the phrase. "After" is none in "after **the mayor** said"."""
        if not is_object(self.text, phrase.start):
            return False
        is_clause = _CONJUNCTION.search(self.text, max(0, phrase.start - 25), phrase.start)
        return not (is_clause and _GAP.match(self.text[phrase.end : cue[0]]))

    @cached_property
    def told_before(self) -> Phrase | None:
        """The subject of the last verb of saying before the quote, None where none has one."""
        found = (self.subject_before(cue) for cue in reversed(self.cues_before))
        return next((subject for subject in found if subject is not None), None)

    @cached_property
    def opens_with_clause(self) -> bool:
        """Whether the sentence begins with "when", "while", "hours after" and the like."""
        return _OPENS_CLAUSE.match(self.text, self.start, self.opening) is not None

    @cached_property
    def _subjects(self) -> dict[Span, Phrase | None]:
        return {}

    @cached_property
    def cues_before(self) -> list[Span]:
        return list(self.cues(*self.before))[-MAX_CUES:]

    @cached_property
    def cues_after(self) -> list[Span]:
        return list(islice(self.cues(*self.after), MAX_CUES))

    def _phrases(self, start: int, end: int) -> list[Phrase]:
        return phrases(self.text, self.candidates.between(start, end), self.evidence)

    @cached_property
    def is_whole_sentence(self) -> bool:
        """Whether the quote is alone in its sentence."""
        around = self.text[self.start : self.opening] + self.text[self.closing : self.end]
        return not any(character.isalnum() for character in around)

    def cues(self, start: int, end: int) -> Iterator[Span]:
        """The cues in a part of the text."""
        return cues(self.text, start, end, self.candidates, self.evidence)

    def first_cue(self, start: int, end: int) -> int:
        """Where the first cue begins; `end` where there is none."""
        return next((cue[0] for cue in self.cues(start, end)), end)

    @cached_property
    def first_cues_behind(self) -> dict[int, int]:
        """By the end of a phrase, where the first cue behind it begins."""
        before = {p.end: self.first_cue(p.end, self.opening) for p in self.phrases_before}
        return before | {p.end: self.first_cue(p.end, self.end) for p in self.phrases_after}

    def claim(self, phrase: Phrase, cue: Span | None, pattern_score: float, distance: int = 0) -> Claim:
        """A claim with the pattern's score, plus the encoder's evidence, minus up to 1 for the distance."""
        score = (
            pattern_score
            + _SOURCE_WEIGHT * self.evidence.source(phrase.start, phrase.end)
            - min(distance, _FAR_CHARS) / _FAR_CHARS
        )
        if cue is not None:
            score += _CUE_WEIGHT * self.evidence.cue(*cue)
        return Claim(phrase.head, cue, score)


def cues(
    text: str, start: int, end: int, candidates: Candidates, evidence: AttributionEvidence
) -> Iterator[Span]:
    """The words that report speech in a part of the text, outside of quotes and names; not "was told".

    They are in the list of cue verbs, or the encoder tags them.
    """
    before = ""
    for match in WORD.finditer(text, start, end):
        word = match.group().lower()
        # "The letter **began**", "the note **went** on".
        listed = word in words("cue_verbs.txt") or (word in _OF_TEXTS and before in words("documents.txt"))
        before = word
        if not listed and (
            word in words("function_words.txt")
            or len(word) < 4
            or word.endswith(("ly", "day"))
            or not evidence.is_available
            or evidence.cue(*match.span()) < 0.5
        ):
            continue
        if candidates.is_taken(*match.span()):
            continue
        if _DETERMINER.search(text, max(start, match.start() - 7), match.start()):
            continue
        if word.endswith(("ed", "told", "said", "written")) and _PASSIVE.search(
            text, max(start, match.start() - 20), match.start()
        ):
            continue
        yield match.start(), behind_marks(text, match.end())


def cue_then_speaker(sentence: QuotedSentence) -> Iterator[Claim]:
    """'"We are ready," said **Ms Okafor**.'"""
    for cue in sentence.cues_after:
        if not _GAP.match(sentence.text[sentence.closing : cue[0]]) and not _is_inverted(sentence, cue):
            continue
        following = [p for p in sentence.phrases_after if p.start >= cue[1]]
        if following and not re.search(r"[:;“\"]", sentence.text[cue[1] : following[0].start]):
            first = apposed_name(sentence, cue, following[0]) or following[0]
            gap = first.start - cue[1]
            yield sentence.claim(first, cue, 1.6 if gap < 4 else 1.1, gap)
        return


def _is_inverted(sentence: QuotedSentence, cue: Span) -> bool:
    """'Few have "any hope" of rain this year, **said Ms Okafor**': the cue follows the whole clause."""
    return (
        sentence.text[cue[0] - 2 : cue[0]] == ", "
        and sentence.text[slice(*cue)] in ("said", "says", "added", "adds", "wrote", "writes")
        and any(cue[1] < p.start < cue[1] + 6 for p in sentence.phrases_after)
    )


def speaker_then_cue(sentence: QuotedSentence) -> Iterator[Claim]:
    """'"We are ready," **Ms Okafor**, the minister, said.' and 'The "new" deal will last, **she** said.'"""
    for cue in sentence.cues_after:
        for phrase in sentence.phrases_after:
            if phrase.end <= cue[0]:
                subject_score = _subject_score(sentence, phrase, cue)
                near = not sentence.text[sentence.closing : phrase.start].strip(" \n,.—–-”\"'’»")
                pattern_score = subject_score + (0.5 if near else 0)
                pattern_score -= _said_before(sentence, phrase, cue)
                yield sentence.claim(phrase, cue, pattern_score, phrase.start - sentence.closing)


def _said_before(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> float:
    """What a speaker behind a quote loses if the clause before it has a speaker of its own.

    'Ms Okafor called it "a joke", the **Harbour Agency** reported', 'When Mr Sato called it "a joke",
    **Ms Okafor** left'.
    """
    if sentence.told_before is None:
        return 0.0
    is_reporter = phrase.head.type == "ORG" and sentence.text[slice(*cue)].lower() in _REPORTED
    is_behind_clause = (
        sentence.opens_with_clause and "," in sentence.text[sentence.closing - 1 : phrase.start]
    )
    if is_reporter:
        return 1.6
    return 1.2 if is_behind_clause else 0.0


def speaker_and_cue_before(sentence: QuotedSentence) -> Iterator[Claim]:
    """'**Ms Okafor** said that it was "too late".'"""
    leads = 0.4 if _LEADS_IN.search(sentence.text, sentence.start, sentence.opening) else 0.0
    for cue in sentence.cues_before:
        for phrase in sentence.phrases_before:
            if phrase.end <= cue[0]:
                subject_score = _subject_score(sentence, phrase, cue) - _outer(sentence, cue)
                yield sentence.claim(phrase, cue, subject_score + leads, (sentence.opening - cue[1]) // 2)


def _outer(sentence: QuotedSentence, cue: Span) -> float:
    """What a verb's claim loses if a verb with its own subject stands nearer to the quote.

    'She complained after **the mayor** claimed it was "a plot"': the mayor's words.
    """
    for nearer in sentence.cues_before:
        subject = sentence.subject_before(nearer) if nearer > cue else None
        if subject and subject.start >= cue[1] and sentence.evidence.source(subject.start, subject.end) > 0.5:
            return 0.4 if sentence.evidence.cue(*nearer) > 0.5 else 0.0
    return 0.0


def according_to(sentence: QuotedSentence) -> Iterator[Claim]:
    """'The plan is "dead", according to **the union**.' and 'According to **the union**, ...'"""
    for start, end, known in (
        (sentence.closing, sentence.end, sentence.phrases_after),
        (sentence.start, sentence.opening, sentence.phrases_before),
    ):
        for match in _ACCORDING.finditer(sentence.text, start, end):
            cue = (match.start(), match.end() - 1)
            following = next((p for p in known if p.start >= cue[1]), None)
            if following is None or following.start - cue[1] >= 60:
                continue
            # '"...," **the letter** says, according to the police': the letter is the speaker.
            is_told = any(
                p.end <= s < cue[0] for s, _ in sentence.cues_after[:1] for p in sentence.phrases_after
            )
            if start == sentence.opening or not is_told:
                named = apposed_name(sentence, cue, following) or following
                yield sentence.claim(named, cue, 1.3, named.start - cue[1])


def apposed_name(sentence: QuotedSentence, cue: Span, following: Phrase) -> Phrase | None:
    """'..., according to **Verdemar**, a network of clubs': a name that nobody has tagged."""
    if following.head.kind != "role" or not _INDEFINITE.match(sentence.text, following.start):
        return None
    named = _APPOSED_NAME.fullmatch(sentence.text, cue[1], following.start)
    return Phrase(*named.span(1), Candidate(*named.span(1), "name")) if named else None


def inverted_before(sentence: QuotedSentence) -> Iterator[Claim]:
    """'The road is shut, said **Ms Okafor**. "We wait."': the cue behind the report that ends a sentence."""
    for cue in sentence.cues_before:
        opens = _REPORT_ENDS.search(sentence.text, max(sentence.start, cue[0] - 4), cue[0])
        following = next((p for p in sentence.phrases_before if p.start > cue[1]), None)
        if following is None or not _TITLE.fullmatch(sentence.text, cue[1], following.start):
            continue
        if opens and sentence.text[slice(*cue)].lower() in words("cue_verbs.txt"):
            yield sentence.claim(following, cue, 1.6, (sentence.opening - following.end) // 2)


def passive_by(sentence: QuotedSentence) -> Iterator[Claim]:
    """'The offer was called "a joke" by **the union**', 'was described by **the union** as "a joke"'."""
    for start, end, known in (
        (*sentence.before, sentence.phrases_before),
        (*sentence.after, sentence.phrases_after),
    ):
        for pattern in (_PASSIVE_BY, _SEEN_AS):
            for match in islice(pattern.finditer(sentence.text, start, end), MAX_CUES):
                following = next((p for p in known if match.end() <= p.start < match.end() + 20), None)
                is_aside = following is not None and _is_agent_in_aside(sentence, match.start(), following)
                if match[1].lower() in words("cue_verbs.txt") and following is not None and not is_aside:
                    yield sentence.claim(following, match.span(1), 1.6)
    by = _BY.match(sentence.text, sentence.closing, sentence.end)
    verb = (
        _PASSIVE_AS.search(sentence.text, max(sentence.start, sentence.opening - 60), sentence.opening)
        if by
        else None
    )
    following = sentence.phrases_after[0] if sentence.phrases_after else None
    if by and verb and following and verb[1] in words("cue_verbs.txt") and following.start - by.end() < 20:
        yield sentence.claim(following, verb.span(1), 1.6)


def _is_agent_in_aside(sentence: QuotedSentence, passive: int, agent: Phrase) -> bool:
    """'She called the plan, which was proposed by **the union**, “a joke”': not the union's words."""
    opens = _WHICH.search(sentence.text, max(sentence.start, passive - 12), passive)
    return opens is not None and sentence.text.startswith(",", agent.end) and agent.end < sentence.opening


def quoted_as_saying(sentence: QuotedSentence) -> Iterator[Claim]:
    """'The agency quoted **Ms Okafor** as saying that it was "too late".', also behind the quote."""
    for start, end, known in (
        (*sentence.before, sentence.phrases_before),
        (*sentence.after, sentence.phrases_after),
    ):
        for match in islice(_AS_SAYING.finditer(sentence.text, start, end), MAX_CUES):
            quoted = [p for p in known if p.end <= match.start() and match.start() - p.end < 80]
            verb = quoted and _QUOTING.search(
                sentence.text, max(start, quoted[-1].start - 30), quoted[-1].start
            )
            if verb:
                yield sentence.claim(quoted[-1], match.span(1), 3.0)


def told_by_noun(sentence: QuotedSentence) -> Iterator[Claim]:
    """'She rejected **the union**'s claim that the board was "asleep"', 'its charge of "fraud"'."""
    for phrase, noun, behind in sayings_of(sentence.text, sentence.phrases_before, sentence.before):
        if sentence.first_cue(behind, sentence.opening) == sentence.opening:
            leads = 1.0 if not sentence.text[behind : sentence.opening].strip(_LINE_MARKS) else 0.0
            yield sentence.claim(phrase, noun, 2.4 + leads, (sentence.opening - behind) // 2)


def what_they_call(sentence: QuotedSentence) -> Iterator[Claim]:
    """'According to the radio, dockers march against what **they** call "theft"': their word.

    In "Ms Okafor asks for what she calls" both are one.
    """
    for phrase in sentence.phrases_before:
        if sentence.text[phrase.start : phrase.end].lower() in ("he", "she"):
            continue
        verb = _CALLS.fullmatch(sentence.text, phrase.end, sentence.opening)
        if verb and _WHAT.search(sentence.text, max(sentence.start, phrase.start - 12), phrase.start):
            yield sentence.claim(phrase, verb.span(1), _WORDS_SCORE)


def in_words_of(sentence: QuotedSentence) -> Iterator[Claim]:
    """'**Her** words were “too late”', 'In **Ms Okafor**'s own words, the bridge is “dead”'."""
    for phrase, noun in owned_words_of(sentence.text, sentence.phrases_before, sentence.before):
        if sentence.first_cue(noun[1], sentence.opening) == sentence.opening:
            yield sentence.claim(phrase, noun, _WORDS_SCORE)


def headline(sentence: QuotedSentence) -> Iterator[Claim]:
    """'"No way back": **Ms Okafor** on her defeat'."""
    colon = _COLON_BEHIND.match(sentence.text, sentence.closing, sentence.end)
    first = sentence.phrases_after[0] if colon and sentence.phrases_after else None
    if colon and first and first.start - colon.end() < 4:
        yield sentence.claim(first, None, 1.2)


def cue_before_speaker_after(sentence: QuotedSentence) -> Iterator[Claim]:
    """'Calling it "a disgrace", **Ms Okafor** left.'"""
    if sentence.cues_before and not any(
        p.end <= sentence.cues_before[-1][0] for p in sentence.phrases_before
    ):
        cue = sentence.cues_before[-1]
        inside = [p for p in sentence.phrases_before if p.start >= cue[1]]
        for phrase in (inside + sentence.phrases_after)[:2]:
            yield sentence.claim(phrase, cue, 0.3)


def of_a_work(sentence: QuotedSentence) -> Iterator[Claim]:
    """'She recited **an old verse**: "Carry me"', '"Blessed are they," says **the Gospel of Mark**'."""
    work = work_quoted(sentence.text, sentence.before, sentence.after)
    if work is None:
        work = taken_from(sentence.text, sentence.sentences.after(sentence.end))
    if work is not None:
        yield Claim(Candidate(*work, "work"), None, _WORK_SCORE)


def for_whom(sentence: QuotedSentence) -> Iterator[Claim]:
    """'For **the union**, the offer is "a joke".'"""
    match = re.match(r"(?:For|To)\s+", sentence.text[sentence.start : sentence.opening])
    first = sentence.phrases_before[0] if match and sentence.phrases_before else None
    if (
        match
        and first
        and first.start - sentence.start - match.end() < 5
        and sentence.text[first.end : first.end + 1] == ","
    ):
        yield sentence.claim(first, None, 0.7)


def speaker_alone(sentence: QuotedSentence) -> Iterator[Claim]:
    """'**Ms Okafor**: "No."': a phrase without a cue, by its position and the encoder's evidence."""
    colon = sentence.text[sentence.start : sentence.opening].rstrip(" \t“\"‘'«„`").endswith(":")
    for phrase in sentence.phrases_before + sentence.phrases_after:
        if _HEARER.match(sentence.text, phrase.end) or _ACCORDING.search(
            sentence.text, max(0, phrase.start - 20), phrase.start
        ):
            continue
        score = 0.6 if colon and phrase.end <= sentence.opening and not sentence.cues_before else 0.0
        if score and not sentence.text[sentence.start : phrase.start].strip(_LINE_MARKS):
            is_label = not sentence.text[phrase.end : sentence.opening].strip(_LINE_MARKS)
            score = 1.0 if is_label else score
        yield sentence.claim(phrase, None, score)


PATTERNS: tuple[Callable[[QuotedSentence], Iterator[Claim]], ...] = (
    cue_then_speaker,
    speaker_then_cue,
    according_to,
    passive_by,
    quoted_as_saying,
    told_by_noun,
    what_they_call,
    in_words_of,
    headline,
    speaker_and_cue_before,
    cue_before_speaker_after,
    of_a_work,
    for_whom,
    speaker_alone,
)


def best_claim(sentence: QuotedSentence) -> Claim | None:
    """The claim with the highest score in the sentence; of equal ones the first."""
    claims = [(claim, pattern) for pattern in PATTERNS for claim in pattern(sentence)]
    if not claims:
        return None
    best, pattern = max(claims, key=lambda claimed: claimed[0].score)
    return replace(best, construction=pattern.__name__)


def _subject_score(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> float:
    """How likely the phrase is the subject of the cue, as a score."""
    between = sentence.text[phrase.end : cue[0]]
    if _is_said_by_another(sentence, phrase, cue):
        return -2.0
    if phrase.head.type == "PERSON" and _is_apposed(sentence.text, phrase.head, cue):
        return 2.0
    is_with = _WITH.search(sentence.text, max(0, phrase.start - 6), phrase.start)
    if _WHO_SAYS.fullmatch(between) or (is_with and _participle(sentence.text, cue) and not between.strip()):
        return 1.3
    if _is_in_opening_clause(sentence, phrase, cue):
        return -0.5
    if sentence.is_governed(phrase, cue) or _CAPACITY.match(sentence.text, max(0, phrase.start - 3)):
        return -0.2
    is_participle = _participle(sentence.text, cue)
    if is_participle and sentence.subject is not phrase and _HIMSELF.match(sentence.text, cue[1]):
        return -0.2
    if "," in between and is_participle:
        score = _participle_score(sentence, phrase, between)
        if score is not None:
            return score
    if (
        _is_in_relative(sentence, phrase, cue)
        or _is_in_aside(sentence, phrase, cue)
        or _has_nearer_subject(sentence, phrase, cue)
    ):
        return -0.2
    return _score_behind(sentence, phrase, cue, between)


def _is_in_opening_clause(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> bool:
    """ "As **the union** cried foul, the mayor called it": a verb behind the comma leads to the quote."""
    if cue[1] > sentence.opening or not _OPENING_CLAUSE.fullmatch(
        sentence.text, sentence.start, phrase.start
    ):
        return False
    comma = sentence.text.find(", ", cue[1], sentence.opening)
    return comma >= 0 and any(
        later > comma and any(comma < p.start and p.end <= later for p in sentence.phrases_before)
        for later, _ in sentence.cues_before
    )


def _participle_score(sentence: QuotedSentence, phrase: Phrase, between: str) -> float | None:
    """ "**She** met **him**, saying": the subject of "saying" is "she". None where the rest decides."""
    if sentence.subject is phrase and _PARTICIPLE_FOLLOWS.search(between):
        return 0.9
    return 0.3 if phrase.start > sentence.start + 1 else None


def _score_behind(sentence: QuotedSentence, phrase: Phrase, cue: Span, between: str) -> float:
    """How likely a phrase that may be a subject is that of the cue, by what stands between them."""
    if _GAP.match(between):
        return 1.3
    if _RELATIVE_ASIDE.fullmatch(between):
        return 1.1
    if sentence.first_cues_behind[phrase.end] < cue[0]:
        # "**She** said he lied and called it": a subject may have a second verb, "whose lawyer" has not.
        return 0.6 if not sentence.text.startswith("whose", phrase.start) else -0.2
    if between.lstrip().startswith((",", "(", "—", "–")) and between.rstrip().endswith((",", ")", "—", "–")):
        return 1.1
    return 0.5


def _is_in_relative(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> bool:
    """ "The board, which questioned **the mayor**, said": a comma closes the clause in which he stands."""
    text = sentence.text
    if not _CLOSED_BEFORE.search(text, max(0, cue[0] - 30), cue[0]):
        return False
    known = sentence.phrases_before if cue[1] <= sentence.opening else sentence.phrases_after
    return any(
        earlier.end < phrase.start
        and _RELATIVE_ASIDE.fullmatch(text, earlier.end, cue[0])
        and not _NEXT_CLAUSE.search(text, earlier.end, phrase.start)
        for earlier in known
    )


def _is_in_aside(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> bool:
    """ "Ms Obi, **whose party** wants a vote, called it": the verb behind the comma leads to the quote."""
    if not sentence.text.startswith("whose", phrase.start):
        return False
    return any("," in sentence.text[cue[1] : later] for later, _ in sentence.cues_before if later > cue[1])


def _has_nearer_subject(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> bool:
    """ "**She** complained after the mayor claimed": another phrase stands right before the verb."""
    nearest = sentence.subject_before(cue)
    return nearest is not None and nearest.start >= phrase.end


def _is_said_by_another(sentence: QuotedSentence, phrase: Phrase, cue: Span) -> bool:
    """ "**Ms Obi**, whose lawyer called it": the lawyer did."""
    owned = sentence.candidates.relative_behind(phrase.end, cue[0])
    return owned is not None and follows(sentence.text, owned.end, cue[0])


def follows(text: str, end: int, cue: int) -> bool:
    """Whether a cue follows a phrase at once or behind an apposition: "whose lawyer, a judge's son, said"."""
    between = text[end:cue]
    return bool(_GAP.match(between) or _APPOSITION.fullmatch(between) or _WHEN.fullmatch(between))


def _is_apposed(text: str, person: Candidate, cue: Span) -> bool:
    """'The head of the office and keeper of its papers, **Ada Obi**, said'."""
    return text[person.start - 2 : person.start] == ", " and bool(
        re.fullmatch(r",\s+(?:has |had |also )?", text[person.end : cue[0]])
    )


def _participle(text: str, cue: Span) -> bool:
    """'..., **saying** it was late', but not 'he was saying'."""
    return text[cue[1] - 3 : cue[1]] == "ing" and not _PASSIVE.search(text, max(0, cue[0] - 20), cue[0])
