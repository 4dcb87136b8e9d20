"""Makes worker/nlp/data/<language>/countries.tsv, the tables that countries are linked by, from CLDR's names.

    python -m training.tables.countries --output worker/nlp/data

CLDR's names come with Babel. Their adjectives are those of CLDR's names of languages, for countries whose
language is named after them: "polski", Polish, is the adjective of Poland. The English table is older and
compiled by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import click
from babel import Locale

from training.tables.write import write_tables

_HEADER = """\
# ISO 3166-1 alpha-2 code, case-folded names joined by |, adjectives joined by |.
# Made by training/tables/countries.py from Unicode CLDR (https://cldr.unicode.org), © Unicode, Inc.,
# licensed under the Unicode License v3 (https://www.unicode.org/license.txt).
"""

LANGUAGES = (
    "bg", "cs", "da", "de", "es", "fi", "fr", "hr", "id", "it",
    "nl", "no", "pl", "pt", "ro", "ru", "sv", "sw", "uk",
)  # fmt: skip

NO_COUNTRIES = frozenset(
    ("AC", "AQ", "BV", "CP", "DG", "EA", "EU", "EZ", "HM", "IC", "QO", "TA", "TF", "UM", "UN", "XA", "XB",
     "ZZ")
)  # fmt: skip
"""Codes of territories where nobody is at home, of unions, and of CLDR's own."""

_AMBIGUOUS = re.compile(
    r"g[ée]?[eé]org(?:ia|ie)|geórgia|giorgia|[ck]ongo|конго"
    r"|gu?in(?:ea|ée|é|eja)|gw?vinej[ae]|gwinea|gvineja|guin[eé]|гвине[яй]|гвінея|domini[ck]a|доминика|домініка"
)
"""Names that mean something else too: a state of the United States, several countries, a first name."""

NAMED_AFTER = {
    "da": "DK", "sv": "SE", "no": "NO", "fi": "FI", "is": "IS", "nl": "NL", "fr": "FR", "es": "ES",
    "pt": "PT", "it": "IT", "de": "DE", "pl": "PL", "cs": "CZ", "sk": "SK", "hu": "HU", "hr": "HR",
    "sr": "RS", "sl": "SI", "bs": "BA", "bg": "BG", "ro": "RO", "ru": "RU", "uk": "UA", "be": "BY",
    "lt": "LT", "lv": "LV", "et": "EE", "el": "GR", "tr": "TR", "sq": "AL", "mk": "MK", "hy": "AM",
    "kk": "KZ", "uz": "UZ", "ja": "JP", "zh": "CN", "vi": "VN", "th": "TH", "id": "ID", "mn": "MN",
    "ky": "KG", "tg": "TJ", "tk": "TM", "ne": "NP", "mt": "MT", "ga": "IE", "so": "SO", "az": "AZ",
}  # fmt: skip
"""Languages whose name is the adjective of one country."""

COMMON = {
    "bg": {
        "US": "сащ|съединени щати",
        "GB": "великобритания|британия",
        "NL": "холандия",
    },
    "cs": {
        "US": "usa|spojené státy",
        "GB": "velká británie|británie",
        "NL": "holandsko",
        "CZ": "česká republika",
        "RU": "ruská federace",
    },
    "da": {
        "US": "usa",
        "GB": "storbritannien",
        "NL": "holland",
    },
    "de": {
        "US": "usa|vereinigte staaten von amerika",
        "GB": "großbritannien|grossbritannien",
        "NL": "holland",
        "CZ": "tschechische republik",
    },
    "es": {
        "US": "eeuu|ee uu|ee.uu.|ee. uu.",
        "GB": "gran bretaña",
        "NL": "holanda",
    },
    "fi": {
        "US": "usa",
        "GB": "iso-britannia|britannia",
        "NL": "hollanti",
    },
    "fr": {
        "US": "usa|états-unis d'amérique",
        "GB": "grande-bretagne",
        "NL": "hollande",
    },
    "hr": {
        "US": "sad|sjedinjene države|sjedinjene američke države",
        "GB": "velika britanija|britanija",
        "NL": "nizozemska",
        "BA": "bih",
    },
    "id": {
        "US": "as",
        "GB": "inggris raya",
    },
    "it": {
        "US": "usa|stati uniti d'america",
        "GB": "gran bretagna",
        "NL": "olanda",
    },
    "nl": {
        "US": "vs|verenigde staten van amerika",
        "GB": "groot-brittannië",
        "NL": "holland",
    },
    "no": {
        "US": "usa",
        "GB": "storbritannia",
        "NL": "nederland",
    },
    "pl": {
        "US": "usa|stany zjednoczone ameryki",
        "GB": "wielka brytania",
        "NL": "holandia",
        "CZ": "republika czeska",
    },
    "pt": {
        "US": "eua|estados unidos da américa",
        "GB": "grã-bretanha",
        "NL": "holanda",
    },
    "ro": {
        "US": "sua|statele unite|statele unite ale americii",
        "GB": "marea britanie",
        "NL": "olanda",
    },
    "ru": {
        "US": "сша|соединенные штаты америки",
        "GB": "великобритания|британия",
        "NL": "голландия",
        "RU": "рф|российская федерация",
        "BY": "белоруссия",
        "MD": "молдавия",
        "KG": "киргизия",
    },
    "sv": {
        "US": "usa",
        "GB": "storbritannien",
        "NL": "holland",
    },
    "sw": {
        "US": "marekani",
        "GB": "uingereza",
    },
    "uk": {
        "US": "сша|сполучені штати америки",
        "GB": "велика британія|велика британія|британія",
        "NL": "голландія",
        "RU": "рф|російська федерація",
    },
}
"""Names that newspapers use and CLDR has only among others, or not at all. Own compilation."""


