"""Records of stories as the topic of stories has them, and random ones with rules for them."""

from typing import Any

import orjson
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import (
    CODES,
    LANGUAGES,
    NAMES,
    TYPES,
    WORDS,
    ids,
    several,
    shared_leaves,
)
from worker.records.codec import to_bytes
from worker.records.rules import (
    Condition,
    EntityCondition,
    GrowthCondition,
    StoryCondition,
    TopicCondition,
)
from worker.records.stories import StoryCard, StoryCounts, StoryFirst


def card(version: int = 1, *, articles: int = 1, reprints: int = 0, sources: int = 1, **fields: Any) -> Any:
    """The parsed JSON of a story's record, valid, and empty but for `fields`."""
    given = {
        "id": "s1",
        "status": "open",
        "into": None,
        "version": version,
        "language": "en",
        "headline": None,
        "first": StoryFirst(id="a1", source="paper.example", url=None, wire=None),
        "counts": StoryCounts(
            articles=articles,
            unique=articles - reprints,
            reprints=reprints,
            sources=sources,
            independent_sources=sources,
            retracted=0,
        ),
        "members": (),
        "people": (),
        "places": (),
        "quotes": (),
        "first_published_at": None,
        "last_published_at": None,
        "first_seen_at": "2026-01-01T00:00:00.000Z",
        "last_seen_at": "2026-01-01T00:00:00.000Z",
        "merged_from": (),
    }
    return orjson.loads(to_bytes(StoryCard(**(given | fields))))


def named(name: str, type_: str = "person") -> dict[str, Any]:
    return {"id": f"{type_}:{name.lower().replace(' ', '-')}", "name": name, "articles": 1}


_COUNTS = st.integers(1, 6)
numbers = st.one_of(
    st.just(StoryCondition(new=True)),
    _COUNTS.map(lambda count: StoryCondition(min_sources=count)),
    _COUNTS.map(lambda count: StoryCondition(min_reprints=count)),
    st.tuples(_COUNTS, st.integers(1, 3)).map(
        lambda said: StoryCondition(min_growth=GrowthCondition(articles=said[0], hours=said[1]))
    ),
).map(lambda story: Condition(story=story))
_entities = st.one_of(
    st.just({"links": {"iso3166": "PE"}}),
    st.fixed_dictionaries({}, optional={"name": NAMES, "id": ids, "type": TYPES}).filter(bool),
).map(lambda said: Condition(entity=EntityCondition(**said)))
_topics = CODES.map(lambda code: Condition(topic=TopicCondition(code=code)))
story_conditions = st.tuples(
    numbers, st.recursive(shared_leaves | _entities | _topics | numbers, several)
).map(lambda parts: Condition(all=parts)) | st.recursive(numbers, several)
"""Conditions of story rules."""


@st.composite
def story_logs(draw: st.DrawFn, most: int = 25) -> list[tuple[dict[str, Any], int]]:
    """The records of a few stories, in one order, each with the time of the article that it follows from."""
    known: dict[str, tuple[int, int, int, int]] = {}
    log, now_ms = [], 1_800_000_000_000
    for _ in range(draw(st.integers(1, most))):
        story = draw(st.sampled_from(["s1", "s2", "s3"]))
        version, articles, reprints, sources = known.get(story, (0, 0, 0, 0))
        more, copies = draw(st.integers(0, 3)), draw(st.integers(0, 1))
        articles, reprints = max(1, articles + more), reprints + copies
        sources = min(64, max(1, sources + draw(st.integers(-1, 1))))
        known[story] = version + 1, articles, reprints, sources
        names = draw(st.lists(st.tuples(TYPES, NAMES), max_size=2))
        log.append(
            (
                card(
                    version + 1,
                    id=story,
                    articles=articles + reprints,
                    reprints=reprints,
                    sources=sources,
                    status=draw(st.sampled_from(["open"] * 9 + ["closed"])),
                    language=draw(LANGUAGES),
                    headline=draw(st.none() | WORDS),
                    people=[named(name, type_.lower()) for type_, name in names],
                    speakers=[{"id": None, "name": name, "articles": 1} for _, name in names[:1]],
                    countries=draw(st.sampled_from([(), [{"code": "PE", "articles": 1}]])),
                    topics=[{"code": draw(CODES), "articles": 1}],
                    merged_from=draw(st.sampled_from([()] * 9 + [("s0",)])),
                ),
                now_ms,
            )
        )
        now_ms += draw(st.integers(-600_000, 3_600_000))
    return log
