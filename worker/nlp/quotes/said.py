"""Tells words that somebody said from names, titles and scare quotes between marks."""

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.quotes.marks import QuotedSpan
from worker.nlp.wordlists import read_bytes, words

_CONTEXT_CHARS = 200
_SHORT_WORDS = 4
_MARKS = " \t\u00a0“”„\"'‘’«»`"
_SMALL = frozenset(
    ("a", "an", "the", "of", "is", "was", "on", "as", "it", "him", "her", "them", "by", "like")
)
_PRONOUNS = frozenset({"he", "she", "they"})
_VERBS_AND_PEOPLE = frozenset(
    ("is", "are", "was", "were", "am", "be", "will", "would", "have", "has", "had", "do", "does", "did",
     "can", "could", "not", "should", "must", "may", "i", "we", "you", "it", "they", "he", "she")
)  # fmt: skip
_DETERMINERS = frozenset(
    ("a", "an", "the", "its", "his", "her", "their", "our", "this", "these", "so-called", "that", "no", "any",
     "some", "more")
)  # fmt: skip
# Preceded by another quotation: '“safe” and “sound”'.
_ROW = re.compile(r"[”\"’'»],?\s+(?:and|or)\s*[“\"‘'«]?$")
_NEXT_WORD = re.compile(r"[”\"’'»]+\s+([a-z][\w-]*)")
_PROVERB = re.compile(
    r"\b(?:saying|phrase|proverb|adage|motto|slogan|song|lyric|refrain)\s+"
    r"(?:goes|went|has it|notes|puts it|runs)\b"
)
_NAMED_SO = frozenset({"called", "dubbed", "named", "nicknamed"})
_FOR_WHOM = re.compile(r"\s*(?:For|To|In the (?:eyes|view|words|opinion) of)\s+(?:the\s+)?[A-Z][^,]{1,60},\s")
_SHOUT = re.compile(
    r"\b(?:chant|shout|scream|yell|whisper|mutter|murmur|exclaim|cr)(?:s|ed|ing|ied|ies|ying)?"
    r"\s*(?:out\s*)?[,:]?\s*(?:of\s*)?[“\"‘'«]?$"
)
_LINKS = frozenset(("that", "is", "was", "are", "were", "be", "as", "to", "it", "of"))


@dataclass(frozen=True, slots=True)
class QuoteEvidence:
    """The encoder's probabilities that the words are content, and that a cue and a source stand beside them.

    `is_name`: the words are exactly one name, as in 'the "Silver Fox" team'.
    """

    content: float
    cue: float
    source: float
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class QuoteContext:
    """A quoted span, the text of its sentence before and after its marks, and the words of all three."""

    inside: str
    before: str
    after: str
    words: list[str]
    earlier: list[str]
    later: list[str]

    @property
    def has_cue(self) -> bool:
        """Whether a verb of saying stands in the sentence."""
        cues = words("cue_verbs.txt")
        return any(word in cues for word in (*self.earlier, *self.later))


def quote_context(text: str, span: QuotedSpan) -> QuoteContext:
    """The sentence around a span, up to _CONTEXT_CHARS on each side."""
    start, end = sentence_bounds(text, span)
    before, after = text[start : span.start - len(span.mark)], text[span.end + 1 : end]
    earlier, later = ([w.lower() for w in WORD.findall(part)] for part in (before, after))
    inside = text[span.start : span.end]
    return QuoteContext(inside, before, after, WORD.findall(inside) or [""], earlier, later)


def sentence_bounds(text: str, span: QuotedSpan) -> tuple[int, int]:
    """Where the sentence around a span begins and ends, at most _CONTEXT_CHARS away."""
    before = text[max(0, span.start - _CONTEXT_CHARS) : span.start - len(span.mark)]
    after = text[span.end + 1 : span.end + 1 + _CONTEXT_CHARS]
    start = span.start - len(span.mark) - len(SENTENCE_END.split(before)[-1])
    return max(0, start), min(len(text), span.end + 1 + len(SENTENCE_END.split(after)[0]))


