"""Finds the mentions that may be speakers: names, pronouns and roles."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Group, Span, overlapping
from worker.nlp.patterns import WORD
from worker.nlp.speakers.noun_phrases import NounPhrases
from worker.nlp.speakers.possessions import Owner, Possession, determined_before, find_possessions
from worker.nlp.wordlists import words

_SPEAKING_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "NORP"})
_PRONOUN = re.compile(
    r"\b(?:he|she|they|it(?=\s+(?:also\s+|has\s+|had\s+|then\s+)?\w+(?:ed|s|id)\b)|"
    r"(?<=according to )(?:him|her|them|it)(?=\s*[,.;:)—–“\"]))\b",
    re.IGNORECASE,
)
# "**HARBOUR TIMES (AP)** – The mayor", "**LAGOS, Nigeria (Reuters)** -- ": what begins an article.
_DATELINE = re.compile(
    r"\s*[A-Z][A-Z .’'/-]{2,40}(?:,[^().\n–—]{1,40}?)?"
    r"(?:\s*\([A-Z][A-Za-z/ ]{1,30}\)\s*(?:[-–—]{1,2}\s*)?|\s*(?:[–—]|--?)\s+)(?=[A-Z“\"])"
)
# Whoever tells the article: "“Is it home-grown?” **I** ask".
_NARRATOR = re.compile(r"(?<![\w.])I(?=\s+[a-z])")
# "**The former** was silent, **the latter** called it": followed by a verb.
_OF_TWO = re.compile(
    r"\b[Tt]he[ \t]+(?:former|latter)(?=,?[ \t]+(?:(?:also|then|once|later|\w+ly)[ \t]+){0,2}([a-z]+))"
)
# "**The two** also called it": nobody but these is counted.
_THE_TWO = re.compile(
    r"\b[Tt]he[ \t]+(?:two|pair|duo)(?=[ \t]+(?:(?:also|then|later|\w+ly)[ \t]+){0,2}([a-z]+))"
)
# Words with a capital, in a row: "Lieutenant Governor Ada".
_CAPITALIZED = re.compile(r"\b[A-Z][a-z]{2,20}(?:[ \t][A-Z][a-z]{2,20})*\b")
# "**The LG** said".
_LETTERS = re.compile(
    r"\b[Tt]he[ \t]+([A-Z]{2,4})\b"
    r"(?=[.,;:)”\"]|\n|$|[ \t]+(?:(?:also|then|later|has|had|\w+ly)[ \t]+){0,2}([a-z]+))"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Justice)\b\.?\s+([A-Z][\w’'-]+)")
_DETERMINER = (
    r"(?:the|a|an|another|one|this|[A-Z][\w.-]*['’]s|[A-Z]\w*s['’]|"
    r"his|her|their|its|our|my|some|several|many|two|three)"
)
_ROLES = words("roles.txt") | words("role_bodies.txt") | words("documents.txt")
QUANTITIES = frozenset(("all", "both", "few", "many", "most", "others", "several", "some"))
"""Words for people of whom nothing else is told: "**some** have called it". The encoder tells which speak."""
_NEVER_SPEAKERS = (words("function_words.txt") - QUANTITIES) | {
    "who",
    "that",
    "which",
    "i",
    "we",
    "you",
    "as",
}
# None of these stands between an article and a role, except in "the **same** official".
_VERBS_AND_PRONOUNS = (words("function_words.txt") | words("cue_verbs.txt")) - {"same", "own"}


_NEAR_CHARS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mention that may be a speaker. `kind`: name, pronoun, role, work, or together for several as one.

    `group`: the entity of a name.
    `owner`: whom the mention belongs to or speaks for, where the text names them: "**Ms Obi**'s lawyer".
    """

    start: int
    end: int
    kind: str
    group: int | None = None
    type: str = ""
    owner: Owner | None = None


