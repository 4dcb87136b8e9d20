"""Extracts the article's lines from a page's tree: by trafilatura, set right before and mended after."""

import logging
from collections.abc import Sequence

from lxml import html as lxml_html
from trafilatura import bare_extraction

from worker.intake.pages.blocks import blocks_of
from worker.intake.pages.frame import straighten_frame
from worker.intake.pages.hidden import MIN_SHOWN_CHARS, blank_hidden
from worker.intake.pages.mend import mended
from worker.intake.pages.sentences import straighten_sentences
from worker.intake.pages.strangers import drop_strangers

# A page that it can't read is reported as a rejection, with the article's name.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def extract_lines(
    tree: lxml_html.HtmlElement, *, titles: Sequence[str], summaries: Sequence[str]
) -> list[str]:
    """One line a paragraph; none if no article was found. The tree is changed.

    `titles`, `summaries`: what the page says about itself, which is no part of the text.
    """
    blank_hidden(tree)
    straighten_sentences(tree)
    straighten_frame(tree)
    drop_strangers(tree)
    blocks = blocks_of(tree)
    text = _extracted(tree, fast=True)
    if len(text) < MIN_SHOWN_CHARS:
        # Other ways of extraction find an article where the first finds next to nothing.
        text = max(text, _extracted(tree, fast=False), key=len)
    if not text:
        return []
    return mended(text.split("\n"), blocks, titles=titles, summaries=summaries)


def _extracted(tree: lxml_html.HtmlElement, *, fast: bool) -> str:
    document = bare_extraction(tree, include_comments=False, include_tables=False, fast=fast)
    if document is None:
        return ""
    fields = document if isinstance(document, dict) else document.as_dict()
    return (fields.get("text") or "").strip()
