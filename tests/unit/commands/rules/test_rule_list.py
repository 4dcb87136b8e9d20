"""Rules as `list` prints them."""

import shlex
from dataclasses import replace

import pytest
from rich.cells import cell_len

from worker.alerts.book import RuleBook, name_of
from worker.commands.rules.hits import Hits
from worker.commands.rules.listing import ListedRule, listed_rules, rules_summary, rules_table
from worker.commands.rules.overruns import overrun_in
from worker.commands.rules.topic import RulesTopic
from worker.commands.rules.typed import typed_rule
from worker.records.alerts import RuleOverrun
from worker.records.codec import to_bytes
from worker.records.rules import rule_to_bytes, rule_version


def listed(*, name="Harbour", when="storm", hits=None, error=None, bad=False, **fields):
    book = RuleBook()
    if not bad:
        rule = typed_rule("r1", name=name, owner="City Desk", when=when, **fields)
        book.apply(b"r1", rule_to_bytes(rule))
    return ListedRule("r1", book.index.get("r1"), error, hits)


def test_a_rule_is_a_line_below_its_head():
    one = listed(
        hits=Hits(1_234, 1_769_846_400_123),
        cooldown={"seconds": 3600, "per": "entity"},
        expires_at="2026-12-31",
    )
    assert rules_table([one], width=None) == [
        "id  name     owner      when   cooldown   expires                hits  last",
        "r1  Harbour  City Desk  storm  1h/entity  2026-12-31T00:00:00Z  1,234  2026-01-31T08:00:00Z",
    ]


@pytest.mark.parametrize(
    ("bad", "last"),
    [(False, "  no rule: when: wrong\\x1b; VERSION stays in force"), (True, "  no rule: when: wrong\\x1b")],
)
def test_what_is_wrong_with_a_latest_value_stands_below(bad, last):
    one = listed(error="when: wrong\x1b", bad=bad)
    lines = rules_table([one], width=None)
    assert lines[2] == last.replace("VERSION", one.active.version if one.active else "")
    assert ("(no rule)" in lines[1]) is bad


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (b"bad id", "'bad id'"),
        (b"-x", "-- -x"),
        (b"it's", "'it'\"'\"'s'"),
        (b"\x1b", "$'\\u001b'"),
        (b"\xff", "'b'\"'\"'\\xff'\"'\"''"),
        (b"", "''"),
    ],
)
def test_a_key_that_is_no_id_stands_with_the_command_that_deletes_it(key, command):
    one = ListedRule(name_of(key), None, "wrong", None, key=key)
    assert one.notes() == [f"  no rule: wrong; `dateline rules delete {command}` deletes it"]
    words = shlex.split(command.replace("$'\\u001b'", "\x1b"))
    current = RulesTopic()
    current.apply(key, b"{}")
    assert current.resolve_id(words[-1]) == one.rule_id
    assert current.resolve_id(one.rule_id) == one.rule_id


def test_an_id_whose_value_is_no_rule_may_be_mended_by_another():
    assert ListedRule("r1", None, "wrong", None, key=b"r1").notes() == ["  no rule: wrong"]


def test_a_key_that_is_not_there_is_nobodys_name():
    current = RulesTopic()
    current.apply(b"r1", b"{}")
    assert [current.resolve_id(typed) for typed in ("r1", "r2", "r 1", "\udcff")] == ["r1", None, None, None]


def test_an_expired_rule_is_marked_and_counted_apart():
    one = replace(listed(expires_at="2026-01-01", hits=Hits()), expired=True)
    assert "  2026-01-01T00:00:00Z expired  " in rules_table([one], width=None)[1]
    assert one.as_fields()["expired"] is True
    both = [one, listed(), listed(bad=True, error="wrong")]
    assert rules_summary(both) == "1 rule in force, 1 expired, 1 whose latest value is no rule"
    assert rules_summary(both[1:2]) == "1 rule in force"


def test_a_rule_that_was_over_its_budget_stands_with_the_article():
    overrun = RuleOverrun(
        rule="r1",
        version="0" * 16,
        article="a\x1b1",
        at="2026-01-31T08:00:00.123Z",
        limit="steps",
        most=30_000,
    )
    one = replace(listed(hits=Hits()), overruns=[overrun])
    assert rules_table([one], width=None)[2].startswith(
        "  over its budget of 30,000 steps, and so not matched: a"
    )
    assert "\x1b" not in rules_table([one], width=None)[2]
    assert rules_table([one], width=None)[2].endswith(", 2026-01-31T08:00:00.123Z")
    assert one.as_fields()["overruns"] == [{
        "article": "a\x1b1", "at": "2026-01-31T08:00:00.123Z", "limit": "steps", "most": 30_000,
    }]  # fmt: skip
    assert rules_summary([one]) == "1 rule in force, 1 over budget on an article"


