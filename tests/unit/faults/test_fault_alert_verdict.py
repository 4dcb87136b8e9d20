"""The judge of alerts in the fault runs sees what is wrong with matches, alerts and silences."""

import asyncio
import random
from dataclasses import replace

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.structs import ConsumerRecord

from tests.faults.account import header
from tests.faults.alert_verdict import compare_alerts
from tests.faults.enricher import make_trivial_enricher
from tests.faults.feeder import costly_article, good_article
from tests.faults.rules import CHANGING_RULE, STANDING_RULES, RuleFeeder, RulesOutage, should_match
from tests.faults.sightings import Sightings
from tests.faults.stories.rules import STORY_RULES
from worker.agents.alert import alerting
from worker.agents.match import matching
from worker.alerts.book import RuleBook
from worker.channels import ALERTING, Channel
from worker.records.messages import RawMessage

AT = 1_700_000_000
TEXTS = [b"article", b"article harbour", b"article Amara", b"article harbour Amara Bruno"]
CHANNELS = (Channel.ENRICHED, *ALERTING)


class Unwritten(RuleFeeder):
    """The run's rules, on no cluster; all in force since long ago."""

    def __init__(self):
        super().__init__("nowhere", "t.", cooldown_seconds=60)
        self.book = RuleBook()
        asyncio.run(self.put_all())
        for versions in self.history.values():
            versions[0].since = AT - 1000

    async def _write(self, values):
        for rule_id, value in values:
            self.book.apply(rule_id.encode(), value)


def message(topic, offset, value, key=b"", headers=()):
    return RawMessage(topic, 0, offset, AT * 1000 + offset, key, value, tuple(headers))


def record(out, offset, at=AT):
    return ConsumerRecord(
        str(out.channel), 0, offset, at * 1000, 0, out.key, out.value, None, 0, 0, tuple(out.headers)
    )


def fed(one):
    return RawMessage(one.topic, 0, one.offset, one.timestamp, one.key, one.value, tuple(one.headers))


async def come_of(rules, texts):
    """What the worker's own stages make of articles of these texts, by channel."""
    enrich, match = make_trivial_enricher(), matching(book=lambda: rules.book, event_source="/t")

    async def no_state(*_):
        return {}

    decide = await alerting(read_state=no_state, event_source="/t")(TopicPartition("m", 0), 0)
    found = {channel: [] for channel in CHANNELS}

    def write(outputs):
        for out in outputs:
            if out.channel in found:
                found[out.channel].append(record(out, len(found[out.channel])))

    for number, text in enumerate(texts):
        write(enrich(message("raw", number, text, b"%d" % number)))
    for one in list(found[Channel.ENRICHED]):
        write(await match(fed(one)))
    for one in list(found[Channel.MATCHES]):
        write(await decide(fed(one)))
    return found


@pytest.fixture
def rules():
    return Unwritten()


@pytest.fixture
def outputs(rules):
    return asyncio.run(come_of(rules, TEXTS))


def judged(outputs, rules, *, once=True, **options):
    return compare_alerts(outputs, history=rules.history, once=once, **options)


def of(records, rule_id):
    """The places of a rule's records."""
    return [n for n, one in enumerate(records) if one.key.decode().split("/")[0] == rule_id]


def without(records, rule_id, which=0):
    gone = of(records, rule_id)[which]
    return [one for n, one in enumerate(records) if n != gone]


def changed(records, rule_id, change):
    place = of(records, rule_id)[-1]
    return [*records[:place], change(records[place]), *records[place + 1 :]]


def with_value(**fields):
    return lambda one: replace(one, value=orjson.dumps({**orjson.loads(one.value), **fields}))


def of_version(version):
    def change(one):
        match = orjson.loads(one.value)
        match["alert"]["rule"]["version"] = version
        return replace(one, value=orjson.dumps(match))

    return change


def swapped(records, rule_id):
    first, second = of(records, rule_id)[:2]
    records = list(records)
    records[first], records[second] = records[second], records[first]
    return records


def kept_back(outputs):
    """An alert of the rule `quiet` that its cooldown keeps back."""
    match = outputs[Channel.MATCHES][of(outputs[Channel.MATCHES], "quiet")[1]]
    return replace(match, value=orjson.dumps(orjson.loads(match.value)["alert"]))


