"""Groups mentions that name one speaker together: "NATO chief Mark Rutte", "the minister, Ada Obi"."""

import re
from collections.abc import Sequence
from dataclasses import replace

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, is_role
from worker.nlp.speakers.phrase import Phrase
from worker.nlp.speakers.possessions import Owner
from worker.nlp.speakers.together import together
from worker.nlp.wordlists import words

_PLAIN = re.compile(r"[A-Za-z]+(?:[-’'][A-Za-z]+)*")
_OBJECT = re.compile(
    r"\b(?:in|at|on|with|about|against|for|to|of|from|into|over|under|between|among|amongst|during|near|like|"
    r"after|before|by)"
    # "On **Monday** Ms Okafor said": a day ends the phrase.
    # "To which **Ms Okafor** replied": she is no object.
    r"\s+(?:(?!\w+day\b|which\b|whom\b)[a-z]+\s+)?$",
    re.IGNORECASE,
)


def is_object(text: str, start: int) -> bool:
    """Whether a preposition stands before `start`: "in **Lagos**", "with **Ms Okafor**"."""
    return bool(_OBJECT.search(text, max(0, start - 25), start))


def phrases(text: str, candidates: list[Candidate], evidence: AttributionEvidence) -> list[Phrase]:
    """The candidates, in order, grouped into phrases. A phrase may be a single candidate."""
    groups: list[list[Candidate]] = []
    for candidate in candidates:
        if groups and _belongs(text, groups[-1][-1], candidate, evidence):
            group = groups[-1]
            if _is_next_person(text, group, candidate):
                groups.append(_split_off(text, group, candidate.start))
            groups[-1].append(candidate)
        else:
            groups.append([candidate])
    found = [Phrase(group[0].start, group[-1].end, _head(text, group)) for group in groups if group]
    return _joined(text, together(text, candidates, found))


_AND = re.compile(r"\s+and\s+(?:[a-z]+\s+){0,2}")
_PLURALS = ("s", "men", "people", "children", "police")
_CLAUSE_BEGINS = re.compile(
    r"(?:^|[.!?…:;,“”\"\n—–]|\b(?:that|but|while|when|because|as|though|if))\s{0,3}(?:(?:Mr|Mrs|Ms|Dr)\.?\s{1,3})?$"
)


def _joined(text: str, found: list[Phrase]) -> list[Phrase]:
    """The phrases, where a subject and the many who are named with it are one: "**He** and many tenants"."""
    joint: list[Phrase] = []
    for phrase in found:
        first = joint[-1] if joint else None
        if first is not None and _is_second_subject(text, first, phrase):
            joint[-1] = replace(first, end=phrase.end)
        else:
            joint.append(phrase)
    return joint


def _is_second_subject(text: str, first: Phrase, second: Phrase) -> bool:
    """Whether "many tenants", who have no name, stand behind "he and" at the beginning of a clause."""
    is_one = first.head.kind == "pronoun" or first.head.type == "PERSON"
    last = WORD.findall(text[second.start : second.end].lower())[-1:]
    are_many = second.head.kind == "role" and bool(last) and last[0].endswith(_PLURALS)
    return (
        is_one
        and are_many
        and _AND.fullmatch(text, first.end, second.start) is not None
        and _CLAUSE_BEGINS.search(text, max(0, first.start - 12), first.start) is not None
    )


def _is_next_person(text: str, group: Sequence[Candidate], person: Candidate) -> bool:
    """ "The case of **Ada Obi**, board member **Kenji Sato** said": a comma parts two people.

    Not so "Ada Obi, a nurse trained by **Kenji Sato**, said".
    """
    if is_object(text, person.start):
        return False
    others = [c for c in group if c.type == "PERSON" and c.group != person.group]
    return person.type == "PERSON" and others != [] and "," in text[others[-1].end : person.start]


def _split_off(text: str, group: list[Candidate], end: int) -> list[Candidate]:
    """Take what stands behind the last comma before `end` off the group."""
    comma = text.rindex(",", 0, end)
    behind = [c for c in group if c.start > comma]
    group[:] = [c for c in group if c.start <= comma]
    return behind


_JOINT = re.compile(
    r"(?:['’]s)?[\s,(—–-]*(?:(?:the|a|an|of|for|at|in|who|is|its|his|her|former|deputy|vice|acting|chief|head|"
    r"and\s+\w+)[\s,]+)*$",
    re.IGNORECASE,
)


