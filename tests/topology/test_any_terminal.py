"""Every command on terminals of other encodings: none fails for it, and none reads a setting in secret.

The topics, on an embedded broker, hold the schemas' examples with characters that ASCII and Latin-1 lack.
Left out are commands that take minutes and write by the same ways, each of which
tests/unit/commands/shell/test_encodings.py tests: `demo`, `score` and `worker`.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from tests.forked import SETTINGS_READ, run_forked
from tests.unit.commands.test_help import LEAVES, settings_in
from worker.channels import Channel
from worker.commands import COMMANDS
from worker.commands.demo.broker import embedded_broker
from worker.settings import Settings, variable_name

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"
_FOREIGN = str.maketrans({"a": "ñ", "e": "é", "o": "中", "i": "“", "s": "\N{GRINNING FACE}"})
_TEXTS = {"name", "owner", "headline", "text", "found", "title"}
# The name of a client, and what the pool asks before it forks: neither changes what a command does.
ASIDE = {"group", "log_level", "ssl_key", "sasl_password", "ssl_key_password", "outputs"}

_WITH_THE_PIPELINE = ("enrich", "check", "stories assign")
RUNS: dict[str, tuple[int, ...]] = {
    **{
        f"tap {channel.name.lower()} --no-follow {options}": (0,)
        for channel in Channel
        for options in ("", "--last 3 --json")
    },
    "tap enriched --no-follow --format line": (0,),
    "tap dead --no-follow --format value": (0,),
    "tap raw --no-follow --partition 99": (1,),
    "tap “raw”": (1,),
    "rules list": (0,),
    "rules list --json": (0,),
    "rules get dock-strikes": (0,),
    "rules get dock-strikés": (1,),
    "rules export": (0,),
    "rules put fáscinó --name “N” --owner 中 --when entity:中": (1,),
    "rules put paris --name “N” --owner 中 --when entity:中": (0,),
    "rules delete dock-strikés": (1,),
    "rules pause dock-strikes --dry-run": (0,),
    "rules resume dock-strikes": (0,),
    "rules pause dock-strikés": (1,),
    "rules import rules.jsonl --dry-run": (0,),
    "rules test --when harbour --since beginning": (0,),
    "rules test --when sorce:中": (1,),
    "dead-letters list": (0,),
    "dead-letters list --json": (0,),
    "dead-letters list --counts": (0,),
    "dead-letters show": (0,),
    "dead-letters show --json": (0,),
    "dead-letters export létters": (0,),
    "dead-letters export --jsonl -": (0,),
    "dead-letters redrive --dry-run": (0, 3),
    "index --no-follow": (0,),
    "search kyiv OR harbour OR border OR truce OR dockers": (0,),
    "search headline:é --quotes": (0,),
    "search sorce:中": (1,),
    "feed märz.txt “no”.txt": (1,),
    "feed märz.txt --retract 中": (0,),
    "enrich märz.txt “no”.txt": (1,),
    "stories assign märz.txt “no”.txt": (1,),
    "stories list --since beginning": (0,),
    "stories list --since beginning --status all --json": (0,),
    "stories show 中": (1,),
    "stories follow --from beginning --limit 1": (0,),
    "trends --since beginning": (0,),
    "trends medtop:09000000 --by day --since beginning": (0,),
    "trends --since beginning --json": (0,),
    "trends 中": (1,),
    "topics create --dry-run": (0, 1),
    "topics check": (0, 1),
    "settings": (0,),
    "settings --json": (0,),
    "check": (0, 1),
    "desk --host 203.0.113.1 --token-file märz.txt": (1,),
    "status": (0, 1),
    "trace 中": (0, 1),
    "trace articles.raw.v1/0/0 --json": (0, 1),
    "status --json": (0, 1),
    "check --brokers “kafka”": (1,),
    "ünknown": (2,),
    "tap --ünknown": (2,),
}


def foreign(value: Any, *, is_text: bool = False) -> Any:
    """The example with other characters in its texts, as many as before."""
    match value:
        case dict():
            return {name: foreign(each, is_text=name in _TEXTS) for name, each in value.items()}
        case list():
            return [foreign(each, is_text=is_text) for each in value]
        case str() if is_text:
            return value.translate(_FOREIGN)
    return value


def records(channel: Channel) -> Iterator[dict[str, Any]]:
    """The examples of the channel's topic, as its records."""
    for path in sorted((EXAMPLES / channel.value).glob("*.json")):
        example = json.loads(path.read_text())
        if channel is Channel.DEAD:
            headers = example["headers"] | {"dead-letter-error": "“text” takes a strïng: 中"}
            yield {
                "key": example["key"].encode(),
                "value": foreign(example.get("value_text", ""), is_text=False).encode(),
                "headers": [(name, value.encode()) for name, value in headers.items()],
            }
        else:
            key = example.get("id", path.stem)
            yield {"key": str(key).encode(), "value": json.dumps(foreign(example)).encode()}


