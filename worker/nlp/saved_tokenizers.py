"""Writes spaCy's rules for a language's words to a file, where spaCy takes seconds to make them.

    python -m worker.nlp.saved_tokenizers

French compiles a large pattern that the pipeline does not use, and Indonesian has 15,600 exceptions for words
with a hyphen. To be run after spaCy's rules have changed: `tests/unit/nlp/test_by_language.py` says so.
"""

from pathlib import Path
from typing import Any

import spacy

import worker.nlp
from worker.languages import known_languages
from worker.nlp.by_language import TOKENIZER
from worker.nlp.patterns import OVERLONG

SAVED = ("fr", "id")
_WITHOUT_HYPHENS = ("id",)
_DATA = Path(worker.nlp.__file__).parent / "data"


def saved_tokenizer(language: str) -> bytes:
    """The tokenizer as spaCy writes it; of Indonesian without words with a hyphen: no name is one."""
    tokenizer: Any = spacy.blank(known_languages()[language].spacy).tokenizer
    tokenizer.token_match = OVERLONG.match
    if language in _WITHOUT_HYPHENS:
        tokenizer.rules = {word: parts for word, parts in tokenizer.rules.items() if "-" not in word}
    data: bytes = tokenizer.to_bytes(exclude=["vocab"])
    return data


def main() -> None:
    for language in SAVED:
        folder = _DATA / known_languages()[language].folder
        folder.mkdir(exist_ok=True)
        (folder / TOKENIZER).write_bytes(saved_tokenizer(language))


if __name__ == "__main__":
    main()
