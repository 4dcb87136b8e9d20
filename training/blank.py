"""The tokenizer the pipeline ships with: spaCy's English rules, and a few cuts that news needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import spacy
from spacy.language import Language
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

PREFIXES = (
    r"(?:US|NT|HK|NZ|[ACS])(?=\$)",
)  # "US$5m": is it the country, or part of the sum? The model says.
SUFFIXES = (
    r"(?<=[0-9]0)s",  # the 1990s: the year is the name
    r"(?<=[A-Za-z.)])[-–—/]",  # dateline dashes: "NAIROBI- "
)
INFIXES = (
    r"(?<=[\w.)])/(?=[\w(])",
    r"(?<=[\w.])[()](?=[\w(,/])",
    r"(?<=\))[/,](?=[\w(])",
    r"(?<=[A-Za-z]\.)[-–—](?=\w)",
    r"(?<=[A-Za-z])[-–—](?=[0-9])",  # post-2020
    r"(?<=[0-9A-Za-z])[-–—](?=\$)",
    r"(?<=\w)[“”\"](?=\w)",
    r"(?<=[a-z]);(?=\w)",
)

CURRENCY_PREFIX = re.compile(r"[A-Z]+\\\$")
LETTER_AND_STOP = re.compile(r"[a-z]\.$")
OVERLONG = re.compile(r"(?s).{1000}")
"""No word is that long. spaCy would take it apart sign by sign, in time that grows with its square."""


def blank_pipeline() -> Language:
    """An English pipeline with nothing but its tokenizer."""
    nlp = spacy.blank("en")
    # Compiled, and annotated in spaCy as nothing more than what makes a Doc of a string.
    tokenizer: Any = nlp.tokenizer
    tokenizer.token_match = OVERLONG.match
    # "It cost $5m." ends with a stop, not with the abbreviation "m.".
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
    """A language's rules for where words are cut, all of which English has as strings."""
    assert rules is not None
    return [rule if isinstance(rule, str) else rule.pattern for rule in rules]
