"""Articles as the enriched topic has them, made from a few words, and random ones with rules for them."""

from typing import Any

from hypothesis import strategies as st

from worker.records.rules import (
    Condition,
    EntityCondition,
    PhraseCondition,
    SpeakerCondition,
    StemCondition,
    TopicCondition,
)


def article(text: str = "", **fields: Any) -> dict[str, Any]:
    """An enriched article without tags, but for `fields`."""
    empty = {
        "id": "a1", "url": None, "headline": None, "text": text, "source": None, "language": "en",
        "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [], "topics": [],
        "pipeline": {"name": "en_news", "version": "1.0.0"},
    }  # fmt: skip
    return empty | fields


def entity(text: str, type_: str, *names: str, salience: float = 0.5, **links: str) -> dict[str, Any]:
    """An entity whose mentions are the names where they stand in the text; the first is its full name."""
    mentions = [
        {"start": text.index(name), "end": text.index(name) + len(name), "text": name} for name in names
    ]
    slug = names[0].lower().replace(" ", "-")
    return {
        "id": f"{type_.lower()}:{slug}", "name": names[0], "type": type_, "salience": salience,
        "links": links, "mentions": mentions,
    }  # fmt: skip


def quote(text: str, said: str, speaker: str, who: dict[str, Any] | None = None) -> dict[str, Any]:
    """A direct quote, and the words that name its speaker."""
    start, at = text.index(said), text.index(speaker)
    named = {
        "start": at, "end": at + len(speaker), "text": speaker,
        "entity": who["id"] if who else None, "name": who["name"] if who else None,
    }  # fmt: skip
    return {
        "start": start, "end": start + len(said), "text": said, "kind": "direct", "cue": None,
        "speaker": named, "confidence": 0.9,
    }  # fmt: skip


def topic(code: str, confidence: float, *broader: str) -> dict[str, Any]:
    return {"code": code, "name": "", "confidence": confidence, "broader": list(broader)}


WORDS = st.sampled_from(
    [
        "port",
        "strike",
        "strikes",
        "Häfen",
        "Hafen",
        "the",
        "Lima",
        "Ōsaka",
        "e\u0301lan",
        "co-op",
        "naïve",
        "NATO's",
    ]
)
NAMES = st.sampled_from(["NATO", "Ada Okafor", "Okafor", "Lima", "Ōsaka", "co-op"])
TYPES = st.sampled_from(["PERSON", "ORG", "GPE"])
CODES = st.sampled_from(["medtop:16000000", "medtop:20000053", "medtop:15000000"])
SHARES = st.sampled_from([0.0, 0.2, 0.5, 0.9])
SOURCES = st.sampled_from(["Wire.example", "tabloid.example"])
LANGUAGES = st.sampled_from(["en", "en-GB", "de", "nb-NO", "no", "uk"])
LINKS = st.sampled_from([{}, {"iso3166": "PE"}, {"iso3166": "JP", "geonames": "1853909"}])


@st.composite
def articles(draw: st.DrawFn) -> dict[str, Any]:
    """Random articles over few words, so that rules match often."""
    text = " ".join(draw(st.lists(WORDS | NAMES, min_size=1, max_size=25)))
    names = [name for name in draw(st.lists(NAMES, max_size=4, unique=True)) if name in text]
    entities = [entity(text, draw(TYPES), name, salience=draw(SHARES), **draw(LINKS)) for name in names]
    quotes = [
        quote(text, text[:5], name, draw(st.sampled_from([*entities, None])))
        for name in names
        if draw(st.booleans())
    ]
    topics = [
        topic(code, draw(SHARES), *draw(st.sampled_from([(), ("medtop:16000000",)])))
        for code in draw(st.lists(CODES, max_size=2, unique=True))
    ]
    return article(
        text, entities=entities, quotes=quotes, topics=topics, source=draw(SOURCES | st.none()),
        language=draw(LANGUAGES), headline=draw(st.none() | WORDS),
    )  # fmt: skip


ids = st.tuples(TYPES, NAMES).map(lambda of: f"{of[0].lower()}:{of[1].lower().replace(' ', '-')}")
entity_conditions = st.fixed_dictionaries(
    {"min_salience": SHARES},
    optional={
        "name": NAMES.map(str.upper), "id": ids, "type": TYPES, "links": LINKS.filter(bool)
    },
).filter(lambda said: len(said) > 1)  # fmt: skip
speaker_conditions = st.fixed_dictionaries({}, optional={"name": NAMES, "id": ids}).filter(bool)
phrase_conditions = st.fixed_dictionaries(
    {"text": st.lists(WORDS, min_size=1, max_size=3).map(" ".join), "near": st.none() | st.integers(0, 5)}
)
stem_texts = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
topic_conditions = st.fixed_dictionaries({"code": CODES, "min_confidence": SHARES})
shared_leaves = st.one_of(
    speaker_conditions.map(lambda said: Condition(speaker=SpeakerCondition(**said))),
    LANGUAGES.map(lambda language: Condition(language=language)),
    st.lists(WORDS, min_size=1, max_size=2).map(lambda words: Condition(headline=" ".join(words))),
    stem_texts.map(lambda text: Condition(stem=StemCondition(text, field="headline"))),
)
"""What rules about articles and rules about stories can ask alike."""
leaves = shared_leaves | st.one_of(
    entity_conditions.map(lambda said: Condition(entity=EntityCondition(**said))),
    topic_conditions.map(lambda said: Condition(topic=TopicCondition(**said))),
    stem_texts.map(lambda text: Condition(stem=StemCondition(text))),
    phrase_conditions.map(lambda said: Condition(phrase=PhraseCondition(**said))),
    SOURCES.map(lambda source: Condition(source=source.upper())),
)


def several(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    lists = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return (
        lists.map(lambda found: Condition(all=found))
        | lists.map(lambda found: Condition(any=found))
        | parts.map(lambda part: Condition(**{"not": part}))
    )


conditions = st.recursive(leaves, several, max_leaves=8)
