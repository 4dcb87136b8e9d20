"""Which phrase is the subject of the verb that leads to a quote, and who goes on without any verb."""

import numpy as np
import pytest

from tests.unit.nlp.marked import doc_of
from tests.unit.nlp.speakers.spoken import said
from worker.nlp.encoder.encoding import Encoding
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.speakers.component import tag_speakers


def speakers(marked: str) -> list[str | None]:
    return [name or mention for mention, name, _ in said(marked)]


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Leila Haddad|PERSON], whose party wants a vote, will claim the law is “a gift to the rich”.",
            "Leila Haddad",
        ),
        (
            "[Tomás Quiroga|PERSON], who until May led the port, today said it was “too late for us”.",
            "Tomás Quiroga",
        ),
        (
            "[Mere Tautai|PERSON], whose sister warned the village, later called it “a lesson for us all”.",
            "Mere Tautai",
        ),
        (
            "[Ingrid Lund|PERSON], who was told of it on Monday, has described the plan as “sheer madness”.",
            "Ingrid Lund",
        ),
    ],
)
def test_a_clause_about_the_subject_does_not_part_it_from_its_verb(marked, speaker):
    assert speakers(marked) == [speaker]


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "Later, [Oyunbileg Dorj|PERSON] gave [Kenji Sato|PERSON] the drum, saying: “It is yours.”",
            "Oyunbileg Dorj",
        ),
        (
            "On Monday [Amina Diallo|PERSON] thanked [Paul Weber|PERSON], adding: “We owe you our lives.”",
            "Amina Diallo",
        ),
        (
            "With a nod to [Ravi Menon|PERSON], [Sofia Rossi|PERSON] took the floor, saying: “Let us begin.”",
            "Sofia Rossi",
        ),
    ],
)
def test_a_participle_has_the_subject_of_its_sentence(marked, speaker):
    assert speakers(marked) == [speaker]


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Nino Beridze|PERSON] complained after [Davit Lomidze|PERSON] claimed it was “a small matter”.",
            "Davit Lomidze",
        ),
        (
            "[Hana Novak|PERSON] left when [Petr Dvorak|PERSON] called the offer “an insult to all of us”.",
            "Petr Dvorak",
        ),
        (
            "[Ana Lima|PERSON] said he lied and called the report “a work of pure fiction”.",
            "Ana Lima",
        ),
    ],
)
def test_the_verb_nearest_to_the_quote_has_its_own_subject(marked, speaker):
    assert speakers(marked) == [speaker]


def test_of_two_people_parted_by_a_comma_the_second_is_the_subject():
    marked = "“It was not fair” to [Tane Rewi|PERSON], council member [Mele Fonua|PERSON] said on Monday."
    assert speakers(marked) == ["Mele Fonua"]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            "The roof leaked for years, [Yusuf Demir|PERSON] said. There was no money for it.\n\n"
            "“We put out buckets and hoped for the best.”\n\nThe school has 300 pupils.",
            "Yusuf Demir",
        ),
        (
            "[Wanjiru Kamau|PERSON] said the well was dry.\n\nThe river is far away.\n\n"
            "“We walk two hours every morning.”\n\nThe county sent no one.",
            "Wanjiru Kamau",
        ),
    ],
)
def test_what_is_said_without_a_verb_goes_on_from_the_report_before(marked, expected):
    doc = doc_of(marked)
    words = [token.text for token in doc]
    name = expected.split()[0]
    source, cue = words.index(name), words.index("said")
    content = [i for i in range(len(words)) if i < cue - 3] if cue > 6 else range(cue + 1, cue + 5)
    tagged = tag_speakers(tag_quotes(with_scores(doc, [source, source + 1], [cue], content)))
    quote = next(q for q in tagged._.quotes if q.kind == "direct")
    assert quote.group is not None
    assert tagged._.groups[quote.group].name == expected


def with_scores(doc, sources, cues=(), contents=()):
    """The doc, with an encoder's scores that are sure of the given tokens and of nothing else."""
    roles = np.zeros((len(doc), len(ROLE_TAGS)), dtype=np.float32)
    contents_of = np.zeros((len(doc), len(CONTENT_TAGS)), dtype=np.float32)
    roles[:, 0] = contents_of[:, 0] = 1
    for tag, tokens in (("SOURCE", sources), ("CUE", cues)):
        for i, token in enumerate(tokens):
            roles[token, 0], roles[token, ROLE_TAGS.index(f"{'I' if i else 'B'}-{tag}")] = 0.05, 0.95
    opened = False
    for token in doc:
        opened = token.text != "”" and (opened or token.text == "“")
        if opened:
            contents_of[token.i, 0], contents_of[token.i, CONTENT_TAGS.index("I-DIRECT")] = 0.05, 0.95
    for i, token in enumerate(contents):
        column = CONTENT_TAGS.index(f"{'I' if i else 'B'}-INDIRECT")
        contents_of[token, 0], contents_of[token, column] = 0.05, 0.95
    nothing = np.zeros((len(doc), len(ENTITY_TAGS)), dtype=np.float32)
    both: np.ndarray = np.concatenate([roles, contents_of], axis=1)
    doc._.encoding = Encoding(nothing, both, np.zeros(384), np.zeros(1), np.arange(len(doc)))
    return doc


@pytest.mark.parametrize(
    ("marked", "mention"),
    [
        ("“It was a shock to us,” the [Manila|LOC]-based trainee said.", "the Manila-based trainee"),
        ("“It was a shock to us,” said the [Kumasi|LOC] native.", "the Kumasi native"),
        ("“It was a shock to us,” wrote one [Facebook|ORG] user.", "one Facebook user"),
        ("“It was a shock to us,” one poster on [Weibo|ORG] wrote.", "one poster on Weibo"),
    ],
)
def test_a_name_that_only_describes_a_noun_is_not_the_speaker(marked, mention):
    doc = doc_of(marked)
    start = doc.text.index(mention)
    at = [t.i for t in doc if start <= t.idx < start + len(mention)]
    tagged = tag_speakers(tag_quotes(with_scores(doc, at)))
    [quote] = tagged._.quotes
    assert quote.group is None
    assert tagged.text[slice(*quote.speaker)] == mention


@pytest.mark.parametrize(
    ("marked", "mention", "name"),
    [
        (
            "“It is late for us,” said [Kenji Sato|PERSON].\n\nSo it was with [Kofi Mensah|PERSON].\n"
            "“It was a shock to us,” said the [Kumasi|LOC] native.",
            "the Kumasi native",
            "Kofi Mensah",
        ),
        (
            "“It is late for us,” said [Kenji Sato|PERSON].\n\nRain fell in the hills.\n"
            "“It was a shock to us,” said the [Osaka|LOC]-born golfer.",
            "the Osaka-born golfer",
            "Kenji Sato",
        ),
    ],
)
def test_a_noun_that_tells_more_of_somebody_is_whoever_was_just_named(marked, mention, name):
    doc = doc_of(marked)
    start = doc.text.index(mention)
    at = [t.i for t in doc if start <= t.idx < start + len(mention)]
    tagged = tag_speakers(tag_quotes(with_scores(doc, at)))
    assert tagged._.groups[tagged._.quotes[-1].group].name == name
