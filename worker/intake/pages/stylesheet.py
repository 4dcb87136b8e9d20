"""Reads as much of a page's own styles as it takes to tell what a reader does not get to see."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html as lxml_html

Declarations = dict[str, str]

# What of it decides whether a text is seen.
PROPERTIES = frozenset({
    "animation", "background", "background-color", "background-image", "clip", "clip-path", "color",
    "content-visibility", "display", "font", "font-size", "height", "left", "max-height", "opacity",
    "overflow", "position", "right", "text-indent", "top", "transform", "transition", "visibility",
    "width", "will-change",
})  # fmt: skip
MAX_STYLE_RULES = 10_000
# A name is looked for among so many of an element's ancestors' names.
MAX_NAMES_ABOVE = 1_000
# So often a rule is held against an element; a page of today has some 20,000 such pairs.
MAX_STYLE_STEPS = 500_000
_DECLARATION = re.compile(r"\s*([a-z-]{1,40})\s*:\s*([^;]{1,200})")
_COMPOUND = re.compile(r"([a-z][a-z0-9]*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_PART = re.compile(r"[.#][\w-]+")
_BRACES = re.compile(r"[{}]")
_EVERY_SCREEN = re.compile(r"@(?:layer\b|supports\b|media\s+(?:only\s+)?(?:all|screen)\s*$)", re.IGNORECASE)
# Scripts change these classes when they run, so that rules for them say nothing about what a reader sees.
_SCRIPTED = frozenset({"js", "no-js", "nojs"})


def declarations_of(block: str) -> Declarations:
    """The declarations that matter, by their names in lower case; of several of one name the last."""
    found = {}
    for part in block.lower().split(";"):
        match = _DECLARATION.match(part)
        if match and match[1] in PROPERTIES:
            found[match[1]] = match[2].strip()
    return found


@dataclass(frozen=True, slots=True)
class StylePlace:
    """An element as selectors see it.

    `above`: the names of its ancestors, tags, classes and ids alike, as far as there are rules for them; and
    `below`: those, and its own.
    """

    tag: str
    parts: frozenset[str]
    parent: "StylePlace | None"
    above: frozenset[str]
    below: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Compound:
    """A selector's part for one element: `p.note#first`."""

    tag: str
    parts: frozenset[str]

    def fits(self, place: StylePlace) -> bool:
        return (not self.tag or self.tag == place.tag) and self.parts <= place.parts


@dataclass(frozen=True, slots=True)
class _Rule:
    # In the order in which a later rule wins over an earlier one.
    rank: tuple[int, int, int, int]
    own: _Compound
    # From the outermost ancestor to the next, and all their names.
    ancestors: tuple[_Compound, ...]
    names: frozenset[str]
    declarations: Declarations

    def may_fit(self, place: StylePlace) -> bool:
        return self.own.fits(place) and self.names <= place.above

    def fits(self, place: StylePlace) -> bool:
        if not self.may_fit(place):
            return False
        wanted, ancestor = list(self.ancestors), place.parent
        while wanted and ancestor is not None:
            if wanted[-1].fits(ancestor):
                wanted.pop()
            ancestor = ancestor.parent
        return not wanted


class StyleSheet:
    """The rules of a page's `<style>` elements that show or hide a kind of element on every screen.

    At most MAX_STYLE_RULES are read, and MAX_STYLE_STEPS times one is held against an element.
    What is beyond that counts for nothing.
    """

    def __init__(self, tree: lxml_html.HtmlElement) -> None:
        self._rules: dict[str, list[_Rule]] = defaultdict(list)
        self._names: set[str] = set()
        self._steps = 0
        css = "\n".join(style.text or "" for style in tree.iter("style"))
        for number, (selector, declarations) in enumerate(_rules_of(_without_comments(css))):
            if number >= MAX_STYLE_RULES:
                break
            if rule := _rule_of(selector, declarations, number):
                self._rules[min(rule.own.parts, default=rule.own.tag)].append(rule)
                self._names |= rule.names

    def place(self, element: lxml_html.HtmlElement, parent: StylePlace | None) -> StylePlace:
        """The element's place among the rules."""
        parts = _parts_of(element)
        above: frozenset[str] = parent.below if parent else frozenset()
        own = self._names & parts.union((element.tag,))
        is_known = own <= above or len(above) > MAX_NAMES_ABOVE
        return StylePlace(element.tag, parts, parent, above, above if is_known else above | own)

    def declarations(self, place: StylePlace) -> Declarations:
        """What the rules say about an element there."""
        found: Declarations = {}
        for rule in sorted(self._fitting(place), key=lambda rule: rule.rank):
            found |= rule.declarations
        return found

    def _fitting(self, place: StylePlace) -> Iterator[_Rule]:
        for key in (place.tag, *place.parts) if self._rules else ():
            for rule in self._rules.get(key, ()):
                # To look for ancestors takes longer than to see that a rule is for other elements.
                self._steps += 20 if rule.may_fit(place) else 1
                if self._steps > MAX_STYLE_STEPS:
                    return
                if rule.fits(place):
                    yield rule


def _parts_of(element: lxml_html.HtmlElement) -> frozenset[str]:
    classes, own_id = element.get("class"), element.get("id")
    names = {"." + name for name in classes[:1000].split()} if classes else set()
    return frozenset(names | {"#" + own_id} if own_id else names)


def _without_comments(css: str) -> str:
    kept, at = [], 0
    while (start := css.find("/*", at)) >= 0:
        kept.append(css[at:start])
        at = css.find("*/", start + 2) + 2
        if at < 2:
            return " ".join(kept)
    return " ".join((*kept, css[at:]))


def _rules_of(css: str) -> Iterator[tuple[str, Declarations]]:
    """Each selector with what is declared for it; of blocks in blocks only those for every screen."""
    open_blocks: list[str] = []
    at = 0
    for brace in _BRACES.finditer(css):
        text, at = css[at : brace.start()], brace.end()
        if brace[0] == "{":
            open_blocks.append(text.rpartition(";")[2].strip())
        elif open_blocks:
            prelude = open_blocks.pop()
            if len(open_blocks) > 3 or not all(map(_EVERY_SCREEN.match, open_blocks)):
                continue
            if not prelude.startswith("@") and (declarations := declarations_of(text)):
                for selector in prelude.split(","):
                    yield selector.strip(), declarations


def _rule_of(selector: str, declarations: Declarations, number: int) -> _Rule | None:
    """None for a selector that says more than tags, classes and ids."""
    compounds = []
    for part in selector[:300].replace(">", " ").split():
        match = _COMPOUND.fullmatch(part)
        if not match or _SCRIPTED & {name[1:].lower() for name in _PART.findall(match[2])}:
            return None
        compounds.append(_Compound((match[1] or "").lower(), frozenset(_PART.findall(match[2]))))
    if not compounds:
        return None
    *ancestors, own = compounds
    names = frozenset().union(*({a.tag, *a.parts} - {""} for a in ancestors))
    parts = [part for compound in compounds for part in compound.parts]
    ids = sum(part.startswith("#") for part in parts)
    rank = ids, len(parts) - ids, sum(bool(compound.tag) for compound in compounds), number
    return _Rule(rank, own, tuple(ancestors), names, declarations)
