"""Who a quote is attributed to: one linguistic pattern, one function. Each gives a cue and a candidate, or None."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from worker.nlp.candidates import Candidate, Candidates
from worker.nlp.quotes import QuoteSpan
from worker.nlp.wordlists import words

REACH_CHARS = 220
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_BREAK = re.compile(r"[.!?…]['’”\")\]]*\s+(?=[\"“‘'A-Z\d])|[\n\r]+")
# Stops that end no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Capt|St|Jr|Sr|No|vs|Inc|Ltd|Co|[A-Z])\.)\s*$"
)
_ACCORDING = re.compile(r"\b(?:according to|in the words of|as per)\s", re.IGNORECASE)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being)\s+(?:\w+ly\s+)?$", re.IGNORECASE)
_OBJECT = re.compile(
    r"\b(?:in|at|on|with|about|against|for|to|of|from|into|over|under|between|during|near|like|after|before)\s+(?:[a-z]+\s+)?$",
    re.IGNORECASE,
)
_NOUN_PHRASE = re.compile(r"[^,.;:\n“”\"]{3,60}")
_GAP = re.compile(
    r"^(?:\s|,|—|–|-|then|also|later|further|once|has|have|had|is|was|who|now|only|just|\w+ly)*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who, and by which words. `cue` is a span of the text, None where nothing but the place tells."""

    candidate: Candidate
    cue: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A quote and the sentence around it: what stands before its mark, and what after, up to other quotes."""

    text: str
    quote: QuoteSpan
    before: int
    after: int
    previous_end: int
    candidates: Candidates

    @property
    def opening(self) -> int:
        """Where the text before the quote ends."""
        return max(self.before, self.quote.start - 1)

    @property
    def closing(self) -> int:
        """Where the text after the quote begins."""
        return min(self.after, self.quote.end + 1)


def scene(
    text: str, quote: QuoteSpan, before: QuoteSpan | None, after: QuoteSpan | None, candidates: Candidates
) -> Scene:
    """The sentence around a quote; neighbouring quotes bound it."""
    start = max(quote.start - REACH_CHARS, before.end + 1 if before else 0, 0)
    for match in _SENTENCE_BREAK.finditer(text, start, quote.start):
        if match.end() <= quote.start and not _ABBREVIATION.search(
            text, max(0, match.start() - 8), match.start() + 1
        ):
            start = match.end()
    end = min(quote.end + REACH_CHARS, after.start - 1 if after else len(text), len(text))
    stop = quote.end + 1
    for match in _SENTENCE_BREAK.finditer(text, min(stop, end), end):
        if not _ABBREVIATION.search(text, max(0, match.start() - 8), match.start() + 1):
            end = match.start() + 1
            break
    return Scene(
        text, quote, min(start, quote.start), max(end, quote.end), before.end if before else 0, candidates
    )


def cues(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The verbs that report speech in a stretch of text."""
    for match in _WORD.finditer(text, start, end):
        word = match.group().lower()
        if word in words("cue_verbs.txt") and not (
            word.endswith(("ed", "told", "said", "asked"))
            and _PASSIVE.search(text, max(start, match.start() - 20), match.start())
        ):
            yield match.span()


def cue_then_speaker(scene: Scene) -> Attribution | None:
    """'"We are ready," said **Ms Okafor**.'"""
    for cue in cues(scene.text, scene.closing, min(scene.after, scene.closing + 40)):
        if not _GAP.match(scene.text[scene.closing : cue[0]].strip("”\"'’» ")):
            return None
        following = scene.candidates.between(cue[1], min(scene.after, cue[1] + 110))
        following = [c for c in following if c.kind != "pronoun" or scene.text[cue[1] : c.start].isspace()]
        who = _head(scene.text, following)
        if who is not None and who.start - cue[1] < 70 and ":" not in scene.text[cue[1] : who.start]:
            return Attribution(who, cue)
        return None
    return None


def speaker_then_cue(scene: Scene) -> Attribution | None:
    """'"We are ready," **Ms Okafor**, the minister, told reporters.'"""
    near = scene.candidates.between(scene.closing, min(scene.after, scene.closing + 90))
    who = _head(scene.text, near)
    if who is None or who.start - scene.closing > 45:
        return None
    if any(True for _ in cues(scene.text, scene.closing, who.start)):
        return None
    for cue in cues(scene.text, who.end, min(scene.after, who.end + 130)):
        return Attribution(who, cue)
    return None


def according_to(scene: Scene) -> Attribution | None:
    """'The plan is "dead", according to **the union**.' and 'According to **the union**, ...'"""
    for start, end in ((scene.closing, scene.after), (scene.before, scene.opening)):
        for match in _ACCORDING.finditer(scene.text, start, end):
            who = _head(scene.text, scene.candidates.between(match.end(), min(end, match.end() + 80)))
            if who is None and (phrase := _NOUN_PHRASE.match(scene.text, match.end(), end)):
                who = Candidate(phrase.start(), phrase.start() + len(phrase.group().rstrip()), "role")
            if who is not None:
                return Attribution(who, (match.start(), match.end() - 1))
    return None


