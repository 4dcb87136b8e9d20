"""A doc's text and the places of its tokens. spaCy joins the text anew each time; here it is kept."""

import numpy as np
from spacy.attrs import IDX, LENGTH
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

if not Doc.has_extension("whole_text"):
    Doc.set_extension("whole_text", default=None)


def made_doc(nlp: Language, text: str) -> Doc:
    """The text cut into words, before any component. It is kept where the words together are surely it."""
    doc = nlp.make_doc(text)
    # Other tokenizers than spaCy's own may change what they cut.
    if type(nlp.tokenizer) is Tokenizer:
        doc._.whole_text = text
    return doc


def text_of(doc: Doc) -> str:
    """`doc.text`, computed once. Retokenizing never changes a doc's text."""
    text: str | None = doc._.whole_text
    if text is None:
        text = doc._.whole_text = doc.text
    return text


def token_bounds(doc: Doc) -> tuple[np.ndarray, np.ndarray]:
    """Where each token starts and ends, in code points of the text: two int64 arrays [tokens]."""
    offsets = doc.to_array([IDX, LENGTH]).astype(np.int64).reshape(len(doc), 2)
    return offsets[:, 0], offsets.sum(axis=1)
