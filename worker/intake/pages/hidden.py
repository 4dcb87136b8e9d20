"""Takes out text that no reader of the page sees, so that nobody can write names into an article with it.

Text is hidden by the attribute `hidden`, in `template` and a closed `dialog`, and by the style of an element
or of the page for it: not displayed, invisible, without height, of no size, off the screen, or in the colour
of its background. A page that shows nothing else waits for a script: there only attributes count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from lxml import html as lxml_html

from worker.intake.pages.colors import WHITE, Color, is_transparent, read_color
from worker.intake.pages.stylesheet import Declarations, StylePlace, StyleSheet, declarations_of

# What is for screen readers alone, by the names that the common style sheets gave it.
_UNSEEN_CLASSES = frozenset(
    {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screenreader-text"}
)
_UNREAD = frozenset({"head", "script", "style", "noscript", "title"})
# Less text than this is no article.
MIN_SHOWN_CHARS = 250
MAX_STYLE_CHARS = 5_000
_ZERO = re.compile(r"[-+]?(?:0+(?:\.0*)?|\.0+)(?:px|pt|em|rem|%|ex|ch|vw|vh)?(?:\s*!important)?$")
_RELATIVE = re.compile(r"(?:em|%)(?:\s*!important)?$")
_FAR = re.compile(r"-\d{3,}(?:\.\d+)?(?:px|em|rem|pt|%|vw|vh)?")
_FAR_MOVE = re.compile(r"translate(?:x|y|3d)?\([^)]{0,40}-\d{4,}|scale\(\s*0(?:\.0+)?\s*[,)]")
_CLIPPED = re.compile(
    r"rect\(\s*[01](?:px)?[, ]+[01](?:px)?[, ]+[01](?:px)?[, ]+[01](?:px)?\s*\)|inset\(\s*(?:50|100)%"
)
_MOVING = ("transition", "animation", "transform", "will-change")


@dataclass(frozen=True, slots=True)
class _Sight:
    """How an element is seen; what a child does not say, it has from its parent."""

    gone: bool = False
    invisible: bool = False
    tiny: bool = False
    color: Color | None = None
    background: Color | None = WHITE

    @property
    def is_hidden(self) -> bool:
        return self.gone or self.invisible or self.tiny or self._is_like_its_background()

    def _is_like_its_background(self) -> bool:
        if self.color is None or self.background is None:
            return False
        return self.color.looks_like(self.background)


def blank_hidden(tree: lxml_html.HtmlElement) -> None:
    """Empties the texts that are hidden; elements stay, without the styles that extraction misreads."""
    by_style, shown = [], 0
    for text in _texts(tree, StyleSheet(tree)):
        if text.by_attribute:
            text.blank()
        elif text.sight.is_hidden:
            by_style.append(text)
        else:
            shown += text.length()
    if shown >= MIN_SHOWN_CHARS:
        for text in by_style:
            text.blank()
    for element in tree.iter():
        element.attrib.pop("style", None)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text within an element, or behind it."""

    element: lxml_html.HtmlElement
    is_tail: bool
    by_attribute: bool
    sight: _Sight

    def length(self) -> int:
        return len(((self.element.tail if self.is_tail else self.element.text) or "").strip())

    def blank(self) -> None:
        if self.is_tail:
            self.element.tail = None
        else:
            self.element.text = None


def _texts(tree: lxml_html.HtmlElement, sheet: StyleSheet) -> Iterator[_Text]:
    waiting: list[tuple[lxml_html.HtmlElement, bool, _Sight, StylePlace | None]] = [
        (tree, False, _Sight(), None)
    ]
    while waiting:
        element, by_attribute, around, parent = waiting.pop()
        if element.tag in _UNREAD:
            continue
        by_attribute = by_attribute or _is_hidden_by_attribute(element)
        place = sheet.place(element, parent)
        said = sheet.declarations(place)
        if own := element.get("style"):
            said |= declarations_of(own[:MAX_STYLE_CHARS])
        sight = around if by_attribute else _sight_of(element, said, around)
        if element.text:
            yield _Text(element, False, by_attribute, sight)
        for child in element:
            if child.tail:
                yield _Text(child, True, by_attribute, sight)
            waiting.append((child, by_attribute, sight, place))


