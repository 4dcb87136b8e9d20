"""Tells who speaks in the turns of an interview: whom the label names, or who is interviewed."""

import re
from bisect import bisect_left
from collections.abc import Sequence

from worker.nlp.entities.group import Group, Span
from worker.nlp.quotes.interviews import ANSWERERS, label_key, label_words
from worker.nlp.speakers.candidates import Candidate

_INTERVIEWS = re.compile(
    r"\b(?:interview(?:ed|s|ing)?|conversation|q&a|spoke|speaks|speaking|talk(?:ed|s|ing)?|sat\s+down|caught\s+up|"
    r"met|meets|ask(?:ed|s)?)(?:\s+(?:with|to|up\s+with))?\s+(?:[\w’'-]+\s+){0,5}$",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"(?:,[^,.\n]{1,80},|\s*\([^()\n]{1,30}\))?\s+(?:\w+ly\s+)?(?:spoke|speaks|talks|talked|tells|told|answers|"
    r"answered|explains|explained|discusses|discussed|reflects|sat\s+down|sits\s+down|agreed)\b"
)
_BYLINE = re.compile(r"\b(?:[Bb]y|BY|[Pp]hotos?(?:graph(?:s|ed)?)?(?:\s+by)?:?|[Ii]nterviewer:?)\s+$")
_MOST_MENTIONS = 3
_TALKING = ("PERSON", "ORG")


class Interviewees:
    """The people of one interview, whose turns stand from `first` to `end`."""

    def __init__(
        self, text: str, groups: Sequence[Group], candidates: Sequence[Candidate], first: int, end: int
    ) -> None:
        self._text = text
        self._groups = groups
        self._named = [c for c in candidates if c.kind == "name"]
        self._starts = [c.start for c in self._named]
        # By label, since an article may have thousands of turns.
        self._called: dict[str, int | None] = {}
        people = [c for c in candidates if c.type == "PERSON"]
        # The talk is introduced before it, else told of behind it.
        self._answering = self._interviewed(
            [c for c in people if c.start < first] or [c for c in people if c.start > end]
        )

    def who(self, label: Span) -> int | None:
        """The entity that a label stands for."""
        name = self._text[slice(*label)]
        if label_key(name) in ANSWERERS:
            return self._answering
        found = label_words(name)
        i = bisect_left(self._starts, label[0])
        labelled = [c.group for c in self._named[i : i + 2] if c.start < label[1] and c.type in _TALKING]
        fullest = labelled[0] if len(labelled) == 1 else None
        if fullest is not None and len(self._groups[fullest].name.split()) > 1:
            return fullest
        if name not in self._called:
            called = [i for i, g in enumerate(self._groups) if g.type in _TALKING and _is_called(g, found)]
            self._called[name] = called[0] if len(called) == 1 else None
        only = self._called[name]
        return fullest if only is None else only

    def _interviewed(self, people: Sequence[Candidate]) -> int | None:
        """The person whom the words around the turns show to be interviewed, None where two may be."""
        points: dict[int, float] = {}
        for person in people:
            if person.group is None:
                continue
            before = self._text[max(0, person.start - 80) : person.start]
            score = min(1.0, 1.0 if points.get(person.group, 0.0) < _MOST_MENTIONS else 0.0)
            score += 4.0 * bool(_INTERVIEWS.search(before))
            score += 4.0 * bool(_ANSWERS.match(self._text, person.end))
            score -= 20.0 * bool(_BYLINE.search(before))
            points[person.group] = points.get(person.group, 0.0) + score
        best = sorted(((score, group) for group, score in points.items() if score > 0), reverse=True)
        return best[0][1] if best and (len(best) == 1 or best[0][0] > best[1][0]) else None


def _is_called(group: Group, found: Sequence[str]) -> bool:
    """Whether a label is a person's first or last name, all of a name, or its initials."""
    name = group.name.casefold().split()
    if not found or len(name) < 2:
        return False
    is_initials = len(found) == 1 and found[0] == "".join(word[0] for word in name)
    is_part = len(found) == 1 and group.type == "PERSON" and found[0] in (name[0], name[-1])
    return is_initials or is_part or list(found) == name