class Candidates:
    """The candidates of one article, in order and without overlaps, outside of quotes."""

    def __init__(
        self,
        text: str,
        groups: Sequence[Group],
        quoted: Sequence[Span],
        evidence: AttributionEvidence,
    ) -> None:
        named = [
            Candidate(start, end, "name", index, group.type)
            for index, group in enumerate(groups)
            if group.type in _SPEAKING_TYPES
            for start, end in group.mentions
        ]
        dateline = _DATELINE.match(text)
        # A place or a newspaper that tells where the article is from does not speak by it.
        first = dateline.end() if dateline else 0
        named = [c for c in named if c.start >= first]
        inside = sorted((c.start, c.end) for c in named)
        people = sorted((c.start, c.end) for c in named if c.type == "PERSON")
        spans = _merged(_roles(text, inside, NounPhrases(text, people)) + _named_roles(text, named))
        spans = _merged(spans + _longer_than_names(text, evidence, named, spans))
        self._possessions = _possessions(text, named, spans)
        roles = [Candidate(start, end, "role") for start, end in spans]
        # In "the **Iranian** president" and "the **NATO** chief" the role is the speaker, not the name in it.
        owned = [(p.start, p.end) for p in self._possessions]
        roles = [role for role in roles if not _overlaps(people, role) and not _overlaps(owned, role)]
        roles += [_of_possession(possession) for possession in self._possessions]
        role_spans = sorted((role.start, role.end) for role in roles)
        self.inside_roles = [c for c in named if c.type != "PERSON" and _overlaps(role_spans, c)]
        """The names in roles, which do not speak: "the **NATO** chief", "a notice from **Delta Mills**"."""
        named = [c for c in named if c.type == "PERSON" or not _overlaps(role_spans, c)]
        pronouns = [Candidate(m.start(1), m.end(1), "role") for m in _TITLED.finditer(text)]
        pronouns += [
            Candidate(*span, "role") for span in (*_counted_before(text), *_offices_in_letters(text))
        ]
        pronouns += [Candidate(m.start(), m.end(), "pronoun") for m in _PRONOUN.finditer(text)]
        pronouns += [Candidate(m.start(), m.end(), "pronoun") for m in _NARRATOR.finditer(text)]
        taken = sorted([(c.start, c.end) for c in named] + role_spans)
        free = roles + [c for c in pronouns if not _overlaps(taken, c)]
        everything = sorted(named + free, key=lambda c: (c.start, -c.end))
        self._quoted = sorted(quoted)
        spoken = [c for c in everything if not _overlaps(self._quoted, c)]
        self.all = sorted(
            spoken + _nameless(text, evidence, spoken, self._quoted, first), key=lambda c: (c.start, -c.end)
        )
        self.owners = {(p.owner.start, p.owner.end): p for p in self._possessions if p.by != "whose"}
        """The possessions by their owners' mentions. An owner's mention is no speaker."""
        self._speaking = [c for c in self.all if (c.start, c.end) not in self.owners]
        self._starts = [c.start for c in self._speaking]
        self._taken = self._quoted + [(c.start, c.end) for c in self.all if c.kind != "role"]
        self._taken.sort()

    def is_taken(self, start: int, end: int) -> bool:
        """Whether a word stands in a quote, a name or a pronoun, so that it cannot be a cue."""
        return _overlaps(self._taken, Candidate(start, end, ""))

    def before_quote(self, at: int, near: int = _NEAR_CHARS) -> int:
        """Where the quote begins that ends right before a place, the place itself if there is none."""
        i = bisect_left(self._quoted, (at, at))
        start, end = self._quoted[i - 1] if i else (at, at)
        return start if 0 <= at - end <= near else at

    def between(self, start: int, end: int) -> list[Candidate]:
        """The candidates within a span."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [c for c in self._speaking[first:last] if c.end <= end]

    def within(self, start: int, end: int) -> list[Candidate]:
        """The candidates within a span, also those who only tell whose somebody is."""
        first = bisect_left(self.all, start, key=lambda c: c.start)
        last = bisect_left(self.all, end, key=lambda c: c.start)
        return [c for c in self.all[first:last] if c.end <= end]

    def role_around(self, start: int, end: int) -> Candidate | None:
        """The role whose phrase a span, which the encoder took for a source, begins in and ends before."""
        i = bisect_left(self._starts, end)
        last = self._speaking[i - 1] if i else None
        is_longer = last is not None and last.kind == "role" and last.start <= start and end < last.end
        return last if is_longer else None

    def possession_around(self, start: int, end: int) -> Candidate | None:
        """The possession that a span, which the encoder took for a source, is a part of or begins in."""
        i = bisect_left(self._possessions, end, key=lambda possession: possession.start)
        last = self._possessions[i - 1] if i else None
        return _of_possession(last) if last is not None and start < last.end else None

    def relative_behind(self, end: int, cue: int) -> Candidate | None:
        """ "Ms Obi, **whose lawyer** said": the possession between an owner and a cue that follows it."""
        i = bisect_left(self._possessions, cue, key=lambda possession: possession.start)
        last = self._possessions[i - 1] if i else None
        is_near = last is not None and last.by == "whose" and end <= last.start and last.owner.end <= end
        return _of_possession(last) if last is not None and is_near else None


def _counted_before(text: str) -> Iterator[Span]:
    """ "**The latter** said", "**the two** said": those who were just named, before a verb of saying."""
    for pattern in (_OF_TWO, _THE_TWO):
        for match in pattern.finditer(text):
            if match[1] in words("cue_verbs.txt"):
                yield match.span()


def _offices_in_letters(text: str) -> Iterator[Span]:
    """ "Lieutenant Governor Ada Obi ... **the LG** said": the first letters of an office."""
    known: dict[str, bool] = {}
    for match in _LETTERS.finditer(text):
        letters = match[1]
        if match[2] and match[2] not in words("cue_verbs.txt"):
            continue
        if letters not in known:
            known[letters] = not words("roles.txt").isdisjoint(_spelled_out(text, letters))
        if known[letters]:
            yield match.span()


def _spelled_out(text: str, letters: str) -> Iterator[str]:
    """The last words, in small letters, of those that stand in a row and begin with these letters."""
    for match in _CAPITALIZED.finditer(text):
        row = match[0].split()
        for end in range(len(letters), len(row) + 1):
            if "".join(word[0] for word in row[end - len(letters) : end]) == letters:
                yield row[end - 1].lower()


def _of_possession(possession: Possession) -> Candidate:
    return Candidate(possession.start, possession.end, "role", owner=possession.owner)


def _possessions(text: str, named: Sequence[Candidate], roles: Sequence[Span]) -> list[Possession]:
    """The possessions, in order, each as long as the roles that it overlaps."""
    owners = ((Owner(c.start, c.end, c.group), c.type) for c in named if c.type != "NORP")
    names = sorted((c.start, c.end) for c in named)
    found: list[Possession] = []
    for p in find_possessions(text, owners):
        if overlapping(names, p.noun):
            # "Ghana's **Democratic Party**" has a name of its own.
            continue
        around = [role for role in overlapping(roles, (p.start, p.end)) if p.by != "whose"]
        start = min([p.start, *(start for start, _ in around if _DETERMINED.match(text, start))])
        end = max([p.end, *(end for _, end in around if _OF_WHAT.match(text, p.noun[1], end))])
        if not found or start >= found[-1].end:
            found.append(replace(p, start=start, end=end))
    return found


_RELATIVE = re.compile(r"(?:who|which|that|whom|whose)\b")
# "**The 46-year-old**, who left": the clause is no part of the mention, nor is what stands in one a mention.
_CLAUSE_BEHIND = re.compile(r",\s{1,3}(?:who|whom|whose|which)\b|\s{1,3}(?:who|whom|whose|which)$")
_IN_CLAUSE = re.compile(r"\bwho\s{1,3}(?:until\s{1,3})?$")
# "**Some** who": the clause is no part of the mention.
_SOME_WHO = re.compile(rf"({'|'.join(sorted(QUANTITIES))})\s{{1,3}}(?:who|whom|whose)\b", re.IGNORECASE)


def _nameless(
    text: str, evidence: AttributionEvidence, known: list[Candidate], quoted: list[Span], first: int
) -> list[Candidate]:
    """ "**The 34-year-old** said": spans that the encoder tags as sources where no other candidate stands."""
    starts = sorted((c.start, c.end) for c in known)
    found = []
    for start, end in evidence.sources():
        relative = _SOME_WHO.match(text, start, end)
        end = relative.end(1) if relative else end
        clause = _CLAUSE_BEHIND.search(text, start + 1, end)
        end = clause.start() if clause else end
        candidate = Candidate(start, end, "role")
        if (
            end - start < 80
            and start >= first
            and not _RELATIVE.match(text, start)
            and not _IN_CLAUSE.search(text, max(0, start - 14), start)
            and text[start].isalnum()
            and not _NEVER_SPEAKERS.issuperset(WORD.findall(text[start:end].lower()))
            and not _overlaps(starts, candidate)
            and not _overlaps(quoted, candidate)
        ):
            found.append(candidate)
    return found


def _overlaps(taken: list[Span], candidate: Candidate) -> bool:
    """Whether a candidate overlaps one of the spans, which are in order and do not overlap each other."""
    return bool(overlapping(taken, (candidate.start, candidate.end)))


_BEFORE_ROLE = re.compile(rf"\b{_DETERMINER}\s+(?:[\w’'-]+\s+){{0,3}}$", re.IGNORECASE)
_ONE_OF = re.compile(
    r"\b(?:one|two|three|four|some|many|most|several|each|none|both|all)\s+of\s+"
    r"(?:the|these|those|its|his|her|their|our|my)\s+(?:[\w’'-]+\s+){0,2}$",
    re.IGNORECASE,
)
_DETERMINED = re.compile(rf"{_DETERMINER}\s", re.IGNORECASE)
_OF_BODY = re.compile(
    r"\s+(?:of|for|in|at|from|with)\s+(?:the|its|a|an|his|her|their)\s+(?:[a-z]+\s+){0,2}?"
    rf"(?:{'|'.join(sorted(words('role_bodies.txt')))})\b"
)
_ADJECTIVES = re.compile(r"(?:[\w’'-]+[ \t]){1,2}$")
_OF_WHAT = re.compile(
    r"\s+(?:of|for|in|at|to)\s+(?:the\s+|its\s+)?[A-Z][\w’'-]*(?:\s+(?:of\s+(?:the\s+)?|and\s+|for\s+)?[A-Z][\w’'-]*)*"
)


# "EU **Member** States", "Harbour County **Supervisor** of Elections".
_NAME_GOES_ON = re.compile(r"\s+(?:of\b|[A-Z])")


# "Algerian **returnees**"; not "the Taliban **wants** the road".
_MANY = re.compile(
    r"(?<=[a-z])[ \t]([a-z]{3,}(?:[a-rt-z]s|men|women|people))\b(?!['’])"
    r"(?!\s+(?:the|an?|to|that|its|his|her|it|him|them)\b)"
)


def _are_of_a_people(text: str, people: Candidate) -> bool:
    """Whether a people's name only tells which ones a plural noun means."""
    noun = _MANY.match(text, people.end) if people.type == "NORP" else None
    return noun is not None and not _is_no_noun(noun[1]) and noun[1] not in words("past_verbs.txt")