def _is_hidden_by_attribute(element: lxml_html.HtmlElement) -> bool:
    if element.tag == "template" or (element.tag == "dialog" and element.get("open") is None):
        return True
    # A browser shows what is hidden "until-found" to whoever searches the page for it.
    hidden = element.get("hidden")
    return hidden is not None and hidden.strip().lower() != "until-found"


def _sight_of(element: lxml_html.HtmlElement, said: Declarations, around: _Sight) -> _Sight:
    given = (element.get("class") or "").split()
    sight = replace(
        around,
        gone=around.gone or not _UNSEEN_CLASSES.isdisjoint(given) or (bool(said) and _is_gone(said)),
        # The size that a class sets may be that of another style sheet.
        tiny=around.tiny and not given,
    )
    if said:
        sight = _with_inherited(sight, said)
    return _with_colors(sight, element, said)


def _with_inherited(sight: _Sight, said: Declarations) -> _Sight:
    if "visibility" in said:
        sight = replace(sight, invisible=said["visibility"].startswith(("hidden", "collapse")))
    size = said.get("font-size") or said.get("font", "x").split("/")[0].split()[-1]
    if _ZERO.match(size):
        return replace(sight, tiny=True)
    is_absolute = "font-size" in said and not _RELATIVE.search(size)
    return replace(sight, tiny=sight.tiny and not is_absolute)


def _with_colors(sight: _Sight, element: lxml_html.HtmlElement, said: Declarations) -> _Sight:
    color = said.get("color") or (element.get("color") if element.tag == "font" else None)
    if color is not None:
        known = (
            sight.background if is_transparent(color.strip().lower()) else read_color(color.strip().lower())
        )
        sight = replace(sight, color=known)
    ground = said.get("background-color") or said.get("background") or element.get("bgcolor")
    if ground is not None and not is_transparent(ground.strip().lower()):
        sight = replace(sight, background=read_color(ground.strip().lower()))
    if "url(" in said.get("background", "") or "background-image" in said:
        sight = replace(sight, background=None)
    return sight


def _is_gone(said: Declarations) -> bool:
    """Whether nothing within the element can be seen, whatever is said there."""
    if said.get("display", "").startswith("none") or said.get("content-visibility", "").startswith("hidden"):
        return True
    if _FAR_MOVE.search(said.get("transform", "")) or _is_off_screen(said):
        return True
    # What is about to move comes into sight when a reader scrolls to it or opens it.
    if any(name in said for name in _MOVING):
        return False
    return _is_pale(said) or _is_clipped(said)


def _is_off_screen(said: Declarations) -> bool:
    if _FAR.match(said.get("text-indent", "")):
        return True
    return said.get("position", "").startswith(("absolute", "fixed")) and any(
        _FAR.match(said.get(side, "")) for side in ("left", "top", "right")
    )


def _is_pale(said: Declarations) -> bool:
    opacity = said.get("opacity", "").removesuffix("!important").strip()
    try:
        return float(opacity.rstrip("%")) <= 0.01 if opacity else False
    except ValueError:
        return False


def _is_clipped(said: Declarations) -> bool:
    if _CLIPPED.match(said.get("clip", "")) or _CLIPPED.match(said.get("clip-path", "")):
        return True
    sizes = (said.get("height", ""), said.get("max-height", ""), said.get("width", ""))
    has_no_size = any(size and (_ZERO.match(size) or size.startswith("1px")) for size in sizes)
    return has_no_size and said.get("overflow", "").startswith(("hidden", "clip"))
