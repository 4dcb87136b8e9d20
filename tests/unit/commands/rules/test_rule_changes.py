"""What is written so that the topic says what is wanted, and what need not be."""

from dataclasses import replace

import pytest

from worker.commands.rules.changes import changes_summary, deletions, puts
from worker.commands.rules.topic import RulesTopic
from worker.commands.rules.typed import typed_rule
from worker.commands.rules.write import cheap_puts
from worker.commands.shell.terminal import Problem
from worker.records.rules import Cooldown, rule_to_bytes, rule_version


def rule(rule_id, when="storm"):
    return typed_rule(rule_id, name="n", owner="o", when=when)


def topic(*records, only=None):
    current = RulesTopic(only)
    for rule_id, value in records:
        current.apply(rule_id.encode(), value)
    return current


STORM, PORT = rule_to_bytes(rule("r1")), rule_to_bytes(rule("r1", "port"))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "new"),
        ([STORM], "unchanged"),
        ([PORT], "changed"),
        ([PORT, STORM], "unchanged"),
        ([STORM, None], "new"),
        ([STORM, b"{}"], "changed"),
        ([b"{}"], "changed"),
        ([b"{}", STORM], "unchanged"),
    ],
)
def test_a_rule_is_written_unless_it_is_the_latest_already(values, kind):
    (change,) = puts(topic(*(("r1", value) for value in values)).book, [rule("r1")], paused_ends={})
    assert (change.kind, change.is_written) == (kind, kind != "unchanged")
    assert (change.key, change.value, change.version) == (b"r1", STORM, rule_version(rule("r1")))


COSTLY = rule("r2", " OR ".join(['"port strike"~6'] * 101))


LONG = replace(rule("r2"), cooldown=Cooldown(seconds=30 * 24 * 3600, per="entity"))


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (COSTLY, "r2: when takes 200 words in phrases with ~ (near), got 202 in 101: "),
        (LONG, "r2: cooldown takes 604,800 seconds (7d) at most with per entity, got 2,592,000: "),
    ],
)
def test_a_rule_that_costs_too_much_is_refused_with_the_reason_and_nothing_is_written(refused, why):
    with pytest.raises(Problem) as problem:
        cheap_puts(topic(), [rule("r1"), refused])
    first, last = problem.value.message.splitlines()
    assert first.startswith(why)
    assert last == "nothing was written"


@pytest.mark.parametrize("costly", [COSTLY, LONG])
def test_a_costly_rule_that_is_in_force_already_is_left_as_it_is(costly):
    (change,) = cheap_puts(topic(("r2", rule_to_bytes(costly))), [costly])
    assert not change.is_written


def test_a_new_rule_beyond_what_workers_take_is_refused_and_others_can_be_changed(monkeypatch):
    monkeypatch.setattr("worker.commands.rules.write.MAX_RULES", 1)
    current = topic(("r1", PORT), only=["r2"])
    with pytest.raises(Problem) as refused:
        cheap_puts(current, [rule("r2")])
    assert refused.value.message == (
        "the topic would have 2 rules, and workers take 1: delete some first\nnothing was written"
    )
    (change,) = cheap_puts(topic(("r1", PORT)), [rule("r1")])
    assert change.is_written


def test_a_deletion_is_a_tombstone_under_the_key():
    current = topic(("r1", STORM), ("b c", b"{}"))
    changes = deletions(current.book, sorted(current.keys.items()))
    assert [(change.key, change.value) for change in changes] == [(b"b c", None), (b"r1", None)]
    assert [change.line() for change in changes] == [
        "deleted    b'b c'",
        f"deleted    r1  {rule_version(rule('r1'))}",
    ]


def test_changes_are_counted_by_kind():
    current = topic(("r1", STORM), ("r2", b"{}"))
    changes = puts(current.book, [rule("r1"), rule("r2"), rule("r3"), rule("r4")], paused_ends={})
    assert changes_summary(changes) == "2 new, 1 changed, 1 unchanged"
    assert changes_summary([]) == "nothing to do"


def test_ids_are_known_though_only_some_are_read():
    current = topic(("harbour", STORM), ("r1", STORM), ("gone", STORM), ("gone", None), only=["r1"])
    assert current.keys == {"harbour": b"harbour", "r1": b"r1"}
    assert [active.rule.id for active in current.book.index] == ["r1"]
    assert current.book.refused == {}


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([("harbour", STORM)], "no rule 'harbor'; there is harbour"),
        ([("harbour", STORM), ("harbor-2", STORM)], "no rule 'harbor'; there is harbour, harbor-2"),
        ([("zzz", STORM)], "no rule 'harbor'"),
        ([], "no rule 'harbor', there are none"),
    ],
)
def test_an_unknown_id_is_told_what_it_could_have_meant(records, said):
    assert topic(*records).not_found("harbor") == said
