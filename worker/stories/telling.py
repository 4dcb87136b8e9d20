"""What becomes of a story when it is founded, when an article joins it or is taken back, when two are one."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from worker.stories.decision import Likeness
from worker.stories.lineage.utterances import (
    Spoken,
    Teller,
    drop_marks,
    forget_article,
    joined_utterances,
    note_quotes,
)
from worker.stories.relations import COPIES, Relation
from worker.stories.sketch import Named, Sketch
from worker.stories.story import NO_TIME, Story, StoryStatus, read_vectors
from worker.stories.vector import NO_VECTOR, KindVectors, kind_vectors, unit_vectors
from worker.stories.wires import independent_source
from worker.stories.words import hashed

_MOST_TOLD = (120, 60, 40)
"""Of a story's terms, its lead and its names so many are kept."""
MAX_MEMBERS, MAX_STORY_NAMES, MAX_STORY_SOURCES, MAX_MERGED_FROM = 50, 12, 64, 20
MAX_STORY_ORGANISATIONS, MAX_STORY_COUNTRIES, MAX_STORY_TOPICS, MAX_STORY_SPEAKERS = 8, 6, 6, 8
_ID_DIGITS = 24


class Units:
    """The vectors of an article, brought to one length so that long articles do not outweigh short ones."""

    def __init__(self, vectors: KindVectors) -> None:
        self.vectors = vectors

    def likenesses(self, stories: Sequence[bytes]) -> list[Likeness]:
        """How alike this and each of some stories are, whose state records these are."""
        if not stories:
            return []
        alike = self.vectors.likenesses(read_vectors(stories))
        return [*map(Likeness, alike[0::3], alike[1::3], alike[2::3])]


def units_of(sketches: Iterable[Sketch]) -> list[Units]:
    """The vectors of articles, which take less time for all at once."""
    vectors = [(sketch.terms, sketch.lead, sketch.entities) for sketch in sketches]
    return [*map(Units, unit_vectors(vectors))]


def units_of_story(story: Story) -> Units:
    """The vectors of a story, as if it were an article."""
    (vectors,) = unit_vectors([(story.terms, story.lead, story.entities)])
    return Units(vectors)


def founded(sketch: Sketch, *, number: int, now_ms: int) -> Story:
    """The story of its first article, which gives it its id."""
    named = f"{sketch.origin}\0{sketch.id}".encode(errors="surrogatepass")
    return Story(
        number=number,
        status=StoryStatus.OPEN,
        version=0,
        articles=0,
        reprints=0,
        retracted=0,
        into=0,
        shown_articles=0,
        founded_ms=now_ms,
        last_ms=now_ms,
        shown_ms=NO_TIME,
        earliest_ms=-NO_TIME,
        latest_ms=NO_TIME,
        terms=NO_VECTOR,
        lead=NO_VECTOR,
        entities=NO_VECTOR,
        id=hashlib.sha256(named).hexdigest()[:_ID_DIGITS],
        language=sketch.language,
        headline=None,
        first=[sketch.id, sketch.source, sketch.url, sketch.wire],
        members=[],
        people=[],
        places=[],
        utterances=[],
        sources=[],
        merged_from=[],
        independent=[],
        organisations=[],
        countries=[],
        topics=[],
        speakers=[],
    )


def count_in(story: Story, sketch: Sketch, units: Units, relation: Relation, *, now_ms: int) -> None:
    """Counts an article in a story. A copy of a text adds nothing to what the story is about."""
    story.articles += 1
    story.reprints += relation in COPIES
    story.last_ms = max(story.last_ms, now_ms)
    if relation not in COPIES or story.articles == 1:
        _add(story, units.vectors)
        story.independent = _with_source(
            story.independent, independent_source(wire=sketch.wire, source=sketch.source)
        )
    story.members = [*story.members, [sketch.id, relation.value]][-MAX_MEMBERS:]
    show(story, sketch, now_ms=now_ms)


def show(story: Story, sketch: Sketch, *, now_ms: int) -> None:
    """Adds to a story's card what an article shows."""
    show_version(story, sketch, now_ms=now_ms)
    story.people = _counted(story.people, sketch.people)
    story.places = _counted(story.places, sketch.places)
    story.organisations = _counted(story.organisations, sketch.organisations, MAX_STORY_ORGANISATIONS)
    speakers = [Named(speaker.id or "", speaker.name) for speaker in sketch.speakers]
    story.speakers = _counted(story.speakers, speakers, MAX_STORY_SPEAKERS)
    story.countries = _counted_codes(story.countries, sketch.countries, MAX_STORY_COUNTRIES)
    story.topics = _counted_codes(story.topics, sketch.topics, MAX_STORY_TOPICS)


