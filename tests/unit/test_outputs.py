"""New outputs are off where the brokers lack what they need; they are asked only where that can be."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from click.testing import CliRunner

from worker import outputs
from worker.channels import SPECS, STORY_ALERTING, STORYTELLING, Channel, TopicUse
from worker.commands.settings import command
from worker.commands.topics.settings import Difference, differences, expected_topics
from worker.delivery.kafka import preflight
from worker.outputs import new_channels, settle_outputs
from worker.settings import Output, Settings

C = Channel
ALL = Settings().outputs


@pytest.fixture
def mark(monkeypatch):
    """`mark(Channel.QUOTES, ...)`: version 9.9.0 added their outputs, and no other is new."""

    def mark(*channels):
        for channel in set(SPECS) - set(channels):
            monkeypatch.setitem(SPECS, channel, replace(SPECS[channel], default_since=None))
        for channel in channels:
            monkeypatch.setitem(SPECS, channel, replace(SPECS[channel], default_since="9.9.0"))

    return mark


@pytest.fixture
def brokers(monkeypatch):
    """Brokers that lack what is put into `lacks`, and note in `asked` what they were asked for."""

    class Brokers:
        def __init__(self):
            self.lacks, self.asked = {}, None

        async def lacking(self, _settings, uses):
            self.asked = uses
            return self.lacks

    them = Brokers()
    monkeypatch.setattr(outputs, "lacking", them.lacking)
    return them


def test_without_new_outputs_all_are_required_and_nobody_is_asked(mark, brokers):
    mark()
    settings = Settings()
    assert settle_outputs(settings).settings is settings
    assert brokers.asked is None
    assert new_channels(settings) == {}


@pytest.mark.parametrize("lacks", [{}, {Output.STORIES: "missing: t"}])
def test_today_stories_alone_are_new_and_off_without_their_topics(brokers, lacks):
    brokers.lacks = lacks
    found = settle_outputs(Settings())
    assert brokers.asked == {
        Output.STORIES: TopicUse(
            reads=(C.SKETCHES, C.STORIES),
            follows=(C.STORY_STATE, C.STORY_RULE_STATE),
            writes=(C.SKETCHES, C.STORY_ARTICLES, C.STORIES, C.STORY_STATE, C.STORY_RULE_STATE),
        )
    }
    assert found.settings.outputs == tuple(
        output for output in Output if output not in lacks and output is not Output.TRENDS
    )
    assert dict(found.off) == {
        output: f"{lack}; a restart then turns stories on, as it is by default since 0.1.0"
        for output, lack in lacks.items()
    }
    assert new_channels(Settings()) == dict.fromkeys((*STORYTELLING, *STORY_ALERTING), Output.STORIES)


def test_outputs_that_are_named_are_required_and_nobody_is_asked(mark, brokers):
    mark(C.QUOTES)
    settings = Settings.from_env({"DATELINE_OUTPUTS": "enriched,quotes"})
    assert settle_outputs(settings).settings is settings
    assert brokers.asked is None
    assert new_channels(settings) == {}


@pytest.mark.parametrize("lacking", [(), (Output.QUOTES,), (Output.ALERTS,), (Output.QUOTES, Output.ALERTS)])
def test_a_new_output_is_off_where_the_brokers_lack_something_for_it(mark, brokers, lacking):
    mark(C.QUOTES, C.ALERTS)
    brokers.lacks = dict.fromkeys(lacking, "missing: t")
    found = settle_outputs(Settings(topic_prefix="x."))
    assert found.settings.outputs == tuple(output for output in ALL if output not in lacking)
    assert found.settings.topic_prefix == "x."
    assert found.off == {
        output: f"missing: t; a restart then turns {output} on, as it is by default since 9.9.0"
        for output in lacking
    }


def test_the_brokers_are_asked_for_what_a_new_output_needs_beyond_the_others(mark, brokers):
    mark(C.QUOTES, C.ALERTS)
    settle_outputs(Settings())
    assert brokers.asked == {
        Output.QUOTES: TopicUse(reads=(), follows=(), writes=(C.QUOTES,)),
        Output.ALERTS: TopicUse(
            reads=(C.ENRICHED, C.MATCHES, C.STORIES),
            follows=(C.RULES, C.STATE, C.STORY_RULE_STATE),
            writes=(C.MATCHES, C.STATE, C.ALERTS, C.STORY_RULE_STATE),
        ),
    }
    alerting = dict.fromkeys((C.MATCHES, C.RULES, C.STATE, C.ALERTS, C.STORY_RULE_STATE), Output.ALERTS)
    assert new_channels(Settings()) == {C.QUOTES: Output.QUOTES, **alerting}


def test_what_is_left_is_required_as_if_it_were_named(mark, brokers):
    mark(C.QUOTES)
    brokers.lacks = {Output.QUOTES: "missing: t"}
    assert settle_outputs(Settings()).settings.new_outputs == {}


async def test_brokers_are_asked_again_before_they_are_believed_to_lack_a_topic(monkeypatch):
    """One that has just started may not know all topics yet."""
    answers = iter(["missing: t", "missing: t", "", "missing: t", "missing: t", "missing: t"])
    asked = []

    @asynccontextmanager
    async def connected(_settings):
        yield

    async def lack(_client, _settings, use):
        asked.append(use)
        return next(answers)

    monkeypatch.setattr(preflight, "_connected", connected)
    monkeypatch.setattr(preflight, "_lack", lack)
    monkeypatch.setattr(preflight, "LACK_RETRY_SECONDS", 0)
    assert await preflight.lacking(Settings(), {"a": "the use"}) == {}
    assert await preflight.lacking(Settings(), {"a": "the use"}) == {"a": "missing: t"}
    assert asked == ["the use"] * 6


def test_the_commands_tell_what_is_off_without_its_topics(mark, monkeypatch):
    monkeypatch.delenv("DATELINE_OUTPUTS", raising=False)
    mark(C.QUOTES)
    by_channel = {topic.channel: topic for topic in expected_topics(Settings(), brokers=1)}
    assert differences(by_channel[C.QUOTES], None) == [
        Difference(
            "news.quotes.v1: missing, so the new output quotes is off; `dateline topics create` makes it",
            is_harmless=True,
        )
    ]
    assert differences(by_channel[C.SEARCH], None) == [Difference("news.search.v1: missing")]
    done = CliRunner().invoke(command, [])
    assert done.stderr == (
        "quotes, in DATELINE_OUTPUTS by default since 9.9.0, is off where its topics or rights are missing; "
        "`dateline check` looks\n"
    )
