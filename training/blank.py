"""The pipeline's tokenizer: spaCy's English rules, with changes for the way news is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from worker.nlp.patterns import OVERLONG

PREFIXES = (r"(?:US|NT|HK|NZ|[ACS])(?=\$)",)
"""Cuts "US$5m" into "US" and "$5m", so that the model decides whether the country is part of the sum."""

CURRENCY_PREFIX = re.compile(r"[A-Z]+\\\$")
"""spaCy's own prefixes that keep the country and the sign together, as in "US$": PREFIXES replace them."""

SUFFIXES = (
    r"(?<=[0-9]0)s",  # "the 1990s": the annotated date ends before the "s"
    r"(?<=[A-Za-z.)])[-–—/]",  # the dash after a dateline: "NAIROBI- "
)
INFIXES = (
    r"(?<=[\w.)])/(?=[\w(])",
    r"(?<=[\w.])[()](?=[\w(,/])",
    r"(?<=\))[/,](?=[\w(])",
    r"(?<=[A-Za-z]\.)[-–—](?=\w)",
    r"(?<=[A-Za-z])[-–—](?=[0-9])",  # "post-2020"
    r"(?<=[0-9A-Za-z])[-–—](?=\$)",
    r"(?<=\w)[“”\"](?=\w)",
    r"(?<=[a-z]);(?=\w)",
)

LETTER_AND_STOP = re.compile(r"[a-z]\.$")
"""spaCy's exceptions for abbreviations of one letter. "It cost $5m." ends with a full stop, not with "m."."""


def blank_pipeline() -> Language:
    """An English pipeline that has the tokenizer and no components."""
    nlp = spacy.blank("en")
    # spaCy's annotation says only that a tokenizer makes a Doc from a string, and its class is compiled.
    tokenizer: Any = nlp.tokenizer
    tokenizer.token_match = OVERLONG.match
    tokenizer.rules = {
        word: parts for word, parts in tokenizer.rules.items() if not LETTER_AND_STOP.match(word)
    }
    prefixes = [prefix for prefix in _regexes(nlp.Defaults.prefixes) if not CURRENCY_PREFIX.fullmatch(prefix)]
    suffixes, infixes = _regexes(nlp.Defaults.suffixes), _regexes(nlp.Defaults.infixes)
    tokenizer.prefix_search = compile_prefix_regex([*PREFIXES, *prefixes]).search
    tokenizer.suffix_search = compile_suffix_regex([*SUFFIXES, *suffixes]).search
    tokenizer.infix_finditer = compile_infix_regex([*infixes, *INFIXES]).finditer
    return nlp


def _regexes(rules: Iterable[str | re.Pattern[str]] | None) -> list[str]:
    """The patterns of a language's prefixes, suffixes or infixes."""
    assert rules is not None  # English has all three
    return [rule if isinstance(rule, str) else rule.pattern for rule in rules]