@pytest.mark.parametrize(
    ("limit", "note"),
    [
        (
            "entities",
            "  suspended for further entities until cooldowns end, with 20,000 in cooldown; last about",
        ),
        (
            "partition",
            "  suspended until cooldowns end, with 20,000 in the partition of its matches; last about",
        ),
    ],
)
def test_a_rule_that_cooldowns_suspended_stands_with_the_reason(limit, note):
    overrun = RuleOverrun(rule="r1", version="0" * 16, article="a1", at="2026", limit=limit, most=20_000)
    one = replace(listed(hits=Hits()), overruns=[overrun])
    assert rules_table([one], width=None)[2].startswith(note)
    assert rules_table([one], width=None)[2].endswith(": a1, 2026")
    assert rules_summary([one]) == "1 rule in force, 1 at the limit of cooldowns"


def test_an_overrun_is_told_from_the_state_of_cooldowns():
    overrun = RuleOverrun(rule="r1", version="0" * 16, article="a", at="", limit="steps", most=1)
    assert overrun_in(b"_over-budget/r1", to_bytes(overrun)) == overrun
    others = (
        (b"r1", to_bytes(overrun)),
        (None, b"{}"),
        (b"_over-budget/r1", None),
        (b"_over-budget/r1", b"{"),
    )
    assert [overrun_in(key, value) for key, value in others] == [None] * 4


def test_an_overrun_of_a_version_that_is_no_more_in_force_is_not_listed():
    current = RulesTopic()
    rule = typed_rule("r1", name="n", owner="o", when="storm")
    current.apply(b"r1", rule_to_bytes(rule))
    for version, shown in ((rule_version(rule), True), ("0" * 16, False)):
        overrun = RuleOverrun(rule="r1", version=version, article="a", at="", limit="steps", most=1)
        (one,) = listed_rules(current, {}, {"r1": [overrun]})
        assert bool(one.overruns) is shown


def test_hits_that_nobody_can_tell_are_no_zero():
    assert "?" in rules_table([listed()], width=None)[1]
    assert "?" not in rules_table([listed(hits=Hits())], width=None)[1]


def test_no_rules_are_no_table():
    assert rules_table([], width=None) == []


@pytest.mark.parametrize("width", [60, 100, 120])
@pytest.mark.parametrize("name", ["Harbour", "港の名前" * 10, "\x1b[2J"])
def test_conditions_are_cut_so_that_a_line_fits(width, name):
    one = listed(name=name, when="storm " * 50, hits=Hits())
    _, line = rules_table([one], width=width)
    assert "…" in line
    assert line.isprintable()
    assert cell_len(line) <= width or "storm AND storm AND…" in line


@pytest.mark.parametrize(
    ("owner", "match", "is_listed"),
    [
        (None, None, True),
        ("city desk", None, True),
        ("city", None, False),
        (None, "HARB", True),
        (None, "r1", True),
        (None, "source:WIRE", True),
        (None, "desk", True),
        (None, "lima", False),
        ("city desk", "lima", False),
    ],
)
def test_rules_are_listed_by_owner_and_by_any_text(owner, match, is_listed):
    assert listed(when="storm AND source:wire.example").has(owner, match) is is_listed


def test_a_value_that_is_no_rule_is_nobodys():
    one = listed(bad=True, error="wrong")
    assert (one.has(None, None), one.has(None, "r1"), one.has("city desk", None)) == (True, True, False)


def test_machines_get_all_of_it():
    one = listed(hits=Hits(2, 1_769_846_400_123))
    assert one.as_fields() == {
        "id": "r1",
        "version": one.active.version,
        "when": "storm",
        "hits": 2,
        "last_hit": "2026-01-31T08:00:00.123Z",
        "expired": False,
        "paused": False,
        "error": None,
        "overruns": [],
        "rule": {"id": "r1", "name": "Harbour", "owner": "City Desk", "when": {"phrase": {"text": "storm"}}},
    }
    assert listed(bad=True, error="wrong").as_fields() == {
        "id": "r1", "version": None, "when": None, "hits": None, "last_hit": None, "expired": False,
        "paused": False,
        "error": "wrong", "overruns": [], "rule": None,
    }  # fmt: skip


def test_a_paused_rule_is_called_so():
    one = listed(expires_at="1970-01-01")
    assert "  paused  " in rules_table([one], width=None)[1]
    assert "1970" not in rules_table([one], width=None)[1]
    assert one.as_fields()["paused"] is True
