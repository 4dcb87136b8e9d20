"""`dateline check` on topics that are not there, without a cluster."""

from contextlib import asynccontextmanager

import pytest

from worker.commands import check
from worker.delivery.kafka.clock import ClockUnread
from worker.settings import Settings


class Report:
    def __init__(self):
        self.lines = []

    def say(self, verdict, what, text):
        self.lines.append(f"{verdict} {what} {text}")


def returning(value):
    async def answer(*_args, **_options):
        return value

    return answer


@pytest.mark.parametrize(
    ("there", "why"),
    [
        ({}, "there are no topics; `dateline topics create` makes them"),
        ({"news.articles.raw.v1": 3}, "dateline's topics there begin with 'news.', not with 'nope.' "),
    ],
)
async def test_missing_topics_are_told_with_what_makes_them(monkeypatch, there, why):
    @asynccontextmanager
    async def nobody(*_args):
        yield None

    async def unread(_settings):
        raise ClockUnread("no topic")

    answers = {"count_brokers": 1, "find_topics": {}, "hidden_among": set(), "all_topics": there}
    for name, value in answers.items():
        monkeypatch.setattr(check, name, returning(value))
    monkeypatch.setattr(check, "admin_client", nobody)
    monkeypatch.setattr(check, "check_clock", unread)
    report = Report()
    await check._check_cluster(report, Settings.from_env({"DATELINE_TOPIC_PREFIX": "nope."}))
    assert "problem topics nope.articles.raw.v1: missing" in report.lines
    (said,) = (line for line in report.lines if "no topic nope.articles.raw.v1 on " in line)
    assert said.startswith("problem topics ")
    assert why in said
