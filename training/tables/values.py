"""Makes worker/nlp/data/<language>/values.tsv, the tables that dates and money are found by, from CLDR.

    python -m training.tables.values --output worker/nlp/data

CLDR comes with Babel. It has the names of months and weekdays, the orders of dates, the names, symbols and
codes of currencies, and the words for millions. What newspapers use beside these stands below: forms in
other cases than CLDR has, and words that are left out since they mean something else more often.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import click
from babel import Locale
from babel.numbers import get_territory_currencies

from training.tables.countries import LANGUAGES
from training.tables.write import write_tables

_HEADER = """\
# What dates and amounts of money are found by: a kind, and its forms joined by |. worker/nlp/values/tables.py
# says what each kind means. Made by training/tables/values.py from Unicode CLDR (https://cldr.unicode.org),
# © Unicode, Inc., licensed under the Unicode License v3 (https://www.unicode.org/license.txt).
"""

_TYPES = "DATE|MONEY"
"""What a language emits: both, since of each four in five are right (docs/names.md)."""

_SKELETONS = (
    "yMMM", "yMMMd", "yMMMEd", "MMMd", "MMMEd", "MMMMd", "MMMMEd", "yMMMM", "yMMMMd", "yMMMMEd", "yMd",
)  # fmt: skip
_FORMATS = ("full", "long", "medium")
_PARTS = re.compile(r"'[^']*'|[A-Za-z]+|\s+|.")
_WITH_A_MONTHS_NAME = re.compile(r"\bM\b")
_IS_FULL = re.compile(r"\bd\b.*\by\b|\by\b.*\bd\b")
_FIELDS = {
    "MMMM": "M",
    "LLLL": "M",
    "MMM": "M",
    "LLL": "M",
    "MM": "m",
    "M": "m",
    "d": "d",
    "dd": "d",
    "y": "y",
}

_MORE_DATES = {
    "da": "E den d. M",
    "de": "E, den d. M|E, den d. M y|E, dem d. M|E, dem d. M y|E dem d. M|E dem d. M y",
    "es": "d de M del y|M del y|M y|d M y",
    "hr": "d. M y. godine|M y. godine|y. godine|d. M y|M y",
    "no": "E den d. M|E den d. M y",
    "pl": "d M y r.|M y r.|d M y roku|M y roku|y r.|y roku",
    "pt": "d M y|M y",
    "ru": "y г.|d M y года|M y года|y года|y году|y годом|y годах|M y",
    "uk": "y р.|d M y року|M y року|y року|y році|y роком|M y",
    "bg": "y г.|d M y година|M y година|y година|d M y|M y",
    "sv": "E den d M|E den d M y",
    "sw": "M d|M d y|M d, y",
}
"""Orders that newspapers use beside CLDR's."""

_DAY_MARKS = {"fr": "er", "it": "º|°", "es": "º|°", "pt": "º|°", "sv": ":a|:e"}
"""What stands right behind the number of a day."""

_FINNISH_MONTHS = (
    "tammi", "helmi", "maalis", "huhti", "touko", "kesä",
    "heinä", "elo", "syys", "loka", "marras", "joulu",
)  # fmt: skip
_MORE_MONTHS = {
    "cs": "lednu|únoru|březnu|dubnu|květnu|červnu|červenci|srpnu|říjnu|prosinci",
    "de": "Jänner",
    "fi": "|".join(
        f"{month}kuu{ending}" for month in _FINNISH_MONTHS for ending in ("ssa", "n", "sta", "hun", "lla")
    ),
    "hr": (
        "siječnju|veljači|veljaču|ožujku|travnju|svibnju|lipnju|srpnju|kolovozu|rujnu|listopadu|studenom"
        "|studenog|prosincu"
    ),
    "pl": (
        "styczniu|lutym|marcu|kwietniu|maju|czerwcu|lipcu|sierpniu|wrześniu|październiku|listopadzie|grudniu"
    ),
    "ru": "январе|феврале|марте|апреле|мае|июне|июле|августе|сентябре|октябре|ноябре|декабре",
    "uk": "січні|лютому|березні|квітні|травні|червні|липні|серпні|вересні|жовтні|листопаді|грудні",
}
_MORE_WEEKDAYS = {
    "cs": "středu|sobotu|neděli|pondělka|úterka|středy|čtvrtka|pátku|soboty",
    "da": "mandagen|tirsdagen|onsdagen|torsdagen|fredagen|lørdagen|søndagen",
    "de": "Sonnabend",
    "fi": "sunnuntaina|"
    + "|".join(
        f"{day}{ending}"
        for day in ["maanantai", "tiistai", "keskiviikko", "torstai", "perjantai", "lauantai", "sunnuntai"]
        for ending in ("n", "sta", "hin", "na")
    ),
    "hr": "srijedu|subotu|nedjelju|srijede|subote|nedjelje|ponedjeljka|utorka|četvrtka|petka",
    "it": "lunedi|martedi|mercoledi|giovedi|venerdi",
    "no": "mandagen|tirsdagen|onsdagen|torsdagen|fredagen|lørdagen|søndagen",
    "pl": "środę|sobotę|niedzielę|poniedziałku|wtorku|środy|czwartku|piątku|soboty|niedzieli",
    "pt": "segundas-feiras|terças-feiras|quartas-feiras|quintas-feiras|sextas-feiras",
    "ru": "среду|пятницу|субботу|понедельника|вторника|среды|четверга|пятницы|субботы|воскресенья",
    "sv": "måndags|tisdags|onsdags|torsdags|fredags|lördags|söndags"
    "|måndagen|tisdagen|onsdagen|torsdagen|fredagen|lördagen|söndagen",
    "uk": "середу|п'ятницю|суботу|неділю|понеділка|вівторка|середи|четверга|п'ятниці|суботи|неділі",
}
"""Forms of other cases, with articles, and without accents. Own compilation."""

