"""Which language a text is in: by the publisher's word for it, or told from the text."""

from collections.abc import Sequence
from functools import cache

from babel import Locale
from babel.core import get_global
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from worker.languages import language_of, primary

# Enough to recognize a language, and little enough to be cheap next to enrichment.
SAMPLE_CHARS = 2000
MIN_LETTERS = 40
MIN_CONFIDENCE = 0.9

# By bench/languages.py, 92 % of 7,645 texts of 20 to 28 characters in twenty languages are told right by
# these, 5.6 % count as the first, and 2.4 % are told wrong.
_MIN_LETTERS_AMONG = 12
_MIN_SHARE = 0.2

_LEAST_TOGETHER = 0.01
"""Where all allowed languages together have a smaller share than this, a text is in none of them. None of
12,458 texts of 20 to 224 characters in twenty languages has so little, be its own language the only one
allowed; of texts in Arabic, Chinese or Persian nearly all have."""

OVERRULING_LETTERS = 150
OVERRULING_SHARE = 0.95
"""The margin from which a text overrules its `language` field: the other language's share of all that are
allowed. By `bench/languages.py` no right field of 16,816 texts in twenty languages, of 160 characters and
more, is overruled, and of wrong ones 99.8 % are where the text has 320."""
_OVERRULING_CHARS = 500


def load_identifier() -> None:
    """Loads what tells languages: 100 MiB, by way of a temporary file of 65.

    Raises OSError where no directory takes that file. Without this call the first text that needs it would.
    """
    _identifier()


def tell_language(text: str, languages: Sequence[str]) -> str:
    """The code of the text's language, by the text alone. `languages` are those that are allowed.

    It is none of them where the text is surely in another, or in one of several others, then the likeliest of
    those. The first of them is what can't be told.
    """
    sample = text[:SAMPLE_CHARS]
    letters = _letters(sample)
    if letters < (MIN_LETTERS if len(languages) == 1 else _MIN_LETTERS_AMONG):
        return languages[0]
    ranks = _identifier().rank(sample)
    likeliest, confidence = ranks[0]
    if letters >= MIN_LETTERS and confidence >= MIN_CONFIDENCE:
        return str(likeliest)
    # Bosnian takes half of what would make a text Croatian, and Malay of what would make one Indonesian.
    shares = _shares(ranks)
    if confidence >= _MIN_SHARE and sum(shares.get(code, 0) for code in languages) < _LEAST_TOGETHER:
        return str(likeliest)
    best, first = max(languages, key=lambda code: shares.get(code, 0)), languages[0]
    share, rival = shares.get(best, 0), shares.get(first, 0)
    return best if share >= _MIN_SHARE and share >= MIN_CONFIDENCE * (share + rival) else first


def overruling_language(text: str, named: str, languages: Sequence[str]) -> str | None:
    """The allowed language that the text is clearly in, against its field, which names another; else None.

    The field's word holds unless the beginning and the end of the text are both clearly in the same other
    language: a long quotation, or a text of two languages, overrules nothing.
    """
    if len(languages) == 1 or named not in languages:
        return None
    beginning = _clearly(text[:_OVERRULING_CHARS], languages)
    if beginning is None or beginning == named:
        return None
    is_whole = len(text) <= _OVERRULING_CHARS
    return beginning if is_whole or _clearly(text[-_OVERRULING_CHARS:], languages) == beginning else None


def _clearly(sample: str, languages: Sequence[str]) -> str | None:
    """The allowed language that leaves the others far behind."""
    if _letters(sample) < OVERRULING_LETTERS:
        return None
    shares = _shares(_identifier().rank(sample))
    best = max(languages, key=lambda code: shares.get(code, 0))
    share, all_shares = shares.get(best, 0), sum(shares.get(code, 0) for code in languages)
    return best if share >= _MIN_SHARE and share >= OVERRULING_SHARE * all_shares else None


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)


def _shares(ranks: Sequence[tuple[str, float]]) -> dict[str, float]:
    """How likely each language is, by its code; codes that mean one language, as `nn` and `no`, together."""
    meant, shares = _meant(), dict[str, float]()
    for code, share in ranks:
        shares[meant[code]] = shares.get(meant[code], 0.0) + share
    return shares


@cache
def _meant() -> dict[str, str]:
    """The language that each code of the identifier means."""
    return {code: language_of(code) for code in _identifier().labels}


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
