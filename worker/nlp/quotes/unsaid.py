"""Tells words that nobody said from those that somebody did: 'She **never called** it "a war"'.

A verb of saying is found before the quote, or behind it, and in front of the verb what denies it: a negation,
a verb such as "refused to", a subject such as "nobody", or a condition that did not hold.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.nlp.entities.group import Span
from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.wordlists import words

_LOOK_CHARS = 240
"""How far from a quote the verb and what denies it are looked for."""
_FAR_CHARS = 110
_SAYINGS = words("sayings.txt")
_CUES = words("cue_verbs.txt") | _SAYINGS
_BEFORE_NOUNS = frozenset(
    ("a", "an", "any", "each", "every", "his", "her", "its", "my", "no", "our", "some", "that's", "the",
     "their", "these", "this", "those", "your")
)  # fmt: skip

# Words between a negation and the verb it denies. "Not only said" and "not just called" deny nothing.
_BETWEEN = (
    r"(?:(?:have|had|has|be|been|being|to|(?:said|heard|known|seen)\s+to|ever|even|yet|once|again|so\s+much\s+as|actually|himself|herself|"
    r"themselves|itself|dare|dared|want|wanted|wish|wished|like|care|cared|intend|intended|mean|meant|bother|"
    r"go\s+so\s+far\s+as|go\s+as\s+far\s+as|gone\s+so\s+far\s+as|gone\s+as\s+far\s+as|in\s+public|"
    r"(?!only\b|merely\b|simply\b|solely\b)[a-z]+ly)\s+)*"
)
_NOT = r"(?:\b(?:not|never|cannot|neither|nor|hardly|scarcely)|n['’]t)\s+"
_NEGATED = re.compile(rf"{_NOT}{_BETWEEN}$", re.IGNORECASE)
# "Refused to call", "without saying", "stopped short of calling".
_HELD_BACK = re.compile(
    r"\b(?:(?:stop(?:s|ped|ping)?|f(?:all|alls|ell|alling)|pull(?:s|ed|ing)?(?:\s+up)?|c(?:ome|omes|ame|oming))\s+"
    r"(?:just\s+|well\s+|only\s+)?short\s+of|short\s+of|"
    r"(?:refus|declin|hesitat|forg[eo]t|neglect|omit|fail|decid)(?:e|ed|es|s|ing|t?ed|ting|ten)?\s+(?:not\s+)?to|"
    r"(?:avoid|resist|reject|withst[ao]nd|eschew)(?:ed|s|ing)?|"
    r"(?:sh(?:y|ied|ies|ying)\s+away|b(?:au|a)lk(?:ed|s|ing)?|held\s+back|holding\s+back|refrain(?:ed|s|ing)?|"
    r"abstain(?:ed|s|ing)?|st(?:ay|ayed|ays|aying)\s+away|steer(?:ed|s|ing)?\s+clear|back(?:ed|s|ing)?\s+away|"
    r"far|prevent(?:ed|s)?\s+\w+|stopp?(?:ed|s|ing)\s+(?:him|her|them|himself|herself|themselves))\s+(?:from|at|of)|"
    r"den(?:y|ied|ies|ying)(?:\s+(?:ever|that\s+\w+(?:\s+\w+)?(?:\s+ever)?\s+(?:has|had|have)(?:\s+ever)?))?|"
    r"(?:unwilling|reluctant|loath|unable|hesitant|not\s+(?:willing|ready|prepared|able|going|about))\s+to|"
    r"too\s+\w+\s+to|yet\s+to|without|rather\s+than|instead\s+of|"
    r"(?:c(?:ome|omes|ame|oming)|was|is|been)\s+(?:very\s+|so\s+)?close\s+to|near(?:ly)?|almost|"
    r"(?:has|have|had)\s+no\s+(?:plans?|intention|wish|desire)\s+(?:to|of)|"
    r"(?:th(?:ink|inks|ought)|kn(?:ow|ows|ew))\s+better\s+than\s+to)\s+"
    r"(?:to\s+)?(?:having\s+|ever\s+|even\s+|been\s+|be\s+|go\s+so\s+far\s+as\s+to\s+|[a-z]+ly\s+)*$",
    re.IGNORECASE,
)
_NEED_ING = frozenset(
    ("of", "from", "at", "without", "avoid", "avoided", "avoids", "avoiding", "resist", "resisted", "resists",
     "resisting", "reject", "rejected", "rejects", "denied", "denies", "deny", "denying")
)  # fmt: skip
# "Never failed to say", "did not hesitate to call", "cannot help calling": said after all.
_DOUBLE = re.compile(rf"(?:{_NOT}{_BETWEEN}|\bno\s+longer\s+|\bwithout\s+)$", re.IGNORECASE)
# "**Nobody at the ministry** has said": the subject denies it. Read from the start of a clause.
_NOBODY = re.compile(
    r"^\W*(?:(?:but|and|yet|so\s+far|to\s+date|still|then|that|almost|virtually|practically|hardly|scarcely|"
    r"in\s+[\w\s]{2,30},|until\s+[\w\s]{2,20},)\s+)*"
    r"(?:nobody|no[\s-]one|none|neither|not\s+(?:one|a\s+single|a\s+soul|once)|hardly\s+(?:anyone|anybody|ever)|"
    r"(?:hardly|scarcely)\s+(?:anyone|anybody|ever)|at\s+no\s+(?:point|time|stage|moment)|under\s+no\s+circumstances|"
    r"in\s+no\s+\w+|nowhere|never|nor|on\s+no\s+occasion|no\s+longer|"
    r"no\s+(?!doubt\b|matter\b|wonder\b|sooner\b|less\b|surprise\b|question\b)[\w’'-]+)\b(?P<rest>[^.;:!?]*)$",
    re.IGNORECASE,
)
# "**At no point did** the envoy, Ada Okafor, say".
_INVERTED = re.compile(
    r"(?:^|[.;:—–,(]\s*|\b(?:and|but)\s+)(?:at\s+no\s+\w+|under\s+no\s+\w+|in\s+no\s+\w+|on\s+no\s+\w+|not\s+once|"
    r"nowhere|never|nor|neither)\b(?:\s+[\w’'-]+){0,8}?\s+(?:did|does|do|has|have|had|would|will|could)\s+"
    r"(?P<rest>[^.;:!?]{1,90})$",
    re.IGNORECASE,
)
_NOBODYS_WORDS = re.compile(r"\b(?:but|except)\s+|\b(?:not|n['’]t)\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r"[;:—–()\n“”]|,\s|\s-\s|\b(?:and|but|because|while|when|if|since|although|though|after|before|as|who|which|what|"
    r"why|how|where|whether|so|that|whose)\b",
    re.IGNORECASE,
)
_CLAUSE_OPENERS = re.compile(
    r"\b(?:and|but|because|while|when|if|since|although|after|before|which|what|why|how|where|whether)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(r"\b(?:was|were|is|are|did|does|do|has|have|had|will|would|could|can)\b", re.IGNORECASE)
# "**Had he** called it", "if she had said", "would have said": it did not happen.
_HAD_ONE = re.compile(
    r"(?:^\W*|[,;—–(“]\s*|\b(?:and|but)\s+)(?:had|were|should)\s+"
    r"(?!(?:not|never)\b)(?=[A-Z]|(?:he|she|it|they|we|you|i|anyone|anybody|someone|somebody|one|the|a|an|any|his|her|"
    r"their|its|our)\b)(?P<who>[^,;:.!?—–“”]{1,80}?)\s+(?:ever\s+|only\s+|once\s+|simply\s+|to\s+|just\s+|"
    r"[a-z]+ly\s+)*$",
    re.IGNORECASE,
)
_IF_HAD = re.compile(
    r"\b(?:if|unless|wish(?:es|ed)?|as\s+though|as\s+if|imagine|suppose)\b(?P<who>[^,;:.!?—–“”]{1,80}?)"
    r"(?:\bhad|['’]d|\bwere\s+to|\bever)\s+(?:ever\s+|only\s+|once\s+|simply\s+|just\s+|[a-z]+ly\s+)*$",
    re.IGNORECASE,
)
_NOT_IN_IT = re.compile(r"\b(?:not|never)\b|n['’]t\b", re.IGNORECASE)
_HAD_NOT = re.compile(r"(?:^\W*+|[,;—–]\s*+)had\s[^,;:.!?]{1,60}\snot\s++$", re.IGNORECASE)
_IF_NOT = re.compile(r"\bif\b[^,;:.!?]{1,60}\bhad(?:\s+not|n['’]t)\s+$", re.IGNORECASE)
_WOULD_HAVE = re.compile(
    r"\b(?:would|could|should|might|ought\s+to)\s+(?:\w+ly\s+)?(?:have|['’]ve)\s+(?:\w+ly\s+|been\s+)?$",
    re.IGNORECASE,
)
# "There is no evidence that she said", "it is not true that he called".
_UNTRUE = re.compile(
    r"\b(?:no\s+(?:evidence|record|proof|sign|trace|recording|indication|suggestion|truth)|"
    r"(?:untrue|false|not\s+true|a\s+lie|a\s+myth|wrong|incorrect))\b[^,;:.!?—–“”]{0,20}?\b(?:that|of|in)\b"
    r"[^,;:.!?—–“”]{1,60}$",
    re.IGNORECASE,
)
# What follows a denial and takes it back: "did not say 'no' **until Friday**", "not 'no' **but** 'not yet'".
_TAKEN_BACK = re.compile(
    r"\b(?:but|instead|until|only|though|although|because|while|despite|"
    r"and\s+(?:he|she|it|they|then|later|[a-z]+ed))\b",
    re.IGNORECASE,
)
# Between a quote and a verb behind it, these begin another clause.
_OTHER_CLAUSE = re.compile(
    r"[,;:.!?()]|\b(?:if|when|that|who|which|because|but|and|as|whether)\b", re.IGNORECASE
)
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been)\s*(?:not|n['’]t|never)\s+$", re.IGNORECASE)
_UNTIL = re.compile(r"[”\"’'»,.]*\s+until\b", re.IGNORECASE)
_OR = re.compile(r"[”\"’'»]?,?\s+(?:or|nor|and\s+(?:not|never))\b[^.;:!?]{0,60}$", re.IGNORECASE)
_NOT_WHAT = re.compile(
    r"[”\"’'»,.]*\s+(?:is|was|were|are)\s+(?:certainly\s+|simply\s+)?(?:not|never)\s+"
    r"(?:what|how|something|anything|a\s+\w+|words|the\s+\w+)\b",
    re.IGNORECASE,
)
_BY_NOBODY = re.compile(r"\s+(?:nobody|no[\s-]one|none|neither)\b", re.IGNORECASE)
_A_WORD = re.compile(
    r"[”\"’'»,.\s]*+(?:(?:an?|the)\s++)?(?:\w++\s++)?(?:word|words|phrase|term|expression|label|remark|claim|"
    r"sentence)\s++(?:(?:that|which)\s++)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A quote whose words were not said, and where the verb stands that is denied."""

    quote: QuoteSpan
    verb: int


