"""Recognizes misspelt names of people: one letter wrong, or two neighbouring letters swapped."""

from collections.abc import Iterator, Sequence

from worker.nlp.entities.group import Group

_MIN_CHARS = 6
"""Shorter names that differ in one letter are usually two names: Khan and Shan."""


class Misspellings:
    """Matches a person named once to a person of similar name who is named more often in the article."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._by_form: dict[str, list[int]] = {}
        for index, group in enumerate(groups):
            if group.type == "PERSON" and len(group.mentions) > 1:
                for form in _forms(group.name.casefold().split()[-1]):
                    self._by_form.setdefault(form, []).append(index)

    def corrected(self, index: int) -> int:
        """The index of the person meant: Ada Okafor for "Ms Okafro". `index` itself if none or two fit."""
        group = self._groups[index]
        if group.type != "PERSON" or len(group.mentions) > 1:
            return index
        *first, last = group.name.casefold().split()
        alike = {
            known
            for form in _forms(last)
            for known in self._by_form.get(form, ())[:2]
            if self._is_other_spelling(known, first, last)
        }
        return alike.pop() if len(alike) == 1 else index

    def _is_other_spelling(self, known: int, first: list[str], last: str) -> bool:
        """Whether the names differ in the surname only. One who is spelt alike is somebody else."""
        *known_first, known_last = self._groups[known].name.casefold().split()
        return last != known_last and (not first or first == known_first)


def _forms(word: str) -> Iterator[str]:
    """Keys that a word shares with words that differ in one letter, or in the order of two neighbours."""
    if len(word) < _MIN_CHARS:
        return
    for i in range(min(len(word), 20)):
        yield f"{word[:i]}?{word[i + 1 :]}"
        yield f"{word[:i]}{''.join(sorted(word[i : i + 2]))}{word[i + 2 :]}~{i}"
