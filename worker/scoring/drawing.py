"""Renders labelled spans of a text as HTML with spaCy's displaCy."""

from collections.abc import Mapping, Sequence
from html import escape

from spacy import displacy

from worker.nlp.entities.group import LabelledSpan


def draw_spans(text: str, spans: Sequence[LabelledSpan], colours: Mapping[str, str]) -> str:
    """The text as HTML, escaped. The spans must not overlap. `colours`: by label, in CSS notation."""
    # displaCy escapes the text, but not the labels.
    shown = {
        "text": text,
        "ents": [{"start": start, "end": end, "label": escape(label)} for start, end, label in spans],
    }
    options = {"colors": {escape(label): colour for label, colour in colours.items()}}
    return str(displacy.render(shown, style="ent", manual=True, jupyter=False, options=options))