def quote_features(text: str, span: QuotedSpan, around: QuoteContext | None = None) -> dict[str, float]:
    """The features of a span by name, each 0 or 1 except the logarithm of its length."""
    around = around or quote_context(text, span)
    inside, found, earlier, later = around.inside, around.words, around.earlier, around.later
    cues = words("cue_verbs.txt")
    has_verb = any(word.lower() in _VERBS_AND_PEOPLE for word in found)
    determined = earlier[-1:] != [] and earlier[-1] in _DETERMINERS
    before_noun = stands_before_a_noun(text, span)
    values = {
        "log_words": math.log(len(found)),
        "one_word": len(found) == 1,
        "up_to_three_words": len(found) <= 3,
        "ends_in_comma": inside[-1] == ",",
        "ends_in_stop": inside[-1] in ".…",
        "ends_in_call": inside[-1] in "?!",
        "has_function_word": any(word.lower() in words("function_words.txt") for word in found),
        "opens_like_a_clause": found[0].lower() in words("clause_openers.txt"),
        "opens_with_capital": found[0][:1].isupper(),
        "all_named": is_name_like(found),
        "cue_right_before": any(word in cues for word in earlier[-4:]),
        "cue_before": any(word in cues for word in earlier),
        "cue_right_after": any(word in cues for word in later[:5]),
        "cue_after": any(word in cues for word in later),
        "comma_or_colon_before": around.before.rstrip().endswith((",", ":")),
        "article_before": earlier[-1:] in (["the"], ["a"], ["an"]),
        "link_before": bool(earlier) and earlier[-1] in _LINKS,
        "opens_paragraph": span.opens_paragraph,
        "unclosed": not span.is_closed,
        "pronoun_near": not _PRONOUNS.isdisjoint((*earlier[-6:], *later[:4])),
        "two_words": len(found) == 2,
        "has_verb": has_verb,
        "short_with_verb": has_verb and len(found) <= 3,
        "before_a_noun": before_noun,
        "short_before_a_noun": before_noun and len(found) <= 3,
        "determiner_before": determined,
        "determined_noun": determined and before_noun,
        "one_of_a_row": bool(_ROW.search(around.before, max(0, len(around.before) - 12))),
    }
    return {name: float(value) for name, value in values.items()}


def stands_before_a_noun(text: str, span: QuotedSpan) -> bool:
    """Whether the span modifies the word behind it: 'the "smart" **lamps**', not '"smart" and'."""
    following = _NEXT_WORD.match(text, span.end)
    return (
        following is not None
        and following[1] not in words("function_words.txt")
        and following[1] not in words("cue_verbs.txt")
    )


def is_name_like(found: list[str]) -> bool:
    """Whether the words are in Title Case: "The Apprentice", "Justice Against Sponsors of Terrorism Act"."""
    small = words("function_words.txt")
    return found[0][:1].isupper() and all(
        not word[0].islower() or word.lower() in small for word in found if word
    )


def probability_said(text: str, span: QuotedSpan, evidence: QuoteEvidence | None = None) -> float:
    """The probability, 0 to 1, that somebody said the span. The encoder's evidence makes it more accurate."""
    around = quote_context(text, span)
    weights = fitted_weights()
    points = weights["bias"] + _dot(weights["features"], quote_features(text, span, around))
    if evidence is not None:
        points = weights["evidence_bias"] + _dot(weights["evidence"], evidence_features(points, evidence))
    for adjustment in ADJUSTMENTS:
        points += adjustment(text, span, around, evidence)
    return 1 / (1 + math.exp(-max(-50.0, min(50.0, points))))


def evidence_features(points: float, evidence: QuoteEvidence) -> dict[str, float]:
    """The features of the second model: the score by words, and the log odds of the encoder's evidence."""
    return {
        "words": points,
        "content": log_odds(evidence.content),
        "cue": log_odds(evidence.cue),
        "source": log_odds(evidence.source),
    }


def whole_paragraph(
    text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None
) -> float:
    """A paragraph that is one quotation from mark to mark was said, even without a verb of saying."""
    following = text[span.end : span.end + 20].splitlines()[:1]
    alone = span.opens_paragraph and not "".join(following).strip(_MARKS + ".,:")
    return 4.0 if alone and len(around.words) > _SHORT_WORDS + 1 and not is_name_like(around.words) else 0.0


