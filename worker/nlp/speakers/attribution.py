"""Who a quote is attributed to: one linguistic pattern, one function.

Each gives claims: this phrase may speak, by this cue, and how much the pattern is worth. What the encoder
takes for a source and a cue is added to that; the strongest claim wins, if it is strong enough.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from worker.nlp.encoder.evidence import Evidence
from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.speakers.candidates import Candidate, Candidates
from worker.nlp.speakers.phrases import Phrase, is_object, phrases
from worker.nlp.wordlists import words

REACH_CHARS = 400
# Nearest to the quote first. In 400 articles no stretch of REACH_CHARS has more than 6 and 9.
MOST_CUES, MOST_PHRASES = 6, 10
THRESHOLD = 0.85
_SOURCE_WEIGHT = 1.6
_CUE_WEIGHT = 0.6
_REPORTED_WEIGHT = 0.5
_FAR_CHARS = 250

_ACCORDING = re.compile(r"\b(?:according to|in the words of|as per|in the view of)\s", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|to)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
# "He runs it **as its owner**": says what somebody is, and does nothing itself.
_CAPACITY = re.compile(r"\bas\s+(?:its|his|her|their|a|an)\b", re.IGNORECASE)
# "The plan was described by", "was widely seen by": the passive, and who is behind it.
_PASSIVE_BY = re.compile(
    r"\b(?:is|are|was|were|be|been|being)\s+(?:[a-z]+ly\s+)?([a-z]+)\s+by\s+[“\"‘'«„]?", re.IGNORECASE
)
# "A move **described by** the union **as**": the same without its auxiliary.
_SEEN_AS = re.compile(r"\b([a-z]+ed)\s+by\s+(?=[^.;:!?\n]{3,80}?\s+(?:as|to be)\b)[“\"‘'«„]?")
_PASSIVE_AS = re.compile(r"\b([a-z]+ed)\s+(?:as\s+|to\s+be\s+)?(?:an?\s+|the\s+)?[“\"‘'«„`]*$")
_BY = re.compile(r"[”\"’'»]*\s+by\s+")
_AS_SAYING = re.compile(r"\bas\s+(saying|having said|telling|writing|asking|stating|declaring)\b")
_QUOTING = re.compile(r"\b(?:quot|cit|report)(?:ed|es|ing|s)\s+[“\"‘'«]?(?:\w+\s+){0,2}$")
_COLON_BEHIND = re.compile(r"[”\"’'»]*:\s+")
DASH = re.compile(r"[\s”\"'’»]*[-–—―~]{1,2}[ \t\u00a0]*")
# Each word by one alternative alone ("only" is one in -ly): else a row of them is tried in all combinations.
_GAP = re.compile(
    r"(?:[\s,—–”\"'’»)\]-]|(?:then|also|later|further|once|has|have|had|who|which|that|now|just|again|even|"
    r"still|first|is|was)\b|\w+ly\b|\([^()\n]{1,40}\))*$",
    re.IGNORECASE,
)
# "The court **was told** ...": whoever comes before this listens.
_HEARER = re.compile(
    r"\s+(?:heard|(?:was|were|is|are|has been|have been|had been)\s+(?:told|asked|informed|warned|shown))\b"
)
_LINE_MARKS = " \t\n:“\"‘'«„`-–—•*"
_LEADS_IN = re.compile(r"(?:[:,]|\bthat|\bas|\bis|\bwas|\bare|\bwere)\s*[“\"‘'«„「`]*\s*$")


@dataclass(frozen=True, slots=True)
class Claim:
    """That a phrase speaks, by a cue or by its place alone. `score` counts pattern and evidence together."""

    candidate: Candidate
    cue: Span | None
    score: float


@dataclass(frozen=True)
class Scene:
    """A quote's sentence: before its opening mark, and after its closing one."""

    text: str
    start: int
    opening: int
    closing: int
    end: int
    candidates: Candidates
    evidence: Evidence
    sentences: Sentences

    @cached_property
    def phrases_before(self) -> list[Phrase]:
        return phrases(
            self.text,
            self.candidates.between(max(self.start, self.opening - REACH_CHARS), self.opening),
            self.evidence,
        )[-MOST_PHRASES:]

    @cached_property
    def phrases_after(self) -> list[Phrase]:
        return phrases(
            self.text,
            self.candidates.between(self.closing, min(self.end, self.closing + REACH_CHARS)),
            self.evidence,
        )[:MOST_PHRASES]

    @cached_property
    def cues_before(self) -> list[Span]:
        return list(self.cues(max(self.start, self.opening - REACH_CHARS), self.opening))[-MOST_CUES:]

    @cached_property
    def cues_after(self) -> list[Span]:
        return list(islice(self.cues(self.closing, min(self.end, self.closing + REACH_CHARS)), MOST_CUES))

    @cached_property
    def is_whole_sentence(self) -> bool:
        """Nothing but the quote stands in its sentence."""
        around = self.text[self.start : self.opening] + self.text[self.closing : self.end]
        return not any(character.isalnum() for character in around)

    def cues(self, start: int, end: int) -> Iterator[Span]:
        """The verbs that report speech in a stretch of text, outside of quotes."""
        return cues(self.text, start, end, self.candidates, self.evidence)

    def first_cue(self, start: int, end: int) -> int:
        """Where the first of them begins; `end` where there is none."""
        return next((cue[0] for cue in self.cues(start, end)), end)

    @cached_property
    def first_cues_behind(self) -> dict[int, int]:
        """By a phrase's end, where the first cue behind it begins: looked for once, not for each cue."""
        before = {p.end: self.first_cue(p.end, self.opening) for p in self.phrases_before}
        return before | {p.end: self.first_cue(p.end, self.end) for p in self.phrases_after}

    def claim(self, phrase: Phrase, cue: Span | None, worth: float, far: int = 0) -> Claim:
        score = (
            worth
            + _SOURCE_WEIGHT * self.evidence.source(phrase.start, phrase.end)
            - min(far, _FAR_CHARS) / _FAR_CHARS
        )
        if cue is not None:
            score += _CUE_WEIGHT * self.evidence.cue(*cue)
        return Claim(phrase.head, cue, score)


