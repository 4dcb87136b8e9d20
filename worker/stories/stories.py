"""Assigns each article of a log to a story: `take` says what to publish, and which of the state changes.

The state is a set of records of a compacted topic: one for each article that is remembered, one for each
story, and the clock, with the offset of the last sketch that was taken. Whoever reads them back, in any
order, decides as the worker before would have. The work on one sketch is bounded, whatever is remembered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from worker.stories import telling
from worker.stories.decision import ARTICLES, HEADLINE_WORDS, HEADLINES, Likeness, Weights, evidence_of, score
from worker.stories.entry import ArticleEntry
from worker.stories.fingerprints import shared_text
from worker.stories.limits import STORY_LIMITS, StoryLimits
from worker.stories.memory import Memory
from worker.stories.outputs import Assignment, Card, card_of
from worker.stories.relations import COPIES, Copied, Relation, relation_of
from worker.stories.sketch import Sketch
from worker.stories.story import Story, StoryStatus
from worker.stories.vector import UNIT

_NEARLY = 90
"""Of several sources the earliest counts whose share is at least so many hundredths of the greatest one."""
_CONTAINED, _INDEXED_COPIES = 600, 4
"""Of texts with so much of another's, those after the fourth add to the index only what is their own."""
_CERTAIN = 1 << 20
_SHOWN_EACH, _SHOWN_MS = 10, 600_000
"""A card is written at each change up to ten articles, then when a tenth came or after ten minutes."""
_NO_COPY = Copied(Relation.ORIGINAL, 0, 0)