def unsaid_marks(text: str, quotes: Sequence[QuoteSpan]) -> list[Unsaid]:
    """Those of the quotes in marks, in order, whose words were not said."""
    spoken = [(quote.start, quote.end) for quote in quotes]
    sentences = Sentences(text, spoken)
    found: list[Unsaid] = []
    for quote in quotes:
        start, end = sentences.around(quote.start, quote.end)
        start, end = max(start, quote.start - _LOOK_CHARS), min(end, quote.end + _LOOK_CHARS)
        before = _without_quoted(text, start, quote.start, spoken)
        verb = _denied_verb(before, _without_quoted(text, quote.end, end, spoken))
        if verb is not None:
            found.append(Unsaid(quote, start + verb))
        elif found and _OR.match(text, found[-1].quote.end, quote.start):
            found.append(Unsaid(quote, found[-1].verb))
    return found


def said_reports(text: str, reports: Sequence[QuoteSpan], unsaid: Sequence[Unsaid]) -> list[QuoteSpan]:
    """The reports without those that were not said: 'He **did not say** that the ferry would sail'.

    "She said she had never called it 'a war'" reports that she had not.
    """
    return [
        report
        for report in reports
        if not _is_unsaid_report(text, report)
        and not any(
            report.start < other.quote.end and other.quote.start < report.end and other.verb < report.start
            for other in unsaid
        )
    ]


