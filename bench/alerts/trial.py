"""One measurement: what so many rules take in a process of their own, and what they cost an article."""

import gc
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean, median

import orjson

from bench.footprint import footprint
from worker.alerts.facts import Facts
from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.records.codec import to_bytes
from worker.records.rules import rule_from_bytes

_PUTS = 2000
"""How many rules are put again once all are there, as an import does while articles flow."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What so many rules took. Times are CPU time."""

    rules: int
    article_us: float
    candidates: float
    matches: float
    mib: float
    load_seconds: float
    put_us: float
    longest_put_us: float
    collect_ms: float
    frozen_collect_ms: float


def measure_rules(rules: Path, count: int, articles: Sequence[bytes], rounds: int) -> RuleFigures:
    """Loads the first `count` rules of a file and matches articles, in a process that had no rules yet."""
    index = RuleIndex()
    _warm_up(rules, articles[0])
    before = _resident_mib()
    began = time.process_time()
    for value in _lines(rules, count):
        index.put(rule_from_bytes(value))
    load_seconds = time.process_time() - began
    gc.collect()
    mib = _resident_mib() - before
    collect_ms = _collect_ms()
    gc.freeze()
    frozen_collect_ms = _collect_ms()
    gc.unfreeze()
    puts = [_put_us(index, value) for value in _lines(rules, min(count, _PUTS))]
    found = [Facts(orjson.loads(value)) for value in articles]
    return RuleFigures(
        rules=count,
        article_us=_article_us(index, articles, rounds),
        candidates=fmean(len(index.candidates(facts)) for facts in found),
        matches=fmean(len(index.matches(facts)) for facts in found),
        mib=mib,
        load_seconds=load_seconds,
        put_us=median(puts) if puts else 0.0,
        longest_put_us=max(puts, default=0.0),
        collect_ms=collect_ms,
        frozen_collect_ms=frozen_collect_ms,
    )


def _warm_up(rules: Path, article: bytes) -> None:
    """Loads what is loaded once, whether for one rule or for thousands."""
    few = RuleIndex(rule_from_bytes(value) for value in _lines(rules, 100))
    for match in matches(few, orjson.loads(article), time_ms=0):
        to_bytes(match)
    del few
    gc.collect()


def _article_us(index: RuleIndex, articles: Sequence[bytes], rounds: int) -> float:
    """What the match stage does with an article: the mean over the articles of the median of each."""
    spent: list[list[int]] = [[] for _ in articles]
    for number in range(rounds + 1):  # the first warms up
        for times, value in zip(spent, articles, strict=True):
            began = time.process_time_ns()
            if index:
                for match in matches(index, orjson.loads(value), time_ms=0):
                    to_bytes(match)
            if number:
                times.append(time.process_time_ns() - began)
    return fmean(median(times) for times in spent) / 1000


def _put_us(index: RuleIndex, value: bytes) -> float:
    """Puts a rule, as one that comes in while articles flow."""
    began = time.process_time_ns()
    index.put(rule_from_bytes(value))
    return (time.process_time_ns() - began) / 1000


def _collect_ms() -> float:
    began = time.process_time()
    gc.collect()
    return (time.process_time() - began) * 1e3


def _lines(rules: Path, count: int) -> Iterator[bytes]:
    with rules.open("rb") as lines:
        yield from islice(lines, count)


def _resident_mib() -> float:
    return footprint(os.getpid()).resident_mib