# "**Three** Court of Appeal judges", "**the** Ministry of Works spokesman".
_BEFORE_BODY = re.compile(
    r"\b(?:the|two|three|four|five|six|seven|eight|nine|ten|several|some|many)\s$", re.I
)


def _named_roles(text: str, named: list[Candidate]) -> list[Span]:
    """ "**NATO chief** warns": a role noun right behind a name, and no person's name behind that.

    Of a people's name any plural noun: "**Algerian returnees** call it".
    """
    people = {c.start for c in named if c.type == "PERSON"}
    found = []
    for candidate in named:
        role = WORD.match(text, candidate.end + 1) if candidate.type != "PERSON" else None
        if (
            role
            and (role.group().lower() in words("roles.txt") or _are_of_a_people(text, candidate))
            and not (role.group()[0].isupper() and _NAME_GOES_ON.match(text, role.end()))
            and not people & {role.end() + 1, role.end() + 2}
        ):
            article = _BEFORE_BODY.search(text, max(0, candidate.start - 9), candidate.start)
            found.append((article.start() if article else candidate.start, role.end()))
    return found


# "The **Lagos**-based assistant", "one **Facebook** user": a noun that the name only describes.
_DESCRIBED = re.compile(r"(?:-[a-z]+|['’]s?)?(?:[ \t]+[a-z][\w’'-]*){1,4}")
# "A reader on **Facebook**", "a senior partner at **Harbour Books**".
_DESCRIBES = re.compile(r"(?:[\w’'-]+[ \t]+){1,4}(?:of|on|at|from|in|with|by)[ \t]+(?:the[ \t]+)?")
_ARTICLE = re.compile(r"\b(?:the|a|an|one|another)\s+$", re.IGNORECASE)
_SOURCE_ENDS = re.compile(r"\s{0,3}(?:[,(–—]|\bwho\b)")


