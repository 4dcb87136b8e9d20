"""Which language a text is in: by the publisher's word for it, or guessed where there is none."""

from functools import cache

from babel import Locale
from babel.core import get_global
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


def language_tag(named: str) -> str | None:
    """The BCP 47 tag of a language, by a tag, a code of ISO 639 or its English name; None if it is unknown.

    A tag that begins with two letters comes back as it is: `en-GB`, `en_US`. `eng` gives `en`, `eng-GB` gives
    `en-GB`, `English`, `english (UK)` give `en`. `und`, for an undetermined language, is unknown.
    """
    named = named.strip()
    code = primary(named)
    if len(code) == 2 and code in _languages():
        return named
    if len(code) == 3 and code != "und":
        alias = get_global("language_aliases").get(code)
        if alias is not None and len(alias) == 2:
            return str(alias) + named[3:]
        if code in _languages():
            return named
    name = named.casefold()
    return _codes().get(name) or _codes().get(name.partition("(")[0].partition(" - ")[0].strip())


@cache
def _languages() -> frozenset[str]:
    return frozenset(Locale("en").languages)


@cache
def _codes() -> dict[str, str]:
    """The tag of each English name of a language, in lower case; of equal names the shortest tag."""
    tags = sorted(Locale("en").languages, key=len, reverse=True)
    return {Locale("en").languages[tag].casefold(): tag.replace("_", "-") for tag in tags}


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