class Position(NamedTuple):
    """Where in the log a sketch stands, and when it was written, in milliseconds since 1970."""

    offset: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What follows from one sketch: what to publish, and the records of the state that change.

    `retracted`: the id of the article whose assignment is taken back. `changes`: by key; None: removed.
    """

    assignment: Assignment | None
    retracted: str | None
    cards: tuple[Card, ...]
    changes: Mapping[bytes, bytes | None]


class Judged(NamedTuple):
    """An open story that an article may tell of. `evidence`: above 0 it does."""

    evidence: int
    number: int
    likeness: Likeness


class CopySource(NamedTuple):
    """An article whose text another shares."""

    entry: ArticleEntry
    copied: Copied
    is_printed_often: bool


class Stories:
    """The stories of one log. Its sketches are given to `take` and `retract` in their order."""

    def __init__(
        self,
        *,
        limits: StoryLimits = STORY_LIMITS,
        articles: Weights = ARTICLES,
        headlines: Weights = HEADLINES,
    ) -> None:
        self.memory = Memory()
        self._limits = limits
        self.articles_weights, self.headlines_weights = articles, headlines
        self.closed_early = self.forgotten_early = 0
        """Stories that were closed, and articles that were forgotten, for there being too many."""
        self._cards: list[Card] = []

    def foresee(self, sketches: Sequence[Sketch]) -> list[telling.Units]:
        """Tells which articles come next: `take` needs less time for each then, and decides the same.

        Returns the vectors of each, for `take`.
        """
        memory = self.memory
        memory.copies.foresee([sketch.fingerprints for sketch in sketches], since=memory.since)
        memory.postings.foresee(
            [keys for sketch in sketches for keys in (sketch.terms.keys, sketch.entities.keys)]
        )
        return telling.units_of(sketches)

    def take(self, sketch: Sketch, at: Position, units: telling.Units | None = None) -> TakenIn:
        """Assigns an article. A sketch that was taken before gives what it gave then, and changes nothing.

        `units`: its vectors, if they are there already.
        """
        entry = self.memory.entry(sketch.id)
        if at.offset <= self.memory.offset:
            return self._told_before(entry, sketch.published_ms)
        self._begin(at)
        entry = self.memory.entry(sketch.id)
        if entry is not None and self._story_of(entry).language != sketch.language:
            self._take_out(entry)
            entry = None
        if entry is None:
            assignment = self._assign(sketch, at, units or telling.units_of([sketch])[0])
        else:
            assignment = self._replace(entry, sketch, at)
        return self._told(assignment, None)

    def retract(self, article: str, at: Position) -> TakenIn:
        """Takes an article back: its story counts one less, and shows nothing of it any more."""
        if at.offset <= self.memory.offset:
            return TakenIn(None, article, (), {})
        self._begin(at)
        entry = self.memory.entry(article)
        if entry is not None:
            self._take_out(entry)
        return self._told(None, article)

    def choose(self, source: CopySource | None, judged: Sequence[Judged]) -> Judged | None:
        """The story that an article belongs to, None if it founds one. The best of `judged` comes first."""
        if source is not None and source.copied.relation in COPIES:
            number = self.memory.current(source.entry.story)
            if self.memory.head(number).status is StoryStatus.OPEN:
                return Judged(_CERTAIN, number, Likeness(UNIT, UNIT, UNIT))
        return judged[0] if judged and judged[0].evidence > 0 else None

    def other(self, home: int, judged: Sequence[Judged]) -> int | None:
        """Another story that the article tells of just as well."""
        return next((each.number for each in judged if each.number != home and each.evidence > 0), None)

    def _story_of(self, entry: ArticleEntry) -> Story:
        """The story that an article belongs to by now."""
        return self.memory.story(self.memory.current(entry.story))

    def _take_out(self, entry: ArticleEntry) -> None:
        story = self._story_of(entry)
        telling.take_back(story, entry.id, entry.relation)
        self._keep(story, shown=True)
        self.memory.remove_entry(entry)

    def _begin(self, at: Position) -> None:
        memory, limits = self.memory, self._limits
        memory.offset = at.offset
        before = memory.now_ms or at.time_ms
        memory.now_ms = max(before, min(at.time_ms, before + limits.step_ms))
        self._close()

    def _close(self) -> None:
        """Closes stories that are due, a few at a time, and those beyond the limit."""
        for _ in range(self._limits.swept):
            number = self._due()
            if number is None:
                break
            story = self.memory.story(number)
            telling.close(story)
            self._keep(story, shown=True)

    def _forget(self) -> None:
        """Forgets articles that are due, a few at a time, those beyond the limit, and stories without any."""
        memory, limits = self.memory, self._limits
        until_ms = memory.now_ms - limits.article_ms
        self.forgotten_early += memory.forget_oldest(
            before_ms=until_ms, most=limits.swept, keep=limits.articles
        )
        oldest_ms = memory.oldest_taken_ms()
        for _ in range(limits.swept):
            ended = memory.oldest_ended()
            if ended is None or ended[0] > until_ms or (oldest_ms is not None and oldest_ms <= ended[0]):
                break
            memory.remove_story(ended[1])

    def _due(self) -> int | None:
        """The story that closes next, if one does."""
        memory, limits = self.memory, self._limits
        single, multiple = memory.oldest_single(), memory.oldest_multiple()
        due = [
            (found[0] + lasts_ms, found[1])
            for found, lasts_ms in ((single, limits.single_ms), (multiple, limits.story_ms))
            if found is not None
        ]
        if due and min(due)[0] <= memory.now_ms:
            return min(due)[1]
        if memory.open_stories < limits.open_stories:
            return None
        oldest = single or multiple
        self.closed_early += oldest is not None
        return oldest[1] if oldest else None

    def _assign(self, sketch: Sketch, at: Position, units: telling.Units) -> Assignment:
        memory = self.memory
        source = self.source_of(sketch)
        copied = source.copied if source else _NO_COPY
        weights = self.headlines_weights if sketch.word_count < HEADLINE_WORDS else self.articles_weights
        judged = self._judge(sketch, units, weights)
        home = self.choose(source, judged)
        if home is None:
            story = telling.founded(sketch, number=self._next_story(), now_ms=memory.now_ms)
        else:
            story = self._merged(memory.story(home.number), self.other(home.number, judged), weights)
        confirmed = len(story.independent)
        telling.count_in(story, sketch, units, copied.relation, now_ms=memory.now_ms)
        # Whoever waits for another source learns of it at once, however large the story is.
        self._keep(story, shown=len(story.independent) > confirmed)
        entry = ArticleEntry(
            id=sketch.id,
            number=memory.next_article,
            story=story.number,
            taken_ms=memory.now_ms,
            offset=at.offset,
            relation=copied.relation,
            of=source.entry.id if source else None,
            of_this=copied.of_this,
            of_that=copied.of_that,
            score=score(home.evidence if home else _CERTAIN),
            wire=sketch.wire,
            source=sketch.source,
            versions=1,
            fingerprints=sketch.fingerprints,
            hidden=_hidden(sketch, source),
        )
        memory.add_entry(entry)
        return _assignment(entry, story, sketch.published_ms)

    def _next_story(self) -> int:
        number = self.memory.next_story
        self.memory.next_story += 1
        return number

    def source_of(self, sketch: Sketch) -> CopySource | None:
        """The article that this one copies, or shares a passage with: of about equal ones the earliest."""
        memory = self.memory
        sources = []
        for number in memory.copies.sharing(sketch.fingerprints, since=memory.since):
            copied = relation_of(shared_text(sketch.fingerprints, memory.fingerprints(number)))
            if copied.relation is not Relation.ORIGINAL:
                sources.append((number, copied))
        if not sources:
            return None
        most = max(_greater_share(copied) for _, copied in sources)
        nearly = [each for each in sources if _greater_share(each[1]) * 100 >= most * _NEARLY]
        earliest, copied = min(nearly)
        copies = sum(copied.of_this >= _CONTAINED for _, copied in sources)
        return CopySource(memory.entry_numbered(earliest), copied, copies >= _INDEXED_COPIES)

    def _judge(self, sketch: Sketch, units: telling.Units, weights: Weights) -> list[Judged]:
        """The open stories that an article may tell of, the likeliest first."""
        terms, names = sketch.terms, sketch.entities
        numbers = self.memory.postings.candidates(terms.keys + names.keys, terms.weights + names.weights)
        alike = units.likenesses([*map(self.memory.kept, numbers)])
        found = [
            Judged(evidence_of(likeness, weights), number, likeness)
            for number, likeness in zip(numbers, alike, strict=True)
        ]
        return sorted(found, key=lambda each: (-each.evidence, each.number))

    def _merged(self, story: Story, other: int | None, weights: Weights) -> Story:
        """The story, or the one that both are now if the other is as much like it as stories that are one."""
        if other is None:
            return story
        units = telling.units_of_story(story)
        (alike,) = units.likenesses([self.memory.kept(other)])
        if evidence_of(alike, weights) < weights.merge:
            return story
        older, younger = sorted((story, self.memory.story(other)), key=lambda each: each.number)
        telling.merge(older, younger)
        self._keep(younger, shown=True, into=older.id)
        return older

    def _replace(self, entry: ArticleEntry, sketch: Sketch, at: Position) -> Assignment:
        """A new version of an article stays where the first one is, unless its language is another."""
        memory = self.memory
        story = self._story_of(entry)
        telling.hide(story, entry.id, sketch.quotes)
        telling.show_version(story, sketch, now_ms=memory.now_ms)
        changed = replace(
            entry, offset=at.offset, wire=sketch.wire, source=sketch.source, versions=entry.versions + 1
        )
        if sketch.fingerprints != entry.fingerprints and entry.versions < self._limits.versions:
            changed = replace(
                changed,
                number=memory.next_article,
                taken_ms=memory.now_ms,
                fingerprints=sketch.fingerprints,
                hidden=0,
            )
            story.last_ms = max(story.last_ms, memory.now_ms)
            memory.drop_number(entry.number)
            memory.add_entry(changed)
        else:
            memory.put_entry(changed)
        self._keep(story, shown=True)
        return _assignment(changed, memory.story(changed.story), sketch.published_ms)

    def _keep(self, story: Story, *, shown: bool = False, into: str | None = None) -> None:
        """Keeps a story as it is now, and writes its card if that is due."""
        if shown or self._is_due(story):
            story.version += 1
            story.shown_articles, story.shown_ms = story.articles, self.memory.now_ms
            self._cards.append(card_of(story, into))
        self.memory.put_story(story)

    def _is_due(self, story: Story) -> bool:
        return (
            story.articles <= _SHOWN_EACH
            or story.articles * 10 >= story.shown_articles * 11
            or self.memory.now_ms - story.shown_ms >= _SHOWN_MS
        )

    def _told_before(self, entry: ArticleEntry | None, published_ms: int | None) -> TakenIn:
        """What a sketch gave that was taken already, with its story as it is by now."""
        if entry is None:
            return TakenIn(None, None, (), {})
        story = self._story_of(entry)
        assignment = _assignment(entry, self.memory.story(entry.story), published_ms)
        return TakenIn(assignment, None, (card_of(story, None),), {})

    def _told(self, assignment: Assignment | None, retracted: str | None) -> TakenIn:
        self._forget()
        cards, self._cards = tuple(self._cards), []
        return TakenIn(assignment, retracted, cards, self.memory.end())


def _assignment(entry: ArticleEntry, story: Story, published_ms: int | None) -> Assignment:
    """`story`: the one that the article was assigned to. `published_ms`: decides nothing, and is not kept."""
    return Assignment(
        id=entry.id,
        story=story.id,
        language=story.language,
        relation=entry.relation,
        of=entry.of,
        of_this=entry.of_this,
        of_that=entry.of_that,
        score=entry.score,
        wire=entry.wire,
        record_source=entry.wire or entry.source,
        published_ms=published_ms,
    )


def _greater_share(copied: Copied) -> int:
    return max(copied.of_this, copied.of_that)


def _hidden(sketch: Sketch, source: CopySource | None) -> int:
    """A bit for each fingerprint of an article that need not be found, since its source's are.

    Without this the ninth print of a text would make a template of it.
    """
    if source is None or not source.is_printed_often or source.copied.of_this < _CONTAINED:
        return 0
    known = set(source.entry.fingerprints)
    return sum(1 << place for place, each in enumerate(sketch.fingerprints) if each in known)
