"""Finds those who belong to somebody or speak for them: "**Ms Obi's lawyer**", "**a friend of Ms Obi**".

Whoever is named in such a phrase is its owner, and does not speak by it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.wordlists import words

_POSSESSIONS = words("possessions.txt")
_ROLES = (words("roles.txt") | words("role_bodies.txt") | _POSSESSIONS) - words("documents.txt")
_STOPPERS = (words("function_words.txt") | words("cue_verbs.txt")) - _ROLES
# Whoever brings or tells something "to" somebody belongs to nobody.
_WITH_TO = frozenset(
    ("adviser", "advisers", "advisor", "advisors", "aide", "aides", "ally", "assistant", "assistants",
     "attorney", "counsel", "counsellor", "deputy", "heir", "heirs", "lawyer", "lawyers", "secretary",
     "successor", "tutor")
)  # fmt: skip
# Behind a body's name, as in "a Harbour League official".
_MOUTHPIECES = frozenset(word for word in _POSSESSIONS if word.startswith("spokes")) | {
    "attorney", "attorneys", "lawyer", "lawyers", "official", "officials", "representative",
    "representatives", "source", "sources",
}  # fmt: skip
# Behind a person's name, as in "the Okafor campaign".
_HOUSES = _MOUTHPIECES | {
    "administration", "adviser", "advisers", "aide", "aides", "allies", "ally", "backers", "campaign", "camp",
    "cabinet", "clan", "critics", "estate", "family", "foundation", "government", "office", "supporter",
    "supporters", "team",
}  # fmt: skip
_MAX_WORDS = 5
_GENITIVE = re.compile(r"['’](?:s\b)?\s+(?=[\w])")
_SOME_OF = re.compile(
    r"\b(?:one|two|three|some|many|most|several|none|both|all|each|(?:a\s+)?members?|part)\s+of\s+$",
    re.IGNORECASE,
)
# "Somebody familiar with **Ms Okafor's thinking**".
_OF_MATTER = re.compile(
    r"['’]s?\s+(?:[a-z]+\s+)?(?:thinking|plans?|case|matter|views?|situation|decision|health|talks|strategy|"
    r"inquiry|investigation|finances)\b"
)
_BARE_GENITIVE = re.compile(r"['’]s\b")
_PLACES = frozenset(("in", "from", "at", "on"))
_SPACE = re.compile(r"[ \t\u00a0]+")
_CLEAR_LINK = (
    r"close\s+to|near|around|loyal\s+to|familiar\s+with|with\s+knowledge\s+of|"
    r"(?:who\s+)?(?:represents?|represented|representing|defends?|defended|defending|acts?\s+for|acted\s+for|"
    r"acting\s+for|speaks?\s+for|spoke\s+for|speaking\s+for|works?\s+for|worked\s+for|working\s+for)|"
    r"(?:acting\s+|speaking\s+)?on\s+behalf\s+of|inside|within"
)
_BEFORE_NAMES = frozenset(
    ("the", "former", "late", "jailed", "detained", "ousted", "exiled", "then", "acting", "disgraced")
)
_TITLES_AND_ARTICLES = (
    words("honorifics.txt") | words("roles.txt") | words("possessions.txt") | _BEFORE_NAMES
) - (words("role_bodies.txt") | {"opposition", "press"})
# What may stand between the link and a name: "a lawyer for **the jailed former president** Ada Okafor".
_TITLES = (
    r"(?:(?:the|a|an|former|late|jailed|ousted|exiled|then|acting|[A-Z][\w.’'-]*|[a-z]+-[a-z]+)\s+){0,4}"
)
_LINKED = re.compile(
    r"([^\W_]+(?:[’'-][^\W_]+)*)(?:\s+(?:in|at)\s+[A-Z]\w+)?\s+"
    rf"(?P<link>for|of|to|in|from|at|on|{_CLEAR_LINK})\s+"
    rf"(?P<titles>{_TITLES}(?:[a-z]+\s+)?)$"
)
_LINK_CHARS = 110
_PART = re.compile(r"[^\W_]+")
_OF_WORK = re.compile(r"\s+of\s+(?:staff|communications?|security|protocol|policy|mission|defence|defense)\b")
_TITLE = re.compile(r"[\w.’'-]+[ \t]+")
_WHOSE = re.compile(r"(?:,[^,.;:!?“”\"«»\n]{1,60})?,?\s+(whose)\s+(?=\w)")
_DETERMINER = re.compile(
    r"\b(?:the|a|an|another|one|this|that|his|her|their|its|our|some|several|many|two|three|four|[A-Z][\w.-]*['’]s)"
    r"\s+(?:[\w’'-]+\s+){0,3}$",
    re.IGNORECASE,
)
_PLAIN_BEFORE = re.compile(r"(?:[\w’'-]+[ \t]){1,2}$")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a possession belongs to: their mention, and the index of their entity."""

    start: int
    end: int
    group: int | None