def test_what_a_worker_makes_of_articles_is_right(outputs, rules):
    verdict = judged(outputs, rules)
    assert verdict.problems == []
    # every 4, some 2, changing 2, quiet 4, people 2; a silence for the rule `quiet` and one for each name.
    assert (verdict.matches, verdict.alerts, verdict.kept_back) == (14, 11, 3)
    assert (verdict.missed, verdict.twice, verdict.wrong) == (0, 0, 0)


def test_the_run_s_own_words_for_its_rules_say_what_the_rules_say(rules):
    chance = random.Random(1)
    texts = [good_article(chance) for _ in range(100)]
    found = asyncio.run(come_of(rules, texts))[Channel.MATCHES]
    matched = {(one.key.decode(), header(one, "origin")) for one in found}
    in_force = {held.rule.id for held in rules.book.index} - {rule.id for rule in STORY_RULES}
    assert {rule_id for rule_id, _ in matched} == in_force == {*STANDING_RULES, CHANGING_RULE}
    assert matched == {
        (rule_id, f"raw/0/{number}")
        for number, text in enumerate(texts)
        for rule_id in rules.history
        if should_match(rule_id, text.decode())
    }


COSTLY = costly_article()


def test_a_rule_over_its_budget_matches_nothing_is_reported_once_and_hinders_no_other(rules):
    outputs = asyncio.run(come_of(rules, [*TEXTS, COSTLY]))
    verdict = judged(outputs, rules)
    assert (verdict.problems, verdict.overruns) == ([], 1)
    reports = [one for one in outputs[Channel.STATE] if one.key.startswith(b"_over-budget/")]
    outputs[Channel.STATE].remove(reports[0])
    assert any("nobody reported the rule costly" in one for one in judged(outputs, rules).problems)
    outputs[Channel.STATE] += reports * 2
    assert any("was written 2 times" in one for one in judged(outputs, rules).problems)
    of_another = with_value(article="another")(reports[0])
    outputs[Channel.STATE] = [*outputs[Channel.STATE][:-2], reports[0], of_another]
    assert any("is reported over its budget on another" in one for one in judged(outputs, rules).problems)


