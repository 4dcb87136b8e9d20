"""What is written to pause and to resume a rule, and the end that it keeps meanwhile."""

from dataclasses import replace

import pytest

from tests.unit.commands.rules.test_rule_changes import rule, topic
from worker.alerts.typed_rules import PAUSED_SINCE, paused_rule
from worker.commands.rules.changes import PAUSED_END, RuleChange
from worker.commands.rules.pausing import pausing_changes, resuming_changes
from worker.commands.rules.topic import RulesTopic
from worker.commands.rules.write import cheap_puts
from worker.commands.shell.terminal import Problem
from worker.records.rules import Rule, rule_from_bytes, rule_to_bytes

END = "2099-01-01T00:00:00Z"
ENDS = replace(rule("r1"), expires_at=END)
COSTLY = rule("r1", " OR ".join(['"port strike"~6'] * 101))


def after(current: RulesTopic, change: RuleChange) -> RulesTopic:
    """The topic with the change as its newest record."""
    current.apply(change.key, change.value, change.headers)
    return current


def holding(*rules: Rule) -> RulesTopic:
    return topic(*((each.id, rule_to_bytes(each)) for each in rules))


def in_force(current: RulesTopic, rule_id: str = "r1") -> Rule:
    return current.rules([rule_id])[0]


@pytest.mark.parametrize("before", [rule("r1"), ENDS], ids=["without an end", "with one"])
def test_a_rule_that_was_paused_is_resumed_as_it_was(before):
    (paused,) = pausing_changes(holding(before), [before])
    assert (paused.kind, rule_from_bytes(paused.value).expires_at) == ("changed", PAUSED_SINCE)
    current = after(holding(before), paused)
    (resumed,) = resuming_changes(current, [in_force(current)])
    assert (resumed.kind, resumed.value, resumed.headers) == ("changed", rule_to_bytes(before), ())


def test_what_is_as_it_should_be_is_not_written():
    current = holding(ENDS, paused_rule(rule("r2")))
    assert [change.kind for change in pausing_changes(current, [in_force(current, "r2")])] == ["unchanged"]
    changes = resuming_changes(current, [ENDS, in_force(current, "r2")])
    assert [(change.kind, change.rule_id) for change in changes] == [("unchanged", "r1"), ("changed", "r2")]


def test_a_paused_rule_keeps_its_former_end_in_every_version_until_it_has_another():
    current = after(holding(ENDS), pausing_changes(holding(ENDS), [ENDS])[0])
    renamed = replace(in_force(current), name="Another")
    after(current, cheap_puts(current, [renamed])[0])
    assert current.paused_ends == {"r1": END}
    after(current, cheap_puts(current, [replace(renamed, expires_at="2098-01-01T00:00:00Z")])[0])
    assert current.paused_ends == {}
    # As `put --expires-at` types it.
    after(current, cheap_puts(current, [renamed])[0])
    assert current.paused_ends == {"r1": "2098-01-01T00:00:00Z"}
    current.apply(b"r1", None)
    assert current.paused_ends == {}


def test_a_newest_record_that_is_no_rule_leaves_the_end_with_the_version_before():
    current = after(holding(ENDS), pausing_changes(holding(ENDS), [ENDS])[0])
    current.apply(b"r1", b"{}")
    (resumed,) = resuming_changes(current, [in_force(current)])
    assert rule_from_bytes(resumed.value).expires_at == END


@pytest.mark.parametrize("end", ["soon", "\x1b[2J", PAUSED_SINCE, "9" * 5_000])
def test_a_former_end_that_is_no_time_is_refused_by_name(end):
    current = topic()
    current.apply(b"r1", rule_to_bytes(paused_rule(ENDS)), ((PAUSED_END, end.encode()),))
    with pytest.raises(Problem) as refused:
        resuming_changes(current, [in_force(current)])
    said = refused.value.message
    assert said.startswith("r1: the end that it had is said to be ")
    assert said.replace("\n", "").isprintable()
    assert len(said) < 400


def test_a_rule_that_costs_too_much_can_be_paused_and_is_not_resumed():
    current = holding(COSTLY)
    (paused,) = pausing_changes(current, [COSTLY])
    assert paused.is_written
    with pytest.raises(Problem, match="r1: "):
        resuming_changes(after(current, paused), [in_force(current)])


def test_all_ids_without_a_rule_are_told_at_once():
    current = topic(("r1", rule_to_bytes(rule("r1"))), ("bad", b"{}"))
    with pytest.raises(Problem) as refused:
        current.rules(["r1", "bad", "r11"])
    told = refused.value.message.splitlines()
    assert told[0].startswith("bad is no rule: ")
    assert told[1:] == ["no rule 'r11'; there is r1"]