@dataclass(frozen=True, slots=True)
class Possession:
    """ "**Ms Okafor's lawyer**": the whole phrase, its noun, and the owner. `by`: 's, of, or whose."""

    start: int
    end: int
    noun: Span
    owner: Owner
    by: str


def find_possessions(text: str, names: Iterable[tuple[Owner, str]]) -> list[Possession]:
    """The possessions of the names, in order and without overlaps. `names`: mentions with their types.

    A person may own any role. The roles of bodies and places are theirs to give ("Ghana's president"), so
    only who speaks for them or is one of theirs counts as owned.
    """
    found: list[Possession] = []
    for owner, kind in names:
        nouns = _ROLES if kind == "PERSON" else _POSSESSIONS
        owned = _genitive(text, owner, nouns)
        owned = owned or _compound(text, owner, _HOUSES if kind == "PERSON" else _MOUTHPIECES)
        linked = _linked(text, owner, nouns, owned)
        relative = None if owned or linked else _whose(text, owner)
        found += [p for p in (linked or owned, relative) if p is not None]
    kept: list[Possession] = []
    for possession in sorted(found, key=lambda p: (p.start, -p.end)):
        if not kept or possession.start >= kept[-1].end:
            kept.append(possession)
    return kept


def _genitive(text: str, owner: Owner, nouns: frozenset[str]) -> Possession | None:
    """ "**Ms Okafor's long-time lawyer**", "**Ms Okafor's brother's office**"."""
    mark = _GENITIVE.match(text, owner.end)
    noun = _noun_behind(text, mark.end(), nouns) if mark else None
    if noun is None:
        return None
    start = owner.start - len(_titles_before(text, owner.start))
    some = _SOME_OF.search(text, max(0, start - 30), start)
    start = some.start() if some else start
    return Possession(start, _end_of(text, noun), noun, owner, "'s")


def _compound(text: str, owner: Owner, nouns: frozenset[str]) -> Possession | None:
    """ "**The Harbour League spokeswoman**", "**a senior Okafor administration official**"."""
    space = _SPACE.match(text, owner.end)
    word = WORD.match(text, space.end()) if space else None
    if word is None or word.group() not in nouns:
        return None
    noun = _noun_behind(text, word.start(), nouns)
    determined = _determiner_before(text, owner.start)
    start = owner.start - len(_titles_before(text, owner.start)) if determined is None else determined
    return Possession(start, noun[1], noun, owner, "'s") if noun else None


def _noun_behind(text: str, at: int, nouns: frozenset[str]) -> Span | None:
    """The last noun of the row of words that begins here: "old **lawyer**", "campaign **manager**"."""
    noun, is_known = None, False
    for _ in range(_MAX_WORDS):
        word = WORD.match(text, at)
        if word is None:
            break
        plain = word.group().lower()
        is_owner = plain.endswith(("'s", "’s"))
        plain = plain[:-2] if is_owner else plain
        if plain in _ROLES or plain.rpartition("-")[2] in _ROLES:
            noun = word.start(), word.start() + len(plain)
            is_known = is_known or plain in nouns or plain.rpartition("-")[2] in nouns
        elif noun is not None or plain in _STOPPERS:
            break
        space = _SPACE.match(text, word.end())
        if space is None:
            break
        at = space.end()
    return noun if is_known else None


