"""Settings: read once, frozen, with errors that name the variable, what it got and what it takes."""

from pathlib import Path

import pytest

from worker.channels import Channel
from worker.languages import languages_by_default, languages_of_model
from worker.settings import Delivery, Settings, SettingsError, settings_table, unknown_variables
from worker.topology import topic_use

README = Path(__file__).parents[2] / "README.md"


def read(**environ: str) -> Settings:
    return Settings.from_env({f"DATELINE_{name}": value for name, value in environ.items()})


def test_nothing_set_gives_the_defaults():
    settings = read()
    assert settings.brokers == "127.0.0.1:9092"
    assert settings.delivery is Delivery.EXACTLY_ONCE
    assert settings.group_id == "news.dateline"
    assert settings.topic(Channel.RAW) == "news.articles.raw.v1"


def test_the_default_group_carries_the_prefix_and_a_given_group_stands():
    assert read(TOPIC_PREFIX="test.").group_id == "test.dateline"
    assert read(TOPIC_PREFIX="test.", GROUP="mine").group_id == "mine"


def test_outputs_are_given_by_their_short_names_in_any_order():
    assert read(OUTPUTS="search, enriched").channels == (Channel.ENRICHED, Channel.SEARCH)


def test_alerts_are_found_in_enriched_articles():
    settings = read(OUTPUTS="enriched,alerts")
    assert settings.channels == (Channel.ENRICHED,)
    assert topic_use(settings).reads == (Channel.RAW, Channel.ENRICHED, Channel.MATCHES)
    assert topic_use(read(OUTPUTS="enriched,search")).reads == (Channel.RAW,)
    with pytest.raises(
        SettingsError, match="DATELINE_OUTPUTS=alerts,search takes enriched along with alerts"
    ):
        read(OUTPUTS="alerts,search")
    with pytest.raises(SettingsError, match="DATELINE_OUTPUTS=trends takes stories along with trends"):
        read(OUTPUTS="trends")
    assert "trends" not in read().outputs


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BROKERS", "kafka"),
        ("BROKERS", ""),
        ("BROKERS", "kafka:port"),
        ("BROKERS", "kafka:99999"),
        ("TOPIC_PREFIX", "news/"),
        ("DELIVERY", "at-most-once"),
        ("OUTPUTS", "enriched,alarms"),
        ("OUTPUTS", ""),
        ("BATCH_SIZE", "0"),
        ("PROCESSES", "many"),
        ("WEB_PORT", "tcp://10.0.0.1:80"),
        ("LANGUAGE", "english"),
        ("LANGUAGES", ""),
        ("LANGUAGES", "english"),
        ("LANGUAGES", "EN"),
        ("LANGUAGES", "tr"),
        ("LANGUAGES", "en,all"),
        ("LANGUAGES", "en;de"),
        ("COMPRESSION", "zip"),
        ("LOG_LEVEL", "loud"),
        ("SSL_CA", "/no/such/file.pem"),
        ("SASL_MECHANISM", "GSSAPI"),
        ("SSL_CHECK_HOSTNAME", "perhaps"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_what_it_takes(name, value):
    with pytest.raises(SettingsError, match=rf"DATELINE_{name} got .*{value[:5]}.*, takes ") as error:
        read(**{name: value})
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        ({}, languages_by_default()),
        ({"LANGUAGES": "all"}, languages_by_default()),
        ({"LANGUAGES": "en,es,nb"}, ("en", "es", "no")),
        ({"LANGUAGES": " en , en"}, ("en",)),
        # One alone, with the shipped pipeline or another.
        ({"LANGUAGE": "de"}, ("de",)),
        ({"LANGUAGE": "nb"}, ("no",)),
        ({"LANGUAGE": "tr", "MODEL": "tr_core_news_md"}, ("tr",)),
        # Both: the list wins.
        ({"LANGUAGE": "de", "LANGUAGES": "en"}, ("en",)),
        ({"LANGUAGE": "de", "LANGUAGES": "all"}, languages_by_default()),
        # Another pipeline may read any; which it reads is seen when it is loaded.
        ({"LANGUAGES": "tr,en,nb,nn", "MODEL": "tr_core_news_md"}, ("tr", "en", "no")),
    ],
)
def test_which_languages_are_allowed(variables, allowed):
    settings = read(**variables)
    assert settings.allowed_languages == allowed
    assert settings.text("languages") == ",".join(allowed)
    assert settings.shaping["DATELINE_LANGUAGES"] == ",".join(allowed)
    assert ("DATELINE_LANGUAGE" in settings.shaping) is ("LANGUAGES" not in variables)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("en,tr", "the pipeline that ships does not read 'tr'"),
        ("en,deutsch", "'deutsch' is no code of ISO 639"),
        ("all,en", "all stands alone"),
    ],
)
def test_a_language_that_cannot_be_had_is_named_with_those_that_can(value, why):
    with pytest.raises(SettingsError) as error:
        read(LANGUAGES=value)
    assert str(error.value) == (
        f"DATELINE_LANGUAGES got {value!r}, takes all, for those that reach their floors, or some of "
        f"{', '.join(languages_of_model())}, joined by commas; with DATELINE_MODEL also its language ({why})"
    )


