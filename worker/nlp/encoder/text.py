"""A doc's text, put together once: spaCy does it anew, token by token, each time it is asked."""

from spacy.tokens import Doc

if not Doc.has_extension("whole_text"):
    Doc.set_extension("whole_text", default=None)


def text_of(doc: Doc) -> str:
    """`doc.text`. A doc's text never changes, however its tokens are cut."""
    if doc._.whole_text is None:
        doc._.whole_text = doc.text
    return doc._.whole_text
