"""Marked stretches of a text as HTML, drawn by spaCy's displaCy."""

from collections.abc import Mapping, Sequence
from html import escape

from spacy import displacy

Stretch = tuple[int, int, str]
"""Half-open, in code points, and its label. No two overlap."""


def drawn(text: str, stretches: Sequence[Stretch], colours: Mapping[str, str]) -> str:
    """A piece of HTML, everything escaped. `colours` by label, as CSS has them."""
    # displaCy escapes the text, but not the labels.
    shown = {
        "text": text,
        "ents": [{"start": start, "end": end, "label": escape(label)} for start, end, label in stretches],
    }
    options = {"colors": {escape(label): colour for label, colour in colours.items()}}
    return str(displacy.render(shown, style="ent", manual=True, jupyter=False, options=options))
