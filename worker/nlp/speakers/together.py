"""Finds those who speak together: "**Ada Obi and Kofi Sato** said", "**teachers and pupils** say".

Their mention is all of it, and nobody's alone. In "**three judges**, Ada Obi, Ken Sato and Lena Brandt, said"
it is the role, which the names only spell out.
"""

import re
from collections.abc import Sequence

from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, head_of, is_role
from worker.nlp.speakers.phrase import Phrase
from worker.nlp.wordlists import words

_NAMED = frozenset({"PERSON", "ORG", "GPE"})
_BEFORE_CHARS, _MOST_WORDS, _MOST_NAMES = 90, 5, 8
_TITLES = r"(?P<titles>(?:[\w.’'-]{1,24}[ \t]{1,3}){0,5})"
_LIST_GOES_ON = re.compile(rf",[ \t]{{1,3}}{_TITLES}")
_LIST_ENDS = re.compile(
    r"(?:[ \t]{1,3}\([^()\n]{1,30}\)|,[^,.;:!?“”\"()\n]{1,60},|,)?[ \t]{1,3}(?:and|&)[ \t]{1,3}"
    rf"{_TITLES}"
)
_SPELLED_OUT = re.compile(rf"(?:[ \t]{{0,3}}[-–—:(][ \t]{{0,3}}|,[ \t]{{1,3}}){_TITLES}")
_CLOSES = re.compile(r"[ \t]{0,3}[,)–—;:.-]")
_VERB = re.compile(r"[ \t]{1,3}(?:(?:have|had|also|both|then)[ \t]{1,3}){0,2}([a-z]{2,20})\b")
_AND = re.compile(r"[ \t]{1,3}and[ \t]{1,3}")
_JOINED = re.compile(r"[ \t](?:and|&)[ \t]")
_FIRST = re.compile(
    r"(?:^|[.!?\n][”\"’')]{0,2}\s{0,3})(?:(?!According\b|For\b|To\b)[A-Z][\w.’'-]{0,24}[ \t]{1,3}){0,3}$"
)
_JOINS = re.compile(r"[ \t](?:and|&)[ \t]|, ")
_LAST_WORD = re.compile(r"(\S{1,40})\s{1,4}$")
_STOPS = tuple(".!?…:;,“”\"—–-(‘'")
_JOINING = frozenset(
    ("that", "but", "while", "when", "because", "as", "though", "although", "if", "where", "by")
)
_IN_TITLES = frozenset(
    ("the", "a", "an", "of", "for", "his", "her", "their", "its", "former", "then", "acting", "late",
     "fellow")
)  # fmt: skip
_DETERMINED = (
    "the ",
    "a ",
    "an ",
    "some ",
    "many ",
    "several ",
    "his ",
    "her ",
    "their ",
    "its ",
    "two ",
    "three ",
)


def together(text: str, candidates: Sequence[Candidate], found: list[Phrase]) -> list[Phrase]:
    """The phrases, where those who speak together are one. The candidates are those of the phrases."""
    if len(candidates) < 2 or _JOINS.search(text, candidates[0].end, candidates[-1].start) is None:
        return found
    i = 0
    while i < len(candidates) - 1:
        joint, behind = _joint(text, candidates, i, found)
        if joint is not None:
            found = _replaced(found, joint)
        i = behind
    return found


def _joint(
    text: str, candidates: Sequence[Candidate], i: int, found: Sequence[Phrase]
) -> tuple[Phrase | None, int]:
    """Those who speak together from the i-th candidate on, if it is several, and where to look on."""
    first = candidates[i]
    if _is_plural(text, first):
        names, behind = _names(text, candidates, i + 1)
        if names and _spells_out(text, first, names):
            return Phrase(first.start, names[-1].end, first), behind
        second = candidates[i + 1]
        if _are_two_groups(text, first, second) and _opens(text, first.start):
            return _all_of(first.start, second.end), i + 2
    names, behind = _names(text, candidates, i)
    if not names:
        return None, i + 1
    start = next((p.start for p in found if p.start <= first.start < p.end), first.start)
    is_bare = _JOINED.search(text, first.end, names[-1].start) is None
    begins = _opens(text, start) and (not is_bare or _begins_sentence(text, start))
    if begins and _is_title(text[start : first.start]):
        return _all_of(first.start, names[-1].end), behind
    return None, i + 1


