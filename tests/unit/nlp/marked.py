"""Makes docs from text with marked entities: `[Mark Rutte|PERSON] spoke.`"""

import re

import spacy
from spacy.tokens import Doc

NLP = spacy.blank("en")
ANY_NLP = spacy.blank("xx")
_MARKED = re.compile(r"\[([^|\]]+)\|([A-Z_]+)\]")


def doc_of(marked: str, language: str = "en") -> Doc:
    """A doc in that language whose `ents` are the marked spans."""
    text, spans, end = "", [], 0
    for match in _MARKED.finditer(marked):
        text += marked[end : match.start()]
        spans.append((len(text), len(text) + len(match[1]), match[2]))
        text += match[1]
        end = match.end()
    doc = (NLP if language == "en" else ANY_NLP).make_doc(text + marked[end:])
    doc.user_data["language"] = language
    doc.ents = [
        doc.char_span(start, stop, label=label, alignment_mode="expand") for start, stop, label in spans
    ]
    return doc
