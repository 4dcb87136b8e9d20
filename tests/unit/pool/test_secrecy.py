"""A process that reads an article has nothing that its parent keeps secret, and can gain nothing."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.unit.pool.test_pool import pool
from worker.channels import Channel
from worker.pool.pool import PoolError
from worker.pool.results import ResultReader
from worker.pool.secrecy import child_environment
from worker.records.messages import FailedStep, OutMessage, Reason, Rejected
from worker.settings import Settings

SECRETS = {
    "DATELINE_SASL_PASSWORD": "tell-nobody",
    "DATELINE_SSL_KEY_PASSWORD": "tell-nobody",
    "DATELINE_SASL_PASSWORD_FILE": "/run/secrets/tell-nobody",
    "DATELINE_SSL_KEY_PASSWORD_FILE": "/run/secrets/tell-nobody",
    "DATELINE_SASL_USERNAME": "tell-nobody",
    "AWS_SECRET_ACCESS_KEY": "tell-nobody",
    "HTTPS_PROXY": "http://user:tell-nobody@proxy",
    "HF_TOKEN": "tell-nobody",
    "OTEL_EXPORTER_OTLP_HEADERS": "api-key=tell-nobody",
}


async def in_child(*orders: tuple[Any, ...]) -> list[Any]:
    async with pool(processes=1) as started:
        return [await started.submit(order) for order in orders]


async def test_a_child_sees_no_secret_of_its_parent_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    environ, passed = await in_child(("environ",), ("read", "/proc/self/environ"))
    assert not set(environ) & set(SECRETS)
    assert b"tell-nobody" not in passed
    assert "tell-nobody" not in str(environ)
    assert environ["TZ"] == "Asia/Kolkata"


async def test_a_child_can_gain_no_rights() -> None:
    [status] = await in_child(("read", "/proc/self/status"))
    assert b"NoNewPrivs:\t1\n" in status


async def test_a_child_has_its_own_descriptors_alone() -> None:
    reads, writes = os.pipe()
    try:
        os.set_inheritable(reads, True)
        os.set_inheritable(writes, True)
        [found] = await in_child(("descriptors",))
        ours = {os.readlink(f"/proc/self/fd/{one}") for one in (reads, writes, 1, 2)}
    finally:
        os.close(reads)
        os.close(writes)
    assert found.pop(0) == "/dev/null"
    # Standard output leads where standard error does.
    assert found.pop(1) == found.pop(2)
    assert len(found) == 2
    assert all(end.startswith("pipe:") for end in found.values())
    assert not set(found.values()) & ours


@pytest.mark.parametrize("padding", [0, 2 << 20])
async def test_what_a_child_answers_calls_nothing_in_its_parent(tmp_path: Path, padding: int) -> None:
    async with pool(processes=1) as started:
        with pytest.raises(PoolError, match=r"posix\.mkdir is not expected in a result"):
            await started.submit(("attack", str(tmp_path / "made"), padding))
        assert await started.submit(("echo", 1)) == 1
    assert not (tmp_path / "made").exists()


NAMES = [
    b"cposix\nsystem\n(S'true'\ntR.",
    b"cbuiltins\neval\n(S'1'\ntR.",
    b"ccopyreg\n_reconstructor\n.",
    b"\x80\x04\x8c\x0fworker.channels\x8c\x10Channel.__init__\x93.",
    b"\x80\x04\x8c\x0fworker.channels\x8c\x07StrEnum\x93.",
    b"cworker.channels\nSPECS\n.",
    b"\x80\x02\x82\x01.",
    b"Pname\n.",
]


@pytest.mark.parametrize("payload", NAMES)
def test_a_result_names_no_more_than_its_classes(payload: bytes) -> None:
    with pytest.raises((pickle.UnpicklingError, ValueError)):
        ResultReader([Channel]).read(payload)


@pytest.mark.parametrize(
    "result",
    [
        (OutMessage(Channel.ENRICHED, b"k", None, (("a", b"b"), ("c", None)), 1, 2),),
        Rejected(Reason.INVALID, "why", FailedStep.DECODE),
        [("label", "text")],
        None,
    ],
)
def test_an_article_s_outcome_is_read_as_it_was(result: object) -> None:
    reader = ResultReader([Channel, FailedStep, OutMessage, Reason, Rejected])
    assert reader.read(pickle.dumps((result, {"decode": 0.1}), pickle.HIGHEST_PROTOCOL)) == (
        result,
        {"decode": 0.1},
    )


@pytest.mark.parametrize(
    ("name", "is_passed"),
    [
        *((name, True) for name in ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH")),
        *((name, True) for name in ("PYTHONPATH", "PYTHONHASHSEED", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX")),
        *((name, False) for name in SECRETS),
        *((name, False) for name in ("DATELINE_MODEL", "PASSWORD", "KAFKA_PATH", "path", "XPYTHON", "")),
    ],
)
def test_a_child_gets_the_variables_it_runs_by_and_no_others(name: str, is_passed: bool) -> None:
    assert child_environment({name: "x"}) == ({name: "x"} if is_passed else {})


# As an ordinary user, since root may look into everything.
LOOK = """
import ctypes, os
from worker.pool.secrecy import hide_memory

if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(4, ctypes.c_ulong(1), 0, 0, 0)  # what a change of user switches off

def child_sees():
    seen = []
    for what in ("environ", "mem", "fd/0"):
        child = os.fork()
        if not child:
            try:
                open(f"/proc/{os.getppid()}/{what}", "rb").close()
            except PermissionError:
                os._exit(1)
            os._exit(0)
        seen.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0)
    return seen

print(child_sees())
hide_memory()
print(child_sees())
# It reads of itself what the metrics tell.
print(len(os.listdir("/proc/self/fd")) > 2, os.getpid() == int(open("/proc/self/stat").read().split()[0]))
"""


def test_a_hidden_parent_can_not_be_looked_into_by_its_children() -> None:
    words = [sys.executable, "-c", LOOK]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["[True, True, True]", "[False, False, False]", "True True"], (
        done.stderr
    )


@pytest.mark.parametrize(
    ("environ", "holds"),
    [
        ({}, False),
        ({"DATELINE_SASL_USERNAME": "u"}, False),
        ({"DATELINE_SASL_PASSWORD": "p"}, True),
        ({"DATELINE_SSL_KEY_PASSWORD": "p"}, True),
        ({"DATELINE_SSL_KEY": __file__, "DATELINE_SSL_CERT": __file__}, True),
    ],
)
def test_a_password_or_a_key_is_a_secret(environ: dict[str, str], holds: bool) -> None:
    assert Settings.from_env(environ).holds_secrets is holds


HIDES = """
import ctypes, sys
from worker.pool.article_pool import article_pool
from worker.settings import Settings

article_pool(dict, Settings.from_env())
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.parametrize(
    ("environ", "dumpable"),
    [
        ({}, "1"),
        ({"DATELINE_SASL_PASSWORD": "p"}, "0"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "1"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:p@collector:4318"}, "0"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "api-key=p"}, "0"),
        ({"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "/run/secrets/key.pem"}, "0"),
    ],
)
def test_who_has_a_secret_is_hidden_from_the_pool_s_children(environ: dict[str, str], dumpable: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATELINE_", "OTEL_"))}
    words = [sys.executable, "-c", HIDES]
    done = subprocess.run(words, env=kept | environ, capture_output=True, text=True, check=True)
    assert done.stdout == f"{dumpable}\n"
