"""The tokenizer the pipeline ships with: spaCy's English rules, and a few cuts that news needs."""

from __future__ import annotations

import re

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

INITIAL = re.compile(r"[a-z]\.$")
LONG = re.compile(r"(?s).{1000}")
"""No word is that long. spaCy would take it apart sign by sign, in time that grows with its square."""


def blank() -> Language:
    """An English pipeline with nothing but its tokenizer."""
    nlp = spacy.blank("en")
    nlp.tokenizer.token_match = LONG.match
    # "It cost $5m." ends with a stop, not with the abbreviation "m.".
    nlp.tokenizer.rules = {
        word: parts for word, parts in nlp.tokenizer.rules.items() if not INITIAL.match(word)
    }
    ours = [prefix for prefix in nlp.Defaults.prefixes if not re.fullmatch(r"[A-Z]+\\\$", prefix)]
    nlp.tokenizer.prefix_search = compile_prefix_regex([*PREFIXES, *ours]).search
    nlp.tokenizer.suffix_search = compile_suffix_regex([*SUFFIXES, *nlp.Defaults.suffixes]).search
    nlp.tokenizer.infix_finditer = compile_infix_regex([*nlp.Defaults.infixes, *INFIXES]).finditer
    return nlp