@pytest.mark.parametrize(
    ("channel", "change", "problem"),
    [
        (Channel.MATCHES, lambda m: without(m, "every"), "raw/0/0 was not matched by the rule every"),
        (
            Channel.MATCHES,
            lambda m: without(m, CHANGING_RULE),
            f"was not matched by the rule {CHANGING_RULE}",
        ),
        (Channel.MATCHES, lambda m: [*m, m[0]], "raw/0/0 was matched 2 times by the rule every"),
        (Channel.MATCHES, lambda m: changed(m, "every", of_version("0")), "nobody put the version 0"),
        (
            Channel.MATCHES,
            lambda m: changed(m, "some", lambda one: replace(one, headers=m[0].headers)),
            "raw/0/0 is no match of the rule some",
        ),
        (Channel.ALERTS, lambda a: without(a, "every"), "of the rule every never came"),
        (Channel.ALERTS, lambda a: [*a, a[0]], "came 2 times"),
        (Channel.ALERTS, lambda a: changed(a, "every", with_value(at="later")), "not what its match says"),
        (Channel.ALERTS, lambda a: swapped(a, "every"), "in another order than its matches"),
        (Channel.STATE, lambda s: without(s, "quiet"), "the state has None of quiet in partition 0"),
        (Channel.STATE, lambda s: changed(s, "quiet", with_value(until_ms=1)), "of quiet in partition 0"),
        (
            Channel.STATE,
            lambda s: [*s, replace(s[0], key=b"every", headers=())],
            "the state has every in partition 0, of which no alert",
        ),
        (Channel.STATE, lambda s: [*s, s[0]], "was written 2 times"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_with_alerts_is_said(outputs, rules, channel, change, problem):
    outputs[channel] = change(outputs[channel])
    verdict = judged(outputs, rules)
    assert any(problem in one for one in verdict.problems), verdict.problems


def test_an_alert_that_its_cooldown_keeps_back_is_wrong_however_it_is_delivered(outputs, rules):
    outputs[Channel.ALERTS].append(kept_back(outputs))
    for once in (True, False):
        verdict = judged(outputs, rules, once=once)
        assert ["is kept back by its cooldown, and came" in one for one in verdict.problems] == [True]


def test_repeats_of_matches_and_alerts_are_counted_where_they_may_be(outputs, rules):
    for channel in ALERTING:
        outputs[channel].append(outputs[channel][-1])
    verdict = judged(outputs, rules, once=False)
    assert (verdict.problems, verdict.twice) == ([], 2)
    assert len(judged(outputs, rules).problems) == 3  # a silence written twice is one as well


def test_a_silence_of_the_same_bytes_published_twice_is_no_repeat(outputs, rules):
    first = outputs[Channel.STATE][0]
    headers = [(name, b"raw/0/9999" if name == "origin" else value) for name, value in first.headers]
    outputs[Channel.STATE].insert(0, replace(first, headers=tuple(headers)))
    assert judged(outputs, rules).problems == []


def test_a_rule_that_changes_matches_by_the_version_of_its_time(outputs, rules):
    asyncio.run(rules.change())
    old, new = rules.history[CHANGING_RULE]
    old.until = new.since = AT - 60
    assert any("was not in force then" in one for one in judged(outputs, rules).problems)
    assert judged(outputs, rules, propagation_seconds=61).problems == []
    changes = asyncio.run(come_of(rules, TEXTS))
    assert judged(changes, rules).problems == []
    new.since = AT + 1
    assert any("was not in force then" in one for one in judged(changes, rules).problems)


def test_what_is_looked_at_while_rules_may_be_lacking_need_not_match_and_the_rest_has_to(outputs, rules):
    outputs[Channel.MATCHES] = without(outputs[Channel.MATCHES], CHANGING_RULE)
    outputs[Channel.ALERTS] = without(outputs[Channel.ALERTS], CHANGING_RULE)
    tp = TopicPartition(str(Channel.ENRICHED), 0)
    assert judged(outputs, rules, outages=[RulesOutage({tp: 1}, {tp: 2})]).problems == []
    assert judged(outputs, rules, outages=[RulesOutage({})]).problems == []
    for outage in (RulesOutage({tp: 2}), RulesOutage({tp: 0}, {tp: 1})):
        assert len(judged(outputs, rules, outages=[outage]).problems) == 1


def test_alerts_that_went_with_their_topic_are_not_missed_and_those_behind_them_are(outputs, rules):
    behind = of(outputs[Channel.ALERTS], "every")[2:]
    left = [one for n, one in enumerate(outputs[Channel.ALERTS]) if n in behind]
    outputs[Channel.ALERTS] = left
    assert judged(outputs, rules, remade_at=AT + 1).problems == []
    assert judged(outputs, rules, remade_at=AT - 1).problems != []
    outputs[Channel.ALERTS] = left[:1]
    assert any("never came" in one for one in judged(outputs, rules, remade_at=AT + 1).problems)


@pytest.mark.parametrize("channel", [Channel.MATCHES, Channel.STATE])
def test_an_offset_that_is_committed_before_matches_or_silences_are_written_runs_ahead(outputs, channel):
    def seen(*, written):
        sightings = Sightings()
        for one in (Channel.ENRICHED, Channel.MATCHES):
            sightings.read(one, outputs[one])
        for one in (Channel.MATCHES, Channel.STATE):
            sightings.note(one, outputs[one] if written or one is not channel else outputs[one][1:])
        for one in (Channel.ENRICHED, Channel.MATCHES):
            for record in outputs[one]:
                sightings.check(f"{record.topic}/0/{record.offset}", 99)
        return sightings

    assert seen(written=True).problems == []
    (problem,) = seen(written=False).problems
    assert "99 is committed, and of" in problem


def test_a_match_or_silence_that_is_written_again_is_a_repeat_with_the_same_bytes(outputs):
    for channel in (Channel.MATCHES, Channel.STATE):
        sightings = Sightings()
        sightings.note(Channel.ENRICHED, outputs[Channel.ENRICHED])
        sightings.note(channel, outputs[channel])
        assert sightings.repeats == 0
        sightings.note(channel, outputs[channel][:1])
        assert (sightings.repeats, sightings.problems, sightings.repeated()) == (1, [], {0: 1})
        sightings.note(channel, [replace(outputs[channel][0], value=b"{}")])
        assert len(sightings.problems) == 1
