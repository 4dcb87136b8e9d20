"""The languages that are known, as a table of the package's data, and which of them a tag means.

Touches neither spaCy nor a model, so that settings can be checked without them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ANY_LANGUAGE = "xx"
"""spaCy's code of the rules that cut words of any language, and of pipelines that read several."""

_TABLE = files("worker") / "nlp" / "data" / "languages.tsv"
_NONE = "-"


@dataclass(frozen=True, slots=True)
class KnownLanguage:
    """A row of `nlp/data/languages.tsv`, which says what each column means.

    `encoder`: the folder of the shipped model with the encoder that reads the language; None if none does.
    """

    code: str
    name: str
    also: tuple[str, ...]
    spacy: str
    tier: int
    floor: float
    measured_on: str
    encoder: str | None
    is_on: bool

    @property
    def folder(self) -> str:
        """The language as spaCy calls it, `nb` for Norwegian; its documents and its folder of data too."""
        return self.code if self.spacy == ANY_LANGUAGE else self.spacy


@cache
def known_languages() -> Mapping[str, KnownLanguage]:
    """The table, by code, in its order."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (_row(*line.split("\t")) for line in lines if line and not line.startswith("#"))
    return {row.code: row for row in rows}


def _row(
    code: str,
    name: str,
    also: str,
    spacy: str,
    tier: str,
    floor: str,
    measured_on: str,
    encoder: str,
    on: str,
) -> KnownLanguage:
    return KnownLanguage(
        code=code,
        name=name,
        also=() if also == _NONE else tuple(also.split("|")),
        spacy=spacy,
        tier=int(tier),
        floor=float(floor),
        measured_on=measured_on,
        encoder=None if encoder == _NONE else encoder,
        is_on={"yes": True, "no": False}[on],
    )


def languages_of_model() -> tuple[str, ...]:
    """The codes of those that the shipped model reads."""
    return tuple(code for code, row in known_languages().items() if row.encoder is not None)


def languages_by_default() -> tuple[str, ...]:
    """The codes of those that meet their floors."""
    return tuple(code for code, row in known_languages().items() if row.is_on)


def primary(tag: str) -> str:
    """The language code without region and script: `en` for `en-GB` and `EN_us`."""
    return tag.strip().replace("_", "-").split("-")[0].lower()


def language_of(tag: str) -> str:
    """The code of the language that a tag means: `pt` for `pt-BR`, `no` for `nb` and `nn-NO`.

    The primary code of a tag of no known language, as it is.
    """
    code = primary(tag)
    known = known_languages()
    return code if code in known else next((row.code for row in known.values() if code in row.also), code)


def codes_of(tag: str) -> tuple[str, ...]:
    """The codes by which rules and searches find a tag, in lower case: `nb-no`, `nb` and `no`."""
    return tuple(dict.fromkeys(filter(None, (tag.strip().lower(), primary(tag), language_of(tag)))))
