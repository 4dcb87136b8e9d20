"""Takes out what stands among paragraphs and is none: links to other stories, notes, captions."""

import re
from collections import Counter

from lxml import html as lxml_html

from worker.intake.pages.frame import drop
from worker.intake.pages.notes import is_note, is_teaser_label

_BLOCKS = ("p", "div", "li", "h2", "h3", "h4", "h5", "h6", "center", "section", "aside", "blockquote")
_HELD = frozenset({
    "address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "main", "nav", "ol", "p", "pre", "section", "table", "ul",
})  # fmt: skip
# A paragraph that is a link has at least so many characters, and the end of a sentence.
_MIN_PARAGRAPH_CHARS = 60
_MAX_BLOCK_CHARS = 400
_MIN_TITLE_CHARS = 20
# Beside a date: "Published by Ada Obi, updated".
_MOST_BESIDE_A_DATE = 6
# How pages name what stands between paragraphs, where it is short.
_STRANGER = re.compile(
    r"(?:^|[\s_-])(?:ads?|advert|advertisement|sponsored|newsletter|paywall|cookies?|consent|gdpr|sign-?up"
    r"|subscribe|subscription|related|read-?more|teaser)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?…。！？][\"'”’»)\]]*$")
_OPENING_MARKS = ("“", '"', "„", "«", "‘", "'")
_LABEL = re.compile(r"[\[(*>»›→▸•\s-]*([^\W\d_][^:：]{0,40})[:：]\s*")


def drop_strangers(tree: lxml_html.HtmlElement) -> None:
    """Drops teasers, notes and captions that repeat a picture's; paragraphs that are links become text."""
    beside = Counter(p.getparent() for p in tree.iter("p") if _is_plain_paragraph(p))
    _unlink_paragraphs(tree, beside)
    _drop_invitations(tree)
    pictured = {_squeezed(picture.get("alt") or "") for picture in tree.iter("img")}
    pictured |= {_squeezed(caption.text_content()[:1000]) for caption in tree.iter("figcaption")}
    for block in list(tree.iter(*_BLOCKS)):
        is_named = _is_named_a_stranger(block)
        if not is_named and any(child.tag in _HELD for child in block):
            continue
        text = " ".join(block.text_content().split())
        if not text or len(text) > _MAX_BLOCK_CHARS:
            continue
        is_caption = len(text) >= _MIN_TITLE_CHARS and block.tag != "li" and _squeezed(text) in pictured
        if (
            is_named
            or is_caption
            or _is_date(block, text)
            or is_note(text)
            or _is_teaser(block, text, beside[block.getparent()] >= 2)
        ):
            drop(block)


def _drop_invitations(tree: lxml_html.HtmlElement) -> None:
    """Drops what stands around a field to type into, and links to more at the end of a paragraph."""
    for field in list(tree.iter("input")):
        around = next(field.iterancestors("div", "section", "aside", "form", "fieldset"), None)
        is_typed_into = (field.get("type") or "text").lower() in ("email", "tel", "text")
        if is_typed_into and around is not None and _is_short(around):
            drop(around)
    for link in list(tree.iter("a")):
        previous, parent = link.getprevious(), link.getparent()
        if parent is None or parent.tag != "p" or (link.tail or "").strip():
            continue
        before = (parent.text if previous is None else previous.tail) or ""
        if _SENTENCE.search(before[-10:].strip()) and is_teaser_label(link.text or ""):
            link.clear(keep_tail=True)


def _is_short(element: lxml_html.HtmlElement) -> bool:
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > _MAX_BLOCK_CHARS:
            return False
    return True


def _is_named_a_stranger(block: lxml_html.HtmlElement) -> bool:
    name = f"{block.get('class') or ''} {block.get('id') or ''}"[:1000]
    return bool(name.strip() and _STRANGER.search(name))


def _is_date(block: lxml_html.HtmlElement, text: str) -> bool:
    """Whether a block says when, and perhaps by whom, something was published."""
    times = sum(len(time.text_content().split()) for time in block.iter("time"))
    return times > 0 and len(text.split()) - times <= _MOST_BESIDE_A_DATE and not _SENTENCE.search(text)


def _unlink_paragraphs(tree: lxml_html.HtmlElement, beside: Counter[lxml_html.HtmlElement]) -> None:
    """Takes the links away from around sentences that stand among paragraphs without any."""
    for link in list(tree.iter("a")):
        parent = link.getparent()
        if parent is None:
            continue
        around = _wrapper(link)
        container = around.getparent()
        text = link.text_content().strip()
        if (
            container is not None
            and beside[container] >= 2
            and len(text) >= _MIN_PARAGRAPH_CHARS
            and _SENTENCE.search(text)
            and not is_teaser_label(text)
        ):
            link.tag = "span" if len(around) == 0 or around is not link else "div"


def _wrapper(link: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    """The paragraph that the link is all of, or the link itself where it holds paragraphs."""
    around = link
    while around.tag != "p" and around.getparent() is not None and around.getparent().tag in _INLINE_OR_P:
        if (
            (around.tail or "").strip()
            or (around.getparent().text or "").strip()
            or around.getprevious() is not None
        ):
            break
        around = around.getparent()
    return around


_INLINE_OR_P = frozenset({"p", "b", "strong", "em", "i", "span", "font", "u"})


def _is_plain_paragraph(paragraph: lxml_html.HtmlElement) -> bool:
    text = " ".join(paragraph.text_content().split())
    linked = sum(len(link.text_content()) for link in paragraph.iter("a"))
    return len(text) >= _MIN_PARAGRAPH_CHARS and linked < len(text) / 2


def _is_teaser(block: lxml_html.HtmlElement, text: str, is_among_paragraphs: bool) -> bool:
    """Whether a block is a title that is a link, or a label and a link: "READ MORE: Minister resigns"."""
    links = [" ".join(link.text_content().split()) for link in block.iter("a")]
    linked = sum(map(len, links))
    if not linked:
        # "Read also:", above a list of links.
        return len(text) < _MIN_PARAGRAPH_CHARS and text.endswith((":", "：")) and is_teaser_label(text)
    if linked < _MIN_TITLE_CHARS:
        return False
    if linked >= 0.9 * len(text.strip(" []()*»›→")):
        is_title = (
            is_among_paragraphs and block.tag == "p" and not _SENTENCE.search(text) and text.count(" ") >= 3
        )
        return is_title or is_teaser_label(text)
    label = _LABEL.match(text)
    if not label or label[0].count(" ") > 6:
        return False
    rest = text[label.end() :].strip(" []()*.»›→|")
    if linked < 0.9 * len(rest) or rest.count(" ") < 3:
        return False
    # Behind a label that is not known, a title has no full stop and no quotation mark before it.
    is_title = not _SENTENCE.search(rest) and not rest.startswith(_OPENING_MARKS)
    return is_teaser_label(text) or (is_title and block.tag != "li")


def _squeezed(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