def _names_of(locale: Locale) -> dict[str, set[str]]:
    """Case-folded names by code, without those that two countries have."""
    found: dict[str, set[str]] = {}
    for code, name in locale.territories.items():
        base = code.split("-")[0]
        if len(base) == 2 and base.isalpha() and base not in NO_COUNTRIES:
            found.setdefault(base, set()).update(_spellings(name))
    for code, names in COMMON[str(locale)].items():
        found[code] |= set(names.split("|"))
    owners = Counter(name for names in found.values() for name in names)
    return {code: {name for name in names if owners[name] == 1} for code, names in found.items()}


def _spellings(name: str) -> set[str]:
    """The case-folded name with plain apostrophes; none for one with brackets, which no newspaper has."""
    plain = name.casefold().replace("’", "'").replace("\u00a0", " ")
    if "(" in plain or "[" in plain:
        return set()
    return {plain}


_ENDINGS = {
    "bg": {"ски": "ски ска ско", "ки": "ки ка ко"},
    "da": {"": "0 e"},
    "de": {"": "0 e en er es em"},
    "es": {"o": "o a os as", "án": "án ana anes anas", "és": "és esa eses esas", "": "0 es"},
    "fr": {
        "en": "en enne ens ennes", "ec": "ec ecque ecs ecques", "s": "s se ses", "e": "e es", "": "0 e s es"
    },
    "hr": {"ki": "ki ka ko ke"},
    "it": {"o": "o a i e", "e": "e i", "": "0"},
    "no": {"": "0 e"},
    "nl": {"": "0 e"},
    "pl": {"ski": "ski ska skie scy", "cki": "cki cka ckie ccy", "ki": "ki ka kie cy"},
    "pt": {"o": "o a os as", "ão": "ão ã ães ãs", "ês": "ês esa eses esas", "": "0"},
    "ro": {"ă": "0 ă i e"},
    "ru": {"кий": "кий кая кое кие"},
    "sv": {"ska": "sk skt ska", "a": "0 t a"},
    "uk": {"ька": "ький ька ьке ькі"},
}  # fmt: skip
"""By the ending of CLDR's name of a language, the endings of the adjective's base forms, "0" for none. Where
CLDR has a noun ("čeština"), a language is left out."""


def adjectives_of(language: str) -> dict[str, set[str]]:
    """Case-folded adjectives by code, where CLDR's name of the country's language is one."""
    found: dict[str, set[str]] = {}
    endings = _ENDINGS.get(language, {})
    for named, code in NAMED_AFTER.items():
        name = str(Locale.parse(language).languages.get(named, "")).casefold()
        ending = next((e for e in sorted(endings, key=len, reverse=True) if name.endswith(e)), None)
        if name.isalpha() and ending is not None:
            stem = name[: len(name) - len(ending)]
            found[code] = {stem + each.replace("0", "") for each in endings[ending].split()}
    owners = Counter(name for names in found.values() for name in names)
    return {code: {name for name in names if owners[name] == 1} for code, names in found.items()}


def table(language: str) -> str:
    """The rows of a language's table."""
    names, adjectives = _names_of(Locale.parse(language)), adjectives_of(language)
    everywhere = {name for known in names.values() for name in known}
    rows = []
    for code in sorted(names):
        own = sorted(name for name in names[code] if not _AMBIGUOUS.fullmatch(name))
        those = sorted(adjectives.get(code, set()) - everywhere)
        if own or those:
            rows.append(f"{code}\t{'|'.join(own)}\t{'|'.join(those)}\n")
    return _HEADER + "".join(rows)


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(output: Path) -> None:
    """Writes a table of countries for each language."""
    write_tables(output, "countries.tsv", LANGUAGES, table)


if __name__ == "__main__":
    main()
