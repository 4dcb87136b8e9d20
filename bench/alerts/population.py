"""Invented rules like those of media monitors: the same seed and articles give the same rules.

Most watch one brand or person under all its spellings, many narrow that by a topic, a speaker or a word, a
few are as broad as "government". Names follow Zipf's law; some are names that do occur in the articles.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, islice
from pathlib import Path
from typing import Any

import orjson

from worker.records.media_topics import media_topics

Json = dict[str, Any]

_NAMES = 40_000
_WATCHED = 4
"""Names of each article that somebody may watch, at most."""
_ZIPF_SHIFT = 200
"""Rank r is drawn in proportion to 1 / (r + this): the first of 40,000 names is in 1 rule of 1,000."""

_ONSETS = ("", "b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "sk", "t", "v", "w", "z")
_RIMES = ("a", "e", "i", "o", "u", "an", "en", "or", "el", "ar", "ia", "er")
_KINDS = ("Bank", "Motors", "Energy", "Foods", "Airlines", "Pharma", "Institute", "Union", "Group", "Media")
_FORMS = (
    "",
    " Ltd",
    " plc",
    " Inc",
    " Corp",
    " Holdings",
    " Group",
    " International",
    " AG",
    " Europe",
    " UK",
)
_ROLES = ("chief executive", "spokesman", "chairwoman", "minister", "director")
_EVENTS = (
    "strike",
    "lawsuit",
    "recall",
    "merger",
    "layoffs",
    "fine",
    "outage",
    "boycott",
    "fraud",
    "sanctions",
)
_COUNTRIES = ("UA", "NG", "IN", "BR", "KE", "PH", "FR", "JP", "ZA", "PE")
BROAD: tuple[Json, ...] = (
    {"topic": {"code": "medtop:16000000", "min_confidence": 0.9}},
    {"phrase": {"text": "government"}},
    {"all": [{"language": "en"}, {"phrase": {"text": "climate change"}}]},
    {"all": [{"entity": {"type": "ORG", "min_salience": 0.3}}, {"topic": {"code": "medtop:04000000"}}]},
    {"all": [{"not": {"source": "tabloid.example"}}, {"entity": {"links": {"iso3166": "UA"}}}]},
)
ONE_IN_BROAD = 5000
_SOURCES = tuple(f"paper-{number}.example" for number in range(400))


class Population:
    """Draws rules. Some of their names and words come from `articles` (parsed JSON of the enriched topic)."""

    def __init__(self, articles: Sequence[Mapping[str, Any]], *, seed: int) -> None:
        self._draw = random.Random(seed)
        self._codes = tuple(media_topics())
        self._words = sorted({word for a in articles for word in a["text"].split() if _is_plain(word)})
        lent = [name for article in articles for name in self._lent(article)]
        invented = [self._invented() for _ in range(_NAMES - len(lent))]
        self._names = [*dict.fromkeys([*lent, *invented])]
        self._draw.shuffle(self._names)
        self._weights = list(accumulate(1 / (rank + _ZIPF_SHIFT) for rank in range(len(self._names))))

    def rules(self, count: int) -> Iterator[Json]:
        """So many rules, as JSON."""
        kinds, weights = zip(*self._kinds(), strict=True)
        for number in range(count):
            if number % ONE_IN_BROAD == 0:
                when = self._draw.choice(BROAD)
            else:
                (kind,) = self._draw.choices(kinds, weights)
                when = kind()
            yield self._rule(number, when)

    def broad(self, count: int) -> Iterator[Json]:
        """So many rules that nearly every article matches."""
        for number in range(count):
            without = {"not": {"source": _SOURCES[number % len(_SOURCES)]}}
            yield {
                "id": f"broad.{number:06}", "name": f"Everything {number}", "owner": "broad@monitor.example",
                "when": {"all": [{"language": "en"}, without]},
            }  # fmt: skip

    def stems(self, count: int) -> Iterator[Json]:
        """So many rules with `stem:`: phrases with a name, or a word beside a name or a topic."""
        for number in range(count):
            word: Json = {"stem": {"text": self._draw.choice(self._words)}}
            topic: Json = {"topic": {"code": self._draw.choice(self._codes), "min_confidence": 0.7}}
            yield {
                "id": f"stem.{number:06}", "name": f"Forms {number}", "owner": "stems@monitor.example",
                "when": self._draw.choice((
                    {"stem": {"text": f"{self._name()} {self._event()}"}},
                    {"stem": {"text": f"{self._event()} {self._name()}"}},
                    {"all": [word, self._named()]},
                    {"all": [word, topic]},
                )),
            }  # fmt: skip

    def _kinds(self) -> tuple[tuple[Callable[[], Json], int], ...]:
        return (
            (self._spelled, 30), (self._person_and_topic, 15), (self._organisation, 12), (self._speaker, 10),
            (self._near, 10), (self._list_and_event, 8), (self._by_role, 5), (self._by_source, 4),
            (self._country, 3), (self._id, 3),
        )  # fmt: skip

    def _rule(self, number: int, when: Json) -> Json:
        rule: Json = {
            "id": f"desk-{number % 300:03}.{number:06}", "name": f"Watch {number}: {self._name()}",
            "owner": f"desk-{number % 300:03}@monitor.example", "when": when,
        }  # fmt: skip
        if self._chance(0.6):
            seconds = self._draw.choice((900, 3600, 6 * 3600, 24 * 3600))
            rule["cooldown"] = {"seconds": seconds, "per": self._draw.choice(("rule", "entity"))}
        if self._chance(0.05):
            rule["expires_at"] = "2099-12-31T00:00:00Z"
        return rule

    def _spelled(self) -> Json:
        """All spellings of a brand, in most sources."""
        name = self._name()
        spellings = [
            name,
            *(f"{name}{form}" for form in _FORMS),
            name.replace(" ", ""),
            name.replace(" ", "-"),
        ]
        spellings += [name[:i] + name[i + 1 :] for i in range(1, len(name))]  # as people mistype it
        some = self._draw.sample(spellings, min(len(spellings), self._draw.randint(5, 30)))
        any_of: Json = {"any": [{"phrase": {"text": one}} for one in dict.fromkeys([name, *some])]}
        without = [{"not": {"source": self._source()}} for _ in range(self._draw.choice((0, 0, 1, 3)))]
        return {"all": [any_of, *without]} if without else any_of

    def _person_and_topic(self) -> Json:
        floor = self._draw.choice((0.5, 0.7, 0.9))
        topic = {"topic": {"code": self._draw.choice(self._codes), "min_confidence": floor}}
        return {"all": [self._named(), topic]}

    def _organisation(self) -> Json:
        return self._named(min_salience=self._draw.choice((0.0, 0.02, 0.1)))

    def _speaker(self) -> Json:
        speaker = {"speaker": {"name": self._name()}}
        return speaker if self._chance(0.7) else {"all": [speaker, {"phrase": {"text": self._event()}}]}

    def _near(self) -> Json:
        other = self._event() if self._chance(0.5) else self._draw.choice(self._words)
        return {"phrase": {"text": f"{self._name()} {other}", "near": self._draw.randint(3, 20)}}

    def _list_and_event(self) -> Json:
        """Competitors in trouble."""
        names = [{"entity": {"name": self._name()}} for _ in range(self._draw.randint(5, 30))]
        events = [{"phrase": {"text": self._event()}} for _ in range(3)]
        return {"all": [{"any": names}, {"any": events}]}

    def _by_role(self) -> Json:
        return {"phrase": {"text": f"{self._name()} {self._draw.choice(_ROLES)}"}}

    def _by_source(self) -> Json:
        return {"all": [{"source": self._source()}, {"phrase": {"text": self._draw.choice(self._words)}}]}

    def _country(self) -> Json:
        link = {"entity": {"links": {"iso3166": self._draw.choice(_COUNTRIES)}, "min_salience": 0.1}}
        return {
            "all": [link, {"language": "en"}, {"phrase": {"text": f"{self._draw.choice(self._words)} tax"}}]
        }

    def _id(self) -> Json:
        return {"entity": {"id": f"person:{self._name().lower().replace(' ', '-')}"}}

    def _named(self, **more: Any) -> Json:
        return {"entity": {"name": self._name(), **({"type": "ORG"} if self._chance(0.2) else {}), **more}}

    def _name(self) -> str:
        return self._draw.choices(self._names, cum_weights=self._weights)[0]

    def _event(self) -> str:
        return self._draw.choice(_EVENTS)

    def _source(self) -> str:
        return self._draw.choice(_SOURCES)

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share

    def _invented(self) -> str:
        first = self._invented_word()
        return f"{first} {self._invented_word() if self._chance(0.5) else self._draw.choice(_KINDS)}"

    def _invented_word(self) -> str:
        syllables = range(self._draw.randint(2, 3))
        return "".join(self._draw.choice(_ONSETS) + self._draw.choice(_RIMES) for _ in syllables).title()

    def _lent(self, article: Mapping[str, Any]) -> list[str]:
        names = [
            e["name"] for e in article["entities"] if e["type"] in ("PERSON", "ORG") and len(e["name"]) > 3
        ]
        return self._draw.sample(names, min(len(names), _WATCHED))


def write_rules(
    path: Path, articles: Sequence[bytes], count: int, *, seed: int, broad: int, stems: int = 0
) -> None:
    """Writes so many rules, one a line, the broad ones first, then those with stems.

    A smaller count gives the first of a larger.
    """
    population = Population([orjson.loads(value) for value in articles], seed=seed)
    with path.open("wb") as lines:
        rules = chain(population.broad(broad), population.stems(stems), population.rules(count))
        lines.writelines(orjson.dumps(rule) + b"\n" for rule in islice(rules, count))


def _is_plain(word: str) -> bool:
    return len(word) > 5 and word.isalpha() and word.islower()
