"""Shows stories to a person: a card for a story, a line for an article's place in one."""

import orjson

from worker.commands.shown.cards import LINE_CHARS, SHOWN_HEADLINE_CHARS, JsonObject, printable
from worker.records.stories import independent_sources

_MAX_SHOWN_MEMBERS = 8


def story_title(story: JsonObject) -> str:
    """The story's headline, or its first article's id if no article has one."""
    return printable(story["headline"] or story["first"]["id"], most=SHOWN_HEADLINE_CHARS)


def story_rows(story: JsonObject, *, has_latest: bool = True) -> list[tuple[str, str]]:
    """A card's rows: how many articles, with `has_latest` which, who and where, and what was said."""
    counts = story["counts"]
    sources = counted_sources(counts["sources"])
    articles = f"{counts['articles']:,} of {sources} ({independent_sources(counts):,} independent)"
    copies = f", {_copies(counts)}" if counts["reprints"] else ""
    retracted = f", {counts['retracted']:,} taken back" if counts["retracted"] else ""
    rows = [("articles", f"{printable(articles)}{copies}{retracted}")]
    if story["status"] != "open":
        into = f" into {printable(story['into'])}" if story["into"] else ""
        rows.append(("status", f"{printable(story['status'])}{into}"))
    wire = f", {printable(story['first']['wire'])}" if story["first"]["wire"] else ""
    rows.append(("first", f"{printable(story['first']['source'] or story['first']['id'])}{wire}"))
    members = story["members"][-_MAX_SHOWN_MEMBERS:] if has_latest else ()
    rows += [("latest" if not place else "", _member(one)) for place, one in enumerate(members)]
    for label in ("people", "places"):
        if names := [f"{printable(one['name'])} ×{one['articles']}" for one in story[label]]:
            rows.append((label, ", ".join(names)))
    for place, quote in enumerate(story["quotes"]):
        who = printable(quote["speaker"] or "(nobody named)")
        rows.append(("quotes" if not place else "", f"{who}: “{printable(quote['text'])}”"))
    return rows


def story_line(value: bytes) -> str:
    """The line of a story's record."""
    return story_in_a_line(orjson.loads(value))


def story_in_a_line(story: JsonObject) -> str:
    """`3 articles, 1 copy, 2 independent sources: Ferry aground off Callao  [open]`"""
    counts = story["counts"]
    said = [f"{counts['articles']:,} article{'s' * (counts['articles'] != 1)}"]
    if counts["reprints"]:
        said.append(_copies(counts))
    if counts["articles"] > 1:
        said.append(counted_sources(independent_sources(counts), "independent "))
    return f"{', '.join(said)}: {story_title(story)}  [{printable(story['status'])}]"


def counted_sources(count: int, kind: str = "") -> str:
    """`1 source`, `2 independent sources`"""
    return f"{count:,} {kind}source{'s' * (count != 1)}"


def assignment_line(value: bytes) -> str:
    """`daily-881 in c8e862933194bbcab54bc44a, excerpt of callao-ferry (100% of it), Reuters`"""
    assignment = orjson.loads(value)
    article, story = (printable(assignment[name], most=LINE_CHARS // 3) for name in ("id", "story"))
    of = f" of {printable(assignment['of'], most=LINE_CHARS // 3)}" if assignment["of"] else ""
    share = f" ({assignment['share']:.0%} of it)" if assignment["of"] else ""
    source = f", {printable(assignment['record_source'])}" if assignment["record_source"] else ""
    return f"{article} in {story}, {printable(assignment['relation'])}{of}{share}{source}"


def size_line(value: bytes) -> str:
    """Describes a record that is not for people."""
    return f"{len(value):,} bytes"


def _copies(counts: JsonObject) -> str:
    return f"{counts['reprints']:,} cop{'ies' if counts['reprints'] != 1 else 'y'}"


def _member(member: JsonObject) -> str:
    relation = "" if member["relation"] == "original" else f"  [{printable(member['relation'])}]"
    return f"{printable(member['id'])}{relation}"
