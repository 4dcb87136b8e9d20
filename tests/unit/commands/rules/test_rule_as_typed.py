"""A rule as it is typed: what is wrong is marked, and what is printed can be typed again."""

import shlex
import subprocess
from pathlib import Path

import pytest

from worker.alerts.typed_rules import cooldown_from_text, cooldown_to_text, rule_from_typed
from worker.commands.rules.typed import rule_to_typed, typed_rule
from worker.commands.shell.terminal import Problem
from worker.records.rules import Cooldown, Rule, RuleError, rule_from_bytes

EXAMPLES = Path(__file__).parents[4] / "schemas/examples/alert-rules.v1"
FIELDS = {"id": "r1", "name": "Harbour", "owner": "desk"}


@pytest.mark.parametrize(
    ("text", "cooldown"),
    [
        ("90s", Cooldown(90)),
        ("1m", Cooldown(60)),
        ("36h", Cooldown(36 * 3600)),
        ("366d", Cooldown(366 * 86_400)),
        ("1h/entity", Cooldown(3600, "entity")),
        ("none", None),
    ],
)
def test_a_cooldown_is_so_long_and_for_the_rule_or_each_entity(text, cooldown):
    assert cooldown_from_text(text) == cooldown
    if cooldown:
        assert cooldown_to_text(cooldown) == text


def test_a_cooldown_is_written_in_its_largest_unit():
    assert cooldown_to_text(cooldown_from_text("3600s/rule")) == "1h"
    assert cooldown_to_text(cooldown_from_text("48h")) == "2d"


@pytest.mark.parametrize("text", ["", "1", "1w", "-1h", "1h/", "1h/source", "1.5h", "h", "0s", "367d", "1h "])
def test_anything_else_is_no_cooldown(text):
    with pytest.raises(ValueError, match=r"takes .*, got "):
        cooldown_from_text(text)


def test_a_condition_may_be_text_or_a_tree():
    tree = {"any": [{"phrase": {"text": "storm"}}, {"source": "wire.example"}]}
    assert rule_from_typed({**FIELDS, "when": tree}) == rule_from_typed(
        {**FIELDS, "when": "storm OR source:wire.example"}
    )


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({**FIELDS, "when": "storm AND (port"}, "when: the query ends where"),
        ({**FIELDS, "when": "topic:nosuchtopic"}, "when: topic: no topic is called 'nosuch"),
        (
            {**FIELDS, "when": {"all": [{"source": "x"}, {"topic": {"code": "9"}}]}},
            "when.all[1].topic.code: ",
        ),
        ({**FIELDS, "when": 7}, "when: "),
        ({**FIELDS, "when": "storm", "severity": 1}, "severity is not a field here"),
        (FIELDS, "when is missing"),
        ([], "the rule: "),
        (None, "the rule: "),
    ],
)
def test_the_place_of_an_error_is_named(fields, error):
    with pytest.raises(RuleError) as raised:
        rule_from_typed(fields)
    assert str(raised.value).startswith(error)


def test_marks_stand_below_what_is_wrong_in_a_text():
    with pytest.raises(Problem) as raised:
        typed_rule("r1", name="n", owner="o", when="storm AND colour:red")
    lines = raised.value.message.splitlines()
    assert lines[1:] == ["  storm AND colour:red", "            ^^^^^^"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"rule_id": "a b"}, "id: takes 1 to 100 letters"),
        ({"rule_id": "r1", "expires_at": "soon"}, "expires_at: takes an ISO 8601 date"),
        ({"rule_id": "r1", "name": ""}, "name: "),
    ],
)
def test_what_options_say_is_checked_as_a_rule_is(fields, error):
    with pytest.raises(Problem, match=error):
        typed_rule(**{"name": "n", "owner": "o", "when": "storm", **fields})


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda path: path.stem)
def test_what_is_printed_is_what_a_person_types(path):
    rule = rule_from_bytes(path.read_bytes())
    words = shlex.split(rule_to_typed(rule).replace("\\\n", ""))
    assert words[:4] == ["dateline", "rules", "put", rule.id]
    options = dict(zip(words[4::2], words[5::2], strict=True))
    cooldown = options.get("--cooldown")
    assert rule == typed_rule(
        rule.id,
        name=options["--name"],
        owner=options["--owner"],
        when=options["--when"],
        cooldown=cooldown_from_text(cooldown) if cooldown else None,
        expires_at=options.get("--expires-at"),
    )


@pytest.mark.parametrize(
    "name", ["plain", "it's", 'say "so"', "tab\there", "\x1b[2J\u202eevil'\\n", "—", "$HOME `x`"]
)
def test_no_name_steers_the_terminal_and_a_shell_reads_what_it_was(name):
    rule = rule_from_typed({**FIELDS, "name": name, "when": "storm"})
    text = rule_to_typed(rule)
    assert all(char.isprintable() or char == "\n" for char in text)
    said = subprocess.run(
        ["bash", "-c", 'dateline() { printf %s "$5"; }\n' + text],
        capture_output=True, text=True, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert (said.stdout, said.stderr) == (rule.name, "")


def test_a_rule_without_more_has_no_more_options():
    assert rule_to_typed(
        Rule(id="r1", name="n", owner="o", when=typed_rule("r", name="n", owner="o", when="x").when)
    ) == ("dateline rules put r1 \\\n  --name n \\\n  --owner o \\\n  --when x")
