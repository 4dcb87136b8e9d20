"""`dateline settings` shows what is in force and whence it comes, and no secret."""

import json

import pytest
from click.testing import CliRunner

from worker.commands.settings import command, in_force
from worker.languages import languages_by_default
from worker.settings import Settings, variable_name

ON = ",".join(languages_by_default())
"""The languages that are on by default."""


def whence(field, environ, **options):
    """The value of one setting, and whence it comes."""
    settings = Settings.from_env(environ, **options)
    by_variable = {each.variable: each for each in in_force(settings, environ, options)}
    found = by_variable[variable_name(field)]
    return found.value, found.whence


@pytest.mark.parametrize(
    ("field", "environ", "options", "shown"),
    [
        ("batch_size", {}, {}, ("32", "default")),
        ("batch_size", {"DATELINE_BATCH_SIZE": "32"}, {}, ("32", "variable")),
        ("outputs", {"DATELINE_OUTPUTS": "search, enriched"}, {}, ("search,enriched", "variable")),
        ("ssl_check_hostname", {}, {}, ("true", "default")),
        ("deliver_seconds", {"DATELINE_DELIVER_SECONDS": "2.5"}, {}, ("2.5", "variable")),
        ("ssl_ca", {}, {}, ("", "default")),
        ("brokers", {"DATELINE_BROKERS": "a:1"}, {"brokers": "b:2"}, ("b:2", "--brokers")),
        ("topic_prefix", {}, {"topic_prefix": "x."}, ("x.", "--prefix")),
        ("group", {}, {"topic_prefix": "x."}, ("x.dateline", "derived from DATELINE_TOPIC_PREFIX")),
        ("group", {"DATELINE_GROUP": ""}, {}, ("news.dateline", "derived from DATELINE_TOPIC_PREFIX")),
        ("group", {"DATELINE_GROUP": "mine"}, {}, ("mine", "variable")),
        ("processes", {"DATELINE_PROCESSES": "7"}, {}, ("7", "variable")),
        ("languages", {}, {}, (ON, "default")),
        ("languages", {"DATELINE_LANGUAGES": "all"}, {}, (ON, "variable")),
        ("languages", {"DATELINE_LANGUAGE": "de"}, {}, ("de", "derived from DATELINE_LANGUAGE")),
        ("languages", {"DATELINE_LANGUAGE": "de", "DATELINE_LANGUAGES": "en"}, {}, ("en", "variable")),
        ("sasl_password", {}, {}, ("", "default")),
        ("sasl_password", {"DATELINE_SASL_PASSWORD": "hush"}, {}, ("***", "variable")),
    ],
)
def test_a_setting_is_shown_with_whence_it_comes(field, environ, options, shown):
    assert whence(field, environ, **options) == shown


def test_the_number_of_processes_follows_the_machine_by_default():
    value, origin = whence("processes", {})
    assert int(value) >= 1
    assert origin == "derived from the cores that this process may use"


def test_a_secret_from_a_file_is_masked_and_its_file_named(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hush")
    variable = "DATELINE_SASL_PASSWORD_FILE"
    assert whence("sasl_password", {variable: str(secret)}) == ("***", variable)


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_every_setting_is_shown_and_no_secret(options, monkeypatch):
    monkeypatch.setenv("DATELINE_SASL_PASSWORD", "hush")
    monkeypatch.setenv("DATELINE_LANGAUGE", "en")
    done = CliRunner().invoke(command, [*options, "--prefix", "x."])
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    shown = [json.loads(line)["variable"] if options else line.split()[0] for line in lines]
    assert shown == [variable_name(field) for field in Settings.model_fields]
    assert "hush" not in done.output
    assert done.stderr.splitlines() == [
        "DATELINE_LANGAUGE sets nothing: is it misspelt?",
        "stories, in DATELINE_OUTPUTS by default since 0.1.0, is off where its topics or rights are missing; "
        "`dateline check` looks",
    ]
    if options:
        (group,) = [each for each in map(json.loads, lines) if each["variable"] == "DATELINE_GROUP"]
        assert group == {
            "variable": "DATELINE_GROUP",
            "value": "x.dateline",
            "origin": "derived",
            "source": "DATELINE_TOPIC_PREFIX",
        }
