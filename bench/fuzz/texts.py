"""Texts made to slow or swell the enrich step: `HOSTILE_TEXTS[name](chars)` is one of that length."""

import json
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path

_GOLD = Path(__file__).resolve().parents[2] / "seeds" / "quality" / "articles.jsonl"
_FIRST = ("Ada", "Bela", "Chidi", "Dina", "Efua", "Farid", "Goran", "Hana", "Imre", "Joana", "Kofi", "Lena")
_LAST = ("Obi", "Marek", "Sato", "Okafor", "Lindqvist", "Haddad", "Petrov", "Mbeki", "Costa", "Novak", "Rao")
_SYLLABLES = ("ba", "ko", "mi", "ru", "ta", "ne", "lo", "shi", "da", "ve")
_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"

Shape = Callable[[int], str]


@cache
def _gold() -> str:
    lines = _GOLD.read_text(encoding="utf-8").splitlines()
    return "\n\n".join(json.loads(line)["text"] for line in lines) + "\n\n"


def ordinary(chars: int) -> str:
    """The project's gold articles, again and again: the others are compared with it."""
    return _of(_gold())(chars)


def _of(piece: str) -> Shape:
    """The piece again and again."""
    return lambda chars: (piece * (chars // len(piece) + 1))[:chars]


def _numbered(piece: str) -> Shape:
    """The piece again and again, each time with another full name, surname and word."""

    def text(chars: int) -> str:
        parts, size = list[str](), 0
        for n in count():
            parts.append(piece.format(name=_name(n), surname=_surname(n), word=_word(n), n=n))
            size += len(parts[-1])
            if size >= chars:
                return "".join(parts)[:chars]
        raise AssertionError

    return text


def _word(n: int) -> str:
    """A made-up word, another one for each number."""
    return "".join(_SYLLABLES[int(digit)] for digit in str(n))


def _surname(n: int) -> str:
    return _LAST[n] if n < len(_LAST) else _word(n).capitalize()


def _name(n: int) -> str:
    return f"{_FIRST[n % len(_FIRST)]} {_surname(n)}"


def _enclosed(start: str, piece: str, end: str) -> Shape:
    return lambda chars: start + _of(piece)(chars - len(start) - len(end)) + end


HOSTILE_TEXTS: dict[str, Shape] = {
    "ordinary": ordinary,
    # One character or word
    "one word": _of("a"),
    "one letter and spaces": _of("a "),
    "capital letters": _of("A"),
    "digits": _of("7"),
    "opening brackets": _of("("),
    "stops and spaces": _of(". "),
    "stops": _of("."),
    "hyphens in a word": _of("a-"),
    "apostrophes in a word": _of("a'"),
    "commas": _of(", "),
    "spaces around a word": _enclosed("word", " ", "word"),
    "line breaks around a word": _enclosed("word", "\n", "word"),
    "tabs and line breaks": _of("\t\r\n\u2028"),
    "NUL": _of("\0"),
    "underscores": _of("_"),
    "ampersands": _of("a&b&"),
    "closing brackets behind a word": _enclosed("word", ")", ""),
    "dots in a word": _of("a."),
    "figures and commas": _of("1,1"),
    "currencies": _of("$£€"),
    "possessives in a row": _of("'s"),
    "slashes": _of("a/"),
    "at signs": _of("a@"),
    "a web address": _enclosed("http://a.example/", "a/?b=c&", ""),
    "an e-mail address": _of("a.b@c.example,"),
    # Scripts and signs
    "right to left": _of("\u0647\u0630\u0627 \u062e\u0628\u0631 \u0639\u0627\u062c\u0644. "),
    "zero width": _of("a\u200b\u200c\u200d\ufeff\u2060"),
    "combining marks": _enclosed("a", "\u0301\u0323\u0308", "."),
    "combining marks, words": _of("e" + "\u0301" * 60 + " "),
    "one emoji": _of("\U0001f600"),
    "joined emoji": _of(_FAMILY + " "),
    "bidi controls": _of("\u202e\u2067abc\u202c\u2069 "),
    "byte order marks": _of("\ufeff"),
    "ligatures that grow": _of("\ufdfa\ufb03 "),
    "Chinese": _of("\u8bb0\u8005\u4ece\u5317\u4eac\u62a5\u9053\u3002"),
    "Thai": _of("\u0e02\u0e48\u0e32\u0e27\u0e27\u0e31\u0e19\u0e19\u0e35\u0e49"),
    "mathematical letters": _of("\U0001d400\U0001d401\U0001d402 "),
    # Marks
    "double marks": _of('"'),
    "opening marks": _of("“"),
    "closing marks": _of("”"),
    "marks and spaces": _of('" '),
    "single marks": _of("'"),
    "two single marks": _of("''"),
    "opening single marks and words": _of("‘a "),
    "words in single marks": _of("'a' "),
    "plural apostrophes": _of("‘the workers’ and "),
    "all kinds of marks": _of("“”„‟«»‹›「」『』\"‘’'`"),
    "opening marks and words": _of("“a "),
    "German marks never closed": _of("„Nein «No 「No "),
    "letters left out": _of("'90s 'em 'til "),
    "one quotation": _enclosed("“", "We will not go there again today. ", "”"),
    "one quotation without a stop": _enclosed("“", "we will not go and ", "”"),
    "one paragraph of quotations": _of("“No,” she said. "),
    "quotations without a stop": _of("“no” he said and "),
    "paragraphs of quotations": _of("“No, we will not go there.”\n\n"),
    "running paragraphs": _of("“No, we will not go there.\n\n"),
    "quotations of one word": _of("“no” "),
    "quotations in brackets": _of("(“no” ["),
    # Names, speakers, references
    "names": _numbered("{name}, "),
    "names and stops": _numbered("{name} left. "),
    "one name": _of("Ada Obi "),
    "one surname, many people": lambda chars: _numbered("Mr {word} Obi met Ms Obi. ")(chars).title(),
    "short names and long": _numbered("{name} saw {surname}. "),
    "organisations and acronyms": _numbered("The {surname} Health Council ({surname} HC) met the UHC. "),
    "names in capitals": lambda chars: _numbered("{name} SAID ")(chars).upper(),
    "names without a stop": _numbered("{name} and "),
    "speakers": _numbered("“We will go on with it,” said {name}. "),
    "speakers by surname": _numbered("{name} came. “We will go on,” {surname} said. "),
    "speakers behind": _numbered("“We will go on with it,” {name}, the minister, told the court. "),
    "speakers and pronouns": _numbered("{name} came in. “We are not ready,” he said. “No,” she said. "),
    "speakers in lines": _numbered("{name}: “We are not ready to go.”\n"),
    "speakers by role": _of("“It is late,” the minister said. The union leader told the court “no”. "),
    "roles introduced": _numbered("{name}, the {word} minister, left. “No,” the minister said. "),
    "roles and bodies": _numbered("The {surname} Ministry met. “No,” the ministry said. “It is,” it said. "),
    "roles with a name": _numbered("{name}, the Health minister, left. “No,” the Health minister said. "),
    "roles without a name": _numbered("A {word} driver left. “No,” the driver said. "),
    "roles told by a verb": _numbered("{name} is the {word} driver. “No,” the driver said. "),
    "roles in phrases": _of("a pilot of the board at the port of "),
    "roles in phrases without a stop": _of("“no” said a pilot of the board at the port and "),
    "works": _of("the law says “no” and reads the verse of the law "),
    "works and what they are of": _of("recited the law of the verse of Section 9 of the "),
    "names close to pronouns": _numbered("{name} “no,” he said. "),
    "cues without a stop": _of("“no” he said she told they asked and "),
    "cues and names without a stop": _numbered("“no” {name} said he told {surname} "),
    "adverbs between speaker and cue": _of("Ada Obi " + "only early " * 25 + "then so said “no” and "),
    "a letter, again and again": _numbered("{name} wrote a letter. “No,” the letter said. "),
    "cues": _of("said told asked added "),
    "cues and pronouns": _of("said he told she said "),
    "pronouns": _of("he she they it said "),
    "according to": _of("according to Ada Obi and "),
    "according to, in a quotation's sentence": _of("“no” according to the minister and "),
    "interrupted reports": _numbered("The road, according to {name}, is closed, and "),
    "interrupted reports without an end": _of("the road, she said, is, according to the union, closed, "),
    "shouts and spaces": _of("The crowd chanted" + " " * 180 + "“no way at all” "),
    "passives and spaces": _of("It was welcomed by" + " " * 350 + "“we will not go today,” and\n\n"),
    "stops without a capital": _of("She said that the road would open" + " ." * 500 + " and "),
    "roles": _of("the minister of "),
    "roles before capitals": _of("minister of Health and Health of the Health "),
    "adverbs": _of("is quickly "),
    "titles": _of("Mr Obi "),
    "titles only": _of("Mr. Dr. "),
    "possessives": _of("Obi's "),
    "openers": _of("For the union, "),
    "reports": _numbered("{name} said that the road to the north would open in May. "),
    "reports without a stop": _of("she said that the road would open and "),
    "a report as long as the text": _enclosed("She said that ", "the road would open in May and ", "."),
    "values": _numbered("On 5 May 19{n} they paid $5{n} million, 7{n} percent. "),
    "countries": _of("Kenya Chad Mali Peru Cuba "),
    "paragraphs of a word": _of("No\n\n"),
    "lines": _of("a\n"),
    "abbreviations": _of("Mr. A. B. Co. "),
    "no space between sentences": _of("He left.She left."),
    "colons": _of("He said: "),
    "names and brackets": _of("Obi (Obi) "),
    "initials": _of("A.B.C. "),
    "random words": _numbered("{word} {n} "),
}
