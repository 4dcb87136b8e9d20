"""Tells a company from the people it is named after: "Siemens said it would hire" is no Greta Siemens."""

import re
from collections.abc import Iterator, Sequence

from worker.nlp.entities.group import LabelledSpan, Span
from worker.nlp.pronouns import pronouns_by_word, word_before
from worker.nlp.wordlists import words

_AROUND_CHARS = 80
_NOUNS = "|".join(sorted(words("business_words.txt")))
_FIRMS = (
    r"(?:airline|automaker|bank|brand|brewer|brewery|carmaker|chain|company|conglomerate|distiller|firm|giant|group|"
    r"insurer|maker|manufacturer|miner|publisher|retailer|shipbuilder|steelmaker|supplier|supermarket)"
)
_ACTS = (
    r"(?:hire|close|recall|buy|bought|sell|sold|build|built|pay|paid|cut|open|launch|lay|laid|invest|expand|halt|"
    r"suspend|merge|acquire|deliver|produce|ship|list|employ|shed|spend|spent|raise|own|make|made|stop|resume)"
)
_BEHIND = re.compile(
    rf"(?:['’]s?)?\s+(?:[a-z-]+\s+)?(?:{_NOUNS})\b"
    rf"|,\s+(?:the|a|an|one\s+of)\s+(?:[\w’'-]+\s+){{0,4}}{_FIRMS}s?(?:[,.;]|\s+(?:that|which|based|behind|founded)\b)"
    r"|['’]s?\s+(?:chief executive|chairman|chairwoman|board|share price|management|boss|owners?)\b"
    r"|,\s+which\b"
    r"|\s+(?:has\s+|had\s+)?(?:employs|employed|manufactures|produces|operates)\b"
    r"|\s+(?:has\s+|had\s+)?(?:reported|posted|reports|posts)\s+(?:a|an|its|record|higher|lower|net|quarterly|annual|profits?)\b"
    r"|\s+makes\s+(?!it\b|no\b|sense\b|a\b|the\b|his\b|her\b)[a-z]"
    r"|\s+(?:has|had)\s+[\d,.]+\s+(?:workers|employees|staff|plants|shops|stores|factories)\b"
)
_BEFORE = re.compile(
    rf"\b(?:{_NOUNS}|job|jobs|stake|career|strike|works?|worked|working)\s+(?:at|in|of|for)\s+$"
    rf"|\b{_FIRMS}\s+$",
    re.IGNORECASE,
)
_THAT = r"\s+[a-z]+(?:\s+(?:that|(?:on|late|early)\s+\w+(?:\s+\w+)?))*,?"
_ITSELF = re.compile(
    rf"{_THAT}\s+it\s+(?:would|will|had|has|was|is|did|does|planned|plans|expected|expects)\b"
)
# "**Siemens** will hire", "**Siemens** closed a plant": a person may do so too, so it tells only with more.
_ACTS_SO = re.compile(
    rf"(?:\s+(?:will|would|has|had|is\s+to|plans\s+to|also|now))*\s+{_ACTS}(?:s|d|ed|ned|ped)?\b"
)
_ACTS_ON = re.compile(_ACTS_SO.pattern + rf"(?:\s+[\w’'-]+){{0,3}}?\s+(?:{_NOUNS})\b")
_ITS = re.compile(r"[^.!?;\n“”\"]{0,60}?\b(it|its|itself|he|she|his|her|himself|herself|who)\b")
_PERSON = re.compile(
    r",?\s+who\b|,\s+\d{1,3},|\s+\(\d{1,3}\)|\s+[a-z]+\s+(?:that\s+|on\s+\w+\s+)*(?:he|she)\b"
    r"|\s+(?:him|her)self\b"
)


def companies(
    text: str, bare: Sequence[LabelledSpan], people: Sequence[Span], firms: Sequence[Span]
) -> Iterator[bool]:
    """For each mention of a word alone, in order, whether it names a company.

    `people` are the mentions of full names that end with it, `firms` those of bodies that begin with it.
    """
    first = min(start for start, _ in people)
    early = [m for m in bare if m[0] < first and not _is_heading(text, m[0])]
    is_firm_before = any(
        m[2] == "ORG" or _is_shown(text, m) or _is_it(text, m) or _matches(_ACTS_ON, text, m) for m in early
    ) and not any(_is_person(text, m) for m in early)
    last_is_firm = False
    others = sorted(
        [(start, False) for start, _ in people] + [(start, True) for start, _ in firms], reverse=True
    )
    for mention in bare:
        while others and others[-1][0] < mention[0]:
            last_is_firm = others.pop()[1]
        last_is_firm = _is_company(text, mention, is_firm_before, mention[0] < first, last_is_firm)
        yield last_is_firm


def _is_company(
    text: str, mention: LabelledSpan, is_firm_before: bool, is_early: bool, last_is_firm: bool
) -> bool:
    if _is_person(text, mention):
        return False
    if _is_shown(text, mention):
        return True
    if is_firm_before:
        return is_early or mention[2] == "ORG" or _is_it(text, mention) or _matches(_ACTS_SO, text, mention)
    return last_is_firm and _matches(_ITSELF, text, mention)


def _matches(pattern: re.Pattern[str], text: str, mention: LabelledSpan) -> bool:
    """Whether the pattern matches right behind the mention."""
    return bool(pattern.match(text, mention[1], mention[1] + _AROUND_CHARS))


def _is_shown(text: str, mention: LabelledSpan) -> bool:
    """Whether the words beside a mention speak of a company: "workers at **Siemens**"."""
    start, end, _ = mention
    return bool(
        _BEHIND.match(text, end, end + _AROUND_CHARS) or _BEFORE.search(text, max(0, start - 40), start)
    )


def _is_it(text: str, mention: LabelledSpan) -> bool:
    """Whether "it" or "its" follows in the clause, before "he" or "she"."""
    found = _ITS.match(text, mention[1], mention[1] + _AROUND_CHARS)
    return found is not None and found[1].startswith("it")


def _is_person(text: str, mention: LabelledSpan) -> bool:
    """Whether a title, an age, "who" or "he" shows a person."""
    start, end, _ = mention
    word = word_before(text, start)
    is_titled = word in words("honorifics.txt") or word in pronouns_by_word() or word in words("kinship.txt")
    return is_titled or bool(_PERSON.match(text, end, end + _AROUND_CHARS))


def _is_heading(text: str, at: int) -> bool:
    """Whether the line is a heading, which may call a person by the surname before the text names them."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    return end >= 0 and not text[start:end].rstrip().endswith((".", "!", "?", "”", '"', "’"))