def _names(text: str, candidates: Sequence[Candidate], i: int) -> tuple[list[Candidate], int]:
    """The names of a list that begins with the i-th candidate and ends with "and"; none where none does."""
    names = [candidates[i]] if i < len(candidates) and candidates[i].type in _NAMED else []
    for j in range(i + 1, len(candidates) if names else 0):
        c = candidates[j]
        if c.type not in _NAMED:
            continue
        if c.owner is not None or len(names) == _MOST_NAMES:
            break
        ends = _LIST_ENDS.fullmatch(text, names[-1].end, c.start)
        goes_on = ends or _LIST_GOES_ON.fullmatch(text, names[-1].end, c.start)
        if goes_on is None or not _is_title(goes_on["titles"]):
            break
        names.append(c)
        if ends or _is_bare_list(text, names):
            return names, j + 1
    return [], i + 1


def _is_bare_list(text: str, names: Sequence[Candidate]) -> bool:
    """ "**Ada Obi, Kofi Sato** say": people without "and", right before a verb that may be of several."""
    verb = _VERB.match(text, names[-1].end)
    are_people = all(c.type == "PERSON" for c in names) and len({c.group for c in names}) == len(names)
    is_plural = verb is not None and not verb[1].endswith("s") and verb[1] in words("cue_verbs.txt")
    return are_people and is_plural


def _is_title(between: str) -> bool:
    """Whether words before a name may only tell who bears it: "his deputy", "Governor"."""
    return all(
        word[0].isupper() or word in _IN_TITLES or is_role(word)
        for word in (found.group() for found in WORD.finditer(between))
    )


def _spells_out(text: str, role: Candidate, names: Sequence[Candidate]) -> bool:
    """ "Three judges **- Ada Obi, Kofi Sato and Lena Brandt -**": names behind a role, closed by a mark."""
    opens = _SPELLED_OUT.fullmatch(text, role.end, names[0].start)
    is_closed = _CLOSES.match(text, names[-1].end) is not None
    return opens is not None and is_closed and _is_title(opens["titles"])


def _is_plural(text: str, c: Candidate) -> bool:
    """Whether a role is several people: "the judges", "three Court of Appeal judges"; not documents."""
    head = head_of(text[c.start : c.end]) if c.kind == "role" else None
    if head is None or head in words("documents.txt"):
        return False
    return is_role(head) and head.endswith("s") and not head.endswith("ss")


def _are_two_groups(text: str, first: Candidate, second: Candidate) -> bool:
    """Whether "teachers" and "pupils" stand side by side, and the second has no article of its own."""
    if not _is_plural(text, second) or _AND.fullmatch(text, first.end, second.start) is None:
        return False
    return not text[second.start : second.end].lower().startswith(_DETERMINED)


def _opens(text: str, start: int) -> bool:
    """Whether a clause begins at a place, or whoever a verb tells of: "**Ada Obi** said", "said **Ada Obi**".

    Titles before the place are passed over: "On Monday Governor **Ada Obi**".
    """
    for _ in range(_MOST_WORDS):
        before = _LAST_WORD.search(text, max(0, start - 44), start)
        if before is None:
            return not text[max(0, start - 4) : start].strip(" \t\n“\"‘'«„")
        word = before[1]
        plain = word.rstrip(".").lower()
        if "\n" in text[before.end(1) : start]:
            return True
        is_shortened = word.endswith(".") and plain in words("honorifics.txt")
        if word.endswith(_STOPS) and not is_shortened:
            return True
        if (
            plain in _JOINING
            or plain in words("cue_verbs.txt")
            or (plain == "to" and _is_according(text, start))
        ):
            return True
        if not (word[0].isupper() or plain in _IN_TITLES - {"of", "for"} or is_role(plain)):
            return False
        start = before.start()
    return False


def _begins_sentence(text: str, start: int) -> bool:
    """Whether nothing but titles stands between a stop or a line's end and a place."""
    return _FIRST.search(text, max(0, start - _BEFORE_CHARS), start) is not None


def _is_according(text: str, at: int) -> bool:
    return text[max(0, at - 20) : at].lower().rstrip().endswith("according to")


def _all_of(start: int, end: int) -> Phrase:
    return Phrase(start, end, Candidate(start, end, "together"))


def _replaced(found: Sequence[Phrase], joint: Phrase) -> list[Phrase]:
    """The phrases in order, the joint one in place of those that it overlaps."""
    before = [p for p in found if p.end <= joint.start]
    behind = [p for p in found if p.start >= joint.end]
    overlapped = [p for p in found if p.start < joint.end and joint.start < p.end]
    start = min([joint.start, *(p.start for p in overlapped)])
    end = max([joint.end, *(p.end for p in overlapped)])
    return [*before, Phrase(start, end, joint.head), *behind]
