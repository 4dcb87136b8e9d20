"""Mends what extraction made of a page: puts back paragraphs that it lost, and takes away what is no text.

Extraction's lines are found again among the page's blocks. Where they stand tells what belongs to them.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from lxml import html as lxml_html

from worker.intake.pages.blocks import HEADINGS, Block, key_of

_SENTENCE = re.compile(r"[.!?…:。！？][\"'”’»)\]]*(?:\s|$)")
_WORD = re.compile(r"\w+")
# Between the title's last paragraph and the article: a line that names the author, and no more.
_MOST_BETWEEN = 2
# Two texts that share so many words in a row are the same.
_RUN = 6
_MIN_PARAGRAPH_CHARS = 60
_MAX_TITLE_LINES = 4
_ASIDE_TAGS = frozenset({
    "aside", "nav", "footer", "form", "figure", "figcaption", "table", "header", "address", "dl",
    "menu",
})  # fmt: skip
_LEAD_CLASS = re.compile(
    r"(?:^|[\s_-])(?:intro|lead|lede|standfirst|preamble|vorspann|chapo|ingress)(?:$|[\s_-])", re.IGNORECASE
)
_ASIDE_CLASS = re.compile(
    r"related|recommend|promo|newsletter|comment|share|social|author|byline|bio|caption|credit|teaser|sidebar"
    r"|footer|nav|menu|advert|sponsor|cookie|consent|paywall|subscri|popup|modal|breadcrumb|tags|meta"
    r"|(?:^|[\s_-])(?:date|time|timestamp|published|updated)",
    re.IGNORECASE,
)


def mended(
    lines: Sequence[str], blocks: Sequence[Block], *, titles: Sequence[str], summaries: Sequence[str]
) -> list[str]:
    """Lines of the article. `lines`: those that were extracted.

    `titles`, `summaries`: what the page says about itself, which is no part of its article's text.
    """
    at = _aligned(lines, blocks)
    start = _after_title(lines, at, blocks, titles)
    lines, at = lines[start:], at[start:]
    if not any(place is not None for place in at):
        return list(lines)
    added = _lost(lines, at, blocks, summaries)
    return _merged(lines, at, blocks, added)


def _aligned(lines: Sequence[str], blocks: Sequence[Block]) -> list[int | None]:
    """For each line the block that it was read from, in the same order; None for one that isn't found."""
    places: dict[str, list[int]] = {}
    for number, block in enumerate(blocks):
        places.setdefault(block.key, []).append(number)
    candidates = [places.get(key_of(line), []) for line in lines]
    only = [found[0] if len(found) == 1 else None for found in candidates]
    anchors = _rising(only)
    # For each line the next one's place that is certain.
    limits = [len(blocks)]
    for number in range(len(lines) - 1, 0, -1):
        limits.append(anchors.get(number, limits[-1]))
    found: list[int | None] = []
    last = -1
    for number, (places_of_line, limit) in enumerate(zip(candidates, reversed(limits), strict=False)):
        place = anchors.get(number)
        if place is None:
            at = bisect_right(places_of_line, last)
            place = places_of_line[at] if at < len(places_of_line) and places_of_line[at] < limit else None
        found.append(place)
        last = last if place is None else place
    return found


def _rising(places: Sequence[int | None]) -> dict[int, int]:
    """The longest part of these that rises, by its indices: what stands in the same order in both texts."""
    tops: list[int] = []
    at: list[int] = []
    before: dict[int, int | None] = {}
    for number, place in enumerate(places):
        if place is None:
            continue
        length = bisect_left(tops, place)
        before[number] = at[length - 1] if length else None
        tops[length : length + 1] = [place]
        at[length : length + 1] = [number]
    kept: dict[int, int] = {}
    current = at[-1] if at else None
    while current is not None:
        kept[current] = places[current]  # type: ignore[assignment]
        current = before[current]
    return kept


def _after_title(
    lines: Sequence[str], at: Sequence[int | None], blocks: Sequence[Block], titles: Sequence[str]
) -> int:
    """The number of lines that only say what the page is called, or stand in its head."""
    keys = {key_of(title).lower() for title in titles if title}
    start = 0
    for number, line in enumerate(lines[:_MAX_TITLE_LINES]):
        place = at[number]
        key = key_of(line).lower()
        if key in keys or (place is not None and blocks[place].element.tag == "h1"):
            start = number + 1
    head = _head_of(blocks, at, start)
    while start < len(lines) - 1 and (place := at[start]) is not None:
        element = blocks[place].element
        if element.tag not in HEADINGS or element.getparent() not in head:
            break
        start += 1
    return start


def _head_of(
    blocks: Sequence[Block], at: Sequence[int | None], start: int
) -> set[lxml_html.HtmlElement | None]:
    """The elements around the page's title: what is a heading there is the title's."""
    first = next((place for place in at[start:] if place is not None), len(blocks))
    titles = [block.element for block in blocks[:first] if block.element.tag == "h1"]
    return {around for title in titles[-1:] for around in (title.getparent(), *title.iterancestors("header"))}