def _longer_than_names(
    text: str, evidence: AttributionEvidence, named: Sequence[Candidate], roles: Sequence[Span]
) -> list[Span]:
    """Spans that the encoder tags as sources, in which a name only describes a noun that no list has."""
    names = sorted((c.start, c.end) for c in named)
    people = {(c.start, c.end) for c in named if c.type == "PERSON"}
    found = []
    for start, end in evidence.sources():
        stop = _SOURCE_ENDS.search(text, start, end)
        end = stop.start() if stop else end
        inside = overlapping(names, (start, end)) if end > start else []
        if len(inside) != 1 or inside[0] in people or overlapping(roles, (start, end)):
            continue
        behind = _DESCRIBED.fullmatch(text, inside[0][1], end)
        before = behind or _DESCRIBES.fullmatch(text, start, inside[0][0])
        if before and not any(_is_no_noun(word) for word in WORD.findall(before.group())):
            article = _ARTICLE.search(text, max(0, start - 9), start)
            found.append((article.start() if article else start, end))
    return found


_LINKS = frozenset(("a", "an", "the", "one", "another", "of", "on", "at", "from", "in", "with", "by"))


def _is_no_noun(word: str) -> bool:
    """Whether a word is one of grammar or reports speech, so that no noun phrase ends in it."""
    plain = word.lower()
    return plain not in _LINKS and (plain in words("function_words.txt") or plain in words("cue_verbs.txt"))