def test_every_problem_is_told_at_once():
    with pytest.raises(SettingsError) as error:
        read(BATCH_SIZE="x", PROCESSES="y")
    assert len(str(error.value).splitlines()) == 2


@pytest.mark.parametrize("value", ["storys", "storys,alert", "enriched,storys"])
def test_a_list_with_wrong_items_is_one_problem(value):
    with pytest.raises(SettingsError) as error:
        read(OUTPUTS=value)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"DATELINE_OUTPUTS got '{value}', takes some of enriched, entities, ")


def test_sasl_without_a_password_is_refused_by_name():
    with pytest.raises(SettingsError, match="DATELINE_SASL_PASSWORD"):
        read(SECURITY_PROTOCOL="SASL_SSL", SASL_USERNAME="dateline")


def test_a_client_certificate_without_its_key_is_refused(tmp_path):
    cert = tmp_path / "cert.pem"
    cert.write_text("")
    with pytest.raises(SettingsError, match="DATELINE_SSL_KEY"):
        read(SSL_CERT=str(cert))


def test_a_delivery_deadline_beyond_the_transaction_timeout_is_refused():
    with pytest.raises(SettingsError, match="DATELINE_DELIVER_SECONDS=20 takes a number below"):
        read(DELIVER_SECONDS="20", TRANSACTION_TIMEOUT_SECONDS="20")


def test_a_bound_of_batches_below_the_largest_record_is_refused():
    said = "DATELINE_MAX_BATCH_BYTES=20000000 takes at least DATELINE_MAX_RECORD_BYTES=20000001"
    with pytest.raises(SettingsError, match=said):
        read(MAX_BATCH_BYTES="20000000", MAX_RECORD_BYTES="20000001")


def test_a_secret_may_come_from_a_file_and_is_never_shown(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    settings = read(SECURITY_PROTOCOL="SASL_SSL", SASL_USERNAME="dateline", SASL_PASSWORD_FILE=str(secret))
    assert settings.sasl_password.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings.model_dump())
    with pytest.raises(SettingsError) as error:
        read(SASL_PASSWORD="hunter2", SASL_PASSWORD_FILE=str(secret), BATCH_SIZE="x")
    assert "both set" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_secret_file_that_cannot_be_read_is_named():
    with pytest.raises(SettingsError, match="DATELINE_SASL_PASSWORD_FILE='/no/such'"):
        read(SASL_PASSWORD_FILE="/no/such")


def test_options_of_the_command_line_win_over_the_environment():
    assert Settings.from_env({"DATELINE_BROKERS": "a:1"}, brokers="b:2").brokers == "b:2"
    assert Settings.from_env({"DATELINE_BROKERS": "a:1"}, brokers=None).brokers == "a:1"


def test_a_misspelt_variable_is_found():
    assert unknown_variables(
        {"DATELINE_BROKER": "a:1", "DATELINE_GROUP": "g", "DATELINE_TEST_BROKERS": "x", "HOME": "/"}
    ) == ["DATELINE_BROKER"]


def test_the_readme_lists_every_setting_as_the_code_has_it():
    readme = README.read_text(encoding="utf-8")
    for variable, default, takes, meaning in settings_table():
        shown = f"`{default}`" if default else "-"
        assert f"| `{variable}` | {shown} | {takes} | {meaning} |" in readme, (
            f"README lacks or differs on {variable}"
        )
