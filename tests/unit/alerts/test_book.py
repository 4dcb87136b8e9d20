"""Which rules are in force after the records of the rules topic, valid or not."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.alerts.book import MAX_REFUSAL_CHARS, MAX_REFUSED_RULES, RuleBook, name_of
from worker.alerts.text import condition_from_text
from worker.records.rules import MAX_RULE_BYTES, Rule, rule_to_bytes, rule_version

EXAMPLES = Path(__file__).parents[3] / "schemas/examples/alert-rules.v1"


def value(rule_id: str, when: str = "harbour") -> bytes:
    return rule_to_bytes(Rule(id=rule_id, name="n", owner="o", when=condition_from_text(when)))


def book(*records: tuple[bytes | None, bytes | None]) -> RuleBook:
    kept = RuleBook()
    for key, said in records:
        kept.apply(key, said)
    return kept


def in_force(kept: RuleBook) -> dict[str, str]:
    return {active.rule.id: active.version for active in kept.index}


def test_a_rule_that_meets_a_bug_is_refused_and_leaves_the_version_before(monkeypatch):
    kept = book((b"r1", value("r1")))

    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("worker.alerts.index.anchors", broken)
    assert kept.apply(b"r1", value("r1", "storm")) == "a bug: ZeroDivisionError: a bug"
    assert in_force(kept) == {"r1": version("r1", "harbour")}
    assert kept.refused.keys() == {"r1"}


def test_a_phrase_of_marks_that_stand_on_nothing_is_no_rule():
    said = b'{"id": "r1", "name": "n", "owner": "o", "when": {"phrase": {"text": "\\u0301"}}}'
    assert "when.phrase.text: takes a word: letters or digits" in (book().apply(b"r1", said) or "")


def version(rule_id: str, when: str) -> str:
    return rule_version(Rule(id=rule_id, name="n", owner="o", when=condition_from_text(when)))


GOOD, NEWER, BAD = value("r1"), value("r1", "storm"), b'{"id": "r1"}'


@pytest.mark.parametrize(
    ("said", "stays", "is_refused"),
    [
        ([GOOD], "harbour", False),
        ([GOOD, NEWER], "storm", False),
        ([GOOD, BAD], "harbour", True),
        ([GOOD, BAD, BAD], "harbour", True),
        ([GOOD, BAD, NEWER], "storm", False),
        ([GOOD, NEWER, BAD], "storm", True),
        ([GOOD, BAD, None], None, False),
        ([GOOD, None], None, False),
        ([BAD], None, True),
        ([BAD, None, BAD], None, True),
        ([None], None, False),
        ([GOOD, value("r2")], "harbour", True),
    ],
)
def test_the_last_good_version_is_in_force_and_the_last_bad_one_refused(said, stays, is_refused):
    kept = book(*((b"r1", one) for one in said))
    assert in_force(kept) == ({"r1": version("r1", stays)} if stays else {})
    assert list(kept.refused) == (["r1"] if is_refused else [])


@pytest.mark.parametrize(
    ("key", "said", "name", "error"),
    [
        (b"r1", b"", "r1", "not JSON"),
        (b"r1", b"[1]", "r1", "the rule: "),
        (b"r1", b'{"id": "r1", "name": "n", "owner": "o", "when": {}}', "r1", "when: takes exactly one of"),
        (b"r1", b'{"id": "r1", "name": "n", "owner": "o", "when": "storm"}', "r1", "when: "),
        (b"r1", value("r2"), "r1", "id: takes the record's key 'r1', got 'r2'"),
        (None, GOOD, "None", "the key is no rule id: None"),
        (b"", GOOD, "b''", "the key is no rule id: b''"),
        (b"\xff", GOOD, r"b'\xff'", r"the key is no rule id: b'\xff'"),
        (b"r1\n", GOOD, r"b'r1\n'", "the key is no rule id"),
        (b" r1", GOOD, "b' r1'", "the key is no rule id"),
        (b"a/b", GOOD, "b'a/b'", "the key is no rule id"),
        (b"x" * 101, GOOD, f"b'{'x' * 100}'", "the key is no rule id"),
    ],
)
def test_what_is_refused_is_named_and_the_error_says_where(key, said, name, error):
    kept = RuleBook()
    assert (told := kept.apply(key, said)) is not None
    assert told.startswith(error)
    assert kept.refused == {name: told}
    assert len(kept.index) == 0
    kept.apply(key, None)
    assert kept.refused == {}


def test_an_error_is_short_however_much_is_wrong():
    said = json.dumps({"id": "r1", **{f"field-{i}".ljust(300, "x"): i for i in range(10)}}).encode()
    assert len(RuleBook().apply(b"r1", said) or "") == MAX_REFUSAL_CHARS


def filled(start: str, part: str, end: str) -> bytes:
    """As large a value as any rule's, with as many of these parts as there is room for."""
    start = '{"id": "r1", "name": "n", "owner": "o", "when": ' + start
    room = MAX_RULE_BYTES - len(start) - len(end)
    return (start + ",".join([part] * (room // (len(part) + 1))) + end).encode()


def fields(count: int) -> str:
    return json.dumps({f"k{n}": 1 for n in range(count)}, separators=(",", ":"))


def deep(parts: list, depth: int = 17) -> bytes:
    condition = '{"all":[' * depth + json.dumps({"all": parts}) + "]}" * depth
    return f'{{"id": "r1", "name": "n", "owner": "o", "when": {condition}}}'.encode()


WRONG_ENTITY = {
    "name": [],
    "id": [],
    "type": [],
    "min_salience": "x",
    "links": {f"K{n}": 1 for n in range(6)},
}
# What each value is refused for stands behind it.
LARGE = {
    "numbers for conditions": (filled('{"all": [', "1", "]}}"), "got more than 2,000"),
    "empty conditions": (filled('{"any": [', "{}", "]}}"), "got more than 2,000"),
    "valid conditions": (filled('{"all": [', '{"source":"x"}', "]}}"), "got more than 2,000"),
    "wrong phrases": (filled('{"all": [', '{"phrase":{"text":"!"}}', "]}}"), "got more than 2,000"),
    "empty lists": (filled('{"all": [', '{"any":[]}', "]}}"), "got more than 2,000"),
    "lists in lists": (filled('{"all": [', '{"any":[{"any":[{}]}]}', "]}}"), "got more than 2,000"),
    "fields of a condition": (filled(fields(20_000)[:-1] + ",", '"a":1', "}}"), "more than 12 fields, got"),
    "fields of links": (
        filled('{"entity": {"links": ' + fields(20_000)[:-1] + ",", '"a":1', "}}}}"),
        "more than 12 fields, got",
    ),
    "fields of the rule": (
        filled('{"source": "x"}, ' + fields(20_000)[1:-1] + ",", '"a":1', "}"),
        "12 fields, got",
    ),
    "a list for a name": (filled('{"source": [', "1", "]}}"), "in all, got more"),
    "lists for a name": (filled('{"source": [', "[[[]]]", "]}}"), "in all, got more"),
    "a long date": (filled('{"source": "x"}, "expires_at": "', "9", '"}'), "expires_at: takes an ISO 8601"),
    "a long name": (filled('{"source": "', "\\u0001", '"}}'), "when.source: takes 300 characters at most"),
    "as many wrong fields as are read": (deep([json.loads(fields(11))] * 170), "k0 is not a field here"),
    "as many wrong entities as are read": (deep([{"entity": WRONG_ENTITY}] * 180, 15), "name: takes text"),
    "nested": (deep([1], 480), "when takes 200 conditions, 20 deep, got 482, 482 deep"),
}


@pytest.mark.parametrize(("said", "error"), LARGE.values(), ids=LARGE.keys())
def test_refusing_takes_hardly_any_time_whatever_is_in_a_value(said, error):
    assert len(said) <= MAX_RULE_BYTES

    def refuse() -> float:
        began = time.thread_time()
        assert error in (RuleBook().apply(b"r1", said) or "")
        return time.thread_time() - began

    # Mostly a few ms, and 0.1 s for the many lists that JSON makes. Describing every wrong part took 2 s.
    assert min(refuse() for _ in range(3)) < 0.6


@pytest.mark.parametrize(
    ("count", "got"),
    [(200, "got 201, 2 deep"), (1_998, "got 1999, 2 deep"), (2_000, "got more than 2,000, 2 deep")],
)
def test_a_rule_that_is_somewhat_too_large_is_told_by_how_much(count, got):
    said = {
        "id": "r1",
        "name": "n",
        "owner": "o",
        "when": {"any": [{"source": f"s{n}"} for n in range(count)]},
    }
    told = RuleBook().apply(b"r1", json.dumps(said).encode())
    assert told == f"the rule: when takes 200 conditions, 20 deep, {got}"


def test_the_largest_rule_is_taken():
    links = {f"s{n}": "x" for n in range(5)}
    leaf = {"name": "n", "id": "i", "type": "ORG", "min_salience": 0.5, "links": links}
    said = json.loads(deep([{"entity": leaf}] * 181, 18))
    assert (
        RuleBook().apply(b"r1", json.dumps(said | {"cooldown": {"seconds": 1, "per": "entity"}}).encode())
        is None
    )


def test_a_bad_record_leaves_other_rules_alone():
    kept = book((b"r1", GOOD), (b"r2", value("r2")), (b"r3", b"{"), (b"r2", None), (b"\xff", b"{"))
    assert list(in_force(kept)) == ["r1"]
    assert list(kept.refused) == ["r3", r"b'\xff'"]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_of_the_contract_are_in_force(path):
    kept = RuleBook()
    assert kept.apply(json.loads(path.read_bytes())["id"].encode(), path.read_bytes()) is None
    assert len(kept.index) == 1


@given(st.none() | st.binary(max_size=200), st.none() | st.binary(max_size=200))
def test_no_bytes_raise(key, said):
    kept = RuleBook()
    assert (kept.apply(key, said) is None) == (name_of(key) not in kept.refused)


records = st.tuples(st.sampled_from(["r1", "r2"]), st.sampled_from(["harbour", "storm", "bad", "tombstone"]))


@given(st.lists(records, max_size=12))
def test_the_order_between_keys_does_not_matter(said):
    def apply(records):
        return book(
            *(
                (key.encode(), {"bad": b"{", "tombstone": None}.get(what, value(key, what)))
                for key, what in records
            )
        )

    whole, by_key = apply(said), apply(sorted(said, key=lambda record: record[0]))
    assert in_force(whole) == in_force(by_key)
    assert whole.refused == by_key.refused


def test_a_value_that_is_larger_than_any_rule_is_refused_unread():
    said = b'{"when": {"all": [' + b"{}," * 100_000 + b"{}]}}"
    assert book().apply(b"r1", said) == f"a rule takes 262,144 bytes, got {len(said):,}"


def test_only_so_many_rules_are_in_force_and_what_changes_them_goes_on(monkeypatch):
    monkeypatch.setattr("worker.alerts.book.MAX_RULES", 2)
    kept = book((b"r1", GOOD), (b"r2", value("r2")))
    assert kept.apply(b"r3", value("r3")) == "2 rules are in force, and no more can be: delete some"
    assert kept.refused.keys() == {"r3"}
    assert kept.apply(b"r1", NEWER) is None
    assert in_force(kept) == {"r1": version("r1", "storm"), "r2": version("r2", "harbour")}
    kept.apply(b"r2", None)
    assert kept.apply(b"r3", value("r3")) is None
    assert in_force(kept).keys() == {"r1", "r3"}
    assert kept.refused == {}


def test_only_so_many_refused_rules_are_remembered_and_each_is_reported():
    kept = RuleBook()
    for n in range(MAX_REFUSED_RULES + 5):
        assert kept.apply(b"r%d" % n, BAD)
    assert len(kept.refused) == MAX_REFUSED_RULES
    assert kept.apply(b"r0", b"[1]") == kept.refused["r0"]
    kept.apply(b"r0", None)
    assert kept.apply(b"r%d" % (MAX_REFUSED_RULES + 1), BAD)
    assert f"r{MAX_REFUSED_RULES + 1}" in kept.refused