def _without_quoted(text: str, start: int, end: int, spoken: Sequence[Span]) -> str:
    """A piece of the text in which other quotes are one word each."""
    piece = text[start:end]
    first = bisect_left(spoken, (start,))
    for a, b in spoken[first : bisect_left(spoken, (end,))]:
        if b <= end:
            piece = piece[: a - start] + "x" * (b - a) + piece[b - start :]
    return piece


def _is_unsaid_report(text: str, report: QuoteSpan) -> bool:
    """Whether the cue of a report without marks is denied."""
    verbs = [verb for verb in _verbs(text[slice(*report.cue)]) if verb[2]] if report.cue else []
    if not verbs or report.cue is None:
        return False
    at = report.cue[0] + verbs[-1][0]
    before = text[max(0, at - _LOOK_CHARS) : at]
    return _is_denied(SENTENCE_END.split(before)[-1], text[at : at + verbs[-1][1] - verbs[-1][0]])


def _denied_verb(before: str, behind: str) -> int | None:
    """Where the denied verb of saying of a quote stands, given the text of its sentence around it.

    None where no verb is denied. One behind the quote counts as standing in front of all.
    """
    verbs = list(_verbs(before))
    if verbs:
        first, last, is_saying = verbs[-1]
        between = before[last:]
        is_near = len(between) <= _FAR_CHARS and not _TAKEN_BACK.search(between) and ";" not in between
        if not is_saying or not is_near or _UNTIL.match(behind):
            return None
        return first if _is_denied(before[:first], before[first:last]) else None
    if _NOT_WHAT.match(behind):
        return 0
    first, last, is_saying = next(_verbs(behind), (0, 0, False))
    if not is_saying:
        return None
    named = _A_WORD.match(behind)
    clause = behind[named.end() if named else 0 : first]
    clause = clause.lstrip("”\"’'»,. ")
    if _BY_NOBODY.match(behind, last):
        return 0
    return 0 if not _OTHER_CLAUSE.search(clause) and _is_denied(clause, behind[first:last]) else None


