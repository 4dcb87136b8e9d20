"""Puts an article that stands in an unusual place where extraction looks for one.

An `aside` or a table is no part of an article, except where it holds most of the page's text. Of several
`article` elements some are teasers of other stories, and some go on where the first one ends.
"""

import re

from lxml import html as lxml_html

from worker.intake.pages.prose import Prose, prose_of

# Which elements extraction drops with all that is in them.
_ASIDES = (
    "aside", "button", "dialog", "fieldset", "footer", "form", "label", "menu", "nav", "noindex",
    "output", "object", "canvas", "map",
)  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TABLE_PARTS = ("tbody", "thead", "tfoot", "tr", "td", "th", "caption")
MIN_ARTICLE_CHARS = 200
# A teaser is short beside the article; what is longer is an article of its own.
_MOST_OF_A_TEASER = 0.4
_TEASER = re.compile(
    r"(?:^|[\s_-])(?:teaser|promo|related|recommend\w*|card|tile)(?:$|[\s_-])", re.IGNORECASE
)


def straighten_frame(tree: lxml_html.HtmlElement) -> None:
    """Renames what holds the article, and puts articles that belong together into one."""
    prose = prose_of(tree)
    body = tree.find("body")
    total = prose.get(body if body is not None else tree, 0)
    if total < MIN_ARTICLE_CHARS:
        return
    for element in list(tree.iter(*_ASIDES)):
        if prose.get(element, 0) > total / 2:
            element.tag = "div"
    for table in list(tree.iter("table")):
        if _is_layout(table, prose, total):
            _flatten(table, prose)
    _join_articles(tree, prose)


def _is_layout(table: lxml_html.HtmlElement, prose: Prose, total: int) -> bool:
    """Whether it holds most of the page's text, and no row or column of it is named."""
    if prose.get(table, 0) <= total / 2:
        return False
    is_for_looks = (table.get("role") or "").lower() in ("presentation", "none")
    return is_for_looks or not any(cell.tag == "th" for row in _rows(table) for cell in row)


def _rows(table: lxml_html.HtmlElement) -> list[lxml_html.HtmlElement]:
    found = []
    for part in table:
        found += [part] if part.tag == "tr" else [row for row in part if row.tag == "tr"]
    return found


def _flatten(table: lxml_html.HtmlElement, prose: Prose) -> None:
    """Makes divisions of a table's parts; cells without running text are the page's navigation."""
    for row in _rows(table):
        parent = row.getparent()
        for cell in row:
            if cell not in prose:
                drop(cell)
        for element in (*row, row, parent):
            if element.tag in _TABLE_PARTS:
                element.tag = "div"
    table.tag = "div"


def _join_articles(tree: lxml_html.HtmlElement, prose: Prose) -> None:
    """Drops teasers of other stories, and makes one article of the main one and those that go on."""
    main = max(tree.iter("article"), key=lambda article: prose.get(article, 0), default=None)
    if main is None or prose.get(main, 0) < MIN_ARTICLE_CHARS:
        return
    within = set(main.iter("article")) - {main}
    # Most of a live blog stands in articles within the article, each with a link to itself in its heading.
    kept = within if sum(prose.get(part, 0) for part in within) > prose[main] / 2 else set()
    has_headline = next(main.iter("h1"), None) is not None
    for article in list(tree.iter("article")):
        is_short = prose.get(article, 0) < prose[main] * _MOST_OF_A_TEASER
        if article is main or not is_short or article in kept:
            continue
        if _is_teaser(article) or (has_headline and next(article.iter("h1"), None) is not None):
            drop(article)
    if main.getparent() is not None:
        _join(main, [child for child in main.getparent() if child.tag == "article"])


def _join(main: lxml_html.HtmlElement, articles: list[lxml_html.HtmlElement]) -> None:
    headlines = [next(article.iter("h1"), None) is not None for article in articles]
    # Of several with a headline each is a story; one headline may be that of all.
    are_stories = sum(headlines) > 1
    parts = [
        article
        for article, has_headline in zip(articles, headlines, strict=True)
        if article is main or not (_is_teaser(article) or (are_stories and has_headline))
    ]
    if len(parts) < 2:
        return
    parent = main.getparent()
    first, last = parent.index(parts[0]), parent.index(parts[-1])
    whole = parent.makeelement("article")
    between = parent[first : last + 1]
    parent.insert(first, whole)
    whole.extend(between)
    for part in parts:
        part.tag = "section"
        # Extraction takes an element that is named like an article's text for the whole text.
        for name in ("class", "id", "itemprop"):
            part.attrib.pop(name, None)


def _is_teaser(article: lxml_html.HtmlElement) -> bool:
    around = article.getparent()
    is_linked = around is not None and around.tag == "a"
    if is_linked or _TEASER.search((article.get("class") or "")[:1000]):
        return True
    return any(_leads_away(heading) for heading in article.iter(*_HEADINGS))


def _leads_away(heading: lxml_html.HtmlElement) -> bool:
    """Whether a heading is a link to another page, rather than to a place of this one."""
    around = heading.getparent()
    links = [around] if around is not None and around.tag == "a" else list(heading.iter("a"))
    return any((link.get("href") or "#").strip()[:1] != "#" for link in links[:5])


def drop(element: lxml_html.HtmlElement) -> None:
    """Empties the element; the text behind it stays. To take it out would copy that text every time."""
    element.clear(keep_tail=True)
    # Extraction reads the text behind a line break.
    element.tag = "br" if (element.tail or "").strip() else "div"
