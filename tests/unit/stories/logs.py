"""Logs of sketches to try stories on: articles made of a few sentences, so that all relations occur."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from worker.stories.limits import StoryLimits
from worker.stories.sketch import Sketch, make_sketch
from worker.stories.stories import Position, Stories, TakenIn
from worker.stories.telling import Units

SUBJECTS = (
    "ferry sank harbour captain lifeboats crew passengers storm divers wreck coastguard",
    "budget minister parliament deficit vote opposition taxes coalition treasury pensions",
    "striker penalty stadium goalkeeper league referee derby supporters transfer coach",
    "volcano ash eruption evacuated islanders lava airport geologists tremor shelters",
)
TINY = StoryLimits(
    story_ms=40_000, single_ms=25_000, article_ms=60_000, open_stories=4, articles=9, step_ms=20_000, swept=2,
    versions=2,
)  # fmt: skip


def sentence(subject: int, number: int) -> str:
    """A sentence of nineteen words about a subject; the same number gives the same sentence."""
    words = SUBJECTS[subject].split()
    digest = hashlib.sha256(f"{subject} {number}".encode()).digest()
    return (
        " ".join(
            words[byte % len(words)] + "aeiou"[byte % 5] * (byte % 3) for byte in digest[:19]
        ).capitalize()
        + "."
    )


def article(id_: str, text: str, **fields: Any) -> dict[str, Any]:
    """An enriched article with this text, as far as stories look at it."""
    none = dict.fromkeys(("headline", "source", "url", "published_at"))
    return (
        {"id": id_, "language": "en", "text": text, "authors": [], "entities": [], "quotes": []}
        | none
        | fields
    )


def name(type_: str, text: str, salience: float) -> dict[str, Any]:
    """An entity with this name."""
    return {
        "id": f"{type_.lower()}:{text.lower().replace(' ', '-')}", "name": text, "type": type_,
        "salience": salience,
    }  # fmt: skip


def sketch(id_: str, text: str, origin: str = "raw/0/0", **fields: Any) -> Sketch:
    """The sketch of an article with this text."""
    return make_sketch(article(id_, text, **fields), origin=origin)


@dataclass(frozen=True)
class Step:
    """A record of the log: an article, or None for one that is taken back; after so many milliseconds."""

    id: str
    sketch: Sketch | None
    after_ms: int


def retold(said: str) -> st.SearchStrategy[str]:
    """A quote as it is, or cut, or with a word exchanged."""
    words = said.split()
    return st.one_of(
        st.just(said),
        st.integers(5, 18).map(lambda count: " ".join(words[:count])),
        st.integers(1, 14).map(lambda count: " ".join(words[count:])),
        st.integers(0, 18).map(lambda place: " ".join([*words[:place], f"{place}", *words[place + 1 :]])),
    )


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A record about one of a few articles."""
    id_ = draw(st.sampled_from("abcdefghijklmno"))
    after_ms = draw(st.sampled_from([0, 1, 500, 9_000, 30_000, 10_000_000, -5_000]))
    if draw(st.integers(0, 7)) == 0:
        return Step(id_, None, after_ms)
    subject = draw(st.integers(0, 3))
    numbers = draw(st.lists(st.integers(0, 7), min_size=1, max_size=5))
    text = " ".join(sentence(subject, number) for number in numbers)
    if draw(st.booleans()):
        text += " " + sentence(draw(st.integers(0, 3)), 0)
    quotes = [
        {
            "text": draw(retold(sentence(subject, number))),
            "kind": "direct",
            "speaker": None,
            "confidence": 0.9,
        }
        for number in numbers[:2]
    ]
    fields = {
        "language": draw(st.sampled_from(["en", "en", "en", "de"])),
        "headline": draw(st.sampled_from([None, "Ferry sinks", "Budget falls"])),
        "source": draw(st.sampled_from([None, "The Daily", "Reuters"])),
        "published_at": draw(st.sampled_from([None, "2026-11-29T10:00:00Z"])),
        "entities": [name("PERSON", f"Ada {subject}", 0.5), name("GPE", "Ruritania", 0.1)],
        "quotes": quotes,
    }
    return Step(id_, sketch(id_, text, **fields), after_ms)


logs = st.lists(steps(), max_size=40)


def tell(stories: Stories, step: Step, position: Position, units: Units | None = None) -> TakenIn:
    """Gives a record to the stories. `units`: what they said when they foresaw it."""
    if step.sketch is None:
        return stories.retract(step.id, position)
    return stories.take(replace(step.sketch, origin=f"raw/0/{position.offset}"), position, units)


def positions(log: Iterable[Step]) -> list[Position]:
    """Where each record stands, and when it was written."""
    found, time_ms = [], 1_700_000_000_000
    for offset, step in enumerate(log):
        time_ms += step.after_ms
        found.append(Position(3 * offset, time_ms))
    return found


@dataclass
class Topic:
    """A compacted topic: the last record of each key, as a worker that begins reads it."""

    records: dict[bytes, bytes] = field(default_factory=dict)

    def write(self, told: TakenIn) -> None:
        for key, value in told.changes.items():
            if value is None:
                self.records.pop(key, None)
            else:
                self.records[key] = value

    def read_into(self, stories: Stories) -> Stories:
        """Reads the state back, in an order of its own."""
        for key in sorted(self.records, key=lambda key: hashlib.sha256(key).digest()):
            stories.memory.restore(key, self.records[key])
        stories.memory.restored()
        return stories