def cues(text: str, start: int, end: int, candidates: Candidates, evidence: Evidence) -> Iterator[Span]:
    """The words that report speech in a stretch of text, outside of quotes and names; not "was told"."""
    for match in WORD.finditer(text, start, end):
        word = match.group().lower()
        listed = word in words("cue_verbs.txt")
        if not listed and (
            word in words("function_words.txt")
            or len(word) < 4
            or word.endswith(("ly", "day"))
            or not evidence.is_there
            or evidence.cue(*match.span()) < 0.5
        ):
            continue
        if candidates.is_taken(*match.span()):
            continue
        if word.endswith(("ed", "told", "said")) and _PASSIVE.search(
            text, max(start, match.start() - 20), match.start()
        ):
            continue
        yield match.span()


def cue_then_speaker(scene: Scene) -> Iterator[Claim]:
    """'"We are ready," said **Ms Okafor**.'"""
    for cue in scene.cues_after:
        if not _GAP.match(scene.text[scene.closing : cue[0]]) and not _is_inverted(scene, cue):
            continue
        following = [p for p in scene.phrases_after if p.start >= cue[1]]
        if following and not re.search(r"[:;“\"]", scene.text[cue[1] : following[0].start]):
            gap = following[0].start - cue[1]
            yield scene.claim(following[0], cue, 1.6 if gap < 4 else 1.1, gap)
        return


def _is_inverted(scene: Scene, cue: Span) -> bool:
    """'Few have "any hope" of rain this year, **said Ms Okafor**': the sentence ends before its cue."""
    return (
        scene.text[cue[0] - 2 : cue[0]] == ", "
        and scene.text[slice(*cue)] in ("said", "says", "added", "adds", "wrote", "writes")
        and any(cue[1] < p.start < cue[1] + 6 for p in scene.phrases_after)
    )


