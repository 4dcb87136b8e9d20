"""Guesses the language of a text whose publisher does not name it."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Enough to recognize a language, and little enough to be cheap next to enrichment.
SAMPLE_CHARS = 2000
MIN_LETTERS = 40
MIN_CONFIDENCE = 0.9


def guess_language(text: str, default: str) -> str:
    """A two-letter code; `default` if the text is too short or no language stands out."""
    sample = text[:SAMPLE_CHARS]
    if sum(character.isalpha() for character in sample) < MIN_LETTERS:
        return default
    language: str
    language, confidence = _identifier().classify(sample)
    return language if confidence >= MIN_CONFIDENCE else default


def primary(language: str) -> str:
    """The language code without region and script: `en` for `en-GB` and `EN_us`."""
    return language.strip().replace("_", "-").split("-")[0].lower()


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
