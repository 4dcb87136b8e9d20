"""The names and phrases of rules in the form in which they are compared, made when a rule is put in force.

To make the form of a name at each article would cost as much as the name's author likes, whatever the budget:
some characters unfold to eighteen.
"""

from dataclasses import dataclass, field

from worker.query.words import MAX_REMEMBERED_CHARS, folded, words_of
from worker.records.rules import Condition, walk

# Bringing so many characters that are not ASCII into their form takes a few microseconds.
_SHORT_CHARS = 40


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of one rule's names and phrases that take some work to make.

    Those of short names are made when they are needed: that takes a few steps of work at most, and tens of
    thousands of rules would hold a second copy of all their names.
    """

    names: dict[str, str] = field(default_factory=dict)
    phrases: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, name: str) -> str:
        """As `folded` has it."""
        return self.names[name] if name in self.names else folded(name)

    def phrase(self, text: str) -> tuple[str, ...]:
        """As `words_of` has it."""
        return self.phrases[text] if text in self.phrases else words_of(text)


NO_FORMS = Forms()
"""For most rules, which have nothing but short names. Nobody adds to it."""


def forms_of(condition: Condition) -> Forms:
    """The forms of a condition's names and phrases, but for those that take no work to make."""
    names: dict[str, str] = {}
    phrases: dict[str, tuple[str, ...]] = {}
    for _, part in walk(condition):
        for name in _names(part):
            form = folded(name)
            if _takes_work(name, len(form)):
                names[name] = form
        if (text := _phrase(part)) is not None:
            words = words_of(text)
            if _takes_work(text, sum(map(len, words))):
                phrases[text] = words
    return Forms(names, phrases) if names or phrases else NO_FORMS


def _names(part: Condition) -> list[str]:
    named = [part.source, part.entity and part.entity.name, part.speaker and part.speaker.name]
    return [name for name in named if name]


def _phrase(part: Condition) -> str | None:
    asked = part.phrase or part.stem
    return part.headline if asked is None else asked.text


def _takes_work(text: str, length: int) -> bool:
    """Whether it takes more than a few steps to make the form of a text, which has this length."""
    if text.isascii():
        return len(text) > MAX_REMEMBERED_CHARS
    return max(len(text), length) > _SHORT_CHARS