@pytest.fixture(scope="module")
def brokers() -> Iterator[str]:
    with embedded_broker() as address:
        yield address


@pytest.fixture(scope="module")
def _filled(brokers: str) -> None:
    asyncio.run(_fill(brokers))


async def _fill(brokers: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        for channel in Channel:
            await producer.partitions_for(Settings().topic(channel))
            for record in records(channel):
                await producer.send_and_wait(Settings().topic(channel), **record)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "märz.txt").write_text("“Der Hafen” von Port中haven öffnet.", encoding="utf-8")
    rule = json.loads((EXAMPLES / "alert-rules.v1" / "full.json").read_text())
    (tmp_path / "rules.jsonl").write_text(json.dumps(foreign(rule), ensure_ascii=False), encoding="utf-8")
    return tmp_path


def environment(brokers: str, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    return kept | {"DATELINE_BROKERS": brokers, "DATELINE_PROCESSES": "1", **variables}


def read_in_secret(words: list[str], read: set[str]) -> set[str]:
    """The settings that a command has read and that its help does not name."""
    name = next((name for name in LEAVES if " ".join(words).startswith(name)), None)
    if name is None:
        return set()
    epilog = LEAVES[name].epilog or ""
    return {variable_name(field) for field in read - ASIDE} - settings_in(epilog)


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("run", RUNS)
def test_no_command_fails_for_the_encoding_or_reads_a_setting_that_its_help_does_not_name(
    brokers, folder, run
):
    words = run.split()
    index = ["--index", str(folder / "index.sqlite")] if words[0] in ("index", "search") else []
    if words[0] == "search":
        run_forked(
            "worker", "index", "--no-follow", *index, env=environment(brokers), cwd=folder, timeout=100
        )
    # Those that load the pipeline are run once.
    for encoding in ("ascii",) if run.startswith(_WITH_THE_PIPELINE) else ("ascii", "latin-1"):
        environ = environment(brokers, **{"PYTHONIOENCODING": encoding, SETTINGS_READ: str(folder / "read")})
        done = run_forked("worker", *words, *index, env=environ, cwd=folder, timeout=100, encoding=None)
        assert done.returncode in RUNS[run], done
        assert b"codec" not in done.stderr + done.stdout
        assert b"Traceback" not in done.stderr
        done.stderr.decode(encoding)
        is_json = (
            "json" in run
            or "value" in run
            or run.startswith(("enrich", "stories assign"))
            or "export" in words
        )
        done.stdout.decode("utf-8" if is_json else encoding)
        read = set((folder / "read").read_text().split())
        assert read_in_secret(words, read) == set()
        assert "brokers" in read or done.returncode or words[0] in ("enrich", "search", "settings", "stories")


def test_every_command_is_among_them():
    left_out = {"demo", "score", "worker"}
    called = {name for name in LEAVES if any(run.startswith(name) for run in RUNS)}
    assert called == set(LEAVES) - left_out
    assert left_out < set(COMMANDS)


@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("words", [["tap", "raw", "--no-follow"], ["rules", "list"], ["--help"]], ids=str)
def test_a_process_of_its_own_in_the_c_locale_does_not_fail_either(brokers, folder, words):
    """Python is told not to change over to UTF-8, as it does in the C locale by itself."""
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environ = environment(brokers, PYTHONPATH=os.getcwd(), **plain)
    done = subprocess.run(
        [sys.executable, "-m", "worker", *words], env=environ, cwd=folder, capture_output=True, timeout=100
    )
    assert done.returncode == 0, done
    assert (done.stdout + done.stderr).isascii()
    assert b"codec" not in done.stderr