def _lost(
    lines: Sequence[str], at: Sequence[int | None], blocks: Sequence[Block], summaries: Sequence[str]
) -> list[int]:
    """The paragraphs that extraction passed over: among those that it found, above them and behind them."""
    taken = {place for place in at if place is not None}
    found = _Found(blocks, taken)
    known, summarized = _runs(lines), _runs(summaries)
    lost = []
    for number, block in enumerate(blocks):
        if number in taken or not _is_paragraph(block):
            continue
        runs = _runs([block.text])
        if known & runs:
            continue
        is_within = found.is_within(block) and (number < found.last or found.is_beside(block))
        if is_within or found.goes_on(number) or (not summarized & runs and found.leads_in(number)):
            lost.append(number)
    return lost


class _Found:
    """Where in the page the lines that were extracted stand."""

    def __init__(self, blocks: Sequence[Block], taken: set[int]) -> None:
        self._blocks = blocks
        self.first, self.last = min(taken), max(taken)
        self._container = _container([blocks[place] for place in taken])
        self._parents = Counter(blocks[place].element.getparent() for place in taken)
        self._main = self._parents.most_common(1)[0]
        self._purposes: dict[lxml_html.HtmlElement, bool] = {}
        self._title = next(
            (n for n in range(self.first, -1, -1) if blocks[n].element.tag == "h1"), self.first
        )
        # Behind another headline begins another story.
        self._end = next(
            (n for n in range(self.last, len(blocks)) if blocks[n].element.tag == "h1"), len(blocks)
        )

    def is_within(self, block: Block) -> bool:
        """Whether the block stands in the element that holds most of the text, as a part of the text."""
        return self._stands_in(block.element, self._container)

    def is_beside(self, block: Block) -> bool:
        """Whether the block is next to several that were found."""
        return self._parents[block.element.getparent()] > 1

    def leads_in(self, number: int) -> bool:
        """Whether the block stands just before the text: behind the page's title, or named as a lead."""
        if not 0 < self.first - number <= _MOST_BETWEEN:
            return False
        if self._title < number:
            return self._is_near(number, self._title)
        element = self._blocks[number].element
        named = " ".join(a.get("class") or "" for a in (element, *element.iterancestors("div", "header")))
        return bool(_LEAD_CLASS.search(named[:1000])) and self._is_near(number, self.first)

    def goes_on(self, number: int) -> bool:
        """Whether the text goes on there, in a further element of the same kind."""
        if not self.last < number < self._end:
            return False
        main, count = self._main
        return (
            count > 1
            and _is_alike(main, self._blocks[number].element.getparent())
            and self._is_near(number, self.last)
        )

    def _is_near(self, number: int, other: int) -> bool:
        """Whether nothing of another purpose lies around the block, up to what holds the other one too."""
        element = self._blocks[number].element
        around = {self._blocks[other].element, *self._blocks[other].element.iterancestors()}
        both = next((a for a in (element, *element.iterancestors()) if a in around), element)
        return self._stands_in(element, both)

    def _stands_in(self, element: lxml_html.HtmlElement | None, container: lxml_html.HtmlElement) -> bool:
        """Whether it is within the container, and in nothing there that has another purpose."""
        while element is not None and element is not container:
            if element not in self._purposes:
                self._purposes[element] = _has_purpose(element)
            if self._purposes[element]:
                return False
            element = element.getparent()
        return element is not None


def _has_purpose(element: lxml_html.HtmlElement) -> bool:
    """Whether it is named as something else than text."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"[:1000]
    return element.tag in _ASIDE_TAGS or bool(_ASIDE_CLASS.search(named))


def _is_alike(one: lxml_html.HtmlElement, other: lxml_html.HtmlElement | None) -> bool:
    """Whether both are parts of the same kind, of the same article."""
    if (
        other is None
        or not one.get("class")
        or (one.tag, one.get("class")) != (other.tag, other.get("class"))
    ):
        return False
    return next(one.iterancestors("article"), None) is next(other.iterancestors("article"), None)


def _runs(texts: Iterable[str]) -> set[tuple[str, ...]]:
    """All runs of so many words."""
    found: set[tuple[str, ...]] = set()
    for text in texts:
        words = _WORD.findall(text.lower())
        found.update(tuple(words[n : n + _RUN]) for n in range(max(1, len(words) - _RUN + 1)))
    return found


def _container(blocks: Sequence[Block]) -> lxml_html.HtmlElement:
    """The innermost element with most of the text."""
    held = Counter[lxml_html.HtmlElement]()
    for block in blocks:
        for element in (block.element, *block.element.iterancestors()):
            held[element] += len(block.text)
    total = sum(len(block.text) for block in blocks)
    most = [element for element, chars in held.items() if chars >= 0.8 * total]
    return max(most, key=lambda element: sum(1 for _ in element.iterancestors()))


def _is_paragraph(block: Block) -> bool:
    return (
        block.element.tag not in HEADINGS
        and len(block.text) >= _MIN_PARAGRAPH_CHARS
        and block.linked_chars < len(block.text) / 2
        and bool(_SENTENCE.search(block.text))
    )


def _merged(
    lines: Sequence[str], at: Sequence[int | None], blocks: Sequence[Block], added: Sequence[int]
) -> list[str]:
    waiting, merged = list(added), []
    for line, place in zip(lines, at, strict=True):
        while waiting and place is not None and waiting[0] < place:
            merged.append(blocks[waiting.pop(0)].text)
        merged.append(line)
    return merged + [blocks[place].text for place in waiting]
