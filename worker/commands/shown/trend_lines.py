"""A subject's counts in one hour or day, in a line."""

import orjson

from worker.commands.shown.cards import JsonObject, printable


def trend_line(value: bytes) -> str:
    """`2027-01-15 08h person Ada Okafor: 12 articles, 3 copies, 4 stories  [burst, 0.4 expected]`"""
    count = orjson.loads(value)
    start = printable(count["start"])
    when = f"{start[:10]} {start[11:13]}h" if count["window"] == "hour" else start[:10]
    return (
        f"{when} {printable(count['kind'])} {printable(count['name'])}: {_counts_of(count)}{_burst_of(count)}"
    )


def _counts_of(count: JsonObject) -> str:
    """`12 articles, 3 copies, 4 stories`"""
    articles, stories = count["articles"], count["stories"]
    copies = articles - count["independent"]
    said = [f"{articles:,} article{'s' * (articles != 1)}"]
    if copies:
        said.append(f"{copies:,} cop{'ies' if copies != 1 else 'y'}")
    return ", ".join([*said, f"{stories:,} stor{'ies' if stories != 1 else 'y'}"])


def _burst_of(count: JsonObject) -> str:
    burst = count["burst"]
    return "" if burst is None else f"  [burst, {burst['expected']:g} expected]"
