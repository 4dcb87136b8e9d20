"""The IPTC Media Topics: their names, and which is broader than which."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files

MAX_TOPICS_LISTED = 5
"""How many topics an error lists, of those that an ambiguous name could mean."""
# No name of a topic is as long, so that no topic begins with a longer text.
_MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class MediaTopic:
    """A topic of the taxonomy. `broader`: the codes of its ancestors, from its parent to the top level."""

    code: str
    name: str
    broader: tuple[str, ...]


@cache
def media_topics() -> Mapping[str, MediaTopic]:
    """All topics that are not retired, by code; broader topics come before narrower ones."""
    table = (files("worker.records") / "data" / "media_topics.tsv").read_text(encoding="utf-8")
    topics: dict[str, MediaTopic] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            code, name, parent = line.split("\t")
            broader = (parent, *topics[parent].broader) if parent else ()
            topics[code] = MediaTopic(code, name, broader)
    return topics


def media_topic_name(code: str) -> str | None:
    """`conflict, war and peace` for `medtop:16000000`; None for a retired or unknown code."""
    topic = media_topics().get(code)
    return topic.name if topic else None


def broader(code: str) -> tuple[str, ...]:
    """The codes of a topic's ancestors, its parent first; none for a top-level, retired or unknown code."""
    topic = media_topics().get(code)
    return topic.broader if topic else ()


def topics_called(text: str) -> tuple[MediaTopic, ...]:
    """The topics that a code, a name or the first words of a name may stand for; only the broadest of them.

    `crime` stands for `crime, law and justice`, which includes the narrower topic `crime`. One topic: the
    text is clear. Several: equally broad topics begin with these words. None: no topic does.
    """
    wanted = " ".join(text.casefold().split())
    return _called(wanted) if len(wanted) <= _MAX_NAME_CHARS else ()


@lru_cache(maxsize=1 << 12)
def _called(wanted: str) -> tuple[MediaTopic, ...]:
    code = wanted if wanted.startswith("medtop:") else f"medtop:{wanted}"
    if topic := media_topics().get(code):
        return (topic,)
    begins = re.compile(re.escape(wanted) + r"(?!\w)")
    like = [topic for topic in media_topics().values() if wanted and begins.match(topic.name.casefold())]
    highest = min((len(topic.broader) for topic in like), default=0)
    like = [topic for topic in like if len(topic.broader) == highest]
    return tuple(topic for topic in like if topic.name.casefold() == wanted) or tuple(like)


def topic_meant(text: str) -> MediaTopic:
    """The one topic that a text stands for. Raises ValueError, which names the topics it could mean."""
    called = topics_called(text)
    if len(called) == 1:
        return called[0]
    if called:
        names = [topic.name for topic in called[:MAX_TOPICS_LISTED]]
        more = [f"and {len(called) - MAX_TOPICS_LISTED} more"] if len(called) > MAX_TOPICS_LISTED else []
        raise ValueError(f"several topics begin so: {'; '.join(names + more)}")
    if code := re.fullmatch(r"(?:medtop:)?(\d+)", text.strip(), re.IGNORECASE):
        raise ValueError(f"no topic has the code medtop:{code[1]}")
    names = [topic.name.casefold() for topic in media_topics().values()]
    like = get_close_matches(text.casefold(), [*names, *(name.partition(",")[0] for name in names)], 1)
    hint = f"; did you mean {like[0]}?" if like else ""
    raise ValueError(f"no topic is called {text!r}{hint}")