def named_by_preceding_word(
    text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None
) -> float:
    """'A film titled "Home at Last"', 'the word "maybe"' are no quotes; 'critics called it "poor"' may be."""
    if _PROVERB.search(around.before) or _PROVERB.search(around.after[:40]):
        return -4.0
    if around.before.rstrip().endswith(":") and around.inside[-1] in "?!" and not is_name_like(around.words):
        # 'Her last words became a phrase: "Where is the boat?"'
        return 0.0
    if (
        _NAMED_SO.intersection(around.earlier[-5:])
        and around.words[0].lower() == "the"
        and is_name_like(around.words[1:] or [""])
    ):
        return -3.0
    before = [word for word in around.earlier[-6:] if word not in _SMALL]
    if not before or before[-1] not in words("naming_words.txt"):
        return 0.0
    is_opinion = before[-1] in ("called", "dubbed", "labelled", "labeled", "termed")
    if is_opinion and around.words[0].islower() and evidence is not None and evidence.source > 0.7:
        return 0.0
    return -3.0


def fragment_without_report(
    text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None
) -> float:
    """'The "smart" lamps': a few words in marks are scare quotes if their sentence reports nothing."""
    if len(around.words) > _SHORT_WORDS or around.before.rstrip().endswith((",", ":")):
        return 0.0
    is_sentence = around.words[0][:1].isupper() and around.inside[-1] in ".!?" and not around.before.strip()
    if is_sentence and not is_name_like(around.words[1:] or [""]):
        return 0.0
    if _FOR_WHOM.match(around.before):
        return 0.0
    reported = around.has_cue
    if evidence is not None:
        reported = evidence.cue > (0.3 if reported else 0.6)
    if reported:
        return 0.0
    before_a_noun = bool(re.match(r"[”\"’'»]+\s+[a-z]", text[span.end : span.end + 6]))
    return -2.0 if before_a_noun else -1.5


def writers_own_voice(
    text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None
) -> float:
    """'What we call "progress"': outside of quotes "we" means the writer, who quotes nobody."""
    cues, before = words("cue_verbs.txt"), around.earlier[-8:]
    for i, word in enumerate(before):
        if word in ("we", "i") and not cues.isdisjoint((*before[max(0, i - 1) : i], *before[i + 1 : i + 4])):
            return -3.0
    return 0.0


def headline_quote(
    text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None
) -> float:
    """'"We will not leave": miners defy court': a headline may begin with a quote and a colon."""
    opens = span.opens_paragraph and text[span.end + 1 : span.end + 3] == ": "
    return 4.0 if opens and len(around.words) > 2 and not is_name_like(around.words) else 0.0


def shouted(text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None) -> float:
    """'The crowd chanted "Water!"': behind a verb of shouting, even one word or a name is a quote."""
    is_short = len(around.words) <= _SHORT_WORDS
    return 4.0 if is_short and _SHOUT.search(around.before) else 0.0


def single_name(text: str, span: QuotedSpan, around: QuoteContext, evidence: QuoteEvidence | None) -> float:
    """'The "Silver Fox" team left': a span that is exactly one name is seldom a quote."""
    return -1.5 if evidence is not None and evidence.is_name else 0.0


ADJUSTMENTS = (
    single_name,
    whole_paragraph,
    headline_quote,
    named_by_preceding_word,
    fragment_without_report,
    writers_own_voice,
    shouted,
)
"""Corrections for cases that are too rare in US political news, on which the weights are fitted."""


def log_odds(probability: float) -> float:
    """The log odds, limited to about 50 to 1 so that the encoder is never too certain."""
    return math.log((probability + 0.02) / (1.02 - probability))


def _dot(weights: dict[str, float], values: dict[str, float]) -> float:
    return sum(weights[name] * value for name, value in values.items())


@cache
def fitted_weights() -> dict[str, Any]:
    """The weights for `quote_features` and `evidence_features`, fitted by training/quote_weights.py."""
    weights: dict[str, Any] = orjson.loads(read_bytes("quote_weights.json"))
    return weights