_NOT_ALONE = {
    "bg": "май",
    "cs": "září",
    "ro": "mai",
    "uk": "лютий|лютого|лютому",
}
"""Months whose name by itself often means something else: more, perhaps, fierce."""

_NOT_WEEKDAYS = {"id": "Minggu"}
"""Weekdays whose name by itself often means something else: week."""

_CURRENT = (
    "USD", "EUR", "GBP", "JPY", "CHF", "RUB", "PLN", "CZK", "SEK", "NOK", "DKK", "UAH", "BGN", "RON", "INR",
    "CNY", "TRY", "BRL", "HUF", "TZS", "KES", "UGX", "IDR", "KRW", "MXN", "ZAR", "NGN", "EGP", "THB", "KZT",
    "RSD", "BYN", "AED", "SAR", "IRR",
)  # fmt: skip
_FORMER = ("DEM", "FRF", "ITL", "ESP", "FIM", "NLG", "PTE", "ATS", "BEF", "HRK", "SKK")
"""Currencies whose noun stands for them alone: "dollars" for "US dollars". Of others it may mean anything."""

_HEAD_IS_FIRST = frozenset(("es", "fr", "it", "pt", "ro", "pl", "id", "sw"))
"""Languages whose names of currencies begin with the noun: "dólar estadounidense". Others end with it."""

_MORE_CURRENCIES = {
    "bg": "долар|долара|лев|лева|паунда|паунд|евро",
    "cs": "euro|eur|eura",
    "da": "dollars|kr.",
    "de": "Dollars|Euros|Mark|D-Mark|Cent|Rubel|Pfund Sterling",
    "es": "dólares de EE.UU.|dólares de Estados Unidos|euros",
    "fi": (
        "euron|eurolla|dollarin|dollarilla|kruunun|punnan|ruplan|jenin|juanin|frangin|markan|markkaa|senttiä"
    ),
    "fr": "dollars US|dollars américains|d'euros|d'euro|euro|FCFA|francs CFA",
    "hr": "eura|kuna|kune|maraka",
    "id": "dolar AS|dolar Amerika|rupiah",
    "it": "dollari americani|d'euro|lire",
    "nl": "euro's|dollars|ponden|gulden",
    "no": "euro|kr",
    "pl": "euro|złotego|zł|dol.",
    "pt": "dólares dos Estados Unidos|contos|reais",
    "ro": "lei|euro|dolari",
    "ru": "фунтов|фунтов стерлингов|фунта стерлингов|руб.|руб|рублями|долл.",
    "sv": "kr|euro",
    "sw": "shilingi|dola|dola za Kimarekani|euro",
    "uk": "грн|грн.|дол.|євро|фунтів стерлінгів",
}
_NOT_CURRENCIES = {
    "cs": "jen",
    "fr": "livre|livres|couronne",
    "it": "real",
    "nl": "won|rand|real",
    "pt": "real",
    "es": "real",
}
"""Nouns by themselves that mean something else behind a number: pounds of weight, "in 2010 he won"."""

