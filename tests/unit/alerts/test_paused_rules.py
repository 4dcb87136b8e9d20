"""A paused rule matches nothing, whatever comes, and is as before when it is resumed."""

import pytest

from tests.unit.alerts.alert_articles import article
from worker.alerts.book import RuleBook
from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.alerts.typed_rules import PAUSED_SINCE, is_paused, paused_rule
from worker.records.cloudevents import MAX_TIME_MS
from worker.records.rules import rule_from, rule_to_bytes

RULE = rule_from({"id": "r1", "name": "Harbour", "owner": "desk", "when": {"phrase": {"text": "harbour"}}})


@pytest.mark.parametrize("time_ms", [0, 1, 1_768_298_700_000, MAX_TIME_MS])
def test_a_paused_rule_matches_no_article_however_old_or_new(time_ms):
    about = article("The harbour is open.")
    assert len(matches(RuleIndex([RULE]), about, time_ms=time_ms)) == 1
    assert matches(RuleIndex([paused_rule(RULE)]), about, time_ms=time_ms) == []


def test_it_is_a_valid_rule_of_the_topic_that_is_known_as_paused():
    book = RuleBook()
    assert book.apply(b"r1", rule_to_bytes(paused_rule(RULE))) is None
    stored = book.index.get("r1").rule
    assert (is_paused(stored), stored.expires_at) == (True, PAUSED_SINCE)
    assert not is_paused(RULE)
    assert not is_paused(rule_from({**_fields(), "expires_at": "2020-01-01T00:00:00Z"}))


@pytest.mark.parametrize("written", ["1970-01-01T00:00:00Z", "1970-01-01", "1970-01-01T01:00:00+01:00"])
def test_it_is_known_however_its_end_is_written(written):
    assert is_paused(rule_from({**_fields(), "expires_at": written}))


def _fields():
    return {"id": "r1", "name": "Harbour", "owner": "desk", "when": {"phrase": {"text": "harbour"}}}
