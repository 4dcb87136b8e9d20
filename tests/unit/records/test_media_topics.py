"""The IPTC Media Topics as they ship, and what people call them."""

import re

import pytest

from worker.nlp.topics.labels import CODES
from worker.records.media_topics import broader, media_topic_name, media_topics, topic_meant, topics_called


def test_every_topic_leads_to_one_of_the_17_at_the_top():
    top = {topic.code for topic in media_topics().values() if not topic.broader}
    assert top == set(CODES)
    for topic in media_topics().values():
        if topic.broader:
            assert topic.broader == (topic.broader[0], *broader(topic.broader[0]))
            assert topic.broader[-1] in top


def test_no_two_topics_share_a_name():
    names = [topic.name.casefold() for topic in media_topics().values()]
    assert len(set(names)) == len(names) > 1000


def test_a_topic_knows_the_ones_above_it():
    assert media_topic_name("medtop:20000003") == "animation"
    assert [media_topic_name(code) for code in broader("medtop:20000003")] == [
        "arts and entertainment", "arts, culture, entertainment and media",
    ]  # fmt: skip


@pytest.mark.parametrize("code", ["medtop:99999999", "", "conflict"])
def test_what_is_no_code_has_neither_name_nor_broader_ones(code):
    assert media_topic_name(code) is None
    assert broader(code) == ()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("conflict", ["conflict, war and peace"]),
        ("Conflict, War and  Peace", ["conflict, war and peace"]),
        ("crime", ["crime, law and justice"]),
        ("sport", ["sport"]),
        ("16000000", ["conflict, war and peace"]),
        ("medtop:20000003", ["animation"]),
        ("soccer", ["soccer"]),
        ("confl", []),
        ("medtop:99999999", []),
        ("", []),
        ("(", []),
    ],
)
def test_a_topic_is_known_by_name_beginning_or_code(said, meant):
    assert [topic.name for topic in topics_called(said)] == meant


def test_a_topic_is_meant_where_one_alone_is_called_so():
    assert topic_meant("crime").code == "medtop:02000000"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("politcs", "no topic is called 'politcs'; did you mean politics?"),
        ("conflct", "no topic is called 'conflct'; did you mean conflict?"),
        ("Labor", "no topic is called 'Labor'; did you mean labour?"),
        ("xyzzy", "no topic is called 'xyzzy'"),
        ("medtop:99999999", "no topic has the code medtop:99999999"),
        ("99999999", "no topic has the code medtop:99999999"),
        ("Primary", "several topics begin so: primary education; primary elections"),
        (
            "religious",
            "several topics begin so: religious education; religious conflict; religious facility; "
            "religious festival and holiday; religious leader; and 2 more",
        ),
    ],
)
def test_what_is_no_topic_or_several_is_said(said, error):
    with pytest.raises(ValueError, match=f"^{re.escape(error)}$"):
        topic_meant(said)
