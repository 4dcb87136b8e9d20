"""Names misspelt in passing: one letter wrong, or two neighbours swapped."""

from collections.abc import Iterator, Sequence

from worker.nlp.entities.group import Group

_SHORTEST = 6
"""Shorter names that differ in a letter are two names more often than one: Khan and Shan."""


class Misspellings:
    """Whom a person named once is meant for, among the people of an article who are named more often."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._by_form: dict[str, list[int]] = {}
        for index, group in enumerate(groups):
            if group.type == "PERSON" and len(group.mentions) > 1:
                for form in _forms(group.name.casefold().split()[-1]):
                    self._by_form.setdefault(form, []).append(index)

    def meant(self, index: int) -> int:
        """The one whose name it nearly is: "Ms Okafro" is Ada Okafor; itself where there is none, or two."""
        group = self._groups[index]
        if group.type != "PERSON" or len(group.mentions) > 1:
            return index
        *first, last = group.name.casefold().split()
        alike = {
            known
            for form in _forms(last)
            for known in self._by_form.get(form, ())[:2]
            if not first or first == self._groups[known].name.casefold().split()[:-1]
        }
        return alike.pop() if len(alike) == 1 else index


def _forms(word: str) -> Iterator[str]:
    """What a word shares with others of its length that differ in one letter, or in the order of two."""
    if len(word) < _SHORTEST:
        return
    for i in range(min(len(word), 20)):
        yield f"{word[:i]}?{word[i + 1 :]}"
        yield f"{word[:i]}{''.join(sorted(word[i : i + 2]))}{word[i + 2 :]}~{i}"
