"""Words of a text, as quotes' and speakers' tables read them."""

import copy
import pickle

import pytest

from worker.nlp.quotes.spoken_words import SpokenWords


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda words: pickle.loads(pickle.dumps(words))])
def test_words_are_copied_with_their_text(copied):
    words = SpokenWords("Liisa Hakala sanoi")
    again = copied(words)
    assert (again, again.text, again.first_from(6)) == (words, words.text, 1)