def speaker_and_cue_before(scene: Scene) -> Attribution | None:
    """'**Ms Okafor** said that it was "too late".' The last cue counts, and who stands nearest before it."""
    found = list(cues(scene.text, scene.before, scene.opening))
    for cue in reversed(found):
        earlier = scene.candidates.between(scene.before, cue[0])
        subjects = [c for c in earlier if not is_object(scene.text, c)]
        if not subjects:
            continue
        nearest = subjects[-1]
        if nearest is earlier[-1] and _GAP.match(scene.text[nearest.end : cue[0]]):
            return Attribution(nearest, cue)
        return Attribution(_head(scene.text, subjects) or nearest, cue)
    return None


def cue_before_speaker_after(scene: Scene) -> Attribution | None:
    """'Calling it "a disgrace", **Ms Okafor** left.'"""
    found = list(cues(scene.text, scene.before, scene.opening))
    if not found or scene.candidates.between(scene.before, found[-1][0]):
        return None
    inside = scene.candidates.between(found[-1][1], scene.opening)
    who = _head(scene.text, inside) or _head(scene.text, scene.candidates.between(scene.closing, scene.after))
    return Attribution(who, found[-1]) if who is not None else None


def cue_after_somewhere(scene: Scene) -> Attribution | None:
    """'The "historic" deal will last, **Ms Okafor** said.'"""
    for cue in cues(scene.text, scene.closing, scene.after):
        earlier = scene.candidates.between(scene.closing, cue[0])
        subjects = [c for c in earlier if not is_object(scene.text, c)]
        if subjects:
            return Attribution(subjects[-1], cue)
    return None


def colon_before(scene: Scene) -> Attribution | None:
    """'**Ms Okafor**: "No."'"""
    if not scene.text[scene.before : scene.opening].rstrip().endswith(":"):
        return None
    earlier = scene.candidates.between(scene.before, scene.opening)
    return Attribution(_head(scene.text, earlier) or earlier[-1], None) if earlier else None


def subject_of_the_sentence(scene: Scene) -> Attribution | None:
    """'For **Ms Okafor**, the deal is "too late".' No cue: the one person of the sentence, if there is only one."""
    people = [
        c
        for c in scene.candidates.between(scene.before, scene.after)
        if (c.kind == "name" and c.type == "PERSON")
        or (c.kind == "pronoun" and scene.text[c.start : c.end].lower() != "they")
    ]
    return Attribution(people[0], None) if people and len({c.group for c in people}) == 1 else None


def sentence_before(scene: Scene) -> Attribution | None:
    """'**Ms Okafor** said that she would stay. "I like it here."' Also where a paragraph lies between."""
    opening = scene.text.rfind("\n", 0, scene.quote.start) + 1
    said_before = scene.text[scene.before : scene.opening].strip(" \t“\"‘'«„`")
    if said_before:
        return None
    end = scene.before
    if opening >= scene.before:
        if scene.text[scene.closing : scene.after].strip(" \t\n”\"’'»“.,:"):
            return None
        end = len(scene.text[:opening].rstrip())
    start = max(scene.text.rfind("\n", 0, end) + 1, end - 2 * REACH_CHARS, scene.previous_end)
    if start >= end:
        return None
    for match in _SENTENCE_BREAK.finditer(scene.text, start, max(start, end - 2)):
        if not _ABBREVIATION.search(scene.text, max(0, match.start() - 8), match.start() + 1):
            start = match.end()
    for cue in cues(scene.text, start, end):
        subjects = [c for c in scene.candidates.between(start, cue[0]) if not is_object(scene.text, c)]
        if subjects:
            return Attribution(_head(scene.text, subjects) or subjects[0], None)
    return None


PATTERNS: tuple[Callable[[Scene], Attribution | None], ...] = (
    cue_then_speaker,
    speaker_then_cue,
    according_to,
    speaker_and_cue_before,
    cue_before_speaker_after,
    cue_after_somewhere,
    colon_before,
)


def attribute(scene: Scene) -> Attribution | None:
    """The first pattern that fits."""
    return next((found for pattern in PATTERNS if (found := pattern(scene)) is not None), None)


def is_object(text: str, candidate: Candidate) -> bool:
    """Whether it stands behind a preposition: "in **Lagos**", "with **Ms Okafor**"."""
    return bool(_OBJECT.search(text, max(0, candidate.start - 25), candidate.start))


def _head(text: str, candidates: list[Candidate]) -> Candidate | None:
    """The head of the first noun phrase: "NATO chief **Mark Rutte**", "the minister, **Ada Obi**", "**Ada Obi**, of NATO"."""
    if not candidates:
        return None
    first = candidates[0]
    if first.kind == "pronoun" or first.type == "PERSON":
        return first
    for other in candidates[1:]:
        between = text[first.end : other.start]
        if len(between) > 45 or any(True for _ in cues(text, first.end, other.start)):
            break
        if other.type == "PERSON" and not re.search(
            r"\b(?:and|that|which|who|against|after|before|to)\b|[;:]", between
        ):
            return other
    if first.type in ("GPE", "LOC", "NORP") and len(candidates) > 1 and candidates[1].start - first.end < 40:
        return _head(text, candidates[1:])
    return first