def _belongs(text: str, before: Candidate, candidate: Candidate, evidence: AttributionEvidence) -> bool:
    if candidate.kind == "pronoun" or before.kind == "pronoun" or candidate.start - before.end > 60:
        return False
    if candidate.owner is not None and text.startswith("whose", candidate.start):
        return False
    between = text[before.end : candidate.start]
    if (
        "\n" in between
        or ":" in between
        or any(m.group().lower() in words("cue_verbs.txt") for m in WORD.finditer(between))
    ):
        return False
    if "," in between and before.kind == "role" and _in_a_document(text, before):
        return False
    if "," in between and candidate.kind == "role" and _is_next_subject(text, before, candidate):
        return False
    is_apart = candidate.kind == "role" or candidate.type in ("PERSON", "ORG")
    if "," in between and before.type in ("GPE", "LOC", "NORP") and is_apart:
        # "In **Lagos**, the minister said": the place is not in apposition to the role.
        return False
    if (
        "," in between
        and candidate.kind == "role"
        and before.type != "PERSON"
        and not _is_closed(text, candidate)
    ):
        # "According to the **Harbour League**, the nuns left", "At **a clinic in Lagos**, the minister said".
        return False
    if _JOINT.match(between) or (candidate.type == "PERSON" and _ends_in_a_role(between)):
        return True
    return evidence.is_available and evidence.in_one_source(before.start, candidate.end)


_GOVERNED = re.compile(r"\b(?:by|with|for|of|to|from|in|at|on|after|before)\s+(?:[A-Z][\w.]*\s+){0,2}$")
_THEN_VERB = re.compile(r"\s+(?:(?:has|had|have|also|then|later|\w+ly)\s+)?([a-z]+)")


def _is_next_subject(text: str, before: Candidate, role: Candidate) -> bool:
    """ "In a sermon read by **Olaf Berg**, the abbot said": no comma closes an apposition before the verb."""
    if before.type != "PERSON" or not text.startswith(("the ", "The "), role.start):
        return False
    verb = _THEN_VERB.match(text, role.end)
    is_verb = verb is not None and verb[1] in words("cue_verbs.txt")
    return is_verb and _GOVERNED.search(text, max(0, before.start - 40), before.start) is not None


def _is_closed(text: str, apposed: Candidate) -> bool:
    """Whether a mark follows, as behind an apposition: "the league, **a union of dockers**, said"."""
    return text[apposed.end : apposed.end + 2].strip(" ”\"’'»")[:1] in (
        ",",
        ")",
        "—",
        "–",
        "-",
        ";",
        ":",
        ".",
        "",
    )


def _ends_in_a_role(between: str) -> bool:
    """'Harbour City **coach** Ada Okafor'."""
    found = between.split()
    return 0 < len(found) <= 4 and is_role(found[-1].lower()) and all(_PLAIN.fullmatch(w) for w in found)


def _in_a_document(text: str, role: Candidate) -> bool:
    """'In **its report**, the union said': the document is the place, not the speaker."""
    last = WORD.findall(text[role.start : role.end].lower())[-1:]
    return last != [] and last[0] in words("documents.txt") and is_object(text, role.start)


APPOSED = re.compile(
    r"\s+|\s*,\s+(?:who\s+(?:is|was|has\s+been|had\s+been|(?:works|worked|serves|served)\s+as)\s+)?"
    r"(?:(?:also|currently|formerly|now|once|then)\s+)?"
)


def _owner(text: str, group: list[Candidate], person: int) -> Owner | None:
    """Whose lawyer or relative a person is called by the mention next to theirs."""
    for owned, (first, second) in (
        (group[i], (min(i, person), max(i, person))) for i in (person - 1, person + 1) if 0 <= i < len(group)
    ):
        between = text[group[first].end : group[second].start]
        if owned.owner is not None and APPOSED.fullmatch(between) and not is_object(text, owned.start):
            return owned.owner
    return None


_OF_PERSON = re.compile(r"\b(?:and\s+|(?:of|for|to|by|with|under|from)\s+(?:[\w.-]+\s+)?)$", re.IGNORECASE)
POSSESSIVE = re.compile(r"['’]s?\s+\w")


def _head(text: str, group: list[Candidate]) -> Candidate:
    """A person, unless only the possessor: "Mr Obi's **spokesman**", "**a lawyer** for Ms Obi".

    Whoever is called somebody's lawyer or relative by name has their owner: "Mr Obi's lawyer, **Ada Sato**".
    """
    for i, candidate in enumerate(group):
        if candidate.type != "PERSON":
            continue
        later = group[i + 1 :]
        owns = POSSESSIVE.match(text, candidate.end) and later
        belongs = i > 0 and _OF_PERSON.search(text, group[i - 1].end, candidate.start)
        if not owns and not belongs:
            return replace(candidate, owner=_owner(text, group, i))
    named = next((c for c in group if c.type == "ORG"), None)
    for kind in ("pronoun", "role"):
        for candidate in group:
            if candidate.kind == kind and not (named and _is_beside(text, named, candidate)):
                return candidate
    return named or group[0]


def _is_beside(text: str, named: Candidate, role: Candidate) -> bool:
    """ "**The Harbour Times** in *an editorial*", "*the prison board*, **SNAB**": the name speaks.

    So it does in "**Delta Watch**, *a network of clubs*, said".
    """
    if role.end <= named.start:
        return not text[role.end : named.start].strip(" ,(") and not text.startswith(("'", "’"), named.end)
    apposed = text[named.end : role.start].strip() == "," and text.startswith(("a ", "an "), role.start)
    return named.end <= role.start and (apposed or _in_a_document(text, role))