def _end_of(text: str, noun: Span) -> int:
    """The end of the phrase: behind "chief **of staff**"."""
    work = _OF_WORK.match(text, noun[1])
    return work.end() if work else noun[1]


def _titles_before(text: str, at: int) -> str:
    """ "**Governor** Okafor": the titles right before a name, with the spaces."""
    before = text[max(0, at - 40) : at]
    found = ""
    for word in reversed(_TITLE.findall(before)):
        plain = word.strip().rstrip(".").lower()
        if not (before.endswith(word + found) and word[0].isupper() and plain in words("honorifics.txt")):
            break
        found = word + found
    return found


def _linked(text: str, owner: Owner, nouns: frozenset[str], owned: Possession | None) -> Possession | None:
    """ "**A lawyer for Ms Okafor**", "**sources close to Ms Okafor's campaign**"."""
    before = text[max(0, owner.start - _LINK_CHARS) : owner.start]
    # Few names have such a noun before them, and to look for the whole phrase takes thirty times as long.
    if _ends(nouns).isdisjoint(_PART.findall(before.lower())):
        return None
    link = _LINKED.search(text, max(0, owner.start - _LINK_CHARS), owner.start)
    if link is None or "\n" in link.group() or (link["link"] in _PLACES and owned is None):
        return None
    plain = link[1].lower()
    known = nouns if link["link"] != "to" else nouns & _WITH_TO
    if plain not in known and plain.rpartition("-")[2] not in known:
        return None
    if _OF_WORK.match(text, link.end(1)):
        # "Chief of **staff** Ada Obi" is hers.
        return None
    titles = link["titles"].lower().split()
    if titles and titles[-1].rstrip(".").rpartition("-")[2] not in _TITLES_AND_ARTICLES:
        # "Secretary of **State** Ada Obi" is an office, and hers.
        return None
    if owned is not None:
        end = owned.end
    else:
        mark = _OF_MATTER.match(text, owner.end) or _BARE_GENITIVE.match(text, owner.end)
        end = mark.end() if mark else owner.end
    return Possession(_phrase_start(text, link.start(1)), end, link.span(1), owner, "of")


@cache
def _ends(nouns: frozenset[str]) -> frozenset[str]:
    """The nouns, of those with a hyphen the last part."""
    return frozenset(noun.rpartition("-")[2] for noun in nouns)


def _phrase_start(text: str, noun: int) -> int:
    """Where the phrase of a noun begins: at its article, else at an adjective before it."""
    determined = _determiner_before(text, noun)
    if determined is not None:
        return determined
    start = noun
    plain = _PLAIN_BEFORE.search(text, max(0, noun - 30), noun)
    for word in reversed(list(WORD.finditer(text, plain.start(), noun)) if plain else []):
        if word.group().lower() in _STOPPERS or word.group().endswith(("ed", "ing", "ly")):
            break
        start = word.start()
    return start


def _determiner_before(text: str, noun: int) -> int | None:
    """Where the article of a noun stands, at most three adjectives before it."""
    return determined_before(text, noun, _DETERMINER, _STOPPERS)


def determined_before(
    text: str, noun: int, determiner: re.Pattern[str], stoppers: frozenset[str]
) -> int | None:
    """Where the phrase of a noun begins by a pattern of articles and adjectives, none of them a stopper.

    In "the case of **the old mayor**" the first article is another noun's.
    """
    found = determiner.search(text, max(0, noun - 50), noun)
    while found and not stoppers.isdisjoint(word.lower() for word in WORD.findall(found.group())[1:]):
        found = determiner.search(text, found.start() + 1, noun)
    return found.start() if found else None


def _whose(text: str, owner: Owner) -> Possession | None:
    """ "Ms Okafor, **whose lawyer** said ..."."""
    whose = _WHOSE.match(text, owner.end)
    noun = _noun_behind(text, whose.end(), _ROLES) if whose else None
    return Possession(whose.start(1), _end_of(text, noun), noun, owner, "whose") if whose and noun else None