def _merged(spans: list[Span]) -> list[Span]:
    """The spans in order, without those that overlap an earlier one."""
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def is_role(word: str) -> bool:
    """Whether a lower-case word is a role noun, also with a hyphen: "vice-president"."""
    return word in _ROLES or word.rpartition("-")[2] in _ROLES


_BEHIND_NOUNS = frozenset(
    ("of", "for", "in", "at", "to", "from", "who", "with", "by", "on", "near", "outside", "inside",
     "within", "behind", "familiar", "involved", "close", "briefed", "based", "responsible", "loyal",
     "opposed", "linked")
)  # fmt: skip


def role_word(found: Sequence[str]) -> str | None:
    """The role noun of a phrase: the last one before "of", "for" or the like, else the last word there."""
    for i, word in enumerate(found):
        if word in _BEHIND_NOUNS and i:
            found = found[:i]
            break
    return next((word for word in reversed(found) if is_role(word)), found[-1] if found else None)


# "Three Court of Appeal **judges**": behind a name stands what the name only describes.
_BEHIND_NAME = re.compile(r"[A-Z][\w’'-]{0,30} ([a-z][\w-]{0,30})$")


def head_of(role: str) -> str | None:
    """The role noun of a phrase as it stands in the text, also behind a name that has an "of" in it."""
    behind = _BEHIND_NAME.search(role[-60:])
    if behind is not None and is_role(behind[1]):
        return behind[1]
    return role_word(WORD.findall(role.lower()))


def _roles(text: str, named: list[Span], noun_phrases: NounPhrases) -> list[Span]:
    """ "**The energy minister**", "**an official**": role nouns outside of names, each with its phrase."""
    found: list[Span] = []
    for match in WORD.finditer(text):
        word = match.group().lower()
        if not is_role(word) or _overlaps(named, Candidate(*match.span(), "role")):
            continue
        if word in _ALSO_ADJECTIVES and _is_before_noun(text, match.end()):
            continue
        start = _role_start(text, match.start(), word)
        if start is None:
            continue
        of_what = _OF_WHAT.match(text, match.end(), match.end() + 80)
        of_what = of_what or _OF_BODY.match(text, match.end(), match.end() + 60)
        end = noun_phrases.end(*match.span())
        end = max(end, noun_phrases.end(match.start(), of_what.end())) if of_what else end
        if found and start < found[-1][1]:
            start, before = found.pop()
            end = max(end, before)
        found.append((start, end))
    return found


# "Another **major** challenge" is nobody.
_ALSO_ADJECTIVES = frozenset(("chief", "general", "major", "principal", "private"))
_NEXT_WORD = re.compile(r"[ \t]([a-z][a-z-]+)")


def _is_before_noun(text: str, end: int) -> bool:
    """Whether a plain word follows that is neither of grammar nor a verb."""
    behind = _NEXT_WORD.match(text, end)
    if behind is None or is_role(behind[1]) or behind[1].endswith("ed"):
        return False
    return not any(
        behind[1] in words(f"{name}.txt") for name in ("function_words", "cue_verbs", "past_verbs")
    )


def _role_start(text: str, at: int, word: str) -> int | None:
    """Where the phrase of a role begins, None for a singular noun without article, which is no speaker."""
    before = determined_before(text, at, _BEFORE_ROLE, _VERBS_AND_PRONOUNS)
    one_of = _ONE_OF.search(text, max(0, at - 60), at)
    if one_of:
        return one_of.start()
    if before is not None:
        return before
    if not (word.endswith("s") or word in ("police", "media", "press")):
        return None
    adjectives = _ADJECTIVES.search(text, max(0, at - 30), at)
    start = at
    for found in reversed(list(WORD.finditer(text, adjectives.start(), at)) if adjectives else []):
        if found.group().lower() in words("function_words.txt") or found.group().lower() in words(
            "cue_verbs.txt"
        ):
            break
        start = found.start()
    return start
