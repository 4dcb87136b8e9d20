"""Every client connects the same way, and never less safely than the settings say."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from worker.delivery.kafka import connection
from worker.delivery.kafka.connection import client_name, client_options, process_of
from worker.settings import Settings, SettingsError

KEY_PASSWORD = "open-sesame"


def settings(**variables: str) -> Settings:
    return Settings.from_env({f"DATELINE_{name.upper()}": value for name, value in variables.items()})


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """client.crt with client.key and, encrypted, client.enc; other.key fits neither; junk.pem is no PEM."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("pem")

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    request = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=client")
    openssl(*request, "-keyout", "client.key", "-out", "client.crt")
    openssl(*request, "-keyout", "other.key", "-out", "other.crt")
    openssl("rsa", "-aes256", "-passout", f"pass:{KEY_PASSWORD}", "-in", "client.key", "-out", "client.enc")
    (folder / "junk.pem").write_text("not a certificate\n")
    return folder


def test_plaintext_carries_neither_context_nor_user() -> None:
    options = client_options(settings(brokers="a:9092, b:9092"))
    assert options == {"bootstrap_servers": ["a:9092", "b:9092"], "security_protocol": "PLAINTEXT"}


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_sasl_carries_the_user_and_with_tls_a_context(protocol: str, mechanism: str) -> None:
    options = client_options(
        settings(
            security_protocol=protocol,
            sasl_mechanism=mechanism,
            sasl_username="worker",
            sasl_password="hush-hush",
        )
    )
    context = options.pop("ssl_context", None)
    assert isinstance(context, ssl.SSLContext) == (protocol == "SASL_SSL")
    assert options == {
        "bootstrap_servers": ["127.0.0.1:9092"],
        "security_protocol": protocol,
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "worker",
        "sasl_plain_password": "hush-hush",
    }


def test_ssl_alone_checks_certificates_and_hostnames() -> None:
    context = client_options(settings(security_protocol="SSL"))["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_hostnames_go_unchecked_only_where_that_is_set() -> None:
    context = client_options(settings(security_protocol="SSL", ssl_check_hostname="false"))["ssl_context"]
    assert not context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


def test_a_ca_replaces_the_systems(pem: Path) -> None:
    context = client_options(settings(security_protocol="SSL", ssl_ca=str(pem / "client.crt")))["ssl_context"]
    assert [dict(pair[0] for pair in ca["subject"])["commonName"] for ca in context.get_ca_certs()] == [
        "client"
    ]


@pytest.mark.parametrize(("key", "password"), [("client.key", ""), ("client.enc", KEY_PASSWORD)])
def test_a_client_certificate_is_loaded(pem: Path, key: str, password: str) -> None:
    chosen = settings(
        security_protocol="SSL",
        ssl_cert=str(pem / "client.crt"),
        ssl_key=str(pem / key),
        ssl_key_password=password,
    )
    assert isinstance(client_options(chosen)["ssl_context"], ssl.SSLContext)


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"ssl_ca": "junk.pem"}, ["DATELINE_SSL_CA", "junk.pem", "PEM"]),
        ({"ssl_cert": "junk.pem", "ssl_key": "client.key"}, ["DATELINE_SSL_CERT", "junk.pem"]),
        ({"ssl_cert": "client.crt", "ssl_key": "junk.pem"}, ["DATELINE_SSL_KEY", "junk.pem"]),
        ({"ssl_cert": "client.crt", "ssl_key": "other.key"}, ["DATELINE_SSL_KEY", "other.key", "mismatch"]),
        ({"ssl_cert": "client.crt", "ssl_key": "client.enc"}, ["DATELINE_SSL_KEY_PASSWORD", "client.enc"]),
        (
            {"ssl_cert": "client.crt", "ssl_key": "client.enc", "ssl_key_password": "wrong-word"},
            ["DATELINE_SSL_KEY_PASSWORD", "client.enc"],
        ),
    ],
)
def test_what_cant_be_used_is_named_with_its_variable(pem: Path, variables: dict, names: list[str]) -> None:
    paths = {name: value if "password" in name else str(pem / value) for name, value in variables.items()}
    with pytest.raises(SettingsError) as raised:
        client_options(settings(security_protocol="SSL", **paths))
    for name in names:
        assert name in str(raised.value)
    assert "wrong-word" not in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("host", "of", "name"),
    [
        ("ops-1", "", "news.dateline-ops-1-4711"),
        ("ops-1", "news.articles.raw.v1/3", "news.dateline-ops-1-4711-news.articles.raw.v1-3"),
        ("Zoës host", "", "news.dateline-Zo_s_host-4711"),
        ("", "", "news.dateline-unknown-4711"),
    ],
)
def test_a_client_s_name_carries_host_process_and_partition(monkeypatch, host, of, name):
    monkeypatch.setattr(connection.platform, "node", lambda: host)
    monkeypatch.setattr(connection.os, "getpid", lambda: 4711)
    assert client_name(Settings.from_env({}), of) == name


@pytest.mark.parametrize(
    ("client_id", "process"),
    [
        ("news.dateline-ops-1-4711", ("ops-1", 4711)),
        ("news.dateline-ops-4711", ("ops", 4711)),
        ("news.dateline", None),
        ("news.dateline-ops-x", None),
        ("news.dateline-4711", None),
        ("news.dateline-ops-" + "9" * 5000, None),
        ("rdkafka", None),
        ("", None),
    ],
)
def test_a_member_s_host_and_process_are_read_from_its_name(client_id, process):
    assert process_of(client_id, "news.dateline") == process