_DOUBTFUL = {
    "cs": "liber|libry",
    "da": "pund|mark",
    "de": "Pfund|Mark",
    "es": "libras",
    "fi": "markkaa|puntaa|punnan",
    "hr": "funti|funte|maraka",
    "it": "libbre",
    "nl": "ponden|pond|mark",
    "no": "pund|mark",
    "pl": "złote|złotego|złotych|funtów|funty|funta",
    "pt": "libras|contos",
    "ro": "lire",
    "ru": "фунтов|фунта",
    "sv": "pund|mark",
    "uk": "фунтів|фунти",
}
"""Nouns by themselves that mean something else behind a small number: pounds of weight, golden medals."""

_MORE_SCALES = {
    "cs": "milionu|miliardy|tisíců|milionům",
    "da": "mio.|mia.|mia",
    "de": "Mio|Mio.|Mrd|Mrd.|Tausend|tausend",
    "es": "millardos|millones|miles de millones",
    "fi": "miljoonan|miljardin|tuhannen|milj.|mrd.",
    "fr": "mille|million|milliard",
    "hr": "milijuna|milijardi|milijarda|tisuća|milijardu",
    "id": "ribu|juta|miliar|milyar|triliun",
    "it": "mila|mln|mld",
    "nl": "duizend|mln|mld|mrd",
    "no": "mill.|mrd.|millionar|milliardar",
    "pl": "mln|mld|tys.|tys|bln",
    "pt": "mil|mil milhões|bilhões|biliões|milhões de milhões",
    "ro": "mii|de mii|de milioane|de miliarde|mil.|mld.",
    "ru": "тыс|тыс.|млн|млрд|трлн|миллионам|миллиардам",
    "sv": "tusen|mn|md|mdr|miljarders|miljoners",
    "uk": "тис|тис.|млн|млрд|трлн",
    "bg": "млн|млн.|млрд|млрд.|хил.",
    "sw": "milioni|bilioni|elfu|laki",
}
_JOINTS = {"es": "de", "fr": "de", "it": "di", "pt": "de", "ro": "de"}
"""The word between millions, in Romanian any number of twenty and more, and the currency."""

_SYMBOLS = "$|US$|A$|C$|HK$|R$|£|€|¥|₽|₴|₹|₺|₩|₪|zł|Kč|Ft|Rp|kr|kr.|Rs|RM|KM"
_NOT_CODES = frozenset(
    ("ALL", "AMD", "BAM", "BOB", "CUP", "GEL", "LAK", "MAD", "MOP", "PEN", "SOS", "TOP", "TRY")
)
"""ISO 4217's codes that are words or other abbreviations in capitals."""


def _joined(*parts: Iterable[str]) -> str:
    return "|".join(dict.fromkeys(form for part in parts for form in part if form))


def _listed(of: dict[str, str], language: str) -> list[str]:
    return [form for form in of.get(language, "").split("|") if form]


def _plain(form: str) -> str:
    """With plain apostrophes and spaces, as the worker reads texts by these tables."""
    return re.sub(r"\s+", " ", re.sub("[’ʼ]", "'", form)).strip()


def _order(pattern: str) -> str | None:
    """The order of CLDR's pattern in the letters of the table; None where it has a part that is no date's."""
    found = ""
    for part in _PARTS.findall(pattern):
        if part[0] == "'":
            found += part.strip("'")
        elif part.isspace():
            found += " "
        elif set(part) <= {"E", "c"}:
            found += "E"
        elif part.isalpha() and part not in _FIELDS:
            return None
        else:
            found += _FIELDS.get(part, part)
    return found.strip()


def _dates(locale: Locale, language: str) -> Iterator[str]:
    patterns = [str(locale.date_formats[name].pattern) for name in _FORMATS]
    patterns += [
        str(locale.datetime_skeletons[name].pattern)
        for name in _SKELETONS
        if name in locale.datetime_skeletons
    ]
    for order in map(_order, patterns):
        # A month in digits may be anything where the day or the year is missing.
        if order and (_WITH_A_MONTHS_NAME.search(order) or _IS_FULL.search(order)):
            yield from _ways_to_write(order)
    for order in _listed(_MORE_DATES, language):
        yield from _ways_to_write(order)


def _ways_to_write(order: str) -> Iterator[str]:
    """With a weekday, with and without a comma behind that, and without what stands behind a year."""
    without = re.sub(r"\by\b(?!.*\b[EdMm]\b).*", "y", order)
    # A stop behind a year may end the sentence.
    for each in [one for one in (order, without) if not one.endswith("y.")]:
        yield each
        plain = re.sub("^E,? ", "", each)
        if _WITH_A_MONTHS_NAME.search(each) and re.search(r"\bd\b", plain):
            yield from (f"E {plain}", f"E, {plain}")