def show_version(story: Story, sketch: Sketch, *, now_ms: int) -> None:
    """Adds what an article shows whose names were counted before."""
    if story.headline is None and sketch.headline:
        story.headline = [sketch.headline, sketch.id]
    if sketch.published_ms is not None:
        story.earliest_ms = min(story.earliest_ms, sketch.published_ms)
        story.latest_ms = max(story.latest_ms, sketch.published_ms)
    teller = Teller(sketch.id, sketch.wire or sketch.source, now_ms, sketch.published_ms)
    note_quotes(story.utterances, sketch.quotes, teller)
    if story.articles <= 1:
        drop_marks(story.utterances)
    if sketch.source:
        story.sources = _with_source(story.sources, sketch.source.casefold())


def _with_source(sources: list[int], source: str | None) -> list[int]:
    number = hashed(source) if source else None
    if number is None or number in sources or len(sources) >= MAX_STORY_SOURCES:
        return sources
    return [*sources, number]


def take_back(story: Story, article: str, relation: Relation) -> None:
    """Takes an article out of a story, which shows nothing of it then. A story without articles closes."""
    story.articles -= 1
    story.reprints -= relation in COPIES
    story.retracted += 1
    hide(story, article)
    story.members = [member for member in story.members if member[0] != article]
    if not story.articles:
        close(story)


def hide(story: Story, article: str, still: Collection[Spoken] = ()) -> None:
    """Drops the words of an article from a story's card, but for the quotes that it still has."""
    if story.headline is not None and story.headline[1] == article:
        story.headline = None
    story.utterances = forget_article(story.utterances, article, still)


def close(story: Story) -> None:
    """Nothing joins the story any more, so what it is found by is not kept."""
    story.status = StoryStatus.CLOSED
    story.terms = story.lead = story.entities = NO_VECTOR


def merge(story: Story, other: Story) -> None:
    """Makes `other`, which is younger, a part of a story."""
    story.articles += other.articles
    story.reprints += other.reprints
    story.retracted += other.retracted
    story.last_ms = max(story.last_ms, other.last_ms)
    story.earliest_ms = min(story.earliest_ms, other.earliest_ms)
    story.latest_ms = max(story.latest_ms, other.latest_ms)
    _add(story, kind_vectors(other.terms, other.lead, other.entities))
    story.headline = story.headline or other.headline
    story.members = [*other.members, *story.members][-MAX_MEMBERS:]
    story.people = _summed(story.people, other.people)
    story.places = _summed(story.places, other.places)
    story.utterances = joined_utterances(story.utterances, other.utterances)
    story.organisations = _summed(story.organisations, other.organisations, MAX_STORY_ORGANISATIONS)
    story.countries = _summed_codes(story.countries, other.countries, MAX_STORY_COUNTRIES)
    story.topics = _summed_codes(story.topics, other.topics, MAX_STORY_TOPICS)
    story.speakers = _summed(story.speakers, other.speakers, MAX_STORY_SPEAKERS)
    story.independent = list(dict.fromkeys([*story.independent, *other.independent]))[:MAX_STORY_SOURCES]
    story.sources = list(dict.fromkeys([*story.sources, *other.sources]))[:MAX_STORY_SOURCES]
    story.merged_from = [*story.merged_from, other.id][-MAX_MERGED_FROM:]
    other.status, other.into = StoryStatus.MERGED, story.number
    other.terms = other.lead = other.entities = NO_VECTOR
    other.members = []


def _add(story: Story, vectors: KindVectors) -> None:
    """Adds to what a story is about."""
    told = (story.terms, story.lead, story.entities)
    story.terms, story.lead, story.entities = vectors.added_to(told, _MOST_TOLD)


def _counted(names: list[list[Any]], found: Iterable[Named], most: int = MAX_STORY_NAMES) -> list[list[Any]]:
    return _summed(names, [[named.id, named.name, 1] for named in found], most)


def _summed(these: list[list[Any]], those: list[list[Any]], most: int = MAX_STORY_NAMES) -> list[list[Any]]:
    """The names that come in most articles. One that is pushed out begins anew when it comes again.

    A name without an id (an empty one) is told by itself.
    """
    names = {(key, key or name): (name, count) for key, name, count in these}
    for key, name, count in those:
        before = names.get((key, key or name))
        names[key, key or name] = (before[0], before[1] + count) if before else (name, count)
    ordered = sorted(names.items(), key=lambda item: (-item[1][1], item[0][1]))[:most]
    return [[key, name, count] for (key, _), (name, count) in ordered]


def _counted_codes(codes: list[list[Any]], found: Iterable[str], most: int) -> list[list[Any]]:
    return _summed_codes(codes, [[code, 1] for code in found], most)


def _summed_codes(these: list[list[Any]], those: list[list[Any]], most: int) -> list[list[Any]]:
    """The codes that come in most articles, as `_summed` has it of names."""
    counts: dict[str, int] = {}
    for code, count in (*these, *those):
        counts[code] = counts.get(code, 0) + count
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [[code, count] for code, count in ordered]
