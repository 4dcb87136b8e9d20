"""The time for thousands of names or speakers in one article grows in proportion to their number."""

import time

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.entities.groups import group_mentions
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.speakers.attribution import _GAP
from worker.nlp.speakers.component import tag_speakers

# The worst took minutes for three times as many.
MAX_CPU_SECONDS = 6


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(
            "[Ada K{n} Obi|PERSON], [Obi{n} Obi|PERSON], [Obi.{n}|PERSON]. ", id="people of one surname"
        ),
        pytest.param("[Ada K{n}a Obi|PERSON], [Ada K{n} B Obi|PERSON]. ", id="people of one outer name"),
        pytest.param("[Lake K{n} Council|ORG], [Lake Ferry{n}|ORG]. ", id="bodies of one edge"),
        pytest.param("[Lake Ferry K{n}|ORG], [LF{n}|ORG], [L.F.|ORG]. ", id="bodies of one acronym"),
    ],
)
def test_thousands_of_names_that_share_words_are_grouped_soon(piece):
    doc = doc_of("".join(piece.format(n=n) for n in range(2000)))
    began = time.process_time()
    assert len(group_mentions(doc)) >= 2000
    assert time.process_time() - began < MAX_CPU_SECONDS


@pytest.mark.parametrize(
    "piece",
    [
        pytest.param(
            "[Ada K{n}|PERSON], the Health minister, left. “We go,” the Health minister said. ", id="one role"
        ),
        pytest.param(
            "[Ada K{n}|PERSON], the minister, left. “We are going,” the chairman said. ", id="other roles"
        ),
        pytest.param("“We will” [Ada K{n}|PERSON] said he told they asked and ", id="no stop"),
    ],
)
def test_thousands_of_speakers_are_told_soon(piece):
    doc = tag_quotes(doc_of("".join(piece.format(n=n) for n in range(500))))
    began = time.process_time()
    assert len(tag_speakers(doc)._.quotes) >= 500
    assert time.process_time() - began < MAX_CPU_SECONDS


@pytest.mark.parametrize(
    "words", ["only " * 60 + "zzz", "early " * 60 + "zzz", "aly" * 100 + " zzz", "is" * 200, "-" * 400 + "z"]
)
def test_what_may_stand_between_speaker_and_cue_is_told_soon(words):
    began = time.process_time()
    assert not _GAP.match(words)
    assert _GAP.match(", who only then also firstly ")
    assert time.process_time() - began < 1