def _months(locale: Locale, width: str) -> Iterator[str]:
    for context in ("format", "stand-alone"):
        yield from (_plain(str(name)) for name in locale.months[context][width].values())


def _weekdays(locale: Locale, language: str) -> Iterator[str]:
    contexts = ("format", "stand-alone") if language == "fi" else ("format",)
    for context in contexts:
        yield from (_plain(str(name)) for name in locale.days[context]["wide"].values())


def _scales(locale: Locale) -> Iterator[str]:
    for width in ("long", "short"):
        for patterns in locale.compact_decimal_formats[width].values():
            for pattern in patterns.values():
                word = _plain(re.sub(r"[0'¤]", "", str(pattern.pattern).split(";")[0]))
                if len(word) > 1:
                    yield word


def _currencies(locale: Locale, language: str) -> Iterator[str]:
    plurals = locale._data["currency_names_plural"]
    for code in dict.fromkeys([*_CURRENT, *_FORMER, *sorted(_codes())]):
        if code not in locale.currencies:
            continue
        forms = {str(k): _plain(str(v)) for k, v in plurals.get(code, {}).items()}
        named = _plain(str(locale.currencies[code]))
        several = {form for kind, form in forms.items() if kind != "one"} or {named}
        yield from sorted({named, *forms.values()} if " " in named or "-" in named else several)
        if code in (*_CURRENT, *_FORMER):
            yield from sorted(_head(form, language) for form in several)


def _head(name: str, language: str) -> str:
    words = re.split(r"[ -]", re.sub(r"\s*\(.*\)", "", name))
    is_first = language in _HEAD_IS_FIRST or words[-1].isupper()
    return words[0 if is_first else -1]


def _rows(language: str) -> Iterator[tuple[str, str]]:
    locale = Locale.parse(language)
    group = str(locale.number_symbols["latn"]["group"])
    months = [*_months(locale, "wide"), *_listed(_MORE_MONTHS, language)]
    weekdays = [*_weekdays(locale, language), *_listed(_MORE_WEEKDAYS, language)]
    short = [name.rstrip(".") for name in _months(locale, "abbreviated")]
    currencies = [*_currencies(locale, language), *map(_plain, _listed(_MORE_CURRENCIES, language))]
    folded = [name.casefold() for name in currencies if "(" not in name]
    not_currencies = _listed(_NOT_CURRENCIES, language)
    codes = [code for code in map(str, locale.currencies) if code in _codes() and code not in _NOT_CODES]
    symbols = [str(locale.currency_symbols.get(code, "")) for code in _CURRENT]
    yield "types", _TYPES
    yield "months", _joined(months)
    yield "abbreviations", _joined(name for name in short if name not in months)
    yield "weekdays", _joined(weekdays)
    alone = [*months, *weekdays]
    yield (
        "alone",
        _joined(
            n for n in alone if n not in [*_listed(_NOT_ALONE, language), *_listed(_NOT_WEEKDAYS, language)]
        ),
    )
    yield "dates", _joined(_dates(locale, language), ["y-m-d", "y"])
    yield "day marks", _DAY_MARKS.get(language, "")
    yield "grouped by", "space" if group.isspace() or language == "es" else ""
    yield "scales", _joined(s.casefold() for s in [*_scales(locale), *_listed(_MORE_SCALES, language)])
    yield "joints", _JOINTS.get(language, "")
    yield "currencies", _joined(n for n in folded if n not in not_currencies)
    yield "doubtful", _joined(n.casefold() for n in _listed(_DOUBTFUL, language))
    yield (
        "symbols",
        _joined(
            _SYMBOLS.split("|"),
            (s for s in symbols if s not in locale.currencies and s.casefold() not in folded),
        ),
    )
    yield "codes", _joined(codes)
    yield "named first", "yes" if locale._data["currency_unit_patterns"]["other"].startswith("{1}") else ""


@cache
def _codes() -> frozenset[str]:
    """ISO 4217's codes of what is tender in some country today."""
    countries = map(str, Locale.parse("en").territories)
    return frozenset(code for name in countries if len(name) == 2 for code in get_territory_currencies(name))


def value_rows(language: str) -> str:
    """The rows of a language's table."""
    return _HEADER + "".join(f"{kind}\t{forms}\n" for kind, forms in _rows(language))


@click.command()
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True)
def main(output: Path) -> None:
    """Writes the table of each language."""
    write_tables(output, "values.tsv", LANGUAGES, value_rows)


if __name__ == "__main__":
    main()
