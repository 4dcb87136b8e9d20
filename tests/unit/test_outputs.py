"""New outputs are off where the brokers lack what they need; they are asked only where that can be."""

from dataclasses import replace

import pytest

from worker import outputs
from worker.channels import SPECS, Channel, TopicUse
from worker.outputs import new_channels, settle_outputs
from worker.settings import Output, Settings

C = Channel
ALL = tuple(Output)


@pytest.fixture
def mark(monkeypatch):
    """`mark(Channel.QUOTES, ...)`: version 9.9.0 added their outputs to what is on by default."""

    def mark(*channels):
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


def test_today_all_outputs_are_required_and_nobody_is_asked(brokers):
    settings = Settings()
    assert settle_outputs(settings).settings is settings
    assert brokers.asked is None
    assert new_channels(settings) == {}


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
            reads=(C.ENRICHED, C.MATCHES), follows=(C.RULES, C.STATE), writes=(C.MATCHES, C.STATE, C.ALERTS)
        ),
    }
    alerting = dict.fromkeys((C.MATCHES, C.RULES, C.STATE, C.ALERTS), Output.ALERTS)
    assert new_channels(Settings()) == {C.QUOTES: Output.QUOTES, **alerting}


def test_what_is_left_is_required_as_if_it_were_named(mark, brokers):
    mark(C.QUOTES)
    brokers.lacks = {Output.QUOTES: "missing: t"}
    assert settle_outputs(Settings()).settings.new_outputs == {}