def speaker_then_cue(scene: Scene) -> Iterator[Claim]:
    """'"We are ready," **Ms Okafor**, the minister, said.' and 'The "new" deal will last, **she** said.'"""
    for cue in scene.cues_after:
        for phrase in scene.phrases_after:
            if phrase.end <= cue[0]:
                worth = _subject_worth(scene, phrase, cue)
                near = not scene.text[scene.closing : phrase.start].strip(" \n,.—–-”\"'’»")
                yield scene.claim(phrase, cue, worth + (0.5 if near else 0), phrase.start - scene.closing)


def speaker_and_cue_before(scene: Scene) -> Iterator[Claim]:
    """'**Ms Okafor** said that it was "too late".'"""
    leads = 0.4 if _LEADS_IN.search(scene.text, scene.start, scene.opening) else 0.0
    for cue in scene.cues_before:
        for phrase in scene.phrases_before:
            if phrase.end <= cue[0]:
                worth = _subject_worth(scene, phrase, cue)
                yield scene.claim(phrase, cue, worth + leads, (scene.opening - cue[1]) // 2)


def according_to(scene: Scene) -> Iterator[Claim]:
    """'The plan is "dead", according to **the union**.' and 'According to **the union**, ...'"""
    for start, end, known in (
        (scene.closing, scene.end, scene.phrases_after),
        (scene.start, scene.opening, scene.phrases_before),
    ):
        for match in _ACCORDING.finditer(scene.text, start, end):
            cue = (match.start(), match.end() - 1)
            following = next((p for p in known if p.start >= cue[1]), None)
            if following is None or following.start - cue[1] >= 60:
                continue
            # '"...," **the letter** says, according to the police': they only tell what it says.
            is_told = any(p.end <= s < cue[0] for s, _ in scene.cues_after[:1] for p in scene.phrases_after)
            if start == scene.opening or not is_told:
                yield scene.claim(following, cue, 1.3, following.start - cue[1])


def passive_by(scene: Scene) -> Iterator[Claim]:
    """'The offer was called "a joke" by **the union**', 'was described by **the union** as "a joke"'."""
    for start, end, known in (
        (max(scene.start, scene.opening - REACH_CHARS), scene.opening, scene.phrases_before),
        (scene.closing, min(scene.end, scene.closing + REACH_CHARS), scene.phrases_after),
    ):
        for pattern in (_PASSIVE_BY, _SEEN_AS):
            for match in islice(pattern.finditer(scene.text, start, end), MOST_CUES):
                following = next((p for p in known if match.end() <= p.start < match.end() + 20), None)
                if match[1].lower() in words("cue_verbs.txt") and following is not None:
                    yield scene.claim(following, match.span(1), 1.6)
    by = _BY.match(scene.text, scene.closing, scene.end)
    verb = _PASSIVE_AS.search(scene.text, max(scene.start, scene.opening - 60), scene.opening) if by else None
    following = scene.phrases_after[0] if scene.phrases_after else None
    if by and verb and following and verb[1] in words("cue_verbs.txt") and following.start - by.end() < 20:
        yield scene.claim(following, verb.span(1), 1.6)


def quoted_as_saying(scene: Scene) -> Iterator[Claim]:
    """'The agency quoted **Ms Okafor** as saying that it was "too late".'"""
    for match in _AS_SAYING.finditer(
        scene.text, max(scene.start, scene.opening - REACH_CHARS), scene.opening
    ):
        quoted = [p for p in scene.phrases_before if p.end <= match.start() and match.start() - p.end < 80]
        verb = quoted and _QUOTING.search(
            scene.text, max(scene.start, quoted[-1].start - 30), quoted[-1].start
        )
        if verb:
            yield scene.claim(quoted[-1], match.span(1), 3.0)


def headline(scene: Scene) -> Iterator[Claim]:
    """'"No way back": **Ms Okafor** on her defeat'."""
    colon = _COLON_BEHIND.match(scene.text, scene.closing, scene.end)
    first = scene.phrases_after[0] if colon and scene.phrases_after else None
    if colon and first and first.start - colon.end() < 4:
        yield scene.claim(first, None, 1.2)


def cue_before_speaker_after(scene: Scene) -> Iterator[Claim]:
    """'Calling it "a disgrace", **Ms Okafor** left.'"""
    if scene.cues_before and not any(p.end <= scene.cues_before[-1][0] for p in scene.phrases_before):
        cue = scene.cues_before[-1]
        inside = [p for p in scene.phrases_before if p.start >= cue[1]]
        for phrase in (inside + scene.phrases_after)[:2]:
            yield scene.claim(phrase, cue, 0.3)


def for_whom(scene: Scene) -> Iterator[Claim]:
    """'For **the union**, the offer is "a joke".'"""
    match = re.match(r"(?:For|To)\s+", scene.text[scene.start : scene.opening])
    first = scene.phrases_before[0] if match and scene.phrases_before else None
    if (
        match
        and first
        and first.start - scene.start - match.end() < 5
        and scene.text[first.end : first.end + 1] == ","
    ):
        yield scene.claim(first, None, 0.7)


def speaker_alone(scene: Scene) -> Iterator[Claim]:
    """'**Ms Okafor**: "No."' Nothing but its place, and the encoder's word."""
    colon = scene.text[scene.start : scene.opening].rstrip(" \t“\"‘'«„`").endswith(":")
    for phrase in scene.phrases_before + scene.phrases_after:
        if _HEARER.match(scene.text, phrase.end) or _ACCORDING.search(
            scene.text, max(0, phrase.start - 20), phrase.start
        ):
            continue
        worth = 0.6 if colon and phrase.end <= scene.opening and not scene.cues_before else 0.0
        if worth and not scene.text[scene.start : phrase.start].strip(_LINE_MARKS):
            is_label = not scene.text[phrase.end : scene.opening].strip(_LINE_MARKS)
            worth = 1.0 if is_label else worth
        yield scene.claim(phrase, None, worth)


PATTERNS: tuple[Callable[[Scene], Iterator[Claim]], ...] = (
    cue_then_speaker,
    speaker_then_cue,
    according_to,
    passive_by,
    quoted_as_saying,
    headline,
    speaker_and_cue_before,
    cue_before_speaker_after,
    for_whom,
    speaker_alone,
)


def best_claim(scene: Scene) -> Claim | None:
    """The strongest claim of the quote's own sentence; of equals the first."""
    claims = [claim for pattern in PATTERNS for claim in pattern(scene)]
    return max(claims, key=lambda claim: claim.score, default=None)


def _subject_worth(scene: Scene, phrase: Phrase, cue: Span) -> float:
    """How surely the phrase is the subject of the cue."""
    between = scene.text[phrase.end : cue[0]]
    if phrase.head.type == "PERSON" and _is_apposed(scene.text, phrase.head, cue):
        return 2.0
    if is_object(scene.text, phrase.start) or _CAPACITY.match(scene.text, max(0, phrase.start - 3)):
        return -0.2
    if "," in between and _participle(scene.text, cue) and phrase.start > scene.start + 1:
        # "She met **him**, saying": the sentence's subject says it.
        return 0.3
    if _GAP.match(between):
        return 1.3
    if scene.first_cues_behind[phrase.end] < cue[0]:
        # "She said he lied and called it": a subject of a verb before serves this one too.
        return 0.6
    if between.lstrip().startswith((",", "(", "—", "–")) and between.rstrip().endswith((",", ")", "—", "–")):
        return 1.1
    return 0.5


def _is_apposed(text: str, person: Candidate, cue: Span) -> bool:
    """'The head of the office and keeper of its papers, **Ada Obi**, said'."""
    return text[person.start - 2 : person.start] == ", " and bool(
        re.fullmatch(r",\s+(?:has |had |also )?", text[person.end : cue[0]])
    )


def _participle(text: str, cue: Span) -> bool:
    """'..., **saying** it was late', but not 'he was saying'."""
    return text[cue[1] - 3 : cue[1]] == "ing" and not _PASSIVE.search(text, max(0, cue[0] - 20), cue[0])
