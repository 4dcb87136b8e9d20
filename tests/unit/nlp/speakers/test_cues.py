"""Which words report speech, and where they end."""

from types import SimpleNamespace

import pytest

from worker.nlp.speakers.attribution import cues

NOTHING_TAKEN = SimpleNamespace(is_taken=lambda start, end: False)
NO_ENCODER = SimpleNamespace(is_available=False)


@pytest.mark.parametrize("word", ["said", "said\u0301", "said\u0323\u0308", "said\u20dd", "announced\u093f"])
def test_a_cue_has_the_marks_of_its_last_letter(word):
    text = f"Obi {word} “no”."
    assert [text[start:end] for start, end in cues(text, 0, len(text), NOTHING_TAKEN, NO_ENCODER)] == [word]