def _verbs(text: str) -> Iterator[tuple[int, int, bool]]:
    """The verbs that report speech, not nouns such as "the **report**". The third: whether it denies well."""
    before = ""
    for match in WORD.finditer(text):
        word = match.group().lower()
        is_noun = before in _BEFORE_NOUNS or before.endswith(("'s", "’s"))
        if word in _CUES and not is_noun:
            yield match.start(), match.end(), word in _SAYINGS
        before = word


def _is_denied(before: str, verb: str) -> bool:
    """Whether the text before a verb denies it."""
    verb = verb.lower()
    if _NEGATED.search(before):
        is_hearer = verb in ("asked", "told") and _PASSIVE.search(before)
        return not is_hearer and not _is_a_condition(before)
    held = _HELD_BACK.search(before)
    if held:
        # "Refused **to call**", "avoided **calling**", not "resisted **calls**".
        is_verb = verb.endswith("ing") or held.group().split()[-1].lower() not in _NEED_ING
        return is_verb and not verb.endswith("s") and not _DOUBLE.search(before[: held.start()])
    if _WOULD_HAVE.search(before) or _UNTRUE.search(before):
        return True
    for condition in (_HAD_ONE, _IF_HAD):
        found = condition.search(before)
        if found and not _NOT_IN_IT.search(found["who"]):
            return True
    inverted = _INVERTED.search(before)
    if inverted and not any(True for _ in _verbs(inverted["rest"])):
        return not _CLAUSE_OPENERS.search(inverted["rest"])
    return _has_no_subject(before)


def _is_a_condition(before: str) -> bool:
    """'**Had she not** said "no"' and 'if he **had not** called it': said, and so it came."""
    return bool(_HAD_NOT.search(before) or _IF_NOT.search(before))


def _has_no_subject(before: str) -> bool:
    """'**None of the ministers** has called it "a war"': the clause of the verb has nobody for a subject."""
    clauses = list(_CLAUSE.finditer(before))
    starts = [match.end() for match in clauses[-1:]] or [0]
    if clauses and clauses[-1].group().lower() in ("who", "which", "that"):
        # "**None of those** who were there said".
        starts.append(clauses[-2].end() if len(clauses) > 1 else 0)
    for start in starts:
        found = _NOBODY.match(before[start:])
        if found:
            rest = found["rest"]
            is_other = _NOBODYS_WORDS.search(rest) or any(True for _ in _verbs(rest))
            return not is_other and len(_FINITE.findall(rest)) <= len(starts)
    return False
